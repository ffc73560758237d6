"""p-median: brute force, public optima, metamorphic rules and bounds that hold."""

from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import floyd_warshall

from layers.errors import InfeasibleError, LayerError
from siting.location import Quotas, SparseCost, p_median

PMED_OPTIMA = (5819, 4093, 4250, 3034, 1355, 7824, 5631, 4445, 2734, 1255)


def best_by_trying(cost, weight, count, *, fixed=(), quotas=None, cliques=()):
    """Return the optimum over every set of sites that keeps the rules, None where there is none."""
    best = None
    for sites in combinations(range(cost.shape[1]), count):
        if not set(fixed) <= set(sites):
            continue
        if quotas is not None:
            held = np.bincount(quotas.group[list(sites)], minlength=quotas.minimum.size)
            if (held < quotas.minimum).any() or (held > quotas.maximum).any():
                continue
        room = [max(1, len(set(c) & set(fixed))) for c in cliques]
        if any(len(set(c) & set(sites)) > r for c, r in zip(cliques, room, strict=True)):
            continue
        value = float(weight @ cost[:, list(sites)].min(axis=1))
        best = value if best is None else min(best, value)
    return best


def plane(seed, demand, sites, *, whole=False):
    rng = np.random.default_rng(seed)
    cost = np.hypot(*(rng.random((demand, 1, 2)) - rng.random((1, sites, 2))).transpose(2, 0, 1))
    weight = rng.integers(1, 9, demand).astype(float)
    return (np.rint(cost * 20) if whole else cost), weight


@st.composite
def ruled(draw):
    sites = draw(st.integers(4, 8))
    count = draw(st.integers(1, sites - 1))
    cost, weight = plane(
        draw(st.integers(0, 10_000)), draw(st.integers(3, 12)), sites, whole=draw(st.booleans())
    )
    fixed = draw(st.lists(st.integers(0, sites - 1), max_size=min(2, count), unique=True))
    group = np.array(draw(st.lists(st.integers(0, 1), min_size=sites, max_size=sites)))
    minimum = np.array([draw(st.integers(0, 2)), draw(st.integers(0, 2))])
    maximum = minimum + np.array([draw(st.integers(0, 4)), draw(st.integers(0, 4))])
    quotas = draw(st.sampled_from([None, Quotas(group=group, minimum=minimum, maximum=maximum)]))
    cliques = draw(
        st.lists(
            st.lists(st.integers(0, sites - 1), min_size=2, max_size=3, unique=True), max_size=2
        )
    )
    return cost, weight, count, {"fixed": fixed, "quotas": quotas, "cliques": cliques}


@settings(max_examples=150, deadline=None)
@given(ruled())
def test_small_models_reach_the_optimum_of_brute_force_under_every_rule(case):
    cost, weight, count, rules = case
    best = best_by_trying(cost, weight, count, **rules)
    if best is None:
        with pytest.raises(InfeasibleError):
            p_median(cost, weight, count, **rules)
        return
    choice = p_median(cost, weight, count, **rules)
    assert choice.objective == pytest.approx(best, abs=1e-9)
    assert choice.status == "proven"
    assert choice.bound <= best + 1e-9
    assert set(rules["fixed"]) <= set(choice.chosen.tolist())
    assert choice.chosen.size == count


def all_pairs(path: Path) -> tuple[np.ndarray, int]:
    """Read an OR-Library case; an edge given twice takes its last cost."""
    numbers = np.array(path.read_text().split(), dtype=float)
    nodes, edges, count = numbers[:3].astype(int)
    graph = np.full((nodes, nodes), np.inf)
    for u, v, cost in numbers[3 : 3 + 3 * edges].reshape(-1, 3):
        graph[int(u) - 1, int(v) - 1] = graph[int(v) - 1, int(u) - 1] = cost
    np.fill_diagonal(graph, 0.0)
    return floyd_warshall(graph), int(count)


