"""Vector sources: every format, repair with an account, keys, CRS and datum, damage, refusals."""

import json
import re
import shutil
import struct

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from layers.account import Ledger
from layers.area import StudyArea
from layers.coordinates import wgs84_to_bd09, wgs84_to_gcj02
from layers.errors import DatumError, LayerError
from layers.geometry_repair import deduplicated, exploded, repaired
from layers.osm import spread_tags
from layers.vectors import LayerSource, read_vectors

CRS = pyproj.CRS(4548)
X, Y = 591_000.0, 4_073_500.0  # in Zhangdian


@pytest.fixture(scope="module")
def zibo():
    return StudyArea.from_adcode(370300)


def _roofs(count=3, **columns):
    shapes = [box(X + 30 * n, Y, X + 30 * n + 20, Y + 10) for n in range(count)]
    return gpd.GeoDataFrame(columns or {"Floor": range(1, count + 1)}, geometry=shapes, crs=CRS)


def _read(path, *, geometry="Polygon", area=None, name="buildings", minimum_m2=0.0, **source):
    frame, ledger = read_vectors(
        LayerSource(path=path, **source),
        name=name,
        geometry=geometry,
        area=area,
        crs=CRS if area is None else area.crs,
        minimum_m2=minimum_m2,
    )
    return frame, ledger.frame()


def _counts(account):
    return {(row.action, row.reason): row.rows for row in account.itertuples()}


def _write(frame, path):
    if path.suffix == ".parquet":
        frame.to_parquet(path, write_covering_bbox=True)
    elif path.suffix == ".geojson":
        frame.to_crs(4326).to_file(path, driver="GeoJSON", COORDINATE_PRECISION=12)
    else:
        frame.to_file(path)
    return path


@pytest.mark.parametrize("suffix", [".shp", ".gpkg", ".geojson", ".fgb", ".parquet"])
@pytest.mark.parametrize("near", [False, True])
def test_every_format_gives_the_same_rows(suffix, near, zibo, tmp_path):
    roofs = _roofs(4, code=["a", "b", "c", "far"])
    roofs.loc[3, "geometry"] = box(X + 4e5, Y, X + 4e5 + 9, Y + 9)  # in the Yellow Sea
    frame, account = _read(
        _write(roofs, tmp_path / f"roofs{suffix}"), area=zibo if near else None, key="code"
    )
    wanted = ["a", "b", "c"] if near else ["a", "b", "c", "far"]
    assert sorted(frame.index) == wanted  # FlatGeobuf orders its rows by place
    assert frame.index.name == "building_id"
    assert frame.crs == CRS
    assert frame.loc["a"].geometry.area == pytest.approx(200.0, rel=1e-6)
    assert frame.loc["b"].geometry.symmetric_difference(roofs.geometry[1]).area < 1e-4
    assert _counts(account)["kept", "rows handed on"] == len(wanted)
    assert list(frame.columns) == ["code", "geometry"]


def test_overture_box_column_without_cover_metadata_is_used_and_dropped(zibo, tmp_path):
    roofs = _roofs(3, id=["a", "b", "far"]).to_crs(4326)
    roofs.loc[2, "geometry"] = box(10, 10, 10.1, 10.1)
    edges = roofs.bounds.to_numpy()
    roofs["bbox"] = [dict(zip(("xmin", "ymin", "xmax", "ymax"), row, strict=True)) for row in edges]
    roofs.to_parquet(tmp_path / "o.parquet")
    frame, account = _read(tmp_path / "o.parquet", area=zibo, key="id")
    assert frame.index.tolist() == ["a", "b"]
    assert "bbox" not in frame.columns
    assert _counts(account)["read", "rows read near the area"] == 2


@pytest.mark.parametrize("suffix", [".shp", ".gpkg", ".parquet"])
def test_numbered_keys_do_not_change_with_the_area(suffix, zibo, tmp_path):
    roofs = _roofs(3)
    roofs.loc[0, "geometry"] = box(X + 4e5, Y, X + 4e5 + 9, Y + 9)
    path = _write(roofs, tmp_path / f"roofs{suffix}")
    everything, _ = _read(path)
    near, _ = _read(path, area=zibo)
    assert near.index.tolist() == everything.index.tolist()[1:]
    assert near.index[0].startswith("roofs-")


