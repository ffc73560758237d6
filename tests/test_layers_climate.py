"""The synthetic year: what the table says holds exactly, what it does not say is believable."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.climate import climate_year
from layers.errors import LayerError
from layers.weather import Weather, sun_at

# Station 54830 Zibo 1988-2017 and normals of Linzi 1991-2020.
ZIBO = pd.DataFrame(
    {
        "ghi_kwh_m2": [
            66.2,
            80.2,
            120.3,
            149.3,
            173.5,
            160.6,
            143.2,
            136.5,
            117.8,
            99.3,
            70.8,
            60.6,
        ],
        "dhi_kwh_m2": [33.5, 38.7, 56.7, 67.7, 77.9, 83.3, 83.4, 74.4, 58.8, 45.6, 33.2, 30.6],
        "temperature_c": [-1.5, 1.9, 8.6, 15.2, 21.3, 25.6, 27.2, 25.8, 21.4, 15.0, 7.2, 0.4],
        "temperature_max_c": [3.9, 7.9, 15.1, 21.8, 27.6, 31.8, 32.5, 31.0, 27.6, 21.5, 13.2, 5.7],
    },
    index=pd.RangeIndex(1, 13, name="month"),
)
PLACE = {
    "latitude_deg": 36.817,
    "longitude_deg": 117.933,
    "elevation_m": 34.0,
    "time_zone": "Asia/Shanghai",
}


def build(table: pd.DataFrame = ZIBO, *, seed: int = 370300, **place: object) -> Weather:
    return climate_year(table, **{**PLACE, **place}, seed=seed, source="table")


@pytest.fixture(scope="module")
def zibo() -> Weather:
    return build()


def monthly(weather: Weather, column: str) -> pd.core.groupby.SeriesGroupBy:
    return weather.hours[column].groupby(weather.hours.index.month)


def sums_hold(weather: Weather, table: pd.DataFrame) -> None:
    np.testing.assert_allclose(
        monthly(weather, "ghi_w_m2").sum() / 1e3, table["ghi_kwh_m2"], rtol=1e-6
    )
    np.testing.assert_allclose(
        monthly(weather, "dhi_w_m2").sum() / 1e3, table["dhi_kwh_m2"], rtol=1e-6
    )
    np.testing.assert_allclose(
        monthly(weather, "temperature_c").mean(), table["temperature_c"], atol=1e-3
    )


def balance_holds(weather: Weather) -> None:
    hours = weather.hours
    sun = sun_at(weather.mid_interval, latitude_deg=weather.latitude_deg,
                 longitude_deg=weather.longitude_deg, elevation_m=weather.elevation_m)  # fmt: skip
    beam = hours["dni_w_m2"] * np.maximum(sun.cosine, 0.0)
    assert (hours["ghi_w_m2"] - hours["dhi_w_m2"] - beam).abs().max() < 1e-9
    dark = sun.cosine <= 0.0
    assert hours.loc[dark, ["ghi_w_m2", "dhi_w_m2", "dni_w_m2"]].to_numpy().max() == 0.0
    assert (hours["dni_w_m2"] <= 0.76 * sun.extra_w_m2).all()
    assert (hours["ghi_w_m2"] <= sun.extra_w_m2 * np.maximum(sun.cosine, 0.0)).all()
    assert (hours["dhi_w_m2"] <= hours["ghi_w_m2"] + 1e-12).all()


def test_the_year_keeps_its_table_and_its_balance(zibo: Weather) -> None:
    sums_hold(zibo, ZIBO)
    balance_holds(zibo)
    highest = zibo.hours["temperature_c"].to_numpy().reshape(365, 24).max(axis=1)
    of_month = pd.Series(highest).groupby(zibo.hours.index.month[::24]).mean()
    np.testing.assert_allclose(of_month, ZIBO["temperature_max_c"], atol=0.01)
    assert zibo.synthetic
    assert zibo.source.startswith("synthetic")
    assert zibo.time_zone == "Asia/Shanghai"


def test_same_seed_same_bytes_and_another_seed_another_year(zibo: Weather) -> None:
    again, other = build(), build(seed=1)
    assert again.hours.to_numpy().tobytes() == zibo.hours.to_numpy().tobytes()
    assert np.abs(other.hours["ghi_w_m2"] - zibo.hours["ghi_w_m2"]).mean() > 10.0
    sums_hold(other, ZIBO)


def test_days_vary_as_weather_does(zibo: Weather) -> None:
    daily = zibo.hours["ghi_w_m2"].to_numpy().reshape(365, 24).sum(axis=1)
    month = zibo.hours.index.month[::24]
    spread = pd.Series(daily).groupby(month).agg(lambda days: days.std() / days.mean())
    assert spread.between(0.2, 0.7).all()  # measured years at mid-latitudes lie between 0.3 and 0.6
    deviation = daily / pd.Series(daily).groupby(month).transform("mean").to_numpy()
    others = [
        build(seed=seed).hours["ghi_w_m2"].to_numpy().reshape(365, 24).sum(axis=1)
        for seed in (2, 3)
    ]
    neighbours = [np.corrcoef(days[:-1], days[1:])[0, 1] for days in others]
    assert min(neighbours) > 0.1
    assert deviation.min() < 0.4
    # Dull days are diffuse, clear days are not.
    diffuse = zibo.hours["dhi_w_m2"].to_numpy().reshape(365, 24).sum(axis=1) / daily
    assert diffuse[deviation < 0.5].mean() > 0.85
    assert diffuse[deviation > 1.3].mean() < 0.45


def test_the_brightest_hour_is_noon_and_the_warmest_comes_later(zibo: Weather) -> None:
    by_hour = zibo.hours.groupby(zibo.hours.index.hour).mean()
    assert by_hour["ghi_w_m2"].idxmax() in {11, 12}
    assert by_hour["temperature_c"].idxmax() in {14, 15, 16}
    assert by_hour["temperature_c"].idxmin() in {3, 4, 5, 6}


@pytest.mark.parametrize("latitude", [-33.0, 0.5, 52.0])
def test_other_latitudes_keep_their_tables(latitude: float) -> None:
    hours = pd.date_range("2023-01-01 00:30", periods=8760, freq="h", tz="UTC")
    sun = sun_at(hours, latitude_deg=latitude, longitude_deg=0.0)
    horizontal = pd.Series(sun.extra_w_m2 * np.maximum(sun.cosine, 0.0) / 1e3)
    outside = horizontal.groupby(np.asarray(hours.month)).sum()
    table = ZIBO.assign(ghi_kwh_m2=0.5 * outside.to_numpy(), dhi_kwh_m2=0.22 * outside.to_numpy())
    weather = build(table, latitude_deg=latitude, longitude_deg=0.0, time_zone="UTC")
    sums_hold(weather, table)
    balance_holds(weather)


@settings(max_examples=8, deadline=None)
@given(share=st.floats(0.2, 1.15), diffuse=st.floats(0.6, 1.3), seed=st.integers(0, 2**32))
def test_tables_from_dull_to_bright_hold(share: float, diffuse: float, seed: int) -> None:
    table = ZIBO.assign(
        ghi_kwh_m2=ZIBO["ghi_kwh_m2"] * share, dhi_kwh_m2=ZIBO["dhi_kwh_m2"] * share * diffuse
    )
    weather = build(table, seed=seed)
    sums_hold(weather, table)
    balance_holds(weather)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [(ZIBO.drop(columns="dhi_kwh_m2"), "lacks 'dhi_kwh_m2'; did you mean ghi_kwh_m2"),
     (ZIBO.drop(index=5), "give each of 1 to 12 once"),
     (ZIBO.assign(ghi_kwh_m2=ZIBO["ghi_kwh_m2"] * 3.6), "in month 1, but a clear sky there gives about"),
     (ZIBO.assign(dhi_kwh_m2=1.0), "even clean air scatters"),
     (ZIBO.assign(dhi_kwh_m2=200.0), "above ghi_kwh_m2 in month 1"),
     (ZIBO.assign(temperature_max_c=-9.0), "temperature_max_c is below temperature_c in month 1"),
     (ZIBO.assign(ghi_kwh_m2=np.nan), "missing or infinite in month 1"),
     (ZIBO.astype(str).assign(ghi_kwh_m2="much"), "must hold numbers")],
)  # fmt: skip
def test_a_table_that_cannot_be(table: pd.DataFrame, sentence: str) -> None:
    with pytest.raises(LayerError, match=sentence):
        build(table)


def test_a_month_column_does_as_well_as_an_index(zibo: Weather) -> None:
    shuffled = ZIBO.reset_index().sample(frac=1.0, random_state=3)
    pd.testing.assert_frame_equal(build(shuffled).hours, zibo.hours)