@pytest.mark.parametrize("number", range(1, 11))
def test_or_library_cases_are_solved_and_proven(shared_data, number):
    cost, count = all_pairs(shared_data / "cases" / "pmedian" / f"pmed{number}.txt")
    choice = p_median(cost, np.ones(len(cost)), count, time_limit_s=900.0)
    assert choice.objective == PMED_OPTIMA[number - 1]
    assert choice.bound == choice.objective
    assert choice.status == "proven"
    assert cost[np.arange(len(cost)), choice.assigned_to].sum() == choice.objective


def test_the_bound_of_a_quota_is_that_of_the_model_with_the_quota():
    cost, weight = plane(5, 60, 24)
    free = p_median(cost, weight, 6)
    group = (np.arange(24) % 3).astype(int)
    held = np.bincount(group[free.chosen], minlength=3)
    least = np.where(np.arange(3) == held.argmin(), 5, 0)
    quotas = Quotas(group=group, minimum=least, maximum=np.full(3, 24))
    tied = p_median(cost, weight, 6, quotas=quotas)
    assert tied.status == "proven"
    assert tied.objective > free.objective + 1e-9
    assert np.bincount(group[tied.chosen], minlength=3)[held.argmin()] >= 5


def test_dense_and_sparse_costs_give_the_same_answer():
    cost, weight = plane(3, 80, 30)
    sparse = SparseCost(
        indptr=np.arange(81) * 30,
        indices=np.tile(np.arange(30), 80),
        values=cost.ravel(),
        overflow=cost.max(axis=1) + 1.0,
        site_count=30,
    )
    one, two = p_median(cost, weight, 7), p_median(sparse, weight, 7)
    assert one.objective == pytest.approx(two.objective)
    assert one.status == two.status == "proven"
    np.testing.assert_array_equal(one.assigned_to, two.assigned_to)


def test_demand_with_no_open_site_in_its_row_pays_the_overflow():
    sparse = SparseCost(
        indptr=np.array([0, 1, 2, 2]),
        indices=np.array([0, 1]),
        values=np.array([1.0, 2.0]),
        overflow=np.array([10.0, 30.0, 5.0]),
        site_count=2,
    )
    choice = p_median(sparse, [1.0, 1.0, 2.0], 1)
    assert choice.chosen.tolist() == [1]
    assert choice.assigned_to.tolist() == [-1, 1, -1]
    assert choice.objective == 10.0 + 2.0 + 2 * 5.0


def test_a_large_dense_array_is_cut_to_the_nearest_sites_without_losing_the_truth(monkeypatch):
    cost, weight = plane(11, 400, 120)
    whole = p_median(cost, weight, 3)
    monkeypatch.setattr("siting.location._DENSE_ENTRIES", 1000)
    cut = p_median(cost, weight, 3)
    assert cut.bound <= whole.objective + 1e-9
    assert cut.objective == pytest.approx(whole.objective, rel=5e-3)
    assert cut.objective == pytest.approx(weight @ cost[:, cut.chosen].min(axis=1))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 5))
def test_one_candidate_more_never_worsens_a_proven_optimum(seed, count):
    cost, weight = plane(seed, 40, 16)
    fewer, more = p_median(cost[:, :15], weight, count), p_median(cost, weight, count)
    assert fewer.status == more.status == "proven"
    assert more.objective <= fewer.objective + 1e-9


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.25, 3.0, 1e6]))
def test_weights_and_costs_scale(seed, factor):
    cost, weight = plane(seed, 40, 14)
    base = p_median(cost, weight, 4).objective
    assert p_median(cost, weight * factor, 4).objective == pytest.approx(base * factor)
    assert p_median(cost * factor, weight, 4).objective == pytest.approx(base * factor)


def test_one_site_more_never_costs_more_and_all_sites_are_free():
    cost, weight = plane(8, 50, 12)
    values = [p_median(cost, weight, count).objective for count in range(1, 13)]
    assert all(a >= b - 1e-9 for a, b in pairwise(values))
    assert values[-1] == pytest.approx(weight @ cost.min(axis=1))


