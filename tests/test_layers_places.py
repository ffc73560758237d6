"""Stations, heat sources, substations, constraints, parks and townships: one place or outline per row."""

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from layers.area import StudyArea
from layers.constraints import read_constraints
from layers.errors import LayerError
from layers.heat_sources import read_heat_sources
from layers.parks import read_parks
from layers.stations import read_stations
from layers.substations import read_substations
from layers.tables import STATIONS
from layers.townships import read_townships
from layers.vectors import LayerSource


@pytest.fixture(scope="module")
def zibo():
    return StudyArea.from_adcode(370300)


@pytest.fixture(scope="module")
def towns(tmp_path_factory):
    """Monaco and Andorra as study areas drawn around the data."""
    folder = tmp_path_factory.mktemp("areas")
    bounds = {"monaco": (7.3, 43.4, 7.6, 43.8), "andorra": (1.0, 41.7, 1.9, 42.8)}
    areas = {}
    for name, box in bounds.items():
        path = folder / f"{name}.geojson"
        gpd.GeoDataFrame({"name": [name]}, geometry=[shapely.box(*box)], crs=4326).to_file(path)
        areas[name] = StudyArea.from_file(path)
    return areas


def osm(shared_data, name):
    return LayerSource(path=shared_data / "osm" / f"{name}.osm.pbf")


def reason_rows(account, words):
    return int(account.loc[account["reason"].str.contains(words, regex=False), "rows"].sum())


def kinds(frame):
    counts = frame["kind"].value_counts()
    return counts[counts > 0].to_dict()