@pytest.mark.parametrize("statement", ["cpg", "encoding", "table"])
@pytest.mark.parametrize("codec", ["GBK", "GB18030"])
def test_chinese_shapefiles(codec, statement, tmp_path):
    words = ["3层", "砖混", "张店区"]
    roofs = _roofs(3, 层数=words, 用途=["住宅", "办公", "工业"])
    path = tmp_path / "测绘.shp"
    pyogrio.write_dataframe(roofs, path, encoding="GBK")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if statement == "cpg":
        path.with_suffix(".cpg").write_text(codec, encoding="ascii")
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    table[29] = 0x4D if statement == "table" else 0
    path.with_suffix(".dbf").write_bytes(table)
    frame, _ = _read(path, encoding=codec if statement == "encoding" else None)
    assert frame["层数"].tolist() == words
    assert frame["用途"].tolist() == ["住宅", "办公", "工业"]


def test_text_of_unknown_encoding_is_refused_and_utf8_is_seen(tmp_path):
    for codec in ("GBK", "UTF-8"):
        path = tmp_path / f"{codec}.shp"
        pyogrio.write_dataframe(_roofs(1, 用途=["住宅"]), path, encoding=codec)
        path.with_suffix(".cpg").unlink(missing_ok=True)
        table = bytearray(path.with_suffix(".dbf").read_bytes())
        table[29] = 0
        path.with_suffix(".dbf").write_bytes(table)
    with pytest.raises(LayerError, match=r"GBK\.dbf .* give encoding, 'gb18030' .*用途"):
        _read(tmp_path / "GBK.shp")
    assert _read(tmp_path / "UTF-8.shp")[0]["用途"].tolist() == ["住宅"]
    with pytest.raises(LayerError, match="'klingon' is no known encoding"):
        _read(tmp_path / "GBK.shp", encoding="klingon")


def test_every_fault_is_repaired_or_dropped_and_counted(tmp_path):
    bow_tie = Polygon([(X, Y), (X + 10, Y + 10), (X + 10, Y), (X, Y + 10)])
    with np.errstate(invalid="ignore"):
        nan = Polygon([(X, Y), (X + 5, np.nan), (X + 9, Y + 9)])
    two = MultiPolygon([box(X, Y + 20, X + 5, Y + 25), box(X + 9, Y + 20, X + 14, Y + 25)])
    good = box(X + 50, Y, X + 60, Y + 10)
    turned = Polygon([*good.exterior.coords[2:], *good.exterior.coords[1:3]])
    tall = shapely.force_3d(box(X + 70, Y, X + 80, Y + 10), 12.0)
    shapes = {
        "bow": bow_tie, "two": two, "good": good, "again": turned, "tall": tall, "none": None,
        "empty": Polygon(), "line": LineString([(X, Y), (X + 1, Y)]), "sliver": box(X, Y - 9, X + 1, Y - 8.5),
        "flat": Polygon([(X, Y), (X + 5, Y), (X + 9, Y)]),
        "nan": nan,
    }  # fmt: skip
    frame = gpd.GeoDataFrame({"k": list(shapes)}, geometry=list(shapes.values()), crs=CRS)
    frame.to_parquet(tmp_path / "dirty.parquet")
    clean, account = _read(tmp_path / "dirty.parquet", key="k", minimum_m2=1.0)
    assert clean.index.tolist() == ["bow-1", "bow-2", "two-1", "two-2", "good", "tall"]
    assert clean.geometry.area.tolist() == pytest.approx([25, 25, 25, 25, 100, 100])
    assert clean.geom_type.unique().tolist() == ["Polygon"]
    assert clean.is_valid.all()
    assert not clean.has_z.any()
    counts = _counts(account)
    assert counts == {
        ("read", "rows read"): 11,
        ("dropped", "geometry is missing or empty"): 2,
        ("dropped", "coordinates are not finite or outside the CRS"): 1,
        ("dropped", "geometry is not a polygon"): 1,
        ("dropped", "nothing is left of the geometry after repair"): 1,
        ("dropped", "polygon smaller than 1 m² or flat"): 1,
        ("dropped", "exact repetition of an earlier row"): 1,
        ("repaired", "invalid geometry rebuilt"): 1,
        ("repaired", "multipart geometry split into its parts"): 2,
        ("repaired", "height coordinate (Z) removed"): 1,
        ("kept", "rows handed on"): 6,
    }
    examples = dict(zip(account["reason"], account["example"], strict=True))
    assert examples["invalid geometry rebuilt"] == "bow"
    assert examples["exact repetition of an earlier row"] == "again"
    assert (account["file"] == "dirty.parquet").all()
    dropped = account.loc[account["action"] == "dropped", "rows"].sum()
    assert 11 - dropped + 2 == len(clean)  # two rows became two parts each


