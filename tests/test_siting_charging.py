"""Charging: Erlang C, exact totals, rules per county, reasons, and a real valley."""

import math
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import siting_cases as cases
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.errors import InfeasibleError, LayerError
from siting.access import AccessAssumptions, site_access
from siting.candidates import site_candidates
from siting.charging import ChargingPlan, charging_plan
from siting.charging_assumptions import ChargingAssumptions
from siting.charging_demand import charging_demand
from siting.charging_points import apportioned, class_matrix
from siting.charging_trade import outages
from siting.legality import legal_equipment
from siting.requests import ChargingRequests, open_counts
from siting.setbacks import read_setbacks
from siting.street_graph import street_graph
from siting.tables import POWER_CLASSES_KW
from siting.waiting import erlang_c, points_needed, waiting

_SMALL = {"points": 800, "vehicles": 2200, "sites": 12, "cell_m": 2000.0}


def _plan(quotas: pd.DataFrame | None = None, **changed: object) -> ChargingPlan:
    layers = cases.layer_set(
        streets=cases.street_grid(),
        stations=[*cases.stations([(5400, 5400), (15_400, 9400)]),
                  *cases.stations([(3400, 12_400)], kind="charging")],
        buildings=cases.town(),
        substations=[{
            "voltage_kv": 110.0, "capacity_mva": 50.0, "transformers": 2, "load_mw": 10.0, "connected_mw": 0.0,
            "registered_mw": 0.0, "county": "370301", "source": "test", "geometry": cases.at(9000, 9000),
        }],
    )  # fmt: skip
    candidates = site_candidates(layers)
    return charging_plan(
        candidates,
        legal_equipment(candidates, layers, read_setbacks()),
        layers,
        assumptions=ChargingAssumptions.from_mapping({**_SMALL, **changed}),
        requests=ChargingRequests(quotas=quotas),
    )


@pytest.fixture(scope="module")
def plan() -> ChargingPlan:
    return _plan()


@pytest.mark.parametrize(("points", "load"), [(1, 0.5), (4, 2.4), (12, 9.6), (60, 55.0)])
def test_erlang_c_is_the_textbook_sum(points: int, load: float) -> None:
    top = load**points / math.factorial(points) * points / (points - load)
    sum_below = sum(load**k / math.factorial(k) for k in range(points))
    assert float(erlang_c(points, load)) == pytest.approx(top / (sum_below + top), rel=1e-12)


def test_one_point_waits_as_its_load_and_a_full_one_for_ever() -> None:
    chance, wait = waiting([1, 1, 3, 0], [0.5, 1.0, 0.0, 2.0], service_min=45.0)
    assert chance.tolist() == pytest.approx([0.5, 1.0, 0.0, 1.0])
    assert wait[0] == pytest.approx(45.0)  # M/M/1: rho / (1 - rho) times the service
    assert np.isinf(wait[[1, 3]]).all()
    assert wait[2] == 0.0


@given(st.floats(0.01, 200.0), st.floats(0.05, 0.9), st.floats(0.5, 30.0))
@settings(max_examples=40, deadline=None)
def test_the_points_needed_keep_the_targets_and_one_less_does_not(
    load: float, p: float, minutes: float
) -> None:
    need = int(points_needed([load], service_min=45.0, p_wait=p, wait_min=minutes)[0])
    chance, wait = waiting([need, need - 1], [load, load], service_min=45.0)
    assert chance[0] <= p * (1 + 1e-9)
    assert wait[0] <= minutes * (1 + 1e-9)
    assert chance[1] > p * (1 - 1e-9) or wait[1] > minutes * (1 - 1e-9)


@given(st.integers(0, 500), st.lists(st.floats(0.0, 10.0), min_size=1, max_size=9), st.data())
@settings(max_examples=80, deadline=None)
def test_apportioning_is_exact_and_within_its_limits(
    total: int, weight: list[float], data: st.DataObject
) -> None:
    cap = data.draw(st.lists(st.integers(0, 300), min_size=len(weight), max_size=len(weight)))
    if sum(cap) < total:
        with pytest.raises(InfeasibleError, match=f"{total - sum(cap)} short"):
            apportioned(total, weight, cap=cap)
        return
    floor = [min(c, 3) for c in cap]
    if sum(floor) > total:
        return
    found = apportioned(total, weight, floor=floor, cap=cap)
    assert found.sum() == total
    assert ((found >= floor) & (found <= cap)).all()


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_a_class_matrix_keeps_both_totals(rows: list[int], seed: int) -> None:
    draw = np.random.default_rng(seed)
    classes = apportioned(sum(rows), draw.random(4))
    found = class_matrix(np.array(rows), classes, draw.random((len(rows), 4)))
    assert (found >= 0).all()
    assert found.sum(axis=1).tolist() == rows
    assert found.sum(axis=0).tolist() == classes.tolist()


