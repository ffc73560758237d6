"""Routing at true cost: hand-made networks, exact enumeration, balances, reasons and a real district."""

from itertools import combinations

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from heat_network import (
    RoutingAssumptions,
    attach,
    cluster_substations,
    linear_under_steps,
    route,
    street_graph,
    two_level_network,
)
from layers.errors import InfeasibleError, LayerError

CRS = "EPSG:4548"


def prices(fixed=100.0, linear=1.0, **others):
    return RoutingAssumptions(
        pipe_fixed_cny_m=fixed,
        pipe_linear_cny_kw_m=linear,
        loss_w_m=0.0,
        bridge_gap_m=0.0,
        **others,
    )


def graph_of(points, pairs):
    lines = shapely.linestrings(np.array([[points[u], points[v]] for u, v in pairs], dtype=float))
    frame = gpd.GeoDataFrame(geometry=lines, crs=CRS)
    frame.index = frame.index.astype("str")
    graph = street_graph(frame, snap_m=0.01, assumptions=prices())
    spot = {
        tuple(np.round(xy, 3)): key
        for key, xy in zip(graph.nodes.index, graph.nodes[["x_m", "y_m"]].to_numpy(), strict=True)
    }
    return graph, [spot.get(tuple(np.round(np.array(p, dtype=float), 3))) for p in points]


def consumers_at(nodes, peaks, **columns):
    return pd.DataFrame(
        {"node": nodes, "peak_kw": peaks, **columns}, index=[f"c{i}" for i in range(len(peaks))]
    )


def sources_at(*nodes, **columns):
    return pd.DataFrame(
        {"node": list(nodes), **columns}, index=[f"plant{i}" for i in range(len(nodes))]
    )


def random_case(seed, size=4, count=5):
    random = np.random.default_rng(seed)
    points = [
        (100.0 * i + random.uniform(-30, 30), 100.0 * j + random.uniform(-30, 30))
        for j in range(size)
        for i in range(size)
    ]
    pairs = [(k, k + 1) for k in range(size * size) if k % size < size - 1]
    pairs += [(k, k + size) for k in range(size * (size - 1))]
    graph, nodes = graph_of(points, pairs)
    chosen = random.choice(size * size, count + 2, replace=False)
    consumers = consumers_at([nodes[k] for k in chosen[2:]], random.uniform(5, 200, count))
    return graph, consumers, [nodes[k] for k in chosen[:2]]


def exact(graph, consumers, source, fixed, linear):
    """Least price by enumerating sets of street nodes: the best tree spans one of them."""
    best = np.inf
    base = nx.Graph()
    for u, v, far in zip(graph.edges["u"], graph.edges["v"], graph.edges["length_m"], strict=True):
        base.add_edge(u, v, far=far)
    must = {source, *consumers["node"]}
    free = [node for node in base if node not in must]
    for size in range(len(free) + 1):
        for more in combinations(free, size):
            part = base.subgraph(must | set(more))
            if not nx.is_connected(part):
                continue
            for tree in nx.SpanningTreeIterator(part, weight="far"):
                price = fixed * tree.size("far")
                if price >= best:
                    break
                far = nx.single_source_dijkstra_path_length(tree, source, weight="far")
                price += linear * sum(
                    p * far[n] for n, p in zip(consumers["node"], consumers["peak_kw"], strict=True)
                )
                best = min(best, price)
    return best


def assert_sound(network, graph, consumers):
    """Every connected consumer is fed, flows balance at every node, and the price is that of the pipes."""
    assert network.bound_cny <= network.value_cny
    assert network.status in {"optimal", "bounded"}
    assert (network.status == "optimal") == (network.gap == 0.0)
    assert network.connections.index.tolist() == consumers.index.tolist()
    assert (
        network.connections["connected"] == (network.connections["reason"] == "connected")
    ).all()
    fed = network.connections[network.connections["connected"]]
    taken = fed.groupby("node")["peak_kw"].sum()
    pipes = network.pipes
    into = pipes.groupby("v")["sum_kw"].sum()
    out = pipes.groupby("u")["sum_kw"].sum()
    for node in into.index:
        assert into[node] == pytest.approx(out.get(node, 0.0) + taken.get(node, 0.0))
    assert network.load_kw.sum() == pytest.approx(fed["peak_kw"].sum())
    assert pipes["edge_id"].is_unique


