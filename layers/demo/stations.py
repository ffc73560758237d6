"""Stations of the embedded Zibo: generated, but for the hydrogen station at the service area."""

__all__ = ["filling_stations", "service_area"]

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from layers.demo.districts import county_rows
from layers.demo.draws import between, pick, uniform
from layers.tables import STATIONS

# No count of Zibo's petrol stations was found; China has about one per 12,000 people (unverified).
_FUEL, _GAS, _CHARGING = 380, 24, 70
_APART_M = 900.0
_SHOULDER_M = 32.0
# Read (2021-11-18): the first motorway hydrogen station of China, 500 kg/d, stands in the Zibo
# service area of the Jinan-Qingdao motorway; its place along the generated course is generated.
HYDROGEN_NAME = "济青高速淄博服务区加氢站"


def service_area(motorways: gpd.GeoDataFrame) -> shapely.Polygon:
    """Return the plot of the Zibo service area beside the Jinan–Qingdao motorway."""
    own = motorways.geometry[motorways["corridor"] == "G20"]
    course = own.loc[own.length.idxmax()]
    middle = shapely.line_interpolate_point(course, 0.55, normalized=True)
    return shapely.box(middle.x - 140.0, middle.y + 35.0, middle.x + 140.0, middle.y + 175.0)


def filling_stations(
    counties: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    boxes: npt.NDArray[np.object_],
    *,
    motorways: gpd.GeoDataFrame,
    seed: int,
) -> gpd.GeoDataFrame:
    """Place petrol, gas and charging stations along main roads, and the real hydrogen station.

    Parameters
    ----------
    counties : GeoDataFrame
        Counties; a station's county is the one it stands in.
    streets : GeoDataFrame
        Main roads carry the stations.
    boxes : array of Polygon
        Built rectangles, kept free.
    motorways : GeoDataFrame
        Their courses, for the service area.
    seed : int
        Seed.
    """
    points = _roadside(streets, seed)
    free = np.ones(len(points), dtype=bool)
    free[shapely.STRtree(boxes).query(points, predicate="within")[0]] = False
    county = county_rows(counties, points)
    free &= county >= 0
    points, county = _spread(points[free], county[free])
    count = min(len(points), _FUEL + _GAS + _CHARGING)
    kind = np.repeat(["fuel", "gas", "charging"], [_FUEL, _GAS, _CHARGING])[:count]
    order = np.arange(count)
    guns = 4 + 2 * pick(uniform(seed, "station points", order), (0.2, 0.4, 0.3, 0.1))
    power = np.where(kind == "charging", guns * 90.0, np.nan)
    area = np.round(between(uniform(seed, "station area", order), 1600.0, 5200.0), -1)
    hydrogen = service_area(motorways).centroid
    frame = gpd.GeoDataFrame(
        {
            "kind": [*kind, "hydrogen"],
            "points": pd.array([*guns, None], dtype="Int64"),
            "power_kw": [*power, np.nan],
            "area_m2": [*area, np.nan],
            "name": [*np.full(count, None), HYDROGEN_NAME],
            "county": [
                *counties.index.to_numpy()[county[:count]],
                counties.index[county_rows(counties, np.array([hydrogen]))[0]],
            ],
            "source": "synthetic",
        },
        geometry=[*points[:count], hydrogen], crs=counties.crs,
    )  # fmt: skip
    frame.index = pd.Index([f"s{n:04d}" for n in range(len(frame))], dtype="str",
                           name=STATIONS.key)  # fmt: skip
    return STATIONS.validate(frame, where="The stations of the embedded Zibo")


def _roadside(streets: gpd.GeoDataFrame, seed: int) -> npt.NDArray[np.object_]:
    """Draw places beside main roads, many more than are needed."""
    main = streets[streets["street_class"].isin(["trunk", "primary", "secondary"])]
    number = np.arange(12 * (_FUEL + _GAS + _CHARGING))
    along = np.cumsum(main.length.to_numpy())
    where = uniform(seed, "station place", number) * along[-1]
    row = np.searchsorted(along, where, side="right")
    line = main.geometry.to_numpy()[row]
    offset = where - np.concatenate([[0.0], along])[row]
    here = shapely.line_interpolate_point(line, offset)
    ahead = shapely.line_interpolate_point(line, offset + 1.0)
    back = shapely.line_interpolate_point(line, np.maximum(offset - 1.0, 0.0))
    dx, dy = shapely.get_x(ahead) - shapely.get_x(back), shapely.get_y(ahead) - shapely.get_y(back)
    shoulder = np.where(uniform(seed, "station shoulder", number) < 0.5, -1, 1) * _SHOULDER_M
    shoulder = shoulder / np.maximum(np.hypot(dx, dy), 1e-9)
    return np.asarray(
        shapely.points(shapely.get_x(here) - dy * shoulder, shapely.get_y(here) + dx * shoulder),
        dtype=object,
    )


def _spread(
    points: npt.NDArray[np.object_], county: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.int64]]:
    """Drop each point that is nearer than 900 m to an earlier one that stays."""
    xy = shapely.get_coordinates(points)
    kept = np.ones(len(xy), dtype=bool)
    near = cKDTree(xy).query_ball_point(xy, _APART_M)
    for row in range(len(xy)):
        kept[row] = not any(other < row and kept[other] for other in near[row])
    return points[kept], county[kept]
