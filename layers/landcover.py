"""Land cover: a raster of classes read window by window, so that a city at 10 m fits in little memory.

The windows lie on one grid of square cells in the study's metric CRS; the raster is resampled to it by the
nearest cell, a class being no number to average. Vectors that exclude land are burnt into the same windows.
"""

__all__ = [
    "WORLDCOVER",
    "CoverClass",
    "LandCover",
    "cell_outlines",
    "cells_covered",
    "open_land_cover",
]

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import rasterio
import rasterio.features
import rasterio.warp
import shapely
from rasterio._err import CPLE_BaseError  # escapes from transforms in no public class
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from layers.area import StudyArea
from layers.errors import DatumError, LayerError
from layers.grid import Grid, Window
from layers.local_files import files_of, local_file
from layers.terrain import CLOSED

_TILE_ENDINGS: Final = (".tif", ".tiff")
_MOST_PIXELS: Final = 1_000_000_000
_LATTICE: Final = 32  # cells between exactly projected places


@dataclass(frozen=True)
class CoverClass:
    """One class of a land cover raster.

    Attributes
    ----------
    code : int
        Value in the raster.
    name : str
        Word used in tables and assumptions.
    alias_zh : str
        Chinese name.
    """

    code: int
    name: str
    alias_zh: str


WORLDCOVER: Final[Mapping[int, CoverClass]] = MappingProxyType(
    {
        each.code: each
        for each in (
            CoverClass(10, "tree_cover", "林地"),
            CoverClass(20, "shrubland", "灌木地"),
            CoverClass(30, "grassland", "草地"),
            CoverClass(40, "cropland", "耕地"),
            CoverClass(50, "built_up", "建设用地"),
            CoverClass(60, "bare_sparse", "裸地与稀疏植被"),
            CoverClass(70, "snow_ice", "冰雪"),
            CoverClass(80, "water", "水体"),
            CoverClass(90, "herbaceous_wetland", "草本湿地"),
            CoverClass(95, "mangroves", "红树林"),
            CoverClass(100, "moss_lichen", "苔藓与地衣"),
        )
    }
)
"""Classes of ESA WorldCover 2020 and 2021, 10 m, EPSG:4326; 0 is no data (product user manual v2.0)."""


@dataclass(frozen=True, kw_only=True)
class LandCover:
    """A land cover raster that was looked at but not read.

    Attributes
    ----------
    paths : tuple of Path
        Its GeoTIFF tiles; where they overlap, the first with a class counts.
    classes : mapping of int to CoverClass
        What the codes mean.
    source : str
        Names of the tiles.
    """

    paths: tuple[Path, ...]
    classes: Mapping[int, CoverClass]
    source: str

    def windows(
        self, grid: Grid, *, size: int = 2048
    ) -> Iterator[tuple[Window, npt.NDArray[np.uint8]]]:
        """Yield each window of a grid with the class codes of its cells.

        Parameters
        ----------
        grid : Grid
            Where the cells shall lie.
        size : int
            Largest side of a window in cells; memory grows with its square (about 50 MB at 2048).

        Yields
        ------
        window : Window
        codes : ndarray of uint8, shape (window.rows, window.columns)
            Code of the raster's cell nearest to each cell's centre; 0 where no tile has a class.

        Raises
        ------
        LayerError
            A tile is cut off, or holds a code that the classes do not know.
        """
        known = np.zeros(256, dtype=bool)
        known[[0, *self.classes]] = True
        tiles = [_open_tile(path) for path in self.paths]
        try:
            for window in grid.windows(size):
                codes = np.zeros((window.rows, window.columns), dtype=np.uint8)
                for tile, path in zip(tiles, self.paths, strict=True):
                    if codes.all():
                        break
                    _read_into(codes, tile, path, window=window)
                strange = np.flatnonzero(~known & (np.bincount(codes.ravel(), minlength=256) > 0))
                if len(strange):
                    raise LayerError(
                        f"The land cover of {self.source} holds the code {strange[0]}, which is none of "
                        f"{', '.join(str(code) for code in self.classes)}; give the classes of this product."
                    )
                yield window, codes
        finally:
            for tile in tiles:
                tile.close()


