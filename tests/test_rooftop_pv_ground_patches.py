"""Patches found window by window against the labels of the whole mask, and the outlines of cells."""

import numpy as np
import pyproj
import pytest
import scipy.ndimage
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.grid import Grid
from layers.landcover import cell_outlines
from rooftop_pv.ground_patches import PatchFinder

CRS = pyproj.CRS(4548)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 9), st.floats(0.3, 0.8), st.integers(1, 6))
def test_patches_are_those_of_the_whole_mask(
    seed: int, size: int, share: float, minimum: int
) -> None:
    draw = np.random.default_rng(seed)
    mask = draw.random((17, 23)) < share
    value = draw.random(mask.shape).astype(np.float32)
    grid = Grid(west_m=0.0, north_m=170.0, cell_m=10.0, rows=17, columns=23, crs=CRS)
    finder = PatchFinder(grid, owners=1, minimum_cells=minimum)
    for window in grid.windows(size):
        part = np.s_[
            window.row : window.row + window.rows, window.column : window.column + window.columns
        ]
        finder.add(window, np.where(mask[part], 0, -1).astype(np.int16), value[part])
    found = finder.patches()
    labels, count = scipy.ndimage.label(mask)
    cells = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    assert sorted(found.cells) == sorted(cells[cells >= minimum])
    assert found.dropped.tolist() == [cells[cells < minimum].sum()]
    assert (shapely.area(found.outline) == 100.0 * found.cells).all()
    assert all(each.geom_type == "Polygon" and each.is_valid for each in found.outline)
    for outline, mean in zip(found.outline, found.value, strict=True):
        x, y = np.meshgrid(np.arange(23) * 10 + 5.0, 165.0 - np.arange(17) * 10)
        assert value[shapely.contains_xy(outline, x, y)].mean() == pytest.approx(mean, rel=1e-5)


def test_outlines_follow_the_cells_with_holes() -> None:
    labels = np.zeros((6, 6), dtype=np.int32)
    labels[1:5, 1:5] = 3
    labels[2, 2] = 0
    window = next(Grid(west_m=0, north_m=60, cell_m=10, rows=6, columns=6, crs=CRS).windows())
    outlines, numbers = cell_outlines(window, labels)
    assert numbers.tolist() == [3]
    assert outlines[0].equals(shapely.box(10, 10, 50, 50).difference(shapely.box(20, 30, 30, 40)))
