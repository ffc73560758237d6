"""The plan: the layers of a case and what every analysis made of them."""

__all__ = ["Plan", "RooftopPvPlan"]

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from layers.layer_set import LayerSet
from rooftop_pv.ground import GroundBases
from zibo_geo.case import Case


@dataclass(frozen=True, kw_only=True)
class RooftopPvPlan:
    """What rooftop PV gives; every frame is valid by the table named.

    Attributes
    ----------
    planes : GeoDataFrame
        ``planes``: roof planes with the modules that were laid out on them.
    layouts : DataFrame
        ``layouts``: modules, rows and spacing of every plane.
    yields : DataFrame
        ``yields``: the year of every plane behind its neighbours.
    roofs : GeoDataFrame
        ``pv_roofs``: sums per building.
    counties, uses, refusals : DataFrame
        Sums per county; per county and use; what was refused and why.
    hours : DataFrame
        AC energy [kWh] per hour (rows) and county (columns).
    money : DataFrame
        ``pv_money``: capacity built, use, tariff, LCOE, payback, NPV and IRR per building.
    hosting, feeders : GeoDataFrame, DataFrame
        Substations with colour and room; what was connected and refused under each.
    connections : DataFrame
        ``pv_connections``: substation, colour and answer per building.
    quotas, ledger : DataFrame
        Minimum shares per county and roof kind, and how they are met.
    supply_curve : DataFrame
        ``pv_supply_curve``: roofs in order of cost, chosen or not, and why.
    targets, target_years : DataFrame
        The city's promise by county, and by year.
    phases, phase_totals : DataFrame
        Year of every chosen roof; sums per county and year.
    percentiles, tornado : DataFrame
        P50/P90 per county; the strongest assumptions.
    module_rows : GeoDataFrame, optional
        Rows of modules as polygons, where the case asks for them.
    ground : GroundBases, optional
        Land for ground-mounted bases, where the case names a land cover.
    """

    planes: gpd.GeoDataFrame
    layouts: pd.DataFrame
    yields: pd.DataFrame
    roofs: gpd.GeoDataFrame
    counties: pd.DataFrame
    uses: pd.DataFrame
    refusals: pd.DataFrame
    hours: pd.DataFrame
    money: pd.DataFrame
    hosting: pd.DataFrame
    feeders: pd.DataFrame
    connections: pd.DataFrame
    quotas: pd.DataFrame
    ledger: pd.DataFrame
    supply_curve: pd.DataFrame
    targets: pd.DataFrame
    target_years: pd.DataFrame
    phases: pd.DataFrame
    phase_totals: pd.DataFrame
    percentiles: pd.DataFrame
    tornado: pd.DataFrame
    module_rows: gpd.GeoDataFrame | None = None
    ground: GroundBases | None = None


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
