"""Overlapping footprints are found and named, neighbours are not."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.account import Ledger
from layers.overlaps import note_overlaps, overlapping_pairs


def test_touching_neighbours_and_courtyards_are_no_overlap() -> None:
    ring = shapely.box(0, 0, 30, 30) - shapely.box(10, 10, 20, 20)
    shapes = np.array([ring, shapely.box(10, 10, 20, 20), shapely.box(30, 0, 40, 30)])
    assert overlapping_pairs(shapes).tolist() == []


def test_twins_and_nested_footprints_are_overlaps() -> None:
    shapes = np.array(
        [shapely.box(0, 0, 10, 10), shapely.box(0, 0, 10, 10), shapely.box(2, 2, 4, 4)]
    )
    assert overlapping_pairs(shapes).tolist() == [[0, 1], [0, 2], [1, 2]]


@settings(max_examples=50, deadline=None)
@given(st.floats(0.0, 12.0))
def test_the_share_decides(shift: float) -> None:
    shapes = np.array([shapely.box(0, 0, 10, 10), shapely.box(shift, 0, shift + 10, 10)])
    found = len(overlapping_pairs(shapes)) == 1
    if abs(shift - 9.5) > 1e-9:
        assert found == (shift < 9.5)


def test_the_account_names_a_pair() -> None:
    frame = gpd.GeoDataFrame(
        index=pd.Index(["a", "b"], name="building_id"),
        geometry=[shapely.box(0, 0, 10, 10), shapely.box(1, 0, 11, 10)],
        crs=4548,
    )
    ledger = Ledger("buildings", "f")
    note_overlaps(frame, ledger)
    row = ledger.frame().iloc[0]
    assert row["rows"] == 2
    assert row["example"] == "a and b"
    empty = Ledger("buildings", "f")
    note_overlaps(frame.iloc[:1], empty)
    assert len(empty.frame()) == 0
