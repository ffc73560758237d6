"""One hourly year of weather: interval start, local standard time, the sun at mid-interval.

The files that it comes from label their hours in three ways (EPW by the end of the hour in local
standard time, PVGIS by an instant in UTC, NASA POWER by the start of the hour in UTC or in the solar
time of a 15-degree zone). All become the same table: 8,760 rows of one nominal year, labelled by the
start of the hour in the standard time of the study. Months taken from different years, as a typical
year has them, are put side by side; 29 February is left out.
"""

__all__ = ["Sun", "Weather", "WeatherFormat", "read_weather", "sun_at"]

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
import pvlib

from layers.account import Ledger
from layers.errors import LayerError, near_matches
from layers.local_files import local_file
from layers.tables import WEATHER
from layers.units import HOURS_PER_YEAR
from layers.weather_checks import checked_hours, filled_gaps, nominal_year
from layers.weather_clock import nominal_hours, on_local_hours, standard_zone
from layers.weather_files import (
    RawWeather,
    epw_raw,
    nasa_power_raw,
    pvgis_tmy_raw,
    weather_text,
    whole_epw,
)

WeatherFormat = Literal["epw", "pvgis_tmy", "nasa_power"]
_HALF_HOUR: Final = pd.Timedelta(minutes=30)
_LARGEST_FILE_BYTES: Final = 64_000_000


