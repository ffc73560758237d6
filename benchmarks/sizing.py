"""CPU-seconds and memory of sizing a tree of many pipes, with heads, temperatures and pumps."""

import argparse
import resource
import time

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from heat_network.sizing import size_network
from heat_network.sizing_assumptions import SizingAssumptions


def _street_tree(count: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return points hung on the nearest one closer to the plant in the middle."""
    draw = np.random.default_rng(seed)
    side = np.sqrt(count) * 60.0
    at = draw.uniform(0.0, side, (count, 2))
    at[0] = side / 2.0
    at[1:] = at[1:][np.argsort(np.hypot(*(at[1:] - at[0]).T))]
    parent = np.zeros(count, np.int64)
    for low in range(1, count, 500):
        high = min(low + 500, count)
        parent[low:high] = cKDTree(at[:low]).query(at[low:high])[1]
    ids = np.array([f"n{i}" for i in range(count)], dtype=object)
    peak = draw.gamma(2.0, 40.0, count)
    peak[0] = 0.0
    nodes = pd.DataFrame(
        {
            "kind": np.where(np.arange(count) == 0, "source", "consumer"),
            "peak_kw": peak,
            "elevation_m": 40.0 + 20.0 * np.sin(at[:, 0] / side * 3.0),
        },
        index=pd.Index(ids, name="node_id"),
    )
    pipes = pd.DataFrame(
        {
            "u": ids[parent[1:]],
            "v": ids[1:],
            "length_m": np.hypot(*(at[1:] - at[parent[1:]]).T),
        },
        index=pd.Index([f"p{i}" for i in range(1, count)], name="pipe_id"),
    )
    return nodes, pipes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pipes", type=int, default=50_000, help="number of pipes")
    parser.add_argument("--seed", type=int, default=370300)
    given = parser.parse_args()
    nodes, pipes = _street_tree(given.pipes + 1, given.seed)
    size_network(*_street_tree(50, 1), assumptions=SizingAssumptions())
    start = time.process_time()
    sized = size_network(nodes, pipes, assumptions=SizingAssumptions(), on_infeasible="report")
    spent = time.process_time() - start
    plant = sized.plants.iloc[0]
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{given.pipes:,} pipes, {pipes['length_m'].sum() / 1e3:,.0f} km, "
        f"{nodes['peak_kw'].sum() / 1e3:,.0f} MW: "
        f"{spent:.2f} CPU-s, {given.pipes / spent:,.0f} pipes per CPU-s, {peak_gb:.2f} GB at most"
    )
    share = plant["loss_gj"] / (plant["heat_gj"] + plant["loss_gj"])
    print(
        f"{plant['rounds']} rounds, {plant['status']}; pump {plant['pump_head_m']:.0f} m, "
        f"{plant['relays']} relay stations, loss {share:.1%}, "
        f"heat balance {plant['balance']:.1e}"
    )


if __name__ == "__main__":
    main()
