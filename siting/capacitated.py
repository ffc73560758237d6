"""The capacitated p-median engine: each demand whole to one site, no site above its capacity.

Lagrangian relaxation of the assignment, with a fractional knapsack per site (Ceselli and Righini
2005 use the whole-number one); assignment by regret with shifts; HiGHS on what the
reduced costs leave open.
"""

__all__ = ["CapacitatedFound", "solve_capacitated"]

import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from siting.p_median_core import site_rises
from siting.p_median_kernel import best_sites
from siting.restricted_core import Programme, site_rows, solve_programme
from siting.site_rules import SiteRules
from siting.sparse_costs import IntArray, NumberArray, Rows

_Flags = npt.NDArray[np.bool_]
_STEPS = 600
_CORE_ENTRIES = 120_000
_TRIES = 40  # different relaxed openings that are turned into assignments


@dataclass(frozen=True, kw_only=True)
class CapacitatedFound:
    """Best assignment found, None where none was, and the proven lower bound."""

    is_open: _Flags | None
    by: IntArray | None
    objective: float
    bound: float
    infeasible: bool = False


class _Model:
    """Weighted rows without the entries whose demand is more than the site holds."""

    def __init__(
        self,
        rows: Rows,
        rules: SiteRules,
        *,
        demand: NumberArray,
        capacity: NumberArray,
        must: bool,
    ) -> None:
        row = np.repeat(np.arange(rows.demand_count), np.diff(rows.indptr))
        fits = demand[row] <= capacity[rows.indices]
        self.rules, self.demand, self.capacity = rules, demand, capacity
        self.row, self.site, self.cost = row[fits], rows.indices[fits], rows.values[fits]
        # without an overflow everything must be served, and an unserved demand has no price
        self.overflow = np.full(rows.demand_count, np.inf) if must else rows.overflow
        self.start = np.searchsorted(self.row, np.arange(rows.demand_count + 1))

    def relaxed(self, worth: NumberArray) -> tuple[float, NumberArray, _Flags, NumberArray]:
        """Return the Lagrangian value, site prices, open sites and the share of each demand taken."""
        gain = worth[self.row] - self.cost
        use = np.flatnonzero(gain > 0.0)
        need = self.demand[self.row[use]]
        order = np.lexsort((-gain[use] / need, self.site[use]))
        use, need = use[order], need[order]
        site = self.site[use]
        running = np.cumsum(need)
        first = np.searchsorted(site, np.arange(self.capacity.size))
        before = np.concatenate([[0.0], running])[first]
        share = np.clip((self.capacity[site] - (running - need - before[site])) / need, 0.0, 1.0)
        saved = np.bincount(site, weights=share * gain[use], minlength=self.capacity.size)
        price = -saved.astype(np.float64)
        inside = np.zeros(self.capacity.size, dtype=np.bool_)
        best_sites(self.rules, np.argsort(price, kind="stable"), inside)
        taken = np.bincount(self.row[use], share * inside[site], minlength=self.demand.size)
        value = float(worth.sum() + price[inside].sum())
        return value, price, inside, taken.astype(np.float64)

    def assigned(self, is_open: _Flags) -> tuple[float, IntArray] | None:
        """Give each demand to an open site with room, those with most to lose first."""
        room = np.where(is_open, self.capacity, -1.0)
        by = np.full(self.demand.size, -1, dtype=np.int64)
        usable = is_open[self.site]
        choices = [
            (self.site[a:b][usable[a:b]].tolist(), self.cost[a:b][usable[a:b]].tolist())
            for a, b in zip(self.start[:-1].tolist(), self.start[1:].tolist(), strict=True)
        ]
        last = np.where(np.isfinite(self.overflow), self.overflow, self.cost.max(initial=0.0) * 2.0)
        regret = [
            (cost[1] if len(cost) > 1 else last[i]) - cost[0] if cost else 0.0
            for i, (_, cost) in enumerate(choices)
        ]
        # large demands are hard to place late, so regret counts with size
        for order in (np.argsort(-np.array(regret)), np.argsort(-self.demand, kind="stable")):
            room[:] = np.where(is_open, self.capacity, -1.0)
            by[:] = -1
            total = 0.0
            for i in order.tolist():
                for site, cost in zip(*choices[i], strict=True):
                    if room[site] >= self.demand[i]:
                        by[i] = site
                        room[site] -= self.demand[i]
                        total += cost
                        break
                else:
                    total += float(self.overflow[i])
                if not np.isfinite(total):
                    break
            if np.isfinite(total):
                return total + _shifted(self, by, room, choices=choices), by
        return None


