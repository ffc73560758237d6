"""A synthetic hourly year from twelve monthly sums, for studies that have no weather file.

Clearness of the days
    The days of a month follow the distribution of Bendt, Collares-Pereira and Rabl (1981, Solar Energy
    27): density proportional to exp(g k) between 0.05 and the limit of Hollands and Huget (1983),
    0.6313 + 0.267 K - 11.9 (K - 0.75)^8, with g such that the mean is the month's clearness K. Their
    order is a first-order autoregression of 0.29 (Graham, Hollands and Huget 1988).
Clearness of the hours
    Profile of Collares-Pereira and Rabl (1979), with the autoregression and spread of the hours of
    Aguiar and Collares-Pereira (1992, TAG).
Diffuse share
    Erbs, Klein and Duffie (1982), one factor per month.
Temperature
    Daily course of Erbs, Klein and Beckman (1983); days by a first-order autoregression.

GHI is capped by the clear sky of Haurwitz (1945) plus a tenth, DNI by a clean atmosphere; what a cap takes
from one hour goes to the others, so that monthly sums hold exactly. DNI follows from
GHI = DHI + DNI cos z. The coefficients are quoted from the secondary literature (unverified); the sums are
those of the table whatever they are. Wind is one stated constant: the table has none.
"""

__all__ = ["MONTHLY_COLUMNS", "climate_year"]

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import brentq

from layers.errors import LayerError, near_matches
from layers.units import HOURS_PER_YEAR
from layers.weather import Sun, Weather, sun_at
from layers.weather_clock import nominal_hours, standard_zone

Array = npt.NDArray[np.float64]

MONTHLY_COLUMNS: Final = ("ghi_kwh_m2", "dhi_kwh_m2", "temperature_c", "temperature_max_c")
_LOWEST_COSINE: Final = 0.01  # the sun at 0.6 degrees; lower hours are dark
_LOWEST_CLEARNESS: Final = 0.05
_LOWEST_DIFFUSE_SHARE: Final = 0.05  # molecules alone scatter that much
_DAY_CORRELATION: Final = 0.29
_CLEAR_SKY_MARGIN: Final = 1.1  # reflections from cloud edges, places above sea level
_CLEAN_TRANSMITTANCE: Final = 0.75  # of one air mass, in E0 t^(AM^0.678) (Meinel's form)
_TEMPERATURE_CORRELATION: Final = 0.65  # unverified: a typical day-to-day value at mid-latitudes
_TEMPERATURE_SPREAD_C: Final = 2.5  # unverified: a typical deviation of daily means


def climate_year(
    monthly: pd.DataFrame,
    *,
    latitude_deg: float,
    longitude_deg: float,
    elevation_m: float,
    time_zone: str,
    seed: int,
    source: str,
    wind_m_s: float = 2.5,
) -> Weather:
    """Build one hourly year whose monthly sums and means are those of a table.

    Parameters
    ----------
    monthly : DataFrame
        Twelve rows, indexed by month 1 to 12 or with a column ``month``: ``ghi_kwh_m2`` and
        ``dhi_kwh_m2`` [kWh/m² per month], ``temperature_c`` (mean) and ``temperature_max_c`` (mean of
        the daily maxima) [°C].
    latitude_deg, longitude_deg : float
        Place [deg].
    elevation_m : float
        Height [m].
    time_zone : str
        Zone of the study; taken at its standard offset.
    seed : int
        Of the random sequence; the same seed gives the same year.
    source : str
        Where the table comes from.
    wind_m_s : float
        Wind speed of every hour [m/s]; an unverified constant.

    Returns
    -------
    Weather
        With ``synthetic`` set. Sums of GHI and DHI and means of temperature equal the table.

    Raises
    ------
    LayerError
        The table is incomplete or asks for what the sun of the place cannot give.
    """
    table = _checked_table(monthly)
    zone, _ = standard_zone(time_zone)
    index = nominal_hours(zone)
    sun = sun_at(
        index + pd.Timedelta(minutes=30),
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        elevation_m=elevation_m,
    )
    rng = np.random.default_rng(seed)
    month_of_day = np.asarray(index.month[::24], dtype=np.int64)
    day_noise = _autoregression(rng.standard_normal(365), np.full(365, _DAY_CORRELATION))
    hour_noise = rng.standard_normal(HOURS_PER_YEAR)
    temperature_noise = rng.standard_normal(365)
    rank = _ranks(day_noise, month_of_day)
    ghi = _global(table, sun, rank, hour_noise=hour_noise, month_of_day=month_of_day)
    dhi = _diffuse(table, sun, ghi, month_of_day=month_of_day)
    dni = np.zeros_like(ghi)
    np.divide(ghi - dhi, sun.cosine, out=dni, where=sun.cosine > _LOWEST_COSINE)
    temperature = _temperature(table, sun, rank, noise=temperature_noise, month_of_day=month_of_day)
    hours = pd.DataFrame(
        {
            "ghi_w_m2": ghi,
            "dhi_w_m2": dhi,
            "dni_w_m2": np.maximum(dni, 0.0),
            "temperature_c": temperature,
            "wind_m_s": float(wind_m_s),
        },
        index=index,
    )
    return Weather(
        hours=hours,
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        elevation_m=elevation_m,
        source=f"synthetic hours from monthly sums: {source}",
        synthetic=True,
    )


