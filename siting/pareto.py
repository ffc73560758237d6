"""Trading mean cost against the share of the weight that is served within a limit, with a bound per point."""

__all__ = ["ParetoPoint", "pareto", "priced_points"]

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from layers.errors import InfeasibleError
from siting.choice import Choice
from siting.location import max_coverage, p_median
from siting.site_rules import Quotas
from siting.sparse_costs import (
    Cover,
    IntArray,
    NumberArray,
    SparseCost,
    checked_dense,
    checked_weight,
    nearest_rows,
    served_by,
)

_BISECTIONS = 8


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


def priced_points(
    cost: SparseCost,
    weight: npt.ArrayLike,
    count: int,
    *,
    limit: float,
    prices: Sequence[float],
    quotas: Quotas | None = None,
    fixed: Sequence[int] | IntArray = (),
    time_limit_s: float = 60.0,
) -> tuple[ParetoPoint, ...]:
    """Return the trades of mean cost against the share within a limit at given prices.

    Parameters
    ----------
    cost, weight, count, limit, quotas, fixed
        As in :func:`pareto`.
    prices : sequence of float
        Prices of a unit of weight beyond the limit, in the unit of `cost`: one point per price, those
        that are met twice left out.
    time_limit_s : float
        Wall time per p-median solved [s]; one per price.

    Notes
    -----
    The p-median at a price is the least cost for the very share that it reaches: its bound less the price
    of what stays beyond is the bound of that point. No share between two points is asked for, so each
    is as sure as its p-median, and one model is solved per point where :func:`pareto` solves up to ten.
    """
    weights = checked_weight(weight, cost.shape[0])
    front = _Front(cost, weights, limit)
    for price in prices:
        choice = p_median(
            front.priced(price),
            weights,
            count,
            fixed=fixed,
            quotas=quotas,
            time_limit_s=time_limit_s,
        )
        front.bounds[price] = choice.bound
        front.ends[price] = front.add(choice.chosen)
    total = float(weights.sum())
    mosts = sorted(set(front.ends.values()), reverse=True)
    return tuple(
        front.point(1.0 - most / total, most * (1.0 + 1e-12), greatest=(1.0, 1.0)) for most in mosts
    )


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
