"""Phasing: in which year every chosen roof is built, under a yearly build limit per county.

Roofs come in the order of the supply curve; each takes the first year that still has room for it, so that no
year exceeds its limit. A roof that fits no year is left and says so.
"""
# ruff: noqa: E501 - one column per line reads as a table

__all__ = [
    "PHASE_REASONS",
    "PV_PHASES",
    "PV_PHASE_TOTALS",
    "build_limits",
    "phase_totals",
    "phasing",
]

import numpy as np
import pandas as pd

from layers.errors import LayerError
from layers.schema import Column, Table
from layers.units import KW_PER_MW, KWH_PER_GWH
from rooftop_pv.county_assumptions import CountyAssumptions

PHASE_REASONS = ("built", "not_chosen", "after_last_year", "above_limit")
_ROUNDING_KWP = 1e-6

PV_PHASES = Table(
    "pv_phases",
    "building_id",
    "The year in which one roof is built.",
    (
        Column("county", "text", "-", "Adcode of the county.", "区县代码"),
        Column("year", "integer", "1", "Calendar year; missing where it is not built.", "建设年份", nullable=True),
        Column("reason", "category", "-", "Built, not chosen, no room before the last year ends, or larger than a year's "
               "limit.", "分期说明", allowed=PHASE_REASONS),
    ),
)  # fmt: skip

PV_PHASE_TOTALS = Table(
    "pv_phase_totals",
    "entry",
    "What one county builds in one year, beside what is asked of it.",
    (
        Column("county", "text", "-", "Adcode of the county.", "区县代码"),
        Column("year", "integer", "1", "Calendar year.", "年份"),
        Column("roofs", "integer", "1", "Roofs built.", "建设屋顶数", minimum=0),
        Column("limit_mw", "number", "MW", "Build limit of the year.", "年度上限", minimum=0.0),
        Column("built_mw", "number", "MW", "Built in the year.", "当年建设", minimum=0.0),
        Column("cumulative_mw", "number", "MW", "Built by its end.", "累计建设", minimum=0.0),
        Column("built_gwh", "number", "GWh", "Yearly energy of what is built in the year.", "新增年发电量", minimum=0.0),
        Column("capex_cny", "number", "CNY", "Investment of the year.", "当年投资", minimum=0.0),
        Column("target_mw", "number", "MW", "Asked by its end.", "累计目标", minimum=0.0),
        Column("behind_mw", "number", "MW", "Asked but not built by its end.", "落后容量", minimum=0.0),
    ),
)  # fmt: skip


def build_limits(targets: pd.DataFrame, *, assumptions: CountyAssumptions) -> pd.Series:
    """Split the city's yearly build limit by the shares of the promise [MW], keyed by county."""
    return (targets["share"] * assumptions.build_limit_mw).rename("limit_mw")


def phasing(
    curve: pd.DataFrame, *, limits_mw: pd.Series, assumptions: CountyAssumptions
) -> pd.DataFrame:
    """Give every chosen roof a year.

    Parameters
    ----------
    curve : DataFrame
        Table ``pv_supply_curve``.
    limits_mw : Series
        Yearly build limit keyed by county [MW]; :func:`build_limits` or own figures.
    assumptions : CountyAssumptions
        The years.

    Returns
    -------
    DataFrame
        Table ``pv_phases``, same keys in the same order.

    Raises
    ------
    LayerError
        A county has no limit.
    """
    years = assumptions.years
    chosen = curve["chosen"].to_numpy()
    counties = pd.Index(dict.fromkeys(curve["county"]), dtype="str")
    limit_kwp = limits_mw.reindex(counties).astype("float64") * KW_PER_MW
    lost = counties[~(limit_kwp >= 0.0).to_numpy()]
    if len(lost):
        raise LayerError(
            f"The build limit of {', '.join(lost)} is missing or negative; give MW per year for every county."
        )
    county = counties.get_indexer(pd.Index(curve["county"]))
    room = [[float(limit)] * len(years) for limit in limit_kwp]
    open_from = [0] * len(counties)
    year = np.full(len(curve), -1, dtype=np.int64)
    queue = np.argsort(curve["rank"].astype("float64").to_numpy(), kind="stable")
    queue = queue[chosen[queue]]
    smallest = float(curve["new_kwp"].to_numpy()[chosen].min(initial=np.inf))
    for row, where, power in zip(
        queue.tolist(),
        county[queue].tolist(),
        curve["new_kwp"].to_numpy()[queue].tolist(),
        strict=True,
    ):
        left = room[where]
        while open_from[where] < len(years) and left[open_from[where]] + _ROUNDING_KWP < smallest:
            open_from[where] += 1  # not even the smallest roof fits this year any more
        for number in range(open_from[where], len(years)):
            if left[number] + _ROUNDING_KWP >= power:
                left[number] -= power
                year[row] = number
                break
    reason = np.full(len(curve), PHASE_REASONS.index("not_chosen"))
    reason[chosen] = PHASE_REASONS.index("after_last_year")
    above = curve["new_kwp"].to_numpy() > limit_kwp.to_numpy()[county] + _ROUNDING_KWP
    reason[chosen & above] = PHASE_REASONS.index("above_limit")
    reason[year >= 0] = PHASE_REASONS.index("built")
    frame = pd.DataFrame(
        {
            "county": curve["county"],
            "year": pd.arrays.IntegerArray(year + years[0], year < 0),
            "reason": pd.Categorical.from_codes(reason, list(PHASE_REASONS)),
        },
        index=curve.index,
    )
    phases: pd.DataFrame = PV_PHASES.validate(frame, where="The table made by phasing")
    return phases


def phase_totals(
    phases: pd.DataFrame, curve: pd.DataFrame, *, path: pd.DataFrame, limits_mw: pd.Series
) -> pd.DataFrame:
    """Sum the years of every county.

    Parameters
    ----------
    phases : DataFrame
        Table ``pv_phases``.
    curve : DataFrame
        Table ``pv_supply_curve`` of the same roofs.
    path : DataFrame
        Table ``pv_target_years``; its counties and years are the rows.
    limits_mw : Series
        As given to :func:`phasing`.

    Returns
    -------
    DataFrame
        Table ``pv_phase_totals``.
    """
    built = (phases["reason"] == "built").to_numpy()
    key = phases["county"] + "/" + phases["year"].astype("str")
    columns = ["new_kwp", "new_kwh", "capex_cny"]
    groups = curve.loc[built, columns].groupby(key[built])
    sums = groups.sum().reindex(path.index, fill_value=0.0)
    built_mw = sums["new_kwp"] / KW_PER_MW
    cumulative = built_mw.groupby(path["county"]).cumsum()
    frame = pd.DataFrame(
        {
            "county": path["county"],
            "year": path["year"],
            "roofs": groups.size().reindex(path.index, fill_value=0),
            "limit_mw": path["county"].map(limits_mw),
            "built_mw": built_mw,
            "cumulative_mw": cumulative,
            "built_gwh": sums["new_kwh"] / KWH_PER_GWH,
            "capex_cny": sums["capex_cny"],
            "target_mw": path["cumulative_mw"],
            "behind_mw": (path["cumulative_mw"] - cumulative).clip(lower=0.0),
        },
        index=path.index,
    )
    totals: pd.DataFrame = PV_PHASE_TOTALS.validate(frame, where="The table made by phase_totals")
    return totals
