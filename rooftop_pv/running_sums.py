"""Running sums within groups, in an order."""

__all__ = ["group_codes", "running_sum"]

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.errors import LayerError
from rooftop_pv.tables import PILOT_KINDS

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]


def running_sum(values: npt.NDArray[np.floating], group: _Ints, order: _Floats) -> _Floats:
    """Return for each value the sum within its group up to and with it, in ascending order.

    Parameters
    ----------
    values, order : ndarray, shape (n,)
        What is summed, and what it is sorted by; missing numbers come last, equals keep their order.
    group : ndarray of int, shape (n,)
        Group of each value.

    Examples
    --------
    >>> running_sum(np.array([1.0, 2.0, 4.0]), np.array([0, 1, 0]), np.array([9.0, 1.0, 3.0])).tolist()
    [5.0, 2.0, 4.0]
    """
    queue = np.lexsort((order, group))
    total = np.cumsum(values[queue], dtype=np.float64)
    first = np.flatnonzero(np.diff(group[queue], prepend=np.iinfo(np.int64).min))
    before = np.where(first > 0, total[first - 1], 0.0)
    sums = np.empty(len(values))
    sums[queue] = total - np.repeat(before, np.diff(first, append=len(values)))
    return sums


def group_codes(county: pd.Series, kind: pd.Series, counties: Iterable[str]) -> _Ints:
    """Return the position of county × pilot kind, counties first, of each roof.

    Raises
    ------
    LayerError
        A roof lies in none of the counties.
    """
    keys = pd.Index(list(counties), dtype="str")
    row = keys.get_indexer(pd.Index(county))
    if (row < 0).any():
        raise LayerError(
            f"{int((row < 0).sum()):,} roofs lie in a county that is not among {', '.join(keys)}, "
            f"first {county.index[np.argmax(row < 0)]} in "
            f"{county.iloc[int(np.argmax(row < 0))]!r}; give all counties."
        )
    codes = pd.Categorical(kind, categories=list(PILOT_KINDS)).codes.astype(np.int64)
    found: _Ints = row.astype(np.int64) * len(PILOT_KINDS) + codes
    return found
