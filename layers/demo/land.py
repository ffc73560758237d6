"""Land of the embedded Zibo: campuses, corridors, fields and yards that bind what is built."""

__all__ = ["constraint_layer"]

from types import MappingProxyType

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from layers.demo.corridors import CLEARANCE_M
from layers.demo.districts import local_to_map
from layers.demo.draws import uniform
from layers.demo.plots import CAMPUSES, RECIPES
from layers.demo.relief import slope_deg
from layers.tables import CONSTRAINTS
from layers.terrain import Terrain

_CELL_M, _GROUP = 500.0, 10
_FOREST_SLOPE_DEG, _FIELD_SLOPE_DEG = 7.0, 4.0
_KIND_OF_CORRIDOR = MappingProxyType(
    {"railway": "railway", "motorway": "motorway", "power_line": "power_line"}
)


def constraint_layer(
    units: pd.DataFrame,
    blocks: pd.DataFrame,
    plots: pd.DataFrame,
    *,
    corridors: gpd.GeoDataFrame,
    service_area: shapely.Polygon,
    fields: gpd.GeoDataFrame,
    crs: CRS,
    seed: int,
) -> gpd.GeoDataFrame:
    """Collect everything that keeps others at a distance or a place at use.

    Parameters
    ----------
    units, blocks, plots : DataFrame
        All units; blocks and plots of the built ones.
    corridors : GeoDataFrame
        Railway, motorways, rivers and power lines.
    service_area : Polygon
        The service area of the motorway.
    fields : GeoDataFrame
        Farmland and forest as :func:`open_land` returns them.
    crs : pyproj.CRS
        Metric CRS.
    seed : int
        Seed.
    """
    campus = plots[plots["type"].isin(CAMPUSES)]
    frames = [
        _frame(campus["type"].map(CAMPUSES), _rectangles(units, campus)),
        _yards(units, blocks, seed),
        *_corridor_frames(corridors),
        _frame(["service_area"], [service_area]),
        fields,
    ]
    layer = gpd.GeoDataFrame(
        pd.concat(frames, ignore_index=True), geometry="geometry", crs=crs
    ).assign(source="synthetic")
    layer.index = pd.Index([f"k{n:05d}" for n in range(len(layer))], dtype="str",
                           name=CONSTRAINTS.key)  # fmt: skip
    return CONSTRAINTS.validate(layer, where="The constraints of the embedded Zibo")


def _frame(kind: object, geometry: object, name: object = None) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"kind": np.asarray(kind, dtype=object), "name": name},
                            geometry=np.asarray(geometry, dtype=object))  # fmt: skip


def _rectangles(units: pd.DataFrame, rows: pd.DataFrame) -> npt.NDArray[np.object_]:
    corners = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
    x = rows["x"].to_numpy()[:, None] + corners[:, 0] * rows["size_x"].to_numpy()[:, None]
    y = rows["y"].to_numpy()[:, None] + corners[:, 1] * rows["size_y"].to_numpy()[:, None]
    map_x, map_y = local_to_map(units.loc[rows["unit"]], x, y)
    return np.asarray(shapely.polygons(np.round(np.stack([map_x, map_y], axis=2), 2)), dtype=object)


def _yards(units: pd.DataFrame, blocks: pd.DataFrame, seed: int) -> gpd.GeoDataFrame:
    """Car parks beside commerce, bus depots on some greens, logistics yards at depots."""
    recipe = np.array(tuple(RECIPES), dtype=object)[blocks["recipe"].to_numpy()]
    draw = uniform(seed, "yard", blocks["unit"].to_numpy(), blocks["block"].to_numpy())
    green = (recipe == "green") & (blocks["size_x"].to_numpy() > 150.0)
    parts = []
    for kind, mask, share in (
        ("car_park", green & (draw >= 0.08), 0.32),
        ("bus_depot", green & (draw < 0.08), 0.45),
        ("logistics", recipe == "depots", 1.0),
    ):
        own = blocks[mask]
        # The yard takes the south-west corner of its block; pavilions stand in the middle.
        yard = own.assign(
            x=own["x"] - (1 - share) / 2 * own["size_x"], y=own["y"] - (1 - share) / 2 * own["size_y"],
            size_x=own["size_x"] * share, size_y=own["size_y"] * share,
        )  # fmt: skip
        parts.append(_frame([kind] * len(own), _rectangles(units, yard)))
    return pd.concat(parts, ignore_index=True)


def _corridor_frames(corridors: gpd.GeoDataFrame) -> list[gpd.GeoDataFrame]:
    frames = []
    for kind, rows in corridors.groupby("kind", sort=True):
        if kind == "river":
            water = shapely.buffer(rows.geometry.to_numpy(), CLEARANCE_M["river"] * 0.6)
            frames.append(_frame(["water"] * len(rows), water, rows["name"].to_numpy()))
        else:
            names = [_KIND_OF_CORRIDOR[str(kind)]] * len(rows)
            frames.append(_frame(names, rows.geometry.to_numpy(), rows["name"].to_numpy()))
    return frames


def open_land(
    boundary: shapely.Geometry, terrain: Terrain, boxes: npt.NDArray[np.object_]
) -> gpd.GeoDataFrame:
    """Classify cells of 500 m outside settlements by their slope, joined in squares of 5 km."""
    west, south, east, north = boundary.bounds
    i, j = np.mgrid[0 : int((east - west) / _CELL_M) + 1, 0 : int((north - south) / _CELL_M) + 1]
    i, j = i.ravel(), j.ravel()
    x, y = west + i * _CELL_M, south + j * _CELL_M
    cells = shapely.box(x, y, x + _CELL_M, y + _CELL_M)
    shapely.prepare(boundary)
    free = shapely.contains_properly(boundary, cells)
    free[shapely.STRtree(boxes).query(cells, predicate="intersects")[0]] = False
    cells, i, j = cells[free], i[free], j[free]
    slope = slope_deg(terrain, x[free] + _CELL_M / 2, y[free] + _CELL_M / 2)
    kinds = np.where(slope > _FOREST_SLOPE_DEG, "forest", "farmland")
    known = (slope > _FOREST_SLOPE_DEG) | (slope < _FIELD_SLOPE_DEG)
    table = pd.DataFrame({"kind": kinds, "i": i // _GROUP, "j": j // _GROUP})[known]
    merged = [
        (key[0], shapely.union_all(cells[known][rows]))
        for key, rows in sorted(
            table.reset_index(drop=True).groupby(["kind", "i", "j"]).indices.items()
        )
    ]
    return _frame([kind for kind, _ in merged], [shape for _, shape in merged])