def test_demand_is_the_stock_whatever_the_cells() -> None:
    layers = cases.layer_set(streets=cases.street_grid(), buildings=cases.town())
    totals = [
        charging_demand(layers, assumptions=ChargingAssumptions(vehicles=1000, cell_m=side))
        for side in (500.0, 2000.0)
    ]
    # 1,000 vehicles by hand: energy away from home less what is swapped
    by_hand = 930 * 7 * 0.35 + 30 * 50 * 0.9 * 0.8 + 20 * 150 * 0.95 + 20 * 250 * 0.9 * 0.8
    for cells in totals:
        assert cells["demand_kwh_d"].sum() == pytest.approx(by_hand)
        assert cells["swaps_d"].sum() * 60.0 == pytest.approx((30 * 50 + 20 * 250) * 0.9 * 0.2)
        assert cells["people"].sum() == pytest.approx(300_000.0)


def test_points_add_up_by_county_site_and_class(plan: ChargingPlan) -> None:
    counties, sites = plan.counties, plan.sites
    assert counties["points"].sum() == 800
    assert counties["public_points"].sum() == 300
    assert counties["vehicles"].sum() == 2200
    by_class = [f"points_{kw}_kw" for kw in POWER_CLASSES_KW]
    assert [int(counties[name].sum()) for name in by_class] == [120, 75, 75, 24, 6]
    assert (sites[by_class].sum(axis=1) == sites["points"]).all()
    per_county = sites.groupby("county")[by_class].sum()
    assert (per_county == counties.loc[per_county.index, by_class]).all(axis=None)
    assert (sites["installed_kw"] == sites[by_class].astype(int) @ np.array(POWER_CLASSES_KW)).all()


def test_sites_serve_the_demand_of_the_cells_that_reach_one(plan: ChargingPlan) -> None:
    served = plan.cells[plan.cells["access"].astype("str") == "served"]
    assert plan.sites["demand_kwh_d"].sum() == pytest.approx(served["demand_kwh_d"].sum())
    assert plan.choice.status in {"proven", "within_gap"}
    mean = float((served["demand_kwh_d"] * served["time_min"]).sum())
    lost = plan.unreachable["demand_kwh_d"].sum() * 30.0
    assert mean + lost == pytest.approx(plan.choice.objective / 60.0, rel=1e-5)


def test_standing_stations_stay_and_phases_are_nested(plan: ChargingPlan) -> None:
    assert "charging_station-s2" in plan.sites.index
    assert plan.sites.loc["charging_station-s2", "year"] == 2026
    counted = [int((plan.sites["year"] <= year).sum()) for year in plan.phases["year"]]
    assert counted == plan.phases["sites"].tolist()
    assert plan.phases["points"].iloc[-1] == 300
    assert (plan.phases["objective"].diff().dropna() <= 1e-6).all()


def test_the_price_of_a_site_is_the_objective_without_it(plan: ChargingPlan) -> None:
    site = plan.sites["loss_if_removed"].astype(float).idxmax()
    fewer = plan.sites.drop(index=site)
    assert plan.sites.loc[site, "loss_if_removed"] > 0.0
    assert (
        f"{plan.sites.loc[site, 'loss_if_removed']:,.0f} kWh·min/d" in plan.sites.loc[site, "why"]
    )
    assert (fewer["loss_if_removed"] <= plan.sites.loc[site, "loss_if_removed"]).all()


