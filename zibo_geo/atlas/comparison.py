"""Two scenarios side by side: one page around two maps, with what differs per county."""

__all__ = ["COMPARISON_PAGE", "write_comparison"]

import os
import shutil
import tempfile
from pathlib import Path

from layers.errors import CaseError
from zibo_geo.atlas.assets import comparison_parts
from zibo_geo.atlas.page import content_policy, json_in_markup
from zibo_geo.atlas.words import load_words
from zibo_geo.files import write_text

COMPARISON_PAGE = "compare.html"
_OTHER = "compared"
_MARK = "zg.bridge = "  # of a map that can stand beside another
_BODY = """\
<p class="banner" role="note" hidden></p>
<header><h1></h1><select id="county"></select><select id="roof" hidden></select>
<button id="whole" type="button"></button><button id="language" type="button"></button></header>
<main><figure><figcaption class="label"></figcaption><iframe></iframe></figure>
<figure><figcaption class="label"></figcaption><iframe></iframe></figure></main>
<section class="differences"><p class="note" role="status"></p><table><thead><tr>
<th scope="col"></th><th scope="col"></th><th scope="col"></th><th scope="col"></th><th scope="col"></th>
</tr></thead><tbody></tbody><tfoot></tfoot></table></section>
"""


def write_comparison(folder: Path, other: Path, *, labels: tuple[str, str] | None = None) -> Path:
    """Write a page that shows a map beside that of another output folder, and return it.

    Parameters
    ----------
    folder : Path
        Folder of the first map, with its ``index.html``; the page and a copy of the other map are put
        into it, so that it may be moved as a whole.
    other : Path
        Output folder of another plan, or the folder of its map.
    labels : (str, str), optional
        What the two are called; the names of their output folders unless given.

    Raises
    ------
    CaseError
        One of the folders holds no map that can be compared, or both are the same.
    """
    first, second = _map_folder(folder), _map_folder(other)
    if first.resolve() == second.resolve():
        raise CaseError(
            f"{os.fspath(other)!r} is the same map as the one it is compared with; give the output "
            "folder of another plan."
        )
    target = first / _OTHER
    with tempfile.TemporaryDirectory(prefix=".compare-", dir=first) as scratch:
        copy = Path(scratch) / _OTHER
        copy.mkdir()
        shutil.copy2(second / "index.html", copy / "index.html")
        if (second / "data").is_dir():
            shutil.copytree(second / "data", copy / "data")
        if target.exists():
            shutil.rmtree(target)
        copy.rename(target)
    page = first / COMPARISON_PAGE
    write_text(_page(labels or (_label(first), _label(second))), page)
    return page


def _map_folder(folder: Path) -> Path:
    for place in (folder, folder / "atlas"):
        page = place / "index.html"
        if not page.is_file():
            continue
        if _MARK not in page.read_text(encoding="utf-8"):
            raise CaseError(
                f"The map in {os.fspath(place)!r} was written by another version and cannot stand beside "
                "another; write it again."
            )
        return place
    raise CaseError(
        f"{os.fspath(folder)!r} holds no map (neither index.html nor atlas/index.html); give the --out "
        "folder of a plan."
    )


def _label(folder: Path) -> str:
    real = folder.resolve()
    return real.parent.name if real.name == "atlas" else real.name


def _page(labels: tuple[str, str]) -> str:
    script, style = comparison_parts()
    given = {
        "labels": list(labels),
        "pages": ["index.html", f"{_OTHER}/index.html"],
        "words": {key: list(pair) for key, pair in load_words().items()},
    }
    scripts = (
        f'<script type="application/json" id="zg-compare">{json_in_markup(given)}</script>\n'
        f"<script>{script}</script>"
    )
    policy = content_policy(scripts, chunked=False, online=False) + "; frame-src 'self' file:"
    return (
        '<!DOCTYPE html>\n<html lang="zh"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>zibo-geo</title><style>{style}</style></head>\n<body>\n{_BODY}{scripts}\n</body></html>\n"
    )
