"""Hostile content: data that is whole but wrong, endless, disguised or written by somebody with a plan."""

import codecs
import io
import itertools
import json
import shutil
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rasterio
import shapely
from hostile_inputs import (
    LAT,
    LON,
    X,
    Y,
    epw_text,
    feature,
    geojson,
    hgt_bytes,
    power_text,
    roofs,
    square,
    stations_csv,
    workbook_bytes,
    write_tif,
    write_vectors,
)
from hostile_reader import HostileReader, assert_ended_well, assert_sentence

CORNER = np.array([X, Y])
NAN, INF = float("nan"), float("inf")
NAMES = {
    "markup": "<img src=x onerror=alert(1)>",
    "formula": "=cmd|' /C calc'!A0",
    "script": "</script><script>alert(1)</script>",
    "endless": "长" * 10_240,
    "right-to-left": "\u202egnp.exe\u202c",
    "terminal": "\x1b]0;x\x07\x1b[31mred",
    "console markup": "[bold red]x[/]",
    "null": "a\x00b",
    "half a pair": "\ud800",
    "path": "../../etc/passwd",
    "lines": "a\r\nzibo-geo: all is well",
}
OWN = (
    "geometry", "county", "building_id", "footprint_m2", "source", "use", "use_source", "height_m", "storeys",
    "park_id", "fid", "ogc_fid", "index", "level_0", "u", "v", "key", "osm_id", "osm_way_id", "other_tags",
    "Geometry", "NAME", "name", "",
)  # fmt: skip


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def polygon(*rings: object) -> dict:
    return {"type": "Polygon", "coordinates": list(rings)}


BAD_SHAPES = {
    "NaN": polygon([[NAN, NAN], [LON, LAT], [LON, LAT + 1e-3], [NAN, NAN]]),
    "infinite": polygon([[INF, LAT], [LON, LAT], [LON, LAT + 1e-3], [INF, LAT]]),
    "huge": polygon([[1e300, LAT], [LON, LAT], [LON, LAT + 1e-3], [1e300, LAT]]),
    "empty": polygon(),
    "empty ring": polygon([]),
    "two points": polygon([[LON, LAT], [LON + 1e-3, LAT]]),
    "one place": polygon([[LON, LAT]] * 5),
    "nested wrongly": polygon([[[[LON, LAT]]]]),
    "null": None,
    "a point": {"type": "Point", "coordinates": [LON, LAT]},
    "an empty collection": {"type": "GeometryCollection", "geometries": []},
}


@pytest.mark.parametrize("shape", BAD_SHAPES)
def test_a_shape_that_is_none_is_dropped_and_counted(
    shape: str, reader: HostileReader, tmp_path: Path
) -> None:
    rows = [feature(square()), feature(BAD_SHAPES[shape]), feature(square(LON + 1e-3))]
    path = write(tmp_path / "roofs.geojson", geojson(rows))
    answer = reader.ask("vectors", path=path, geometry="Polygon")
    assert (answer.outcome, answer.rows) == ("read", 2), answer.text
    assert answer.counted("read") == 3
    assert answer.counted("dropped") == 1


def test_a_bow_tie_becomes_its_two_wings(reader: HostileReader, tmp_path: Path) -> None:
    side = 2e-4
    ring = [[LON, LAT], [LON + side, LAT + side], [LON + side, LAT], [LON, LAT + side], [LON, LAT]]
    path = write(tmp_path / "roofs.geojson", geojson([feature(polygon(ring))]))
    answer = reader.ask("vectors", path=path, geometry="Polygon")
    assert answer.rows == 2, answer.text
    assert answer.counted("repaired", "invalid geometry") == 1


def _scribble(points: np.ndarray, folder: Path) -> Path:
    shapes = [shapely.polygons(points), roofs(1).geometry.iloc[0]]
    path = folder / "scribble.parquet"
    gpd.GeoDataFrame({"a": [1, 2]}, geometry=shapes, crs=4548).to_parquet(path)
    return path


@pytest.mark.parametrize("vertices", [2_000, 100_000])
def test_a_scribble_is_dropped_before_its_repair_takes_hours(
    vertices: int, reader: HostileReader, tmp_path: Path
) -> None:
    points = np.random.default_rng(1).uniform(-50.0, 50.0, (vertices, 2)) + CORNER
    answer = reader.ask("vectors", path=_scribble(points, tmp_path), geometry="Polygon")
    assert answer.rows == 1, answer.text
    assert answer.counted("dropped", "crosses itself") == 1
    assert answer.cpu_s < 20.0


