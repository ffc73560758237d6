"""Buildings in tiles along a Hilbert curve, each with the neighbours that its roofs can see.

What a roof sees does not depend on the tile it falls into: a tile is given every building that may count
for one of its own, by the same reach that :mod:`rooftop_pv.obstacles` looks up to.
"""

__all__ = ["ROOFS_PER_TILE", "Halo", "RoofTile", "hilbert_tiles", "roof_tile"]

import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from rooftop_pv.obstacles import FAR_DEG

ROOFS_PER_TILE = 25_000
_ROOFS_PER_BOX = 200

_Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class RoofTile:
    """Some buildings and their neighbours.

    Attributes
    ----------
    buildings : GeoDataFrame
        Table ``buildings``: first the tile's own, in the order of the whole layer, then the neighbours.
    own : int
        How many are its own.
    """

    buildings: gpd.GeoDataFrame
    own: int


class Halo:
    """Finds the neighbours of tiles.

    Parameters
    ----------
    buildings : GeoDataFrame
        All of them.
    radius_m : float [m]
        Distance up to which every building counts; a tower counts further, up to where it rises 4°.
    """

    def __init__(self, buildings: gpd.GeoDataFrame, radius_m: float) -> None:
        self._bounds = buildings.geometry.bounds.to_numpy()
        height_m = buildings["height_m"].to_numpy(dtype=np.float64)
        extent_m = np.hypot(*(self._bounds[:, 2:] - self._bounds[:, :2]).T)
        reach_m = np.fmax(radius_m, height_m / math.tan(math.radians(FAR_DEG))) + extent_m
        west, south, east, north = self._bounds.T
        boxes = shapely.box(west - reach_m, south - reach_m, east + reach_m, north + reach_m)
        self._reaches = shapely.STRtree(boxes)

    def around(self, own: _Rows) -> _Rows:
        """Return the rows of the neighbours of some buildings, sorted, without those buildings.

        Parameters
        ----------
        own : ndarray of int, shape (n,)
            Rows along the curve, so that few lie in a common box.
        """
        starts = np.arange(0, len(own), _ROOFS_PER_BOX)
        bounds = self._bounds[own]
        low = np.minimum.reduceat(bounds[:, :2], starts)
        high = np.maximum.reduceat(bounds[:, 2:], starts)
        boxes = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
        near = np.zeros(len(self._bounds), dtype=np.bool_)
        for box in boxes:
            near[self._reaches.query(box)] = True
        near[own] = False
        return np.flatnonzero(near)


def hilbert_tiles(buildings: gpd.GeoDataFrame, roofs_per_tile: int = ROOFS_PER_TILE) -> list[_Rows]:
    """Return the rows of the buildings along a Hilbert curve, in parts of about one size, at least one."""
    if buildings.empty:
        return [np.empty(0, dtype=np.intp)]
    curve = buildings.geometry.hilbert_distance().to_numpy()
    parts = math.ceil(len(buildings) / roofs_per_tile)
    return [
        part.astype(np.intp) for part in np.array_split(np.argsort(curve, kind="stable"), parts)
    ]


def roof_tile(buildings: gpd.GeoDataFrame, own: _Rows, halo: Halo | None) -> RoofTile:
    """Return one tile; alone where no halo is given."""
    rows = np.sort(own)
    if halo is not None and len(own):
        rows = np.concatenate([rows, halo.around(own)])
    return RoofTile(buildings=buildings.iloc[rows], own=len(own))
