"""What follows a choice: building it in phases, and losing a site."""

__all__ = ["Phase", "SiteLosses", "nested_phases", "site_losses"]

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from layers.errors import LayerError
from siting.choice import Choice
from siting.coverage import coverage_cost
from siting.interchange_kernel import replacements
from siting.location import max_coverage, p_median
from siting.p_median import fresh_board, set_open
from siting.site_rules import Quotas, site_rules
from siting.sparse_costs import (
    Cover,
    IntArray,
    NumberArray,
    SparseCost,
    checked_dense,
    checked_weight,
    nearest_rows,
    weighted_rows,
)

Model = NumberArray | npt.NDArray[np.bool_] | SparseCost | Cover


@dataclass(frozen=True, kw_only=True)
class Phase:
    """One phase of a nested plan.

    Attributes
    ----------
    choice : Choice
        Sites open in this phase; they are among those of every later phase. Its bound is that of
        the model with nesting: subsets of the next phase only.
    alone : Choice
        What this phase would choose if nothing came after it.
    price : float
        Price of nesting: how much worse `choice` is than `alone` [share of the objective of
        `alone`]. Below zero only where `alone` is not proven.
    """

    choice: Choice
    alone: Choice
    price: float


def nested_phases(
    model: Model,
    weight: npt.ArrayLike,
    counts: Sequence[int],
    *,
    fixed: Sequence[int] | IntArray = (),
    quotas: Quotas | None = None,
    cliques: Sequence[Sequence[int] | IntArray] = (),
    time_limit_s: float = 60.0,
) -> tuple[Phase, ...]:
    """Plan the last phase first and build it up by subsets, so that no site is given up again.

    Parameters
    ----------
    model : ndarray, SparseCost or Cover
        Costs for a p-median in every phase, a cover (or bool array) for maximum coverage.
    weight : ndarray of float, shape (demand,) or (phases, demand)
        Weight of each demand, the same in all phases or one row per phase.
    counts : sequence of int
        Sites open in each phase, rising.
    fixed, quotas, cliques, time_limit_s
        As in :func:`siting.location.p_median`; `time_limit_s` is per model solved. The quota
        minimums bind in the last phase only.

    Raises
    ------
    LayerError
        Counts that fall, or weights that do not match the phases.
    InfeasibleError
        As in :func:`siting.location.p_median`.
    """
    counts = [int(count) for count in counts]
    if not counts or any(a > b for a, b in pairwise(counts)):
        raise LayerError(f"counts is {counts}; give the sites open in each phase, never falling.")
    weights = np.atleast_2d(np.asarray(weight, dtype=np.float64))
    if weights.shape[0] not in {1, len(counts)}:
        raise LayerError(
            f"weight has {weights.shape[0]} rows for {len(counts)} phases; give one row, or one per phase."
        )
    weights = np.broadcast_to(weights, (len(counts), weights.shape[1]))
    sites = model.shape[1]
    phases: list[Phase] = []
    allowed = np.ones(sites, dtype=np.bool_)
    for k in reversed(range(len(counts))):
        last = k == len(counts) - 1
        loose = quotas if last else _quotas_among(quotas, np.ones(sites, dtype=np.bool_))
        tied = quotas if last else _quotas_among(quotas, allowed)
        choice, alone = (
            _solve(
                model, weights[k], counts[k], fixed=fixed, quotas=rule, cliques=cliques,
                time_limit_s=time_limit_s,
            )
            for rule in (tied, loose)
        )  # fmt: skip
        worse = choice.objective - alone.objective
        worse = -worse if _covers(model) else worse
        price = worse / alone.objective if alone.objective else (0.0 if worse == 0.0 else np.inf)
        phases.append(Phase(choice=choice, alone=alone, price=float(price)))
        allowed = np.zeros(sites, dtype=np.bool_)
        allowed[choice.chosen] = True
    return tuple(reversed(phases))


def _covers(model: Model) -> bool:
    return isinstance(model, Cover) or (isinstance(model, np.ndarray) and model.dtype == np.bool_)


