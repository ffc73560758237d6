"""The command line: ``zibo-geo init | check | download | plan | pv | heat | siting | serve | doctor``.

A fault that the user can mend is one sentence on stderr and exit code 2; nothing half-written is left.
"""

__all__ = ["main"]

import argparse
import logging
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table as RichTable

from layers.compilation import keep_compiled
from layers.errors import CaseError, ZiboGeoError
from zibo_geo.progress import BarProgress, LogProgress, Progress, SilentProgress

_LOG = logging.getLogger("zibo_geo")
_PLAIN_WIDTH = 140
_TEACHING = """\
Start here:
  zibo-geo plan --out out                the whole plan on the embedded Zibo
  zibo-geo init my-city.toml             a commented case file to fill in
  zibo-geo check my-city.toml            read every file, report repairs and drops, compute nothing
  zibo-geo plan my-city.toml --out out   the whole plan on your own files

Results in the --out folder: atlas/index.html (open it with a double click), plan.gpkg (for QGIS),
pv_counties.csv (for a spreadsheet), tables/*.parquet, assumptions.csv, provenance.json.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0, or 2 for a fault that the user can mend."""
    options = _parser().parse_args(arguments)
    keep_compiled()
    console = Console(stderr=True, width=None if sys.stderr.isatty() else _PLAIN_WIDTH)
    _set_up_logging(options)
    try:
        return int(options.run(options, console))
    except ZiboGeoError as error:
        sys.stderr.write(f"zibo-geo: {error}\n")
        return 2
    except MemoryError:
        sys.stderr.write(
            "zibo-geo: this needs more memory than there is; cut the files to the study area first.\n"
        )
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("zibo-geo: stopped; files already moved into place are whole.\n")
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="zibo-geo",
        description="Geospatial energy planning for a city: rooftop PV, heat, siting, on maps and tables.",
        epilog=_TEACHING,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"zibo-geo {version('zibo-geo')}")
    common = argparse.ArgumentParser(add_help=False)
    loudness = common.add_mutually_exclusive_group()
    loudness.add_argument("-q", "--quiet", action="store_true", help="errors only")
    loudness.add_argument(
        "-v", "--verbose", action="store_true", help="every step with its seconds"
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    init = commands.add_parser("init", parents=[common], help="write a commented case file")
    init.add_argument(
        "file", type=Path, nargs="?", default=Path("case.toml"), help="default: case.toml"
    )
    init.set_defaults(run=_init)

    check = commands.add_parser("check", parents=[common], help="read everything, compute nothing")
    _add_case(check)
    check.set_defaults(run=_check)

    download = commands.add_parser(
        "download",
        parents=[common],
        help="fetch OpenStreetMap layers and weather for a case's area",
    )
    _add_case(download)
    download.add_argument(
        "--into", type=Path, help="folder for the files; the case's data folder unless given"
    )
    download.add_argument("--only", choices=("osm", "weather"), help="one kind; both unless given")
    download.add_argument(
        "--weather-service",
        choices=("pvgis_tmy", "nasa_power"),
        default="pvgis_tmy",
        help="a typical year (default), or one calendar year",
    )
    download.add_argument("--year", type=int, default=2022, help="calendar year for nasa_power")
    download.add_argument("--overpass-url", help="address of another Overpass service")
    download.add_argument("--weather-url", help="address of another weather service")
    download.set_defaults(run=_download)

    doctor = commands.add_parser(
        "doctor", parents=[common], help="say what this machine has and lacks, with the cure"
    )
    doctor.add_argument("--data", type=Path, help="a folder of your own files to look into")
    doctor.set_defaults(run=_doctor)

    serve = commands.add_parser(
        "serve", parents=[common], help="show a folder of results on this machine"
    )
    serve.add_argument("folder", type=Path, help="folder with index.html, such as out/atlas")
    serve.add_argument("--port", type=int, default=8000, help="default: 8000")
    serve.set_defaults(run=_serve)

    for name, words in (
        ("plan", "run the whole plan and write maps, tables and files"),
        ("pv", "rooftop and ground-mounted PV only"),
        ("heat", "the heat network only: who heats whom, along which streets, at what price"),
    ):
        _add_plan(commands, common, name=name, words=words)
    siting = _add_plan(
        commands, common, name="siting", words="charging, hydrogen and hubs only, or one of them"
    )
    siting.usage = "zibo-geo siting [-h] [charging|hydrogen|hubs] [CASE] --out OUT [options]"
    return parser


def _add_plan(
    commands: Any, common: argparse.ArgumentParser, *, name: str, words: str
) -> argparse.ArgumentParser:
    plan: argparse.ArgumentParser = commands.add_parser(
        name,
        parents=[common],
        help=words,
        epilog=_TEACHING,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if name == "siting":
        plan.add_argument(
            "question",
            nargs="?",
            metavar="QUESTION",
            help="charging, hydrogen or hubs; all three unless given",
        )
    _add_case(plan)
    plan.add_argument(
        "--out", type=Path, required=True, help="folder for the results; made if missing"
    )
    plan.add_argument(
        "--executor",
        choices=("serial", "processes", "dask"),
        default="processes",
        help="who works: this process alone, one process per core (default), or a Dask cluster",
    )
    plan.add_argument("--workers", type=int, help="processes at a time; one per core unless given")
    plan.add_argument("--scheduler", help="address of a Dask scheduler, such as tcp://host:8786")
    plan.add_argument(
        "--explain",
        action="store_true",
        help="tell which stages would run and which input changed; compute nothing",
    )
    analyses = ("pv", "heat", "siting") if name == "plan" else (name,)
    plan.set_defaults(run=_plan, analyses=analyses, question=None)
    return plan


def _add_case(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "case", nargs="?", type=Path, help="case file; the embedded Zibo unless given"
    )
    parser.add_argument(
        "--data", type=Path, help="folder that relative paths of the case start from"
    )


def _set_up_logging(options: argparse.Namespace) -> None:
    level = logging.ERROR if options.quiet else logging.INFO if options.verbose else logging.WARNING
    logging.basicConfig(
        level=level, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr
    )


def _progress(options: argparse.Namespace, console: Console) -> AbstractContextManager[Progress]:
    if options.quiet:
        return nullcontext(SilentProgress())
    if options.verbose or not console.is_terminal:
        return nullcontext(LogProgress())
    return BarProgress(console)


def _init(options: argparse.Namespace, console: Console) -> int:
    if options.file.exists():
        raise CaseError(f"{options.file} exists already; give another name or remove it first.")
    from zibo_geo.files import write_text

    text = resources.files("zibo_geo").joinpath("template.toml").read_text(encoding="utf-8")
    write_text(text, options.file)
    console.print(f"Wrote {options.file}: fill it in, then run zibo-geo check {options.file}")
    return 0


def _check(options: argparse.Namespace, console: Console) -> int:
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


def _download(options: argparse.Namespace, console: Console) -> int:
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


def _serve(options: argparse.Namespace, console: Console) -> int:
    from zibo_geo.serving import make_server

    with make_server(options.folder, port=options.port) as server:
        console.print(f"Open {server.address} in a browser of this machine; Ctrl-C ends it.")
        server.serve_forever()
    return 0


def _doctor(options: argparse.Namespace, console: Console) -> int:
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


def _plan(options: argparse.Namespace, console: Console) -> int:
    from zibo_geo.case import load_case
    from zibo_geo.running import RunOptions, explain_run, run_and_write
    from zibo_geo.siting_workflow import SITING_QUESTIONS
    from zibo_geo.summary import county_lines, plan_summary

    question, path = _question(options)
    case = load_case(path, data=options.data)
    wanted = RunOptions(
        analyses=options.analyses,
        questions=SITING_QUESTIONS if question is None else (question,),
        executor=options.executor,
        workers=options.workers,
        scheduler=options.scheduler,
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
    worst = balances["difference"].max()
    console.print(f"{len(balances)} balances close within {worst:.1e} (balances.csv).")
    if worker_mb:
        console.print(f"Workers took up to {max(worker_mb):,.0f} MB each beside this process.")
    console.print(_plain(plan_summary(plan)[1]))
    console.print(f"Open {options.out / 'atlas' / 'index.html'} in a browser.")
    return 0


def _question(options: argparse.Namespace) -> tuple[str | None, Path | None]:
    """Tell the question of ``siting`` from the case file: both are optional words."""
    questions = ("charging", "hydrogen", "hubs")
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


if __name__ == "__main__":
    sys.exit(main())
