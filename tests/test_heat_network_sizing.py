"""Sizes against hand calculations, and what must hold on any tree."""

import numpy as np
import pandas as pd
import pytest
from heat_trees import line, random_tree
from hypothesis import given, settings
from hypothesis import strategies as st

from heat_network.friction import friction_pa_m
from heat_network.pipe_catalogue import read_pipe_catalogue
from heat_network.pipe_tree import diversified_peaks, hang_pipes
from heat_network.sizing import size_network
from heat_network.sizing_assumptions import SizingAssumptions
from layers.errors import AssumptionError, InfeasibleError, LayerError

_PLAIN = SizingAssumptions()


def _steps(pipes):
    return pipes["dn_mm"].to_numpy(float) + 1e4 * pipes["pairs"].to_numpy(float)


def test_one_pipe_by_hand():
    nodes, pipes = line([100.0], [10000.0])
    sized = size_network(nodes, pipes, assumptions=_PLAIN)
    pipe = sized.pipes.iloc[0]
    # 10,000 kW / (4.206 kJ/kgK x 60 K) = 39.6 kg/s, a little more for what the pipe loses
    assert pipe["flow_kg_s"] == pytest.approx(10000.0 / (4.206 * 60.0), rel=1e-3)
    # DN200 would meet 0.0248 / 0.2101 x 965 x 1.186^2 / 2 = 80 Pa/m, so DN250 it is
    assert pipe["dn_mm"] == 250
    assert pipe["bound_by"] == "friction"
    smaller = friction_pa_m(pipe["flow_kg_s"], inner_m=0.2101, roughness_mm=0.5, water=_PLAIN.water)
    assert smaller == pytest.approx(80.0, abs=1.5)
    assert pipe["friction_pa_m"] < 70.0 < smaller
    assert pipe["velocity_m_s"] == pytest.approx(39.64 / (965.3 * np.pi / 4 * 0.263**2), rel=1e-3)
    assert pipe["heat_gj"] == pytest.approx(10000.0 * 1950.0 * 0.0036)
    assert pipe["density_mwh_m"] == pytest.approx(10000.0 * 1950.0 / 1000.0 / 100.0)
    assert sized.status == "accepted"


def test_diversity_by_hand_and_never_below_what_is_behind():
    nodes, pipes = line([10.0, 10.0, 10.0], [100.0, 5.0, 1000.0])
    tree, _, _ = hang_pipes(nodes, pipes)
    own = nodes["peak_kw"].to_numpy()[tree.end]
    peaks = diversified_peaks(tree, own, np.ones(3), share=0.62)
    # 1,005 x (0.62 + 0.19) = 814 and 1,105 x 0.7467 = 825 lie below the largest consumer
    assert peaks.tolist() == [1000.0, 1000.0, 1000.0]
    even = diversified_peaks(tree, [100.0, 100.0, 100.0], np.ones(3), share=0.62)
    assert even.tolist() == pytest.approx([300 * (0.62 + 0.38 / 3), 162.0, 100.0])
    assert diversified_peaks(tree, own, np.ones(3), share=1.0).tolist() == [1105.0, 1005.0, 1000.0]


def test_routed_peaks_are_kept_but_never_below_the_largest():
    nodes, pipes = line([10.0, 10.0], [100.0, 1000.0])
    given_pipes = pipes.assign(peak_kw=[900.0, 500.0], consumers=[2, 1])
    sized = size_network(nodes, given_pipes, assumptions=_PLAIN)
    assert sized.pipes["peak_kw"].tolist() == [1000.0, 1000.0]
    assert sized.pipes["sum_kw"].tolist() == [1100.0, 1000.0]
    full = size_network(nodes, pipes.assign(peak_kw=[1100.0, 1000.0]), assumptions=_PLAIN)
    assert full.pipes["peak_kw"].tolist() == [1100.0, 1000.0]


def test_a_branch_may_spend_what_the_main_has_left():
    # a main of 1,000 m; at its first half a side branch of 50 m
    nodes, pipes = line([500.0, 500.0], [0.0, 2000.0])
    nodes.loc["side"] = ["consumer", 500.0, 0.0]
    pipes.loc["branch"] = ["c1", "side", 50.0]
    sized = size_network(nodes, pipes, assumptions=_PLAIN)
    # 70 Pa/m x 500 m over 50 m is 700, held at 300
    assert sized.pipes["limit_pa_m"].tolist() == pytest.approx([70.0, 70.0, 300.0])
    assert sized.pipes["role"].tolist() == ["main", "main", "branch"]
    pipes.loc["branch", "length_m"] = 400.0
    longer = size_network(nodes, pipes, assumptions=_PLAIN)
    assert longer.pipes.loc["branch", "limit_pa_m"] == pytest.approx(70.0 * 500.0 / 400.0)