def _checked_table(monthly: pd.DataFrame) -> pd.DataFrame:
    table = monthly.set_index("month") if "month" in monthly.columns else monthly
    for name in MONTHLY_COLUMNS:
        if name not in table.columns:
            raise LayerError(
                f"The monthly climate table lacks {name!r}{near_matches(name, map(str, table.columns))}"
            )
    if sorted(table.index) != list(range(1, 13)):
        raise LayerError(
            f"The monthly climate table has the months {list(table.index)}; give each of 1 to 12 once."
        )
    try:
        table = table.loc[list(range(1, 13)), list(MONTHLY_COLUMNS)].astype("float64")
    except (TypeError, ValueError) as error:
        raise LayerError(f"The monthly climate table must hold numbers: {error}.") from error
    faults = {
        "a value is missing or infinite": ~np.isfinite(table).all(axis=1),
        "dhi_kwh_m2 is negative or above ghi_kwh_m2": (table["dhi_kwh_m2"] < 0.0)
        | (table["dhi_kwh_m2"] > table["ghi_kwh_m2"]),
        "temperature_max_c is below temperature_c": table["temperature_max_c"]
        < table["temperature_c"],
    }
    for fault, rows in faults.items():
        if rows.any():
            raise LayerError(
                f"In the monthly climate table {fault} in month {rows[rows].index[0]}; correct it."
            )
    return table


def _autoregression(noise: Array, correlation: Array) -> Array:
    """Return a Gaussian sequence of unit variance whose neighbours have the given correlation."""
    values = np.empty_like(noise)
    last = 0.0
    fresh = np.sqrt(1.0 - correlation**2)
    for position in range(len(noise)):
        last = correlation[position] * last + fresh[position] * noise[position]
        values[position] = last
    return values


def _ranks(noise: Array, month_of_day: npt.NDArray[np.int64]) -> Array:
    """Return each day's stratified place between 0 and 1 within its month."""
    rank = np.empty_like(noise)
    for month in range(1, 13):
        days = month_of_day == month
        count = int(days.sum())
        rank[days] = (
            np.argsort(np.argsort(noise[days], kind="stable"), kind="stable") + 0.5
        ) / count
    return rank


