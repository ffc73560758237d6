"""Dirty streets as a metric graph, with a report of every repair, and buildings attached to it."""

__all__ = ["StreetGraph", "attach", "street_graph"]

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from heat_network.graph_repair import Repair, cluster_points, cut_positions, split_lines
from heat_network.routing_assumptions import RoutingAssumptions
from heat_network.tables import ATTACHMENTS, GRAPH_EDGES, GRAPH_NODES, REPAIRS
from layers.errors import DatumError, LayerError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
_ON_NODE_M = 0.5  # cuts this near to a node use the node


@dataclass(frozen=True, kw_only=True)
class StreetGraph:
    """Streets as nodes and edges.

    Attributes
    ----------
    nodes, edges, repairs : GeoDataFrame
        `graph_nodes`, `graph_edges` and `graph_repairs` tables.
    """

    nodes: Any
    edges: Any
    repairs: Any

    @cached_property
    def ends(self) -> IntArray:
        """Rows of the nodes at both ends of every edge (m, 2)."""
        index = self.nodes.index
        both = [index.get_indexer(self.edges[name]) for name in ("u", "v")]
        return np.stack(both, axis=1).astype(np.int64)


@dataclass
class _Draft:
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
        n = len(self.points)
        graph = coo_array(
            (np.ones(len(self.ends)), (self.ends[:, 0], self.ends[:, 1])), shape=(n, n)
        )
        part = connected_components(graph, directed=False)[1]
        size = np.bincount(part)
        rank = np.empty(len(size), np.int64)
        rank[np.argsort(-size, kind="stable")] = np.arange(len(size))
        return rank[part]


def street_graph(
    streets: Any, *, snap_m: float, assumptions: RoutingAssumptions, barriers: Any = None
) -> StreetGraph:
    """Make a graph of street lines by their geometry, whatever their node numbers say.

    Lines are split where they cross on the ground (bridges and tunnels only meet others at their ends),
    ends within `snap_m` of each other or of a line are joined, gaps up to the assumed width between
    separate parts are bridged, and parts that stay separate are kept. Every repair is a row with geometry.

    Parameters
    ----------
    streets : GeoDataFrame
        Lines in a metric CRS, by street_id; flags `bridge` and `tunnel` where known.
    snap_m : float
        Tolerance [m].
    assumptions : RoutingAssumptions
    barriers : GeoDataFrame, optional
        Rivers, railways, motorways: geometry and `kind`, a key of `assumptions.crossing_extra_m`
        (other kinds count as "other"). Edges that cross them cost the assumed extra length.

    Raises
    ------
    DatumError
        Streets or barriers without a metric CRS, or in different ones.
    LayerError
        Not one usable line.
    """
    crs = _metric(streets, "streets")
    if not 0.0 <= snap_m < 1000.0:
        raise LayerError(f"snap_m is {snap_m}; give a tolerance between 0 and 1000 m.")
    draft = _planar(streets, max(snap_m, 1e-3))
    _bridge_gaps(draft, assumptions.bridge_gap_m, crs)
    return _framed(draft, crs, assumptions, barriers)


def _metric(frame: Any, name: str) -> Any:
    if not isinstance(frame, gpd.GeoDataFrame) or frame.crs is None:
        raise DatumError(
            f"{name} has no coordinate reference system; set the one its coordinates are in."
        )
    if not frame.crs.is_projected:
        raise DatumError(
            f"{name} is in {frame.crs.name} (degrees); project it to the study's metric CRS."
        )
    return frame.crs