def test_a_million_vertices_are_read(reader: HostileReader, tmp_path: Path) -> None:
    turn = np.linspace(0.0, 2.0 * np.pi, 1_000_000, endpoint=False)
    circle = np.column_stack([X + 50.0 * np.cos(turn), Y + 50.0 * np.sin(turn)])
    path = _scribble(circle, tmp_path)
    answer = reader.ask("layer", layer_name="buildings", path=path)
    assert answer.rows == 2, answer.text
    reader.renew()


def test_repetitions_by_the_hundred_thousand_leave_one_row(
    reader: HostileReader, tmp_path: Path
) -> None:
    path = tmp_path / "same.parquet"
    one = roofs(1).geometry.iloc[0]
    gpd.GeoDataFrame(geometry=[one] * 250_000, crs=4548).to_parquet(path)
    answer = reader.ask("vectors", path=path, geometry="Polygon")
    assert answer.rows == 1, answer.text
    assert answer.counted("dropped", "repetition") == 249_999
    reader.renew()


def test_thousands_of_roofs_on_one_place_are_refused(reader: HostileReader, tmp_path: Path) -> None:
    shift = np.arange(6_000) * 1e-4
    path = tmp_path / "near.parquet"
    shapes = shapely.box(X + shift, Y, X + shift + 20.0, Y + 10.0)
    gpd.GeoDataFrame({"a": shift}, geometry=shapes, crs=4548).to_parquet(path)
    answer = reader.ask("layer", layer_name="buildings", path=path)
    assert_sentence(
        answer, "near.parquet", "footprints lie on each other", "remove the repetitions"
    )
    reader.renew()


