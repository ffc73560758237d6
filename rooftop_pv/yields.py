"""Yields: planes and classes of orientation to kWh, per roof and per group and hour.

A roof's yield is its capacity times the yield per capacity of its class, so a year of a million planes
is a gather over a few hundred columns, and the hours of a county are a product of two small matrices:
AC per capacity (hour x class) and capacity (class x group). No table of roof x hour is ever made.
"""

__all__ = ["check_planes", "hourly_by_group", "hourly_yield", "roof_yields", "yields_frame"]

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj

from layers.errors import LayerError
from layers.units import W_PER_KW
from layers.weather import Weather
from rooftop_pv.assumptions import RooftopPvAssumptions
from rooftop_pv.row_shading import row_shaded_table
from rooftop_pv.sun import OrientationTable, orientation_classes
from rooftop_pv.tables import MONTH_COLUMNS, PLANES, ROOF_KINDS, YIELDS

if TYPE_CHECKING:
    from rooftop_pv.horizon import Horizons

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]
_NEEDED = ("roof_kind", "tilt_deg", "azimuth_deg", "capacity_kwp")
_NEAR_EQUATOR_DEG = 2.0
_ROUNDING = 1e-6


def roof_yields(
    planes: pd.DataFrame,
    weather: Weather,
    assumptions: RooftopPvAssumptions,
    *,
    horizons: "Horizons | None" = None,
) -> pd.DataFrame:
    """Return the yield of every plane in the year of the weather.

    Parameters
    ----------
    planes : GeoDataFrame
        Table ``planes``.
    weather : Weather
        One hourly year of the same hemisphere.
    assumptions : RooftopPvAssumptions
        Modules, losses, classes and grid factor.
    horizons : Horizons, optional
        What the points of the planes see: of all planes, or of all that have capacity. Nothing is shaded
        without it.

    Returns
    -------
    DataFrame
        Table ``yields``, same keys in the same order. The months sum to the year.

    Raises
    ------
    LayerError
        A column is missing or broken, the weather is of the other hemisphere, or the horizons are of
        other planes.

    Notes
    -----
    The orientation is that of the plane's class; :func:`hourly_yield` takes the exact one.
    """
    check_planes(planes, weather)
    if planes.empty:
        return YIELDS.empty()
    classes, code = orientation_classes(planes, assumptions)
    table = row_shaded_table(classes, weather, assumptions)
    months = _monthly(table, table.unshaded_ac_per_kwp())[code]
    irradiation_kwh_m2 = (table.irradiance_w_m2.sum(axis=0) / W_PER_KW)[code]
    capacity_kwp = planes["capacity_kwp"].astype("float64")
    unshaded_kwh = months.sum(axis=1) * capacity_kwp.to_numpy()
    if horizons is not None:
        from rooftop_pv import (
            shading,
        )  # compiles its kernels, which unshaded runs need not wait for

        behind = _planes_behind(horizons, planes)
        energy = shading.shaded_energy(
            horizons,
            planes.index[behind],
            code=code[behind],
            tables=shading.shading_tables(table, sectors=horizons.sectors),
        )
        months[behind] = energy.energy_kwh_kwp
        irradiation_kwh_m2[behind] = energy.irradiation_kwh_m2
    return yields_frame(
        capacity_kwp,
        irradiation_kwh_m2=irradiation_kwh_m2,
        months_kwh=months * capacity_kwp.to_numpy()[:, None],
        unshaded_kwh=unshaded_kwh,
        assumptions=assumptions,
    )


