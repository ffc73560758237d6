"""Terrain: planes whose slope and samples are known, voids, tiles that fall short, and a real one."""

import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.errors import DatumError, LayerError
from layers.terrain import Terrain, read_terrain

CRS = pyproj.CRS(32632)
MONACO_M = (371500.0, 4842500.0, 375500.0, 4846500.0)


def area(bounds: tuple[float, float, float, float] = MONACO_M, name: str = "Monaco") -> Any:
    shape = shapely.box(*bounds)
    to_wgs84 = pyproj.Transformer.from_crs(CRS, 4326, always_xy=True)
    return SimpleNamespace(
        name=name,
        crs=CRS,
        boundary=shape,
        bounds_m=bounds,
        bounds_wgs84=to_wgs84.transform_bounds(*bounds),
    )


def plane(
    rows: int = 40, columns: int = 60, *, east: float = 0.1, north: float = -0.2, cell: float = 10.0
) -> Terrain:
    """z = 100 + east * x + north * y, x and y from the north-west corner of the grid."""
    x = (np.arange(columns) + 0.5) * cell
    y = -(np.arange(rows) + 0.5) * cell
    return Terrain(
        elevation_m=(100.0 + east * x[None, :] + north * y[:, None]).astype(np.float32),
        west_m=371000.0, north_m=4847000.0, cell_m=cell, crs=CRS, source="plane",
    )  # fmt: skip


def write_tif(
    path: Path, values: np.ndarray, bounds: tuple[float, float, float, float], **given: Any
) -> Path:
    rows, columns = values.shape
    west, south, east, north = bounds
    transform = rasterio.Affine(
        (east - west) / columns, 0.0, west, 0.0, (south - north) / rows, north
    )
    profile = {
        "crs": CRS.to_wkt(),
        "transform": transform,
        "dtype": values.dtype,
        "nodata": None,
        **given,
    }
    units = profile.pop("units", None)
    with rasterio.open(
        path, "w", driver="GTiff", width=columns, height=rows, count=1, **profile
    ) as tile:
        tile.write(values, 1)
        if units:
            tile.units = (units,)
    return path


@settings(max_examples=30, deadline=None)
@given(east=st.floats(-1, 1), north=st.floats(-1, 1))
def test_an_inclined_plane_has_its_slope_and_its_samples(east: float, north: float) -> None:
    terrain = plane(east=east, north=north)
    expected = np.degrees(np.arctan(np.hypot(east, north)))
    np.testing.assert_allclose(terrain.slope_deg(), expected, atol=2e-2)
    rng = np.random.default_rng(1)
    x, y = rng.uniform(5, 595, 50), -rng.uniform(5, 395, 50)
    got = terrain.sample(371000.0 + x, 4847000.0 + y)
    np.testing.assert_allclose(got, 100.0 + east * x + north * y, atol=1e-3)


def test_a_forty_five_degree_plane() -> None:
    assert plane(east=0.0, north=1.0).slope_deg()[3, 4] == pytest.approx(45.0, abs=1e-3)


def test_samples_at_edges_outside_and_beside_the_unknown() -> None:
    values = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, np.nan]])
    terrain = Terrain(
        elevation_m=values, west_m=0.0, north_m=30.0, cell_m=10.0, crs=CRS, source="by hand"
    )
    x = [5.0, 0.0, 10.0, 30.1, 15.0, 25.0, 24.0, 15.0]
    y = [25.0, 30.0, 20.0, 25.0, -0.1, 15.0, 14.0, 5.0]
    expected = [1.0, 1.0, 3.0, np.nan, np.nan, 6.0, np.nan, 8.0]
    np.testing.assert_allclose(terrain.sample(x, y), expected)
    assert terrain.elevation_m.dtype == np.float32
    assert not terrain.synthetic


def test_a_terrain_of_arrays_is_checked() -> None:
    given = {"west_m": 0.0, "north_m": 0.0, "source": "x"}
    with pytest.raises(LayerError, match="at least 2 rows"):
        Terrain(elevation_m=np.zeros((1, 9)), cell_m=1.0, crs=CRS, **given)
    with pytest.raises(LayerError, match="above 0 m"):
        Terrain(elevation_m=np.zeros((3, 3)), cell_m=0.0, crs=CRS, **given)
    with pytest.raises(DatumError, match="projected CRS in metres, not WGS 84"):
        Terrain(elevation_m=np.zeros((3, 3)), cell_m=1.0, crs=pyproj.CRS(4326), **given)


