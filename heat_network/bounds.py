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
from scipy.sparse import csc_array, eye_array
from scipy.sparse.linalg import splu

from heat_network.allocation_kernel import pair_up, settle_shares
from heat_network.ascent_kernel import dual_ascent
from heat_network.reach_kernel import carry_pairs, grow_regions
from heat_network.splitting_kernel import factorise, order_regions, split_prices
from heat_network.steiner_kernel import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]

_PACE = 1.0  # first step of a flow, in units per mean price
_STRIDE = 1.9  # over-relaxation of the iterations, below 2
_LEAST = 0.05  # of the mean price: cheaper arcs take no longer steps than this one
_GRAIN = 4096.0  # parts of the mean price to which residuals are rounded down before the ascent
_FIRST_NODES, _MOST_NODES = 250, 4000  # of a region
_SPREAD = 0.05  # of its price, by which an arc beyond the region counts when regions grow
_DEPTH = 1.0  # how much farther than it is priced now a terminal's region reaches, in mean prices
_STAGES = (0.04, 0.08, 0.13, 0.75)  # of the effort, the regions growing between
_ROUNDS = 30  # iterations that the largest regions should leave room for in the last stage
_CHECK = 50  # iterations between looks at the bound of small problems
_SMALL = 200_000  # pairs: in double precision, with as many iterations as it takes
_STALLED, _PATIENCE = 1e-8, 5  # a relative gain below this in so many looks: solved
_FEW, _CROWD = 500, 5000  # terminals
_MET = 1e-10  # a bound this near its target has met it
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
    guide: tuple[BoolArray, float] | None = None,
    effort: float = 1e9,
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
    guide : (2m,) bool array and float, optional
        Arcs of a known network and what it costs in the same unit: they order the ascent, and a bound
        that meets the price ends the work.
    effort : float
        Most work to do: iterations of one terminal on one arc.

    Returns
    -------
    bound : float
        In the unit of `price`, without the radial part.
    use : (2m,) float array
        Largest flow of any terminal on each arc, 0-1: where a linear-programming solution goes.
    """
    many = len(price)
    along, target = (np.zeros(many, np.bool_), np.inf) if guide is None else guide
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
            along, private, (np.zeros(len(terminals) + 1, np.int64), np.zeros(0, np.int64), np.zeros(0)),
        )  # fmt: skip
    if alone * scale >= _GRAIN * target * (1.0 - _MET):
        return alone / _GRAIN * scale * (1.0 - _SAFETY), along.astype(np.float64)
    (proved, residual, before), use = _shared(
        arcs,
        cost,
        terminals,
        root=root,
        limit=limit,
        effort=effort,
        target=target / scale,
        own=None if own is None else (own[0], own[1] / scale),
    )
    bound = max(alone / _GRAIN, float(proved.sum()))
    if bound * scale < target * (1.0 - _MET):
        left = np.floor(np.maximum(residual[:-1], 0.0) * _GRAIN)
        more = np.floor(np.maximum(limit - proved, 0.0) * _GRAIN)
        top = dual_ascent(
            arcs.indptr, arcs.head, arcs.arc, left, terminals, more, root, along, private, before
        )
        bound = max(bound, float(proved.sum()) + top / _GRAIN)
    return bound * scale * (1.0 - _SAFETY), use


class _Pairs(NamedTuple):
    """Regions of the terminals and their pairs with arcs; `order` sorts the pairs by arc."""

    pointer: IntArray
    nodes: IntArray
    of_node: IntArray
    arc: IntArray
    tail: IntArray
    head: IntArray
    order: npt.NDArray[np.int32]
    by_arc: IntArray
    private: FloatArray


def _paired(
    arcs: Arcs,
    regions: tuple[IntArray, IntArray],
    *,
    weight: FloatArray,
    detour: FloatArray,
    limit: FloatArray,
) -> _Pairs:
    pointer, nodes = regions
    of_node, arc, tail, head, order, by_arc = pair_up(
        arcs.indptr, arcs.head, arcs.arc, pointer, nodes, np.isfinite(limit)
    )
    who = np.repeat(np.arange(len(limit)), np.diff(of_node[pointer]))
    private = weight[who] * np.append(detour, 0.0)[arc]
    away = arc == len(arcs.arc)
    private[away] = limit[who[away]]
    return _Pairs(pointer, nodes, of_node, arc, tail, head, order, by_arc, private)


def _settled(
    pairs: _Pairs, share: FloatArray, cost: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return what each terminal proves by these shares, the prices left, and the potentials used."""
    # rounding may leave the sum of an arc's shares a hair above its price
    total = np.bincount(pairs.arc, weights=share, minlength=len(cost))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        factor = np.where(total > cost, cost / total, 1.0)
    share = share * factor[pairs.arc]
    residual = cost - np.bincount(pairs.arc, weights=share, minlength=len(cost))
    proved = np.zeros(len(pairs.pointer) - 1)
    height = settle_shares(
        pairs.pointer, pairs.of_node, pairs.arc, pairs.tail, pairs.private, share, residual, proved
    )
    return proved, residual, height


def _elimination(arcs: Arcs) -> IntArray:
    """Rank of every node in an order in which eliminating nodes keeps the graph sparse (least degree)."""
    n = len(arcs.indptr) - 1
    tail, head = arcs.ends
    near = csc_array((np.ones(len(tail)), (tail, head)), shape=(n, n))
    degree = np.asarray(near.sum(axis=0)).reshape(-1) + 1.0
    matrix = (eye_array(n, format="csc").multiply(degree) - near).tocsc()
    factors = splu(
        matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True}
    )
    return np.asarray(factors.perm_c, dtype=np.int64)


