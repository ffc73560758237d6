"""Compiled kernel: the best sharing of arc prices among the terminals, by splitting arcs from paths.

The flow formulation of Wong (1984) asks for a unit of flow x_k from outside its region to every terminal
k at least sum_a c(a) max_k x_k(a) + sum own_k(a) x_k(a). Its two parts are easy alone: without conservation
each arc is a small problem of its own (water is poured over the flows until the price is spent), and without
prices each terminal asks for the nearest flow that is conserved, a system of linear equations in its
region's Laplacian, factorised once. The method of Douglas and Rachford (Eckstein and Bertsekas 1992) joins
them. Conservation is met exactly in every iteration, so news travels the length of a path at once, where
gradient methods carry it one arc per iteration.
"""

__all__ = ["factorise", "order_regions", "split_prices"]

import numba as nb
import numpy as np
import numpy.typing as npt

from heat_network.steiner_kernel import FloatArray, IntArray
from layers.compilation import kept

SmallArray = npt.NDArray[np.floating]  # single precision where many, double where few
ShortArray = npt.NDArray[np.int32]
_SPARE = 1e-12  # a water level that rises by less stands

# ruff: noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917  (a kernel: loops over flat arrays)


@nb.njit(cache=kept())
def order_regions(pointer: IntArray, rank: IntArray) -> IntArray:
    """Return the place of every region node (r,) in its region's order of elimination, given its rank."""
    place = np.empty(len(rank), np.int64)
    for k in range(len(pointer) - 1):
        order = np.argsort(rank[pointer[k] : pointer[k + 1]])
        for j in range(len(order)):
            place[pointer[k] + order[j]] = j
    return place


@nb.njit(cache=kept())
def _gather(
    low: int,
    high: int,
    of_node: IntArray,
    tail: IntArray,
    weight: SmallArray,
    place: IntArray,
    diagonal: FloatArray,
    begin: IntArray,
    fill: IntArray,
    near: IntArray,
    value: FloatArray,
) -> None:
    """Lay out one region's matrix by rows of its lower triangle."""
    size = high - low
    begin[: size + 1] = 0
    diagonal[:size] = 0.0
    for i in range(low, high):
        j = place[i]
        for s in range(of_node[i], of_node[i + 1]):
            diagonal[j] += weight[s]
            if tail[s] >= 0:
                u = place[tail[s]]
                diagonal[u] += weight[s]
                begin[max(j, u) + 1] += 1
    for j in range(size):
        begin[j + 1] += begin[j]
        fill[j] = begin[j]
    for i in range(low, high):
        j = place[i]
        for s in range(of_node[i], of_node[i + 1]):
            if tail[s] >= 0:
                u = place[tail[s]]
                row = max(j, u)
                near[fill[row]] = min(j, u)
                value[fill[row]] = -weight[s]
                fill[row] += 1


@nb.njit(cache=kept())
def factorise(
    pointer: IntArray, of_node: IntArray, tail: IntArray, place: IntArray, weight: SmallArray
) -> tuple[IntArray, ShortArray, SmallArray, SmallArray]:
    """Factorise every region's Laplacian, L D L' by columns (Davis 2005, LDL).

    `weight` (p,) counts each pair, and the factors have its precision. Returns pointers (r + 1,), rows and
    values of L, and 1 / D (r,).
    """
    widest = 0
    longest = 0
    for k in range(len(pointer) - 1):
        widest = max(widest, pointer[k + 1] - pointer[k])
        longest = max(longest, of_node[pointer[k + 1]] - of_node[pointer[k]])
    above = np.empty(widest, np.int64)
    flag = np.empty(widest, np.int64)
    many = np.empty(widest, np.int64)
    pattern = np.empty(widest, np.int64)
    fill = np.empty(widest, np.int64)
    begin = np.empty(widest + 1, np.int64)
    near = np.empty(longest, np.int64)
    value = np.empty(longest)
    diagonal = np.zeros(widest)
    row = np.zeros(widest)
    column = np.zeros(len(of_node), np.int64)
    inverse = np.zeros(len(of_node) - 1, weight.dtype)
    inner = np.empty(8 * len(of_node), np.int32)
    lower = np.empty(len(inner), weight.dtype)
    for k in range(len(pointer) - 1):
        low = pointer[k]
        size = pointer[k + 1] - low
        if size == 0:
            continue
        _gather(
            low, low + size, of_node, tail, weight, place, diagonal, begin, fill, near, value
        )  # fmt: skip
        for j in range(size):
            above[j] = -1
            flag[j] = j
            many[j] = 0
            for p in range(begin[j], begin[j + 1]):
                i = near[p]
                while flag[i] != j:
                    if above[i] == -1:
                        above[i] = j
                    many[i] += 1
                    flag[i] = j
                    i = above[i]
        for j in range(size):
            column[low + j + 1] = column[low + j] + many[j]
        while column[low + size] > len(inner):
            inner = np.concatenate((inner, np.empty_like(inner)))
            lower = np.concatenate((lower, np.empty_like(lower)))
        for j in range(size):
            row[j] = 0.0
            top = size
            flag[j] = j
            many[j] = 0
            for p in range(begin[j], begin[j + 1]):
                i = near[p]
                row[i] += value[p]
                length = 0
                while flag[i] != j:
                    pattern[length] = i
                    length += 1
                    flag[i] = j
                    i = above[i]
                while length > 0:
                    top -= 1
                    length -= 1
                    pattern[top] = pattern[length]
            pivot = diagonal[j]
            while top < size:
                i = pattern[top]
                top += 1
                part = row[i]
                row[i] = 0.0
                first = column[low + i]
                for p in range(first, first + many[i]):
                    row[inner[p]] -= lower[p] * part
                share = part * inverse[low + i]
                pivot -= share * part
                inner[first + many[i]] = j
                lower[first + many[i]] = share
                many[i] += 1
            inverse[low + j] = 1.0 / pivot
    return column, inner[: column[-1]].copy(), lower[: column[-1]].copy(), inverse


