"""Flow refuelling: every answer is driven by an independent tank, small graphs by brute force."""

from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.errors import InfeasibleError, LayerError
from siting.location import Flows, Quotas, flow_refuelling
from siting.street_graph import StreetGraph


def line(lengths_m, *, both=True):
    """Make a straight road with these stretches; one second per metre."""
    nodes = len(lengths_m) + 1
    ends = [(k, k + 1) for k in range(nodes - 1)]
    lengths = list(lengths_m)
    if both:
        ends, lengths = ends + [(v, u) for u, v in ends], lengths * 2
    return graph_of(ends, lengths, nodes)


def graph_of(ends, lengths, nodes):
    position = np.column_stack([np.arange(nodes, dtype=float), np.zeros(nodes)])
    return StreetGraph.from_arcs(
        np.array(ends), time_s=lengths, length_m=lengths, position_m=position
    )


def referee_of(graph):
    referee = nx.DiGraph()
    tails = np.repeat(np.arange(graph.node_count), np.diff(graph.arcs.indptr))
    for u, v, m in zip(
        tails.tolist(), graph.arcs.heads.tolist(), graph.arcs.length_m.tolist(), strict=True
    ):
        if not referee.has_edge(u, v) or referee[u][v]["m"] > m:
            referee.add_edge(u, v, m=m)
    return referee


def drives(referee, origin, destination, range_m, stations):
    """Drive the round trip for ever with a tank; true when it never runs dry.

    The tank is filled at the first station met; from there two full cycles are driven metre by
    metre of each arc, filling up at each station.
    """
    try:
        there = nx.shortest_path(referee, origin, destination, weight="m")
        back = nx.shortest_path(referee, destination, origin, weight="m")
    except nx.NetworkXNoPath:
        return False
    cycle = there + back[1:-1]
    begin = next((k for k, node in enumerate(cycle) if node in stations), None)
    if begin is None:
        return False
    tank = range_m
    for step in range(begin, begin + 2 * len(cycle)):
        u, v = cycle[step % len(cycle)], cycle[(step + 1) % len(cycle)]
        tank -= referee[u][v]["m"]
        if tank < -1e-6:
            return False
        if v in stations:
            tank = range_m
    return True


def tank_volume(graph, flows, range_m, nodes):
    """Return the volume that the tank says is refuelled by stations at these nodes."""
    referee = referee_of(graph)
    pairs = zip(
        flows.origin.tolist(), flows.destination.tolist(), flows.volume.tolist(), strict=True
    )
    return sum(q for o, d, q in pairs if drives(referee, o, d, range_m, set(nodes)))


def checked(graph, flows, range_m, count, *, site_node=None, **rules):
    """Solve and let the tank confirm the objective and every flow by itself."""
    choice = flow_refuelling(graph, flows, range_m, count, site_node=site_node, **rules)
    nodes = np.arange(graph.node_count) if site_node is None else np.asarray(site_node)
    open_nodes = set(nodes[choice.chosen].tolist())
    referee = referee_of(graph)
    for o, d, site in zip(
        flows.origin.tolist(), flows.destination.tolist(), choice.assigned_to.tolist(), strict=True
    ):
        assert drives(referee, o, d, range_m, open_nodes) == (site >= 0)
        assert site < 0 or site in choice.chosen
    assert choice.objective == pytest.approx(tank_volume(graph, flows, range_m, open_nodes))
    assert choice.bound >= choice.objective - 1e-9
    return choice


def flows_of(*rows):
    origin, destination, volume = zip(*rows, strict=True)
    return Flows(
        origin=np.array(origin), destination=np.array(destination), volume=np.array(volume, float)
    )


def test_an_arc_longer_than_the_range_cannot_be_driven_whatever_is_built():
    choice = checked(line([100_000.0]), flows_of((0, 1, 5.0)), 2_000.0, 2)
    assert choice.objective == 0.0
    assert choice.assigned_to.tolist() == [-1]
    assert choice.bound == 0.0


@pytest.mark.parametrize(("range_m", "served"), [(199.0, False), (200.0, True)])
def test_one_station_at_an_end_serves_a_round_trip_within_the_range(range_m, served):
    choice = checked(line([100.0]), flows_of((0, 1, 5.0)), range_m, 1, site_node=[0])
    assert (choice.objective == 5.0) is served


def test_a_station_in_the_middle_halves_the_range_that_is_needed():
    # 100 + 100 m: from the middle and back is 200 m, from an end and back is 400 m
    road, flow = line([100.0, 100.0]), flows_of((0, 2, 1.0))
    assert checked(road, flow, 200.0, 1, site_node=[1]).objective == 1.0
    assert checked(road, flow, 399.0, 1, site_node=[0]).objective == 0.0
    assert checked(road, flow, 400.0, 1, site_node=[0]).objective == 1.0


