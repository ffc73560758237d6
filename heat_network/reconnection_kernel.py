"""Compiled kernel: the exact reconnection of a tree's loose parts within a small region."""

__all__ = ["Programme", "assign_parts", "reconnect", "trace_edges"]

from typing import NamedTuple

import numba as nb
import numpy as np

from heat_network.cutout_kernel import Cutout, Region, Tree
from heat_network.steiner_kernel import FloatArray, IntArray, heap_pop, heap_push
from layers.compilation import kept

# ruff: noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917  (a kernel: loops over flat arrays)


class Programme(NamedTuple):
    """Tables of the dynamic programme over sets of parts: prices, and where each came from."""

    value: FloatArray
    back: IntArray
    hub: FloatArray
    hub_back: IntArray
    join: FloatArray
    join_back: IntArray
    weight: FloatArray
    heap: IntArray
    place: IntArray


@nb.njit(cache=kept())
def _rehang_price(
    linear: FloatArray, tree: Tree, cutout: Cutout, k: int, part: int, v: int
) -> float:
    """Price of hanging a loose part from node v instead of from its head: the flows on the way turn."""
    entry, leave, heads, net = tree.entry, tree.leave, cutout.heads, cutout.net
    extra = 0.0
    u = v
    for _ in range(100):
        if u == heads[part]:
            return extra
        below = tree.load[u]
        for j in range(k):
            if j != part and entry[u] <= entry[heads[j]] < leave[u]:
                inner = True
                for q in range(k):
                    if (
                        q not in (j, part)
                        and entry[u] <= entry[heads[q]]
                        and entry[heads[q]] < entry[heads[j]] < leave[heads[q]]
                    ):
                        inner = False
                if inner:
                    below -= tree.load[heads[j]]
        extra += linear[tree.parent[u]] * (net[part] - 2.0 * below)
        u = tree.above[u]
    return np.inf


@nb.njit(cache=kept())
def assign_parts(
    linear: FloatArray,
    tree: Tree,
    cutout: Cutout,
    region: Region,
    nloc: int,
    k: int,
    most: int,
    turn: int,
    flowing: int,
) -> None:
    """Tell which part each node of the region is in: a loose one, the root's (`most`), or none (-1)."""
    entry, leave, heads = tree.entry, tree.leave, cutout.heads
    for i in range(nloc):
        v = region.node[i]
        region.comp[i] = -1
        region.shift[i] = 0.0
        if tree.parent[v] == -2 or cutout.freed[v] == turn:
            continue
        best = most
        for j in range(k):
            if entry[heads[j]] <= entry[v] < leave[heads[j]] and (
                best == most or entry[heads[j]] > entry[heads[best]]
            ):
                best = j
        region.comp[i] = best
        if flowing and best < most:
            region.shift[i] = _rehang_price(linear, tree, cutout, k, best, v)


@nb.njit(cache=kept())
def _hub_prices(
    tree: Tree, cutout: Cutout, region: Region, programme: Programme, S: int, k: int, nloc: int
) -> None:
    """Least price of each loose part absorbing the rest of the set S, seen from its head."""
    value, weight, hub, hub_back = (
        programme.value,
        programme.weight,
        programme.hub,
        programme.hub_back,
    )
    depth, heads, node, comp = tree.depth, cutout.heads, region.node, region.comp
    big = len(node)
    for c in range(k):
        if not (S >> c) & 1:
            continue
        rest = S & ~(1 << c)
        if rest == 0:
            hub[S, c] = 0.0
            hub_back[S, c] = -1
            continue
        best_value = np.inf
        best_back = -1
        # two sets that both hold the component
        sub = (rest - 1) & rest
        while sub > 0:
            both = hub[sub | (1 << c), c] + hub[(rest & ~sub) | (1 << c), c]
            if sub >= (rest & ~sub) and both < best_value:
                best_value = both
                best_back = big + (sub | (1 << c))
            sub = (sub - 1) & rest
        for i in range(nloc):
            if comp[i] == c and value[rest, i] < np.inf:
                far = value[rest, i] + weight[rest] * (depth[node[i]] - depth[heads[c]])
                if far < best_value:
                    best_value = far
                    best_back = i
        hub[S, c] = best_value
        hub_back[S, c] = best_back


@nb.njit(cache=kept())
def _spread(
    fixed: FloatArray,
    linear: FloatArray,
    near: FloatArray,
    region: Region,
    programme: Programme,
    S: int,
    limit_value: float,
    most: int,
    lsize: int,
) -> None:
    """Carry the prices of the set S along the region's arcs (Dijkstra)."""
    row, back, weight = programme.value[S], programme.back, programme.weight
    lheap, lplace = programme.heap, programme.place
    node, comp = region.node, region.comp
    loc_ptr, loc_head, loc_arc = region.pointer, region.head, region.arc
    big = len(node)
    while lsize > 0:
        i = heap_pop(lheap, lplace, row, lsize)
        lsize -= 1
        c = comp[i]
        # other components absorb, they do not pass on
        if c >= 0 and back[S, i] != -1:
            continue
        for s in range(loc_ptr[i], loc_ptr[i + 1]):
            j = loc_head[s]
            a = loc_arc[s]
            far = row[i] + fixed[a] + weight[S] * linear[a]
            if far < row[j] and far + weight[S] * near[node[j]] < limit_value:
                cj = comp[j]
                if 0 <= cj < most and (S >> cj) & 1:
                    continue
                row[j] = far
                back[S, j] = a * big + i
                lsize = heap_push(lheap, lplace, row, lsize, j)


