"""Heat networks at true cost: which pipes join consumers to sources, and how near that is to the best."""

__all__ = ["Network", "route"]

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from heat_network.bounds import Arcs, sharing_bound
from heat_network.graph import StreetGraph
from heat_network.network_tables import connection_rows, node_rows, pipe_rows
from heat_network.region_kernel import improve_tree
from heat_network.routing_assumptions import RoutingAssumptions
from heat_network.routing_inputs import check_inputs
from heat_network.routing_problem import Problem, filled_column, reduce
from heat_network.source_cells import source_cells
from heat_network.steiner_kernel import FloatArray, IntArray, grow_tree, hang_tree, shortest_paths

BoolArray = npt.NDArray[np.bool_]
_DIVERSITY = 0.62  # f(n) = 0.62 + 0.38 / n >= 0.62, THERMOS
_MULTIPLES = (4.0, 8.0, 16.0, 32.0)  # radial weights of the heuristic, in typical demands
_FEW = 1000  # consumers that are worth a second search
_CROWD, _CROWD_EFFORT = 5000, 2.5e8  # many small consumers gain little from more
_EFFORT = 4.8e8  # of the bound; a quick one works this much for each consumer
_QUICK_EFFORT = 1e5


@dataclass(frozen=True, kw_only=True)
class Network:
    """A heat network and what is proven about it.

    Attributes
    ----------
    nodes, pipes, connections : frames
        `network_nodes`, `network_pipes` and one `network_connections` row per consumer.
    value_cny : float
        Price of the pipes by the linear rule plus the prizes of profitable consumers left out [CNY].
    bound_cny : float
        No network for the same consumers, prizes and sources costs less by the same rule [CNY].
    gap : float
        value / bound - 1.
    status : {"optimal", "bounded"}
        "optimal" only where value and bound meet to 1e-9.
    covers : str
        Which cost value and bound count, in words.
    load_kw : Series
        Sum of the peaks that each source feeds [kW].
    """

    nodes: Any
    pipes: Any
    connections: pd.DataFrame
    value_cny: float
    bound_cny: float
    gap: float
    status: str
    covers: str
    load_kw: pd.Series


def route(
    graph: StreetGraph,
    consumers: pd.DataFrame,
    sources: pd.DataFrame,
    *,
    cost: RoutingAssumptions,
    joined: bool = False,
    quick: bool = False,
) -> Network:
    """Choose the pipes that serve the consumers at least cost, with a certified lower bound.

    A metre of pipe costs a fixed price (trench, pipe, capitalised heat loss) and a price per kW it
    carries. The network is grown by radially weighted shortest paths, improved by exact reconnection of
    small neighbourhoods, pruned exactly where prizes allow consumers to stay away, and bounded as proven
    in :mod:`heat_network.bounds`.

    Parameters
    ----------
    graph : StreetGraph
    consumers : DataFrame
        By consumer_id: `node` (a graph node, missing where unreachable), `peak_kw` [kW] and, optionally,
        `prize_cny` [CNY]: what heating it otherwise costs; missing where it must be connected.
    sources : DataFrame
        By source_id: `node` and, optionally, `capacity_kw` [kW] (missing: unlimited), `connection_cny`
        [CNY] paid once when it is used, and `heat_cny_kw` [CNY/kW], its heat's extra price over the
        cheapest source, capitalised per kW of peak.
    cost : RoutingAssumptions
    joined : bool
        Whether the sources' trees are linked into one network by the shortest links; otherwise one
        tree per source.
    quick : bool
        Search less around the first tree and prove less tightly: for the many small trees of a city.

    Raises
    ------
    LayerError
        A node that the graph does not have, a negative peak or price.
    InfeasibleError
        No source at all.
    """
    check_inputs(graph, consumers, sources)
    base, reachable = _problem(graph, consumers, sources, cost=cost)
    # capacities count undiversified peaks, priced demand may count 0.62 of them
    capacity = filled_column(sources, "capacity_kw", np.inf) * (
        _DIVERSITY if cost.diversity else 1.0
    )
    reduced, chains = reduce(base)
    used, price = _design(reduced, np.zeros(len(reduced.fixed)), quick=quick)
    within, full = _within(base, chains.spread(used), capacity)
    if within is base:
        bound, use = _bound(reduced, used, price=price, quick=quick)
        # along the flows of the bound once more, where that is not dear beside the bound
        again = not quick and bound < price and (reduced.demand > 0).sum() <= _FEW
        other, lower = _design(reduced, use) if again else (used, price)
        used = other if lower < price else used
    else:
        reduced, chains = reduce(within)
        used, _ = _design(reduced, np.zeros(len(reduced.fixed)), quick=quick)
    used = chains.spread(used)
    left_out = (_served(base, used) & ~full) ^ (base.demand > 0)
    stranded = left_out & (full | ~np.isfinite(base.prize))
    counted = replace(base, demand=np.where(stranded, 0.0, base.demand))
    value = _price(counted, used) + float(counted.prize[left_out & ~stranded].sum())
    if (
        stranded.any() or within is not base
    ):  # areas are a choice, so the bound is that of all streets
        reduced, chains = reduce(counted)
        bound, _ = _bound(reduced, chains.gather(used), price=value, quick=quick)
    bound = min(bound, value)
    links = _links(base, used) if joined else np.zeros(0, np.int64)
    streets = graph.edges
    far = streets["length_m"].to_numpy(float) + streets["extra_m"].to_numpy(float)
    extra = float(far[links].sum() * cost.fixed_cny_m)
    return _network(
        graph, consumers, sources, cost=cost, problem=base, chosen=(used, links, reachable),
        full=full, proof=(value + extra, bound),
    )  # fmt: skip


