"""Shaded energy: horizons and classes of orientation to irradiation, AC by period, and hours of groups.

What the horizon does, per point and hour:

* *direct* (beam and circumsolar) is on while the sun stands at or above the horizon of its sector, else 0;
* *sky* (isotropic, with the horizon band) is scaled by the point's sky view relative to that of the same
  plane without obstacles; the sky view is that of the tilted plane, whose own rising side counts;
* *ground* stays as it is: how much light the ground before a roof gets and gives is not known, and it is
  a few per cent of the irradiation; obstacles themselves are black.

Because beam is on or off, a year needs no hours per roof: per class and sector the hours are sorted by the
sun's elevation and summed upwards, so that each point subtracts, per sector, one entry of these sums. AC
is not linear in irradiance; it is tabulated with the beam on and off at a few levels of sky view and
interpolated between them. Points of a plane weigh the same, as if each had its own inverter.

Formula of the sky view, per sector of width w with mean horizon h (or the plane's own rise, if higher):
w/2π · [sin β · cos Δ · (π/2 − h − sin h · cos h) + cos β · cos² h], with tilt β and the angle Δ between the
sector and the plane's azimuth; without obstacles the sectors sum to (1 + cos β)/2.
"""

__all__ = [
    "ShadedEnergy",
    "ShadingTables",
    "relative_sky_view",
    "shaded_energy",
    "shaded_hours",
    "shading_tables",
]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.errors import AssumptionError
from layers.units import W_PER_KW
from rooftop_pv.horizon import Horizons, sector_middles_deg
from rooftop_pv.shading_kernel import add_blocked_hours, fill_prefix, fill_shaded, fill_sky_view
from rooftop_pv.sun import OrientationTable

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class ShadingTables:
    """Sums over the hours of a year from which the shaded energy of any horizon is read.

    Attributes
    ----------
    table : OrientationTable
        The classes they were made for.
    sectors : int
        Azimuth sectors of the horizons.
    periods : int
        Number of periods of ``open_energy`` and ``energy``.
    order, starts : ndarray of int
        Lit hours with direct light, by sector and then by elevation of the sun; bounds of the sectors.
    elevation_deg : ndarray, shape (b,)
        Elevation of the sun in those hours [°].
    quick : ndarray of int, shape (s, 92)
        How many hours of each sector lie below each whole degree.
    own_rad, facing : ndarray
        The planes' own rise and facing per class and sector (see ``fill_sky_view``).
    direct : ndarray, shape (c, b + s, 1)
        Prefix sums of direct irradiance [W h/m²].
    open_ac, beam_ac : ndarray, shape (l, h or b, c)
        AC with beam on in every lit hour, and what the beam adds in the hours of ``order`` [kWh/kWp].
    open_energy : ndarray, shape (c, l, p)
        Sums of ``open_ac`` by period [kWh/kWp].
    energy : ndarray, shape (c, l, b + s, p)
        Prefix sums of ``beam_ac`` by period [kWh/kWp].
    """

    table: OrientationTable
    sectors: int
    periods: int
    order: _Ints
    starts: _Ints
    elevation_deg: _Floats
    quick: _Ints
    own_rad: _Floats
    facing: _Floats
    direct: _Floats
    open_ac: _Floats
    beam_ac: _Floats
    open_energy: _Floats
    energy: _Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class ShadedEnergy:
    """What shading leaves each plane.

    Attributes
    ----------
    irradiation_kwh_m2 : ndarray, shape (n,)
        Plane-of-array irradiation of the year [kWh/m²].
    energy_kwh_kwp : ndarray, shape (n, p)
        AC per capacity by period [kWh/kWp].
    open_kwh_kwp : ndarray, shape (n, p)
        The same without any shade [kWh/kWp].
    sky_view : ndarray, shape (n,)
        Sky view relative to the unobstructed plane, mean of the points.
    """

    irradiation_kwh_m2: _Floats
    energy_kwh_kwp: _Floats
    open_kwh_kwp: _Floats
    sky_view: _Floats


