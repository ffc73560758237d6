"""Streets from any line file: directions, and nodes where the ends of lines meet."""

__all__ = ["directed", "end_nodes"]

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.account import Ledger
from layers.fields import Fields

_SNAP_M = 0.01

_DIRECTIONS = {
    "forward": ("yes", "true", "1", "1.0", "y", "是", "单行", "单向", "ft"),
    "backward": ("-1", "-1.0", "reverse", "tf"),
    "both": ("no", "false", "0", "0.0", "n", "否", "双向", "双行", "b"),
}
_DIRECTION_OF = {word: direction for direction, words in _DIRECTIONS.items() for word in words}


def directed(
    frame: gpd.GeoDataFrame, fields: Fields, ledger: Ledger
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.bool_]]:
    """Return the lines with every one-way line running the way it may be driven.

    Returns
    -------
    tuple of ndarray of LineString and ndarray of bool, shape (n,)
        The lines, those drawn against their direction turned round, and whether each is one-way.
    """
    found, other = fields.words(frame, "oneway")
    plain = other.map(lambda word: str(word).strip().casefold(), na_action="ignore")
    direction = found.where(found.notna(), plain.map(_DIRECTION_OF))
    unread = other.notna() & direction.isna()
    ledger.add(
        "defaulted", "one-way word not understood, taken as two-way", int(unread.sum()),
        example=frame.index[unread][0] if unread.any() else None,
    )  # fmt: skip
    backward = (direction == "backward").to_numpy(dtype=bool)
    lines = np.array(frame.geometry.to_numpy(), dtype=object)
    lines[backward] = shapely.reverse(lines[backward])
    ledger.add("repaired", "line drawn against its one-way direction turned", int(backward.sum()))
    return lines, backward | (direction == "forward").to_numpy(dtype=bool)


def end_nodes(
    lines: npt.NDArray[np.object_],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the nodes at the start and the end of lines; ends within the same centimetre are one node.

    Parameters
    ----------
    lines : ndarray of LineString, shape (n,)
        In a metric CRS. Lines that only cross are not joined.

    Returns
    -------
    tuple of ndarray of int64, shape (n,)
        Numbers from 0, in the order of x and y.

    Examples
    --------
    >>> lines = shapely.from_wkt(["LINESTRING (0 0, 5 0)", "LINESTRING (5.001 0, 5 9)"])
    >>> [nodes.tolist() for nodes in end_nodes(lines)]
    [[0, 1], [1, 2]]
    """
    ends = np.concatenate(
        [shapely.get_coordinates(shapely.get_point(lines, place)) for place in (0, -1)]
    )
    cells = np.round(ends / _SNAP_M).astype(np.int64)
    # Row-wise unique by two integer keys is far faster as a sort of a frame than as a structured array.
    nodes = pd.DataFrame(cells, columns=["x", "y"]).groupby(["x", "y"], sort=True).ngroup()
    numbers = nodes.to_numpy(dtype=np.int64)
    return numbers[: len(lines)], numbers[len(lines) :]