def _within(base: Problem, used: BoolArray, capacity: FloatArray) -> tuple[Problem, BoolArray]:
    """Return the problem parted into areas of the sources, and whom they have no room for.

    The problem itself where no source is overfull.
    """
    parent, above, order, load = _loads(base, used)
    first = order[1:][above[order[1:]] == base.root]
    gate = (parent[first] >> 1) - base.streets
    if not (load[first] > capacity[gate] * (1.0 + 1e-9)).any():
        return base, np.zeros(base.node_count, np.bool_)
    asks = np.where(_served(base, used), base.demand, 0.0)
    cells = source_cells(base.arcs, base.fixed, root=base.root, demand=asks, capacity=capacity)
    shut = np.repeat(cells.apart, 2)
    full = (asks > 0) & ~cells.room
    parted = replace(
        base,
        fixed=np.where(shut, 1e15, base.fixed),
        linear=np.where(shut, 1e15, base.linear),
        demand=np.where(full | (asks <= 0), 0.0, base.demand),
    )
    return parted, full


def _problem(
    graph: StreetGraph, consumers: pd.DataFrame, sources: pd.DataFrame, *, cost: RoutingAssumptions
) -> tuple[Problem, BoolArray]:
    n = len(graph.nodes)
    far = graph.edges["length_m"].to_numpy(np.float64)
    extra = graph.edges["extra_m"].to_numpy(np.float64)
    at = graph.nodes.index.get_indexer(sources["node"])
    edges = np.concatenate([graph.ends, np.stack([np.full(len(at), n), at], axis=1)]).astype(
        np.int64
    )
    arcs = Arcs.of(n + 1, edges)
    share = _DIVERSITY if cost.diversity else 1.0
    fixed = np.concatenate(
        [(far + extra) * cost.fixed_cny_m, filled_column(sources, "connection_cny", 0.0)]
    )
    linear = np.concatenate(
        [far * cost.pipe_linear_cny_kw_m, filled_column(sources, "heat_cny_kw", 0.0) / share]
    )
    linear = np.repeat(linear, 2)
    fixed = np.repeat(fixed, 2)
    # nothing flows back into the super-source
    linear[2 * len(far) + 1 :: 2] = 1e15
    fixed[2 * len(far) + 1 :: 2] = 1e15
    near = shortest_paths(arcs.indptr, arcs.head, arcs.arc, linear, n)
    peak = filled_column(consumers, "peak_kw", 0.0) * share
    node = graph.nodes.index.get_indexer(consumers["node"].fillna(""))
    reachable = (node >= 0) & np.isfinite(near[node])
    taking = reachable & (peak > 0)
    demand = np.bincount(node[taking], weights=peak[taking], minlength=n + 1).astype(np.float64)
    prize = np.bincount(
        node[taking], weights=filled_column(consumers, "prize_cny", np.inf)[taking], minlength=n + 1
    ).astype(np.float64)
    return Problem(arcs, fixed, linear, demand, prize, n, len(far)), reachable


def _tree(problem: Problem, used: BoolArray) -> tuple[IntArray, IntArray, IntArray]:
    n = problem.node_count
    parent, above, order = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    arcs = problem.arcs
    count = hang_tree(arcs.indptr, arcs.head, arcs.arc, used, problem.root, parent, above, order)
    return parent, above, order[:count]


def _served(problem: Problem, used: BoolArray) -> BoolArray:
    served: BoolArray = (_tree(problem, used)[0] != -2) & (problem.demand > 0)
    return served


def _loads(problem: Problem, used: BoolArray) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    parent, above, order = _tree(problem, used)
    load = np.where(parent != -2, problem.demand, 0.0)
    for v in order[:0:-1].tolist():
        load[above[v]] += load[v]
    return parent, above, order, load


