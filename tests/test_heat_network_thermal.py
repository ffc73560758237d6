"""Heat losses and temperatures against hand calculations, and the balance of heat."""

import numpy as np
import pytest
from heat_trees import line, random_tree
from hypothesis import given, settings
from hypothesis import strategies as st

from heat_network.pipe_catalogue import read_pipe_catalogue
from heat_network.sizing import size_network
from heat_network.sizing_assumptions import SizingAssumptions
from heat_network.thermal import pair_loss
from layers.errors import InfeasibleError

_PLAIN = SizingAssumptions()


def _by_hand(assumptions):
    """DN200 in its jacket of 315 mm, term by term."""
    depth = assumptions.cover_m + 0.1575 + 0.0685 * assumptions.soil_w_m_k
    ground = np.log(4 * depth / 0.315) / (2 * np.pi * assumptions.soil_w_m_k)
    foam = np.log((0.315 - 0.0082) / 0.2191) / (2 * np.pi * assumptions.insulation_w_m_k)
    casing = np.log(0.315 / (0.315 - 0.0082)) / (2 * np.pi * 0.43)
    pair = np.log(1 + (2 * depth / (0.315 + assumptions.gap_m)) ** 2) / (
        4 * np.pi * assumptions.soil_w_m_k
    )
    return ground + foam + casing, pair


def test_loss_of_a_pair_by_hand():
    row = read_pipe_catalogue().loc[["DN200"]]
    loss = pair_loss(row, _PLAIN)
    own, pair = _by_hand(_PLAIN)
    lost = loss.supply_w_m_k[0] * 112.0 + loss.return_w_m_k[0] * 52.0
    # superposition: own T1 + pair T2 on both pipes gives the temperatures; the sum is that of two alike pipes at the mean
    q = np.linalg.solve([[own, pair], [pair, own]], [112.0, 52.0])
    assert loss.supply_w_m_k[0] * 112.0 == pytest.approx(q[0])
    assert loss.return_w_m_k[0] * 52.0 == pytest.approx(q[1])
    assert lost == pytest.approx(2.0 * 82.0 / (own + pair))
    # of the order that makers' tables give for DN200: 30-45 W/m for a pair at a mean excess of 82 K... per pipe 25-40
    assert 40.0 < lost < 80.0


def test_insulation_depth_and_soil_act_as_they_should():
    catalogue = read_pipe_catalogue()

    def lost(**changes):
        a = SizingAssumptions(**changes)
        loss = pair_loss(catalogue, a)
        return loss.supply_w_m_k * (a.supply_c - a.ground_c) + loss.return_w_m_k * (
            a.return_c - a.ground_c
        )

    plain = lost()
    assert (lost(insulation="reinforced")[1:] < plain[1:]).all()
    assert (lost(cover_m=2.0) < plain).all()
    assert (lost(soil_w_m_k=2.5) > plain).all()
    assert (np.diff(plain) > -1e-3 * plain[1:] - 5.0).all()
    assert (lost(insulation_w_m_k=0.027) < plain).all()


def test_a_return_colder_than_its_surroundings_never_gains_heat():
    loss = pair_loss(read_pipe_catalogue(), SizingAssumptions(supply_c=120.0, return_c=12.0))
    assert (loss.return_w_m_k >= 0.0).all()


def test_one_pipe_cools_exponentially():
    nodes, pipes = line([3000.0], [2000.0])
    sized = size_network(nodes, pipes, assumptions=_PLAIN)
    pipe = sized.pipes.iloc[0]
    size = read_pipe_catalogue().query("dn_mm == @pipe.dn_mm")
    loss = pair_loss(size, _PLAIN)
    cp = _PLAIN.water.heat_kj_kg_k
    out = 8.0 + 112.0 * np.exp(-loss.supply_w_m_k[0] / 1e3 * 3000.0 / (pipe["flow_kg_s"] * cp))
    assert pipe["supply_out_c"] == pytest.approx(out)
    assert pipe["return_in_c"] == pytest.approx(60.0)
    # the consumer still gets its peak at the temperature that arrives
    assert pipe["flow_kg_s"] * cp * (out - 60.0) == pytest.approx(2000.0, rel=1e-9)
    assert pipe["loss_gj"] == pytest.approx(pipe["loss_kw"] * 0.75 * 2880.0 * 0.0036)
    assert sized.nodes.loc["c1", "supply_c"] == pytest.approx(out)
    assert sized.plants["return_c"].iloc[0] == pytest.approx(pipe["return_out_c"])


@settings(max_examples=15, deadline=None)
@given(
    st.integers(2, 60),
    st.integers(0, 10**6),
    st.sampled_from([5.0, 100.0, 5000.0]),
    st.sampled_from([0.62, 1.0]),
)
def test_heat_balances_on_any_tree(count, seed, peak, share):
    nodes, pipes = random_tree(count, seed, peak_kw=peak)
    sized = size_network(
        nodes, pipes, assumptions=SizingAssumptions(diversity_share=share), on_infeasible="report"
    )
    plant = sized.plants.iloc[0]
    if sized.status == "accepted":
        assert abs(plant["balance"]) < 1e-8
    flows = sized.pipes
    runs = flows["flow_kg_s"] > 0
    assert (flows.loc[runs, "supply_out_c"] < flows.loc[runs, "supply_in_c"]).all()
    assert (flows.loc[runs, "return_out_c"] < flows.loc[runs, "return_in_c"]).all()
    assert (flows["loss_kw"] >= 0).all()
    assert plant["loss_kw"] == pytest.approx(flows["loss_kw"].sum())


def test_return_mixes_at_a_junction_by_hand():
    nodes, pipes = line([1000.0, 10.0], [0.0, 300.0])
    nodes.loc["far"] = ["consumer", 100.0, 0.0]
    pipes.loc["branch"] = ["c1", "far", 2000.0]
    sized = size_network(nodes, pipes, assumptions=SizingAssumptions(diversity_share=1.0))
    near, far, trunk = (sized.pipes.loc[key] for key in ("pipe 2", "branch", "pipe 1"))
    mixed = near["flow_kg_s"] * near["return_out_c"] + far["flow_kg_s"] * far["return_out_c"]
    assert trunk["return_in_c"] == pytest.approx(mixed / trunk["flow_kg_s"])
    assert trunk["flow_kg_s"] == pytest.approx(near["flow_kg_s"] + far["flow_kg_s"])
    assert far["supply_out_c"] < near["supply_out_c"]


def test_a_consumer_that_the_heat_does_not_reach_is_named():
    nodes, pipes = line([200.0, 40000.0], [5000.0, 0.3])
    with pytest.raises(InfeasibleError, match="end of pipe pipe 2, too cold"):
        size_network(nodes, pipes, assumptions=_PLAIN)
