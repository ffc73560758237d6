"""The layers of one study, together: what readers and the embedded Zibo hand to the analyses."""

__all__ = ["LayerSet"]

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from layers.area import StudyArea
from layers.terrain import Terrain
from layers.weather import Weather


@dataclass(frozen=True, kw_only=True)
class LayerSet:
    """Every input of a study in one CRS; a layer that the study lacks is an empty valid table.

    Attributes
    ----------
    area : StudyArea
        Counties, metric CRS and time zone.
    buildings, parks, streets, stations, heat_sources, substations, constraints, townships : GeoDataFrame
        Valid by the schema of the same name in :mod:`layers.tables`, in ``area.crs``.
    terrain : Terrain or None
        Ground elevation, where the study has it.
    weather : Weather
        One hourly year.
    account : DataFrame
        What the readers kept, repaired, defaulted and dropped.
    synthetic : frozenset of str
        Names of the layers that were generated and must say so wherever they are shown.
    attributions : tuple of str
        Licence and source lines that must be shown beside the data.
    """

    area: StudyArea
    buildings: gpd.GeoDataFrame
    parks: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    stations: gpd.GeoDataFrame
    heat_sources: gpd.GeoDataFrame
    substations: gpd.GeoDataFrame
    constraints: gpd.GeoDataFrame
    townships: gpd.GeoDataFrame
    terrain: Terrain | None
    weather: Weather
    account: pd.DataFrame
    synthetic: frozenset[str] = frozenset()
    attributions: tuple[str, ...] = ()
