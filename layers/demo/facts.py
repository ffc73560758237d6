"""The fact tables of the embedded Zibo: read figures with their source and confidence."""

__all__ = [
    "CLIMATE_SOURCE",
    "GEM_ATTRIBUTION",
    "city_counties",
    "climate_months",
    "corridor_waypoints",
    "county_facts",
    "park_facts",
    "plant_sites",
]

from importlib import resources

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from layers.area import StudyArea
from layers.tables import COUNTIES, HEAT_SOURCES

GEM_ATTRIBUTION = (
    "Power and heat plants: Global Energy Monitor, Global Coal Plant Tracker (July 2024), Bioenergy "
    "Power Tracker (September 2024), Oil and Gas Plant Tracker (August 2024) and Iron and Steel "
    "Tracker (March 2025), CC BY 4.0; compiled per site."
)
CLIMATE_SOURCE = (
    "synthetic hours that keep the monthly means of station 54830 Zibo 1988-2017 (radiation, modelled) "
    "and Linzi 1991-2020 (temperature)"
)

WGS84 = "EPSG:4326"


def _table(name: str, key: str | None = None) -> pd.DataFrame:
    text = {"adcode": "str", "county": "str", "park_id": "str", "source_id": "str"}
    with resources.files("layers.demo").joinpath(name).open("r", encoding="utf-8") as file:
        table = pd.read_csv(file, dtype=text)
    return table if key is None else table.set_index(key)


def county_facts() -> pd.DataFrame:
    """Return area, seat, population, share in flats and mean elevation per adcode."""
    return _table("counties.csv", "adcode")


def climate_months() -> pd.DataFrame:
    """Return twelve monthly sums of radiation [kWh/m²] and mean temperatures [°C]."""
    return _table("climate.csv")


def park_facts() -> pd.DataFrame:
    """Return name, county, kind, level, place [° WGS84] and generated size per park."""
    return _table("parks.csv", "park_id")


def corridor_waypoints() -> pd.DataFrame:
    """Return the rough waypoints [° WGS84] of motorways, railway and rivers, in order."""
    return _table("corridors.csv").sort_values(["corridor", "order"], ignore_index=True)


def city_counties(area: StudyArea) -> gpd.GeoDataFrame:
    """Return the area's counties with the English name and population of the fact table."""
    facts = county_facts().reindex(area.counties.index.astype("str"))
    frame = area.counties.assign(
        name_en=facts["pinyin"].to_numpy(), population=facts["population"].to_numpy()
    )
    return COUNTIES.validate(frame, where="The counties of the embedded Zibo")


def plant_sites(crs: CRS) -> gpd.GeoDataFrame:
    """Return the real power, heat and steel sites as a heat source layer.

    Parameters
    ----------
    crs : pyproj.CRS
        Metric CRS of the result.
    """
    table = _table("plants.csv", "source_id")
    points = gpd.GeoSeries.from_xy(table["lon"], table["lat"], crs=WGS84, index=table.index)
    frame = gpd.GeoDataFrame(
        table.drop(columns=["lon", "lat", "name"]).rename(columns={"name_zh": "name"}),
        geometry=points.to_crs(crs),
    )
    frame["name_en"] = table["name"]
    return HEAT_SOURCES.validate(frame, where="The plants of the embedded Zibo")
