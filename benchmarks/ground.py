"""Seconds and memory of finding ground-mounted bases on a whole city at 10 m.

Land cover, terrain, constraints, buildings, streets and substations are drawn at random into a temporary
folder; only the finding is timed.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import rasterio
import shapely

from layers import tables
from layers.area import StudyArea
from layers.climate import climate_year
from layers.layer_set import LayerSet
from layers.terrain import Terrain
from layers.weather import Weather
from rooftop_pv.assumptions import RooftopPvAssumptions
from rooftop_pv.ground import ground_bases
from rooftop_pv.ground_assumptions import GroundAssumptions

CRS = pyproj.CRS(4548)
WEST, NORTH, CELL = 550_000.0, 4_130_000.0, 10.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=float, default=60e6, help="cells of the area, 10 m wide")
    parser.add_argument(
        "--window", type=int, default=2048, help="largest side of a window in cells"
    )
    parser.add_argument("--buildings", type=int, default=300_000, help="buildings")
    parser.add_argument("--streets", type=int, default=50_000, help="street segments")
    parser.add_argument(
        "--constraints", type=int, default=2_000, help="objects that keep land free"
    )
    given = parser.parse_args()
    rows = int((given.cells * 1.2) ** 0.5)
    columns = int(given.cells / rows)
    draw = np.random.default_rng(370300)
    layers = layer_set(rows, columns, counts=given, draw=draw)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cover.tif"
        write_cover(path, rows=rows, columns=columns, draw=draw)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
        wall, start = time.perf_counter(), time.process_time()
        found = ground_bases(
            layers,
            GroundAssumptions(),
            RooftopPvAssumptions(),
            land_cover=path,
            window=given.window,
        )
        took, wall = time.process_time() - start, time.perf_counter() - wall
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(
        f"{rows * columns / 1e6:.1f} million cells, {rows * columns / 1e4:,.0f} km2, {given.buildings:,} "
        f"buildings, {given.streets:,} streets, {given.constraints:,} constraints: {took:.1f} CPU-s, "
        f"{wall:.1f} s (limit 120), {memory:.2f} GB at most (limit 2; {before:.2f} before)"
    )
    print(
        f"{len(found.sites):,} sites, {found.sites['area_ha'].sum():,.0f} ha, "
        f"{found.sites['capacity_mw'].sum():,.0f} MW; rows of the table sum to "
        f"{found.exclusions['cells'].sum():,} of {rows * columns:,} cells"
    )
    by_reason = found.exclusions.groupby("reason", sort=False)["cells"].sum() / (rows * columns)
    print(
        "; ".join(f"{reason} {share:.1%}" for reason, share in by_reason.items() if share > 0.001)
    )


def layer_set(
    rows: int, columns: int, *, counts: argparse.Namespace, draw: np.random.Generator
) -> LayerSet:
    """Draw the layers of a rectangular city of eight counties."""
    width, height = columns * CELL, rows * CELL
    boxes = [
        shapely.box(WEST + width * (n % 2) / 2, NORTH - height * (n // 2 + 1) / 4,
                    WEST + width * (n % 2 + 1) / 2, NORTH - height * (n // 2) / 4)
        for n in range(8)
    ]  # fmt: skip
    keys = [f"37030{n + 1}" for n in range(8)]
    counties = gpd.GeoDataFrame(
        {"name": keys, "area_km2": [box.area / 1e6 for box in boxes], "source": "synthetic"},
        index=pd.Index(keys, dtype="str", name="county"), geometry=boxes, crs=CRS,
    )  # fmt: skip
    area = StudyArea(
        name="drawn", adcode="370300", counties=counties, crs=CRS, time_zone="Asia/Shanghai"
    )

    def places(count: int) -> np.ndarray:
        return np.column_stack(
            [WEST + draw.uniform(0, width, count), NORTH - draw.uniform(0, height, count)]
        )

    def frame(key: str, geometry: np.ndarray, columns: dict) -> gpd.GeoDataFrame:
        index = pd.Index([str(n) for n in range(len(geometry))], dtype="str", name=key)
        return gpd.GeoDataFrame(columns, index=index, geometry=geometry, crs=CRS)

    names = ("parks", "stations", "heat_sources", "townships")
    empty = {name: getattr(tables, name.upper()).empty(CRS) for name in names}
    middles = places(counts.buildings)
    starts = places(counts.streets)
    discs = shapely.buffer(
        shapely.points(places(counts.constraints)), draw.uniform(20.0, 800.0, counts.constraints)
    )
    kinds = draw.choice(["farmland", "forest", "water", "protected", "school"], counts.constraints)
    cell = 30.0
    shape = (int(height / cell) + 60, int(width / cell) + 60)
    relief = sum(
        size * np.kron(draw.normal(size=(shape[0] // step + 2, shape[1] // step + 2)), np.ones((step, step)))
        [: shape[0], : shape[1]] for size, step in ((40.0, 60), (4.0, 6))
    )  # fmt: skip
    return LayerSet(
        area=area,
        **empty,
        buildings=frame(
            "building_id", shapely.box(*(middles - 8.0).T, *(middles + 8.0).T), {"use": "rural_home"}
        ),
        constraints=frame(
            "constraint_id", discs, {"kind": kinds}
        ),
        streets=frame(
            "street_id",
            shapely.linestrings(np.stack([starts, starts + draw.normal(0.0, 200.0, starts.shape)], axis=1)),
            {"street_class": draw.choice(["primary", "tertiary", "residential", "track"], counts.streets),
             "tunnel": False},
        ),
        substations=frame("substation_id", shapely.points(places(160)), {"voltage_kv": 110.0}),
        terrain=Terrain(
            elevation_m=relief.astype(np.float32), west_m=WEST - 30 * cell, north_m=NORTH + 30 * cell,
            cell_m=cell, crs=CRS, source="synthetic", synthetic=True,
        ),
        weather=year(),
        account=tables.ACCOUNT.empty(),
    )  # fmt: skip


def year() -> Weather:
    """Make a year of light like Zibo's."""
    ghi = np.array([66.0, 80, 120, 149, 173, 161, 143, 136, 118, 99, 71, 61])
    months = pd.DataFrame(
        {
            "ghi_kwh_m2": ghi,
            "dhi_kwh_m2": ghi / 2,
            "temperature_c": 14.0,
            "temperature_max_c": 20.0,
        },
        index=pd.RangeIndex(1, 13, name="month"),
    )
    return climate_year(
        months, latitude_deg=36.8, longitude_deg=118.0, elevation_m=50.0, time_zone="Asia/Shanghai", seed=1,
        source="synthetic",
    )  # fmt: skip


