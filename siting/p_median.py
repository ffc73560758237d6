"""The p-median engine: Lagrangian bound, interchange, reduced-cost fixing and an exact finish.

Minimises the weighted cost of sorted sparse rows with an overflow column. Maximum coverage is the
same model with cost zero where covered and the weight as overflow.
"""

__all__ = ["Found", "fresh_board", "quick_sites", "set_open", "solve_rows"]

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from layers.errors import InfeasibleError
from siting import interchange_kernel, p_median_kernel
from siting.p_median_core import finish_core, site_core
from siting.p_median_kernel import Board, Relaxed, State, Work
from siting.restricted_core import feasible_sites
from siting.site_rules import SiteRules
from siting.sparse_costs import Rows

_Flags = npt.NDArray[np.bool_]
_Search = Callable[[Board, _Flags], _Flags]
_log = logging.getLogger(__name__)

_ROUND = 20  # dual steps between two looks at the incumbent
_ROUNDS = 40
_SHAKES = 12  # passes, each of two trials per chosen site
_SHAKEN_ENOUGH = 1e-4  # share of the cost a pass must save for another to follow
_MANY = 1_000_000  # entries above which one sweep costs a tenth of a second
_CORE_ENTRIES = 250_000  # above this HiGHS does not finish in minutes
# A large model, whose gap is small by then, is finished only where that takes seconds.
_LARGE, _LARGE_CORE_ENTRIES = 300_000, 60_000
_ROUNDING = 1e-9  # relative


@dataclass(frozen=True, kw_only=True)
class Found:
    """Best sites found and the proven lower bound, both in weighted cost."""

    is_open: _Flags
    objective: float
    bound: float


def fresh_board(rows: Rows, rules: SiteRules) -> Board:
    """Return a board with no site open."""
    demand, sites = rows.demand_count, rows.site_count
    state = State(
        is_open=np.zeros(sites, dtype=np.bool_),
        d1=rows.overflow.copy(),
        a1=np.full(demand, -1, dtype=np.int32),
        d2=rows.overflow.copy(),
        loss=np.zeros(sites),
    )
    work = Work(
        sites=np.zeros(rules.total, dtype=np.int64),
        held=np.zeros(rules.minimum.size, dtype=np.int64),
        load=np.zeros(rules.clique_room.size, dtype=np.int64),
        extra=np.zeros(sites),
        touched=np.zeros(sites, dtype=np.int64),
        stamp=np.zeros(sites, dtype=np.int64),
        near=np.zeros(sites, dtype=np.int64),
        log=np.zeros((64, 2), dtype=np.int64),
    )
    return Board(rows, rules, state, work)


def set_open(board: Board, is_open: _Flags) -> float:
    """Open exactly these sites (as many as the rules ask for) and return the cost."""
    board.state.is_open[:] = is_open
    p_median_kernel.nearest_two(board.rows, board.state)
    p_median_kernel.tally(board)
    return float(board.state.d1.sum())


