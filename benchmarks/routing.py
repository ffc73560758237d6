"""Heat networks at true cost on a synthetic street grid: price, bound, gap and CPU-seconds."""

import argparse
import resource
import time

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from steiner import street_grid

from heat_network.graph import StreetGraph
from heat_network.routing import route
from heat_network.routing_assumptions import RoutingAssumptions
from heat_network.tables import GRAPH_EDGES, GRAPH_NODES, REPAIRS


def grid_graph(side: int, *, seed: int) -> StreetGraph:
    """Return the grid as a street graph; lengths are those of the generator, lines are straight."""
    points, ends, length = street_grid(side, seed=seed)
    crs = "EPSG:4548"
    ids = np.array([f"n{i}" for i in range(len(points))], dtype=object)
    nodes = gpd.GeoDataFrame(
        {"kind": "street", "component": 0, "x_m": points[:, 0], "y_m": points[:, 1]},
        geometry=shapely.points(points), crs=crs, index=pd.Index(ids, dtype="str", name="node_id"),
    )  # fmt: skip
    edges = gpd.GeoDataFrame(
        {"u": ids[ends[:, 0]], "v": ids[ends[:, 1]], "kind": "street", "street_id": "synthetic",
         "length_m": length, "extra_m": 0.0, "crossings": pd.array([None] * len(ends), dtype="str")},
        geometry=shapely.linestrings(points[ends]), crs=crs,
        index=pd.Index([f"e{i}" for i in range(len(ends))], dtype="str", name="edge_id"),
    )  # fmt: skip
    return StreetGraph(
        nodes=GRAPH_NODES.validate(nodes, where="nodes"), edges=GRAPH_EDGES.validate(edges, where="edges"),
        repairs=REPAIRS.empty(crs),
    )  # fmt: skip


def report(graph: StreetGraph, count: int, *, median_kw: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    node = graph.nodes.index[random.choice(len(graph.nodes), count, replace=False)]
    consumers = pd.DataFrame(
        {"node": node, "peak_kw": random.lognormal(np.log(median_kw), 0.6, count)},
        index=[f"c{i}" for i in range(count)],
    )
    side = int(np.sqrt(len(graph.nodes)))
    sources = pd.DataFrame(
        {"node": [f"n{side * (side // 2) + side // 2}", f"n{side * (side // 5) + side // 5}"]},
        index=["plant", "kiln"],
    )
    start = time.process_time()
    network = route(graph, consumers, sources, cost=RoutingAssumptions())
    print(
        f"{len(graph.nodes):,} nodes, {len(graph.edges):,} edges, {count:,} consumers of about "
        f"{median_kw:,.0f} kW: "
        f"value {network.value_cny / 1e6:,.2f} M CNY, bound {network.bound_cny / 1e6:,.2f} M CNY, "
        f"gap {network.gap:.3%}, {network.status}, "
        f"{int(network.connections['connected'].sum()):,} connected, {time.process_time() - start:.1f} CPU-s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=224)
    parser.add_argument("--consumers", type=int, nargs="*", default=[2000, 25000])
    parser.add_argument("--median-kw", type=float, nargs="*", default=[4000.0, 150.0])
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    start = time.process_time()
    report(grid_graph(12, seed=1), 20, median_kw=1000.0, seed=1)
    print(f"compiling: {time.process_time() - start:.1f} CPU-s")
    graph = grid_graph(options.side, seed=options.seed)
    for count, median in zip(options.consumers, options.median_kw, strict=True):
        report(graph, count, median_kw=median, seed=options.seed)
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()
