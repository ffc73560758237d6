"""Bounds on network prices: shares of the arc prices, topped up by dual ascent.

Proof. Let every arc (i, j) cost c once when used and g per unit of flow (c, g >= 0), let consumer k take
P_k from the root, and let d be the least linear price from the root. In any network that serves all
consumers, send the flow of k along paths x_k. Its linear price is P_k sum g x_k = P_k d_k + P_k sum (g +
d_i - d_j) x_k, for the differences of d telescope along a path and each g + d_i - d_j >= 0. With own_k =
P_k (g + d_i - d_j) and any shares w_k >= 0 of the fixed prices, sum_k w_k <= c, every used arc pays c >=
sum_k w_k x_k, so

    price >= sum_k P_k d_k + sum_k sum (w_k + own_k) x_k >= sum_k P_k d_k + sum_k dist_k,

dist_k being the distance from the root to k under w_k + own_k. A consumer that may stay away for a prize
q_k counts min(dist_k, q_k - P_k d_k) when that is positive. What the shares leave over of c is itself a
Steiner problem with non-negative prices on the same arcs, and the dual ascent of Wong (1984) on it may be
added, each consumer raising at most what its prize leaves and using first what is left of its own_k.
(Charging own_k with the least P only, and no shares, gives Wong's ascent on the arc prices c + P_min (g +
d_i - d_j).) Loops and split flows are covered, since x_k may be any mixture of paths.
"""

__all__ = ["Arcs", "sharing_bound"]

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from heat_network.allocation_kernel import pair_up, settle_shares, share_prices
from heat_network.ascent_kernel import dual_ascent
from heat_network.reach_kernel import ball_regions, carry_pairs, regrow_regions
from heat_network.steiner_kernel import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]

_STEP = 0.95  # over the norm of the constraint matrix; at 1 and above the iterations may diverge
_STRIDE = 1.7  # over-relaxation of the iterations, below 2
_BALANCE = 3.0  # dual to primal step, in units of the mean arc price
_GRAIN = 4096.0  # parts of the mean price to which residuals are rounded down before the ascent
_FIRST_NODES = (
    60  # fewest nodes of a terminal's first region; then rings grow around the potentials
)
_HOPS = 6
_MOST_NODES = 2000  # per region
_ROOM = 2_000_000  # in all regions
_STAGES = (0.1, 0.2, 0.2, 0.5)  # of the effort, the regions growing between
_FEW, _CROWD = 500, 5000  # terminals
_SAFETY = 1e-10  # relative margin over the rounding of the sums


@dataclass(frozen=True)
class Arcs:
    """A graph as arcs leaving each node; arc 2e runs along edge e, arc 2e + 1 against it."""

    indptr: IntArray
    head: IntArray
    arc: IntArray

    @classmethod
    def of(cls, node_count: int, edges: IntArray) -> "Arcs":
        """Build from (m, 2) edges."""
        tail = edges.reshape(-1)
        head = edges[:, ::-1].reshape(-1)
        order = np.argsort(tail, kind="stable").astype(np.int64)
        indptr = np.zeros(node_count + 1, np.int64)
        np.cumsum(np.bincount(tail, minlength=node_count), out=indptr[1:])
        return cls(indptr, np.ascontiguousarray(head[order]), order)

    @property
    def ends(self) -> tuple[IntArray, IntArray]:
        """Tail and head of every arc (2m,)."""
        tail = np.empty(len(self.arc), np.int64)
        head = np.empty(len(self.arc), np.int64)
        tail[self.arc] = np.repeat(np.arange(len(self.indptr) - 1), np.diff(self.indptr))
        head[self.arc] = self.head
        return tail, head


