"""A street graph in the making: arrays that grow by joining nodes to edges."""

__all__ = ["Draft", "bridge_gaps", "connect"]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from heat_network.graph_repair import Repair, split_lines

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
_ON_NODE_M = 0.5  # cuts this near to a node use the node


@dataclass
class Draft:
    """A graph in the making, as arrays."""

    points: FloatArray  # (n, 2)
    node_kind: list[str]
    node_id: list[str]
    ends: IntArray  # (m, 2)
    lines: npt.NDArray[np.object_]
    edge_kind: npt.NDArray[np.object_]
    street: npt.NDArray[np.object_]
    repairs: list[Repair]

    @property
    def component(self) -> IntArray:
        """Connected part of each node (n,), 0 the one with most nodes."""
        n = len(self.points)
        graph = coo_array(
            (np.ones(len(self.ends)), (self.ends[:, 0], self.ends[:, 1])), shape=(n, n)
        )
        part = connected_components(graph, directed=False)[1]
        size = np.bincount(part)
        rank = np.empty(len(size), np.int64)
        rank[np.argsort(-size, kind="stable")] = np.arange(len(size))
        ranked: IntArray = rank[part]
        return ranked


def bridge_gaps(draft: Draft, gap_m: float) -> None:
    """Join dead ends to the nearest edge of another part, where it is near enough."""
    if gap_m <= 0.0 or len(draft.ends) == 0:
        return
    part = draft.component
    degree = np.bincount(draft.ends.ravel(), minlength=len(draft.points))
    dead = np.flatnonzero(degree == 1)
    tree = shapely.STRtree(draft.lines)
    spots = shapely.points(draft.points[dead])
    i, edge = tree.query(spots, predicate="dwithin", distance=gap_m)
    apart = part[dead[i]] != part[draft.ends[edge, 0]]
    i, edge = i[apart], edge[apart]
    gap = shapely.distance(spots[i], draft.lines[edge])
    order = np.argsort(gap, kind="stable")
    joined: dict[int, int] = {}

    def top(item: int) -> int:
        while joined.get(item, item) != item:
            item = joined[item]
        return item

    chosen: list[int] = []
    for at in order.tolist():
        a, b = top(int(part[dead[i[at]]])), top(int(part[draft.ends[edge[at], 0]]))
        if a != b:
            joined[a] = b
            chosen.append(at)
    rows = np.array(chosen, dtype=np.int64)
    connect(draft, dead[i[rows]], edge[rows], kind="bridged")
    for number in range(len(rows)):
        line = draft.lines[len(draft.lines) - len(rows) + number]
        draft.repairs.append(
            Repair("bridged", None, float(line.length), "gap between two parts closed", line)
        )


def connect(draft: Draft, node: IntArray, edge: IntArray, *, kind: str) -> None:
    """Join nodes to edges by straight lines, cutting the edges where the lines meet them.

    Two lines from one node to the same spot are one. Every street that is cut is noted as a repair.
    """
    if len(node) == 0:
        return
    spots = shapely.points(draft.points[node])
    length = shapely.length(draft.lines)
    at = shapely.line_locate_point(draft.lines[edge], spots)
    near_start, near_end = at <= _ON_NODE_M, at >= length[edge] - _ON_NODE_M
    inner = ~(near_start | near_end)
    # one new node per edge and half metre
    grid = np.round(at / _ON_NODE_M).astype(np.int64)
    keys, slot = np.unique(
        np.stack([edge[inner], grid[inner]], axis=1), axis=0, return_inverse=True
    )
    slot = slot.reshape(-1)
    cut_at = np.full(len(keys), np.inf)
    np.minimum.at(cut_at, slot, at[inner])
    fresh = len(draft.points) + np.arange(len(keys))
    places = shapely.get_coordinates(
        shapely.line_interpolate_point(draft.lines[keys[:, 0]], cut_at)
    )
    target = np.where(near_start, draft.ends[edge, 0], draft.ends[edge, 1])
    target[inner] = fresh[slot]
    draft.points = np.concatenate([draft.points, places.reshape(-1, 2)])
    draft.node_kind += ["attachment"] * len(keys)
    draft.node_id += [f"n{i}" for i in fresh.tolist()]
    whole, times = np.unique(keys[:, 0], return_counts=True)
    draft.repairs += [
        Repair("split", draft.street[e], 0.0, f"cut {count} times where {kind} lines meet it", draft.lines[e])
        for e, count in zip(whole.tolist(), times.tolist(), strict=True)
    ]  # fmt: skip
    _cut(draft, keys[:, 0], cut_at, node=fresh)
    first = np.sort(np.unique(np.stack([node, target], axis=1), axis=0, return_index=True)[1])
    node, target = node[first], target[first]
    links = shapely.linestrings(np.stack([draft.points[node], draft.points[target]], axis=1))
    draft.ends = np.concatenate([draft.ends, np.stack([node, target], axis=1)])
    draft.lines = np.concatenate([draft.lines, links])
    draft.edge_kind = np.concatenate([draft.edge_kind, np.full(len(node), kind, dtype=object)])
    draft.street = np.concatenate([draft.street, np.full(len(node), None, dtype=object)])


def _cut(draft: Draft, edge: IntArray, position: FloatArray, *, node: IntArray) -> None:
    order = np.lexsort((position, edge))
    edge, position, node = edge[order], position[order], node[order]
    cut = np.unique(edge)
    pieces, of = split_lines(
        draft.lines[cut], np.searchsorted(cut, edge).astype(np.int64), position, merge_m=0.0
    )
    starts = np.concatenate([[True], of[1:] != of[:-1]]) if len(of) else np.zeros(0, np.bool_)
    stops = np.concatenate([of[1:] != of[:-1], [True]]) if len(of) else np.zeros(0, np.bool_)
    u, v = np.empty(len(of), np.int64), np.empty(len(of), np.int64)
    u[starts], v[stops] = draft.ends[cut, 0], draft.ends[cut, 1]
    u[~starts], v[~stops] = node, node
    rest = np.ones(len(draft.ends), np.bool_)
    rest[cut] = False
    draft.ends = np.concatenate([draft.ends[rest], np.stack([u, v], axis=1)])
    draft.lines = np.concatenate([draft.lines[rest], pieces])
    draft.edge_kind = np.concatenate([draft.edge_kind[rest], draft.edge_kind[cut][of]])
    draft.street = np.concatenate([draft.street[rest], draft.street[cut][of]])
