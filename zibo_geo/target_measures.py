"""What the plan has to say to each promise: what is possible, what it delivers, by county and by year.

Every figure is a sum of a result table; a promise that no result speaks to has no measure.
"""

__all__ = ["Measure", "plan_measures"]

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from zibo_geo.plan import Plan, RooftopPvPlan


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
        CO2 avoided a year [t/a].
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
        made |= _pv(plan.pv, counties)
    return made


def _pv(pv: RooftopPvPlan, counties: pd.Index) -> dict[str, Measure]:
    ledger = pv.ledger.groupby("county", sort=False)[
        ["existing_mw", "remaining_mw", "chosen_mw", "chosen_gwh"]
    ].sum()
    ledger = ledger.reindex(counties, fill_value=0.0)
    built = pv.phase_totals.pivot_table(index="county", columns="year", values="cumulative_mw")
    built = built.reindex(counties, fill_value=0.0)
    delivered = built[built.columns.max()] if len(built.columns) else ledger["chosen_mw"] * 0.0
    per_gwh = pv.counties["co2_t"].sum() / max(float(pv.counties["yield_gwh"].sum()), 1e-12)
    built_share = delivered.sum() / max(float(ledger["chosen_mw"].sum()), 1e-12)
    co2_t = float(per_gwh * ledger["chosen_gwh"].sum() * min(built_share, 1.0))
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
