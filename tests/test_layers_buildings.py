import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely

from layers.area import StudyArea
from layers.building_assumptions import BuildingAssumptions
from layers.buildings import read_buildings
from layers.coordinates import wgs84_to_gcj02
from layers.errors import DatumError, LayerError
from layers.tables import BUILDINGS, PARKS, TOWNSHIPS
from layers.terrain import Terrain
from layers.vectors import LayerSource


@pytest.fixture(scope="module")
def huantai():
    return StudyArea.from_adcode(370321)


def middle(area):
    point = area.boundary.representative_point()
    return round(point.x, -2), round(point.y, -2)


def squares(area, count, *, side=20.0, step=40.0):
    x, y = middle(area)
    numbers = np.arange(count)
    west, south = x + step * (numbers % 50), y + step * (numbers // 50)
    return shapely.box(west, south, west + side, south + side)


def written(path, area, count, **columns):
    frame = gpd.GeoDataFrame(columns, geometry=squares(area, count), crs=area.crs)
    frame.to_file(path)
    return path


def rows_of(account, words):
    return int(account.loc[account["reason"].str.contains(words, regex=False), "rows"].sum())


def box_area(path, bounds, *, name):
    gpd.GeoDataFrame({"name": [name]}, geometry=[shapely.box(*bounds)], crs=4326).to_file(path)
    return StudyArea.from_file(path, name=name)


def test_a_plain_file_gives_every_column(tmp_path, huantai):
    path = written(
        tmp_path / "roofs.gpkg", huantai, 4,
        use=["school", "shop", None, "castle"], height_m=["12 m", None, None, "0"],
        storeys=["3", "２层", None, "九层"], roof_shape=["flat", None, "gable", "onion"],
        name=["<b>一中</b>", None, None, None],
    )  # fmt: skip
    frame, account = read_buildings(LayerSource(path=path), huantai)
    assert frame["use"].tolist() == ["school", "shop", "other", "other"]
    assert frame["use_source"].tolist() == ["own", "own", "default", "default"]
    assert frame["height_m"].tolist() == [12.0, 8.4, 6.0, pytest.approx(28.8)]
    assert frame["height_source"].tolist() == ["own", "storeys", "default", "storeys"]
    assert frame["storeys"].fillna(0).tolist() == [3, 2, 0, 9]
    assert frame["roof_shape"].astype("str").fillna("-").tolist() == ["flat", "-", "gable", "-"]
    assert frame["name"].iloc[0] == "<b>一中</b>"
    assert (frame["county"] == "370321").all()
    assert (frame["source"] == "roofs.gpkg").all()
    np.testing.assert_allclose(frame["footprint_m2"], 400.0)
    assert frame["ground_m"].isna().all()
    assert rows_of(account, "castle (1)") == 1
    assert rows_of(account, "height is below 0.5 m or above 900 m") == 1
    assert rows_of(account, "use not known, taken as other") == 2


def test_reading_is_valid_and_keeps_the_file(tmp_path, huantai):
    path = written(tmp_path / "roofs.gpkg", huantai, 3, storeys=[1, 2, 3])
    before = path.read_bytes()
    frame, _ = read_buildings(LayerSource(path=path), huantai)
    BUILDINGS.validate(frame, where="again")
    assert frame.crs == huantai.crs
    assert path.read_bytes() == before


def test_a_negative_height_is_refused_with_the_row(tmp_path, huantai):
    path = written(tmp_path / "roofs.gpkg", huantai, 3, height_m=[3.0, -9999.0, 5.0])
    with pytest.raises(LayerError, match=r"negative height in 1 rows \(first roofs-\d: -9999 m\)"):
        read_buildings(LayerSource(path=path), huantai)


def test_a_number_that_means_not_known_is_named_in_a_preset(tmp_path, huantai):
    path = written(tmp_path / "roofs.gpkg", huantai, 2, height=[-999.0, 5.0])
    source = LayerSource(path=path, preset="global_building_atlas")
    frame, account = read_buildings(source, huantai)
    assert frame["height_source"].tolist() == ["default", "own"]
    assert rows_of(account, "forbids commercial use") == 2


def test_the_smallest_polygon_around_gives_the_use_and_the_park_its_key(tmp_path, huantai):
    path = written(tmp_path / "roofs.gpkg", huantai, 4, use=[None, None, None, "hospital"])
    boxes = squares(huantai, 4)
    x, y = middle(huantai)
    parks = gpd.GeoDataFrame(
        {
            "kind": ["chemical", "residential"], "confidence": "read", "county": "370321", "source": "test",
        },
        index=pd.Index(["park", "land"], dtype="str", name="park_id"),
        geometry=[shapely.box(x - 5, y - 5, x + 65, y + 30), shapely.box(x + 38, y - 5, x + 105, y + 30)],
        crs=huantai.crs,
    )  # fmt: skip
    parks = PARKS.validate(parks, where="parks")
    frame, account = read_buildings(LayerSource(path=path), huantai, parks=parks)
    assert shapely.contains(parks.geometry.iloc[0], boxes[0])
    # The second lies in both (the residential polygon is the smaller), the third in the residential only.
    assert frame["use"].tolist() == ["industrial", "apartment", "apartment", "hospital"]
    assert frame["use_source"].tolist() == ["park", "land_use", "land_use", "own"]
    assert frame["park_id"].fillna("-").tolist() == ["park", "park", "-", "-"]
    assert rows_of(account, "use taken from the park or land-use polygon") == 3


def test_townships_are_joined_by_the_inner_point(tmp_path, huantai):
    path = written(tmp_path / "roofs.gpkg", huantai, 2)
    x, y = middle(huantai)
    townships = gpd.GeoDataFrame(
        {"name": ["马桥镇"], "county": "370321", "source": "test"},
        index=pd.Index(["t1"], dtype="str", name="township_id"),
        geometry=[shapely.box(x - 5, y - 5, x + 30, y + 30)],
        crs=huantai.crs,
    )
    townships = TOWNSHIPS.validate(townships, where="townships")
    frame, _ = read_buildings(LayerSource(path=path), huantai, townships=townships)
    assert frame["township_id"].fillna("-").tolist() == ["t1", "-"]


def ground(area, elevation_m):
    x, y = middle(area)
    return Terrain(
        elevation_m=np.full((60, 60), elevation_m, dtype=np.float32), west_m=x - 1000.0,
        north_m=y + 1000.0, cell_m=100.0, crs=pyproj.CRS(area.crs), source="synthetic", synthetic=True,
    )  # fmt: skip


def test_ground_and_surface_model(tmp_path, huantai):
    path = written(tmp_path / "roofs.gpkg", huantai, 2, storeys=[None, 2.0])
    source = LayerSource(path=path)
    frame, account = read_buildings(
        source, huantai, surface=ground(huantai, 45.0), terrain=ground(huantai, 30.0)
    )
    assert frame["height_m"].tolist() == [15.0, 6.4]
    assert frame["height_source"].tolist() == ["surface_model", "storeys"]
    assert frame["ground_m"].tolist() == [30.0, 30.0]
    assert rows_of(account, "surface model minus terrain") == 1
    with pytest.raises(LayerError, match="surface model was given without terrain"):
        read_buildings(source, huantai, surface=ground(huantai, 45.0))


def test_what_is_laid_over_the_buildings_must_be_in_the_crs_of_the_area(tmp_path, huantai):
    path = written(tmp_path / "roofs.gpkg", huantai, 2)
    parks = PARKS.empty(crs="EPSG:4547")
    with pytest.raises(DatumError, match="parks given with the buildings is in CGCS2000"):
        read_buildings(LayerSource(path=path), huantai, parks=parks)


def test_assumptions_are_used(tmp_path, huantai):
    path = written(tmp_path / "roofs.gpkg", huantai, 2, storeys=[None, 2.0])
    assumptions = BuildingAssumptions.from_mapping(
        {
            "default_use": "rural_home",
            "storey_height_m": {"rural_home": 4.0},
            "default_height_m": {"rural_home": 5.0},
        }
    )
    frame, _ = read_buildings(LayerSource(path=path), huantai, assumptions=assumptions)
    assert frame["height_m"].tolist() == [5.0, 8.0]
    large = BuildingAssumptions(minimum_footprint_m2=500.0)
    with pytest.raises(LayerError, match=r"no buildings inside"):
        read_buildings(LayerSource(path=path), huantai, assumptions=large)


def test_the_roof_is_taken_off_a_height_to_the_ridge(tmp_path, huantai):
    path = tmp_path / "roofs.geojson"
    frame = gpd.GeoDataFrame(
        {"id": ["a", "b"], "height": [12.0, 3.0], "roof_height": [4.0, 5.0], "class": ["barn", "house"]},
        geometry=squares(huantai, 2), crs=huantai.crs,
    )  # fmt: skip
    frame.to_crs(4326).to_file(path)
    read, _ = read_buildings(LayerSource(path=path, preset="overture"), huantai)
    assert read.loc["a", "height_m"] == 8.0
    assert read.loc["b", "height_m"] == 3.0  # a roof higher than the house is not believed
    assert read["use"].tolist() == ["agricultural", "rural_home"]


def bow_tie(box):
    west, south, east, north = box.bounds
    return shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])


