"""What a roof point can see: the horizon of neighbours and terrain in azimuth sectors.

Sector ``k`` of ``s`` spans the azimuths k·360/s to (k + 1)·360/s, clockwise from the north of the grid.
Its value is the elevation whose squared sine is the mean over the sector, taken on 144 rays in all (two in
each of 72 sectors), each cut exactly with the edges of the obstacles. This mean keeps the sky view of a
level plane exact and the energy behind an uneven skyline unbiased; the maximum would overstate shade, the
mean of the elevations would understate it.

An obstacle is a prism: its footprint up to its top. It never shades a point within its own footprint, so
a roof is shaded by its own building only where that has a part (a row of its own) that rises higher.
Footprints with Z coordinates are roofs with a sloping edge and each vertex is as high as it says.
"""

__all__ = ["FAR_DEG", "Horizons", "horizon_profiles", "plane_horizons", "sector_middles_deg"]

import math
from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from layers.errors import AssumptionError, DatumError, LayerError
from layers.terrain import Terrain
from rooftop_pv.horizon_kernel import fill_profiles
from rooftop_pv.points import stratified_points
from rooftop_pv.terrain_horizon import terrain_profiles

_RAYS = 144
_TILE_M = 120.0
_BATCH_PAIRS = 4_000_000
_SLIMMEST_DEG = 2.0  # what rises less changes the year's irradiation by about 0.02 %
FAR_DEG = 4.0  # beyond the radius, towers count while they may rise higher than this


@dataclass(frozen=True)
class Horizons:
    """The horizons of stratified points of planes.

    Attributes
    ----------
    profiles_deg : (n, sectors) float32 [deg]
        Elevation of the skyline of each point by sector.
    plane_id : Index (n,)
        Plane each point lies on; the points of a plane weigh the same.
    """

    profiles_deg: npt.NDArray[np.float32]
    plane_id: pd.Index

    def __post_init__(self) -> None:
        if self.profiles_deg.ndim != 2 or len(self.profiles_deg) != len(self.plane_id):
            raise LayerError(
                f"The horizons have profiles of shape {self.profiles_deg.shape} for "
                f"{len(self.plane_id)} plane keys; give one row of sectors for each key."
            )

    @property
    def sectors(self) -> int:
        """Number of azimuth sectors."""
        return int(self.profiles_deg.shape[1])

    def plane_positions(self, planes: pd.Index) -> npt.NDArray[np.int64]:
        """Return the position in ``planes`` of each point's plane.

        Raises
        ------
        LayerError
            A point lies on no plane of the index, or a plane has no point.
        """
        position = planes.get_indexer(self.plane_id)
        if (position < 0).any():
            first = self.plane_id[int(np.argmax(position < 0))]
            raise LayerError(
                f"{int((position < 0).sum())} horizon points lie on planes that are not in the table, "
                f"first {first!r}; compute the horizons from the same planes."
            )
        seen = np.zeros(len(planes), dtype=bool)
        seen[position] = True
        if not seen.all():
            raise LayerError(
                f"{int((~seen).sum())} planes have no horizon point, first {planes[int(np.argmin(seen))]!r}; "
                "compute the horizons from the same planes."
            )
        return np.asarray(position, dtype=np.int64)


class _Rings(NamedTuple):
    circles: npt.NDArray[np.float64]
    both_sides: npt.NDArray[np.bool_]
    first_ring: npt.NDArray[np.int64]
    rings: npt.NDArray[np.int64]
    vertices: npt.NDArray[np.float64]


def sector_middles_deg(sectors: int) -> npt.NDArray[np.float64]:
    """Return the azimuth of the middle of each sector [deg].

    Examples
    --------
    >>> sector_middles_deg(4).tolist()
    [45.0, 135.0, 225.0, 315.0]
    """
    return np.asarray((np.arange(sectors) + 0.5) * (360.0 / sectors), dtype=np.float64)


