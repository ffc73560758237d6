"""Buildings and sources attached to a street graph, each to several streets."""

__all__ = ["attach"]

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from heat_network.graph_draft import Draft, connect
from heat_network.graph_frames import StreetGraph, frame_graph, require_metric
from heat_network.routing_assumptions import RoutingAssumptions
from heat_network.tables import ATTACHMENTS, REPAIRS
from layers.errors import DatumError, LayerError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


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
        A new graph; streets are cut where services meet them, and its repairs say which.
    attachments : DataFrame
        One `graph_attachments` row per place; places too far from every street have no node.
    """
    if require_metric(places, "places") != graph.nodes.crs:
        raise DatumError(
            "places and the graph are in different CRS; project the places to the graph's."
        )
    if not places.index.is_unique:
        raise LayerError("places repeats a key; give every building its own.")
    keys = places.index.astype("str").to_numpy(dtype=object)
    spots = shapely.point_on_surface(np.asarray(places.geometry.array))
    ok = ~(shapely.is_missing(spots) | shapely.is_empty(spots))
    lines = np.asarray(graph.edges.geometry.array, dtype=object)
    row, edge, far = _candidates(spots, ok, lines, assumptions=assumptions)
    served = np.unique(row)
    start = len(graph.nodes)
    node_of = np.full(len(places), -1, np.int64)
    node_of[served] = start + np.arange(len(served))
    ids = [f"b:{key}" for key in keys[served].tolist()]
    at = graph.nodes[["x_m", "y_m"]].to_numpy(np.float64)
    draft = Draft(
        np.concatenate([at, shapely.get_coordinates(spots[served])]),
        [*graph.nodes["kind"].astype(str).tolist(), *["building"] * len(served)],
        [*graph.nodes.index.tolist(), *ids],
        graph.ends.copy(), lines.copy(), graph.edges["kind"].astype(object).to_numpy(),
        graph.edges["street_id"].to_numpy(dtype=object), [],
    )  # fmt: skip
    connect(draft, node_of[row], edge, kind="service")
    made = frame_graph(draft, graph.nodes.crs, assumptions=assumptions, barriers=barriers)
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
    before = graph.repairs[graph.repairs["kind"] != "island"]  # islands may have changed
    repairs = pd.concat([before, made.repairs])
    repairs.index = pd.Index(
        [f"repair-{i}" for i in range(len(repairs))], dtype="str", name="repair_id"
    )
    whole = StreetGraph(
        nodes=made.nodes,
        edges=made.edges,
        repairs=REPAIRS.validate(repairs, where="The repairs of the street graph"),
    )
    return whole, ATTACHMENTS.validate(frame, where="The attachments to the street graph")


def _candidates(
    spots: npt.NDArray[np.object_],
    ok: npt.NDArray[np.bool_],
    lines: npt.NDArray[np.object_],
    *,
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
