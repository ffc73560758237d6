"""CPU seconds and memory of reading: every layer of an OSM file, and many synthetic footprints."""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from layers.area import StudyArea
from layers.buildings import read_buildings
from layers.constraints import read_constraints
from layers.parks import read_parks
from layers.stations import read_stations
from layers.streets import read_streets
from layers.vectors import LayerSource


def main() -> None:
    """Print one line per reading."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--osm", type=Path, help="an .osm.pbf file")
    parser.add_argument("--bounds", type=float, nargs=4, help="west south east north of the area")
    parser.add_argument("--footprints", type=int, default=0, help="synthetic footprints to read")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if given.osm:
            _osm(given.osm, given.bounds, Path(folder))
        if given.footprints:
            _footprints(given.footprints, Path(folder))
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"peak memory {peak_gb:.2f} GB")


def _osm(path: Path, bounds: list[float], folder: Path) -> None:
    boundary = folder / "area.geojson"
    box = gpd.GeoDataFrame({"name": ["area"]}, geometry=[shapely.box(*bounds)], crs=4326)
    box.to_file(boundary)
    area = StudyArea.from_file(boundary)
    source = LayerSource(path=path)
    for read in (read_buildings, read_parks, read_streets, read_stations, read_constraints):
        start = time.process_time()
        frame, _ = read(source, area)
        print(f"{read.__name__}: {len(frame)} rows in {time.process_time() - start:.2f} CPU-s")


def _footprints(count: int, folder: Path) -> None:
    area = StudyArea.from_adcode(370321)
    inner = area.boundary.representative_point()
    generator = np.random.default_rng(1)
    x = inner.x + generator.uniform(-4000, 4000, count)
    y = inner.y + generator.uniform(-4000, 4000, count)
    words = np.array(["3层", "六层", "12", "0", None], dtype=object)
    uses = np.array(["住宅", "厂房", "民房", "奇怪", None], dtype=object)
    frame = gpd.GeoDataFrame(
        {
            "层数": words[generator.integers(0, 5, count)],
            "用途": uses[generator.integers(0, 5, count)],
        },
        geometry=shapely.box(x, y, x + 20, y + 15),
        crs=area.crs,
    )
    path = folder / "roofs.parquet"
    frame.to_parquet(path)
    del frame
    start = time.process_time()
    read, _ = read_buildings(LayerSource(path=path, preset="survey"), area)
    seconds = time.process_time() - start
    print(f"read_buildings, survey preset: {len(read)} rows in {seconds:.1f} CPU-s")


if __name__ == "__main__":
    main()