class _Best:
    """The incumbent, and the board it is sought on."""

    def __init__(self, rows: Rows, rules: SiteRules, *, deadline: float) -> None:
        self.rows, self.rules, self.deadline = rows, rules, deadline
        self.whole = rows.whole
        self.board = fresh_board(rows, rules)
        self.order = np.random.default_rng(0).permutation(rows.site_count)
        self.is_open = self._start()
        self.cost = np.inf
        self.polish(self.is_open)

    @property
    def left_s(self) -> float:
        """Time left [s]."""
        return self.deadline - time.monotonic()

    def _start(self) -> _Flags:
        if p_median_kernel.greedy(self.board):
            return self.board.state.is_open.copy()
        found = feasible_sites(self.rules, time_limit_s=max(self.left_s, 10.0))
        if found is None:
            raise InfeasibleError(
                f"No {self.rules.total} sites were found that keep the {self.rules.clique_room.size} "
                "spacing cliques together with the quotas and the fixed sites; lower count or the spacing."
            )
        return found

    def take(self, is_open: _Flags) -> None:
        """Put these sites on the board and keep them if they are cheaper."""
        cost = set_open(self.board, is_open)
        if cost < self.cost:
            self.cost, self.is_open = cost, is_open.copy()

    def polish(self, is_open: _Flags, *, sweeps: int = 50) -> None:
        """Improve a set of sites by interchange until no swap helps, and keep it if cheaper."""
        cost = set_open(self.board, is_open)
        for _ in range(sweeps):
            swaps = interchange_kernel.interchange(self.board, self.order, _ROUNDING * cost)
            if swaps == 0:
                break
            cost = set_open(self.board, self.board.state.is_open)  # sheds the rounding of updates
        self.take(self.board.state.is_open)

    def polish_relaxed(self, inside: _Flags) -> None:
        """Polish what the relaxed problem opened, where it keeps the spacing."""
        if not self.rules.spaced or self.rules.kept_by(inside):
            self.polish(inside, sweeps=3 if self.rows.values.size > _MANY else 50)

    def seek(self, search: _Search) -> None:
        """Let another search improve the incumbent, and polish what it finds."""
        self.polish(search(self.board, self.is_open))

    def shake(self) -> None:
        """Shake the incumbent region by region while that pays."""
        self.polish(self.is_open)
        rng = np.random.default_rng(0)
        for _ in range(_SHAKES):
            before = set_open(self.board, self.is_open)
            draws = rng.random((2 * self.rules.total, 2))
            interchange_kernel.shake(self.board, draws, _ROUNDING * before)
            self.take(self.board.state.is_open)
            if before - self.cost < _SHAKEN_ENOUGH * before or self.left_s <= 0.0:
                break

    def rounded(self, bound: float) -> float:
        """Return the bound, at least zero and rounded up where every cost is a whole number."""
        if self.whole and np.isfinite(bound):
            bound = float(np.ceil(bound - 1e-6 - 1e-10 * abs(bound)))
        return max(bound, 0.0)

    def closed_by(self, bound: float) -> bool:
        """Return whether the bound proves the incumbent."""
        return self.cost - self.rounded(bound) <= _ROUNDING * self.cost

    def found(self, bound: float) -> Found:
        """Return the incumbent with its bound."""
        return Found(
            is_open=self.is_open, objective=self.cost, bound=min(self.rounded(bound), self.cost)
        )


class _Dual:
    """Deflected subgradient on the worth of each demand; keeps the best bound.

    Camerini, Fratta and Maffioli (1975) for the deflected direction, Held, Wolfe and Crowder (1974)
    for the step.
    """

    def __init__(self, rows: Rows, rules: SiteRules, state: State) -> None:
        self.rows, self.rules = rows, rules
        filled = np.diff(rows.indptr) > 0
        self.low = rows.overflow.copy()
        self.low[filled] = rows.values[rows.indptr[:-1][filled]]
        self.relaxed = Relaxed(
            # a demand is worth between what its nearest and its second open site cost
            worth=np.clip((state.d1 + state.d2) / 2.0, self.low, rows.overflow),
            served=np.zeros(rows.demand_count),
            price=np.zeros(rows.site_count),
            inside=np.zeros(rows.site_count, dtype=np.bool_),
        )
        self.best_worth = self.relaxed.worth.copy()
        self.bound = -np.inf
        self.step = 1.0
        self.quiet = 0
        self.patience = 10 if rows.values.size > 3 * _MANY else 20
        self.direction = np.zeros_like(self.best_worth)

    @property
    def done(self) -> bool:
        """Whether the steps have become too short to matter."""
        return self.step < 1e-3

    def value(self) -> float:
        """Price the sites at the current worth, open the best and return the Lagrangian value."""
        now = self.relaxed
        p_median_kernel.prices(self.rows, now.worth, now.price)
        order = np.argsort(now.price, kind="stable")
        p_median_kernel.best_sites(self.rules, order, now.inside)
        return float(now.worth.sum() + now.price[now.inside].sum())

    def back_to_best(self) -> float:
        """Return to the worth of the best bound and return its value."""
        self.relaxed.worth[:] = self.best_worth
        self.direction[:] = 0.0
        return self.value()

    def advance(self, steps: int, *, incumbent: float) -> None:
        """Take some steps towards a better bound."""
        now, high = self.relaxed, self.rows.overflow
        for _ in range(steps):
            value = self.value()
            self.quiet = 0 if value > self.bound + 1e-4 * abs(self.bound) else self.quiet + 1
            if value > self.bound:
                self.bound = value
                self.best_worth[:] = now.worth
            if self.quiet >= self.patience:
                self.step, self.quiet = self.step / 2.0, 0
                if self.done:
                    return
            p_median_kernel.served_count(self.rows, now)
            self.direction *= 0.8
            self.direction += 1.0 - now.served
            outward = ((now.worth >= high) & (self.direction > 0.0)) | (
                (now.worth <= self.low) & (self.direction < 0.0)
            )
            self.direction[outward] = 0.0
            length = float(self.direction @ self.direction)
            if length == 0.0 or incumbent <= value:
                self.step = 0.0
                return
            now.worth[:] += self.step * (incumbent - value) / length * self.direction
            np.clip(now.worth, self.low, high, out=now.worth)


