"""What follows a choice: building it in phases, trading it against coverage, losing a site."""

__all__ = ["ParetoPoint", "Phase", "SiteLosses", "nested_phases", "pareto", "site_losses"]

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from layers.errors import InfeasibleError, LayerError
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
    served_by,
    weighted_rows,
)

_BISECTIONS = 8

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
class ParetoPoint:
    """The least cost at which a share of the weight is within a limit.

    Attributes
    ----------
    share : float
        Share of the weight that had to be within the limit [1].
    reached : float
        Share that the choice brings within it [1].
    choice : Choice
        Sites with their cost; `bound` holds for every choice that reaches `share`.
    """

    share: float
    reached: float
    choice: Choice


def pareto(
    cost: NumberArray | SparseCost,
    weight: npt.ArrayLike,
    count: int,
    *,
    limit: float,
    shares: Sequence[float],
    quotas: Quotas | None = None,
    fixed: Sequence[int] | IntArray = (),
    time_limit_s: float = 60.0,
) -> tuple[ParetoPoint, ...]:
    """Trade mean cost against the share of the weight served within a limit.

    Parameters
    ----------
    cost, weight, count, quotas, fixed
        As in :func:`siting.location.p_median`.
    limit : float
        Cost up to which a demand counts as well served, in the unit of `cost`.
    shares : sequence of float
        Shares of the weight that have to be well served, 0 to 1 each: one point per share.
    time_limit_s : float
        Wall time per p-median solved [s]; a point takes up to ten.

    Returns
    -------
    tuple of ParetoPoint
        One per share, in the order given.

    Raises
    ------
    InfeasibleError
        A share that no choice was found to reach; the message tells the greatest one.

    Notes
    -----
    The share enters as a price on every unit of weight beyond the limit. A p-median with that
    price is again a p-median, and its bound less the price of what may stay beyond is a bound for
    the point whatever the price; the best over all prices tried is kept. Points that no price
    reaches exactly keep a gap.
    """
    if not isinstance(cost, SparseCost):
        dense = checked_dense(cost)
        cost = nearest_rows(dense, dense.shape[1], above=1.0)
    weights = checked_weight(weight, cost.shape[0])
    total = float(weights.sum())
    best = max_coverage(
        _within(cost, limit), weights, count, fixed=fixed, quotas=quotas, time_limit_s=time_limit_s
    )
    front = _Front(cost, weights, limit)
    front.add(best.chosen)
    points = []
    for share in shares:
        most = (1.0 - share) * total * (1.0 + 1e-12) + 1e-12 * total
        low, high = 0.0, None
        price = 0.0
        for _ in range(_BISECTIONS + 2):
            if price not in front.bounds:
                choice = p_median(
                    front.priced(price), weights, count, fixed=fixed, quotas=quotas,
                    time_limit_s=time_limit_s,
                )  # fmt: skip
                front.bounds[price] = choice.bound
                front.ends[price] = front.add(choice.chosen)
            if front.ends[price] <= most:
                high = price
                if price == 0.0:
                    break
            else:
                low = price
            price = front.next_price(low, high)
        points.append(
            front.point(share, most, greatest=(best.objective / total, best.bound / total))
        )
    return tuple(points)


def _within(cost: SparseCost, limit: float) -> Cover:
    """Return the cover within the limit, without sites that the overflow undercuts."""
    row = np.repeat(np.arange(cost.shape[0]), np.diff(cost.indptr))
    used = np.where(cost.values <= cost.overflow[row], cost.values, np.inf)
    kept = used <= limit
    before = np.concatenate([[0], np.cumsum(kept)])
    return Cover(indptr=before[cost.indptr], indices=cost.indices[kept], site_count=cost.site_count)


class _Front:
    """Every choice met so far with its cost and the weight it leaves beyond the limit."""

    def __init__(self, cost: SparseCost, weight: NumberArray, limit: float) -> None:
        self.cost, self.weight, self.limit = cost, weight, limit
        self.found: list[tuple[float, float, IntArray, IntArray]] = []
        self.bounds: dict[float, float] = {}  # by price
        self.ends: dict[float, float] = {}  # weight beyond the limit, by price

    def priced(self, price: float) -> SparseCost:
        """Return the costs with a price on every unit of weight beyond the limit."""
        beyond = self.cost.values > self.limit
        return SparseCost(
            indptr=self.cost.indptr,
            indices=self.cost.indices,
            values=self.cost.values + price * beyond,
            overflow=self.cost.overflow + price,
            site_count=self.cost.site_count,
        )

    def add(self, chosen: IntArray) -> float:
        """Keep a choice and return the weight it leaves beyond the limit."""
        is_open = np.zeros(self.cost.site_count, dtype=np.bool_)
        is_open[chosen] = True
        served, paid = served_by(self.cost, is_open)
        beyond = float(self.weight[(paid > self.limit) | (served < 0)].sum())
        self.found.append((float(self.weight @ paid), beyond, chosen, served))
        return beyond

    def next_price(self, low: float, high: float | None) -> float:
        """Return the next price to try between two, or above the highest."""
        if high is None:
            return max(4.0 * low, 0.25 * self.limit, 1e-9)
        return 0.5 * (low + high) if low == 0.0 else float(np.sqrt(low * high))

    def point(self, share: float, most: float, *, greatest: tuple[float, float]) -> ParetoPoint:
        """Return the cheapest choice that leaves at most `most` beyond, with its bound."""
        fit = [one for one in self.found if one[1] <= most]
        if not fit:
            raise InfeasibleError(
                f"No choice was found that serves {share:.1%} of the weight within {self.limit:g}; the "
                f"greatest share found is {greatest[0]:.1%} and none exceeds {greatest[1]:.1%}."
            )
        objective, beyond, chosen, served = min(fit, key=lambda one: one[0])
        bound = max(bound - price * most for price, bound in self.bounds.items())
        return ParetoPoint(
            share=share,
            reached=1.0 - beyond / float(self.weight.sum()),
            choice=Choice.judged(chosen, served, objective=objective, bound=min(bound, objective)),
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
