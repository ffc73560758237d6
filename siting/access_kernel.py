"""Compiled shortest paths: cutoff Dijkstra with a binary heap over a graph in compressed rows."""

# Arrays are filled by loops: a slice assignment makes numba compile its error texts, seconds each.

__all__ = [
    "Arcs",
    "Labels",
    "Legs",
    "Run",
    "SiteRows",
    "Stops",
    "by_demand",
    "many_to_many",
    "settle",
]

from typing import Any, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from layers.compilation import kept
from siting.sparse_costs import IntArray, NumberArray

_Single = npt.NDArray[np.float32]
_Int32 = npt.NDArray[np.int32]


class Arcs(NamedTuple):
    """Directed arcs in compressed rows by their tail node.

    Attributes
    ----------
    indptr : ndarray of int, shape (nodes + 1,)
        Arcs of node ``k`` are ``indptr[k]:indptr[k + 1]``.
    heads : ndarray of int, shape (arcs,)
        Node each arc leads to.
    time_s, length_m : ndarray of float, shape (arcs,)
        Time [s] and length [m] of each arc.
    """

    indptr: IntArray
    heads: _Int32
    time_s: NumberArray
    length_m: NumberArray


class Labels(NamedTuple):
    """What a run of :func:`settle` knows of each node, and its scratch space.

    Attributes
    ----------
    time_s, length_m : ndarray of float, shape (nodes,)
        Time and length of the fastest path; infinite where none was found.
    via : ndarray of int, shape (nodes,)
        Node before on the path; ``-1 - k`` at seed ``k``.
    order : ndarray of int, shape (nodes,)
        Settled nodes, nearest first.
    done : ndarray of int8, shape (nodes,)
        1 where settled.
    heap_time, heap_node : ndarray, shape (arcs + nodes,)
        The heap.
    """

    time_s: NumberArray
    length_m: NumberArray
    via: IntArray
    order: IntArray
    done: npt.NDArray[np.int8]
    heap_time: NumberArray
    heap_node: IntArray


class Run(NamedTuple):
    """A graph, what is known of its nodes, and how far to look [s]."""

    arcs: Arcs
    labels: Labels
    cutoff_s: float


class Legs(NamedTuple):
    """Points at nodes (-1: none), with time [s] and length [m] between point and node."""

    node: IntArray
    time_s: NumberArray
    length_m: NumberArray


class Stops(NamedTuple):
    """The points of each node, ``at[indptr[node]:indptr[node + 1]]``, and the leg of each point."""

    indptr: IntArray
    at: IntArray
    time_s: NumberArray
    length_m: NumberArray


class SiteRows(NamedTuple):
    """Sparse rows of indices with time [s] and length [m]."""

    indptr: IntArray
    indices: _Int32
    time_s: _Single
    length_m: _Single


@numba.njit(cache=kept(), nogil=True)
def _push(labels: Labels, size: int, node: int) -> None:
    key = labels.time_s[node]
    k = size
    while k > 0:
        above = (k - 1) >> 1
        if labels.heap_time[above] <= key:
            break
        labels.heap_time[k] = labels.heap_time[above]
        labels.heap_node[k] = labels.heap_node[above]
        k = above
    labels.heap_time[k] = key
    labels.heap_node[k] = node


@numba.njit(cache=kept(), nogil=True)
def _drop_top(labels: Labels, size: int) -> None:
    """Take the top off a heap that holds `size` entries after it."""
    key = labels.heap_time[size]
    node = labels.heap_node[size]
    k = 0
    while True:
        below = 2 * k + 1
        if below >= size:
            break
        if below + 1 < size and labels.heap_time[below + 1] < labels.heap_time[below]:
            below += 1
        if labels.heap_time[below] >= key:
            break
        labels.heap_time[k] = labels.heap_time[below]
        labels.heap_node[k] = labels.heap_node[below]
        k = below
    labels.heap_time[k] = key
    labels.heap_node[k] = node


