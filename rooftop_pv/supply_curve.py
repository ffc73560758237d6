"""The supply curve: roofs in the order of their LCOE, and those that meet quota and promise at least cost.

The order within each question is that of the LCOE; equal to a millionth of a CNY/kWh, the larger roof comes
first, then the key. First every county's kinds take their cheapest roofs
until the area of the minimum share is reached; the roof that crosses the line is taken whole. Then the
county takes its cheapest further roofs of any kind until its part of the city's promise is reached.
Existing PV whose building is unknown is taken to stand on the cheapest roofs, which leave the curve.
"""
# ruff: noqa: E501 - one column per line reads as a table

__all__ = ["CURVE_REASONS", "PV_SUPPLY_CURVE", "merit_order", "supply_curve"]

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.errors import LayerError
from layers.schema import Column, Table
from layers.units import KW_PER_MW
from rooftop_pv.county_assumptions import CountyAssumptions
from rooftop_pv.quotas import existing_by_roof
from rooftop_pv.running_sums import group_codes, running_sum
from rooftop_pv.tables import PILOT_KINDS

_Floats = npt.NDArray[np.float64]
_Bools = npt.NDArray[np.bool_]
_DECIMALS = 6
_ROUNDING_M2, _ROUNDING_MW = 1e-3, 1e-6  # what sums of a million roofs may be off
CURVE_REASONS = (
    "quota",
    "target",
    "no_modules",
    "existing",
    "no_income",
    "grid",
    "uneconomic",
    "not_needed",
)

PV_SUPPLY_CURVE = Table(
    "pv_supply_curve",
    "building_id",
    "One roof in the order of cost, chosen or not, and why.",
    (
        Column("county", "text", "-", "Adcode of the county.", "区县代码"),
        Column("pilot_kind", "category", "-", "Kind of roof of the national pilots.", "屋顶类别",
               allowed=PILOT_KINDS),
        Column("new_kwp", "number", "kWp", "Capacity that can be added.", "可新增容量", minimum=0.0),
        Column("new_kwh", "number", "kWh", "AC energy of it in a year.", "新增年发电量", minimum=0.0),
        Column("counted_m2", "number", "m²", "Area that counts for the minimum share.", "可计面积", minimum=0.0),
        Column("capex_cny", "number", "CNY", "Investment.", "投资", minimum=0.0),
        Column("lcoe_cny_kwh", "number", "CNY/kWh", "Levelised cost.", "度电成本", nullable=True, minimum=0.0),
        Column("economic", "flag", "-", "Whether the roof is economic by the stated rule.", "是否经济"),
        Column("rank", "integer", "1", "Place in the city's curve, 1 the cheapest; missing off the curve.", "全市排序",
               nullable=True, minimum=1),
        Column("cumulative_mw", "number", "MW", "Capacity up to and with it in the city.", "全市累计", nullable=True, minimum=0.0),
        Column("county_rank", "integer", "1", "Place in the county's curve.", "区县排序", nullable=True, minimum=1),
        Column("county_cumulative_mw", "number", "MW", "Capacity up to and with it in the county.", "区县累计",
               nullable=True, minimum=0.0),
        Column("chosen", "flag", "-", "Whether it is to be built.", "是否入选"),
        Column("reason", "category", "-", "In for the minimum share (quota) or the promise (target); out for lack of modules, "
               "existing PV, no income, the grid, the economy, or because cheaper roofs suffice.",
               "入选理由", allowed=CURVE_REASONS),
    ),
)  # fmt: skip


def merit_order(money: pd.DataFrame) -> pd.Series:
    """Return the place of each roof by its LCOE, 0 the cheapest; missing where there is no LCOE.

    Rounded to 1e-6 CNY/kWh, equals by capacity, the largest first, then by key, so that the order of the
    rows does not matter. It serves as ``order`` of :func:`rooftop_pv.connections.connect_roofs`.
    """
    lcoe = np.round(money["lcoe_cny_kwh"].to_numpy(dtype=np.float64), _DECIMALS)
    key = np.empty(len(money), dtype=np.int64)
    key[money.index.argsort()] = np.arange(len(money))
    queue = np.lexsort((key, -money["capacity_kwp"].to_numpy(), lcoe))
    place = np.empty(len(money))
    place[queue] = np.arange(len(money))
    return pd.Series(np.where(np.isnan(lcoe), np.nan, place), index=money.index, name="merit")


