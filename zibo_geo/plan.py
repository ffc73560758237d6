"""The plan: the layers of a case and what every analysis made of them."""

__all__ = ["Plan", "RooftopPvPlan"]

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from layers.layer_set import LayerSet
from zibo_geo.case import Case


@dataclass(frozen=True, kw_only=True)
class RooftopPvPlan:
    """What rooftop PV gives.

    Attributes
    ----------
    planes : GeoDataFrame
        Roof planes, valid by ``planes``.
    layouts : DataFrame
        Modules on every plane, valid by ``layouts``.
    yields : DataFrame
        The year of every plane, valid by ``yields``.
    roofs : GeoDataFrame
        Sums per building, valid by ``pv_roofs``.
    counties : DataFrame
        Sums per county, valid by ``pv_counties``.
    uses : DataFrame
        Sums per county and building use, valid by ``county_summary``.
    hours : DataFrame
        AC energy [kWh] per hour (rows) and county (columns).
    """

    planes: gpd.GeoDataFrame
    layouts: pd.DataFrame
    yields: pd.DataFrame
    roofs: gpd.GeoDataFrame
    counties: pd.DataFrame
    uses: pd.DataFrame
    hours: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that a run knows.

    Attributes
    ----------
    case : Case
        What was asked.
    layers : LayerSet
        What is on the ground.
    pv : RooftopPvPlan
        Rooftop PV.
    """

    case: Case
    layers: LayerSet
    pv: RooftopPvPlan