def test_the_real_tile_of_monaco(shared_data: Path) -> None:
    terrain = read_terrain(shared_data / "elevation" / "N43E007.hgt.zip", area())
    assert terrain.elevation_m.shape == (
        1467,
        1468,
    )  # 44 km in cells of 30 m; the grid is aligned to 30 m
    assert "voids filled in 0." in terrain.source
    assert terrain.source.startswith("N43E007.hgt.zip")
    assert not np.isnan(terrain.elevation_m).any()
    to_m = pyproj.Transformer.from_crs(4326, CRS, always_xy=True)
    # Tête de Chien, 550 m, above Monaco; the open sea; a raw cell of the tile at its own centre.
    assert terrain.sample(*to_m.transform([7.4006], [43.7327]))[0] == pytest.approx(550.0, abs=60.0)
    assert terrain.sample(*to_m.transform([7.50], [43.70]))[0] == pytest.approx(0.0, abs=2.0)
    with zipfile.ZipFile(shared_data / "elevation" / "N43E007.hgt.zip") as archive:
        raw = np.frombuffer(archive.read("N43E007.hgt"), dtype=">i2").reshape(1201, 1201)
    rows, columns = np.array([250, 300, 330]), np.array([420, 480, 500])
    x, y = to_m.transform(7.0 + columns / 1200, 44.0 - rows / 1200)
    got = terrain.sample(x, y)
    np.testing.assert_allclose(got, raw[rows, columns], atol=30.0)
    assert np.percentile(terrain.slope_deg(), 99) > 30.0


def test_a_tile_that_misses_the_area_says_what_it_covers(shared_data: Path) -> None:
    with pytest.raises(
        LayerError,
        match=r"100 % of Nowhere uncovered: N43E007.hgt.zip covers 7.00 to 8.00 E, 43.00 to 44.00 N",
    ):
        read_terrain(
            shared_data / "elevation" / "N43E007.hgt.zip",
            area((600000, 4842500, 604000, 4846500), "Nowhere"),
        )


@pytest.fixture
def tif(tmp_path: Path) -> Path:
    x = np.arange(300) * 100.0
    values = np.broadcast_to(500.0 + 0.05 * x, (300, 300)).astype(np.float32)
    return write_tif(tmp_path / "plane.tif", values, (360000.0, 4830000.0, 390000.0, 4860000.0))


def test_a_plane_survives_its_file_and_its_resampling(tif: Path) -> None:
    terrain = read_terrain(tif, area(), cell_m=25.0, margin_m=1000.0)
    assert terrain.crs == CRS
    assert terrain.west_m == 370500.0
    assert terrain.north_m == 4847500.0
    x = np.array([371000.0, 373333.0])
    expected = 500.0 + 0.05 * (x - 360050.0)
    np.testing.assert_allclose(terrain.sample(x, [4844000.0, 4845000.0]), expected, atol=0.05)
    np.testing.assert_allclose(terrain.slope_deg(), np.degrees(np.arctan(0.05)), atol=0.05)


def test_a_margin_that_the_tile_does_not_reach_is_unknown(tif: Path) -> None:
    terrain = read_terrain(tif, area(), cell_m=100.0, margin_m=20000.0)
    assert np.isnan(terrain.sample([352000.0], [4844000.0]))[0]
    assert np.isfinite(terrain.sample([361000.0], [4844000.0]))[0]


def test_two_tiles_in_a_folder_are_one_ground(tmp_path: Path) -> None:
    values = np.full((100, 100), 7, dtype=np.int16)
    write_tif(tmp_path / "a.tif", values, (360000.0, 4830000.0, 373000.0, 4860000.0))
    write_tif(tmp_path / "b.tif", values + 2, (373000.0, 4830000.0, 390000.0, 4860000.0))
    terrain = read_terrain(tmp_path, area(), cell_m=50.0, margin_m=0.0)
    np.testing.assert_allclose(terrain.sample([372000.0, 375000.0], [4844000.0] * 2), [7.0, 9.0])
    assert terrain.source == "2 tiles"
    with pytest.raises(LayerError, match="of Monaco uncovered"):
        read_terrain(tmp_path / "a.tif", area(), cell_m=50.0, margin_m=0.0)
    (tmp_path / "empty").mkdir()
    with pytest.raises(LayerError, match="holds 0 elevation tiles"):
        read_terrain(tmp_path / "empty", area())


