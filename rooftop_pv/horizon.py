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

__all__ = ["Horizons", "horizon_profiles", "plane_horizons", "sector_middles_deg"]

import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj

from layers.errors import AssumptionError, DatumError, LayerError
from layers.terrain import Terrain
from rooftop_pv.horizon_kernel import fill_profiles
from rooftop_pv.obstacles import Obstacles, obstacles_of_frame
from rooftop_pv.points import stratified_points
from rooftop_pv.terrain_horizon import terrain_profiles

_RAYS = 144
_CLUSTER_M = 20.0
_CLUSTERS = 6  # along each side of a tile
_SLIMMEST_DEG = 2.0  # what rises less changes the year's irradiation by about 0.02 %


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
    obstacles: gpd.GeoDataFrame | Obstacles,
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
    obstacles : GeoDataFrame or Obstacles
        Polygons with the column ``top_m``, the elevation of their top [m]. Where a polygon has Z
        coordinates, these are the elevations of its vertices. With a column ``height_m`` (height above
        the ground), towers are searched beyond the radius as long as they may rise above 4°. For many
        calls, make them ready once (:mod:`rooftop_pv.obstacles`).
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
    tan h = A sin a + B cos a. Obstacles whose top is not above the point, or that stand wholly behind
    others, are left out before any edge is cut.

    Examples
    --------
    A wall 10 m higher than the point and 10 m to the south of it rises to 45° there.

    >>> from shapely import box
    >>> wall = gpd.GeoDataFrame(
    ...     {"top_m": [15.0]}, geometry=[box(-500, -11, 500, -10)], crs="EPSG:4548"
    ... )
    >>> profile = horizon_profiles(np.array([[0.0, 0.0, 5.0]]), wall)
    >>> float(profile[0, 35].round(1)), float(profile[0, 0])
    (45.0, 0.0)
    """
    return _profiles(points, obstacles, sectors=sectors, radius_m=radius_m, terrain=terrain).astype(
        np.float64
    )


def plane_horizons(
    planes: gpd.GeoDataFrame,
    obstacles: gpd.GeoDataFrame | Obstacles,
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
    surfaces = planes[["eave_m", "surface_tilt_deg", "surface_azimuth_deg", planes.geometry.name]]
    is_large = planes.geometry.area.to_numpy() > large_m2
    parts = []
    for taken, count in ((~is_large, points_per_plane), (is_large, 3 * points_per_plane)):
        found, of = stratified_points(surfaces[taken], points_per_plane=count)
        parts.append((found, np.flatnonzero(taken)[of]))
    points, position = (np.concatenate(part) for part in zip(*parts, strict=True))
    profiles = _profiles(points, obstacles, sectors=sectors, radius_m=radius_m, terrain=terrain)
    return Horizons(profiles, planes.index[position])


def _profiles(
    points: npt.NDArray[np.float64],
    obstacles: gpd.GeoDataFrame | Obstacles,
    *,
    sectors: int,
    radius_m: float,
    terrain: Terrain | None,
) -> npt.NDArray[np.float32]:
    points = _checked_points(points)
    _check_sectors(sectors)
    ready = obstacles
    if not isinstance(ready, Obstacles):
        ready = obstacles_of_frame(ready, radius_m)
    elif ready.radius_m != radius_m:
        raise AssumptionError(
            f"radius_m is {radius_m!r} m, but the obstacles were made ready for {ready.radius_m!r} m; "
            "give both the same."
        )
    if terrain is not None and pyproj.CRS(terrain.crs) != ready.crs:
        raise DatumError(
            f"The terrain is in {terrain.crs.name}, the obstacles in {ready.crs.name}; "
            "read the terrain for the same study area."
        )
    profiles = np.zeros((len(points), sectors), dtype=np.float32)
    if len(points) and len(ready.arrays.circles):
        rays = sectors * max(1, round(_RAYS / sectors))
        slimmest = math.tan(math.radians(_SLIMMEST_DEG))
        fill_profiles(points, *_clustered(points), ready.arrays, slimmest, rays, profiles)
    if terrain is not None and len(points):
        np.maximum(profiles, terrain_profiles(points, terrain, sectors=sectors), out=profiles)
    return profiles


def _clustered(
    points: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Sort points into square tiles of square clusters; return the order and the bounds of both."""
    cell = np.floor(points[:, :2] / _CLUSTER_M).astype(np.int64)
    tile, within = np.divmod(cell - cell.min(axis=0), _CLUSTERS)
    key = tile[:, 0] * (int(tile[:, 1].max()) + 1) + tile[:, 1]
    key = (key * _CLUSTERS + within[:, 0]) * _CLUSTERS + within[:, 1]
    order = np.argsort(key, kind="stable")
    first = np.flatnonzero(np.diff(key[order], prepend=-1))
    tile_of_cluster = key[order[first]] // (_CLUSTERS * _CLUSTERS)
    tiles = np.flatnonzero(np.diff(tile_of_cluster, prepend=-1))
    return order, np.append(first, len(points)), np.append(tiles, len(first))


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


def _check_sectors(sectors: int) -> None:
    if (
        isinstance(sectors, bool)
        or not isinstance(sectors, int | np.integer)
        or not 4 <= sectors <= 720
    ):
        raise AssumptionError(f"sectors is {sectors!r}, but must be a whole number from 4 to 720.")
