"""Heat from the case to the map: the district on real roads, the embedded Zibo, and bad input in sentences."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from plan_runs import ROOT, refused, zibo_geo

from heat_network.alternatives import avoided_co2_t
from heat_network.coldest import coldest_hours
from heat_network.demand_assumptions import HeatDemandAssumptions
from heat_network.district_assumptions import DistrictAssumptions
from heat_network.district_tables import HEAT_CONNECTIONS, HEAT_COUNTIES, HEAT_SUBSTATIONS
from heat_network.load_hours import load_hours
from heat_network.screening import heat_density, screened
from layers.demo import embedded_zibo
from layers.errors import LayerError
from layers.layer_set import LayerSet
from zibo_geo.case import Case, load_case
from zibo_geo.heat_plan import HeatPlan
from zibo_geo.heat_summary import heat_sentence
from zibo_geo.heat_workflow import plan_heat
from zibo_geo.plan import Plan
from zibo_geo.target_measures import plan_measures

_YIYUAN = "370323"


def _yiyuan(layers: LayerSet) -> LayerSet:
    """Return the embedded Zibo with the buildings and sources of one county."""
    rows = {
        name: frame[frame["county"] == _YIYUAN]
        for name, frame in (("buildings", layers.buildings), ("heat_sources", layers.heat_sources))
    }
    return replace(layers, **rows)


@pytest.fixture(scope="module")
def case() -> Case:
    return load_case()


@pytest.fixture(scope="module")
def layers() -> LayerSet:
    return _yiyuan(embedded_zibo("sample"))


@pytest.fixture(scope="module")
def heat(layers: LayerSet, case: Case) -> HeatPlan:
    return plan_heat(layers, case)


@pytest.fixture(scope="module")
def district(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("district")
    run = zibo_geo("heat", ROOT / "examples" / "district.toml", "--data", shared_data, "--out", out)
    assert run.returncode == 0, run.stderr
    assert "km of heat network" in run.stderr
    return out


def test_every_building_has_one_answer(heat: HeatPlan, layers: LayerSet) -> None:
    rows = HEAT_CONNECTIONS.validate(heat.connections, where="connections")
    assert list(rows.index) == list(layers.buildings.index.astype("str"))
    joined = rows["connected"]
    assert joined.any()
    assert (rows.loc[joined, "reason"] == "connected").all()
    assert (rows.loc[~joined, "reason"] != "connected").all()
    assert (
        rows.loc[joined, ["source_id", "substation_id", "distance_m", "network_cny_gj"]]
        .notna()
        .all(axis=None)
    )
    assert rows.loc[~joined, ["source_id", "substation_id", "distance_m"]].isna().all(axis=None)
    assert not rows.loc[rows["heat_gj"] <= 0.0, "connected"].any()


def test_networks_say_what_they_avoid_beside_coal(
    heat: HeatPlan, layers: LayerSet, case: Case
) -> None:
    measure = plan_measures(Plan(case=case, layers=layers, heat=heat))["waste_heat"]
    rows = heat.alternatives[heat.alternatives["network_kg_gj"].notna()]
    coal = float((rows["heat_gj"] * rows["coal_boiler_kg_gj"]).sum()) / 1e3
    network = float((rows["heat_gj"] * rows["network_kg_gj"]).sum()) / 1e3
    assert set(rows.index) == set(heat.connections.index[heat.connections["connected"]])
    assert measure.co2_t == pytest.approx(coal - network)
    with pytest.raises(LayerError, match="coal_boiler"):
        avoided_co2_t(heat.alternatives, "wood")


def test_the_heat_of_buildings_substations_counties_and_schemes_is_one(heat: HeatPlan) -> None:
    rows = heat.connections
    served = rows.loc[rows["connected"], "heat_gj"].sum()
    HEAT_SUBSTATIONS.validate(heat.substations, where="substations")
    HEAT_COUNTIES.validate(heat.counties, where="counties")
    assert heat.substations["heat_gj"].sum() == pytest.approx(served, rel=1e-9)
    assert 1e3 * heat.counties["served_tj"].sum() == pytest.approx(served, rel=1e-9)
    assert heat.schemes.loc["all", "heat_gj"] == pytest.approx(served, rel=1e-9)
    for level in ("zone", "county", "source", "cluster"):
        part = heat.schemes[heat.schemes["level"] == level]
        for column in ("heat_gj", "capex_cny", "opex_cny", "length_m"):
            assert part[column].sum() == pytest.approx(heat.schemes.loc["all", column], rel=1e-9)
    # The trench of the schemes is that of the pipes.
    assert heat.schemes.loc["all", "length_m"] == pytest.approx(
        heat.pipes["length_m"].sum(), rel=1e-9
    )


def test_heat_in_is_heat_out_losses_and_storage(heat: HeatPlan) -> None:
    hours = heat.hours
    into = hours["direct_mw"] + hours["heat_pump_mw"] + hours["boiler_mw"]
    out = hours["demand_mw"] - hours["unmet_mw"]
    lost = hours["transport_loss_mw"] + hours["distribution_loss_mw"] + hours["storage_loss_mw"]
    stored = hours.groupby("cluster")["storage_mwh"].transform(
        lambda level: level - np.roll(level.to_numpy(), 1)
    )
    assert (into - out - lost - stored).abs().sum() <= 1e-6 * into.sum()
    assert heat.balance <= 1e-6
    # The season's demand is the heat of the connected buildings, its losses those that sizing found.
    joined = heat.connections[heat.connections["connected"]]
    assert hours["demand_mw"].sum() * 3.6 == pytest.approx(joined["heat_gj"].sum(), rel=1e-6)
    sized = heat.pipes["loss_gj"].sum()
    assert hours["distribution_loss_mw"].sum() * 3.6 == pytest.approx(sized, rel=1e-3)


def test_the_network_is_proven_and_its_pipes_grow_towards_the_source(heat: HeatPlan) -> None:
    assert (heat.networks["gap"].dropna() >= -1e-9).all()
    assert (heat.networks["bound_cny"] <= heat.networks["value_cny"] * (1.0 + 1e-9)).all()
    assert (heat.networks["gap"] <= 0.06).all()
    for _, pipes in heat.pipes.groupby("level"):
        below = pipes.groupby("u")["dn_mm"].max()
        into = pipes.set_index("v")["dn_mm"]
        both = into.index.intersection(below.index)
        assert (into[both] >= below[both]).all()
    assert heat.pipes["dn_mm"].between(32, 1400).all()
    assert (heat.plants["status"] == "accepted").all()
    fed = heat.nodes[heat.nodes["supply_kpa"].notna()]
    assert (fed[["supply_kpa", "return_kpa"]] > 0.0).all(axis=None)


def test_what_is_connected_pays_against_its_cheapest_alternative(heat: HeatPlan) -> None:
    whole = heat.schemes.loc["all"]
    assert 20.0 < whole["lcoh_cny_gj"] < whole["alternative_cny_gj"] < 110.0
    assert heat.schemes.loc[heat.schemes["level"] == "source", "saving_cny"].gt(0.0).all()
    mean = np.average(
        heat.connections["network_cny_gj"].dropna(),
        weights=heat.connections.loc[heat.connections["network_cny_gj"].notna(), "heat_gj"],
    )
    assert mean == pytest.approx(whole["lcoh_cny_gj"], rel=1e-9)
    assert heat.tornado["result_base"].to_numpy() == pytest.approx(whole["lcoh_cny_gj"], rel=1e-9)


def test_an_outage_of_the_only_source_leaves_its_tree_cold(heat: HeatPlan) -> None:
    own = heat.outages[heat.outages["source_id"] == heat.outages["cluster"]]
    assert len(own)
    assert (own["unserved_share"] <= 1.0 + 1e-9).all()
    assert (own["unserved_h"] <= 31 * 24).all()
    boilers = heat.clusters.loc[own["cluster"], "boiler_mw"].to_numpy()
    assert ((own["unserved_share"] > 0.5) | (boilers > 0.5 * own["unserved_peak_mw"])).all()
    assert (own["spare_mw"] >= own["unserved_peak_mw"] - 1e-3).all()
    rows = heat.connections[heat.connections["connected"]]
    assert rows["outage_share"].notna().all()


def test_another_price_moves_the_plan_the_right_way(
    layers: LayerSet, case: Case, heat: HeatPlan
) -> None:
    dear = case.assumed("heat_costs").from_mapping({"heat_only_cny_gj": {"gas_boiler": 45.0}})
    poor = replace(case, assumptions={**case.assumptions, "heat_costs": dear})
    made = plan_heat(layers, poor)
    assert made.connections["connected"].sum() < heat.connections["connected"].sum()
    assert (made.connections["reason"] == "cheaper_alone").any()


def test_metered_heat_calibrates_a_county(layers: LayerSet, case: Case, heat: HeatPlan) -> None:
    total = 1.2 * float(heat.buildings["annual_gj"].sum())
    metered = replace(case, heat=replace(case.heat, metered_gj={_YIYUAN: total}, pareto_points=0))
    made = plan_heat(layers, metered)
    assert made.buildings["annual_gj"].sum() == pytest.approx(total, rel=1e-9)
    assert made.pareto.empty
    with pytest.raises(Exception, match="370399"):
        plan_heat(layers, replace(case, heat=replace(case.heat, metered_gj={"370399": 1.0})))


def test_a_zone_without_usable_source_says_so(layers: LayerSet, case: Case) -> None:
    none = replace(
        layers, heat_sources=layers.heat_sources[layers.heat_sources["status"] == "retired"]
    )
    made = plan_heat(none, case)
    rows = made.connections[made.connections["heat_gj"] > 0.0]
    assert set(rows["reason"]) <= {"no_source", "small", "thin"}
    assert not made.connections["connected"].any()
    chinese, english = heat_sentence(made)
    assert "no building is worth connecting" in english
    assert "接入" in chinese


def test_a_forbidden_place_keeps_pipes_out(
    layers: LayerSet, case: Case, heat: HeatPlan, tmp_path: Path
) -> None:
    pipes = heat.pipes[heat.pipes["level"] == "primary"]
    middle = pipes.geometry.iloc[len(pipes) // 2].interpolate(0.5, normalized=True)
    path = tmp_path / "red.gpkg"
    gpd.GeoDataFrame(geometry=[middle.buffer(150.0)], crs=pipes.crs).to_file(path)
    (tmp_path / "case.toml").write_text(
        'embedded = "sample"\n[area]\nadcode = 370300\n[heat.forbidden.red]\npath = "red.gpkg"\n',
        encoding="utf-8",
    )
    made = plan_heat(layers, load_case(tmp_path / "case.toml"))
    streets = made.pipes[made.pipes["level"] == "primary"].geometry
    inside = streets.intersection(middle.buffer(149.0)).length.sum()
    # Only service lines, which follow no street, may cross.
    assert inside < 150.0


def test_screening_names_small_and_thin() -> None:
    demand = pd.DataFrame(
        {
            "annual_gj": [3600.0, 3600.0, 36.0, 0.0],
            "design_kw": [500.0, 500.0, 5.0, 0.0],
            "reason": [None, None, None, "use"],
        },
        index=["a", "b", "c", "d"],
    )
    places = gpd.GeoSeries(
        shapely.points([(10, 10), (20, 20), (30, 30), (40, 40)]),
        index=demand.index,
        crs="EPSG:4548",
    )
    density = heat_density(places, demand["annual_gj"], cell_m=250.0)
    assert density["a"] == pytest.approx((3600 + 3600 + 36) / 3.6 / 6.25)
    assumed = DistrictAssumptions()
    found = screened(demand, places, assumed)["reason"].fillna("asked").tolist()
    assert found == ["asked", "asked", "small", "use"]
    dense = DistrictAssumptions.from_mapping({"minimum_mwh_ha": 400.0})
    assert screened(demand, places, dense)["reason"].tolist() == ["thin", "thin", "small", "use"]


def test_hours_keep_a_stated_year_and_a_season_too_short_is_refused(layers: LayerSet) -> None:
    demand = pd.DataFrame(
        {
            "county": ["x", "x"], "design_kw": [100.0, 50.0], "hot_water_kw": 0.0,
            "annual_gj": np.array([100.0, 50.0]) * 2400.0 * 0.0036,
        },
        index=["a", "b"],
    )  # fmt: skip
    assumed = HeatDemandAssumptions()
    hours = load_hours(demand, layers.weather, assumed, by="county")
    assert hours["x"].sum() == pytest.approx(0.15 * 2400.0, rel=1e-6)
    assert hours["x"].max() == pytest.approx(0.15, rel=1e-3)
    with pytest.raises(Exception, match="lengthen season_start"):
        load_hours(
            demand.assign(annual_gj=demand["annual_gj"] * 2.0), layers.weather, assumed, by="county"
        )


def test_the_coldest_days_lie_together() -> None:
    index = pd.date_range("2023-01-01", periods=240, freq="h", tz="Asia/Shanghai")
    load = pd.DataFrame({"a": np.where(np.arange(240) // 24 == 4, 9.0, 1.0)}, index=index)
    found = coldest_hours(load, days=2)
    assert len(found) == 48
    assert (load.loc[found, "a"] == 9.0).sum() == 24
    assert coldest_hours(load, days=99).equals(index)


def test_a_real_district_runs_from_points_to_pipes(district: Path) -> None:
    rows = pd.read_parquet(district / "tables" / "heat_connections.parquet")
    assert len(rows) == 200
    # 12.8 kW on average with 2,446 full-load hours.
    assert rows["peak_kw"].mean() == pytest.approx(12.80, abs=0.01)
    schemes = pd.read_parquet(district / "tables" / "heat_schemes.parquet")
    assert 20.0 < schemes.loc["all", "lcoh_cny_gj"] < 110.0
    hours = pd.read_parquet(district / "tables" / "heat_hours.parquet")
    assert hours["demand_mw"].sum() * 3.6 == pytest.approx(
        rows.loc[rows["connected"], "heat_gj"].sum(), rel=1e-6
    )
    assert (district / "atlas" / "index.html").stat().st_size > 100_000
    pipes = gpd.read_file(district / "plan.gpkg", layer="heat_pipes")
    roads = gpd.read_parquet(district / "tables" / "streets.parquet").to_crs(pipes.crs)
    main = pipes[pipes["level"] == "primary"]
    assert main.within(roads.union_all().buffer(400.0)).all()


def _district_case(shared: Path, folder: Path, *changes: tuple[str, str]) -> Path:
    text = (ROOT / "examples" / "district.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "case.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ((("temperature_c = 110.0", "temperature_c = 40.0"),), ("colder",)),
        ((('peak_kw = "ts_0"', 'peak_kw = "load"'),), ("load", "[heat.sinks]")),
        ((("[heat.sources.source-1]", "[heat.sources.source-9]"),), ("source-9", "source-1")),
        ((("season_start = [10, 1]", "season_start = [12, 1]"), ("season_end = [4, 30]", "season_end = [1, 31]")),
         ("full-load hours", "season_start")),
    ],
)  # fmt: skip
def test_what_a_user_can_mend_is_one_sentence(
    shared_data: Path, tmp_path: Path, changes: tuple[tuple[str, str], ...], words: tuple[str, ...]
) -> None:
    path = _district_case(shared_data, tmp_path, *changes)
    if words == ("colder",):
        # A source colder than the return without a heat pump takes no part, and says with which cure.
        text = path.read_text(encoding="utf-8").replace(
            'network = "95/55"', 'network = "95/55"\nheat_pumps = false'
        )
        path.write_text(text, encoding="utf-8")
        run = zibo_geo("heat", path, "--data", shared_data, "--out", tmp_path / "out")
        assert run.returncode == 0, run.stderr
        supply = pd.read_parquet(tmp_path / "out" / "tables" / "heat_supply.parquet")
        assert supply["reason"].tolist() == ["too_cold"]
        assert "heat_pumps" in supply["note"].iloc[0]
        rows = pd.read_parquet(tmp_path / "out" / "tables" / "heat_connections.parquet")
        assert (rows["reason"] == "no_source").all()
        return
    refused(zibo_geo("heat", path, "--data", shared_data, "--out", tmp_path / "out"), *words)


def test_a_power_in_the_wrong_unit_is_doubted(shared_data: Path, tmp_path: Path) -> None:
    path = _district_case(shared_data, tmp_path, ("heat_mw = 3.0", "heat_mw = 3000.0"))
    run = zibo_geo("heat", path, "--data", shared_data, "--out", tmp_path / "out")
    assert run.returncode == 0, run.stderr
    assert "if it is in kW, divide by 1,000" in " ".join(run.stderr.split())
    sinks = gpd.read_file(shared_data / "heat" / "sinks.gpkg")
    sinks["ts_0"] = sinks["ts_0"] / 1e3
    folder = tmp_path / "data"
    (folder / "heat").mkdir(parents=True)
    (folder / "weather").mkdir()
    sinks.to_file(folder / "heat" / "sinks.gpkg")
    for name in ("heat/roads.gpkg", "heat/source.gpkg", "weather/shanghai_hongqiao.epw"):
        (folder / name).write_bytes((shared_data / name).read_bytes())
    run = zibo_geo(
        "heat", _district_case(shared_data, tmp_path), "--data", folder, "--out", tmp_path / "o2"
    )
    assert run.returncode == 0, run.stderr
    assert "is 'ts_0' in MW?" in " ".join(run.stderr.split())


def test_an_island_of_streets_leaves_its_consumers_unreachable(
    shared_data: Path, tmp_path: Path
) -> None:
    roads = gpd.read_file(shared_data / "heat" / "roads.gpkg")
    sinks = gpd.read_file(shared_data / "heat" / "sinks.gpkg")
    west, south, east, north = sinks.total_bounds
    # A gap of 60 m, wider than gaps are bridged and services reach across, between west and east.
    middle = (west + east) / 2.0
    gap = shapely.box(middle - 320.0, south - 1e4, middle + 320.0, north + 1e4)
    cut = roads.set_geometry(roads.geometry.difference(gap))
    cut = cut[~cut.geometry.is_empty]
    folder = tmp_path / "data"
    (folder / "heat").mkdir(parents=True)
    (folder / "weather").mkdir()
    cut.to_file(folder / "heat" / "roads.gpkg")
    for name in ("heat/sinks.gpkg", "heat/source.gpkg", "weather/shanghai_hongqiao.epw"):
        (folder / name).write_bytes((shared_data / name).read_bytes())
    path = _district_case(
        shared_data, tmp_path,
        ("minimum_kw = 0.0", "minimum_kw = 0.0\nsource_attach_m = 200.0"),
    )  # fmt: skip
    run = zibo_geo("heat", path, "--data", folder, "--out", tmp_path / "out")
    assert run.returncode == 0, run.stderr
    rows = pd.read_parquet(tmp_path / "out" / "tables" / "heat_connections.parquet")
    assert rows["reason"].isin(["unreachable", "far_from_street", "no_source"]).any()
    repairs = pd.read_parquet(tmp_path / "out" / "tables" / "graph_repairs.parquet")
    assert (repairs["kind"] == "island").any()


def test_a_pressure_limit_that_cannot_be_kept_names_the_pipe(layers: LayerSet, case: Case) -> None:
    tight = case.assumed("heat_sizing").from_mapping({"pressure_limit_kpa": 300.0})
    made = plan_heat(layers, replace(case, assumptions={**case.assumptions, "heat_sizing": tight}))
    broken = made.plants[made.plants["status"] == "infeasible"]
    assert len(broken)
    assert broken["binding"].str.contains("pipe").all()
    assert "break a limit" in heat_sentence(made)[1]
