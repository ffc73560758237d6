"""Land cover: windows that together are the raster, classes by name, and what excludes land."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.errors import DatumError, LayerError
from layers.grid import Grid, Window, grid_of_area
from layers.landcover import WORLDCOVER, LandCover, cells_covered, open_land_cover

CRS = pyproj.CRS(4548)
WEST, NORTH = 590000.0, 4080000.0
CODES = np.array(sorted(WORLDCOVER), dtype=np.uint8)


def area(width_m: float = 900.0, height_m: float = 700.0) -> Any:
    bounds = (WEST, NORTH - height_m, WEST + width_m, NORTH)
    to_wgs84 = pyproj.Transformer.from_crs(CRS, 4326, always_xy=True)
    return SimpleNamespace(
        name="Zibo", crs=CRS, boundary=shapely.box(*bounds), bounds_m=bounds,
        bounds_wgs84=to_wgs84.transform_bounds(*bounds),
    )  # fmt: skip


def write(path: Path, values: np.ndarray, *, west: float = WEST, north: float = NORTH, cell: float = 10.0,
          crs: Any = CRS, **given: Any) -> Path:  # fmt: skip
    profile = {"crs": None if crs is None else pyproj.CRS(crs).to_wkt(), "dtype": values.dtype,
               "transform": rasterio.Affine(cell, 0.0, west, 0.0, -cell, north), **given}  # fmt: skip
    with rasterio.open(
        path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1, **profile
    ) as tile:
        tile.write(values, 1)
    return path


@pytest.fixture(scope="module")
def codes() -> np.ndarray:
    return np.random.default_rng(5).choice(CODES, size=(70, 90))


@pytest.fixture
def cover(tmp_path: Path, codes: np.ndarray) -> LandCover:
    return open_land_cover(write(tmp_path / "cover.tif", codes, nodata=0), area())


def put_together(cover: LandCover, grid: Grid, size: int) -> np.ndarray:
    whole = np.full((grid.rows, grid.columns), 255, dtype=np.uint8)
    for window, part in cover.windows(grid, size=size):
        whole[
            window.row : window.row + window.rows, window.column : window.column + window.columns
        ] = part
    return whole


@settings(max_examples=20, deadline=None)
@given(rows=st.integers(1, 50), columns=st.integers(1, 50), size=st.integers(1, 60))
def test_windows_cover_every_cell_of_a_grid_once(rows: int, columns: int, size: int) -> None:
    grid = Grid(west_m=0.0, north_m=0.0, cell_m=10.0, rows=rows, columns=columns, crs=CRS)
    seen = np.zeros((rows, columns), dtype=int)
    for window in grid.windows(size):
        seen[
            window.row : window.row + window.rows, window.column : window.column + window.columns
        ] += 1
        west, south, east, north = window.bounds_m
        assert (east - west, north - south) == (10.0 * window.columns, 10.0 * window.rows)
    assert (seen == 1).all()


@pytest.mark.parametrize("size", [7, 32, 1000])
def test_windows_of_any_size_are_the_raster(cover: LandCover, codes: np.ndarray, size: int) -> None:
    grid = grid_of_area(area())
    assert (grid.rows, grid.columns, grid.west_m, grid.north_m) == (70, 90, WEST, NORTH)
    np.testing.assert_array_equal(put_together(cover, grid, size), codes)


def test_a_raster_in_degrees_comes_to_the_grid_of_metres(tmp_path: Path) -> None:
    # West half water, east half cropland, split at a meridian; area shares are known by geometry.
    wgs84 = area().bounds_wgs84
    cell = 10.0 / 111000.0
    west, north = wgs84[0] - 20 * cell, wgs84[3] + 20 * cell
    columns, rows = int((wgs84[2] - west) / cell) + 20, int((north - wgs84[1]) / cell) + 20
    middle = west + (columns // 2) * cell
    values = np.full((rows, columns), 40, dtype=np.uint8)
    values[:, : columns // 2] = 80
    path = write(tmp_path / "wgs84.tif", values, west=west, north=north, cell=cell, crs=4326)
    grid = grid_of_area(area())
    got = put_together(open_land_cover(path, area()), grid, 33)
    x, y = np.meshgrid(
        WEST + np.arange(grid.columns) * 10 + 5, NORTH - np.arange(grid.rows) * 10 - 5
    )
    longitude, _ = pyproj.Transformer.from_crs(CRS, 4326, always_xy=True).transform(x, y)
    clear = np.abs(longitude - middle) > 0.2 * cell
    np.testing.assert_array_equal(got[clear], np.where(longitude < middle, 80, 40)[clear])
    assert clear.mean() > 0.98


def test_two_tiles_join_and_the_gap_between_them_is_named(
    tmp_path: Path, codes: np.ndarray
) -> None:
    write(tmp_path / "a.tif", codes[:, :40])
    write(tmp_path / "b.tif", codes[:, 40:], west=WEST + 400.0)
    (tmp_path / "readme.txt").write_text("x")
    both = open_land_cover(tmp_path, area())
    assert both.source == "2 tiles from a.tif"
    np.testing.assert_array_equal(put_together(both, grid_of_area(area()), 32), codes)
    # 499 m of 900 m: a metre at the edge of tiles is forgiven.
    with pytest.raises(
        LayerError, match=r"leaves 55\.4 % of Zibo uncovered: it covers a\.tif 118\.0"
    ):
        open_land_cover(tmp_path / "a.tif", area())


def test_no_data_is_zero_and_an_unknown_code_is_refused(tmp_path: Path, codes: np.ndarray) -> None:
    holed = codes.copy()
    holed[10:20, 10:20] = 255
    cover = open_land_cover(write(tmp_path / "n.tif", holed, nodata=255), area())
    got = put_together(cover, grid_of_area(area()), 50)
    assert (got[10:20, 10:20] == 0).all()
    assert (got == 0).sum() == 100
    holed[3, 3] = 77
    strange = open_land_cover(write(tmp_path / "s.tif", holed, nodata=255), area())
    with pytest.raises(LayerError, match="holds the code 77, which is none of 10, 20"):
        put_together(strange, grid_of_area(area()), 50)


def test_files_that_are_cut_unplaced_or_no_codes(tmp_path: Path, codes: np.ndarray) -> None:
    big = np.tile(codes, (8, 8))
    whole = write(tmp_path / "whole.tif", big)
    cut = tmp_path / "cut.tif"
    cut.write_bytes(whole.read_bytes()[:200_000])
    wide = area(7000.0, 5500.0)
    with pytest.raises(LayerError, match=r"cut\.tif (cannot be read to its end|is no GeoTIFF)"):
        put_together(open_land_cover(cut, wide), grid_of_area(wide), 200)
    with pytest.raises(DatumError, match="states no coordinate reference system"):
        open_land_cover(write(tmp_path / "no.tif", codes, crs=None), area())
    with pytest.raises(LayerError, match="holds float32 numbers"):
        open_land_cover(write(tmp_path / "float.tif", codes.astype(np.float32)), area())
    with pytest.raises(LayerError, match="does not exist"):
        open_land_cover(tmp_path / "none.tif", area())
    (tmp_path / "text.tif").write_text("not a tif")
    with pytest.raises(LayerError, match="is no GeoTIFF"):
        open_land_cover(tmp_path / "text.tif", area())
    high = open_land_cover(write(tmp_path / "high.tif", codes.astype(np.int16) + 300), area())
    with pytest.raises(LayerError, match="outside 0 to 255"):
        put_together(high, grid_of_area(area()), 200)
    (tmp_path / "empty").mkdir()
    with pytest.raises(LayerError, match=r"holds no \.tif"):
        open_land_cover(tmp_path / "empty", area())


def test_the_classes_are_those_of_the_product() -> None:
    assert [WORLDCOVER[code].name for code in (10, 40, 50, 80)] == [
        "tree_cover",
        "cropland",
        "built_up",
        "water",
    ]
    assert list(WORLDCOVER) == [10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100]


def window(rows: int = 20, columns: int = 30) -> Window:
    grid = Grid(west_m=0.0, north_m=200.0, cell_m=10.0, rows=rows, columns=columns, crs=CRS)
    return next(grid.windows(100))


def test_cells_inside_shapes_by_hand() -> None:
    shapes = gpd.GeoSeries([shapely.box(0, 150, 40, 200), shapely.box(1e6, 1e6, 2e6, 2e6)], crs=CRS)
    inside = cells_covered(window(), shapes)
    assert inside.sum() == 4 * 5
    assert inside[:5, :4].all()
    # A centre counts from inside; touching counts more.
    narrow = gpd.GeoSeries([shapely.box(0, 151, 44, 200)], crs=CRS)
    assert cells_covered(window(), narrow).sum() == 4 * 5
    assert cells_covered(window(), narrow, touched=True).sum() == 5 * 5


def test_a_buffer_reaches_into_the_window_from_outside() -> None:
    point = gpd.GeoSeries([shapely.Point(-50.0, 105.0)], crs=CRS)
    assert not cells_covered(window(), point).any()
    near = cells_covered(window(), point, buffer_m=70.0)
    x, y = window().centres()
    expected = np.hypot(x[None, :] + 50.0, y[:, None] - 105.0) < 70.0
    assert np.abs(near.astype(int) - expected.astype(int)).sum() <= 2  # the circle has corners
    assert near.sum() > 5


@settings(max_examples=15, deadline=None)
@given(size=st.integers(3, 40), buffer=st.sampled_from([0.0, 15.0, 60.0]))
def test_cutting_into_windows_does_not_change_what_is_covered(size: int, buffer: float) -> None:
    grid = window().grid
    rng = np.random.default_rng(2)
    shapes = gpd.GeoSeries(
        shapely.buffer(shapely.points(rng.uniform(0, 300, (12, 2))), 17.3), crs=CRS
    )
    whole = cells_covered(next(grid.windows(1000)), shapes, buffer_m=buffer)
    pieces = np.zeros_like(whole)
    for part in grid.windows(size):
        rows, columns = (
            slice(part.row, part.row + part.rows),
            slice(part.column, part.column + part.columns),
        )
        pieces[rows, columns] = cells_covered(part, shapes, buffer_m=buffer)
    np.testing.assert_array_equal(pieces, whole)


def test_arguments_that_cannot_be() -> None:
    shapes = gpd.GeoSeries([shapely.Point(0, 0)], crs=4326)
    with pytest.raises(DatumError, match="The shapes are in WGS 84"):
        cells_covered(window(), shapes)
    with pytest.raises(LayerError, match="buffer_m is -1"):
        cells_covered(window(), shapes.set_crs(CRS, allow_override=True), buffer_m=-1)
    with pytest.raises(DatumError, match="projected CRS in metres"):
        Grid(west_m=0, north_m=0, cell_m=1, rows=1, columns=1, crs=pyproj.CRS(4326))
    with pytest.raises(LayerError, match="is empty"):
        Grid(west_m=0, north_m=0, cell_m=1, rows=0, columns=1, crs=CRS)
    with pytest.raises(LayerError, match="too large"):
        Grid(west_m=0, north_m=0, cell_m=1, rows=10**6, columns=10**6, crs=CRS)
    with pytest.raises(LayerError, match="above 0 m"):
        grid_of_area(area(), cell_m=0)
    with pytest.raises(LayerError, match="at least 1 cell"):
        list(window().grid.windows(0))


def test_a_cell_has_the_class_under_its_centre_in_every_window(tmp_path: Path) -> None:
    # In degrees and under another projection, where each pixel differs from its neighbours.
    draw = np.random.default_rng(3)
    to_wgs84 = pyproj.Transformer.from_crs(CRS, 4326, always_xy=True)
    west, north = to_wgs84.transform(WEST - 200.0, NORTH + 200.0)
    step = 1.0 / 12000.0
    codes = draw.choice(CODES, size=(1300, 1500))
    path = write(
        tmp_path / "degrees.tif", codes, west=west, north=north, cell=step, crs=4326, nodata=0
    )
    cover = open_land_cover(path, area(9000.0, 7000.0))
    grid = Grid(west_m=WEST, north_m=NORTH, cell_m=10.0, rows=700, columns=900, crs=CRS)
    whole = put_together(cover, grid, 2048)
    for size in (97, 512):
        assert (put_together(cover, grid, size) == whole).all()
    x, y = np.meshgrid(WEST + 10.0 * np.arange(900) + 5.0, NORTH - 10.0 * np.arange(700) - 5.0)
    longitude, latitude = to_wgs84.transform(x, y)
    across, down = (longitude - west) / step, (north - latitude) / step
    exact = codes[np.floor(down).astype(int), np.floor(across).astype(int)]
    far = (
        np.abs(across - np.rint(across)) > 1e-3
    )  # from the edges of pixels, where millimetres decide
    far &= np.abs(down - np.rint(down)) > 1e-3
    assert far.mean() > 0.99
    assert (whole == exact)[far].all()
