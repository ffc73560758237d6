"""Buildings: footprints of any source with their use, height, storeys and place."""

__all__ = ["read_buildings"]

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from layers.account import Ledger, Reading, merge_accounts
from layers.area import StudyArea
from layers.building_assumptions import BuildingAssumptions
from layers.errors import DatumError, LayerError
from layers.features import inside_area, note_rows, read_features, refuse_empty
from layers.fields import Fields
from layers.heights import (
    Heights,
    height_chain,
    refuse_negative,
    surface_heights_m,
    values_by_class,
)
from layers.numerals import lengths_m, storey_counts
from layers.overlaps import note_overlaps
from layers.presets import preset_of
from layers.tables import BUILDINGS
from layers.terrain import Terrain
from layers.vectors import LayerSource

_PARK_KINDS = ("high_tech", "chemical", "development", "logistics", "resort", "industrial")
_COUNTED = ("storeys", "surface_model", "default")


def read_buildings(
    source: LayerSource,
    area: StudyArea,
    *,
    assumptions: BuildingAssumptions | None = None,
    surface: Terrain | None = None,
    terrain: Terrain | None = None,
    parks: gpd.GeoDataFrame | None = None,
    townships: gpd.GeoDataFrame | None = None,
    preset_file: Path | None = None,
) -> Reading:
    """Read building footprints.

    Parameters
    ----------
    source : LayerSource
        File, datum, and a preset or a column map; ``classes`` maps words of use.
    area : StudyArea
        Buildings outside it are dropped.
    assumptions : BuildingAssumptions, optional
        Storey heights, default heights and uses, least footprint.
    surface : Terrain, optional
        Elevation with buildings (a surface model); needs ``terrain``.
    terrain : Terrain, optional
        Elevation of the ground, from which ``ground_m`` is taken.
    parks, townships : GeoDataFrame, optional
        Valid by their schemas, in the CRS of the area.
    preset_file : Path, optional
        A user's presets, looked up before those of the toolkit.

    Returns
    -------
    Reading
        ``frame`` valid by the ``buildings`` table. The use is the building's own, else that of the
        smallest park or land-use polygon around it, else the default. The height is the stated one,
        else storeys times storey height, else surface model minus terrain, else that of the use.

    Raises
    ------
    LayerError
        The file cannot be used, no building lies in the area, or a height is negative.
    DatumError
        A raster, park or township is not in the CRS of the area.
    """
    assumptions = assumptions or BuildingAssumptions()
    if surface is not None and terrain is None:
        raise LayerError(
            "A surface model was given without terrain; give the elevation of the ground too, "
            "since a height is the difference of both."
        )
    others = {"surface": surface, "terrain": terrain, "parks": parks, "townships": townships}
    _check_crs(area, others)
    preset = preset_of(source, "buildings", preset_file)
    fields = Fields.of(source, preset, table=BUILDINGS, classed="use", extra=("roof_height_m",))
    raw, ledgers = read_features(
        source, preset, name="buildings", geometry="Polygon", area=area,
        minimum_m2=assumptions.minimum_footprint_m2,
    )  # fmt: skip
    ledger = ledgers[-1]
    fields.check(raw, expected=("use", "height_m", "storeys"))
    raw, county = inside_area(raw, area, ledger)
    refuse_empty(raw, name="buildings", file=fields.file, area=area)
    fields.note_licence(ledger, len(raw))

    inside = shapely.point_on_surface(raw.geometry.to_numpy())
    around = _polygons_around(inside, raw.index, parks)
    use, use_source = _uses(raw, fields, around, assumptions=assumptions, ledger=ledger)
    chain = _heights(
        raw, fields, use, assumptions=assumptions, surface=surface, terrain=terrain, ledger=ledger
    )
    in_park = _smallest(around[around["kind"].isin(_PARK_KINDS)])
    columns = {
        "use": use,
        "use_source": use_source,
        "height_m": chain.height_m,
        "height_source": chain.height_source,
        "storeys": pd.array(chain.storeys, dtype="Float64").astype("Int64"),
        "roof_shape": fields.words(raw, "roof_shape")[0],
        "footprint_m2": shapely.area(raw.geometry.to_numpy()),
        "park_id": in_park["polygon_id"].reindex(raw.index),
        "township_id": _containing(inside, raw.index, townships),
        "name": fields.text(raw, "name"),
        "county": county,
        "source": fields.source_of_rows(raw),
    }
    if terrain is not None:
        columns["ground_m"] = terrain.sample(shapely.get_x(inside), shapely.get_y(inside))
    frame = gpd.GeoDataFrame(columns, index=raw.index, geometry=raw.geometry, crs=area.crs)
    frame.index = pd.Index(frame.index.astype("str"), name=BUILDINGS.key)
    note_overlaps(frame, ledger)
    ledger.add("kept", "buildings", len(frame))
    valid = BUILDINGS.validate(frame, where=f"Buildings of {fields.file}")
    return Reading(valid, merge_accounts(each.frame() for each in ledgers))


def _check_crs(area: StudyArea, others: Mapping[str, Any]) -> None:
    for name, other in others.items():
        if other is not None and other.crs != area.crs:
            given = "no CRS" if other.crs is None else pyproj.CRS(other.crs).name
            raise DatumError(
                f"The {name} given with the buildings is in {given}, but the study area {area.name} is "
                f"in {area.crs.name}; project it first."
            )


