"""Compiled annealing of a maximum coverage: swaps near by, sometimes accepted though they lose."""

__all__ = ["Covered", "anneal"]

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from layers.compilation import kept
from siting.p_median_kernel import Board
from siting.sparse_costs import IntArray, NumberArray

_FAR = 0.1  # share of the trials that look anywhere


class Covered(NamedTuple):
    """What the open sites cover, kept up to date swap by swap.

    Attributes
    ----------
    times : ndarray of int32, shape (demand,)
        Number of open sites that cover the demand.
    sum : ndarray of int32, shape (demand,)
        Sum of their indices.
    only : ndarray of int32, shape (demand,)
        The site where one only covers it, -1 where none does, -2 where several do.
    best : ndarray of int, shape (count,)
        Open sites of the best choice seen.
    """

    times: npt.NDArray[np.int32]
    sum: npt.NDArray[np.int32]
    only: npt.NDArray[np.int32]
    best: IntArray


@numba.njit(cache=kept(), nogil=True)
def _keeps_spacing(board: Board, r: int, j: int) -> bool:
    """Return whether every clique of `j` has room once `r` is closed."""
    rules = board.rules
    load = board.work.load
    room = True
    for k in range(rules.site_indptr[r], rules.site_indptr[r + 1]):
        load[rules.site_cliques[k]] -= 1
    for k in range(rules.site_indptr[j], rules.site_indptr[j + 1]):
        c = rules.site_cliques[k]
        room = room and load[c] < rules.clique_room[c]
    for k in range(rules.site_indptr[r], rules.site_indptr[r + 1]):
        load[rules.site_cliques[k]] += 1
    return room


@numba.njit(cache=kept(), nogil=True)
def _open(board: Board, seen: Covered, s: int, step: int) -> None:  # noqa: PLR0917
    """Open (`step` 1) or close (-1) site `s` and mend the loss of the sites that cover its demands."""
    rows = board.rows
    loss = board.state.loss
    rules = board.rules
    board.state.is_open[s] = step == 1
    board.work.held[rules.group[s]] += step
    for k in range(rules.site_indptr[s], rules.site_indptr[s + 1]):
        board.work.load[rules.site_cliques[k]] += step
    for e in range(rows.col_indptr[s], rows.col_indptr[s + 1]):
        i = rows.col_rows[e]
        if seen.only[i] >= 0:
            loss[seen.only[i]] -= rows.overflow[i]
        seen.times[i] += step
        seen.sum[i] += step * s
        if seen.times[i] == 1:
            seen.only[i] = seen.sum[i]
            loss[seen.sum[i]] += rows.overflow[i]
        else:
            seen.only[i] = -1 if seen.times[i] == 0 else -2


@numba.njit(cache=kept(), nogil=True)
def _lost_by(board: Board, seen: Covered, r: int, j: int) -> float:  # noqa: PLR0917
    """Return the weight that is covered no more when `j` opens for `r`, negative where it gains."""
    rows = board.rows
    lost = board.state.loss[r]
    for e in range(rows.col_indptr[j], rows.col_indptr[j + 1]):
        i = rows.col_rows[e]
        if seen.only[i] == -1 or seen.only[i] == r:
            lost -= rows.overflow[i]
    return float(lost)


@numba.njit(cache=kept(), nogil=True)
def _drawn_near(board: Board, r: int, draw: NumberArray) -> int:
    """Return a site that covers a drawn demand of `r`, and now and then any site."""
    rows = board.rows
    first, last = rows.col_indptr[r], rows.col_indptr[r + 1]
    if first == last or draw[1] < _FAR:
        return int(draw[2] * rows.site_count)
    i = rows.col_rows[first + int(draw[2] * (last - first))]
    first, last = rows.indptr[i], rows.indptr[i + 1]
    return int(rows.indices[first + int(draw[3] * (last - first))])


@numba.njit(cache=kept(), nogil=True)
def anneal(  # noqa: PLR0917 - a kernel takes what it needs
    board: Board, seen: Covered, draws: NumberArray, now: float, best: float, warmth: float
) -> tuple[float, float]:
    """Try swaps at one temperature; return the weight left uncovered, now and at best.

    Kirkpatrick, Gelatt and Vecchi (1983), "Optimization by simulated annealing". `draws` has one
    row of five per trial (0-1 each); `warmth` is the temperature in units of weight; `seen.best`
    takes the sites of the best choice.
    """
    work = board.work
    rules = board.rules
    for t in range(draws.shape[0]):
        place = int(draws[t, 0] * work.sites.size)
        r = work.sites[place]
        j = _drawn_near(board, r, draws[t])
        allowed = -warmth * np.log(1.0 - draws[t, 4])
        if board.state.is_open[j] or rules.fixed[r]:
            continue
        lost = _lost_by(board, seen, r, j)
        if lost > allowed:
            continue
        g, h = rules.group[r], rules.group[j]
        if g != h and (work.held[g] <= rules.minimum[g] or work.held[h] >= rules.maximum[h]):
            continue
        if not _keeps_spacing(board, r, j):
            continue
        _open(board, seen, r, -1)
        _open(board, seen, j, 1)
        work.sites[place] = j
        now += lost
        if now < best:
            best = now
            for k in range(work.sites.size):
                seen.best[k] = work.sites[k]
    return now, best
