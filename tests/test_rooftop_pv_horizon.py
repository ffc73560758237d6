"""Horizons against walls, courtyards and ridges whose angles are known."""

from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.area import StudyArea
from layers.errors import AssumptionError, DatumError, LayerError
from layers.terrain import Terrain, read_terrain
from layers.weather import sun_at
from rooftop_pv.horizon import Horizons, horizon_profiles, plane_horizons, sector_middles_deg
from rooftop_pv.obstacles import obstacles_of_frame, obstacles_of_planes
from rooftop_pv.points import roof_obstacles
from rooftop_pv.terrain_horizon import (
    EARTH_RADIUS_M,
    REFRACTION,
    sight_distances_m,
    terrain_profiles,
)

CRS = "EPSG:4548"


def obstacles(
    *shapes: shapely.Polygon, top_m: float | list[float] = 20.0, **columns: list[float]
) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"top_m": np.broadcast_to(top_m, len(shapes)).astype(float), **columns},
        geometry=list(shapes),
        crs=CRS,
    )


def at(x: float = 0.0, y: float = 0.0, z: float = 5.0) -> np.ndarray:
    return np.array([[x, y, z]])


def mean_wall_deg(height: float, distance: float, off_deg: float, half_deg: float) -> float:
    """Elevation of an endless wall, its squared sine averaged over a sector off_deg from the normal."""
    turn = np.radians(np.linspace(off_deg - half_deg, off_deg + half_deg, 2001))
    square = np.sin(np.arctan(height * np.cos(turn) / distance)) ** 2
    return float(np.degrees(np.arcsin(np.sqrt(square.mean()))))


@pytest.mark.parametrize("distance", [2.0, 10.0, 50.0, 200.0])
def test_a_wall_rises_by_its_height_over_its_distance(distance: float) -> None:
    wall = obstacles(shapely.box(-1e5, -distance - 1, 1e5, -distance))
    profile = horizon_profiles(at(), wall, sectors=360)[0]
    assert profile[180] == pytest.approx(np.degrees(np.arctan(15.0 / distance)), abs=0.01)
    for sector in range(100, 180):
        expected = mean_wall_deg(15.0, distance, 180 - sector - 0.5, 0.5)
        assert profile[sector] == pytest.approx(expected, abs=0.02)
        assert profile[359 - sector] == pytest.approx(profile[sector], abs=1e-3)
    assert not profile[:89].any()
    assert not profile[271:].any()


def test_a_courtyard_rises_alike_on_four_sides_and_does_not_bury_its_middle() -> None:
    court = shapely.box(-20, -20, 20, 20) - shapely.box(-10, -10, 10, 10)
    profile = horizon_profiles(at(z=0.0), obstacles(court, top_m=10.0))[0]
    assert profile.reshape(4, 18) == pytest.approx(np.tile(profile[:18], (4, 1)), abs=1e-3)
    assert profile.max() == pytest.approx(45.0, abs=0.1)
    assert profile.min() > 35.2  # atan(10 / 10 sqrt 2) in the corner


def test_a_roof_is_shaded_by_a_higher_part_but_not_by_itself() -> None:
    podium, tower = shapely.box(-30, -30, 30, 30), shapely.box(-30, 10, 30, 30)
    both = obstacles(podium, tower, top_m=[10.0, 40.0])
    profile = horizon_profiles(at(z=10.0), both)[0]
    assert profile[[0, 71]] == pytest.approx(np.degrees(np.arctan(30 / 10)), abs=0.1)
    assert not profile[18:54].any()
    assert not horizon_profiles(at(z=9.0), obstacles(podium, top_m=10.0)).any()


