import geopandas as gpd
import numpy as np
import osmnx as ox
import pytest
import shapely

from layers.area import StudyArea
from layers.errors import DatumError, LayerError
from layers.street_assumptions import StreetAssumptions
from layers.streets import read_streets
from layers.tables import STREETS
from layers.vectors import LayerSource

# A cross at node 3: a two-way street 1-2-3, a one-way 3-4 drawn 4 to 3 with oneway=-1, a bridge 3-5-6 of
# which only 5-6 is the bridge, a footway 3-7, a road far away 8-9 and one closed to cars 1-7.
NODES = {
    1: (0, 0),
    2: (1, 0.2),
    3: (2, 0),
    4: (2, 2),
    5: (3, 0),
    6: (4, 0),
    7: (2, -2),
    8: (900, 0),
    9: (901, 0),
}
WAYS = {
    11: ([1, 2, 3], {"highway": "primary", "name": "柳泉路", "maxspeed": "60"}),
    12: ([4, 3], {"highway": "residential", "oneway": "-1"}),
    13: ([3, 5], {"highway": "primary_link", "maxspeed": "30 mph"}),
    14: ([5, 6], {"highway": "primary_link", "bridge": "viaduct", "maxspeed": "fast"}),
    15: ([3, 7], {"highway": "footway"}),
    16: ([8, 9], {"highway": "primary"}),
    17: ([1, 7], {"highway": "service", "access": "no"}),
    18: ([7, 6], {"building": "yes"}),
}  # fmt: skip
EAST, NORTH = 118.0, 36.9
STEP = 0.001


def osm_text():
    rows = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6" generator="test">']
    rows += [
        f'<node id="{node}" version="1" lat="{NORTH + y * STEP}" lon="{EAST + x * STEP}"/>'
        for node, (x, y) in NODES.items()
    ]
    for way, (nodes, tags) in WAYS.items():
        refs = "".join(f'<nd ref="{node}"/>' for node in nodes)
        kept = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        rows.append(f'<way id="{way}" version="1">{refs}{kept}</way>')
    return "\n".join([*rows, "</osm>"])


@pytest.fixture
def crossing(tmp_path):
    (tmp_path / "crossing.osm").write_text(osm_text(), encoding="utf-8")
    boundary = tmp_path / "boundary.geojson"
    box = shapely.box(EAST - 0.01, NORTH - 0.01, EAST + 0.01, NORTH + 0.01)
    gpd.GeoDataFrame({"name": ["x"]}, geometry=[box], crs=4326).to_file(boundary)
    return LayerSource(path=tmp_path / "crossing.osm"), StudyArea.from_file(boundary)


def reason_rows(account, words):
    return int(account.loc[account["reason"].str.contains(words, regex=False), "rows"].sum())


def test_osm_streets_by_hand(crossing):
    source, area = crossing
    frame, account = read_streets(source, area)
    ends = frame.set_index(["u", "v"])
    assert set(ends.index) == {(1, 3), (3, 4), (3, 5), (5, 6)}
    assert ends["oneway"].to_dict() == {(1, 3): False, (3, 4): True, (3, 5): False, (5, 6): False}
    assert ends["bridge"].to_dict() == {(1, 3): False, (3, 4): False, (3, 5): False, (5, 6): True}
    assert not frame["tunnel"].any()
    assert ends["street_class"].astype("str").to_dict() == {
        (1, 3): "primary", (3, 4): "residential", (3, 5): "primary", (5, 6): "primary",
    }  # fmt: skip
    assert ends["speed_kmh"].to_dict() == {
        (1, 3): 60.0, (3, 4): 25.0, (3, 5): pytest.approx(48.28032), (5, 6): 50.0,
    }  # fmt: skip
    assert ends.loc[(1, 3), "name"] == "柳泉路"
    assert len(ends.loc[(1, 3), "geometry"].coords) == 3
    assert reason_rows(account, "speed is not understood") == 1
    assert reason_rows(account, "closed to motor vehicles") == 1
    assert reason_rows(account, "class that is not asked for") == 1
    assert reason_rows(account, "outside the bounds") == 1
    assert reason_rows(account, "ways with the tag highway") == 7


def test_lines_run_from_u_to_v_and_have_the_length_of_the_ground(crossing):
    source, area = crossing
    frame, _ = read_streets(source, area)
    degrees = frame.geometry.to_crs(4326)
    for (u, v), line in zip(frame[["u", "v"]].to_numpy(), degrees, strict=True):
        for node, place in ((u, line.coords[0]), (v, line.coords[-1])):
            x, y = NODES[node]
            assert place == pytest.approx((EAST + x * STEP, NORTH + y * STEP), abs=1e-9)
    straight = frame.set_index(["u", "v"]).loc[(3, 5), "length_m"]
    # One thousandth of a degree along the parallel of 36.9° on the CGCS2000 ellipsoid.
    phi, a, e2 = np.radians(36.9), 6378137.0, 0.00669438
    expected = np.radians(STEP) * a * np.cos(phi) / np.sqrt(1 - e2 * np.sin(phi) ** 2)
    assert straight == pytest.approx(expected, rel=1e-3)
    np.testing.assert_allclose(frame["length_m"], frame.length)