def test_two_combs_across_each_other_are_read_in_time(
    reader: HostileReader, tmp_path: Path
) -> None:
    teeth = 1_000
    across = np.repeat(np.arange(teeth) * 0.02, 2)
    up = np.tile([0.0, 60.0, 60.0, 0.0], teeth // 2)
    outline = np.vstack([np.column_stack([across, up]), [[across[-1], -1.0], [0.0, -1.0]]])
    combs = [shapely.polygons(outline + CORNER), shapely.polygons(outline[:, ::-1] + CORNER)]
    path = tmp_path / "combs.parquet"
    gpd.GeoDataFrame({"a": [1, 2]}, geometry=combs, crs=4548).to_parquet(path)
    answer = reader.ask("layer", layer_name="buildings", path=path)
    assert answer.rows == 2, answer.text


@pytest.mark.parametrize("layer", ["buildings", "parks", "streets", "constraints", "stations"])
@pytest.mark.parametrize("value", ["x", 7, None, "<b>"])
def test_attributes_named_like_our_columns(
    layer: str, value: object, reader: HostileReader, tmp_path: Path
) -> None:
    line = {"type": "LineString", "coordinates": [[LON, LAT], [LON + 1e-3, LAT]]}
    point = {"type": "Point", "coordinates": [LON, LAT]}
    shape = {"streets": line, "stations": point}.get(layer, square(side=1e-3))
    rows = [feature(shape, **dict.fromkeys(OWN, value)) for _ in range(2)]
    path = write(tmp_path / "own.geojson", geojson(rows))
    answer = reader.ask("layer", layer_name=layer, path=path)
    assert_ended_well(answer, "own.geojson")
    if layer in {"buildings", "streets"}:
        assert answer.outcome == "read", answer.text
        assert answer.rows == 1  # the second repeats the first


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("place", ["value", "column", "key", "county"])
def test_hostile_names_stay_text(
    place: str, name: str, reader: HostileReader, tmp_path: Path
) -> None:
    word = NAMES[name]
    row = feature(
        square(side=1e-3), **({word: 1} if place == "column" else {"use": word, "code": word})
    )
    path = tmp_path / "names.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [row]}), encoding="utf-8")
    if place == "column":
        asked = {"columns": {"use": "no such column"}}
        assert_sentence(reader.ask("layer", layer_name="buildings", path=path, **asked), path.name)
    elif place == "county":
        answer = reader.ask("area", path=path, key_column="code", name_column="use")
        assert_ended_well(answer, path.name)
    else:
        asked = {"key": "code"} if place == "key" else {}
        answer = reader.ask("layer", layer_name="buildings", path=path, **asked)
        assert answer.outcome == "read", answer.text
        for _, reason, _ in answer.account:
            assert reason.isprintable()
            assert len(reason) <= 700


@pytest.mark.parametrize("suffix", ["gpkg", "shp", "parquet", "fgb"])
def test_keys_that_collide_or_are_missing(
    suffix: str, reader: HostileReader, tmp_path: Path
) -> None:
    frame = roofs(5)
    frame["code"] = ["a", "b", "a", "c", "d"]
    path = write_vectors(tmp_path, suffix, frame)
    answer = reader.ask("vectors", path=path, key="code")
    assert_sentence(answer, path.name, "'code'", "repeats 1 keys, first 'a'", "unique")
    frame["code"] = ["a", None, "e", "c", "d"]
    for old in tmp_path.iterdir():
        old.unlink()
    answer = reader.ask("vectors", path=write_vectors(tmp_path, suffix, frame), key="code")
    assert_ended_well(answer, path.name)


@pytest.mark.parametrize(
    "crs",
    [
        "EPSG:4326", "EPSG:99999", "EPSG:4978", "EPSG:5773", "EPSG:2193", "ESRI:102100", "IAU_2015:30100",
        "+proj=merc +a=1 +b=1", "+proj=geos +h=35785831", "+init=epsg:4326", "+proj=longlat +nadgrids=/etc/passwd",
        "/etc/passwd", "http://127.0.0.1:9/crs", "{", "", "x" * 5000, "PROJCS[", "GEOGCS[\"x\"]",
    ],
)  # fmt: skip
def test_a_wrong_crs_is_a_sentence(crs: str, reader: HostileReader, tmp_path: Path) -> None:
    path = write_vectors(tmp_path, "shp")
    path.with_suffix(".prj").unlink()
    answer = reader.ask("vectors", path=path, place="zibo", crs=crs or None)
    assert_sentence(answer, "roofs.shp")
    assert answer.kind == "DatumError"
    path.with_suffix(".prj").write_text(crs, encoding="utf-8")
    assert_sentence(reader.ask("vectors", path=path, place="zibo"), "roofs.shp")


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "fgb", "parquet", "csv"])
def test_swapped_longitude_and_latitude(suffix: str, reader: HostileReader, tmp_path: Path) -> None:
    if suffix == "csv":
        lines = stations_csv().replace("longitude,latitude", "latitude,longitude")
        path = write(tmp_path / "stations.csv", lines)
        answer = reader.ask("layer", layer_name="stations", path=path)
    else:
        degrees = roofs().to_crs(4326)
        swapped = shapely.transform(degrees.geometry.to_numpy(), lambda places: places[:, ::-1])
        frame = degrees.set_geometry(gpd.GeoSeries(swapped, crs=4326))
        path = write_vectors(tmp_path, suffix, frame)
        answer = reader.ask("vectors", path=path, place="zibo")
    assert_sentence(answer, path.name, "swapped")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "gbk", "utf-32"])
@pytest.mark.parametrize("kind", ["geojson", "csv", "epw", "toml", "osm"])
def test_text_in_other_encodings(
    kind: str, encoding: str, reader: HostileReader, tmp_path: Path
) -> None:
    path = tmp_path / f"other.{kind}"
    if kind == "geojson":
        write(path, geojson([feature(square(), name="张店")]), encoding)
        answer = reader.ask("layer", layer_name="buildings", path=path)
    elif kind == "csv":
        answer = reader.ask(
            "layer", layer_name="stations", path=write(path, stations_csv(), encoding)
        )
    elif kind == "osm":
        text = write_vectors(tmp_path, "osm").read_text(encoding="utf-8")
        answer = reader.ask("vectors", path=write(path, text, encoding), geometry="Polygon")
    elif kind == "epw":
        text = epw_text().replace("Zhangdian", "张店")
        answer = reader.ask("weather", path=write(path, text, encoding), format="epw")
    else:
        answer = reader.ask("case", path=write(path, '# 张店\ntitle = "张店"\n[area]\n', encoding))
    if encoding in {"utf-16", "utf-32"}:
        assert_sentence(answer, path.name)
    assert_ended_well(answer, path.name)


