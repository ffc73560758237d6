"""Compiled swap moves of the p-median engine: interchange, shaking and best replacements."""

__all__ = ["interchange", "replacements", "shake"]

import numba
import numpy as np

from layers.compilation import kept
from siting.p_median_kernel import Board, see
from siting.sparse_costs import IntArray, NumberArray


@numba.njit(cache=kept(), nogil=True)
def _only_partner(board: Board, j: int) -> int:
    """Return -1 when `j` may open freely, the one site that must close for it, or -2 when none."""
    rules = board.rules
    partner = -1
    for k in range(rules.site_indptr[j], rules.site_indptr[j + 1]):
        c = rules.site_cliques[k]
        if board.work.load[c] < rules.clique_room[c]:
            continue
        if rules.clique_room[c] > 1:
            return -2
        for m in range(rules.clique_indptr[c], rules.clique_indptr[c + 1]):
            r = rules.clique_sites[m]
            if board.state.is_open[r]:
                if partner >= 0 and partner != r:
                    return -2
                partner = r
    return partner


@numba.njit(cache=kept(), nogil=True)
def _move_values(board: Board, j: int) -> tuple[float, int]:
    """Return what opening `j` gains; add to `work.extra` what it mends at each site that might close.

    Resende and Werneck (2004), "On the implementation of a swap-based local search procedure for
    the p-median problem".
    """
    rows = board.rows
    state = board.state
    gain = 0.0
    n = 0
    for e in range(rows.col_indptr[j], rows.col_indptr[j + 1]):
        i = rows.col_rows[e]
        c = rows.col_values[e]
        if c >= state.d2[i]:
            continue
        if c < state.d1[i]:
            gain += state.d1[i] - c
        r = state.a1[i]
        mended = state.d2[i] - max(state.d1[i], c)
        if r >= 0 and mended > 0.0:
            if board.work.extra[r] == 0.0:
                board.work.touched[n] = r
                n += 1
            board.work.extra[r] += mended
    return gain, n


@numba.njit(cache=kept(), nogil=True)
def _swap(board: Board, r: int, j: int) -> None:
    """Close `r`, open `j` and mend what the demands of both see."""
    rows = board.rows
    state = board.state
    state.is_open[r] = False
    state.is_open[j] = True
    for s in (r, j):
        for e in range(rows.col_indptr[s], rows.col_indptr[s + 1]):
            i = rows.col_rows[e]
            if rows.col_values[e] > state.d2[i]:
                continue
            if state.a1[i] >= 0:
                state.loss[state.a1[i]] -= state.d2[i] - state.d1[i]
            see(rows, state, np.int64(i))
            if state.a1[i] >= 0:
                state.loss[state.a1[i]] += state.d2[i] - state.d1[i]


@numba.njit(cache=kept(), nogil=True)
def _may_swap(board: Board, r: int, j: int) -> bool:
    """Return whether the quotas let `j` open for `r`."""
    rules = board.rules
    g, h = rules.group[r], rules.group[j]
    held = board.work.held
    return bool(g == h or (held[g] > rules.minimum[g] and held[h] < rules.maximum[h]))


@numba.njit(cache=kept(), nogil=True)
def _best_swap(board: Board, j: int, kept: int | np.int64) -> tuple[float, int]:
    """Return the change of cost and the place in `work.sites` of the best site to close for `j`.

    `kept` is a site that must not close, or -1. The place is -1 where no swap is allowed.
    """
    rules = board.rules
    state = board.state
    work = board.work
    partner = _only_partner(board, j)
    if partner == -2:
        return np.inf, -1
    gain, n = _move_values(board, j)
    best = np.inf
    place = -1
    for k in range(work.sites.size):
        r = work.sites[k]
        delta = state.loss[r] - work.extra[r] - gain
        if delta >= best or rules.fixed[r] or r == kept or (partner >= 0 and r != partner):
            continue
        if _may_swap(board, r, j):
            best = delta
            place = k
    for k in range(n):
        work.extra[work.touched[k]] = 0.0
    return best, place


@numba.njit(cache=kept(), nogil=True)
def _make_swap(board: Board, place: int, j: int) -> int:
    """Open `j` for the site at `place`, which is returned."""
    rules = board.rules
    work = board.work
    r = work.sites[place]
    work.sites[place] = j
    work.held[rules.group[r]] -= 1
    work.held[rules.group[j]] += 1
    for k in range(rules.site_indptr[r], rules.site_indptr[r + 1]):
        work.load[rules.site_cliques[k]] -= 1
    for k in range(rules.site_indptr[j], rules.site_indptr[j + 1]):
        work.load[rules.site_cliques[k]] += 1
    _swap(board, r, j)
    return int(r)


