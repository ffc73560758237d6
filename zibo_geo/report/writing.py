"""The one door to every report: workbook, pages, Word files and figures of a plan."""

__all__ = ["REPORT_KINDS", "ReportKind", "write_reports"]

import json
import logging
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

from layers.errors import CaseError, near_matches
from zibo_geo.files import write_text, write_whole
from zibo_geo.plan import Plan
from zibo_geo.progress import Progress, SilentProgress
from zibo_geo.report.blocks import Document, Pictures
from zibo_geo.report.brief import make_brief
from zibo_geo.report.page import html_page
from zibo_geo.report.pictures import picture_scene
from zibo_geo.report.png import chinese_font, has_matplotlib, png
from zibo_geo.report.pv_chapter import county_name
from zibo_geo.report.word_file import has_docx, write_docx
from zibo_geo.report.words import load_wording
from zibo_geo.report.workbook import write_workbook

_LOG = logging.getLogger(__name__)

Language = Literal["zh", "en"]
ReportKind = Literal["workbook", "page", "county_pages", "docx", "figures"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
REPORT_KINDS: tuple[ReportKind, ...] = get_args(ReportKind)
_OTHER = ("中文", "English")
_LONGEST_STEM = 60
_MISSING = "pip install 'zibo-geo[reports]'"


def write_reports(
    plan: Plan,
    folder: Path | str,
    *,
    languages: Sequence[Language] = LANGUAGES,
    kinds: Collection[ReportKind] = REPORT_KINDS,
    progress: Progress | None = None,
) -> list[Path]:
    """Write the reports of a plan into its folder.

    ``report.xlsx``; ``report.html`` for the whole area and ``briefs/<adcode>.html`` per county; the same
    as ``.docx``; ``figures/*.png``. English files are named ``report.en.html``, and so on. Without
    matplotlib there are no figures and no Word files, without python-docx no Word files; a warning says
    what is missing and how to get it.

    Parameters
    ----------
    plan : Plan
        Layers and results.
    folder : path
        Made if missing; each file is replaced in one step.
    languages : sequence of {"zh", "en"}
        Of pages, Word files and figures; the workbook always has both.
    kinds : collection of {"workbook", "page", "county_pages", "docx", "figures"}
        What is written; everything unless given.
    progress : Progress, optional
        Shows the stages.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    CaseError
        An unknown language or kind, or a folder that cannot be written.
    """
    _check("language", languages, LANGUAGES)
    _check("kind of report", kinds, REPORT_KINDS)
    root = Path(folder)
    shown = progress or SilentProgress()
    wording = load_wording()
    numbers = [LANGUAGES.index(language) for language in languages]
    able = _able(kinds)
    written: list[Path] = []
    with shown.stage("report: summary"):
        whole = make_brief(plan, wording)
    if "workbook" in kinds:
        with shown.stage("report: workbook"):
            path = root / "report.xlsx"
            write_workbook(plan, path, wording, brief=whole, origin=_origin(root))
            written.append(path)
    family = chinese_font() if able & {"docx", "figures"} else None
    if able & {"docx", "figures"} and family is None and 0 in numbers:
        _LOG.warning(
            "No font with Chinese letters was found, so pictures speak English; install one, such as "
            "Noto Sans CJK SC."
        )
    counties = [str(key) for key in plan.layers.area.counties.index]
    wanted = counties if able & {"county_pages", "docx", "figures"} else []
    with shown.stage("report: briefs", 1 + len(wanted)) as done:
        for key in (None, *wanted):
            brief = whole if key is None else make_brief(plan, wording, county=key)
            for number in numbers:
                written += _write(plan, brief, root, language=number, kinds=able, family=family)
            done(1)
    return written


def _write(
    plan: Plan, brief: Document, root: Path, *, language: int, kinds: set[str], family: str | None
) -> Iterator[Path]:  # fmt: skip
    """Write one brief in one language, in every form asked for."""
    is_whole = brief.county is None
    home = root if is_whole else root / "briefs"
    own = _own_stem(plan, brief)
    stem = own if language == 0 else f"{own}.en"
    if ("page" if is_whole else "county_pages") in kinds:
        path = home / f"{stem}.html"
        links = _links(plan, brief, language, counties="county_pages" in kinds)
        write_text(html_page(brief, language, links=links), path)
        yield path
    if not kinds & {"docx", "figures"}:
        return
    painted = _painted(brief, language if family else 1, family=family)
    if "docx" in kinds:
        yield write_docx(brief, home / f"{stem}.docx", language, painted=painted)
    if "figures" in kinds:
        end = ("" if is_whole else f"_{own}") + ("" if language == 0 else ".en")
        for name, picture in painted.items():
            path = root / "figures" / f"{name}{end}.png"
            write_whole(path, partial(_put, picture))
            yield path


def _painted(brief: Document, language: int, *, family: str | None) -> dict[str, bytes]:
    """Paint every picture of a brief once, for its Word file and the figures."""
    return {
        drawn.key: png(picture_scene(drawn, language), family=family)
        for block in brief.blocks
        if isinstance(block, Pictures)
        for drawn in block.drawn
    }


def _put(picture: bytes, path: Path) -> None:
    path.write_bytes(picture)


def _own_stem(plan: Plan, brief: Document) -> str:
    return "report" if brief.county is None else _stems(plan)[brief.county]


def _stems(plan: Plan) -> dict[str, str]:
    """Return a file name per county: its key where that is plain, else made plain and told apart.

    Keys may come from a boundary file, so that they are text like any other from data.
    """
    stems: dict[str, str] = {}
    for key in plan.layers.area.counties.index:
        plain = re.sub(r"[^\w-]", "_", str(key))[:_LONGEST_STEM] or "_"
        stem, number = plain, 2
        while stem in stems.values():
            stem = f"{plain}_{number}"
            number += 1
        stems[str(key)] = stem
    return stems


def _links(
    plan: Plan, brief: Document, language: int, *, counties: bool
) -> tuple[tuple[str, str], ...]:
    """Return links to the other language and, from the whole, to the counties, or back from one."""
    end, other = (".en.html", ".html") if language else (".html", ".en.html")
    links = [(f"{_own_stem(plan, brief)}{other}", _OTHER[1 - language])]
    if brief.county is not None:
        return (("../report" + end, plan.case.title), *links)
    if counties:
        links += [
            (f"briefs/{stem}{end}", county_name(plan, key)[language])
            for key, stem in _stems(plan).items()
        ]
    return tuple(links)


def _able(kinds: Collection[str]) -> set[str]:
    """Return the kinds that the installed libraries can write; say what is missing."""
    able = set(kinds)
    if able & {"docx", "figures"} and not has_matplotlib():
        _LOG.warning(
            "matplotlib is missing, so no figures and Word files are written: %s", _MISSING
        )
        able -= {"docx", "figures"}
    if "docx" in able and not has_docx():
        _LOG.warning("python-docx is missing, so no Word files are written: %s", _MISSING)
        able -= {"docx"}
    return able


def _origin(root: Path) -> Mapping[str, Any] | None:
    """Return the provenance that the run left in its folder, so that no input is hashed again."""
    try:
        values = json.loads((root / "provenance.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return values if isinstance(values, dict) else None


def _check(what: str, given: Collection[str], allowed: Sequence[str]) -> None:
    for word in given:
        if word not in allowed:
            raise CaseError(f"The {what} {word!r} is unknown" + near_matches(word, allowed))
