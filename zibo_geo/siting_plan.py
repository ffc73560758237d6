"""What siting gives."""

__all__ = ["SitingPlan"]

from dataclasses import dataclass

import geopandas as gpd

from zibo_geo.results import result


@dataclass(frozen=True, kw_only=True)
class SitingPlan:
    """What siting gives; every frame is valid by the table named.

    Attributes
    ----------
    candidates : GeoDataFrame
        ``siting_candidates``: where a station might stand.
    """

    candidates: gpd.GeoDataFrame = result("siting_candidates", layer=True)