def _uses(
    raw: gpd.GeoDataFrame,
    fields: Fields,
    around: pd.DataFrame,
    *,
    assumptions: BuildingAssumptions,
    ledger: Ledger,
) -> tuple[pd.Series, pd.Series]:
    use, unmapped = fields.words(raw, "use")
    fields.note_unmapped(ledger, unmapped, what="a word for the use")
    source = pd.Series(np.where(use.notna(), "own", "default"), index=raw.index)
    smallest = _smallest(around).reindex(raw.index)
    by_polygon = smallest["kind"].map(dict(assumptions.use_by_park_kind))
    borrowed = use.isna() & by_polygon.notna()
    source[borrowed] = np.where(
        smallest.loc[borrowed, "kind"].isin(_PARK_KINDS), "park", "land_use"
    )
    use = use.where(use.notna(), by_polygon)
    lacking = use.isna()
    ledger.add("defaulted", "use taken from the park or land-use polygon", int(borrowed.sum()))
    note_rows(
        ledger,
        "defaulted",
        f"use not known, taken as {assumptions.default_use}",
        rows=lacking,
        index=raw.index,
    )
    return use.where(~lacking, assumptions.default_use), source


def _heights(
    raw: gpd.GeoDataFrame,
    fields: Fields,
    use: pd.Series,
    *,
    assumptions: BuildingAssumptions,
    surface: Terrain | None,
    terrain: Terrain | None,
    ledger: Ledger,
) -> Heights:
    own = fields.numbers(raw, "height_m", lengths_m)
    refuse_negative(own.found, raw.index, where=f"{fields.file} (buildings)")
    roof = fields.numbers(raw, "roof_height_m", lengths_m).found
    # A stated height reaches the ridge where the roof's own height is stated beside it.
    reaches_ridge = (roof > 0.0) & (roof < own.found)
    edge = own.found - np.where(reaches_ridge, roof, 0.0)
    storeys = fields.numbers(raw, "storeys", storey_counts)
    above_terrain = np.full(len(raw), np.nan)
    if surface is not None and terrain is not None:
        above_terrain = surface_heights_m(raw.geometry.to_numpy(), surface=surface, terrain=terrain)
    chain = height_chain(
        edge,
        storeys.found,
        above_terrain,
        storey_height_m=values_by_class(assumptions.storey_height_m, use),
        default_m=values_by_class(assumptions.default_height_m, use),
        surface_minimum_m=assumptions.surface_minimum_m,
    )
    stated = chain.height_source == "own"
    note_rows(
        ledger,
        "defaulted",
        "height is not a number that is understood",
        rows=own.unread,
        index=raw.index,
    )
    note_rows(
        ledger,
        "defaulted",
        "height is below 0.5 m or above 900 m",
        rows=~np.isnan(own.found) & ~stated,
        index=raw.index,
    )
    note_rows(
        ledger,
        "defaulted",
        "storeys are not a number that is understood",
        rows=storeys.unread,
        index=raw.index,
    )
    impossible = ~np.isnan(storeys.found) & np.isnan(chain.storeys)
    note_rows(
        ledger, "defaulted", "storeys are below 1 or above 200", rows=impossible, index=raw.index
    )
    words = {
        "storeys": "height taken from the storeys",
        "surface_model": "height taken from surface model minus terrain",
        "default": "height taken from the use",
    }
    for kind in _COUNTED:
        ledger.add("defaulted", words[kind], int((chain.height_source == kind).sum()))
    return chain


def _polygons_around(
    points: np.ndarray, index: pd.Index, parks: gpd.GeoDataFrame | None
) -> pd.DataFrame:
    """Return every pair of building and polygon: building (index), polygon_id, kind, area_m2."""
    if parks is None or len(parks) == 0:
        columns = ["polygon_id", "kind", "area_m2"]
        return pd.DataFrame([], columns=columns, index=index[:0])
    polygons = parks.geometry.to_numpy()
    of_point, of_polygon = shapely.STRtree(polygons).query(points, predicate="within")
    return pd.DataFrame(
        {
            "polygon_id": parks.index.to_numpy()[of_polygon],
            "kind": parks["kind"].astype("str").to_numpy()[of_polygon],
            "area_m2": shapely.area(polygons)[of_polygon],
        },
        index=index[of_point],
    )


def _smallest(around: pd.DataFrame) -> pd.DataFrame:
    ordered = around.sort_values(["area_m2", "polygon_id"], kind="stable")
    return ordered[~ordered.index.duplicated()]


def _containing(
    points: np.ndarray, index: pd.Index, townships: gpd.GeoDataFrame | None
) -> pd.Series:
    found = pd.Series(np.full(len(points), None, dtype=object), index=index)
    if townships is None or len(townships) == 0:
        return found
    of_point, of_polygon = shapely.STRtree(townships.geometry.to_numpy()).query(
        points, predicate="within"
    )
    first, where = np.unique(of_point, return_index=True)
    found.iloc[first] = townships.index.to_numpy()[of_polygon[where]]
    return found
