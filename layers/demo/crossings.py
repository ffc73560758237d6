"""Crossings of generated streets: where lines meet they share a node, motorways are bridged."""

__all__ = ["noded"]

from itertools import pairwise

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.ops import substring

# Half the length of a bridge over a motorway, and the least way between two interchanges [m].
_BRIDGE_M = 90.0
_INTERCHANGE_M = 5000.0
_APART_M = 1.0


class _Cuts:
    """Where each line is to be cut: distance along it, node there, whether a bridge begins."""

    def __init__(self, next_node: int) -> None:
        self.by_line: dict[int, list[tuple[float, int, bool]]] = {}
        self.next_node = next_node
        self.places: dict[int, tuple[float, float]] = {}

    def node(self, point: shapely.Point) -> int:
        """Number a new node at a point, to the millimetre."""
        self.places[self.next_node] = (round(point.x, 3), round(point.y, 3))
        self.next_node += 1
        return self.next_node - 1

    def piece(
        self, line: shapely.Geometry, start: float, stop: float, *, ends: tuple[int, int]
    ) -> shapely.Geometry:
        """Return a part of a line whose ends lie exactly on their nodes."""
        points = shapely.get_coordinates(substring(line, start, stop))
        for place, node in zip((0, -1), ends, strict=True):
            if node in self.places:
                points[place] = self.places[node]
        return shapely.LineString(points)

    def add(self, line: int, along: float, node: int, *, bridge: bool = False) -> None:
        self.by_line.setdefault(line, []).append((along, node, bridge))


def noded(
    streets: gpd.GeoDataFrame, motorways: gpd.GeoDataFrame, *, open_from: int
) -> gpd.GeoDataFrame:
    """Cut streets where they cross, and lay the motorways over them.

    Parameters
    ----------
    streets : GeoDataFrame
        Lines with node numbers ``u``, ``v``, ``street_class`` and ``bridge``.
    motorways : GeoDataFrame
        Courses of motorways.
    open_from : int
        Streets before this row are grids that cross nothing among themselves.

    Returns
    -------
    GeoDataFrame
        The same columns. A trunk or primary road meets a motorway at an interchange at most every
        five kilometres; every other street passes over it by a bridge of its own.
    """
    lines = streets.geometry.to_numpy()
    cuts = _Cuts(int(streets[["u", "v"]].to_numpy().max()) + 1)
    tree = shapely.STRtree(lines)
    own, other = tree.query(lines[open_from:], predicate="crosses")
    own = own + open_from
    once = (own < other) | (other < open_from)
    for first, second in sorted(zip(own[once].tolist(), other[once].tolist(), strict=True)):
        for point in _points(lines[first], lines[second]):
            # A crossing at the end of one line is that end's node, and cuts only the other.
            ends = [_end_at(streets, row, point) for row in (first, second)]
            if ends[0] >= 0 and ends[1] >= 0:
                continue
            node = max(ends)
            if node < 0:
                node = cuts.node(point)
            else:
                cuts.places[node] = _end_place(streets, first if ends[0] >= 0 else second, node)
            for row, end in zip((first, second), ends, strict=True):
                if end < 0:
                    cuts.add(row, shapely.line_locate_point(lines[row], point), node)
    high = streets["street_class"].isin(["trunk", "primary"]).to_numpy()
    courses = motorways.geometry.to_numpy()
    ways = [_motorway_cuts(course, lines, tree=tree, high=high, cuts=cuts) for course in courses]
    _join_motorways(courses, ways, cuts)
    parts = _pieces(streets, cuts)
    for course, stops in zip(courses, ways, strict=True):
        parts.append(_motorway(course, stops, cuts))
    return _assembled(streets, cuts, parts)


def _end_at(streets: gpd.GeoDataFrame, row: int, point: shapely.Point) -> int:
    """Return the node at the end of a street that lies within a metre of a point, else -1."""
    line = streets.geometry.iloc[row]
    for place, name in ((0, "u"), (-1, "v")):
        if shapely.distance(shapely.get_point(line, place), point) < _APART_M:
            return int(streets[name].iloc[row])
    return -1


def _end_place(streets: gpd.GeoDataFrame, row: int, node: int) -> tuple[float, float]:
    end = 0 if int(streets["u"].iloc[row]) == node else -1
    point = shapely.get_point(streets.geometry.iloc[row], end)
    return (point.x, point.y)


def _points(first: shapely.Geometry, second: shapely.Geometry) -> list[shapely.Point]:
    met = shapely.get_parts(shapely.intersection(first, second))
    return [part for part in met if part.geom_type == "Point"]