@nb.njit(cache=kept())
def _pour(
    by_arc: IntArray,
    order: ShortArray,
    price: FloatArray,
    pace: FloatArray,
    state: SmallArray,
    level: FloatArray,
    water: SmallArray,
) -> None:
    """Let every arc choose its flows; fills the way to them, and the water level of each arc."""
    for a in range(len(by_arc) - 1):
        low = by_arc[a]
        size = by_arc[a + 1] - low
        if size == 0:
            continue
        quick = pace[a]
        limit = quick * price[a]
        total = 0.0
        for i in range(size):
            q = order[low + i]
            water[i] = max(0.0, state[q, 0] - quick * state[q, 1])
            total += water[i]
        if limit <= 0.0:
            mark = np.inf
        elif total <= limit:
            mark = 0.0
        else:
            mark = (total - limit) / size
            while True:
                total = 0.0
                many = 0
                for i in range(size):
                    if water[i] > mark:
                        total += water[i]
                        many += 1
                if many == 0:
                    break
                higher = (total - limit) / many
                if higher <= mark + _SPARE:
                    break
                mark = higher
        level[a] = mark
        for i in range(size):
            q = order[low + i]
            state[q, 2] = min(water[i], mark) - state[q, 0]


@nb.njit(cache=kept(), fastmath={"contract", "reassoc"})
def _conserve(
    pointer: IntArray,
    of_node: IntArray,
    place: IntArray,
    into: ShortArray,
    state: SmallArray,
    factors: tuple[IntArray, ShortArray, SmallArray, SmallArray],
    potential: FloatArray,
    stride: float,
) -> None:
    """Reflect every terminal's flows in those that are conserved, and take the step.

    `into` holds the tail's place in the order of elimination, -1 outside.
    """
    column, inner, lower, inverse = factors
    widest = 0
    for k in range(len(pointer) - 1):
        widest = max(widest, pointer[k + 1] - pointer[k])
    x = np.empty(widest)
    for k in range(len(pointer) - 1):
        low = pointer[k]
        high = pointer[k + 1]
        size = high - low
        if size == 0:
            continue
        x[:size] = 0.0
        x[place[low]] = -1.0
        for i in range(low, high):
            here = 0.0
            for q in range(of_node[i], of_node[i + 1]):
                far = state[q, 0] + 2.0 * state[q, 2]
                here += far
                if into[q] >= 0:
                    x[into[q]] -= far
            x[place[i]] += here
        for j in range(size):
            part = x[j]
            for p in range(column[low + j], column[low + j + 1]):
                x[inner[p]] -= lower[p] * part
        for j in range(size - 1, -1, -1):
            part = x[j] * inverse[low + j]
            for p in range(column[low + j], column[low + j + 1]):
                part -= lower[p] * x[inner[p]]
            x[j] = part
        for i in range(low, high):
            here = x[place[i]]
            potential[i] = -here
            for q in range(of_node[i], of_node[i + 1]):
                rise = here
                if into[q] >= 0:
                    rise -= x[into[q]]
                state[q, 0] += stride * (state[q, 2] - state[q, 3] * rise)


@nb.njit(cache=kept())
def split_prices(
    pointer: IntArray,
    of_node: IntArray,
    place: IntArray,
    into: ShortArray,
    by_arc: IntArray,
    order: ShortArray,
    price: FloatArray,
    pace: FloatArray,
    factors: tuple[IntArray, ShortArray, SmallArray, SmallArray],
    state: SmallArray,
    potential: FloatArray,
    stride: float,
    rounds: int,
) -> tuple[FloatArray, FloatArray]:
    """Iterate in place; return shares of the prices and flows, both by pair (p,).

    Parameters
    ----------
    by_arc, order : (2m + 2,) and (p,) arrays
        The pairs of each arc.
    price, pace : (2m + 1,) arrays
        Fixed price of each arc, and its step: flow per unit of price.
    state : (p, 4) array
        Where each pair stands, its own price, the way to its flow, and its pace; the first is carried on.
    potential : (r,) array
        Potentials of the region nodes, filled.
    stride : float
        Relaxation, between 0 and 2.
    """
    widest = 0
    for a in range(len(by_arc) - 1):
        widest = max(widest, by_arc[a + 1] - by_arc[a])
    water = np.empty(widest, state.dtype)
    level = np.zeros(len(by_arc) - 1)
    for _ in range(rounds):
        _pour(by_arc, order, price, pace, state, level, water)
        _conserve(pointer, of_node, place, into, state, factors, potential, stride)
    _pour(by_arc, order, price, pace, state, level, water)
    share = np.zeros(len(order))
    flow = np.empty(len(order))
    for a in range(len(by_arc) - 1):
        for s in range(by_arc[a], by_arc[a + 1]):
            q = order[s]
            over = state[q, 0] - pace[a] * state[q, 1] - level[a]
            share[q] = max(0.0, over / pace[a])
            flow[q] = max(0.0, state[q, 0] + state[q, 2])
    return share, flow
