"""The raw rows of one layer of a source: OpenStreetMap, vector file or table of places."""

__all__ = ["inside_area", "note_rows", "points_of", "read_features", "refuse_empty"]

import dataclasses
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.account import Action, Ledger
from layers.area import StudyArea
from layers.errors import LayerError
from layers.points import is_point_table, read_points
from layers.presets import Geometry, Preset
from layers.vectors import LayerSource, read_vectors


def read_features(
    source: LayerSource,
    preset: Preset | None,
    *,
    name: str,
    geometry: Geometry,
    area: StudyArea,
    minimum_m2: float = 0.0,
) -> tuple[gpd.GeoDataFrame, list[Ledger]]:
    """Read the raw rows of a layer; of an OSM file in the passes that its preset names.

    Parameters
    ----------
    source : LayerSource
        A stated ``layer``, ``where``, ``osm_keys`` or ``key`` overrides the preset's.
    preset : Preset, optional
        The preset in force.
    name : str
        Name of the layer in messages and in the account.
    geometry : {"Polygon", "LineString", "Point", "Any"}
        Kind wanted; of an OSM file, the kinds of the preset's passes.
    area : StudyArea
        Rows are clipped to its bounds and projected to its CRS.
    minimum_m2 : float
        Smaller polygons are dropped [m²].

    Returns
    -------
    tuple of GeoDataFrame and list of Ledger
        Raw attributes, unique text index, and the accounts; notes of the caller go to the last ledger.
    """
    if preset is not None and preset.key and source.key is None:
        source = dataclasses.replace(source, key=preset.key)
    if is_point_table(source.path):
        if geometry not in {"Point", "Any"}:
            raise LayerError(
                f"{source.path.name} is a table of places, but {name} needs {geometry} shapes; "
                "give a vector file."
            )
        points, ledger = read_points(source, name=name, crs=area.crs)
        return points, [ledger]
    if not source.is_osm or preset is None or source.layer is not None or not preset.reads:
        frame, ledger = read_vectors(
            source, name=name, geometry=geometry, area=area, crs=area.crs,
            minimum_m2=minimum_m2, required=False,
        )  # fmt: skip
        return frame, [ledger]
    frames: list[gpd.GeoDataFrame] = []
    ledgers: list[Ledger] = []
    # Of many tags only the common ones become columns, but always those that are named here.
    tags = {name: name for names in preset.columns.values() for name in names}
    for read in preset.reads:
        part = dataclasses.replace(
            source,
            columns={**tags, **source.columns},
            osm_keys=source.osm_keys or read.keys,
            where=source.where if source.where is not None else read.where,
        )
        frame, ledger = read_vectors(
            part, name=name, geometry=read.geometry, area=area, crs=area.crs,
            minimum_m2=minimum_m2, required=False,
        )  # fmt: skip
        # One object can be found in two passes, as a closed way that is a line and an area.
        for before in frames:
            frame = frame[~frame.index.isin(before.index)]
        frames.append(frame)
        ledgers.append(ledger)
    filled = [frame.dropna(axis="columns", how="all") for frame in frames if len(frame)]
    joined = pd.concat(filled) if filled else frames[0]
    return gpd.GeoDataFrame(joined, geometry="geometry", crs=area.crs), ledgers


def inside_area(
    frame: gpd.GeoDataFrame, area: StudyArea, ledger: Ledger
) -> tuple[gpd.GeoDataFrame, pd.Series]:
    """Return the rows inside the study area and the county of each.

    The raw attributes stay what they were: a column ``county`` of the source is not ours.
    """
    placed = area.assign_counties(frame[["geometry"]], ledger)
    return frame.loc[placed.index], placed["county"]


def refuse_empty(frame: gpd.GeoDataFrame, *, name: str, file: str, area: StudyArea) -> None:
    """Refuse a layer without which nothing can be computed.

    Raises
    ------
    LayerError
        No row is left.
    """
    if len(frame) == 0:
        west, south, east, north = area.bounds_wgs84
        raise LayerError(
            f"{file} has no {name} inside {area.name} ({west:.3f}–{east:.3f} E, {south:.3f}–{north:.3f} N); "
            "check the file, its CRS and datum, and the study area."
        )


def note_rows(ledger: Ledger, action: Action, reason: str, *, rows: Any, index: pd.Index) -> None:
    """Note the rows of a mask with the first of them as example."""
    mask = np.asarray(rows, dtype=bool)
    ledger.add(action, reason, int(mask.sum()), example=index[mask][0] if mask.any() else None)


def points_of(geometry: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return one point inside each geometry."""
    return gpd.GeoSeries(
        shapely.point_on_surface(geometry.to_numpy()), index=geometry.index, crs=geometry.crs
    )
