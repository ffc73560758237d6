"""Ground elevation on a square grid in the study's metric CRS, read from tiles or built from arrays."""

__all__ = ["CLOSED", "MAX_VOID_SHARE", "Terrain", "read_terrain"]

import lzma
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyproj
import rasterio
import rasterio.features
import rasterio.fill
import rasterio.warp
import shapely
from rasterio._err import CPLE_BaseError  # escapes from warps and transforms in no public class
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import MemoryFile

from layers.area import StudyArea
from layers.errors import DatumError, LayerError
from layers.hgt_archive import hgt_member
from layers.local_files import files_of, local_file

MAX_VOID_SHARE: Final = 0.05
"""Share of cells without a value up to which voids are filled from their surroundings."""
_FILL_SEARCH_M: Final = 5000.0
_MOST_CELLS: Final = 400_000_000
_LOWEST_M: Final = -500.0
_HIGHEST_M: Final = 9000.0
_MOST_PIXELS: Final = 4_000_000_000
_MOST_TILES: Final = 400
_TILE_ENDINGS: Final = (".tif", ".tiff", ".hgt", ".hgt.zip")
_UNREADABLE: Final = (
    RasterioError, CPLE_BaseError, OSError, EOFError, MemoryError, ValueError, RuntimeError,
    zipfile.BadZipFile, zlib.error, lzma.LZMAError,
)  # fmt: skip
CLOSED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
        "GDAL_PAM_ENABLED": "NO",
        "CPL_VSIL_CURL_ALLOWED_FILENAME": "none",
    }
)
"""Settings under which a raster is opened: what lies beside it (.ovr, .msk, .aux.xml) may name other files
and is not looked at, and nothing is fetched."""
_METRE_WORDS: Final = {"", "m", "metre", "metres", "meter", "meters"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Terrain:
    """Ground elevation on a north-up grid of square cells.

    Attributes
    ----------
    elevation_m : ndarray of float32, shape (rows, columns)
        Elevation at the centre of each cell [m], the first row northmost; NaN where unknown.
    west_m, north_m : float
        Outer corner of the first cell in `crs` [m].
    cell_m : float
        Side of a cell [m].
    crs : pyproj.CRS
        Projected, in metres.
    source : str
        Where the elevation comes from.
    synthetic : bool
        Whether it was generated.
    """

    elevation_m: npt.NDArray[np.float32]
    west_m: float
    north_m: float
    cell_m: float
    crs: pyproj.CRS
    source: str
    synthetic: bool = False

    def __post_init__(self) -> None:
        elevation = np.asarray(self.elevation_m, dtype=np.float32)
        if elevation.ndim != 2 or min(elevation.shape, default=0) < 2:
            raise LayerError(
                f"The elevation of {self.source} has shape {elevation.shape}; give at least 2 rows and "
                "2 columns."
            )
        if not self.cell_m > 0.0:
            raise LayerError(f"cell_m is {self.cell_m!r}, but must be above 0 m.")
        _check_metric(self.crs)
        object.__setattr__(self, "elevation_m", elevation)

    def sample(self, x: npt.ArrayLike, y: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Return the elevation at points, bilinear between the centres of cells.

        Parameters
        ----------
        x, y : array_like, shape (n,)
            Coordinates in `crs` [m].

        Returns
        -------
        ndarray, shape (n,)
            Elevation [m]; NaN outside the grid or beside an unknown cell. Within the outer half of
            the edge cells the value of the edge holds.
        """
        rows, columns = self.elevation_m.shape
        across = (np.asarray(x, dtype=np.float64) - self.west_m) / self.cell_m
        down = (self.north_m - np.asarray(y, dtype=np.float64)) / self.cell_m
        inside = (across >= 0.0) & (across <= columns) & (down >= 0.0) & (down <= rows)
        across = np.clip(np.where(inside, across, 0.5) - 0.5, 0.0, columns - 1.0)
        down = np.clip(np.where(inside, down, 0.5) - 0.5, 0.0, rows - 1.0)
        left = np.minimum(across.astype(np.int64), columns - 2)
        upper = np.minimum(down.astype(np.int64), rows - 2)
        across, down = across - left, down - upper
        value = np.zeros(across.shape, dtype=np.float64)
        for row, row_weight in ((upper, 1.0 - down), (upper + 1, down)):
            for column, column_weight in ((left, 1.0 - across), (left + 1, across)):
                weight = row_weight * column_weight
                corner = self.elevation_m[row, column].astype(np.float64)
                value += np.where(weight > 0.0, weight * corner, 0.0)
        return np.where(inside, value, np.nan)

    def slope_deg(self) -> npt.NDArray[np.float32]:
        """Return the slope of every cell from the horizontal [deg], by central differences.

        The edge cells take one-sided differences; cells beside an unknown one are NaN.
        """
        down, across = np.gradient(self.elevation_m, np.float32(self.cell_m))
        slope: npt.NDArray[np.float32] = np.degrees(np.arctan(np.hypot(down, across)))
        return slope


def read_terrain(
    path: str | Path | Sequence[str | Path],
    area: StudyArea,
    *,
    cell_m: float = 30.0,
    margin_m: float = 20000.0,
    max_void_share: float = MAX_VOID_SHARE,
) -> Terrain:
    """Read the elevation of a study area and its surroundings.

    Parameters
    ----------
    path : path or sequence of paths
        GeoTIFF, SRTM ``.hgt`` or ``.hgt.zip`` tiles, or one folder that holds such tiles. Only the
        window that is needed is read. Elevations are metres above the geoid.
    area : StudyArea
        Gives the bounds and the metric CRS. All of its counties must be covered.
    cell_m : float
        Side of the cells [m]; tiles are resampled bilinearly.
    margin_m : float
        Ground around the area's bounds that is read too, as far as the tiles reach [m]: far mountains
        cost sun.
    max_void_share : float
        Share of the covered cells that may lack a value and is then filled from around.

    Raises
    ------
    LayerError
        A tile cannot be read, the tiles do not cover the area, or too much of them is void.
    DatumError
        A tile states no coordinate reference system.
    """
    if not (cell_m > 0.0 and margin_m >= 0.0 and 0.0 <= max_void_share < 1.0):
        raise LayerError(
            f"cell_m is {cell_m!r}, margin_m {margin_m!r} and max_void_share {max_void_share!r}; they "
            "must be above 0 m, at least 0 m and from 0 up to below 1."
        )
    crs = pyproj.CRS.from_user_input(area.crs)
    _check_metric(crs)
    grid = _grid(area.bounds_m, cell_m, margin_m)
    elevation = np.full(grid.shape, np.nan, dtype=np.float32)
    covered = np.zeros(grid.shape, dtype=bool)
    extents = []
    tiles = _tiles(path)
    for tile in tiles:
        with _opened(tile) as dataset:
            extents.append(f"{tile.name} covers {_extent_words(dataset)}")
            _add_tile(dataset, tile, grid, crs=crs, elevation=elevation, covered=covered)
    _check_covered(area, covered, grid=grid, extents=extents)
    void = covered & np.isnan(elevation)
    share = float(void.sum() / covered.sum())
    names = tiles[0].name if len(tiles) == 1 else f"{len(tiles)} tiles"
    if share > max_void_share:
        raise LayerError(
            f"The elevation of {names} is void in {100 * share:.1f} % of the ground needed, more than the "
            f"{100 * max_void_share:g} % that may be filled; bring a tile whose voids are filled."
        )
    source = names
    if void.any():
        elevation = _filled(elevation, covered, cell_m)
        source += f", voids filled in {100 * share:.2g} % of the cells"
        if (covered & np.isnan(elevation)).any():
            raise LayerError(
                f"The elevation of {names} has a void wider than {2e-3 * _FILL_SEARCH_M:g} km; bring a tile "
                "whose voids are filled."
            )
    return Terrain(
        elevation_m=elevation,
        west_m=grid.west_m,
        north_m=grid.north_m,
        cell_m=cell_m,
        crs=crs,
        source=source,
    )


@dataclass(frozen=True)
class _Grid:
    west_m: float
    north_m: float
    cell_m: float
    shape: tuple[int, int]

    @property
    def transform(self) -> Any:
        return rasterio.Affine(self.cell_m, 0.0, self.west_m, 0.0, -self.cell_m, self.north_m)


def _grid(bounds: Sequence[float], cell: float, margin: float) -> _Grid:
    west = np.floor((bounds[0] - margin) / cell) * cell
    north = np.ceil((bounds[3] + margin) / cell) * cell
    columns = int(np.ceil((bounds[2] + margin - west) / cell))
    rows = int(np.ceil((north - bounds[1] + margin) / cell))
    if columns * rows > _MOST_CELLS:
        raise LayerError(
            f"The area with its margin has {columns * rows:,} cells of {cell:g} m, more than "
            f"{_MOST_CELLS:,}; take a larger cell_m or a smaller margin_m."
        )
    return _Grid(float(west), float(north), float(cell), (max(rows, 2), max(columns, 2)))


def _check_metric(crs: pyproj.CRS) -> None:
    if not crs.is_projected or crs.axis_info[0].unit_name not in {"metre", "meter"}:
        raise DatumError(
            f"Terrain needs a projected CRS in metres, not {crs.name}; use the study's CRS."
        )


def _tiles(path: str | Path | Sequence[str | Path]) -> list[Path]:
    given = [Path(path)] if isinstance(path, str | Path) else [Path(one) for one in path]
    tiles = [tile for one in given for tile in files_of(one, endings=_TILE_ENDINGS)]
    if not 0 < len(tiles) <= _MOST_TILES:
        raise LayerError(
            f"{given[0] if given else 'The elevation path'} holds {len(tiles)} elevation tiles; give between "
            f"1 and {_MOST_TILES} files ending in {', '.join(_TILE_ENDINGS)}."
        )
    return tiles


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open one tile with only the drivers that are meant, so that no file can name other files."""
    local_file(path, what="elevation file")
    name = path.name.lower()
    if not name.endswith(_TILE_ENDINGS):
        raise LayerError(
            f"The elevation file {path.name} ends in {path.suffix!r}; allowed are {', '.join(_TILE_ENDINGS)}."
        )
    try:
        with rasterio.Env(**CLOSED), warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            if name.endswith(".zip"):
                member, content = hgt_member(path)
                with (
                    MemoryFile(content, filename=member) as memory,
                    memory.open(driver="SRTMHGT") as tile,
                ):
                    yield tile
            else:
                driver = "SRTMHGT" if name.endswith(".hgt") else "GTiff"
                with rasterio.open(path, driver=driver) as tile:
                    yield tile
    except _UNREADABLE as error:
        reason = " ".join(str(error).split())[:160].rstrip(".") or type(error).__name__
        raise LayerError(
            f"The elevation file {path.name} cannot be read to its end ({reason}); it is probably cut off "
            "or not what its name says, so fetch it again."
        ) from error


def _add_tile(
    dataset: Any,
    path: Path,
    grid: _Grid,
    *,
    crs: pyproj.CRS,
    elevation: npt.NDArray[np.float32],
    covered: npt.NDArray[np.bool_],
) -> None:
    """Write one tile into the grid where no earlier tile had a value."""
    if dataset.crs is None or dataset.transform.is_identity:
        raise DatumError(
            f"The elevation file {path.name} states no coordinate reference system or position; assign "
            "them (gdal_edit.py -a_srs EPSG:4326 -a_ullr …) or bring a georeferenced file."
        )
    unit = (dataset.units[0] or "").strip().lower()
    if unit not in _METRE_WORDS:
        raise LayerError(f"The elevation file {path.name} is in {unit!r}; convert it to metres.")
    step = max(dataset.res) * max(
        50.0, max(dataset.shape) / 2000.0
    )  # however many cells a tile claims
    outline = shapely.segmentize(shapely.box(*dataset.bounds), step)
    outline = rasterio.warp.transform_geom(
        dataset.crs, crs.to_wkt(), shapely.geometry.mapping(outline)
    )
    mine = rasterio.features.geometry_mask(
        [outline], out_shape=grid.shape, transform=grid.transform, invert=True
    )
    if not mine.any():
        return
    _check_fine(dataset, path, grid, crs=crs)
    values = np.full(grid.shape, np.nan, dtype=np.float32)
    nodata = dataset.nodata
    if nodata is None and dataset.dtypes[0] == "int16":
        nodata = -32768  # the void of SRTM, also where a conversion lost its mark
    rasterio.warp.reproject(
        rasterio.band(dataset, 1),
        values,
        src_nodata=nodata,
        dst_transform=grid.transform,
        dst_crs=crs.to_wkt(),
        dst_nodata=np.nan,
        resampling=rasterio.warp.Resampling.bilinear,
    )
    values *= np.float32(dataset.scales[0])
    values += np.float32(dataset.offsets[0])
    strange = ~np.isnan(values) & ~((values > _LOWEST_M) & (values < _HIGHEST_M))
    if strange.any():
        raise LayerError(
            f"The elevation file {path.name} holds {values[strange][0]:g} m and the like in "
            f"{int(strange.sum()):,} cells, which is no height of ground; mark its value for no data "
            "(gdal_edit.py -a_nodata …) or convert it to metres."
        )
    take = mine & np.isnan(elevation) & ~np.isnan(values)
    elevation[take] = values[take]
    covered |= mine


def _check_fine(dataset: Any, path: Path, grid: _Grid, *, crs: pyproj.CRS) -> None:
    rows, columns = grid.shape
    east, south = grid.west_m + columns * grid.cell_m, grid.north_m - rows * grid.cell_m
    box = rasterio.warp.transform_bounds(
        crs.to_wkt(), dataset.crs, grid.west_m, south, east, grid.north_m
    )
    wide = min((box[2] - box[0]) / dataset.res[0], dataset.width)
    high = min((box[3] - box[1]) / dataset.res[1], dataset.height)
    if not wide * high <= _MOST_PIXELS:
        raise LayerError(
            f"The elevation file {path.name} has {wide * high:.3g} pixels on the ground needed, more than "
            f"{_MOST_PIXELS:,}; resample it to about {grid.cell_m:g} m."
        )


def _check_covered(
    area: StudyArea, covered: npt.NDArray[np.bool_], *, grid: _Grid, extents: list[str]
) -> None:
    bare = rasterio.features.geometry_mask(
        [area.boundary],
        out_shape=grid.shape,
        transform=grid.transform,
        invert=True,
        all_touched=True,
    )
    inside = int(bare.sum())
    bare &= ~covered
    if bare.any():
        west, south, east, north = area.bounds_wgs84
        shown = "; ".join(extents[:4]) + ("; …" if len(extents) > 4 else "")
        raise LayerError(
            f"The elevation leaves {100 * bare.sum() / inside:.0f} % of {area.name} uncovered: {shown}, but "
            f"the area needs {west:.2f} to {east:.2f} E, {south:.2f} to {north:.2f} N; add the missing tiles."
        )


def _filled(
    elevation: npt.NDArray[np.float32], covered: npt.NDArray[np.bool_], cell: float
) -> npt.NDArray[np.float32]:
    known = ~np.isnan(elevation)
    filled = rasterio.fill.fillnodata(
        np.where(known, elevation, np.float32(0.0)),
        mask=known.astype(np.uint8),
        max_search_distance=_FILL_SEARCH_M / cell,
    )
    # What the search does not reach stays at its stand-in; a second mask fill tells it from 0 m ground.
    reached = rasterio.fill.fillnodata(
        np.where(known, np.float32(1.0), np.float32(0.0)),
        mask=known.astype(np.uint8),
        max_search_distance=_FILL_SEARCH_M / cell,
    )
    return np.where(covered & (reached > 0.5), filled, np.float32(np.nan)).astype(np.float32)


def _extent_words(dataset: Any) -> str:
    bounds = dataset.bounds
    if dataset.crs is None:
        return "an unknown place"
    west, south, east, north = rasterio.warp.transform_bounds(dataset.crs, "EPSG:4326", *bounds)
    return f"{west:.2f} to {east:.2f} E, {south:.2f} to {north:.2f} N"
