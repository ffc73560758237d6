"""Schemas name every fault of a frame in one message."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from layers.errors import LayerError
from layers.schema import Column, Table
from layers.tables import LAYER_TABLES, WEATHER

TABLE = Table(
    "things",
    "thing_id",
    "One thing.",
    (
        Column("use", "category", "-", "Use.", "用途", allowed=("a", "b")),
        Column("height_m", "number", "m", "Height.", "高", minimum=0.5, maximum=900.0),
        Column(
            "storeys", "integer", "1", "Storeys.", "层", nullable=True, optional=True, minimum=1
        ),
        Column("open", "flag", "-", "Open.", "开"),
    ),
    "Polygon",
)


def _frame(**changed: object) -> gpd.GeoDataFrame:
    values: dict[str, object] = {
        "use": ["a", "b"],
        "height_m": [3, 4.5],
        "storeys": [1, None],
        "open": [True, False],
    }
    values.update(changed)
    return gpd.GeoDataFrame(
        values,
        index=pd.Index(["x", "y"], name="thing_id"),
        geometry=[shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1)],
        crs=4548,
    )


def test_a_valid_frame_comes_back_in_its_types_and_the_input_stays() -> None:
    frame = _frame(extra=["p", "q"])
    before = frame.copy()
    held = TABLE.validate(frame, where="The file")
    assert list(held.columns) == ["use", "height_m", "storeys", "open", "extra", "geometry"]
    assert str(held["storeys"].dtype) == "Int64"
    assert held["use"].cat.categories.tolist() == ["a", "b"]
    pd.testing.assert_frame_equal(frame, before)
    assert held.crs == frame.crs


def test_an_optional_column_is_added() -> None:
    held = TABLE.validate(_frame().drop(columns="storeys"), where="The file")
    assert held["storeys"].isna().all()


def test_all_faults_stand_in_one_message() -> None:
    frame = _frame(use=["a", "z"], height_m=[-3.0, 4.0], storeys=[0, 1])
    with pytest.raises(LayerError) as caught:
        TABLE.validate(frame, where="The file f.shp")
    message = str(caught.value)
    assert message.startswith("The file f.shp is not a valid things table: ")
    for part in [
        "'z'",
        "allowed are a, b",
        "'height_m' is -3.0",
        "first thing_id 'x'",
        "at least 0.5 m",
        "'storeys'",
    ]:
        assert part in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("spoil", "part"),
    [
        (lambda f: f.drop(columns="use"), "column 'use' is missing"),
        (lambda f: f.assign(height_m=["tall", 3]), "holds 'tall' (1 rows, first 'x')"),
        (lambda f: f.assign(height_m=[np.inf, 3]), "finite numbers in m"),
        (lambda f: f.assign(height_m=[None, 3.0]), "'height_m' is missing in 1 rows"),
        (lambda f: f.assign(storeys=[1.5, 2]), "whole numbers"),
        (lambda f: f.assign(open=["yes", "no"]), "true or false"),
        (lambda f: f.rename_axis("id"), "index is named 'id'"),
        (lambda f: f.set_axis(pd.Index(["x", "x"], name="thing_id")), "not unique"),
        (lambda f: f.set_axis(pd.Index([1, 2], name="thing_id")), "must be text"),
        (lambda f: f.to_crs(4326), "degrees"),
        (lambda f: f.set_crs(None, allow_override=True), "no coordinate reference system"),
        (lambda f: f.set_geometry([None, shapely.box(0, 0, 1, 1)], crs=4548), "missing or empty"),
        (
            lambda f: f.set_geometry([shapely.Point(0, 0), shapely.box(0, 0, 1, 1)], crs=4548),
            "not a Polygon",
        ),
        (
            lambda f: f.set_geometry(
                [shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), shapely.box(0, 0, 1, 1)],
                crs=4548,
            ),
            "invalid",
        ),
    ],
)
def test_each_fault_has_its_words(spoil: object, part: str) -> None:
    with pytest.raises(LayerError, match="not a valid things table") as caught:
        TABLE.validate(spoil(_frame()), where="It")  # type: ignore[operator]
    assert part in str(caught.value)


@pytest.mark.parametrize("table", LAYER_TABLES, ids=lambda table: table.name)
def test_an_empty_table_is_valid_and_every_column_is_documented(table: Table) -> None:
    if not table.time_index:
        assert len(table.validate(table.empty(4548), where="It")) == 0
    for column in table.columns:
        assert column.meaning.endswith(".")
        assert column.alias_zh
    assert len({column.name for column in table.columns}) == len(table.columns)


def test_weather_needs_a_time_zone() -> None:
    hours = pd.date_range("2025-01-01", periods=2, freq="h", name="time")
    frame = pd.DataFrame({column.name: 1.0 for column in WEATHER.columns}, index=hours)
    with pytest.raises(LayerError, match="time zone"):
        WEATHER.validate(frame, where="It")
    WEATHER.validate(frame.tz_localize("Asia/Shanghai"), where="It")