def yields_frame(
    capacity_kwp: pd.Series,
    *,
    irradiation_kwh_m2: _Floats,
    months_kwh: _Floats,
    unshaded_kwh: _Floats,
    assumptions: RooftopPvAssumptions,
) -> pd.DataFrame:
    """Put the table ``yields`` together from its independent parts, with shade or without.

    Parameters
    ----------
    capacity_kwp : Series
        DC capacity keyed by plane, n of them [kWp].
    irradiation_kwh_m2 : ndarray, shape (n,)
        Plane-of-array irradiation of the year [kWh/m²].
    months_kwh : ndarray, shape (n, 12)
        AC energy of each month [kWh].
    unshaded_kwh : ndarray, shape (n,)
        AC energy of the year without shade [kWh]; what is missing from it is the shading loss, which is
        0 where there is no energy to lose.
    assumptions : RooftopPvAssumptions
        For the grid factor.
    """
    capacity = capacity_kwp.to_numpy(dtype=np.float64)
    yield_kwh = months_kwh.sum(axis=1)
    loss, specific = np.zeros(len(capacity)), np.full(len(capacity), np.nan)
    np.divide(unshaded_kwh - yield_kwh, unshaded_kwh, out=loss, where=unshaded_kwh > 0.0)
    loss[np.abs(loss) < _ROUNDING] = 0.0  # a free sky is seen but for rounding
    np.divide(yield_kwh, capacity, out=specific, where=capacity > 0.0)
    frame = pd.DataFrame(
        {
            "capacity_kwp": capacity,
            "irradiation_kwh_m2": irradiation_kwh_m2,
            "yield_kwh": yield_kwh,
            "specific_yield_kwh_kwp": specific,
            "shading_loss": loss,
            "co2_kg": yield_kwh * assumptions.grid_kg_kwh,
            **{name: months_kwh[:, number] for number, name in enumerate(MONTH_COLUMNS)},
        },
        index=capacity_kwp.index,
    )
    return YIELDS.validate(frame, where="The yields made by roof_yields")


def hourly_by_group(
    planes: pd.DataFrame,
    weather: Weather,
    assumptions: RooftopPvAssumptions,
    *,
    by: str | pd.Series = "county",
    horizons: "Horizons | None" = None,
) -> pd.DataFrame:
    """Return the hours of the year of all roofs of a group together.

    Parameters
    ----------
    planes : GeoDataFrame
        Table ``planes``.
    weather : Weather
        One hourly year of the same hemisphere.
    assumptions : RooftopPvAssumptions
        As for :func:`roof_yields`.
    by : str or Series
        Column of the planes, or the group of each plane keyed by ``plane_id`` (a township, a transformer).
    horizons : Horizons, optional
        As for :func:`roof_yields`.

    Returns
    -------
    DataFrame
        One row per hour (label is the start), one column per group in sorted order [kWh]. Sums of the
        hours equal the sums of :func:`roof_yields`.

    Raises
    ------
    LayerError
        As :func:`roof_yields`; also a group that is unknown or missing for a plane.
    """
    check_planes(planes, weather)
    groups, group = _groups(planes, by)
    hours = np.zeros((len(weather.hours), len(groups)))
    if len(planes):
        classes, code = orientation_classes(planes, assumptions)
        table = row_shaded_table(classes, weather, assumptions)
        if horizons is None:
            hours[table.hour] = table.unshaded_ac_per_kwp() @ np.bincount(
                code * len(groups) + group,
                weights=planes["capacity_kwp"].to_numpy(dtype=np.float64),
                minlength=len(classes) * len(groups),
            ).reshape(len(classes), len(groups))
        else:
            from rooftop_pv import shading

            behind = _planes_behind(horizons, planes)
            hours = shading.shaded_hours(
                horizons,
                planes[["capacity_kwp"]].iloc[behind],
                code=code[behind],
                group=group[behind],
                groups=len(groups),
                tables=shading.shading_tables(table, sectors=horizons.sectors),
            )
    columns = pd.Index(groups, dtype="str", name=by if isinstance(by, str) else by.name)
    return pd.DataFrame(hours, index=weather.hours.index, columns=columns)


def hourly_yield(
    weather: Weather,
    *,
    tilt_deg: float,
    azimuth_deg: float,
    assumptions: RooftopPvAssumptions,
    mounting: Literal["rack", "parallel"] = "rack",
) -> pd.Series:
    """Return the hours of one unshaded module plane at its exact orientation.

    Parameters
    ----------
    weather : Weather
        One hourly year.
    tilt_deg : float
        0 to 90 [°].
    azimuth_deg : float
        0 to 360, clockwise from north [°].
    assumptions : RooftopPvAssumptions
        Modules and losses.
    mounting : {"rack", "parallel"}
        Which heat loss holds: an airy rack, or flush with a roof.

    Returns
    -------
    Series
        AC energy per capacity and hour [kWh/kWp], all hours of the year.

    Raises
    ------
    LayerError
        An angle outside its range or an unknown mounting.
    """
    for name, value, high in (("tilt_deg", tilt_deg, 90.0), ("azimuth_deg", azimuth_deg, 360.0)):
        if not 0.0 <= value <= high:
            raise LayerError(f"hourly_yield was given {name} = {value!r}; give 0 to {high:g}.")
    if mounting not in assumptions.heat_loss_w_m2_k:
        known = " or ".join(assumptions.heat_loss_w_m2_k)
        raise LayerError(f"hourly_yield was given mounting = {mounting!r}; give {known}.")
    classes = pd.DataFrame(
        {"mounting": [mounting], "tilt_deg": [tilt_deg], "azimuth_deg": [azimuth_deg]}
    )
    table = row_shaded_table(classes, weather, assumptions)
    hours = np.zeros(len(weather.hours))
    hours[table.hour] = table.unshaded_ac_per_kwp()[:, 0]
    return pd.Series(hours, index=weather.hours.index, name="yield_kwh_kwp")