def test_one_pipe_costs_what_it_should_by_hand():
    graph, (a, b) = graph_of([(0, 0), (100, 0)], [(0, 1)])
    network = route(graph, consumers_at([b], [50.0]), sources_at(a), cost=prices())
    assert network.value_cny == pytest.approx(100 * 100 + 100 * 50)
    assert network.bound_cny == pytest.approx(15000, rel=1e-6)
    assert network.pipes[["length_m", "consumers", "sum_kw", "peak_kw", "cost_cny"]].iloc[
        0
    ].tolist() == [100, 1, 50, 50, 15000]
    assert network.pipes[["u", "v", "source_id"]].iloc[0].tolist() == [a, b, "plant0"]
    assert network.connections.loc["c0", "distance_m"] == 100.0


def test_a_short_street_of_dear_ground_and_a_long_one_of_cheap_are_both_kept():
    # twins between the same ends: the crossing costs trench only, the detour costs flow
    points = [(0, 0), (50, 0), (100, 0), (50, 60), (150, 0), (150, 50), (150, 90)]
    graph, nodes = graph_of(points, [(0, 1), (1, 2), (0, 3), (3, 2), (2, 4), (4, 5), (5, 6)])
    straight = graph.edges["v"].eq(nodes[1]) | graph.edges["u"].eq(nodes[1])
    graph.edges.loc[straight, "extra_m"] = 80.0
    around = 2 * np.hypot(50, 60)
    for peak, trench, far in ((1.0, around, around), (1000.0, 260.0, 100.0)):
        network = route(
            graph, consumers_at([nodes[2]], [peak]), sources_at(nodes[0]), cost=prices()
        )
        assert network.value_cny == pytest.approx(100.0 * trench + peak * far)
        assert network.bound_cny == pytest.approx(network.value_cny, rel=1e-3)
        assert len(network.pipes) == 2


def test_carried_heat_bends_the_network_away_from_the_shortest_trench():
    # trench only: a chain along two sides; with a high price of flow: straight lines from the source
    points = [(0, 0), (100, 0), (100, 80)]
    graph, nodes = graph_of(points, [(0, 1), (1, 2), (0, 2)])
    consumers = consumers_at(nodes[1:], [100.0, 100.0])
    chain = route(graph, consumers, sources_at(nodes[0]), cost=prices(linear=0.0))
    star = route(graph, consumers, sources_at(nodes[0]), cost=prices(linear=10.0))
    assert chain.pipes["length_m"].sum() == pytest.approx(180.0)
    assert star.pipes["length_m"].sum() == pytest.approx(100.0 + np.hypot(100, 80))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("linear", [0.0, 0.2, 2.0])
def test_small_networks_are_enclosed_by_bound_and_value(seed, linear):
    graph, consumers, (source, _) = random_case(seed, size=3, count=4)
    network = route(graph, consumers, sources_at(source), cost=prices(linear=linear))
    best = exact(graph, consumers, source, 100.0, linear)
    assert network.bound_cny <= best * (1 + 1e-9)
    assert best * (1 - 1e-9) <= network.value_cny <= best * 1.02
    assert network.pipes["cost_cny"].sum() == pytest.approx(network.value_cny)
    assert_sound(network, graph, consumers)


@pytest.mark.parametrize("seed", range(2))
def test_who_connects_is_as_good_as_trying_every_subset(seed):
    graph, consumers, (source, _) = random_case(seed, size=3, count=4)
    random = np.random.default_rng(seed)
    consumers["prize_cny"] = random.uniform(1e3, 4e4, 4)
    network = route(graph, consumers, sources_at(source), cost=prices())
    best = np.inf
    for size in range(5):
        for group in combinations(range(4), size):
            rest = consumers["prize_cny"].sum() - consumers["prize_cny"].iloc[list(group)].sum()
            cost = exact(graph, consumers.iloc[list(group)], source, 100.0, 1.0) if group else 0.0
            best = min(best, rest + cost)
    assert network.bound_cny <= best * (1 + 1e-9)
    assert best * (1 - 1e-9) <= network.value_cny <= best * 1.05
    assert set(network.connections["reason"]) <= {"connected", "too_far", "cheaper_alone"}
    assert_sound(network, graph, consumers)