def _csv(old: str, new: str) -> str:
    return stations_csv().replace(old, new)


TABLES = {
    "decimal commas": (_csv("118.06", "118,06"), ["line 2", "point"]),
    "semicolons": (stations_csv().replace(",", ";").replace(".", ","), ["line 2"]),
    "no longitude": (_csv("longitude", "wide"), ["longitude"]),
    "twice the same column": (_csv("name", "kind"), ["'kind'"]),
    "an open quote": (stations_csv() + 's9,"' + "x" * 300_000, ["table"]),
    "empty": ("", ["no rows"]),
    "only a header": (stations_csv().splitlines()[0] + "\n", None),
    "null bytes": (_csv("站1", "\x00"), None),
    "longitude beyond": (_csv("118.06", "918.06"), ["line 2", "degrees"]),
    "NaN": (_csv("118.06500", "nan"), None),
    "infinite": (_csv("118.06500", "inf"), None),
    "numbers without end": (_csv("118.06500", "1" * 5_000), None),
    "formulas": (_csv("站1", "=1+1"), None),
}  # fmt: skip


@pytest.mark.parametrize("kind", TABLES)
def test_tables_of_places(kind: str, reader: HostileReader, tmp_path: Path) -> None:
    text, words = TABLES[kind]
    path = write(tmp_path / "stations.csv", text)
    answer = reader.ask("layer", layer_name="stations", path=path)
    if words is None:
        assert_ended_well(answer, path.name)
    else:
        assert_sentence(answer, path.name, *words)


def test_a_key_twice_in_a_table_names_its_line(reader: HostileReader, tmp_path: Path) -> None:
    path = write(tmp_path / "stations.csv", _csv("s7,", "s8,"))
    answer = reader.ask("layer", layer_name="stations", path=path, key="station_id")
    assert_sentence(answer, "stations.csv", "'station_id'", "line 10")


def _members(**changes: object) -> bytes:
    """The workbook with the text of its sheet changed."""
    held = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook_bytes(stations_csv()))) as whole,
        zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in whole.namelist():
            data = whole.read(name)
            made.writestr(name, changes["sheet"](data) if "sheet1" in name else data)
    return held.getvalue()


def _laughs(data: bytes) -> bytes:
    names = "abcdefghij"
    inner = "".join(
        f'<!ENTITY {after} "{f"&{before};" * 10}">' for before, after in itertools.pairwise(names)
    )
    head = f'<!DOCTYPE worksheet [<!ENTITY a "haha">{inner}]>'.encode()
    return head + data.replace(b"<v>", b"<v>&j;")


