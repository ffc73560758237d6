import numpy as np
import openpyxl
import pyproj
import pytest

from layers.coordinates import wgs84_to_gcj02
from layers.errors import DatumError, LayerError
from layers.points import read_points, read_rows
from layers.vectors import LayerSource

WGS84 = pyproj.CRS.from_epsg(4326)
METRIC = pyproj.CRS.from_epsg(4548)


def table(path, text, *, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return LayerSource(path=path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_the_usual_encodings(tmp_path, encoding):
    source = table(tmp_path / "a.csv", "名称,经度,纬度\n桓台热电,118.1,36.9\n", encoding=encoding)
    frame, ledger = read_points(source, name="sites", crs=WGS84)
    assert frame["名称"].tolist() == ["桓台热电"]
    assert frame.geometry.iloc[0].coords[0] == pytest.approx((118.1, 36.9))
    how = "gb18030" if encoding == "gb18030" else "utf-8-sig"
    assert how in ledger.frame()["reason"].iloc[0]


def test_a_stated_encoding_is_not_second_guessed(tmp_path):
    source = LayerSource(path=tmp_path / "a.csv", encoding="ascii")
    table(source.path, "名称,lon,lat\n站,118,36\n", encoding="gb18030")
    with pytest.raises(LayerError, match="is not text in ascii; state its `encoding`"):
        read_rows(source)


def test_rows_are_numbered_as_a_spreadsheet_does_and_gaps_are_dropped(tmp_path):
    source = table(tmp_path / "a.csv", "name,lon,lat\na,118,36\n\nb,,36\nc,118.5,36.5\n")
    frame, ledger = read_points(source, name="sites", crs=WGS84)
    assert frame.index.tolist() == ["a-2", "a-5"]
    assert frame["name"].tolist() == ["a", "c"]
    (dropped,) = ledger.frame().query("action == 'dropped'").itertuples()
    assert (dropped.rows, dropped.example) == (1, "4")


def test_a_quoted_cell_may_hold_commas_and_lines(tmp_path):
    source = table(tmp_path / "a.csv", 'name,lon,lat\n"x, y\nz",118,36\n')
    assert read_points(source, name="sites", crs=WGS84)[0]["name"].tolist() == ["x, y\nz"]


def test_the_datum_is_undone(tmp_path):
    longitude, latitude = wgs84_to_gcj02(np.array([118.0]), np.array([36.8]))
    source = table(
        tmp_path / "a.csv",
        f"lon,lat\n{longitude[0]!r},{latitude[0]!r}\n".replace("np.float64(", "").replace(")", ""),
    )
    named = LayerSource(path=source.path, datum="gcj02")
    true = read_points(table(tmp_path / "b.csv", "lon,lat\n118.0,36.8\n"), name="s", crs=METRIC)[0]
    shifted = read_points(source, name="s", crs=METRIC)[0]
    mended = read_points(named, name="s", crs=METRIC)[0]
    assert mended.geometry.iloc[0].distance(true.geometry.iloc[0]) < 1e-3
    assert 400 < shifted.geometry.iloc[0].distance(true.geometry.iloc[0]) < 650


def test_metric_coordinates_need_a_stated_crs(tmp_path):
    table(tmp_path / "a.csv", "x,y\n593708,4076000\n")
    source = LayerSource(path=tmp_path / "a.csv", crs="EPSG:4548")
    frame, _ = read_points(source, name="sites", crs=METRIC)
    assert frame.geometry.iloc[0].coords[0] == pytest.approx((593708, 4076000))
    with pytest.raises(LayerError, match="has no column lon or"):
        read_points(LayerSource(path=source.path), name="sites", crs=METRIC)
    both = LayerSource(path=source.path, crs="EPSG:4548", datum="gcj02")
    with pytest.raises(DatumError, match="states both crs EPSG:4548 and datum gcj02"):
        read_points(both, name="sites", crs=METRIC)


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("lon,lat\n36.8,118\n", DatumError, "lon 36.8, lat 118 in line 2"),
        ("lon,lat\n593708,4076000\n", DatumError, "are no degrees"),
        ("a,b\n1,2\n", LayerError, "has no column lon or longitude"),
        ("lon,lng,lat\n1,2,3\n", LayerError, "has several columns"),
        ("lon,lon,lat\n1,2,3\n", LayerError, "two columns named 'lon'"),
        ("", LayerError, "has no rows"),
    ],
)
def test_faulty_tables_are_one_sentence(tmp_path, text, error, says):
    with pytest.raises(error, match=says):
        read_points(table(tmp_path / "a.csv", text), name="sites", crs=WGS84)


def test_a_missing_file_is_one_sentence(tmp_path):
    for name in ("none.csv", "none.xlsx"):
        with pytest.raises(LayerError, match="check the path"):
            read_rows(LayerSource(path=tmp_path / name))


def test_mapped_columns_and_keys(tmp_path):
    text = "id,东经,北纬\np1,118,36\np2,118.1,36\n"
    table(tmp_path / "a.csv", text)
    columns = {"longitude": "东经", "latitude": "北纬"}
    source = LayerSource(path=tmp_path / "a.csv", columns=columns, key="id")
    assert read_points(source, name="sites", crs=WGS84)[0].index.tolist() == ["p1", "p2"]
    table(tmp_path / "a.csv", text.replace("p2", "p1"))
    with pytest.raises(LayerError, match="missing or repeated in 1 rows, first in line 3"):
        read_points(source, name="sites", crs=WGS84)


def test_a_workbook_gives_its_values_and_never_computes(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "说明"
    sheet = book.create_sheet("热源")
    for row in (
        ["名称", "经度", "纬度", "MW"],
        ["甲", 118.0, 36.8, 50],
        ["乙", 118.1, 36.9, "=25*2"],
    ):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    source = LayerSource(path=tmp_path / "a.xlsx", layer="热源")
    frame, _ = read_points(source, name="sites", crs=WGS84)
    assert frame["MW"].tolist()[0] == "50"
    assert frame["MW"].isna().tolist() == [False, True]  # never saved by a spreadsheet: no value
    with pytest.raises(LayerError, match="no sheet '热原'; known are 热源"):
        read_rows(LayerSource(path=tmp_path / "a.xlsx", layer="热原"))


def test_what_is_no_workbook_is_one_sentence(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"not a zip")
    with pytest.raises(LayerError, match="is not a whole archive"):
        read_rows(LayerSource(path=tmp_path / "a.xlsx"))