def shading_tables(
    table: OrientationTable,
    *,
    sectors: int = 72,
    period: npt.NDArray[np.integer] | None = None,
    sky_levels: int = 3,
) -> ShadingTables:
    """Tabulate the hours of every class for shading.

    Parameters
    ----------
    table : OrientationTable
        Irradiance of the classes.
    sectors : int
        Sectors of the horizons that will be asked for.
    period : ndarray of int, shape (number of times,), optional
        Period 0, 1, 2 … of every hour of the year, such as month times tariff period; months by default.
    sky_levels : int
        Levels of sky view from 0 to 1 at which AC is tabulated.

    Raises
    ------
    AssumptionError
        The periods do not fit the hours, or fewer than two levels are asked for.
    """
    if sky_levels < 2:
        raise AssumptionError(f"sky_levels is {sky_levels}, but must be at least 2.")
    by_hour = _period_of_hours(table, period)
    periods = int(by_hour.max(initial=0)) + 1 if period is not None else 12
    if period is not None:
        periods = int(np.max(period, initial=0)) + 1
    order, starts = _sorted_hours(table, sectors)
    elevation_deg = table.sun_elevation_deg[order]
    own_rad, facing = _own_planes(table, sectors)
    classes, rows = len(table.classes), len(order) + sectors
    levels = np.linspace(0.0, 1.0, sky_levels)
    open_ac = np.empty((sky_levels, len(table.hour), classes))
    beam_ac = np.empty((sky_levels, len(order), classes))
    dark = np.zeros_like(table.direct_effective_w_m2)
    for number, level in enumerate(levels):
        diffuse = level * table.sky_effective_w_m2 + table.ground_effective_w_m2
        open_ac[number] = table.ac_per_kwp(table.direct_effective_w_m2, diffuse)
        beam_ac[number] = (open_ac[number] - table.ac_per_kwp(dark, diffuse))[order]
    in_period = (by_hour[:, None] == np.arange(periods)).astype(np.float64)
    open_energy = np.einsum("lhc,hp->clp", open_ac, in_period, optimize=True)
    direct = np.empty((classes, rows, 1))
    energy = np.empty((classes, sky_levels, rows, periods))
    whole_year = np.zeros(len(order), dtype=np.int64)
    for code in range(classes):
        fill_prefix(
            np.ascontiguousarray(table.direct_w_m2[order, code]), starts, whole_year, direct[code]
        )
        for number in range(sky_levels):
            values = np.ascontiguousarray(beam_ac[number, :, code])
            fill_prefix(values, starts, by_hour[order], energy[code, number])
    return ShadingTables(
        table=table,
        sectors=sectors,
        periods=periods,
        order=order,
        starts=starts,
        elevation_deg=elevation_deg,
        quick=_quick_ranks(elevation_deg, starts),
        own_rad=own_rad,
        facing=facing,
        direct=direct,
        open_ac=open_ac,
        beam_ac=beam_ac,
        open_energy=np.ascontiguousarray(open_energy),
        energy=energy,
    )


def relative_sky_view(horizons: Horizons, code: _Ints, tables: ShadingTables) -> _Floats:
    """Return the sky view of each point's class of plane, relative to the unobstructed plane.

    Parameters
    ----------
    horizons : Horizons
        Of n points.
    code : (n,) int
        Class of each point.
    tables : ShadingTables
        For as many sectors as the horizons have.
    """
    _check_sectors(horizons, tables)
    sky_view = np.empty(len(horizons.profiles_deg))
    fill_sky_view(horizons.profiles_deg, code, tables.own_rad, tables.facing, sky_view)
    return sky_view


def shaded_energy(
    horizons: Horizons, planes: pd.Index, *, code: _Ints, tables: ShadingTables
) -> ShadedEnergy:
    """Return irradiation and AC by period of every plane behind its horizons.

    Parameters
    ----------
    horizons : Horizons
        Points of exactly these planes.
    planes : Index (n,)
        Keys of the planes.
    code : (n,) int
        Class of each plane in ``tables.table.classes``.
    tables : ShadingTables
        Sums over the hours.

    Raises
    ------
    LayerError
        The horizons are not of these planes.
    """
    position = horizons.plane_positions(planes)
    point_code = np.ascontiguousarray(code[position], dtype=np.int64)
    sky_view = relative_sky_view(horizons, point_code, tables)
    points = np.bincount(position, minlength=len(planes)).astype(np.float64)
    blocked = np.zeros(len(planes))
    energy = np.zeros((len(planes), tables.periods))
    fill_shaded(
        horizons.profiles_deg, position, point_code, sky_view, tables.starts, tables.elevation_deg,
        tables.quick, tables.direct, tables.energy, tables.open_energy, blocked, energy,
    )  # fmt: skip
    table = tables.table
    mean_view = np.bincount(position, sky_view, minlength=len(planes)) / points
    whole = np.stack(
        [part.sum(axis=0) for part in (table.direct_w_m2, table.sky_w_m2, table.ground_w_m2)]
    )
    irradiation = (
        whole[0][code] - blocked / points + mean_view * whole[1][code] + whole[2][code]
    ) / W_PER_KW
    # Prefix sums leave residues of 1e-16 where everything is blocked.
    return ShadedEnergy(
        irradiation_kwh_m2=np.maximum(irradiation, 0.0),
        energy_kwh_kwp=np.maximum(energy / points[:, None], 0.0),
        open_kwh_kwp=tables.open_energy[code, -1],
        sky_view=mean_view,
    )


