"""The location models: where to put a given number of sites, and how far that is from the best.

Every door takes arrays, keeps the fixed sites, quotas and spacing cliques it is given, and returns
a :class:`Choice` with a bound that no other choice can pass. `count` is the number of sites in all,
fixed ones included. The result is the same on every machine unless the time limit cuts it short.
"""

__all__ = [
    "Choice",
    "Cover",
    "Flows",
    "Quotas",
    "SparseCost",
    "capacitated_p_median",
    "flow_refuelling",
    "max_coverage",
    "p_center",
    "p_median",
]

import time
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from layers.errors import InfeasibleError
from siting import p_median_kernel
from siting.capacitated import solve_capacitated
from siting.choice import Choice
from siting.coverage import coverage_cost, covered_by, merged_demands, solve_coverage
from siting.p_center import solve_center
from siting.p_median import solve_rows
from siting.refuelling import Flows, check_nodes, round_trips
from siting.refuelling_model import solve_refuelling
from siting.site_rules import Quotas, SiteRules, site_rules
from siting.sparse_costs import (
    Cover,
    IntArray,
    NumberArray,
    SparseCost,
    checked_capacity,
    checked_dense,
    checked_weight,
    nearest_rows,
    served_by,
    weighted_rows,
)
from siting.street_graph import StreetGraph

_DENSE_ENTRIES = 4_000_000  # larger dense costs are first cut to the nearest sites of each demand


def p_median(
    cost: NumberArray | SparseCost,
    weight: npt.ArrayLike,
    count: int,
    *,
    fixed: Sequence[int] | IntArray = (),
    quotas: Quotas | None = None,
    cliques: Sequence[Sequence[int] | IntArray] = (),
    time_limit_s: float = 60.0,
) -> Choice:
    """Choose sites so that the weighted cost of serving every demand from its nearest is least.

    Parameters
    ----------
    cost : ndarray of float, shape (demand, sites), or SparseCost
        Cost of one unit of weight; in sparse rows a demand without an open site in its row pays
        the overflow cost and counts as unserved.
    weight : ndarray of float, shape (demand,)
        Weight of each demand, not negative.
    count : int
        Sites to choose, fixed ones included.
    fixed : sequence of int
        Sites that stand already.
    quotas : Quotas, optional
        Least and greatest number of sites per group; kept in the bound too.
    cliques : sequence of sequences of int
        Sets of sites so close together that at most one of each may be open (or as many as are
        fixed in it). The Lagrangian bound leaves them out, which keeps it valid.
    time_limit_s : float
        Wall time after which the best choice so far is returned [s].

    Returns
    -------
    Choice
        `assigned_to` holds the nearest chosen site of each demand; `objective` and `bound` are
        weighted costs.

    Raises
    ------
    LayerError
        Arrays of the wrong shape, NaN, infinite or negative numbers, an index that is no site.
    InfeasibleError
        The rules cannot be kept, or all weights are zero.

    Notes
    -----
    Lagrangian relaxation of the assignment (Cornuéjols, Fisher and Nemhauser 1977) over sparse
    rows, lazy greedy, swap interchange (Resende and Werneck 2004), reduced-cost fixing, and HiGHS
    on what stays undecided where that is small enough.

    Examples
    --------
    >>> cost = np.array([[0.0, 4.0, 9.0], [4.0, 0.0, 5.0], [9.0, 5.0, 0.0]])
    >>> choice = p_median(cost, [1.0, 3.0, 2.0], 2)
    >>> choice.chosen.tolist(), choice.assigned_to.tolist(), choice.objective, choice.status
    ([1, 2], [1, 1, 2], 4.0, 'proven')
    """
    deadline = time.monotonic() + time_limit_s
    if isinstance(cost, SparseCost):
        weights = checked_weight(weight, cost.shape[0])
        rules = site_rules(cost.site_count, count, fixed=fixed, quotas=quotas, cliques=cliques)
        found = solve_rows(weighted_rows(cost, weights), rules, deadline=deadline)
        served, paid = served_by(cost, found.is_open)
        return Choice.judged(
            np.flatnonzero(found.is_open),
            served,
            objective=float(weights @ paid),
            bound=found.bound,
        )
    dense = checked_dense(cost)
    weights = checked_weight(weight, dense.shape[0])
    rules = site_rules(dense.shape[1], count, fixed=fixed, quotas=quotas, cliques=cliques)
    return _dense_p_median(dense, weights, rules, deadline=deadline)