def test_stations_beside_the_path_do_not_count():
    # 0 - 1 - 2 is the way; 3 hangs off 1
    ends = [(0, 1), (1, 2), (1, 3)]
    graph = graph_of(ends + [(v, u) for u, v in ends], [100.0, 100.0, 1.0] * 2, 4)
    assert checked(graph, flows_of((0, 2, 1.0)), 1_000.0, 1, site_node=[3]).objective == 0.0


def test_the_way_back_may_differ_and_needs_its_own_station():
    # one-way ring 0 -> 1 -> 2 -> 3 -> 0, each 100 m: a cycle of 400 m
    ring = graph_of([(0, 1), (1, 2), (2, 3), (3, 0)], [100.0] * 4, 4)
    flow = flows_of((0, 2, 1.0))
    assert checked(ring, flow, 399.0, 1).objective == 0.0
    assert checked(ring, flow, 400.0, 1).objective == 1.0
    assert checked(ring, flow, 200.0, 2).chosen.tolist() in ([0, 2], [1, 3])


def test_no_way_back_is_not_refuelled():
    assert checked(line([100.0], both=False), flows_of((0, 1, 1.0)), 1_000.0, 1).objective == 0.0


def test_fixed_sites_and_quotas_are_kept():
    road = line([100.0] * 5)
    flows = flows_of((0, 1, 5.0), (4, 5, 3.0), (2, 3, 1.0))
    free = checked(road, flows, 200.0, 1)
    assert free.objective == 5.0
    quotas = Quotas(
        group=np.array([0, 0, 0, 0, 1, 1]), minimum=np.array([0, 1]), maximum=np.array([6, 6])
    )
    assert checked(road, flows, 200.0, 1, quotas=quotas).objective == 3.0
    assert checked(road, flows, 200.0, 2, fixed=(2,)).objective == 6.0


@st.composite
def small(draw):
    rng = np.random.default_rng(draw(st.integers(0, 100_000)))
    nodes = draw(st.integers(4, 7))
    ends = [(k, int(rng.integers(0, k))) for k in range(1, nodes)]
    ends += [(v, u) for u, v in ends]  # every pair is connected
    ends += [tuple(pair) for pair in rng.integers(0, nodes, (3, 2)).tolist() if pair[0] != pair[1]]
    lengths = rng.uniform(10.0, 100.0, len(ends))
    pairs = [(o, d) for o in range(nodes) for d in range(nodes) if o != d]
    rows = [
        (*pairs[k], float(rng.integers(1, 9))) for k in rng.choice(len(pairs), 6, replace=False)
    ]
    return (
        graph_of(ends, lengths, nodes),
        flows_of(*rows),
        draw(st.sampled_from([80.0, 150.0, 300.0])),
        draw(st.integers(1, 3)),
    )


@settings(max_examples=60, deadline=None)
@given(small())
def test_small_graphs_reach_the_optimum_of_brute_force_by_the_tank(case):
    graph, flows, range_m, count = case
    choice = checked(graph, flows, range_m, count)
    sets = combinations(range(graph.node_count), count)
    best = max(tank_volume(graph, flows, range_m, nodes) for nodes in sets)
    assert choice.objective == pytest.approx(best)
    assert choice.status == "proven"


@settings(max_examples=20, deadline=None)
@given(small())
def test_more_range_more_sites_and_more_candidates_never_refuel_less(case):
    graph, flows, range_m, count = case
    base = checked(graph, flows, range_m, count).objective
    assert checked(graph, flows, 1.5 * range_m, count).objective >= base - 1e-9
    assert checked(graph, flows, range_m, count + 1).objective >= base - 1e-9
    fewer = np.arange(graph.node_count - 1)
    assert checked(graph, flows, range_m, count, site_node=fewer).objective <= base + 1e-9
    double = Flows(origin=flows.origin, destination=flows.destination, volume=2.0 * flows.volume)
    assert checked(graph, double, range_m, count).objective == pytest.approx(2.0 * base)


def test_bad_input_is_refused_in_a_sentence():
    road, flow = line([100.0]), flows_of((0, 1, 1.0))
    with pytest.raises(LayerError, match="range_m is 0"):
        flow_refuelling(road, flow, 0.0, 1)
    with pytest.raises(InfeasibleError, match="3 sites and there are 2 candidates"):
        flow_refuelling(road, flow, 10.0, 3)
    with pytest.raises(InfeasibleError, match=r"Flows\.volume sums to zero"):
        flow_refuelling(road, flows_of((0, 1, 0.0)), 10.0, 1)
    with pytest.raises(LayerError, match=r"Flows\.destination names node 7"):
        flow_refuelling(road, flows_of((0, 7, 1.0)), 10.0, 1)
    with pytest.raises(LayerError, match="Flow 0 begins and ends at node 1"):
        flows_of((1, 1, 1.0))