def shaded_hours(
    horizons: Horizons,
    planes: pd.DataFrame,
    *,
    code: _Ints,
    group: _Ints,
    groups: int,
    tables: ShadingTables,
) -> _Floats:
    """Return AC of every hour of the year by group, exactly the sum over its roofs.

    Parameters
    ----------
    horizons : Horizons
        Points of exactly these planes.
    planes : DataFrame
        With ``capacity_kwp``.
    code, group : (n,) int
        Class and group of each plane.
    groups : int
        Number of groups.
    tables : ShadingTables
        Sums over the hours.

    Returns
    -------
    (hours of the year, groups) float64 [kWh]

    Notes
    -----
    Capacity is summed by class, group, level of sky view, sector and number of blocked hours; hours are
    read from these sums. Nothing of roofs x hours is held, and chunks of planes may simply be added.
    """
    position = horizons.plane_positions(planes.index)
    point_code = np.ascontiguousarray(code[position], dtype=np.int64)
    sky_view = relative_sky_view(horizons, point_code, tables)
    points = np.bincount(position, minlength=len(planes))
    share = planes["capacity_kwp"].to_numpy(dtype=np.float64) / np.maximum(points, 1)
    weight = np.ascontiguousarray(share[position])
    point_group = np.ascontiguousarray(group[position], dtype=np.int64)
    hours = np.zeros((len(tables.table.times), groups))
    by_class = np.argsort(point_code, kind="stable")
    bounds = np.searchsorted(point_code[by_class], np.arange(len(tables.table.classes) + 1))
    levels = len(tables.open_ac)
    beam_hour = tables.table.hour[tables.order]
    for number in np.flatnonzero(np.diff(bounds)):
        taken = by_class[bounds[number] : bounds[number + 1]]
        present, local = np.unique(point_group[taken], return_inverse=True)
        weights = np.zeros((len(present), levels))
        blocked = np.zeros((len(present), levels, len(tables.order)))
        add_blocked_hours(
            horizons.profiles_deg, taken, local, weight, sky_view, tables.starts,
            tables.elevation_deg, tables.quick, weights, blocked,
        )  # fmt: skip
        hours[np.ix_(tables.table.hour, present)] += tables.open_ac[:, :, number].T @ weights.T
        lost = np.einsum("lb,glb->bg", tables.beam_ac[:, :, number], blocked, optimize=True)
        hours[np.ix_(beam_hour, present)] -= lost
    return np.maximum(hours, 0.0)


def _period_of_hours(table: OrientationTable, period: npt.NDArray[np.integer] | None) -> _Ints:
    if period is None:
        return np.ascontiguousarray(table.month - 1, dtype=np.int64)
    given = np.asarray(period)
    if given.shape != (len(table.times),) or given.dtype.kind not in "iu" or (given < 0).any():
        raise AssumptionError(
            f"The periods have shape {given.shape} and type {given.dtype}; give one whole number from 0 "
            f"for each of the {len(table.times)} hours."
        )
    return np.ascontiguousarray(given[table.hour], dtype=np.int64)


def _sorted_hours(table: OrientationTable, sectors: int) -> tuple[_Ints, _Ints]:
    lit = np.flatnonzero((table.direct_w_m2 > 0.0).any(axis=1) & (table.sun_elevation_deg > 0.0))
    width = 360.0 / sectors
    sector = np.minimum((table.sun_azimuth_deg[lit] % 360.0 / width).astype(np.int64), sectors - 1)
    sorting = np.lexsort((table.sun_elevation_deg[lit], sector))
    starts = np.searchsorted(sector[sorting], np.arange(sectors + 1))
    return lit[sorting].astype(np.int64), starts.astype(np.int64)


def _quick_ranks(elevation_deg: _Floats, starts: _Ints) -> _Ints:
    degrees = np.arange(92, dtype=np.float64)
    return np.stack(
        [
            np.searchsorted(elevation_deg[starts[k] : starts[k + 1]], degrees)
            for k in range(len(starts) - 1)
        ]
    ).astype(np.int64)


def _own_planes(table: OrientationTable, sectors: int) -> tuple[_Floats, _Floats]:
    """Return how high each class's plane rises by sector [rad], and its facing (see the kernel)."""
    tilt = np.radians(table.classes["tilt_deg"].to_numpy(dtype=np.float64))[:, None]
    turned = np.radians(
        sector_middles_deg(sectors)[None, :]
        - table.classes["azimuth_deg"].to_numpy(dtype=np.float64)[:, None]
    )
    cosine = np.cos(turned) * np.sinc(1.0 / sectors)  # mean over the sector
    own = np.arctan2(np.maximum(-np.sin(tilt) * cosine, 0.0), np.cos(tilt))
    return own, np.concatenate([np.sin(tilt) * cosine, np.cos(tilt)], axis=1)


def _check_sectors(horizons: Horizons, tables: ShadingTables) -> None:
    if horizons.sectors != tables.sectors:
        raise AssumptionError(
            f"The horizons have {horizons.sectors} sectors, the shading tables {tables.sectors}; "
            "make both with the same number."
        )
