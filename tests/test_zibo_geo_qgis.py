"""QGIS finds a style for every layer and a project beside the GeoPackage; both are sound XML."""

import sqlite3
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from layers.tables import LAYER_TABLES
from rooftop_pv.supply_curve import PV_SUPPLY_CURVE
from zibo_geo.documentation import RESULT_TABLES
from zibo_geo.files import write_gpkg
from zibo_geo.qgis import dress_geopackage, write_project
from zibo_geo.qgis_looks import LAYER_LOOKS, Look
from zibo_geo.qgis_style import Classes, renderer

CRS = "EPSG:4548"
X, Y = 600_000.0, 4_075_000.0


def layer(shapes: list[object], key: str, **columns: object) -> gpd.GeoDataFrame:
    index = pd.Index([f"{key}{place}" for place in range(len(shapes))], name=key)
    return gpd.GeoDataFrame(columns, index=index, geometry=shapes, crs=CRS)


@pytest.fixture
def gpkg(tmp_path: Path) -> Path:
    boxes = [shapely.box(X + 20.0 * n, Y, X + 20.0 * n + 10.0, Y + 10.0) for n in range(4)]
    points = [shapely.Point(X + n, Y) for n in range(3)]
    frames = {
        "pv_counties": layer(boxes, "county", capacity_mw=[1.0, 2.0, 3.0, 90.0]),
        "pv_roofs": layer(boxes, "building_id", reason=["quota", "target", "grid", "no_modules"]),
        "pv_hosting": layer(points, "substation_id", colour=["green", "yellow", "red"]),
        "constraints": layer(
            [boxes[0], shapely.LineString([(X, Y), (X + 5.0, Y)]), boxes[1], boxes[2]],
            "constraint_id",
            kind=["water", "railway", "school", "water"],
        ),
        'odd "name"': layer(points, "id", value=[1, 2, 3]),
        "account": pd.DataFrame({"rows": [1]}, index=pd.Index(["0"], name="entry")),
    }
    path = tmp_path / "plan.gpkg"
    write_gpkg(frames, path, {"pv_roofs": {"reason": "入选理由"}})
    return path


def styles(path: Path) -> dict[str, ET.Element]:
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute(
            "SELECT f_table_name, f_geometry_column, useAsDefault, styleQML FROM layer_styles"
        ).fetchall()
    assert all(row[1] == "geom" and row[2] == 1 for row in rows)
    return {row[0]: ET.fromstring(row[3]) for row in rows}  # noqa: S314 - our own text


def test_every_spatial_layer_has_one_default_style(gpkg: Path) -> None:
    named = dress_geopackage(gpkg)
    held = styles(gpkg)
    assert set(held) == set(named)
    assert set(held) == {"pv_counties", "pv_roofs", "pv_hosting", "constraints", 'odd "name"'}
    dress_geopackage(gpkg)  # again replaces them
    assert set(styles(gpkg)) == set(held)


def test_styles_are_written_before_the_file_is_moved_into_place(gpkg: Path, tmp_path: Path) -> None:
    points = layer([shapely.Point(X, Y)], "site_id")
    path = tmp_path / "new.gpkg"
    write_gpkg({"siting_hydrogen": points}, path, {}, finish=dress_geopackage)
    assert set(styles(path)) == {"siting_hydrogen"}
    assert sorted(item.name for item in tmp_path.iterdir()) == ["new.gpkg", "plan.gpkg"]


def test_styles_are_a_table_that_gdal_lists_and_the_layers_stay_as_they_were(gpkg: Path) -> None:
    before = pyogrio.read_dataframe(gpkg, layer="pv_roofs")
    dress_geopackage(gpkg)
    listed = dict(pyogrio.list_layers(gpkg))
    assert "layer_styles" in listed
    assert listed["layer_styles"] is None
    assert pyogrio.read_dataframe(gpkg, layer="pv_roofs").equals(before)
    with closing(sqlite3.connect(gpkg)) as database:
        alias = database.execute("SELECT name FROM gpkg_data_columns").fetchall()
        assert alias == [("入选理由",)]
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_words_get_their_colours_and_every_symbol_is_there(gpkg: Path) -> None:
    dress_geopackage(gpkg)
    made = styles(gpkg)["pv_roofs"].find("renderer-v2")
    assert made is not None
    assert made.get("type") == "categorizedSymbol"
    assert made.get("attr") == "reason"
    categories = {item.get("value"): item for item in made.iterfind("categories/category")}
    allowed = next(c.allowed for c in PV_SUPPLY_CURVE.columns if c.name == "reason")
    assert set(categories) == {*allowed, ""}
    symbols = {item.get("name"): item for item in made.iterfind("symbols/symbol")}
    assert {item.get("symbol") for item in categories.values()} == set(symbols)
    quota = symbols[categories["quota"].get("symbol")]
    colour = quota.find("layer/Option/Option[@name='color']")
    assert colour is not None
    assert colour.get("value") == "0,114,178,255"
    assert quota.get("type") == "fill"


def test_classes_of_numbers_cover_every_value_without_gaps(gpkg: Path) -> None:
    dress_geopackage(gpkg)
    made = styles(gpkg)["pv_counties"].find("renderer-v2")
    assert made is not None
    assert made.get("type") == "graduatedSymbol"
    ranges = [
        (float(item.get("lower", "nan")), float(item.get("upper", "nan")))
        for item in made.iterfind("ranges/range")
    ]
    assert ranges[0][0] == 1.0
    assert ranges[-1][1] == 90.0
    assert all(low < high for low, high in ranges)
    assert [high for _, high in ranges[:-1]] == [low for low, _ in ranges[1:]]