def test_points_at_one_place_repeat_only_with_all_attributes():
    points = gpd.GeoDataFrame(
        {"mw": [10, 20, 10], "odd": [None, None, None]}, geometry=[Point(X, Y)] * 3, crs=CRS
    )
    assert deduplicated(points, Ledger("x"))["mw"].tolist() == [10, 20]
    shared = points.set_geometry([box(X, Y, X + 1, Y + 1)] * 3, crs=CRS)
    assert deduplicated(shared, Ledger("x"))["mw"].tolist() == [10]
    assert deduplicated(shared, Ledger("x"), by_outline=False)["mw"].tolist() == [10, 20]


def test_the_way_back_is_not_a_repetition():
    there = LineString([(X, Y), (X + 9, Y)])
    lines = gpd.GeoDataFrame(geometry=[there, there.reverse(), there], crs=CRS)
    assert deduplicated(lines, Ledger("x")).index.tolist() == [0, 1]


def test_mixed_geometry_keeps_its_own_dimension():
    bow_tie = Polygon([(X, Y), (X + 10, Y + 10), (X + 10, Y), (X, Y + 10)])
    spike = Polygon(
        [(X, Y), (X + 9, Y), (X + 9, Y + 9), (X + 9, Y + 20), (X + 9, Y + 9), (X, Y + 9)]
    )
    mixed = shapely.GeometryCollection([Point(X, Y), MultiPolygon([box(X, Y, X + 1, Y + 1)])])
    frame = gpd.GeoDataFrame(
        geometry=[bow_tie, spike, mixed], index=pd.Index(["a", "b", "c"], dtype="str"), crs=CRS
    )
    done = exploded(repaired(frame, Ledger("x"), geometry="Any"), Ledger("x"))
    assert done.index.tolist() == ["a-1", "a-2", "b", "c-1", "c-2"]
    assert done.geom_type.tolist() == ["Polygon", "Polygon", "Polygon", "Point", "Polygon"]
    only = repaired(frame, Ledger("x"), geometry="Polygon")
    assert only.geometry.area.tolist() == pytest.approx([50.0, 81.0, 1.0])


def test_part_keys_never_meet_a_key_of_the_file():
    two = MultiPolygon([box(0, 0, 1, 1), box(2, 0, 3, 1)])
    frame = gpd.GeoDataFrame(
        geometry=[two, box(5, 5, 6, 6)], index=pd.Index(["12", "12-1"], dtype="str"), crs=CRS
    )
    assert exploded(frame, Ledger("x")).index.tolist() == ["12--1", "12--2", "12-1"]


@given(
    rings=st.lists(
        st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=7),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=40, deadline=None)
def test_any_rings_become_valid_single_polygons_and_the_account_balances(rings):
    frame = gpd.GeoDataFrame(
        geometry=[Polygon(ring) for ring in rings],
        index=pd.Index([str(n) for n in range(len(rings))], dtype="str"),
        crs=CRS,
    )
    ledger = Ledger("x")
    mended = repaired(frame, ledger, geometry="Polygon")
    single = exploded(mended, ledger)
    assert single.is_valid.all()
    assert set(single.geom_type) <= {"Polygon"}
    assert single.index.is_unique
    assert single.geometry.area.sum() == pytest.approx(mended.geometry.area.sum())
    account = ledger.frame()
    assert len(frame) == len(mended) + account.loc[account["action"] == "dropped", "rows"].sum()
    assert frame.geometry.tolist() == [Polygon(ring) for ring in rings]  # untouched