def _global(
    table: pd.DataFrame,
    sun: Sun,
    rank: Array,
    *,
    hour_noise: Array,
    month_of_day: npt.NDArray[np.int64],
) -> Array:
    """Return GHI [W/m²], shape (8760,), its sums those of the table."""
    lit = sun.cosine > _LOWEST_COSINE
    cosine = np.where(lit, sun.cosine, 1.0)
    outside = np.where(lit, sun.extra_w_m2 * cosine, 0.0)
    # The clear sky after Haurwitz, 1945.
    cap = np.where(lit, _CLEAR_SKY_MARGIN * 1098.0 * cosine * np.exp(-0.059 / cosine), 0.0)
    shape = _day_profile(sun, lit)
    daily_outside = outside.reshape(365, 24).sum(axis=1)
    ghi = np.zeros(HOURS_PER_YEAR)
    for month in range(1, 13):
        days = month_of_day == month
        hours = np.repeat(days, 24)
        target = 1e3 * float(table.loc[month, "ghi_kwh_m2"])
        clearness = target / max(float(daily_outside[days].sum()), 1e-9)
        if target > 0.999 * cap[hours].sum():
            raise LayerError(
                f"The monthly climate table gives {target / 1e3:g} kWh/m² in month {month}, but a clear sky "
                f"there gives about {cap[hours].sum() / 1e3:.0f}; check the units, the latitude and the "
                "order of the months."
            )
        if target == 0.0:
            continue
        of_day = np.repeat(_clearness_of_days(clearness, rank[days]), 24)
        whole = np.repeat((shape * outside)[hours].reshape(-1, 24).sum(axis=1), 24)
        level = np.repeat(daily_outside[days], 24) / np.where(whole > 0.0, whole, 1.0)
        correlation = 0.38 + 0.06 * np.cos(7.4 * of_day - 2.5)
        noise = _autoregression(hour_noise[hours], correlation)
        hourly = of_day * shape[hours] * level + _hour_spread(of_day, cosine[hours]) * noise
        wanted = np.maximum(hourly, 0.2 * _LOWEST_CLEARNESS) * outside[hours]
        ghi[hours] = _scaled(wanted, 0.0 * wanted, cap[hours], total=target)
    return ghi


def _day_profile(sun: Sun, lit: npt.NDArray[np.bool_]) -> Array:
    """Return a + b cos w (Collares-Pereira and Rabl 1979), zero in the dark."""
    angle = np.radians(sun.hour_angle_deg)
    day = np.where(lit, np.abs(angle), 0.0).reshape(365, 24).max(axis=1)
    sunset = np.repeat(day, 24) + np.radians(7.5)
    a = 0.409 + 0.5016 * np.sin(sunset - np.pi / 3.0)
    b = 0.6609 - 0.4767 * np.sin(sunset - np.pi / 3.0)
    return np.where(lit, np.maximum(a + b * np.cos(angle), 0.05), 0.0)


def _hour_spread(clearness: Array, cosine: Array) -> Array:
    """Return the standard deviation of hourly clearness (Aguiar and Collares-Pereira 1992)."""
    level = 0.14 * np.exp(-20.0 * (clearness - 0.35) ** 2)
    growth = 3.0 * (clearness - 0.45) ** 2 + 16.0 * clearness**5
    return np.asarray(level * np.exp(growth * (1.0 - cosine)))


def _clearness_of_days(mean: float, rank: Array) -> Array:
    """Return the daily clearness at places `rank` of the month's distribution (Bendt et al. 1981)."""
    low = min(_LOWEST_CLEARNESS, 0.5 * mean)
    high = max(0.6313 + 0.267 * mean - 11.9 * (mean - 0.75) ** 8, 1.05 * mean)
    place = (mean - low) / (high - low)

    def excess(rate: float) -> float:
        # Mean of a density exp(rate x) on 0 to 1, minus the wanted one.
        if abs(rate) < 1e-6:
            return 0.5 - place
        return float(-1.0 / np.expm1(-rate) - 1.0 / rate - place)

    rate = brentq(excess, -500.0, 500.0)
    if abs(rate) < 1e-6:
        return low + (high - low) * rank
    # log(1 + u (e^r - 1)) / r, written so that neither sign overflows
    if rate > 0.0:
        x = 1.0 + np.log(rank + (1.0 - rank) * np.exp(-rate)) / rate
    else:
        x = np.log1p(rank * np.expm1(rate)) / rate
    return np.asarray(low + (high - low) * x)


