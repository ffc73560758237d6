"""Results into a folder: GeoParquet, one GeoPackage, CSV, provenance and the map, each written whole."""

__all__ = ["write_plan"]

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from layers.errors import CaseError
from layers.tables import LAYER_TABLES
from zibo_geo.atlas import write_atlas
from zibo_geo.documentation import RESULT_TABLES
from zibo_geo.files import write_csv, write_gpkg, write_json, write_parquet
from zibo_geo.plan import Plan, RooftopPvPlan
from zibo_geo.progress import Progress, SilentProgress
from zibo_geo.provenance import assumptions_table, provenance
from zibo_geo.results import frames_of, layers_of, summaries_of

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


def write_plan(plan: Plan, folder: Path | str, *, progress: Progress | None = None) -> list[Path]:
    """Write everything that a plan knows.

    Parameters
    ----------
    plan : Plan
        From :func:`zibo_geo.workflow.run_plan`.
    folder : path
        Made if missing; files of the same name are replaced, each in one step.
    progress : Progress, optional
        Shows the stages.

    Returns
    -------
    list of Path
        What was written.
    """
    root = Path(folder)
    check_folder(root)
    shown = progress or SilentProgress()
    tables = _tables(plan)
    written: list[Path] = []
    with shown.stage("tables", len(tables)) as done:
        for name, frame in tables.items():
            path = root / "tables" / f"{name}.parquet"
            write_parquet(frame, path)
            written.append(path)
            done(1)
    with shown.stage("GeoPackage"):
        path = root / "plan.gpkg"
        write_gpkg(_layers(plan), path, _aliases())
        written.append(path)
    with shown.stage("summaries"):
        for name in ("account", *(name for part in plan.parts for name in summaries_of(part))):
            path = root / f"{name}.csv"
            write_csv(tables[name], path)
            written.append(path)
        write_csv(assumptions_table(plan.case), root / "assumptions.csv")
        write_json(provenance(plan), root / "provenance.json")
        written += [root / "assumptions.csv", root / "provenance.json"]
    with shown.stage("map"):
        written.append(write_atlas(plan, root / "atlas"))
    return written


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
