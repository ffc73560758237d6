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
    charging : GeoDataFrame, optional
        ``siting_charging``: the chosen charging sites, with points, waiting, feeder and reason.
    counties : DataFrame, optional
        ``siting_counties``: points by county; they add up to what the case asks for.
    access : GeoDataFrame, optional
        ``siting_access``: every demand cell with the site that serves it.
    phases, pareto : DataFrame, optional
        ``siting_phases``: sites and points by year; ``siting_pareto``: trades with proven bounds.
    hydrogen : GeoDataFrame, optional
        ``siting_hydrogen``: hydrogen stations with supply and cost.
    hubs : GeoDataFrame, optional
        ``siting_hubs``: every candidate hub, chosen or not, and why.
    """

    candidates: gpd.GeoDataFrame = result("siting_candidates", layer=True)
    legal: pd.DataFrame = result("siting_legal")
    charging: gpd.GeoDataFrame | None = result(
        "siting_charging", csv=True, layer=True, optional=True
    )
    counties: pd.DataFrame | None = result("siting_counties", csv=True, optional=True)
    access: gpd.GeoDataFrame | None = result("siting_access", layer=True, optional=True)
    phases: pd.DataFrame | None = result("siting_phases", csv=True, optional=True)
    pareto: pd.DataFrame | None = result("siting_pareto", csv=True, optional=True)
    hydrogen: gpd.GeoDataFrame | None = result(
        "siting_hydrogen", csv=True, layer=True, optional=True
    )
    hubs: gpd.GeoDataFrame | None = result("siting_hubs", csv=True, layer=True, optional=True)
