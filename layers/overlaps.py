"""Footprints that lie on each other: counted and named, never silently cut."""

__all__ = ["note_overlaps", "overlapping_pairs"]

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from layers.account import Ledger

_SHARE = 0.05  # of the smaller footprint; digitising noise along shared walls stays below


def overlapping_pairs(
    shapes: npt.NDArray[np.object_], *, share: float = _SHARE
) -> npt.NDArray[np.intp]:
    """Return pairs of polygons that share more than a part of the smaller one.

    Parameters
    ----------
    shapes : ndarray of Polygon, shape (n,)
        Valid polygons in a metric CRS.
    share : float
        Part of the smaller polygon's area [1].

    Returns
    -------
    ndarray of int, shape (p, 2)
        Positions of the pairs, the smaller position first.

    Examples
    --------
    >>> shapes = np.array([shapely.box(0, 0, 10, 10), shapely.box(5, 0, 15, 10), shapely.box(10, 0, 20, 10)])
    >>> overlapping_pairs(shapes).tolist()
    [[0, 1], [1, 2]]
    """
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    first = one < other
    one, other = one[first], other[first]
    # Neighbours that merely touch have no area in common; only boxes that overlap are cut.
    boxes = shapely.bounds(shapes)
    low = np.maximum(boxes[one, :2], boxes[other, :2])
    high = np.minimum(boxes[one, 2:], boxes[other, 2:])
    smaller = np.minimum(shapely.area(shapes[one]), shapely.area(shapes[other]))
    possible = np.prod(np.maximum(high - low, 0.0), axis=1) > share * smaller
    one, other, smaller = one[possible], other[possible], smaller[possible]
    common = shapely.area(shapely.intersection(shapes[one], shapes[other]))
    pairs = np.column_stack([one, other])[common > share * smaller]
    ordered: npt.NDArray[np.intp] = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    return ordered


def note_overlaps(frame: gpd.GeoDataFrame, ledger: Ledger) -> None:
    """Note how many footprints overlap another; both stay, since which one is wrong is not known."""
    pairs = overlapping_pairs(np.asarray(frame.geometry.array))
    if len(pairs):
        concerned = np.unique(pairs)
        ledger.add(
            "kept",
            "footprints that overlap another by more than 5 % of the smaller one; both count, so their "
            "roofs may be counted twice",
            len(concerned),
            example=f"{frame.index[pairs[0, 0]]} and {frame.index[pairs[0, 1]]}",
        )
