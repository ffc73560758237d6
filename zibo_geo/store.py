"""Results into a folder: GeoParquet, GeoPackage, CSV, workbook, page, provenance and map, each whole."""

__all__ = ["OUTPUTS", "OUTPUT_NAMES", "check_folder", "write_plan"]

import os
import tempfile
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path

import pandas as pd

from layers.errors import CaseError
from layers.tables import LAYER_TABLES
from zibo_geo.atlas import write_atlas
from zibo_geo.balances import checked_balances
from zibo_geo.documentation import RESULT_TABLES
from zibo_geo.files import write_csv, write_gpkg, write_json, write_parquet
from zibo_geo.plan import Plan, RooftopPvPlan
from zibo_geo.progress import Advance, Progress, SilentProgress
from zibo_geo.provenance import assumptions_table, provenance
from zibo_geo.qgis import dress_geopackage, write_project
from zibo_geo.report import write_reports
from zibo_geo.results import frames_of, layers_of, summaries_of
from zibo_geo.run_folder import EVERYTHING, MemoryRun, RunFolder, Stage

_LAYERS = (
    "buildings",
    "parks",
    "streets",
    "stations",
    "heat_sources",
    "substations",
    "constraints",
    "townships",
)


_ROOF_ALIASES = (
    ("pv_money", "pilot_kind"),
    ("pv_money", "project_kind"),
    ("pv_money", "lcoe_cny_kwh"),
    ("pv_money", "npv_cny"),
    ("pv_money", "payback_years"),
    ("pv_money", "self_share"),
    ("pv_supply_curve", "chosen"),
    ("pv_supply_curve", "reason"),
    ("pv_supply_curve", "county_rank"),
    ("pv_supply_curve", "county_cumulative_mw"),
    ("pv_phases", "year"),
    ("pv_connections", "substation_id"),
    ("pv_connections", "accepted"),
    ("pv_connections", "limiting_id"),
)