def sharing_bound(
    arcs: Arcs,
    price: FloatArray,
    terminals: IntArray,
    *,
    root: int,
    own: tuple[FloatArray, FloatArray] | None = None,
    cap: FloatArray | None = None,
    guide: BoolArray | None = None,
    effort: float = 3.5e8,
) -> tuple[float, FloatArray]:
    """Return a lower bound on any network from the root to the terminals, and a fractional solution.

    Parameters
    ----------
    price : (2m,) float array
        Fixed price of every arc.
    terminals : (t,) int array
        Distinct nodes to reach, each reachable.
    own : pair of (t,) and (2m,) float arrays, optional
        Weight P_k of each terminal and detour g + d_i - d_j of each arc; see the module's proof.
    cap : (t,) float array, optional
        The most each terminal may count (prize less radial part), infinite where it must be served.
    guide : (2m,) bool array, optional
        Arcs of a good tree, to order the ascent.
    effort : float
        Primal-dual work: sharing steps of one terminal on one arc, some 50 million per CPU-second.

    Returns
    -------
    bound : float
        In the unit of `price`, without the radial part.
    use : (2m,) float array
        Largest flow of any terminal on each arc, 0-1: where a linear-programming solution goes.
    """
    many = len(price)
    guide = np.zeros(many, np.bool_) if guide is None else guide
    budget = np.full(len(terminals), np.inf) if cap is None else np.maximum(cap, 0.0)
    scale = float(price.mean()) if many else 0.0
    if len(terminals) == 0 or scale <= 0.0:
        return 0.0, np.zeros(many)
    cost = np.append(price / scale, 0.0)
    limit = budget / scale
    none = (np.zeros(len(terminals)), np.zeros(many))
    private = none if own is None else (own[0] * (_GRAIN / scale), own[1])
    # Wong's ascent alone is often exact for few terminals and wins where many leave few iterations
    alone = 0.0
    if not _FEW < len(terminals) <= _CROWD:
        grain = np.floor(cost * _GRAIN)
        alone = dual_ascent(
            arcs.indptr, arcs.head, arcs.arc, grain[:-1].copy(), terminals, np.floor(limit * _GRAIN), root,
            guide, private, (np.zeros(len(terminals) + 1, np.int64), np.zeros(0, np.int64), np.zeros(0)),
        )  # fmt: skip
    (proved, residual, before), use = _shared(
        arcs, cost, terminals, root=root, own=own, limit=limit, effort=effort, scale=scale
    )
    left = np.floor(np.maximum(residual[:-1], 0.0) * _GRAIN)
    more = np.floor(np.maximum(limit - proved, 0.0) * _GRAIN)
    top = dual_ascent(
        arcs.indptr, arcs.head, arcs.arc, left, terminals, more, root, guide, private, before
    )
    bound = max(alone / _GRAIN, float(proved.sum()) + top / _GRAIN)
    return bound * scale * (1.0 - _SAFETY), use


class _Pairs(NamedTuple):
    """Regions of the terminals and their pairs with arcs; the last five are sorted by arc."""

    pointer: IntArray
    nodes: IntArray
    of_node: IntArray
    arc: IntArray
    tail: IntArray
    slot: IntArray
    by_arc: IntArray
    from_row: IntArray
    into_row: IntArray
    arc_of: IntArray
    private: FloatArray


def _paired(
    arcs: Arcs,
    regions: tuple[IntArray, IntArray],
    *,
    own: tuple[FloatArray, FloatArray] | None,
    limit: FloatArray,
    scale: float,
) -> _Pairs:
    pointer, nodes = regions
    of_node, arc, tail, head, slot, by_arc = pair_up(
        arcs.indptr, arcs.head, arcs.arc, pointer, nodes, np.isfinite(limit)
    )
    from_row, into_row, arc_of = np.empty_like(tail), np.empty_like(head), np.empty_like(arc)
    from_row[slot], into_row[slot], arc_of[slot] = tail, head, arc
    private = np.zeros(len(slot))
    who = np.repeat(np.arange(len(limit)), np.diff(of_node[pointer]))
    if own is not None:
        private[slot] = own[0][who] * np.append(own[1], 0.0)[arc] / scale
    away = arc == len(arcs.arc)
    private[slot[away]] = limit[who[away]]
    return _Pairs(
        pointer, nodes, of_node, arc, tail, slot, by_arc, from_row, into_row, arc_of, private
    )


