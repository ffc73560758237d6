"""Obstacles made ready for the horizon: their outlines as plain arrays, and where to find them.

Neighbours are found in square cells. Each obstacle is filed by its centre, in a grid for its range, which
is the distance up to which it may count plus its own half size; so a tower, which is seen from far, does
not make anybody look far for huts.
"""

__all__ = ["FAR_DEG", "ObstacleArrays", "Obstacles", "obstacles_of_frame", "obstacles_of_planes"]

import math
from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from layers.errors import AssumptionError, DatumError, LayerError
from rooftop_pv.obstacles_kernel import measure_obstacles
from rooftop_pv.points import checked_polygons, surface_of_vertices
from rooftop_pv.rings import Rings, rings_of

FAR_DEG = 4.0  # beyond the radius, towers count while they may rise higher than this

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]
_STEP = 1.25  # from one grid's range to the next one's
_CELLS_A_RANGE = 3.0


class ObstacleArrays(NamedTuple):
    """What the kernel reads, m obstacles in the order of their cells.

    Attributes
    ----------
    circles : ndarray, shape (m, 8)
        Centre x and y of each obstacle's bounds, half their width, half their height, highest top, the
        distance up to which it counts, radius of the circle round the bounds, lowest top [m].
    sloping : ndarray of bool, shape (m,)
        The top slopes: edges seen from inside count as well.
    first_ring, last_ring : ndarray of int, shape (m,)
        Bounds of the rings of each.
    rings : ndarray of int, shape (r + 1,)
        Bounds of the vertices of each ring; closed, exteriors counter-clockwise, holes clockwise.
    vertices : ndarray, shape (v, 3)
        x, y and elevation [m].
    grids : ndarray, shape (g, 4)
        West and south corner, cell and range of each grid [m].
    shapes : ndarray of int, shape (g, 3)
        Columns, rows and first cell of each grid.
    cells : ndarray of int, shape (k + 1,)
        Bounds of the obstacles of each cell, column by column from the south.
    """

    circles: _Floats
    sloping: npt.NDArray[np.bool_]
    first_ring: _Ints
    last_ring: _Ints
    rings: _Ints
    vertices: _Floats
    grids: _Floats
    shapes: _Ints
    cells: _Ints


@dataclass(frozen=True)
class Obstacles:
    """Obstacles made ready once, for any number of points.

    Attributes
    ----------
    arrays : ObstacleArrays
        Outlines and cells.
    crs : pyproj.CRS
        Of their coordinates, metric.
    radius_m : float [m]
        Distance within which every one of them counts.
    """

    arrays: ObstacleArrays
    crs: pyproj.CRS
    radius_m: float


def obstacles_of_frame(frame: gpd.GeoDataFrame, radius_m: float) -> Obstacles:
    """Make a table of obstacles ready.

    Parameters
    ----------
    frame : GeoDataFrame
        As :func:`rooftop_pv.horizon.horizon_profiles` takes it.
    radius_m : float [m]
        Distance within which every obstacle counts.

    Raises
    ------
    AssumptionError, DatumError, LayerError
        As :func:`rooftop_pv.horizon.horizon_profiles`.
    """
    _check_frame(frame)
    shapes = np.asarray(frame.geometry.array)
    outlines = rings_of(shapes)
    top = frame["top_m"].to_numpy(dtype=np.float64)
    z = np.repeat(top, np.diff(outlines.rings[outlines.first_ring]))
    sloping = shapely.has_z(shapes)
    if sloping.any():
        own = sloping[outlines.polygon_of_vertex()]
        z[own] = shapely.get_coordinates(shapes[sloping], include_z=True)[:, 2]
    height = frame["height_m"].to_numpy(dtype=np.float64) if "height_m" in frame else None
    return _ready(outlines, z, sloping=sloping, height=height, crs=frame.crs, radius_m=radius_m)


def obstacles_of_planes(planes: gpd.GeoDataFrame, radius_m: float) -> Obstacles:
    """Make roof planes ready as obstacles: :func:`rooftop_pv.points.roof_obstacles` without its table.

    Parameters
    ----------
    planes : GeoDataFrame
        ``PLANES`` with ``height_m``, the height of the building [m].
    radius_m : float [m]
        Distance within which every plane counts.
    """
    _check_crs(planes.crs)
    outlines = rings_of(checked_polygons(planes))
    of = outlines.polygon_of_vertex()
    return _ready(
        outlines,
        surface_of_vertices(planes, outlines.xy, of),
        sloping=planes["surface_tilt_deg"].to_numpy(dtype=np.float64) > 0.0,
        height=planes["height_m"].to_numpy(dtype=np.float64),
        crs=planes.crs,
        radius_m=radius_m,
    )


