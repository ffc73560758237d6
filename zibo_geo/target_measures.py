"""What the plan has to say to each promise: what is possible, what it delivers, by county and by year.

Every figure is a sum of a result table; a promise that no result speaks to has no measure.
"""

__all__ = ["Measure", "plan_measures"]

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from heat_network.alternatives import avoided_co2_t
from layers.units import KWH_PER_GWH
from siting.avoided_co2 import charging_avoided_t, hydrogen_avoided_t
from siting.charging_assumptions import ChargingAssumptions
from siting.hydrogen_assumptions import HydrogenAssumptions
from zibo_geo.heat_plan import HeatPlan
from zibo_geo.plan import Plan, RooftopPvPlan
from zibo_geo.siting_plan import SitingPlan

_WASTE_KINDS = (
    "refinery", "chemical", "steel", "cement", "ceramics", "glass", "aluminium", "paper", "waste_to_energy",
    "condenser", "data_centre", "sewage",
)  # fmt: skip
_KG_PER_T = 1e3


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One quantity of the plan by county, in the unit of the promise.

    Attributes
    ----------
    delivered : Series
        By the last year of the plan, keyed by county.
    potential : Series, optional
        At most possible; none where no bound is known.
    by_year : DataFrame, optional
        Delivered by the end of each year: counties in rows, years in columns.
    co2_t : float, optional
        CO2 avoided a year [t/a]; negative where more is emitted.
    share : Series, optional
        Split of the promise that the analysis itself used; the scoreboard keeps it.
    rule : str, optional
        Name of that split.
    whole_city : float, optional
        The city's figure where it is no sum of the counties (a share).
    """

    delivered: pd.Series
    potential: pd.Series | None = None
    by_year: pd.DataFrame | None = None
    co2_t: float | None = None
    share: pd.Series | None = None
    rule: str | None = None
    whole_city: float | None = None


def plan_measures(plan: Plan) -> Mapping[str, Measure]:
    """Return what the plan measures, by the words of :data:`zibo_geo.target_tables.TARGET_MEASURES`."""
    made: dict[str, Measure] = {}
    counties = plan.layers.area.counties.index
    if plan.pv is not None:
        made |= _pv(plan.pv, counties, grid_kg_kwh=plan.case.assumed("rooftop_pv").grid_kg_kwh)
    if plan.heat is not None:
        replaced = plan.case.assumed("targets").heat_replaced
        made["waste_heat"] = _waste_heat(plan.heat, counties, replaced=replaced)
    if plan.siting is not None:
        made |= _charging(plan.siting, counties, assumptions=plan.case.assumed("charging"))
        made |= _stations(plan.siting, counties, hydrogen=plan.case.assumed("hydrogen"))
        spaces = plan.siting.counties
        if spaces is not None:
            share = float(plan.case.assumed("charging").wired_share)
            made["new_homes"] = Measure(
                delivered=pd.Series(share, index=counties), whole_city=share
            )
    return made


def _pv(pv: RooftopPvPlan, counties: pd.Index, *, grid_kg_kwh: float) -> dict[str, Measure]:
    """Capacity, and the grid's CO2 for the energy of what is built by the last year."""
    ledger = pv.ledger.groupby("county", sort=False)[["existing_mw", "remaining_mw"]].sum()
    ledger = ledger.reindex(counties, fill_value=0.0)
    built = pv.phase_totals.pivot_table(index="county", columns="year", values="cumulative_mw")
    built = built.reindex(counties, fill_value=0.0)
    delivered = built[built.columns.max()] if len(built.columns) else ledger["existing_mw"] * 0.0
    built_kwh = float(pv.phase_totals["built_gwh"].sum()) * KWH_PER_GWH
    co2_t = built_kwh * grid_kg_kwh / _KG_PER_T
    potential = ledger["remaining_mw"]
    if pv.ground_sites is not None:
        ground = pv.ground_sites.groupby("county", observed=True)["capacity_mw"].sum()
        potential = potential + ground.reindex(counties, fill_value=0.0)
    share = pv.targets["share"].reindex(counties, fill_value=0.0)
    rule = f"pv ledger: {pv.targets['rule'].iloc[0]}" if len(pv.targets) else None
    existing = ledger["existing_mw"]
    return {
        "pv_new": Measure(
            delivered=delivered,
            potential=potential,
            by_year=built,
            co2_t=co2_t,
            share=share,
            rule=rule,
        ),
        "pv_total": Measure(
            delivered=delivered + existing,
            potential=potential + existing,
            by_year=built.add(existing, axis=0),
            share=share,
            rule=rule,
        ),
    }


