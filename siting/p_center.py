"""The p-center engine: bisection over the distinct costs, each settled by a covering programme."""

__all__ = ["solve_center"]

import time

import numpy as np
import numpy.typing as npt
from scipy import sparse

from siting.p_median import Found, quick_sites
from siting.restricted_core import Programme, site_rows, solve_programme
from siting.site_rules import SiteRules
from siting.sparse_costs import IntArray, NumberArray, Rows

_ADDED = 20  # demands added to the relaxed covering problem each time it proves too easy


def solve_center(rows: Rows, rules: SiteRules, *, deadline: float) -> Found:
    """Choose the sites of least greatest cost.

    Parameters
    ----------
    rows : Rows
        Unweighted costs.
    rules, deadline
        As in :func:`siting.p_median.solve_rows`.

    Notes
    -----
    Demands enter the covering problem only when a choice leaves them beyond the radius (Chen and
    Handler 1987), so it stays small.
    """
    is_open = quick_sites(rows, rules, deadline=deadline)
    cost = _costs(rows, is_open)
    levels = np.unique(np.concatenate([rows.values, rows.overflow]))
    nearest = rows.overflow.copy()
    filled = np.diff(rows.indptr) > 0
    nearest[filled] = rows.values[rows.indptr[:-1][filled]]
    low = int(np.searchsorted(levels, nearest.max()))  # no choice is better than this level
    high = int(np.searchsorted(levels, cost.max()))  # the incumbent reaches this level
    asked = np.unique(np.concatenate([np.argsort(cost)[-_ADDED:], np.argsort(nearest)[-_ADDED:]]))
    while low < high:
        middle = (low + high) // 2
        impossible, asked, found = _within(
            rows, rules, levels[middle], asked=asked, deadline=deadline
        )
        if found is not None:
            is_open = found
            high = int(np.searchsorted(levels, _costs(rows, found).max()))
        elif impossible:
            low = middle + 1
        else:
            break
    return Found(
        is_open=is_open, objective=float(levels[high]), bound=float(levels[min(low, high)])
    )


def _costs(rows: Rows, is_open: npt.NDArray[np.bool_]) -> NumberArray:
    """Return what each demand pays."""
    hit = is_open[rows.indices]
    row = np.repeat(np.arange(rows.demand_count), np.diff(rows.indptr))
    paid = rows.overflow.copy()
    np.minimum.at(paid, row[hit], rows.values[hit])
    return paid


def _within(
    rows: Rows, rules: SiteRules, radius: float, *, asked: IntArray, deadline: float
) -> tuple[bool, IntArray, npt.NDArray[np.bool_] | None]:
    """Return whether no sites keep every demand within the radius, the demands asked, and sites found."""
    row = np.repeat(np.arange(rows.demand_count), np.diff(rows.indptr))
    near = rows.values <= radius
    pattern = sparse.csr_array(
        (np.ones(int(near.sum())), (row[near], rows.indices[near])),
        shape=(rows.demand_count, rows.site_count),
    )
    must = rows.overflow > radius
    top, lower, upper = site_rows(rules, np.arange(rows.site_count), columns=rows.site_count)
    while True:
        cover = asked[must[asked]]
        solved = solve_programme(
            Programme(
                matrix=sparse.csr_array(sparse.vstack([top, pattern[cover]])),
                row_lower=np.concatenate([lower, np.ones(cover.size)]),
                row_upper=np.concatenate([upper, np.full(cover.size, np.inf)]),
                cost=np.zeros(rows.site_count),
                lower=rules.fixed.astype(np.float64),
                upper=np.ones(rows.site_count),
                integral=np.ones(rows.site_count, dtype=np.bool_),
            ),
            time_limit_s=deadline - time.monotonic(),
        )
        if solved.x is None:
            return solved.infeasible, asked, None
        is_open = solved.x > 0.5
        paid = _costs(rows, is_open)
        beyond = np.flatnonzero(paid > radius)
        if not beyond.size:
            return False, asked, is_open
        if time.monotonic() >= deadline:
            return False, asked, None
        asked = np.union1d(asked, beyond[np.argsort(paid[beyond])[-_ADDED:]])
