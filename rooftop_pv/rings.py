"""Polygons as plain arrays of rings."""

__all__ = ["Rings", "rings_of"]

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

_Ints = npt.NDArray[np.int64]


class Rings(NamedTuple):
    """Ragged closed rings of n polygons.

    Attributes
    ----------
    first_ring : ndarray of int, shape (n + 1,)
        Bounds of each polygon's rings, the exterior first.
    rings : ndarray of int, shape (r + 1,)
        Bounds of each ring's vertices.
    xy : ndarray, shape (v, 2)
        Vertices [m]; the first of a ring comes again as its last.
    """

    first_ring: _Ints
    rings: _Ints
    xy: npt.NDArray[np.float64]

    def polygon_of_vertex(self) -> _Ints:
        """Return the polygon that each vertex belongs to, shape (v,)."""
        count = np.diff(self.rings[self.first_ring])
        return np.repeat(np.arange(len(count)), count)


def rings_of(polygons: npt.NDArray[np.object_]) -> Rings:
    """Return the rings of polygons that are neither empty nor of several parts.

    Examples
    --------
    >>> court = shapely.box(0, 0, 9, 9) - shapely.box(3, 3, 6, 6)
    >>> found = rings_of(np.array([shapely.box(0, 0, 1, 1), court]))
    >>> found.first_ring.tolist(), found.rings.tolist()
    ([0, 1, 3], [0, 5, 10, 15])
    """
    holes = shapely.get_num_interior_rings(polygons).astype(np.int64)
    lengths = shapely.get_num_coordinates(polygons).astype(np.int64)
    if holes.any():
        # Ring objects are made only of polygons that have holes: they cost ten times the rest.
        holed = holes > 0
        whole, lengths = lengths, np.empty(len(holes) + int(holes.sum()), dtype=np.int64)
        of_holed = np.repeat(holed, 1 + holes)
        lengths[~of_holed] = whole[~holed]
        lengths[of_holed] = shapely.get_num_coordinates(shapely.get_rings(polygons[holed]))
    return Rings(_bounds(1 + holes), _bounds(lengths), shapely.get_coordinates(polygons))


def _bounds(counts: _Ints) -> _Ints:
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)])
