"""Compiled kernel: the dual ascent of Wong (1984), a bound on directed Steiner trees."""

__all__ = ["dual_ascent"]

import numba as nb
import numpy as np
import numpy.typing as npt

from heat_network.steiner_kernel import FloatArray, IntArray, heap_pop, heap_push
from layers.compilation import kept

# ruff: noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917  (a kernel: one loop over flat arrays)


@nb.njit(cache=kept())
def dual_ascent(
    indptr: IntArray,
    head: IntArray,
    arc: IntArray,
    residual: FloatArray,
    terminals: IntArray,
    budget: FloatArray,
    root: int,
    guide: npt.NDArray[np.bool_],
    own: tuple[FloatArray, FloatArray],
    before: tuple[IntArray, IntArray, FloatArray],
) -> float:
    """Raise cuts around terminals until saturated paths join each to the root; return the sum raised.

    A cut is the set of arcs entering the nodes that reach a terminal over saturated arcs. Raising it by
    the least residual price on it raises the bound by as much. Small cuts go first; cuts that the
    `guide` tree crosses more than once come later, for they lose against that tree.

    Parameters
    ----------
    residual : (2m,) float array
        Prices of the arcs; what is left of them on return. Whole numbers keep every sum exact.
    budget : (t,) float array
        The most that each terminal may raise (its prize), infinite where it must be joined.
    guide : (2m,) bool array
        Arcs of a good tree hung from the root, or none.
    own : pair of (t,) and (2m,) float arrays
        Weight of each terminal and detour of each arc: an arc lets a terminal rise by weight x detour at
        its own expense before it touches the residual. All weights 0: a plain Steiner problem.
    before : (t + 1,), (r,), (r,) arrays
        Potentials that each terminal already uses: pointers, nodes, heights.
    """
    flowing = own[0].max() > 0.0
    weight, detour = own
    pointer, region, height = before
    potential = np.zeros(len(indptr) - 1)
    joined = np.zeros(len(indptr) - 1)
    raised = np.zeros(len(terminals))
    # members of each component with the height at which they joined: linked lists in one pool
    latest = np.full(len(terminals), -1, np.int64)
    pool_node = np.empty(1 << 16 if flowing else 1, np.int64)
    pool_next = np.empty_like(pool_node)
    pool_join = np.empty(len(pool_node), np.float64)
    pool = 0
    n = len(indptr) - 1
    t = len(terminals)
    active = np.zeros(n, np.bool_)
    seen = np.full(n, -1, np.int64)
    member = np.empty(n, np.int64)
    key = np.zeros(t)
    left = budget.copy()
    heap = np.empty(t, np.int64)
    place = np.full(t, -1, np.int64)
    size = 0
    for k in range(t):
        v = terminals[k]
        if v != root and budget[k] > 0.0:
            active[v] = True
            key[k] = indptr[v + 1] - indptr[v]
            size = heap_push(heap, place, key, size, k)
    bound = 0.0
    turn = 0
    while size > 0:
        k = heap_pop(heap, place, key, size)
        size -= 1
        turn += 1
        start = terminals[k]
        count = 0
        if flowing:
            for i in range(pointer[k], pointer[k + 1]):
                potential[region[i]] = height[i]
            at = latest[k]
            while at >= 0:
                v = pool_node[at]
                member[count] = v
                seen[v] = turn
                joined[v] = pool_join[at]
                count += 1
                at = pool_next[at]
        if count == 0:
            member[0] = start
            seen[start] = turn
            joined[start] = 0.0
            count = 1
            stored = 0
        else:
            stored = count
        scan = 0
        first = True
        done = False
        while True:
            while scan < count and not done:
                v = member[scan]
                scan += 1
                for s in range(indptr[v], indptr[v + 1]):
                    u = head[s]
                    if seen[u] == turn or residual[arc[s] ^ 1] > 0.0:
                        continue
                    if flowing:
                        a = arc[s] ^ 1
                        spare = np.floor(
                            weight[k] * detour[a] - max(0.0, potential[v] - potential[u])
                        )
                        if spare > raised[k] - joined[v]:
                            continue
                        joined[u] = raised[k]
                    if u == root or (active[u] and not flowing):
                        done = True
                        break
                    seen[u] = turn
                    member[count] = u
                    count += 1
            if done:
                break
            cut = 0
            away = 0
            cross = 0
            step = left[k]
            for i in range(count):
                v = member[i]
                for s in range(indptr[v], indptr[v + 1]):
                    if seen[head[s]] != turn:
                        a = arc[s] ^ 1
                        if flowing:
                            spare = np.floor(
                                weight[k] * detour[a] - max(0.0, potential[v] - potential[head[s]])
                            ) - (raised[k] - joined[v])
                            if spare > 0.0:
                                step = min(step, spare)
                                away += 1
                                continue
                        cut += 1
                        if guide[a]:
                            cross += 1
                        step = min(step, residual[a])
            if cut + away == 0:  # nothing enters: the root cannot reach this terminal
                done = True
                break
            score = cut + 10.0 * max(0, cross - 1)
            if size > 0 and score > (1.25 if first else 1.0) * key[heap[0]]:
                key[k] = score
                break
            first = False
            for i in range(count):
                v = member[i]
                for s in range(indptr[v], indptr[v + 1]):
                    if seen[head[s]] == turn:
                        continue
                    a = arc[s] ^ 1
                    if flowing:
                        spare = np.floor(
                            weight[k] * detour[a] - max(0.0, potential[v] - potential[head[s]])
                        ) - (raised[k] - joined[v])
                        if spare > 0.0:
                            continue
                    residual[a] -= step
            bound += step
            left[k] -= step
            raised[k] += step
            if left[k] <= 0.0:
                done = True
                break
            scan = 0
        if flowing:
            for i in range(pointer[k], pointer[k + 1]):
                potential[region[i]] = 0.0
            while pool + count - stored > len(pool_node):
                pool_node = np.concatenate((pool_node, np.empty_like(pool_node)))
                pool_next = np.concatenate((pool_next, np.empty_like(pool_next)))
                pool_join = np.concatenate((pool_join, np.empty_like(pool_join)))
            for i in range(stored, count if not done else stored):
                pool_node[pool] = member[i]
                pool_join[pool] = joined[member[i]]
                pool_next[pool] = latest[k]
                latest[k] = pool
                pool += 1
        if done:
            active[start] = False
        else:
            size = heap_push(heap, place, key, size, k)
    return bound