def _shifted(
    model: _Model, by: IntArray, room: NumberArray, *, choices: list[tuple[list[int], list[float]]]
) -> float:
    """Move demands to cheaper sites with room until none can; return the change of cost."""
    change = 0.0
    while True:
        before = change
        for i, (sites, costs) in enumerate(choices):
            need = model.demand[i]
            now = costs[sites.index(by[i])] if by[i] >= 0 else float(model.overflow[i])
            for site, cost in zip(sites, costs, strict=True):
                if cost >= now:
                    break
                if room[site] >= need:
                    if by[i] >= 0:
                        room[by[i]] += need
                    room[site] -= need
                    by[i] = site
                    change += cost - now
                    break
        if change >= before - 1e-12:
            return change


def solve_capacitated(
    rows: Rows,
    rules: SiteRules,
    *,
    demand: NumberArray,
    capacity: NumberArray,
    must: bool,
    deadline: float,
) -> CapacitatedFound:
    """Choose sites and give each demand whole to one of them within the capacities.

    Parameters
    ----------
    rows, rules, deadline
        As in :func:`siting.p_median.solve_rows`; rows of positive demand only.
    demand, capacity : ndarray of float
        Amount of each demand, positive, and what each site can take.
    must : bool
        Whether every demand has to be served; else it may be left to its overflow cost.
    """
    model = _Model(rows, rules, demand=demand, capacity=capacity, must=must)
    worth = np.minimum(_second(model), model.overflow)
    best = CapacitatedFound(is_open=None, by=None, objective=np.inf, bound=-np.inf)
    target = float(rows.overflow.sum())
    best_worth, step, quiet = worth.copy(), 1.0, 0
    direction = np.zeros_like(worth)
    seen: set[bytes] = set()
    bound = -np.inf
    for _ in range(_STEPS):
        value, _price, inside, taken = model.relaxed(worth)
        quiet = 0 if value > bound + 1e-4 * abs(bound) else quiet + 1
        if value > bound:
            bound, best_worth = value, worth.copy()
        key = np.packbits(inside).tobytes()
        if key not in seen and len(seen) < _TRIES and (not rules.spaced or rules.kept_by(inside)):
            seen.add(key)
            best = _better(model, best, inside)
        if quiet >= 15:
            step, quiet = step / 2.0, 0
        direction = 1.0 - taken + 0.7 * direction
        length = float(direction @ direction)
        goal = min(best.objective, target) if np.isfinite(best.objective) else target
        if step < 1e-3 or length == 0.0 or goal <= value or time.monotonic() >= deadline:
            break
        worth = np.clip(worth + step * (goal - value) / length * direction, 0.0, model.overflow)
    return _finish(model, best, best_worth, deadline=deadline)


def _second(model: _Model) -> NumberArray:
    """Return a first worth: what the second cheapest site of each demand costs."""
    worth = np.zeros(model.demand.size)
    counts = np.diff(model.start)
    some = counts > 0
    worth[some] = model.cost[np.minimum(model.start[:-1] + 1, model.start[1:] - 1)[some]]
    return worth


def _better(model: _Model, best: CapacitatedFound, inside: _Flags) -> CapacitatedFound:
    made = model.assigned(inside)
    if made is None or made[0] >= best.objective:
        return best
    return CapacitatedFound(is_open=inside.copy(), by=made[1], objective=made[0], bound=-np.inf)


