"""The child: a process with little memory that opens one hostile input after another.

It takes one job per line of JSON on its input and answers each with one line on what used to be its
output; whatever a library prints goes to stderr. A crash, a kill by the limit of CPU-seconds or a
failed allocation is seen by the parent and counts against the reader.
"""

import json
import os
import resource
import sys
import time
import traceback
from functools import cache
from pathlib import Path

MEMORY_BYTES = 2_000_000_000  # beyond what the imports take
CPU_S = 40.0
ZIBO_BOX = (592_000.0, 4_070_500.0, 598_000.0, 4_076_500.0)  # in EPSG:4548, round Zhangdian


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    import geopandas  # noqa: F401
    import osmium  # noqa: F401
    import pyarrow.parquet  # noqa: F401
    import rasterio  # noqa: F401

    import zibo_geo.cli
    import zibo_geo.reading  # noqa: F401

    held = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = held * os.sysconf("SC_PAGE_SIZE") + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers.write("ready\n")
    answers.flush()
    for line in sys.stdin:
        answers.write(json.dumps(answered(json.loads(line))) + "\n")
        answers.flush()


def answered(job: dict) -> dict:
    """Open one input through one door and say how it ended."""
    from layers.errors import ZiboGeoError

    start = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (int(start + CPU_S) + 1, resource.RLIM_INFINITY))
    answer: dict = {"outcome": "read", "kind": "", "text": "", "rows": 0, "account": []}
    try:
        answer |= DOORS[job["door"]](**job["given"])
    except ZiboGeoError as error:
        answer |= {"outcome": "sentence", "kind": type(error).__name__, "text": str(error)}
    except BaseException as error:  # noqa: BLE001 - what is no sentence is what is sought
        answer |= {"outcome": "fault", "kind": type(error).__name__, "text": traceback.format_exc()}
    answer["cpu_s"] = time.process_time() - start
    answer["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    return answer


@cache
def area(place: str):
    """A small area, so that a case costs little: a square in Zibo, Monaco, or Andorra's capital."""
    import geopandas as gpd
    import shapely

    from layers.area import StudyArea, metric_crs

    if place == "zibo":
        frame = gpd.GeoDataFrame(geometry=[shapely.box(*ZIBO_BOX)], crs=4548)
    else:
        west, south = {"monaco": (7.40, 43.72), "andorra": (1.50, 42.49)}[place]
        frame = gpd.GeoDataFrame(
            geometry=[shapely.box(west, south, west + 0.05, south + 0.04)], crs=4326
        ).to_crs(metric_crs(west, south))
    frame["name"], frame["source"], frame["area_km2"] = place, "drawn", frame.area / 1e6
    frame.index = pd_index(["370303"])
    zone = "Asia/Shanghai" if place == "zibo" else "Europe/Paris"
    return StudyArea(name=place, adcode="370303", counties=frame, crs=frame.crs, time_zone=zone)


def pd_index(keys: list):
    import pandas as pd

    return pd.Index(keys, dtype="str", name="county")


def source(path: str, **given):
    from layers.vectors import LayerSource

    return LayerSource(path=Path(path), **given)


def told(frame, account) -> dict:
    """The answer for a layer that was read; its account must close and its frame be clean."""
    import numpy as np
    import shapely

    shapes = np.asarray(frame.geometry.array)
    assert np.isfinite(shapely.bounds(shapes).reshape(-1, 4)).all()
    assert not (shapely.is_missing(shapes) | shapely.is_empty(shapes)).any()
    assert frame.index.is_unique
    lines = [[row.action, row.reason, int(row.rows)] for row in account.itertuples()]
    return {"rows": len(frame), "account": lines}


def open_vectors(path: str, *, geometry: str = "Any", place: str | None = None, **given) -> dict:
    import pyproj

    from layers.vectors import read_vectors

    frame, ledger = read_vectors(
        source(path, **given),
        name="hostile",
        geometry=geometry,
        area=None if place is None else area(place),
        crs=pyproj.CRS(4548),
    )
    return told(frame, ledger.frame())


def open_layer(path: str, *, layer_name: str, place: str = "zibo", **given) -> dict:
    from importlib import import_module

    reader = getattr(import_module(f"layers.{layer_name}"), f"read_{layer_name}")
    reading = reader(source(path, **given), area(place))
    return told(reading.frame, reading.account)


def open_area(path: str, **given) -> dict:
    from layers.area import StudyArea

    found = StudyArea.from_file(path, **given)
    return {"rows": len(found.counties)}


def open_terrain(path: str, *, place: str = "zibo", **given) -> dict:
    import numpy as np

    from layers.terrain import read_terrain

    terrain = read_terrain(path, area(place), **{"margin_m": 500.0, **given})
    assert not np.isinf(terrain.elevation_m).any()
    return {"rows": int(np.isfinite(terrain.elevation_m).sum()), "text": terrain.source}


def open_landcover(path: str, *, place: str = "zibo") -> dict:
    from layers.grid import grid_of_area
    from layers.landcover import open_land_cover

    cover = open_land_cover(path, area(place))
    grid = grid_of_area(area(place), cell_m=30.0)
    return {"rows": sum(int((codes > 0).sum()) for _, codes in cover.windows(grid))}


def open_weather(path: str, **given) -> dict:
    from layers.weather import read_weather

    weather, ledger = read_weather(path, **{"time_zone": "Asia/Shanghai", **given})
    lines = [[row.action, row.reason, int(row.rows)] for row in ledger.frame().itertuples()]
    return {"rows": len(weather.hours), "account": lines}


def open_case(path: str) -> dict:
    from zibo_geo.case import load_case

    load_case(path)
    return {}


def open_check(path: str, arguments: tuple = ()) -> dict:
    """Run ``zibo-geo check`` as the shell would, and keep what it says."""
    import contextlib
    import io

    from zibo_geo.cli import main as command

    said, shown = io.StringIO(), io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(shown):
        code = command(["check", path, *arguments])
    return {"rows": code, "text": said.getvalue() + shown.getvalue()}


DOORS = {
    "vectors": open_vectors,
    "layer": open_layer,
    "area": open_area,
    "terrain": open_terrain,
    "landcover": open_landcover,
    "weather": open_weather,
    "case": open_case,
    "check": open_check,
}

if __name__ == "__main__":
    main()
