"""Seconds that a schema needs for a million rows, valid and faulty."""

import argparse
import time

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.errors import LayerError
from layers.tables import BUILDINGS


def million(rows: int) -> gpd.GeoDataFrame:
    """Return a valid frame of buildings."""
    draw = np.random.default_rng(1)
    x, y = draw.uniform(0.0, 1e5, (2, rows))
    return gpd.GeoDataFrame(
        {
            "use": draw.choice(["rural_home", "shop"], rows),
            "use_source": "own",
            "height_m": draw.uniform(3.0, 90.0, rows),
            "height_source": "own",
            "storeys": draw.integers(1, 30, rows),
            "footprint_m2": 100.0,
            "county": "370303",
            "source": "benchmark",
        },
        index=pd.Index([f"b{number}" for number in range(rows)], name="building_id"),
        geometry=shapely.box(x, y, x + 10.0, y + 10.0),
        crs=4548,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    frame = million(rows)
    start = time.process_time()
    BUILDINGS.validate(frame, where="The benchmark")
    print(f"valid:  {rows:,} rows in {time.process_time() - start:.2f} CPU-s")
    faulty = frame.assign(height_m=-frame["height_m"])
    start = time.process_time()
    try:
        BUILDINGS.validate(faulty, where="The benchmark")
    except LayerError:
        print(f"faulty: {rows:,} rows in {time.process_time() - start:.2f} CPU-s")


if __name__ == "__main__":
    main()
