"""The whole plan on the embedded Zibo: balances, files, provenance."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from layers.demo import embedded_zibo
from rooftop_pv.tables import MONTH_COLUMNS
from zibo_geo.case import load_case
from zibo_geo.plan import Plan
from zibo_geo.store import write_plan
from zibo_geo.workflow import run_plan


@pytest.fixture(scope="module")
def plan() -> Plan:
    return run_plan(load_case())


@pytest.fixture(scope="module")
def folder(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("plan")
    write_plan(plan, root)
    return root


def test_every_building_has_a_roof_and_the_balances_close(plan: Plan) -> None:
    pv = plan.pv
    assert pv.roofs.index.equals(plan.layers.buildings.index)
    assert pv.yields.index.equals(pv.planes.index)
    for table, kwp, kwh in [
        (pv.planes, pv.planes["capacity_kwp"].sum(), pv.yields["yield_kwh"].sum()),
        (pv.roofs, pv.roofs["capacity_kwp"].sum(), pv.roofs["yield_kwh"].sum()),
    ]:
        assert len(table)
        np.testing.assert_allclose(kwp / 1e3, pv.counties["capacity_mw"].sum(), rtol=1e-9)
        np.testing.assert_allclose(kwh / 1e6, pv.counties["yield_gwh"].sum(), rtol=1e-9)
    months = pv.roofs[list(MONTH_COLUMNS)].sum(axis=1)
    np.testing.assert_allclose(months, pv.roofs["yield_kwh"], rtol=1e-9, atol=1e-6)
    hours = pv.hours.sum() / 1e6
    np.testing.assert_allclose(hours[pv.counties.index], pv.counties["yield_gwh"], rtol=1e-6)
    assert pv.counties["buildings"].sum() == len(plan.layers.buildings)


def test_a_zibo_roof_yields_what_its_climate_allows(plan: Plan) -> None:
    # 1,378 kWh/m² on the horizontal and a performance ratio of 0.75 to 0.88 on tilts of 0 to 35 degrees.
    specific = plan.pv.counties["specific_yield_kwh_kwp"]
    assert specific.between(0.75 * 1378, 0.88 * 1378 * 1.12).all()


def test_the_files_are_whole_and_readable(plan: Plan, folder: Path) -> None:
    assert not list(folder.rglob("*.tmp*"))
    roofs = gpd.read_parquet(folder / "tables" / "pv_roofs.parquet")
    assert roofs.crs.to_epsg() == 4548
    assert len(roofs) == len(plan.pv.roofs)
    counties = pd.read_csv(
        folder / "pv_counties.csv", encoding="utf-8-sig", dtype={"county": "str"}
    )
    assert counties["county"].tolist() == list(plan.layers.area.counties.index)
    with closing(sqlite3.connect(folder / "plan.gpkg")) as database:
        layers = {row[0] for row in database.execute("SELECT table_name FROM gpkg_contents")}
        aliases = dict(
            database.execute(
                "SELECT column_name, title FROM gpkg_data_columns WHERE table_name = 'pv_roofs'"
            )
        )
    assert {"pv_counties", "pv_roofs", "parks", "streets", "account"} <= layers
    assert aliases["capacity_kwp"] == "装机容量"


def test_the_provenance_names_every_assumption_and_what_is_synthetic(
    plan: Plan, folder: Path
) -> None:
    known = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    assert "buildings" in known["synthetic"]
    assert known["area"]["crs"] == "EPSG:4548"
    assert known["embedded"] == {"size": "sample", "seed": 370300}
    for key, value in known["assumptions"].items():
        assert value["source"], key
        assert value["confidence"] in {"plan", "read", "computed", "unverified"}, key
        assert value["unit"], key
    assert {"geopandas", "pvlib", "zibo-geo"} <= set(known["versions"])
    assert str(folder) not in json.dumps(known)


def test_synthetic_rows_say_so(plan: Plan) -> None:
    for name in plan.layers.synthetic & {"buildings", "streets", "parks", "substations"}:
        assert getattr(plan.layers, name)["source"].str.contains("synthetic").all(), name


def test_another_seed_gives_another_city() -> None:
    one, other = embedded_zibo("sample", seed=1), embedded_zibo("sample", seed=2)
    assert (
        not one.buildings.geometry.iloc[:100]
        .reset_index(drop=True)
        .equals(other.buildings.geometry.iloc[:100].reset_index(drop=True))
    )