def csv_file(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def osm_file(path, rows):
    text = '<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6" generator="test">'
    path.write_text(text + "\n".join(rows) + "</osm>", encoding="utf-8")
    return path


def node(number, lon, lat, **tags):
    inner = "".join(
        f'<tag k="{key.replace("__", ":")}" v="{value}"/>' for key, value in tags.items()
    )
    return f'<node id="{number}" version="1" lat="{lat}" lon="{lon}">{inner}</node>'


def square_way(number, lon, lat, **tags):
    """A square of 0.001 degrees and its four nodes."""
    step = 0.001
    corners = [(0, 0), (step, 0), (step, step), (0, step)]
    nodes = [node(number * 10 + i, lon + x, lat + y) for i, (x, y) in enumerate(corners)]
    refs = "".join(f'<nd ref="{number * 10 + i}"/>' for i in (0, 1, 2, 3, 0))
    inner = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
    return nodes, f'<way id="{number}" version="1">{refs}{inner}</way>'


# ------------------------------------------------------------------------------------ stations
def test_petrol_stations_of_monaco_and_andorra(shared_data, towns):
    monaco, _ = read_stations(osm(shared_data, "monaco"), towns["monaco"])
    # Three are tagged amenity=fuel alone, a fourth sells fuel among other things.
    assert kinds(monaco) == {"fuel": 4}
    assert "Esso" in set(monaco["name"])
    andorra, account = read_stations(osm(shared_data, "andorra"), towns["andorra"])
    assert kinds(andorra) == {"fuel": 19}
    assert reason_rows(account, "ODbL") > 0
    assert (andorra["source"] == "OpenStreetMap").all()


def test_an_area_without_stations_gives_an_empty_table(tmp_path, zibo):
    source = LayerSource(
        path=osm_file(tmp_path / "s.osm", [node(6, 118.06, 36.9, amenity="bench")])
    )
    frame, account = read_stations(source, zibo)
    STATIONS.validate(frame, where="again")
    assert len(frame) == 0
    assert frame.crs == zibo.crs
    assert reason_rows(account, "no station") == 1
    for read in (read_parks, read_constraints):
        assert len(read(source, zibo).frame) == 0


def test_osm_stations_by_hand(tmp_path, zibo):
    plot, way = square_way(7, 118.0, 36.9, amenity="fuel", name="A")
    rows = [
        node(1, 118.0005, 36.9005, amenity="fuel", name="pump inside the plot"),
        node(2, 118.02, 36.9, amenity="charging_station", capacity="12"),
        node(3, 118.03, 36.9, amenity="fuel", fuel__h2="yes"),
        node(4, 118.04, 36.9, amenity="fuel", fuel__h2="yes", fuel__diesel="yes"),
        node(5, 118.05, 36.9, amenity="fuel", fuel__cng="yes"),
        node(6, 118.06, 36.9, amenity="bench"),
        node(8, 118.0005, 36.9006, amenity="charging_station"),
        *plot,
        way,
    ]
    frame, account = read_stations(LayerSource(path=osm_file(tmp_path / "s.osm", rows)), zibo)
    assert frame["kind"].astype("str").to_dict() == {
        "node/2": "charging", "node/3": "hydrogen", "node/4": "fuel", "node/5": "gas", "way/7": "fuel",
        "node/8": "charging",
    }  # fmt: skip
    assert frame.loc["node/2", "points"] == 12
    # 0.001° by 0.001° near 36.9° N is about 89.1 m by 111.0 m.
    assert frame.loc["way/7", "area_m2"] == pytest.approx(89.14 * 110.97, rel=2e-3)
    assert frame["area_m2"].notna().sum() == 1
    assert frame.geometry.geom_type.eq("Point").all()
    assert reason_rows(account, "point inside the polygon of the same station") == 1


def test_stations_from_a_table_with_chinese_words(tmp_path, zibo):
    path = csv_file(
        tmp_path / "s.csv",
        "名称,类型,经度,纬度,枪数,功率\n甲,加油站,118.0,36.8,8,\n乙,充电站,118.1,36.8,20,1.2MW\n"
        "丙,加氢站,118.1,36.9,2.5,大\n丁,餐馆,118.1,36.9,,\n戊,换电站,110.0,30.0,,\n",
    )
    frame, account = read_stations(LayerSource(path=path, preset="survey"), zibo)
    # The name is looked at after the type, so that no station is lost to an odd word.
    assert kinds(frame) == {"fuel": 1, "charging": 1, "hydrogen": 1}
    assert frame["points"].fillna(-1).tolist() == [8, 20, -1]
    assert frame["power_kw"].fillna(-1).tolist() == [-1, 1200, -1]
    assert reason_rows(account, "whose kind is not known") == 1
    assert reason_rows(account, "outside the study area") == 1
    assert reason_rows(account, "power is not understood") == 1
    assert frame["county"].isin(zibo.counties.index).all()


# -------------------------------------------------------------------------------- heat sources
def test_the_39_sites_of_zibo(shared_data, zibo):
    path = shared_data / "zibo_sites.csv"
    frame, account = read_heat_sources(LayerSource(path=path, preset="gem_zibo"), zibo)
    assert len(frame) == 39
    sites = pd.read_csv(path, dtype={"adcode": str})
    # The published county of each site is the one its position lies in.
    np.testing.assert_array_equal(frame["county"], sites["adcode"])
    np.testing.assert_array_equal(frame["electric_mw"], sites["mw"])
    assert frame["name"].tolist()[0] == "华能白杨河电厂"
    assert frame["status"].value_counts()[lambda n: n > 0].to_dict() == {
        "operating": 17, "retired": 12, "planned": 7, "construction": 2, "cancelled": 1,
    }  # fmt: skip
    coal = (sites["type"] == "coal") & (sites["status"] == "operating")
    assert frame.loc[coal.to_numpy(), "electric_mw"].sum() == 3796.0
    assert frame.loc[coal.to_numpy(), "units"].sum() == 29
    found = frame["kind"].astype("str").to_numpy()
    for captive, kind in {
        "chemicals": "chemical",
        "aluminum": "aluminium",
        "pulp & paper": "paper",
    }.items():
        assert (found[sites["captive"] == captive] == kind).all()
    for captive in ("machinery", "agriculture"):  # no heat-giving process: by its fuel
        assert (found[sites["captive"] == captive] == "coal_chp").all()
    assert (found[sites["type"] == "waste"] == "waste_to_energy").all()
    assert (found[sites["type"] == "steel"] == "steel").all()
    assert frame["start_year"].min() == 1969
    assert frame["source"].str.startswith("GEM G").all()
    assert reason_rows(account, "CC BY 4.0") == 39


def test_heat_sources_from_a_workbook(tmp_path, zibo):
    book = openpyxl.Workbook()
    for row in (
        ["code", "kind", "status", "heat_mw", "temperature_c", "units", "lon", "lat"],
        ["a", "Refinery", "operating", 120.5, 90, 2, 118.2, 36.8],
        ["b", "bakery", None, "viel", None, 1.5, 118.2, 36.8],
    ):
        book.active.append(row)
    book.save(tmp_path / "h.xlsx")
    source = LayerSource(path=tmp_path / "h.xlsx", key="code")
    frame, account = read_heat_sources(source, zibo)
    assert frame.index.tolist() == ["a", "b"]
    assert frame["kind"].astype("str").tolist() == ["refinery", "other"]
    assert frame["status"].astype("str").tolist() == ["operating", "operating"]
    assert frame.loc["a", ["heat_mw", "temperature_c", "units"]].tolist() == [120.5, 90.0, 2]
    assert frame.loc["b", ["heat_mw", "units"]].isna().all()
    assert reason_rows(account, "status not stated") == 1
    assert reason_rows(account, "heat_mw is no number") == 1
    assert reason_rows(account, "units is no whole number") == 1
    assert reason_rows(account, "bakery (1)") == 1


def test_an_unknown_status_is_refused(tmp_path, zibo):
    path = csv_file(tmp_path / "h.csv", "kind,status,lon,lat\nsteel,asleep,118.2,36.8\n")
    with pytest.raises(LayerError, match="status 'asleep' in 1 rows, first h-2"):
        read_heat_sources(LayerSource(path=path), zibo)


def test_polygons_of_plants_become_points(tmp_path, zibo):
    path = tmp_path / "h.gpkg"
    box = shapely.box(118.2, 36.8, 118.21, 36.81)
    gpd.GeoDataFrame({"kind": ["cement"]}, geometry=[box], crs=4326).to_file(path)
    frame, _ = read_heat_sources(LayerSource(path=path), zibo)
    assert box.contains(frame.geometry.to_crs(4326).iloc[0])


# --------------------------------------------------------------------------------- substations
GRID = (
    "voltage_kv,capacity_mva,transformers,load_mw,connected_mw,registered_mw,parent_id,id,lon,lat\n"
)


def test_substations_from_a_table(tmp_path, zibo):
    path = csv_file(
        tmp_path / "g.csv",
        GRID
        + "110,100,2,30,5,1,,A,118.1,36.9\n35,20,1,3,4,0,A,B,118.1,36.95\n10,2,1,1,0,0,Z,C,118.1,36.95\n",
    )
    frame, account = read_substations(LayerSource(path=path, key="id"), zibo)
    assert frame.loc["A", ["voltage_kv", "capacity_mva", "load_mw"]].tolist() == [110, 100, 30]
    assert frame["transformers"].tolist() == [2, 1, 1]
    assert frame["parent_id"].fillna("-").tolist() == ["-", "A", "Z"]
    assert reason_rows(account, "parent is not among") == 1


def test_missing_numbers_are_refused_unless_defaults_are_stated(tmp_path, zibo):
    path = csv_file(
        tmp_path / "g.csv", GRID + "110,,2,30,5,,,A,118.1,36.9\n110,50,,1,1,,,B,118.1,36.9\n"
    )
    source = LayerSource(path=path, key="id")
    with pytest.raises(
        LayerError, match=r"lacks capacity_mva in 1 rows, transformers in 1 rows, reg"
    ):
        read_substations(source, zibo)
    defaults = {"capacity_mva": 63.0, "transformers": 1, "registered_mw": 0.0}
    frame, account = read_substations(source, zibo, defaults=defaults)
    assert frame["capacity_mva"].tolist() == [63, 50]
    assert reason_rows(account, "registered_mw taken as 0, as stated") == 2
    with pytest.raises(LayerError, match=r"set 'capacity'.*did you mean capacity_mva"):
        read_substations(source, zibo, defaults={"capacity": 3})


def test_osm_gives_the_place_and_the_voltage_of_a_substation(tmp_path, zibo):
    plot, way = square_way(7, 118.0, 36.9, power="substation", voltage="35000;110000", name="A")
    rows = [node(1, 118.1, 36.9, power="tower"), *plot, way]
    source = LayerSource(path=osm_file(tmp_path / "g.osm", rows))
    with pytest.raises(LayerError, match="lacks capacity_mva in 1 rows"):
        read_substations(source, zibo)
    stated = dict.fromkeys(("load_mw", "connected_mw", "registered_mw"), 0.0)
    frame, _ = read_substations(
        source, zibo, defaults={**stated, "capacity_mva": 100, "transformers": 2}
    )
    assert frame.index.tolist() == ["way/7"]
    assert frame["voltage_kv"].tolist() == [110.0]


# --------------------------------------------------------------------------------- constraints
def test_constraints_of_monaco_and_andorra(shared_data, towns):
    monaco, _ = read_constraints(osm(shared_data, "monaco"), towns["monaco"])
    andorra, account = read_constraints(osm(shared_data, "andorra"), towns["andorra"])
    found = kinds(monaco)
    assert found["hospital"] >= 4
    assert found["car_park"] >= 23
    assert {"school", "railway", "government", "water", "arterial"} <= set(found)
    found = kinds(andorra)
    # One row per object: 44 landuse=forest, and wood beside it.
    assert found["forest"] >= 44
    assert {"power_line", "farmland", "car_park", "bus_depot"} <= set(found)
    assert not andorra.index.duplicated().any()
    assert reason_rows(account, "constrains nothing") > 0
    types = set(andorra.geometry.geom_type)
    assert {"Point", "LineString", "Polygon"} <= types


def test_constraints_from_a_file(tmp_path, zibo):
    path = tmp_path / "c.gpkg"
    shapes = [
        shapely.Point(118.1, 36.9),
        shapely.LineString([(118, 36.9), (118.1, 36.9)]),
        shapely.Point(118, 37),
    ]
    words = ["school", "railway", "pond"]
    gpd.GeoDataFrame({"K": words, "name": ["甲", None, None]}, geometry=shapes, crs=4326).to_file(
        path
    )
    source = LayerSource(path=path, columns={"kind": "K"}, classes={"pond": "water"})
    frame, _ = read_constraints(source, zibo)
    assert frame["kind"].astype("str").tolist() == ["school", "railway", "water"]
    without = LayerSource(path=path, columns={"kind": "K"})
    frame, account = read_constraints(without, zibo)
    assert len(frame) == 2
    assert reason_rows(account, "pond (1)") == 1


# --------------------------------------------------------------------------- parks and townships
def test_parks_of_andorra(shared_data, towns):
    frame, account = read_parks(osm(shared_data, "andorra"), towns["andorra"])
    found = kinds(frame)
    assert found["residential"] == 26
    assert (found["industrial"], found["commercial"]) == (1, 1)
    assert (frame["confidence"] == "read").all()
    assert reason_rows(account, "land use that is no park") == 56


def test_parks_from_a_file_with_chinese_words(tmp_path, zibo):
    path = tmp_path / "p.geojson"
    boxes = [shapely.box(118.0 + i / 50, 36.9, 118.01 + i / 50, 36.91) for i in range(4)]
    names = ["淄博高新技术产业开发区", "齐鲁化学工业区", "桓台经济开发区", "某地"]
    levels = ["国家级", "省级", None, "村"]
    gpd.GeoDataFrame({"园区名称": names, "级别": levels}, geometry=boxes, crs=4326).to_file(path)
    frame, account = read_parks(LayerSource(path=path, preset="survey"), zibo)
    assert frame["kind"].astype("str").tolist() == ["high_tech", "chemical", "development", "other"]
    assert frame["level"].astype("str").fillna("-").tolist() == ["national", "provincial", "-", "-"]
    assert frame["name"].tolist() == names
    assert (frame["confidence"] == "unverified").all()
    assert reason_rows(account, "confidence not stated") == 4


def test_townships(tmp_path, zibo):
    path = tmp_path / "t.gpkg"
    boxes = [shapely.box(118.0, 36.9, 118.05, 36.95), shapely.box(100, 30, 100.1, 30.1)]
    gpd.GeoDataFrame(
        {"code": ["1", "2"], "镇": ["果里镇", "别处"]}, geometry=boxes, crs=4326
    ).to_file(path)
    source = LayerSource(path=path, key="code", columns={"name": "镇"})
    frame, account = read_townships(source, zibo)
    assert frame["name"].to_dict() == {"1": "果里镇"}
    assert frame["county"].iloc[0] in zibo.counties.index
    assert account.loc[account["action"] == "kept", "rows"].iloc[-1] == 1
    with pytest.raises(LayerError, match="has no classes"):
        read_townships(LayerSource(path=path, classes={"a": "b"}), zibo)
