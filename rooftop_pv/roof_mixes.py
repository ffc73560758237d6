"""Roof mixes: few kinds of hourly course among many roofs, by the classes of their planes."""

__all__ = ["RoofMixes", "roof_mixes"]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.errors import LayerError
from layers.weather import Weather
from rooftop_pv.assumptions import RooftopPvAssumptions
from rooftop_pv.row_shading import row_shaded_table
from rooftop_pv.sun import orientation_classes

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]
_STEPS = 20  # the smaller plane's share of capacity is rounded to 5 %


@dataclass(frozen=True, kw_only=True, eq=False)
class RoofMixes:
    """The hourly course of every kind of roof.

    Attributes
    ----------
    code : ndarray of int, shape (n,)
        Kind of each roof, −1 where it carries no modules.
    first, second : ndarray of int, shape (m,)
        Classes of orientation of the two largest parts of a kind of roof.
    share : ndarray, shape (m,)
        Share of capacity of the second.
    hours_kwh_kwp : ndarray, shape (8760, c)
        Unshaded AC of each class of orientation.
    """

    code: _Ints
    first: _Ints
    second: _Ints
    share: _Floats
    hours_kwh_kwp: _Floats

    def hours(self, mix: int) -> _Floats:
        """Return the hours of one kind of roof, shape (8760,) [kWh/kWp]."""
        part = self.share[mix]
        hours: _Floats = (1.0 - part) * self.hours_kwh_kwp[
            :, self.first[mix]
        ] + part * self.hours_kwh_kwp[:, self.second[mix]]
        return hours


def roof_mixes(
    roofs: pd.Index, planes: pd.DataFrame, weather: Weather, *, assumptions: RooftopPvAssumptions
) -> RoofMixes:
    """Sort roofs into kinds with the same hourly course.

    Parameters
    ----------
    roofs : Index
        Keys of the n roofs.
    planes : DataFrame
        Table ``planes`` of these roofs.
    weather : Weather
        One hourly year.
    assumptions : RooftopPvAssumptions
        Classes of orientation, modules and losses.

    Raises
    ------
    LayerError
        A plane with modules belongs to none of the roofs.

    Notes
    -----
    Planes of a roof in the same class are one part. A roof is described by its two largest parts, and the
    smaller one's share is rounded to 5 %; only the course is, its energy stays that of its yields.
    """
    built = planes[planes["capacity_kwp"].to_numpy() > 0.0]
    row = roofs.get_indexer(pd.Index(built["building_id"]))
    if (row < 0).any():
        raise LayerError(
            f"{int((row < 0).sum()):,} planes belong to no roof given, first "
            f"{built.index[np.argmax(row < 0)]}; give the roofs of these planes."
        )
    code = np.full(len(roofs), -1, dtype=np.int64)
    if built.empty:
        none = np.zeros(0, dtype=np.int64)
        return RoofMixes(
            code=code, first=none, second=none, share=np.zeros(0), hours_kwh_kwp=np.zeros((0, 0))
        )
    classes, kind = orientation_classes(built, assumptions)
    table = row_shaded_table(classes, weather, assumptions)
    hours = np.zeros((len(weather.hours), len(classes)))
    hours[table.hour] = table.unshaded_ac_per_kwp()

    count = len(classes)
    part, inverse = np.unique(row * count + kind, return_inverse=True)
    capacity = np.bincount(inverse, weights=built["capacity_kwp"].to_numpy(dtype=np.float64))
    roof, kind = np.divmod(part, count)
    order = np.lexsort((kind, -capacity, roof))
    roof, kind, capacity = roof[order], kind[order], capacity[order]
    start = np.flatnonzero(np.diff(roof, prepend=-1))
    has_second = np.diff(start, append=len(roof)) > 1
    follower = np.where(has_second, start + 1, start)
    share = np.where(has_second, capacity[follower] / (capacity[start] + capacity[follower]), 0.0)
    steps = np.rint(share * _STEPS).astype(np.int64)
    first = kind[start]
    second = np.where(steps > 0, kind[follower], first)
    swap = (2 * steps == _STEPS) & (second < first)  # halves have no order
    first, second = np.where(swap, second, first), np.where(swap, first, second)
    key, mix = np.unique((first * count + second) * (_STEPS + 1) + steps, return_inverse=True)
    code[roof[start]] = mix
    pair, steps = np.divmod(key, _STEPS + 1)
    first, second = np.divmod(pair, count)
    return RoofMixes(
        code=code, first=first, second=second, share=steps / _STEPS, hours_kwh_kwp=hours
    )
