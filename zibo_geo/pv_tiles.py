"""Rooftop PV of a city, tile by tile: one pure function per tile, and a merge that any order serves."""

__all__ = ["PvRooms", "TileResult", "merged_tiles", "pv_of_tile"]

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.terrain import Terrain
from layers.units import KW_PER_MW
from layers.weather import Weather
from rooftop_pv.assumptions import RooftopPvAssumptions
from rooftop_pv.layout import layout, module_rows, with_layout
from rooftop_pv.layout_assumptions import LayoutAssumptions
from rooftop_pv.roof_totals import roof_totals
from rooftop_pv.roofs import roof_planes
from rooftop_pv.shaded_city import shaded_city
from rooftop_pv.shading_assumptions import ShadingAssumptions
from rooftop_pv.summary import county_summary, refusal_summary
from rooftop_pv.tables import COUNTY_SUMMARY
from rooftop_pv.yields import hourly_by_group, roof_yields
from zibo_geo.tiling import RoofTile

_SUMS = (
    "buildings", "pv_buildings", "footprint_m2", "roof_m2", "usable_m2", "capacity_mw", "yield_gwh", "co2_t",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PvRooms:
    """What the physics of rooftop PV assumes.

    Attributes
    ----------
    roofs, layout, shading : RooftopPvAssumptions, LayoutAssumptions, ShadingAssumptions
        Assumptions of the three rooms.
    module_rows : bool
        Whether the rows of modules are drawn.
    """

    roofs: RooftopPvAssumptions
    layout: LayoutAssumptions
    shading: ShadingAssumptions
    module_rows: bool = False


@dataclass(frozen=True, kw_only=True)
class TileResult:
    """What one tile, or all of them merged, gives; see :class:`zibo_geo.plan.RooftopPvPlan`.

    ``roofs`` stands without its geometry, which is that of the buildings.
    """

    planes: gpd.GeoDataFrame
    layouts: pd.DataFrame
    yields: pd.DataFrame
    hours: pd.DataFrame
    roofs: pd.DataFrame
    uses: pd.DataFrame
    refusals: pd.DataFrame
    module_rows: gpd.GeoDataFrame | None = None


def pv_of_tile(
    tile: RoofTile, weather: Weather, terrain: Terrain | None, *, rooms: PvRooms
) -> TileResult:
    """Return what the tile's own roofs carry and yield behind all their neighbours.

    Parameters
    ----------
    tile : RoofTile
        From :func:`zibo_geo.tiling.roof_tile`.
    weather, terrain : Weather, Terrain or None
        Of the whole study.
    rooms : PvRooms
        Assumptions.
    """
    own = tile.buildings.iloc[: tile.own]
    bare = roof_planes(own, rooms.roofs)
    layouts = layout(bare, rooms.layout)
    planes = with_layout(bare, layouts)
    if rooms.shading.shaded and len(planes):
        around = roof_planes(tile.buildings.iloc[tile.own :], rooms.roofs)
        seen = pd.concat([planes, around.assign(capacity_kwp=0.0)]) if len(around) else planes
        city = shaded_city(
            gpd.GeoDataFrame(seen, crs=planes.crs),
            tile.buildings,
            weather,
            assumptions=rooms.roofs,
            shading=rooms.shading,
            terrain=terrain,
        )
        counties = sorted(planes["county"].astype("str").unique())
        yields, hours = city.yields.iloc[: len(planes)], city.hours[counties]
    else:
        yields = roof_yields(planes, weather, rooms.roofs)
        hours = hourly_by_group(planes, weather, rooms.roofs, by="county")
    return TileResult(
        planes=planes,
        layouts=layouts,
        yields=yields,
        hours=hours,
        roofs=pd.DataFrame(roof_totals(own, planes, yields).drop(columns="geometry")),
        uses=county_summary(planes, yields, rooms.roofs),
        refusals=refusal_summary(planes),
        module_rows=module_rows(bare, rooms.layout) if rooms.module_rows else None,
    )


def merged_tiles(tiles: Iterable[TileResult], buildings: pd.Index) -> TileResult:
    """Return the tiles as one, in the order of the buildings; the same whatever the order of the tiles.

    Parameters
    ----------
    tiles : iterable of TileResult
        Of disjoint buildings; not kept, so that a generator bounds the memory.
    buildings : Index
        Keys of all buildings.
    """
    frames: dict[str, list[pd.DataFrame]] = {item.name: [] for item in fields(TileResult)}
    for tile in tiles:
        for name, kept in frames.items():
            frame = getattr(tile, name)
            if frame is not None:
                kept.append(frame)
    # Parts are let go as soon as they are joined: for a large city each is hundreds of megabytes.
    planes = _joined(frames.pop("planes"))
    order = np.argsort(buildings.get_indexer(planes["building_id"]), kind="stable")
    planes = planes.iloc[order]
    layouts = _joined(frames.pop("layouts"))
    laid = buildings.get_indexer(_building_of(layouts.index))
    rows = frames.pop("module_rows")
    return TileResult(
        planes=planes,
        layouts=layouts.iloc[np.argsort(laid, kind="stable")],
        yields=_joined(frames.pop("yields")).iloc[order],
        hours=merged_hours(frames["hours"]),
        roofs=_joined(frames.pop("roofs")).reindex(buildings),
        uses=merged_uses(frames["uses"]),
        refusals=merged_refusals(frames["refusals"]),
        module_rows=_joined(rows).sort_index(kind="stable") if rows else None,
    )


def merged_hours(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Add hours by county; associative, and the same in any order up to rounding."""
    names = pd.Index(sorted({str(name) for part in parts for name in part.columns}), dtype="str")
    sums = sum(part.reindex(columns=names, fill_value=0.0).to_numpy() for part in parts)
    return pd.DataFrame(sums, index=parts[0].index, columns=names.rename(parts[0].columns.name))


def merged_uses(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Add summaries by county and use."""
    whole = pd.concat([part for part in parts if len(part)] or [COUNTY_SUMMARY.empty()])
    if whole.empty:
        return whole
    groups = whole.groupby(level=0, sort=False)
    table = groups[["county", "use", "pilot_kind"]].first().join(groups[list(_SUMS)].sum())
    capacity_mw = table["capacity_mw"].where(table["capacity_mw"] > 0.0)
    table["specific_yield_kwh_kwp"] = table["yield_gwh"] / capacity_mw * KW_PER_MW
    # Uses in the order of their schema, as the summary of one frame has them.
    ordered = table.sort_values(["county", "use"], kind="stable")[list(whole.columns)]
    return COUNTY_SUMMARY.validate(
        ordered.astype(whole.dtypes.to_dict()), where="The merged summary"
    )


def merged_refusals(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Add refusals by county and reason."""
    whole = pd.concat([part for part in parts if len(part)] or [parts[0]])
    return whole.groupby(level=[0, 1], sort=True).sum()


def _joined(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    filled = [part for part in parts if len(part)] or [parts[0]]
    return pd.concat(filled) if len(filled) > 1 else filled[0]


def _building_of(planes: pd.Index) -> pd.Index:
    """Return the building of plane keys such as ``b17#2``."""
    return pd.Index(planes.to_series().str.rsplit("#", n=1).str[0].array, dtype="str")
