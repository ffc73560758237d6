"""What a weather file says, before any of it is believed: its hours, its place and its clock."""

__all__ = [
    "VALUE_COLUMNS",
    "RawWeather",
    "epw_raw",
    "nasa_power_raw",
    "pvgis_tmy_raw",
    "weather_text",
    "whole_epw",
]

import codecs
import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from layers.errors import LayerError, shown_text

VALUE_COLUMNS: Final = ("ghi_w_m2", "dhi_w_m2", "dni_w_m2", "temperature_c", "wind_m_s")
_PVLIB_NAMES: Final = ("ghi", "dhi", "dni", "temp_air", "wind_speed")
_EPW_HEAD: Final = 8  # lines before the hours
_EPW_PLACE: Final = (6, 7, 8, 9)  # cells of latitude, longitude, zone, height in line 1
_EPW_WHOLE: Final = (0, 1, 2, 3)  # cells of year, month, day, hour
_EPW_VALUES: Final = (6, 13, 14, 15, 21)  # temperature, GHI, DNI, DHI, wind
_WHOLE: Final = re.compile(r"\s*\d{1,4}\s*")
_NUMBER: Final = re.compile(r"\s*[+-]?(\d{1,12}\.?\d{0,12}|\.\d{1,12})([eE][+-]?\d{1,2})?\s*|\s*")
# Codes of a missing value in an EPW column, and above (EnergyPlus, Auxiliary Programs).
_EPW_MISSING: Final = (9999.0, 9999.0, 9999.0, 99.9, 999.0)
_POWER_NAMES: Final = (
    "ALLSKY_SFC_SW_DWN", "ALLSKY_SFC_SW_DIFF", "ALLSKY_SFC_SW_DNI", "T2M", "WS10M",
)  # fmt: skip
_W_M2_PER_UNIT: Final[Mapping[str, float]] = {"Wh/m^2": 1.0, "W/m^2": 1.0, "MJ/hr": 1e6 / 3600.0}


@dataclass(frozen=True, kw_only=True)
class RawWeather:
    """The hours of a file as they stand there.

    Attributes
    ----------
    values : DataFrame
        Columns ``month``, ``day``, ``hour`` (0 to 23, start of the hour on the file's clock) and the
        five value columns; missing values are NaN.
    utc_offset_h : float
        Hours by which the file's clock is ahead of UTC.
    instant_h : float
        Hours after its label that a row's irradiance stands for; 0.5 for a mean over the hour.
    latitude_deg, longitude_deg, elevation_m : float
        Place as the file states it.
    source : str
        Name of the place or the data set.
    notes : tuple of str
        What was assumed because the file does not say it.
    """

    values: pd.DataFrame
    utc_offset_h: float
    instant_h: float
    latitude_deg: float
    longitude_deg: float
    elevation_m: float
    source: str
    notes: tuple[str, ...] = ()

    def at_instant(self, instant_h: float) -> "RawWeather":
        """Return the same hours standing for another instant."""
        return dataclasses.replace(self, instant_h=instant_h, notes=())


def weather_text(data: bytes) -> str:
    """Return the text of a weather file, whose numbers are plain letters in any of the usual encodings.

    Names of places may be in another encoding than UTF-8; their strange letters are replaced.

    Raises
    ------
    LayerError
        The file is UTF-16 or no text.
    """
    text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8", errors="replace")
    at = text.find("\x00")
    if at >= 0:
        raise LayerError(
            f"line {text.count(chr(10), 0, at) + 1} holds bytes that are no text (save it as UTF-8)"
        )
    return text


def whole_epw(text: str) -> str:
    """Return the text of an EPW file whose header and lines can be read as what they should be.

    Raises
    ------
    LayerError
        Naming the line and what stands there.
    """
    lines = text.splitlines()
    if not lines or not lines[0].lstrip().upper().startswith("LOCATION,"):
        raise LayerError("line 1 does not begin with LOCATION")
    _check_cells(lines[0], 1, whole=(), numbers=_EPW_PLACE)
    for line, cells in enumerate(lines[_EPW_HEAD:], start=_EPW_HEAD + 1):
        if cells.strip():
            _check_cells(cells, line, whole=_EPW_WHOLE, numbers=_EPW_VALUES)
    return text


def _check_cells(text: str, line: int, *, whole: tuple[int, ...], numbers: tuple[int, ...]) -> None:
    cells = text.split(",")
    if len(cells) <= max(numbers):
        raise LayerError(
            f"line {line} has {len(cells)} cells, but at least {max(numbers) + 1} belong"
        )
    for cell in (*whole, *numbers):
        if not (_WHOLE if cell in whole else _NUMBER).fullmatch(cells[cell]):
            raise LayerError(
                f"cell {cell + 1} of line {line} holds {shown_text(repr(cells[cell]), most=40)}, which is "
                "no number; decimals are written with a point"
            )


