"""Compiled kernel: local search on a tree by exact reconnection of small neighbourhoods."""

__all__ = ["improve_tree"]

from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

from heat_network.cutout_kernel import Cutout, Region, Tree, cut_paths, find_region
from heat_network.reconnection_kernel import Programme, assign_parts, reconnect, trace_edges
from heat_network.steiner_kernel import FloatArray, IntArray, hang_tree
from layers.compilation import kept

BoolArray = npt.NDArray[np.bool_]

# ruff: noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917  (a kernel: loops over flat arrays)


@nb.njit(cache=kept())
def _measure(
    fixed: FloatArray, linear: FloatArray, demand: FloatArray, tree: Tree, count: int
) -> float:
    """Loads, depths, preorder intervals and children of a hung tree; return its price."""
    parent, above, order = tree.parent, tree.above, tree.order
    load, depth, degree = tree.load, tree.depth, tree.degree
    total = 0.0
    for i in range(count):
        v = order[i]
        load[v] = demand[v]
        degree[v] = 0
        tree.entry[v] = i
        tree.leave[v] = i + 1
        depth[v] = depth[above[v]] + linear[parent[v]] if parent[v] >= 0 else 0.0
    for i in range(count - 1, 0, -1):
        v = order[i]
        u = above[v]
        load[u] += load[v]
        degree[u] += 1
        tree.leave[u] = max(tree.leave[u], tree.leave[v])
        total += fixed[parent[v]] + linear[parent[v]] * load[v]
    return total


@nb.njit(cache=kept())
def _trim(terminal: BoolArray, used: BoolArray, tree: Tree, count: int) -> int:
    """Drop the leaves that nobody needs; return how many went."""
    gone = 0
    for i in range(count):
        tree.degree[tree.order[i]] = 0
    for i in range(1, count):
        tree.degree[tree.above[tree.order[i]]] += 1
    for i in range(count - 1, 0, -1):
        v = tree.order[i]
        if tree.degree[v] == 0 and not terminal[v]:
            used[tree.parent[v] >> 1] = False
            tree.degree[tree.above[v]] -= 1
            gone += 1
    return gone


@nb.njit(cache=kept())
def _hang(
    indptr: IntArray,
    head: IntArray,
    arc: IntArray,
    terminal: BoolArray,
    root: int,
    used: BoolArray,
    tree: Tree,
) -> int:
    """Hang the used edges and trim them; return the nodes hung, 0 when they hold a cycle."""
    count = hang_tree(indptr, head, arc, used, root, tree.parent, tree.above, tree.order)
    if count > 0 and _trim(terminal, used, tree, count) > 0:
        count = hang_tree(indptr, head, arc, used, root, tree.parent, tree.above, tree.order)
    return max(count, 0)


def _reserve(n: int, edges: int, most: int, room: int) -> tuple[Cutout, Region, Programme]:
    """Allocate what the search works in."""
    big = 4 * room
    full = 1 << most
    cutout = Cutout(
        np.zeros(n, np.int64), np.zeros(edges, np.int64), np.empty(n, np.int64),
        np.empty(most + 4, np.int64), np.empty(64, np.int64), np.zeros(64),
    )  # fmt: skip
    region = Region(
        np.full(n, np.inf), np.full(n, -1, np.int64), np.empty(n, np.int64), np.full(n, -1, np.int64),
        np.empty(big, np.int64), np.zeros(big + 1, np.int64), np.empty(big * 16, np.int64),
        np.empty(big * 16, np.int64), np.empty(big, np.int64), np.zeros(big),
    )  # fmt: skip
    programme = Programme(
        np.full((full, big), np.inf), np.full((full, big), -1, np.int64), np.full((full, most), np.inf),
        np.full((full, most), -1, np.int64), np.full(full, np.inf), np.full(full, -1, np.int64),
        np.zeros(full), np.empty(big, np.int64), np.full(big, -1, np.int64),
    )  # fmt: skip
    return cutout, region, programme


