"""The sun on modules: pvlib once per class of orientation, split into what can be shaded and what not.

The chain, per class and hour, with the sun at mid-interval:

1. Sun position by the NREL SPA with refraction; extraterrestrial irradiance by Spencer; airmass by
   Kasten and Young.
2. Transposition by Perez et al. 1990 (coefficients ``allsitescomposite1990``), kept in parts. *Direct* is
   beam plus circumsolar, both from the sun's own direction, so what hides the sun hides both. *Sky* is
   the isotropic part plus horizon brightening; the latter may be negative under cloud, and scaling both
   by one sky view is a simplification, because the bright band lies where obstacles stand. *Ground* is
   GHI times albedo times (1 − cos tilt)/2.
3. Reflection at coated glass: Fresnel and Snell (De Soto 2006) at the sun's incidence for the direct part,
   its integrals over sky, horizon and ground (Marion 2017) for the rest. What enters is *effective*.
4. Cell temperature by PVsyst's model from the effective irradiance, since what is reflected heats no cell.
5. DC power by PVWatts with Marion's correction for low light; losses before the inverter as shares.
6. Inverter by PVWatts with clipping at rated power; losses after it as shares.
"""

__all__ = [
    "OrientationTable",
    "ac_per_kwp",
    "orientation_classes",
    "orientation_table",
    "tracker_table",
]

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pvlib

from layers.weather import Weather
from rooftop_pv.assumptions import MOUNTINGS, RooftopPvAssumptions
from rooftop_pv.tables import ROOF_KINDS

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class OrientationTable:
    """Irradiance on every class of orientation in the h hours of a year that have light.

    All other hours have no irradiance and no yield. Arrays are float64: shorter sun vectors lose strips of
    shadow. Two-dimensional arrays are (h, c) with each class contiguous in memory.

    Attributes
    ----------
    times : DatetimeIndex
        Labels of the whole year (interval start).
    hour : ndarray of int, shape (h,)
        Position in ``times`` of each lit hour.
    month : ndarray of int, shape (h,)
        1 to 12, by the label.
    sun_azimuth_deg, sun_elevation_deg : ndarray, shape (h,)
        Sun at mid-interval [°], azimuth clockwise from true north, elevation with refraction.
    temperature_c, wind_m_s : ndarray, shape (h,)
        Air [°C] and wind [m/s] for the cell temperature.
    classes : DataFrame
        One row per class: ``mounting``, ``tilt_deg``, ``azimuth_deg``.
    direct_w_m2, sky_w_m2, ground_w_m2 : ndarray, shape (h, c)
        Plane-of-array irradiance [W/m²]: beam with circumsolar, sky with horizon band, ground-reflected.
    direct_effective_w_m2, sky_effective_w_m2, ground_effective_w_m2 : ndarray, shape (h, c)
        The same behind the glass [W/m²]; these go into :meth:`ac_per_kwp`.
    assumptions : RooftopPvAssumptions
        What the table was made with.
    """

    times: pd.DatetimeIndex
    hour: _Ints
    month: _Ints
    sun_azimuth_deg: _Floats
    sun_elevation_deg: _Floats
    temperature_c: _Floats
    wind_m_s: _Floats
    classes: pd.DataFrame
    direct_w_m2: _Floats
    sky_w_m2: _Floats
    ground_w_m2: _Floats
    direct_effective_w_m2: _Floats
    sky_effective_w_m2: _Floats
    ground_effective_w_m2: _Floats
    assumptions: RooftopPvAssumptions

    @property
    def heat_loss_w_m2_k(self) -> _Floats:
        """Heat loss of the mounting of each class, shape (c,) [W/(m² K)]."""
        by_mounting = self.assumptions.heat_loss_w_m2_k
        return np.array([by_mounting[name] for name in self.classes["mounting"]], dtype=np.float64)

    @property
    def irradiance_w_m2(self) -> _Floats:
        """Unshaded plane-of-array irradiance, shape (h, c) [W/m²]."""
        total: _Floats = self.direct_w_m2 + self.sky_w_m2 + self.ground_w_m2
        return total

    def ac_per_kwp(
        self, direct_effective_w_m2: _Floats, diffuse_effective_w_m2: _Floats
    ) -> _Floats:
        """Return AC energy per capacity, shape (h, c) [kWh/kWp], of effective irradiance (h, c).

        Shading passes the direct part times 0 or 1 and the diffuse part with its sky view.
        """
        return ac_per_kwp(
            direct_effective_w_m2,
            diffuse_effective_w_m2,
            temperature_c=self.temperature_c[:, None],
            wind_m_s=self.wind_m_s[:, None],
            heat_loss_w_m2_k=self.heat_loss_w_m2_k,
            assumptions=self.assumptions,
        )

    def unshaded_ac_per_kwp(self) -> _Floats:
        """Return AC energy per capacity without any shade, shape (h, c) [kWh/kWp]."""
        return self.ac_per_kwp(
            self.direct_effective_w_m2, self.sky_effective_w_m2 + self.ground_effective_w_m2
        )


