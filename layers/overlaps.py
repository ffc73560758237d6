"""Footprints that lie on each other: counted and named, never silently cut."""

__all__ = ["note_overlaps", "overlapping_pairs"]

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from layers.account import Ledger
from layers.errors import LayerError

_CHUNK = 500
_MOST_PAIRS_EACH = 50
_MOST_VERTEX_PAIRS = 500_000
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
        Positions of the pairs, the smaller position first. Two outlines of so many vertices that cutting them
        could take minutes are left out.

    Raises
    ------
    LayerError
        So many lie on each other that the file holds one place many times over.

    Examples
    --------
    >>> shapes = np.array([shapely.box(0, 0, 10, 10), shapely.box(5, 0, 15, 10), shapely.box(10, 0, 20, 10)])
    >>> overlapping_pairs(shapes).tolist()
    [[0, 1], [1, 2]]
    """
    one, other = _neighbours(shapes)
    # Neighbours that merely touch have no area in common; only boxes that overlap are cut.
    boxes = shapely.bounds(shapes)
    low = np.maximum(boxes[one, :2], boxes[other, :2])
    high = np.minimum(boxes[one, 2:], boxes[other, 2:])
    area, vertices = shapely.area(shapes), shapely.get_num_coordinates(shapes)
    smaller = np.minimum(area[one], area[other])
    possible = np.prod(np.maximum(high - low, 0.0), axis=1) > share * smaller
    possible &= vertices[one] * vertices[other] <= _MOST_VERTEX_PAIRS
    one, other, smaller = one[possible], other[possible], smaller[possible]
    met = shapely.intersects(shapes[one], shapes[other])
    one, other, smaller = one[met], other[met], smaller[met]
    common = shapely.area(shapely.intersection(shapes[one], shapes[other]))
    pairs = np.column_stack([one, other])[common > share * smaller]
    ordered: npt.NDArray[np.intp] = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    return ordered


def _neighbours(
    shapes: npt.NDArray[np.object_],
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the pairs whose boxes meet, the smaller position first."""
    tree, found, count = shapely.STRtree(shapes), [np.empty((2, 0), dtype=np.intp)], 0
    for start in range(0, len(shapes), _CHUNK):
        one, other = tree.query(shapes[start : start + _CHUNK])
        one = one + start
        found.append(np.stack([one, other])[:, one < other])
        count += found[-1].shape[1]
        if count > _MOST_PAIRS_EACH * (len(shapes) + _CHUNK):
            raise LayerError(
                f"More than {count:,} pairs of the {len(shapes):,} footprints lie on each other; the file "
                "holds the same place many times over, so remove the repetitions."
            )
    pairs = np.concatenate(found, axis=1)
    return pairs[0], pairs[1]


def note_overlaps(frame: gpd.GeoDataFrame, ledger: Ledger) -> None:
    """Note how many footprints overlap another; both stay, since which one is wrong is not known."""
    try:
        pairs = overlapping_pairs(np.asarray(frame.geometry.array))
    except LayerError as error:
        raise LayerError(f"{ledger.file}: {error}") from error
    if len(pairs):
        concerned = np.unique(pairs)
        ledger.add(
            "kept",
            "footprints that overlap another by more than 5 % of the smaller one; both count, so their "
            "roofs may be counted twice",
            len(concerned),
            example=f"{frame.index[pairs[0, 0]]} and {frame.index[pairs[0, 1]]}",
        )
