"""Compiled kernel: taking the key paths around a node out of a tree, and the streets near the gap."""

__all__ = ["Cutout", "Region", "Tree", "cut_paths", "find_region"]

from typing import NamedTuple

import numba as nb
import numpy as np
import numpy.typing as npt

from heat_network.steiner_kernel import FloatArray, IntArray, heap_pop, heap_push
from layers.compilation import kept

BoolArray = npt.NDArray[np.bool_]

# ruff: noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917  (a kernel: loops over flat arrays)


class Tree(NamedTuple):
    """A hung tree (n,): arc into each node, node above, preorder, load, depth, interval, children."""

    parent: IntArray
    above: IntArray
    order: IntArray
    load: FloatArray
    depth: FloatArray
    entry: IntArray
    leave: IntArray
    degree: IntArray


class Cutout(NamedTuple):
    """What a turn took out: its stamps by node and edge, edges, heads of the loose parts, their load."""

    freed: IntArray
    cutoff: IntArray
    removed: IntArray
    queue: IntArray
    heads: IntArray
    net: FloatArray


class Region(NamedTuple):
    """The graph near a cut-out: search state by node, then its nodes, arcs, and the part each is in."""

    label: FloatArray
    place: IntArray
    heap: IntArray
    local: IntArray
    node: IntArray
    pointer: IntArray
    head: IntArray
    arc: IntArray
    comp: IntArray
    shift: FloatArray


@nb.njit(cache=kept())
def cut_paths(
    indptr: IntArray,
    head: IntArray,
    arc: IntArray,
    fixed: FloatArray,
    terminal: BoolArray,
    root: int,
    used: BoolArray,
    tree: Tree,
    cutout: Cutout,
    centre: int,
    most: int,
    turn: int,
) -> tuple[int, int, float]:
    """Take out key paths around `centre` until at most `most` parts hang loose.

    Returns
    -------
    parts, edges : int
        Loose parts (0: too many or none) and edges taken out.
    old : float
        What joining the parts costs now: paths, and what flows to each part from the root.
    """
    parent, degree, load, depth = tree.parent, tree.degree, tree.load, tree.depth
    entry, leave = tree.entry, tree.leave
    freed, cutoff, removed = cutout.freed, cutout.cutoff, cutout.removed
    queue, heads, net = cutout.queue, cutout.heads, cutout.net
    queue[0] = centre
    n_removed = 0
    n_heads = 0
    qi = 0
    qn = 1
    paths = 0
    vanished = 0
    old = 0.0
    while qi < qn:
        y = queue[qi]
        qi += 1
        keep = terminal[y] or y == root
        # how many paths would go
        open_paths = 0
        for s in range(indptr[y], indptr[y + 1]):
            e = arc[s] >> 1
            if used[e] and cutoff[e] != turn:
                open_paths += 1
        if not keep:
            if paths + open_paths - vanished - 1 > most:
                continue
            vanished += 1
            freed[y] = turn
        for s in range(indptr[y], indptr[y + 1]):
            e = arc[s] >> 1
            if not used[e] or cutoff[e] == turn:
                continue
            if keep and paths - vanished + 1 > most:
                break
            paths += 1
            u = y
            slot = s
            while True:
                e = arc[slot] >> 1
                cutoff[e] = turn
                removed[n_removed] = e
                n_removed += 1
                w = head[slot]
                down = w if parent[w] >= 0 and (parent[w] >> 1) == e else u
                old += fixed[parent[down]]
                if terminal[w] or w == root or degree[w] != 1:
                    low = w if down == w else y
                    break
                freed[w] = turn
                u = w
                nxt = -1
                for q in range(indptr[w], indptr[w + 1]):
                    if used[arc[q] >> 1] and cutoff[arc[q] >> 1] != turn:
                        nxt = q
                        break
                slot = nxt
            heads[n_heads] = low
            n_heads += 1
            if qn < len(queue):
                queue[qn] = w
                qn += 1
            if n_heads >= 60:
                break
        if n_heads >= 60:
            break
    # heads that still carry something
    k = 0
    for i in range(n_heads):
        if freed[heads[i]] != turn:
            heads[k] = heads[i]
            k += 1
    if k == 0 or k > most:
        return 0, n_removed, old
    # nodes between: also keys whose every path went stay as lone components (terminals)
    for i in range(k):
        net[i] = load[heads[i]]
    for i in range(k):
        best = -1
        for j in range(k):
            if (
                j != i
                and entry[heads[j]] < entry[heads[i]] < leave[heads[j]]
                and (best < 0 or entry[heads[j]] > entry[heads[best]])
            ):
                best = j
        if best >= 0:
            net[best] -= load[heads[i]]
    for i in range(k):
        old += net[i] * depth[heads[i]]
    return k, n_removed, old


@nb.njit(cache=kept())
def find_region(
    indptr: IntArray,
    head: IntArray,
    arc: IntArray,
    fixed: FloatArray,
    target: IntArray,
    cutout: Cutout,
    region: Region,
    n_removed: int,
    room: int,
    radius: float,
) -> int:
    """Collect about `room` nodes near the removed paths with the arcs among them; return how many."""
    label, place, heap, local = region.label, region.place, region.heap, region.local
    node, loc_ptr, loc_head, loc_arc = region.node, region.pointer, region.head, region.arc
    removed = cutout.removed
    big = len(node)
    size = 0
    nloc = 0
    for i in range(n_removed):
        for side in range(2):
            v = target[2 * removed[i] + side]
            if label[v] != 0.0:
                label[v] = 0.0
                size = heap_push(heap, place, label, size, v)
    base = size
    if base > big - 16:
        while size > 0:
            v = heap_pop(heap, place, label, size)
            size -= 1
            label[v] = np.inf
        return 0
    limit = min(big, base + room)
    while size > 0:
        v = heap_pop(heap, place, label, size)
        size -= 1
        if nloc >= limit or label[v] > radius:
            label[v] = np.inf
            while size > 0:
                label[heap_pop(heap, place, label, size)] = np.inf
                size -= 1
            break
        local[v] = nloc
        node[nloc] = v
        nloc += 1
        for s in range(indptr[v], indptr[v + 1]):
            w = head[s]
            if local[w] >= 0:
                continue
            far = label[v] + fixed[arc[s]]
            if far < label[w]:
                label[w] = far
                size = heap_push(heap, place, label, size, w)
    fill = 0
    for i in range(nloc):
        v = node[i]
        label[v] = np.inf
        loc_ptr[i] = fill
        for s in range(indptr[v], indptr[v + 1]):
            j = local[head[s]]
            if j >= 0 and fill < len(loc_head):
                loc_head[fill] = j
                loc_arc[fill] = arc[s]
                fill += 1
    loc_ptr[nloc] = fill
    return nloc