class Sun(NamedTuple):
    """Where the sun stands and what reaches the top of the atmosphere, one value per instant.

    Attributes
    ----------
    zenith_deg, azimuth_deg : ndarray
        True (unrefracted) zenith angle and azimuth clockwise from north [deg].
    cosine : ndarray
        Cosine of the zenith angle; negative at night.
    hour_angle_deg : ndarray
        Hour angle [deg] between -180 and 180, zero at solar noon.
    extra_w_m2 : ndarray
        Extraterrestrial irradiance on a plane normal to the beam [W/m²].
    """

    zenith_deg: npt.NDArray[np.float64]
    azimuth_deg: npt.NDArray[np.float64]
    cosine: npt.NDArray[np.float64]
    hour_angle_deg: npt.NDArray[np.float64]
    extra_w_m2: npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Weather:
    """One hourly year at one place.

    Attributes
    ----------
    hours : DataFrame
        Valid by the ``weather`` schema, 8,760 rows one hour apart; the label is the start of the hour
        in standard time (a zone that moves its clocks is held as its fixed standard offset).
    latitude_deg, longitude_deg : float
        Place the sun is computed for [deg], north and east positive.
    elevation_m : float
        Height of that place [m].
    source : str
        Where the year comes from, in words.
    synthetic : bool
        Whether the hours were generated.
    """

    hours: pd.DataFrame
    latitude_deg: float
    longitude_deg: float
    elevation_m: float
    source: str
    synthetic: bool = False

    def __post_init__(self) -> None:
        _check_place(self.latitude_deg, self.longitude_deg, self.elevation_m, where=self.source)
        hours = WEATHER.validate(self.hours, where=f"The weather of {self.source}")
        index = hours.index
        if (
            len(index) != HOURS_PER_YEAR
            or (np.diff(index.asi8) != np.diff(index[:2].asi8)[0]).any()
        ):
            raise LayerError(
                f"The weather of {self.source} has {len(index):,} hours or hours out of step; "
                f"give one whole year of {HOURS_PER_YEAR:,} rows one hour apart."
            )
        if index[1] - index[0] != pd.Timedelta(hours=1):
            raise LayerError(f"The weather of {self.source} is not hourly; give hourly values.")
        if index[0].utcoffset() != index[len(index) // 2].utcoffset():
            raise LayerError(
                f"The weather of {self.source} is in {index.tz}, which moves its clocks; give its standard "
                "time, such as Etc/GMT-1."
            )
        object.__setattr__(self, "hours", hours)

    @property
    def time_zone(self) -> str:
        """Name of the fixed-offset or named zone of the labels."""
        return str(self.hours.index.tz)

    @property
    def mid_interval(self) -> pd.DatetimeIndex:
        """Instants at which the sun is taken: thirty minutes after each label."""
        return pd.DatetimeIndex(self.hours.index + _HALF_HOUR, name="time")


def read_weather(
    path: str | Path,
    *,
    format: WeatherFormat,  # noqa: A002
    time_zone: str,
    instant_h: float | None = None,
) -> tuple[Weather, Ledger]:
    """Read one year of weather and check it.

    Parameters
    ----------
    path : path
        The file.
    format : {"epw", "pvgis_tmy", "nasa_power"}
        EnergyPlus weather; a PVGIS typical year as CSV or JSON; an hourly NASA POWER CSV of one year.
    time_zone : str
        Zone of the study, such as ``"Asia/Shanghai"``. A zone with summer time is taken at its fixed
        standard offset (``"Europe/Paris"`` becomes ``"Etc/GMT-1"``).
    instant_h : float, optional
        Hours after the start of the hour which the irradiance stands for. By default what the format
        says: 0.5 (mean of the hour) for EPW and NASA POWER, the stated irradiance time offset for
        PVGIS. Some EPW files of typical years hold the value at the start of the hour: their account
        shows a solar noon half an hour late, and 0 is then right.

    Returns
    -------
    Weather
    Ledger
        What was filled, zeroed, moved or found and kept.

    Raises
    ------
    LayerError
        The file cannot be read, is not one whole year, has long gaps, or its irradiance contradicts
        the stated place and time zone.

    Notes
    -----
    Where the irradiance does not stand for the middle of an hour of the study's clock, GHI and DHI are
    moved by linear interpolation of their ratio to the extraterrestrial horizontal irradiance and DNI,
    temperature and wind by linear interpolation; GHI = DHI + DNI cos z is kept by that.
    """
    path = Path(path)
    zone, standard_offset_h = standard_zone(time_zone)
    raw = _read(path, format)
    if instant_h is not None:
        if not 0.0 <= instant_h <= 1.0:
            raise LayerError(
                f"instant_h is {instant_h!r}, but must lie between 0 (start of the hour) and 1 (its end)."
            )
        raw = raw.at_instant(instant_h)
    where = f"The weather file {path.name}"
    _check_place(raw.latitude_deg, raw.longitude_deg, raw.elevation_m, where=where)
    ledger = Ledger("weather", path.name)
    ledger.add("read", f"hours in the file ({raw.source})", len(raw.values))
    for note in raw.notes:
        ledger.add("defaulted", note, len(raw.values))
    if str(zone) != time_zone:
        ledger.add("kept", f"{time_zone} moves its clocks; hours are in {zone}", HOURS_PER_YEAR)
    values = filled_gaps(nominal_year(raw.values, ledger, where=where), ledger, where=where)
    index = nominal_hours(zone)
    place = {
        "latitude_deg": raw.latitude_deg,
        "longitude_deg": raw.longitude_deg,
        "elevation_m": raw.elevation_m,
    }
    lag_h = standard_offset_h - raw.utc_offset_h + raw.instant_h - 0.5
    values = _moved(values, lag_h, ledger, index=index, place=place)
    edges = index.append(index[-1:] + pd.Timedelta(hours=1))
    hours = checked_hours(
        values,
        ledger,
        sun=sun_at(index + _HALF_HOUR, **place),
        edge_cosine=sun_at(edges, **place).cosine,
        latitude_deg=raw.latitude_deg,
        where=where,
    )
    ledger.add("kept", "hours of the year", len(hours))
    weather = Weather(
        hours=hours,
        latitude_deg=raw.latitude_deg,
        longitude_deg=raw.longitude_deg,
        elevation_m=raw.elevation_m,
        source=f"{path.name}: {raw.source}",
    )
    return weather, ledger


def sun_at(
    times: pd.DatetimeIndex,
    *,
    latitude_deg: float,
    longitude_deg: float,
    elevation_m: float = 0.0,
) -> Sun:
    """Return the sun at given instants, by NREL's solar position algorithm (Reda and Andreas 2004).

    Parameters
    ----------
    times : DatetimeIndex
        Instants with time zone, n of them.
    latitude_deg, longitude_deg : float
        Place [deg].
    elevation_m : float
        Height of the place [m].

    Returns
    -------
    Sun
        Arrays of length n; the extraterrestrial irradiance after Spencer (1971), 1,366.1 W/m² mean.
    """
    utc = times.tz_convert("UTC")
    position = pvlib.solarposition.get_solarposition(
        utc, latitude_deg, longitude_deg, altitude=elevation_m, method="nrel_numpy"
    )
    hours_utc = np.asarray(utc.hour + utc.minute / 60.0 + utc.second / 3600.0, dtype=np.float64)
    hour_angle = (
        15.0 * (hours_utc - 12.0)
        + longitude_deg
        + 0.25 * position["equation_of_time"].to_numpy(dtype=np.float64)
    )
    zenith = position["zenith"].to_numpy(dtype=np.float64)
    day = np.asarray(utc.day_of_year, dtype=np.float64)
    extra = pvlib.irradiance.get_extra_radiation(day, method="spencer")
    return Sun(
        zenith_deg=zenith,
        azimuth_deg=position["azimuth"].to_numpy(dtype=np.float64),
        cosine=np.cos(np.radians(zenith)),
        hour_angle_deg=(hour_angle + 180.0) % 360.0 - 180.0,
        extra_w_m2=np.asarray(extra, dtype=np.float64),
    )


def _check_place(latitude: float, longitude: float, elevation: float, *, where: str) -> None:
    inside = abs(latitude) <= 90.0 and abs(longitude) <= 180.0 and -500.0 <= elevation <= 9000.0
    if not inside:
        raise LayerError(
            f"{where} lies at latitude {latitude}, longitude {longitude}, {elevation} m, which is no "
            "place on Earth; correct its header."
        )


def _moved(
    values: pd.DataFrame,
    lag_h: float,
    ledger: Ledger,
    *,
    index: pd.DatetimeIndex,
    place: dict[str, float],
) -> pd.DataFrame:
    if lag_h == 0.0:
        return values.set_index(index)
    middle = index + _HALF_HOUR
    moved = on_local_hours(
        values,
        lag_h,
        source_cosine=sun_at(middle + pd.Timedelta(hours=lag_h), **place).cosine,
        target_cosine=sun_at(middle, **place).cosine,
    ).set_index(index)
    before, after = float(values["ghi_w_m2"].sum()), float(moved["ghi_w_m2"].sum())
    change = 100.0 * (after / before - 1.0) if before else 0.0
    ledger.add(
        "repaired",
        f"hours moved by {lag_h:+.2f} h onto the study's clock; the year's GHI changed by "
        f"{change:+.2f} %",
        len(values),
    )
    return moved


def _read(path: Path, form: str) -> RawWeather:
    formats = get_args(WeatherFormat)
    if form not in formats:
        raise LayerError(f"Weather format {form!r} is unknown{near_matches(str(form), formats)}")
    local_file(path, what="weather file", largest_bytes=_LARGEST_FILE_BYTES)
    try:
        if form in {"epw", "nasa_power"}:
            text = weather_text(path.read_bytes())
            if form == "nasa_power":
                return nasa_power_raw(text)
            return epw_raw(*pvlib.iotools.read_epw(io.StringIO(whole_epw(text))))
        kind = "json" if path.suffix.lower() == ".json" else "csv"
        with path.open("rb") as stream:
            return pvgis_tmy_raw(*pvlib.iotools.read_pvgis_tmy(stream, pvgis_format=kind))
    except (
        LayerError, ValueError, KeyError, IndexError, TypeError, AttributeError, OSError, RecursionError,
        MemoryError,
    ) as error:  # fmt: skip
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise LayerError(
            f"The weather file {path.name} cannot be read as {form}: {reason.rstrip('.')}. Give a whole, "
            f"unchanged file, or name its format ({', '.join(formats)})."
        ) from error
