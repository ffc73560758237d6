"""What the heat network gives."""

__all__ = ["HeatPlan"]

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import geopandas as gpd
import pandas as pd

from zibo_geo.results import result


@dataclass(frozen=True, kw_only=True)
class HeatPlan:
    """What the heat network gives; every frame is valid by the table named.

    Attributes
    ----------
    buildings : DataFrame
        ``heat_buildings``: design load and heat of the season per building.
    connections : DataFrame
        ``heat_connections``: by which substation and source each building is heated, or why by none.
    alternatives : DataFrame
        ``heat_alternatives``: what its heat costs by every way of heating.
    supply : GeoDataFrame
        ``heat_supply``: what each source can give.
    sources_use : DataFrame
        ``heat_sources_use``: what the season takes from each.
    hours, clusters, links, costs : DataFrame
        The season of the networks, hour by hour, per tree of a source, per pair and per item.
    pareto : DataFrame
        ``heat_pareto``: compromises of cost and CO2 before any pipe is known.
    outages : DataFrame
        ``heat_outages``: who stays cold when a source stops in the coldest days, and what a spare costs.
    networks : DataFrame
        ``heat_networks``: value, bound and gap by zone and level.
    pipes, nodes, substations : GeoDataFrame
        ``heat_pipes`` and ``heat_nodes`` of both levels, ``heat_substations``.
    plants : DataFrame
        ``heat_plants``: sources with their pumps and limits.
    repairs : GeoDataFrame
        ``graph_repairs``: what was done to the streets.
    schemes, counties : DataFrame
        ``heat_schemes`` in all, by zone, county, source and substation; ``heat_counties``.
    break_even, tornado : DataFrame
        How far each source's heat may be carried; the strongest assumptions.
    balance : float
        Largest |heat in - heat out - losses - storage change| over heat in of the zones' seasons.
    notes : mapping of str to str
        What a planner must know of this run, in Chinese and English, by language.
    """

    buildings: pd.DataFrame = result("heat_buildings")
    connections: pd.DataFrame = result("heat_connections")
    alternatives: pd.DataFrame = result("heat_alternatives")
    supply: gpd.GeoDataFrame = result("heat_supply", csv=True, layer=True)
    sources_use: pd.DataFrame = result("heat_sources_use", csv=True)
    hours: pd.DataFrame = result("heat_hours")
    clusters: pd.DataFrame = result("heat_clusters", csv=True)
    links: pd.DataFrame = result("heat_links")
    costs: pd.DataFrame = result("heat_costs", csv=True)
    pareto: pd.DataFrame = result("heat_pareto", csv=True)
    outages: pd.DataFrame = result("heat_outages", csv=True)
    networks: pd.DataFrame = result("heat_networks", csv=True)
    pipes: gpd.GeoDataFrame = result("heat_pipes", layer=True)
    nodes: gpd.GeoDataFrame = result("heat_nodes", layer=True)
    substations: gpd.GeoDataFrame = result("heat_substations", csv=True, layer=True)
    plants: pd.DataFrame = result("heat_plants", csv=True)
    repairs: gpd.GeoDataFrame = result("graph_repairs", layer=True)
    schemes: pd.DataFrame = result("heat_schemes", csv=True)
    counties: pd.DataFrame = result("heat_counties", csv=True)
    break_even: pd.DataFrame = result("heat_break_even", csv=True)
    tornado: pd.DataFrame = result("heat_tornado", csv=True)
    balance: float = 0.0
    notes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