@pytest.mark.parametrize(("datum", "shift"), [("gcj02", wgs84_to_gcj02), ("bd09", wgs84_to_bd09)])
@pytest.mark.parametrize("file_crs", ["EPSG:4326", "EPSG:4548"])
def test_shifted_datums_are_undone(datum, shift, file_crs, zibo, tmp_path):
    true = _roofs()
    moved = shapely.transform(
        true.to_crs(4326).geometry.array, lambda at: np.column_stack(shift(at[:, 0], at[:, 1]))
    )
    shifted = gpd.GeoDataFrame(geometry=moved, crs=4326).to_crs(file_crs)
    path = _write(shifted, tmp_path / "web.gpkg")
    frame, _ = _read(path, datum=datum, area=zibo)
    away_m = shapely.hausdorff_distance(frame.geometry.array, true.geometry.array)
    assert away_m.max() < 1e-5
    wrong, _ = _read(path, area=zibo)  # the datum is never guessed
    assert shapely.distance(wrong.geometry.array, true.geometry.array).min() > 400.0


def test_keys_are_text_and_must_be_whole_and_unique(tmp_path):
    roofs = _roofs(3, code=[7.0, 8.0, 9.0], twice=["a", "b", "a"], hole=["a", None, "b"])
    path = _write(roofs, tmp_path / "r.gpkg")
    assert _read(path, key="code")[0].index.tolist() == ["7", "8", "9"]
    with pytest.raises(LayerError, match=r"'twice' of r\.gpkg repeats 1 keys, first 'a'"):
        _read(path, key="twice")
    with pytest.raises(LayerError, match=r"'hole' of r\.gpkg is missing in 1 rows"):
        _read(path, key="hole")
    with pytest.raises(LayerError, match="no column 'cod' for the key; did you mean code"):
        _read(path, key="cod")