def ac_per_kwp(
    direct_w_m2: _Floats,
    diffuse_w_m2: _Floats,
    *,
    temperature_c: _Floats,
    wind_m_s: _Floats,
    heat_loss_w_m2_k: _Floats | float,
    assumptions: RooftopPvAssumptions,
) -> _Floats:
    """Return AC energy per capacity of each hour from irradiance behind the glass.

    Parameters
    ----------
    direct_w_m2, diffuse_w_m2 : ndarray
        Effective irradiance [W/m²] from the sun's direction and from everywhere else; their sum counts
        as zero where it is negative.
    temperature_c, wind_m_s : ndarray
        Air temperature [°C] and wind speed [m/s], of a shape that broadcasts.
    heat_loss_w_m2_k : ndarray or float
        Heat loss of the mounting [W/(m² K)], of a shape that broadcasts.
    assumptions : RooftopPvAssumptions
        Module, inverter and losses.

    Returns
    -------
    ndarray
        Mean AC power over the hour, which is the energy of the hour [kWh/kWp].
    """
    effective = np.maximum(direct_w_m2 + diffuse_w_m2, 0.0)
    cell_c = pvlib.temperature.pvsyst_cell(
        effective,
        temperature_c,
        wind_m_s,
        u_c=heat_loss_w_m2_k,
        u_v=assumptions.heat_loss_wind,
        module_efficiency=assumptions.module_efficiency,
        alpha_absorption=assumptions.absorption,
    )
    dc_kw = pvlib.pvsystem.pvwatts_dc(
        effective,
        cell_c,
        1.0,
        assumptions.temperature_coefficient,
        k=assumptions.low_light_k,
        cap_adjustment=True,
    )
    dc_kw = dc_kw * np.prod([1.0 - share for share in assumptions.dc_loss.values()])
    # pdc0 is the inverter's DC limit: its rated AC power over its rated efficiency.
    limit_kw = 1.0 / assumptions.dc_ac_ratio / assumptions.inverter_efficiency
    ac_kw = pvlib.inverter.pvwatts(dc_kw, limit_kw, assumptions.inverter_efficiency)
    kept = np.prod([1.0 - share for share in assumptions.ac_loss.values()])
    energy_kwh: _Floats = np.asarray(ac_kw * kept, dtype=np.float64)
    return energy_kwh


def orientation_classes(
    planes: pd.DataFrame, assumptions: RooftopPvAssumptions
) -> tuple[pd.DataFrame, _Ints]:
    """Sort planes into classes of mounting, tilt and azimuth.

    Parameters
    ----------
    planes : DataFrame
        With ``roof_kind``, ``tilt_deg`` and ``azimuth_deg`` as in the table ``planes``.
    assumptions : RooftopPvAssumptions
        Width of the classes.

    Returns
    -------
    classes : DataFrame
        The classes that occur: ``mounting``, and ``tilt_deg`` and ``azimuth_deg`` of the class's middle. The
        middles lie on a grid, so that a plane's class does not depend on the other planes.
    code : ndarray of int, shape (n,)
        Row of ``classes`` of each plane.
    """
    tilt_step, count = assumptions.class_tilt_deg, round(360.0 / assumptions.class_azimuth_deg)
    azimuth_step = 360.0 / count
    tilt_bins = round(90.0 / tilt_step) + 2
    kind = pd.Categorical(planes["roof_kind"], categories=list(ROOF_KINDS))
    mounting = (kind != "flat").astype(np.int64)  # position in MOUNTINGS
    tilt = np.rint(planes["tilt_deg"].to_numpy() / tilt_step).astype(np.int64)
    azimuth = np.rint(planes["azimuth_deg"].to_numpy() / azimuth_step).astype(np.int64) % count
    azimuth[tilt == 0] = 0  # a horizontal module has no azimuth
    key, code = np.unique((mounting * tilt_bins + tilt) * count + azimuth, return_inverse=True)
    rest, azimuth = np.divmod(key, count)
    mounting, tilt = np.divmod(rest, tilt_bins)
    classes = pd.DataFrame(
        {
            "mounting": pd.Series([MOUNTINGS[number] for number in mounting], dtype="str"),
            "tilt_deg": np.minimum(tilt * tilt_step, 90.0),
            "azimuth_deg": azimuth * azimuth_step,
        },
        index=pd.RangeIndex(len(key), name="class"),
    )
    return classes, code.astype(np.int64)