def test_a_ridge_to_the_south_is_seen_from_the_north_slope_only_as_its_own_plane() -> None:
    slopes = gpd.GeoDataFrame(
        {"eave_m": [6.0, 6.0], "surface_tilt_deg": [30.0, 30.0], "surface_azimuth_deg": [180.0, 0.0]},
        index=pd.Index(["b#0", "b#1"], name="plane_id"),
        geometry=[shapely.box(-500, -5, 500, 0), shapely.box(-500, 0, 500, 5)],
        crs=CRS,
    )  # fmt: skip
    roofs = roof_obstacles(slopes)
    assert roofs["top_m"].to_numpy() == pytest.approx(6.0 + 5.0 * np.tan(np.radians(30.0)))
    horizons = plane_horizons(slopes, roofs, sectors=360, points_per_plane=1, large_m2=1e9)
    south, north = horizons.profiles_deg
    assert south[0] == pytest.approx(30.0, abs=0.05)  # the ridge rises as the plane itself does
    assert north[180] == pytest.approx(30.0, abs=0.05)
    assert not south[91:269].any()
    # From the ground 10 m before the south eave: the ridge is 15 m away, the eave 10 m.
    ground = horizon_profiles(at(y=-15.0, z=0.0), roofs, sectors=360)[0]
    ridge = np.degrees(np.arctan2(6.0 + 5.0 * np.tan(np.radians(30.0)), 15.0))
    assert ground[0] == pytest.approx(max(ridge, np.degrees(np.arctan2(6.0, 10.0))), abs=0.05)


def test_nothing_rises_without_obstacles_or_below_the_point() -> None:
    assert not horizon_profiles(at(), obstacles()).any()
    assert not horizon_profiles(at(z=20.0), obstacles(shapely.box(5, 5, 9, 9))).any()
    assert horizon_profiles(np.empty((0, 3)), obstacles(shapely.box(5, 5, 9, 9))).shape == (0, 72)


def test_beyond_the_radius_only_towers_count() -> None:
    far = shapely.box(-60, 400, 60, 420)
    assert not horizon_profiles(at(), obstacles(far, top_m=45.0)).any()
    seen = horizon_profiles(at(), obstacles(far, top_m=45.0, height_m=[45.0]))
    assert seen.max() == pytest.approx(np.degrees(np.arctan(40 / 400)), abs=0.02)
    assert horizon_profiles(at(), obstacles(far, top_m=45.0), radius_m=401.0).max() > 5.0


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(0, 71))
def test_turning_the_block_turns_the_horizon(seed: int, turn: int) -> None:
    draw = np.random.default_rng(seed)
    middle = draw.uniform(-100, 100, (12, 2))
    boxes = [shapely.box(x, y, x + 9, y + 14) for x, y in middle]
    tops = draw.uniform(1, 60, 12).tolist()
    turned = [shapely.affinity.rotate(box, -5.0 * turn, origin=(0, 0)) for box in boxes]
    plain = horizon_profiles(at(), obstacles(*boxes, top_m=tops))[0]
    again = horizon_profiles(at(), obstacles(*turned, top_m=tops))[0]
    # A wall's end may fall on either side of a ray by rounding: compare all but single rays.
    assert np.median(np.abs(np.roll(plain, turn) - again)) < 2e-3
    assert again.mean() == pytest.approx(plain.mean(), abs=0.6)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_order_and_number_of_points_and_obstacles_change_nothing(seed: int) -> None:
    draw = np.random.default_rng(seed)
    places = draw.uniform(-600, 600, (60, 2))
    shapes = [shapely.Point(x, y).buffer(draw.uniform(3, 25), quad_segs=2) for x, y in places]
    many = obstacles(*shapes, top_m=draw.uniform(3, 80, 60).tolist())
    points = np.column_stack([draw.uniform(-600, 600, (40, 2)), draw.uniform(0, 30, 40)])
    whole = horizon_profiles(points, many)
    order = draw.permutation(60)
    assert horizon_profiles(points, many.iloc[order]) == pytest.approx(whole, abs=1e-4)
    assert horizon_profiles(points[:7], many) == pytest.approx(whole[:7], abs=1e-4)
    assert (whole >= 0.0).all()
    assert (whole < 90.0).all()