@numba.njit(cache=kept(), nogil=True)
def interchange(board: Board, candidates: IntArray, least: float) -> int:
    """Sweep once over the candidates, swapping each in where that lowers the cost by `least`.

    One sweep makes as many swaps as it finds. Returns their number.
    """
    swaps = 0
    for j in candidates:
        if board.state.is_open[j]:
            continue
        delta, place = _best_swap(board, j, np.int64(-1))
        if place >= 0 and delta < -least:
            _make_swap(board, place, j)
            swaps += 1
    return swaps


@numba.njit(cache=kept(), nogil=True)
def _near(board: Board, r: int, mark: int) -> int:
    """List in `work.near` the sites close to the demands of open site `r`; return how many."""
    rows = board.rows
    state = board.state
    work = board.work
    mine = 0
    for e in range(rows.col_indptr[r], rows.col_indptr[r + 1]):
        if state.a1[rows.col_rows[e]] == r:
            mine += 1
    step = max(
        1, mine // 4
    )  # four of its demands and their forty nearest sites span its surroundings
    n = 0
    seen = 0
    for e in range(rows.col_indptr[r], rows.col_indptr[r + 1]):
        i = rows.col_rows[e]
        if state.a1[i] != r:
            continue
        seen += 1
        if seen % step:
            continue
        for f in range(rows.indptr[i], min(rows.indptr[i + 1], rows.indptr[i] + 40)):
            j = rows.indices[f]
            if work.stamp[j] != mark:
                work.stamp[j] = mark
                work.near[n] = j
                n += 1
    return n


@numba.njit(cache=kept(), nogil=True)
def _mend(board: Board, near: IntArray, least: float) -> tuple[float, int]:
    """Swap among the `near` sites until none helps; return the change of cost and the moves logged.

    In the first round the site that was forced in, the first of the log, has to stay.
    """
    work = board.work
    forced = work.log[0, 1]
    change = 0.0
    moves = 1
    quiet = 0
    k = 0
    while quiet < near.size and moves < work.log.shape[0]:
        j = near[k % near.size]
        k += 1
        quiet += 1
        if board.state.is_open[j]:
            continue
        delta, place = _best_swap(board, j, forced if k <= near.size else -1)
        if place >= 0 and delta < -least:
            work.log[moves, 0] = _make_swap(board, place, j)
            work.log[moves, 1] = j
            moves += 1
            change += delta
            quiet = 0
    return change, moves


@numba.njit(cache=kept(), nogil=True)
def shake(board: Board, draws: NumberArray, least: float) -> int:
    """Force a swap near a drawn open site, mend the surroundings, keep what became cheaper.

    `draws` has one row per trial: the open site and the site to force in (0–1 each). Returns the
    number of trials kept.
    """
    work = board.work
    kept = 0
    for j in range(work.stamp.size):
        work.stamp[j] = -1
    for t in range(draws.shape[0]):
        n = _near(board, work.sites[int(draws[t, 0] * work.sites.size)], t)
        if n < 2:
            continue
        forced = work.near[int(draws[t, 1] * n)]
        if board.state.is_open[forced]:
            continue
        change, place = _best_swap(board, forced, np.int64(-1))
        if place < 0:
            continue
        work.log[0, 0] = _make_swap(board, place, forced)
        work.log[0, 1] = forced
        mended, moves = _mend(board, work.near[:n], least)
        if change + mended < -least:
            kept += 1
            continue
        for m in range(moves - 1, -1, -1):
            for k in range(work.sites.size):
                if work.sites[k] == work.log[m, 1]:
                    _make_swap(board, k, work.log[m, 0])
                    break
    return kept


@numba.njit(cache=kept(), nogil=True)
def replacements(board: Board, change: NumberArray, by: IntArray) -> None:
    """Write the cheapest change when each open site closes and the best other site opens instead.

    `change` and `by` have one entry per open site of `work.sites`; `by` is -1 where no site may.
    """
    state = board.state
    work = board.work
    for k in range(change.size):
        change[k] = np.inf
        by[k] = -1
    for j in range(state.is_open.size):
        if state.is_open[j]:
            continue
        partner = _only_partner(board, j)
        if partner == -2:
            continue
        gain, n = _move_values(board, j)
        for k in range(work.sites.size):
            r = work.sites[k]
            delta = state.loss[r] - work.extra[r] - gain
            if delta >= change[k] or (partner >= 0 and r != partner):
                continue
            if _may_swap(board, r, j):
                change[k] = delta
                by[k] = j
        for k in range(n):
            work.extra[work.touched[k]] = 0.0