def test_more_share_in_time_never_costs_fewer_minutes(plan: ChargingPlan) -> None:
    assert (plan.pareto["reached"] >= plan.pareto["share"] - 1e-9).all()
    sites = plan.pareto[plan.pareto["kind"] == "sites"]
    assert (np.diff(sites["sites"]) >= 0).all()
    assert sites["mean_min"].is_monotonic_decreasing
    share = plan.pareto[plan.pareto["kind"] == "share"]
    assert (share["sites"] == sites["sites"].iloc[0]).all()
    assert (share["mean_min"] >= sites["mean_min"].iloc[0] - 1e-9).all()
    assert (plan.pareto["bound_min"] <= plan.pareto["mean_min"] + 1e-9).all()


def test_feeders_share_what_their_substation_has_left(plan: ChargingPlan) -> None:
    left_kw = (50.0 * 0.95 * 0.8 - 10.0 * 1.3) * 1000.0
    assert plan.sites["headroom_kw"].sum() == pytest.approx(left_kw)
    assert (plan.sites["feeder_kw"] == plan.sites["installed_kw"] * 0.4).all()


def test_quotas_bind_and_name_the_county_that_falls_short() -> None:
    asked = pd.DataFrame(
        {"points": [100.0, np.nan], "least_sites": [np.nan, 4]}, index=["370301", "370302"]
    )
    bound = _plan(asked)
    assert bound.counties["public_points"].tolist() == [100, 200]
    assert bound.counties.loc["370302", "sites"] >= 4
    there = pd.DataFrame({"least_sites": [5000]}, index=["370302"])
    with pytest.raises(
        InfeasibleError,
        match=r"county 1 for at least 5000 sites and it has \d+ candidates: \d+ short",
    ):
        _plan(there)
    with pytest.raises(LayerError, match="name county '370309'"):
        _plan(pd.DataFrame({"points": [1]}, index=["370309"]))
    with pytest.raises(LayerError, match="ask for 900 public points and the case for 300"):
        _plan(pd.DataFrame({"points": [900]}, index=["370301"]))


def test_more_points_than_bays_name_the_shortfall() -> None:
    with pytest.raises(InfeasibleError, match=r"can hold \d+: \d+ short"):
        _plan(points=400_000)


def test_zero_demand_and_an_empty_study_are_sentences() -> None:
    with pytest.raises(LayerError, match="demand is zero"):
        _plan(use_kwh_d={"car": 0.0, "taxi": 0.0, "bus": 0.0, "truck": 0.0})
    with pytest.raises(LayerError, match="There is no demand"):
        charging_demand(cases.layer_set(stations=cases.stations([(1, 1)])))


def test_a_demand_without_road_is_listed() -> None:
    streets = [
        row for row in cases.street_grid() if row["geometry"].bounds[2] < cases.WEST + 12_000
    ]  # type: ignore[attr-defined]
    layers = cases.layer_set(
        streets=streets, buildings=cases.town(), stations=cases.stations([(5400, 5400)])
    )
    candidates = site_candidates(layers)
    legal = legal_equipment(candidates, layers, read_setbacks())
    found = charging_plan(
        candidates, legal, layers, assumptions=ChargingAssumptions.from_mapping(_SMALL)
    )
    assert found.unreachable["reason"].str.startswith("no road within 1000 m").any()
    assert any("reach no candidate" in english for english, _ in found.notes)
    assert found.counties["points"].sum() == 800


def test_andorra_end_to_end(shared_data: Path) -> None:
    layers = cases.andorra(shared_data)
    candidates = site_candidates(layers)
    parishes = layers.area.counties  # the file lacks the outline of the seventh, Canillo
    assert len(parishes) == 6
    assert (candidates["kind"].astype("str") == "petrol_station").sum() == 15
    legal = legal_equipment(candidates, layers, read_setbacks())
    found = charging_plan(
        candidates,
        legal,
        layers,
        assumptions=ChargingAssumptions(points=1000, vehicles=2750, sites=40),
    )
    assert found.counties["points"].sum() == 1000
    assert found.sites["points"].sum() == 375
    assert found.choice.status in {"proven", "within_gap"}
    crow = found.cells.geometry.distance(
        candidates.geometry.reindex(found.cells["site_id"]).set_axis(found.cells.index)
    )
    longer = (found.cells["length_m"] / crow).median()
    assert longer > 1.1  # one valley: the way is longer than the line


