"""How short the trees are and how well that is proven: Vienna's streets and a synthetic street grid."""

import argparse
import resource
import time
from pathlib import Path

import numpy as np

from heat_network.steiner import steiner_tree

OPTIMA = {"vienna_I056": 14171206, "vienna_I052": 13309487, "vienna_I085": 80628079}
CASES = Path(__file__).resolve().parents[2] / "shared" / "data" / "cases" / "steiner"


def street_grid(side: int, *, keep: float = 0.85, seed: int = 1, block_m: float = 100.0):
    """Streets as a jittered grid with deletions: points (n, 2), edges (m, 2), lengths (m,) [m]."""
    random = np.random.default_rng(seed)
    number = np.arange(side * side).reshape(side, side)
    x, y = np.meshgrid(np.arange(side), np.arange(side))
    points = np.stack([x.ravel(), y.ravel()], axis=1) * block_m
    points = points + random.normal(0.0, 0.18 * block_m, points.shape)
    across = np.stack([number[:, :-1].ravel(), number[:, 1:].ravel()], axis=1)
    along = np.stack([number[:-1].ravel(), number[1:].ravel()], axis=1)
    edges = np.concatenate([across, along])
    edges = edges[random.random(len(edges)) < keep]
    straight = np.hypot(*(points[edges[:, 0]] - points[edges[:, 1]]).T)
    length = np.round(straight * random.uniform(1.0, 1.25, len(edges)), 1)
    return points, edges, length


def read_pace(path: Path):
    """Read a PACE instance: node count, edges, lengths, terminals."""
    rows = [line.split() for line in path.read_text().splitlines()]
    edges = np.array([row[1:4] for row in rows if row and row[0] == "E"], dtype=float)
    terminals = [int(row[1]) - 1 for row in rows if row and row[0] == "T"]
    count = next(int(row[1]) for row in rows if row and row[0] == "Nodes")
    return count, edges[:, :2].astype(int) - 1, edges[:, 2], np.array(terminals)


def report(name: str, case) -> None:
    count, edges, length, terminals = case
    start = time.process_time()
    tree = steiner_tree(count, edges, length, terminals)
    spent = time.process_time() - start
    optimum = OPTIMA.get(name)
    beside = (
        ""
        if optimum is None
        else f", value/optimum - 1 = {tree.value / optimum - 1:.5%}, "
        f"1 - bound/optimum = {1 - tree.bound / optimum:.5%}"
    )
    print(
        f"{name}: {count:,} nodes, {len(edges):,} edges, {len(terminals):,} terminals: "
        f"value {tree.value:,.1f}, "
        f"bound {tree.bound:,.1f}, gap {tree.gap:.4%}, {tree.status}, {len(tree.unreachable)} unreachable, "
        f"{spent:.1f} CPU-s{beside}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=224, help="street grid of side x side nodes")
    parser.add_argument("--terminals", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    start = time.process_time()
    steiner_tree(4, [(0, 1), (0, 2), (0, 3)], [1.0, 1.0, 1.0], [1, 2, 3])
    print(f"compiling: {time.process_time() - start:.1f} CPU-s")
    if CASES.is_dir():
        for name in OPTIMA:
            report(name, read_pace(CASES / f"{name}.gr"))
    points, edges, length = street_grid(options.side, seed=options.seed)
    random = np.random.default_rng(options.seed)
    terminals = random.choice(len(points), options.terminals, replace=False)
    report("grid", (len(points), edges, length, terminals))
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()
