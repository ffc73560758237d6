"""Show the cost of access tables: 5,000 sites over 50,000 nodes within 15 minutes, beside scipy.

    python benchmarks/access.py [--nodes 50000] [--sites 5000] [--step 200]

The graph is a square grid of two-way streets of random length and speed (30 to 80 km/h); demand and
sites are uniform points. Figures are CPU-seconds of this process on one core.
"""

import argparse
import resource
import time

import geopandas as gpd
import numpy as np
import shapely
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from siting.access import AccessAssumptions, nearest_station, site_access
from siting.street_graph import StreetGraph

CRS = "EPSG:4548"


def grid(side: int, step_m: float) -> StreetGraph:
    rng = np.random.default_rng(0)
    node = np.arange(side * side).reshape(side, side)
    across = np.column_stack([node[:, :-1].ravel(), node[:, 1:].ravel()])
    along = np.column_stack([node[:-1].ravel(), node[1:].ravel()])
    ends = np.concatenate([across, along, across[:, ::-1], along[:, ::-1]])
    length_m = step_m * rng.uniform(1.0, 1.3, len(ends))
    speed_m_s = rng.choice([30.0, 40.0, 60.0, 80.0], len(ends)) / 3.6
    y, x = np.divmod(node.ravel(), side)
    return StreetGraph.from_arcs(
        ends,
        time_s=length_m / speed_m_s,
        length_m=length_m,
        position_m=np.column_stack([x, y]) * step_m,
    )


def points(count: int, size_m: float, *, seed: int) -> gpd.GeoDataFrame:
    places = np.random.default_rng(seed).random((count, 2)) * size_m
    return gpd.GeoDataFrame(geometry=shapely.points(places), crs=CRS)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--nodes", type=int, default=50_000)
    parser.add_argument("--sites", type=int, default=5_000)
    parser.add_argument("--step", type=float, default=200.0, help="length of a block [m]")
    given = parser.parse_args()
    start = time.process_time()
    tiny = grid(20, given.step)
    site_access(tiny, points(50, 4000.0, seed=1), points(5, 4000.0, seed=2))
    nearest_station(tiny, points(50, 4000.0, seed=1), points(5, 4000.0, seed=2))
    print(f"compiling the kernels: {time.process_time() - start:.1f} CPU-s")
    side = round(given.nodes**0.5)
    graph = grid(side, given.step)
    size_m = (side - 1) * given.step
    demand, sites = points(given.nodes, size_m, seed=1), points(given.sites, size_m, seed=2)
    start = time.process_time()
    access = site_access(graph, demand, sites, assumptions=AccessAssumptions(cutoff_min=15.0))
    ours = time.process_time() - start
    print(
        f"{given.sites} sites x {side * side} nodes, 15 min, {size_m / 1000:.1f} km square: "
        f"{access.indices.size / 1e6:.1f} million pairs, {ours:.1f} CPU-s, "
        f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB"
    )
    start = time.process_time()
    nearest_station(graph, demand, sites)
    seconds = time.process_time() - start
    print(f"nearest of {given.sites} stations for {given.nodes} demands: {seconds:.2f} CPU-s")
    arcs = graph.reversed_arcs()
    matrix = sparse.csr_array(
        (arcs.time_s, arcs.heads, arcs.indptr), shape=(side * side, side * side)
    )
    some = min(250, given.sites)
    start = time.process_time()
    dijkstra(matrix, indices=np.arange(some) * (side * side // some), limit=900.0)
    theirs = (time.process_time() - start) * given.sites / some
    print(
        f"scipy dijkstra, times only, {some} sites scaled to {given.sites}: {theirs:.1f} CPU-s, "
        f"{theirs / ours:.1f} times ours"
    )


if __name__ == "__main__":
    main()