def test_a_gbk_shapefile_from_a_web_map_loads_after_naming_the_datum(tmp_path, huantai):
    """200 outlines in GCJ-02 with 层数 as text: 40 bow-ties, then 30 exact duplicates."""
    true = squares(huantai, 200)
    shapes = np.array([bow_tie(box) if number < 40 else box for number, box in enumerate(true)])
    degrees = gpd.GeoSeries(shapes, crs=huantai.crs).to_crs(4326).to_numpy()
    shifted = shapely.transform(
        degrees, lambda places: np.column_stack(wgs84_to_gcj02(places[:, 0], places[:, 1]))
    )
    storeys = [f"{1 + number % 6}层" for number in range(198)] + ["六层", "若干"]
    use = ["民房" if number % 2 else "厂房" for number in range(200)]
    frame = gpd.GeoDataFrame({"层数": storeys, "用途": use}, geometry=shifted, crs=4326)
    frame = pd.concat([frame, frame.iloc[-30:]], ignore_index=True)
    path = tmp_path / "房屋.shp"
    pyogrio.write_dataframe(frame, path, encoding="GBK")
    path.with_suffix(".cpg").unlink(missing_ok=True)

    source = LayerSource(
        path=path, datum="gcj02", encoding="gb18030", preset="survey",
        columns={"storeys": "层数", "use": "用途"},
    )  # fmt: skip
    read, account = read_buildings(source, huantai)
    assert rows_of(account, "rows read") == 230
    assert account.loc[account["action"] == "repaired", "rows"].max() == 40
    assert rows_of(account, "exact repetition") == 30
    assert rows_of(account, "storeys are not a number that is understood") == 1
    assert len(read) == 160 + 2 * 40
    whole = read[read["footprint_m2"] > 300]
    assert len(whole) == 160
    # Where the outlines lie after the datum is undone, against where they were drawn.
    nearest = shapely.STRtree(true).nearest(whole.geometry.to_numpy())
    apart = shapely.hausdorff_distance(whole.geometry.to_numpy(), true[nearest])
    assert apart.max() < 0.01
    assert sorted(nearest) == list(range(40, 200))
    by_place = pd.Series(whole.index, index=nearest)
    assert whole.loc[by_place[198], "storeys"] == 6
    assert whole.loc[by_place[198], "height_m"] == pytest.approx(30.0)
    assert whole.loc[by_place[199], "height_source"] == "default"
    assert set(whole["use"]) == {"rural_home", "industrial"}


