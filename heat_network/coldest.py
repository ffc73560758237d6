"""The coldest days of a season, by its load."""

__all__ = ["coldest_hours"]

import numpy as np
import pandas as pd

_H_PER_DAY = 24


def coldest_hours(hours: pd.DataFrame, *, days: int) -> pd.DatetimeIndex:
    """Return the hours of the consecutive days with the largest load, all hours where there are fewer.

    Parameters
    ----------
    hours : DataFrame, shape (hours, groups)
        Load [MW], in order of time.
    days : int

    Returns
    -------
    DatetimeIndex
        Without a gap where a window without one exists.
    """
    index = pd.DatetimeIndex(hours.index)
    length = days * _H_PER_DAY
    if length >= len(index):
        return index
    load = hours.sum(axis=1).to_numpy(np.float64)
    sums = np.convolve(load, np.ones(length), mode="valid")
    span = (index[length - 1 :] - index[: len(sums)]).total_seconds().to_numpy() / 3600.0
    whole = span == length - 1
    if whole.any():
        sums = np.where(whole, sums, -1.0)
    first = int(np.argmax(sums))
    return index[first : first + length]