def _motorway_cuts(
    course: shapely.Geometry,
    lines: npt.NDArray[np.object_],
    *,
    tree: shapely.STRtree,
    high: npt.NDArray[np.bool_],
    cuts: _Cuts,
) -> list[tuple[float, int]]:
    """Choose interchanges along a motorway and bridge all other streets over it."""
    met = [
        (shapely.line_locate_point(course, point), int(line), point)
        for line in sorted(tree.query(course, predicate="intersects").tolist())
        for point in _points(course, lines[line])
    ]
    stops: list[tuple[float, int]] = []
    last = -_INTERCHANGE_M
    for along, line, point in sorted(met, key=lambda item: item[:2]):
        here = shapely.line_locate_point(lines[line], point)
        if high[line] and along - last >= _INTERCHANGE_M:
            node = cuts.node(point)
            cuts.add(line, here, node)
            stops.append((along, node))
            last = along
            continue
        cuts.add(line, max(here - _BRIDGE_M, 0.0), -1, bridge=True)
        cuts.add(line, min(here + _BRIDGE_M, shapely.length(lines[line])), -1)
    return stops


def _join_motorways(
    courses: npt.NDArray[np.object_], ways: list[list[tuple[float, int]]], cuts: _Cuts
) -> None:
    """Give two motorways that cross one node."""
    for first in range(len(courses)):
        for second in range(first + 1, len(courses)):
            for point in _points(courses[first], courses[second]):
                node = cuts.node(point)
                for number in (first, second):
                    along = shapely.line_locate_point(courses[number], point)
                    ways[number].append((along, node))


def _pieces(
    streets: gpd.GeoDataFrame, cuts: _Cuts
) -> list[list[tuple[shapely.Geometry, int, int, str, bool]]]:
    """Cut each crossed street into its pieces."""
    parts = []
    for row in sorted(cuts.by_line):
        line, kind = streets.geometry.iloc[row], str(streets["street_class"].iloc[row])
        length = float(shapely.length(line))
        begin, end = int(streets["u"].iloc[row]), int(streets["v"].iloc[row])
        stops = [(0.0, begin, False)]
        pieces = []
        for along, node, bridge in sorted(cuts.by_line[row]):
            near_end = node < 0 and along > length - _APART_M
            if node < 0 and (along - stops[-1][0] < _APART_M or near_end):
                # A bridge that reaches a node begins or ends there.
                place, last, _ = stops[-1]
                if not near_end:
                    stops[-1] = (place, last, bridge)
                continue
            point = shapely.line_interpolate_point(line, along)
            stops.append((along, cuts.node(point) if node < 0 else node, bridge))
        stops.append((length, end, False))
        for (start, u, bridge), (stop, v, _) in pairwise(stops):
            if stop - start > 1e-3:
                piece = cuts.piece(line, start, stop, ends=(u, v))
                pieces.append((piece, u, v, kind, bridge))
        parts.append(pieces)
    return parts


def _motorway(
    course: shapely.Geometry, stops: list[tuple[float, int]], cuts: _Cuts
) -> list[tuple[shapely.Geometry, int, int, str, bool]]:
    length = float(shapely.length(course))
    first, last = (shapely.get_point(course, place) for place in (0, -1))
    nodes = [(0.0, cuts.node(first)), *sorted(stops), (length, cuts.node(last))]
    return [
        (cuts.piece(course, start, stop, ends=(u, v)), u, v, "motorway", False)
        for (start, u), (stop, v) in pairwise(nodes)
        if stop - start > _APART_M
    ]


def _assembled(
    streets: gpd.GeoDataFrame,
    cuts: _Cuts,
    parts: list[list[tuple[shapely.Geometry, int, int, str, bool]]],
) -> gpd.GeoDataFrame:
    whole = np.ones(len(streets), dtype=bool)
    whole[list(cuts.by_line)] = False
    kept = streets[whole]
    flat = [piece for pieces in parts for piece in pieces]
    geometry = np.array([piece[0] for piece in flat], dtype=object)
    u = np.concatenate([kept["u"].to_numpy(), [piece[1] for piece in flat]]).astype(np.int64)
    v = np.concatenate([kept["v"].to_numpy(), [piece[2] for piece in flat]]).astype(np.int64)
    _, code = np.unique(np.concatenate([u, v]), return_inverse=True)
    return gpd.GeoDataFrame(
        {
            "u": code[: len(u)],
            "v": code[len(u) :],
            "street_class": [*kept["street_class"], *(piece[3] for piece in flat)],
            "bridge": np.concatenate([kept["bridge"].to_numpy(bool), [p[4] for p in flat]]),
        },
        geometry=np.concatenate([kept.geometry.to_numpy(), geometry]),
    )
