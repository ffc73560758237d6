"""Sources that cannot feed all that hangs on them: branches move to others, what is left goes without."""

__all__ = ["relieve_sources"]

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from heat_network.bounds import Arcs
from heat_network.steiner_kernel import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]
Hung = tuple[IntArray, IntArray, IntArray, FloatArray]
Hang = Callable[[BoolArray], Hung]
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
    longest trench go without. Pipes that then feed nobody are left out.

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
    ways = _Ways(arcs, fixed, site=arcs.ends[1][2 * np.arange(streets, len(used))])
    hung = hang(used)
    top, feeds = _state(hung, demand, streets=streets, sources=len(capacity))
    if not (feeds > capacity * _SLACK).any():
        return used
    for _ in range(8 * len(capacity) + 40):
        move = _cheapest_move(ways, hung, top, room=capacity - feeds, capacity=capacity)
        if move is None:
            break
        gone, fresh, target = move
        used[gone] = False
        used[fresh] = True
        ways.forget(target)
        hung = hang(used)
        top, feeds = _state(hung, demand, streets=streets, sources=len(capacity))
        if not (feeds > capacity * _SLACK).any():
            break
    _drop_leaves(used, demand, capacity, hung=hung, top=top, fixed=fixed)
    return _trimmed(used, hung=hang(used))


def _state(
    hung: Hung, demand: FloatArray, *, streets: int, sources: int
) -> tuple[IntArray, FloatArray]:
    """Return the row of the source that feeds each node, -1 where none does, and what each feeds."""
    parent, above, order, _ = hung
    top = np.full(len(parent), -1, np.int64)
    for v in order[1:].tolist():
        edge = parent[v] >> 1
        top[v] = edge - streets if edge >= streets else top[above[v]]
    fed = order[1:]
    feeds = np.bincount(top[fed], weights=demand[fed], minlength=sources).astype(np.float64)
    return top, feeds


@dataclass
class _Ways:
    """Least trench from each source's tree over streets that no tree uses, as far as asked for."""

    arcs: Arcs
    fixed: FloatArray
    site: IntArray
    known: dict[int, tuple[FloatArray, npt.NDArray[np.int32]]] = field(default_factory=dict)

    def forget(self, target: int) -> None:
        """Drop what is known of a tree that has grown."""
        self.known.pop(target, None)

    def of(self, target: int, top: IntArray) -> tuple[FloatArray, npt.NDArray[np.int32]]:
        """Return price and node before, by node, from one source's tree."""
        if target not in self.known:
            own = np.flatnonzero(top == target)
            arcs, n = self.arcs, len(top)
            tail = np.repeat(np.arange(n), np.diff(arcs.indptr))
            streets = len(self.fixed) // 2 - len(self.site)
            # A way through another's tree would make a ring; it may only end there.
            keep = ((arcs.arc >> 1) < streets) & ((top[tail] < 0) | (top[tail] == target))
            price = np.maximum(self.fixed[arcs.arc[keep]], 1e-9)
            net = csr_array((price, (tail[keep], arcs.head[keep])), shape=(n, n))
            start = own if len(own) else self.site[[target]]
            far, before, _ = dijkstra(net, indices=start, return_predecessors=True, min_only=True)
            self.known[target] = far, before
        return self.known[target]

    def path(self, target: int, v: int, top: IntArray) -> list[int] | None:
        """Return the edges to a node, nothing where a tree has grown over the way since."""
        before = self.of(target, top)[1]
        edges: list[int] = []
        while before[v] >= 0:
            u = int(before[v])
            if top[u] not in {-1, target}:
                return None
            span = slice(self.arcs.indptr[u], self.arcs.indptr[u + 1])
            between = self.arcs.arc[span][self.arcs.head[span] == v]
            edges.append(int(between[np.argmin(self.fixed[between])]) >> 1)
            if top[u] == target:
                break
            v = u
        return edges


def _cheapest_move(
    ways: _Ways, hung: Hung, top: IntArray, *, room: FloatArray, capacity: FloatArray
) -> tuple[int, list[int], int] | None:
    """Return the edge to take out, those to lay and the source that takes the branch over."""
    parent, _, order, load = hung
    streets = len(ways.fixed) // 2 - len(capacity)
    over = room < capacity * (1.0 - _SLACK)
    inner = order[1:]
    branch = inner[over[top[inner]] & ((parent[inner] >> 1) < streets) & (load[inner] > 0.0)]
    left = np.maximum(0.0, -room[top[branch]] - load[branch])
    targets = np.flatnonzero((room > 0) & ~over).tolist()
    while len(branch) and targets:
        offers = []
        for target in targets:
            gain = ways.of(target, top)[0][branch] - ways.fixed[parent[branch]]
            fits = np.isfinite(gain) & (load[branch] <= room[target] * _SLACK)
            if fits.any():
                rows = np.flatnonzero(fits)
                best = rows[np.lexsort((gain[rows], left[rows]))[0]]
                offers.append((float(left[best]), float(gain[best]), target, int(branch[best])))
        if not offers:
            return None
        _, _, target, v = min(offers)
        path = ways.path(target, v, top)
        if path is not None:
            fed = path if (top == target).any() else [*path, streets + target]
            return int(parent[v]) >> 1, fed, target
        ways.forget(target)
    return None


def _drop_leaves(
    used: BoolArray,
    demand: FloatArray,
    capacity: FloatArray,
    *,
    hung: Hung,
    top: IntArray,
    fixed: FloatArray,
) -> None:
    """Take the leaves with the longest trench off the sources that are still overfull, in place."""
    parent, above, order, _ = hung
    inner = order[1:]
    feeds = np.bincount(top[inner], weights=demand[inner], minlength=len(capacity))
    children = np.bincount(above[inner], minlength=len(parent))
    depth = np.zeros(len(parent))
    for v in inner.tolist():
        depth[v] = depth[above[v]] + fixed[parent[v]]
    over = inner[feeds[top[inner]] > capacity[top[inner]] * _SLACK]
    for leaf in over[np.argsort(-depth[over], kind="stable")].tolist():
        source = int(top[leaf])
        if children[leaf] or feeds[source] <= capacity[source] * _SLACK:
            continue
        feeds[source] -= demand[leaf]
        at = leaf
        while at != order[0] and not children[at] and (at == leaf or demand[at] <= 0):
            used[parent[at] >> 1] = False
            children[above[at]] -= 1
            at = int(above[at])


def _trimmed(used: BoolArray, *, hung: Hung) -> BoolArray:
    """Return the edges without those that feed nobody."""
    parent, _, order, load = hung
    idle = order[1:][load[order[1:]] <= 0.0]
    left = used.copy()
    left[parent[idle] >> 1] = False
    return left
