"""Compiled loops of the p-median engine: prices of sites, nearest sites and the greedy start."""

# Arrays are filled by loops: a slice assignment makes numba compile its error texts, seconds each.

__all__ = [
    "Board",
    "Relaxed",
    "State",
    "Work",
    "best_sites",
    "greedy",
    "nearest_two",
    "prices",
    "see",
    "served_count",
    "tally",
]

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from layers.compilation import kept
from siting.site_rules import SiteRules
from siting.sparse_costs import IntArray, NumberArray, Rows

_Flags = npt.NDArray[np.bool_]


class State(NamedTuple):
    """Open sites and what each demand sees of them; the loops below change these arrays in place.

    Attributes
    ----------
    is_open : ndarray of bool, shape (sites,)
        Open sites.
    d1, d2 : ndarray of float, shape (demand,)
        Weighted cost of the nearest and of the second open site, or the overflow.
    a1 : ndarray of int, shape (demand,)
        Nearest open site, -1 where the demand overflows.
    loss : ndarray of float, shape (sites,)
        Added cost if the open site closed.
    """

    is_open: _Flags
    d1: NumberArray
    a1: npt.NDArray[np.int32]
    d2: NumberArray
    loss: NumberArray


class Work(NamedTuple):
    """Scratch arrays and counts that go with a state.

    Attributes
    ----------
    sites : ndarray of int, shape (count,)
        The open sites, in any order.
    held, load : ndarray of int
        Open sites per group and per clique.
    extra, touched, stamp, near : ndarray, shape (sites,)
        Scratch; `extra` is zero between calls.
    log : ndarray of int, shape (moves, 2)
        Sites closed and opened by the moves of one trial.
    """

    sites: IntArray
    held: IntArray
    load: IntArray
    extra: NumberArray
    touched: IntArray
    stamp: IntArray
    near: IntArray
    log: IntArray


class Board(NamedTuple):
    """The model with one set of open sites, as the search moves it about."""

    rows: Rows
    rules: SiteRules
    state: State
    work: Work


class Relaxed(NamedTuple):
    """The relaxed problem at one set of multipliers.

    Attributes
    ----------
    worth, served : ndarray of float, shape (demand,)
        Multiplier of each demand; number of open sites that take it.
    price : ndarray of float, shape (sites,)
        What each site adds to the Lagrangian when open, not positive.
    inside : ndarray of bool, shape (sites,)
        Sites that are open in it.
    """

    worth: NumberArray
    served: NumberArray
    price: NumberArray
    inside: _Flags


@numba.njit(cache=kept(), nogil=True)
def prices(rows: Rows, worth: NumberArray, price: NumberArray) -> None:
    """Write into `price` what each site saves at the demand worths: sum of min(0, cost - worth)."""
    for j in range(price.size):
        price[j] = 0.0
    for i in range(worth.size):
        u = worth[i]
        for e in range(rows.indptr[i], rows.indptr[i + 1]):
            c = rows.values[e]
            if c >= u:
                break
            price[rows.indices[e]] += c - u


@numba.njit(cache=kept(), nogil=True)
def served_count(rows: Rows, relaxed: Relaxed) -> None:
    """Write into `relaxed.served` how many sites inside take each demand in the relaxed problem."""
    for i in range(relaxed.served.size):
        u = relaxed.worth[i]
        count = 0.0
        for e in range(rows.indptr[i], rows.indptr[i + 1]):
            if rows.values[e] >= u:
                break
            if relaxed.inside[rows.indices[e]]:
                count += 1.0
        relaxed.served[i] = count


@numba.njit(cache=kept(), nogil=True)
def best_sites(rules: SiteRules, order: IntArray, is_open: _Flags) -> None:
    """Open the cheapest sites under count and quotas, reading the sites in ascending price.

    The feasible sets are the bases of a matroid (a partition with lower and upper limits), so
    taking the minimums first and then the best of what is still allowed is exact. Spacing cliques
    are not looked at, which keeps a bound valid.
    """
    need = rules.minimum.copy()
    room = rules.maximum.copy()
    taken = 0
    for j in range(is_open.size):
        is_open[j] = rules.fixed[j]
        if rules.fixed[j]:
            taken += 1
            need[rules.group[j]] -= 1
            room[rules.group[j]] -= 1
    for j in order:
        g = rules.group[j]
        if not is_open[j] and need[g] > 0:
            is_open[j] = True
            taken += 1
            need[g] -= 1
            room[g] -= 1
    for j in order:
        if taken >= rules.total:
            break
        g = rules.group[j]
        if not is_open[j] and room[g] > 0:
            is_open[j] = True
            taken += 1
            room[g] -= 1