@settings(max_examples=12, deadline=None)
@given(st.integers(2, 40), st.integers(0, 10**6), st.sampled_from([30.0, 300.0, 20000.0]))
def test_limits_hold_and_sizes_rise_towards_the_source(count, seed, peak):
    nodes, pipes = random_tree(count, seed, peak_kw=peak)
    sized = size_network(nodes, pipes, assumptions=_PLAIN, on_infeasible="report")
    out = sized.pipes
    assert (out["friction_pa_m"] <= out["limit_pa_m"] * (1 + 1e-9)).all()
    assert (out["limit_pa_m"] <= 300.0 + 1e-9).all()
    assert (out["velocity_m_s"] <= 3.5 * (1 + 1e-9)).all()
    above = out.set_index("v")
    inner = out[out["u"] != "n0"]
    up = above.loc[inner["u"]]
    assert (_steps(up) >= _steps(inner)).all()
    assert (up["limit_pa_m"].to_numpy() <= inner["limit_pa_m"].to_numpy() * (1 + 1e-9)).all()
    # no way drops more than the mains may spend, so no branch can starve
    friction = dict.fromkeys(["n0"], 0.0)
    for _, pipe in out.iterrows():
        friction[pipe["v"]] = friction[pipe["u"]] + pipe["friction_pa_m"] * pipe["length_m"]
    longest = sized.nodes["distance_m"].max()
    assert max(friction.values()) <= sized.plants["main_friction_pa_m"].iloc[0] * longest * (
        1 + 1e-9
    )


@settings(max_examples=15, deadline=None)
@given(
    st.integers(3, 30),
    st.integers(0, 10**6),
    st.floats(1.0, 50.0),
    st.sampled_from([0.62, 1.0]),
    st.data(),
)
def test_more_demand_never_shrinks_a_trunk(count, seed, factor, share, data):
    nodes, pipes = random_tree(count, seed, peak_kw=400.0)
    a = SizingAssumptions(diversity_share=share)
    chosen = data.draw(st.sampled_from(nodes.index[nodes["peak_kw"] > 0].tolist()))
    more = nodes.copy()
    more.loc[chosen, "peak_kw"] *= factor
    before = size_network(nodes, pipes, assumptions=a, on_infeasible="report").pipes
    after = size_network(more, pipes, assumptions=a, on_infeasible="report").pipes
    way, node = [], chosen
    while node != "n0":
        row = pipes.index[pipes["v"] == node][0]
        way.append(row)
        node = pipes.loc[row, "u"]
    assert (_steps(after.loc[way]) >= _steps(before.loc[way])).all()
    assert (after.loc[way, "flow_kg_s"] >= before.loc[way, "flow_kg_s"] * (1 - 1e-9)).all()


def test_a_new_consumer_never_shrinks_a_trunk():
    nodes, pipes = random_tree(60, 5, peak_kw=500.0)
    a = SizingAssumptions(diversity_share=1.0)
    before = size_network(nodes, pipes, assumptions=a).pipes
    nodes.loc["new"] = ["consumer", 2000.0, 50.0]
    pipes.loc["new"] = ["n59", "new", 5.0]
    after = size_network(nodes, pipes, assumptions=a).pipes
    assert (_steps(after.loc[before.index]) >= _steps(before)).all()


def test_too_much_for_one_pipe_is_laid_in_pairs_and_too_much_for_four_is_refused():
    nodes, pipes = line([1000.0], [2.5e6])
    sized = size_network(nodes, pipes, assumptions=_PLAIN)
    pipe = sized.pipes.iloc[0]
    assert pipe["dn_mm"] == 1400
    # 9,920 kg/s; a bore of 1.388 m carries 3.5 m/s x 1.513 m2 x 965 kg/m3 = 5,110 kg/s
    assert pipe["pairs"] == 2
    assert pipe["velocity_m_s"] == pytest.approx(9920.0 / 2.0 / (1.513 * 965.3), rel=2e-3)
    assert pipe["friction_pa_m"] <= 70.0
    nodes.loc["c1", "peak_kw"] = 1e7
    with pytest.raises(InfeasibleError, match=r"pipe 1 would need \d+ pairs"):
        size_network(nodes, pipes, assumptions=_PLAIN)


