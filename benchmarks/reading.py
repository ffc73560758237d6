"""Seconds and memory to read and clean a real OSM city, and many footprints from each format."""

import argparse
import resource
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from layers.area import StudyArea
from layers.streets import read_streets
from layers.vectors import LayerSource, read_vectors

_SHARED = Path(__file__).resolve().parents[1].parent / "shared" / "data"


def timed(label: str, run: Callable[[], pd.DataFrame]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    rows = len(run())
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{label}: {rows:,} rows in {cpu:.2f} CPU-s ({wall:.2f} s), peak so far {peak_mb:,.0f} MB"
    )
    return wall, cpu


def monaco(data: Path) -> None:
    path = data / "osm" / "monaco.osm.pbf"
    with tempfile.TemporaryDirectory() as folder:
        outline = gpd.GeoDataFrame(geometry=[shapely.box(7.40, 43.715, 7.45, 43.755)], crs=4326)
        outline.to_file(Path(folder) / "monaco.gpkg")
        area = StudyArea.from_file(Path(folder) / "monaco.gpkg")
    source = LayerSource(path=path, osm_keys=("building",))
    buildings = timed(
        "Monaco, buildings",
        lambda: read_vectors(source, name="buildings", geometry="Polygon", area=area, crs=area.crs)[
            0
        ],
    )
    streets = timed("Monaco, streets", lambda: read_streets(LayerSource(path=path), area).frame)
    both = [one + other for one, other in zip(buildings, streets, strict=True)]
    print(f"Monaco, both: {both[1]:.2f} CPU-s, {both[0]:.2f} s (limit 5)")


def footprints(count: int) -> None:
    zibo = StudyArea.from_adcode(370300)
    draw = np.random.default_rng(370300)
    west, south, east, north = zibo.bounds_m
    at = draw.uniform((west, south), (east, north), (count, 2))
    size = draw.uniform(6.0, 25.0, (count, 2))
    roofs = gpd.GeoDataFrame(
        {"id": [f"b{number}" for number in range(count)], "Floor": draw.integers(1, 9, count)},
        geometry=shapely.box(at[:, 0], at[:, 1], at[:, 0] + size[:, 0], at[:, 1] + size[:, 1]),
        crs=pyproj.CRS(4548),
    ).to_crs(4326)
    with tempfile.TemporaryDirectory() as folder:
        for suffix in (".parquet", ".gpkg", ".shp", ".fgb"):
            path = Path(folder) / f"roofs{suffix}"
            if suffix == ".parquet":
                roofs.to_parquet(path, write_covering_bbox=True)
            else:
                roofs.to_file(path)
            source = LayerSource(path=path, key="id")
            timed(
                f"{count:,} footprints around Zibo, {suffix}",
                lambda source=source: read_vectors(
                    source, name="buildings", geometry="Polygon", area=zibo, crs=zibo.crs
                )[0],
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=_SHARED, help="folder of the real inputs")
    parser.add_argument("--footprints", type=int, default=0, help="also read this many footprints")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    if options.data.is_dir():
        monaco(options.data)
    else:
        print(f"{options.data} is not here, so Monaco is left out; name the folder with --data")
    if options.footprints:
        footprints(options.footprints)


if __name__ == "__main__":
    main()