def solve_rows(
    rows: Rows,
    rules: SiteRules,
    *,
    deadline: float,
    search: _Search | None = None,
) -> Found:
    """Choose the sites of least weighted cost.

    Parameters
    ----------
    rows : Rows
        Weighted costs.
    rules : SiteRules
        Count, fixed sites, quotas, spacing.
    deadline : float
        ``time.monotonic()`` at which to stop [s]; a first solution and bound are always made.
    search : callable, optional
        Search from a board and its best open sites, used in place of shaking.

    Raises
    ------
    InfeasibleError
        No set of sites keeps the spacing.
    """
    best = _Best(rows, rules, deadline=deadline)
    set_open(best.board, best.is_open)
    dual = _Dual(rows, rules, best.board.state)
    for _ in range(_ROUNDS):
        dual.advance(_ROUND, incumbent=best.cost)
        if search is None or rows.values.size < _MANY:
            best.polish_relaxed(dual.relaxed.inside)
        if dual.done or best.left_s <= 0.0 or best.closed_by(dual.bound):
            break
    if not best.closed_by(dual.bound) and best.left_s > 0.0:
        best.shake() if search is None else best.seek(search)
    if best.closed_by(dual.bound) or best.left_s <= 0.0:
        return best.found(dual.bound)
    dual.back_to_best()
    dual.step = max(dual.step, 0.05)  # the incumbent is better now: a second, finer run
    for _ in range(_ROUNDS if rows.values.size < _MANY else 1):
        dual.advance(_ROUND, incumbent=best.cost)
        if dual.done or best.left_s <= 0.0 or best.closed_by(dual.bound):
            break
    return best.found(max(dual.bound, _finished(best, dual)))


def quick_sites(rows: Rows, rules: SiteRules, *, deadline: float) -> _Flags:
    """Return sites that keep every rule, by greedy start and interchange, without a bound."""
    return _Best(rows, rules, deadline=deadline).is_open


def _finished(best: _Best, dual: _Dual) -> float:
    """Fix what the reduced costs decide, leave the rest to the exact programme; return its bound."""
    value = dual.back_to_best()
    # with whole numbers only a choice that is better by one matters
    slack = best.cost - (1.0 if best.whole else 0.0) - value + 1e-8 * max(1.0, best.cost)
    core = site_core(
        best.rows,
        best.rules,
        worth=dual.best_worth,
        price=dual.relaxed.price,
        inside=dual.relaxed.inside,
        slack=slack,
    )
    _log.info("core: %d sites, %d entries, slack %.4g", core.free.sum(), core.size, slack)
    most = _LARGE_CORE_ENTRIES if best.rows.values.size > _LARGE else _CORE_ENTRIES
    if core.size > most or best.left_s <= 0.0:
        return -np.inf
    before = best.cost
    solved, is_open = finish_core(
        best.rows, best.rules, core, incumbent=best.is_open, time_limit_s=best.left_s
    )
    if is_open is not None and best.rules.kept_by(is_open):
        best.take(is_open)
    # outside the core nothing is better than the incumbent it was cut by
    return min(before, solved.bound)
