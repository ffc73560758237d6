"""Explain: why a site is there, what is lost without it, and who would replace it, in sentences."""

__all__ = ["Worth", "charging_reasons", "hub_reasons", "hydrogen_reasons", "site_worth"]

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from siting.phases import Model, site_losses
from siting.refusals import joined_zh
from siting.site_rules import Quotas
from siting.sparse_costs import Cover, IntArray, NumberArray

_NOTHING = 0.5  # kWh·min/d


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What each chosen site is worth, one entry per chosen site, in ascending order of sites.

    Attributes
    ----------
    loss : ndarray of float
        Rise of the cost, or fall of the coverage, without the site.
    replacement : ndarray of str or None
        Key of the candidate that makes up best for it, exactly; None where none makes up for anything.
    replaced_loss : ndarray of float
        The same with the replacement; NaN without one.
    gained : ndarray of int
        Demands within the limit of this site and of no other chosen one.
    """

    loss: NumberArray
    replacement: npt.NDArray[np.object_]
    replaced_loss: NumberArray
    gained: IntArray


def site_worth(
    model: Model,
    weight: npt.ArrayLike,
    chosen: IntArray,
    *,
    keys: pd.Index,
    within: Cover,
    quotas: Quotas | None = None,
) -> Worth:
    """Return loss, best replacement and demands gained of every chosen site.

    Parameters
    ----------
    model, weight, chosen, quotas
        As in :func:`siting.phases.site_losses`.
    keys : Index
        Key of each site.
    within : Cover
        Which sites reach each demand in time.
    """
    losses = site_losses(model, weight, chosen, quotas=quotas)
    helps = (losses.replacement >= 0) & (losses.replaced_loss < losses.loss * (1.0 - 1e-9))
    names = np.array(
        [keys[k] if ok else None for k, ok in zip(losses.replacement, helps, strict=True)],
        dtype=object,
    )
    is_open = np.zeros(within.site_count, dtype=np.bool_)
    is_open[chosen] = True
    row = np.repeat(np.arange(within.shape[0]), np.diff(within.indptr))
    hit = is_open[within.indices]
    per_row = np.bincount(row[hit], minlength=within.shape[0])
    alone = hit & (per_row[row] == 1)
    gained = np.bincount(within.indices[alone], minlength=within.site_count)[losses.site]
    replaced = np.where(helps, losses.replaced_loss, np.nan)
    return Worth(
        loss=losses.loss, replacement=names, replaced_loss=replaced, gained=gained.astype(np.int64)
    )


def charging_reasons(sites: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Return one sentence per charging site in English and in Chinese.

    Parameters
    ----------
    sites : DataFrame
        The columns of :data:`siting.tables.SITING_CHARGING` apart from the sentences.
    """
    english, chinese = [], []
    for row in sites.itertuples():
        other, other_zh = _runner_up(
            row.best_replacement, row.replaced_loss, loss=row.loss_if_removed
        )
        grid, grid_zh = _feeder(row.feeder_kw, row.headroom_kw, short_kw=row.feeder_short_kw)
        stands, stands_zh = ("Stands already. ", "现有站。") if row.existing else ("", "")
        only, only_zh = "", ""
        if row.cells_gained:
            only = f" and is the only site in time for {row.cells_gained} cells"
            only_zh = f"，{row.cells_gained} 个需求单元仅此站可及时到达"
        lost = f"without it {row.loss_if_removed:,.0f} kWh·min/d more are driven{other}"
        lost_zh = f"取消后绕行增加 {row.loss_if_removed:,.0f} kWh·min/d{other_zh}"
        if row.loss_if_removed < _NOTHING:
            lost, lost_zh = "nobody would drive farther without it", "取消后无人绕行"
        english.append(f"{stands}Serves {row.demand_kwh_d:,.0f} kWh/d{only}; {lost}{grid}.")
        chinese.append(
            f"{stands_zh}日充电 {row.demand_kwh_d:,.0f} kWh{only_zh}；{lost_zh}{grid_zh}。"
        )
    return english, chinese


