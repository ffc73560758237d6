"""Hosting capacity and connections, reckoned by hand; the room is never overdrawn."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.errors import LayerError
from rooftop_pv.connections import connect_roofs, feeder_totals
from rooftop_pv.hosting import hosting_capacity
from rooftop_pv.hosting_assumptions import HostingAssumptions

BASE = HostingAssumptions()
NEAR = HostingAssumptions.from_mapping({"feeder_reach_m": 100000.0})


def grid(rows: dict[str, tuple], **columns: object) -> gpd.GeoDataFrame:
    """Key to x, kV, MVA, transformers, parent, load, connected, registered."""
    names = ["x", "voltage_kv", "capacity_mva", "transformers", "parent_id", "load_mw", "connected_mw",
             "registered_mw"]  # fmt: skip
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=names)
    frame.index = pd.Index(frame.index, dtype="str", name="substation_id")
    x = frame.pop("x").to_numpy(dtype=float)
    frame["parent_id"] = frame["parent_id"].astype("str")
    frame = frame.assign(county="370302", source="hand", **columns)
    return gpd.GeoDataFrame(
        frame, geometry=shapely.points(x, np.full(len(x), 4_000_000.0)), crs=4548
    )


def roofs(x: list[float], kwp: list[float]) -> gpd.GeoDataFrame:
    frame = pd.DataFrame(
        {"county": "370302", "capacity_kwp": kwp},
        index=pd.Index([f"b{n}" for n in range(len(x))], dtype="str", name="building_id"),
    )
    east = np.array(x, dtype=float)
    outlines = shapely.box(east - 5, 4_000_000.0 - 5, east + 5, 4_000_000.0 + 5)
    return gpd.GeoDataFrame(frame, geometry=list(outlines), crs=4548)


def test_the_formula_by_hand() -> None:
    hosted = hosting_capacity(
        grid(
            {
                "two": (0.0, 110.0, 100.0, 2, None, 20.0, 60.0, 10.0),
                "three": (1e3, 110.0, 150.0, 3, None, 30.0, 100.0, 70.0),
                "one": (2e3, 10.0, 0.4, 1, None, 0.1, 0.505, 0.0),
            }
        ),
        BASE,
    )
    # (20 + 1/2 · 100 · 0.95) / 0.8; (30 + 2/3 · 150 · 0.95) / 0.8; (0.1 + 0.8 · 0.4 · 0.95) / 0.8
    assert hosted["hosting_mw"].to_list() == pytest.approx([84.375, 156.25, 0.505])
    assert hosted["room_connected_mw"].to_list() == pytest.approx([24.375, 56.25, 0.0])
    assert hosted["room_mw"].to_list() == pytest.approx([14.375, -13.75, 0.0])
    assert hosted["colour"].to_list() == ["green", "yellow", "red"]
    assert hosted["load_factor"].to_list() == pytest.approx([0.5, 2 / 3, 0.8])


def test_further_terms_and_limits() -> None:
    rows = dict.fromkeys("abcd", (0.0, 110.0, 100.0, 2, None, 20.0, 0.0, 0.0))
    hosted = hosting_capacity(
        grid(
            rows,
            split_bus=[True, False, None, None],
            other_generation_mw=[np.nan, 8.0, 0.0, 300.0],
            storage_mw=[np.nan, 0.0, 4.0, 0.0],
            limit_mw=[np.nan, np.nan, 30.0, np.nan],
        ),
        BASE,
    )
    # (20 + 76)/0.8; (20 − 8 + 47.5)/0.8; (20 + 47.5 + 4)/0.8 held to 30; below zero is zero
    assert hosted["hosting_mw"].to_list() == pytest.approx([120.0, 74.375, 30.0, 0.0])
    assert hosted["colour"].to_list() == ["green", "green", "green", "red"]


TREE = {
    "top": (0.0, 110.0, 100.0, 2, None, 20.0, 90.0, 0.0),  # red
    "mid": (10.0, 35.0, 20.0, 2, "top", 5.0, 0.0, 0.0),
    "leaf": (20.0, 10.0, 1.0, 1, "mid", 0.2, 0.0, 0.0),
    "free": (30.0, 10.0, 1.0, 1, None, 0.2, 0.0, 0.0),
}


def test_a_red_parent_reddens_all_below() -> None:
    hosted = hosting_capacity(grid(TREE), BASE)
    assert hosted["colour"].to_list() == ["red", "red", "red", "green"]
    assert hosted["own_colour"].to_list() == ["red", "green", "green", "green"]
    assert hosted["red_by"].to_list()[:3] == ["top", "top", "top"]
    assert hosted["red_by"].isna().to_list() == [False, False, False, True]
    assert hosted["level"].to_list() == [0, 1, 2, 0]
    alone = hosting_capacity(grid(TREE), HostingAssumptions.from_mapping({"red_children": False}))
    assert alone["colour"].to_list() == ["red", "green", "green", "green"]


def test_a_circle_and_a_lost_parent_are_named() -> None:
    ring = {**TREE, "top": (0.0, 110.0, 100.0, 2, "leaf", 20.0, 90.0, 0.0)}
    with pytest.raises(LayerError, match="circle: top > leaf > mid > top"):
        hosting_capacity(grid(ring), BASE)
    itself = {"a": (0.0, 110.0, 100.0, 2, "a", 20.0, 90.0, 0.0)}
    with pytest.raises(LayerError, match="circle: a > a"):
        hosting_capacity(grid(itself), BASE)
    lost = {"a": (0.0, 110.0, 100.0, 2, "nowhere", 20.0, 90.0, 0.0)}
    with pytest.raises(LayerError, match="first a with parent_id 'nowhere'"):
        hosting_capacity(grid(lost), BASE)


# one transformer of 0.4 MVA: (0.06 + 0.8 · 0.4 · 0.95)/0.8 = 0.455 MW
SMALL = {
    "a": (0.0, 10.0, 0.4, 1, None, 0.06, 0.0, 0.0),
    "b": (1000.0, 10.0, 0.4, 1, None, 0.06, 0.0, 0.0),
}


def test_best_roofs_first_until_full() -> None:
    hosted = hosting_capacity(grid(SMALL), BASE)
    some = roofs([10, 20, 30, 990, 400, 40], [200.0, 300.0, 100.0, 50.0, 0.0, 55.0])
    order = pd.Series([0.3, 0.1, 0.2, 0.5, 0.1, np.nan], index=some.index)
    links = connect_roofs(some, hosted, order=order, assumptions=BASE)
    # at a: b1 takes 300, b2 100, b0 (200) does not fit, b5 (55) still does: 455
    assert links["reason"].to_list() == [
        "full", "accepted", "accepted", "accepted", "no_modules", "accepted",
    ]  # fmt: skip
    assert links["substation_id"].to_list()[:4] == ["a", "a", "a", "b"]
    assert links["limiting_id"].to_list()[0] == "a"
    assert links["distance_m"].to_list()[3] == pytest.approx(10.0)
    sums = feeder_totals(links, hosted, assumptions=BASE)
    assert sums["asked_mw"].to_list() == pytest.approx([0.655, 0.05])
    assert sums["accepted_mw"].to_list() == pytest.approx([0.455, 0.05])
    assert sums["left_mw"].to_list() == pytest.approx([0.0, 0.405], abs=1e-9)
    assert sums["roofs"].to_list() == [4, 1]
    by_inverter = HostingAssumptions.from_mapping({"grid_kw_kwp": 0.5})
    half = connect_roofs(some, hosted, order=order, assumptions=by_inverter)
    assert half["accepted"].sum() == 5


def test_a_parent_without_room_stops_its_children() -> None:
    rows = {
        # (1 + 0.8 · 10 · 0.95)/0.8 = 10.75, of which 10.5 connected and 0.1 registered: 0.15 left
        "top": (0.0, 110.0, 10.0, 1, None, 1.0, 10.5, 0.1),
        "a": (0.0, 10.0, 0.4, 1, "top", 0.06, 0.0, 0.0),
        "b": (1000.0, 10.0, 0.4, 1, "top", 0.06, 0.0, 0.0),
    }
    hosted = hosting_capacity(grid(rows), BASE)
    some = roofs([0, 1000], [100.0, 100.0])
    links = connect_roofs(some, hosted, order=pd.Series([2, 1], some.index), assumptions=BASE)
    assert links["reason"].to_list() == ["full", "accepted"]
    assert links["limiting_id"].to_list()[0] == "top"
    sums = feeder_totals(links, hosted, assumptions=BASE)
    assert sums.loc["top"].to_list() == pytest.approx([2, 0.2, 0.1, 0.1, 0.05])

    rows["top"] = (0.0, 110.0, 10.0, 1, None, 1.0, 10.5, 0.3)
    yellow = hosting_capacity(grid(rows), BASE)
    assert yellow["colour"].to_list() == ["yellow", "green", "green"]
    links = connect_roofs(some, yellow, order=pd.Series([2, 1], some.index), assumptions=BASE)
    assert links["reason"].to_list() == ["yellow", "yellow"]
    assert set(links["limiting_id"]) == {"top"}

    rows["top"] = (0.0, 110.0, 10.0, 1, None, 1.0, 11.5, 0.0)
    red = hosting_capacity(grid(rows), BASE)
    links = connect_roofs(some, red, order=pd.Series([2, 1], some.index), assumptions=BASE)
    assert links["reason"].to_list() == ["red", "red"]
    assert links["colour"].to_list() == ["red", "red"]
    assert set(links["limiting_id"]) == {"top"}


def test_size_decides_the_level_and_reach_ends_it() -> None:
    rows = {
        "t": (0.0, 10.0, 2.0, 1, None, 0.2, 0.0, 0.0),
        "m": (2000.0, 35.0, 20.0, 2, None, 5.0, 0.0, 0.0),
        "h": (5000.0, 110.0, 100.0, 2, None, 20.0, 0.0, 0.0),
    }
    hosted = hosting_capacity(grid(rows), BASE)
    some = roofs([10, 20, 30, 90_000], [400.0, 401.0, 6001.0, 10.0])
    links = connect_roofs(some, hosted, order=pd.Series(0.0, some.index), assumptions=BASE)
    assert links["substation_id"].to_list()[:3] == ["t", "m", "h"]
    assert links["reason"].to_list()[3] == "no_substation"
    assert links["substation_id"].isna().to_list() == [False, False, False, True]
    only = hosted.loc[["t"]]
    links = connect_roofs(some, only, order=pd.Series(0.0, some.index), assumptions=BASE)
    assert links["substation_id"].to_list()[2] == "t"  # the highest there is
    none = connect_roofs(some, hosted.iloc[:0], order=pd.Series(0.0, some.index), assumptions=BASE)
    assert set(none["reason"]) == {"no_substation"}


def test_service_polygons_come_before_the_nearest() -> None:
    hosted = hosting_capacity(grid(SMALL), BASE)
    some = roofs([10, 990], [10.0, 10.0])
    area = gpd.GeoDataFrame(
        index=pd.Index(["b"], name="substation_id"),
        geometry=[shapely.box(-50, 3_999_000, 50, 4_001_000)],
        crs=4548,
    )
    order = pd.Series(0.0, some.index)
    links = connect_roofs(some, hosted, order=order, assumptions=BASE, service=area)
    assert links["substation_id"].to_list() == ["b", "b"]
    assert links["distance_m"].to_list() == pytest.approx([990.0, 10.0])
    with pytest.raises(LayerError, match="first x; key them by substation_id"):
        connect_roofs(
            some, hosted, order=order, assumptions=BASE, service=area.rename(index={"b": "x"})
        )
    with pytest.raises(LayerError, match="CRS"):
        connect_roofs(
            some.set_crs(4527, allow_override=True), hosted, order=order, assumptions=BASE
        )


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 9999))
def test_no_room_is_overdrawn_and_no_refused_roof_would_fit(seed: int) -> None:
    draw = np.random.default_rng(seed)
    rows = {"top": (0.0, 110.0, draw.uniform(1, 4), 2, None, 0.5, draw.uniform(0, 2), 0.0)}
    for number in range(4):
        rows[f"t{number}"] = (
            1000.0 * number, 10.0, draw.uniform(0.2, 1.0), 1, "top", 0.05, draw.uniform(0, 0.5), 0.0,
        )  # fmt: skip
    hosted = hosting_capacity(grid(rows), BASE)
    some = roofs(draw.uniform(0, 3000, 40).tolist(), draw.uniform(5, 200, 40).tolist())
    order = pd.Series(draw.uniform(size=40), index=some.index)
    links = connect_roofs(some, hosted, order=order, assumptions=NEAR)
    sums = feeder_totals(links, hosted, assumptions=NEAR)
    assert (sums["left_mw"] >= np.minimum(hosted["room_mw"], 0.0) - 1e-9).all()
    assert sums.loc["top", "asked_mw"] == pytest.approx(some["capacity_kwp"].sum() / 1e3)
    for key, row in links[links["reason"] == "full"].iterrows():
        assert sums.loc[row["limiting_id"], "left_mw"] < some.loc[key, "capacity_kwp"] / 1e3