def cast_rays(
    point: np.ndarray, shapes: list[shapely.Polygon], tops: list[float], rays: int
) -> np.ndarray:
    """The skyline of level prisms, one ray after the other against every wall [deg]."""
    steepest = np.zeros(rays)
    azimuth = np.radians((np.arange(rays) + 0.5) * 360.0 / rays)
    for shape, top in zip(shapes, tops, strict=True):
        gap = max(shape.envelope.distance(shapely.Point(point[:2])), 1e-9)
        if (
            shape.contains(shapely.Point(point[:2]))
            or top - point[2] <= np.tan(np.radians(2)) * gap
        ):
            continue
        for ring in (shape.exterior, *shape.interiors):
            corner = np.asarray(ring.coords) - point[:2]
            for (x0, y0), (x1, y1) in pairwise(corner):
                across = np.sin(azimuth) * (y1 - y0) - np.cos(azimuth) * (x1 - x0)
                with np.errstate(divide="ignore"):
                    distance = (x0 * (y1 - y0) - y0 * (x1 - x0)) / across
                    share = (x0 * np.cos(azimuth) - y0 * np.sin(azimuth)) / across
                hit = (distance > 0.0) & (share >= 0.0) & (share <= 1.0)
                steepest[hit] = np.maximum(steepest[hit], (top - point[2]) / distance[hit])
    return np.minimum(np.degrees(np.arctan(steepest)), 89.9)  # as steep as a profile gets


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_skyline_is_that_of_rays_cast_one_by_one(seed: int) -> None:
    draw = np.random.default_rng(seed)
    shapes = []
    for x, y in draw.uniform(-250, 250, (40, 2)):
        size = draw.uniform(3, 60, 2)
        shape = shapely.box(x, y, x + size[0], y + size[1])
        if draw.random() < 0.3:
            shape -= shapely.box(
                x + size[0] / 4, y + size[1] / 4, *(draw.uniform(0.5, 0.9, 2) * size + [x, y])
            )
        shapes.append(shapely.affinity.rotate(shape, draw.choice([0.0, 17.0, 90.0]), origin=(x, y)))
    tops = draw.uniform(4, 60, 40).tolist()
    points = np.column_stack([draw.uniform(-100, 100, (12, 2)), draw.uniform(0, 20, 12)])
    # One point in line with a wall, one before the end of a long one.
    corner, after = np.asarray(shapes[0].exterior.coords[:2])
    points[0, :2] = corner + 30.0 * (corner - after) / np.hypot(*(corner - after))
    points[1, :2] = np.asarray(shapes[1].exterior.coords[0]) - [0.1, 0.1]
    rays = horizon_profiles(points, obstacles(*shapes, top_m=tops), sectors=144, radius_m=2e3)
    for point, profile in zip(points, rays, strict=True):
        expected = cast_rays(point, shapes, tops, 144)
        # A ray within rounding of a corner may pass on either side of it.
        assert (np.abs(profile - expected) > 1e-3).sum() <= 2


def test_obstacles_made_ready_once_give_the_same() -> None:
    draw = np.random.default_rng(11)
    at_x, at_y = draw.uniform(-2e3, 2e3, (2, 300))
    planes = gpd.GeoDataFrame(
        {"eave_m": draw.uniform(3, 30, 300), "height_m": draw.uniform(3, 90, 300),
         "surface_tilt_deg": draw.choice([0.0, 25.0], 300), "surface_azimuth_deg": draw.uniform(0, 360, 300)},
        geometry=list(shapely.box(at_x, at_y, at_x + 20, at_y + 9)), crs=CRS,
    )  # fmt: skip
    far_away = planes.iloc[[0]].set_geometry(planes.geometry.iloc[[0]].translate(3e6, 1e6))
    table = roof_obstacles(pd.concat([planes, far_away], ignore_index=True))
    plain = plane_horizons(planes, roof_obstacles(planes)).profiles_deg
    assert plain.max() > 20.0
    for ready in (obstacles_of_planes(planes, 300.0), obstacles_of_frame(table, 300.0)):
        assert np.array_equal(plane_horizons(planes, ready).profiles_deg, plain)
    with pytest.raises(AssumptionError, match="made ready for 300"):
        plane_horizons(planes, ready, radius_m=200.0)


def test_more_obstacles_never_lower_the_horizon() -> None:
    draw = np.random.default_rng(7)
    shapes = [shapely.box(x, y, x + 12, y + 9) for x, y in draw.uniform(-200, 200, (50, 2))]
    tops = draw.uniform(5, 50, 50).tolist()
    points = np.column_stack([draw.uniform(-200, 200, (30, 2)), np.full(30, 4.0)])
    some = horizon_profiles(points, obstacles(*shapes[:30], top_m=tops[:30]))
    assert (horizon_profiles(points, obstacles(*shapes, top_m=tops)) >= some).all()


