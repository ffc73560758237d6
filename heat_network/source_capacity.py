"""Sources that cannot feed all that hangs on them: branches move to others, what is left goes without."""

__all__ = ["relieve_sources"]

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from heat_network.bounds import Arcs
from heat_network.steiner_kernel import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]
Hang = Callable[[BoolArray], tuple[IntArray, IntArray, IntArray, FloatArray]]
_SLACK = 1.0 + 1e-9


def relieve_sources(
    arcs: Arcs,
    fixed: FloatArray,
    used: BoolArray,
    *,
    demand: FloatArray,
    capacity: FloatArray,
    hang: Hang,
) -> BoolArray:
    """Return the edges of a forest in which no source feeds more than its capacity.

    While a source is overfull, the branch of its tree that is cheapest to hang on another source with
    room is moved there, the smallest excess first; when no branch fits anywhere, the leaves with the
    longest trench go without.

    Parameters
    ----------
    fixed : (2m,) float array
        Fixed price of arcs; the last edges, one per source, lead from the super-source.
    used : (m,) bool array
        Edges of the forest.
    demand : (n,) float array
        Peak at each node [kW].
    capacity : (s,) float array
        [kW], infinite where unlimited.
    hang : callable
        Edges to (parent arc, node above, preorder, load below) from the super-source.
    """
    used = used.copy()
    streets = len(used) - len(capacity)
    gate = 2 * np.arange(streets, len(used))
    site = arcs.ends[1][gate]
    for _ in range(4 * len(capacity) + 20):
        parent, above, order, load = hang(used)
        top = _tops(parent, above, order, streets=streets)
        feeds = np.bincount(
            top[order[1:]], weights=demand[order[1:]], minlength=len(capacity)
        ).astype(np.float64)
        over = np.flatnonzero(feeds > capacity * _SLACK)
        if len(over) == 0:
            return used
        move = _cheapest_move(
            arcs, fixed, (parent, above, order, load), state=(top, feeds, capacity), site=site
        )
        if move is None:
            break
        gone, fresh = move
        used[gone] = False
        used[fresh] = True
    return _without_leaves(used, demand, capacity, hang=hang, fixed=fixed)


def _tops(parent: IntArray, above: IntArray, order: IntArray, *, streets: int) -> IntArray:
    """Row of the source that feeds each node, -1 where none does."""
    top = np.full(len(parent), -1, np.int64)
    for v in order[1:].tolist():
        edge = parent[v] >> 1
        top[v] = edge - streets if edge >= streets else top[above[v]]
    return top


def _cheapest_move(
    arcs: Arcs,
    fixed: FloatArray,
    tree: tuple[IntArray, IntArray, IntArray, FloatArray],
    *,
    state: tuple[IntArray, FloatArray, FloatArray],
    site: IntArray,
) -> tuple[int, list[int]] | None:
    """Return the edge to take out and those to lay so that one branch changes its source."""
    parent, _, order, load = tree
    top, feeds, capacity = state
    n = len(parent)
    price = np.maximum(fixed[arcs.arc], 1e-9)
    streets = len(fixed) // 2 - len(capacity)
    price = np.where((arcs.arc >> 1) >= streets, np.inf, price)
    keep = np.isfinite(price)
    tail = np.repeat(np.arange(n), np.diff(arcs.indptr))
    # streets only, and never through what hangs on an overfull source except to end there
    over = feeds > capacity * _SLACK
    full = (top >= 0) & over[np.maximum(top, 0)]
    keep &= ~full[tail]
    network = csr_array((price[keep], (tail[keep], arcs.head[keep])), shape=(n, n))
    best: tuple[float, float, list[int]] | None = None
    room = capacity - feeds
    for target in np.flatnonzero(room > 0).tolist():
        start = np.flatnonzero(top == target)
        start = start if len(start) else site[[target]]
        far, before, _ = dijkstra(network, indices=start, return_predecessors=True, min_only=True)
        for v in order[1:].tolist():
            source = int(top[v])
            if (
                not over[source]
                or (parent[v] >> 1) >= streets
                or load[v] > room[target] * _SLACK
                or load[v] <= 0
            ):
                continue
            short = max(0.0, float(feeds[source] - capacity[source] - load[v]))
            gain = float(far[v] - fixed[parent[v]])
            if np.isfinite(gain) and (best is None or (short, gain) < best[:2]):
                path = _path(arcs, before, v)
                if not len(np.flatnonzero(top == target)):
                    path.append(streets + target)
                best = (short, gain, [int(parent[v]) >> 1, *path])
    if best is None:
        return None
    return best[2][0], best[2][1:]


def _path(arcs: Arcs, before: npt.NDArray[np.int32], v: int) -> list[int]:
    edges: list[int] = []
    while before[v] >= 0:
        u = int(before[v])
        span = slice(arcs.indptr[u], arcs.indptr[u + 1])
        edges.append(int(arcs.arc[span][arcs.head[span] == v][0]) >> 1)
        v = u
    return edges


def _without_leaves(
    used: BoolArray, demand: FloatArray, capacity: FloatArray, *, hang: Hang, fixed: FloatArray
) -> BoolArray:
    streets = len(used) - len(capacity)
    parent, above, order, _ = hang(used)
    top = _tops(parent, above, order, streets=streets)
    feeds = np.bincount(top[order[1:]], weights=demand[order[1:]], minlength=len(capacity))
    children = np.bincount(above[order[1:]], minlength=len(parent))
    depth = np.zeros(len(parent))
    for v in order[1:].tolist():
        depth[v] = depth[above[v]] + fixed[parent[v]]
    for leaf in sorted(order[1:].tolist(), key=lambda item: -depth[item]):
        source = int(top[leaf])
        if children[leaf] or feeds[source] <= capacity[source] * _SLACK:
            continue
        feeds[source] -= demand[leaf]
        at = leaf
        while at != order[0] and not children[at] and (at == leaf or demand[at] <= 0):
            used[parent[at] >> 1] = False
            children[above[at]] -= 1
            at = int(above[at])
    return used