def _planar(streets: Any, snap_m: float) -> _Draft:
    names = streets.index.astype("str").to_numpy(dtype=object)
    geometry = np.asarray(streets.geometry.array, dtype=object)
    usable = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    flat = shapely.force_2d(geometry[usable])
    parts, row = shapely.get_parts(flat, return_index=True)
    owner = np.flatnonzero(usable)[row]
    line = (shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING.value) & (
        shapely.length(parts) > 0
    )
    repairs = [
        Repair("dropped_short", names[o], 0.0, "no line or no length", None)
        for o in np.concatenate([np.flatnonzero(~usable), owner[~line]]).tolist()
    ]
    parts, owner = parts[line], owner[line]
    if len(parts) == 0:
        raise LayerError(
            "streets holds not one line with a length; check the layer that was given."
        )
    level = np.ones(len(parts), np.bool_)
    for flag in ("bridge", "tunnel"):
        if flag in streets.columns:
            level &= ~streets[flag].fillna(value=False).astype(bool).to_numpy()[owner]
    which, position = cut_positions(parts, level, snap_m)
    pieces, of = split_lines(parts, which, position, merge_m=1e-3)
    for i in np.flatnonzero(np.bincount(of, minlength=len(parts)) > 1).tolist():
        count = int((of == i).sum()) - 1 if len(parts) < 2000 else 1
        repairs.append(
            Repair(
                "split", names[owner[i]], float(count), "cut where other streets meet it", parts[i]
            )
        )
    ends = np.concatenate(
        [
            shapely.get_coordinates(shapely.get_point(pieces, 0)),
            shapely.get_coordinates(shapely.get_point(pieces, -1)),
        ]
    )
    group = cluster_points(ends, snap_m)
    first = np.full(group.max() + 1, len(ends), np.int64)
    np.minimum.at(first, group, np.arange(len(ends)))
    points = ends[first]
    moved = np.hypot(*(ends - points[group]).T)
    for i in np.flatnonzero(moved > 0.01).tolist():
        piece = of[i % len(pieces)]
        repairs.append(
            Repair(
                "snapped",
                names[owner[piece]],
                float(moved[i]),
                "end moved to its neighbour",
                shapely.LineString([ends[i], points[group[i]]]),
            )
        )
    pairs = np.stack([group[: len(pieces)], group[len(pieces) :]], axis=1)
    return _without_doubles(points, pairs, pieces, (names[owner[of]], repairs))


def _without_doubles(
    points: FloatArray,
    pairs: IntArray,
    pieces: npt.NDArray[np.object_],
    origin: tuple[Any, list[Repair]],
) -> _Draft:
    street, repairs = origin
    lines = np.empty(len(pieces), dtype=object)
    for i, piece in enumerate(pieces):
        xy = shapely.get_coordinates(piece)
        xy[0], xy[-1] = points[pairs[i, 0]], points[pairs[i, 1]]
        lines[i] = shapely.LineString(xy)
    length = shapely.length(lines)
    loop = pairs[:, 0] == pairs[:, 1]
    key = pd.DataFrame({"a": pairs.min(axis=1), "b": pairs.max(axis=1), "l": np.round(length, 1)})
    double = ~loop & key.duplicated().to_numpy()
    for kind, mask, words in (
        ("dropped_short", loop, "begins and ends at the same node"),
        ("dropped_double", double, "lies on another edge"),
    ):
        repairs += [
            Repair(kind, street[i], float(length[i]), words, pieces[i])
            for i in np.flatnonzero(mask).tolist()
        ]
    keep = ~(loop | double)
    n = len(points)
    return _Draft(
        points, ["street"] * n, [f"n{i}" for i in range(n)], pairs[keep], lines[keep],
        np.full(int(keep.sum()), "street", dtype=object), street[keep], repairs,
    )  # fmt: skip


def _bridge_gaps(draft: _Draft, gap_m: float, crs: Any) -> None:
    """Join dead ends to the nearest edge of another part, where it is near enough."""
    if gap_m <= 0.0 or len(draft.ends) == 0 or crs is None:
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
    _connect(draft, dead[i[rows]], edge[rows], "bridged")
    for number in range(len(rows)):
        line = draft.lines[len(draft.lines) - len(rows) + number]
        draft.repairs.append(
            Repair("bridged", None, float(line.length), "gap between two parts closed", line)
        )


def _connect(draft: _Draft, node: IntArray, edge: IntArray, kind: str) -> None:
    """Join nodes to edges by straight lines, cutting the edges where the lines meet them."""
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
    _cut(draft, keys[:, 0], cut_at, fresh)
    links = shapely.linestrings(np.stack([draft.points[node], draft.points[target]], axis=1))
    draft.ends = np.concatenate([draft.ends, np.stack([node, target], axis=1)])
    draft.lines = np.concatenate([draft.lines, links])
    draft.edge_kind = np.concatenate([draft.edge_kind, np.full(len(node), kind, dtype=object)])
    draft.street = np.concatenate([draft.street, np.full(len(node), None, dtype=object)])


