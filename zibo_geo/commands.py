"""What each command does, once its words are understood."""

__all__ = [
    "run_atlas",
    "run_check",
    "run_doctor",
    "run_download",
    "run_init",
    "run_plan_command",
    "run_report",
    "run_serve",
    "run_targets",
]

import argparse
from contextlib import AbstractContextManager, nullcontext
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table as RichTable

from layers.errors import CaseError
from zibo_geo.progress import BarProgress, LogProgress, Progress, SilentProgress

if TYPE_CHECKING:
    from zibo_geo.plan import Plan


def _progress(options: argparse.Namespace, console: Console) -> AbstractContextManager[Progress]:
    if options.quiet:
        return nullcontext(SilentProgress())
    if options.verbose or not console.is_terminal:
        return nullcontext(LogProgress())
    return BarProgress(console)


def run_init(options: argparse.Namespace, console: Console) -> int:
    """Write a commented case file."""
    if options.file.exists():
        raise CaseError(f"{options.file} exists already; give another name or remove it first.")
    from zibo_geo.files import write_text

    text = resources.files("zibo_geo").joinpath("template.toml").read_text(encoding="utf-8")
    write_text(text, options.file)
    console.print(f"Wrote {options.file}: fill it in, then run zibo-geo check {options.file}")
    return 0


def run_check(options: argparse.Namespace, console: Console) -> int:
    """Read every file of a case and report what was done to it."""
    from zibo_geo.case import load_case
    from zibo_geo.reading import read_layers

    case = load_case(options.case, data=options.data)
    with _progress(options, console) as progress:
        layers = read_layers(case, progress=progress)
    table = RichTable(title=f"{case.title}: what was read")
    for column in ("layer", "file", "action", "rows", "reason", "example"):
        table.add_column(column, overflow="fold", justify="right" if column == "rows" else "left")
    for row in layers.account.itertuples():
        if row.reason == "rows handed on":
            continue  # the reader's own line follows
        cells = (row.layer, row.file, row.action, f"{row.rows:,}", row.reason, row.example)
        table.add_row(*(_plain(cell) for cell in cells))
    console.print(table)
    return 0


def run_download(options: argparse.Namespace, console: Console) -> int:
    """Fetch open data for the area of a case."""
    from zibo_geo.case import load_case
    from zibo_geo.fetching import FetchOptions, fetch_layers

    if options.case is None and options.into is None:
        raise CaseError("The embedded Zibo has no data folder; name one with --into.")
    case = load_case(options.case, data=options.data)
    into = options.into or options.data or options.case.resolve().parent
    wanted = FetchOptions(
        only=options.only,
        weather_service=options.weather_service,
        year=options.year,
        overpass_url=options.overpass_url,
        weather_url=options.weather_url,
    )
    with _progress(options, console) as progress:
        files = fetch_layers(case, into, wanted, progress=progress)
    for path in files:
        console.print(f"Wrote {path}")
    return 0


def run_serve(options: argparse.Namespace, console: Console) -> int:
    """Show a folder of results on this machine."""
    from zibo_geo.serving import make_server

    with make_server(options.folder, port=options.port) as server:
        console.print(f"Open {server.address} in a browser of this machine; Ctrl-C ends it.")
        server.serve_forever()
    return 0


def run_doctor(options: argparse.Namespace, console: Console) -> int:
    """Say what this machine has and lacks."""
    from zibo_geo.doctor import examine

    findings = examine(options.data)
    table = RichTable(title=f"zibo-geo {version('zibo-geo')} on this machine")
    for column in ("what", "state", "found", "cure"):
        table.add_column(column, overflow="fold")
    for finding in findings:
        table.add_row(
            _plain(finding.name), finding.state, _plain(finding.found), _plain(finding.cure)
        )
    console.print(table)
    lacking = [finding.name for finding in findings if finding.state == "missing"]
    if lacking:
        raise CaseError(f"This machine lacks {', '.join(lacking)}; the table names the cure.")
    return 0