def open_land_cover(
    path: str | Path | Sequence[str | Path],
    area: StudyArea,
    *,
    classes: Mapping[int, CoverClass] = WORLDCOVER,
) -> LandCover:
    """Look at the tiles of a land cover raster and check that they reach over the area.

    Parameters
    ----------
    path : path or sequence of paths
        GeoTIFF tiles, or one folder that holds them.
    area : StudyArea
        What has to be covered.
    classes : mapping of int to CoverClass
        Meaning of the codes 1 to 255; 0 and the file's own nodata are no data.

    Raises
    ------
    LayerError
        A tile cannot be opened, holds no codes, or the tiles leave part of the area uncovered.
    DatumError
        A tile has no coordinate reference system.
    """
    wrong = [code for code in classes if not 1 <= code <= 255]
    if wrong:
        raise LayerError(
            f"Land cover code {wrong[0]} is not between 1 and 255; give codes of one byte."
        )
    given = [Path(path)] if isinstance(path, str | Path) else [Path(one) for one in path]
    paths = [tile for one in given for tile in files_of(one, endings=_TILE_ENDINGS)]
    if not paths:
        raise LayerError(
            f"{given[0] if given else 'The land cover path'} holds no .tif; give a GeoTIFF."
        )
    outlines, extents, kept = [], [], []
    for tile_path in paths:
        with _open_tile(tile_path) as tile:
            try:
                outline = _outline(tile, area.crs)
                west, south, east, north = rasterio.warp.transform_bounds(
                    tile.crs, "EPSG:4326", *tile.bounds
                )
            except (RasterioError, CPLE_BaseError) as error:
                raise DatumError(
                    f"The land cover file {tile_path.name} is in a coordinate reference system that is no "
                    "place on Earth; assign its true one (gdal_edit.py -a_srs EPSG:4326)."
                ) from error
        extents.append(f"{tile_path.name} {west:.2f} to {east:.2f} E, {south:.2f} to {north:.2f} N")
        if outline.intersects(area.boundary):
            outlines.append(outline)
            kept.append(tile_path)
    missing = area.boundary.difference(shapely.union_all(outlines).buffer(1.0))
    if not missing.is_empty:
        west, south, east, north = area.bounds_wgs84
        shown = "; ".join(extents[:4]) + ("; …" if len(extents) > 4 else "")
        raise LayerError(
            f"The land cover leaves {100 * missing.area / area.boundary.area:.1f} % of {area.name} "
            f"uncovered: it covers {shown}, but the area needs "
            f"{west:.2f} to {east:.2f} E, {south:.2f} to {north:.2f} N; add the missing tiles."
        )
    names = kept[0].name if len(kept) == 1 else f"{len(kept)} tiles from {kept[0].name}"
    return LandCover(paths=tuple(kept), classes=MappingProxyType(dict(classes)), source=names)


def cells_covered(
    window: Window, shapes: gpd.GeoSeries, *, buffer_m: float = 0.0, touched: bool = False
) -> npt.NDArray[np.bool_]:
    """Tell which cells of a window lie in shapes.

    Parameters
    ----------
    window : Window
        Block of cells of a grid.
    shapes : GeoSeries
        Points, lines and polygons in the grid's CRS. Only those near the window are burnt, found by
        the series' spatial index.
    buffer_m : float
        Distance kept around the shapes [m]. Without one, a point or line takes the cells it runs through.
    touched : bool
        Also the cells that a shape merely touches; else those whose centre is inside.

    Returns
    -------
    ndarray of bool, shape (rows, columns)
    """
    if shapes.crs != window.grid.crs:
        raise DatumError(
            f"The shapes are in {shapes.crs.name if shapes.crs else 'no CRS'}, but the grid is in "
            f"{window.grid.crs.name}; project them first."
        )
    if buffer_m < 0.0:
        raise LayerError(f"buffer_m is {buffer_m}, but must be at least 0 m.")
    near = shapes.sindex.query(
        shapely.box(*window.bounds_m), predicate="dwithin", distance=buffer_m
    )
    if len(near) == 0:
        return np.zeros((window.rows, window.columns), dtype=bool)
    geometry = shapes.geometry.to_numpy()[np.sort(near)]
    if buffer_m > 0.0:
        geometry = shapely.buffer(geometry, buffer_m)
    burnt = rasterio.features.rasterize(
        geometry,
        out_shape=(window.rows, window.columns),
        transform=window.transform,
        all_touched=touched,
        dtype="uint8",
    )
    return np.asarray(burnt, dtype=bool)


def cell_outlines(
    window: Window, labels: npt.NDArray[np.int32]
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.int64]]:
    """Return the outlines of patches of cells along the edges of the cells.

    Parameters
    ----------
    window : Window
        Block of cells of a grid.
    labels : ndarray of int32, shape (rows, columns)
        Number of the patch of each cell; 0 belongs to none.

    Returns
    -------
    outlines : ndarray of Polygon, shape (n,)
        One per patch whose cells hang together by their edges, with its holes.
    numbers : ndarray of int64, shape (n,)
        Number of the patch of each outline.
    """
    found = list(
        rasterio.features.shapes(
            labels, mask=labels != 0, connectivity=4, transform=window.transform
        )
    )
    outlines = np.array([shapely.geometry.shape(each) for each, _ in found], dtype=object)
    return outlines, np.array([number for _, number in found], dtype=np.int64)


