"""The p-median over the sites that may still matter, as an exact programme.

Radius formulation (Elloumi 2010, "A tighter formulation of the p-median problem"): per demand one
variable per distinct cost, true when no open site is that near; far fewer variables than one per
demand and site, and the same linear bound.
"""

__all__ = ["Core", "finish_core", "site_core", "site_rises"]

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from siting.restricted_core import Programme, Solved, site_rows, solve_programme
from siting.site_rules import SiteRules
from siting.sparse_costs import IntArray, NumberArray, Rows

_Flags = npt.NDArray[np.bool_]


class Core(NamedTuple):
    """What the reduced costs leave undecided.

    Attributes
    ----------
    free, forced : ndarray of bool, shape (sites,)
        Sites that a better choice may hold; those of them that it must hold.
    entry : ndarray of bool, shape (entries,)
        Entries of the rows that a better choice may use.
    unserved : ndarray of bool, shape (demand,)
        Demands that a better choice may leave to their overflow.
    """

    free: _Flags
    forced: _Flags
    entry: _Flags
    unserved: _Flags

    @property
    def size(self) -> int:
        """Entries left."""
        return int(self.entry.sum())


def site_core(
    rows: Rows,
    rules: SiteRules,
    *,
    worth: NumberArray,
    price: NumberArray,
    inside: _Flags,
    slack: float,
) -> Core:
    """Return what may still improve on the incumbent, by Lagrangian reduced costs.

    Parameters
    ----------
    rows, rules : Rows, SiteRules
        The model.
    worth, price : ndarray of float
        Multiplier of each demand and the price of each site at them.
    inside : ndarray of bool, shape (sites,)
        Sites that the relaxed problem opens at these prices.
    slack : float
        Largest rise over the Lagrangian bound that still matters.
    """
    rise, fall = site_rises(rules, price=price, inside=inside)
    free = inside | (rise <= slack)
    forced = inside & (fall > slack)
    row = np.repeat(np.arange(rows.demand_count), np.diff(rows.indptr))
    over = np.maximum(rows.values - worth[row], 0.0) + np.maximum(rise[rows.indices], 0.0)
    return Core(free, forced, over <= slack, rows.overflow - worth <= slack)


def site_rises(
    rules: SiteRules, *, price: NumberArray, inside: _Flags
) -> tuple[NumberArray, NumberArray]:
    """Return by how much the relaxed value rises when each site is forced in, and when forced out.

    The sets under count and quotas are the bases of a matroid, so one exchange is the best answer
    to either. A site that is inside already rises by 0; one that cannot leave falls by infinity.
    """
    held = np.bincount(rules.group[inside], minlength=rules.minimum.size)
    gives = held > rules.minimum
    takes = held < rules.maximum
    movable = inside & ~rules.fixed
    dearest = _extreme(price, movable, rules, pick=np.maximum)
    cheapest = _extreme(price, ~inside, rules, pick=np.minimum)
    give = dearest[gives].max(initial=-np.inf)
    take = cheapest[takes].min(initial=np.inf)
    g = rules.group
    leaves = np.where(takes[g], np.maximum(dearest[g], give), dearest[g])
    enters = np.where(gives[g], np.minimum(cheapest[g], take), cheapest[g])
    rise = np.where(inside, 0.0, price - leaves)
    fall = np.where(movable, enters - price, np.inf)
    return rise, fall


def _extreme(price: NumberArray, among: _Flags, rules: SiteRules, *, pick: np.ufunc) -> NumberArray:
    best = np.full(rules.minimum.size, -np.inf if pick is np.maximum else np.inf)
    pick.at(best, rules.group[among], price[among])
    return best


