"""County targets: the city's promise broken down by county, by a stated rule, and by year."""

__all__ = ["PV_TARGETS", "PV_TARGET_YEARS", "county_targets", "target_years"]

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.errors import LayerError
from layers.schema import Column, Table
from rooftop_pv.county_assumptions import SPLIT_RULES, CountyAssumptions

_Floats = npt.NDArray[np.float64]


def _sum(name: str, unit: str, meaning: str, *, zh: str) -> Column:
    return Column(name, "number", unit, meaning, zh, minimum=0.0)


PV_TARGETS = Table(
    "pv_targets",
    "county",
    "One county's part of the city's promise.",
    (
        Column("rule", "category", "-", "Rule of the split.", "分解规则", allowed=SPLIT_RULES),
        Column(
            "share", "number", "1", "Part of the city's.", "占比", minimum=0.0, maximum=1.0 + 1e-9
        ),
        _sum("new_mw", "MW", "Of the new PV.", zh="新增目标"),
        _sum("total_mw", "MW", "Of all PV.", zh="总量目标"),
        _sum("existing_mw", "MW", "PV on roofs that exists.", zh="已建容量"),
        _sum("need_mw", "MW", "What roofs must still take.", zh="尚需容量"),
        _sum("remaining_mw", "MW", "Technical potential less what exists.", zh="剩余潜力"),
        _sum("gap_mw", "MW", "Part of the need beyond the potential.", zh="潜力缺口"),
    ),
)

PV_TARGET_YEARS = Table(
    "pv_target_years",
    "entry",
    "What roofs of one county must take by the end of one year, from the first year on.",
    (
        Column("county", "text", "-", "Adcode of the county.", "区县代码"),
        Column("year", "integer", "1", "Calendar year.", "年份"),
        _sum("new_mw", "MW", "In the year.", zh="当年目标"),
        _sum("cumulative_mw", "MW", "By its end.", zh="累计目标"),
    ),
)


def county_targets(
    quotas: pd.DataFrame,
    *,
    assumptions: CountyAssumptions,
    population: pd.Series | None = None,
    shares: pd.Series | None = None,
) -> pd.DataFrame:
    """Break the city's promise down by county.

    Parameters
    ----------
    quotas : DataFrame
        Table ``pv_quotas`` of all counties.
    assumptions : CountyAssumptions
        The promise and the rule.
    population : Series, optional
        Residents keyed by county, for the rule ``population``.
    shares : Series, optional
        Own shares keyed by county, for the rule ``custom``; they must sum to 1.

    Returns
    -------
    DataFrame
        Table ``pv_targets``. The need is the part of the total less what exists, or of the new PV where
        nothing is known to exist, times ``target_rooftop_share``.

    Raises
    ------
    LayerError
        The rule lacks its numbers, or own shares do not sum to 1.
    """
    sums = quotas.groupby("county", sort=False)[
        ["technical_mw", "roof_m2", "existing_mw", "remaining_mw"]
    ].sum()
    rule = assumptions.split_rule
    if rule == "custom":
        share = _custom(shares, sums.index)
    else:
        weight = {"potential": sums["technical_mw"], "roof_area": sums["roof_m2"]}.get(rule)
        share = _proportional(
            _residents(population, sums.index) if weight is None else weight, rule=rule
        )
    existing = sums["existing_mw"].to_numpy()
    new, total = share * assumptions.city_new_mw, share * assumptions.city_total_mw
    need = np.where(existing.sum() > 0.0, np.maximum(total - existing, 0.0), new)
    need = need * assumptions.target_rooftop_share
    frame = pd.DataFrame(
        {
            "rule": rule,
            "share": share,
            "new_mw": new,
            "total_mw": total,
            "existing_mw": existing,
            "need_mw": need,
            "remaining_mw": sums["remaining_mw"],
            "gap_mw": np.maximum(need - sums["remaining_mw"].to_numpy(), 0.0),
        },
        index=sums.index.astype("str"),
    )
    targets: pd.DataFrame = PV_TARGETS.validate(frame, where="The table made by county_targets")
    return targets


def target_years(targets: pd.DataFrame, *, assumptions: CountyAssumptions) -> pd.DataFrame:
    """Spread the need of every county over the years by ``year_shares``; table ``pv_target_years``."""
    years = assumptions.years
    shares = np.asarray(assumptions.year_shares)
    need = targets["need_mw"].to_numpy()
    frame = pd.DataFrame(
        {
            "county": np.repeat(targets.index.to_numpy(dtype=object), len(years)),
            "year": np.tile(years, len(targets)),
            "new_mw": np.outer(need, shares).ravel(),
            "cumulative_mw": np.outer(need, np.cumsum(shares)).ravel(),
        }
    )
    frame.index = pd.Index(
        frame["county"] + "/" + frame["year"].astype("str"), dtype="str", name="entry"
    )
    path: pd.DataFrame = PV_TARGET_YEARS.validate(frame, where="The table made by target_years")
    return path


def _proportional(weight: pd.Series, *, rule: str) -> _Floats:
    values = weight.to_numpy(dtype=np.float64)
    if values.sum() <= 0.0:
        raise LayerError(
            f"The promise cannot be split by {rule}, because no county has any; choose another split_rule."
        )
    shares: _Floats = values / values.sum()
    return shares


def _residents(population: pd.Series | None, counties: pd.Index) -> pd.Series:
    given = pd.Series(dtype="float64") if population is None else population
    found = given.reindex(counties).astype("float64")
    if found.isna().any() or (found < 0.0).any():
        lost = counties[(found.isna() | (found < 0.0)).to_numpy()]
        raise LayerError(
            f"The rule 'population' lacks the residents of {', '.join(lost)}; bring them in the column "
            "population of the counties or choose another split_rule."
        )
    return found


def _custom(shares: pd.Series | None, counties: pd.Index) -> _Floats:
    given = pd.Series(dtype="float64") if shares is None else shares
    if set(given.index) != set(counties):
        lost = sorted(set(counties) ^ set(map(str, given.index)))
        raise LayerError(
            f"The rule 'custom' needs one share per county; missing or unknown: {', '.join(lost)}."
        )
    values: _Floats = given.reindex(counties).to_numpy(dtype=np.float64)
    if not (values >= 0.0).all() or abs(values.sum() - 1.0) > 1e-6:
        raise LayerError(
            f"The shares of the counties sum to {values.sum():.6g}, but must each be at least 0 and sum to 1."
        )
    return values