def _solve(
    model: Model,
    weight: NumberArray,
    count: int,
    *,
    fixed: Sequence[int] | IntArray,
    quotas: Quotas | None,
    cliques: Sequence[Sequence[int] | IntArray],
    time_limit_s: float,
) -> Choice:
    door = max_coverage if _covers(model) else p_median
    return door(
        model,  # type: ignore[arg-type]
        weight,
        count,
        fixed=fixed,
        quotas=quotas,
        cliques=cliques,
        time_limit_s=time_limit_s,
    )


def _quotas_among(quotas: Quotas | None, allowed: npt.NDArray[np.bool_]) -> Quotas:
    """Return the maximums of the quotas, with one more group for sites that must stay closed."""
    group = np.zeros(allowed.size, dtype=np.int64) if quotas is None else quotas.group
    maximum = np.array([allowed.size]) if quotas is None else quotas.maximum
    groups = maximum.size
    return Quotas(
        group=np.where(allowed, group, groups),
        minimum=np.zeros(groups + 1, dtype=np.int64),
        maximum=np.concatenate([maximum, [0]]),
        names=(
            *(quotas.names if quotas and quotas.names else map(str, range(groups))),
            "closed sites",
        ),
    )


@dataclass(frozen=True, kw_only=True)
class SiteLosses:
    """What each chosen site is worth.

    Attributes
    ----------
    site : ndarray of int, shape (count,)
        Chosen sites, ascending.
    loss : ndarray of float, shape (count,)
        Rise of the cost (fall of the covered weight) when the site closes and its demands go to
        the next best open site; infinite where none is left for them.
    replacement : ndarray of int, shape (count,)
        Site that makes up best for it under the rules, -1 where none may open.
    replaced_loss : ndarray of float, shape (count,)
        Rise of the cost (fall of the covered weight) with the replacement; below zero where the
        replacement is better than the site.
    """

    site: IntArray
    loss: NumberArray
    replacement: IntArray
    replaced_loss: NumberArray


def site_losses(
    model: Model,
    weight: npt.ArrayLike,
    chosen: Sequence[int] | IntArray,
    *,
    quotas: Quotas | None = None,
    cliques: Sequence[Sequence[int] | IntArray] = (),
) -> SiteLosses:
    """Return, for each chosen site, what its outage costs and which site would replace it best.

    Parameters
    ----------
    model : ndarray, SparseCost or Cover
        Costs of a p-median, or a cover (or bool array) for coverage.
    weight : ndarray of float, shape (demand,)
        Weight of each demand.
    chosen : sequence of int
        Open sites; each of them may fail, whether it stood before or not.
    quotas, cliques
        Rules that the replacement keeps.

    Raises
    ------
    LayerError, InfeasibleError
        As in :func:`siting.location.p_median`.
    """
    alone = False
    if isinstance(model, Cover):
        cost = coverage_cost(model)
    elif isinstance(model, SparseCost):
        cost = model
    elif _covers(model):
        cost = coverage_cost(Cover.from_dense(model.astype(np.bool_)))
    else:
        dense = checked_dense(model)
        cost = nearest_rows(dense, dense.shape[1])
        alone = np.unique(chosen).size == 1
    sites = np.unique(np.asarray(chosen, dtype=np.int64))
    rules = site_rules(cost.site_count, sites.size, quotas=quotas, cliques=cliques)
    board = fresh_board(weighted_rows(cost, checked_weight(weight, cost.shape[0])), rules)
    is_open = np.zeros(cost.site_count, dtype=np.bool_)
    is_open[sites] = True
    set_open(board, is_open)
    change, by = np.zeros(sites.size), np.zeros(sites.size, dtype=np.int64)
    replacements(board, change, by)
    loss = np.full(1, np.inf) if alone else board.state.loss[sites]
    return SiteLosses(site=sites, loss=loss.copy(), replacement=by, replaced_loss=change)
