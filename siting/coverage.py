"""Maximum coverage as a p-median: cost zero where covered, the demand itself where not."""

__all__ = ["Merged", "coverage_cost", "covered_by", "merged_demands"]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from siting.sparse_costs import Cover, IntArray, NumberArray, SparseCost


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
    counts = np.diff(cover.indptr)[first]
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    source = np.arange(indptr[-1]) + np.repeat(cover.indptr[first] - indptr[:-1], counts)
    merged = Cover(indptr=indptr, indices=cover.indices[source], site_count=cover.site_count)
    row_of = row_of.reshape(-1).astype(np.int64)
    return Merged(
        cover=merged, weight=np.bincount(row_of, weights=weight).astype(np.float64), row_of=row_of
    )


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
