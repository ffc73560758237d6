"""What a year of weather must keep before it is believed: whole, gapless, and under its own sun."""

__all__ = [
    "CLOSURE_TOLERANCE_SHARE",
    "CLOSURE_TOLERANCE_W_M2",
    "LONGEST_GAP_H",
    "NIGHT_LIMIT",
    "NOON_LIMIT_H",
    "checked_hours",
    "filled_gaps",
    "nominal_year",
]

from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.account import Ledger
from layers.errors import LayerError
from layers.units import HOURS_PER_YEAR
from layers.weather_clock import NOMINAL_YEAR
from layers.weather_files import VALUE_COLUMNS

Array = npt.NDArray[np.float64]

LONGEST_GAP_H: Final = 3
"""Longest run of missing hours [h] that is filled by linear interpolation."""
NIGHT_LIMIT: Final = 0.0025
"""Share of the year's GHI in hours without sun above which the clock is taken to be wrong: a clear year
one hour out of step has 0.3 %, half an hour leaves 0.1 to 0.2 %."""
NOON_LIMIT_H: Final = 1.5
"""Distance of the data's solar noon from the sun's [h] above which the place or zone is wrong."""
CLOSURE_TOLERANCE_W_M2: Final = 20.0
CLOSURE_TOLERANCE_SHARE: Final = 0.1
"""An hour is off by more than the greater of 20 W/m² and a tenth of its GHI."""
_CLOSURE_LIMIT: Final = 0.1  # of the mean GHI: a column is then something else than it says
_SENSOR_OFFSET_W_M2: Final = -5.0  # night offset of a pyranometer; below it a value is an error
_HORIZON_COSINE: Final = float(np.cos(np.radians(90.833)))  # upper limb, with refraction
_SEASONAL_LATITUDE_DEG: Final = 23.5


class SunArrays(Protocol):
    """What the checks need to know of the sun."""

    @property
    def cosine(self) -> Array:
        """Cosine of the zenith angle."""

    @property
    def hour_angle_deg(self) -> Array:
        """Hour angle [deg], zero at solar noon."""

    @property
    def extra_w_m2(self) -> Array:
        """Extraterrestrial normal irradiance [W/m²]."""


def nominal_year(values: pd.DataFrame, ledger: Ledger, *, where: str) -> pd.DataFrame:
    """Return the five value columns as 8,760 rows in calendar order.

    Parameters
    ----------
    values : DataFrame
        With ``month``, ``day`` and ``hour``, as a file gives them.

    Raises
    ------
    LayerError
        Hours are missing, repeated or not of a calendar.
    """
    leap = (values["month"] == 2) & (values["day"] == 29)
    ledger.add("dropped", "hours of 29 February; the year has 365 days", int(leap.sum()))
    kept = values[~leap]
    calendar = pd.date_range(f"{NOMINAL_YEAR}-01-01", periods=HOURS_PER_YEAR, freq="h")
    wanted = pd.Index(calendar.month * 10000 + calendar.day * 100 + calendar.hour)
    given = pd.Index(kept["month"] * 10000 + kept["day"] * 100 + kept["hour"])
    strange = ~given.isin(wanted)
    if strange.any():
        raise LayerError(f"{where} holds {_label(given[strange][0])}, which is no hour of a year.")
    twice = given[given.duplicated()]
    if len(twice):
        raise LayerError(
            f"{where} holds {len(twice):,} hours twice, the first {_label(twice[0])}; give every hour "
            "of one year once."
        )
    if len(given) != HOURS_PER_YEAR:
        first = wanted[~wanted.isin(given)][0]
        raise LayerError(
            f"{where} has {len(given):,} hours, but a year has {HOURS_PER_YEAR:,}; the first missing is "
            f"{_label(first)}. Give a file of one whole year."
        )
    if not given.is_monotonic_increasing:
        ledger.add("repaired", "hours were out of order and are sorted", len(given))
    order = np.argsort(given.to_numpy(), kind="stable")
    return kept[list(VALUE_COLUMNS)].iloc[order].reset_index(drop=True)