@nb.njit(cache=kept())
def _search(
    indptr: IntArray,
    head: IntArray,
    arc: IntArray,
    fixed: FloatArray,
    linear: FloatArray,
    demand: FloatArray,
    terminal: BoolArray,
    root: int,
    used: BoolArray,
    near: FloatArray,
    trees: tuple[Tree, Tree],
    work: tuple[Cutout, Region, Programme],
    lists: tuple[IntArray, IntArray, IntArray, IntArray, IntArray],
    dirty: BoolArray,
    most: int,
    room: int,
    rounds: int,
    flowing: int,
) -> float:
    """Search until no neighbourhood improves; every array is given, so that none is made here."""
    tree, spare = trees
    cutout, region, programme = work
    target, added, stack_set, stack_at, centres = lists
    degree = tree.degree
    count = _hang(indptr, head, arc, terminal, root, used, tree)
    total = _measure(fixed, linear, demand, tree, count)
    for i in range(count):
        dirty[tree.order[i]] = True
    turn = 0
    for _ in range(rounds):
        centre_count = 0
        for i in range(count - 1, -1, -1):
            v = tree.order[i]
            if dirty[v]:
                dirty[v] = False
                if terminal[v] or degree[v] >= 2 or v == root:
                    centres[centre_count] = v
                    centre_count += 1
        gained = 0.0
        for ci in range(centre_count):
            if tree.parent[centres[ci]] == -2:
                continue
            turn += 1
            k, n_removed, old = cut_paths(
                indptr, head, arc, fixed, terminal, root, used, tree, cutout, centres[ci], most, turn
            )  # fmt: skip
            if k == 0:
                continue
            radius = np.inf if flowing else 0.5 * old
            nloc = find_region(
                indptr, head, arc, fixed, target, cutout, region, n_removed, room, radius
            )
            if nloc == 0:
                continue
            assign_parts(linear, tree, cutout, region, nloc, k, most, turn, flowing)
            new = reconnect(
                fixed, linear, near, tree, cutout, region, programme, nloc, k, most, old, flowing
            )
            if new < old * (1 - 1e-12) - 1e-12:
                n_added = trace_edges(region, programme, (1 << k) - 1, stack_set, stack_at, added)
                for i in range(n_removed):
                    used[cutout.removed[i]] = False
                for i in range(n_added):
                    used[added[i]] = True
                new_count = _hang(indptr, head, arc, terminal, root, used, spare)
                new_total = _measure(fixed, linear, demand, spare, new_count)
                good = new_count > 0 and new_total < total * (1 - 1e-13)
                for i in range(k):
                    good = good and spare.parent[cutout.heads[i]] != -2
                if good:
                    gained += total - new_total
                    total = new_total
                    tree, spare = spare, tree
                    count = new_count
                    for i in range(nloc):
                        if tree.parent[region.node[i]] != -2:
                            dirty[region.node[i]] = True
                else:
                    used[:] = False
                    for i in range(1, count):
                        used[tree.parent[tree.order[i]] >> 1] = True
                    _measure(fixed, linear, demand, tree, count)
            for i in range(nloc):
                region.local[region.node[i]] = -1
        if gained <= 1e-9 * total:
            break
    return total


def improve_tree(
    indptr: IntArray,
    head: IntArray,
    arc: IntArray,
    fixed: FloatArray,
    linear: FloatArray,
    demand: FloatArray,
    terminal: BoolArray,
    root: int,
    used: BoolArray,
    near: FloatArray,
    most: int,
    room: int,
    rounds: int,
) -> float:
    """Improve a tree in place by cutting out small neighbourhoods and reconnecting them at least price.

    Around every key node (terminal or branching) the key paths are taken out until up to `most`
    components hang loose beside the root's; the dynamic programme of Dreyfus and Wagner (1971), with the
    flow of each set of components on its arcs, finds the cheapest reconnection within `room` nearby
    nodes. Moves that do not lower the true price are taken back, so the result is never worse.

    Parameters
    ----------
    fixed, linear : (2m,) float arrays
        Price of using an arc, and price per unit of flow on it.
    demand : (n,) float array
        Flow each node takes.
    used : (m,) bool array
        Edges of the tree, changed in place.
    near : (n,) float array
        Least linear price from the root, used to leave out what cannot pay.

    Returns
    -------
    float
        Price of the improved tree.
    """
    n = len(indptr) - 1
    target = np.empty(len(arc), np.int64)
    target[arc] = head
    shared: Any = (np.zeros(n), np.zeros(n), *np.zeros((3, n), np.int64))
    trees = [Tree(*np.zeros((3, n), np.int64), *shared) for _ in range(2)]
    lists = (
        target, np.empty(n, np.int64), np.empty(4096, np.int64), np.empty(4096, np.int64),
        np.empty(n, np.int64),
    )  # fmt: skip
    return float(
        _search(
            indptr, head, arc, fixed, linear, demand, terminal, root, used, near, (trees[0], trees[1]),
            _reserve(n, len(used), most, room), lists, np.zeros(n, np.bool_), most, room, rounds,
            int(linear.max(initial=0.0) > 0.0),
        )
    )  # fmt: skip