def _price(problem: Problem, used: BoolArray) -> float:
    parent, _, order, load = _loads(problem, used)
    inner = order[1:]
    return float((problem.fixed[parent[inner]] + problem.linear[parent[inner]] * load[inner]).sum())


def _design(problem: Problem, use: FloatArray, *, quick: bool = False) -> tuple[BoolArray, float]:
    """Grow along the arcs a fractional solution uses (0: none known), improve and prune."""
    terminal, near, used = _grown(problem, use)
    return _pruned(problem, terminal, near, used=used, quick=quick)


def _grown(problem: Problem, use: FloatArray) -> tuple[BoolArray, FloatArray, BoolArray]:
    """Return who may pay, the least linear prices, and the cheapest of the trees grown to them."""
    arcs = problem.arcs
    near = shortest_paths(arcs.indptr, arcs.head, arcs.arc, problem.linear, problem.root)
    near = np.where(np.isfinite(near), near, 0.0)  # demand stands at reached nodes only
    terminal = (problem.demand > 0) & (problem.prize > problem.demand * near)
    typical = float(np.median(problem.demand[terminal])) if terminal.any() else 0.0
    demand = np.where(terminal, problem.demand, 0.0)
    trial = replace(problem, demand=demand)
    busy = np.repeat(use.reshape(-1, 2).max(axis=1), 2)
    lured = problem.fixed * (1.2 - busy)
    grown: list[tuple[float, BoolArray]] = []
    for multiple in _MULTIPLES:
        parent = grow_tree(
            arcs.indptr, arcs.head, arcs.arc, lured, problem.linear, terminal, problem.root,
            multiple * typical,
        )  # fmt: skip
        used = np.zeros(len(lured) // 2, np.bool_)
        used[parent[parent >= 0] >> 1] = True
        grown.append((_price(trial, used), used))
    grown.sort(key=lambda item: item[0])
    return terminal, near, grown[0][1]


def _pruned(
    problem: Problem, terminal: BoolArray, near: FloatArray, *, used: BoolArray, quick: bool
) -> tuple[BoolArray, float]:
    """Improve a tree and prune it to what its prizes pay for, until both agree."""
    most = 5 if terminal.sum() <= 3000 else 3
    trial = replace(problem, demand=np.where(terminal, problem.demand, 0.0))
    for _ in range(3):
        # far exchanges of few parts first, then near ones of more
        if not quick:
            _improve(trial, used, terminal, near=near, most=3, room=1000)
        _improve(trial, used, terminal, near=near, most=3 if quick else most, room=300)
        keep = _profitable(trial, used)
        if keep.sum() == terminal.sum():
            break
        terminal = keep
        trial = replace(problem, demand=np.where(keep, problem.demand, 0.0))
    outside = (problem.demand > 0) & ~terminal
    return used, _price(trial, used) + float(problem.prize[outside].sum())


def _improve(
    problem: Problem,
    used: BoolArray,
    terminal: BoolArray,
    *,
    near: FloatArray,
    most: int,
    room: int,
) -> None:
    arcs = problem.arcs
    improve_tree(
        arcs.indptr, arcs.head, arcs.arc, problem.fixed, problem.linear, problem.demand, terminal,
        problem.root, used, near, most, room, 20,
    )  # fmt: skip


def _profitable(problem: Problem, used: BoolArray) -> BoolArray:
    """Prune exactly: the subtree and consumers of greatest prize less cost; returns who stays.

    In a given tree the linear price of a consumer is its own (peak x linear distance), so the best
    choice follows from leaf to root: a branch stays when what it earns exceeds the trench to it.
    """
    parent, above, order = _tree(problem, used)
    depth = np.zeros(problem.node_count)
    for v in order[1:].tolist():
        depth[v] = depth[above[v]] + problem.linear[parent[v]]
    with np.errstate(invalid="ignore"):
        earns = np.where(problem.demand > 0, problem.prize - problem.demand * depth, 0.0)
    kept = (earns > 0) & (problem.demand > 0)
    worth = np.where(kept, earns, 0.0)
    stays = np.ones(problem.node_count, np.bool_)
    for v in order[:0:-1].tolist():
        gain = worth[v] - problem.fixed[parent[v]]
        if gain > 0:
            worth[above[v]] += gain
        else:
            stays[v] = False
    for v in order[1:].tolist():
        stays[v] &= stays[above[v]]
    reached = np.zeros(problem.node_count, np.bool_)
    reached[order] = True
    gone = order[1:][~stays[order[1:]]]
    used[parent[gone] >> 1] = False
    return kept & stays & reached


def _bound(
    problem: Problem, used: BoolArray, *, price: float, quick: bool = False
) -> tuple[float, FloatArray]:
    """Bound the price of serving the consumers; capacities are relaxed, which keeps it a bound.

    A bound that meets `price`, what the tree in use costs, is not sought further. Returns the bound and
    how far a fractional solution uses each arc.
    """
    arcs, linear = problem.arcs, problem.linear
    near = shortest_paths(arcs.indptr, arcs.head, arcs.arc, linear, problem.root)
    taking = np.flatnonzero(problem.demand > 0)
    radial = problem.demand[taking] * near[taking]
    cap = problem.prize[taking] - radial
    inside = cap > 0
    constant = float(radial[inside].sum() + problem.prize[taking[~inside]].sum())
    tail, head = arcs.ends
    reached = np.isfinite(near[tail]) & np.isfinite(near[head]) & (problem.fixed < 1e15)
    detour = np.zeros(len(linear))
    detour[reached] = np.maximum(0.0, linear[reached] + near[tail[reached]] - near[head[reached]])
    detour[problem.fixed >= 1e15] = 1e15
    fixed = np.where(problem.fixed < 1e15, problem.fixed, 0.0)
    parent = _tree(problem, used)[0]
    guide = np.zeros(len(linear), np.bool_)
    guide[parent[parent >= 0]] = True
    terminals = taking[inside]
    effort = _EFFORT if len(terminals) <= _CROWD else _CROWD_EFFORT
    bound, use = sharing_bound(
        arcs, fixed, terminals, root=problem.root, own=(problem.demand[terminals], detour),
        cap=cap[inside], guide=(guide, price - constant),
        effort=_QUICK_EFFORT * len(terminals) if quick else effort,
    )  # fmt: skip
    return constant * (1.0 - 1e-10) + bound, use


def _links(problem: Problem, used: BoolArray) -> IntArray:
    """Shortest links that join the trees in use: a minimum spanning tree over the gaps between them."""
    street = np.zeros(len(used), np.bool_)
    street[: problem.streets] = used[: problem.streets]
    head = problem.arcs.ends[1][2 * problem.streets :: 2][used[problem.streets :]]
    if len(head) < 2:
        return np.zeros(0, np.int64)
    terminal = np.zeros(problem.node_count, np.bool_)
    terminal[head] = True
    price = np.where(np.repeat(street, 2), 0.0, problem.fixed)
    price[2 * problem.streets :] = 1e15
    arcs = problem.arcs
    zeros = np.zeros(len(price))
    parent = grow_tree(arcs.indptr, arcs.head, arcs.arc, price, zeros, terminal, int(head[0]), 0.0)
    edge = np.unique(parent[parent >= 0] >> 1)
    return edge[(edge < problem.streets) & ~street[edge]]


def _network(
    graph: StreetGraph,
    consumers: pd.DataFrame,
    sources: pd.DataFrame,
    *,
    cost: RoutingAssumptions,
    problem: Problem,
    chosen: tuple[BoolArray, IntArray, BoolArray],
    full: BoolArray,
    proof: tuple[float, float],
) -> Network:
    used, links, reachable = chosen
    value, bound = proof
    parent, above, order = _tree(problem, used)
    near = shortest_paths(
        problem.arcs.indptr, problem.arcs.head, problem.arcs.arc, problem.linear, problem.root
    )
    near = np.where(problem.demand > 0, near, 0.0)
    hung = (parent, above, order)
    connections = connection_rows(
        graph, consumers, sources, hung=hung, reachable=reachable, radial_cny=problem.demand * near,
        full=full,
    )  # fmt: skip
    pipes = pipe_rows(graph, connections, hung=hung, links=links, cost=cost)
    nodes = node_rows(graph, connections, sources, hung=hung, links=links)
    proven = value - bound <= 1e-9 * value
    load = connections.loc[connections["connected"]].groupby("source_id")["peak_kw"].sum()
    rule = "fixed price per metre (trench, pipe, capitalised heat loss) plus price per kW and metre"
    flow = (
        "of 0.62 of the summed peaks, which lies under the diversified peak of every pipe"
        if cost.diversity
        else "of the summed peaks without diversity"
    )
    return Network(
        nodes=nodes,
        pipes=pipes,
        connections=connections,
        value_cny=value,
        bound_cny=bound,
        gap=0.0 if proven else (value / bound - 1.0 if bound > 0 else float("inf")),
        status="optimal" if proven else "bounded",
        covers=f"{rule}, {flow}, plus prizes of consumers left out"
        + (", without those whom no source has room for" if full.any() else ""),
        load_kw=load.reindex(sources.index.astype("str")).fillna(0.0),
    )
