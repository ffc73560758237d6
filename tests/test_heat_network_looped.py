"""EPANET against the solution of trees, a ring solved by hand, and a burst."""

import sys

import numpy as np
import pandas as pd
import pytest
from heat_trees import line, random_tree

from heat_network.looped import solve_looped
from heat_network.sizing import size_network
from heat_network.sizing_assumptions import SizingAssumptions
from layers.errors import InfeasibleError, LayerError, ZiboGeoError

_EVEN = SizingAssumptions(diversity_share=1.0)


@pytest.fixture
def _epanet():
    pytest.importorskip("wntr", reason="the extra 'networks' (wntr) is not installed")


@pytest.mark.usefixtures("_epanet")
def test_epanet_agrees_with_the_tree():
    nodes, pipes = random_tree(60, 11, peak_kw=400.0, step_m=120.0)
    sized = size_network(nodes, pipes, assumptions=_EVEN)
    # the tree's own flows carry a little more for the losses; take them out so that both solve the same flows
    looped = solve_looped(sized.nodes, sized.pipes, assumptions=_EVEN)
    assert looped.status == "accepted"
    ratio = looped.pipes["flow_kg_s"] / sized.pipes["flow_kg_s"]
    assert ((ratio > 0.9) & (ratio < 1.0 + 1e-6)).all()
    drop = looped.pipes["drop_kpa"] / ratio**2
    assert (drop / sized.pipes["drop_kpa"]).to_numpy() == pytest.approx(np.ones(59), abs=0.04)
    assert drop.sum() == pytest.approx(sized.pipes["drop_kpa"].sum(), rel=0.01)


def _ring():
    """A plant, and two equal ways of two pipes to one consumer; the second way is a link."""
    nodes, pipes = line([300.0, 300.0], [0.0, 4000.0])
    nodes.loc["other"] = ["consumer", 1000.0, 0.0]
    pipes.loc["way back"] = ["plant", "other", 300.0]
    pipes = pipes.assign(source_id="plant", peak_kw=[4000.0, 4000.0, 1000.0])
    pipes.loc["link"] = ["other", "c2", 300.0, None, 0.0]
    return nodes, pipes.rename_axis("pipe_id")


@pytest.mark.usefixtures("_epanet")
def test_a_ring_by_hand():
    nodes, pipes = _ring()
    sized = size_network(nodes, pipes, assumptions=_EVEN)
    alike = sized.pipes.assign(dn_mm=pd.array([200] * 4, dtype="Int64"), pairs=1)
    solved = solve_looped(
        sized.nodes.assign(peak_kw=[0.0, 0.0, 4000.0, 0.0]), alike, assumptions=_EVEN
    )
    flow = solved.pipes["flow_kg_s"]
    whole = 4000.0 / (60.0 * _EVEN.water.heat_kj_kg_k)
    # two like ways share the flow in halves
    assert flow.to_numpy() == pytest.approx(np.full(4, whole / 2.0), rel=1e-4)
    assert solved.pipes["drop_kpa"].to_numpy() == pytest.approx(
        np.full(4, solved.pipes["drop_kpa"].iloc[0]), rel=1e-3
    )
    # one way of half the length behind the same bore takes √2 of the other's flow, but for the friction factor
    shorter = alike.assign(length_m=[150.0, 150.0, 300.0, 300.0])
    solved = solve_looped(
        sized.nodes.assign(peak_kw=[0.0, 0.0, 4000.0, 0.0]), shorter, assumptions=_EVEN
    )
    share = solved.pipes["flow_kg_s"]
    assert share["pipe 1"] / share["link"] == pytest.approx(np.sqrt(2.0), rel=0.01)
    assert share["pipe 1"] + share["way back"] == pytest.approx(whole, rel=1e-5)


@pytest.mark.usefixtures("_epanet")
def test_a_burst_is_carried_by_the_link_or_named():
    nodes, pipes = _ring()
    sized = size_network(nodes, pipes, assumptions=_EVEN)
    burst = solve_looped(sized.nodes, sized.pipes, assumptions=_EVEN, closed=("pipe 1",))
    assert burst.pipes.loc["link", "flow_kg_s"] == pytest.approx(
        4000.0 / (60.0 * _EVEN.water.heat_kj_kg_k), rel=1e-5
    )
    assert burst.status == "infeasible"
    assert "c2" in burst.binding
    with pytest.raises(InfeasibleError, match="1 consumers are cut off"):
        solve_looped(sized.nodes, sized.pipes, assumptions=_EVEN, closed=("pipe 2", "link"))
    with pytest.raises(LayerError, match="no pipe 'nothing'"):
        solve_looped(sized.nodes, sized.pipes, assumptions=_EVEN, closed=("nothing",))


@pytest.mark.usefixtures("_epanet")
def test_two_sources_share_what_is_stated():
    nodes, pipes = line([500.0], [5000.0])
    other, more = line([300.0], [2000.0])
    other.index, more.index = ["works", "d1"], ["other 1"]
    more[["u", "v"]] = [["works", "d1"]]
    nodes = pd.concat([nodes, other]).rename_axis("node_id")
    pipes = pd.concat([pipes.assign(source_id="A"), more.assign(source_id="B")])
    pipes["peak_kw"] = [5000.0, 2000.0]
    pipes.loc["link"] = ["c1", "d1", 200.0, None, 0.0]
    sized = size_network(nodes, pipes.rename_axis("pipe_id"), assumptions=_EVEN)
    each = 1.0 / (60.0 * _EVEN.water.heat_kj_kg_k)
    own = solve_looped(sized.nodes, sized.pipes, assumptions=_EVEN, lead="plant")
    assert own.pipes.loc["link", "flow_kg_s"] == pytest.approx(0.0, abs=1e-3)
    alone = solve_looped(
        sized.nodes, sized.pipes, assumptions=_EVEN, lead="plant", shares={"works": 0.0}
    )
    assert alone.pipes.loc["link", "flow_kg_s"] == pytest.approx(2000.0 * each, rel=1e-5)
    assert alone.pipes["flow_kg_s"]["other 1"] == pytest.approx(0.0, abs=1e-3)
    with pytest.raises(LayerError, match=r"sum to 1\.5"):
        solve_looped(sized.nodes, sized.pipes, assumptions=_EVEN, shares={"works": 1.5})


def test_without_the_library_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "wntr", None)
    nodes, pipes = _ring()
    sized = size_network(nodes, pipes, assumptions=_EVEN)
    with pytest.raises(ZiboGeoError, match="install the extra"):
        solve_looped(sized.nodes, sized.pipes, assumptions=_EVEN)
