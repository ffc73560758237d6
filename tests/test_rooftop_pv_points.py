"""Stratified points: inside, even, on the tilted surface, the same on every run."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.errors import AssumptionError, LayerError
from rooftop_pv.points import roof_obstacles, stratified_points

L_SHAPE = shapely.Polygon([(0, 0), (30, 0), (30, 5), (5, 5), (5, 30), (0, 30)])
COURT = shapely.box(0, 0, 20, 20) - shapely.box(2, 2, 18, 18)


def planes(
    *shapes: shapely.Polygon, tilt: float = 0.0, azimuth: float = 180.0, eave: float = 9.0
) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"eave_m": eave, "surface_tilt_deg": tilt, "surface_azimuth_deg": azimuth},
        index=pd.Index([f"p{n}" for n in range(len(shapes))], name="plane_id"),
        geometry=list(shapes),
        crs="EPSG:4548",
    )


@pytest.mark.parametrize("shape", [L_SHAPE, COURT, shapely.box(0, 0, 40, 8)])
@pytest.mark.parametrize("count", [1, 3, 4, 16])
@pytest.mark.parametrize("turn", [0.0, 17.0, 90.0])
def test_points_lie_inside_whatever_the_shape(
    shape: shapely.Polygon, count: int, turn: float
) -> None:
    turned = shapely.affinity.rotate(shape, turn, origin=(0, 0))
    points, position = stratified_points(planes(turned, turned), points_per_plane=count)
    assert position.tolist() == [0] * count + [1] * count
    assert shapely.contains_xy(turned, points[:, 0], points[:, 1]).all()
    assert len(np.unique(points[:count].round(6), axis=0)) == count


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(3, 9))
def test_points_lie_inside_random_outlines(seed: int, corners: int) -> None:
    draw = np.random.default_rng(seed)
    angle = np.sort(draw.uniform(0, 2 * np.pi, corners))
    radius = draw.uniform(2, 30, corners)
    star = shapely.make_valid(
        shapely.Polygon(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))
    )
    if star.geom_type != "Polygon" or star.area < 1.0:
        return
    points, _ = stratified_points(planes(star))
    assert (shapely.distance(star, shapely.points(points[:, :2])) < 1e-9).all()


def test_the_mean_of_the_points_is_the_middle_of_a_rectangle() -> None:
    points, _ = stratified_points(planes(shapely.box(100, 200, 140, 210)))
    assert points[:, :2].mean(axis=0) == pytest.approx([120, 205], abs=0.02)
    assert sorted(points[:, 0].round(3)) == pytest.approx([105, 115, 125, 135], abs=1e-6)
    assert sorted(points[:, 1].round(3)) == pytest.approx([201.25, 203.75, 206.25, 208.75])


def test_parts_of_an_l_get_their_share_of_points() -> None:
    points, _ = stratified_points(planes(L_SHAPE), points_per_plane=11)
    assert (points[:, 1] < 5).sum() == 6  # 150 of 275 m²


@pytest.mark.parametrize(
    ("azimuth", "expected"), [(180.0, 9 + 3 * 0.5), (0.0, 9 + 3 * 0.5), (90.0, 9 + 10 * 0.5)]
)
def test_the_mean_elevation_of_a_slope_is_halfway_to_its_ridge(
    azimuth: float, expected: float
) -> None:
    tilt = float(np.degrees(np.arctan(0.5)))
    points, _ = stratified_points(planes(shapely.box(0, 0, 20, 6), tilt=tilt, azimuth=azimuth))
    assert points[:, 2].mean() == pytest.approx(expected, abs=1e-6)
    assert points[:, 2].min() > 9.0


def test_a_south_slope_is_low_in_the_south_and_a_flat_roof_level() -> None:
    points, _ = stratified_points(planes(shapely.box(0, 0, 20, 6), tilt=45.0))
    assert points[:, 2] == pytest.approx(9.0 + points[:, 1])
    flat, _ = stratified_points(planes(shapely.box(0, 0, 20, 6)))
    assert (flat[:, 2] == 9.0).all()


def test_roof_obstacles_carry_the_slope_and_leave_the_planes_alone() -> None:
    given = pd.concat(
        [planes(shapely.box(0, 0, 8, 4), tilt=45.0), planes(COURT).rename(index={"p0": "q0"})]
    )
    before = given.copy(deep=True)
    roofs = roof_obstacles(given)
    pd.testing.assert_frame_equal(pd.DataFrame(given), pd.DataFrame(before))
    assert roofs["top_m"].tolist() == [13.0, 9.0]
    z = shapely.get_coordinates(roofs.geometry.iloc[0], include_z=True)
    assert z[:, 2] == pytest.approx(9.0 + z[:, 1])
    assert not shapely.has_z(roofs.geometry.iloc[1])
    assert roofs.crs == given.crs


def test_bad_input_is_a_sentence() -> None:
    with pytest.raises(AssumptionError, match="from 1 to"):
        stratified_points(planes(COURT), points_per_plane=0)
    with pytest.raises(LayerError, match="not a Polygon, first 'p0'"):
        stratified_points(planes(shapely.MultiPolygon([COURT])))
    with pytest.raises(LayerError, match="eave_m is missing in 1"):
        stratified_points(planes(COURT, eave=float("nan")))
    points, position = stratified_points(planes(COURT).iloc[:0])
    assert points.shape == (0, 3)
    assert position.shape == (0,)
