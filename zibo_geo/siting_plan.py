"""What siting gives."""

__all__ = ["SitingPlan"]

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from zibo_geo.results import result


@dataclass(frozen=True, kw_only=True)
class SitingPlan:
    """What siting gives; every frame is valid by the table named, missing where it was not asked.

    Attributes
    ----------
    candidates : GeoDataFrame
        ``siting_candidates``: where a station stands or might stand.
    legal : DataFrame
        ``siting_legal``: which equipment may stand at each, and the rule that binds.
    services : GeoDataFrame
        ``siting_services``: the same per station, roadside plot and yard, in services.
    answers : DataFrame
        ``siting_answers``: how sure the answer to each question is, or why there is none.
    charging : GeoDataFrame, optional
        ``siting_charging``: the chosen charging sites, with points, waiting, feeder and reason.
    counties : DataFrame, optional
        ``siting_counties``: points by county; they add up to what the case asks for.
    access : GeoDataFrame, optional
        ``siting_access``: every demand cell with the site that serves it.
    outages : DataFrame, optional
        ``siting_outages``: what the outage of any one charging site does.
    phases, pareto : DataFrame, optional
        ``siting_phases``: sites and points by year; ``siting_pareto``: trades with proven bounds.
    hydrogen : GeoDataFrame, optional
        ``siting_hydrogen``: hydrogen stations with supply and cost.
    hydrogen_steps : DataFrame, optional
        ``siting_hydrogen_steps``: what fewer hydrogen stations would do.
    flows, sources, hauls : GeoDataFrame, optional
        ``siting_flows``, ``siting_sources``, ``siting_hauls``: trips, by-product hydrogen and trailers.
    hubs : GeoDataFrame, optional
        ``siting_hubs``: every candidate hub, chosen or not, and why.
    hub_services : DataFrame, optional
        ``siting_hub_services``: who offers each service and what that covers.
    """

    candidates: gpd.GeoDataFrame = result("siting_candidates", layer=True)
    legal: pd.DataFrame = result("siting_legal")
    services: gpd.GeoDataFrame = result("siting_services", csv=True, layer=True)
    answers: pd.DataFrame = result("siting_answers", csv=True)
    charging: gpd.GeoDataFrame | None = result(
        "siting_charging", csv=True, layer=True, optional=True
    )
    counties: pd.DataFrame | None = result("siting_counties", csv=True, optional=True)
    access: gpd.GeoDataFrame | None = result("siting_access", layer=True, optional=True)
    outages: pd.DataFrame | None = result("siting_outages", csv=True, optional=True)
    phases: pd.DataFrame | None = result("siting_phases", csv=True, optional=True)
    pareto: pd.DataFrame | None = result("siting_pareto", csv=True, optional=True)
    hydrogen: gpd.GeoDataFrame | None = result(
        "siting_hydrogen", csv=True, layer=True, optional=True
    )
    hydrogen_steps: pd.DataFrame | None = result("siting_hydrogen_steps", csv=True, optional=True)
    flows: gpd.GeoDataFrame | None = result("siting_flows", layer=True, optional=True)
    sources: gpd.GeoDataFrame | None = result("siting_sources", csv=True, layer=True, optional=True)
    hauls: gpd.GeoDataFrame | None = result("siting_hauls", csv=True, layer=True, optional=True)
    hubs: gpd.GeoDataFrame | None = result("siting_hubs", csv=True, layer=True, optional=True)
    hub_services: pd.DataFrame | None = result("siting_hub_services", csv=True, optional=True)
