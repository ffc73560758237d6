"""The words of the command line: commands, options and their help."""

__all__ = ["make_parser"]

import argparse
from importlib.metadata import version
from pathlib import Path
from typing import Any

from zibo_geo.commands import (
    run_atlas,
    run_check,
    run_doctor,
    run_download,
    run_init,
    run_plan_command,
    run_report,
    run_serve,
    run_targets,
)

_TEACHING = """\
Start here:
  zibo-geo plan --out out                the whole plan on the embedded Zibo
  zibo-geo init my-city.toml             a commented case file to fill in
  zibo-geo check my-city.toml            read every file, report repairs and drops, compute nothing
  zibo-geo plan my-city.toml --out out   the whole plan on your own files

Results in the --out folder: atlas/index.html (open it with a double click), plan.gpkg (for QGIS),
pv_counties.csv (for a spreadsheet), tables/*.parquet, assumptions.csv, provenance.json.
"""


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of every command."""
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
    init.set_defaults(run=run_init)

    check = commands.add_parser("check", parents=[common], help="read everything, compute nothing")
    _add_case(check)
    check.set_defaults(run=run_check)

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
    download.set_defaults(run=run_download)

    doctor = commands.add_parser(
        "doctor", parents=[common], help="say what this machine has and lacks, with the cure"
    )
    doctor.add_argument("--data", type=Path, help="a folder of your own files to look into")
    doctor.set_defaults(run=run_doctor)

    serve = commands.add_parser(
        "serve", parents=[common], help="show a folder of results on this machine"
    )
    serve.add_argument("folder", type=Path, help="folder with index.html, such as out/atlas")
    serve.add_argument("--port", type=int, default=8000, help="default: 8000")
    serve.set_defaults(run=run_serve)

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
    _add_products(commands, common)
    return parser


def _add_products(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands that make one thing of a plan; what a run has finished already is used again."""
    atlas = commands.add_parser(
        "atlas", parents=[common], help="the map only: as one file, or beside another plan's"
    )
    atlas.add_argument(
        "--single-file",
        action="store_true",
        help="one page that holds everything (up to 150,000 roofs)",
    )
    atlas.add_argument(
        "--compare", type=Path, metavar="FOLDER", help="results of another plan to show beside"
    )
    atlas.add_argument(
        "--with-tianditu-key",
        action="store_true",
        help="write the key in ZIBO_GEO_TIANDITU_KEY into the page, where everybody can read it",
    )
    atlas.set_defaults(run=run_atlas)
    report = commands.add_parser(
        "report", parents=[common], help="workbook, briefs per county (HTML, Word), figures"
    )
    report.add_argument(
        "--language", choices=("zh", "en"), help="of the briefs and figures; both unless given"
    )
    report.set_defaults(run=run_report)
    targets = commands.add_parser(
        "targets", parents=[common], help="the city's promises against the plan, by county and year"
    )
    targets.set_defaults(run=run_targets)
    for product in (atlas, report, targets):
        _add_case(product)
        product.add_argument(
            "--out", type=Path, required=True, help="folder of the plan's results; made if missing"
        )
        product.add_argument(
            "--analyses",
            nargs="+",
            choices=("pv", "heat", "siting"),
            default=("pv", "heat", "siting"),
            help="which analyses it is about; all unless given",
        )


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
        "--roofs-per-tile",
        type=int,
        default=25_000,
        help="size of the tiles of rooftop PV; smaller ones need less memory (default: 25000)",
    )
    plan.add_argument(
        "--explain",
        action="store_true",
        help="tell which stages would run and which input changed; compute nothing",
    )
    analyses = ("pv", "heat", "siting") if name == "plan" else (name,)
    plan.set_defaults(run=run_plan_command, analyses=analyses, question=None)
    return plan


def _add_case(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "case", nargs="?", type=Path, help="case file; the embedded Zibo unless given"
    )
    parser.add_argument(
        "--data", type=Path, help="folder that relative paths of the case start from"
    )
