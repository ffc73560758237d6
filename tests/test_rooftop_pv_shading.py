"""Shaded energy against the hours it stands for."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.climate import climate_year
from layers.errors import AssumptionError, LayerError
from rooftop_pv.assumptions import RooftopPvAssumptions
from rooftop_pv.horizon import Horizons, sector_middles_deg
from rooftop_pv.shading import (
    ShadingTables,
    relative_sky_view,
    shaded_energy,
    shaded_hours,
    shading_tables,
)
from rooftop_pv.sun import OrientationTable, ac_per_kwp, orientation_table

CLASSES = pd.DataFrame(
    {
        "mounting": ["rack", "rack", "parallel", "parallel"],
        "tilt_deg": [0.0, 30.0, 60.0, 25.0],
        "azimuth_deg": [0.0, 180.0, 180.0, 270.0],
    }
)


@pytest.fixture(scope="module")
def table() -> OrientationTable:
    monthly = pd.DataFrame(
        {
            "ghi_kwh_m2": [66, 80, 120, 149, 173, 160, 143, 136, 117, 99, 70, 60],
            "dhi_kwh_m2": [33, 38, 56, 67, 77, 83, 83, 74, 58, 45, 33, 30],
            "temperature_c": [-1.5, 1.9, 8.6, 15.2, 21.3, 25.6, 27.2, 25.8, 21.4, 15.0, 7.2, 0.4],
            "temperature_max_c": [
                3.9,
                7.9,
                15.1,
                21.8,
                27.6,
                31.8,
                32.5,
                31,
                27.6,
                21.5,
                13.2,
                5.7,
            ],
        },
        index=pd.Index(range(1, 13), name="month"),
    ).astype(float)
    weather = climate_year(
        monthly, latitude_deg=36.8, longitude_deg=118.0, elevation_m=30.0,
        time_zone="Asia/Shanghai", seed=1, source="synthetic",
    )  # fmt: skip
    return orientation_table(CLASSES, weather, RooftopPvAssumptions())


@pytest.fixture(scope="module")
def tables(table: OrientationTable) -> ShadingTables:
    return shading_tables(table)


def horizons(profiles: np.ndarray, keys: list[str]) -> Horizons:
    return Horizons(np.ascontiguousarray(profiles, dtype=np.float32), pd.Index(keys))


def random_horizons(seed: int, planes: int, points: int = 4) -> tuple[Horizons, pd.DataFrame]:
    draw = np.random.default_rng(seed)
    profiles = draw.uniform(0, 70, (planes * points, 72)) * (
        draw.random((planes * points, 72)) < 0.4
    )
    keys = [f"p{n}" for n in range(planes)]
    frame = pd.DataFrame({"capacity_kwp": draw.uniform(1, 50, planes)}, index=keys)
    return horizons(profiles, list(np.repeat(keys, points))), frame


def by_hours(
    horizon: Horizons, plane: pd.DataFrame, code: np.ndarray, tables: ShadingTables
) -> np.ndarray:
    """AC of every lit hour and plane, point by point, the long way round."""
    table = tables.table
    position = horizon.plane_positions(plane.index)
    view = relative_sky_view(horizon, code[position], tables)
    sector = (table.sun_azimuth_deg // 5.0).astype(int)
    hourly = np.zeros((len(table.hour), len(plane)))
    for number, row in enumerate(position):
        one = slice(code[row], code[row] + 1)
        on = table.sun_elevation_deg >= horizon.profiles_deg[number, sector]
        on |= table.sun_elevation_deg <= 0.0
        energy = np.zeros(len(table.hour))
        place = view[number] * (len(tables.open_ac) - 1)
        for level, share in (
            (int(place), 1 - place % 1),
            (min(int(place) + 1, len(tables.open_ac) - 1), place % 1),
        ):
            factor = level / (len(tables.open_ac) - 1)
            diffuse = (
                factor * table.sky_effective_w_m2[:, one] + table.ground_effective_w_m2[:, one]
            )
            energy += share * ac_per_kwp(
                table.direct_effective_w_m2[:, one] * on[:, None], diffuse,
                temperature_c=table.temperature_c[:, None], wind_m_s=table.wind_m_s[:, None],
                heat_loss_w_m2_k=table.heat_loss_w_m2_k[one], assumptions=table.assumptions,
            )[:, 0]  # fmt: skip
        hourly[:, row] += energy / 4.0
    return hourly


def test_without_obstacles_nothing_is_lost(tables: ShadingTables) -> None:
    free = horizons(np.zeros((4, 72)), list("abcd"))
    result = shaded_energy(free, pd.Index(list("abcd")), code=np.arange(4), tables=tables)
    assert np.array_equal(result.sky_view, np.ones(4))
    assert result.energy_kwh_kwp == pytest.approx(result.open_kwh_kwp, rel=1e-12)
    whole = tables.table.irradiance_w_m2.sum(axis=0) / 1e3
    assert result.irradiation_kwh_m2 == pytest.approx(whole, rel=1e-12)
    yearly = tables.table.unshaded_ac_per_kwp().sum(axis=0)
    assert result.energy_kwh_kwp.sum(axis=1) == pytest.approx(yearly, rel=1e-12)


def test_the_sky_of_a_free_tilted_plane_is_half_of_one_plus_cosine(tables: ShadingTables) -> None:
    tilt = np.radians(CLASSES["tilt_deg"].to_numpy())
    own, facing, level = tables.own_rad, tables.facing[:, :-1], tables.facing[:, -1:]
    whole = facing * (np.pi / 2 - own - np.sin(own) * np.cos(own)) + level * np.cos(own) ** 2
    assert whole.sum(axis=1) / 72 == pytest.approx((1 + np.cos(tilt)) / 2, abs=5e-4)


@pytest.mark.parametrize("height", [10.0, 30.0, 60.0])
def test_an_even_horizon_leaves_a_level_plane_cosine_squared_of_the_sky(
    tables: ShadingTables, height: float
) -> None:
    ring = horizons(np.full((1, 72), height), ["a"])
    view = relative_sky_view(ring, np.array([0]), tables)
    assert view == pytest.approx(np.cos(np.radians(height)) ** 2, abs=1e-6)


def test_a_wall_behind_a_tilted_plane_below_its_own_rise_takes_no_sky(
    tables: ShadingTables,
) -> None:
    middles = sector_middles_deg(72)
    behind = np.where((middles < 30) | (middles > 330), 20.0, 0.0)  # plane of 30° facing south
    view = relative_sky_view(horizons(behind[None], ["a"]), np.array([1]), tables)
    assert view == pytest.approx(1.0, abs=1e-12)
    before = np.where(np.abs(middles - 180) < 30, 20.0, 0.0)
    assert relative_sky_view(horizons(before[None], ["a"]), np.array([1]), tables)[0] < 0.96


def test_east_and_west_walls_take_the_same_sky(tables: ShadingTables) -> None:
    draw = np.random.default_rng(3)
    profile = draw.uniform(0, 60, 72)
    mirrored = horizons(np.stack([profile, profile[::-1]]), ["a", "b"])
    view = relative_sky_view(mirrored, np.array([1, 1]), tables)
    assert view[0] == pytest.approx(view[1], rel=1e-6)


def test_a_buried_plane_keeps_the_ground_part_only(tables: ShadingTables) -> None:
    pit = horizons(np.full((2, 72), 90.0), ["a", "b"])
    result = shaded_energy(pit, pd.Index(["a", "b"]), code=np.array([0, 2]), tables=tables)
    ground = tables.table.ground_w_m2.sum(axis=0)[[0, 2]] / 1e3
    low = (tables.table.direct_w_m2 * (tables.table.sun_elevation_deg <= 0)[:, None]).sum(axis=0)
    assert result.irradiation_kwh_m2 == pytest.approx(ground + low[[0, 2]] / 1e3, abs=1e-6)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_sums_equal_the_hours_they_stand_for(tables: ShadingTables, seed: int) -> None:
    horizon, frame = random_horizons(seed, 6)
    code = np.array([0, 1, 2, 3, 1, 0])
    result = shaded_energy(horizon, frame.index, code=code, tables=tables)
    hourly = by_hours(horizon, frame, code, tables)
    month = (tables.table.month[:, None] == np.arange(1, 13)).astype(float)
    assert result.energy_kwh_kwp == pytest.approx(hourly.T @ month, rel=1e-9, abs=1e-9)
    group = np.array([0, 1, 1, 0, 2, 2])
    hours = shaded_hours(horizon, frame, code=code, group=group, groups=3, tables=tables)
    capacity = np.zeros((6, 3))
    capacity[np.arange(6), group] = frame["capacity_kwp"]
    assert hours[tables.table.hour] == pytest.approx(hourly @ capacity, rel=1e-9, abs=1e-6)
    kept = result.energy_kwh_kwp.sum(axis=1) * frame["capacity_kwp"].to_numpy()
    assert hours.sum() == pytest.approx(kept.sum(), rel=1e-9)


def test_chunks_of_planes_add_up(tables: ShadingTables) -> None:
    horizon, frame = random_horizons(11, 8)
    code, group = np.arange(8) % 4, np.zeros(8, dtype=np.int64)
    whole = shaded_hours(horizon, frame, code=code, group=group, groups=1, tables=tables)
    parts = [
        shaded_hours(
            horizons(horizon.profiles_deg[part.start * 4 : part.stop * 4], list(horizon.plane_id[part.start * 4 : part.stop * 4])),
            frame.iloc[part], code=code[part], group=group[part], groups=1, tables=tables,
        )
        for part in (slice(0, 3), slice(3, 8))
    ]  # fmt: skip
    assert sum(parts) == pytest.approx(whole, rel=1e-9, abs=1e-9)


def test_a_higher_horizon_never_gains(tables: ShadingTables) -> None:
    horizon, frame = random_horizons(5, 8)
    raised = horizons(horizon.profiles_deg + 3.0, list(horizon.plane_id))
    code = np.arange(8) % 4
    low = shaded_energy(horizon, frame.index, code=code, tables=tables)
    high = shaded_energy(raised, frame.index, code=code, tables=tables)
    assert (high.energy_kwh_kwp <= low.energy_kwh_kwp + 1e-9).all()
    assert (high.irradiation_kwh_m2 < low.irradiation_kwh_m2).all()


def test_tariff_periods_split_the_year(table: OrientationTable, tables: ShadingTables) -> None:
    horizon, frame = random_horizons(2, 4)
    period = np.asarray(table.times.hour >= 12).astype(np.int64)
    split = shading_tables(table, period=period)
    halves = shaded_energy(horizon, frame.index, code=np.arange(4), tables=split)
    months = shaded_energy(horizon, frame.index, code=np.arange(4), tables=tables)
    assert halves.energy_kwh_kwp.shape == (4, 2)
    assert halves.energy_kwh_kwp.sum(axis=1) == pytest.approx(months.energy_kwh_kwp.sum(axis=1))
    # A wall that fills the east takes mornings only.
    east = np.zeros((1, 72))
    east[0, :36] = 90.0
    kept = shaded_energy(horizons(east, ["a"]), pd.Index(["a"]), code=np.array([0]), tables=split)
    share = kept.energy_kwh_kwp / kept.open_kwh_kwp
    assert share[0, 0] < 0.5 < share[0, 1]


def test_three_levels_of_sky_view_are_enough(
    table: OrientationTable, tables: ShadingTables
) -> None:
    horizon, frame = random_horizons(8, 40)
    code = np.arange(40) % 4
    fine = shaded_energy(
        horizon, frame.index, code=code, tables=shading_tables(table, sky_levels=21)
    )
    coarse = shaded_energy(horizon, frame.index, code=code, tables=tables)
    ratio = coarse.energy_kwh_kwp.sum(axis=1) / fine.energy_kwh_kwp.sum(axis=1)
    assert ratio == pytest.approx(1.0, abs=1e-3)


def test_bad_input_is_a_sentence(table: OrientationTable, tables: ShadingTables) -> None:
    with pytest.raises(AssumptionError, match="8760 hours"):
        shading_tables(table, period=np.zeros(10, dtype=np.int64))
    with pytest.raises(AssumptionError, match="at least 2"):
        shading_tables(table, sky_levels=1)
    coarse = horizons(np.zeros((1, 36)), ["a"])
    with pytest.raises(AssumptionError, match="36 sectors"):
        relative_sky_view(coarse, np.array([0]), tables)
    with pytest.raises(LayerError, match="not in the table"):
        shaded_energy(
            horizons(np.zeros((1, 72)), ["z"]), pd.Index(["a"]), code=np.array([0]), tables=tables
        )