def _runner_up(replacement: object, replaced: float, *, loss: float) -> tuple[str, str]:
    if not isinstance(replacement, str):
        return ", and no other candidate would reduce that", "，其他候选站址均不能弥补"
    share = replaced / loss if loss > 0.0 else 0.0
    return (
        f"; the runner-up {replacement} would leave {share:.0%} of that",
        f"；改用次优站址 {replacement} 仍余 {share:.0%}",
    )


def _feeder(feeder_kw: float, headroom_kw: float, *, short_kw: float) -> tuple[str, str]:
    if np.isnan(headroom_kw):
        return "", ""
    use = f"{feeder_kw:,.0f} of {headroom_kw:,.0f} kW"
    lack = (
        (f", {short_kw:,.0f} kW short", f"，缺 {short_kw:,.0f} kW") if short_kw > 0.0 else ("", "")
    )
    return (
        f"; draws {use} that its feeder has left{lack[0]}",
        f"；馈线用电 {feeder_kw:,.0f}/{headroom_kw:,.0f} kW{lack[1]}",
    )


def hydrogen_reasons(sites: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Return one sentence per hydrogen station in English and in Chinese.

    Parameters
    ----------
    sites : DataFrame
        The columns of :data:`siting.tables.SITING_HYDROGEN` apart from the sentences.
    """
    english, chinese = [], []
    for row in sites.itertuples():
        other = row.best_replacement if isinstance(row.best_replacement, str) else None
        stands, stands_zh = (
            ("Stands already. ", "现有站。") if row.kind == "hydrogen_station" else ("", "")
        )
        if row.sold_kg_d > 0.0:
            sells = f"Dispenses {row.sold_kg_d:,.0f} kg/d, {row.use_share:.0%} of its capacity"
            sells += f", mostly from {row.source_id} over {row.haul_km:.0f} km"
            sells_zh = f"日加氢 {row.sold_kg_d:,.0f} kg，利用率 {row.use_share:.0%}"
            sells_zh += f"，主供氢源 {row.source_id}，运距 {row.haul_km:.0f} km"
        else:
            sells, sells_zh = "Dispenses nothing: no supplied trip needs it", "无供氢车次，不加氢"
        english.append(
            f"{stands}{sells}; without it {row.loss_if_removed:,.0f} trips/d run dry, "
            + (f"best replaced by {other}." if other else "and no legal candidate may replace it.")
        )
        chinese.append(
            f"{stands_zh}{sells_zh}；取消后每日 {row.loss_if_removed:,.0f} 车次断氢，"
            + (f"最佳替代 {other}。" if other else "无可替代站址。")
        )
    return english, chinese


def hub_reasons(
    sites: pd.DataFrame, *, refused: Sequence[tuple[str, str]]
) -> tuple[list[str], list[str]]:
    """Return one sentence per candidate hub in English and in Chinese.

    Parameters
    ----------
    sites : DataFrame
        The columns of :data:`siting.tables.SITING_HUBS` apart from the sentences.
    refused : sequence of (str, str)
        Why each candidate that was not chosen was not, in both languages; unused for the chosen.
    """
    english, chinese = [], []
    for row, why in zip(sites.itertuples(), refused, strict=True):
        rule = f" {row.binding_rule}." if row.binding_rule else ""
        rule_zh = f"{row.binding_rule_zh}。" if row.binding_rule_zh else ""
        if not row.chosen:
            english.append(f"Not chosen: {why[0]}.{rule}")
            chinese.append(f"未入选：{why[1]}。{rule_zh}")
            continue
        other = row.best_replacement if isinstance(row.best_replacement, str) else None
        loss = f"{row.loss_if_removed:.2%}"
        english.append(
            f"Becomes a hub with {row.bundle} for {row.cost_mcny:.1f} million CNY; without it {loss} of the "
            "weighted demand lose cover"
            + (f", most of which {other} could cover.{rule}" if other else f".{rule}")
        )
        chinese.append(
            f"建为综合能源港：{joined_zh(row.bundle)}，造价 {row.cost_mcny:.1f} 百万元；"
            f"取消后 {loss} 加权需求失去覆盖"
            + (f"，可由 {other} 弥补最多。" if other else "。")
            + rule_zh
        )
    return english, chinese
