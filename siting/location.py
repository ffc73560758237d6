"""The location models: where to put a given number of sites, and how far that is from the best.

Every door takes arrays, keeps the fixed sites, quotas and spacing cliques it is given, and returns
a :class:`Choice` with a bound that no other choice can pass. `count` is the number of sites in all,
fixed ones included. The result is the same on every machine unless the time limit cuts it short.
"""

__all__ = [
    "Choice",
    "Cover",
    "Quotas",
    "SparseCost",
    "max_coverage",
    "p_median",
]

import time
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from siting.choice import Choice
from siting.coverage import coverage_cost, covered_by, merged_demands
from siting.p_median import solve_rows
from siting.site_rules import Quotas, SiteRules, site_rules
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

_DENSE_ENTRIES = 4_000_000  # larger dense costs are first cut to the nearest sites of each demand


def p_median(
    cost: NumberArray | SparseCost,
    weight: npt.ArrayLike,
    count: int,
    *,
    fixed: Sequence[int] | IntArray = (),
    quotas: Quotas | None = None,
    cliques: Sequence[Sequence[int] | IntArray] = (),
    time_limit_s: float = 60.0,
) -> Choice:
    """Choose sites so that the weighted cost of serving every demand from its nearest is least.

    Parameters
    ----------
    cost : ndarray of float, shape (demand, sites), or SparseCost
        Cost of one unit of weight; in sparse rows a demand without an open site in its row pays
        the overflow cost and counts as unserved.
    weight : ndarray of float, shape (demand,)
        Weight of each demand, not negative.
    count : int
        Sites to choose, fixed ones included.
    fixed : sequence of int
        Sites that stand already.
    quotas : Quotas, optional
        Least and greatest number of sites per group; kept in the bound too.
    cliques : sequence of sequences of int
        Sets of sites so close together that at most one of each may be open (or as many as are
        fixed in it). The Lagrangian bound leaves them out, which keeps it valid.
    time_limit_s : float
        Wall time after which the best choice so far is returned [s].

    Returns
    -------
    Choice
        `assigned_to` holds the nearest chosen site of each demand; `objective` and `bound` are
        weighted costs.

    Raises
    ------
    LayerError
        Arrays of the wrong shape, NaN, infinite or negative numbers, an index that is no site.
    InfeasibleError
        The rules cannot be kept, or all weights are zero.

    Notes
    -----
    Lagrangian relaxation of the assignment (Cornuéjols, Fisher and Nemhauser 1977) over sparse
    rows, lazy greedy, swap interchange (Resende and Werneck 2004), reduced-cost fixing, and HiGHS
    on what stays undecided where that is small enough.

    Examples
    --------
    >>> cost = np.array([[0.0, 4.0, 9.0], [4.0, 0.0, 5.0], [9.0, 5.0, 0.0]])
    >>> choice = p_median(cost, [1.0, 3.0, 2.0], 2)
    >>> choice.chosen.tolist(), choice.assigned_to.tolist(), choice.objective, choice.status
    ([1, 2], [1, 1, 2], 4.0, 'proven')
    """
    deadline = time.monotonic() + time_limit_s
    if isinstance(cost, SparseCost):
        weights = checked_weight(weight, cost.shape[0])
        rules = site_rules(cost.site_count, count, fixed=fixed, quotas=quotas, cliques=cliques)
        found = solve_rows(weighted_rows(cost, weights), rules, deadline=deadline)
        served, paid = served_by(cost, found.is_open)
        return Choice.judged(
            np.flatnonzero(found.is_open),
            served,
            objective=float(weights @ paid),
            bound=found.bound,
        )
    dense = checked_dense(cost)
    weights = checked_weight(weight, dense.shape[0])
    rules = site_rules(dense.shape[1], count, fixed=fixed, quotas=quotas, cliques=cliques)
    return _dense_p_median(dense, weights, rules, deadline=deadline)


def _dense_p_median(
    cost: NumberArray, weight: NumberArray, rules: SiteRules, *, deadline: float
) -> Choice:
    """Solve over the nearest sites of each demand, with more of them as long as some overflow."""
    sites = cost.shape[1]
    depth = sites
    if cost.size > _DENSE_ENTRIES:
        depth = min(sites, max(48, -(-5 * sites // rules.total)))
    while True:
        found = solve_rows(
            weighted_rows(nearest_rows(cost, depth), weight), rules, deadline=deadline
        )
        chosen = np.flatnonzero(found.is_open)
        served = np.argmin(cost[:, chosen], axis=1)
        paid = float(weight @ cost[np.arange(cost.shape[0]), chosen[served]])
        answer = Choice.judged(chosen, chosen[served], objective=paid, bound=found.bound)
        cut = paid - found.objective > 1e-9 * paid
        if not cut or depth == sites or time.monotonic() >= deadline:
            return answer
        depth = min(sites, 2 * depth)


def max_coverage(
    covers: npt.NDArray[np.bool_] | Cover,
    weight: npt.ArrayLike,
    count: int,
    *,
    fixed: Sequence[int] | IntArray = (),
    quotas: Quotas | None = None,
    cliques: Sequence[Sequence[int] | IntArray] = (),
    time_limit_s: float = 60.0,
) -> Choice:
    """Choose sites so that the weight within reach of at least one of them is greatest.

    Parameters
    ----------
    covers : ndarray of bool, shape (demand, sites), or Cover
        Which sites reach each demand; ``cost.within(limit)`` makes it from sparse costs.
    weight : ndarray of float, shape (demand,)
        Weight of each demand, not negative.
    count, fixed, quotas, cliques, time_limit_s
        As in :func:`p_median`.

    Returns
    -------
    Choice
        `assigned_to` holds one covering site of each demand, -1 where none covers it; `objective`
        is the covered weight and `bound` an upper bound of it.

    Raises
    ------
    LayerError, InfeasibleError
        As in :func:`p_median`.

    Notes
    -----
    Demands with the same cover set are merged (Church and ReVelle 1974 for the model). Where almost
    everything can be covered the linear bound itself is a few percent away from any choice of
    sites, so the gap stays wide however good the choice is.

    Examples
    --------
    >>> covers = np.array([[True, False, False], [True, True, False], [False, False, True]])
    >>> choice = max_coverage(covers, [5.0, 1.0, 2.0], 1)
    >>> choice.chosen.tolist(), choice.assigned_to.tolist(), choice.objective
    ([0], [0, 0, -1], 6.0)
    """
    deadline = time.monotonic() + time_limit_s
    cover = covers if isinstance(covers, Cover) else Cover.from_dense(np.asarray(covers))
    weights = checked_weight(weight, cover.shape[0])
    rules = site_rules(cover.site_count, count, fixed=fixed, quotas=quotas, cliques=cliques)
    merged = merged_demands(cover, weights)
    rows = weighted_rows(coverage_cost(merged.cover), merged.weight)
    found = solve_rows(rows, rules, deadline=deadline)
    by = covered_by(cover, found.is_open)
    return Choice.judged(
        np.flatnonzero(found.is_open),
        by,
        objective=float(weights[by >= 0].sum()),
        bound=float(weights.sum()) - found.bound,
        maximise=True,
    )