def horizon_profiles(
    points: npt.NDArray[np.float64],
    obstacles: gpd.GeoDataFrame,
    *,
    sectors: int = 72,
    radius_m: float = 300.0,
    terrain: Terrain | None = None,
) -> npt.NDArray[np.float64]:
    """Return the elevation of the skyline of each point by azimuth sector.

    Parameters
    ----------
    points : (n, 3) float64 [m]
        x, y in the CRS of the obstacles and elevation z, on the same datum as their tops.
    obstacles : GeoDataFrame
        Polygons with the column ``top_m``, the elevation of their top [m]. Where a polygon has Z
        coordinates, these are the elevations of its vertices. With a column ``height_m`` (height above
        the ground), towers are searched beyond the radius as long as they may rise above 4°.
    sectors : int
        Number of azimuth sectors.
    radius_m : float [m]
        Every obstacle whose bounds come within this distance of a point counts, unless it rises less
        than 2°.
    terrain : Terrain, optional
        Far relief, merged by maximum (see :mod:`rooftop_pv.terrain_horizon`).

    Returns
    -------
    (n, sectors) float64 [deg]
        Elevation of the skyline of each sector (see above); 0 where nothing rises.

    Raises
    ------
    AssumptionError
        Radius or number of sectors out of range.
    DatumError
        Obstacles without a metric CRS, or terrain in another one.
    LayerError
        Points or obstacles of the wrong shape or kind, or without a finite elevation.

    Notes
    -----
    The skyline of an edge is exact: the plane through the point and the edge gives
    tan h = A sin a + B cos a. Neighbours come from an STRtree, tile by tile; obstacles whose top is not
    above the point are left out before any edge is cut.

    Examples
    --------
    A wall 10 m higher than the point and 10 m to the south of it rises to 45° there.

    >>> wall = gpd.GeoDataFrame(
    ...     {"top_m": [15.0]}, geometry=[shapely.box(-500, -11, 500, -10)], crs="EPSG:4548"
    ... )
    >>> profile = horizon_profiles(np.array([[0.0, 0.0, 5.0]]), wall)
    >>> float(profile[0, 35].round(1)), float(profile[0, 0])
    (45.0, 0.0)
    """
    points = _checked_points(points)
    _check_numbers(sectors, radius_m)
    _check_obstacles(obstacles, terrain)
    profiles = np.zeros((len(points), sectors), dtype=np.float32)
    if len(points) and len(obstacles):
        _fill(points, obstacles, radius_m, profiles=profiles)
    if terrain is not None and len(points):
        np.maximum(profiles, terrain_profiles(points, terrain, sectors=sectors), out=profiles)
    return profiles.astype(np.float64)


def plane_horizons(
    planes: gpd.GeoDataFrame,
    obstacles: gpd.GeoDataFrame,
    *,
    points_per_plane: int = 4,
    large_m2: float = 400.0,
    sectors: int = 72,
    radius_m: float = 300.0,
    terrain: Terrain | None = None,
) -> Horizons:
    """Return the horizons of stratified points on every plane.

    Parameters
    ----------
    planes : GeoDataFrame
        Valid by ``PLANES``.
    obstacles, sectors, radius_m, terrain
        As in :func:`horizon_profiles`.
    points_per_plane : int
        Points on each plane (see :func:`rooftop_pv.points.stratified_points`).
    large_m2 : float [m²]
        Planes with a larger projection carry three times as many: they are few, and their shade is uneven.
    """
    if obstacles.crs is not None and planes.crs != obstacles.crs:
        raise DatumError(
            f"The planes are in {planes.crs.name if planes.crs else 'no CRS'}, the obstacles in "
            f"{obstacles.crs.name}; project both to the study's metric CRS."
        )
    is_large = planes.geometry.area.to_numpy() > large_m2
    parts = []
    for taken, count in ((~is_large, points_per_plane), (is_large, 3 * points_per_plane)):
        found, of = stratified_points(planes[taken], points_per_plane=count)
        parts.append((found, np.flatnonzero(taken)[of]))
    points, position = (np.concatenate(part) for part in zip(*parts, strict=True))
    profiles = horizon_profiles(
        points, obstacles, sectors=sectors, radius_m=radius_m, terrain=terrain
    )
    return Horizons(profiles.astype(np.float32), planes.index[position])