def _declared(frame, crs):
    return frame.set_crs(crs, allow_override=True)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (_declared(_roofs(), 4326), "WGS 84.*no degrees but probably metres"),
        (_declared(_roofs().to_crs(4326), 4548), "these are degrees, not metres"),
        (_declared(_roofs().to_crs(4527), 4548), "zone number 39, so state EPSG:4527"),
        (_declared(_roofs(), 4527), "do not carry the zone number"),
        (
            _roofs().to_crs(4326).set_geometry(
                shapely.transform(_roofs().to_crs(4326).geometry.array, lambda at: at[:, ::-1]), crs=4326
            ),
            "longitude and latitude look swapped",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("near", [False, True])
def test_a_crs_that_the_coordinates_deny_is_refused(frame, words, near, zibo, tmp_path):
    path = _write(frame, tmp_path / "lie.gpkg")
    with pytest.raises(DatumError, match=words) as error:
        _read(path, area=zibo if near else None)
    assert "lie.gpkg" in str(error.value)


def test_crs_missing_given_and_contradicted(tmp_path):
    path = _write(_roofs(), tmp_path / "r.shp")
    with pytest.raises(DatumError, match=r"states the CRS .* but crs says WGS 84"):
        _read(path, crs="EPSG:4326")
    path.with_suffix(".prj").unlink()
    with pytest.raises(DatumError, match=r"r\.shp states no CRS; give crs"):
        _read(path)
    with pytest.raises(DatumError, match=r"'EPSG:45480' .* is not known"):
        _read(path, crs="EPSG:45480")
    assert _read(path, crs="EPSG:4548")[0].geometry.area.sum() == pytest.approx(600.0)


def test_swapped_axes_where_both_are_possible_are_seen_by_the_area(tmp_path):
    frame = gpd.GeoDataFrame(geometry=[box(7.40, 43.72, 7.45, 43.75)], crs=4326)
    monaco = StudyArea.from_file(_write(frame, tmp_path / "a.gpkg"))
    roofs = gpd.GeoDataFrame(geometry=[box(43.73, 7.41, 43.731, 7.411)], crs=4326)
    with pytest.raises(DatumError, match=r"nowhere near the study area a .* swapped"):
        _read(_write(roofs, tmp_path / "r.gpkg"), area=monaco)


def test_data_elsewhere_and_no_rows_in_the_area(zibo, tmp_path):
    far = _roofs().to_crs(32632).set_crs(32632)
    far["geometry"] = far.translate(-far.total_bounds[0] + 4e5, -far.total_bounds[1] + 4.8e6)
    with pytest.raises(DatumError, match=r"far\.gpkg lies nowhere near .*淄博市.* within 7\.7"):
        _read(_write(far, tmp_path / "far.gpkg"), area=zibo)
    around = gpd.GeoDataFrame(
        geometry=[box(117.0, 36.0, 117.01, 36.01), box(118.9, 36.9, 118.91, 36.91)], crs=4326
    )
    path = _write(around, tmp_path / "around.gpkg")
    with pytest.raises(LayerError, match=r"No row of around\.gpkg lies in the study area 淄博市"):
        _read(path, area=zibo)
    frame, ledger = read_vectors(
        LayerSource(path=path),
        name="parks",
        geometry="Polygon",
        area=zibo,
        crs=zibo.crs,
        required=False,
    )
    assert frame.empty
    assert frame.index.name == "park_id"
    assert frame.crs == zibo.crs
    assert _counts(ledger.frame())["kept", "rows handed on"] == 0


def test_lines_across_the_edge_stay_whole_and_polygons_go_by_a_point_on_them(zibo, tmp_path):
    west = zibo.bounds_m[0]
    y = zibo.boundary.boundary.intersection(box(west, 0, west + 1, 9e6)).centroid.y
    street = LineString([(west - 500, y), (west + 3000, y)])
    hall = box(west - 90, y - 5, west + 10, y + 5)  # its middle lies outside
    lines = gpd.GeoDataFrame(geometry=[street], crs=CRS)
    frame, _ = _read(_write(lines, tmp_path / "l.gpkg"), geometry="LineString", area=zibo)
    assert frame.geometry.iloc[0].length == pytest.approx(3500.0)
    halls = gpd.GeoDataFrame(geometry=[hall, _roofs().geometry[0]], crs=CRS)
    path = _write(halls, tmp_path / "h.gpkg")
    assert len(_read(path, area=zibo)[0]) == 1
    wide, _ = read_vectors(
        LayerSource(path=path), name="x", geometry="Polygon", area=zibo, crs=CRS, margin_m=200.0
    )
    assert len(wide) == 2


def test_a_few_impossible_degrees_are_dropped_not_the_layer(tmp_path):
    roofs = _roofs(3).to_crs(4326)
    roofs.loc[1, "geometry"] = box(1e6, 10, 1e6 + 1, 11)
    frame, account = _read(_write(roofs, tmp_path / "r.gpkg"))
    assert len(frame) == 2
    assert _counts(account)["dropped", "coordinates beyond ±180° or ±90°"] == 1


def test_layers_must_be_named_where_there_are_several(tmp_path):
    path = tmp_path / "many.gpkg"
    _roofs().to_file(path, layer="houses")
    _roofs(2).to_file(path, layer="halls")
    with pytest.raises(LayerError, match=r"holds 2 layers \(houses, halls\); name one"):
        _read(path)
    assert len(_read(path, layer="halls")[0]) == 2
    with pytest.raises(LayerError, match="no layer 'hall' with geometry; did you mean halls"):
        _read(path, layer="hall")


def test_where_filters_and_says_where_it_cannot(tmp_path):
    assert len(_read(_write(_roofs(), tmp_path / "r.gpkg"), where="Floor >= 2")[0]) == 2
    with pytest.raises(LayerError, match=r"r\.gpkg cannot be read"):
        _read(tmp_path / "r.gpkg", where="Flor >= 2")
    with pytest.raises(LayerError, match="where is not offered"):
        _read(_write(_roofs(), tmp_path / "r.parquet"), where="Floor >= 2")


@pytest.mark.parametrize("suffix", [".shp", ".gpkg", ".geojson", ".fgb", ".parquet"])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.98])
def test_cut_files_are_refused_by_name(suffix, share, tmp_path):
    path = _write(_roofs(400), tmp_path / f"cut{suffix}")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(LayerError, match=rf"cut\{suffix}") as error:
        _read(path)
    assert "\n" not in str(error.value)
    assert str(tmp_path) not in str(error.value)


def test_a_cut_attribute_table_or_missing_part_is_refused(tmp_path):
    path = _write(_roofs(400), tmp_path / "r.shp")
    table = path.with_suffix(".dbf")
    table.write_bytes(table.read_bytes()[:-300])
    with pytest.raises(LayerError, match=r"r\.dbf is cut off: it should have \d+ bytes"):
        _read(path)
    table.unlink()
    with pytest.raises(LayerError, match=r"r\.shp has no r\.dbf beside it"):
        _read(path)


