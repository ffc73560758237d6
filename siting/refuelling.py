"""Flow refuelling by arc cover: which round trips keep fuel in the tank, and the model over them.

Capar, Kuby, Leon and Tsai (2013), "An arc cover-path-cover formulation and strategic analysis of
alternative-fuel station locations". A vehicle drives origin - destination - origin over and over,
with stations on its path only. A stretch of road is covered when a station lies at most the range
before its end; the trip is refuelled when every stretch of the cycle is covered.
"""

__all__ = ["Flows", "Trips", "check_nodes", "refuelled", "refuelling_programme", "round_trips"]

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from layers.errors import LayerError
from siting.access_kernel import Legs, Run, settle
from siting.restricted_core import Programme, site_rows
from siting.site_rules import SiteRules
from siting.sparse_costs import IntArray, NumberArray
from siting.street_graph import StreetGraph, fresh_labels

_FEW_SETS = 64  # up to here sets that contain another are looked for and dropped


@dataclass(frozen=True, kw_only=True)
class Flows:
    """Traffic between pairs of nodes.

    Attributes
    ----------
    origin, destination : ndarray of int, shape (flows,)
        Nodes of the graph by position.
    volume : ndarray of float, shape (flows,)
        Trips, tonnes or whatever is to be refuelled, not negative.
    """

    origin: npt.NDArray[np.integer]
    destination: npt.NDArray[np.integer]
    volume: npt.NDArray[np.floating]

    def __post_init__(self) -> None:
        if not self.origin.shape == self.destination.shape == self.volume.shape:
            raise LayerError(
                f"Flows has {self.origin.size} origins, {self.destination.size} destinations and "
                f"{self.volume.size} volumes; give one of each per flow."
            )
        same = np.flatnonzero(self.origin == self.destination)
        if same.size:
            raise LayerError(
                f"Flow {same[0]} begins and ends at node {self.origin[same[0]]}; leave out such flows."
            )


@dataclass(frozen=True, kw_only=True)
class Trips:
    """What each flow needs in order to be refuelled.

    Attributes
    ----------
    needs : tuple of frozenset of frozenset of int, one per flow
        Sets of sites; one site of each set must be open. Empty where no choice of sites helps.
    stops : tuple of tuple of int, one per flow
        Sites on the round trip in driving order from the origin.
    reason : tuple of str, one per flow
        Why no choice of sites helps; empty where one may.
    way : tuple of ndarray of int, one per flow
        Nodes of the way there, empty without a road.
    """

    needs: tuple[frozenset[frozenset[int]], ...]
    stops: tuple[tuple[int, ...], ...]
    reason: tuple[str, ...]
    way: tuple[IntArray, ...] = ()


def check_nodes(
    graph: StreetGraph, flows: Flows, *, range_m: float | NumberArray, site_node: IntArray
) -> None:
    """Refuse a range that is not positive and nodes that are not in the graph."""
    ranges = np.asarray(range_m, dtype=np.float64)
    if not (np.isfinite(ranges) & (ranges > 0.0)).all():
        raise LayerError(
            f"range_m is {ranges.min() if ranges.ndim else range_m}; give the distance on a full tank, above "
            "zero [m]."
        )
    if ranges.ndim and ranges.shape != flows.volume.shape:
        raise LayerError(
            f"range_m has {ranges.size} entries for {flows.volume.size} flows; give one, or one per flow."
        )
    ends = {"Flows.origin": flows.origin, "Flows.destination": flows.destination}
    for name, given in (*ends.items(), ("site_node", site_node)):
        if given.size and (given.min() < 0 or given.max() >= graph.node_count):
            raise LayerError(
                f"{name} names node {given.min() if given.min() < 0 else given.max()}; allowed are 0 to "
                f"{graph.node_count - 1}."
            )


def round_trips(
    graph: StreetGraph, flows: Flows, *, range_m: float | NumberArray, site_node: IntArray
) -> Trips:
    """Return the arc-cover sets of every flow on its fastest way there and back.

    Parameters
    ----------
    graph : StreetGraph
        Directed streets; the way back may differ from the way there.
    flows : Flows
        Origins, destinations and volumes.
    range_m : float, or ndarray of float, shape (flows,)
        Distance driven on a full tank [m], positive.
    site_node : ndarray of int, shape (sites,)
        Node of each site.
    """
    at_node: defaultdict[int, list[int]] = defaultdict(list)
    for site, node in enumerate(site_node.tolist()):
        at_node[node].append(site)
    ways = _ways(graph, flows)
    needs, stops, reasons = [], [], []
    ranges = np.broadcast_to(np.asarray(range_m, dtype=np.float64), flows.volume.shape)
    for (there, back), tank_m in zip(ways, ranges.tolist(), strict=True):
        if there is None or back is None:
            found: tuple[frozenset[frozenset[int]], tuple[int, ...], str]
            found = frozenset(), (), "no road there and back"
        else:
            found = _cover_sets(there, back, at_node, range_m=tank_m)
        needs.append(found[0])
        stops.append(found[1])
        reasons.append(found[2])
    nowhere = np.zeros(0, dtype=np.int64)
    return Trips(
        needs=tuple(needs),
        stops=tuple(stops),
        reason=tuple(reasons),
        way=tuple(nowhere if there is None else there[0] for there, _ in ways),
    )


