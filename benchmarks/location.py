"""Show quality and cost of the location models on public and generated cases, beside spopt.

    python benchmarks/location.py [--pmedian FOLDER] [--skip-large] [--skip-spopt]

Every figure is CPU-seconds of this process on one core, after one small run that compiles the
kernels (its cost is printed first). Generated cases are uniform points in a unit square with
whole weights 1 to 99; cost is the straight distance to the 60 nearest of all sites, with the next
as overflow.
"""

import argparse
import resource
import time
from functools import partial
from pathlib import Path

import numpy as np
from scipy.sparse.csgraph import floyd_warshall
from scipy.spatial import cKDTree

from siting.location import Choice, Cover, SparseCost, max_coverage, p_median

LIMIT_S = 900.0  # wall time; the machine may be shared, the figures are CPU time
COVER_LIMIT_S = 60.0  # the exact finish takes all it is given where the core is just small enough
PMED_OPTIMA = (5819, 4093, 4250, 3034, 1355, 7824, 5631, 4445, 2734, 1255)


def points(demand: int, sites: int, *, seed: int = 1):
    rng = np.random.default_rng(seed)
    places, stands = rng.random((demand, 2)), rng.random((sites, 2))
    return places, stands, rng.integers(1, 100, demand).astype(float)


def near_costs(places, stands, depth: int) -> SparseCost:
    distance, site = cKDTree(stands).query(places, k=depth + 1)
    return SparseCost(
        indptr=np.arange(len(places) + 1) * depth,
        indices=site[:, :depth].ravel(),
        values=distance[:, :depth].ravel(),
        overflow=distance[:, depth],
        site_count=len(stands),
    )


def covers(places, stands, radius: float) -> Cover:
    found = cKDTree(stands).query_ball_point(places, radius)
    lengths = [len(row) for row in found]
    return Cover(
        indptr=np.concatenate([[0], np.cumsum(lengths)]),
        indices=np.concatenate([np.asarray(row, dtype=np.int64) for row in found]),
        site_count=len(stands),
    )


def told(name: str, choice: Choice, seconds: float, *, note: str = "") -> None:
    memory_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{name:44s} objective {choice.objective:12.2f}  bound {choice.bound:12.2f}  gap "
        f"{100 * choice.gap:6.3f} %  {choice.status:10s} {seconds:7.2f} CPU-s  peak {memory_gb:.2f} GB{note}"
    )


def timed(run):
    start = time.process_time()
    answer = run()
    return answer, time.process_time() - start


def or_library(folder: Path) -> None:
    total, exact = 0.0, 0
    for number, optimum in enumerate(PMED_OPTIMA, start=1):
        numbers = np.array((folder / f"pmed{number}.txt").read_text().split(), dtype=float)
        nodes, edges, count = numbers[:3].astype(int)
        graph = np.full((nodes, nodes), np.inf)
        for u, v, cost in numbers[3 : 3 + 3 * edges].reshape(-1, 3):
            graph[int(u) - 1, int(v) - 1] = graph[int(v) - 1, int(u) - 1] = cost
        np.fill_diagonal(graph, 0.0)
        cost = floyd_warshall(graph)
        choice, seconds = timed(
            partial(p_median, cost, np.ones(len(cost)), int(count), time_limit_s=LIMIT_S)
        )
        total += seconds
        exact += choice.objective == optimum and choice.status == "proven"
        told(f"pmed{number} ({nodes} nodes, p = {count}), optimum {optimum}", choice, seconds)
    print(f"OR-Library: {exact} of 10 exact and proven, {total:.2f} CPU-s together")


def child_seconds() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime + time.process_time()


def against_spopt(demand: int, sites: int, *, count: int, seconds: int) -> None:
    import pulp
    from spopt.locate import PMedian

    places, stands, weight = points(demand, sites)
    cost = np.hypot(*(places[:, None] - stands[None]).transpose(2, 0, 1))
    choice, ours = timed(lambda: p_median(cost, weight, count, time_limit_s=LIMIT_S))
    told(f"p-median {demand:,} x {sites}, p = {count}, dense", choice, ours)
    start, wall = child_seconds(), time.monotonic()
    model = PMedian.from_cost_matrix(cost, weight, p_facilities=count)
    try:
        model.solve(pulp.PULP_CBC_CMD(msg=False, timeLimit=seconds))
    except RuntimeError as error:
        print(f"  spopt with CBC gives up after {time.monotonic() - wall:.0f} s: {error}")
        return
    theirs = child_seconds() - start
    value = float(pulp.value(model.problem.objective))
    print(
        f"  spopt with CBC, limit {seconds} s: objective {value:.2f} "
        f"({100 * (value / choice.objective - 1):+.2f} % beside ours), says "
        f"{pulp.LpStatus[model.problem.status]}, {theirs:.1f} CPU-s, {theirs / ours:.0f} times ours"
    )


def large() -> None:
    places, stands, weight = points(100_000, 5_000)
    cost = near_costs(places, stands, 60)
    choice, seconds = timed(partial(p_median, cost, weight, 400, time_limit_s=LIMIT_S))
    true = float(weight @ cKDTree(stands[choice.chosen]).query(places)[0])
    told(
        "p-median 100,000 x 5,000, p = 400", choice, seconds,
        note=f"  (over all sites {true:.2f}: gap {100 * (true / choice.bound - 1):.3f} %)",
    )  # fmt: skip
    del cost
    for radius in (0.02, 0.025, 0.03, 0.035, 0.04):
        cover = covers(places, stands, radius)
        choice, seconds = timed(
            partial(max_coverage, cover, weight, 200, time_limit_s=COVER_LIMIT_S)
        )
        share = 100 * choice.objective / weight.sum()
        told(
            f"coverage 100,000 x 5,000, p = 200, r = {radius}",
            choice,
            seconds,
            note=f"  ({share:.1f} % covered)",
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--pmedian", type=Path, help="folder with OR-Library pmed1.txt to pmed10.txt"
    )
    parser.add_argument(
        "--skip-large", action="store_true", help="leave out the 100,000 x 5,000 cases"
    )
    parser.add_argument("--skip-spopt", action="store_true", help="leave out the rival")
    parser.add_argument("--spopt-seconds", type=int, default=60, help="time limit of the rival [s]")
    given = parser.parse_args()
    places, stands, weight = points(800, 150)
    _, seconds = timed(lambda: p_median(near_costs(places, stands, 60), weight, 15))
    print(f"compiling the kernels: {seconds:.1f} CPU-s")
    if given.pmedian:
        or_library(given.pmedian)
    if not given.skip_large:
        large()
    if not given.skip_spopt:
        against_spopt(200, 40, count=8, seconds=given.spopt_seconds)
        against_spopt(400, 100, count=10, seconds=given.spopt_seconds)
        against_spopt(1000, 200, count=20, seconds=given.spopt_seconds)


if __name__ == "__main__":
    main()
