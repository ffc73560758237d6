"""A city of a few hundred roofs, its case file and what a run of it must leave, for runs that are disturbed."""

import hashlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

ROOFS = 240
ROOFS_PER_TILE = 90
_USES = ("rural_home", "apartment", "industrial", "school")
_CASE = """
title = "Small city"
[area]
adcode = 370300
[layers.buildings]
path = "roofs.gpkg"
[layers.substations]
path = "substations.gpkg"
[pv]
ranges = "ranges.csv"
[weather]
path = "months.csv"
format = "monthly"
latitude_deg = 36.8
longitude_deg = 118.0
elevation_m = 60.0
"""


def write_small_city(folder: Path, *, assumptions: str = "") -> Path:
    """Write the layers and the case into a folder; return the case file."""
    folder.mkdir(parents=True, exist_ok=True)
    middle = gpd.GeoSeries.from_xy([118.05], [36.81], crs=4326).to_crs(4548)
    x0, y0 = float(middle.x.iloc[0]), float(middle.y.iloc[0])
    number = np.arange(ROOFS)
    x, y = x0 + 22.0 * (number % 16), y0 + 24.0 * (number // 16)
    size = 8.0 + number % 5
    roofs = gpd.GeoDataFrame(
        {
            "building_id": [f"b{n}" for n in number],
            "use": [_USES[n % len(_USES)] for n in number],
            "height_m": 4.0 + 3.0 * (number % 7),
        },
        geometry=shapely.box(x, y, x + size, y + 10.0),
        crs=4548,
    )
    roofs.to_file(folder / "roofs.gpkg")
    gpd.GeoDataFrame(
        {
            "substation_id": ["s1"],
            "voltage_kv": [110.0],
            "capacity_mva": [50.0],
            "transformers": [2],
            "load_mw": [20.0],
            "connected_mw": [1.0],
            "registered_mw": [2.0],
        },
        geometry=[shapely.Point(x0 - 50.0, y0)],
        crs=4548,
    ).to_file(folder / "substations.gpkg")
    ghi = [75.0, 90.0, 130.0, 155.0, 175.0, 160.0, 145.0, 138.0, 120.0, 102.0, 76.0, 68.0]
    pd.DataFrame(
        {
            "month": range(1, 13),
            "ghi_kwh_m2": ghi,
            "dhi_kwh_m2": [0.5 * value for value in ghi],
            "temperature_c": [-1.0, 2.0, 8.0, 15.0, 21.0, 26.0, 27.0, 26.0, 22.0, 15.0, 7.0, 1.0],
            "temperature_max_c": [
                5.0,
                8.0,
                14.0,
                21.0,
                27.0,
                31.0,
                32.0,
                30.0,
                27.0,
                21.0,
                13.0,
                6.0,
            ],
        }
    ).to_csv(folder / "months.csv", index=False)
    (folder / "ranges.csv").write_text(
        "key,how,low,high,source,confidence\nyield,scale,0.9,1.1,small city,unverified\n",
        encoding="utf-8",
    )
    case = folder / "case.toml"
    case.write_text(_CASE + assumptions, encoding="utf-8")
    return case


def left_by(out: Path) -> dict[str, str]:
    """Return the hash of every table and summary in a folder of results."""
    files = [*(out / "tables").glob("*.parquet"), *out.glob("*.csv")]
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(files)}


def litter_in(out: Path) -> list[str]:
    """Return what a run left beside its files, which nobody should read."""
    return [str(path) for path in out.rglob(".*") if ".tmp" in path.name or "beside" in path.name]