_Way = tuple[IntArray, NumberArray]


def _ways(graph: StreetGraph, flows: Flows) -> list[tuple[_Way | None, _Way | None]]:
    """Return nodes and metres driven of each flow's fastest way there and back."""
    pairs = np.concatenate(
        [
            np.column_stack([flows.origin, flows.destination]),
            np.column_stack([flows.destination, flows.origin]),
        ]
    ).astype(np.int64)
    found: list[_Way | None] = [None] * len(pairs)
    for source in np.unique(pairs[:, 0]).tolist():
        labels = fresh_labels(graph)
        seed = Legs(np.array([source]), np.zeros(1), np.zeros(1))
        settle(Run(graph.arcs, labels, np.inf), seed)
        for k in np.flatnonzero(pairs[:, 0] == source).tolist():
            node = int(pairs[k, 1])
            if not np.isfinite(labels.time_s[node]):
                continue
            path = [node]
            while node != source:
                node = int(labels.via[node])
                path.append(node)
            nodes = np.array(path[::-1], dtype=np.int64)
            found[k] = nodes, labels.length_m[nodes]
    half = len(pairs) // 2
    return list(zip(found[:half], found[half:], strict=True))


def _cover_sets(
    there: _Way, back: _Way, at_node: dict[int, list[int]], *, range_m: float
) -> tuple[frozenset[frozenset[int]], tuple[int, ...], str]:
    nodes = np.concatenate([there[0], back[0][1:-1]])
    driven = np.concatenate([there[1], there[1][-1] + back[1][1:-1]])
    cycle_m = float(there[1][-1] + back[1][-1])
    place = [k for k, node in enumerate(nodes.tolist()) if node in at_node]
    if not place:
        return frozenset(), (), "no site on the way"
    sites = [at_node[int(nodes[k])] for k in place]
    stops = tuple(dict.fromkeys(site for group in sites for site in group))
    position = driven[place]
    # from every stop back to every stop, all the way round to itself; a rounding must not decide
    behind = np.mod(position[:, None] - position[None, :], cycle_m)
    np.fill_diagonal(behind, cycle_m)
    reached = behind <= range_m * (1.0 + 1e-12)
    needs = set()
    for row in reached:
        if not row.any():
            return frozenset(), stops, f"two stops lie more than the range of {range_m:g} m apart"
        needs.add(frozenset(site for k in np.flatnonzero(row) for site in sites[k]))
    if len(needs) <= _FEW_SETS:
        needs = {need for need in needs if not any(other < need for other in needs)}
    return frozenset(needs), stops, ""


def refuelled(trips: Trips, is_open: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return which flows the open sites refuel."""
    chosen = set(np.flatnonzero(is_open).tolist())
    return np.array(
        [bool(sets) and all(not chosen.isdisjoint(need) for need in sets) for sets in trips.needs],
        dtype=np.bool_,
    )


def refuelling_programme(
    trips: Trips, volume: NumberArray, rules: SiteRules
) -> tuple[Programme, NumberArray]:
    """Return the programme that refuels most volume, as a minimisation, and a start for its sites.

    Flows with the same needs are taken together. The first variables are the sites.
    """
    merged: defaultdict[frozenset[frozenset[int]], float] = defaultdict(float)
    for needs, amount in zip(trips.needs, volume.tolist(), strict=True):
        if needs and amount > 0.0:
            merged[needs] += amount
    sites, flows = rules.site_count, len(merged)
    row, column, value = [], [], []
    worth = np.zeros(sites)
    count = 0
    for k, (needs, amount) in enumerate(merged.items()):
        for need in sorted(needs, key=sorted):
            members = sorted(need)
            row += [count] * (len(members) + 1)
            column += [*members, sites + k]
            value += [1.0] * len(members) + [-1.0]
            worth[members] += amount / len(needs) / len(members)
            count += 1
    cover = sparse.csr_array((value, (row, column)), shape=(count, sites + flows))
    top, top_lower, top_upper = site_rows(rules, np.arange(sites), columns=sites + flows)
    programme = Programme(
        matrix=sparse.csr_array(sparse.vstack([top, cover])),
        row_lower=np.concatenate([top_lower, np.zeros(count)]),
        row_upper=np.concatenate([top_upper, np.full(count, np.inf)]),
        cost=np.concatenate([np.zeros(sites), -np.array(list(merged.values()), dtype=np.float64)]),
        lower=np.concatenate([rules.fixed.astype(np.float64), np.zeros(flows)]),
        upper=np.ones(sites + flows),
        integral=np.concatenate([np.ones(sites, np.bool_), np.zeros(flows, np.bool_)]),
    )
    return programme, worth