def filled_gaps(values: pd.DataFrame, ledger: Ledger, *, where: str) -> pd.DataFrame:
    """Return the hours with short runs of missing values interpolated across the cyclic year."""
    filled = {}
    for name in values.columns:
        series = values[name].to_numpy(dtype=np.float64)
        missing = np.isnan(series)
        if missing.any():
            run, start = _longest_run(missing)
            if run > LONGEST_GAP_H:
                raise LayerError(
                    f"{where} lacks {name} in {int(missing.sum()):,} hours, {run:,} in a row from "
                    f"{_label_of_row(start)}; gaps up to {LONGEST_GAP_H} h are filled, so give a file "
                    "without longer ones."
                )
            rows = np.arange(len(series))
            series = np.interp(rows, rows[~missing], series[~missing], period=len(series))
            ledger.add(
                "repaired", f"missing {name} interpolated", int(missing.sum()),
                example=_label_of_row(start),
            )  # fmt: skip
        filled[name] = series
    return pd.DataFrame(filled)


def checked_hours(
    values: pd.DataFrame,
    ledger: Ledger,
    *,
    sun: SunArrays,
    edge_cosine: Array,
    latitude_deg: float,
    where: str,
) -> pd.DataFrame:
    """Hold the irradiance against the sun; small faults are mended and counted, large ones refused.

    Parameters
    ----------
    values : DataFrame
        8,760 rows without gaps.
    sun : arrays of shape (8760,)
        The sun at the middle of the hours.
    edge_cosine : ndarray, shape (8761,)
        Cosine of its zenith at the edges of the hours.

    Returns
    -------
    DataFrame
        Same index. Negative offsets, irradiance of the night and beam under the horizon are zero.
        GHI = DHI + DNI cos z is reported but not forced: which of the three is wrong is not known.

    Raises
    ------
    LayerError
        Naming the suspicion: time zone, longitude, hemisphere or swapped columns.
    """
    data = {name: values[name].to_numpy(dtype=np.float64).copy() for name in VALUE_COLUMNS}
    irradiance = ("ghi_w_m2", "dhi_w_m2", "dni_w_m2")
    for name in irradiance:
        _zero_small_negatives(data[name], name, ledger, where=where)
    ghi = data["ghi_w_m2"]
    if ghi.sum() <= 0.0:
        raise LayerError(f"{where} has no global irradiance; give a file with irradiance.")
    _check_noon(ghi, sun, ledger, where=where)
    _check_hemisphere(ghi, sun, latitude_deg, where=where)
    highest = np.max([edge_cosine[:-1], sun.cosine, edge_cosine[1:]], axis=0)
    night = highest < _HORIZON_COSINE
    lit = night & (np.max([data[name] for name in irradiance], axis=0) > 0.0)
    share = float(ghi[night].sum() / ghi.sum())
    if share > NIGHT_LIMIT:
        raise LayerError(
            f"{where} has {100 * share:.2g} % of its global irradiance in hours without sun (allowed "
            f"{100 * NIGHT_LIMIT:g} %), first {_label_of_row(int(np.argmax(lit)))}; its time zone or its "
            "longitude is probably wrong."
        )
    ledger.add(
        "repaired", f"irradiance of the night ({100 * share:.2f} % of the year's GHI) set to zero",
        int(lit.sum()), example=_label_of_row(int(np.argmax(lit))),
    )  # fmt: skip
    for name in irradiance:
        data[name][night] = 0.0
    below = (sun.cosine <= 0.0) & (data["dni_w_m2"] > 0.0)
    data["dni_w_m2"][below] = 0.0
    ledger.add(
        "repaired",
        "beam set to zero where the sun is below the horizon at mid-hour",
        int(below.sum()),
    )
    _check_closure(data, sun, ledger, where=where)
    return pd.DataFrame(data, index=values.index)


def _zero_small_negatives(series: Array, name: str, ledger: Ledger, *, where: str) -> None:
    lowest = float(series.min())
    if lowest < _SENSOR_OFFSET_W_M2:
        raise LayerError(
            f"{where} has {name} of {lowest:g} W/m² at {_label_of_row(int(series.argmin()))}; offsets "
            f"down to {_SENSOR_OFFSET_W_M2:g} W/m² are set to zero, so correct the file."
        )
    ledger.add("repaired", f"negative {name} set to zero", int((series < 0.0).sum()))
    series[series <= 0.0] = 0.0  # also turns -0.0 into 0.0


