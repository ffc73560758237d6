"""Full sources hand over to others with room; what fits nowhere goes without, and says why."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from heat_network.graph import street_graph
from heat_network.routing import route
from heat_network.routing_assumptions import RoutingAssumptions


def _grid(side: int) -> gpd.GeoDataFrame:
    lines = [
        shapely.LineString([(x, y), (x + dx, y + dy)])
        for x in range(0, side * 100, 100)
        for y in range(0, side * 100, 100)
        for dx, dy in ((100, 0), (0, 100))
        if x + dx < side * 100 and y + dy < side * 100
    ]
    return gpd.GeoDataFrame(
        geometry=lines, crs="EPSG:4548", index=[f"s{i}" for i in range(len(lines))]
    )


def _rings(network) -> int:
    pipes, nodes = network.pipes, network.nodes
    parts = nodes["source_id"].nunique()
    return len(pipes) - (len(nodes) - parts)


@pytest.mark.parametrize("seed", range(12))
def test_full_sources_hand_over_and_nothing_rings(seed):
    random = np.random.default_rng(seed)
    graph = street_graph(_grid(12), snap_m=1.0, assumptions=RoutingAssumptions())
    ids = graph.nodes.index.to_numpy()
    chosen = random.choice(len(ids), size=65, replace=False)
    consumers = pd.DataFrame(
        {"node": ids[chosen[:60]], "peak_kw": random.uniform(50.0, 500.0, 60), "prize_cny": 1e8},
        index=[f"c{i}" for i in range(60)],
    )
    total = consumers["peak_kw"].sum()
    share = random.dirichlet(np.ones(5)) * random.choice([0.8, 1.05, 1.6])
    sources = pd.DataFrame(
        {"node": ids[chosen[60:]], "capacity_kw": share * total},
        index=[f"p{i}" for i in range(5)],
    )
    network = route(graph, consumers, sources, cost=RoutingAssumptions(diversity=False))
    load = network.load_kw.reindex(sources.index).fillna(0.0)
    assert (load <= sources["capacity_kw"] * (1.0 + 1e-6)).all()
    assert load.sum() == pytest.approx(
        consumers.loc[network.connections["connected"].to_numpy(), "peak_kw"].sum()
    )
    assert _rings(network) == 0
    assert (network.pipes["consumers"] > 0).all(), "a pipe feeds nobody"
    left = network.connections[~network.connections["connected"]]
    assert set(left["reason"]) <= {"no_capacity"}
    if share.sum() < 1.0:
        assert len(left)


def test_a_third_tree_between_two_is_not_crossed():
    # A full source in the west, one with room in the east, and a small full-fed one between them.
    line = [shapely.LineString([(x, 0), (x + 100, 0)]) for x in range(0, 1000, 100)]
    streets = gpd.GeoDataFrame(geometry=line, crs="EPSG:4548", index=[f"s{i}" for i in range(10)])
    graph = street_graph(streets, snap_m=1.0, assumptions=RoutingAssumptions())
    at = {round(x): name for name, x in graph.nodes["x_m"].items()}
    consumers = pd.DataFrame(
        {
            "node": [at[100], at[200], at[500], at[800]],
            "peak_kw": [100.0, 100.0, 100.0, 100.0],
            "prize_cny": 1e8,
        },
        index=list("abcd"),
    )
    sources = pd.DataFrame(
        {"node": [at[0], at[400], at[900]], "capacity_kw": [100.0, 150.0, 1e6]},
        index=["west", "middle", "east"],
    )
    network = route(graph, consumers, sources, cost=RoutingAssumptions(diversity=False))
    assert (network.load_kw <= sources["capacity_kw"].reindex(network.load_kw.index) + 1e-6).all()
    assert _rings(network) == 0
    assert network.connections.loc["d", "source_id"] == "east"
    assert network.connections["connected"].sum() >= 3