def supply_curve(
    money: pd.DataFrame,
    *,
    counted_m2: pd.Series,
    quotas: pd.DataFrame,
    assumptions: CountyAssumptions,
    targets: pd.DataFrame | None = None,
    connections: pd.DataFrame | None = None,
    existing_kwp: pd.Series | None = None,
) -> pd.DataFrame:
    """Order the roofs and choose those to be built.

    Parameters
    ----------
    money : DataFrame
        Table ``pv_money``.
    counted_m2 : Series
        From :func:`rooftop_pv.quotas.counted_area`.
    quotas : DataFrame
        Table ``pv_quotas``.
    assumptions : CountyAssumptions
        Whether grid and economy bind, and how area counts.
    targets : DataFrame, optional
        Table ``pv_targets``; only the minimum shares are met without it.
    connections : DataFrame, optional
        Table ``pv_connections``; no roof is refused by the grid without it.
    existing_kwp : Series, optional
        As given to :func:`rooftop_pv.quotas.quota_needs`.

    Returns
    -------
    DataFrame
        Table ``pv_supply_curve``, same keys in the same order as ``money``.

    Raises
    ------
    LayerError
        A roof has no connection or lies in an unknown county.
    """
    counties = list(dict.fromkeys(quotas["county"]))
    code = group_codes(money["county"], money["pilot_kind"], counties)
    county = code // len(PILOT_KINDS)
    capacity = money["capacity_kwp"].to_numpy(dtype=np.float64)
    there = existing_by_roof(money.index, existing_kwp)
    new_kwp = np.maximum(capacity - there, 0.0)
    part = np.divide(new_kwp, capacity, out=np.zeros_like(capacity), where=capacity > 0.0)
    area = counted_m2.reindex(money.index).to_numpy(dtype=np.float64)
    area = area * (np.where(there > 0.0, 0.0, 1.0) if assumptions.quota_measure == "roof" else part)
    merit = merit_order(money).to_numpy()

    reason = np.full(len(money), CURVE_REASONS.index("not_needed"))
    free = np.ones(len(money), dtype=bool)

    def strike(which: _Bools, word: str) -> None:
        out = free & which
        reason[out] = CURVE_REASONS.index(word)
        free[out] = False

    strike(capacity <= 0.0, "no_modules")
    strike(new_kwp <= 0.0, "existing")
    strike(np.isnan(merit), "no_income")
    strike(_occupied(new_kwp, code, merit, free=free, quotas=quotas), "existing")
    if connections is not None and assumptions.respect_grid:
        strike(~_accepted(connections, money.index), "grid")
    if assumptions.economic_only:
        strike(~money["economic"].to_numpy(), "uneconomic")

    need_m2 = quotas["need_m2"].to_numpy()[code]
    before_m2 = running_sum(np.where(free, area, 0.0), code, np.where(free, merit, np.nan)) - area
    for_quota = free & (area > 0.0) & (need_m2 - before_m2 > _ROUNDING_M2)
    reason[for_quota] = CURVE_REASONS.index("quota")
    new_mw = new_kwp / KW_PER_MW
    if targets is not None:
        need_mw = targets["need_mw"].reindex(counties).fillna(0.0).to_numpy()
        need_mw = need_mw - np.bincount(county[for_quota], new_mw[for_quota], len(counties))
        rest = free & ~for_quota
        before = (
            running_sum(np.where(rest, new_mw, 0.0), county, np.where(rest, merit, np.nan)) - new_mw
        )
        reason[rest & (need_mw[county] - before > _ROUNDING_MW)] = CURVE_REASONS.index("target")
    chosen = free & (reason < 2)
    frame = pd.DataFrame(
        {
            "county": money["county"],
            "pilot_kind": money["pilot_kind"],
            "new_kwp": new_kwp,
            "new_kwh": money["yield_kwh"].to_numpy() * part,
            "counted_m2": area,
            "capex_cny": money["capex_cny"].to_numpy() * part,
            "lcoe_cny_kwh": money["lcoe_cny_kwh"],
            "economic": money["economic"],
            **_places(new_mw, county, merit, free=free),
            "chosen": chosen,
            "reason": pd.Categorical.from_codes(reason, list(CURVE_REASONS)),
        },
        index=money.index,
    )
    curve: pd.DataFrame = PV_SUPPLY_CURVE.validate(frame, where="The table made by supply_curve")
    return curve


def _places(
    new_mw: _Floats, county: npt.NDArray[np.int64], merit: _Floats, *, free: _Bools
) -> dict[str, Any]:
    """Place and running capacity of the free roofs in the city and in their county."""
    order = np.where(free, merit, np.nan)
    columns: dict[str, Any] = {}
    for prefix, group in (("", np.zeros_like(county)), ("county_", county)):
        place = np.rint(running_sum(free.astype(np.float64), group, order)).astype(np.int64)
        power = running_sum(new_mw * free, group, order)
        columns[f"{prefix}rank"] = pd.arrays.IntegerArray(place, ~free)
        columns[f"{prefix}cumulative_mw"] = np.where(free, power, np.nan)
    return columns


def _occupied(
    new_kwp: _Floats,
    code: npt.NDArray[np.int64],
    merit: _Floats,
    *,
    free: _Bools,
    quotas: pd.DataFrame,
) -> _Bools:
    """Roofs on which existing PV of unknown place is taken to stand: the cheapest of their kind."""
    unlocated = quotas["unlocated_mw"].to_numpy()[code]
    power = np.where(free, new_kwp / KW_PER_MW, 0.0)
    before = running_sum(power, code, np.where(free, merit, np.nan)) - power
    occupied: _Bools = free & (unlocated > 0.0) & (before < unlocated - _ROUNDING_MW)
    return occupied


def _accepted(connections: pd.DataFrame, roofs: pd.Index) -> _Bools:
    row = connections.index.get_indexer(roofs)
    if (row < 0).any():
        raise LayerError(
            f"{int((row < 0).sum()):,} roofs have no connection, first {roofs[np.argmax(row < 0)]}; "
            "give connect_roofs of the same roofs."
        )
    accepted: _Bools = connections["accepted"].to_numpy(dtype=bool)[row]
    return accepted