def orientation_table(
    classes: pd.DataFrame, weather: Weather, assumptions: RooftopPvAssumptions
) -> OrientationTable:
    """Run pvlib once per class.

    Parameters
    ----------
    classes : DataFrame
        ``mounting``, ``tilt_deg`` and ``azimuth_deg`` per class.
    weather : Weather
        One hourly year.
    assumptions : RooftopPvAssumptions
        Albedo, glass and everything that the AC functions of the table need.
    """
    sky = _lit_sky(weather)
    parts = np.zeros((6, len(classes), len(sky.hour)))
    diffuse_iam: dict[float, dict[str, float]] = {}
    pairs = zip(classes["tilt_deg"], classes["azimuth_deg"], strict=True)
    for number, (tilt_deg, azimuth_deg) in enumerate(pairs):
        if tilt_deg not in diffuse_iam:
            diffuse_iam[tilt_deg] = _diffuse_iam(tilt_deg, assumptions)
        parts[:, number] = _transposed(
            sky, (tilt_deg, azimuth_deg), diffuse_iam[tilt_deg], assumptions=assumptions
        )
    return _table(parts, weather, sky, classes=classes, assumptions=assumptions)


def tracker_table(
    weather: Weather, assumptions: RooftopPvAssumptions, *, max_angle_deg: float, gcr: float
) -> OrientationTable:
    """Run pvlib for rows that follow the sun about one level axis from north to south.

    The rows turn to the least angle of incidence and back off from shading each other (Lorenzo et al.
    2011, Anderson and Mikofski 2020, as in ``pvlib.tracking.singleaxis``); level while the sun is down.

    Parameters
    ----------
    weather : Weather
        One hourly year.
    assumptions : RooftopPvAssumptions
        As for :func:`orientation_table`.
    max_angle_deg : float
        Largest turn from the level to either side [°].
    gcr : float
        Width of the modules over the distance from axis to axis [1].

    Returns
    -------
    OrientationTable
        With one class, whose tilt and azimuth are missing because they change by the hour.
    """
    sky = _lit_sky(weather)
    turned = pvlib.tracking.singleaxis(
        sky.zenith,
        sky.azimuth,
        axis_tilt=0.0,
        axis_azimuth=180.0,
        max_angle=max_angle_deg,
        backtrack=True,
        gcr=gcr,
    )
    tilt_deg = np.nan_to_num(np.asarray(turned["surface_tilt"], dtype=np.float64))
    azimuth_deg = np.nan_to_num(np.asarray(turned["surface_azimuth"], dtype=np.float64), nan=180.0)
    # Diffuse light enters smoothly with the tilt, so straight lines between a few tilts do.
    steps = np.arange(0.0, 91.0, 3.0)
    shares = pd.DataFrame([_diffuse_iam(tilt, assumptions) for tilt in steps])
    diffuse_iam = {name: np.interp(tilt_deg, steps, shares[name]) for name in shares}
    parts = _transposed(sky, (tilt_deg, azimuth_deg), diffuse_iam, assumptions=assumptions)
    classes = pd.DataFrame({"mounting": ["rack"], "tilt_deg": [np.nan], "azimuth_deg": [np.nan]})
    return _table(np.array(parts)[:, None], weather, sky, classes=classes, assumptions=assumptions)


