"""The class tables against pvlib called by hand, and the laws of light and power."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pvlib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pv_years import clouded_year

from layers.weather import read_weather
from rooftop_pv.assumptions import RooftopPvAssumptions
from rooftop_pv.sun import ac_per_kwp, orientation_classes, orientation_table, tracker_table

ASSUMPTIONS = RooftopPvAssumptions()
WEATHER = clouded_year()


def classes(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["mounting", "tilt_deg", "azimuth_deg"])


def pvlib_by_hand(weather, tilt_deg: float, azimuth_deg: float, *, u_c: float):
    """One plane the usual way: all 8,760 hours, Series in and out, total irradiance from pvlib."""
    hours = weather.hours
    mid = weather.mid_interval
    sun = pvlib.location.Location(
        weather.latitude_deg, weather.longitude_deg, altitude=weather.elevation_m
    ).get_solarposition(mid)
    zenith, azimuth = sun["apparent_zenith"].to_numpy(), sun["azimuth"].to_numpy()
    ghi, dhi, dni = (hours[name].to_numpy() for name in ("ghi_w_m2", "dhi_w_m2", "dni_w_m2"))
    extra = pvlib.irradiance.get_extra_radiation(mid.tz_convert("UTC").day_of_year.to_numpy())
    total = pvlib.irradiance.get_total_irradiance(
        tilt_deg,
        azimuth_deg,
        zenith,
        azimuth,
        dni,
        ghi,
        dhi,
        dni_extra=extra,
        albedo=0.2,
        model="perez",
    )
    sky = pvlib.irradiance.perez(
        tilt_deg, azimuth_deg, dhi, dni, extra, zenith, azimuth,
        pvlib.atmosphere.get_relative_airmass(zenith), return_components=True,
    )  # fmt: skip
    aoi = pvlib.irradiance.aoi(tilt_deg, azimuth_deg, zenith, azimuth)
    iam = pvlib.iam.physical(aoi, n=1.526, n_ar=1.29)
    share = pvlib.iam.marion_diffuse("physical", tilt_deg, n=1.526, n_ar=1.29)
    effective = np.nan_to_num(
        (total["poa_direct"] + sky["poa_circumsolar"]) * iam
        + sky["poa_isotropic"] * share["sky"]
        + sky["poa_horizon"] * share["horizon"]
        + total["poa_ground_diffuse"] * share["ground"]
    )
    cell_c = pvlib.temperature.pvsyst_cell(
        effective,
        hours["temperature_c"].to_numpy(),
        u_c=u_c,
        u_v=0.0,
        module_efficiency=0.225,
        alpha_absorption=0.9,
    )
    dc = pvlib.pvsystem.pvwatts_dc(effective, cell_c, 1.0, -0.003, k=0.006, cap_adjustment=True)
    dc = dc * (0.97 * 0.995 * 0.985 * 0.985 * 0.99)
    ac = pvlib.inverter.pvwatts(dc, 1.0 / 1.15 / 0.98, eta_inv_nom=0.98) * 0.99 * 0.99
    return np.nan_to_num(total["poa_global"]), ac


@pytest.mark.parametrize(
    ("mounting", "tilt_deg", "azimuth_deg"),
    [("rack", 15.0, 180.0), ("parallel", 25.0, 135.0), ("parallel", 25.0, 270.0), ("rack", 33.3, 201.7),
     ("parallel", 90.0, 90.0), ("parallel", 5.0, 0.0)],
)  # fmt: skip
def test_single_planes_equal_pvlib_called_by_hand(mounting, tilt_deg, azimuth_deg) -> None:
    table = orientation_table(classes((mounting, tilt_deg, azimuth_deg)), WEATHER, ASSUMPTIONS)
    u_c = {"rack": 29.0, "parallel": 20.0}[mounting]
    poa, ac = pvlib_by_hand(WEATHER, tilt_deg, azimuth_deg, u_c=u_c)
    ours_poa, ours_ac = np.zeros(8760), np.zeros(8760)
    ours_poa[table.hour] = table.irradiance_w_m2[:, 0]
    ours_ac[table.hour] = table.unshaded_ac_per_kwp()[:, 0]
    np.testing.assert_allclose(ours_poa, poa, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(ours_ac, ac, rtol=1e-9, atol=1e-9)
    assert ours_ac.sum() > 300.0


def test_a_horizontal_plane_receives_the_global_irradiance() -> None:
    table = orientation_table(
        classes(("rack", 0.0, 0.0), ("rack", 0.0, 90.0)), WEATHER, ASSUMPTIONS
    )
    ghi = WEATHER.hours["ghi_w_m2"].to_numpy()[table.hour]
    # Exact but for refraction, which lifts the sun by 0.09° at 10° (0.9 % of its sine) and less above.
    high = table.sun_elevation_deg > 10.0
    np.testing.assert_allclose(table.irradiance_w_m2[high, 0], ghi[high], rtol=9e-3)
    assert table.irradiance_w_m2[:, 0].sum() == pytest.approx(ghi.sum(), rel=2e-3)
    assert (table.ground_w_m2 == 0.0).all()
    np.testing.assert_allclose(
        table.direct_w_m2[:, 0], table.direct_w_m2[:, 1], rtol=1e-9, atol=1e-9
    )


def test_the_sun_stands_where_it_must() -> None:
    table = orientation_table(classes(("rack", 0.0, 0.0)), WEATHER, ASSUMPTIONS)
    assert table.sun_azimuth_deg.dtype == table.direct_w_m2.dtype == np.float64
    noon = np.argmax(table.sun_elevation_deg)
    # Midsummer noon: 90° − 36.8° + 23.44°; the middle of the hour is 22 minutes late here, under 1°.
    assert table.sun_elevation_deg[noon] == pytest.approx(76.64, abs=1.0)
    assert 180.0 < table.sun_azimuth_deg[noon] < 205.0  # 5.5° of hour angle, widened by the height
    local = table.times[table.hour]
    assert (table.sun_azimuth_deg[local.hour < 10] < 180.0).all()  # the morning sun is in the east
    assert (table.month == local.month).all()


def test_south_beats_east_beats_north_and_the_south_is_its_mirror() -> None:
    rows = classes(*(("rack", 30.0, azimuth) for azimuth in (180.0, 90.0, 0.0)))
    yields = orientation_table(rows, WEATHER, ASSUMPTIONS).unshaded_ac_per_kwp().sum(axis=0)
    assert yields[0] > yields[1] > yields[2] > 0.0
    south = orientation_table(rows, clouded_year(-36.8, 118.0), ASSUMPTIONS)
    mirrored = south.unshaded_ac_per_kwp().sum(axis=0)
    assert mirrored[2] > mirrored[1] > mirrored[0] > 0.0
    assert mirrored[2] == pytest.approx(yields[0], rel=0.03)


@settings(max_examples=25, deadline=None)
@given(
    direct=st.floats(0.0, 1100.0),
    diffuse=st.floats(-5.0, 400.0),
    air_c=st.floats(-25.0, 40.0),
    less=st.floats(0.0, 1.0),
)
def test_power_is_clipped_never_negative_and_grows_with_light(direct, diffuse, air_c, less) -> None:
    def power(part: float) -> float:
        return float(
            ac_per_kwp(
                np.array([direct * part]), np.array([diffuse]), temperature_c=np.array([air_c]),
                wind_m_s=np.array([1.0]), heat_loss_w_m2_k=20.0, assumptions=ASSUMPTIONS,
            )[0]
        )  # fmt: skip

    assert 0.0 <= power(less) <= power(1.0) + 1e-12
    assert power(1.0) <= 0.99 * 0.99 / 1.15 + 1e-12


def test_each_loss_and_the_heat_loss_act_as_named() -> None:
    def year(**changes) -> float:
        assumptions = RooftopPvAssumptions.from_mapping(changes)
        table = orientation_table(classes(("parallel", 25.0, 180.0)), WEATHER, assumptions)
        return float(table.unshaded_ac_per_kwp().sum())

    base = year(dc_ac_ratio=0.8)
    assert year(dc_ac_ratio=0.8, ac_loss={"availability": 0.5}) == pytest.approx(base * 0.5 / 0.99)
    assert year(dc_ac_ratio=0.8, dc_loss={"soiling": 0.13}) == pytest.approx(
        base * 0.87 / 0.97, rel=5e-3
    )
    assert year(heat_loss_w_m2_k={"parallel": 29.0}) > year()
    assert year(heat_loss_wind=5.0) > year()
    assert year(dc_ac_ratio=2.0) < year()


def test_classes_have_fixed_middles_and_wrap_around() -> None:
    planes = pd.DataFrame(
        {
            "roof_kind": ["flat", "gable", "gable", "gable", "hall", "flat"],
            "tilt_deg": [15.0, 25.0, 25.0, 24.0, 0.4, 15.0],
            "azimuth_deg": [180.0, 358.0, 2.0, 182.4, 77.0, 180.0],
        }
    )
    table, code = orientation_classes(planes, ASSUMPTIONS)
    mine = table.iloc[code].reset_index(drop=True)
    assert mine["mounting"].tolist() == ["rack", *["parallel"] * 4, "rack"]
    assert mine["tilt_deg"].tolist() == [15.0, 25.0, 25.0, 25.0, 0.0, 15.0]
    assert mine["azimuth_deg"].tolist() == [180.0, 0.0, 0.0, 180.0, 0.0, 180.0]
    alone, _ = orientation_classes(planes.iloc[[3]], ASSUMPTIONS)
    assert alone.iloc[0].tolist() == mine.iloc[3].tolist()


def test_the_error_of_classes_is_small() -> None:
    rng = np.random.default_rng(3)
    count = 300
    planes = pd.DataFrame(
        {"roof_kind": "gable", "tilt_deg": 25.0, "azimuth_deg": rng.uniform(80.0, 280.0, count)}
    )
    table, code = orientation_classes(planes, ASSUMPTIONS)
    by_class = (
        orientation_table(table, WEATHER, ASSUMPTIONS).unshaded_ac_per_kwp().sum(axis=0)[code]
    )
    exact_rows = planes.assign(mounting="parallel")[["mounting", "tilt_deg", "azimuth_deg"]]
    exact = orientation_table(exact_rows, WEATHER, ASSUMPTIONS).unshaded_ac_per_kwp().sum(axis=0)
    error = by_class / exact - 1.0
    assert np.abs(error).max() < 0.012  # half a class at a plane that faces east
    assert np.sqrt((error**2).mean()) < 0.006
    assert abs(error.mean()) < 0.001


def test_a_real_year(shared_data: Path) -> None:
    weather, _ = read_weather(
        shared_data / "weather" / "shanghai_hongqiao.epw", format="epw", time_zone="Asia/Shanghai"
    )
    table = orientation_table(classes(("rack", 25.0, 180.0)), weather, ASSUMPTIONS)
    poa, ac = pvlib_by_hand(weather, 25.0, 180.0, u_c=29.0)
    assert table.unshaded_ac_per_kwp().sum() == pytest.approx(ac.sum(), rel=1e-3)
    assert table.irradiance_w_m2.sum() == pytest.approx(poa.sum(), rel=1e-3)
    assert table.unshaded_ac_per_kwp().sum() / (table.irradiance_w_m2.sum() / 1e3) == pytest.approx(
        0.83, abs=0.03
    )


def test_a_tracker_receives_what_its_geometry_says() -> None:
    beam = WEATHER.hours.assign(dhi_w_m2=0.0)
    clear = dataclasses.replace(WEATHER, hours=beam)
    free = tracker_table(clear, ASSUMPTIONS, max_angle_deg=90.0, gcr=0.001)
    elevation, azimuth = np.radians(free.sun_elevation_deg), np.radians(free.sun_azimuth_deg)
    dni = clear.hours["dni_w_m2"].to_numpy()[free.hour]
    # A level axis from north to south loses only the sun's component along it.
    across = np.sqrt(1.0 - (np.cos(elevation) * np.cos(azimuth)) ** 2)
    high = free.sun_elevation_deg > 1.0
    np.testing.assert_allclose(
        free.direct_w_m2[high, 0], (dni * across)[high], rtol=1e-6, atol=1e-6
    )
