"""Show the flow-refuelling model on a random road net: proven share, gap, and what greedy would get.

    python benchmarks/flow_refuelling.py [--nodes 200] [--flows 300] [--count 12] [--range-km 150]

Roads join near points of a 300 km square; flows follow a gravity law. Greedy opens, one by one, the
site that adds most refuelled volume and, on ties, most of the stretches still uncovered.
"""

import argparse
import time

import numpy as np
from scipy.spatial import Delaunay

from siting.location import Flows, flow_refuelling
from siting.refuelling import refuelled, round_trips
from siting.street_graph import StreetGraph


def roads(nodes: int) -> StreetGraph:
    rng = np.random.default_rng(1)
    position = rng.random((nodes, 2)) * 300_000.0
    corners = Delaunay(position).simplices
    pairs = np.unique(
        np.sort(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])),
        axis=0,
    )
    length = 1.2 * np.hypot(*(position[pairs[:, 0]] - position[pairs[:, 1]]).T)
    return StreetGraph.from_arcs(
        np.concatenate([pairs, pairs[:, ::-1]]),
        time_s=np.tile(length / 22.0, 2),
        length_m=np.tile(length, 2),
        position_m=position,
    )


def traffic(graph: StreetGraph, count: int) -> Flows:
    rng = np.random.default_rng(2)
    size = rng.pareto(1.5, graph.node_count) + 0.1
    pairs = rng.permutation(graph.node_count**2)
    origin, destination = np.divmod(pairs, graph.node_count)
    kept = origin < destination
    origin, destination = origin[kept][: 20 * count], destination[kept][: 20 * count]
    away = np.hypot(
        graph.x_m[origin] - graph.x_m[destination], graph.y_m[origin] - graph.y_m[destination]
    )
    volume = size[origin] * size[destination] / (1.0 + away / 50_000.0)
    most = np.argsort(-volume)[:count]
    return Flows(origin=origin[most], destination=destination[most], volume=volume[most])


def greedy(trips, volume, sites: int, *, count: int) -> float:
    is_open = np.zeros(sites, dtype=bool)
    for _ in range(count):
        best, place = (-1.0, -1.0), -1
        chosen = set(np.flatnonzero(is_open).tolist())
        for site in range(sites):
            trial = chosen | {site}
            shares = np.array(
                [
                    sum(not n.isdisjoint(trial) for n in s) / len(s) if s else 0.0
                    for s in trips.needs
                ]
            )
            value = (float(volume[shares == 1.0].sum()), float(volume @ shares))
            if value > best and not is_open[site]:
                best, place = value, site
        is_open[place] = True
    return float(volume[refuelled(trips, is_open)].sum())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--nodes", type=int, default=200)
    parser.add_argument("--flows", type=int, default=300)
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--range-km", type=float, default=150.0)
    parser.add_argument("--seconds", type=float, default=60.0, help="time limit [s]")
    given = parser.parse_args()
    graph = roads(given.nodes)
    flows = traffic(graph, given.flows)
    range_m = 1000.0 * given.range_km
    flow_refuelling(graph, flows, 1.0, 1)
    start = time.process_time()
    choice = flow_refuelling(graph, flows, range_m, given.count, time_limit_s=given.seconds)
    seconds = time.process_time() - start
    total = float(flows.volume.sum())
    print(
        f"{given.nodes} nodes, {given.flows} flows, {given.count} sites, {given.range_km:g} km: refuelled "
        f"{100 * choice.objective / total:.1f} % (bound {100 * choice.bound / total:.1f} %), "
        f"{choice.status}, {seconds:.1f} CPU-s"
    )
    trips = round_trips(graph, flows, range_m=range_m, site_node=np.arange(graph.node_count))
    start = time.process_time()
    value = greedy(trips, flows.volume, graph.node_count, count=given.count)
    print(f"greedy: {100 * value / total:.1f} %, {time.process_time() - start:.1f} CPU-s")


if __name__ == "__main__":
    main()
