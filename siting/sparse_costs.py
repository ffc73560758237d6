"""Costs and covers as sparse rows, one row per demand, and their checks at the door."""

__all__ = [
    "Cover",
    "IntArray",
    "NumberArray",
    "Rows",
    "SparseCost",
    "checked_capacity",
    "checked_dense",
    "checked_weight",
    "nearest_rows",
    "served_by",
    "weighted_rows",
]

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from layers.errors import InfeasibleError, LayerError

IntArray = npt.NDArray[np.int64]
NumberArray = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class SparseCost:
    """Cost of serving each demand from the sites near it, and from none of them.

    A site that is not in a row serves that demand at the row's overflow cost, which is also what
    an unserved demand pays. Sites dearer than the overflow are never used.

    Attributes
    ----------
    indptr : ndarray of int, shape (demand + 1,)
        Row ``i`` is ``indptr[i]:indptr[i + 1]``.
    indices : ndarray of int
        Site of each entry; a site stands at most once in a row.
    values : ndarray of float
        Cost per unit of weight of each entry, not negative.
    overflow : ndarray of float, shape (demand,)
        Cost per unit of weight when no site of the row is open, not negative.
    site_count : int
        Number of sites.
    """

    indptr: npt.NDArray[np.integer]
    indices: npt.NDArray[np.integer]
    values: npt.NDArray[np.floating]
    overflow: npt.NDArray[np.floating]
    site_count: int

    def __post_init__(self) -> None:
        demand = _check_pattern(self.indptr, self.indices, self.site_count, name="SparseCost")
        if self.values.shape != self.indices.shape or self.overflow.shape != (demand,):
            raise LayerError(
                f"SparseCost has {self.values.size} values for {self.indices.size} indices and "
                f"{self.overflow.size} overflow costs for {demand} rows; give one of each."
            )
        _check_numbers(self.values, "SparseCost.values")
        _check_numbers(self.overflow, "SparseCost.overflow")

    @property
    def shape(self) -> tuple[int, int]:
        """Number of demands and of sites."""
        return self.overflow.size, self.site_count

    def rows_of(self, demand: IntArray) -> "SparseCost":
        """Return the rows of some demands."""
        counts = np.diff(self.indptr)[demand]
        indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        source = np.arange(indptr[-1]) + np.repeat(self.indptr[demand] - indptr[:-1], counts)
        return SparseCost(
            indptr=indptr,
            indices=self.indices[source],
            values=self.values[source],
            overflow=self.overflow[demand],
            site_count=self.site_count,
        )

    def ascending(self) -> "SparseCost":
        """Return the same costs, each row by rising cost, so that models need not sort them again."""
        row = np.repeat(np.arange(self.overflow.size, dtype=np.int32), np.diff(self.indptr))
        order = np.lexsort((self.values, row))
        return replace(self, indices=self.indices[order], values=self.values[order])

    def within(self, limit: float) -> "Cover":
        """Return which sites reach each demand at a cost of at most `limit`."""
        kept = self.values <= limit
        before = np.concatenate([[0], np.cumsum(kept)])
        return Cover(
            indptr=before[self.indptr], indices=self.indices[kept], site_count=self.site_count
        )


@dataclass(frozen=True, kw_only=True)
class Cover:
    """Which sites cover each demand, as sparse rows.

    Attributes
    ----------
    indptr : ndarray of int, shape (demand + 1,)
        Row ``i`` is ``indptr[i]:indptr[i + 1]``.
    indices : ndarray of int
        Covering sites; a site stands at most once in a row.
    site_count : int
        Number of sites.
    """

    indptr: npt.NDArray[np.integer]
    indices: npt.NDArray[np.integer]
    site_count: int

    def __post_init__(self) -> None:
        _check_pattern(self.indptr, self.indices, self.site_count, name="Cover")

    @property
    def shape(self) -> tuple[int, int]:
        """Number of demands and of sites."""
        return self.indptr.size - 1, self.site_count

    @classmethod
    def from_dense(cls, covers: npt.NDArray[np.bool_]) -> "Cover":
        """Return the sparse rows of a (demand, sites) array of true and false."""
        if covers.ndim != 2 or covers.dtype != np.bool_:
            raise LayerError(
                f"covers is a {covers.ndim}-dimensional array of {covers.dtype}; give a "
                "(demand, sites) array of bool, or a Cover."
            )
        row, site = np.nonzero(covers)
        indptr = np.searchsorted(row, np.arange(covers.shape[0] + 1))
        return cls(indptr=indptr.astype(np.int64), indices=site, site_count=covers.shape[1])