def test_every_reason_is_told():
    points = [(0, 0), (100, 0), (200, 0), (9000, 0), (9100, 0), (100, 60)]
    graph, nodes = graph_of(points, [(0, 1), (1, 2), (3, 4), (1, 5)])
    consumers = consumers_at(
        [nodes[1], nodes[2], nodes[4], None, nodes[2], nodes[5]],
        [50.0, 50.0, 50.0, 50.0, 0.0, 50.0],
        prize_cny=[np.nan, 5_000.0, np.nan, np.nan, np.nan, 9_000.0],
    )
    network = route(graph, consumers, sources_at(nodes[0]), cost=prices())
    assert network.connections["reason"].tolist() == [
        "connected",
        "too_far",
        "unreachable",
        "unreachable",
        "no_demand",
        "cheaper_alone",
    ]
    assert_sound(network, graph, consumers)
    assert network.value_cny == pytest.approx(15_000 + 5_000 + 9_000)


def test_each_consumer_takes_the_nearer_of_two_sources_and_joining_links_them():
    points = [(0, 0), (100, 0), (400, 0), (500, 0)]
    graph, nodes = graph_of(points, [(0, 1), (1, 2), (2, 3)])
    consumers, sources = consumers_at(nodes[1:3], [10.0, 20.0]), sources_at(nodes[0], nodes[3])
    apart = route(graph, consumers, sources, cost=prices())
    assert apart.connections["source_id"].tolist() == ["plant0", "plant1"]
    assert apart.load_kw.tolist() == [10.0, 20.0]
    linked = route(graph, consumers, sources, cost=prices(), joined=True)
    assert len(linked.pipes) == 3
    assert linked.value_cny == pytest.approx(apart.value_cny + 300 * 100)
    assert linked.pipes["source_id"].isna().sum() == 1


def test_capacities_are_kept_and_what_does_not_fit_is_told():
    points = [(0, 0), (100, 0), (200, 0), (500, 0)]
    graph, nodes = graph_of(points, [(0, 1), (1, 2), (2, 3)])
    consumers = consumers_at(nodes[1:3], [10.0, 20.0])
    moved = route(
        graph, consumers, sources_at(nodes[0], nodes[3], capacity_kw=[15.0, 25.0]), cost=prices()
    )
    assert moved.load_kw.tolist() == [10.0, 20.0]
    assert moved.connections["connected"].all()
    short = route(graph, consumers, sources_at(nodes[0], capacity_kw=[15.0]), cost=prices())
    assert short.connections["reason"].tolist() == ["connected", "no_capacity"]
    for network in (moved, short):
        assert_sound(network, graph, consumers)


@pytest.mark.parametrize("seed", range(3))
def test_diversity_never_goes_below_the_largest_peak_downstream(seed):
    graph, consumers, (source, _) = random_case(seed)
    network = route(graph, consumers, sources_at(source), cost=prices(diversity=True))
    many = network.pipes["consumers"].to_numpy()
    sums = network.pipes["sum_kw"].to_numpy()
    assert (network.pipes["peak_kw"] >= sums * (0.62 + 0.38 / many) * (1 - 1e-12)).all()
    assert (network.pipes["peak_kw"] <= sums * (1 + 1e-12)).all()
    largest = consumers["peak_kw"].max()
    first = network.pipes[network.pipes["u"] == source]
    assert first["peak_kw"].max() >= largest * (1 - 1e-12) or len(first) > 1
    assert network.bound_cny <= network.pipes["cost_cny"].sum()
    assert "0.62" in network.covers


def test_scaling_all_prices_scales_value_and_bound():
    graph, consumers, (source, _) = random_case(5)
    one = route(graph, consumers, sources_at(source), cost=prices(100.0, 1.0))
    ten = route(graph, consumers, sources_at(source), cost=prices(1000.0, 10.0))
    assert ten.value_cny == pytest.approx(10 * one.value_cny)
    assert ten.bound_cny == pytest.approx(10 * one.bound_cny, rel=1e-4)