def test_a_cut_run_keeps_a_valid_bound_and_says_so():
    cost, weight = plane(4, 600, 150)
    cut = p_median(cost, weight, 15, time_limit_s=0.0)
    full = p_median(cost, weight, 15)
    assert cut.status != "proven"
    assert cut.bound <= full.objective <= cut.objective
    assert cut.gap == pytest.approx((cut.objective - cut.bound) / cut.objective)


def test_fixed_sites_too_close_to_each_other_stay_but_take_no_neighbour():
    cost, weight = plane(2, 30, 8)
    choice = p_median(cost, weight, 4, fixed=(0, 1), cliques=[(0, 1, 2, 3)])
    assert {0, 1} <= set(choice.chosen.tolist())
    assert not {2, 3} & set(choice.chosen.tolist())


def test_an_impossible_spacing_is_refused():
    cost, weight = plane(2, 30, 6)
    with pytest.raises(InfeasibleError, match="spacing"):
        p_median(cost, weight, 4, cliques=[(0, 1, 2), (3, 4, 5)])


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"count": 7}, InfeasibleError, "7 sites and there are 6 candidates"),
        ({"count": 0}, InfeasibleError, "allowed are 1 to 6"),
        ({"weight": np.zeros(5)}, InfeasibleError, "weight sums to zero"),
        ({"weight": np.ones(4)}, LayerError, "one number per row"),
        ({"weight": np.array([1, 1, -1, 1, 1.0])}, LayerError, r"weight\[2\] is -1.0"),
        ({"fixed": (9,)}, LayerError, "fixed names site 9"),
        ({"fixed": (0, 1, 2)}, InfeasibleError, "fixed holds 3 sites"),
        ({"cliques": [(0, 6)]}, LayerError, "cliques names site 6"),
    ],
)
def test_bad_arguments_are_refused_in_a_sentence(change, error, words):
    cost, _ = plane(1, 5, 6)
    given_ = {"cost": cost, "weight": np.ones(5), "count": 2} | change
    with pytest.raises(error, match=words):
        p_median(given_.pop("cost"), given_.pop("weight"), given_.pop("count"), **given_)


def test_a_cost_that_is_no_number_is_named():
    cost, weight = plane(1, 5, 6)
    cost[3, 2] = np.nan
    with pytest.raises(LayerError, match=r"cost\[3, 2\] is nan"):
        p_median(cost, weight, 2)


def test_a_site_twice_in_a_row_is_refused():
    sparse = SparseCost(
        indptr=np.array([0, 2]), indices=np.array([1, 1]), values=np.array([1.0, 2.0]),
        overflow=np.array([9.0]), site_count=2,
    )  # fmt: skip
    with pytest.raises(LayerError, match="Site 1 stands more than once in demand row 0"):
        p_median(sparse, [1.0], 1)


def quotas_of(minimum, maximum):
    group = np.array([0, 0, 0, 0, 1, 1])
    names = ("高青县", "沂源县")
    return Quotas(group=group, minimum=np.array(minimum), maximum=np.array(maximum), names=names)


@pytest.mark.parametrize(
    ("minimum", "maximum", "fixed", "words"),
    [
        ([0, 3], [6, 6], (), "沂源县 for at least 3 sites and it has 2 candidates: 1 short"),
        ([2, 2], [6, 6], (), r"need 4 sites \(高青县 2, 沂源县 2\) and count allows 3: 1 short"),
        ([0, 0], [1, 1], (), r"allow 2 \(高青县 1, 沂源县 1\): 1 short"),
        ([0, 0], [1, 6], (0, 1), "高青县 at most 1 sites and 2 are fixed there"),
    ],
)
def test_an_impossible_quota_names_the_county_and_the_shortfall(minimum, maximum, fixed, words):
    cost, weight = plane(1, 5, 6)
    with pytest.raises(InfeasibleError, match=words):
        p_median(cost, weight, 3, fixed=fixed, quotas=quotas_of(minimum, maximum))


def test_a_quota_table_that_contradicts_itself_is_refused():
    with pytest.raises(LayerError, match="沂源县 for at least 3 and at most 2"):
        quotas_of([0, 3], [1, 2])