def _diffuse(
    table: pd.DataFrame, sun: Sun, ghi: Array, *, month_of_day: npt.NDArray[np.int64]
) -> Array:
    """Return DHI [W/m²], shape (8760,), its sums those of the table."""
    lit = sun.cosine > _LOWEST_COSINE
    cosine = np.where(lit, sun.cosine, 1.0)
    clearness = np.where(lit, ghi / (sun.extra_w_m2 * cosine), 0.0)
    share = np.select(
        [clearness <= 0.22, clearness <= 0.80],
        [
            1.0 - 0.09 * clearness,
            np.polyval([12.336, -16.638, 4.388, -0.1604, 0.9511], clearness),
        ],
        0.165,
    )
    # Kasten and Young (1989); Meinel's attenuation with the transmittance of clean air
    altitude = np.degrees(np.arcsin(cosine))
    air_mass = 1.0 / (cosine + 0.50572 * (altitude + 6.07995) ** -1.6364)
    beam_cap = sun.extra_w_m2 * _CLEAN_TRANSMITTANCE ** (air_mass**0.678)
    lowest = np.maximum(_LOWEST_DIFFUSE_SHARE * ghi, ghi - beam_cap * cosine)
    dhi = np.zeros_like(ghi)
    for month in range(1, 13):
        hours = np.repeat(month_of_day == month, 24)
        target = 1e3 * float(table.loc[month, "dhi_kwh_m2"])
        if ghi[hours].sum() == 0.0:
            continue
        if target < lowest[hours].sum():
            raise LayerError(
                f"The monthly climate table gives {target / 1e3:g} kWh/m² of diffuse irradiance in month "
                f"{month}, but even clean air scatters {lowest[hours].sum() / 1e3:.1f}; check dhi_kwh_m2."
            )
        dhi[hours] = _scaled(share[hours] * ghi[hours], lowest[hours], ghi[hours], total=target)
    return dhi


def _scaled(wanted: Array, low: Array, high: Array, *, total: float) -> Array:
    """Return `wanted` times one factor, held between `low` and `high`, so that the sum is `total`."""

    def excess(factor: float) -> float:
        return float(np.clip(factor * wanted, low, high).sum()) - total

    top = 1.0
    while excess(top) < 0.0 and top < 1e9:
        top *= 2.0
    if excess(top) < 0.0:  # all at their upper bound but for rounding
        return high
    factor = _root(excess, top)
    return np.clip(factor * wanted, low, high)


def _root(excess: Callable[[float], float], top: float) -> float:
    return 0.0 if excess(0.0) >= 0.0 else float(brentq(excess, 0.0, top, xtol=1e-14))


def _temperature(
    table: pd.DataFrame,
    sun: Sun,
    rank: Array,
    *,
    noise: Array,
    month_of_day: npt.NDArray[np.int64],
) -> Array:
    """Return air temperature [°C], shape (8760,), with the table's means and mean daily maxima."""
    mean = table["temperature_c"].to_numpy(dtype=np.float64)
    highest = table["temperature_max_c"].to_numpy(dtype=np.float64)
    day = np.arange(365) + 0.5
    month = month_of_day - 1
    middle = np.array([day[month == number].mean() for number in range(12)])
    daily = np.interp(day, middle, mean, period=365.0)
    daily += _TEMPERATURE_SPREAD_C * _autoregression(noise, np.full(365, _TEMPERATURE_CORRELATION))
    # Clear days swing more: 0.6 to 1.4 times the month's amplitude.
    swing = 0.6 + 0.8 * rank
    course = np.radians(15.0) * (12.0 + sun.hour_angle_deg / 15.0 - 1.0)
    wave = (
        0.4632 * np.cos(course - 3.805)
        + 0.0984 * np.cos(2.0 * course - 0.360)
        + 0.0168 * np.cos(3.0 * course - 0.822)
        + 0.0138 * np.cos(4.0 * course - 3.513)
    )
    amplitude = 2.0 * (highest - mean)
    hour = np.arange(HOURS_PER_YEAR) / 24.0 + 0.5 / 24.0
    temperature = np.zeros(HOURS_PER_YEAR)
    days = np.bincount(month)
    # Days interpolate into their neighbours, so means and maxima are met by repetition.
    for _ in range(60):
        base = np.interp(hour, day, daily, period=365.0)
        temperature = base + np.repeat(amplitude[month] * swing, 24) * wave
        of_day = temperature.reshape(365, 24)
        short = mean - np.bincount(month, of_day.mean(axis=1)) / days
        low = highest - np.bincount(month, of_day.max(axis=1)) / days
        daily = daily + short[month]
        amplitude = np.maximum(amplitude + 2.0 * (low - short), 0.0)
    return temperature