@numba.njit(cache=kept(), nogil=True)
def settle(run: Run, seeds: Legs) -> int:
    """Settle the nodes within the cutoff of the seeds, nearest first; return how many.

    Ties of time are broken by length. The labels must be fresh (:func:`many_to_many` resets them).
    """
    arcs = run.arcs
    labels = run.labels
    size = 0
    for k in range(seeds.node.size):
        node = seeds.node[k]
        t = seeds.time_s[k]
        if t <= run.cutoff_s and t < labels.time_s[node]:
            labels.time_s[node] = t
            labels.length_m[node] = seeds.length_m[k]
            labels.via[node] = -1 - k
            _push(labels, size, node)
            size += 1
    settled = 0
    while size > 0:
        node = labels.heap_node[0]
        size -= 1
        _drop_top(labels, size)
        if labels.done[node]:
            continue
        labels.done[node] = 1
        labels.order[settled] = node
        settled += 1
        for a in range(arcs.indptr[node], arcs.indptr[node + 1]):
            head = arcs.heads[a]
            if labels.done[head]:
                continue
            t = labels.time_s[node] + arcs.time_s[a]
            m = labels.length_m[node] + arcs.length_m[a]
            if t > run.cutoff_s or t > labels.time_s[head]:
                continue
            if t < labels.time_s[head]:
                labels.time_s[head] = t
                labels.length_m[head] = m
                labels.via[head] = node
                _push(labels, size, head)
                size += 1
            elif m < labels.length_m[head]:
                labels.length_m[head] = m
                labels.via[head] = node
    return settled


@numba.njit(cache=kept(), nogil=True)
def _grown(old: npt.NDArray[Any], size: int) -> npt.NDArray[Any]:
    new = np.empty(size, dtype=old.dtype)
    for k in range(old.size):
        new[k] = old[k]
    return new


@numba.njit(cache=kept(), nogil=True)
def many_to_many(run: Run, sites: Legs, stops: Stops) -> SiteRows:
    """Return, site by site, the demands within the cutoff.

    The arcs are reversed, so that the paths run from the demands (`stops`) to the site; a site
    without a node reaches nothing. The labels must be fresh and are fresh again afterwards.
    """
    labels = run.labels
    indptr = np.empty(sites.node.size + 1, dtype=np.int64)
    demand = np.empty(1024, dtype=np.int32)
    time_s = np.empty(1024, dtype=np.float32)
    length_m = np.empty(1024, dtype=np.float32)
    indptr[0] = 0
    n = 0
    for s in range(sites.node.size):
        settled = 0
        if sites.node[s] >= 0:
            one = Legs(sites.node[s : s + 1], sites.time_s[s : s + 1], sites.length_m[s : s + 1])
            settled = settle(run, one)
        for k in range(settled):
            node = labels.order[k]
            for e in range(stops.indptr[node], stops.indptr[node + 1]):
                i = stops.at[e]
                t = labels.time_s[node] + stops.time_s[i]
                if t > run.cutoff_s:
                    continue
                if n == demand.size:
                    demand = _grown(demand, 2 * n)
                    time_s = _grown(time_s, 2 * n)
                    length_m = _grown(length_m, 2 * n)
                demand[n] = i
                time_s[n] = t
                length_m[n] = labels.length_m[node] + stops.length_m[i]
                n += 1
            labels.time_s[node] = np.inf
            labels.length_m[node] = np.inf
            labels.done[node] = 0
        indptr[s + 1] = n
    return SiteRows(indptr, demand[:n], time_s[:n], length_m[:n])


@numba.njit(cache=kept(), nogil=True)
def by_demand(rows: SiteRows, demand_count: int) -> SiteRows:
    """Turn rows by site into rows by demand, sites ascending within each row."""
    start = np.zeros(demand_count + 1, dtype=np.int64)
    for i in rows.indices:
        start[i + 1] += 1
    for i in range(demand_count):
        start[i + 1] += start[i]
    place = np.empty(demand_count, dtype=np.int64)
    for i in range(demand_count):
        place[i] = start[i]
    site = np.empty(rows.indices.size, dtype=np.int32)
    time_s = np.empty(site.size, dtype=np.float32)
    length_m = np.empty(site.size, dtype=np.float32)
    for s in range(rows.indptr.size - 1):
        for e in range(rows.indptr[s], rows.indptr[s + 1]):
            k = place[rows.indices[e]]
            site[k] = s
            time_s[k] = rows.time_s[e]
            length_m[k] = rows.length_m[e]
            place[rows.indices[e]] = k + 1
    return SiteRows(start, site, time_s, length_m)
