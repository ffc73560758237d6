"""Districts of the embedded Zibo: city and park areas as tiles of 800 m on turned grids."""

__all__ = [
    "TILE_M",
    "UNIT_COLUMNS",
    "county_rows",
    "district_tiles",
    "local_to_map",
    "park_polygons",
    "unit_boxes",
]

import heapq

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS, Transformer
from scipy import ndimage

from layers.demo.draws import between, uniform
from layers.demo.facts import county_facts, park_facts
from layers.demo.relief import slope_deg
from layers.tables import PARKS
from layers.terrain import Terrain

TILE_M = 800.0
# Residents of one city tile: about 300,000 m² of flats at 35 m² each (unverified).
RESIDENTS_PER_TILE = 8600.0
# A unit is a rectangle of blocks on its own turned grid: a tile, a town or a village.
# group, first_i, first_j name its grid nodes: tiles of one district share those on their borders.
UNIT_COLUMNS = (
    "kind", "county", "place", "x", "y", "angle", "blocks_x", "blocks_y", "pitch_x", "pitch_y",
    "group", "first_i", "first_j", "homes", "rank",
)  # fmt: skip
_REACH = 16


def local_to_map(
    units: pd.DataFrame, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Turn and shift coordinates from each unit's own grid to the map.

    Parameters
    ----------
    units : DataFrame
        One row per coordinate: ``x``, ``y`` of the unit's centre and its ``angle`` [rad].
    x, y : array of shape (n, ...)
        Coordinates from the unit's centre [m].
    """
    shape = (len(units),) + (1,) * (x.ndim - 1)
    cos = np.cos(units["angle"].to_numpy()).reshape(shape)
    sin = np.sin(units["angle"].to_numpy()).reshape(shape)
    map_x = units["x"].to_numpy().reshape(shape) + x * cos - y * sin
    map_y = units["y"].to_numpy().reshape(shape) + x * sin + y * cos
    return map_x, map_y


def district_tiles(
    counties: gpd.GeoDataFrame, terrain: Terrain, avoid: shapely.Geometry, *, crs: CRS, seed: int
) -> pd.DataFrame:
    """Lay city tiles around each seat, as many as its flats need, and park tiles around the facts.

    Parameters
    ----------
    counties : GeoDataFrame
        In `crs`.
    terrain : Terrain
        Steep ground is left out.
    avoid : Geometry
        What no tile may touch, such as motorways with their verge.
    crs : pyproj.CRS
        Metric CRS.
    seed : int
        Seed of the directions.

    Returns
    -------
    DataFrame
        Unit rows of kind ``city``, ``park`` and ``resort``.
    """
    facts, parks = county_facts().loc[counties.index], park_facts()
    wanted = (facts["population"] * facts["flat_share"] / RESIDENTS_PER_TILE).round()
    plans = [
        ("city", county, "", facts.loc[county, ["seat_lon", "seat_lat"]], int(wanted[county]))
        for county in counties.index
    ]
    plans += [
        ("resort" if park["kind"] == "resort" else "park", park["county"], key,
         park[["lon", "lat"]], int(park["tiles"]))
        for key, park in parks.iterrows()
    ]  # fmt: skip
    project = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    taken: list[shapely.Geometry] = []
    frames = []
    for number, (kind, county, place, centre, count) in enumerate(plans):
        angle = float(between(uniform(seed, "district angle", number), -7.0, 7.0)[0])
        tiles = _district(
            project.transform(*centre), np.radians(angle), count,
            polygon=counties.geometry[county], terrain=terrain, avoid=avoid, taken=taken,
        )  # fmt: skip
        blocks = 4 if kind == "city" else 2
        frames.append(
            tiles.assign(kind=kind, county=county, place=place, group=number, blocks=blocks)
        )
    return _as_units(frames)


def _district(
    centre: tuple[float, float],
    angle: float,
    count: int,
    *,
    polygon: shapely.Geometry,
    terrain: Terrain,
    avoid: shapely.Geometry,
    taken: list[shapely.Geometry],
) -> pd.DataFrame:
    """Choose the tiles nearest the centre on even, free ground inside the county."""
    grid = np.mgrid[-_REACH : _REACH + 1, -_REACH : _REACH + 1]
    i, j = grid.reshape(2, -1)
    shape = grid.shape[1:]
    x = centre[0] + TILE_M * (i * np.cos(angle) - j * np.sin(angle))
    y = centre[1] + TILE_M * (i * np.sin(angle) + j * np.cos(angle))
    squares = _squares(x, y, angle=angle)
    shapely.prepare(avoid)
    slope = slope_deg(terrain, x, y)
    cost = np.hypot(i, j) * (1.0 + (slope / 5.0) ** 2)
    inner = shapely.buffer(polygon, -60.0)
    shapely.prepare(inner)
    free = shapely.contains_xy(inner, x, y)
    free[free] = shapely.contains_properly(inner, squares[free])
    free[free] = ~shapely.intersects(avoid, squares[free])
    for other in taken:
        free[free] = ~shapely.dwithin(other, squares[free], 120.0)
    chosen = _grown(free.reshape(shape), cost.reshape(shape), count)
    taken.append(shapely.union_all(shapely.buffer(squares[chosen], 0.01)))
    return pd.DataFrame(
        {"x": x[chosen], "y": y[chosen], "angle": angle, "i": i[chosen], "j": j[chosen],
         "rank": np.arange(len(chosen))}
    )  # fmt: skip


def _grown(
    free: npt.NDArray[np.bool_], cost: npt.NDArray[np.float64], count: int
) -> npt.NDArray[np.int64]:
    """Grow one connected patch of free tiles, always by the cheapest at its edge; flat numbers."""
    patch, _ = ndimage.label(free)
    sizes = np.bincount(patch.ravel())
    sizes[0] = 0
    # A pocket too small for the district is passed over, unless there is no larger ground.
    roomy = sizes[patch] >= min(count, sizes.max(initial=1))
    if not roomy.any():
        return np.empty(0, dtype=np.int64)
    start = int(np.argmin(np.where(roomy, cost, np.inf)))
    edge, seen = [(0.0, start)], {start}
    chosen: list[int] = []
    rows, cols = free.shape
    while edge and len(chosen) < count:
        _, tile = heapq.heappop(edge)
        chosen.append(tile)
        row, col = divmod(tile, cols)
        for r, c in ((row + 1, col), (row - 1, col), (row, col + 1), (row, col - 1)):
            number = r * cols + c
            if 0 <= r < rows and 0 <= c < cols and free[r, c] and number not in seen:
                seen.add(number)
                heapq.heappush(edge, (float(cost[r, c]), number))
    return np.array(chosen, dtype=np.int64)


def _squares(
    x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], *, angle: float
) -> npt.NDArray[np.object_]:
    local = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * TILE_M / 2
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    rings = np.column_stack([x, y])[:, None, :] + (local @ turn)[None]
    return np.asarray(shapely.polygons(rings), dtype=object)


def _as_units(frames: list[pd.DataFrame]) -> pd.DataFrame:
    tiles = pd.concat(frames, ignore_index=True)
    blocks = tiles["blocks"]
    units = tiles.assign(
        blocks_x=blocks, blocks_y=blocks, pitch_x=TILE_M / blocks, pitch_y=TILE_M / blocks,
        first_i=(tiles["i"] + _REACH) * blocks, first_j=(tiles["j"] + _REACH) * blocks, homes=0,
    )  # fmt: skip
    return units[list(UNIT_COLUMNS)]


def county_rows(
    counties: gpd.GeoDataFrame, points: npt.NDArray[np.object_]
) -> npt.NDArray[np.int64]:
    """Row of the county that each point lies in, -1 outside all."""
    number = np.full(len(points), -1, dtype=np.int64)
    for row, polygon in enumerate(counties.geometry):
        shapely.prepare(polygon)
        number[shapely.contains_xy(polygon, shapely.get_x(points), shapely.get_y(points))] = row
    return number


def unit_boxes(units: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Return the rectangle of every unit [m], as polygons."""
    corners = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
    width = (units["blocks_x"] * units["pitch_x"]).to_numpy()[:, None]
    height = (units["blocks_y"] * units["pitch_y"]).to_numpy()[:, None]
    x, y = local_to_map(units, corners[None, :, 0] * width, corners[None, :, 1] * height)
    return np.asarray(shapely.polygons(np.stack([x, y], axis=2)), dtype=object)


def park_polygons(units: pd.DataFrame, *, crs: CRS) -> gpd.GeoDataFrame:
    """Return the parks as the outlines of their tiles; extents are generated.

    Parameters
    ----------
    units : DataFrame
        All units; those of kind park and resort are used.
    crs : pyproj.CRS
        Metric CRS.
    """
    facts = park_facts()
    tiles = units[units["place"] != ""]
    shapes = {}
    for key, own in tiles.groupby("place", sort=True):
        squares = unit_boxes(own)
        outline = shapely.union_all(shapely.buffer(squares, 1.0, join_style="mitre"))
        # The tiles of a park are grown together, so the outline is one polygon.
        shapes[key] = shapely.get_parts(outline)[0]
    frame = gpd.GeoDataFrame(
        facts.loc[list(shapes), ["name", "county", "kind", "level", "confidence"]],
        geometry=gpd.GeoSeries(shapes, crs=crs),
        crs=crs,
    ).assign(source="synthetic")
    frame.index = pd.Index(frame.index, dtype="str", name=PARKS.key)
    return PARKS.validate(frame, where="The parks of the embedded Zibo")
