"""The frames of a street graph: its nodes, edges with what they cross, and its repairs."""

__all__ = ["StreetGraph", "frame_graph", "require_metric", "with_edges", "without_places"]

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

from heat_network.graph_draft import Draft
from heat_network.graph_repair import Repair
from heat_network.routing_assumptions import RoutingAssumptions
from heat_network.tables import GRAPH_EDGES, GRAPH_NODES, REPAIRS
from layers.errors import DatumError, LayerError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


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
        ends: IntArray = np.stack(both, axis=1).astype(np.int64)
        return ends


def require_metric(frame: Any, name: str) -> Any:
    """Return the metric CRS of a frame, or say what is wrong with it."""
    if not isinstance(frame, gpd.GeoDataFrame) or frame.crs is None:
        raise DatumError(
            f"{name} has no coordinate reference system; set the one its coordinates are in."
        )
    if not frame.crs.is_projected:
        raise DatumError(
            f"{name} is in {frame.crs.name} (degrees); project it to the study's metric CRS."
        )
    return frame.crs


def frame_graph(
    draft: Draft, crs: Any, *, assumptions: RoutingAssumptions, barriers: Any
) -> StreetGraph:
    """Return the validated frames of a draft."""
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
    extra, crossed = _crossings(draft.lines, crs, assumptions=assumptions, barriers=barriers)
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


def without_places(graph: StreetGraph, forbidden: Any) -> StreetGraph:
    """Return the graph without edges that enter some places.

    Parameters
    ----------
    graph : StreetGraph
    forbidden : GeoSeries
        Polygons, or lines with a buffer, in the graph's CRS.
    """
    lines = np.asarray(graph.edges.geometry.array, dtype=object)
    inside = shapely.STRtree(lines).query(np.asarray(forbidden.array), predicate="intersects")[1]
    kept = np.ones(len(lines), np.bool_)
    kept[inside] = False
    return with_edges(graph, kept)


def with_edges(graph: StreetGraph, kept: npt.NDArray[np.bool_]) -> StreetGraph:
    """Return the graph with some of its edges, all its nodes, and its parts found anew."""
    if kept.all():
        return graph
    n, ends = len(graph.nodes), graph.ends[kept]
    net = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(n, n))
    part = connected_components(net, directed=False)[1]
    rank = np.empty(int(part.max()) + 1, np.int64)
    rank[np.argsort(-np.bincount(part), kind="stable")] = np.arange(len(rank))
    return StreetGraph(
        nodes=graph.nodes.assign(component=rank[part]),
        edges=graph.edges[kept],
        repairs=graph.repairs,
    )


def _repair_rows(draft: Draft, part: IntArray, crs: Any) -> Any:
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
    lines: npt.NDArray[np.object_], crs: Any, *, assumptions: RoutingAssumptions, barriers: Any
) -> tuple[FloatArray, list[str | None]]:
    extra = np.zeros(len(lines))
    crossed: list[str | None] = [None] * len(lines)
    if barriers is None or len(barriers) == 0:
        return extra, crossed
    if require_metric(barriers, "barriers") != crs:
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
