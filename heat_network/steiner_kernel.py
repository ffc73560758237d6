"""Compiled kernel: trees in sparse graphs - growing them, hanging them from a root, shortest paths.

A graph of n nodes and m edges is held as arcs: edge e = (u, v) gives arc 2e from u to v and arc 2e + 1 from
v to u. `indptr` (n + 1), `head` (2m) and `arc` (2m) list the arcs leaving each node. Every arc has a fixed
price (paid once when it is used) and a linear price (paid per unit of flow).
"""

__all__ = [
    "FloatArray",
    "IntArray",
    "grow_tree",
    "hang_tree",
    "heap_pop",
    "heap_push",
    "shortest_paths",
]

import numba as nb
import numpy as np
import numpy.typing as npt

from layers.compilation import kept

# ruff: noqa: PLR0917  (a kernel: compiled functions take arrays by position)

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@nb.njit(cache=kept())
def heap_push(heap: IntArray, place: IntArray, key: FloatArray, size: int, item: int) -> int:
    """Insert an item, or move it up after its key fell; return the new size of the heap."""
    spot = place[item]
    if spot < 0:
        spot = size
        size += 1
    value = key[item]
    while spot > 0:
        above = (spot - 1) >> 1
        other = heap[above]
        if key[other] <= value:
            break
        heap[spot] = other
        place[other] = spot
        spot = above
    heap[spot] = item
    place[item] = spot
    return size


@nb.njit(cache=kept())
def heap_pop(heap: IntArray, place: IntArray, key: FloatArray, size: int) -> int:
    """Remove and return the item of least key; the heap then holds size - 1 items."""
    top = heap[0]
    place[top] = -1
    size -= 1
    if size > 0:
        last = heap[size]
        value = key[last]
        spot = 0
        while True:
            below = 2 * spot + 1
            if below >= size:
                break
            if below + 1 < size and key[heap[below + 1]] < key[heap[below]]:
                below += 1
            other = heap[below]
            if key[other] >= value:
                break
            heap[spot] = other
            place[other] = spot
            spot = below
        heap[spot] = last
        place[last] = spot
    return int(top)


@nb.njit(cache=kept())
def shortest_paths(
    indptr: IntArray, head: IntArray, arc: IntArray, price: FloatArray, root: int
) -> FloatArray:
    """Return the least price of a path from the root to every node (n,), infinite where there is none."""
    n = len(indptr) - 1
    label = np.full(n, np.inf)
    heap = np.empty(n, np.int64)
    place = np.full(n, -1, np.int64)
    label[root] = 0.0
    size = heap_push(heap, place, label, 0, root)
    while size > 0:
        v = heap_pop(heap, place, label, size)
        size -= 1
        for s in range(indptr[v], indptr[v + 1]):
            w = head[s]
            value = label[v] + price[arc[s]]
            if value < label[w]:
                label[w] = value
                size = heap_push(heap, place, label, size, w)
    return label


@nb.njit(cache=kept())
def grow_tree(
    indptr: IntArray,
    head: IntArray,
    arc: IntArray,
    fixed: FloatArray,
    linear: FloatArray,
    terminal: npt.NDArray[np.bool_],
    root: int,
    weight: float,
) -> IntArray:
    """Grow a tree from the root by the shortest-path heuristic, radially weighted.

    The label of a tree node is weight x its linear distance from the root, so a terminal prefers a join
    from which little flow has to travel; weight 0 is the plain heuristic of Takahashi and Matsuyama (1980).

    Returns
    -------
    (n,) int array
        Arc by which each tree node is reached, -1 for the root, -2 outside the tree. Terminals that
        cannot be reached stay at -2.
    """
    n = len(indptr) - 1
    via = np.full(n, -2, np.int64)
    parent = np.full(n, -2, np.int64)
    before = np.full(n, -1, np.int64)
    depth = np.zeros(n)
    label = np.full(n, np.inf)
    heap = np.empty(n, np.int64)
    place = np.full(n, -1, np.int64)
    path = np.empty(n, np.int64)
    left = 0
    for v in range(n):
        if terminal[v] and v != root:
            left += 1
    parent[root] = -1
    label[root] = 0.0
    size = heap_push(heap, place, label, 0, root)
    while size > 0 and left > 0:
        v = heap_pop(heap, place, label, size)
        size -= 1
        if terminal[v] and parent[v] == -2:
            count = 0
            u = v
            while parent[u] == -2:
                path[count] = u
                count += 1
                u = before[u]
            for spot in range(count - 1, -1, -1):
                w = path[spot]
                parent[w] = via[w]
                depth[w] = depth[before[w]] + linear[via[w]]
                label[w] = weight * depth[w]
                size = heap_push(heap, place, label, size, w)
                if terminal[w]:
                    left -= 1
            continue
        for s in range(indptr[v], indptr[v + 1]):
            w = head[s]
            if parent[w] != -2:
                continue
            value = label[v] + fixed[arc[s]] + weight * linear[arc[s]]
            if value < label[w]:
                label[w] = value
                via[w] = arc[s]
                before[w] = v
                size = heap_push(heap, place, label, size, w)
    return parent


@nb.njit(cache=kept())
def hang_tree(
    indptr: IntArray,
    head: IntArray,
    arc: IntArray,
    used: npt.NDArray[np.bool_],
    root: int,
    parent: IntArray,
    above: IntArray,
    order: IntArray,
) -> int:
    """Hang the used edges from the root in depth-first order.

    Fills `parent` (n,) with the arc into each node (-1 root, -2 outside), `above` (n,) with the node before
    it and the first places of `order` with the nodes in preorder. Returns the number of nodes hung, or -1
    when the used edges hold a cycle that the root sees.
    """
    parent[:] = -2
    above[:] = -1
    stack = np.empty(len(parent), np.int64)
    parent[root] = -1
    stack[0] = root
    size = 1
    count = 0
    while size > 0:
        size -= 1
        v = stack[size]
        order[count] = v
        count += 1
        for s in range(indptr[v], indptr[v + 1]):
            a = arc[s]
            if not used[a >> 1] or (parent[v] >= 0 and (a >> 1) == (parent[v] >> 1)):
                continue
            w = head[s]
            if parent[w] != -2:
                return -1
            parent[w] = a
            above[w] = v
            stack[size] = w
            size += 1
    return count
