"""Hydrogen flows: main roads, the places trucks drive between, and the trips they make."""

__all__ = ["Ends", "flow_ends", "gravity_flows", "main_roads", "road_km"]

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from layers.errors import LayerError
from layers.layer_set import LayerSet
from siting.hydrogen_assumptions import HydrogenAssumptions
from siting.refuelling import Flows
from siting.sparse_costs import IntArray, NumberArray
from siting.street_graph import StreetGraph, street_graph

_MINOR = ("unclassified", "residential", "service", "track", "footway")
_YARDS = ("logistics", "bus_depot", "service_area")
_PARKS = ("logistics", "chemical", "development", "high_tech", "industrial")
_ATTACH_M = 5000.0
_GATE_WEIGHT = 2.0  # of a motorway end, against the mean yard
_MOST_FLOWS = 200


@dataclass(frozen=True, kw_only=True)
class Ends:
    """Places that trips begin and end at: node, weight, and whether it is a motorway end."""

    node: IntArray
    weight: NumberArray
    gate: npt.NDArray[np.bool_]


def main_roads(streets: gpd.GeoDataFrame) -> StreetGraph:
    """Return the graph of motorways down to tertiary roads, on which trucks drive."""
    return street_graph(streets, closed_classes=_MINOR)


def flow_ends(layers: LayerSet, graph: StreetGraph) -> Ends:
    """Return yards, parks and motorway ends with their nodes; weight by the root of the area.

    Raises
    ------
    LayerError
        Fewer than two places on the main roads.
    """
    kind = layers.constraints["kind"].astype("str")
    yards = layers.constraints.geometry[kind.isin(_YARDS)]
    parks = layers.parks.geometry[layers.parks["kind"].astype("str").isin(_PARKS)]
    places = (
        pd.concat([yards, parks]) if len(yards) and len(parks) else (yards if len(yards) else parks)
    )
    at = places.representative_point()
    node, _ = graph.nearest_nodes(at.x.to_numpy(), at.y.to_numpy(), reach_m=_ATTACH_M)
    size = np.sqrt(np.maximum(places.area.to_numpy(), 2500.0))
    gates = _motorway_ends(layers, graph)
    mean = float(size.mean()) if size.size else 1.0
    nodes = np.concatenate([node, gates])
    weight = np.concatenate([size, np.full(gates.size, _GATE_WEIGHT * mean)])
    gate = np.arange(nodes.size) >= node.size
    known = nodes >= 0
    frame = pd.DataFrame({"node": nodes[known], "weight": weight[known], "gate": gate[known]})
    whole = frame.groupby("node").agg({"weight": "sum", "gate": "max"})
    if len(whole) < 2:
        raise LayerError(
            f"Hydrogen trucks need two places to drive between and the layers hold {len(whole)} on main "
            "roads; give logistics parks, industrial parks or a motorway that leaves the area."
        )
    return Ends(
        node=whole.index.to_numpy(dtype=np.int64),
        weight=whole["weight"].to_numpy(dtype=np.float64),
        gate=whole["gate"].to_numpy(dtype=np.bool_),
    )


def _motorway_ends(layers: LayerSet, graph: StreetGraph) -> IntArray:
    """Return the nodes where a motorway ends, at most one per 10 km cell."""
    rows = layers.streets[layers.streets["street_class"].astype("str") == "motorway"]
    ends, count = np.unique(rows[["u", "v"]].to_numpy(dtype=np.int64), return_counts=True)
    place = np.searchsorted(graph.node_id, ends[count == 1])
    place = place[graph.connected[place]] if place.size else place
    edge = np.array(layers.area.counties.total_bounds)
    margin = 0.08 * max(edge[2] - edge[0], edge[3] - edge[1])
    x, y = graph.x_m[place], graph.y_m[place]
    near = (
        (x < edge[0] + margin)
        | (x > edge[2] - margin)
        | (y < edge[1] + margin)
        | (y > edge[3] - margin)
    )
    place = place[near]
    cell = np.column_stack([graph.x_m[place] // 10_000.0, graph.y_m[place] // 10_000.0])
    first = np.sort(np.unique(cell, axis=0, return_index=True)[1]) if place.size else place
    kept: IntArray = place[first].astype(np.int64)
    return kept


def gravity_flows(
    ends: Ends, km: NumberArray, *, given: HydrogenAssumptions
) -> tuple[Flows, NumberArray]:
    """Return round trips per day between the ends, and the length of each trip there and back [km].

    Parameters
    ----------
    ends : Ends
        Places.
    km : ndarray of float, shape (ends, ends)
        Road distance [km].
    given : HydrogenAssumptions
        Trips in all and the corridor's share.

    Notes
    -----
    Trips ∝ product of the weights over distance (gravity); those between motorway ends together make
    `corridor_share` of all. The 200 greatest flows carry everything.
    """
    i, j = np.triu_indices(ends.node.size, 1)
    away, back = km[i, j], km[j, i]
    real = np.isfinite(away) & np.isfinite(back) & (away > 1.0)
    i, j, trip = i[real], j[real], (away + back)[real]
    if not i.size:
        raise LayerError(
            "No two places of hydrogen trucks are joined by main roads; check the streets."
        )
    pull = ends.weight[i] * ends.weight[j] / trip
    through = ends.gate[i] & ends.gate[j]
    keep = np.sort(np.argsort(-pull, kind="stable")[:_MOST_FLOWS])
    keep = np.union1d(keep, np.flatnonzero(through)[:_MOST_FLOWS])
    i, j, trip, pull, through = i[keep], j[keep], trip[keep], pull[keep], through[keep]
    share = given.corridor_share if through.any() else 0.0
    share = 1.0 if through.all() else share
    volume = np.where(through, share, 1.0 - share) * given.trips_d * pull
    volume = volume / np.where(through, pull[through].sum() or 1.0, pull[~through].sum() or 1.0)
    return Flows(origin=ends.node[i], destination=ends.node[j], volume=volume), trip


def road_km(graph: StreetGraph, origin: IntArray, destination: IntArray) -> NumberArray:
    """Return road distances [km], shape (origins, destinations), infinite without a road."""
    n = graph.node_count
    arcs = graph.arcs
    matrix = sparse.csr_array(
        (np.maximum(arcs.length_m, 1e-3), arcs.heads, arcs.indptr), shape=(n, n)
    )
    start, place = np.unique(origin, return_inverse=True)
    found: NumberArray = (
        dijkstra(matrix, directed=True, indices=start)[place][:, destination] / 1000.0
    )
    return found
