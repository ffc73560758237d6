"""Seconds and memory of reading a city's land cover at 10 m, window by window, with exclusions burnt in.

The raster and the exclusions are drawn at random into a temporary folder; only the reading is timed.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import rasterio
import shapely

from layers.grid import Grid
from layers.landcover import WORLDCOVER, LandCover, cells_covered

CRS = pyproj.CRS(4548)
WEST_DEG, NORTH_DEG, CELL_DEG = 117.4, 37.4, 1.0 / 12000.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=float, default=60e6, help="cells of the grid, 10 m wide")
    parser.add_argument(
        "--window", type=int, default=2048, help="largest side of a window in cells"
    )
    parser.add_argument("--shapes", type=int, default=50_000, help="polygons that exclude land")
    given = parser.parse_args()
    rows = int((given.cells * 1.2) ** 0.5)
    columns = int(given.cells / rows)
    west, north = pyproj.Transformer.from_crs(4326, CRS, always_xy=True).transform(
        WEST_DEG + 0.1, NORTH_DEG - 0.1
    )
    grid = Grid(
        west_m=round(west, -1), north_m=round(north, -1), cell_m=10.0, rows=rows, columns=columns, crs=CRS
    )  # fmt: skip
    draw = np.random.default_rng(370300)
    places = draw.uniform(
        (west, north - 10.0 * rows), (west + 10.0 * columns, north), (given.shapes, 2)
    )
    shapes = gpd.GeoSeries(shapely.buffer(shapely.points(places), 40.0, quad_segs=2), crs=CRS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cover.tif"
        write_cover(path, rows=rows, columns=columns, draw=draw)
        cover = LandCover(paths=(path,), classes=WORLDCOVER, source=path.name)
        start = time.process_time()
        counts = np.zeros(256, dtype=np.int64)
        excluded = 0
        for window, codes in cover.windows(grid, size=given.window):
            counts += np.bincount(codes.ravel(), minlength=256)
            excluded += int(cells_covered(window, shapes, buffer_m=30.0).sum())
        took = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(
        f"{rows * columns / 1e6:.0f} million cells with {given.shapes:,} buffered exclusions: "
        f"{took:.1f} CPU-s (limit 120), {memory:.2f} GB at most (limit 2)"
    )
    print(f"no data {counts[0]:,} cells, excluded {excluded / (rows * columns):.1%}")


def write_cover(path: Path, *, rows: int, columns: int, draw: np.random.Generator) -> None:
    """Write a tiled, compressed raster in degrees that reaches over the grid."""
    height, width = int(rows * 1.2) + 3000, int(columns * 1.5) + 3000
    codes = np.array(sorted(WORLDCOVER), dtype=np.uint8)
    profile = {
        "driver": "GTiff", "height": height, "width": width, "count": 1, "dtype": "uint8", "crs": "EPSG:4326",
        "transform": rasterio.Affine(CELL_DEG, 0.0, WEST_DEG, 0.0, -CELL_DEG, NORTH_DEG), "nodata": 0,
        "tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate",
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as tile:
        for row in range(0, height, 512):
            count = min(512, height - row)
            patches = draw.choice(codes, size=((count + 15) // 16, (width + 15) // 16))
            block = np.kron(patches, np.ones((16, 16), dtype=np.uint8))[:count, :width]
            tile.write(block, 1, window=((row, row + count), (0, width)))


if __name__ == "__main__":
    main()