def _dense_p_median(
    cost: NumberArray, weight: NumberArray, rules: SiteRules, *, deadline: float
) -> Choice:
    """Solve over the nearest sites of each demand, with more of them as long as some overflow."""
    sites = cost.shape[1]
    depth = sites
    if cost.size > _DENSE_ENTRIES:
        depth = min(sites, max(48, -(-5 * sites // rules.total)))
    while True:
        found = solve_rows(
            weighted_rows(nearest_rows(cost, depth), weight), rules, deadline=deadline
        )
        chosen = np.flatnonzero(found.is_open)
        served = np.argmin(cost[:, chosen], axis=1)
        paid = float(weight @ cost[np.arange(cost.shape[0]), chosen[served]])
        answer = Choice.judged(chosen, chosen[served], objective=paid, bound=found.bound)
        cut = paid - found.objective > 1e-9 * paid
        if not cut or depth == sites or time.monotonic() >= deadline:
            return answer
        depth = min(sites, 2 * depth)


def max_coverage(
    covers: npt.NDArray[np.bool_] | Cover,
    weight: npt.ArrayLike,
    count: int,
    *,
    fixed: Sequence[int] | IntArray = (),
    quotas: Quotas | None = None,
    cliques: Sequence[Sequence[int] | IntArray] = (),
    time_limit_s: float = 60.0,
) -> Choice:
    """Choose sites so that the weight within reach of at least one of them is greatest.

    Parameters
    ----------
    covers : ndarray of bool, shape (demand, sites), or Cover
        Which sites reach each demand; ``cost.within(limit)`` makes it from sparse costs.
    weight : ndarray of float, shape (demand,)
        Weight of each demand, not negative.
    count, fixed, quotas, cliques, time_limit_s
        As in :func:`p_median`.

    Returns
    -------
    Choice
        `assigned_to` holds one covering site of each demand, -1 where none covers it; `objective`
        is the covered weight and `bound` an upper bound of it.

    Raises
    ------
    LayerError, InfeasibleError
        As in :func:`p_median`.

    Notes
    -----
    Demands with the same cover set are merged (Church and ReVelle 1974 for the model); what the
    first bound does not prove is sought by annealing. Where almost everything can be covered, the
    bound stays a few percent above the best choice found.

    Examples
    --------
    >>> covers = np.array([[True, False, False], [True, True, False], [False, False, True]])
    >>> choice = max_coverage(covers, [5.0, 1.0, 2.0], 1)
    >>> choice.chosen.tolist(), choice.assigned_to.tolist(), choice.objective
    ([0], [0, 0, -1], 6.0)
    """
    deadline = time.monotonic() + time_limit_s
    cover = covers if isinstance(covers, Cover) else Cover.from_dense(np.asarray(covers))
    weights = checked_weight(weight, cover.shape[0])
    rules = site_rules(cover.site_count, count, fixed=fixed, quotas=quotas, cliques=cliques)
    merged = merged_demands(cover, weights)
    rows = weighted_rows(coverage_cost(merged.cover), merged.weight)
    found = solve_coverage(rows, rules, deadline=deadline)
    by = covered_by(cover, found.is_open)
    return Choice.judged(
        np.flatnonzero(found.is_open),
        by,
        objective=float(weights[by >= 0].sum()),
        bound=float(weights.sum()) - found.bound,
        maximise=True,
    )


def p_center(
    cost: NumberArray | SparseCost,
    count: int,
    *,
    fixed: Sequence[int] | IntArray = (),
    quotas: Quotas | None = None,
    cliques: Sequence[Sequence[int] | IntArray] = (),
    time_limit_s: float = 60.0,
) -> Choice:
    """Choose sites so that the greatest cost of any demand from its nearest site is least.

    Parameters
    ----------
    cost, count, fixed, quotas, cliques, time_limit_s
        As in :func:`p_median`; every demand counts alike, so leave out those that do not matter.

    Returns
    -------
    Choice
        `objective` and `bound` are greatest costs.

    Raises
    ------
    LayerError, InfeasibleError
        As in :func:`p_median`.

    Examples
    --------
    >>> cost = np.abs(np.arange(5.0)[:, None] - np.arange(5.0))
    >>> choice = p_center(cost, 1)
    >>> choice.chosen.tolist(), choice.objective, choice.status
    ([2], 2.0, 'proven')
    """
    deadline = time.monotonic() + time_limit_s
    if not isinstance(cost, SparseCost):
        dense = checked_dense(cost)
        cost = nearest_rows(dense, dense.shape[1])
    rules = site_rules(cost.site_count, count, fixed=fixed, quotas=quotas, cliques=cliques)
    rows = weighted_rows(cost, np.ones(cost.shape[0]))
    found = solve_center(rows, rules, deadline=deadline)
    served, paid = served_by(cost, found.is_open)
    return Choice.judged(
        np.flatnonzero(found.is_open), served, objective=float(paid.max()), bound=found.bound
    )


def capacitated_p_median(  # noqa: PLR0917 - the four arguments of the model
    cost: NumberArray | SparseCost,
    demand: npt.ArrayLike,
    capacity: npt.ArrayLike,
    count: int,
    *,
    fixed: Sequence[int] | IntArray = (),
    quotas: Quotas | None = None,
    cliques: Sequence[Sequence[int] | IntArray] = (),
    time_limit_s: float = 60.0,
) -> Choice:
    """Choose sites and give each demand whole to one of them, none above its capacity.

    Parameters
    ----------
    cost : ndarray of float, shape (demand, sites), or SparseCost
        Cost per unit of demand. With a dense array everything must be served; in sparse rows a
        demand may be left unserved at its overflow cost.
    demand : ndarray of float, shape (demand,)
        Amount of each demand, not negative.
    capacity : ndarray of float, shape (sites,)
        Amount each site can take, not negative.
    count, fixed, quotas, cliques, time_limit_s
        As in :func:`p_median`.

    Returns
    -------
    Choice
        `assigned_to` holds the site each demand is given to, which need not be the nearest.

    Raises
    ------
    LayerError
        As in :func:`p_median`, or a capacity that is negative or no number.
    InfeasibleError
        As in :func:`p_median`, or the capacities cannot hold the demand.

    Examples
    --------
    >>> cost = np.array([[0.0, 9.0], [1.0, 5.0], [2.0, 1.0]])
    >>> choice = capacitated_p_median(cost, [1.0, 1.0, 1.0], [1.0, 2.0], 2)
    >>> choice.assigned_to.tolist(), choice.objective
    ([0, 1, 1], 6.0)
    """
    deadline = time.monotonic() + time_limit_s
    must = not isinstance(cost, SparseCost)
    if not isinstance(cost, SparseCost):
        dense = checked_dense(cost)
        cost = nearest_rows(dense, dense.shape[1], above=1.0)
    amount = checked_weight(demand, cost.shape[0], name="demand")
    room = checked_capacity(capacity, cost.site_count)
    rules = site_rules(cost.site_count, count, fixed=fixed, quotas=quotas, cliques=cliques)
    most = np.zeros(room.size, dtype=np.bool_)
    p_median_kernel.best_sites(rules, np.argsort(-room, kind="stable"), most)
    if must and room[most].sum() < amount.sum():
        raise InfeasibleError(
            f"The {count} largest sites that the rules allow hold {room[most].sum():g} and the demand is "
            f"{amount.sum():g}: {amount.sum() - room[most].sum():g} short; raise count or the capacities."
        )
    active = np.flatnonzero(amount > 0.0)
    found = solve_capacitated(
        weighted_rows(cost.rows_of(active), amount[active]),
        rules,
        demand=amount[active],
        capacity=room,
        must=must,
        deadline=deadline,
    )
    if found.is_open is None or found.by is None:
        raise InfeasibleError(
            f"No choice of {count} sites that holds all {active.size} demands "
            + ("exists" if found.infeasible else f"was found within {time_limit_s:g} s")
            + "; raise count or the capacities, or split large demands."
        )
    served = served_by(cost, found.is_open)[0]
    served[active] = found.by
    return Choice.judged(
        np.flatnonzero(found.is_open), served, objective=found.objective, bound=found.bound
    )


def flow_refuelling(  # noqa: PLR0917 - the four arguments of the model
    graph: StreetGraph,
    flows: Flows,
    range_m: float | NumberArray,
    count: int,
    *,
    site_node: IntArray | None = None,
    fixed: Sequence[int] | IntArray = (),
    quotas: Quotas | None = None,
    time_limit_s: float = 60.0,
) -> Choice:
    """Choose sites so that the volume of flows that never run out of fuel is greatest.

    Parameters
    ----------
    graph : StreetGraph
        Directed streets.
    flows : Flows
        Traffic between nodes of the graph, each on its fastest way there and back.
    range_m : float, or ndarray of float, shape (flows,)
        Distance driven on a full tank [m].
    count, fixed, quotas, time_limit_s
        As in :func:`p_median`.
    site_node : ndarray of int, shape (sites,), optional
        Node of each site; every node is a site when not given.

    Returns
    -------
    Choice
        `assigned_to` holds the first open site on the trip of each refuelled flow, -1 for the
        others; `objective` is the refuelled volume and `bound` an upper bound of it.

    Raises
    ------
    LayerError
        A range that is not positive, a node that is not there, bad volumes.
    InfeasibleError
        As in :func:`p_median`.

    Notes
    -----
    Arc cover (Capar et al. 2013) on the round trip driven over and over; see
    :mod:`siting.refuelling`. A stretch longer than the range cannot be driven whatever is built.
    """
    deadline = time.monotonic() + time_limit_s
    volume = checked_weight(flows.volume, flows.origin.size, name="Flows.volume")
    nodes = np.arange(graph.node_count) if site_node is None else np.asarray(site_node, np.int64)
    check_nodes(graph, flows, range_m=range_m, site_node=nodes)
    rules = site_rules(nodes.size, count, fixed=fixed, quotas=quotas)
    trips = round_trips(graph, flows, range_m=range_m, site_node=nodes)
    return solve_refuelling(trips, volume, rules, deadline=deadline)
