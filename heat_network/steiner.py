"""Steiner trees on arrays: a short tree through given terminals, with a proof of how short it could be."""

__all__ = ["SteinerTree", "steiner_tree"]

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from heat_network.bounds import Arcs, sharing_bound
from heat_network.reduction_kernel import contract_chains, prune_leaves
from heat_network.region_kernel import improve_tree
from heat_network.steiner_kernel import FloatArray, IntArray, grow_tree, hang_tree
from layers.errors import LayerError

_TOLERANCE = 1e-9
_EFFORT = 2e8  # of the bound


@dataclass(frozen=True, kw_only=True)
class SteinerTree:
    """A tree through the terminals that can be joined.

    Attributes
    ----------
    edges : (k,) int array
        Rows of the given edges that form the tree, ascending.
    value : float
        Total length of the tree [unit of `length`].
    bound : float
        No tree through the same terminals is shorter than this [unit of `length`].
    gap : float
        value / bound - 1; 0 when the tree is proven shortest.
    status : {"optimal", "bounded"}
        "optimal" only when value and bound meet (to 1e-9); else the bound says how far it may be.
    unreachable : (u,) int array
        Terminals outside the connected part that holds most terminals; the tree leaves them out and
        value and bound do not count them.
    """

    edges: IntArray
    value: float
    bound: float
    gap: float
    status: str
    unreachable: IntArray


