"""Compiled kernel: exact reductions of a graph before trees are sought in it.

Nothing is lost by leaving out dead ends that hold nobody who is kept, loops, and any edge beside which a
parallel one costs no more in either part of its price; a chain of nodes of two edges that hold nobody is
one edge whose prices are the sums along it.
"""

__all__ = ["contract_chains", "prune_leaves"]

import numba as nb
import numpy as np
import numpy.typing as npt

from heat_network.steiner_kernel import FloatArray, IntArray
from layers.compilation import kept

BoolArray = npt.NDArray[np.bool_]

# ruff: noqa: C901, PLR0915, PLR0917  (a kernel: loops over flat arrays)


@nb.njit(cache=kept())
def prune_leaves(
    indptr: IntArray, head: IntArray, arc: IntArray, keep: BoolArray, alive: BoolArray
) -> IntArray:
    """Take dead ends without a kept node out of `alive` (m,); return the degree left at every node (n,)."""
    n = len(indptr) - 1
    degree = np.zeros(n, np.int64)
    stack = np.empty(n, np.int64)
    size = 0
    for v in range(n):
        for s in range(indptr[v], indptr[v + 1]):
            if head[s] == v:
                alive[arc[s] >> 1] = False
            elif alive[arc[s] >> 1]:
                degree[v] += 1
    for v in range(n):
        if degree[v] == 1 and not keep[v]:
            stack[size] = v
            size += 1
    while size > 0:
        size -= 1
        v = stack[size]
        for s in range(indptr[v], indptr[v + 1]):
            if alive[arc[s] >> 1]:
                alive[arc[s] >> 1] = False
                degree[v] -= 1
                u = head[s]
                degree[u] -= 1
                if degree[u] == 1 and not keep[u]:
                    stack[size] = u
                    size += 1
    return degree


@nb.njit(cache=kept())
def contract_chains(
    indptr: IntArray,
    head: IntArray,
    arc: IntArray,
    fixed: FloatArray,
    linear: FloatArray,
    keep: BoolArray,
    alive: BoolArray,
    degree: IntArray,
) -> tuple[IntArray, FloatArray, FloatArray, IntArray, IntArray]:
    """Make one edge of every chain between nodes that are kept or branch.

    Returns
    -------
    ends : (k, 2) first and last node of each chain
    fixed, linear : (2k,) prices along and against it, summed
    pointer, edges : (k + 1,) and (e,) the edges that each chain is made of
    """
    n = len(indptr) - 1
    m = len(alive)
    ends = np.empty((m, 2), np.int64)
    price = np.empty(2 * m)
    slope = np.empty(2 * m)
    pointer = np.zeros(m + 1, np.int64)
    edges = np.empty(m, np.int64)
    gone = np.zeros(m, np.bool_)
    twin = np.full(n, -1, np.int64)
    count = 0
    fill = 0
    for v in range(n):
        if not keep[v] and degree[v] < 3:
            continue
        first = count
        for s in range(indptr[v], indptr[v + 1]):
            if not alive[arc[s] >> 1] or gone[arc[s] >> 1]:
                continue
            spot = s
            begin = fill
            out = 0.0
            back = 0.0
            out_slope = 0.0
            back_slope = 0.0
            while True:
                a = arc[spot]
                gone[a >> 1] = True
                edges[fill] = a >> 1
                fill += 1
                out += fixed[a]
                back += fixed[a ^ 1]
                out_slope += linear[a]
                back_slope += linear[a ^ 1]
                u = head[spot]
                if keep[u] or degree[u] >= 3:
                    break
                for q in range(indptr[u], indptr[u + 1]):
                    if alive[arc[q] >> 1] and not gone[arc[q] >> 1]:
                        spot = q
                        break
            if u == v:
                fill = begin
                continue
            rival = twin[u]
            if rival >= first:
                worse = out >= price[2 * rival] and back >= price[2 * rival + 1]
                if worse and out_slope >= slope[2 * rival] and back_slope >= slope[2 * rival + 1]:
                    fill = begin
                    continue
            ends[count, 0] = v
            ends[count, 1] = u
            price[2 * count] = out
            price[2 * count + 1] = back
            slope[2 * count] = out_slope
            slope[2 * count + 1] = back_slope
            count += 1
            pointer[count] = fill
            twin[u] = count - 1
        for c in range(first, count):
            twin[ends[c, 1]] = -1
    return (
        ends[:count].copy(), price[: 2 * count].copy(), slope[: 2 * count].copy(),
        pointer[: count + 1].copy(), edges[:fill].copy(),
    )  # fmt: skip
