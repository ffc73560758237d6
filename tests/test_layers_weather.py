"""Weather: three ways to label an hour become one, and what contradicts its own sun is refused."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.errors import LayerError
from layers.weather import Weather, read_weather, sun_at
from layers.weather_clock import nominal_hours, on_local_hours, standard_zone

ZIBO = {"latitude_deg": 36.8, "longitude_deg": 118.05, "elevation_m": 60.0}


def clear_irradiance(instants: pd.DatetimeIndex, place: dict[str, float] = ZIBO) -> pd.DataFrame:
    """A smooth clear sky of closed balance: what each format is written from."""
    sun = sun_at(instants, **place)
    cosine = np.maximum(sun.cosine, 0.0)
    ghi = 0.7 * sun.extra_w_m2 * cosine
    dhi = 0.2 * ghi
    dni = np.where(cosine > 0.0, 0.8 * 0.7 * sun.extra_w_m2, 0.0)
    day = np.asarray(instants.day_of_year, dtype=float)
    temperature = 14.0 - 13.0 * np.cos(2 * np.pi * (day - 15) / 365)
    return pd.DataFrame({"ghi": ghi, "dhi": dhi, "dni": dni, "t": temperature, "wind": 3.0})


def epw_text(rows: pd.DataFrame, labels: pd.DatetimeIndex, *, zone: float = 8.0, longitude: float = 118.05,
             latitude: float = 36.8) -> str:  # fmt: skip
    head = [f"LOCATION,Zibo,SD,CHN,TEST,548300,{latitude},{longitude},{zone},60.0"]
    head += [f"LINE {number}" for number in range(7)]
    lines = []
    for start, row in zip(labels, rows.itertuples(index=False), strict=True):
        fields = ["0"] * 35
        fields[:6] = [
            str(start.year),
            str(start.month),
            str(start.day),
            str(start.hour + 1),
            "60",
            "x",
        ]
        fields[6], fields[13], fields[14], fields[15] = (
            f"{row.t:.3f}", f"{row.ghi:.4f}", f"{row.dni:.4f}", f"{row.dhi:.4f}",
        )  # fmt: skip
        fields[21] = f"{row.wind}"
        lines.append(",".join(fields))
    return "\n".join(head + lines) + "\n"


LOCAL = nominal_hours(standard_zone("Asia/Shanghai")[0])


@pytest.fixture(scope="module")
def clear_year() -> pd.DataFrame:
    return clear_irradiance(LOCAL + pd.Timedelta(minutes=30))


def read(path: Path, text: str, **given: object) -> tuple[Weather, pd.DataFrame]:
    path.write_text(text, encoding="utf-8")
    options = {"format": "epw", "time_zone": "Asia/Shanghai", **given}
    weather, ledger = read_weather(path, **options)
    return weather, ledger.frame()


def line(account: pd.DataFrame, words: str) -> pd.Series:
    found = account[account["reason"].str.contains(words, regex=False)]
    assert len(found) == 1, account["reason"].tolist()
    return found.iloc[0]


def test_an_epw_hour_ends_at_its_label_and_starts_at_ours(
    tmp_path: Path, clear_year: pd.DataFrame
) -> None:
    weather, account = read(tmp_path / "zibo.epw", epw_text(clear_year, LOCAL))
    assert weather.time_zone == "Asia/Shanghai"
    assert weather.hours.index[0] == pd.Timestamp("2023-01-01 00:00+08:00")
    assert weather.mid_interval[12] == pd.Timestamp("2023-01-01 12:30+08:00")
    np.testing.assert_allclose(weather.hours["ghi_w_m2"], clear_year["ghi"], atol=1e-4)
    assert weather.hours.index.equals(LOCAL)
    closure = line(account, "differ by more than")
    assert closure["rows"] == 0
    assert "+0.00 %" in closure["reason"]
    assert "+0.00 h from solar noon" in line(account, "solar noon")["reason"]


def test_the_real_file_of_mixed_years_is_one_year_and_its_half_hour_is_reported(
    shared_data: Path,
) -> None:
    path = shared_data / "weather" / "shanghai_hongqiao.epw"
    weather, ledger = read_weather(path, format="epw", time_zone="Asia/Shanghai")
    assert len(weather.hours) == 8760
    assert set(weather.hours.index.year) == {2023}
    # Sum of column 14 of the file is 1,470,754 Wh/m2; 0.16 % of it is night and dropped.
    assert weather.hours["ghi_w_m2"].sum() == pytest.approx(1_470_754 * (1 - 0.0016), rel=1e-4)
    assert weather.hours.loc["2023-01-01 08:00+08:00", "ghi_w_m2"] == 158.0
    assert (weather.latitude_deg, weather.longitude_deg, weather.elevation_m) == (
        31.198,
        121.336,
        3.0,
    )
    assert "+0.47 h from solar noon" in line(ledger.frame(), "solar noon")["reason"]
    off = line(ledger.frame(), "differ by more than")["rows"]
    moved, moved_ledger = read_weather(path, format="epw", time_zone="Asia/Shanghai", instant_h=0.0)
    assert "-0.04 h from solar noon" in line(moved_ledger.frame(), "solar noon")["reason"]
    assert line(moved_ledger.frame(), "differ by more than")["rows"] < 0.5 * off
    assert moved.hours["ghi_w_m2"].sum() == pytest.approx(1_470_754, rel=0.005)


def test_a_zone_that_moves_its_clocks_is_held_at_standard_time(tmp_path: Path) -> None:
    place = {"latitude_deg": 43.7, "longitude_deg": 7.4, "elevation_m": 10.0}
    hours = nominal_hours(standard_zone("Europe/Monaco")[0])
    text = epw_text(clear_irradiance(hours + pd.Timedelta(minutes=30), place), hours, zone=1.0,
                    longitude=7.4, latitude=43.7)  # fmt: skip
    weather, account = read(tmp_path / "a.epw", text, time_zone="Europe/Monaco")
    assert weather.time_zone == "Etc/GMT-1"
    assert weather.hours.index[4000].utcoffset() == pd.Timedelta(hours=1)
    assert line(account, "moves its clocks")["action"] == "kept"


@pytest.mark.parametrize(
    ("zone", "name", "hours"),
    [("Asia/Shanghai", "Asia/Shanghai", 8.0), ("Europe/Paris", "Etc/GMT-1", 1.0),
     ("America/New_York", "Etc/GMT+5", -5.0), ("Australia/Adelaide", "UTC+09:30", 9.5),
     ("Asia/Kolkata", "Asia/Kolkata", 5.5), ("UTC", "UTC", 0.0)],
)  # fmt: skip
def test_standard_zones(zone: str, name: str, hours: float) -> None:
    fixed, offset = standard_zone(zone)
    assert str(fixed) == name
    assert offset == hours


def test_an_unknown_zone_says_how_to_write_it(tmp_path: Path, clear_year: pd.DataFrame) -> None:
    with pytest.raises(LayerError, match=r"'UTC\+08:00' is unknown.*Etc/GMT-8"):
        read(tmp_path / "a.epw", epw_text(clear_year, LOCAL), time_zone="UTC+08:00")


def pvgis_json(offset: float) -> str:
    utc = pd.date_range("2023-01-01", periods=8760, freq="h", tz="UTC")
    rows = clear_irradiance(utc + pd.Timedelta(hours=offset))
    hourly = [
        {"time(UTC)": f"{time:%Y%m%d:%H%M}", "T2m": row.t, "RH": 50.0, "G(h)": row.ghi, "Gb(n)": row.dni,
         "Gd(h)": row.dhi, "IR(h)": 300.0, "WS10m": row.wind, "WD10m": 180.0, "SP": 100000.0}
        for time, row in zip(utc, rows.itertuples(index=False), strict=True)
    ]  # fmt: skip
    document = {
        "inputs": {
            "location": {
                "latitude": 36.8,
                "longitude": 118.05,
                "elevation": 60.0,
                "irradiance_time_offset": offset,
            },
            "meteo_data": {"radiation_db": "PVGIS-SARAH3"},
        },
        "outputs": {
            "months_selected": [{"month": m, "year": 2015} for m in range(1, 13)],
            "tmy_hourly": hourly,
        },
        "meta": {"inputs": {}, "outputs": {}},
    }
    return json.dumps(document)


@pytest.mark.parametrize("offset", [0.5, 0.1761, 0.9])
def test_a_pvgis_year_in_utc_comes_to_local_mid_hours(
    tmp_path: Path, clear_year: pd.DataFrame, offset: float
) -> None:
    path = tmp_path / "tmy.json"
    weather, account = read(path, pvgis_json(offset), format="pvgis_tmy")
    assert "+0.00 h from solar noon" in line(account, "solar noon")["reason"]
    error = weather.hours["ghi_w_m2"].to_numpy() - clear_year["ghi"].to_numpy()
    assert np.abs(error).max() < (0.5 if offset == 0.5 else 3.0)
    assert weather.hours["ghi_w_m2"].sum() == pytest.approx(clear_year["ghi"].sum(), rel=2e-3)
    assert line(account, "differ by more than")["rows"] == 0


def test_a_pvgis_csv_says_the_same_as_its_json(tmp_path: Path) -> None:
    document = json.loads(pvgis_json(0.5))
    hourly = document["outputs"]["tmy_hourly"]
    lines = ["Latitude (decimal degrees): 36.800", "Longitude (decimal degrees): 118.050", "Elevation (m): 60.0",
             "Irradiance Time Offset (h): 0.5", "month,year", *(f"{m},2015" for m in range(1, 13)),
             ",".join(hourly[0]), *(",".join(str(value) for value in row.values()) for row in hourly), "",
             "G(h): Global irradiance on the horizontal plane (W/m2)"]  # fmt: skip
    by_csv, _ = read(tmp_path / "tmy.csv", "\n".join(lines), format="pvgis_tmy")
    by_json, _ = read(tmp_path / "tmy.json", json.dumps(document), format="pvgis_tmy")
    pd.testing.assert_frame_equal(by_csv.hours, by_json.hours)


def power_csv(
    clock: str = "UTC", unit: str = "Wh/m^2", *, leap: bool = False, drop: str | None = None
) -> str:
    year = 2020 if leap else 2019
    times = pd.date_range(
        f"{year}-01-01",
        f"{year}-12-31 23:00",
        freq="h",
        tz="UTC" if clock == "UTC" else "Etc/GMT-8",
    )
    rows = clear_irradiance(times + pd.Timedelta(minutes=30))
    factor = {"Wh/m^2": 1.0, "MJ/hr": 3600.0 / 1e6, "kWh/m^2/day": 1.0}[unit]
    names = {"ALLSKY_SFC_SW_DWN": rows["ghi"] * factor, "ALLSKY_SFC_SW_DIFF": rows["dhi"] * factor,
             "ALLSKY_SFC_SW_DNI": rows["dni"] * factor, "T2M": rows["t"], "WS10M": rows["wind"]}  # fmt: skip
    if drop is not None:
        del names[drop]
    units = {"T2M": "C", "WS10M": "m/s"}
    head = ["-BEGIN HEADER-", "NASA/POWER Source Native Resolution Hourly Data ",
            f"Dates (month/day/year): 01/01/{year} through 12/31/{year} in {clock}",
            "Location: Latitude  36.8   Longitude 118.05 ",
            "Elevation from MERRA-2: Average for 0.5 x 0.625 degree lat/lon region = 60.0 meters",
            "The value for missing source data is outside of the sources availability range: -999 ", "Parameter(s): ",
            *(f"{name}     Some words ({units.get(name, unit)}) " for name in names), "-END HEADER-"]  # fmt: skip
    table = pd.DataFrame(
        {"YEAR": times.year, "MO": times.month, "DY": times.day, "HR": times.hour, **names}
    )
    table.loc[100, "T2M" if "T2M" in names else "WS10M"] = -999
    return "\n".join(head) + "\n" + table.round(5).to_csv(index=False)


@pytest.mark.parametrize(("clock", "unit"), [("UTC", "Wh/m^2"), ("LST", "MJ/hr")])
def test_a_power_file_in_either_clock_and_unit(
    tmp_path: Path, clear_year: pd.DataFrame, clock: str, unit: str
) -> None:
    weather, account = read(tmp_path / "p.csv", power_csv(clock, unit), format="nasa_power")
    # Another calendar year of the same sun: a quarter of a day of declination at most.
    assert np.abs(weather.hours["ghi_w_m2"].to_numpy() - clear_year["ghi"].to_numpy()).max() < 3.0
    assert line(account, "missing temperature_c")["rows"] == 1
    assert ("read as the 15-degree zone UTC+8" in " ".join(account["reason"])) == (clock == "LST")


def test_the_leap_day_is_left_out_and_counted(tmp_path: Path) -> None:
    weather, account = read(tmp_path / "p.csv", power_csv(leap=True), format="nasa_power")
    assert len(weather.hours) == 8760
    assert line(account, "29 February")["rows"] == 24


@pytest.mark.parametrize(
    ("text", "sentence"),
    [(power_csv(unit="kWh/m^2/day"), "is in kWh/m\\^2/day; allowed are Wh/m\\^2"),
     (power_csv(drop="WS10M"), "columns WS10M are missing"),
     (power_csv().replace(" in UTC", ""), "not whether hours are in UTC or LST"),
     ("<html>busy</html>", "-END HEADER- is missing"),
     (power_csv()[:60000], "cannot be read|hours, but a year has")],
)  # fmt: skip
def test_a_power_file_that_cannot_be_meant(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(LayerError, match=sentence):
        read(tmp_path / "p.csv", text, format="nasa_power")


def test_eight_thousand_rows_are_not_a_year(tmp_path: Path, clear_year: pd.DataFrame) -> None:
    text = epw_text(clear_year[:8000], LOCAL[:8000])
    with pytest.raises(
        LayerError, match=r"8,000 hours, but a year has 8,760; the first missing is 11-30 08:00"
    ):
        read(tmp_path / "a.epw", text)


def test_a_cut_row_and_a_missing_and_a_wrong_file_are_sentences(
    tmp_path: Path, clear_year: pd.DataFrame
) -> None:
    text = epw_text(clear_year, LOCAL)
    with pytest.raises(LayerError, match="cannot be read as epw"):
        read(tmp_path / "a.epw", "LOCATION,Zibo\n")
    with pytest.raises(LayerError, match="does not exist"):
        read_weather(tmp_path / "none.epw", format="epw", time_zone="UTC")
    with pytest.raises(LayerError, match="did you mean epw"):
        read(tmp_path / "a.epw", text, format="epv")
    with pytest.raises(LayerError, match="cannot be read as pvgis_tmy"):
        read(tmp_path / "a.json", pvgis_json(0.5)[:5000], format="pvgis_tmy")


def test_a_repeated_hour_is_named(tmp_path: Path, clear_year: pd.DataFrame) -> None:
    labels = LOCAL.insert(5, LOCAL[4])[:8760]
    with pytest.raises(LayerError, match="1 hours twice, the first 01-01 04:00"):
        read(tmp_path / "a.epw", epw_text(clear_year, labels))


def test_short_gaps_are_filled_and_long_ones_refused(
    tmp_path: Path, clear_year: pd.DataFrame
) -> None:
    short, long = clear_year.copy(), clear_year.copy()
    short.loc[[0, 8758, 8759], "t"] = 99.9  # the EPW code of a missing value, across the year's end
    long.loc[100:103, "ghi"] = 9999.0
    weather, account = read(tmp_path / "a.epw", epw_text(short, LOCAL))
    assert line(account, "missing temperature_c")["rows"] == 3
    before, after = short["t"][8757], short["t"][1]
    assert weather.hours["temperature_c"].iloc[8759] == pytest.approx(
        before + (after - before) / 2, abs=1e-2
    )
    with pytest.raises(LayerError, match=r"lacks ghi_w_m2 in 4 hours, 4 in a row from 01-05 04:00"):
        read(tmp_path / "b.epw", epw_text(long, LOCAL))


@pytest.mark.parametrize("hours", [-6, -3, 4, 12])
def test_a_wrong_clock_is_suspected(tmp_path: Path, clear_year: pd.DataFrame, hours: int) -> None:
    rolled = pd.DataFrame({name: np.roll(clear_year[name], hours) for name in clear_year.columns})
    with pytest.raises(LayerError, match=r"solar noon at the stated longitude.*time zone is wrong"):
        read(tmp_path / "a.epw", epw_text(rolled, LOCAL))


def test_one_hour_too_late_lights_the_night(tmp_path: Path, clear_year: pd.DataFrame) -> None:
    rolled = pd.DataFrame({name: np.roll(clear_year[name], 1) for name in clear_year.columns})
    with pytest.raises(LayerError, match=r"hours without sun.*time zone"):
        read(tmp_path / "a.epw", epw_text(rolled, LOCAL))


def test_the_sign_of_longitude_and_latitude(tmp_path: Path, clear_year: pd.DataFrame) -> None:
    with pytest.raises(LayerError, match="solar noon at the stated longitude"):
        read(tmp_path / "a.epw", epw_text(clear_year, LOCAL, longitude=-118.05))
    with pytest.raises(LayerError, match=r"dark in the summer of latitude -36\.8"):
        read(tmp_path / "a.epw", epw_text(clear_year, LOCAL, latitude=-36.8))
    with pytest.raises(LayerError, match="no place on Earth"):
        read(tmp_path / "a.epw", epw_text(clear_year, LOCAL, latitude=368.0))


def test_little_light_at_night_is_zeroed_and_counted(
    tmp_path: Path, clear_year: pd.DataFrame
) -> None:
    lit = clear_year.copy()
    lit.loc[[0, 1, 8759], ["ghi", "dhi"]] = 2.0
    lit.loc[2, "ghi"] = -3.0
    weather, account = read(tmp_path / "a.epw", epw_text(lit, LOCAL))
    assert line(account, "irradiance of the night")["rows"] == 3
    assert line(account, "negative ghi_w_m2")["rows"] == 1
    assert (weather.hours["ghi_w_m2"].iloc[[0, 1, 2, 8759]] == 0.0).all()
    lit.loc[12, "dhi"] = -40.0
    with pytest.raises(LayerError, match=r"dhi_w_m2 of -40 W/m² at 01-01 12:00"):
        read(tmp_path / "b.epw", epw_text(lit, LOCAL))


def test_closure_is_counted_and_a_swapped_column_refused(
    tmp_path: Path, clear_year: pd.DataFrame
) -> None:
    off = clear_year.copy()
    noons = np.arange(12, 8760, 24)[:50]
    off.loc[noons, "dni"] *= 0.6
    _, account = read(tmp_path / "a.epw", epw_text(off, LOCAL))
    found = line(account, "differ by more than")
    assert (found["rows"], found["example"]) == (50, "01-01 12:00")
    swapped = clear_year.rename(columns={"dhi": "dni", "dni": "dhi"})
    with pytest.raises(LayerError, match="two columns are probably swapped"):
        read(tmp_path / "b.epw", epw_text(swapped, LOCAL))


def test_the_sun_of_a_textbook_day() -> None:
    # Equinox noon on the equator at longitude 0: overhead within the equation of time (7.5 min).
    sun = sun_at(
        pd.DatetimeIndex(["2023-03-20 12:07:30+00:00"]), latitude_deg=0.0, longitude_deg=0.0
    )
    assert sun.zenith_deg[0] < 0.3
    assert abs(sun.hour_angle_deg[0]) < 0.1
    solstice = sun_at(
        pd.DatetimeIndex(["2023-12-22 12:06+08:00"]), latitude_deg=36.8, longitude_deg=118.05
    )
    assert solstice.zenith_deg[0] == pytest.approx(36.8 + 23.44, abs=0.1)
    assert solstice.azimuth_deg[0] == pytest.approx(180.0, abs=0.7)
    assert solstice.extra_w_m2[0] == pytest.approx(1366.1 * 1.0338, rel=1e-3)


@settings(max_examples=30, deadline=None)
@given(lag=st.integers(-11, 14))
def test_whole_hours_roll_round_the_year_and_lose_nothing(lag: int) -> None:
    values = pd.DataFrame({"ghi_w_m2": np.arange(48.0), "temperature_c": np.arange(48.0)})
    dark = np.zeros(48)
    moved = on_local_hours(values, float(lag), source_cosine=dark, target_cosine=dark)
    assert moved["ghi_w_m2"].tolist() == [float((row - lag) % 48) for row in range(48)]


def test_a_weather_is_one_whole_hourly_year(clear_year: pd.DataFrame) -> None:
    hours = clear_year.rename(columns={"ghi": "ghi_w_m2", "dhi": "dhi_w_m2", "dni": "dni_w_m2",
                                       "t": "temperature_c", "wind": "wind_m_s"}).set_index(LOCAL)  # fmt: skip
    place = {**ZIBO, "source": "test"}
    assert len(Weather(hours=hours, **place).hours) == 8760
    with pytest.raises(LayerError, match="one whole year"):
        Weather(hours=hours[:-1], **place)
    with pytest.raises(LayerError, match="not hourly"):
        Weather(
            hours=hours.set_index(
                pd.date_range("2023-01-01", periods=8760, freq="2h", tz="UTC", name="time")
            ),
            **place,
        )
    with pytest.raises(LayerError, match=r"ghi_w_m2.*at least 0 W/m²"):
        Weather(hours=hours.assign(ghi_w_m2=-1.0), **place)
    summer = pd.date_range("2023-01-01", periods=8760, freq="h", tz="Europe/Paris", name="time")
    with pytest.raises(LayerError, match="moves its clocks"):
        Weather(hours=hours.set_index(summer), **place)