def test_voids_are_filled_up_to_a_share_and_refused_above(tmp_path: Path) -> None:
    values = np.full((300, 300), 40, dtype=np.int16)
    bounds = (360000.0, 4830000.0, 390000.0, 4860000.0)
    values[150:154, 130:134] = -32768
    few = write_tif(tmp_path / "few.tif", values, bounds)  # the void value of SRTM without its mark
    terrain = read_terrain(few, area(), cell_m=100.0, margin_m=1000.0)
    np.testing.assert_allclose(terrain.elevation_m, 40.0)
    values[130:170, 110:160] = -32768
    many = write_tif(tmp_path / "many.tif", values, bounds, nodata=-32768)
    with pytest.raises(
        LayerError, match=r"void in \d+\.\d % of the ground needed, more than the 5 %"
    ):
        read_terrain(many, area(), cell_m=100.0, margin_m=1000.0)
    filled = read_terrain(many, area(), cell_m=100.0, margin_m=1000.0, max_void_share=0.99)
    np.testing.assert_allclose(filled.elevation_m, 40.0)
    values[:] = -32768
    values[0, 0] = 3
    empty = write_tif(tmp_path / "empty.tif", values, bounds, nodata=-32768)
    with pytest.raises(LayerError, match="void"):
        read_terrain(empty, area(), cell_m=100.0, margin_m=1000.0, max_void_share=0.99)


def test_files_that_are_cut_or_unplaced_or_in_feet(
    tif: Path, tmp_path: Path, shared_data: Path
) -> None:
    cut = tmp_path / "cut.tif"
    cut.write_bytes(tif.read_bytes()[: tif.stat().st_size // 2])
    with pytest.raises(LayerError, match=r"cut\.tif cannot be read to its end"):
        read_terrain(cut, area())
    with zipfile.ZipFile(shared_data / "elevation" / "N43E007.hgt.zip") as archive:
        content = archive.read("N43E007.hgt")
    (tmp_path / "N43E007.hgt").write_bytes(content[:500000])
    with pytest.raises(LayerError, match=r"N43E007\.hgt cannot be read to its end"):
        read_terrain(tmp_path / "N43E007.hgt", area())
    half_zip = tmp_path / "half.hgt.zip"
    half_zip.write_bytes((shared_data / "elevation" / "N43E007.hgt.zip").read_bytes()[:100000])
    with pytest.raises(LayerError, match="cannot be read to its end"):
        read_terrain(half_zip, area())
    values = np.zeros((9, 9), dtype=np.float32)
    with pytest.raises(DatumError, match="states no coordinate reference system"):
        read_terrain(write_tif(tmp_path / "no.tif", values, MONACO_M, crs=None), area())
    with pytest.raises(LayerError, match="is in 'ft'; convert it to metres"):
        read_terrain(
            write_tif(tmp_path / "ft.tif", values, MONACO_M, units="ft"), area(), margin_m=0.0
        )
    with pytest.raises(LayerError, match="does not exist"):
        read_terrain(tmp_path / "none.tif", area())
    (tmp_path / "a.vrt").write_text("<VRTDataset/>")
    with pytest.raises(LayerError, match=r"ends in '\.vrt'; allowed are"):
        read_terrain(tmp_path / "a.vrt", area())


@pytest.mark.parametrize(
    "member", ["../../N43E007.hgt", "/tmp/N43E007.hgt", "a/N43E007.hgt", "evil.hgt"]
)
def test_an_archive_that_would_leave_its_place_is_refused(tmp_path: Path, member: str) -> None:
    path = tmp_path / "tile.hgt.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, b"x" * 100)
    with pytest.raises(LayerError, match=r"one tile named like N36E117\.hgt"):
        read_terrain(path, area())


def test_an_archive_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.hgt.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("N43E007.hgt", bytes(30_000_000))
    with pytest.raises(LayerError, match="larger than 3601 x 3601"):
        read_terrain(path, area())


def test_a_grid_of_too_many_cells_and_wrong_arguments(tif: Path) -> None:
    with pytest.raises(LayerError, match="take a larger cell_m"):
        read_terrain(tif, area(), cell_m=0.5)
    with pytest.raises(LayerError, match="cell_m is -1"):
        read_terrain(tif, area(), cell_m=-1)
