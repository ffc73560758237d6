"""Hydrogen: trips that never run dry, a balance of kilograms, supply by brute force, and sentences."""

import numpy as np
import pytest
import siting_cases as cases

from layers.errors import InfeasibleError, LayerError
from siting.candidates import site_candidates
from siting.hydrogen import HydrogenPlan, hydrogen_plan
from siting.hydrogen_assumptions import HydrogenAssumptions
from siting.hydrogen_supply import annuity, supply_stations
from siting.legality import legal_equipment
from siting.setbacks import read_setbacks


def _plan(*, sources: int = 1, yards: int = 3, **changed: object) -> HydrogenPlan:
    places = [(1000, 1200), (18_000, 1200), (9000, 17_200)][:yards]
    plant = {"kind": "chemical", "status": "operating", "county": "370301", "source": "test",
             "geometry": cases.at(5000, 5000)}  # fmt: skip
    layers = cases.layer_set(
        streets=cases.street_grid(),
        stations=cases.stations([(x + 28.0, y + 28.0) for x in range(2000, 19_000, 4000) for y in (1000, 9000, 17_000)]),
        constraints=[cases.constraint("logistics", cases.box(x, y, 400, 400)) for x, y in places],
        heat_sources=[plant] * sources,
    )  # fmt: skip
    candidates = site_candidates(layers)
    legal = legal_equipment(candidates, layers, read_setbacks())
    given = HydrogenAssumptions.from_mapping({"stations": 2, **changed})
    return hydrogen_plan(candidates, legal, layers, assumptions=given)


@pytest.fixture(scope="module")
def plan() -> HydrogenPlan:
    return _plan()


def test_kilograms_balance_from_source_to_trip(plan: HydrogenPlan) -> None:
    served = plan.flows[plan.flows["reason"] == ""]
    sold = float(plan.sites["sold_kg_d"].sum())
    assert served["trips_d"].sum() == pytest.approx(plan.choice.objective)
    assert (served["demand_kg_d"] - served["unserved_kg_d"]).sum() == pytest.approx(sold)
    assert plan.sources["sent_kg_d"].sum() == pytest.approx(sold)
    assert (plan.sources["sent_kg_d"] <= plan.sources["kg_d"] + 1e-6).all()
    assert (plan.sites["sold_kg_d"] <= plan.sites["capacity_kg_d"] + 1e-6).all()
    assert sold > 0.0


def test_trips_add_up_and_kilograms_follow_the_road(plan: HydrogenPlan) -> None:
    assert plan.flows["trips_d"].sum() == pytest.approx(500.0)
    by_hand = plan.flows["trips_d"] * plan.flows["trip_km"] * 0.105
    assert plan.flows["demand_kg_d"].to_numpy() == pytest.approx(by_hand.to_numpy())
    assert (
        plan.flows["trip_km"].between(2 * 16.0, 2 * 40.0).all()
    )  # yards are 17 to 25 km apart on a grid


def test_the_cost_at_the_pump_is_source_haul_and_modules(plan: HydrogenPlan) -> None:
    row = plan.sites[plan.sites["sold_kg_d"] > 0.0].iloc[0]
    invest = (13.5 * row["modules_500"] + 21.5 * row["modules_1000"]) * 1e6
    yearly = invest * (0.06 / (1 - 1.06**-15) + 0.06)
    haul = 2 * row["haul_km"] * 8.0 / 325.0
    assert row["lcoh_cny_kg"] == pytest.approx(15.0 + haul + yearly / 365.0 / row["sold_kg_d"])
    assert row["trailers_d"] == pytest.approx(row["sold_kg_d"] / 325.0)


def test_more_stations_never_refuel_fewer_trips(plan: HydrogenPlan) -> None:
    one = _plan(stations=1)
    assert one.choice.status == plan.choice.status == "proven"
    assert one.choice.objective <= plan.choice.objective + 1e-9


def test_a_short_range_leaves_trips_with_their_reason() -> None:
    found = _plan(range_km=12.0)
    assert (found.flows["reason"] != "").any()
    assert found.choice.objective < 500.0


@pytest.mark.parametrize(
    ("demand", "modules"), [(300.0, [1, 0]), (900.0, [0, 1]), (1400.0, [1, 1])]
)
def test_modules_are_the_cheapest_that_hold_the_sales(demand: float, modules: list[int]) -> None:
    found = supply_stations(
        np.array([demand]), ((0,),), np.array([[10.0]]), source_kg_d=np.array([5000.0]),
        capacity_kg_d=np.array([4000.0]), given=HydrogenAssumptions(), time_limit_s=10.0,
    )  # fmt: skip
    assert found.modules.tolist() == [modules]
    assert found.unserved_kg_d.tolist() == pytest.approx([0.0])


def test_storage_source_and_haul_limit_what_is_sold() -> None:
    def unserved(*, source: float = 5000.0, capacity: float = 4000.0, km: float = 10.0) -> float:
        found = supply_stations(
            np.array([1000.0]), ((0,),), np.array([[km]]), source_kg_d=np.array([source]),
            capacity_kg_d=np.array([capacity]), given=HydrogenAssumptions(), time_limit_s=10.0,
        )  # fmt: skip
        return float(found.unserved_kg_d.sum())

    assert unserved() == pytest.approx(0.0)
    assert unserved(source=400.0) == pytest.approx(600.0)
    assert unserved(capacity=700.0) == pytest.approx(300.0)
    assert unserved(km=201.0) == pytest.approx(1000.0)


def test_the_nearer_source_supplies_first() -> None:
    found = supply_stations(
        np.array([900.0]), ((0,),), np.array([[50.0], [5.0]]), source_kg_d=np.array([900.0, 600.0]),
        capacity_kg_d=np.array([4000.0]), given=HydrogenAssumptions(), time_limit_s=10.0,
    )  # fmt: skip
    assert found.hauled_kg_d.ravel().tolist() == pytest.approx([300.0, 600.0])


def test_annuity_pays_back_with_interest() -> None:
    pay = annuity(0.06, 15)
    assert sum(pay / 1.06**year for year in range(1, 16)) == pytest.approx(1.0)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(InfeasibleError, match="no by-product hydrogen"):
        _plan(sources=0)
    with pytest.raises(
        InfeasibleError, match=r"900 hydrogen stations are asked for and \d+ candidates .* short"
    ):
        _plan(stations=900)
    with pytest.raises(LayerError, match="two places to drive between and the layers hold 1"):
        _plan(yards=1)
