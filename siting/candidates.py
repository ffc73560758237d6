"""Candidates: the places where a station stands or may stand."""

__all__ = ["CLOSED_LAND", "site_candidates"]

from types import MappingProxyType

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.account import Ledger
from layers.errors import LayerError
from layers.layer_set import LayerSet
from layers.terrain import Terrain
from siting.candidate_assumptions import CandidateAssumptions
from siting.tables import SITING_CANDIDATES

CLOSED_LAND = ("water", "forest", "farmland", "protected", "military")
_KIND_OF_STATION = MappingProxyType({
    "fuel": "petrol_station", "gas": "gas_station", "charging": "charging_station",
    "hydrogen": "hydrogen_station", "swap": "swap_station",
})  # fmt: skip
_YARDS = ("car_park", "bus_depot", "logistics", "service_area")
_MAIN_ROADS = ("trunk", "primary", "secondary")
_LOCAL_STREETS = ("secondary", "tertiary", "unclassified", "residential")
_SLOPE_STEP_M = 30.0
_GRID = 6  # spots tried along each side of a yard
_COLUMNS = ("kind", "existing", "origin_id", "name", "area_m2", "canopy_m2", "source")


def site_candidates(
    layers: LayerSet,
    *,
    assumptions: CandidateAssumptions | None = None,
    given: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Return existing stations, yards, roadside plots and neighbourhoods as candidates.

    Parameters
    ----------
    layers : LayerSet
        Stations, constraints (car parks, bus depots, logistics parks, service areas, closed land),
        streets, buildings, counties and terrain are read.
    assumptions : CandidateAssumptions, optional
        Spacing, plots and the greatest number of candidates.
    given : GeoDataFrame, optional
        Plots of any other layer, keyed by unique text; `area_m2`, `canopy_m2` (roof that can carry PV)
        and `name` are taken where there.

    Returns
    -------
    GeoDataFrame
        Valid by :data:`siting.tables.SITING_CANDIDATES`; the key is the kind, '-' and the origin's key.

    Raises
    ------
    LayerError
        No candidate at all, or `given` in another CRS.

    Notes
    -----
    A yard stands at the spot within it that is farthest from buildings. Roadside plots lie
    beyond the kerb, one per cell, and not on water, forest, farmland, protected or military land. New
    compounds and roadside plots nearer than the least spacing to another candidate are left out.
    """
    assumed = CandidateAssumptions() if assumptions is None else assumptions
    if given is not None and given.crs != layers.area.crs:
        raise LayerError(
            f"The given candidates are in {'no CRS' if given.crs is None else given.crs.name} and the "
            f"study is in {layers.area.crs.name}; project them first."
        )
    standing = _existing(layers)
    parts = [standing, _yards(layers), _given(given, layers)]
    parts = [part for part in parts if len(part)]
    free = assumed.greatest_count - sum(len(part) for part in parts)
    homes = _neighbourhoods(layers, assumed).head(max(0, free))
    roads = _roadside(layers, assumed).head(max(0, free - len(homes)))
    parts += [part for part in (homes, roads) if len(part)]
    if not parts:
        raise LayerError(
            "There is no candidate: no station, yard, main road or built-up cell in the layers; give a "
            "layer of candidates."
        )
    whole = gpd.GeoDataFrame(pd.concat(parts), geometry="geometry", crs=layers.area.crs)
    whole["geometry"] = shapely.force_2d(whole.geometry.representative_point().to_numpy())
    whole.index = whole.index.astype("str")
    whole.index.name = SITING_CANDIDATES.key
    whole = whole[_spaced(whole, assumed.least_spacing_m)]
    placed = layers.area.assign_counties(whole, Ledger("siting_candidates"))
    plot = placed["kind"].map(dict(assumed.plot_m2))
    area = pd.to_numeric(placed["area_m2"], errors="coerce").astype("float64").fillna(plot)
    placed = placed.assign(area_m2=area, slope_deg=_slope(placed, layers.terrain))
    return SITING_CANDIDATES.validate(placed, where="The candidates")


def _spaced(points: gpd.GeoDataFrame, spacing_m: float) -> npt.NDArray[np.bool_]:
    """Return which candidates keep the spacing; those that stand or are given come first and all stay."""
    kept = np.ones(len(points), dtype=np.bool_)
    settled = ~points["kind"].isin(["road", "neighbourhood"]).to_numpy()
    at = points.geometry.to_numpy()
    first, second = shapely.STRtree(at).query(at, predicate="dwithin", distance=spacing_m)
    later = (first > second) & ~settled[first]
    order = np.lexsort((second[later], first[later]))
    for k, j in zip(first[later][order].tolist(), second[later][order].tolist(), strict=True):
        if kept[j]:
            kept[k] = False
    return kept


def _existing(layers: LayerSet) -> gpd.GeoDataFrame:
    rows = layers.stations
    return _part(rows, kind=rows["kind"].astype("str").map(_KIND_OF_STATION), existing=True)


def _yards(layers: LayerSet) -> gpd.GeoDataFrame:
    kind = layers.constraints["kind"].astype("str")
    polygon = layers.constraints.geometry.geom_type.isin(["Polygon", "MultiPolygon", "Point"])
    rows = layers.constraints[kind.isin(_YARDS) & polygon]
    area = rows.geometry.area.replace(0.0, np.nan)
    part = _part(rows.assign(area_m2=area), kind=rows["kind"].astype("str"), existing=False)
    parks = layers.parks[layers.parks["kind"].astype("str") == "logistics"]
    more = _part(parks.assign(area_m2=parks.geometry.area), kind="logistics", existing=False)
    whole = pd.concat([one for one in (part, more) if len(one)] or [part])
    spots = _open_spots(whole.geometry.to_numpy(), layers.buildings.geometry.to_numpy())
    return whole.set_geometry(gpd.GeoSeries(spots, index=whole.index, crs=layers.area.crs))


def _open_spots(
    yards: npt.NDArray[np.object_], buildings: npt.NDArray[np.object_]
) -> npt.NDArray[np.object_]:
    """Return the spot of each yard, out of a grid in it, that lies farthest from any building."""
    spots: npt.NDArray[np.object_] = shapely.point_on_surface(yards)
    if not len(buildings) or not len(yards):
        return spots
    share = (np.arange(_GRID) + 0.5) / _GRID
    west, south, east, north = shapely.bounds(yards).T
    x = west[:, None] + np.tile(share, _GRID) * (east - west)[:, None]
    y = south[:, None] + np.repeat(share, _GRID) * (north - south)[:, None]
    tried = np.column_stack([shapely.points(x, y), spots])
    inside = shapely.intersects(yards[:, None], tried)
    inside[:, -1] = True
    near = shapely.STRtree(buildings).nearest(tried.ravel()).reshape(tried.shape)
    away = np.where(inside, shapely.distance(tried, buildings[near]), -1.0)
    away[:, -1] += 1e-6  # the spot on the surface wins ties
    best: npt.NDArray[np.object_] = tried[np.arange(len(yards)), np.argmax(away, axis=1)]
    return best


def _given(given: gpd.GeoDataFrame | None, layers: LayerSet) -> gpd.GeoDataFrame:
    if given is None:
        return _part(layers.stations.iloc[:0], kind="given", existing=False)
    if not given.index.is_unique:
        raise LayerError("The given candidates repeat a key; give every row its own.")
    return _part(given, kind="given", existing=False)


def _part(
    rows: gpd.GeoDataFrame, *, kind: pd.Series | str, existing: bool, source: str | None = None
) -> gpd.GeoDataFrame:
    kinds = np.broadcast_to(np.asarray(kind, dtype=object), len(rows))
    origin = rows.index.astype("str").to_numpy()
    missing = pd.Series(np.nan, index=rows.index)
    frame = gpd.GeoDataFrame(
        {
            "kind": kinds,
            "existing": existing,
            "origin_id": origin,
            "name": rows.get("name", pd.Series(None, index=rows.index, dtype="str")).to_numpy(),
            "area_m2": pd.to_numeric(rows.get("area_m2", missing)).astype("float64").to_numpy(),
            "canopy_m2": pd.to_numeric(rows.get("canopy_m2", missing)).astype("float64").to_numpy(),
            "source": (
                rows.get("source", pd.Series("given", index=rows.index)).to_numpy()
                if source is None
                else source
            ),
        },
        geometry=rows.geometry.to_numpy(),
        crs=rows.crs,
        index=pd.Index([f"{k}-{o}" for k, o in zip(kinds, origin, strict=True)], dtype="str"),
    )
    return frame[[*_COLUMNS, "geometry"]]


def _cells(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], side_m: float) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays(
        [np.floor(x / side_m).astype(np.int64), np.floor(y / side_m).astype(np.int64)]
    )


def _roadside(layers: LayerSet, assumed: CandidateAssumptions) -> gpd.GeoDataFrame:
    """Return one plot beside the middle of a main road per cell, the greatest road first."""
    kind = layers.streets["street_class"].astype("str")
    rows = layers.streets[
        kind.isin(_MAIN_ROADS) & ~layers.streets["tunnel"] & ~layers.streets["bridge"]
    ]
    kind = rows["street_class"].astype("str")
    lines = rows.geometry.to_numpy()
    long_enough = shapely.length(lines) > 20.0
    rows, kind, lines = rows[long_enough], kind[long_enough], lines[long_enough]
    half = shapely.length(lines) / 2.0
    here, there = (
        shapely.get_coordinates(shapely.line_interpolate_point(lines, half + step))
        for step in (-5.0, 5.0)
    )
    along = there - here
    normal = np.column_stack([along[:, 1], -along[:, 0]])  # to the right of the line
    length = np.hypot(normal[:, 0], normal[:, 1])
    away = kind.map(dict(assumed.half_width_m)).to_numpy(dtype=float) + assumed.kerb_clearance_m
    at = (here + there) / 2.0 + normal / np.maximum(length, 1e-9)[:, None] * away[:, None]
    points = shapely.points(at)
    closed = layers.constraints[layers.constraints["kind"].astype("str").isin(CLOSED_LAND)]
    clear = np.ones(len(rows), dtype=bool)
    if len(closed):
        clear[np.unique(closed.sindex.query(points, predicate="intersects")[0])] = False
    order = kind.map({name: rank for rank, name in enumerate(_MAIN_ROADS)}).to_numpy()
    frame = pd.DataFrame({"order": order, "clear": clear, "row": np.arange(len(rows))})
    frame.index = _cells(at[:, 0], at[:, 1], assumed.road_spacing_m)
    frame = frame[frame["clear"]].sort_values(["order", "row"], kind="stable")
    row = frame[~frame.index.duplicated()]["row"].to_numpy()
    chosen = rows.iloc[row].set_geometry(
        gpd.GeoSeries(points[row], index=rows.index[row], crs=rows.crs)
    )
    return _part(chosen, kind="road", existing=False)


def _neighbourhoods(layers: LayerSet, assumed: CandidateAssumptions) -> gpd.GeoDataFrame:
    """Return one plot per built-up cell, at the street node nearest its middle, densest first."""
    kind = layers.streets["street_class"].astype("str")
    local = layers.streets[kind.isin(_LOCAL_STREETS)]
    if not len(local) or not len(layers.buildings):
        return _part(layers.stations.iloc[:0], kind="neighbourhood", existing=False)
    side = assumed.neighbourhood_spacing_m
    middle = shapely.get_coordinates(shapely.centroid(layers.buildings.geometry.to_numpy()))
    storeys = (layers.buildings["height_m"] / assumed.storey_m).round().clip(lower=1.0)
    floor = (layers.buildings["footprint_m2"] * storeys).to_numpy()
    weighted = pd.DataFrame({"floor": floor, "x": middle[:, 0] * floor, "y": middle[:, 1] * floor})
    weighted.index = _cells(middle[:, 0], middle[:, 1], side)
    cell = weighted.groupby(level=[0, 1]).sum()
    cell = cell[cell["floor"] >= assumed.neighbourhood_floor_m2].sort_values(
        "floor", ascending=False, kind="stable"
    )
    centre = shapely.points(cell["x"] / cell["floor"], cell["y"] / cell["floor"])
    ends = shapely.get_point(local.geometry.to_numpy(), 0)
    nearest = shapely.STRtree(ends).nearest(centre)
    keep = shapely.distance(centre, ends[nearest]) <= side
    names = [f"{i}_{j}" for i, j in cell.index[keep]]
    frame = gpd.GeoDataFrame(
        {"source": local["source"].to_numpy()[nearest[keep]]},
        geometry=ends[nearest[keep]],
        crs=layers.area.crs,
        index=pd.Index(names, dtype="str"),
    )
    return _part(frame, kind="neighbourhood", existing=False)


def _slope(points: gpd.GeoDataFrame, terrain: Terrain | None) -> npt.NDArray[np.float64]:
    """Return the slope over 60 m around each point [deg], NaN without terrain."""
    if terrain is None:
        return np.full(len(points), np.nan)
    x, y = points.geometry.x.to_numpy(), points.geometry.y.to_numpy()
    step = max(_SLOPE_STEP_M, terrain.cell_m)
    rise_x = terrain.sample(x + step, y) - terrain.sample(x - step, y)
    rise_y = terrain.sample(x, y + step) - terrain.sample(x, y - step)
    return np.degrees(np.arctan(np.hypot(rise_x, rise_y) / (2.0 * step)))