@pytest.mark.parametrize("share", [0.001, 0.5, 0.9, 0.9999])
def test_cut_osm_files_are_refused(share, shared_data, tmp_path):
    whole = (shared_data / "osm" / "monaco.osm.pbf").read_bytes()
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(LayerError, match=r"cut\.osm\.pbf"):
        _read(path)


def test_a_damaged_block_inside_an_osm_file_is_refused(shared_data, tmp_path):
    damaged = bytearray((shared_data / "osm" / "monaco.osm.pbf").read_bytes())
    middle = len(damaged) // 2
    damaged[middle : middle + 64] = b"\xff" * 64
    (tmp_path / "bad.osm.pbf").write_bytes(damaged)
    with pytest.raises(LayerError, match=r"bad\.osm\.pbf is cut off or damaged"):
        _read(tmp_path / "bad.osm.pbf", geometry="Point")


@pytest.mark.parametrize(
    "path",
    [
        "https://example.org/a.gpkg", "/vsicurl/https://example.org/a.gpkg", "/vsizip/a.zip/../../b.shp",
        "//vsimem/a.gpkg", "zip:a.zip!b.shp", "GPKG:a.gpkg", "s3://bucket/a.parquet", "file:///etc/a.shp",
    ],
)  # fmt: skip
def test_only_local_paths_are_opened(path):
    with pytest.raises(LayerError, match="not a path on this machine"):
        _read(path)


