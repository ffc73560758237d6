"""Compiled kernel: the regions that terminals see, and their growth to where their paths may go."""

__all__ = ["carry_pairs", "grow_regions"]

import numba as nb
import numpy as np

from heat_network.steiner_kernel import FloatArray, IntArray, heap_pop, heap_push
from layers.compilation import kept

# ruff: noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917  (a kernel: loops over flat arrays)


@nb.njit(cache=kept())
def grow_regions(
    indptr: IntArray,
    head: IntArray,
    arc: IntArray,
    terminals: IntArray,
    root: int,
    prices: tuple[FloatArray, FloatArray, FloatArray],
    known: tuple[IntArray, IntArray, IntArray, IntArray, FloatArray],
    reach: FloatArray,
    most: int,
    room: int,
) -> tuple[IntArray, IntArray, IntArray]:
    """Collect for each terminal the nodes from which it is reached at a price of at most `reach` (t,).

    Parameters
    ----------
    prices : (t,), (2m,), (2m,) arrays
        Weight of each terminal, detour and further price of each arc; an arc costs weight x detour, and
        its further price where either end is new to the region.
    known : (t + 1,), (r,), (r + 1,), (p,), (p,) arrays
        Regions so far: pointers, nodes, pointers to pairs, their arcs and shares, which cost as well.
    most, room : int
        Nodes in a region, and in all of them.

    Returns
    -------
    pointer (t + 1,), nodes, origin : the regions, each with its terminal first and the others ascending;
    `origin` is the place of each node in the regions before, -1 where it is new
    """
    weight, detour, further = prices
    pointer, nodes, of_node, pair_arc, share = known
    n = len(indptr) - 1
    t = len(terminals)
    label = np.full(n, np.inf)
    heap = np.empty(n, np.int64)
    place = np.full(n, -1, np.int64)
    touched = np.empty(n, np.int64)
    was = np.full(n, -1, np.int64)
    old = np.zeros(len(arc) + 1)
    fresh = np.zeros(t + 1, np.int64)
    out = np.empty(room, np.int64)
    origin = np.empty(room, np.int64)
    count = 0
    for k in range(t):
        fresh[k] = count
        start = terminals[k]
        if start == root or count == room:
            continue
        for i in range(pointer[k], pointer[k + 1]):
            was[nodes[i]] = i
        for q in range(of_node[pointer[k]], of_node[pointer[k + 1]]):
            old[pair_arc[q]] = share[q]
        label[start] = 0.0
        touched[0] = start
        many = 1
        size = heap_push(heap, place, label, 0, start)
        while size > 0 and count < room and count - fresh[k] < most:
            v = heap_pop(heap, place, label, size)
            size -= 1
            if label[v] > reach[k]:
                break
            if v == root:
                continue
            out[count] = v
            count += 1
            for s in range(indptr[v], indptr[v + 1]):
                w = head[s]
                a = arc[s] ^ 1
                far = label[v] + weight[k] * detour[a] + old[a]
                if was[v] < 0 or was[w] < 0:
                    far += further[a]
                if far < label[w]:
                    if label[w] == np.inf:
                        touched[many] = w
                        many += 1
                    label[w] = far
                    size = heap_push(heap, place, label, size, w)
        for i in range(many):
            label[touched[i]] = np.inf
            place[touched[i]] = -1
        if count > fresh[k]:
            out[fresh[k] + 1 : count].sort()
        for i in range(fresh[k], count):
            origin[i] = was[out[i]]
        for i in range(pointer[k], pointer[k + 1]):
            was[nodes[i]] = -1
        for q in range(of_node[pointer[k]], of_node[pointer[k + 1]]):
            old[pair_arc[q]] = 0.0
    fresh[t] = count
    return fresh, out[:count].copy(), origin[:count].copy()


@nb.njit(cache=kept())
def carry_pairs(
    before: tuple[IntArray, IntArray, IntArray],
    after: tuple[IntArray, IntArray, IntArray],
    arcs: int,
    value: FloatArray,
) -> FloatArray:
    """Return the value of each new pair (p,), 0 where it was none before.

    `before` and `after` are region pointers, pointers to pairs, and arcs of the pairs.
    """
    pointer, of_node, pair_arc = before
    new_pointer, new_of_node, new_arc = after
    old = np.zeros(arcs + 1)
    carried = np.empty(len(new_arc))
    for k in range(len(pointer) - 1):
        low = of_node[pointer[k]]
        high = of_node[pointer[k + 1]]
        for q in range(low, high):
            old[pair_arc[q]] = value[q]
        for q in range(new_of_node[new_pointer[k]], new_of_node[new_pointer[k + 1]]):
            carried[q] = old[new_arc[q]]
        for q in range(low, high):
            old[pair_arc[q]] = 0.0
    return carried