def _monthly(table: OrientationTable, hourly: _Floats) -> _Floats:
    """Sum hours (h, c) by month, shape (c, 12)."""
    in_month = (table.month[:, None] == np.arange(1, 13)).astype(np.float64)
    monthly: _Floats = hourly.T @ in_month
    return monthly


def _planes_behind(horizons: "Horizons", planes: pd.DataFrame) -> _Ints:
    """Return the rows of the planes that the horizons are of; planes without capacity may lack them."""
    key = horizons.plane_id
    runs = 1 + int((key[1:] != key[:-1]).sum()) if len(key) else 0
    if runs == len(planes):
        return np.arange(len(planes), dtype=np.int64)
    return np.flatnonzero(planes["capacity_kwp"].to_numpy() > 0.0).astype(np.int64)


def check_planes(planes: pd.DataFrame, weather: Weather) -> None:
    """Refuse planes that cannot be reckoned with, and weather of the other hemisphere."""
    missing = [name for name in _NEEDED if name not in planes.columns]
    if missing:
        raise LayerError(
            f"The planes lack the columns {', '.join(missing)}; give what roof_planes returns."
        )
    bounds = {column.name: column for column in PLANES.columns}
    for name in _NEEDED[1:]:
        values = planes[name].to_numpy(dtype=np.float64)
        high = bounds[name].maximum
        bad = ~np.isfinite(values) | (values < 0.0) | (values > (np.inf if high is None else high))
        if bad.any():
            first = planes.index[np.argmax(bad)]
            raise LayerError(
                f"The planes hold {values[np.argmax(bad)]:g} in {name!r} ({int(bad.sum())} rows, first "
                f"{first}); give a number of at least 0"
                + ("." if high is None else f" and at most {high:g}.")
            )
    unknown = ~planes["roof_kind"].isin(ROOF_KINDS).to_numpy()
    if unknown.any():
        raise LayerError(
            f"The planes hold an unknown roof_kind ({int(unknown.sum())} rows, first "
            f"{planes.index[np.argmax(unknown)]}); allowed are {', '.join(ROOF_KINDS)}."
        )
    if isinstance(planes, gpd.GeoDataFrame) and len(planes) and planes.crs is not None:
        _check_hemisphere(planes.total_bounds, planes.crs, weather)


def _check_hemisphere(bounds_m: Sequence[float], crs: pyproj.CRS, weather: Weather) -> None:
    west, south, east, north = bounds_m
    to_degrees = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    _, latitude_deg = to_degrees.transform((west + east) / 2, (south + north) / 2)
    if min(abs(latitude_deg), abs(weather.latitude_deg)) < _NEAR_EQUATOR_DEG:
        return
    if (latitude_deg < 0.0) != (weather.latitude_deg < 0.0):
        raise LayerError(
            f"The weather ({weather.source}) is of latitude {weather.latitude_deg:.1f}°, but the roofs "
            f"lie at {latitude_deg:.1f}°, in the other hemisphere; give weather of the roofs' own region."
        )


def _groups(planes: pd.DataFrame, by: str | pd.Series) -> tuple[list[str], _Ints]:
    if isinstance(by, str):
        if by not in planes.columns:
            raise LayerError(
                f"The planes have no column {by!r} to group by; give one of theirs, "
                "such as county, use or roof_kind, or a Series."
            )
        values = planes[by]
    else:
        values = by.reindex(planes.index)
    lost = values.isna().to_numpy()
    if lost.any():
        raise LayerError(
            f"{int(lost.sum())} planes have no group, first {planes.index[np.argmax(lost)]}; give each plane "
            "one, or leave these planes out."
        )
    code, names = pd.factorize(values.astype("str"), sort=True)
    return [str(name) for name in names], code.astype(np.int64)
