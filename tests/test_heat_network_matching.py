"""Matching: programmes solvable by hand, balances, grades, storage, marginal values, compromises."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heat_network.demand import demand_hours, heat_demand
from heat_network.demand_assumptions import HeatDemandAssumptions
from heat_network.matching import Matching, match, pareto, zone_matrix
from heat_network.matching_assumptions import HeatMatchingAssumptions
from heat_network.matching_frames import balance_residual
from heat_network.supply import availability_hours, heat_supply, heat_zones
from heat_network.supply_assumptions import HeatSupplyAssumptions
from layers.demo import embedded_zibo
from layers.errors import AssumptionError, InfeasibleError, LayerError

_FREE = dict.fromkeys(("exchanger", "heat_pump", "connection", "boiler", "storage"), 0.0)


def _assumptions(**values: object) -> HeatMatchingAssumptions:
    """No plant costs, no losses and no storage unless a test asks for them."""
    plain = {
        "capital": _FREE,
        "distribution_loss": 0.0,
        "storage_limit_h": 0.0,
        "transport_loss": 0.0,
    }
    return HeatMatchingAssumptions.from_mapping({**plain, **values})


def _supply(*rows: dict[str, object]) -> pd.DataFrame:
    usual = {
        "usable": True, "heat_mw": 10.0, "direct_mw": 10.0, "direct_reach": 1.0, "heat_pump_mw": 0.0,
        "heat_pump_reach": 0.0, "cop": np.nan, "availability": 1.0, "cost_cny_gj": 25.0, "co2_kg_gj": 0.0,
    }  # fmt: skip
    frame = pd.DataFrame([{**usual, "heat_mw": row.get("direct_mw", 10.0), **row} for row in rows])
    frame.index = pd.Index([f"s{i}" for i in range(len(rows))], name="source_id")
    return frame


def _hours(*clusters: list[float]) -> pd.DataFrame:
    index = pd.date_range(
        "2023-01-01", periods=len(clusters[0]), freq="h", tz="Asia/Shanghai", name="time"
    )
    return pd.DataFrame({f"c{i}": values for i, values in enumerate(clusters)}, index=index)


def _coal(**more: object) -> dict[str, object]:
    return {"cost_cny_gj": 10.0, "co2_kg_gj": 110.0, **more}


def test_merit_order_by_hand() -> None:
    supply = _supply(
        {"heat_mw": 10.0, "direct_mw": 6.0, "cost_cny_gj": 20.0},
        {"heat_mw": 10.0, "direct_mw": 3.0, "cost_cny_gj": 40.0},
    )
    found = match(supply, _hours([5.0, 8.0, 12.0]), assumptions=_assumptions())
    assert found.hours["direct_mw"].tolist() == pytest.approx([5.0, 8.0, 9.0])
    assert found.hours["boiler_mw"].tolist() == pytest.approx([0.0, 0.0, 3.0])
    cheap, dear, gas = (5 + 6 + 6) * 3.6, (0 + 2 + 3) * 3.6, 3 * 3.6
    assert found.cost_cny == pytest.approx(cheap * 20 + dear * 40 + gas * 100)
    assert found.co2_kg == pytest.approx(gas * 61)
    assert found.sources["direct_gj"].tolist() == pytest.approx([cheap, dear])
    assert found.hours["price_cny_gj"].tolist() == pytest.approx([20.0, 40.0, 100.0])
    assert found.status == "optimal"
    # One more MW of plant: 0.6 or 0.3 MW of it by exchanger, worth the dearer heat it replaces.
    assert found.sources["marginal_cny_mw"].tolist() == pytest.approx(
        [3.6 * 0.6 * (20 + 80), 3.6 * 0.3 * 60]
    )


def test_a_heat_pump_pays_for_its_electricity_by_hand() -> None:
    row = {
        "direct_mw": 0.0,
        "heat_pump_mw": 12.0,
        "heat_pump_reach": 1.0,
        "cop": 4.0,
        "heat_mw": 9.0,
    }
    found = match(_supply(row), _hours([8.0]), assumptions=_assumptions(electricity_cny_kwh=0.5))
    used = found.sources.iloc[0]
    assert used["electricity_kwh"] == pytest.approx(2000.0)
    assert used["used_share"] == pytest.approx(6.0 / 9.0)
    assert found.cost_cny == pytest.approx(6.0 * 3.6 * 25 + 2000 * 0.5)
    assert found.costs["cny"]["electricity"] == pytest.approx(1000.0)
    assert found.co2_kg == pytest.approx(2000 * 0.6191)


def test_a_heat_pump_gives_no_more_than_its_installed_power() -> None:
    capital = {**_FREE, "heat_pump": 2e6}
    row = {
        "direct_mw": 0.0,
        "heat_pump_mw": 12.0,
        "heat_pump_reach": 1.0,
        "cop": 4.0,
        "heat_mw": 9.0,
    }
    peaky = _hours([3.0] * 400 + [12.0])
    found = match(
        _supply(row), peaky, assumptions=_assumptions(capital=capital, boiler_cny_gj=300.0)
    )
    assert found.sources["heat_pump_mw"].iloc[0] == pytest.approx(3.0)
    assert found.hours["heat_pump_mw"].max() == pytest.approx(3.0)
    assert found.hours["boiler_mw"].iloc[-1] == pytest.approx(9.0)


def test_sizes_are_paid_for_the_year() -> None:
    assumptions = _assumptions(capital={**_FREE, "exchanger": 1e6}, interest=0.0)
    found = match(_supply(_coal()), _hours([4.0] * 9000), assumptions=assumptions)
    assert found.costs["cny"]["exchangers"] == pytest.approx(4.0 * 1e6 * (1 / 20 + 0.02))
    assert found.sources["capital_cny"].iloc[0] == pytest.approx(found.costs["cny"]["exchangers"])


def test_grades_in_series_by_hand() -> None:
    # Cold heat reaches a quarter of the rise, so it is a quarter of all heat put in; 30 MW are not used.
    supply = _supply({"direct_mw": 30.0, "heat_mw": 30.0, "direct_reach": 0.25, "cost_cny_gj": 1.0},
                     {"direct_mw": 90.0, "cost_cny_gj": 50.0})  # fmt: skip
    found = match(supply, _hours([40.0]), assumptions=_assumptions())
    assert (found.sources["direct_gj"] / 3.6).tolist() == pytest.approx([10.0, 30.0])


def test_two_grades_share_the_lower_interval() -> None:
    supply = _supply({"direct_mw": 40.0, "direct_reach": 0.25, "cost_cny_gj": 1.0},
                     {"direct_mw": 40.0, "direct_reach": 0.5, "cost_cny_gj": 2.0},
                     {"direct_mw": 40.0, "cost_cny_gj": 50.0})  # fmt: skip
    found = match(supply, _hours([40.0]), assumptions=_assumptions())
    assert (found.sources["direct_gj"] / 3.6).tolist() == pytest.approx([10.0, 10.0, 20.0])


def test_a_source_that_only_preheats_heats_nobody_alone() -> None:
    supply = _supply({"direct_mw": 40.0, "direct_reach": 0.5})
    found = match(supply, _hours([10.0]), assumptions=_assumptions(boiler_limit=0.0))
    assert found.unmet_gj == pytest.approx(36.0)


def test_losses_by_hand() -> None:
    distance = pd.DataFrame({"c0": [10.0]}, index=["s0"])
    found = match(_supply({"direct_mw": 50.0}), _hours([9.0]), distance_km=distance,
                  assumptions=_assumptions(distribution_loss=0.1, transport_loss=0.002))  # fmt: skip
    sent = 9.0 / 0.9 / 0.998**10
    assert found.hours["direct_mw"].iloc[0] == pytest.approx(sent)
    assert found.hours["distribution_loss_mw"].iloc[0] == pytest.approx(1.0)
    assert found.hours["transport_loss_mw"].iloc[0] == pytest.approx(sent - 10.0)
    assert found.links["distance_km"].tolist() == [10.0]


def test_pipes_are_paid_by_the_kilometre_and_end_at_the_reach() -> None:
    distance = pd.DataFrame({"c0": [10.0, 25.0]}, index=["s0", "s1"])
    assumptions = _assumptions(capital={**_FREE, "connection": 1e5}, interest=0.0)
    supply = _supply({"cost_cny_gj": 90.0}, {"cost_cny_gj": 1.0})
    found = match(supply, _hours([5.0] * 4000), distance_km=distance, assumptions=assumptions)
    assert found.costs["cny"]["connections"] == pytest.approx(5.0 * 10 * 1e5 * (1 / 30 + 0.01))
    assert found.links["source_id"].tolist() == ["s0"]


def test_unmet_demand_is_priced_and_reported() -> None:
    found = match(
        _supply({"direct_mw": 4.0}),
        _hours([3.0, 6.0, 5.0]),
        assumptions=_assumptions(boiler_limit=0.0),
    )
    cluster = found.clusters.loc["c0"]
    assert found.unmet_gj == pytest.approx(3.0 * 3.6)
    assert cluster["unmet_peak_mw"] == pytest.approx(2.0)
    assert cluster["unmet_h"] == 2
    assert found.status == "optimal, with unmet demand"
    assert found.costs["cny"]["unmet"] == pytest.approx(3.0 * 3.6 * 20000.0)
    assert found.cost_cny == pytest.approx(11.0 * 3.6 * 25.0)


def test_one_source_is_not_sold_twice() -> None:
    found = match(_supply({"direct_mw": 10.0}), _hours([8.0], [8.0]), assumptions=_assumptions())
    assert found.hours["direct_mw"].sum() == pytest.approx(10.0)
    assert found.hours["boiler_mw"].sum() == pytest.approx(6.0)
    assert found.sources["marginal_cny_mw"].iloc[0] == pytest.approx(75 * 3.6)


def test_only_allowed_pairs_are_used() -> None:
    allowed = zone_matrix(pd.Series({"s0": "c0", "s1": "c1"}), pd.Index(["c0", "c1"]))
    supply = _supply({"direct_mw": 20.0}, {"direct_mw": 1.0})
    found = match(supply, _hours([5.0], [5.0]), allowed=allowed, assumptions=_assumptions())
    assert sorted(found.links.index) == ["s0>c0", "s1>c1"]
    assert found.clusters["boiler_gj"].tolist() == pytest.approx([0.0, 4.0 * 3.6])


def test_a_storage_is_a_ring_and_shifts_heat() -> None:
    demand = _hours([2.0] * 12 + [10.0] * 12)
    assumptions = _assumptions(
        storage_limit_h=24.0, storage_loss=0.001, capital={**_FREE, "storage": 1.0}
    )
    found = match(_supply({"direct_mw": 7.0}), demand, assumptions=assumptions)
    level = found.hours["storage_mwh"].to_numpy()
    charge = found.hours["charge_mw"].to_numpy()
    assert found.hours["boiler_mw"].max() == pytest.approx(0.0, abs=1e-9)
    assert level == pytest.approx(np.roll(level, 1) * 0.999 + charge, abs=1e-7)
    assert level.max() <= found.clusters["storage_mwh"].iloc[0] + 1e-7
    assert np.abs(charge).max() <= found.clusters["storage_mwh"].iloc[0] / 6.0 + 1e-7
    assert found.clusters["storage_loss_gj"].iloc[0] > 0.0
    assert found.balance < 1e-6


def test_no_heat_survives_the_summer_in_a_storage() -> None:
    index = pd.DatetimeIndex(
        [
            *pd.date_range("2023-03-15 12:00", periods=12, freq="h"),
            *pd.date_range("2023-11-15", periods=12, freq="h"),
        ]
    ).tz_localize("Asia/Shanghai")
    demand = pd.DataFrame(
        {"c0": [1.0] * 12 + [9.0] * 12}, index=pd.DatetimeIndex(index, name="time")
    )
    assumptions = _assumptions(storage_limit_h=24.0, storage_loss=0.01)
    found = match(_supply({"direct_mw": 6.0}), demand, assumptions=assumptions)
    # Spring surplus cannot serve autumn; autumn's own hours are all short.
    assert found.clusters["boiler_gj"].iloc[0] == pytest.approx(3.0 * 12 * 3.6, rel=1e-6)


_case = st.builds(
    lambda mw, reach, cost, demand, loss: (mw, reach, cost, demand, loss),
    st.lists(st.floats(0.5, 20.0), min_size=3, max_size=3),
    st.lists(st.sampled_from([0.3, 0.6, 1.0]), min_size=3, max_size=3),
    st.lists(st.floats(1.0, 150.0), min_size=3, max_size=3),
    st.lists(st.floats(0.0, 40.0), min_size=6, max_size=6),
    st.floats(0.0, 0.2),
)


def _drawn(
    case: tuple[list[float], list[float], list[float], list[float], float], more: float = 0.0
) -> Matching:
    mw, reach, cost, demand, loss = case
    rows = [
        {
            "direct_mw": m + more * (i == 0),
            "heat_mw": m + more * (i == 0),
            "direct_reach": r,
            "cost_cny_gj": c,
        }
        for i, (m, r, c) in enumerate(zip(mw, reach, cost, strict=True))
    ]
    assumptions = HeatMatchingAssumptions.from_mapping(
        {"distribution_loss": loss, "storage_limit_h": 4.0, "boiler_limit": 0.5}
    )
    return match(_supply(*rows), _hours(demand, demand[::-1]), assumptions=assumptions)


@settings(max_examples=12, deadline=None)
@given(_case)
def test_heat_balances_and_more_heat_never_costs_more(
    case: tuple[list[float], list[float], list[float], list[float], float],
) -> None:
    found, richer = _drawn(case), _drawn(case, more=1.0)
    assert found.balance < 1e-6
    total, less = found.costs["cny"].sum(), richer.costs["cny"].sum()
    assert less <= total * (1.0 + 1e-7) + 1e-3
    # Concave in the power: one more MW saves at most what the first of it would.
    assert (
        total - less <= found.sources["marginal_cny_mw"].iloc[0] * (1.0 + 1e-6) + total * 1e-6 + 1.0
    )
    lost = found.clusters
    heat_in = found.hours[["direct_mw", "heat_pump_mw", "boiler_mw"]].to_numpy().sum() * 3.6
    out = (lost["demand_gj"] - lost["unmet_gj"]).sum()
    losses = lost[["transport_loss_gj", "distribution_loss_gj", "storage_loss_gj"]].to_numpy().sum()
    assert heat_in == pytest.approx(out + losses, rel=1e-6, abs=1e-3)


def test_the_balance_would_show_a_leak() -> None:
    found = match(_supply({"direct_mw": 9.0}), _hours([5.0, 6.0]), assumptions=_assumptions())
    leaky = found.hours.assign(direct_mw=found.hours["direct_mw"] * 1.001)
    assert balance_residual(leaky) == pytest.approx(0.001, rel=0.01)


@pytest.mark.parametrize("source", [0, 1, 2])
def test_marginal_values_agree_with_finite_differences(source: int) -> None:
    rng = np.random.default_rng(4)
    demand = _hours((10 + 8 * rng.random(60)).tolist(), (5 + 4 * rng.random(60)).tolist())
    rows = [
        {
            "direct_mw": 6.0,
            "heat_mw": 9.0,
            "heat_pump_mw": 4.0,
            "heat_pump_reach": 0.5,
            "cop": 4.0,
            "availability": 0.9,
        },
        {"direct_mw": 4.0, "heat_mw": 4.0, "direct_reach": 0.4, "cost_cny_gj": 5.0},
        _coal(direct_mw=3.0, heat_mw=3.0),
    ]
    # The plant of a whole year is paid by 60 hours.
    capital = {name: value / 146 for name, value in HeatMatchingAssumptions().capital.items()}
    allowed = pd.DataFrame({"c0": [1, 1, 0], "c1": [1, 0, 1]}, index=["s0", "s1", "s2"]).astype(
        bool
    )

    def solved(step: float) -> Matching:
        grown = [dict(row) for row in rows]
        scale = 1.0 + step / float(rows[source]["heat_mw"])  # type: ignore[arg-type]
        for name in ("heat_mw", "direct_mw", "heat_pump_mw"):
            grown[source][name] = float(grown[source].get(name, 0.0)) * scale  # type: ignore[arg-type]
        return match(
            _supply(*grown),
            demand,
            allowed=allowed,
            assumptions=_assumptions(capital=capital, storage_limit_h=6.0),
        )

    step = 1e-4
    saved = (solved(-step).costs["cny"].sum() - solved(step).costs["cny"].sum()) / (2 * step)
    marginal = solved(0.0).sources["marginal_cny_mw"].iloc[source]
    assert marginal > 0.0
    assert marginal == pytest.approx(saved, rel=1e-3)


def test_least_co2_takes_the_clean_source_and_freezes_nobody() -> None:
    supply = _supply(_coal(direct_mw=20.0), {"direct_mw": 4.0, "cost_cny_gj": 90.0})
    demand = _hours([3.0, 6.0, 9.0])
    cheap, clean = (
        match(supply, demand, objective=o, assumptions=_assumptions()) for o in ("cost", "co2")
    )  # type: ignore[arg-type]
    assert clean.co2_kg < cheap.co2_kg
    assert clean.cost_cny > cheap.cost_cny
    assert clean.unmet_gj == cheap.unmet_gj == 0.0
    assert clean.co2_kg == pytest.approx((2 + 5) * 3.6 * 61, rel=1e-3)


def test_compromises_are_monotone_and_end_at_both_optima() -> None:
    supply = _supply(_coal(direct_mw=20.0), {"direct_mw": 4.0, "cost_cny_gj": 90.0})
    demand = _hours([3.0, 6.0, 9.0])
    curve = pareto(supply, demand, points=5, assumptions=_assumptions())
    assert (np.diff(curve["cost_cny"]) >= -1e-6).all()
    assert (np.diff(curve["co2_kg"]) <= 1e-6).all()
    cheap = match(supply, demand, assumptions=_assumptions())
    clean = match(supply, demand, objective="co2", assumptions=_assumptions())
    assert curve[["cost_cny", "co2_kg"]].iloc[0].tolist() == pytest.approx(
        [cheap.cost_cny, cheap.co2_kg]
    )
    assert curve[["cost_cny", "co2_kg"]].iloc[-1].tolist() == pytest.approx(
        [clean.cost_cny, clean.co2_kg], rel=1e-5
    )
    middle = match(
        supply, demand, co2_limit_kg=curve["co2_limit_kg"].iloc[2], assumptions=_assumptions()
    )
    assert middle.cost_cny == pytest.approx(curve["cost_cny"].iloc[2])
    assert middle.co2_kg <= curve["co2_limit_kg"].iloc[2] * (1 + 1e-6)


_SHORT = HeatMatchingAssumptions.from_mapping({"time_limit_s": 1e-3})


def test_bad_input_is_a_sentence() -> None:
    supply, demand, plain = _supply({}, {}), _hours([1.0, 2.0]), _assumptions()
    with pytest.raises(InfeasibleError, match="the least is"):
        match(_supply(_coal()), demand, co2_limit_kg=1.0, assumptions=plain)
    with pytest.raises(LayerError, match="objective is 'price'"):
        match(supply, demand, objective="price")  # type: ignore[arg-type]
    with pytest.raises(LayerError, match="allowed has no row for 's1'"):
        match(supply, demand, allowed=pd.DataFrame({"c0": [True]}, index=["s0"]))
    with pytest.raises(LayerError, match="negative power"):
        match(supply, -demand)
    with pytest.raises(LayerError, match="zone"):
        match(supply, demand.tz_localize(None))
    with pytest.raises(LayerError, match="lacks the column 'cop'"):
        match(supply.drop(columns="cop"), demand)
    with pytest.raises(LayerError, match="distance_km holds"):
        match(supply, demand, distance_km=pd.DataFrame({"c0": [1.0, np.nan]}, index=["s0", "s1"]))
    with pytest.raises(LayerError, match="availability lacks"):
        match(
            supply,
            demand,
            availability=pd.DataFrame({"s0": [1.0], "s1": [1.0]}, index=demand.index[:1]),
        )
    with pytest.raises(LayerError, match="usable without heat"):
        match(_supply({"heat_mw": 0.0}), demand)
    season = _hours(np.linspace(5.0, 40.0, 2000).tolist(), np.linspace(40.0, 5.0, 2000).tolist())
    with pytest.raises(InfeasibleError, match="raise time_limit_s"):
        match(_supply({}, {}), season, assumptions=_SHORT)
    with pytest.raises(LayerError, match="at least 2"):
        pareto(supply, demand, points=1)
    with pytest.raises(AssumptionError, match="unknown class"):
        HeatMatchingAssumptions.from_mapping({"capital": {"boilers": 1.0}})


def test_without_sources_the_boilers_heat() -> None:
    found = match(_supply({"usable": False}), _hours([1.0, 2.0]), assumptions=_assumptions())
    assert found.clusters["boiler_gj"].iloc[0] == pytest.approx(3.0 * 3.6)
    assert len(found.sources) == 0
    assert len(found.links) == 0


def test_zibo_s_plants_heat_their_own_zones() -> None:
    zibo = embedded_zibo("sample")
    of_demand, of_supply = HeatDemandAssumptions(), HeatSupplyAssumptions()
    demand = heat_demand(zibo.buildings, zibo.weather, of_demand)
    zone = heat_zones(demand["county"], of_supply)
    # Two cold days and, after the gap, two autumn ones.
    hours = demand_hours(demand, zibo.weather, of_demand, by=zone).iloc[
        [*range(48), *range(-48, 0)]
    ]
    supply = heat_supply(zibo.heat_sources, of_supply)
    allowed = zone_matrix(heat_zones(supply["county"], of_supply), hours.columns)
    found = match(supply, hours, allowed=allowed,
                  availability=availability_hours(supply, hours.index, of_supply))  # fmt: skip
    assert list(found.clusters.index) == ["middle", "north", "south", "yiyuan"]
    assert found.balance < 1e-6
    assert found.unmet_gj == 0.0
    counties = supply["county"].reindex(found.links["source_id"])
    assert (heat_zones(counties, of_supply).to_numpy() == found.links["cluster"].to_numpy()).all()
    assert found.clusters["demand_gj"].sum() == pytest.approx(hours.to_numpy().sum() * 3.6)
