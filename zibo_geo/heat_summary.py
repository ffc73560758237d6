"""Heat in one sentence and four figures: who is served, at what cost, how near to the best."""

__all__ = ["heat_figures", "heat_sentence"]

import pandas as pd

from layers.units import KW_PER_MW
from zibo_geo.heat_plan import HeatPlan

_GJ_PER_TJ, _M_PER_KM = 1e3, 1e3


def heat_sentence(heat: HeatPlan) -> tuple[str, str]:
    """Return what the heat network comes to, in Chinese and English, without a full stop.

    The balance of every hour, heat in against heat out, losses and storage, is part of it, and so is what
    a planner must know of the run.
    """
    chinese, english = _outcome(heat)
    if heat.notes.get("en"):
        return f"{chinese}（{heat.notes['zh']}）", f"{english} ({heat.notes['en']})"
    return chinese, english


def _outcome(heat: HeatPlan) -> tuple[str, str]:
    joined = heat.connections[heat.connections["connected"]]
    demand_gj = float(heat.connections["heat_gj"].sum())
    if not demand_gj > 0.0:
        return "没有建筑需要供热", "no building asks for heat"
    balance = f"{heat.balance:.0e}" if heat.balance > 0.0 else "0"
    if joined.empty:
        return (
            f"需热 {_short(demand_gj / _GJ_PER_TJ)} TJ，没有建筑值得接入热网",
            f"{_short(demand_gj / _GJ_PER_TJ)} TJ of heat are asked for, and no building is worth connecting",
        )
    whole = heat.schemes.loc["all"]
    share = 100.0 * float(joined["heat_gj"].sum()) / demand_gj
    length, price = (
        _short(float(whole["length_m"]) / _M_PER_KM),
        _short(float(whole["lcoh_cny_gj"])),
    )
    other = _short(float(whole["alternative_cny_gj"]))
    gaps = heat.networks["gap"].dropna()
    gap = f"{100.0 * float(gaps.max()):.1f} %" if len(gaps) else "–"
    unmet = float(heat.clusters["unmet_gj"].sum()) / _GJ_PER_TJ
    chinese = (
        f"热网 {length} km 接入 {len(joined):,} 栋（耗热量的 {share:.0f} %），热价 {price} 元/GJ，"
        f"替代方案 {other} 元/GJ，"
        f"造价与下界相差至多 {gap}，逐时热平衡残差 {balance}"
    )
    english = (
        f"{length} km of heat network serve {len(joined):,} buildings with {share:.0f} % of the heat at "
        f"{price} CNY/GJ (cheapest alternative {other}), proven within {gap} of the least cost; hourly heat "
        f"balance within {balance} of the heat put in"
    )
    if unmet > 0.0:
        chinese += f"，缺供 {_short(unmet)} TJ"
        english += f"; {_short(unmet)} TJ stay unmet"
    return chinese, english


def heat_figures(heat: HeatPlan) -> dict[str, tuple[float, str]]:
    """Return the key figures by name: value and unit; NaN where nothing is built."""
    joined = heat.connections[heat.connections["connected"]]
    whole = heat.schemes.loc["all"] if "all" in heat.schemes.index else pd.Series(dtype="float64")
    gaps = heat.networks["gap"].dropna()
    return {
        "served_mw": (float(joined["peak_kw"].sum()) / KW_PER_MW, "MW"),
        "lcoh_cny_gj": (float(whole.get("lcoh_cny_gj", float("nan"))), "CNY/GJ"),
        "gap": (float(gaps.max()) if len(gaps) else float("nan"), "%"),
    }


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000.0 else f"{value:.3g}"