def run_plan_command(options: argparse.Namespace, console: Console) -> int:
    """Run a plan into a folder, or explain what would run."""
    from zibo_geo.balances import account_lines, balance_lines
    from zibo_geo.case import load_case
    from zibo_geo.running import RunOptions, explain_run, run_and_write
    from zibo_geo.siting_workflow import SITING_QUESTIONS
    from zibo_geo.summary import county_lines, plan_summary

    question, path = _question(options, SITING_QUESTIONS)
    for name in ("workers", "roofs_per_tile"):
        number = getattr(options, name)
        if number is not None and number < 1:
            raise CaseError(
                f"--{name.replace('_', '-')} is {number}; give a whole number from 1 on."
            )
    case = load_case(path, data=options.data)
    wanted = RunOptions(
        analyses=options.analyses,
        questions=SITING_QUESTIONS if question is None else (question,),
        executor=options.executor,
        workers=options.workers,
        scheduler=options.scheduler,
        roofs_per_tile=options.roofs_per_tile,
    )
    if options.explain:
        for state in explain_run(case, options.out, wanted):
            told = "used again" if state.because is None else f"runs, because {state.because}"
            console.print(_plain(f"{state.stage}: {told}"))
        return 0
    with _progress(options, console) as progress:
        plan, balances, worker_mb = run_and_write(case, options.out, wanted, progress=progress)
    if options.quiet:
        return 0
    header, rows = county_lines(plan)
    if rows:
        sample = " (sample: no county totals)" if case.embedded == "sample" else ""
        table = RichTable(title=_plain(case.title + sample))
        for number, column in enumerate(header):
            table.add_column(column, justify="left" if number == 0 else "right", no_wrap=True)
        for row in rows[:-1]:
            table.add_row(*(_plain(cell) for cell in row))
        table.add_section()
        table.add_row(*rows[-1])
        console.print(table)
    for line in (*account_lines(plan.layers.account), *balance_lines(balances)):
        console.print(_plain(line))
    worst = balances["difference"].max()
    console.print(f"{len(balances)} balances close within {worst:.1e} (balances.csv).")
    if worker_mb:
        console.print(f"Workers took up to {max(worker_mb):,.0f} MB each beside this process.")
    console.print(_plain(plan_summary(plan)[1]))
    console.print(f"Open {options.out / 'atlas' / 'index.html'} in a browser.")
    return 0


def _product(options: argparse.Namespace, console: Console) -> "Plan":
    """Return the plan of the folder, computed as far as it is not there."""
    from zibo_geo.case import load_case
    from zibo_geo.running import RunOptions, plan_again
    from zibo_geo.siting_workflow import SITING_QUESTIONS

    case = load_case(options.case, data=options.data)
    wanted = RunOptions(analyses=tuple(options.analyses), questions=SITING_QUESTIONS)
    with _progress(options, console) as progress:
        return plan_again(case, options.out, wanted, progress=progress)


def run_atlas(options: argparse.Namespace, console: Console) -> int:
    """Write the map of a plan, as one file or beside another plan's."""
    from zibo_geo.atlas import atlas_size, write_atlas

    page = write_atlas(
        _product(options, console),
        options.out / "atlas",
        single_file=True if options.single_file else None,
        compare=options.compare,
        with_tianditu_key=options.with_tianditu_key,
    )
    files, size = atlas_size(page)
    console.print(f"Open {page} in a browser ({files:,} files, {size / 1e6:,.1f} MB).")
    if options.compare is not None:
        console.print(f"Open {page.with_name('compare.html')} for both plans side by side.")
    return 0


def run_report(options: argparse.Namespace, console: Console) -> int:
    """Write workbook, briefs and figures of a plan."""
    from zibo_geo.report.writing import LANGUAGES, write_reports

    plan = _product(options, console)
    with _progress(options, console) as progress:
        written = write_reports(
            plan,
            options.out,
            languages=LANGUAGES if options.language is None else (options.language,),
            progress=progress,
        )
    for path in written:
        console.print(_plain(f"Wrote {path}"))
    return 0


def run_targets(options: argparse.Namespace, console: Console) -> int:
    """Tell how the plan stands to the city's promises."""
    from zibo_geo.files import write_csv
    from zibo_geo.results import frames_of

    plan = _product(options, console)
    if plan.targets is None:
        raise CaseError(
            f"{plan.layers.area.name} has no promises here; bring them as a CSV with [targets] path."
        )
    for name, frame in frames_of(plan.targets).items():
        write_csv(frame, options.out / f"{name}.csv")
    table = RichTable(title=_plain(f"{plan.case.title}: promises and plan"))
    for column in ("promise", "year", "value", "potential", "planned", "unit", "CO2 t/a", "status"):
        table.add_column(column, overflow="fold")
    for row in plan.targets.scores.itertuples():
        numbers = (_figure(row.value), _figure(row.potential), _figure(row.delivered))
        words = (f"{row.title_zh} {row.title_en}", row.year, *numbers, row.unit)
        table.add_row(*(_plain(word) for word in (*words, _figure(row.co2_t), row.status)))
    console.print(table)
    return 0


def _figure(value: float) -> str:
    """Return a number as a table shows it, or a dash where there is none."""
    from zibo_geo.summary import significant

    return "–" if value != value else significant(value)  # noqa: PLR0124


def _question(
    options: argparse.Namespace, questions: tuple[str, ...]
) -> tuple[str | None, Path | None]:
    """Tell the question of ``siting`` from the case file: both are optional words."""
    if options.question is None or options.question in questions:
        return options.question, options.case
    if options.case is not None:
        raise CaseError(
            f"{options.question!r} is no question of siting; ask one of {', '.join(questions)}."
        )
    return None, Path(options.question)


def _plain(value: object) -> str:
    """Return text from data without console markup or control characters."""
    from rich.markup import escape

    text = "" if value is None or value != value else str(value)  # noqa: PLR0124
    return escape("".join(character for character in text if character.isprintable()))