def check_folder(folder: Path) -> None:
    """Refuse a folder that cannot be written, before anything is computed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise CaseError(
            f"The output folder {os.fspath(folder)!r} cannot be written ({error.strerror}); "
            "give another with --out."
        ) from error


OUTPUT_NAMES = ("tables", "geopackage", "summaries", "report", "map")
OUTPUTS = tuple(Stage(name=f"outputs/{name}", needs=(EVERYTHING,)) for name in OUTPUT_NAMES)


def write_plan(
    plan: Plan,
    folder: Path | str,
    *,
    progress: Progress | None = None,
    run: MemoryRun | RunFolder | None = None,
    balances: pd.DataFrame | None = None,
    outputs: Collection[str] = OUTPUT_NAMES,
) -> list[Path]:
    """Write everything that a plan knows.

    Parameters
    ----------
    plan : Plan
        From :func:`zibo_geo.workflow.run_plan`.
    folder : path
        Made if missing; files of the same name are replaced, each in one step.
    progress : Progress, optional
        Shows the stages.
    run : MemoryRun or RunFolder, optional
        Files that an earlier run wrote from the same inputs stay; all are written unless given.
    balances : DataFrame, optional
        Table ``balances``, from :func:`zibo_geo.balances.checked_balances`; checked here unless given.
    outputs : collection of {"tables", "geopackage", "summaries", "report", "map"}
        Which of them are written.

    Returns
    -------
    list of Path
        What is there.
    """
    root = Path(folder)
    check_folder(root)
    shown, kept = progress or SilentProgress(), run or MemoryRun()
    closed = checked_balances(plan) if balances is None else balances
    tables = {**_tables(plan), "balances": closed}
    ways: tuple[tuple[str, int, Callable[[Advance], list[Path]]], ...] = (
        ("tables", len(tables), lambda done: _write_tables(tables, root, done)),
        ("GeoPackage", 1, lambda _: _write_gpkg(plan, root / "plan.gpkg")),
        ("summaries", 1, lambda _: _write_summaries(plan, tables, root)),
        ("report", 1, lambda _: write_reports(plan, root, kinds=("workbook", "page"))),
        ("map", 1, lambda _: [write_atlas(plan, root / "atlas")]),
    )
    written: list[Path] = []
    for stage, (title, steps, write) in zip(OUTPUTS, ways, strict=True):
        if stage.name.rpartition("/")[2] not in outputs:
            continue
        with shown.stage(title, steps) as done:
            written += kept.written(stage, root, partial(write, done))
    return written


def _write_tables(tables: Mapping[str, pd.DataFrame], root: Path, done: Advance) -> list[Path]:
    paths = []
    for name, frame in tables.items():
        paths.append(root / "tables" / f"{name}.parquet")
        write_parquet(frame, paths[-1])
        done(1)
    return paths


def _write_gpkg(plan: Plan, path: Path) -> list[Path]:
    write_gpkg(_layers(plan), path, _aliases(), finish=dress_geopackage)
    return [path, write_project(path, path.with_suffix(".qgs"), title=plan.case.title)]


def _write_summaries(plan: Plan, tables: Mapping[str, pd.DataFrame], root: Path) -> list[Path]:
    names = ("account", "balances", *(name for part in plan.parts for name in summaries_of(part)))
    for name in names:
        write_csv(tables[name], root / f"{name}.csv")
    write_csv(assumptions_table(plan.case), root / "assumptions.csv")
    write_json(provenance(plan), root / "provenance.json")
    return [*(root / f"{name}.csv" for name in (*names, "assumptions")), root / "provenance.json"]


def _tables(plan: Plan) -> dict[str, pd.DataFrame]:
    layers = {name: getattr(plan.layers, name) for name in _LAYERS}
    tables = {
        "counties": plan.layers.area.counties,
        **{name: frame for name, frame in layers.items() if len(frame)},
        "weather": plan.layers.weather.hours,
        "account": plan.layers.account,
    }
    for part in plan.parts:
        tables |= frames_of(part)
    return tables


def _layers(plan: Plan) -> dict[str, pd.DataFrame]:
    layers = {name: getattr(plan.layers, name) for name in _LAYERS if name != "buildings"}
    made: dict[str, pd.DataFrame] = {}
    if plan.pv is not None:
        totals = plan.pv.counties.drop(columns=["name"], errors="ignore")
        made = {"pv_counties": plan.layers.area.counties.join(totals), "pv_roofs": _roofs(plan.pv)}
    for part in plan.parts:
        made |= layers_of(part)
    return {
        **made,
        **{name: frame for name, frame in layers.items() if len(frame)},
        "account": plan.layers.account,
    }


def _roofs(pv: RooftopPvPlan) -> pd.DataFrame:
    """Return the roofs with what a planner filters them by: cost, choice and reason, year, grid."""
    money = pv.money[
        ["pilot_kind", "project_kind", "lcoe_cny_kwh", "npv_cny", "payback_years", "self_share"]
    ]
    curve = pv.supply_curve[["chosen", "reason", "county_rank", "county_cumulative_mw"]]
    grid = pv.connections[["substation_id", "colour", "accepted", "reason", "limiting_id"]]
    return (
        pv.roofs.join(money)
        .join(curve)
        .join(pv.phases[["year"]])
        .join(grid.rename(columns={"colour": "grid_colour", "reason": "grid_reason"}))
    )


def _aliases() -> Mapping[str, Mapping[str, str]]:
    tables = (*LAYER_TABLES, *RESULT_TABLES)
    by_name = {table.name: table.aliases_zh for table in tables}
    counties = {**by_name["counties"], **by_name["pv_counties"]}
    roofs = {
        **by_name["pv_roofs"],
        **{name: by_name[table][name] for table, name in _ROOF_ALIASES},
        "grid_colour": "电网颜色",
        "grid_reason": "接入结论",
    }
    return {**by_name, "pv_counties": counties, "pv_roofs": roofs}
