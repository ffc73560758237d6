"""Explain: why a site is there, what is lost without it, and who would replace it, in sentences."""

__all__ = ["Worth", "charging_reasons", "hub_reasons", "hydrogen_reasons", "site_worth"]

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from siting.phases import Model, site_losses
from siting.site_rules import Quotas
from siting.sparse_costs import Cover, IntArray, NumberArray


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What each chosen site is worth, one entry per chosen site, in ascending order of sites.

    Attributes
    ----------
    loss : ndarray of float
        Rise of the cost, or fall of the coverage, without the site.
    replacement : ndarray of str or None
        Key of the candidate that makes up best for it.
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
    names = np.array([keys[k] if k >= 0 else None for k in losses.replacement], dtype=object)
    is_open = np.zeros(within.site_count, dtype=np.bool_)
    is_open[chosen] = True
    row = np.repeat(np.arange(within.shape[0]), np.diff(within.indptr))
    hit = is_open[within.indices]
    per_row = np.bincount(row[hit], minlength=within.shape[0])
    alone = hit & (per_row[row] == 1)
    gained = np.bincount(within.indices[alone], minlength=within.site_count)[losses.site]
    replaced = np.where(losses.replacement >= 0, losses.replaced_loss, np.nan)
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
        end, schluss = _runner_up(row.best_replacement, row.replaced_loss, row.loss_if_removed)
        grid = "" if np.isnan(row.headroom_kw) else (
            f"; draws {row.feeder_kw:,.0f} of {row.headroom_kw:,.0f} kW of its feeder"
            + (f", {row.feeder_short_kw:,.0f} kW short" if row.feeder_short_kw > 0.0 else "")
        )  # fmt: skip
        netz = "" if np.isnan(row.headroom_kw) else (
            f";馈线用电 {row.feeder_kw:,.0f}/{row.headroom_kw:,.0f} kW"
            + (f",缺 {row.feeder_short_kw:,.0f} kW" if row.feeder_short_kw > 0.0 else "")
        )  # fmt: skip
        english.append(
            f"Serves {row.demand_kwh_d:,.0f} kWh/d and is the only site in time for {row.cells_gained} "
            f"cells; without it {row.loss_if_removed:,.0f} kWh·min/d more are driven{end}{grid}."
        )
        chinese.append(
            f"日充电 {row.demand_kwh_d:,.0f} kWh,独占 {row.cells_gained} 个需求单元;"
            f"关闭后绕行增加 {row.loss_if_removed:,.0f} kWh·min/d{schluss}{netz}。"
        )
    return english, chinese


def _runner_up(replacement: object, replaced: float, loss: float) -> tuple[str, str]:
    if not isinstance(replacement, str):
        return ", and no candidate may replace it", ",无可替代站址"
    share = replaced / loss if loss > 0.0 else 0.0
    return (
        f", {share:.0%} of it even with the runner-up {replacement}",
        f",改用次优站址 {replacement} 仍余 {share:.0%}",
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
        haul = ("", "")
        if isinstance(row.source_id, str):
            haul = (
                f"; supplied mostly by {row.source_id} over {row.haul_km:.0f} km",
                f";主供氢源 {row.source_id},运距 {row.haul_km:.0f} km",
            )
        stands = "Stands already; " if row.kind == "hydrogen_station" else ""
        english.append(
            f"{stands}Dispenses {row.sold_kg_d:,.0f} kg/d; "
            f"without it {row.loss_if_removed:,.0f} trips/d run dry"
            + (f", best replaced by {other}" if other else ", and no legal candidate may replace it")
            + haul[0]
            + "."
        )  # fmt: skip
        chinese.append(
            ("现有站;" if row.kind == "hydrogen_station" else "")
            + f"日加氢 {row.sold_kg_d:,.0f} kg;关闭后每日 {row.loss_if_removed:,.0f} 车次断氢"
            + (f",最佳替代 {other}" if other else ",无可替代站址")
            + haul[1]
            + "。"
        )
    return english, chinese


def hub_reasons(sites: pd.DataFrame, *, refused: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return one sentence per candidate hub in English and in Chinese.

    Parameters
    ----------
    sites : DataFrame
        The columns of :data:`siting.tables.SITING_HUBS` apart from the sentences.
    refused : sequence of str
        Why each candidate that was not chosen was not; unused for the chosen.
    """
    english, chinese = [], []
    for row, why in zip(sites.itertuples(), refused, strict=True):
        rule = f" {row.binding_rule}." if row.binding_rule else ""
        if row.chosen:
            other = row.best_replacement if isinstance(row.best_replacement, str) else None
            english.append(
                f"Becomes a hub with {row.bundle} for {row.cost_mcny:.1f} million CNY; without it "
                f"{row.loss_if_removed:.2%} of the weighted demand lose cover"
                + (f", best replaced by {other}." if other else ".")
                + rule
            )
            chinese.append(
                f"建为综合能源港:{row.bundle},造价 {row.cost_mcny:.1f} 百万元;"
                f"关闭后 {row.loss_if_removed:.2%} 加权需求失去覆盖"
                + (f",最佳替代 {other}。" if other else "。")
                + rule
            )
        else:
            english.append(f"Not chosen: {why}.{rule}")
            chinese.append(f"未入选:{why}。{rule}")
    return english, chinese