def _lit_sky(weather: Weather) -> "_Sky":
    hours = weather.hours
    lit = np.flatnonzero((hours[["ghi_w_m2", "dhi_w_m2", "dni_w_m2"]] > 0.0).any(axis=1).to_numpy())
    mid = weather.mid_interval[lit]
    sun = pvlib.solarposition.get_solarposition(
        mid, weather.latitude_deg, weather.longitude_deg, altitude=weather.elevation_m
    )
    return _Sky(
        hour=lit.astype(np.int64),
        ghi=hours["ghi_w_m2"].to_numpy()[lit],
        dhi=hours["dhi_w_m2"].to_numpy()[lit],
        dni=hours["dni_w_m2"].to_numpy()[lit],
        extra=pvlib.irradiance.get_extra_radiation(mid.tz_convert("UTC").day_of_year.to_numpy()),
        zenith=sun["apparent_zenith"].to_numpy(),
        azimuth=sun["azimuth"].to_numpy(),
    )


def _table(
    parts: _Floats,
    weather: Weather,
    sky: "_Sky",
    *,
    classes: pd.DataFrame,
    assumptions: RooftopPvAssumptions,
) -> OrientationTable:
    """Put the table together from its irradiance (6, c, h)."""
    times, lit = pd.DatetimeIndex(weather.hours.index), weather.hours.iloc[sky.hour]
    return OrientationTable(
        times=times,
        hour=sky.hour,
        month=times[sky.hour].month.to_numpy().astype(np.int64),
        sun_azimuth_deg=sky.azimuth,
        sun_elevation_deg=90.0 - sky.zenith,
        temperature_c=lit["temperature_c"].to_numpy(),
        wind_m_s=lit["wind_m_s"].to_numpy(),
        classes=classes,
        direct_w_m2=parts[0].T,
        sky_w_m2=parts[1].T,
        ground_w_m2=parts[2].T,
        direct_effective_w_m2=parts[3].T,
        sky_effective_w_m2=parts[4].T,
        ground_effective_w_m2=parts[5].T,
        assumptions=assumptions,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Sky:
    """Position in the year, irradiance [W/m²] and sun [°] of the lit hours, each of shape (h,)."""

    hour: _Ints
    ghi: _Floats
    dhi: _Floats
    dni: _Floats
    extra: _Floats
    zenith: _Floats
    azimuth: _Floats


def _diffuse_iam(tilt_deg: float, assumptions: RooftopPvAssumptions) -> dict[str, float]:
    """Shares of isotropic, horizon and ground light that enter the glass; 0 where there is none."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found: dict[str, Any] = pvlib.iam.marion_diffuse(
            "physical", tilt_deg, n=assumptions.glass_index, n_ar=assumptions.coating_index
        )
    return {name: float(np.nan_to_num(share)) for name, share in found.items()}


def _transposed(
    sky: _Sky,
    tilt_and_azimuth_deg: tuple[_Floats | float, _Floats | float],
    diffuse_iam: Mapping[str, _Floats | float],
    *,
    assumptions: RooftopPvAssumptions,
) -> list[_Floats]:
    """Return direct, sky and ground on the plane, then the same three behind the glass [W/m²]."""
    tilt_deg, azimuth_deg = tilt_and_azimuth_deg
    aoi_deg = pvlib.irradiance.aoi(tilt_deg, azimuth_deg, sky.zenith, sky.azimuth)
    up = sky.zenith < 90.0
    beam = np.where(up, sky.dni * np.maximum(np.cos(np.radians(aoi_deg)), 0.0), 0.0)
    diffuse = pvlib.irradiance.perez(
        tilt_deg,
        azimuth_deg,
        sky.dhi,
        sky.dni,
        sky.extra,
        sky.zenith,
        sky.azimuth,
        pvlib.atmosphere.get_relative_airmass(sky.zenith),
        return_components=True,
    )
    # Perez has no answer where there is neither diffuse nor beam light.
    isotropic, circumsolar, horizon = (
        np.nan_to_num(diffuse[name]) for name in ("poa_isotropic", "poa_circumsolar", "poa_horizon")
    )
    ground = pvlib.irradiance.get_ground_diffuse(tilt_deg, sky.ghi, assumptions.albedo)
    direct = beam + circumsolar
    iam = pvlib.iam.physical(aoi_deg, n=assumptions.glass_index, n_ar=assumptions.coating_index)
    return [
        direct,
        isotropic + horizon,
        ground,
        direct * np.nan_to_num(iam),
        isotropic * diffuse_iam["sky"] + horizon * diffuse_iam["horizon"],
        ground * diffuse_iam["ground"],
    ]