class _Sharing(NamedTuple):
    """A sharing of the prices: shares and flows by pair, potentials, and what it proves when settled."""

    share: FloatArray
    flow: FloatArray
    potential: FloatArray
    settled: tuple[FloatArray, FloatArray, FloatArray]


def _iterated(
    pairs: _Pairs, rank: IntArray, *, cost: FloatArray, start: FloatArray, rounds: int, end: float
) -> _Sharing:
    """Iterate from `start` (p,); return the best sharing seen.

    Small problems go on until the bound stands still or reaches `end`, within so many rounds.
    """
    small = len(pairs.arc) <= _SMALL
    kind = np.float64 if small else np.float32
    place = order_regions(pairs.pointer, rank[pairs.nodes])
    into = np.where(pairs.tail >= 0, place[pairs.tail], -1).astype(np.int32)
    pace = _PACE / np.maximum(cost, _LEAST)
    state = np.zeros((len(pairs.arc), 4), kind)
    state[:, 0] = start
    state[:, 1] = pairs.private
    state[:, 3] = pace[pairs.arc]
    factors = factorise(
        pairs.pointer, pairs.of_node, pairs.tail, place, np.ascontiguousarray(state[:, 3])
    )
    potential = np.zeros(len(pairs.nodes))
    best, found = -1.0, None
    done = still = 0
    while found is None or (done < rounds and best < end and still < _PATIENCE):
        many = min(_CHECK if small else rounds, rounds - done)
        share, flow = split_prices(
            pairs.pointer, pairs.of_node, place, into, pairs.by_arc, pairs.order, cost, pace, factors, state,
            potential, _STRIDE, many,
        )  # fmt: skip
        done += many
        settled = _settled(pairs, share, cost)
        now = float(settled[0].sum())
        still = 0 if now > best * (1.0 + _STALLED) else still + 1
        if now > best:
            best, found = now, _Sharing(share, flow, potential.copy(), settled)
    return found


def _carried(
    pairs: _Pairs, fresh: _Pairs, *, sharing: _Sharing, origin: IntArray, cost: FloatArray
) -> FloatArray:
    """Where the pairs of new regions stand: flows and potentials of the regions before, 0 beyond."""
    start = carry_pairs(
        (pairs.pointer, pairs.of_node, pairs.arc),
        (fresh.pointer, fresh.of_node, fresh.arc), len(cost) - 1, sharing.flow,
    )  # fmt: skip
    height = np.append(np.where(origin >= 0, sharing.potential[origin], 0.0), 0.0)  # -1: outside
    rise = height[fresh.head] - height[fresh.tail]
    carried: FloatArray = start + rise * (_PACE / np.maximum(cost, _LEAST))[fresh.arc]
    return carried


def _shared(
    arcs: Arcs,
    cost: FloatArray,
    terminals: IntArray,
    *,
    root: int,
    own: tuple[FloatArray, FloatArray] | None,
    limit: FloatArray,
    effort: float,
    target: float,
) -> tuple[tuple[FloatArray, FloatArray, tuple[IntArray, IntArray, FloatArray]], FloatArray]:
    """Share the prices, the regions growing to where the terminals' paths may go.

    Returns what each terminal proves with what is left, and how far the flows use each arc.
    """
    n, many, t = len(arcs.indptr) - 1, len(arcs.arc), len(terminals)
    weight, detour = (np.zeros(t), np.zeros(many)) if own is None else own
    rank = _elimination(arcs)
    whole = t * many <= _SMALL
    room = n * t if whole else int(max(_STAGES[-1] * effort / _ROUNDS * n / many, 16 * t))
    prices = (weight, detour, _SPREAD * cost[:-1])
    none = np.zeros(0, np.int64)
    known = (np.zeros(t + 1, np.int64), none, np.zeros(1, np.int64), none, np.zeros(0))
    reach, depth = np.full(t, np.inf), _DEPTH
    most = n if whole else int(np.clip(room // (4 * t), 16, _FIRST_NODES))
    pairs, sharing = _paired(arcs, known[:2], weight=weight, detour=detour, limit=limit), None
    for part in (1.0,) if whole else _STAGES:
        while True:
            pointer, nodes, origin = grow_regions(
                arcs.indptr,
                arcs.head,
                arcs.arc,
                terminals,
                root,
                prices,
                known,
                reach + depth,
                most,
                room,
            )
            if whole or len(nodes) < room or depth < _DEPTH / 100:
                break
            depth *= 0.6  # all regions grow, but less
        fresh = _paired(arcs, (pointer, nodes), weight=weight, detour=detour, limit=limit)
        start = np.zeros(len(fresh.arc))
        if sharing is not None:
            start = _carried(pairs, fresh, sharing=sharing, origin=origin, cost=cost)
        pairs = fresh
        rounds = int(np.clip(part * effort / max(len(pairs.arc), 1), 10, 20_000 if whole else 400))
        sharing = _iterated(
            pairs, rank, cost=cost, start=start, rounds=rounds, end=target * (1.0 - _MET)
        )
        proved, residual, height = sharing.settled
        if proved.sum() >= target * (1.0 - _MET):
            break
        known = (pairs.pointer, pairs.nodes, pairs.of_node, pairs.arc, sharing.share)
        reach, most = proved, _MOST_NODES
    use = np.zeros(many + 1)
    if sharing is not None:
        np.maximum.at(use, pairs.arc, sharing.flow)
    high = height > 0.0
    first = np.concatenate([[0], np.cumsum(high)])[pairs.pointer].astype(np.int64)
    before = (first, pairs.nodes[high], height[high] * _GRAIN)
    return (proved, residual, before), np.minimum(use[:-1], 1.0)