def test_a_way_that_an_extract_cuts_is_shortened(crossing):
    source, area = crossing
    cut = (
        osm_text()
        .replace('<nd ref="6"/></way>', "</way>")
        .replace('<nd ref="5"/><nd ref="6"/>', '<nd ref="5"/><nd ref="99"/><nd ref="6"/>')
    )
    cut = cut.replace(
        '<nd ref="1"/><nd ref="2"/><nd ref="3"/>',
        '<nd ref="98"/><nd ref="1"/><nd ref="2"/><nd ref="3"/>',
    )
    source.path.write_text(cut, encoding="utf-8")
    frame, account = read_streets(source, area)
    assert set(map(tuple, frame[["u", "v"]].to_numpy().tolist())) == {(1, 3), (3, 4), (3, 5)}
    assert reason_rows(account, "shortened to the nodes in the file") == 1
    assert reason_rows(account, "without node positions") == 1


def test_footways_only_when_asked_for(crossing):
    source, area = crossing
    frame, _ = read_streets(source, area, footways=True)
    pairs = {tuple(sorted(pair)) for pair in frame[["u", "v"]].to_numpy().tolist()}
    # The footway 3-7 and the closed way 7-1 meet at node 7, where the class changes.
    assert {(3, 7), (1, 7)} <= pairs
    assert (frame["street_class"] == "footway").sum() == 1


def test_osmnx_is_left_as_it_was(crossing, tmp_path, monkeypatch, capsys):
    source, area = crossing
    monkeypatch.chdir(tmp_path)
    before = {name: value for name, value in vars(ox.settings).items() if not name.startswith("_")}
    files = set(tmp_path.iterdir())
    read_streets(source, area)
    after = {name: value for name, value in vars(ox.settings).items() if not name.startswith("_")}
    assert after == before
    assert set(tmp_path.iterdir()) == files
    assert capsys.readouterr() == ("", "")


def test_osm_with_a_shifted_datum_is_refused(crossing):
    source, area = crossing
    with pytest.raises(DatumError, match="OpenStreetMap, which is in WGS 84"):
        read_streets(LayerSource(path=source.path, datum="gcj02"), area)


def test_a_truncated_pbf_is_one_sentence(tmp_path, crossing, shared_data):
    whole = (shared_data / "osm" / "andorra.osm.pbf").read_bytes()
    (tmp_path / "cut.osm.pbf").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LayerError, match=r"cut\.osm\.pbf .*cut") as raised:
        read_streets(LayerSource(path=tmp_path / "cut.osm.pbf"), crossing[1])
    assert str(tmp_path) not in str(raised.value)


def test_no_street_in_the_area_is_one_sentence(tmp_path, crossing):
    source, area = crossing
    only = osm_text().replace('v="primary"', 'v="x"').replace('v="residential"', 'v="x"')
    source.path.write_text(only.replace('v="primary_link"', 'v="x"'), encoding="utf-8")
    with pytest.raises(LayerError, match=r"crossing\.osm has no streets inside"):
        read_streets(source, area)


@pytest.fixture(scope="module")
def huantai():
    return StudyArea.from_adcode(370321)


def lines_file(path, area, lines, **columns):
    point = area.boundary.representative_point()
    x, y = round(point.x, -2), round(point.y, -2)
    shapes = [shapely.LineString([(x + a, y + b) for a, b in line]) for line in lines]
    gpd.GeoDataFrame(columns, geometry=shapes, crs=area.crs).to_file(path)
    return path