def _ready(
    outlines: Rings,
    z: _Floats,
    *,
    sloping: npt.NDArray[np.bool_],
    height: _Floats | None,
    crs: pyproj.CRS,
    radius_m: float,
) -> Obstacles:
    if not (math.isfinite(radius_m) and radius_m > 0.0):
        raise AssumptionError(
            f"radius_m is {radius_m!r} m, but must be above 0: the distance within which neighbours "
            "are looked for (300 m is usual)."
        )
    vertices = np.empty((len(z), 3))
    vertices[:, :2], vertices[:, 2] = outlines.xy, z
    circles = np.empty((len(outlines.first_ring) - 1, 8))
    measure_obstacles(outlines.first_ring, outlines.rings, vertices, circles)
    circles[:, 5] = radius_m
    if height is not None:
        circles[:, 5] = np.fmax(radius_m, height / math.tan(math.radians(FAR_DEG)))
    order, grids, shapes, cells = _filed(circles)
    arrays = ObstacleArrays(
        circles=circles[order],
        sloping=sloping[order],
        first_ring=outlines.first_ring[:-1][order],
        last_ring=outlines.first_ring[1:][order],
        rings=outlines.rings,
        vertices=vertices,
        grids=grids,
        shapes=shapes,
        cells=cells,
    )
    return Obstacles(arrays, pyproj.CRS(crs), float(radius_m))


def _filed(circles: _Floats) -> tuple[_Ints, _Floats, _Ints, _Ints]:
    """File obstacles by range and centre; return their order and the grids."""
    if not len(circles):
        none = np.empty(0, dtype=np.int64)
        return none, np.empty((0, 4)), np.empty((0, 3), dtype=np.int64), np.zeros(1, dtype=np.int64)
    reach = circles[:, 5] + circles[:, 6]
    least = float(reach.min())
    level = np.ceil(np.log(reach / least) / math.log(_STEP) - 1e-9).astype(np.int64)
    cell_of = np.empty(len(circles), dtype=np.int64)
    grids, shapes, total = [], [], 0
    for step in np.unique(level):
        mine = level == step
        x, y = circles[mine, 0], circles[mine, 1]
        west, south = float(x.min()), float(y.min())
        width, height = float(x.max()) - west, float(y.max()) - south
        furthest = float(reach[mine].max())
        # Few obstacles far apart get large cells, so that cells are never many more than obstacles.
        cell = max(furthest / _CELLS_A_RANGE, math.sqrt(width * height / (4.0 * len(x) + 64.0)),
                   max(width, height) / (4.0 * len(x) + 64.0))  # fmt: skip
        columns, rows = int(width / cell) + 1, int(height / cell) + 1
        column = np.minimum(((x - west) / cell).astype(np.int64), columns - 1)
        row = np.minimum(((y - south) / cell).astype(np.int64), rows - 1)
        cell_of[mine] = total + column * rows + row
        grids.append((west, south, cell, furthest))
        shapes.append((columns, rows, total))
        total += columns * rows
    order = np.argsort(cell_of, kind="stable").astype(np.int64)
    cells = np.concatenate([[0], np.cumsum(np.bincount(cell_of, minlength=total))])
    return order, np.array(grids), np.array(shapes, dtype=np.int64), cells.astype(np.int64)


def _check_crs(crs: pyproj.CRS | None) -> None:
    if crs is None or not pyproj.CRS(crs).is_projected:
        given = "no CRS" if crs is None else pyproj.CRS(crs).name
        raise DatumError(
            f"The obstacles are in {given}; project them to the study's metric CRS first."
        )


def _check_frame(frame: gpd.GeoDataFrame) -> None:
    if not isinstance(frame, gpd.GeoDataFrame) or "top_m" not in frame.columns:
        raise LayerError(
            "The obstacles must be a GeoDataFrame of footprints with the column 'top_m', the elevation "
            "of their top in metres (ground plus height)."
        )
    _check_crs(frame.crs)
    shapes = np.asarray(frame.geometry.array)
    wrong = (shapely.get_type_id(shapes) != shapely.GeometryType.POLYGON.value) | shapely.is_empty(
        shapes
    )
    if wrong.any():
        first = frame.index[int(np.argmax(wrong))]
        raise LayerError(
            f"{int(wrong.sum())} obstacles are not a Polygon, first {first!r}; explode multi-part "
            "footprints and drop empty ones."
        )
    top = pd.to_numeric(frame["top_m"], errors="coerce").to_numpy(dtype=np.float64)
    if not np.isfinite(top).all():
        first = frame.index[int(np.argmin(np.isfinite(top)))]
        raise LayerError(
            f"top_m is missing in {int((~np.isfinite(top)).sum())} obstacles, first {first!r}; "
            "give buildings without a height a flagged default."
        )
