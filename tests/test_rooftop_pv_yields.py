"""Yields: balances between roofs, months and county hours; exact orientation; refusals."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pv_years import clouded_year

from layers.errors import LayerError
from rooftop_pv.assumptions import RooftopPvAssumptions
from rooftop_pv.roofs import roof_planes
from rooftop_pv.tables import MONTH_COLUMNS
from rooftop_pv.yields import hourly_by_group, hourly_yield, roof_yields, yields_frame

ASSUMPTIONS = RooftopPvAssumptions()
WEATHER = clouded_year()
USES = ("rural_home", "school", "industrial", "apartment", "agricultural")


def town(count: int = 60, *, seed: int = 5, crs: str = "EPSG:4548", north_m: float = 4_076_000.0):
    rng = np.random.default_rng(seed)
    outlines = [
        shapely.affinity.rotate(
            shapely.box(x, north_m, x + 12.0 + 40.0 * share, north_m + 9.0), turn
        )
        for x, share, turn in zip(
            480_000.0 + 100.0 * np.arange(count),
            rng.uniform(0, 1, count),
            rng.uniform(-90, 90, count),
            strict=True,
        )
    ]
    frame = pd.DataFrame(
        {
            "use": [USES[n % len(USES)] for n in range(count)],
            "use_source": "own",
            "height_m": 6.0,
            "height_source": "own",
            "footprint_m2": shapely.area(outlines),
            "county": [("370302", "370303", "370304")[n % 3] for n in range(count)],
            "source": "hand",
        },
        index=pd.Index([f"b{n}" for n in range(count)], dtype="str", name="building_id"),
    )
    return gpd.GeoDataFrame(frame, geometry=outlines, crs=crs)


PLANES = roof_planes(town(), ASSUMPTIONS)


def test_months_year_capacity_and_carbon_agree() -> None:
    yields = roof_yields(PLANES, WEATHER, ASSUMPTIONS)
    assert yields.index.equals(PLANES.index)
    np.testing.assert_allclose(
        yields[list(MONTH_COLUMNS)].sum(axis=1), yields["yield_kwh"], rtol=1e-12
    )
    carries = yields["capacity_kwp"] > 0.0
    assert carries.any()
    assert not carries.all()
    np.testing.assert_allclose(
        (yields["capacity_kwp"] * yields["specific_yield_kwh_kwp"])[carries],
        yields["yield_kwh"][carries],
        rtol=1e-12,
    )
    np.testing.assert_allclose(yields["co2_kg"], yields["yield_kwh"] * 0.6191, rtol=1e-12)
    assert yields.loc[~carries, "specific_yield_kwh_kwp"].isna().all()
    assert (yields.loc[~carries, ["yield_kwh", "co2_kg"]] == 0.0).all(axis=None)
    assert (yields["shading_loss"] == 0.0).all()


@pytest.mark.parametrize("by", ["county", "use", "roof_kind"])
def test_hours_of_groups_sum_to_the_roofs(by) -> None:
    yields = roof_yields(PLANES, WEATHER, ASSUMPTIONS)
    hours = hourly_by_group(PLANES, WEATHER, ASSUMPTIONS, by=by)
    assert hours.index.equals(WEATHER.hours.index)
    groups = PLANES[by].astype("str")
    expected = yields["yield_kwh"].groupby(groups).sum()
    assert hours.columns.tolist() == expected.index.tolist()
    np.testing.assert_allclose(hours.sum(), expected, rtol=1e-10)
    monthly = hours.groupby(hours.index.month).sum().sum(axis=1)
    np.testing.assert_allclose(monthly, yields[list(MONTH_COLUMNS)].sum(), rtol=1e-10)
    night = (WEATHER.hours["ghi_w_m2"] == 0.0).to_numpy()
    assert (hours[night] == 0.0).all(axis=None)


def test_groups_may_be_given_by_key_in_any_order() -> None:
    feeder = pd.Series(
        np.where(np.arange(len(PLANES)) % 2 == 0, "T1", "T2"), index=PLANES.index, name="feeder"
    )
    straight = hourly_by_group(PLANES, WEATHER, ASSUMPTIONS, by=feeder)
    shuffled = hourly_by_group(PLANES, WEATHER, ASSUMPTIONS, by=feeder.iloc[::-1])
    pd.testing.assert_frame_equal(straight, shuffled)
    total = hourly_by_group(PLANES, WEATHER, ASSUMPTIONS, by="county").sum(axis=1)
    np.testing.assert_allclose(straight.sum(axis=1), total, rtol=1e-10, atol=1e-9)


def test_one_roof_equals_its_exact_hours_where_its_class_is_exact() -> None:
    outline = shapely.box(500_000.0, 4_076_000.0, 500_020.0, 4_076_008.0)
    house = town(1).set_geometry(gpd.GeoSeries([outline], index=["b0"], crs="EPSG:4548"))
    house = house.assign(footprint_m2=160.0)
    planes = roof_planes(house, ASSUMPTIONS)
    south = planes[planes["azimuth_deg"] == 180.0]
    hours = hourly_yield(
        WEATHER, tilt_deg=25.0, azimuth_deg=180.0, assumptions=ASSUMPTIONS, mounting="parallel"
    )
    assert (hours.name, len(hours)) == ("yield_kwh_kwp", 8760)
    yields = roof_yields(south, WEATHER, ASSUMPTIONS)
    assert yields["specific_yield_kwh_kwp"].item() == pytest.approx(hours.sum(), rel=1e-12)
    by_hour = hourly_by_group(south, WEATHER, ASSUMPTIONS)
    np.testing.assert_allclose(by_hour["370302"], hours * south["capacity_kwp"].item(), rtol=1e-12)


def test_a_roof_does_not_depend_on_the_others() -> None:
    together = roof_yields(PLANES, WEATHER, ASSUMPTIONS)
    alone = roof_yields(PLANES.iloc[10:11], WEATHER, ASSUMPTIONS)
    pd.testing.assert_frame_equal(together.iloc[10:11], alone, rtol=1e-12)


def test_the_shading_loss_is_what_is_missing() -> None:
    frame = yields_frame(
        pd.Series([2.0, 0.0], index=pd.Index(["a#0", "b#0"], dtype="str", name="plane_id")),
        irradiation_kwh_m2=np.array([1_400.0, 1_300.0]),
        months_kwh=np.vstack([np.full(12, 150.0), np.zeros(12)]),
        unshaded_kwh=np.array([2_000.0, 0.0]),
        assumptions=ASSUMPTIONS,
    )
    assert frame["shading_loss"].tolist() == pytest.approx([0.1, 0.0])
    assert frame["specific_yield_kwh_kwp"].iloc[0] == pytest.approx(900.0)
    assert np.isnan(frame["specific_yield_kwh_kwp"].iloc[1])


@pytest.mark.parametrize("of", ["all", "carrying"])
def test_a_free_sky_changes_nothing_and_a_hidden_one_leaves_little(of) -> None:
    from rooftop_pv.horizon import Horizons

    taken = PLANES if of == "all" else PLANES[PLANES["capacity_kwp"] > 0.0]
    key = taken.index.repeat(2)
    free = Horizons(profiles_deg=np.zeros((len(key), 72), dtype=np.float32), plane_id=key)
    plain = roof_yields(PLANES, WEATHER, ASSUMPTIONS)
    seen = roof_yields(PLANES, WEATHER, ASSUMPTIONS, horizons=free)
    assert seen.index.equals(PLANES.index)
    np.testing.assert_allclose(seen["yield_kwh"], plain["yield_kwh"], rtol=1e-6)
    np.testing.assert_allclose(seen["irradiation_kwh_m2"], plain["irradiation_kwh_m2"], rtol=1e-6)
    assert (seen["shading_loss"] == 0.0).all()
    wall = np.zeros((len(key), 72), dtype=np.float32)
    wall[:, 18:54] = 60.0  # from east over south to west
    hidden = Horizons(profiles_deg=wall, plane_id=key)
    dark = roof_yields(PLANES, WEATHER, ASSUMPTIONS, horizons=hidden)
    carries = (PLANES["capacity_kwp"] > 0.0).to_numpy()
    assert dark.loc[carries, "shading_loss"].between(0.2, 0.95).all()
    assert (dark.loc[~carries, "shading_loss"] == 0.0).all()
    hours = hourly_by_group(PLANES, WEATHER, ASSUMPTIONS, horizons=hidden)
    by_county = dark["yield_kwh"].groupby(PLANES["county"].astype("str")).sum()
    np.testing.assert_allclose(hours.sum(), by_county, rtol=1e-9)


def test_horizons_of_other_planes_are_refused() -> None:
    from rooftop_pv.horizon import Horizons

    key = PLANES.index[3:7]
    some = Horizons(profiles_deg=np.zeros((4, 72), dtype=np.float32), plane_id=key)
    with pytest.raises(LayerError, match="horizon"):
        roof_yields(PLANES, WEATHER, ASSUMPTIONS, horizons=some)


def test_without_roofs_and_without_capacity() -> None:
    nobody = PLANES.iloc[:0]
    assert len(roof_yields(nobody, WEATHER, ASSUMPTIONS)) == 0
    assert hourly_by_group(nobody, WEATHER, ASSUMPTIONS).shape == (8760, 0)
    idle = PLANES[PLANES["capacity_kwp"] == 0.0]
    assert (roof_yields(idle, WEATHER, ASSUMPTIONS)["yield_kwh"] == 0.0).all()
    assert (hourly_by_group(idle, WEATHER, ASSUMPTIONS) == 0.0).all(axis=None)


def test_the_south_works_with_its_own_weather_only() -> None:
    sydney = town(10, crs="EPSG:32756", north_m=6_250_000.0)
    planes = roof_planes(sydney, ASSUMPTIONS)
    yields = roof_yields(planes, clouded_year(-33.9, 151.0), ASSUMPTIONS)
    assert yields["specific_yield_kwh_kwp"].max() > 700.0
    for run in (roof_yields, hourly_by_group):
        with pytest.raises(LayerError, match="other hemisphere"):
            run(planes, WEATHER, ASSUMPTIONS)
        with pytest.raises(LayerError, match="other hemisphere"):
            run(PLANES, clouded_year(-33.9, 151.0), ASSUMPTIONS)


def test_faults_are_sentences() -> None:
    with pytest.raises(LayerError, match="lack the columns tilt_deg"):
        roof_yields(PLANES.drop(columns="tilt_deg"), WEATHER, ASSUMPTIONS)
    with pytest.raises(LayerError, match="capacity_kwp"):
        roof_yields(PLANES.assign(capacity_kwp=-1.0), WEATHER, ASSUMPTIONS)
    with pytest.raises(LayerError, match="unknown roof_kind"):
        roof_yields(PLANES.assign(roof_kind="dome"), WEATHER, ASSUMPTIONS)
    with pytest.raises(LayerError, match="no column 'town'"):
        hourly_by_group(PLANES, WEATHER, ASSUMPTIONS, by="town")
    with pytest.raises(LayerError, match="no group"):
        hourly_by_group(PLANES, WEATHER, ASSUMPTIONS, by=pd.Series(dtype="str"))
    with pytest.raises(LayerError, match="tilt_deg"):
        hourly_yield(WEATHER, tilt_deg=95.0, azimuth_deg=0.0, assumptions=ASSUMPTIONS)
    with pytest.raises(LayerError, match="mounting"):
        hourly_yield(
            WEATHER, tilt_deg=5.0, azimuth_deg=0.0, assumptions=ASSUMPTIONS, mounting="tree"
        )