def test_an_outage_sends_every_driver_to_the_next_site_by_hand() -> None:
    """Two sites on a road of 10 km and cells at 1, 4 and 9 km, at 36 km/h: 100 s per km."""
    graph = street_graph(cases.layer_set(streets=cases.street_grid()).streets)
    ids = pd.Index(["a", "b", "c"], dtype="str", name="cell_id")
    cells = gpd.GeoDataFrame(
        {"demand_kwh_d": [100.0, 50.0, 30.0], "fast_kwh_d": [60.0, 0.0, 20.0], "people": [10.0, 20.0, 5.0]},
        geometry=[cases.at(1000, 0), cases.at(4000, 0), cases.at(9000, 0)], crs=cases.CRS, index=ids,
    )  # fmt: skip
    sites = gpd.GeoDataFrame(
        {"county": ["370301", "370301"], "points": [4, 6], "points_7_kw": [2, 2]},
        geometry=[cases.at(0, 0), cases.at(10_000, 0)], crs=cases.CRS,
        index=pd.Index(["west", "east"], dtype="str", name="site_id"),
    )  # fmt: skip
    near = site_access(graph, cells, sites, assumptions=AccessAssumptions(cutoff_min=15.0))
    found = outages(
        sites, cells, near, chosen=np.array([0, 1]), given=ChargingAssumptions(reach_min=9.0)
    )
    assert found["moved_kwh_d"].tolist() == [150.0, 30.0]
    assert found["stranded_kwh_d"].tolist() == [0.0, 0.0]
    # west fails: a goes 9 km instead of 1, b 6 instead of 4; east fails: c goes 9 instead of 1
    extra = [(100.0 * 800.0 + 50.0 * 200.0) / 150.0 / 60.0, 800.0 / 60.0]
    assert found["extra_min"].tolist() == pytest.approx(extra, rel=1e-5)
    assert found["late_people"].tolist() == [10.0 + 20.0, 5.0]  # 15, 10 and 15 minutes then
    assert found["neighbour_id"].tolist() == ["east", "west"]
    assert not found["neighbour_full"].any()


def test_yards_take_no_more_vehicles_than_they_hold() -> None:
    """A depot of 40 x 60 m holds 20 buses of the 200 of the city; the others charge where people live."""
    layers = cases.layer_set(
        buildings=cases.town(homes=60),
        constraints=[cases.constraint("bus_depot", cases.box(18_000, 18_000, 40, 60))],
    )
    given = ChargingAssumptions(vehicles=10_000)
    found = charging_demand(layers, assumptions=given)
    bus = 200 * 150.0 * 0.95
    depot = found[found["bus_m2"] > 0.0]
    assert depot["demand_kwh_d"].sum() == pytest.approx(bus * 20 / 200, rel=1e-6)


@pytest.mark.parametrize(
    ("years", "phases", "counts"),
    [
        ([2026, 2027, 2028, 2029], {}, [18, 25, 32, 40]),
        ([2026, 2027, 2028, 2029], {2027: 30}, [20, 30, 35, 40]),
        ([2026], {2026: 12}, [12]),
    ],
)
def test_sites_open_by_year_as_asked_and_in_even_steps_between(
    years: list[int], phases: dict[int, int], counts: list[int]
) -> None:
    last = phases.get(years[-1], 40)
    assert open_counts(np.array(years), standing=10, last=last, phases=phases) == counts
    with pytest.raises(LayerError, match="runs from 2026"):
        open_counts(np.array(years), standing=10, last=last, phases={2040: 50})


def test_a_roof_given_as_a_column_decides_the_canopy() -> None:
    given = gpd.GeoDataFrame(
        {"area_m2": [5000.0], "canopy_m2": [600.0]}, geometry=[cases.at(5050, 5050)], crs=cases.CRS,
        index=pd.Index(["plot"], dtype="str"),
    )  # fmt: skip
    layers = cases.layer_set(streets=cases.street_grid(), buildings=cases.town(homes=80))
    candidates = site_candidates(layers, given=given)
    plan = charging_plan(
        candidates,
        legal_equipment(candidates, layers, read_setbacks()),
        layers,
        assumptions=ChargingAssumptions.from_mapping(_SMALL),
        requests=ChargingRequests(fixed=("given-plot",)),
    )
    assert plan.sites.loc["given-plot", "pv_canopy_kwp"] == pytest.approx(600.0 * 0.2)