def _cut(draft: _Draft, edge: IntArray, position: FloatArray, node: IntArray) -> None:
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


def _framed(draft: _Draft, crs: Any, assumptions: RoutingAssumptions, barriers: Any) -> StreetGraph:
    part = draft.component
    nodes = gpd.GeoDataFrame(
        {
            "kind": draft.node_kind,
            "component": part,
            "x_m": draft.points[:, 0],
            "y_m": draft.points[:, 1],
        },
        geometry=shapely.points(draft.points),
        crs=crs,
        index=pd.Index(draft.node_id, dtype="str", name="node_id"),
    )
    names = np.array(draft.node_id, dtype=object)
    extra, crossed = _crossings(draft.lines, crs, assumptions, barriers)
    edges = gpd.GeoDataFrame(
        {
            "u": names[draft.ends[:, 0]],
            "v": names[draft.ends[:, 1]],
            "kind": draft.edge_kind,
            "street_id": pd.array(draft.street, dtype="str"),
            "length_m": shapely.length(draft.lines),
            "extra_m": extra,
            "crossings": pd.array(crossed, dtype="str"),
        },
        geometry=draft.lines,
        crs=crs,
        index=pd.Index([f"e{i}" for i in range(len(draft.lines))], dtype="str", name="edge_id"),
    )
    return StreetGraph(
        nodes=GRAPH_NODES.validate(nodes, where="The nodes of the street graph"),
        edges=GRAPH_EDGES.validate(edges, where="The edges of the street graph"),
        repairs=_repair_rows(draft, part, crs),
    )


def _repair_rows(draft: _Draft, part: IntArray, crs: Any) -> Any:
    of_edge = part[draft.ends[:, 0]]
    length = shapely.length(draft.lines)
    rows = list(draft.repairs)
    for island in range(1, int(part.max()) + 1 if len(part) else 0):
        inside = of_edge == island
        if inside.any():
            shape = shapely.multilinestrings(draft.lines[inside])
            rows.append(
                Repair(
                    "island",
                    None,
                    float(length[inside].sum()),
                    "part without a way to the largest",
                    shape,
                )
            )
    frame = gpd.GeoDataFrame(
        {
            "kind": [row.kind for row in rows],
            "street_id": pd.array([row.street for row in rows], dtype="str"),
            "size_m": np.array([row.size_m for row in rows], dtype=np.float64),
            "detail": [row.detail for row in rows],
        },
        geometry=[
            shapely.Point(draft.points[0]) if row.where is None else row.where for row in rows
        ],
        crs=crs,
        index=pd.Index([f"repair-{i}" for i in range(len(rows))], dtype="str", name="repair_id"),
    )
    return REPAIRS.validate(frame, where="The repairs of the street graph")


def _crossings(
    lines: npt.NDArray[np.object_], crs: Any, assumptions: RoutingAssumptions, barriers: Any
) -> tuple[FloatArray, list[str | None]]:
    extra = np.zeros(len(lines))
    crossed: list[str | None] = [None] * len(lines)
    if barriers is None or len(barriers) == 0:
        return extra, crossed
    if _metric(barriers, "barriers") != crs:
        raise DatumError(
            "barriers and streets are in different CRS; project the barriers to the streets'."
        )
    if "kind" not in barriers.columns:
        raise LayerError("barriers has no column 'kind'; say water, railway or motorway.")
    known = assumptions.crossing_extra_m
    kinds = [kind if kind in known else "other" for kind in barriers["kind"].astype(str)]
    tree = shapely.STRtree(lines)
    shapes = np.asarray(barriers.geometry.array)
    found = {
        pair
        for predicate in ("crosses", "covers")
        for pair in zip(
            *(side.tolist() for side in tree.query(shapes, predicate=predicate)), strict=True
        )
    }
    for b, e in sorted(found):
        if shapely.get_dimensions(shapes[b]) < 2 and shapes[b].covers(lines[e]):
            continue  # the street itself, drawn twice
        extra[e] += known[kinds[b]]
        crossed[e] = kinds[b] if crossed[e] is None else f"{crossed[e]},{kinds[b]}"
    return extra, crossed


