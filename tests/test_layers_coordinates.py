"""Datum shifts: published pairs, round trips, what lies outside, and refusals."""

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers.coordinates import (
    bd09_to_wgs84,
    gcj02_to_wgs84,
    to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)
from layers.errors import DatumError

# The test vectors of the open library eviltransform: WGS 84 and GCJ-02, longitude first.
PUBLISHED = (
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
)
GEOD = pyproj.Geod(ellps="WGS84")
CENTRE = st.tuples(
    st.floats(72.05, 137.79, allow_nan=False), st.floats(0.87, 55.79, allow_nan=False)
)  # a shift inside the box of the formulas


def _zibo_grid():
    return (
        axis.ravel()
        for axis in np.meshgrid(np.linspace(117.544, 118.517, 60), np.linspace(35.924, 37.282, 60))
    )


@pytest.mark.parametrize(("wgs84", "gcj02"), PUBLISHED)
def test_published_pairs(wgs84, gcj02):
    assert np.allclose(wgs84_to_gcj02(*wgs84), gcj02, rtol=0, atol=1e-12)
    assert np.allclose(gcj02_to_wgs84(*gcj02), wgs84, rtol=0, atol=1e-11)


def test_bd09_of_beijing_station_as_published_to_five_decimals():
    # GCJ-02 (116.42703, 39.90245) is BD-09 (116.43351, 39.90851), example of the R package cst.
    assert np.allclose(
        wgs84_to_bd09(*gcj02_to_wgs84(116.42703, 39.90245)), (116.43351, 39.90851), atol=1e-5
    )


def test_offsets_at_zibo():
    lon, lat = _zibo_grid()
    away = GEOD.inv(lon, lat, *wgs84_to_gcj02(lon, lat))[2]
    assert away.mean() == pytest.approx(525.0, abs=10.0)
    assert away.max() < 560.0
    assert (wgs84_to_gcj02(lon, lat)[0] > lon).all()
    far = GEOD.inv(lon, lat, *wgs84_to_bd09(lon, lat))[2]
    assert far.mean() == pytest.approx(1300.0, abs=60.0)


@pytest.mark.parametrize(
    ("forward", "inverse"),
    [(wgs84_to_gcj02, gcj02_to_wgs84), (wgs84_to_bd09, bd09_to_wgs84)],
)
@given(place=CENTRE)
def test_round_trip_is_exact_to_a_micrometre(forward, inverse, place):
    back = inverse(*forward(*place))
    assert GEOD.inv(*place, *back)[2] < 1e-6
    again = forward(*inverse(*place))
    assert GEOD.inv(*place, *again)[2] < 1e-6


def test_one_step_inverse_would_not_do():
    lon, lat = _zibo_grid()
    seen = wgs84_to_gcj02(lon, lat)
    twice = wgs84_to_gcj02(*seen)
    crude = GEOD.inv(lon, lat, 2 * seen[0] - twice[0], 2 * seen[1] - twice[1])[2]
    exact = GEOD.inv(lon, lat, *gcj02_to_wgs84(*seen))[2]
    assert crude.max() > 1.0
    assert exact.max() < 1e-6


@pytest.mark.parametrize("shift", [wgs84_to_gcj02, wgs84_to_bd09, gcj02_to_wgs84, bd09_to_wgs84])
def test_outside_the_box_nothing_moves(shift):
    lon = np.array([7.42, -74.0, 72.0039, 137.8348, 110.0, 110.0, -180.0, 180.0])
    lat = np.array([43.73, 40.7, 35.0, 35.0, 0.8292, 55.8272, -90.0, 90.0])
    east, north = shift(lon, lat)
    assert (east == lon).all()
    assert (north == lat).all()


def test_shape_is_kept_blocks_do_not_show_and_input_is_untouched():
    lon = np.linspace(100.0, 120.0, 70_000).reshape(2, 35_000)
    lat = np.full_like(lon, 36.0)
    before = lon.copy()
    east, north = wgs84_to_gcj02(lon, lat)
    assert east.shape == north.shape == lon.shape
    assert (lon == before).all()
    one = wgs84_to_gcj02(lon[1, 34_999], lat[1, 34_999])
    assert (east[1, 34_999], north[1, 34_999]) == (float(one[0]), float(one[1]))
    assert wgs84_to_gcj02([], [])[0].shape == (0,)


@pytest.mark.parametrize(
    ("lon", "lat", "words"),
    [
        ([118.0, np.nan], [36.0, 36.0], "longitude_deg .* nan at position 1"),
        ([118.0], [np.inf], "latitude_deg .* inf at position 0"),
        ([36.8], [117.9], "latitude_deg .* 117.9 .* swapped"),
        ([593_708.0], [4_074_000.0], "in metres"),
        ([118.0, 119.0], [36.0], "one latitude for each longitude"),
    ],
)
def test_impossible_positions_are_refused_with_a_sentence(lon, lat, words):
    with pytest.raises(DatumError, match=words):
        gcj02_to_wgs84(lon, lat)


def test_geometries_move_as_their_points_do():
    lines = [shapely.LineString([(118.0, 36.8), (118.1, 36.9)]), shapely.Point(7.4, 43.7)]
    moved = to_wgs84(gpd.GeoSeries(lines).array, "gcj02")
    ends = np.column_stack(gcj02_to_wgs84([118.0, 118.1], [36.8, 36.9]))
    assert (shapely.get_coordinates(moved[0]) == ends).all()
    assert moved[1] == lines[1]
    assert to_wgs84(lines, "wgs84")[0] == lines[0]
    with pytest.raises(DatumError, match="did you mean gcj02"):
        to_wgs84(lines, "gcj2")