def _fill(
    points: npt.NDArray[np.float64],
    obstacles: gpd.GeoDataFrame,
    radius_m: float,
    *,
    profiles: npt.NDArray[np.float32],
) -> None:
    shapes = np.asarray(obstacles.geometry.array)
    top = obstacles["top_m"].to_numpy(dtype=np.float64)
    reach = np.full(len(shapes), radius_m)
    if "height_m" in obstacles.columns:
        height = obstacles["height_m"].to_numpy(dtype=np.float64)
        reach = np.fmax(reach, height / math.tan(math.radians(FAR_DEG)))
    rings = _ragged(shapes, top, reach)
    order, tiles, boxes = _tiled(points)
    share = max(1, round(_RAYS / profiles.shape[1]))
    slimmest = math.tan(math.radians(_SLIMMEST_DEG))
    ranks = np.empty(len(shapes), dtype=np.int64)
    highest_first = np.argsort(-rings.circles[:, 3], kind="stable")
    ranks[highest_first] = np.arange(len(shapes))
    batch = max(1, _BATCH_PAIRS // max(1, min(len(shapes), 2_000)))
    near = _Neighbours(shapes, reach, radius_m)
    for start in range(0, len(boxes), batch):
        stop = min(start + batch, len(boxes))
        tile, obstacle = near.of(boxes[start:stop])
        by_tile = np.lexsort((ranks[obstacle], tile))
        ends = np.searchsorted(tile[by_tile], np.arange(stop - start + 1))
        fill_profiles(
            points,
            order,
            tiles[start : stop + 1],
            obstacle[by_tile],
            ends,
            rings.circles,
            rings.both_sides,
            rings.first_ring,
            rings.rings,
            rings.vertices,
            slimmest,
            share * profiles.shape[1],
            profiles,
        )


class _Neighbours:
    """Obstacles near tiles: one tree for all of them, one for each doubling of a tower's reach."""

    def __init__(
        self, shapes: npt.NDArray[np.object_], reach: npt.NDArray[np.float64], radius_m: float
    ) -> None:
        level = np.maximum(0, np.ceil(np.log2(reach / radius_m) - 1e-9)).astype(np.int64)
        self._trees = [
            (
                shapely.STRtree(shapes[level == step]),
                np.flatnonzero(level == step),
                radius_m * 2.0**step,
            )
            for step in np.unique(level)
        ]

    def of(
        self, boxes: npt.NDArray[np.float64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return pairs of tile and obstacle whose bounds come within the obstacle's reach."""
        tiles, obstacles = [], []
        for tree, position, reach in self._trees:
            windows = shapely.box(
                boxes[:, 0] - reach, boxes[:, 1] - reach, boxes[:, 2] + reach, boxes[:, 3] + reach
            )
            tile, found = tree.query(windows)
            tiles.append(tile)
            obstacles.append(position[found])
        return np.concatenate(tiles), np.concatenate(obstacles)


def _ragged(
    shapes: npt.NDArray[np.object_], top: npt.NDArray[np.float64], reach: npt.NDArray[np.float64]
) -> _Rings:
    """Return closed rings, exteriors counter-clockwise, with the elevation of every vertex."""
    sloping = shapely.has_z(shapes)
    oriented = shapely.orient_polygons(shapes)
    _, flat, offsets = shapely.to_ragged_array(oriented, include_z=False)
    rings, first_ring = (np.asarray(part, dtype=np.int64) for part in offsets)
    shape_of_ring = np.repeat(np.arange(len(shapes)), np.diff(first_ring))
    shape_of_vertex = np.repeat(shape_of_ring, np.diff(rings))
    vertices = np.column_stack([flat, top[shape_of_vertex]])
    if sloping.any():
        sloped = sloping[shape_of_vertex]
        vertices[sloped, 2] = shapely.get_coordinates(oriented[sloping], include_z=True)[:, 2]
    bounds = shapely.bounds(shapes)
    circles = np.empty((len(shapes), 8))
    circles[:, 0] = (bounds[:, 0] + bounds[:, 2]) / 2.0
    circles[:, 1] = (bounds[:, 1] + bounds[:, 3]) / 2.0
    circles[:, 2] = np.hypot(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1]) / 2.0
    circles[:, 3] = np.maximum.reduceat(vertices[:, 2], rings[first_ring[:-1]])
    circles[:, 4] = reach
    circles[:, 5] = np.minimum.reduceat(vertices[:, 2], rings[first_ring[:-1]])
    circles[:, 6] = (bounds[:, 2] - bounds[:, 0]) / 2.0
    circles[:, 7] = (bounds[:, 3] - bounds[:, 1]) / 2.0
    return _Rings(circles, sloping, first_ring, rings, vertices)


def _tiled(
    points: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Sort points into square tiles; return the order, the tile bounds in it and the tiles' boxes."""
    cell = np.floor(points[:, :2] / _TILE_M).astype(np.int64)
    cell -= cell.min(axis=0)
    key = cell[:, 0] * (int(cell[:, 1].max()) + 1) + cell[:, 1]
    order = np.argsort(key, kind="stable")
    first = np.flatnonzero(np.diff(key[order], prepend=-1))
    tiles = np.append(first, len(points))
    ordered = points[order, :2]
    low = np.minimum.reduceat(ordered, first, axis=0)
    high = np.maximum.reduceat(ordered, first, axis=0)
    return order, tiles, np.column_stack([low, high])


def _checked_points(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    held = np.ascontiguousarray(points, dtype=np.float64)
    if held.ndim != 2 or held.shape[1] != 3:
        raise LayerError(
            f"The points have shape {held.shape}; give an (n, 3) array of x, y and elevation in metres."
        )
    broken = ~np.isfinite(held).all(axis=1)
    if broken.any():
        raise LayerError(
            f"{int(broken.sum())} points have no finite x, y or z, first row {int(np.argmax(broken))}; "
            "give every point its place and elevation in metres."
        )
    return held


def _check_numbers(sectors: int, radius_m: float) -> None:
    if (
        isinstance(sectors, bool)
        or not isinstance(sectors, int | np.integer)
        or not 4 <= sectors <= 720
    ):
        raise AssumptionError(f"sectors is {sectors!r}, but must be a whole number from 4 to 720.")
    if not (math.isfinite(radius_m) and radius_m > 0.0):
        raise AssumptionError(
            f"radius_m is {radius_m!r} m, but must be above 0: the distance within which neighbours "
            "are looked for (300 m is usual)."
        )


def _check_obstacles(obstacles: gpd.GeoDataFrame, terrain: Terrain | None) -> None:
    if not isinstance(obstacles, gpd.GeoDataFrame) or "top_m" not in obstacles.columns:
        raise LayerError(
            "The obstacles must be a GeoDataFrame of footprints with the column 'top_m', the elevation "
            "of their top in metres (ground plus height)."
        )
    if obstacles.crs is None or not pyproj.CRS(obstacles.crs).is_projected:
        given = "no CRS" if obstacles.crs is None else pyproj.CRS(obstacles.crs).name
        raise DatumError(
            f"The obstacles are in {given}; project them to the study's metric CRS first."
        )
    if terrain is not None and pyproj.CRS(terrain.crs) != pyproj.CRS(obstacles.crs):
        raise DatumError(
            f"The terrain is in {terrain.crs.name}, the obstacles in {pyproj.CRS(obstacles.crs).name}; "
            "read the terrain for the same study area."
        )
    shapes = np.asarray(obstacles.geometry.array)
    wrong = (shapely.get_type_id(shapes) != shapely.GeometryType.POLYGON.value) | shapely.is_empty(
        shapes
    )
    if wrong.any():
        first = obstacles.index[int(np.argmax(wrong))]
        raise LayerError(
            f"{int(wrong.sum())} obstacles are not a Polygon, first {first!r}; explode multi-part "
            "footprints and drop empty ones."
        )
    top = pd.to_numeric(obstacles["top_m"], errors="coerce").to_numpy(dtype=np.float64)
    if not np.isfinite(top).all():
        first = obstacles.index[int(np.argmin(np.isfinite(top)))]
        raise LayerError(
            f"top_m is missing in {int((~np.isfinite(top)).sum())} obstacles, first {first!r}; "
            "give buildings without a height a flagged default."
        )