@pytest.fixture(scope="module")
def monaco(shared_data, tmp_path_factory):
    return box_area(
        tmp_path_factory.mktemp("m") / "m.geojson", (7.4, 43.7, 7.45, 43.76), name="Monaco"
    )


def test_monaco(shared_data, monaco):
    path = shared_data / "osm" / "monaco.osm.pbf"
    everything = BuildingAssumptions(minimum_footprint_m2=0.0)
    frame, account = read_buildings(LayerSource(path=path), monaco, assumptions=everything)
    assert len(frame) == 1283
    assert (frame["source"] == "OpenStreetMap").all()
    assert int(frame["storeys"].notna().sum()) == 462
    counts = frame["height_source"].value_counts()
    assert counts["storeys"] + counts["own"] >= 462
    assert counts.sum() == 1283
    assert frame["use"].value_counts()["apartment"] >= 420
    assert rows_of(account, "yes (") > 600
    usual, account = read_buildings(LayerSource(path=path), monaco)
    assert len(usual) + rows_of(account, "smaller than 10 m²") == 1283


def test_andorra(shared_data, tmp_path):
    area = box_area(tmp_path / "a.geojson", (1.4, 42.4, 1.8, 42.7), name="Andorra")
    frame, _ = read_buildings(LayerSource(path=shared_data / "osm" / "andorra.osm.pbf"), area)
    assert len(frame) == 292
    assert (frame["height_source"] == "default").all()


def test_suzhou(shared_data, tmp_path):
    path = shared_data / "buildings" / "suzhou_floors.geojson"
    west, south, east, north = pyogrio.read_info(path, force_total_bounds=True)["total_bounds"]
    area = box_area(
        tmp_path / "s.geojson",
        (west - 0.02, south - 0.02, east + 0.02, north + 0.02),
        name="Suzhou",
    )
    # The file does not state its datum; web map outlines of this kind are in GCJ-02.
    frame, account = read_buildings(LayerSource(path=path, datum="gcj02", preset="gaode"), area)
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    floors = [feature["properties"]["Floor"] for feature in features]
    assert len(floors) == 3076
    dropped = account.loc[account["action"] == "dropped", "rows"].sum()
    assert 3076 - dropped <= len(frame) <= 3100
    assert (frame["height_source"] == "storeys").all()
    assert frame["storeys"].min() == min(floors) == 1
    assert frame["storeys"].max() == max(floors) == 28
    np.testing.assert_allclose(frame["height_m"], 3.2 * frame["storeys"].astype(float))
    assert rows_of(account, "licence is unclear") == len(frame)
    own, _ = read_buildings(
        LayerSource(path=path, datum="gcj02", columns={"height_m": "height"}), area
    )
    np.testing.assert_allclose(own["height_m"].min(), 3.0)
    assert (own["height_source"] == "own").all()