def _check_noon(ghi: Array, sun: SunArrays, ledger: Ledger, *, where: str) -> None:
    """Compare the data's centre of the day, a circular mean weighted by GHI, with solar noon."""
    angle = np.radians(sun.hour_angle_deg)
    late_h = float(
        np.degrees(np.arctan2((ghi * np.sin(angle)).sum(), (ghi * np.cos(angle)).sum())) / 15.0
    )
    late_h = round(late_h, 2) + 0.0  # no minus zero
    if abs(late_h) > NOON_LIMIT_H:
        raise LayerError(
            f"{where} has its brightest hours {abs(late_h):.1f} h {'after' if late_h > 0 else 'before'} "
            "solar noon at the stated longitude; the longitude (its sign?) or the time zone is wrong, "
            "so correct the header."
        )
    ledger.add(
        "kept", f"the irradiance is centred {late_h:+.2f} h from solar noon (allowed {NOON_LIMIT_H:g} h)",
        len(ghi),
    )  # fmt: skip


def _check_hemisphere(ghi: Array, sun: SunArrays, latitude_deg: float, *, where: str) -> None:
    if abs(latitude_deg) <= _SEASONAL_LATITUDE_DEG:
        return
    daily = ghi.reshape(365, 24).sum(axis=1)
    extra = (sun.extra_w_m2 * np.maximum(sun.cosine, 0.0)).reshape(365, 24).sum(axis=1)
    if daily.std() == 0.0:
        return
    here = np.corrcoef(daily, extra)[0, 1]
    if here < 0.0 and np.corrcoef(daily, np.roll(extra, 182))[0, 1] > 0.3:
        raise LayerError(
            f"{where} is dark in the summer of latitude {latitude_deg:g} and bright in its winter; the "
            "sign of the latitude is probably wrong."
        )


def _check_closure(data: dict[str, Array], sun: SunArrays, ledger: Ledger, *, where: str) -> None:
    ghi = data["ghi_w_m2"]
    gap = ghi - data["dhi_w_m2"] - data["dni_w_m2"] * np.maximum(sun.cosine, 0.0)
    bias = round(float(gap.mean() / ghi.mean()), 4) + 0.0
    if abs(bias) > _CLOSURE_LIMIT:
        raise LayerError(
            f"{where} breaks GHI = DHI + DNI cos z by {100 * bias:+.0f} % of GHI over the year; two columns "
            "are probably swapped, or direct horizontal irradiance stands where direct normal belongs."
        )
    allowed = np.maximum(CLOSURE_TOLERANCE_W_M2, CLOSURE_TOLERANCE_SHARE * ghi)
    off = np.abs(gap) > allowed
    ledger.add(
        "kept",
        f"hours where GHI and DHI + DNI cos z differ by more than {CLOSURE_TOLERANCE_W_M2:g} W/m² and "
        f"{100 * CLOSURE_TOLERANCE_SHARE:g} %; mean difference over the year {100 * bias:+.2f} % of GHI",
        int(off.sum()),
        example=_label_of_row(int(np.argmax(off))) if off.any() else None,
    )


def _longest_run(missing: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """Return the length and first row of the longest run of true values round the cyclic year."""
    if missing.all():
        return len(missing), 0
    first = int(np.argmin(missing))  # begin the circle at a value that is there
    edges = np.diff(np.concatenate([[0], np.roll(missing, -first).astype(np.int8), [0]]))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    best = int(np.argmax(ends - starts))
    return int(ends[best] - starts[best]), int((starts[best] + first) % len(missing))


def _label(code: Any) -> str:
    month, rest = divmod(int(code), 10000)
    day, hour = divmod(rest, 100)
    return f"{month:02d}-{day:02d} {hour:02d}:00"


def _label_of_row(row: int) -> str:
    start = pd.Timestamp(year=NOMINAL_YEAR, month=1, day=1)
    return f"{start + pd.Timedelta(hours=row):%m-%d %H:00}"
