"""Sources that cannot feed all who would hang on them: each gets an area whose load it can carry."""

__all__ = ["Cells", "source_cells"]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from heat_network.bounds import Arcs
from heat_network.steiner_kernel import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]
_ROUNDS = 60
_FIRST = 0.05  # of the mean price of a way to the sources
_CLOSED = 1e15  # the price of what nothing may use
_SLACK = 1.0 + 1e-9


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Areas of sources.

    Attributes
    ----------
    apart : (m,) bool array
        Edges between two areas, and those to sources without an area.
    room : (n,) bool array
        Nodes whose load their source has room for.
    """

    apart: BoolArray
    room: BoolArray


def source_cells(
    arcs: Arcs, fixed: FloatArray, *, root: int, demand: FloatArray, capacity: FloatArray
) -> Cells:
    """Part a graph among sources by their capacities.

    Every node belongs to the source whose way to it is shortest, ways counted in trench prices and from a
    head start of each source. Head starts are shifted from overfull sources until none is overfull or the
    shift gains nothing more; what is then too much for a source is what lies farthest from it.

    Parameters
    ----------
    fixed : (2m,) float array
        Trench price of every arc; the last edges, one per source, lead from the super-source `root`.
    demand : (n,) float array
        Load at every node [kW].
    capacity : (s,) float array
        [kW], infinite where unlimited.

    Notes
    -----
    The areas are cells of an additively weighted Voronoi diagram in the metric of the graph, so each is
    connected and holds its source. A head start is raised in proportion to the excess, with steps that halve
    when a source swings between too much and too little.
    """
    sources = len(capacity)
    streets = len(fixed) // 2 - sources
    n = len(arcs.indptr) - 1
    open_arc = fixed[arcs.arc] < _CLOSED
    tail = np.repeat(np.arange(n), np.diff(arcs.indptr))[open_arc]
    head, arc = arcs.head[open_arc], arcs.arc[open_arc]
    price = np.maximum(fixed[arc], 1e-9)
    gate = np.where((arc >> 1) >= streets, (arc >> 1) - streets, -1)
    price[gate >= 0] = 1e-9
    far, top = _nearest(price, (tail, head), root=root, gate=gate, n=n)
    reached = (top >= 0) & (demand > 0)
    step = np.full(sources, _FIRST * float(far[reached].mean()) if reached.any() else 0.0)
    late, before = np.zeros(sources), np.zeros(sources)
    best = (np.inf, far, top)
    for _ in range(_ROUNDS):
        load = np.bincount(top[reached], weights=demand[reached], minlength=sources)
        excess = np.maximum(load - capacity, 0.0)
        if excess.sum() < best[0]:
            best = (float(excess.sum()), far, top)
        if not (load > capacity * _SLACK).any():
            break
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(
                np.isfinite(capacity), (load - capacity) / np.maximum(load, capacity), -1.0
            )
        share = np.nan_to_num(share)
        step = np.where(share * before < 0.0, step * 0.5, step * 1.1)
        late += step * np.clip(share, -0.5, 1.0)
        late -= late.min()
        before = share
        waiting = price + np.where(gate >= 0, late[gate], 0.0)
        far, top = _nearest(waiting, (tail, head), root=root, gate=gate, n=n)
    _, far, top = best
    return Cells(
        apart=_apart(arcs, top, streets=streets),
        room=_room(far, top, demand=demand, capacity=capacity),
    )


def _nearest(
    price: FloatArray, ends: tuple[IntArray, IntArray], *, root: int, gate: IntArray, n: int
) -> tuple[FloatArray, IntArray]:
    """Return how far each node is from its source with the source's head start, and which that is."""
    net = csr_array((price, ends), shape=(n, n))
    far, before = dijkstra(net, indices=root, return_predecessors=True)
    top = np.full(n, -1, np.int64)
    first = gate >= 0
    opened = before[ends[1][first]] == root
    top[ends[1][first][opened]] = gate[first][opened]
    above = np.where((before < 0) | (top >= 0), np.arange(n), before)
    while True:
        higher = above[above]
        if (higher == above).all():
            break
        above = higher
    return far, top[above]


def _apart(arcs: Arcs, top: IntArray, *, streets: int) -> BoolArray:
    tail, head = arcs.ends
    apart: BoolArray = top[tail[::2]] != top[head[::2]]
    # a source within another's area has none of its own
    apart[streets:] = top[head[2 * streets :: 2]] != np.arange(len(apart) - streets)
    return apart


def _room(far: FloatArray, top: IntArray, *, demand: FloatArray, capacity: FloatArray) -> BoolArray:
    """Return which nodes' loads fit, the nearest first."""
    order = np.lexsort((far, top))
    order = order[(top[order] >= 0) & (demand[order] > 0)]
    room = np.ones(len(top), np.bool_)
    for source in np.unique(top[order]).tolist():
        own = order[top[order] == source]
        left = float(capacity[source]) * _SLACK
        for v in own.tolist():
            if demand[v] <= left:
                left -= float(demand[v])
            else:
                room[v] = False
    return room
