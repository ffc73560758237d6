"""Files are written whole or not at all, and text never becomes a formula."""

import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from layers.errors import CaseError
from zibo_geo import files
from zibo_geo.files import formula_safe, write_csv, write_gpkg, write_json, write_text, write_whole


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text("old", path)

    def fail(beside: Path) -> None:
        beside.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(CaseError, match="No space left on device"):
        write_whole(path, fail)
    assert path.read_text() == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_no_text_starts_a_formula(tmp_path: Path, text: str) -> None:
    frame = pd.DataFrame(
        {"name": [text, "张店"], "kwp": [-1.5, 2.0]}, index=pd.Index([text + "k", "b"], name="key")
    )
    assert formula_safe(frame)["name"].tolist() == ["'" + text, "张店"]
    write_csv(frame, tmp_path / "t.csv")
    back = pd.read_csv(tmp_path / "t.csv", encoding="utf-8-sig")
    assert back["key"].tolist()[0].startswith("'")
    assert back["kwp"].tolist() == [-1.5, 2.0]


def test_a_geopackage_carries_layers_tables_and_chinese_aliases(tmp_path: Path) -> None:
    spatial = gpd.GeoDataFrame(
        {"use": pd.Categorical(["shop"]), "height_m": [3.0]},
        index=pd.Index(["b1"], name="building_id"),
        geometry=[shapely.box(0, 0, 1, 1)],
        crs=4548,
    )
    plain = pd.DataFrame({"n": [1]}, index=pd.Index(["k"], name="key"))
    path = tmp_path / "p.gpkg"
    write_gpkg(
        {"roofs": spatial, "notes": plain}, path, {"roofs": {"height_m": "高度", "absent": "无"}}
    )
    assert {row[0] for row in pyogrio.list_layers(path)} == {"roofs", "notes"}
    back = pyogrio.read_dataframe(path, layer="roofs")
    assert back["building_id"].tolist() == ["b1"]
    assert back.crs.to_epsg() == 4548
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute(
            "SELECT table_name, column_name, title FROM gpkg_data_columns"
        ).fetchall()
    assert rows == [("roofs", "height_m", "高度")]


def test_json_is_sorted_and_readable(tmp_path: Path) -> None:
    write_json({"b": 1, "a": "张店"}, tmp_path / "x.json")
    assert (tmp_path / "x.json").read_text(encoding="utf-8") == '{\n "a": "张店",\n "b": 1\n}\n'


def test_a_large_layer_is_the_same_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = 7
    frame = gpd.GeoDataFrame(
        {
            "use": pd.Categorical(["shop", None, *["office"] * (count - 2)]),
            "name": pd.array(["张店", None, *["b"] * (count - 2)], dtype="str"),
            "height_m": [3.0, np.nan, *[6.5] * (count - 2)],
            "year": pd.array([2027, None, *[2030] * (count - 2)], dtype="Int64"),
            "chosen": [True, False, *[True] * (count - 2)],
        },
        index=pd.Index([f"b{k}" for k in range(count)], name="building_id"),
        geometry=[shapely.box(k, 0, k + 1, 1) for k in range(count)],
        crs=4548,
    )
    found = []
    for name, rows in (("whole", 100), ("parts", 3)):
        monkeypatch.setattr(files, "ROWS_AT_ONCE", rows)
        path = tmp_path / f"{name}.gpkg"
        write_gpkg(
            {"roofs": frame, "plain": pd.DataFrame(frame.drop(columns="geometry"))}, path, {}
        )
        layers = [pyogrio.read_dataframe(path, layer=layer) for layer in ("roofs", "plain")]
        kinds = [pyogrio.read_info(path, layer=layer) for layer in ("roofs", "plain")]
        found.append((layers, [(kind["geometry_type"], *kind["ogr_types"]) for kind in kinds]))
    (whole, whole_kinds), (parts, part_kinds) = found
    assert whole_kinds == part_kinds
    for one, other in zip(whole, parts, strict=True):
        assert len(one) == count
        pd.testing.assert_frame_equal(one, other)
