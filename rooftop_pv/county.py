"""The whole-county ledger: technical, economic and quota potential per county and kind of roof.

Every roof lies in one row, so the rows of the kinds sum to the county and those of the counties to the
city; existing PV is taken out once. The technical potential fills the roofs; the economic and the chosen
capacity are what ``roof_revenue`` builds, which by its assumption ``sizing`` may be less. Order of the
doors: ``roof_revenue``, ``quotas.counted_area`` and ``quota_needs``, ``county_targets``,
``supply_curve``, then this ledger.
"""

__all__ = ["PV_LEDGER", "county_ledger", "ledger_totals"]

from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.errors import LayerError
from layers.schema import Column, Table
from layers.units import KW_PER_MW, KWH_PER_GWH
from rooftop_pv.quotas import PV_QUOTAS
from rooftop_pv.running_sums import group_codes
from rooftop_pv.tables import PILOT_KINDS

_Floats = npt.NDArray[np.float64]


def _sum(name: str, unit: str, meaning: str, *, zh: str) -> Column:
    return Column(name, "number", unit, meaning, zh, minimum=0.0)


PV_LEDGER = Table(
    "pv_ledger",
    "group",
    "One kind of roof in one county: what is possible, what pays, what is asked, what is chosen.",
    (
        *PV_QUOTAS.columns,
        _sum(
            "economic_mw", "MW", "Part of the technical potential that is economic.", zh="经济潜力"
        ),
        _sum("economic_gwh", "GWh", "Energy of it.", zh="经济潜力电量"),
        _sum("refused_mw", "MW", "New capacity that the grid refuses.", zh="电网拒绝"),
        _sum("quota_m2", "m²", "Area chosen for the minimum share.", zh="配额面积"),
        _sum("quota_mw", "MW", "Capacity chosen for the minimum share.", zh="配额容量"),
        _sum("quota_gwh", "GWh", "Energy of it.", zh="配额电量"),
        _sum("quota_capex_cny", "CNY", "Investment in it.", zh="配额投资"),
        _sum("target_mw", "MW", "Further capacity chosen for the promise.", zh="目标容量"),
        _sum("chosen_mw", "MW", "All that is chosen.", zh="入选容量"),
        _sum("chosen_gwh", "GWh", "Energy of it.", zh="入选电量"),
        _sum("chosen_capex_cny", "CNY", "Investment in it.", zh="入选投资"),
        _sum(
            "shortfall_m2", "m²", "Area of the minimum share that no roof can give.", zh="面积缺口"
        ),
        Column("quota_met", "flag", "-", "Whether the minimum share is met.", "配额是否满足"),
    ),
)

_FLAGS = {"quota_met"}
_NOT_SUMS = {"county", "pilot_kind", "quota_share", *_FLAGS}
_ROUNDING_M2 = 1e-3


def county_ledger(
    money: pd.DataFrame, curve: pd.DataFrame, *, quotas: pd.DataFrame
) -> pd.DataFrame:
    """Close the account per county and kind.

    Parameters
    ----------
    money : DataFrame
        Table ``pv_money``.
    curve : DataFrame
        Table ``pv_supply_curve`` of the same roofs.
    quotas : DataFrame
        Table ``pv_quotas`` of the same roofs.

    Returns
    -------
    DataFrame
        Table ``pv_ledger``, same keys in the same order as ``quotas``.

    Raises
    ------
    LayerError
        Money and curve are of different roofs.
    """
    if not curve.index.equals(money.index):
        raise LayerError(
            "The curve and the money are of different roofs; give supply_curve of this money."
        )
    code = group_codes(money["county"], money["pilot_kind"], dict.fromkeys(quotas["county"]))

    def total(values: pd.Series, where: pd.Series | None = None) -> _Floats:
        weights = values.to_numpy(dtype=np.float64)
        if where is not None:
            weights = np.where(where.to_numpy(), weights, 0.0)
        sums: _Floats = np.bincount(code, weights=weights, minlength=len(quotas)).astype(np.float64)
        return sums

    quota, target = curve["reason"] == "quota", curve["reason"] == "target"
    economic, chosen = money["economic"], curve["chosen"]
    quota_m2 = total(curve["counted_m2"], quota)
    short = np.maximum(quotas["need_m2"].to_numpy() - quota_m2, 0.0)
    frame = quotas.assign(
        economic_mw=total(money["capacity_kwp"], economic) / KW_PER_MW,
        economic_gwh=total(money["yield_kwh"], economic) / KWH_PER_GWH,
        refused_mw=total(curve["new_kwp"], curve["reason"] == "grid") / KW_PER_MW,
        quota_m2=quota_m2,
        quota_mw=total(curve["new_kwp"], quota) / KW_PER_MW,
        quota_gwh=total(curve["new_kwh"], quota) / KWH_PER_GWH,
        quota_capex_cny=total(curve["capex_cny"], quota),
        target_mw=total(curve["new_kwp"], target) / KW_PER_MW,
        chosen_mw=total(curve["new_kwp"], chosen) / KW_PER_MW,
        chosen_gwh=total(curve["new_kwh"], chosen) / KWH_PER_GWH,
        chosen_capex_cny=total(curve["capex_cny"], chosen),
        shortfall_m2=short,
        quota_met=short <= _ROUNDING_M2,
    )
    ledger: pd.DataFrame = PV_LEDGER.validate(frame, where="The table made by county_ledger")
    return ledger


def ledger_totals(ledger: pd.DataFrame, column: Literal["county", "pilot_kind"]) -> pd.DataFrame:
    """Sum a ledger by county over its kinds, or by kind over its counties.

    ``quota_share`` becomes required area per roof area, ``quota_met`` says whether all rows are met, and
    ``quota_progress`` is the area chosen and existing per area required (NaN where none is required).
    """
    if column not in {"county", "pilot_kind"}:
        raise LayerError(f"A ledger cannot be kept by {column!r}; give county or pilot_kind.")
    sums = [name for name in PV_LEDGER.column_names if name not in _NOT_SUMS]
    groups = ledger.groupby(column, observed=True, sort=False)
    totals = groups[sums].sum()
    roof_m2 = totals["roof_m2"].where(totals["roof_m2"] > 0.0)
    totals["quota_share"] = totals["required_m2"] / roof_m2
    totals["quota_met"] = groups["quota_met"].all()
    required_m2 = totals["required_m2"].where(totals["required_m2"] > 0.0)
    totals["quota_progress"] = (totals["quota_m2"] + totals["existing_m2"]) / required_m2
    if column == "pilot_kind":
        totals = totals.reindex([kind for kind in PILOT_KINDS if kind in totals.index])
    totals.index = pd.Index(totals.index.astype("str"), dtype="str", name=column)
    return totals