def test_zero_demand_is_carried_as_nothing():
    nodes, pipes = line([100.0, 100.0], [500.0, 0.0])
    sized = size_network(nodes, pipes, assumptions=_PLAIN)
    dead = sized.pipes.loc["pipe 2"]
    assert dead["flow_kg_s"] == 0.0
    assert dead["loss_kw"] == 0.0
    assert np.isnan(dead["supply_out_c"])
    assert dead["dn_mm"] == 32
    assert abs(sized.plants["balance"].iloc[0]) < 1e-9


def test_links_join_trees_and_share_the_standing_water():
    nodes, pipes = line([500.0], [5000.0], elevations_m=[10.0, 20.0])
    other, more = line([300.0], [2000.0], elevations_m=[30.0, 90.0])
    other.index, more.index = ["works", "d1"], ["other 1"]
    more[["u", "v"]] = [["works", "d1"]]
    nodes = pd.concat([nodes, other]).rename_axis("node_id")
    pipes = pd.concat([pipes.assign(source_id="A"), more.assign(source_id="B")]).rename_axis(
        "pipe_id"
    )
    pipes["peak_kw"] = [5000.0, 2000.0]
    alone = size_network(nodes, pipes, assumptions=_PLAIN)
    assert alone.plants["static_head_m"].diff().iloc[1] == pytest.approx(70.0)
    pipes.loc["link"] = ["c1", "d1", 200.0, None, 0.0]
    joined = size_network(nodes, pipes, assumptions=_PLAIN)
    assert joined.plants["static_head_m"].diff().iloc[1] == 0.0
    assert joined.pipes.loc["link", "role"] == "link"
    assert joined.pipes.loc["link", "dn_mm"] == joined.pipes["dn_mm"].min()
    assert joined.pipes.loc["link", "flow_kg_s"] == 0.0


def test_bad_networks_are_named():
    nodes, pipes = line([100.0, 100.0], [100.0, 100.0])
    ring = pipes.copy()
    ring.loc["back"] = ["c2", "c1", 50.0]
    with pytest.raises(LayerError, match="'c1', which another pipe feeds too"):
        size_network(nodes, ring, assumptions=_PLAIN)
    loose = pipes.assign(u=["c2", "c1"])
    with pytest.raises(LayerError, match="fed by no source"):
        size_network(nodes, loose, assumptions=_PLAIN)
    with pytest.raises(LayerError, match="'nowhere', which is no node"):
        size_network(nodes, pipes.assign(v=["c1", "nowhere"]), assumptions=_PLAIN)
    with pytest.raises(LayerError, match="peak_kw of node 'c2' is -1"):
        size_network(nodes.assign(peak_kw=[0.0, 1.0, -1.0]), pipes, assumptions=_PLAIN)
    with pytest.raises(LayerError, match="no column 'length_m'"):
        size_network(nodes, pipes.drop(columns="length_m"), assumptions=_PLAIN)
    with pytest.raises(AssumptionError, match="heat pump must lift it"):
        SizingAssumptions(supply_c=55.0)
    with pytest.raises(AssumptionError, match="must rise"):
        SizingAssumptions(main_friction_low_pa_m=90.0)


def test_megawatts_taken_for_kilowatts_are_noticed():
    nodes, pipes = line([100.0, 100.0], [0.1, 0.2])
    sized = size_network(nodes, pipes, assumptions=_PLAIN, on_infeasible="report")
    assert any("were MW given" in note for note in sized.notes)


def test_inputs_are_kept_and_left_alone():
    nodes, pipes = random_tree(20, 3)
    pipes = pipes.assign(edge_id="e", cost_cny=1.0).sample(frac=1.0, random_state=1)
    copies = nodes.copy(), pipes.copy()
    sized = size_network(nodes, pipes, assumptions=_PLAIN)
    pd.testing.assert_frame_equal(nodes, copies[0])
    pd.testing.assert_frame_equal(pipes, copies[1])
    assert sized.pipes.index.tolist() == pipes.index.tolist()
    assert {"edge_id", "cost_cny"} <= set(sized.pipes.columns)


def test_a_coarser_catalogue_is_used():
    nodes, pipes = line([100.0], [10000.0])
    few = read_pipe_catalogue().loc[["DN100", "DN400"]]
    assert size_network(nodes, pipes, assumptions=_PLAIN, catalogue=few).pipes[
        "dn_mm"
    ].tolist() == [400]
    with pytest.raises(LayerError, match="smallest_dn_mm"):
        size_network(nodes, pipes, assumptions=SizingAssumptions(smallest_dn_mm=500), catalogue=few)
