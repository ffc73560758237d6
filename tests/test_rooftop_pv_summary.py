"""The county summary: by hand, and its sums close."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pv_years import clouded_year

from layers.climate import climate_year
from layers.errors import LayerError
from layers.tables import BUILDING_USES
from rooftop_pv import (
    RooftopPvAssumptions,
    county_summary,
    hourly_by_group,
    hourly_yield,
    refusal_summary,
    roof_planes,
    roof_yields,
    summary_by,
)

ASSUMPTIONS = RooftopPvAssumptions()
WEATHER = clouded_year()


def town() -> gpd.GeoDataFrame:
    count = 45
    rng = np.random.default_rng(9)
    east = 500_000.0 + 100.0 * np.arange(count)
    width_m = np.append(2.0, rng.uniform(3.0, 60.0, count - 1))  # the first is too small
    outlines = shapely.box(east, 4_076_000.0, east + width_m, 4_076_009.0)
    frame = pd.DataFrame(
        {
            "use": [BUILDING_USES[n % len(BUILDING_USES)] for n in range(count)],
            "use_source": "own",
            "height_m": 6.0,
            "height_source": "own",
            "footprint_m2": shapely.area(outlines),
            "county": [("370302", "370303")[n % 2] for n in range(count)],
            "source": "hand",
        },
        index=pd.Index([f"b{n}" for n in range(count)], dtype="str", name="building_id"),
    )
    return gpd.GeoDataFrame(frame, geometry=list(outlines), crs="EPSG:4548")


TOWN = town()
PLANES = roof_planes(TOWN, ASSUMPTIONS)
YIELDS = roof_yields(PLANES, WEATHER, ASSUMPTIONS)
SUMMARY = county_summary(PLANES, YIELDS, ASSUMPTIONS)


def test_sums_close_however_they_are_kept() -> None:
    totals = {
        "buildings": len(TOWN),
        "pv_buildings": PLANES.loc[PLANES["capacity_kwp"] > 0, "building_id"].nunique(),
        "footprint_m2": TOWN.area.sum(),
        "roof_m2": PLANES["plane_m2"].sum(),
        "usable_m2": PLANES["usable_m2"].sum(),
        "capacity_mw": PLANES["capacity_kwp"].sum() / 1e3,
        "yield_gwh": YIELDS["yield_kwh"].sum() / 1e6,
        "co2_t": YIELDS["yield_kwh"].sum() * 0.6191 / 1e3,
    }
    for table in (
        SUMMARY,
        *(summary_by(SUMMARY, name) for name in ("county", "use", "pilot_kind")),
    ):
        for name, total in totals.items():
            assert table[name].sum() == pytest.approx(total, rel=1e-10), name
    assert 0 < totals["pv_buildings"] < totals["buildings"]


def test_a_row_by_hand() -> None:
    row = SUMMARY.loc["370302/school"]
    schools = TOWN[(TOWN["use"] == "school") & (TOWN["county"] == "370302")]
    assert row["buildings"] == len(schools)
    assert row["pilot_kind"] == "public"
    assert row["roof_m2"] == pytest.approx(schools.area.sum())
    assert row["specific_yield_kwh_kwp"] == pytest.approx(
        hourly_yield(WEATHER, tilt_deg=15.0, azimuth_deg=180.0, assumptions=ASSUMPTIONS).sum()
    )
    barn = SUMMARY.loc["370302/agricultural"]
    assert (barn["capacity_mw"], barn["pv_buildings"]) == (0.0, 0)
    assert np.isnan(barn["specific_yield_kwh_kwp"])


def test_county_energy_is_the_sum_of_its_hours() -> None:
    hours = hourly_by_group(PLANES, WEATHER, ASSUMPTIONS)
    by_county = summary_by(SUMMARY, "county")
    np.testing.assert_allclose(hours.sum() / 1e6, by_county["yield_gwh"], rtol=1e-10)


def test_pilot_kinds_follow_the_assumption() -> None:
    kinds = summary_by(SUMMARY, "pilot_kind")
    assert kinds.index.tolist() == [
        "government",
        "public",
        "industrial_commercial",
        "rural",
        "other",
    ]
    moved = RooftopPvAssumptions.from_mapping({"pilot_kind": {"apartment": "rural"}})
    other = summary_by(county_summary(PLANES, YIELDS, moved), "pilot_kind")
    flats = summary_by(SUMMARY, "use").loc["apartment", "roof_m2"]
    assert other.loc["rural", "roof_m2"] == pytest.approx(kinds.loc["rural", "roof_m2"] + flats)


def test_the_refused_and_the_built_are_all_planes() -> None:
    refused = refusal_summary(PLANES)
    built = PLANES[PLANES["capacity_kwp"] > 0.0]
    assert refused["planes"].sum() + len(built) == len(PLANES)
    assert refused["plane_m2"].sum() + built["plane_m2"].sum() == pytest.approx(
        PLANES["plane_m2"].sum()
    )
    assert set(refused.index.get_level_values("refused")) == {"use", "orientation", "size"}


def test_yields_are_joined_by_key() -> None:
    shuffled = county_summary(PLANES, YIELDS.iloc[::-1], ASSUMPTIONS)
    pd.testing.assert_frame_equal(shuffled, SUMMARY)
    with pytest.raises(LayerError, match="same planes"):
        county_summary(PLANES, YIELDS.iloc[1:], ASSUMPTIONS)
    with pytest.raises(LayerError, match="have no yield"):
        county_summary(PLANES, YIELDS.rename(index={"b1#0": "x#0"}), ASSUMPTIONS)
    with pytest.raises(LayerError, match="pilot_kind"):
        summary_by(SUMMARY, "town")
    assert county_summary(PLANES.iloc[:0], YIELDS.iloc[:0], ASSUMPTIONS).empty


def test_zibos_climate_gives_a_plausible_yield() -> None:
    monthly = pd.DataFrame(
        {
            "month": range(1, 13),
            "ghi_kwh_m2": [66.2, 80.2, 120.3, 149.3, 173.5, 160.6, 143.2, 136.5, 117.8, 99.3, 70.8, 60.6],
            "dhi_kwh_m2": [33.5, 38.7, 56.7, 67.7, 77.9, 83.3, 83.4, 74.4, 58.8, 45.6, 33.2, 30.6],
            "temperature_c": [-1.5, 1.9, 8.6, 15.2, 21.3, 25.6, 27.2, 25.8, 21.4, 15.0, 7.2, 0.4],
            "temperature_max_c": [3.9, 7.9, 15.1, 21.8, 27.6, 31.8, 32.5, 31.0, 27.6, 21.5, 13.2, 5.7],
        }
    )  # fmt: skip
    zibo = climate_year(
        monthly, latitude_deg=36.817, longitude_deg=117.933, elevation_m=34.0,
        time_zone="Asia/Shanghai", seed=1, source="synthetic",
    )  # fmt: skip
    # 1,378 kWh/m² on the horizontal gain 8 to 13 % on a southern tilt of 15 to 33°; performance
    # ratios of rooftop systems are 0.78 to 0.86: 1,160 to 1,340 kWh/kWp.
    for tilt_deg in (15.0, 25.0, 33.0):
        year = hourly_yield(zibo, tilt_deg=tilt_deg, azimuth_deg=180.0, assumptions=ASSUMPTIONS)
        assert 1_160.0 < year.sum() < 1_340.0
    flat = hourly_yield(zibo, tilt_deg=0.0, azimuth_deg=180.0, assumptions=ASSUMPTIONS)
    assert 0.78 < flat.sum() / 1_378.0 < 0.86
