"""A small town with roofs, planes and money, for the tests of revenue, county, hosting and uncertainty."""

from functools import cache
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pv_years import clouded_year

from layers.tables import BUILDING_USES
from layers.weather import Weather
from rooftop_pv import RooftopPvAssumptions, roof_planes, roof_yields
from rooftop_pv.roof_totals import roof_totals

PV = RooftopPvAssumptions()


class Town(NamedTuple):
    buildings: gpd.GeoDataFrame
    planes: gpd.GeoDataFrame
    roofs: gpd.GeoDataFrame
    weather: Weather


@cache
def town(count: int = 120) -> Town:
    """Return rectangles of all uses in two counties, turned, so that many gables have two planes."""
    draw = np.random.default_rng(9)
    centre = np.column_stack(
        [
            500_000.0 + 120.0 * (np.arange(count) % 12),
            4_076_000.0 + 120.0 * (np.arange(count) // 12),
        ]
    )
    size = np.column_stack([draw.uniform(12.0, 80.0, count), draw.uniform(8.0, 30.0, count)]) / 2
    turn = draw.uniform(0.0, np.pi, count)
    corner = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])[None] * size[:, None]
    cos, sin = np.cos(turn)[:, None], np.sin(turn)[:, None]
    x = corner[..., 0] * cos - corner[..., 1] * sin + centre[:, :1]
    y = corner[..., 0] * sin + corner[..., 1] * cos + centre[:, 1:]
    outlines = shapely.polygons(np.stack([x, y], axis=-1))
    frame = pd.DataFrame(
        {
            "use": [BUILDING_USES[n % len(BUILDING_USES)] for n in range(count)],
            "use_source": "own",
            "height_m": draw.uniform(3.5, 20.0, count),
            "height_source": "own",
            "footprint_m2": shapely.area(outlines),
            "county": [("370302", "370303")[n % 2] for n in range(count)],
            "source": "hand",
        },
        index=pd.Index([f"b{n}" for n in range(count)], dtype="str", name="building_id"),
    )
    frame.loc[frame["use"] == "rural_home", "height_m"] = 5.0
    buildings = gpd.GeoDataFrame(frame, geometry=list(outlines), crs="EPSG:4548")
    weather = clouded_year()
    planes = roof_planes(buildings, PV)
    buildings = buildings.assign(name=pd.Series([None] * count, dtype="str", index=frame.index))
    roofs = roof_totals(buildings, planes, roof_yields(planes, weather, PV))
    return Town(buildings, planes, roofs, weather)