def _open_tile(path: Path) -> Any:
    """Open a GeoTIFF of codes with no other driver, so that no file can name other files."""
    local_file(path, what="land cover file")
    try:
        with rasterio.Env(**CLOSED), warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            tile = rasterio.open(path, driver="GTiff")
    except (RasterioError, OSError, ValueError) as error:
        raise LayerError(
            f"The land cover file {path.name} is no GeoTIFF that can be opened ({error}); fetch it again."
        ) from error
    fault: DatumError | LayerError | None = None
    if tile.crs is None or tile.transform.is_identity:
        fault = DatumError(
            f"The land cover file {path.name} states no coordinate reference system or position; assign "
            "them (gdal_edit.py -a_srs EPSG:4326 -a_ullr …) or bring a georeferenced file."
        )
    elif not np.issubdtype(np.dtype(tile.dtypes[0]), np.integer):
        fault = LayerError(
            f"The land cover file {path.name} holds {tile.dtypes[0]} numbers; give a raster of whole codes."
        )
    if fault is not None:
        tile.close()
        raise fault
    return tile


def _outline(tile: Any, crs: Any) -> Any:
    box = shapely.segmentize(shapely.box(*tile.bounds), max(tile.res) * max(tile.shape) / 50)
    target = pyproj.CRS.from_user_input(crs).to_wkt()
    return shapely.geometry.shape(
        rasterio.warp.transform_geom(tile.crs, target, shapely.geometry.mapping(box))
    )


def _read_into(codes: npt.NDArray[np.uint8], tile: Any, path: Path, *, window: Window) -> None:
    """Fill the cells that have no class yet from one tile."""
    if not _outline(tile, window.grid.crs).intersects(shapely.box(*window.bounds_m)):
        return
    column, row = _pixels(window, tile)
    inside = (column >= 0) & (column < tile.width) & (row >= 0) & (row < tile.height)
    if not inside.any():
        return
    column, row = column[inside], row[inside]
    left, top = int(column.min()), int(row.min())
    right, bottom = int(column.max()) + 1, int(row.max()) + 1
    if (right - left) * (bottom - top) > _MOST_PIXELS:
        raise LayerError(
            f"The land cover file {path.name} has {(right - left) * (bottom - top):,} pixels in a window of "
            f"{window.columns} x {window.rows} cells; resample it to about {window.grid.cell_m:g} m."
        )
    try:
        near = tile.read(1, window=((top, bottom), (left, right)))
    except (RasterioError, OSError, MemoryError) as error:
        raise LayerError(
            f"The land cover file {path.name} cannot be read to its end; it is probably cut off, so fetch it "
            "again."
        ) from error
    read = np.zeros(codes.shape, dtype=tile.dtypes[0])
    read[inside] = near[row - top, column - left]
    if tile.nodata is not None:
        read[read == tile.nodata] = 0
    if read.dtype != np.uint8 and (read.min() < 0 or read.max() > 255):
        raise LayerError(
            f"The land cover file {path.name} holds codes outside 0 to 255; give a raster of one-byte codes."
        )
    empty = codes == 0
    codes[empty] = read[empty].astype(np.uint8)


def _pixels(window: Window, tile: Any) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return column and row of the tile's pixel that holds the centre of each cell.

    The centres are projected exactly on a lattice of the grid and linearly between, which errs by 2 mm at
    10 m cells (the sagitta of 320 m on the Earth); since the lattice belongs to the grid and not to the
    window, a cell has the same pixel in every window.
    """
    grid = window.grid
    nodes, places, shares = [], [], []
    for first, count in ((window.row, window.rows), (window.column, window.columns)):
        cells = np.arange(first, first + count)
        start = int(cells[0] // _LATTICE)
        nodes.append(np.arange(start, int(cells[-1] // _LATTICE) + 2) * _LATTICE + 0.5)
        places.append(cells // _LATTICE - start)
        shares.append((cells % _LATTICE) / _LATTICE)
    x, y = np.meshgrid(grid.west_m + nodes[1] * grid.cell_m, grid.north_m - nodes[0] * grid.cell_m)
    project = pyproj.Transformer.from_crs(grid.crs, tile.crs.to_wkt(), always_xy=True)
    x, y = project.transform(x, y)
    to_pixel = ~tile.transform
    found = []
    for node in (
        to_pixel.a * x + to_pixel.b * y + to_pixel.c,
        to_pixel.d * x + to_pixel.e * y + to_pixel.f,
    ):
        node = np.where(np.isfinite(node), node, -1e9)  # noqa: PLW2901 - outside the projection
        down = shares[0][:, None]
        along = node[places[0]] * (1.0 - down) + node[places[0] + 1] * down
        exact = along[:, places[1]] * (1.0 - shares[1]) + along[:, places[1] + 1] * shares[1]
        found.append(np.floor(exact).astype(np.int64))
    return found[0], found[1]