@pytest.mark.parametrize(("typical", "line"), [(50.0, (10.0, 0.0)), (300.0, (0.0, 0.07))])
def test_the_line_lies_under_the_stepped_prices(typical, line):
    capacity, price = np.array([100.0, 200.0, 400.0]), np.array([10.0, 14.0, 30.0])
    fixed, slope = linear_under_steps(capacity, price, typical_kw=typical)
    flow = np.linspace(0.01, 400.0, 5000)
    stepped = price[np.searchsorted(capacity, flow)]
    assert (fixed + slope * flow <= stepped + 1e-9).all()
    assert (fixed, slope) == pytest.approx(line)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"sources": sources_at()}, InfeasibleError, "no heat source"),
        ({"sources": sources_at("nowhere")}, LayerError, "which the graph does not have"),
        ({"sources": sources_at(None)}, LayerError, "no node"),
        ({"consumers": consumers_at(["n0"], [-1.0])}, LayerError, "negative peak_kw"),
        ({"consumers": pd.DataFrame({"node": ["n0"]})}, LayerError, "no column 'peak_kw'"),
    ],
)
def test_bad_input_is_one_sentence(change, error, words):
    graph, (a, b) = graph_of([(0, 0), (100, 0)], [(0, 1)])
    given = {"consumers": consumers_at([b], [1.0]), "sources": sources_at(a), **change}
    with pytest.raises(error, match=words):
        route(graph, given["consumers"], given["sources"], cost=prices())


def test_nobody_to_serve_is_an_empty_network():
    graph, (a, b) = graph_of([(0, 0), (100, 0)], [(0, 1)])
    network = route(graph, consumers_at([b], [0.0]), sources_at(a), cost=prices())
    assert (network.value_cny, network.bound_cny, network.status, len(network.pipes)) == (
        0.0,
        0.0,
        "optimal",
        0,
    )


@pytest.fixture(scope="module")
def district(shared_data):
    roads = gpd.read_file(shared_data / "heat" / "roads.gpkg")
    sinks = gpd.read_file(shared_data / "heat" / "sinks.gpkg")
    plant = gpd.read_file(shared_data / "heat" / "source.gpkg")
    places = gpd.GeoDataFrame(
        geometry=[*sinks.geometry, *plant.geometry],
        index=[*(f"sink{i}" for i in sinks.index), "plant"],
        crs=roads.crs,
    )
    cost = RoutingAssumptions()
    graph, attached = attach(
        street_graph(roads, snap_m=1.0, assumptions=cost), places, assumptions=cost
    )
    consumers = pd.DataFrame(
        {"node": attached["node"].iloc[:-1].to_numpy(), "peak_kw": sinks["ts_0"].to_numpy()},
        index=places.index[:-1],
    )
    return (
        graph,
        consumers,
        pd.DataFrame({"node": attached["node"].iloc[-1:].to_numpy()}, index=["plant"]),
        cost,
    )


def test_a_real_district_is_served_within_two_percent_of_the_bound(district):
    graph, consumers, sources, cost = district
    network = route(graph, consumers, sources, cost=cost)
    assert network.connections["connected"].all()
    assert network.gap <= 0.02
    assert network.pipes["cost_cny"].sum() == pytest.approx(network.value_cny)
    assert network.load_kw["plant"] == pytest.approx(consumers["peak_kw"].sum())
    assert_sound(network, graph, consumers)


def test_two_levels_keep_their_limits_and_lose_no_building(district):
    graph, consumers, sources, cost = district
    both = two_level_network(
        graph, consumers, sources, cost=cost, secondary_cost=cost, limit_kw=500.0, radius_m=400.0
    )
    assert (both.substations["peak_kw"] <= 500.0).all()
    assert (both.substations["radius_m"] <= 400.0).all()
    assert both.substations["peak_kw"].sum() == pytest.approx(consumers["peak_kw"].sum())
    assert sorted(both.assigned.index) == sorted(consumers.index)
    assert sum(int(tree.connections["connected"].sum()) for tree in both.secondary.values()) == len(
        consumers
    )
    assert both.bound_cny <= both.value_cny
    assert both.primary.connections["connected"].all()


def test_clusters_split_until_both_limits_hold():
    points = [(100.0 * i, 0.0) for i in range(9)]
    graph, nodes = graph_of(points, [(i, i + 1) for i in range(8)])
    consumers = consumers_at(nodes, [10.0] * 8 + [99.0])
    table, assigned = cluster_substations(graph, consumers, limit_kw=40.0, radius_m=150.0)
    single = table["buildings"] == 1
    assert (table.loc[~single, "peak_kw"] <= 40.0).all()
    assert (table["radius_m"] <= 150.0).all()
    assert table["peak_kw"].max() == 99.0
    assert len(assigned) == 9