def _finish(
    model: _Model, best: CapacitatedFound, worth: NumberArray, *, deadline: float
) -> CapacitatedFound:
    """Close sites that the reduced costs exclude and let HiGHS settle the rest."""
    value, price, inside, _ = model.relaxed(worth)
    rise, _fall = site_rises(model.rules, price=price, inside=inside)
    slack = best.objective - value + 1e-8 * max(1.0, abs(value))
    free = inside | (rise <= slack)
    used = free[model.site]
    left = deadline - time.monotonic()
    if used.sum() > _CORE_ENTRIES or left <= 0.0:
        return CapacitatedFound(
            is_open=best.is_open,
            by=best.by,
            objective=best.objective,
            bound=min(value, best.objective),
        )
    sites = np.flatnonzero(free)
    programme = _programme(model, sites, used)
    start = None if best.by is None else _start_point(model, best, sites, used=used)
    solved = solve_programme(programme, time_limit_s=left, start=start)
    found = best
    if solved.x is not None and solved.objective < best.objective - 1e-9 * abs(best.objective):
        is_open = np.zeros(model.capacity.size, dtype=np.bool_)
        is_open[sites] = solved.x[: sites.size] > 0.5
        by = np.full(model.demand.size, -1, dtype=np.int64)
        given = solved.x[sites.size : sites.size + int(used.sum())] > 0.5
        by[model.row[used][given]] = model.site[used][given]
        found = CapacitatedFound(is_open=is_open, by=by, objective=solved.objective, bound=-np.inf)
    bound = max(value, min(best.objective, solved.bound))
    return CapacitatedFound(
        is_open=found.is_open,
        by=found.by,
        objective=found.objective,
        bound=min(bound, found.objective),
        infeasible=solved.infeasible and best.by is None,
    )


def _programme(model: _Model, sites: IntArray, used: _Flags) -> Programme:
    place = np.full(model.capacity.size, -1, dtype=np.int64)
    place[sites] = np.arange(sites.size)
    row, site, n = model.row[used], place[model.site[used]], int(used.sum())
    demands = model.demand.size
    x, o = sites.size + np.arange(n), sites.size + n + np.arange(demands)
    columns = sites.size + n + demands
    ones = np.ones(n)
    serve = sparse.csr_array(
        (np.ones(n + demands), (np.concatenate([row, np.arange(demands)]), np.concatenate([x, o]))),
        shape=(demands, columns),
    )
    link = sparse.csr_array(
        (np.concatenate([-ones, ones]), (np.tile(np.arange(n), 2), np.concatenate([x, site]))),
        shape=(n, columns),
    )
    hold = sparse.csr_array(
        (
            np.concatenate([-model.demand[row], model.capacity[sites]]),
            (
                np.concatenate([site, np.arange(sites.size)]),
                np.concatenate([x, np.arange(sites.size)]),
            ),
        ),
        shape=(sites.size, columns),
    )
    top, lower, upper = site_rows(model.rules, sites, columns=columns)
    may = np.isfinite(model.overflow)
    return Programme(
        matrix=sparse.csr_array(sparse.vstack([top, serve, link, hold])),
        row_lower=np.concatenate([lower, np.ones(demands), np.zeros(n + sites.size)]),
        row_upper=np.concatenate([upper, np.ones(demands), np.full(n + sites.size, np.inf)]),
        cost=np.concatenate(
            [np.zeros(sites.size), model.cost[used], np.where(may, model.overflow, 0.0)]
        ),
        lower=np.concatenate([model.rules.fixed[sites].astype(np.float64), np.zeros(n + demands)]),
        upper=np.concatenate([np.ones(sites.size + n), may.astype(np.float64)]),
        integral=np.ones(columns, dtype=np.bool_),
    )


def _start_point(
    model: _Model, best: CapacitatedFound, sites: IntArray, *, used: _Flags
) -> NumberArray | None:
    if best.by is None or best.is_open is None:
        return None
    given = best.by[model.row[used]] == model.site[used]
    return np.concatenate([best.is_open[sites], given, best.by < 0]).astype(np.float64)