def test_a_line_file_by_hand(tmp_path, huantai):
    path = lines_file(
        tmp_path / "roads.gpkg", huantai,
        [[(0, 0), (100, 0)], [(100.004, 0), (100, 80)], [(300, 0), (0, 0)], [(5, 5), (5, 9)], [(50, -50), (50, 50)]],
        等级=["主干路", "支路", "高速公路", "人行道", "奇怪"], 限速=["60", None, "999", None, "40"],
        单行=["是", "否", "-1", None, "?"], 桥梁=["是", "否", None, None, "0"],
        路名=["甲", "乙", None, None, "丁"],
    )  # fmt: skip
    frame, account = read_streets(LayerSource(path=path, preset="survey"), huantai)
    assert frame["street_class"].astype("str").tolist() == [
        "primary",
        "tertiary",
        "motorway",
        "unclassified",
    ]
    assert frame["oneway"].tolist() == [True, False, True, False]
    assert frame["speed_kmh"].tolist() == [60, 35, 100, 40]
    assert frame["bridge"].tolist() == [True, False, False, False]
    assert frame["length_m"].tolist() == pytest.approx([100, 80, 300, 100], abs=0.01)
    first, second, third, _ = frame[["u", "v"]].to_numpy().tolist()
    assert first[1] == second[0]  # 4 mm apart is the same node
    # Drawn against its direction: turned, it starts where the first line starts.
    assert third[0] == first[0]
    assert frame.geometry.iloc[2].coords[0] == frame.geometry.iloc[0].coords[0]
    # A line that only crosses is not joined: eight ends, of which two pairs meet.
    assert len(np.unique(frame[["u", "v"]].to_numpy())) == 6
    assert reason_rows(account, "footway or path") == 1
    assert reason_rows(account, "奇怪 (1)") == 1
    assert reason_rows(account, "one-way word not understood") == 1
    assert reason_rows(account, "not between 1 and 200 km/h") == 1
    assert reason_rows(account, "turned") == 1
    STREETS.validate(frame, where="again")


def test_geofabrik_words_of_direction(tmp_path, huantai):
    path = lines_file(
        tmp_path / "roads.gpkg", huantai,
        [[(0, 0), (10, 0)], [(0, 5), (10, 5)], [(0, 9), (10, 9)]],
        fclass=["trunk_link", "track_grade3", "residential"], oneway=["F", "T", "B"], maxspeed=[0, 30, 0],
        bridge=["T", "F", "F"],
    )  # fmt: skip
    frame, _ = read_streets(LayerSource(path=path, preset="geofabrik"), huantai)
    assert frame["oneway"].tolist() == [True, True, False]
    assert frame.geometry.iloc[0].coords[0][0] < frame.geometry.iloc[0].coords[-1][0]
    assert frame.geometry.iloc[1].coords[0][0] > frame.geometry.iloc[1].coords[-1][0]
    assert frame["street_class"].astype("str").tolist() == ["trunk", "track", "residential"]
    assert frame["speed_kmh"].tolist() == [70, 30, 25]
    assert frame["bridge"].tolist() == [True, False, False]


def test_speeds_are_assumptions(tmp_path, huantai):
    path = lines_file(
        tmp_path / "roads.gpkg", huantai, [[(0, 0), (10, 0)]], street_class=["service"]
    )
    assumptions = StreetAssumptions.from_mapping({"speed_kmh": {"service": 7.0}})
    frame, _ = read_streets(LayerSource(path=path), huantai, assumptions=assumptions)
    assert frame["speed_kmh"].tolist() == [7.0]


def test_case_columns_and_classes(tmp_path, huantai):
    path = lines_file(tmp_path / "roads.gpkg", huantai, [[(0, 0), (10, 0)]], KIND=["A"], V=[45])
    source = LayerSource(
        path=path, columns={"street_class": "KIND", "speed_kmh": "V"}, classes={"A": "trunk"}
    )
    frame, _ = read_streets(source, huantai)
    assert (str(frame["street_class"].iloc[0]), frame["speed_kmh"].iloc[0]) == ("trunk", 45)


@pytest.mark.parametrize(
    ("name", "bounds", "ways"),
    [("monaco", (7.3, 43.4, 7.6, 43.8), 2830), ("andorra", (1.0, 41.7, 1.9, 42.8), 1615)],
)
def test_real_streets(shared_data, tmp_path, name, bounds, ways):
    boundary = tmp_path / "boundary.geojson"
    gpd.GeoDataFrame({"name": [name]}, geometry=[shapely.box(*bounds)], crs=4326).to_file(boundary)
    area = StudyArea.from_file(boundary)
    source = LayerSource(path=shared_data / "osm" / f"{name}.osm.pbf")
    frame, account = read_streets(source, area)
    assert reason_rows(account, "ways with the tag highway") == pytest.approx(ways, abs=30)
    assert len(frame) > 1000
    assert (frame["street_class"] != "footway").all()
    # One row per physical segment: no two lines lie on each other, whichever way they run.
    shapes = shapely.normalize(frame.geometry.to_numpy())
    assert len(set(shapely.to_wkb(shapes))) == len(frame)
    assert 0 < frame["oneway"].mean() < 1
    assert frame["u"].dtype == frame["v"].dtype
    assert frame["u"].max() > 2**31 or name == "andorra"
    lost = frame["length_m"].sum() / frame.geometry.length.sum()
    assert lost == pytest.approx(1.0)