def mountain(elevation_m: np.ndarray, cell_m: float = 100.0) -> Terrain:
    rows, cols = elevation_m.shape
    return Terrain(
        elevation_m=elevation_m.astype(np.float32), west_m=-cols * cell_m / 2, north_m=rows * cell_m / 2,
        cell_m=cell_m, crs=pyproj.CRS(CRS), source="synthetic", synthetic=True,
    )  # fmt: skip


def test_a_far_ridge_sinks_by_curvature_and_refraction() -> None:
    relief = np.zeros((401, 401))
    relief[380:383] = 1000.0  # 18 km to the south
    profile = terrain_profiles(at(z=10.0), mountain(relief), sectors=360)[0]
    distance = 18_000.0
    drop = (1 - REFRACTION) * distance**2 / (2 * EARTH_RADIUS_M)
    assert drop == pytest.approx(22.1, abs=0.1)
    expected = np.degrees(np.arctan((1000.0 - drop - 10.0) / distance))
    assert profile[180] == pytest.approx(expected, rel=0.015)
    assert not profile[:80].any()


@pytest.mark.parametrize("seed", range(4))
def test_every_place_along_a_ray_counts_on_rough_relief(seed: int) -> None:
    draw = np.random.default_rng(seed)
    relief = draw.uniform(0, 40, (61, 83)) + 300.0 * (draw.random((61, 83)) < 0.02)
    relief[draw.random((61, 83)) < 0.05] = np.nan
    land = mountain(relief)
    viewer = np.array([30.0, 30.0, 45.0])  # the middle of a square and step that share a horizon
    expected = []
    for azimuth in np.radians((np.arange(144) + 0.5) * 2.5):
        distance = sight_distances_m(100.0, np.hypot(61, 83) * 100.0)
        ground = land.sample(
            viewer[0] + distance * np.sin(azimuth), viewer[1] + distance * np.cos(azimuth)
        )
        sunk = (1 - REFRACTION) * distance**2 / (2 * EARTH_RADIUS_M)
        beyond = np.abs(np.sin(azimuth) * distance + 30.0) > 4100.0
        beyond |= np.abs(np.cos(azimuth) * distance + 30.0) > 3000.0
        slope = np.where(beyond | np.isnan(ground), 0.0, (ground - sunk - viewer[2]) / distance)
        expected.append(np.degrees(np.arctan(max(slope.max(), 0.0))))
    found = terrain_profiles(viewer[None], land, sectors=144)[0]
    assert found.max() > 5.0
    assert found == pytest.approx(np.array(expected), abs=1e-3)


def test_terrain_and_neighbours_merge_by_the_higher() -> None:
    relief = np.zeros((101, 101))
    relief[80:83] = 500.0
    wall = obstacles(shapely.box(9.0, -1e4, 10.0, 1e4), top_m=15.0)
    both = horizon_profiles(at(), wall, terrain=mountain(relief))
    alone = horizon_profiles(at(), wall)
    hills = terrain_profiles(at(), mountain(relief))
    assert np.array_equal(both, np.maximum(alone, hills))
    assert alone[0, 18] > 0.0 == alone[0, 40]
    assert hills[0, 36] > 5.0


def test_points_far_below_the_ground_are_refused_with_the_cure() -> None:
    with pytest.raises(LayerError, match=r"below the terrain.*ground plus height"):
        horizon_profiles(at(), obstacles(), terrain=mountain(np.full((50, 50), 800.0)))


def test_unknown_terrain_hides_nothing() -> None:
    assert not terrain_profiles(at(), mountain(np.full((50, 50), np.nan))).any()


@pytest.mark.parametrize("radius", [0.0, -5.0, float("nan"), float("inf")])
def test_an_impossible_radius_is_a_sentence(radius: float) -> None:
    with pytest.raises(AssumptionError, match=r"radius_m.*above 0"):
        horizon_profiles(at(), obstacles(), radius_m=radius)


