"""Roads between the settlements of the embedded Zibo: which places are joined, and by what class."""

__all__ = ["LEVELS", "RoadPlan", "road_plan"]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra, minimum_spanning_tree
from scipy.spatial import Delaunay, cKDTree

from layers.demo.districts import local_to_map
from layers.demo.relief import slope_deg
from layers.terrain import Terrain

LEVELS = ("trunk", "primary", "secondary", "tertiary", "unclassified", "residential")
_TRUNK, _PRIMARY, _SECONDARY, _TERTIARY, _UNCLASSIFIED, _RESIDENTIAL = range(6)

Points = npt.NDArray[np.float64]
Pairs = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class RoadPlan:
    """Places and the roads that join them.

    Attributes
    ----------
    places : DataFrame
        Junction places: ``x``, ``y``, ``group``, ``i``, ``j`` (grid node), ``unit`` (settlement
        number, -1 for a tile's corner).
    roads : int array of shape (n, 2)
        Pairs of places.
    level : int array of shape (n,)
        Position in ``LEVELS``.
    side : bool array of shape (n,)
        The road is the side of a tile.
    """

    places: pd.DataFrame
    roads: Pairs
    level: npt.NDArray[np.int64]
    side: npt.NDArray[np.bool_]


def road_plan(units: pd.DataFrame, terrain: Terrain, boundary: shapely.Geometry) -> RoadPlan:
    """Join all places by short roads and raise those that lead from town to town.

    Parameters
    ----------
    units : DataFrame
        All units.
    terrain : Terrain
        Steep ground makes roads longer.
    boundary : (Multi)Polygon
        A road leaves the study area only where nothing else joins its ends.

    Notes
    -----
    Roads are edges of the Gabriel graph, which is planar (Gabriel and Sokal 1969): the relative
    neighbourhood graph gives the village roads (Toussaint 1980), shortest paths over all edges
    give the higher classes, and tile sides are the streets of the cities.
    """
    places = _places(units)
    points = places[["x", "y"]].to_numpy()
    sides = _tile_sides(places)
    open_roads = _gabriel(points)
    group, unit = places["group"].to_numpy(), places["unit"].to_numpy()
    same = (group[open_roads[:, 0]] == group[open_roads[:, 1]]) & (unit[open_roads[:, 0]] < 0)
    span = _length(points, open_roads)
    open_roads = open_roads[~(same & (span < 1250.0))]
    shapely.prepare(boundary)
    inside = shapely.contains(boundary, shapely.linestrings(points[open_roads]))
    near = _relative_neighbours(points, open_roads) & inside
    roads = np.concatenate([sides, open_roads])
    side = np.arange(len(roads)) < len(sides)
    level = np.where(side, _TERTIARY, np.where(np.r_[np.zeros(len(sides), bool), near],
                                              _UNCLASSIFIED, _RESIDENTIAL))  # fmt: skip
    cost = _length(points, roads) * (1.0 + _climb(points, roads, terrain))
    cost[len(sides) :][~inside] *= 6.0
    tree = minimum_spanning_tree(_graph(roads, cost, len(points))).tocoo()
    joined = set(zip(np.minimum(tree.row, tree.col), np.maximum(tree.row, tree.col), strict=True))
    in_tree = np.fromiter(((min(a, b), max(a, b)) in joined for a, b in roads), bool, len(roads))
    level[in_tree] = np.minimum(level[in_tree], _TERTIARY)
    seats, towns, parks = _centres(units, places, points)
    for target, centres in (
        (_TRUNK, seats),
        (_PRIMARY, np.concatenate([seats, towns])),
        (_SECONDARY, np.concatenate([seats, towns, parks])),
    ):
        links = _gabriel(points[centres])
        cost = np.where(level <= _SECONDARY, 0.75 * cost, cost)
        used = _routes(roads, cost, np.column_stack([centres[links[:, 0]], centres[links[:, 1]]]),
                       count=len(points))  # fmt: skip
        level[used] = np.minimum(level[used], target)
    # Every second line of a city's tiles is a wider street.
    even = (places["i"].to_numpy() // 4 + places["j"].to_numpy() // 4) % 2 == 0
    level[side & even[roads[:, 0]]] = np.minimum(level[side & even[roads[:, 0]]], _SECONDARY)
    kept = level < _RESIDENTIAL
    return RoadPlan(places=places, roads=roads[kept], level=level[kept], side=side[kept])


def _places(units: pd.DataFrame) -> pd.DataFrame:
    tiles = units[units["group"] < 1000]
    corners = []
    for di, dj in ((0, 0), (1, 0), (0, 1), (1, 1)):
        blocks = tiles["blocks_x"]
        half = np.full(len(tiles), 0.5)
        x, y = local_to_map(
            tiles,
            (di - half) * (blocks * tiles["pitch_x"]).to_numpy(),
            (dj - half) * (blocks * tiles["pitch_y"]).to_numpy(),
        )
        corners.append(
            pd.DataFrame(
                {"x": x, "y": y, "group": tiles["group"].to_numpy(), "unit": -1,
                 "i": (tiles["first_i"] + di * blocks).to_numpy(),
                 "j": (tiles["first_j"] + dj * blocks).to_numpy(),
                 "blocks": blocks.to_numpy()}
            )
        )  # fmt: skip
    tile_places = pd.concat(corners).drop_duplicates(["group", "i", "j"], keep="first")
    rest = units[units["group"] >= 1000]
    i, j = rest["blocks_x"] // 2, rest["blocks_y"] // 2
    x, y = local_to_map(
        rest,
        ((i - rest["blocks_x"] / 2) * rest["pitch_x"]).to_numpy(),
        ((j - rest["blocks_y"] / 2) * rest["pitch_y"]).to_numpy(),
    )
    own = pd.DataFrame(
        {"x": x, "y": y, "group": rest["group"].to_numpy(), "unit": rest.index.to_numpy(),
         "i": i.to_numpy(), "j": j.to_numpy(), "blocks": 1}
    )  # fmt: skip
    places = pd.concat([tile_places, own], ignore_index=True)
    order = np.lexsort((places["j"], places["i"], places["group"]))
    return places.iloc[order].reset_index(drop=True)


def _tile_sides(places: pd.DataFrame) -> Pairs:
    """Pairs of corners that are neighbours on a district's grid."""
    tiles = places[places["unit"] < 0].reset_index(names="place")
    pairs = []
    for axis in ("i", "j"):
        shifted = tiles.assign(**{axis: tiles[axis] + tiles["blocks"]})
        met = shifted.merge(tiles, on=["group", "i", "j"], suffixes=("", "_next"))
        pairs.append(met[["place", "place_next"]].to_numpy())
    return np.concatenate(pairs).astype(np.int64)


def _gabriel(points: Points) -> Pairs:
    """Edges whose diametral circle holds no other point."""
    corners = Delaunay(points).simplices
    edges = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    edges = np.unique(np.sort(edges, axis=1), axis=0).astype(np.int64)
    middle = (points[edges[:, 0]] + points[edges[:, 1]]) / 2
    nearest, _ = cKDTree(points).query(middle)
    free = nearest >= _length(points, edges) / 2 - 1e-6
    return np.asarray(edges[free], dtype=np.int64)


def _relative_neighbours(points: Points, edges: Pairs) -> npt.NDArray[np.bool_]:
    """Edges with no third point nearer to both ends, among the 30 nearest to one end."""
    count = min(31, len(points))
    _, near = cKDTree(points).query(points[edges[:, 0]], k=count)
    span = _length(points, edges)[:, None]
    to_first = np.hypot(*np.moveaxis(points[near] - points[edges[:, 0], None], 2, 0))
    to_second = np.hypot(*np.moveaxis(points[near] - points[edges[:, 1], None], 2, 0))
    other = (near != edges[:, :1]) & (near != edges[:, 1:])
    nearer = other & (np.maximum(to_first, to_second) < span - 1e-6)
    return np.asarray(~np.any(nearer, axis=1), dtype=np.bool_)


def _length(points: Points, pairs: Pairs) -> npt.NDArray[np.float64]:
    return np.asarray(np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T), dtype=np.float64)


