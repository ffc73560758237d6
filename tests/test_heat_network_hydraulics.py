"""Pumps, relay stations and pressures against hand calculations, and what no accepted design may show."""

import numpy as np
import pytest
from heat_trees import line, random_tree
from hypothesis import given, settings
from hypothesis import strategies as st

from heat_network.friction import vapour_pressure_kpa
from heat_network.hydraulics import main_friction, required_kpa
from heat_network.sizing import size_network
from heat_network.sizing_assumptions import SizingAssumptions
from layers.errors import InfeasibleError

_PLAIN = SizingAssumptions()
_METRE = _PLAIN.water.pascal_per_m / 1e3


def test_pump_head_by_hand():
    nodes, pipes = line([800.0, 700.0], [3000.0, 2000.0], elevations_m=[100.0, 90.0, 110.0])
    sized = size_network(nodes, pipes, assumptions=_PLAIN)
    drops = sized.pipes["drop_kpa"]
    assert drops.tolist() == pytest.approx(
        (sized.pipes["friction_pa_m"] * 1.3 * sized.pipes["length_m"] / 1e3).tolist()
    )
    plant = sized.plants.iloc[0]
    assert plant["pump_head_m"] == pytest.approx((150.0 + 100.0 + 2.0 * drops.sum()) / _METRE)
    assert plant["pump_kw"] == pytest.approx(
        plant["flow_kg_s"] * 9.80665 * plant["pump_head_m"] / 1e3 / 0.75
    )
    # standing water covers the highest node, 110 m, and does not boil at 120 °C
    boils = vapour_pressure_kpa(120.0) - 101.325
    assert plant["static_head_m"] == pytest.approx(110.0 + (boils + 50.0) / _METRE)
    last = sized.nodes.loc["c2"]
    assert last["available_kpa"] == pytest.approx(100.0)
    assert last["critical"]
    first = sized.nodes.loc["c1"]
    assert first["available_kpa"] == pytest.approx(100.0 + 2.0 * drops.iloc[1])
    assert first["return_kpa"] == pytest.approx(
        (plant["static_head_m"] - 90.0) * _METRE + drops.iloc[0]
    )
    assert plant["critical_node"] == "c2"
    assert plant["binding"] == ""


def test_cold_networks_need_only_the_least_pressure():
    assert required_kpa(SizingAssumptions(supply_c=60.0, return_c=35.0)) == 50.0
    assert required_kpa(_PLAIN) == pytest.approx(198.0 - 101.3 + 50.0, abs=1.0)


def test_mains_friction_by_hand():
    budget = 130.0 * _METRE * 1e3 - 250e3
    assert main_friction(8000.0, _PLAIN) == pytest.approx(budget / (2 * 8000.0 * 1.3))
    assert main_friction(1000.0, _PLAIN) == 70.0
    assert main_friction(1e5, _PLAIN) == 30.0


def test_a_long_trunk_gets_relay_stations():
    nodes, pipes = line([9000.0, 24000.0, 24000.0], [0.0, 100.0, 200000.0])
    sized = size_network(nodes, pipes, assumptions=_PLAIN)
    plant = sized.plants.iloc[0]
    assert sized.status == "accepted"
    assert "pump head binds at pipe pipe 3" in plant["binding"]
    assert plant["pump_head_m"] <= 130.0 + 1e-9
    assert plant["relays"] >= 2
    # all head that is spent is put in by the source and the relays
    spent = (100.0 + 2.0 * sized.pipes["drop_kpa"].sum() + 150.0) / _METRE
    assert plant["pump_head_m"] + sized.pipes["relay_head_m"].sum() == pytest.approx(spent)
    assert (sized.pipes["relay_head_m"] <= sized.pipes["relays"].astype(float) * 80.0 + 1e-9).all()
    assert plant["relay_kw"] == pytest.approx(sized.pipes["pump_kw"].sum())
    _within_limits(sized, _PLAIN)


def test_relay_stations_that_are_not_allowed_make_it_infeasible():
    nodes, pipes = line([9000.0, 28000.0], [0.0, 200000.0])
    a = SizingAssumptions(relays_limit=0)
    with pytest.raises(InfeasibleError, match="too little to pass pipe pipe 2"):
        size_network(nodes, pipes, assumptions=a)
    told = size_network(nodes, pipes, assumptions=a, on_infeasible="report")
    assert told.status == "infeasible"
    assert "pipe 2" in told.binding


def test_an_infeasible_pressure_limit_names_the_pipe():
    # the plant lies 165 m below the consumer: with 15 m against boiling the standing water alone presses 1.7 MPa
    nodes, pipes = line([2000.0, 500.0], [0.0, 3000.0], elevations_m=[20.0, 15.0, 185.0])
    with pytest.raises(InfeasibleError, match=r"standing water alone .* pipe pipe 1 "):
        size_network(nodes, pipes, assumptions=_PLAIN)
    assert (
        size_network(nodes, pipes, assumptions=SizingAssumptions(pressure_limit_kpa=2500.0)).status
        == "accepted"
    )


def test_the_pressure_class_limits_the_pump_before_its_own_head_does():
    nodes, pipes = line([9000.0, 9000.0], [0.0, 20000.0], elevations_m=[0.0, 0.0, 80.0])
    sized = size_network(nodes, pipes, assumptions=_PLAIN, on_infeasible="report")
    assert "pressure class binds" in sized.binding
    assert sized.status == "accepted"
    assert sized.plants["relays"].iloc[0] >= 1
    _within_limits(sized, _PLAIN)


def _within_limits(sized, assumptions):
    nodes = sized.nodes
    assert (nodes["return_kpa"] >= assumptions.minimum_pressure_kpa - 1e-6).all()
    assert (nodes["supply_kpa"] >= nodes["return_kpa"] - 1e-6).all()
    assert (nodes["supply_kpa"] <= assumptions.pressure_limit_kpa + 1e-6).all()
    taking = nodes["kind"] == "consumer"
    assert (nodes.loc[taking, "available_kpa"] >= assumptions.substation_kpa - 1e-6).all()
    boils = vapour_pressure_kpa(assumptions.supply_c) - 101.325
    assert (nodes["supply_kpa"] > boils).all()


@settings(max_examples=15, deadline=None)
@given(
    st.integers(2, 40),
    st.integers(0, 10**6),
    st.sampled_from([50.0, 600.0, 4000.0]),
    st.sampled_from([2.0, 20.0, 60.0]),
)
def test_no_accepted_design_breaks_a_pressure_limit(count, seed, step, relief):
    nodes, pipes = random_tree(count, seed, peak_kw=3000.0, step_m=step, relief_m=relief)
    sized = size_network(nodes, pipes, assumptions=_PLAIN, on_infeasible="report")
    if sized.status == "accepted":
        _within_limits(sized, _PLAIN)
        assert np.isfinite(sized.nodes["available_kpa"]).all()
    else:
        assert any(name in sized.binding for name in pipes.index)
