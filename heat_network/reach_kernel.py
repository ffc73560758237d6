"""Compiled kernel: the regions that terminals see, and their growth to where the potentials reach."""

__all__ = ["ball_regions", "carry_pairs", "regrow_regions"]

import numba as nb
import numpy as np

from heat_network.steiner_kernel import FloatArray, IntArray, heap_pop, heap_push
from layers.compilation import kept

# ruff: noqa: PLR0913, PLR0917  (a kernel: loops over flat arrays)


@nb.njit(cache=kept())
def ball_regions(
    indptr: IntArray,
    head: IntArray,
    arc: IntArray,
    price: FloatArray,
    terminals: IntArray,
    root: int,
    most: int,
) -> tuple[IntArray, IntArray]:
    """Return the `most` nodes nearest to each terminal (root excluded) as (t + 1) pointers and a list."""
    n = len(indptr) - 1
    t = len(terminals)
    label = np.full(n, np.inf)
    heap = np.empty(n, np.int64)
    place = np.full(n, -1, np.int64)
    touched = np.empty(n, np.int64)
    pointer = np.zeros(t + 1, np.int64)
    nodes = np.empty(t * min(most, n), np.int64)
    count = 0
    for k in range(t):
        pointer[k] = count
        start = terminals[k]
        if start == root:
            continue
        label[start] = 0.0
        touched[0] = start
        many = 1
        size = heap_push(heap, place, label, 0, start)
        while size > 0 and count - pointer[k] < most:
            v = heap_pop(heap, place, label, size)
            size -= 1
            if v == root:
                continue
            nodes[count] = v
            count += 1
            for s in range(indptr[v], indptr[v + 1]):
                w = head[s]
                far = label[v] + price[arc[s] ^ 1]
                if far < label[w]:
                    if label[w] == np.inf:
                        touched[many] = w
                        many += 1
                    label[w] = far
                    size = heap_push(heap, place, label, size, w)
        for i in range(many):
            label[touched[i]] = np.inf
            place[touched[i]] = -1
    pointer[t] = count
    return pointer, nodes[:count]


@nb.njit(cache=kept())
def regrow_regions(
    indptr: IntArray,
    head: IntArray,
    pointer: IntArray,
    nodes: IntArray,
    height: FloatArray,
    root: int,
    hops: int,
    most: int,
    room: int,
) -> tuple[IntArray, IntArray, IntArray]:
    """Return regions that hold the nodes each terminal has a potential at, and `hops` rings around them.

    Rings stop at `most` nodes in a region and at `room` nodes in all.

    Returns
    -------
    pointer, nodes : as from `ball_regions`
    origin : (r,) row each region node had before, -1 for new ones
    """
    n = len(indptr) - 1
    t = len(pointer) - 1
    ring = np.empty(n, np.int64)
    was = np.full(n, -1, np.int64)
    seen = np.full(n, -1, np.int64)
    fresh = np.zeros(t + 1, np.int64)
    out = np.empty(room + len(nodes) + n, np.int64)
    origin = np.empty(len(out), np.int64)
    count = 0
    for k in range(t):
        fresh[k] = count
        first = pointer[k]
        for i in range(first, pointer[k + 1]):
            was[nodes[i]] = i
            if i == first or height[i] > 0.0:
                seen[nodes[i]] = k
                ring[count - fresh[k]] = 0
                out[count] = nodes[i]
                count += 1
        spot = fresh[k]
        while spot < count < room and count - fresh[k] < most:
            far = ring[spot - fresh[k]]
            if far == hops:
                break
            v = out[spot]
            spot += 1
            for s in range(indptr[v], indptr[v + 1]):
                w = head[s]
                if seen[w] != k and w != root:
                    seen[w] = k
                    ring[count - fresh[k]] = far + 1
                    out[count] = w
                    count += 1
        for i in range(fresh[k], count):
            origin[i] = was[out[i]]
        for i in range(first, pointer[k + 1]):
            was[nodes[i]] = -1
    fresh[t] = count
    return fresh, out[:count], origin[:count]


@nb.njit(cache=kept())
def carry_pairs(
    before: tuple[IntArray, IntArray, IntArray, IntArray],
    after: tuple[IntArray, IntArray, IntArray, IntArray],
    arcs: int,
    flow: FloatArray,
    share: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return flow and share of the new pairs (sorted by arc), 0 where a pair is new.

    `before` and `after` are region pointers, pointers to pairs, arcs of the pairs and their places.
    """
    pointer, of_node, pair_arc, slot = before
    new_pointer, new_of_node, new_arc, new_slot = after
    old = np.full(arcs + 1, -1, np.int64)
    new_flow = np.zeros(len(new_slot))
    new_share = np.zeros(len(new_slot))
    for k in range(len(pointer) - 1):
        low = of_node[pointer[k]]
        high = of_node[pointer[k + 1]]
        for q in range(low, high):
            old[pair_arc[q]] = slot[q]
        for q in range(new_of_node[new_pointer[k]], new_of_node[new_pointer[k + 1]]):
            at = old[new_arc[q]]
            if at >= 0:
                new_flow[new_slot[q]] = flow[at]
                new_share[new_slot[q]] = share[at]
        for q in range(low, high):
            old[pair_arc[q]] = -1
    return new_flow, new_share
