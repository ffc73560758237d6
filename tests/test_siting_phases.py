"""Phases, Pareto points and losses against brute force and by hand."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.errors import InfeasibleError, LayerError
from siting.location import Quotas, SparseCost, max_coverage, p_median
from siting.pareto import pareto, priced_points
from siting.phases import nested_phases, site_losses
from siting.sparse_costs import nearest_rows


def plane(seed, demand, sites):
    rng = np.random.default_rng(seed)
    cost = np.hypot(*(rng.random((demand, 1, 2)) - rng.random((1, sites, 2))).transpose(2, 0, 1))
    return cost, rng.integers(1, 9, demand).astype(float)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_phases_are_nested_and_the_price_is_that_of_brute_force(seed):
    cost, weight = plane(seed, 20, 9)
    phases = nested_phases(cost, weight, [1, 3, 5], fixed=(2,))
    for earlier, later in pairwise(phases):
        assert set(earlier.choice.chosen) <= set(later.choice.chosen)
        within = [
            weight @ cost[:, list(sites)].min(axis=1)
            for sites in combinations(later.choice.chosen.tolist(), earlier.choice.chosen.size)
            if 2 in sites
        ]
        assert earlier.choice.objective == pytest.approx(min(within))
        alone = min(
            weight @ cost[:, [2, *sites]].min(axis=1)
            for sites in combinations(
                [k for k in range(9) if k != 2], earlier.choice.chosen.size - 1
            )
        )
        assert earlier.alone.objective == pytest.approx(alone)
        assert earlier.price == pytest.approx(min(within) / alone - 1.0)
        assert earlier.price >= -1e-12
    assert phases[-1].price == 0.0
    assert [p.choice.chosen.size for p in phases] == [1, 3, 5]


def test_phases_of_a_coverage_follow_the_demand_of_each_year_and_the_county_maximum():
    rng = np.random.default_rng(3)
    covers = rng.random((60, 12)) < 0.2
    weights = rng.integers(1, 9, (2, 60)).astype(float)
    quotas = Quotas(group=np.arange(12) % 2, minimum=np.array([3, 2]), maximum=np.array([3, 9]))
    first, last = nested_phases(covers, weights, [2, 5], quotas=quotas)
    assert last.alone.objective == max_coverage(covers, weights[1], 5, quotas=quotas).objective
    best = max(
        weights[0][covers[:, list(two)].any(axis=1)].sum()
        for two in combinations(last.choice.chosen.tolist(), 2)
    )
    assert first.choice.objective == best
    assert first.price == pytest.approx(1.0 - best / first.alone.objective)


def test_phases_that_shrink_are_refused():
    cost, weight = plane(1, 8, 5)
    with pytest.raises(LayerError, match="never falling"):
        nested_phases(cost, weight, [3, 2])
    with pytest.raises(LayerError, match="one row, or one per phase"):
        nested_phases(cost, np.ones((3, 8)), [2, 3])


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_every_pareto_point_keeps_its_share_and_its_bound(seed):
    cost, weight = plane(seed, 18, 8)
    limit = 0.25
    everything = [
        (weight @ cost[:, list(s)].min(axis=1), weight[cost[:, list(s)].min(axis=1) <= limit].sum())
        for s in combinations(range(8), 3)
    ]
    most = max(covered for _, covered in everything) / weight.sum()
    shares = [0.0, 0.5 * most, 0.9 * most, most - 1e-9]
    points = pareto(cost, weight, 3, limit=limit, shares=shares)
    for share, point in zip(shares, points, strict=True):
        best = min(value for value, covered in everything if covered >= share * weight.sum() - 1e-6)
        assert point.reached >= share - 1e-9
        assert point.choice.bound <= best + 1e-9
        assert point.choice.objective >= best - 1e-9
        assert weight @ cost[:, point.choice.chosen].min(axis=1) == pytest.approx(
            point.choice.objective
        )
        if point.choice.status == "proven":
            assert point.choice.objective == pytest.approx(best)
    assert points[0].choice.status == "proven"  # without a share it is the plain p-median
    assert points[0].choice.objective == pytest.approx(p_median(cost, weight, 3).objective)
    assert all(a.choice.bound <= b.choice.bound + 1e-9 for a, b in pairwise(points))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_every_priced_point_is_the_least_cost_of_its_share(seed):
    cost, weight = plane(seed, 18, 8)
    limit = 0.25
    everything = [
        (weight @ cost[:, list(s)].min(axis=1), weight[cost[:, list(s)].min(axis=1) <= limit].sum())
        for s in combinations(range(8), 3)
    ]
    points = priced_points(
        nearest_rows(cost, 8, above=1.0), weight, 3, limit=limit, prices=[0.0, 0.25, 4.0]
    )
    for point in points:
        best = min(
            value for value, covered in everything if covered >= point.share * weight.sum() - 1e-9
        )
        assert point.choice.status == "proven"
        assert point.choice.objective == pytest.approx(best)
        assert point.reached == pytest.approx(point.share)
    assert points[0].choice.objective == pytest.approx(p_median(cost, weight, 3).objective)
    assert all(a.reached < b.reached for a, b in pairwise(points))


def test_a_share_that_nobody_reaches_names_the_greatest_one():
    cost = np.array([[0.0, 9.0], [9.0, 0.0]])
    with pytest.raises(
        InfeasibleError, match=r"serves 80\.0% .* the greatest share found is 75.0%"
    ):
        pareto(cost, [3.0, 1.0], 1, limit=1.0, shares=[0.8])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4))
def test_losses_and_replacements_are_those_of_solving_again(seed, count):
    cost, weight = plane(seed, 20, 8)
    chosen = np.sort(np.random.default_rng(seed).choice(8, count, replace=False))
    now = weight @ cost[:, chosen].min(axis=1)
    losses = site_losses(cost, weight, chosen)
    assert losses.site.tolist() == chosen.tolist()
    for k, site in enumerate(chosen.tolist()):
        rest = [s for s in chosen.tolist() if s != site]
        assert losses.loss[k] == pytest.approx(weight @ cost[:, rest].min(axis=1) - now)
        others = {
            s: weight @ cost[:, [*rest, s]].min(axis=1) - now for s in range(8) if s not in chosen
        }
        assert losses.replaced_loss[k] == pytest.approx(min(others.values()))
        assert others[losses.replacement[k]] == pytest.approx(min(others.values()))


def test_a_replacement_keeps_the_quota_and_the_spacing():
    cost = np.abs(
        np.array([0.0, 1.0, 5.0, 6.0, 9.0])[:, None] - np.array([0.0, 1.0, 5.0, 6.0, 9.0])
    )
    weight = np.ones(5)
    assert site_losses(cost, weight, [0, 2]).replacement[0] == 1
    assert site_losses(cost, weight, [0, 2], cliques=[(1, 2)]).replacement[0] != 1
    quotas = Quotas(
        group=np.array([0, 1, 1, 1, 0]), minimum=np.array([1, 1]), maximum=np.array([1, 1])
    )
    assert site_losses(cost, weight, [0, 2], quotas=quotas).replacement[0] == 4


def test_the_only_site_cannot_be_lost_and_coverage_counts_what_is_lost():
    cost, weight = plane(1, 10, 4)
    assert site_losses(cost, weight, [1]).loss[0] == np.inf
    covers = np.array([[True, False], [True, True], [False, True]])
    losses = site_losses(covers, [5.0, 3.0, 2.0], [0, 1])
    assert losses.loss.tolist() == [5.0, 2.0]
    assert losses.replacement.tolist() == [-1, -1]
    sparse = SparseCost(
        indptr=np.array([0, 1]),
        indices=np.array([0]),
        values=np.array([2.0]),
        overflow=np.array([7.0]),
        site_count=2,
    )
    assert site_losses(sparse, [1.0], [0]).loss.tolist() == [5.0]