def attach(
    graph: StreetGraph,
    places: Any,
    *,
    assumptions: RoutingAssumptions,
    barriers: Any = None,
) -> tuple[StreetGraph, pd.DataFrame]:
    """Give every building or source its own node, joined to several streets around it.

    Parameters
    ----------
    graph : StreetGraph
    places : GeoDataFrame
        Points or polygons (their representative point counts) in the graph's CRS, uniquely keyed.
    assumptions : RoutingAssumptions
        Farthest street and how many streets to offer each.
    barriers : GeoDataFrame, optional
        As in :func:`street_graph`; the new service lines pay for crossing them too.

    Returns
    -------
    graph : StreetGraph
        A new graph; streets are cut where services meet them.
    attachments : DataFrame
        One `graph_attachments` row per place; places too far from every street have no node.
    """
    if _metric(places, "places") != graph.nodes.crs:
        raise DatumError(
            "places and the graph are in different CRS; project the places to the graph's."
        )
    if not places.index.is_unique:
        raise LayerError("places repeats a key; give every building its own.")
    keys = places.index.astype("str").to_numpy(dtype=object)
    spots = shapely.point_on_surface(np.asarray(places.geometry.array))
    ok = ~(shapely.is_missing(spots) | shapely.is_empty(spots))
    lines = np.asarray(graph.edges.geometry.array, dtype=object)
    row, edge, far = _candidates(spots, ok, lines, assumptions)
    served = np.unique(row)
    start = len(graph.nodes)
    node_of = np.full(len(places), -1, np.int64)
    node_of[served] = start + np.arange(len(served))
    ids = [f"b:{key}" for key in keys[served].tolist()]
    draft = _Draft(
        np.concatenate([graph.nodes[["x_m", "y_m"]].to_numpy(np.float64), shapely.get_coordinates(spots[served])]),
        [*graph.nodes["kind"].astype(str).tolist(), *["building"] * len(served)],
        [*graph.nodes.index.tolist(), *ids],
        graph.ends.copy(), lines.copy(), graph.edges["kind"].astype(object).to_numpy(),
        graph.edges["street_id"].to_numpy(dtype=object), [],
    )  # fmt: skip
    _connect(draft, node_of[row], edge, "service")
    made = _framed(draft, graph.nodes.crs, assumptions, barriers)
    nearest = np.full(len(places), np.nan)
    nearest[row[::-1]] = far[::-1]
    frame = pd.DataFrame(
        {
            "node": pd.array(
                [None if at < 0 else draft.node_id[at] for at in node_of.tolist()], dtype="str"
            ),
            "candidates": np.bincount(row, minlength=len(places)),
            "nearest_m": nearest,
            "reason": np.where(node_of >= 0, "attached", "too_far"),
        },
        index=pd.Index(keys, dtype="str", name="building_id"),
    )
    whole = StreetGraph(nodes=made.nodes, edges=made.edges, repairs=graph.repairs)
    return whole, ATTACHMENTS.validate(frame, where="The attachments to the street graph")


def _candidates(
    spots: npt.NDArray[np.object_],
    ok: npt.NDArray[np.bool_],
    lines: npt.NDArray[np.object_],
    assumptions: RoutingAssumptions,
) -> tuple[IntArray, IntArray, FloatArray]:
    """Nearest few edges of each place: rows sorted by place and distance."""
    tree = shapely.STRtree(lines)
    left = np.flatnonzero(ok)
    found: list[tuple[IntArray, IntArray, FloatArray]] = []
    limit = assumptions.attach_limit_m
    radii: Iterable[float] = sorted({min(limit, radius) for radius in (40.0, 120.0, limit)})
    for radius in radii:
        i, edge = tree.query(spots[left], predicate="dwithin", distance=radius)
        row = left[i]
        far = shapely.distance(spots[row], lines[edge])
        order = np.lexsort((far, row))
        row, edge, far = row[order], edge[order], far[order]
        rank = np.arange(len(row)) - np.searchsorted(row, row)
        count = np.bincount(row, minlength=len(spots))
        final = (count[row] >= assumptions.attach_candidates) | (radius >= limit)
        keep = final & (rank < assumptions.attach_candidates)
        found.append((row[keep], edge[keep].astype(np.int64), far[keep]))
        left = np.setdiff1d(left, row[keep])
    row, edge, far = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.lexsort((far, row))
    return row[order].astype(np.int64), edge[order], far[order]
