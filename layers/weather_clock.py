"""The clock of the weather: one nominal year in standard time, and how hours are moved onto it."""

__all__ = ["NOMINAL_YEAR", "nominal_hours", "on_local_hours", "standard_zone"]

import datetime as dt
import zoneinfo
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.errors import LayerError, near_matches
from layers.units import HOURS_PER_YEAR

NOMINAL_YEAR: Final = 2023
"""The calendar of every weather table: 365 days, in the middle of the leap cycle."""

_WHOLE_HOUR_TOLERANCE: Final = 1e-3  # 4 seconds; a stated offset has four decimals
_LOWEST_COSINE: Final = 0.03  # the sun at 1.7 degrees: below it a ratio to the cosine is noise
_KNOWN_ZONES: Final = ("Asia/Shanghai", "Asia/Urumqi", "Europe/Paris", "Etc/GMT-8", "UTC")


def standard_zone(time_zone: str) -> tuple[dt.tzinfo, float]:
    """Return a zone that never moves its clocks in the nominal year and its offset from UTC [h].

    Examples
    --------
    >>> standard_zone("Asia/Shanghai")
    (zoneinfo.ZoneInfo(key='Asia/Shanghai'), 8.0)
    >>> standard_zone("Europe/Paris")
    (zoneinfo.ZoneInfo(key='Etc/GMT-1'), 1.0)
    """
    try:
        zone = zoneinfo.ZoneInfo(time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError, TypeError) as error:
        raise LayerError(
            f"Time zone {time_zone!r} is unknown{near_matches(str(time_zone), _KNOWN_ZONES)} "
            "Give a name such as Asia/Shanghai, or Etc/GMT-8 for eight hours ahead of UTC."
        ) from error
    noons = (
        dt.datetime(NOMINAL_YEAR, 1, 1, 12, tzinfo=zone) + dt.timedelta(days=day)
        for day in range(365)
    )
    offsets = {noon.utcoffset() or dt.timedelta() for noon in noons}
    standard = min(offsets)
    hours = standard.total_seconds() / 3600.0
    if len(offsets) == 1:
        return zone, hours
    if hours.is_integer():
        return zoneinfo.ZoneInfo(f"Etc/GMT{-int(hours):+d}"), hours
    return dt.timezone(standard), hours


def nominal_hours(zone: dt.tzinfo) -> pd.DatetimeIndex:
    """Return the 8,760 labels of the nominal year in a zone that does not move its clocks."""
    return pd.date_range(
        f"{NOMINAL_YEAR}-01-01", periods=HOURS_PER_YEAR, freq="h", tz=zone, name="time"
    )


def on_local_hours(
    values: pd.DataFrame,
    lag_h: float,
    *,
    source_cosine: npt.NDArray[np.float64],
    target_cosine: npt.NDArray[np.float64],
) -> pd.DataFrame:
    """Move a cyclic year so that every row stands for the middle of its hour on the study's clock.

    Parameters
    ----------
    values : DataFrame
        8,760 rows; row i stands for the instant i + 0.5 + `lag_h` hours of the study's year.
    lag_h : float
        Hours by which rows have to move later [h].
    source_cosine, target_cosine : ndarray, shape (8760,)
        Cosine of the sun's zenith where rows stand now, and at the middle of the study's hours.

    Returns
    -------
    DataFrame
        New rows, unindexed. A whole number of hours rolls the year round. Else temperature, wind and
        DNI are interpolated linearly, GHI and DHI by their ratio to the cosine, which keeps
        GHI = DHI + DNI cos z; next to the night, where one side has no sun, the other side counts.
    """
    whole = round(lag_h)
    if abs(lag_h - whole) <= _WHOLE_HOUR_TOLERANCE:
        return pd.DataFrame({name: np.roll(values[name], whole) for name in values.columns})
    moved = {}
    for name in values.columns:
        series = values[name].to_numpy(dtype=np.float64)
        if name not in {"ghi_w_m2", "dhi_w_m2", "dni_w_m2"}:
            moved[name] = _later(series, lag_h)
            continue
        ones = np.ones_like(series)
        of_source, of_target = (
            (ones, ones) if name == "dni_w_m2" else (source_cosine, target_cosine)
        )
        ratio = np.full_like(series, np.nan)
        np.divide(series, of_source, out=ratio, where=source_cosine > _LOWEST_COSINE)
        moved[name] = np.where(target_cosine > 0.0, _later(ratio, lag_h) * of_target, 0.0)
    return pd.DataFrame(moved)


def _later(series: npt.NDArray[np.float64], lag: float) -> npt.NDArray[np.float64]:
    """Interpolate a cyclic series `lag` rows later; a missing side leaves the other, none gives 0."""
    whole = int(np.floor(lag))
    part = lag - whole
    near, far = np.roll(series, whole), np.roll(series, whole + 1)
    mixed = (1.0 - part) * near + part * far
    one_sided = np.where(np.isnan(near), far, near)
    return np.nan_to_num(np.where(np.isnan(mixed), one_sided, mixed), nan=0.0)
