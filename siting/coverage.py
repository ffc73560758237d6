"""Maximum coverage as a p-median: cost zero where covered, the demand itself where not.

The bound is that of the p-median engine; the choice is sought by annealing, as a swap between
neighbours gains and loses about the same and interchange stops early.
"""

__all__ = ["Merged", "annealed", "coverage_cost", "covered_by", "merged_demands", "solve_coverage"]

import time
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import reverse_cuthill_mckee

from siting import coverage_kernel
from siting.coverage_kernel import Covered
from siting.p_median import Found, set_open, solve_rows
from siting.p_median_kernel import Board
from siting.site_rules import SiteRules
from siting.sparse_costs import Cover, IntArray, NumberArray, Rows, SparseCost

_Flags = npt.NDArray[np.bool_]

_STAGES = 60  # temperatures of one annealing
_TRIALS_PER_SITE = 20_000
_LOOKS = 1.4e9  # entries looked at in one annealing: about ten seconds
_WARM, _COLD = 0.03, 0.0015  # first and last temperature, in the mean loss of an open site


@dataclass(frozen=True, kw_only=True)
class Merged:
    """Demands with the same cover set taken together.

    Attributes
    ----------
    cover : Cover
        One row per distinct cover set.
    weight : ndarray of float
        Demand of each row.
    row_of : ndarray of int, shape (demand,)
        Row that each original demand went to.
    """

    cover: Cover
    weight: NumberArray
    row_of: IntArray


def merged_demands(cover: Cover, weight: NumberArray) -> Merged:
    """Merge the demands that the same sites cover; the model and its optimum stay the same.

    Rows are told apart by two independent 64-bit sums of random site keys and by their length.
    They are put in an order that keeps neighbours together, which spares the loops half the time.
    """
    keys = np.random.default_rng(0).integers(0, 2**64, size=(2, cover.site_count), dtype=np.uint64)
    lengths = np.diff(cover.indptr).astype(np.uint64)
    marks = [lengths]
    for key in keys:
        running = np.concatenate([np.zeros(1, np.uint64), np.cumsum(key[cover.indices])])
        marks.append(running[cover.indptr[1:]] - running[cover.indptr[:-1]])
    _, first, row_of = np.unique(
        np.stack(marks, axis=1), axis=0, return_index=True, return_inverse=True
    )
    place = np.argsort(_site_order(cover, first), kind="stable")
    first, row_of = first[place], np.argsort(place)[row_of.reshape(-1)]
    counts = np.diff(cover.indptr)[first]
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    source = np.arange(indptr[-1]) + np.repeat(cover.indptr[first] - indptr[:-1], counts)
    merged = Cover(indptr=indptr, indices=cover.indices[source], site_count=cover.site_count)
    return Merged(
        cover=merged,
        weight=np.bincount(row_of, weights=weight).astype(np.float64),
        row_of=row_of.astype(np.int64),
    )


def _site_order(cover: Cover, rows: IntArray) -> IntArray:
    """Return a key per row: the first of its sites, once sites that share demands stand together.

    Cuthill and McKee (1969) over the links between sites that follow each other in a row.
    """
    sites = cover.indices
    if sites.size == 0:
        return np.zeros(rows.size, dtype=np.int64)
    follows = np.ones(sites.size, dtype=np.bool_)
    follows[cover.indptr[:-1][np.diff(cover.indptr) > 0]] = False
    later = np.flatnonzero(follows)
    links = sparse.csr_array(
        (np.ones(later.size), (sites[later - 1], sites[later])),
        shape=(cover.site_count, cover.site_count),
    )
    rank = np.argsort(reverse_cuthill_mckee(sparse.csr_array(links + links.T), symmetric_mode=True))
    filled = np.flatnonzero(np.diff(cover.indptr) > 0)
    key = np.full(cover.indptr.size - 1, cover.site_count, dtype=np.int64)
    key[filled] = np.minimum.reduceat(rank[sites], cover.indptr[filled])
    return key[rows]


def coverage_cost(cover: Cover) -> SparseCost:
    """Return the cost rows in which a covered demand is free and an uncovered one costs its weight."""
    return SparseCost(
        indptr=cover.indptr,
        indices=cover.indices,
        values=np.zeros(cover.indices.size),
        overflow=np.ones(cover.indptr.size - 1),
        site_count=cover.site_count,
    )


def covered_by(cover: Cover, is_open: npt.NDArray[np.bool_]) -> IntArray:
    """Return the first open site of each row, -1 where the row has none."""
    hit = np.flatnonzero(is_open[cover.indices])
    row = np.searchsorted(cover.indptr, hit, side="right") - 1
    served, first = np.unique(row, return_index=True)
    by = np.full(cover.indptr.size - 1, -1, dtype=np.int64)
    by[served] = cover.indices[hit[first]]
    return by


def solve_coverage(rows: Rows, rules: SiteRules, *, deadline: float) -> Found:
    """Choose the sites that leave the least weight uncovered.

    Parameters
    ----------
    rows : Rows
        Entries of zero cost; the overflow is the weight.
    rules : SiteRules
        Count, fixed sites, quotas, spacing.
    deadline : float
        ``time.monotonic()`` at which to stop [s].

    Raises
    ------
    InfeasibleError
        No set of sites keeps the spacing.
    """
    return solve_rows(rows, rules, deadline=deadline, search=partial(annealed, deadline=deadline))


def annealed(board: Board, is_open: _Flags, *, deadline: float) -> _Flags:
    """Return the best sites met while cooling down from `is_open`."""
    rows = board.rows
    best = now = set_open(board, is_open)
    seen = _seen(board)
    loss = board.state.loss
    warm = float(loss[is_open].mean())
    most = _LOOKS * rows.site_count / max(1, rows.values.size)
    trials = int(min(_TRIALS_PER_SITE * board.rules.total, most)) // _STAGES
    rng = np.random.default_rng(0)
    for stage in range(_STAGES):
        warmth = warm * _WARM * (_COLD / _WARM) ** (stage / (_STAGES - 1))
        now, best = coverage_kernel.anneal(board, seen, rng.random((trials, 5)), now, best, warmth)
        if time.monotonic() >= deadline:
            break
    found = np.zeros_like(is_open)
    found[seen.best] = True
    return found


def _seen(board: Board) -> Covered:
    """Return what the open sites of the board cover, with their losses on it."""
    rows, state = board.rows, board.state
    site = np.repeat(np.arange(rows.site_count), np.diff(rows.col_indptr))
    is_open = state.is_open[site]
    demand, site = rows.col_rows[is_open], site[is_open]
    times = np.bincount(demand, minlength=rows.demand_count).astype(np.int32)
    total = np.bincount(demand, weights=site, minlength=rows.demand_count).astype(np.int32)
    only = np.where(times == 1, total, np.where(times == 0, -1, -2)).astype(np.int32)
    return Covered(times=times, sum=total, only=only, best=board.work.sites.copy())