def test_bad_input_is_a_sentence() -> None:
    box = shapely.box(0, 0, 1, 1)
    with pytest.raises(LayerError, match=r"\(n, 3\)"):
        horizon_profiles(np.zeros((4, 2)), obstacles(box))
    with pytest.raises(LayerError, match="no finite x, y or z, first row 1"):
        horizon_profiles(np.array([[0, 0, 0], [0, np.nan, 0]]), obstacles(box))
    with pytest.raises(LayerError, match="'top_m'"):
        horizon_profiles(at(), obstacles(box).drop(columns="top_m"))
    with pytest.raises(LayerError, match="top_m is missing in 1"):
        horizon_profiles(at(), obstacles(box, top_m=float("nan")))
    with pytest.raises(LayerError, match="not a Polygon"):
        horizon_profiles(at(), obstacles(shapely.MultiPolygon([box])))
    with pytest.raises(DatumError, match="metric CRS"):
        horizon_profiles(at(), obstacles(box).set_crs("EPSG:4326", allow_override=True))
    with pytest.raises(AssumptionError, match="sectors"):
        horizon_profiles(at(), obstacles(box), sectors=2)


def test_horizons_must_be_of_the_planes() -> None:
    horizons = Horizons(np.zeros((2, 72), dtype=np.float32), pd.Index(["a", "b"]))
    assert horizons.plane_positions(pd.Index(["b", "a"])).tolist() == [1, 0]
    with pytest.raises(LayerError, match="not in the table, first 'b'"):
        horizons.plane_positions(pd.Index(["a"]))
    with pytest.raises(LayerError, match="no horizon point, first 'c'"):
        horizons.plane_positions(pd.Index(["a", "b", "c"]))
    with pytest.raises(LayerError, match="one row of sectors"):
        Horizons(np.zeros((3, 72), dtype=np.float32), pd.Index(["a"]))


def test_sector_middles_run_clockwise_from_north() -> None:
    assert sector_middles_deg(72)[[0, 36, 71]].tolist() == [2.5, 182.5, 357.5]


def test_large_planes_carry_more_points() -> None:
    flat = gpd.GeoDataFrame(
        {"eave_m": 5.0, "surface_tilt_deg": 0.0, "surface_azimuth_deg": 180.0},
        index=pd.Index(["a", "b"]), geometry=[shapely.box(0, 0, 30, 40), shapely.box(50, 0, 60, 9)], crs=CRS,
    )  # fmt: skip
    horizons = plane_horizons(flat, obstacles())
    assert horizons.plane_id.value_counts().to_dict() == {"a": 12, "b": 4}
    with pytest.raises(DatumError, match="project both"):
        plane_horizons(flat, obstacles().to_crs("EPSG:4527"))


def test_the_mountains_cost_the_harbour_of_monaco_measurable_hours(
    shared_data: Path, tmp_path: Path
) -> None:
    harbour = gpd.GeoDataFrame(
        {"name": ["Monaco"]}, geometry=[shapely.box(7.415, 43.73, 7.43, 43.74)], crs="EPSG:4326"
    )
    harbour.to_file(tmp_path / "harbour.geojson")
    area = StudyArea.from_file(
        tmp_path / "harbour.geojson", name="Monaco", name_column="name", time_zone="Europe/Paris"
    )
    relief = read_terrain(shared_data / "elevation" / "N43E007.hgt.zip", area, cell_m=90.0)
    place = gpd.GeoSeries.from_xy([7.4245], [43.7345], crs="EPSG:4326").to_crs(relief.crs)
    x, y = float(place.x.iloc[0]), float(place.y.iloc[0])
    ground = float(relief.sample([x], [y])[0])
    profile = terrain_profiles(np.array([[x, y, ground + 15.0]]), relief)[0]
    # The Tête de Chien (550 m) and Mont Agel (1,148 m) stand west and north, the open sea lies east.
    assert profile[50:62].max() > 10.0
    assert profile[62:72].mean() > 8.0
    assert profile[17:25].max() < 1.0
    times = pd.date_range("2023-01-01 00:30", periods=8760, freq="h", tz="Etc/GMT-1")
    sun = sun_at(times, latitude_deg=43.7345, longitude_deg=7.4245)
    up = sun.zenith_deg < 90.0
    hidden = 90.0 - sun.zenith_deg < profile[(sun.azimuth_deg // 5.0).astype(int) % 72]
    assert 150 < (hidden & up).sum() < 900