@numba.njit(cache=kept(), nogil=True)
def see(rows: Rows, state: State, i: int | np.int64) -> None:
    """Find the two nearest open sites of demand `i`."""
    state.d1[i] = rows.overflow[i]
    state.d2[i] = rows.overflow[i]
    state.a1[i] = -1
    for e in range(rows.indptr[i], rows.indptr[i + 1]):
        j = rows.indices[e]
        if state.is_open[j]:
            if state.a1[i] < 0:
                state.a1[i] = j
                state.d1[i] = rows.values[e]
            else:
                state.d2[i] = rows.values[e]
                break


@numba.njit(cache=kept(), nogil=True)
def nearest_two(rows: Rows, state: State) -> None:
    """Bring `d1`, `a1`, `d2` and `loss` of the state in line with its open sites."""
    for j in range(state.loss.size):
        state.loss[j] = 0.0
    for i in range(rows.overflow.size):
        see(rows, state, i)
        if state.a1[i] >= 0:
            state.loss[state.a1[i]] += state.d2[i] - state.d1[i]


@numba.njit(cache=kept(), nogil=True)
def _open(board: Board, j: int | np.int64) -> None:
    """Open `j` beside what is open, for the greedy start."""
    rows = board.rows
    rules = board.rules
    state = board.state
    work = board.work
    state.is_open[j] = True
    work.held[rules.group[j]] += 1
    for k in range(rules.site_indptr[j], rules.site_indptr[j + 1]):
        work.load[rules.site_cliques[k]] += 1
    for e in range(rows.col_indptr[j], rows.col_indptr[j + 1]):
        i = rows.col_rows[e]
        state.d1[i] = min(state.d1[i], rows.col_values[e])


@numba.njit(cache=kept(), nogil=True)
def _may_open(board: Board, j: int | np.int64, spare: int) -> bool:
    """Return whether `j` may open beside what is open; `spare` sites owe nothing to a minimum."""
    rules = board.rules
    state = board.state
    work = board.work
    g = rules.group[j]
    if state.is_open[j] or work.held[g] >= rules.maximum[g]:
        return False
    if spare <= 0 and work.held[g] >= rules.minimum[g]:
        return False
    for k in range(rules.site_indptr[j], rules.site_indptr[j + 1]):
        if work.load[rules.site_cliques[k]] >= rules.clique_room[rules.site_cliques[k]]:
            return False
    return True


@numba.njit(cache=kept(), nogil=True)
def greedy(board: Board) -> bool:
    """Open sites one by one where they save most (lazily re-priced); false if it got stuck."""
    rows = board.rows
    rules = board.rules
    state = board.state
    work = board.work
    gain = np.empty(state.is_open.size)
    priced = np.empty(gain.size, dtype=np.int64)
    opened = 0
    for i in range(rows.overflow.size):
        state.d1[i] = rows.overflow[i]
    for j in range(gain.size):
        gain[j] = np.inf
        priced[j] = -1
        state.is_open[j] = False
    for j in range(gain.size):
        if rules.fixed[j]:
            _open(board, j)
            opened += 1
    while opened < rules.total:
        spare = rules.total - opened
        for g in range(rules.minimum.size):
            spare -= max(0, rules.minimum[g] - work.held[g])
        best: int | np.int64 = np.int64(-1)  # typed: a literal would compile the callee twice
        for j in range(gain.size):
            if (best < 0 or gain[j] > gain[best]) and _may_open(board, j, spare):
                best = j
        if best < 0:
            return False
        if priced[best] == opened:
            _open(board, best)
            opened += 1
            continue
        priced[best] = opened
        gain[best] = 0.0
        for e in range(rows.col_indptr[best], rows.col_indptr[best + 1]):
            gain[best] += max(0.0, state.d1[rows.col_rows[e]] - rows.col_values[e])
    return True


@numba.njit(cache=kept(), nogil=True)
def tally(board: Board) -> None:
    """Bring the work arrays in line with the open sites."""
    rules = board.rules
    state = board.state
    work = board.work
    for g in range(work.held.size):
        work.held[g] = 0
    for c in range(work.load.size):
        work.load[c] = 0
    n = 0
    for j in range(state.is_open.size):
        if not state.is_open[j]:
            continue
        work.sites[n] = j
        n += 1
        work.held[rules.group[j]] += 1
        for k in range(rules.site_indptr[j], rules.site_indptr[j + 1]):
            work.load[rules.site_cliques[k]] += 1