def epw_raw(frame: pd.DataFrame, header: Mapping[str, Any]) -> RawWeather:
    """Return what an EPW file says, from pvlib's frame and header.

    The label of an EPW hour, 1 to 24, is its end; the hour before it is its start.
    """
    values = frame[["month", "day"]].astype("int64").reset_index(drop=True)
    values["hour"] = frame["hour"].astype("int64").to_numpy() - 1
    for name, theirs, missing in zip(VALUE_COLUMNS, _PVLIB_NAMES, _EPW_MISSING, strict=True):
        series = pd.to_numeric(frame[theirs], errors="coerce").astype("float64")
        values[name] = series.where(series < missing).to_numpy()
    return RawWeather(
        values=values,
        utc_offset_h=float(header["TZ"]),
        instant_h=0.5,
        latitude_deg=float(header["latitude"]),
        longitude_deg=float(header["longitude"]),
        elevation_m=float(header["altitude"]),
        source=f"EPW {header['city']}, {header['data_type']}",
    )


def pvgis_tmy_raw(frame: pd.DataFrame, header: Mapping[str, Any]) -> RawWeather:
    """Return what a PVGIS typical year says, from pvlib's frame and header.

    Labels are UTC; the irradiance stands for the label plus the stated irradiance time offset (about
    ten minutes for satellite images, 0.5 h for reanalysis).
    """
    inputs = header["inputs"]
    place = inputs.get("location", inputs)
    offset = place.get("irradiance_time_offset", inputs.get("irradiance time offset"))
    notes: tuple[str, ...] = ()
    if offset is None:
        notes = ("the file states no irradiance time offset; 0 h is taken",)
    database = inputs.get("meteo_data", {}).get("radiation_db", "")
    return RawWeather(
        values=_timed(frame, pd.DatetimeIndex(frame.index), _PVLIB_NAMES),
        utc_offset_h=0.0,
        instant_h=0.0 if offset is None else float(offset),
        latitude_deg=float(place["latitude"]),
        longitude_deg=float(place["longitude"]),
        elevation_m=float(place["elevation"]),
        source=f"PVGIS typical year {database}".rstrip(),
        notes=notes,
    )


def nasa_power_raw(text: str) -> RawWeather:
    """Return what an hourly NASA POWER CSV says; its labels are the start of the hour.

    A file in local solar time (LST) is read as the time of its 15-degree zone.
    """
    head, mark, body = text.partition("-END HEADER-")
    if not mark:
        raise LayerError("the header that ends with -END HEADER- is missing")
    place = re.search(r"latitude\s+(\S+)\s+longitude\s+(\S+)", head, flags=re.IGNORECASE)
    clock = re.search(r"\bin\s+(UTC|LST)\b", head)
    height = re.search(r"elevation.*=\s*(-?[\d.]+)\s*meters", head, flags=re.IGNORECASE)
    fill = re.search(r"availability range:\s*(-?[\d.]+)", head)
    if place is None or clock is None:
        raise LayerError(
            "the header states no latitude and longitude, or not whether hours are in UTC or LST"
        )
    lines = [line for line in body.splitlines() if line.strip()]
    rows = [line.split(",") for line in lines[1:]]
    names = [name.strip() for name in lines[0].split(",")]
    short = next((row for row in rows if len(row) != len(names)), None)
    if short is not None:
        raise LayerError(f"the row {','.join(short)[:60]!r} has not the {len(names)} columns")
    frame = pd.DataFrame(rows, columns=names).apply(pd.to_numeric)
    missing = [name for name in _POWER_NAMES if name not in frame.columns]
    if missing:
        raise LayerError(f"the columns {', '.join(missing)} are missing; download them as well")
    years = sorted({int(year) for year in frame["YEAR"]})
    if len(years) != 1:
        raise LayerError(f"it holds the years {years[0]} to {years[-1]}; give a file of one year")
    if fill is not None:
        frame = frame.where(frame != float(fill.group(1)))
    for name in _POWER_NAMES[:3]:
        unit = re.search(rf"^{name}\s.*\(([^()]*)\)\s*$", head, flags=re.MULTILINE)
        factor = _W_M2_PER_UNIT.get(unit.group(1)) if unit else None
        if factor is None:
            raise LayerError(
                f"{name} is in {unit.group(1) if unit else 'no stated unit'}; "
                f"allowed are {', '.join(_W_M2_PER_UNIT)}"
            )
        frame[name] = frame[name] * factor
    times = pd.DatetimeIndex(
        pd.to_datetime(
            {"year": frame["YEAR"], "month": frame["MO"], "day": frame["DY"], "hour": frame["HR"]}
        )
    )
    longitude = float(place.group(2))
    solar_zone = clock.group(1) == "LST"
    offset = float(round(longitude / 15.0)) if solar_zone else 0.0
    notes = [] if height else ["the file states no elevation; 0 m is taken"]
    if solar_zone:
        notes.append(f"hours in LST are read as the 15-degree zone UTC{offset:+.0f}")
    return RawWeather(
        values=_timed(frame, times, _POWER_NAMES),
        utc_offset_h=offset,
        instant_h=0.5,
        latitude_deg=float(place.group(1)),
        longitude_deg=longitude,
        elevation_m=float(height.group(1)) if height else 0.0,
        source=f"NASA POWER {years[0]}",
        notes=tuple(notes),
    )


def _timed(frame: pd.DataFrame, times: pd.DatetimeIndex, names: tuple[str, ...]) -> pd.DataFrame:
    data: dict[str, Any] = {"month": times.month, "day": times.day, "hour": times.hour}
    for ours, theirs in zip(VALUE_COLUMNS, names, strict=True):
        data[ours] = pd.to_numeric(frame[theirs], errors="coerce").to_numpy(dtype="float64")
    return pd.DataFrame(data)