def finish_core(
    rows: Rows, rules: SiteRules, core: Core, *, incumbent: _Flags, time_limit_s: float
) -> tuple[Solved, _Flags | None]:
    """Solve the core; return the outcome and the open sites it found.

    An outcome that is proven infeasible means that nothing better than the incumbent exists.
    """
    sites = np.flatnonzero(core.free)
    place = np.full(rows.site_count, -1, dtype=np.int64)
    place[sites] = np.arange(sites.size)
    used = core.entry & core.free[rows.indices]
    row = np.repeat(np.arange(rows.demand_count), np.diff(rows.indptr))[used]
    value, column = rows.values[used], place[rows.indices[used]]
    empty = np.bincount(row, minlength=rows.demand_count) == 0
    if (empty & ~core.unserved).any():
        nothing = Solved(x=None, objective=np.inf, bound=np.inf, infeasible=True, complete=True)
        return nothing, None
    starts = np.concatenate([[True], (np.diff(row) > 0) | (np.diff(value) > 0.0)])[: row.size]
    level = np.cumsum(starts) - 1
    level_row, level_value = row[starts], value[starts]
    programme = _programme(
        rows, rules, core, sites=sites, level=level, column=column, level_row=level_row,
        level_value=level_value,
    )  # fmt: skip
    start = _start_point(incumbent[sites], level, column, level_row=level_row)
    solved = solve_programme(programme, time_limit_s=time_limit_s, start=start)
    if solved.x is None:
        return solved, None
    is_open = np.zeros(rows.site_count, dtype=np.bool_)
    is_open[sites] = solved.x[: sites.size] > 0.5
    return solved, is_open


def _programme(
    rows: Rows, rules: SiteRules, core: Core, *, sites: IntArray, level: IntArray, column: IntArray,
    level_row: IntArray, level_value: NumberArray,
) -> Programme:  # fmt: skip
    levels, count = level_row.size, sites.size
    first = np.concatenate([[True], np.diff(level_row) > 0])[:levels]
    last = np.concatenate([np.diff(level_row) > 0, [True]])[:levels]
    following = np.concatenate([level_value[1:], [0.0]])[:levels]
    step = np.where(last, rows.overflow[level_row], following) - level_value
    later = np.flatnonzero(~first)
    # not within level t  >=  not within level t-1  -  (a site exactly at level t is open)
    chain = sparse.csr_array(
        (
            np.concatenate([np.ones(level.size), np.ones(levels), -np.ones(later.size)]),
            (
                np.concatenate([level, np.arange(levels), later]),
                np.concatenate([column, count + np.arange(levels), count + later - 1]),
            ),
        ),
        shape=(levels, count + levels),
    )
    top, top_lower, top_upper = site_rows(rules, sites, columns=count + levels)
    unseen = np.bincount(level_row, minlength=rows.demand_count) == 0
    return Programme(
        matrix=sparse.csr_array(sparse.vstack([top, chain])),
        row_lower=np.concatenate([top_lower, first.astype(np.float64)]),
        row_upper=np.concatenate([top_upper, np.full(levels, np.inf)]),
        cost=np.concatenate([np.zeros(count), step]),
        lower=np.concatenate(
            [(rules.fixed | core.forced)[sites].astype(np.float64), np.zeros(levels)]
        ),
        upper=np.concatenate(
            [np.ones(count), (~last | core.unserved[level_row]).astype(np.float64)]
        ),
        integral=np.concatenate([np.ones(count, np.bool_), np.zeros(levels, np.bool_)]),
        offset=float(level_value[first].sum() + rows.overflow[unseen].sum()),
    )


def _start_point(
    is_open: _Flags, level: IntArray, column: IntArray, *, level_row: IntArray
) -> NumberArray:
    """Return sites and levels of the incumbent."""
    levels = level_row.size
    found = np.bincount(level, weights=is_open[column], minlength=levels)[:levels]
    running = np.cumsum(found)
    first = np.concatenate([[True], np.diff(level_row) > 0])[:levels]
    before = np.maximum.accumulate(np.where(first, running - found, 0.0))
    return np.concatenate([is_open.astype(np.float64), (running - before < 0.5).astype(np.float64)])