class Rows(NamedTuple):
    """Weighted costs, each row ascending, with the same entries by column: what the kernels read.

    Attributes
    ----------
    indptr, indices, values : ndarray
        Rows by demand, ascending cost, all below the row's overflow; int64, int32, float64.
    overflow : ndarray of float, shape (demand,)
        Weighted cost of leaving the demand unserved.
    col_indptr, col_rows, col_values : ndarray
        The same entries by site.
    site_count : int
        Number of sites.
    """

    indptr: IntArray
    indices: npt.NDArray[np.int32]
    values: NumberArray
    overflow: NumberArray
    col_indptr: IntArray
    col_rows: npt.NDArray[np.int32]
    col_values: NumberArray
    site_count: int

    @property
    def demand_count(self) -> int:
        """Number of demands."""
        return self.overflow.size

    @property
    def whole(self) -> bool:
        """Whether every objective is a whole number, so that a bound may be rounded up."""
        return bool(
            (self.values == np.rint(self.values)).all()
            and (self.overflow == np.rint(self.overflow)).all()
            and self.overflow.sum() < 2.0**50
        )


def checked_weight(
    weight: npt.ArrayLike, demand_count: int, *, name: str = "weight"
) -> NumberArray:
    """Return the weights as floats, after refusing what no demand can have.

    Raises
    ------
    LayerError
        Wrong length, NaN, infinite or negative.
    InfeasibleError
        The sum is zero.
    """
    array = np.asarray(weight, dtype=np.float64)
    if array.shape != (demand_count,):
        raise LayerError(
            f"{name} has shape {array.shape} and the costs have {demand_count} demand rows; give "
            "one number per row."
        )
    _check_numbers(array, name)
    if not array.sum() > 0.0:
        raise InfeasibleError(
            f"{name} sums to zero over {demand_count} demand rows, so no site can serve anything; "
            "give at least one positive demand."
        )
    return array


def checked_dense(cost: npt.ArrayLike) -> NumberArray:
    """Return a dense cost array as floats, after refusing NaN, infinite and negative costs."""
    array = np.asarray(cost, dtype=np.float64)
    if array.ndim != 2 or 0 in array.shape:
        raise LayerError(
            f"cost has shape {array.shape}; give a (demand, sites) array with at least one of each, "
            "or a SparseCost."
        )
    _check_numbers(array, "cost")
    return array


def checked_capacity(capacity: npt.ArrayLike, site_count: int) -> NumberArray:
    """Return the capacities as floats, after refusing NaN, infinite and negative ones."""
    array = np.asarray(capacity, dtype=np.float64)
    if array.shape != (site_count,):
        raise LayerError(
            f"capacity has shape {array.shape} and there are {site_count} sites; give one number per site."
        )
    _check_numbers(array, "capacity")
    return array