@nb.njit(cache=kept())
def reconnect(
    fixed: FloatArray,
    linear: FloatArray,
    near: FloatArray,
    tree: Tree,
    cutout: Cutout,
    region: Region,
    programme: Programme,
    nloc: int,
    k: int,
    most: int,
    old: float,
    flowing: int,
) -> float:
    """Return the least price of joining k loose parts to the root's within the region.

    The dynamic programme of Dreyfus and Wagner (1971) over sets of parts, with the flow of each set on
    its arcs; what costs more than `old` is left out.
    """
    value, back, weight = programme.value, programme.back, programme.weight
    join, join_back, hub = programme.join, programme.join_back, programme.hub
    lheap, lplace = programme.heap, programme.place
    node, comp, shift = region.node, region.comp, region.shift
    depth, heads, net = tree.depth, cutout.heads, cutout.net
    every = (1 << k) - 1
    weight[0] = 0.0
    for S in range(1, every + 1):
        low_bit = 0
        while not (S >> low_bit) & 1:
            low_bit += 1
        weight[S] = weight[S & (S - 1)] + net[low_bit]
        lsize = 0
        for i in range(nloc):
            value[S, i] = np.inf
        _hub_prices(tree, cutout, region, programme, S, k, nloc)
        # merges at free nodes, within the lowest component's half
        sub = (S - 1) & S
        bit = 1 << low_bit
        while sub > 0:
            if sub & bit:
                other = S & ~sub
                for i in range(nloc):
                    far = value[sub, i] + value[other, i]
                    if far < value[S, i] and comp[i] == -1:
                        value[S, i] = far
                        back[S, i] = -(2 + sub)
            sub = (sub - 1) & S
        limit_value = old
        if flowing:
            for c in range(k):
                if not (S >> c) & 1:
                    limit_value -= net[c] * near[heads[c]]
        for i in range(nloc):
            c = comp[i]
            if 0 <= c < most and (S >> c) & 1:
                far = (
                    hub[S, c] + shift[i] + (weight[S] - net[c]) * (depth[node[i]] - depth[heads[c]])
                )
                value[S, i] = far
                back[S, i] = -1
            if value[S, i] + weight[S] * near[node[i]] < limit_value:
                lsize = heap_push(lheap, lplace, value[S], lsize, i)
        _spread(fixed, linear, near, region, programme, S, limit_value, most, lsize)
        row = value[S]
        join[S] = np.inf
        join_back[S] = -1
        for i in range(nloc):
            if comp[i] == most and row[i] < np.inf:
                far = row[i] + weight[S] * depth[node[i]]
                if far < join[S]:
                    join[S] = far
                    join_back[S] = i
        sub = (S - 1) & S
        while sub > 0:
            if sub & bit:
                far = join[sub] + join[S & ~sub]
                if far < join[S]:
                    join[S] = far
                    join_back[S] = -(2 + sub)
            sub = (sub - 1) & S
    return float(join[every])


@nb.njit(cache=kept())
def trace_edges(
    region: Region,
    programme: Programme,
    every: int,
    stack_set: IntArray,
    stack_at: IntArray,
    added: IntArray,
) -> int:
    """List the edges of the best reconnection in `added`; return how many."""
    comp, back, hub_back, join_back = (
        region.comp,
        programme.back,
        programme.hub_back,
        programme.join_back,
    )
    big = len(region.node)
    n_added = 0
    top = 0
    stack_set[0] = every
    stack_at[0] = -1  # -1 join, >= 0 node, <= -2 hub
    top = 1
    while top > 0 and top < 4000:
        top -= 1
        S = stack_set[top]
        at = stack_at[top]
        if at == -1:
            b = join_back[S]
            if b >= 0:
                stack_set[top] = S
                stack_at[top] = b
                top += 1
            else:
                sub = -b - 2
                stack_set[top] = sub
                stack_at[top] = -1
                stack_set[top + 1] = S & ~sub
                stack_at[top + 1] = -1
                top += 2
        elif at >= 0:
            b = back[S, at]
            if b >= 0:
                added[n_added] = (b // big) >> 1
                n_added += 1
                stack_set[top] = S
                stack_at[top] = b % big
                top += 1
            elif b == -1:
                stack_set[top] = S
                stack_at[top] = -2 - comp[at]
                top += 1
            else:
                sub = -b - 2
                stack_set[top] = sub
                stack_at[top] = at
                stack_set[top + 1] = S & ~sub
                stack_at[top + 1] = at
                top += 2
        else:
            c = -2 - at
            b = hub_back[S, c]
            if b >= big:
                sub = b - big
                stack_set[top] = sub
                stack_at[top] = at
                stack_set[top + 1] = (S & ~sub) | (1 << c)
                stack_at[top + 1] = at
                top += 2
            elif b >= 0:
                stack_set[top] = S & ~(1 << c)
                stack_at[top] = b
                top += 1
    return n_added
