"""Dirty streets as a metric graph, with a report of every repair, and buildings attached to it."""

__all__ = ["StreetGraph", "attach", "street_graph"]

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from heat_network.attachments import attach
from heat_network.graph_draft import Draft, bridge_gaps
from heat_network.graph_frames import StreetGraph, frame_graph, require_metric
from heat_network.graph_repair import Repair, cluster_points, cut_positions, split_lines
from heat_network.routing_assumptions import RoutingAssumptions
from layers.errors import LayerError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


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
    crs = require_metric(streets, "streets")
    if not 0.0 <= snap_m < 1000.0:
        raise LayerError(f"snap_m is {snap_m}; give a tolerance between 0 and 1000 m.")
    draft = _planar(streets, max(snap_m, 1e-3))
    bridge_gaps(draft, assumptions.bridge_gap_m)
    return frame_graph(draft, crs, assumptions=assumptions, barriers=barriers)


def _planar(streets: Any, snap_m: float) -> Draft:
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
    cuts = np.bincount(of, minlength=len(parts)) - 1
    repairs += [
        Repair(
            "split", names[owner[i]], 0.0, f"cut {cuts[i]} times where streets meet it", parts[i]
        )
        for i in np.flatnonzero(cuts > 0).tolist()
    ]
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
    return _without_doubles(points, pairs, pieces, origin=(names[owner[of]], repairs))


def _without_doubles(
    points: FloatArray,
    pairs: IntArray,
    pieces: npt.NDArray[np.object_],
    *,
    origin: tuple[Any, list[Repair]],
) -> Draft:
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
    return Draft(
        points, ["street"] * n, [f"n{i}" for i in range(n)], pairs[keep], lines[keep],
        np.full(int(keep.sum()), "street", dtype=object), street[keep], repairs,
    )  # fmt: skip
