"""Steiner trees: published optima, exact small answers, and what must hold for every graph."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heat_network import steiner_tree
from heat_network.bounds import Arcs, sharing_bound
from layers.errors import LayerError

OPTIMA = {"vienna_I056": 14171206, "vienna_I052": 13309487, "vienna_I085": 80628079}
quick = settings(
    max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def read_pace(path: Path):
    rows = [line.split() for line in path.read_text().splitlines()]
    edges = np.array([row[1:4] for row in rows if row and row[0] == "E"], dtype=float)
    terminals = np.array([int(row[1]) - 1 for row in rows if row and row[0] == "T"])
    count = next(int(row[1]) for row in rows if row and row[0] == "Nodes")
    return count, edges[:, :2].astype(int) - 1, edges[:, 2], terminals


def dreyfus_wagner(n, edges, length, terminals):
    """Exact length by dynamic programming over sets of terminals (1971)."""
    far = np.full((n, n), np.inf)
    np.fill_diagonal(far, 0.0)
    for (u, v), d in zip(edges, length, strict=True):
        far[u, v] = far[v, u] = min(far[u, v], d)
    for k in range(n):
        far = np.minimum(far, far[:, [k]] + far[[k], :])
    k = len(terminals) - 1
    best = {1 << i: far[terminals[i]].copy() for i in range(k)}
    for size in range(2, k + 1):
        for group in combinations(range(k), size):
            full = sum(1 << i for i in group)
            value = np.full(n, np.inf)
            sub = (full - 1) & full
            while sub:
                value = np.minimum(value, best[sub] + best[full ^ sub])
                sub = (sub - 1) & full
            best[full] = (far + value[None, :]).min(axis=1)
    return float(best[(1 << k) - 1][terminals[-1]])


@st.composite
def graphs(draw):
    seed = draw(st.integers(0, 10**6))
    random = np.random.default_rng(seed)
    n = int(random.integers(5, 22))
    tree = np.array([(i, random.integers(0, i)) for i in range(1, n)])
    more = random.integers(0, n, (int(random.integers(0, 2 * n)), 2))
    edges = np.concatenate([tree, more[more[:, 0] != more[:, 1]]])
    whole = random.random() < 0.5
    length = (
        random.integers(1, 50, len(edges)).astype(float)
        if whole
        else random.uniform(0.1, 9.0, len(edges))
    )
    terminals = random.choice(n, int(random.integers(2, min(n, 7))), replace=False)
    return n, edges, length, terminals


def assert_is_tree(n, edges, terminals, tree):
    chosen = edges[tree.edges]
    nodes = np.unique(np.concatenate([chosen.ravel(), np.setdiff1d(terminals, tree.unreachable)]))
    parent = {int(v): int(v) for v in nodes}

    def top(v):
        while parent[v] != v:
            v = parent[v]
        return v

    for u, v in chosen.tolist():
        a, b = top(u), top(v)
        assert a != b, "a cycle"
        parent[a] = b
    assert len({top(int(v)) for v in nodes}) <= 1, "a part is not joined"


@pytest.mark.parametrize("name", OPTIMA)
def test_vienna_is_solved_within_one_percent_and_never_bounded_above_its_optimum(shared_data, name):
    n, edges, length, terminals = read_pace(shared_data / "cases" / "steiner" / f"{name}.gr")
    tree = steiner_tree(n, edges, length, terminals)
    assert tree.bound <= OPTIMA[name] <= tree.value * (1 + 1e-12)
    assert tree.value <= 1.01 * OPTIMA[name]
    assert tree.gap <= 0.0025
    assert tree.gap == pytest.approx(tree.value / tree.bound - 1)
    assert tree.status == ("optimal" if tree.gap == 0 else "bounded")
    assert len(tree.unreachable) == 0
    assert length[tree.edges].sum() == pytest.approx(tree.value)
    assert_is_tree(n, edges, terminals, tree)


@quick
@given(graphs())
def test_bound_and_value_enclose_the_exact_optimum(graph):
    n, edges, length, terminals = graph
    tree = steiner_tree(n, edges, length, terminals)
    exact = dreyfus_wagner(n, edges, length, terminals)
    assert tree.bound <= exact * (1 + 1e-9) + 1e-9
    assert tree.value >= exact * (1 - 1e-9)
    assert tree.value <= exact * 1.02
    if tree.status == "optimal":
        assert tree.value == pytest.approx(exact, rel=1e-8)
    assert_is_tree(n, edges, terminals, tree)


@quick
@given(graphs(), st.floats(0.01, 1000.0))
def test_scaling_lengths_scales_the_value_and_keeps_the_bound_below(graph, factor):
    n, edges, length, terminals = graph
    one = steiner_tree(n, edges, length + 0.123, terminals)
    two = steiner_tree(n, edges, (length + 0.123) * factor, terminals)
    assert two.value == pytest.approx(one.value * factor, rel=1e-3)
    assert two.bound == pytest.approx(one.bound * factor, rel=1e-3)


@quick
@given(graphs(), st.integers(0, 1000))
def test_renaming_nodes_and_shuffling_edges_changes_nothing_that_matters(graph, seed):
    n, edges, length, terminals = graph
    random = np.random.default_rng(seed)
    name, order = random.permutation(n), random.permutation(len(edges))
    one = steiner_tree(n, edges, length, terminals)
    two = steiner_tree(n, name[edges[order]], length[order], name[terminals])
    assert two.value == pytest.approx(one.value, rel=0.01)
    assert two.bound <= one.value * (1 + 1e-9)
    assert one.bound <= two.value * (1 + 1e-9)


@quick
@given(graphs(), st.integers(0, 1000))
def test_one_more_edge_never_lifts_the_bound_above_the_old_value(graph, seed):
    n, edges, length, terminals = graph
    random = np.random.default_rng(seed)
    extra = random.choice(n, 2, replace=False)
    one = steiner_tree(n, edges, length, terminals)
    two = steiner_tree(n, np.vstack([edges, extra]), np.append(length, 5.0), terminals)
    assert two.bound <= one.value * (1 + 1e-9)
    assert dreyfus_wagner(
        n, np.vstack([edges, extra]), np.append(length, 5.0), terminals
    ) >= two.bound * (1 - 1e-9)


@quick
@given(graphs(), st.integers(0, 1000))
def test_bends_dead_ends_loops_and_dearer_twins_change_nothing(graph, seed):
    n, edges, length, terminals = graph
    random = np.random.default_rng(seed)
    middle = np.arange(n, n + len(edges))  # a bend in every edge
    share = random.uniform(0.1, 0.9, len(edges))
    bent = np.concatenate(
        [np.stack([edges[:, 0], middle], axis=1), np.stack([middle, edges[:, 1]], axis=1)]
    )
    tail = n + len(edges)
    more = np.array([(0, tail), (tail, tail + 1), (tail, tail + 2), (1, 1), tuple(edges[0])])
    far = np.concatenate(
        [length * share, length * (1 - share), [1.0, 1.0, 1.0, 0.5, length[0] * 2]]
    )
    tree = steiner_tree(tail + 3, np.concatenate([bent, more]), far, terminals)
    exact = dreyfus_wagner(n, edges, length, terminals)
    assert tree.bound <= exact * (1 + 1e-9)
    assert exact * (1 - 1e-9) <= tree.value <= exact * 1.02
    assert tree.edges.max() < 2 * len(edges)
    assert far[tree.edges].sum() == pytest.approx(tree.value)
    assert_is_tree(tail + 3, np.concatenate([bent, more]), terminals, tree)


def test_terminals_in_other_parts_are_listed_and_the_rest_is_joined():
    edges = [(0, 1), (1, 2), (3, 4), (5, 5)]
    tree = steiner_tree(7, edges, [2.0, 3.0, 1.0, 1.0], [0, 2, 4, 6, 5, 0])
    assert tree.unreachable.tolist() == [4, 5, 6]
    assert (tree.value, tree.bound, tree.status, tree.edges.tolist()) == (
        5.0,
        5.0,
        "optimal",
        [0, 1],
    )


@pytest.mark.parametrize(("terminals", "unreachable"), [([], []), ([1], []), ([1, 1], [])])
def test_nothing_to_join_costs_nothing(terminals, unreachable):
    tree = steiner_tree(3, [(0, 1)], [1.0], terminals)
    assert (tree.value, tree.bound, tree.gap, tree.status) == (0.0, 0.0, 0.0, "optimal")
    assert tree.edges.tolist() == []
    assert tree.unreachable.tolist() == unreachable


def test_edges_without_length_join_for_nothing():
    tree = steiner_tree(3, [(0, 1), (1, 2)], [0.0, 0.0], [0, 2])
    assert (tree.value, tree.edges.tolist(), tree.status) == (0.0, [0, 1], "optimal")


@pytest.mark.parametrize(
    ("edges", "length", "terminals", "words"),
    [
        ([(0, 1)], [1.0, 2.0], [0], "one length per edge"),
        ([(0, 1)], [-1.0], [0], "at least 0"),
        ([(0, 1)], [np.nan], [0], "finite"),
        ([(0, 9)], [1.0], [0], "edges names node 9"),
        ([(0, 1)], [1.0], [5], "terminals names node 5"),
    ],
)
def test_bad_input_is_one_sentence_with_the_cure(edges, length, terminals, words):
    with pytest.raises(LayerError, match=words):
        steiner_tree(3, edges, length, terminals)


def test_bound_counts_what_each_terminal_pays_by_itself():
    # root 0 - 1 (fixed 10), 1 - 2 and 1 - 3 (fixed 1 each): nothing can be shared better than the tree
    edges = np.array([(0, 1), (1, 2), (1, 3)])
    arcs = Arcs.of(4, edges)
    price = np.repeat([10.0, 1.0, 1.0], 2)
    bound, use = sharing_bound(arcs, price, np.array([2, 3]), root=0)
    assert bound == pytest.approx(12.0, rel=1e-3)
    assert bound <= 12.0
    assert use[[0, 2, 4]] == pytest.approx([1.0, 1.0, 1.0], abs=0.05)
    # a prize caps what a terminal may count
    bound, _ = sharing_bound(arcs, price, np.array([2, 3]), root=0, cap=np.array([3.0, 4.0]))
    assert bound == pytest.approx(7.0, rel=1e-3)
    assert bound <= 7.0


def test_exact_solver_agrees(shared_data):
    steinerpy = pytest.importorskip(
        "steinerpy", reason="steinerpy, an exact solver, is not installed"
    )
    networkx = pytest.importorskip("networkx")
    random = np.random.default_rng(7)
    edges = np.array(
        [(i, i + 1) for i in range(48) if i % 7 != 6] + [(i, i + 7) for i in range(42)]
    )
    length = random.integers(5, 30, len(edges)).astype(float)
    terminals = random.choice(49, 9, replace=False)
    graph = networkx.Graph()
    graph.add_weighted_edges_from(
        (int(u), int(v), float(w)) for (u, v), w in zip(edges, length, strict=True)
    )
    exact = steinerpy.SteinerProblem(graph, [terminals.tolist()]).get_solution().objective
    tree = steiner_tree(49, edges, length, terminals)
    assert tree.bound <= exact + 1e-6
    assert exact - 1e-6 <= tree.value <= exact * 1.01
