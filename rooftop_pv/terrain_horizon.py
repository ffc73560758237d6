"""The horizon of the relief: mountains near and far, over the curved Earth, in refracting air.

The ground at distance d lies (1 − k)·d²/2R lower than on a plane, with the Earth's radius R = 6,371 km
and the coefficient of refraction k = 0.13 of surveying. A mountain 20 km away loses 27 m by this.
"""

__all__ = ["EARTH_RADIUS_M", "REFRACTION", "sight_distances_m", "terrain_profiles"]

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from layers.errors import LayerError
from layers.terrain import Terrain
from rooftop_pv.terrain_horizon_kernel import BLOCK, fill_block_tops, fill_terrain

EARTH_RADIUS_M: Final = 6_371_000.0
REFRACTION: Final = 0.13  # Gauss' coefficient, usual in surveying

_RAYS = 144
_CELL_M = 60.0  # viewers in one such square, within one step of elevation, share a horizon
_STEP_M = 6.0
_GROWTH = 1.04
_REACH_M = 60_000.0
_BURIED_M = 100.0


def sight_distances_m(cell_m: float, reach_m: float) -> npt.NDArray[np.float64]:
    """Return the places along a ray: from 1.5 cells on, cell by cell, later 4 % further each time [m].

    Nearer ground is left out: the grid cannot tell it from the ground the house stands on.
    """
    places = [1.5 * cell_m]
    while places[-1] < reach_m:
        places.append(max(places[-1] + cell_m, places[-1] * _GROWTH))
    return np.asarray(places)


def terrain_profiles(
    points: npt.NDArray[np.float64], terrain: Terrain, *, sectors: int = 72
) -> npt.NDArray[np.float32]:
    """Return the elevation of the relief's skyline for each point by azimuth sector.

    Parameters
    ----------
    points : (n, 3) float64 [m]
        x, y and elevation in the terrain's CRS and above the same zero.
    terrain : Terrain
        Its margin round the study bounds how far is seen; beyond the grid and where it is unknown
        nothing rises.
    sectors : int
        As in :func:`rooftop_pv.horizon.horizon_profiles`, on 144 rays.

    Returns
    -------
    (n, sectors) float32 [deg]

    Raises
    ------
    LayerError
        The points lie far below the ground: their elevations lack the ground's.

    Notes
    -----
    Points within one 60 m square and 6 m of elevation share one ray-march from its middle.
    """
    if len(points) == 0:
        return np.zeros((0, sectors), dtype=np.float32)
    grid = np.ascontiguousarray(terrain.elevation_m, dtype=np.float32)
    _check_above_ground(points, terrain)
    key = np.column_stack(
        [np.floor(points[:, :2] / _CELL_M), np.floor(points[:, 2] / _STEP_M)]
    ).astype(np.int64)
    least = key.min(axis=0)
    spans = key.max(axis=0) - least + 1
    east, north, up = (key - least).T
    _, first, group = np.unique(
        (east * spans[1] + north) * spans[2] + up, return_index=True, return_inverse=True
    )
    # The middle of the square, not of its points: who else is asked must not change a horizon.
    viewers = (key[first] + 0.5) * [_CELL_M, _CELL_M, _STEP_M]
    share = max(1, round(_RAYS / sectors))
    reach_m = min(_REACH_M, math.hypot(*grid.shape) * terrain.cell_m)
    distances = sight_distances_m(terrain.cell_m, reach_m)
    drops = (1.0 - REFRACTION) * distances**2 / (2.0 * EARTH_RADIUS_M)
    profiles = np.zeros((len(viewers), sectors), dtype=np.float32)
    tops = np.empty([-(-cells // BLOCK) for cells in grid.shape], dtype=np.float32)
    fill_block_tops(grid, tops)
    if min(grid.shape) >= 2 and np.isfinite(tops).any():
        fill_terrain(
            viewers, grid, tops, terrain.west_m, terrain.north_m, terrain.cell_m, distances, drops,
            share * sectors, profiles,
        )  # fmt: skip
    return profiles[group]


def _check_above_ground(points: npt.NDArray[np.float64], terrain: Terrain) -> None:
    depth = np.asarray(terrain.sample(points[:, 0], points[:, 1])) - points[:, 2]
    depth = depth[np.isfinite(depth)]
    if len(depth) and float(np.median(depth)) > _BURIED_M:
        raise LayerError(
            f"Half of the points lie more than {float(np.median(depth)):.0f} m below the terrain; give "
            "their elevations above the terrain's zero: ground plus height (fill ground_m of the buildings)."
        )
