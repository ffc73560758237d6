"""Results into a folder: GeoParquet, one GeoPackage, CSV, provenance and the map, each written whole."""

__all__ = ["write_plan"]

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from layers.errors import CaseError
from layers.tables import LAYER_TABLES
from rooftop_pv.county_totals import PV_COUNTIES
from rooftop_pv.roof_totals import ROOFS
from rooftop_pv.tables import COUNTY_SUMMARY, PLANES, YIELDS
from zibo_geo.atlas import build_map
from zibo_geo.files import write_csv, write_gpkg, write_json, write_parquet, write_text
from zibo_geo.plan import Plan
from zibo_geo.progress import Progress, SilentProgress
from zibo_geo.provenance import assumptions_table, provenance

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
        for name in ("pv_counties", "pv_uses", "account"):
            path = root / f"{name}.csv"
            write_csv(tables[name], path)
            written.append(path)
        write_csv(assumptions_table(plan.case), root / "assumptions.csv")
        write_json(provenance(plan), root / "provenance.json")
        written += [root / "assumptions.csv", root / "provenance.json"]
    with shown.stage("map"):
        path = root / "atlas" / "index.html"
        write_text(build_map(plan).get_root().render(), path)
        written.append(path)
    return written


def _tables(plan: Plan) -> dict[str, pd.DataFrame]:
    layers = {name: getattr(plan.layers, name) for name in _LAYERS}
    return {
        "counties": plan.layers.area.counties,
        **{name: frame for name, frame in layers.items() if len(frame)},
        "weather": plan.layers.weather.hours,
        "account": plan.layers.account,
        "pv_planes": plan.pv.planes,
        "pv_layouts": plan.pv.layouts,
        "pv_yields": plan.pv.yields,
        "pv_roofs": plan.pv.roofs,
        "pv_counties": plan.pv.counties,
        "pv_uses": plan.pv.uses,
        "pv_hours": plan.pv.hours,
    }


def _layers(plan: Plan) -> dict[str, pd.DataFrame]:
    counties = plan.layers.area.counties.join(
        plan.pv.counties.drop(columns=["name"], errors="ignore")
    )
    layers = {name: getattr(plan.layers, name) for name in _LAYERS if name != "buildings"}
    return {
        "pv_counties": counties,
        "pv_roofs": plan.pv.roofs,
        **{name: frame for name, frame in layers.items() if len(frame)},
        "account": plan.layers.account,
    }


def _aliases() -> Mapping[str, Mapping[str, str]]:
    tables = (*LAYER_TABLES, PLANES, YIELDS, ROOFS, COUNTY_SUMMARY, PV_COUNTIES)
    by_name = {table.name: table.aliases_zh for table in tables}
    counties = {**by_name["counties"], **by_name["pv_counties"]}
    return {**by_name, "pv_counties": counties}