def nearest_rows(cost: NumberArray, depth: int, *, above: float = 0.0) -> SparseCost:
    """Return the `depth` cheapest sites of each demand, with the next cost as overflow.

    With fewer than all sites the overflow is not more than any cost left out, so a bound over
    these rows holds for the whole array. With all sites the overflow is the dearest site of the
    row plus `above`.
    """
    demand, sites = cost.shape
    if depth >= sites:
        column = np.tile(np.arange(sites, dtype=np.int32), demand)
        values, overflow = cost.ravel(), cost.max(axis=1) + above
    else:
        order = np.argpartition(cost, depth, axis=1)
        overflow = np.take_along_axis(cost, order[:, depth : depth + 1], axis=1)[:, 0]
        column = order[:, :depth].ravel().astype(np.int32)
        values = np.take_along_axis(cost, order[:, :depth], axis=1).ravel()
    return SparseCost(
        indptr=np.arange(demand + 1, dtype=np.int64) * (column.size // demand),
        indices=column,
        values=values,
        overflow=overflow,
        site_count=sites,
    )


def served_by(cost: SparseCost, is_open: npt.NDArray[np.bool_]) -> tuple[IntArray, NumberArray]:
    """Return the nearest open site of each demand (-1: none) and the cost per unit of weight."""
    by = np.full(cost.overflow.size, -1, dtype=np.int64)
    paid = cost.overflow.astype(np.float64)
    filled = np.flatnonzero(np.diff(cost.indptr) > 0)
    if not filled.size:
        return by, paid
    starts, counts = cost.indptr[filled], np.diff(cost.indptr)[filled]
    values = np.where(is_open[cost.indices], cost.values, np.inf)
    least = np.minimum.reduceat(values, starts)
    # of equally near sites the first by number, whatever the order of the row
    nearest = np.where(values == np.repeat(least, counts), cost.indices, cost.site_count)
    site = np.minimum.reduceat(nearest, starts)
    served = least <= paid[filled]
    by[filled[served]] = site[served]
    paid[filled[served]] = least[served]
    return by, paid


def weighted_rows(cost: SparseCost, weight: NumberArray) -> Rows:
    """Return the weighted, sorted rows of `cost`; entries that overflow undercuts are left out.

    Raises
    ------
    LayerError
        A site stands twice in one row.
    """
    demand_count, site_count = cost.shape
    row = np.repeat(np.arange(demand_count, dtype=np.int32), np.diff(cost.indptr))
    values = cost.values * weight[row]
    overflow = cost.overflow * weight
    useful = values < overflow[row]
    row, values = row[useful], values[useful]
    indices = cost.indices[useful].astype(np.int32)
    rising = (np.diff(values) >= 0.0) | (np.diff(row) > 0)
    if not rising.all():
        order = np.lexsort((values, row))
        indices, values = indices[order], values[order]
    indptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=demand_count))])
    column_wise = sparse.csr_array(
        (np.arange(indices.size), indices, indptr), shape=(demand_count, site_count)
    ).tocsc()
    order, col_rows = column_wise.data, column_wise.indices.astype(np.int32)
    sites = indices[order]
    twice = np.flatnonzero((np.diff(col_rows) == 0) & (np.diff(sites) == 0))
    if twice.size:
        raise LayerError(
            f"Site {sites[twice[0]]} stands more than once in demand row {col_rows[twice[0]]} "
            f"({twice.size} such entries); keep one entry per site and row."
        )
    return Rows(
        indptr=indptr.astype(np.int64),
        indices=indices,
        values=values,
        overflow=overflow,
        col_indptr=column_wise.indptr.astype(np.int64),
        col_rows=col_rows,
        col_values=values[order],
        site_count=site_count,
    )


def _check_pattern(
    indptr: npt.NDArray[np.integer], indices: npt.NDArray[np.integer], site_count: int, *, name: str
) -> int:
    if indptr.ndim != 1 or indptr.size < 2 or indptr[0] != 0 or indptr[-1] != indices.size:
        raise LayerError(
            f"{name}.indptr must rise from 0 to the number of indices ({indices.size}) with one "
            "more entry than there are demands, of which there must be at least one."
        )
    if (np.diff(indptr) < 0).any():
        raise LayerError(f"{name}.indptr falls somewhere; give the row starts in ascending order.")
    if indices.size and (indices.min() < 0 or indices.max() >= site_count):
        raise LayerError(
            f"{name}.indices run from {indices.min()} to {indices.max()} for {site_count} sites; "
            f"allowed are 0 to {site_count - 1}."
        )
    return int(indptr.size - 1)


def _check_numbers(array: npt.NDArray[np.floating], name: str) -> None:
    """Refuse NaN, infinite and negative entries, naming the first of them."""
    bad = ~(np.isfinite(array) & (array >= 0.0))
    if bad.any():
        first = np.unravel_index(int(np.argmax(bad)), array.shape)
        place = ", ".join(str(int(k)) for k in first)
        raise LayerError(
            f"{name}[{place}] is {array[first]} ({int(bad.sum())} such entries); allowed are finite "
            "numbers of at least zero. A site that cannot serve a demand is left out of a SparseCost."
        )
