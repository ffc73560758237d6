"""The doors of the location models beside p-median: brute force, rules, scaling, refusals."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.errors import InfeasibleError, LayerError
from siting.choice import WITHIN_GAP, Choice
from siting.coverage import annealed, coverage_cost
from siting.location import (
    Cover,
    Quotas,
    SparseCost,
    capacitated_p_median,
    max_coverage,
    p_center,
    p_median,
)
from siting.p_median import fresh_board
from siting.site_rules import site_rules
from siting.sparse_costs import weighted_rows


def allowed_sets(sites, count, *, fixed=(), quotas=None, cliques=()):
    for chosen in combinations(range(sites), count):
        if not set(fixed) <= set(chosen):
            continue
        if quotas is not None:
            held = np.bincount(quotas.group[list(chosen)], minlength=quotas.minimum.size)
            if (held < quotas.minimum).any() or (held > quotas.maximum).any():
                continue
        if any(len(set(c) & set(chosen)) > max(1, len(set(c) & set(fixed))) for c in cliques):
            continue
        yield list(chosen)


@st.composite
def ruled(draw):
    rng = np.random.default_rng(draw(st.integers(0, 100_000)))
    sites, demand = draw(st.integers(4, 7)), draw(st.integers(3, 12))
    count = draw(st.integers(1, sites - 1))
    cost = rng.integers(0, 30, (demand, sites)).astype(float) + draw(st.sampled_from([0.0, 0.37]))
    weight = rng.integers(0, 9, demand) + np.eye(1, demand)[0]
    group = rng.integers(0, 2, sites)
    minimum = rng.integers(0, 2, 2)
    quotas = Quotas(group=group, minimum=minimum, maximum=minimum + rng.integers(0, 4, 2))
    rules = {
        "fixed": rng.choice(sites, draw(st.integers(0, min(2, count))), replace=False),
        "quotas": draw(st.sampled_from([None, quotas])),
        "cliques": [rng.choice(sites, 2, replace=False) for _ in range(draw(st.integers(0, 2)))],
    }
    return cost, weight, count, rules


def settle(model, value, case, *, maximise=False):
    """Compare one door with brute force and return its choice, None where nothing is allowed."""
    cost, _, count, rules = case
    values = [value(sites) for sites in allowed_sets(cost.shape[1], count, **rules)]
    if not values:
        with pytest.raises(InfeasibleError):
            model()
        return None
    choice = model()
    assert choice.objective == pytest.approx(max(values) if maximise else min(values))
    assert choice.status == "proven"
    assert choice.chosen.size == count
    return choice


@settings(max_examples=80, deadline=None)
@given(ruled(), st.integers(0, 20))
def test_coverage_reaches_the_optimum_of_brute_force(case, limit):
    cost, weight, count, rules = case
    covers = cost <= limit
    choice = settle(
        lambda: max_coverage(covers, weight, count, **rules),
        lambda sites: weight[covers[:, sites].any(axis=1)].sum(),
        case,
        maximise=True,
    )
    if choice is not None:
        served = choice.assigned_to >= 0
        assert covers[served, choice.assigned_to[served]].all()
        assert weight[served].sum() == pytest.approx(choice.objective)


@settings(max_examples=60, deadline=None)
@given(ruled())
def test_the_center_reaches_the_optimum_of_brute_force(case):
    cost, _, count, rules = case
    settle(
        lambda: p_center(cost, count, **rules),
        lambda sites: cost[:, sites].min(axis=1).max(),
        case,
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 100_000), st.integers(1, 3), st.booleans())
def test_capacities_reach_the_optimum_of_brute_force(seed, count, leave):
    rng = np.random.default_rng(seed)
    sites, people = 4, 5
    cost = rng.integers(1, 30, (people, sites)).astype(float)
    demand = rng.integers(0, 5, people) + np.eye(1, people)[0]
    capacity = rng.integers(2, 14, sites).astype(float)
    overflow = np.full(people, 25.0)
    best = np.inf
    for chosen in combinations(range(sites), count):
        for by in product([*chosen, -1] if leave else chosen, repeat=people):
            given_to = np.array(by)
            load = np.bincount(given_to[given_to >= 0], demand[given_to >= 0], minlength=sites)
            if (load <= capacity).all():
                paid = np.where(given_to >= 0, cost[np.arange(people), given_to], overflow)
                best = min(best, float(demand @ paid))
    given_cost = cost
    if leave:
        given_cost = SparseCost(
            indptr=np.arange(people + 1) * sites, indices=np.tile(np.arange(sites), people),
            values=cost.ravel(), overflow=overflow, site_count=sites,
        )  # fmt: skip
    if not np.isfinite(best):
        with pytest.raises(InfeasibleError, match=r"short|exists"):
            capacitated_p_median(given_cost, demand, capacity, count)
        return
    choice = capacitated_p_median(given_cost, demand, capacity, count)
    assert choice.objective == pytest.approx(best)
    assert choice.status == "proven"
    served = choice.assigned_to >= 0
    load = np.bincount(choice.assigned_to[served], demand[served], minlength=sites)
    assert (load <= capacity + 1e-9).all()


def test_room_for_everything_makes_the_capacitated_model_a_p_median():
    rng = np.random.default_rng(4)
    cost, demand = (
        np.abs(rng.random((40, 1)) - rng.random((1, 15))),
        rng.integers(1, 9, 40).astype(float),
    )
    free = p_median(cost, demand, 5)
    roomy = capacitated_p_median(cost, demand, np.full(15, demand.sum()), 5)
    tight = capacitated_p_median(cost, demand, np.full(15, demand.sum() / 4.5), 5, time_limit_s=5.0)
    assert roomy.objective == pytest.approx(free.objective)
    assert roomy.status == "proven"
    assert tight.objective > free.objective
    assert tight.bound <= tight.objective
    load = np.bincount(tight.assigned_to, demand, minlength=15)
    assert (load <= demand.sum() / 4.5 + 1e-9).all()


def test_a_cover_and_its_dense_array_give_the_same_answer_and_the_weights_scale():
    rng = np.random.default_rng(9)
    covers, weight = rng.random((80, 40)) < 0.06, rng.integers(1, 50, 80).astype(float)
    dense = max_coverage(covers, weight, 6)
    sparse = max_coverage(Cover.from_dense(covers), weight, 6)
    scaled = max_coverage(covers, 7.0 * weight, 6)
    assert dense.objective == sparse.objective
    assert scaled.objective == pytest.approx(7.0 * dense.objective)
    assert dense.bound >= dense.objective
    fewer = max_coverage(covers[:, :39], weight, 6)
    assert fewer.status == dense.status == "proven"
    assert fewer.objective <= dense.objective


def test_merging_equal_cover_sets_changes_nothing():
    rng = np.random.default_rng(2)
    covers, weight = rng.random((60, 15)) < 0.15, rng.random(60)
    thrice = max_coverage(np.repeat(covers, 3, axis=0), np.repeat(weight / 3.0, 3), 4)
    assert thrice.objective == pytest.approx(max_coverage(covers, weight, 4).objective)


def test_annealing_keeps_the_rules_and_mends_a_poor_start():
    rng = np.random.default_rng(5)
    stands, places = rng.random((60, 2)), rng.random((400, 2))
    covers = np.hypot(*(places[:, None] - stands).transpose(2, 0, 1)) < 0.15
    weight = rng.integers(1, 50, 400).astype(float)
    quotas = Quotas(group=np.arange(60) % 2, minimum=np.array([3, 4]), maximum=np.array([5, 6]))
    rules = site_rules(60, 9, fixed=[2], quotas=quotas, cliques=[[4, 6, 8], [5, 7]])
    rows = weighted_rows(coverage_cost(Cover.from_dense(covers)), weight)
    start = np.isin(np.arange(60), [2, 4, 10, 12, 1, 3, 5, 9, 11])
    assert rules.kept_by(start)
    found = annealed(fresh_board(rows, rules), start, deadline=np.inf)
    assert rules.kept_by(found)
    covered = weight[covers[:, found].any(axis=1)].sum()
    best = max_coverage(
        covers, weight, 9, fixed=[2], quotas=quotas, cliques=[[4, 6, 8], [5, 7]], time_limit_s=20.0
    )
    assert weight[covers[:, start].any(axis=1)].sum() < covered <= best.bound
    assert covered >= 0.97 * best.bound


def test_the_cover_of_a_sparse_cost_holds_what_is_within_the_limit():
    cost = SparseCost(
        indptr=np.array([0, 2, 2, 3]), indices=np.array([0, 1, 1]), values=np.array([5.0, 10.0, 10.1]),
        overflow=np.full(3, 99.0), site_count=2,
    )  # fmt: skip
    cover = cost.within(10.0)
    assert cover.indptr.tolist() == [0, 2, 2, 2]
    assert cover.indices.tolist() == [0, 1]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_a_cut_run_never_says_proven_without_a_proof(seed):
    rng = np.random.default_rng(seed)
    cost = np.abs(rng.random((60, 1)) - rng.random((1, 25))) + np.abs(
        rng.random((60, 1)) - rng.random((1, 25))
    )
    weight = np.ones(60)
    best = p_median(cost, weight, 6)
    cut = p_median(cost, weight, 6, time_limit_s=0.0)
    assert best.status == "proven"
    assert cut.bound <= best.objective + 1e-9 <= cut.objective + 2e-9
    assert (cut.status == "proven") == (cut.gap == 0.0)
    center, cut_center = p_center(cost, 6), p_center(cost, 6, time_limit_s=0.0)
    assert cut_center.bound <= center.objective <= cut_center.objective
    if cut_center.status == "proven":
        assert cut_center.objective == center.objective


@pytest.mark.parametrize(
    ("bound", "maximise", "status"),
    [
        (100.0, False, "proven"),
        (99.5, False, "within_gap"),
        (98.0, False, "limit"),
        (101.5, True, "limit"),
    ],
)
def test_the_status_follows_from_the_gap(bound, maximise, status):
    choice = Choice.judged(
        np.array([0]), np.array([0]), objective=100.0, bound=bound, maximise=maximise
    )
    assert choice.status == status
    assert choice.gap == pytest.approx(abs(100.0 - bound) / 100.0)
    assert WITHIN_GAP == 0.01


def test_bad_capacities_are_refused_in_a_sentence():
    cost = np.ones((3, 2))
    with pytest.raises(LayerError, match=r"capacity\[1\] is -4"):
        capacitated_p_median(cost, [1, 1, 1], [3.0, -4.0], 1)
    with pytest.raises(LayerError, match="one number per site"):
        capacitated_p_median(cost, [1, 1, 1], [3.0], 1)
    with pytest.raises(InfeasibleError, match="hold 5 and the demand is 6: 1 short"):
        capacitated_p_median(cost, [2, 2, 2], [2.0, 3.0], 2)
    with pytest.raises(InfeasibleError, match="demand sums to zero"):
        capacitated_p_median(cost, [0, 0, 0], [2.0, 3.0], 2)
    with pytest.raises(
        InfeasibleError, match="No choice of 2 sites that holds all 3 demands exists"
    ):
        capacitated_p_median(cost, [2, 2, 2], [3.0, 3.0], 2)


def test_bad_covers_and_costs_are_refused_in_a_sentence():
    with pytest.raises(LayerError, match="array of bool, or a Cover"):
        max_coverage(np.ones((2, 2)), [1, 1], 1)
    with pytest.raises(LayerError, match="with at least one of each"):
        p_center(np.ones(3), 1)
    with pytest.raises(LayerError, match="allowed are 0 to 1"):
        Cover(indptr=np.array([0, 1]), indices=np.array([2]), site_count=2)
    with pytest.raises(LayerError, match="must rise from 0"):
        Cover(indptr=np.array([0, 2]), indices=np.array([1]), site_count=2)
    with pytest.raises(LayerError, match=r"SparseCost\.values\[0\] is nan"):
        SparseCost(
            indptr=np.array([0, 1]),
            indices=np.array([0]),
            values=np.array([np.nan]),
            overflow=np.ones(1),
            site_count=1,
        )
