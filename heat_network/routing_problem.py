"""The arrays behind one routing, and the smaller problem that has the same best network."""

__all__ = ["Chains", "Problem", "filled_column", "reduce"]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from heat_network.bounds import Arcs
from heat_network.reduction_kernel import contract_chains, prune_leaves
from heat_network.steiner_kernel import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Problem:
    """The arrays behind one call: the graph with a super-source behind all sources."""

    arcs: Arcs
    fixed: FloatArray  # (2m,) CNY
    linear: FloatArray  # (2m,) CNY per kW
    demand: FloatArray  # (n,) kW priced
    prize: FloatArray  # (n,) CNY, infinite where it must connect
    root: int
    streets: int  # edges before the super-source's own

    @property
    def node_count(self) -> int:
        """Nodes including the super-source."""
        return len(self.arcs.indptr) - 1


@dataclass(frozen=True)
class Chains:
    """Which edges each edge of a reduced graph is made of."""

    pointer: IntArray
    edges: IntArray
    count: int  # edges of the whole graph

    def spread(self, used: BoolArray) -> BoolArray:
        """Edges of the whole graph that the chains in use are made of."""
        whole = np.zeros(self.count, np.bool_)
        whole[self.edges[np.repeat(used, np.diff(self.pointer))]] = True
        return whole

    def gather(self, whole: BoolArray) -> BoolArray:
        """Chains all of whose edges are in use."""
        gathered: BoolArray = np.logical_and.reduceat(whole[self.edges], self.pointer[:-1])
        return gathered


def filled_column(frame: pd.DataFrame, name: str, default: float) -> FloatArray:
    """Values of a column (n,), the default where they or the column are missing."""
    if name not in frame.columns:
        return np.full(len(frame), default)
    values: FloatArray = frame[name].astype(float).fillna(default).to_numpy(np.float64)
    return values


def reduce(problem: Problem) -> tuple[Problem, Chains]:
    """Leave out what no network needs and make one edge of every chain; no price changes."""
    arcs = problem.arcs
    keep = problem.demand > 0
    keep[problem.root] = True
    alive = np.ones(len(problem.fixed) // 2, np.bool_)
    degree = prune_leaves(arcs.indptr, arcs.head, arcs.arc, keep, alive)
    ends, fixed, linear, pointer, edges = contract_chains(
        arcs.indptr, arcs.head, arcs.arc, problem.fixed, problem.linear, keep, alive, degree
    )
    if len(ends) == 0:
        count = len(alive)
        return problem, Chains(np.arange(count + 1), np.arange(count), count)
    blocked = fixed >= 1e15
    stays = np.union1d(ends.reshape(-1), np.flatnonzero(keep))
    small = np.searchsorted(stays, ends).astype(np.int64)
    return Problem(
        Arcs.of(len(stays), small), np.where(blocked, 1e15, fixed), np.where(blocked, 1e15, linear),
        problem.demand[stays], problem.prize[stays], int(np.searchsorted(stays, problem.root)), len(ends),
    ), Chains(pointer, edges, len(alive))  # fmt: skip