SHEETS = {
    "a bomb": (lambda data: data + b" " * 510_000_000, "unpack"),
    "rows to the end": (
        lambda data: (
            data.replace(b'"A1:F21"', b'"A1:XFD1048576"')
            .replace(b'r="A21"', b'r="XFD1048576"')
            .replace(b'<row r="21"', b'<row r="1048576"')
        ),
        "cells",
    ),
    "laughing entities": (_laughs, None),
    "an outside entity": (
        lambda data: (
            b'<!DOCTYPE w [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
            + data.replace(b"<v>", b"<v>&e;")
        ),
        None,
    ),
    "cut XML": (lambda data: data[: len(data) // 2], "workbook"),
}


@pytest.mark.parametrize("kind", SHEETS)
def test_workbooks(kind: str, reader: HostileReader, tmp_path: Path) -> None:
    change, word = SHEETS[kind]
    path = tmp_path / "stations.xlsx"
    path.write_bytes(_members(sheet=change))
    answer = reader.ask("layer", layer_name="stations", path=path)
    assert "root:" not in str(answer)
    if word is None:
        assert_ended_well(answer, "stations.xlsx")
    else:
        assert_sentence(answer, "stations.xlsx", word)


def _archive(path: Path, name: str, data: bytes, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    "name",
    ["../N36E118.hgt", "/etc/N36E118.hgt", "a/N36E118.hgt", "..\\N36E118.hgt", "N36E118.hgt/../x.hgt",
     "N99E999.hgt", "N36E118.tif", "N36E118.hgt\x00.txt"],
)  # fmt: skip
def test_an_archive_never_leaves_its_place(
    name: str, reader: HostileReader, tmp_path: Path
) -> None:
    path = _archive(tmp_path / "N36E118.hgt.zip", name, hgt_bytes())
    answer = reader.ask("terrain", path=path)
    if name.startswith("N36E118.hgt\x00"):
        assert_ended_well(answer, path.name)
    else:
        assert_sentence(answer, path.name)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_archives_that_are_bombs_locked_or_packed_strangely(
    reader: HostileReader, tmp_path: Path
) -> None:
    path = tmp_path / "N36E118.hgt.zip"
    _archive(path, "N36E118.hgt", bytes(40_000_000))
    assert_sentence(reader.ask("terrain", path=path), path.name, "larger than 3601 x 3601")
    whole = _archive(path, "N36E118.hgt", hgt_bytes()).read_bytes()
    at = whole.index(b"PK\x01\x02")
    for first, second, byte, word in ((6, 8, 1, "password"), (8, 10, 99, "compression")):
        data = bytearray(whole)
        data[first] = data[at + second] = byte
        path.write_bytes(data)
        assert_sentence(reader.ask("terrain", path=path), path.name, word)
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        data = bytearray(_archive(path, "N36E118.hgt", hgt_bytes(), method).read_bytes())
        data[len(data) // 2] ^= 255
        data[70] ^= 255
        path.write_bytes(data)
        assert_sentence(reader.ask("terrain", path=path), path.name)
    zipped = _archive(tmp_path / "roofs.zip", "roofs.shp", b"x")
    assert_sentence(reader.ask("vectors", path=zipped), "roofs.zip", "unpack it first")


def test_a_parquet_bomb_is_refused_by_its_count(reader: HostileReader, tmp_path: Path) -> None:
    shape = roofs(1).to_crs(4326).geometry.iloc[0].wkb
    geo = {
        "version": "1.0.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB"}},
    }
    part = pa.table({"geometry": pa.array([shape] * 500_000).dictionary_encode()})
    part = part.replace_schema_metadata({b"geo": json.dumps(geo).encode()})
    path = tmp_path / "bomb.parquet"
    with pq.ParquetWriter(path, part.schema, compression="zstd") as writer:
        for _ in range(60):
            writer.write_table(part)
    assert_sentence(reader.ask("vectors", path=path), "bomb.parquet", "30,000,000 rows", "memory")


def test_parquet_that_names_code_runs_none(reader: HostileReader, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    pickled = b"cos\nsystem\n(S'touch " + str(mark).encode() + b"'\ntR."
    frame = roofs(3)
    path = tmp_path / "roofs.parquet"
    frame.to_parquet(path)
    table = pq.read_table(path)
    field = table.schema.field("code").with_metadata(
        {b"ARROW:extension:name": b"arrow.py_extension_type", b"ARROW:extension:metadata": pickled}
    )
    schema = table.schema.set(table.schema.get_field_index("code"), field)
    pq.write_table(pa.table(table.columns, schema=schema), path)
    assert_ended_well(reader.ask("vectors", path=path), path.name)
    assert not mark.exists()


@pytest.mark.parametrize(
    "geo",
    [b"", b"[]", b"{}", b'{"columns": 7, "primary_column": "geometry"}', b"\xff", b"nul", b'{"columns": {}}',
     b'{"primary_column": "code", "columns": {"code": {"encoding": "WKB"}}}',
     b'{"primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB", "crs": {"type": "x"}}}}',
     b'{"primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB", "crs": null}}}',
     b'{"primary_column": "geometry", "columns": {"geometry": {"encoding": "what"}}, "version": "9"}'],
)  # fmt: skip
def test_parquet_that_describes_itself_wrongly(
    geo: bytes, reader: HostileReader, tmp_path: Path
) -> None:
    path = tmp_path / "roofs.parquet"
    roofs(3).to_parquet(path)
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({b"geo": geo}), path)
    assert_sentence(reader.ask("vectors", path=path), path.name)


@pytest.mark.parametrize("kind", ["terrain", "landcover"])
def test_rasters_of_endless_pixels_are_refused(
    kind: str, reader: HostileReader, tmp_path: Path
) -> None:
    path, side = tmp_path / "huge.tif", 200_000
    with rasterio.open(
        path, "w", driver="GTiff", width=side, height=side, count=1, crs="EPSG:4548", tiled=True,
        dtype="int16" if kind == "terrain" else "uint8", compress="deflate", sparse_ok=True,
        transform=rasterio.Affine(8400.0 / side, 0.0, 591_000.0, 0.0, -8400.0 / side, 4_077_500.0),
        blockxsize=16384, blockysize=16384, bigtiff="yes",
    ):  # fmt: skip
        pass
    assert_sentence(reader.ask(kind, path=path), "huge.tif", "pixels", "resample")


@pytest.mark.parametrize(
    "crs",
    ["EPSG:4978", "EPSG:5773", "IAU_2015:30100", 'LOCAL_CS["here",UNIT["metre",1]]', "+proj=merc +a=1 +b=1"],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["terrain", "landcover"])
def test_rasters_in_a_crs_of_no_place(
    kind: str, crs: str, reader: HostileReader, tmp_path: Path
) -> None:
    values = np.full((140, 140), 10, dtype=np.float32 if kind == "terrain" else np.uint8)
    path = write_tif(tmp_path / "odd.tif", values, crs=crs)
    assert_sentence(reader.ask(kind, path=path), "odd.tif")


@pytest.mark.parametrize("bad", [NAN, INF, -INF, 3e38, -32768.0])
def test_elevations_that_are_none(bad: float, reader: HostileReader, tmp_path: Path) -> None:
    values = np.full((140, 140), 50.0, dtype=np.float32)
    values[60:80, 60:80] = bad
    answer = reader.ask("terrain", path=write_tif(tmp_path / "bad.tif", values))
    if np.isnan(bad):
        assert "voids filled in" in answer.text
    else:
        assert_sentence(answer, "bad.tif", "no height of ground", "-a_nodata")


def _epw(change: object) -> str:
    lines = epw_text().splitlines()
    change(lines)
    return "\n".join(lines) + "\n"


def _replace(at: int, old: str, new: str) -> object:
    def change(lines: list[str]) -> None:
        assert old in lines[at]
        lines[at] = lines[at].replace(old, new, 1)

    return change


YEARS = {
    "decimal commas": (_replace(100, "20.0", "20,0"), None),
    "a word": (_replace(100, "20.0", "warm"), ["line 101", "cell 7"]),
    "a short line": (lambda lines: lines.__setitem__(200, lines[200][:40]), ["line 201"]),
    "a day that is none": (_replace(100, "2021,1,4", "2021,2,31"), ["epw"]),
    "an hour twice": (lambda lines: lines.__setitem__(50, lines[49]), ["twice"]),
    "an hour missing": (lambda lines: lines.pop(5000), ["missing"]),
    "out of order": (lambda lines: lines.__setitem__(slice(8, None), lines[:7:-1]), "out of order"),
    "latitude and longitude swapped": (
        _replace(0, "36.79,118.065", "118.065,36.79"),
        ["no place on Earth"],
    ),
    "a wrong zone": (_replace(0, ",8.0,", ",-8.0,"), ["longitude"]),
    "a zone of no clock": (_replace(0, ",8.0,", ",99999.0,"), ["epw"]),
    "a place that is NaN": (_replace(0, "36.79", "nan"), ["line 1"]),
    "infinite sun": (
        lambda lines: lines.__setitem__(20, lines[20].replace(",300,", ",1e99,")),
        None,
    ),
    "a header only": (lambda lines: lines.__setitem__(slice(8, None), []), ["epw"]),
    "a hostile city": (_replace(0, "Zhangdian", "\x1b[31m<script>=cmd()"), None),
}


@pytest.mark.parametrize("kind", YEARS)
def test_weather_years(kind: str, reader: HostileReader, tmp_path: Path) -> None:
    change, words = YEARS[kind]
    path = write(tmp_path / "year.epw", _epw(change))
    answer = reader.ask("weather", path=path, format="epw")
    if isinstance(words, str):
        assert answer.counted("repaired", words) == 8760, answer.text
    elif words is None:
        assert_ended_well(answer, path.name)
    else:
        assert_sentence(answer, path.name, *words)


@pytest.mark.parametrize(
    ("old", "new"),
    [("MO,DY", "DY,MO"), ("2021,1,1,0,", "2021,1,1,0,x"), ("2021,1,1,0,", "2020,1,1,0,"), (",20.0,", ",20,0,"),
     ("latitude  36.79", "latitude  nan"), ("-END HEADER-", ""), ("2021,7,1,5,", "2021,7,1,25,"), ("2.0\n", "-999\n")],
)  # fmt: skip
def test_other_weather_files(old: str, new: str, reader: HostileReader, tmp_path: Path) -> None:
    text = power_text()
    assert old in text
    path = write(tmp_path / "power.csv", text.replace(old, new))
    assert_sentence(reader.ask("weather", path=path, format="nasa_power"), path.name)


@pytest.mark.parametrize("suffix", [".json", ".csv"])
@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"inputs": 7, "outputs": []}', "[" * 100_000, "a,b\n1,2\n", "\x00" * 99, "NaN"]
)  # fmt: skip
def test_pvgis_files_that_are_none(
    text: str, suffix: str, reader: HostileReader, tmp_path: Path
) -> None:
    path = write(tmp_path / f"tmy{suffix}", text)
    assert_sentence(reader.ask("weather", path=path, format="pvgis_tmy"), path.name)