def _waste_heat(heat: HeatPlan, counties: pd.Index, *, replaced: str) -> Measure:
    """Heat a season that networks take from industry, waste plants, condensers, sewage and data centres.

    The CO2 avoided is that of the networks as a whole, with their boilers and pumps.
    """
    use = heat.sources_use.join(heat.supply[["county", "kind"]], how="inner")
    use = use[use["kind"].astype("str").isin(_WASTE_KINDS)]
    taken_gj = (use["direct_gj"] + use["heat_pump_gj"]).groupby(use["county"]).sum()
    return Measure(
        delivered=taken_gj.reindex(counties, fill_value=0.0),
        co2_t=float(avoided_co2_t(heat.alternatives, replaced).sum()),
    )


def _charging(
    siting: SitingPlan, counties: pd.Index, *, assumptions: ChargingAssumptions
) -> dict[str, Measure]:
    """Points in all, and vehicles whose public demand lies within reach of a site; they avoid the CO2."""
    if siting.counties is None or siting.charging is None or siting.access is None:
        return {}
    table = siting.counties.reindex(counties)
    points = table["points"].fillna(0).astype("float64")
    vehicles = table["vehicles"].fillna(0).astype("float64")
    share = vehicles / vehicles.sum() if vehicles.sum() > 0.0 else None
    rule = None if share is None else "vehicles"
    opened = siting.charging.pivot_table(
        index="county", columns="year", values="points", aggfunc="sum", observed=True
    )
    public = opened.reindex(counties).fillna(0.0).astype("float64").cumsum(axis=1)
    # Private points are taken to come at the pace of the public ones.
    pace = public.div(table["public_points"].fillna(0).where(lambda found: found > 0), axis=0)
    whole = public.sum() / max(float(table["public_points"].fillna(0).sum()), 1.0)
    pace = pace.fillna(whole)
    demand = siting.access["demand_kwh_d"].groupby(siting.access["county"]).sum()
    served = siting.access[siting.access["access"].astype("str") == "served"]
    reached = served["demand_kwh_d"].groupby(served["county"]).sum()
    reach = (reached / demand.where(demand > 0.0)).reindex(counties, fill_value=0.0).fillna(0.0)
    driving = vehicles * reach
    return {
        "charging_points": Measure(
            delivered=points, by_year=pace.mul(points, axis=0).fillna(0.0), share=share, rule=rule
        ),
        "electric_vehicles": Measure(
            delivered=driving,
            co2_t=charging_avoided_t(float(driving.sum()), assumptions),
            share=share,
            rule=rule,
        ),
    }


def _stations(
    siting: SitingPlan, counties: pd.Index, *, hydrogen: HydrogenAssumptions
) -> dict[str, Measure]:
    made: dict[str, Measure] = {}
    if siting.hubs is not None:
        able = siting.hubs[siting.hubs["legal_services"].fillna("") != ""]
        chosen = siting.hubs[siting.hubs["chosen"]]
        made["energy_hubs"] = Measure(
            delivered=_count(chosen["county"], counties), potential=_count(able["county"], counties)
        )
    if siting.hydrogen is not None:
        capacity = siting.hydrogen["capacity_kg_d"].groupby(siting.hydrogen["county"]).sum()
        made["hydrogen"] = Measure(
            delivered=capacity.reindex(counties, fill_value=0.0),
            co2_t=hydrogen_avoided_t(float(siting.hydrogen["sold_kg_d"].sum()), hydrogen),
        )
    return made


def _count(county: pd.Series, counties: pd.Index) -> pd.Series:
    return county.astype("str").value_counts().reindex(counties, fill_value=0).astype("float64")