def test_missing_directory_unknown_and_disguised_files(tmp_path):
    with pytest.raises(LayerError, match="There is no file"):
        _read(tmp_path / "no.gpkg")
    with pytest.raises(LayerError, match="is a directory"):
        _read(tmp_path)
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04")
    with pytest.raises(LayerError, match=r"a\.zip is of a kind that is not read; unpack it first"):
        _read(tmp_path / "a.zip")
    remote = "<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>/vsicurl/http://127.0.0.1:9/a"
    stream = json.dumps(
        {"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read x"}
    )
    for name, text in {
        "v.geojson": remote, "v.gpkg": remote, "v.osm": remote, "v.shp": remote, "v.osm.pbf": remote,
        "v.fgb": remote, "s.json": stream, "w.osm": "<!-- <osm> -->" + remote,
    }.items():  # fmt: skip
        (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(LayerError, match=name):
            _read(tmp_path / name)
    (tmp_path / "blank.geojson").write_text("  ", encoding="utf-8")
    with pytest.raises(LayerError, match=r"blank\.geojson is empty"):
        _read(tmp_path / "blank.geojson")


def test_an_empty_layer_is_a_sentence(tmp_path):
    path = _write(_roofs().iloc[:0], tmp_path / "none.gpkg")
    with pytest.raises(LayerError, match=r"No row of none\.gpkg is left for layer buildings"):
        _read(path)


def test_monaco_buildings_are_all_there(shared_data):
    frame, account = _read(shared_data / "osm" / "monaco.osm.pbf", where="building IS NOT NULL")
    assert _counts(account)["read", "rows read"] == 1283
    assert frame["building:levels"].notna().sum() == 462
    assert frame.index.str.match(r"(way|relation)/\d+(-\d+)?$").all()
    assert frame.loc["relation/393226", "name"] == "Palais princier de Monaco"
    assert frame.loc["relation/393226", "name:zh"] == "摩納哥親王宮"
    assert "other_tags" not in frame.columns


def test_osm_keys_select_over_fields_and_other_tags(shared_data):
    path = shared_data / "osm" / "monaco.osm.pbf"
    everything, _ = _read(path, geometry="Any")
    wanted = everything["amenity"].notna() | everything["power"].notna()
    chosen, _ = _read(path, geometry="Any", osm_keys=("amenity", "power"))
    assert sorted(chosen.index) == sorted(everything.index[wanted])
    assert (chosen["amenity"] == "fuel").sum() == 3
    ways = osmium.FileProcessor(str(path), osmium.osm.WAY)
    highways = sum(1 for _ in ways.with_filter(osmium.filter.KeyFilter("highway")))
    lines, _ = _read(path, geometry="LineString", osm_keys=("highway",))
    assert 0.9 * highways < len(lines) <= highways  # closed squares are polygons
    with pytest.raises(LayerError, match="no OSM key"):
        _read(path, osm_keys=("a' OR 1=1",))


def test_osm_areas_without_an_area_key_are_polygons(tmp_path):
    text = ""
    tags = [("power", "substation"), ("man_made", "works"), ("power", "line"), ("building", "yes")]
    for number, (key, value) in enumerate(tags, 1):
        corners = [(0, 0), (1, 0), (1, 1), (0, 1)]
        for corner, (east, north) in enumerate(corners):
            lon, lat = 118.0 + 0.01 * number + 0.001 * east, 36.8 + 0.001 * north
            text += f'<node id="{number * 10 + corner}" version="1" lon="{lon}" lat="{lat}"/>'
        ring = "".join(f'<nd ref="{number * 10 + corner}"/>' for corner in (0, 1, 2, 3, 0))
        text += f'<way id="{number}" version="1">{ring}<tag k="{key}" v="{value}"/></way>'
    nodes = re.findall(r"<node.*?/>", text)
    ways = re.findall(r"<way.*?</way>", text)
    path = tmp_path / "z.osm"
    path.write_text(
        f'<?xml version="1.0"?>\n<osm version="0.6">{"".join(nodes + ways)}</osm>', encoding="utf-8"
    )
    assert sorted(_read(path)[0].index) == ["way/1", "way/2", "way/4"]
    mixed, _ = _read(path, geometry="Any")
    assert dict(mixed.geom_type) == {
        "way/1": "Polygon", "way/2": "Polygon", "way/3": "LineString", "way/4": "Polygon",
    }  # fmt: skip
    assert mixed.loc["way/1", "power"] == "substation"
    assert sorted(_read(path, osm_keys=("power",))[0].index) == ["way/1"]


def test_osm_lists_its_layers(shared_data):
    with pytest.raises(
        LayerError, match=r"monaco\.osm\.pbf has no layer 'line'; did you mean lines"
    ):
        _read(shared_data / "osm" / "monaco.osm.pbf", layer="line")


def test_spread_keeps_columns_and_leaves_rare_tags_where_there_are_too_many(monkeypatch):
    tags = [{"name": "tag", "height": "9"}, {"height": "8", "rare": "x"}, None]
    frame = gpd.GeoDataFrame(
        {"name": ["own", None, None], "other_tags": tags}, geometry=[Point(X, Y)] * 3, crs=CRS
    )
    wide = spread_tags(frame)
    assert wide["height"].tolist()[:2] == ["9", "8"]
    assert wide["name"].tolist()[0] == "own"
    assert "other_tags" not in wide.columns
    assert wide["height"].isna().tolist() == [False, False, True]
    many = frame.assign(other_tags=[{f"k{n}": "1" for n in range(40)} | {"roof": "hip"}] * 3)
    monkeypatch.setattr("layers.osm._CELLS", 0)
    some = spread_tags(many, first=("roof",))
    assert some["roof"].tolist() == ["hip"] * 3
    assert some.shape[1] == 16 + 3
    assert "other_tags" in some.columns


def test_suzhou_and_the_topotherm_streets(shared_data):
    suzhou, account = _read(shared_data / "buildings" / "suzhou_floors.geojson")
    assert _counts(account)["read", "rows read"] == 3076
    assert (suzhou["height"] == 3 * suzhou["Floor"]).all()
    roads, _ = _read(shared_data / "heat" / "roads.gpkg", geometry="LineString", name="streets")
    assert roads.index.name == "street_id"
    assert set(roads.geom_type) == {"LineString"}


def test_the_source_is_checked():
    with pytest.raises(DatumError, match=r"datum 'gcj2' of a.shp is not known; did you mean gcj02"):
        LayerSource(path="a.shp", datum="gcj2")
    with pytest.raises(DatumError, match="projected to metres"):
        read_vectors(
            LayerSource(path="a.shp"), name="x", geometry="Any", area=None, crs=pyproj.CRS(4326)
        )


def test_a_shapefile_longer_than_its_header_says_still_reads(tmp_path):
    path = _write(_roofs(), tmp_path / "R.SHP".lower())
    for suffix in (".shp", ".shx", ".dbf", ".prj"):
        shutil.copy(path.with_suffix(suffix), tmp_path / f"BIG{suffix.upper()}")
    big = tmp_path / "BIG.SHP"
    assert struct.unpack(">i", big.read_bytes()[24:28])[0] * 2 == big.stat().st_size
    big.write_bytes(big.read_bytes() + b"\x00" * 8)
    assert len(_read(big)[0]) == 3