def test_shapefile_parts_of_different_files(reader: HostileReader, tmp_path: Path) -> None:
    path = write_vectors(tmp_path, "shp")
    other = tmp_path / "other"
    other.mkdir()
    write_vectors(other, "shp", roofs(7))
    shutil.copy(other / "roofs.dbf", tmp_path)
    answer = reader.ask("vectors", path=path)
    assert_sentence(answer, "roofs.dbf has 7 rows", "40 shapes", "do not belong together")


def test_text_columns_that_are_no_text(reader: HostileReader, tmp_path: Path) -> None:
    frame = roofs(3)
    path = tmp_path / "roofs.gpkg"
    frame["name"] = "AAAABBBB"
    frame.to_file(path)
    path.write_bytes(path.read_bytes().replace(b"AAAABBBB", b"AAA\xff\xfe\xb2BB"))
    assert_sentence(reader.ask("vectors", path=path), "roofs.gpkg", "'name'", "UTF-8")


def test_osm_with_entities_nested_tags_and_strange_numbers(
    reader: HostileReader, tmp_path: Path
) -> None:
    node = '<node id="1" lat="36.79" lon="118.065" version="1"><tag k="a" v="b"/></node>'
    for name, body in {
        "entity": f'<!DOCTYPE osm [<!ENTITY a "aa">]><osm version="0.6">{node}</osm>',
        "deep": f'<osm version="0.6">{"<x>" * 5000}</osm>',
        "coordinate": f'<osm version="0.6">{node.replace("36.79", "9e9e9")}</osm>',
        "id": f'<osm version="0.6">{node.replace("1", "9" * 40)}</osm>',
        "end": f'<osm version="0.6">{node}',
        "version": f"<osm>{node}</osm>",
    }.items():
        path = write(tmp_path / f"{name}.osm", body)
        assert_sentence(reader.ask("vectors", path=path, geometry="Point"), path.name)
    path = tmp_path / "ring.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        writer.add_node(osmium.osm.mutable.Node(id=1, location=(LON, LAT), version=1))
        writer.add_way(
            osmium.osm.mutable.Way(id=1, nodes=[1, 1, 9, 1], tags={"building": "yes"}, version=1)
        )
        members = [("r", 1, "outer"), ("w", 1, "outer"), ("w", 77, "inner")]
        tags = {"type": "multipolygon", "building": "yes"}
        writer.add_relation(
            osmium.osm.mutable.Relation(id=1, members=members, tags=tags, version=1)
        )
    assert_ended_well(reader.ask("vectors", path=path, geometry="Polygon"), path.name)


def test_the_byte_order_mark_is_no_part_of_the_first_column(
    reader: HostileReader, tmp_path: Path
) -> None:
    path = tmp_path / "stations.csv"
    path.write_bytes(codecs.BOM_UTF8 + stations_csv().encode())
    answer = reader.ask("layer", layer_name="stations", path=path, key="station_id")
    assert answer.rows == 20, answer.text


def test_time_columns_of_any_kind(reader: HostileReader, tmp_path: Path) -> None:
    frame = roofs(3)
    frame["when"] = pd.to_datetime(["1500-01-01", "2262-04-11", None], format="%Y-%m-%d").astype(
        "datetime64[ms]"
    )
    frame["many"] = [[1, 2], [], None]
    path = tmp_path / "roofs.parquet"
    frame.to_parquet(path)
    assert reader.ask("layer", layer_name="buildings", path=path).rows == 3