def test_a_column_that_is_missing_or_has_one_value_still_gives_a_style(tmp_path: Path) -> None:
    points = [shapely.Point(X, Y), shapely.Point(X + 1.0, Y)]
    path = tmp_path / "plan.gpkg"
    frames = {
        "siting_charging": layer(points, "site_id", name=["a", "b"]),
        "heat_pipes": layer([shapely.LineString([(X, Y), (X, Y + 1.0)])], "pipe_id", dn_mm=[200]),
        "siting_access": layer(points, "cell_id", time_min=[np.nan, np.nan]),
    }
    write_gpkg(frames, path, {})
    dress_geopackage(path)
    kinds = {name: qml.find("renderer-v2").get("type") for name, qml in styles(path).items()}  # type: ignore[union-attr]
    assert kinds == {
        "siting_charging": "singleSymbol",
        "heat_pipes": "graduatedSymbol",
        "siting_access": "singleSymbol",
    }


def test_the_project_names_the_geopackage_beside_it(gpkg: Path, tmp_path: Path) -> None:
    path = write_project(gpkg, tmp_path / "plan.qgs", title="淄博 <市> & \x00")
    text = path.read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    root = ET.fromstring(text)  # noqa: S314 - our own text
    assert root.findtext("title") == "淄博 <市> & "
    tree = root.findall("layer-tree-group/layer-tree-layer")
    layers = root.findall("projectlayers/maplayer")
    ids = [item.findtext("id") for item in layers]
    assert len(set(ids)) == len(ids)
    assert [item.get("id") for item in tree] == ids
    sources = [item.findtext("datasource") or "" for item in layers]
    assert all(source.startswith("./plan.gpkg|layername=") for source in sources)
    assert [item.get("source") for item in tree] == sources
    assert root.findtext("projectCrs/spatialrefsys/authid") == CRS
    assert root.findtext("properties/Paths/Absolute") == "false"
    extent = {item.tag: float(item.text or "nan") for item in root.find("mapcanvas/extent") or ()}
    assert extent == {"xmin": X, "ymin": Y, "xmax": X + 70.0, "ymax": Y + 10.0}
    # Each layer opens by GDAL under the name the project gives it.
    for source in sources:
        name = source.split("layername=")[1].split("|")[0]
        assert len(pyogrio.read_dataframe(gpkg, layer=name))


def test_a_layer_of_mixed_shapes_is_opened_once_per_kind(gpkg: Path, tmp_path: Path) -> None:
    root = ET.fromstring(  # noqa: S314 - our own text
        write_project(gpkg, tmp_path / "plan.qgs", title="t").read_text(encoding="utf-8")
    )
    found = {
        item.findtext("datasource"): item.get("geometry")
        for item in root.iterfind("projectlayers/maplayer")
        if "constraints" in (item.findtext("datasource") or "")
    }
    assert found == {
        "./plan.gpkg|layername=constraints|geometrytype=Polygon": "Polygon",
        "./plan.gpkg|layername=constraints|geometrytype=LineString": "Line",
    }


def test_roofs_are_drawn_from_near_only(gpkg: Path, tmp_path: Path) -> None:
    root = ET.fromstring(  # noqa: S314 - our own text
        write_project(gpkg, tmp_path / "plan.qgs", title="t").read_text(encoding="utf-8")
    )
    scales = {
        item.findtext("id"): (item.get("hasScaleBasedVisibilityFlag"), item.get("minScale"))
        for item in root.iterfind("projectlayers/maplayer")
    }
    assert scales["pv_roofs"] == ("1", "100000")
    assert scales["pv_counties"] == ("0", None)


@pytest.mark.parametrize("kind", ["Point", "Line", "Polygon"])
def test_every_declared_look_makes_symbols_of_its_kind(kind: str) -> None:
    wanted = {"Point": "marker", "Line": "line", "Polygon": "fill"}[kind]
    for look in LAYER_LOOKS.values():
        made = renderer(look, kind, classes=Classes((0.0, 1.0, 5.0)))  # type: ignore[arg-type]
        symbols = made.findall("symbols/symbol")
        assert symbols
        assert {item.get("type") for item in symbols} == {wanted}
    hollow = renderer(Look(title=("甲", "A"), filled=False), "Polygon")
    style = hollow.find("symbols/symbol/layer/Option/Option[@name='style']")
    assert style is not None
    assert style.get("value") == "no"


def test_looks_colour_by_columns_and_words_that_the_tables_have() -> None:
    tables = {table.name: table for table in (*LAYER_TABLES, *RESULT_TABLES)}
    elsewhere = {"pv_roofs": PV_SUPPLY_CURVE}  # written joined to its roofs
    checked = 0
    for name, look in LAYER_LOOKS.items():
        table = elsewhere.get(name) or tables.get(name)
        assert table is not None, name
        if look.column is None:
            continue
        column = next(held for held in table.columns if held.name == look.column)
        checked += 1
        if column.allowed:
            assert set(look.words) <= set(column.allowed), name
    assert checked >= 8