def steiner_tree(  # noqa: PLR0917  (the array door that others call by position)
    node_count: int,
    edges: npt.ArrayLike,
    length: npt.ArrayLike,
    terminals: npt.ArrayLike,
) -> SteinerTree:
    """Find a short tree that joins the terminals, and a certified lower bound on its length.

    The tree is grown by the shortest-path heuristic, improved by exact reconnection of small
    neighbourhoods, and grown again along the fractional solution that the bound leaves behind. The bound
    shares edge lengths among the terminals and tops up by Wong's dual ascent (:mod:`heat_network.bounds`).

    Parameters
    ----------
    node_count : int
        Number of nodes n.
    edges : (m, 2) int array
        Ends of the undirected edges, 0 to n - 1; loops and parallel edges are allowed.
    length : (m,) float array
        Length of every edge, finite and not negative.
    terminals : (t,) int array
        Nodes to join; repeats count once.

    Raises
    ------
    LayerError
        Wrong shapes, nodes out of range, negative or missing lengths.

    Examples
    --------
    >>> tree = steiner_tree(4, [(0, 1), (0, 2), (0, 3), (1, 2)], [1.0, 1.0, 1.0, 1.9], [1, 2, 3])
    >>> tree.edges.tolist(), tree.value, tree.status
    ([0, 1, 2], 3.0, 'optimal')
    """
    pairs, price, wanted = _checked(node_count, edges, length, terminals=terminals)
    part = connected_components(
        coo_array(
            (np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(node_count, node_count)
        ),
        directed=False,
    )[1]
    home = np.bincount(part[wanted]).argmax() if len(wanted) else -1
    unreachable = wanted[part[wanted] != home] if len(wanted) else wanted
    joined = wanted[part[wanted] == home] if len(wanted) else wanted
    if len(joined) < 2 or not price.any():
        chosen = _spanning(node_count, pairs, joined)
        return SteinerTree(
            edges=chosen, value=0.0, bound=0.0, gap=0.0, status="optimal", unreachable=unreachable
        )
    chains = _chains(Arcs.of(node_count, pairs), price, joined)
    used, bound = _solve(chains.arcs, chains.price, chains.joined)
    tree = np.sort(chains.edges[np.repeat(used, np.diff(chains.pointer))])
    value = float(price[tree].sum())
    if np.all(price == np.floor(price)) and value < 2.0**50:
        bound = float(np.ceil(bound - 1e-6))  # whole lengths make whole trees
    bound = min(bound, value)
    proven = value - bound <= _TOLERANCE * value
    return SteinerTree(
        edges=tree,
        value=value,
        bound=bound,
        gap=0.0 if proven else (value / bound - 1.0 if bound > 0 else float("inf")),
        status="optimal" if proven else "bounded",
        unreachable=unreachable,
    )


class _Chains(NamedTuple):
    """The graph without dead ends and with one edge for every chain of nodes of two edges."""

    arcs: Arcs
    price: FloatArray
    joined: IntArray
    pointer: IntArray
    edges: IntArray


def _chains(arcs: Arcs, price: FloatArray, joined: IntArray) -> _Chains:
    keep = np.zeros(len(arcs.indptr) - 1, np.bool_)
    keep[joined] = True
    alive = np.ones(len(price), np.bool_)
    degree = prune_leaves(arcs.indptr, arcs.head, arcs.arc, keep, alive)
    cost = np.repeat(price, 2)
    ends, far, _, pointer, edges = contract_chains(
        arcs.indptr, arcs.head, arcs.arc, cost, np.zeros(len(cost)), keep, alive, degree
    )
    stays = np.union1d(ends.reshape(-1), joined)
    small = Arcs.of(len(stays), np.searchsorted(stays, ends).astype(np.int64))
    return _Chains(
        small, far[::2].copy(), np.searchsorted(stays, joined).astype(np.int64), pointer, edges
    )


def _solve(arcs: Arcs, price: FloatArray, joined: IntArray) -> tuple[npt.NDArray[np.bool_], float]:
    n = len(arcs.indptr) - 1
    cost = np.repeat(price, 2)
    zeros, nothing = np.zeros(len(cost)), np.zeros(n)
    terminal = np.zeros(n, np.bool_)
    terminal[joined] = True

    def improved(parent: IntArray, root: int, most: int) -> npt.NDArray[np.bool_]:
        used = np.zeros(len(price), np.bool_)
        used[parent[parent >= 0] >> 1] = True
        improve_tree(
            arcs.indptr, arcs.head, arcs.arc, cost, zeros, nothing, terminal, root, used, nothing,
            most, 400, 20,
        )  # fmt: skip
        return used

    roots = joined[np.unique(np.linspace(0, len(joined) - 1, 3).astype(int))]
    grown = [
        (grow_tree(arcs.indptr, arcs.head, arcs.arc, cost, zeros, terminal, root, 0.0), int(root))
        for root in roots
    ]
    parent, root = min(grown, key=lambda item: float(cost[item[0][item[0] >= 0]].sum()))
    small = len(joined) <= 3000
    best = improved(parent, root, 5 if small else 4)
    guide = _hung(arcs, best, root)
    bound, use = sharing_bound(
        arcs, cost, joined, root=root, guide=(guide, float(price[best].sum())), effort=_EFFORT
    )
    # once more along the fractional solution, in whichever direction an edge is used
    busy = np.repeat(use.reshape(-1, 2).max(axis=1), 2)
    lured = cost * (1.02 - busy)
    parent = grow_tree(arcs.indptr, arcs.head, arcs.arc, lured, zeros, terminal, root, 0.0)
    other = improved(parent, root, 5 if small else 4)
    if price[other].sum() < price[best].sum():
        best = other
    return best, bound


def _hung(arcs: Arcs, used: npt.NDArray[np.bool_], root: int) -> npt.NDArray[np.bool_]:
    n = len(arcs.indptr) - 1
    parent, above, order = (np.empty(n, np.int64) for _ in range(3))
    hang_tree(arcs.indptr, arcs.head, arcs.arc, used, root, parent, above, order)
    guide = np.zeros(len(arcs.arc), np.bool_)
    guide[parent[parent >= 0]] = True
    return guide


def _spanning(node_count: int, pairs: IntArray, joined: IntArray) -> IntArray:
    """Edges of some tree through the terminals, where no edge has a length."""
    if len(joined) < 2:
        return np.zeros(0, np.int64)
    arcs = Arcs.of(node_count, pairs)
    terminal = np.zeros(node_count, np.bool_)
    terminal[joined] = True
    ones = np.ones(2 * len(pairs))
    parent = grow_tree(arcs.indptr, arcs.head, arcs.arc, ones, 0.0 * ones, terminal, joined[0], 0.0)
    return np.unique(parent[parent >= 0] >> 1)


def _checked(
    node_count: int, edges: npt.ArrayLike, length: npt.ArrayLike, *, terminals: npt.ArrayLike
) -> tuple[IntArray, FloatArray, IntArray]:
    pairs = np.asarray(edges, dtype=np.int64).reshape(-1, 2)
    price = np.asarray(length, dtype=np.float64).reshape(-1)
    wanted = np.unique(np.asarray(terminals, dtype=np.int64))
    if len(pairs) != len(price):
        raise LayerError(
            f"edges has {len(pairs)} rows and length {len(price)}; give one length per edge."
        )
    if not np.isfinite(price).all() or (price < 0).any():
        row = int(np.flatnonzero(~np.isfinite(price) | (price < 0))[0])
        raise LayerError(
            f"length is {price[row]} at edge {row}; lengths must be finite and at least 0."
        )
    for name, values in (("edges", pairs), ("terminals", wanted)):
        if values.size and (values.min() < 0 or values.max() >= node_count):
            raise LayerError(
                f"{name} names node {int(values.max() if values.max() >= node_count else values.min())}, "
                f"but nodes run from 0 to {node_count - 1}."
            )
    return np.ascontiguousarray(pairs), np.ascontiguousarray(price), wanted
