"""Sparse rows against plain loops: nearest open site, sorted rows, columns; and a programme with a gap."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from layers.errors import LayerError
from siting.restricted_core import Programme, solve_programme
from siting.sparse_costs import SparseCost, served_by, weighted_rows

_SITES = 5


@st.composite
def _costs(draw: st.DrawFn) -> SparseCost:
    """Rows of up to five sites in any order; few different costs, so that many are equal."""
    rows = draw(st.lists(st.permutations(range(_SITES)), min_size=1, max_size=6))
    kept = [row[: draw(st.integers(0, _SITES))] for row in rows]
    indices = np.array([site for row in kept for site in row], dtype=np.int64)
    values = draw(
        st.lists(
            st.sampled_from([0.0, 1.0, 2.0, 3.0]), min_size=len(indices), max_size=len(indices)
        )
    )
    overflow = draw(
        st.lists(st.sampled_from([1.0, 2.0, 4.0]), min_size=len(kept), max_size=len(kept))
    )
    return SparseCost(
        indptr=np.cumsum([0, *(len(row) for row in kept)]),
        indices=indices,
        values=np.array(values, dtype=np.float64),
        overflow=np.array(overflow),
        site_count=_SITES,
    )


@settings(max_examples=150, deadline=None)
@given(cost=_costs(), open_sites=st.sets(st.integers(0, _SITES - 1)))
def test_the_nearest_open_site_is_the_first_of_the_cheapest(
    cost: SparseCost, open_sites: set[int]
) -> None:
    is_open = np.isin(np.arange(_SITES), list(open_sites))
    for given_cost in (cost, cost.ascending()):
        by, paid = served_by(given_cost, is_open)
        for row in range(cost.shape[0]):
            part = slice(cost.indptr[row], cost.indptr[row + 1])
            usable = [
                (value, site)
                for site, value in zip(cost.indices[part], cost.values[part], strict=True)
                if site in open_sites and value <= cost.overflow[row]
            ]
            least = min(usable, default=(cost.overflow[row], -1))
            assert (paid[row], by[row]) == least


@settings(max_examples=150, deadline=None)
@given(cost=_costs())
def test_rows_that_are_sorted_before_give_the_same_model(cost: SparseCost) -> None:
    weight = np.arange(1.0, cost.shape[0] + 1.0)
    rows, sorted_rows = weighted_rows(cost, weight), weighted_rows(cost.ascending(), weight)
    for name, one, other in zip(rows._fields, rows, sorted_rows, strict=True):
        np.testing.assert_array_equal(one, other, err_msg=name)
    dense = np.full(cost.shape, np.inf)
    for site in range(_SITES):
        column = slice(rows.col_indptr[site], rows.col_indptr[site + 1])
        assert (np.diff(rows.col_rows[column]) > 0).all()
        dense[rows.col_rows[column], site] = rows.col_values[column]
    for row in range(cost.shape[0]):
        part = slice(rows.indptr[row], rows.indptr[row + 1])
        assert (np.diff(rows.values[part]) >= 0.0).all()
        np.testing.assert_array_equal(dense[row, rows.indices[part]], rows.values[part])
        assert np.isfinite(dense[row]).sum() == part.stop - part.start


def test_a_site_twice_in_a_row_is_refused() -> None:
    cost = SparseCost(
        indptr=np.array([0, 3]),
        indices=np.array([1, 0, 1]),
        values=np.array([1.0, 2.0, 3.0]),
        overflow=np.array([9.0]),
        site_count=2,
    )
    with pytest.raises(LayerError, match="Site 1 stands more than once in demand row 0"):
        weighted_rows(cost, np.ones(1))


@pytest.mark.parametrize("gap", [0.0, 0.5])
def test_a_programme_that_stops_at_a_gap_keeps_a_true_bound(gap: float) -> None:
    """A knapsack whose relaxation is not whole: the bound must never pass the optimum."""
    rng = np.random.default_rng(0)
    size, worth = rng.integers(5, 40, 30), rng.integers(5, 60, 30)
    solved = solve_programme(
        Programme(
            matrix=sparse.csr_array(size[None, :].astype(np.float64)),
            row_lower=np.array([-np.inf]),
            row_upper=np.array([size.sum() / 3.0]),
            cost=-worth.astype(np.float64),
            lower=np.zeros(30),
            upper=np.ones(30),
            integral=np.ones(30, dtype=np.bool_),
            gap=gap,
        ),
        time_limit_s=20.0,
    )
    best = _knapsack(size, worth, int(size.sum() / 3.0))
    assert solved.complete
    assert solved.bound <= -best + 1e-6 <= solved.objective + 2e-6
    if gap == 0.0:
        assert solved.objective == pytest.approx(-best)


def _knapsack(size: np.ndarray, worth: np.ndarray, room: int) -> float:
    best = np.zeros(room + 1)
    for need, gain in zip(size, worth, strict=True):
        best[need:] = np.maximum(best[need:], best[:-need] + gain)
    return float(best[-1])