def _climb(points: Points, roads: Pairs, terrain: Terrain) -> npt.NDArray[np.float64]:
    middle = (points[roads[:, 0]] + points[roads[:, 1]]) / 2
    return np.asarray((slope_deg(terrain, middle[:, 0], middle[:, 1]) / 6.0) ** 2)


def _graph(roads: Pairs, cost: npt.NDArray[np.float64], count: int) -> csr_array:
    return csr_array((cost, (roads[:, 0], roads[:, 1])), shape=(count, count))


def _routes(
    roads: Pairs, cost: npt.NDArray[np.float64], ends: Pairs, *, count: int
) -> npt.NDArray[np.int64]:
    """Return the roads on the cheapest way between each pair of places."""
    number = {(int(a), int(b)): row for row, (a, b) in enumerate(roads)}
    sources, row_of = np.unique(ends[:, 0], return_inverse=True)
    _, before = dijkstra(
        _graph(roads, cost, count), directed=False, indices=sources, return_predecessors=True
    )
    used: set[int] = set()
    for row, target in zip(row_of, ends[:, 1], strict=True):
        here, back = int(target), before[row]
        while (previous := int(back[here])) >= 0:
            key = (previous, here) if (previous, here) in number else (here, previous)
            used.add(number[key])
            here = previous
    return np.array(sorted(used), dtype=np.int64)


def _centres(
    units: pd.DataFrame, places: pd.DataFrame, points: Points
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Places that stand for seats, towns and parks."""
    tile = (places["unit"] < 0).to_numpy()
    tree, numbers = cKDTree(points[tile]), np.flatnonzero(tile)

    def nearest(own: pd.DataFrame) -> npt.NDArray[np.int64]:
        return np.asarray(numbers[tree.query(own[["x", "y"]].to_numpy())[1]], dtype=np.int64)

    seats = nearest(units[(units["kind"] == "city") & (units["rank"] == 0)])
    parks = nearest(units[(units["kind"] == "park") & (units["rank"] == 0)])
    towns = np.flatnonzero(
        places["unit"].isin(units.index[units["kind"] == "town"]).to_numpy()
    ).astype(np.int64)
    return seats, towns, np.setdiff1d(parks, seats)