def write_cover(path: Path, *, rows: int, columns: int, draw: np.random.Generator) -> None:
    """Write a tiled, compressed raster in degrees that reaches over the area."""
    to_degrees = pyproj.Transformer.from_crs(CRS, 4326, always_xy=True)
    west, south, east, north = to_degrees.transform_bounds(
        WEST, NORTH - rows * CELL, WEST + columns * CELL, NORTH
    )
    step = 1.0 / 12000.0
    height, width = int((north - south) / step) + 200, int((east - west) / step) + 200
    codes = np.array([10, 30, 30, 40, 40, 50, 60, 80], dtype=np.uint8)
    profile = {
        "driver": "GTiff", "height": height, "width": width, "count": 1, "dtype": "uint8", "crs": "EPSG:4326",
        "transform": rasterio.Affine(step, 0.0, west - 100 * step, 0.0, -step, north + 100 * step),
        "nodata": 0, "tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate",
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as tile:
        for row in range(0, height, 512):
            count = min(512, height - row)
            patches = draw.choice(codes, size=((count + 15) // 16, (width + 15) // 16))
            block = np.kron(patches, np.ones((16, 16), dtype=np.uint8))[:count, :width]
            tile.write(block, 1, window=((row, row + count), (0, width)))


if __name__ == "__main__":
    main()
