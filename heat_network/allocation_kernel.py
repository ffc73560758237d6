"""Compiled kernel: the best sharing of arc prices among the terminals, a bound by linear programming.

Every terminal k may be charged a share w_k(a) of the fixed price c(a) of arc a, sum_k w_k(a) <= c(a).
Whatever the shares, sum_k (price of the cheapest path from the root to k under w_k + own_k) is a lower bound
on the price of any tree, because the tree holds a path to every k and pays c(a) once. The best shares are the
dual of the flow formulation of Wong (1984), which :mod:`heat_network.splitting_kernel` approaches. A
terminal sees its region only: outside it the shares are zero and the potential counts as zero, which is a
restriction of the shares, so the bound holds for any regions.
"""

__all__ = ["pair_up", "settle_shares"]

import numba as nb
import numpy as np
import numpy.typing as npt

from heat_network.steiner_kernel import FloatArray, IntArray, heap_pop, heap_push
from layers.compilation import kept

BoolArray = npt.NDArray[np.bool_]

# ruff: noqa: C901, PLR0917  (a kernel: loops over flat arrays)


@nb.njit(cache=kept())
def pair_up(
    indptr: IntArray,
    head: IntArray,
    arc: IntArray,
    pointer: IntArray,
    nodes: IntArray,
    capped: BoolArray,
) -> tuple[IntArray, IntArray, IntArray, IntArray, npt.NDArray[np.int32], IntArray]:
    """List the pairs (terminal, arc into its region), and where they stand when sorted by arc.

    A `capped` terminal (t,) gets one more pair, on an arc numbered 2m from outside straight to it.

    Returns
    -------
    of_node : (r + 1,) pointers from region nodes to their pairs
    pair_arc, pair_tail, pair_head : (p,) arc, region node it leaves (-1 outside) and enters
    order : (p,) the pairs sorted by arc
    by_arc : (2m + 2,) pointers into the sorted pairs
    """
    n = len(indptr) - 1
    t = len(pointer) - 1
    total = t
    for v in nodes:
        total += indptr[v + 1] - indptr[v]
    of_node = np.zeros(len(nodes) + 1, np.int64)
    pair_arc = np.empty(total, np.int64)
    pair_tail = np.empty(total, np.int64)
    pair_head = np.empty(total, np.int64)
    place = np.full(n, -1, np.int64)
    count = 0
    for k in range(t):
        for i in range(pointer[k], pointer[k + 1]):
            place[nodes[i]] = i
        for i in range(pointer[k], pointer[k + 1]):
            of_node[i] = count
            v = nodes[i]
            if i == pointer[k] and capped[k]:
                pair_arc[count] = len(arc)
                pair_tail[count] = -1
                pair_head[count] = i
                count += 1
            for s in range(indptr[v], indptr[v + 1]):
                u = place[head[s]]
                if u != pointer[k]:  # a path never leaves its own terminal
                    pair_arc[count] = arc[s] ^ 1
                    pair_tail[count] = u
                    pair_head[count] = i
                    count += 1
        for i in range(pointer[k], pointer[k + 1]):
            place[nodes[i]] = -1
    of_node[len(nodes)] = count
    by_arc = np.zeros(len(arc) + 2, np.int64)
    for q in range(count):
        by_arc[pair_arc[q] + 1] += 1
    for a in range(len(arc) + 1):
        by_arc[a + 1] += by_arc[a]
    spot = by_arc[:-1].copy()
    order = np.empty(count, np.int32)
    for q in range(count):
        order[spot[pair_arc[q]]] = q
        spot[pair_arc[q]] += 1
    return of_node, pair_arc[:count], pair_tail[:count], pair_head[:count], order, by_arc


@nb.njit(cache=kept())
def settle_shares(
    pointer: IntArray,
    of_node: IntArray,
    pair_arc: IntArray,
    pair_tail: IntArray,
    own: FloatArray,
    share: FloatArray,
    residual: FloatArray,
    proved: FloatArray,
) -> FloatArray:
    """Turn shares into the bound they prove for each terminal (t,); take what it needs out of `residual`.

    `own` and `share` are by pair; `residual` (2m + 1,) is what the shares leave of the prices. A terminal
    may take of it beyond its share, and what it does not need goes back. Returns the potentials (r,) used.
    """
    height = np.zeros(len(of_node) - 1)
    label = np.full(len(height), np.inf)
    heap = np.empty(len(height), np.int64)
    place = np.full(len(height), -1, np.int64)
    for k in range(len(pointer) - 1):
        low = pointer[k]
        high = pointer[k + 1]
        if low == high:
            continue
        label[low] = 0.0
        size = heap_push(heap, place, label, 0, low)
        best = np.inf
        while size > 0:
            i = heap_pop(heap, place, label, size)
            size -= 1
            if label[i] >= best:
                break
            for s in range(of_node[i], of_node[i + 1]):
                u = pair_tail[s]
                far = label[i] + own[s] + share[s] + max(0.0, residual[pair_arc[s]])
                if u < 0:
                    best = min(best, far)
                elif far < label[u]:
                    label[u] = far
                    size = heap_push(heap, place, label, size, u)
        while size > 0:
            heap_pop(heap, place, label, size)
            size -= 1
        if best == np.inf:
            continue
        proved[k] = best
        for i in range(low, high):
            height[i] = max(0.0, best - label[i])
        for i in range(low, high):
            for s in range(of_node[i], of_node[i + 1]):
                before = 0.0 if pair_tail[s] < 0 else height[pair_tail[s]]
                residual[pair_arc[s]] += share[s] - max(0.0, height[i] - before - own[s])
    return height