def _settled(
    pairs: _Pairs, share: FloatArray, cost: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what each terminal proves by these shares, the prices left, and the potentials used."""
    # over-relaxed shares dip below 0 and rounding may leave their sum a hair above the price
    share = np.maximum(share, 0.0)
    total = np.bincount(pairs.arc_of, weights=share, minlength=len(cost))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        factor = np.where(total > cost, cost / total, 1.0)
    residual, proved = cost.copy(), np.zeros(len(pairs.pointer) - 1)
    height = settle_shares(
        pairs.pointer, pairs.of_node, pairs.arc, pairs.tail, pairs.slot, pairs.private,
        share * factor[pairs.arc_of], residual, proved,
    )  # fmt: skip
    return proved, residual, height


def _norm(arcs: Arcs, root: int) -> float:
    """Bound the norm of the constraints: conservation at nodes other than the root, and one share a flow.

    With both arcs of every edge the conservation rows multiply to twice the Laplacian, whose greatest
    eigenvalue is at most the greatest sum of the degrees at two neighbours (Anderson and Morley 1985).
    """
    tail, head = arcs.ends
    degree = np.diff(arcs.indptr)
    inner = (tail != root) & (head != root)
    most = int((degree[tail] + degree[head])[inner].max(initial=2))
    return float(np.sqrt(2.0 * most + 1.0))


def _shared(
    arcs: Arcs,
    cost: FloatArray,
    terminals: IntArray,
    *,
    root: int,
    own: tuple[FloatArray, FloatArray] | None,
    limit: FloatArray,
    effort: float,
    scale: float,
) -> tuple[tuple[FloatArray, FloatArray, tuple[IntArray, IntArray, FloatArray]], FloatArray]:
    """Run the primal-dual iterations, the regions growing to where the potentials reach.

    Returns what each terminal proves with what is left, and how far the flows use each arc.
    """
    regions = ball_regions(
        arcs.indptr, arcs.head, arcs.arc, cost[:-1], terminals, root, _FIRST_NODES
    )
    pairs = _paired(arcs, regions, own=own, limit=limit, scale=scale)
    members = np.diff(pairs.by_arc)
    share = np.repeat(cost / np.maximum(members, 1), members)
    flow, potential = np.zeros(len(pairs.slot)), np.zeros(len(pairs.nodes))
    step = _STEP / _norm(arcs, root)
    best = -1.0
    for stage, part in enumerate(_STAGES):
        sink = np.zeros(len(pairs.nodes))
        sink[pairs.pointer[:-1][np.diff(pairs.pointer) > 0]] = 1.0
        share_prices(
            pairs.by_arc, cost, pairs.private, pairs.from_row, pairs.into_row, sink, flow, share, potential,
            step / _BALANCE, step * _BALANCE, _STRIDE,
            int(np.clip(part * effort / max(len(flow), 1), 50, 600)),
        )  # fmt: skip
        proved, residual, height = _settled(pairs, share, cost)
        gained, best = float(proved.sum()) - best, float(proved.sum())
        if stage == len(_STAGES) - 1 or (stage > 1 and abs(gained) <= 1e-6 * best):
            break
        pointer, nodes, origin = regrow_regions(
            arcs.indptr, arcs.head, pairs.pointer, pairs.nodes, height, root, _HOPS, _MOST_NODES, _ROOM
        )  # fmt: skip
        fresh = _paired(arcs, (pointer, nodes), own=own, limit=limit, scale=scale)
        flow, share = carry_pairs(
            (pairs.pointer, pairs.of_node, pairs.arc, pairs.slot),
            (fresh.pointer, fresh.of_node, fresh.arc, fresh.slot), len(arcs.arc), flow, share,
        )  # fmt: skip
        potential = np.where(origin >= 0, potential[origin], 0.0)
        pairs = fresh
    use = np.zeros(len(cost))
    np.maximum.at(use, pairs.arc_of, flow)
    return (proved, residual, (pairs.pointer, pairs.nodes, height * _GRAIN)), np.minimum(
        use[:-1], 1.0
    )
