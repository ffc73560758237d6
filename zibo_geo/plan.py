"""The plan: the layers of a case and what every analysis made of them.

Every analysis keeps its frames in fields made by :func:`zibo_geo.results.result`, which says under which
name each is written; beside frames a plan holds plain scalars only, so that a run can be stored and reread.
"""

__all__ = ["Plan", "RooftopPvPlan"]

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import geopandas as gpd
import pandas as pd

from layers.layer_set import LayerSet
from zibo_geo.case import Case
from zibo_geo.heat_plan import HeatPlan
from zibo_geo.results import result
from zibo_geo.siting_plan import SitingPlan
from zibo_geo.target_tables import TargetScores


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
    ground_sites, ground_exclusions : GeoDataFrame, DataFrame, optional
        Land for ground-mounted bases and what each exclusion took, where the case names a land cover.
    notes : mapping of str to str
        What a planner must know of this run, in Chinese and English, by language.
    """

    planes: gpd.GeoDataFrame = result("pv_planes")
    layouts: pd.DataFrame = result("pv_layouts")
    yields: pd.DataFrame = result("pv_yields")
    roofs: gpd.GeoDataFrame = result("pv_roofs")
    counties: pd.DataFrame = result("pv_counties", csv=True)
    uses: pd.DataFrame = result("pv_uses", csv=True)
    refusals: pd.DataFrame = result("pv_refusals", csv=True)
    hours: pd.DataFrame = result("pv_hours")
    money: pd.DataFrame = result("pv_money")
    hosting: gpd.GeoDataFrame = result("pv_hosting", layer=True)
    feeders: pd.DataFrame = result("pv_feeders")
    connections: pd.DataFrame = result("pv_connections")
    quotas: pd.DataFrame = result("pv_quotas")
    ledger: pd.DataFrame = result("pv_ledger", csv=True)
    supply_curve: pd.DataFrame = result("pv_supply_curve", csv=True)
    targets: pd.DataFrame = result("pv_targets", csv=True)
    target_years: pd.DataFrame = result("pv_target_years")
    phases: pd.DataFrame = result("pv_phases")
    phase_totals: pd.DataFrame = result("pv_phase_totals", csv=True)
    percentiles: pd.DataFrame = result("pv_percentiles", csv=True)
    tornado: pd.DataFrame = result("pv_tornado", csv=True)
    module_rows: gpd.GeoDataFrame | None = result("module_rows", layer=True, optional=True)
    ground_sites: gpd.GeoDataFrame | None = result(
        "ground_sites", csv=True, layer=True, optional=True
    )
    ground_exclusions: pd.DataFrame | None = result("ground_exclusions", csv=True, optional=True)
    notes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that a run knows.

    Attributes
    ----------
    case : Case
        What was asked.
    layers : LayerSet
        What is on the ground.
    pv : RooftopPvPlan, optional
        Rooftop and ground-mounted PV.
    heat : HeatPlan, optional
        The heat network.
    siting : SitingPlan, optional
        Charging, hydrogen and hubs.
    targets : TargetScores, optional
        The city's promises against the plan, where the area has any.
    skipped : mapping of str to (str, str)
        Analyses that the layers do not allow, each with its reason in Chinese and English.
    """

    case: Case
    layers: LayerSet
    pv: RooftopPvPlan | None = None
    heat: HeatPlan | None = None
    siting: SitingPlan | None = None
    targets: TargetScores | None = None
    skipped: Mapping[str, tuple[str, str]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def roofs(self) -> gpd.GeoDataFrame:
        """Buildings with what rooftop PV says of them, or alone where it was not asked."""
        return self.layers.buildings if self.pv is None else self.pv.roofs

    @property
    def parts(self) -> tuple[RooftopPvPlan | HeatPlan | SitingPlan | TargetScores, ...]:
        """The analyses that were run, and the scoreboard."""
        parts = (self.pv, self.heat, self.siting, self.targets)
        return tuple(part for part in parts if part is not None)

    def __repr__(self) -> str:
        """Name what the plan holds; its frames would fill pages."""
        names = [
            name for name in ("pv", "heat", "siting", "targets") if getattr(self, name) is not None
        ]
        held = ", ".join(names) or "no analysis"
        return f"Plan({self.case.title!r}: {len(self.layers.buildings):,} buildings; {held})"

    def _repr_html_(self) -> str:
        """Show sentences and the table by county where a notebook displays the plan."""
        from zibo_geo.plan_card import (
            plan_card,
        )  # the card needs the plan's own words, made from plans

        return plan_card(self)
