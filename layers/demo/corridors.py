"""Corridors of the embedded Zibo: generated courses of motorways, the Jiaoji railway and rivers."""

__all__ = ["CLEARANCE_M", "corridors", "power_lines", "smoothed"]

from types import MappingProxyType

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer
from scipy.interpolate import CubicSpline
from scipy.sparse import csr_array
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist

from layers.demo.facts import corridor_waypoints

# What no building may come nearer to than this [m] from the centre line: half the width and a verge.
CLEARANCE_M = MappingProxyType(
    {"motorway": 45.0, "railway": 30.0, "river": 60.0, "power_line": 20.0}
)
_STEP_M, _NOTCH_M = 250.0, 4000.0


def corridors(boundary: shapely.Geometry, *, crs: CRS) -> gpd.GeoDataFrame:
    """Return the corridors inside the boundary and its notches.

    Parameters
    ----------
    boundary : (Multi)Polygon
        Outline of the study area in `crs`.
    crs : pyproj.CRS
        Metric CRS.

    Returns
    -------
    GeoDataFrame
        One LineString per row with ``corridor``, ``name`` and ``kind``.
    """
    waypoints = corridor_waypoints()
    project = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    x, y = project.transform(waypoints["lon"].to_numpy(), waypoints["lat"].to_numpy())
    # Notches of the outline are closed, so that a corridor is not cut to pieces at the border.
    ground = shapely.buffer(shapely.buffer(boundary, _NOTCH_M), -_NOTCH_M)
    rows = []
    for key, place in waypoints.groupby("corridor", sort=True).indices.items():
        line = smoothed(np.column_stack([x[place], y[place]]))
        first = waypoints.iloc[int(place[0])]
        parts = shapely.get_parts(shapely.intersection(line, ground))
        rows += [(key, first["name"], first["kind"], part) for part in parts]
    frame = gpd.GeoDataFrame(
        rows, columns=["corridor", "name", "kind", "geometry"], geometry="geometry", crs=crs
    )
    return frame[frame.length > 1000.0].reset_index(drop=True)


def smoothed(points: npt.NDArray[np.float64]) -> shapely.LineString:
    """Return a cubic line through the points, with a vertex every 250 m."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    steps = np.linspace(0.0, along[-1], max(2, int(along[-1] / _STEP_M)))
    return shapely.LineString(CubicSpline(along, points, bc_type="natural")(steps))


def power_lines(
    points: npt.NDArray[np.float64], cities: shapely.Geometry, *, crs: CRS
) -> gpd.GeoDataFrame:
    """Join points by the shortest tree of straight lines, cables inside the cities left out.

    Parameters
    ----------
    points : array of shape (n, 2)
        Plants and main substations [m].
    cities : Geometry
        Where lines run under the ground.
    crs : pyproj.CRS
        Their CRS.
    """
    tree = minimum_spanning_tree(csr_array(cdist(points, points))).tocoo()
    lines = shapely.linestrings(np.stack([points[tree.row], points[tree.col]], axis=1))
    lines = shapely.get_parts(shapely.difference(lines, cities))
    lines = lines[shapely.length(lines) > 100.0]
    return gpd.GeoDataFrame(
        {"corridor": "power", "name": None, "kind": ["power_line"] * len(lines)},
        geometry=lines,
        crs=crs,
    )
