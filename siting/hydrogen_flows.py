"""Hydrogen flows: main roads, the places trucks drive between, and the trips they make."""

__all__ = [
    "Ends",
    "FlowPart",
    "HydrogenFlows",
    "flow_ends",
    "gravity_flows",
    "hydrogen_flows",
    "main_roads",
    "road_km",
]

from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
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


@dataclass(frozen=True, kw_only=True)
class FlowPart:
    """Flows of one kind of vehicle.

    Attributes
    ----------
    flows : Flows
        Round trips per day.
    trip_km : ndarray of float
        There and back [km].
    corridor : ndarray of bool
        Drives through, from one end of the motorway to another.
    vehicle : {"truck", "bus", "given"}
        What drives.
    """

    flows: Flows
    trip_km: NumberArray
    corridor: npt.NDArray[np.bool_]
    vehicle: str


@dataclass(frozen=True, kw_only=True)
class HydrogenFlows:
    """All flows, one entry each: trips, length [km], vehicle, range [m] and hydrogen needed [kg/d]."""

    flows: Flows
    trip_km: NumberArray
    vehicle: npt.NDArray[np.object_]
    corridor: npt.NDArray[np.bool_]
    range_m: NumberArray
    demand_kg_d: NumberArray


def main_roads(streets: gpd.GeoDataFrame) -> StreetGraph:
    """Return the graph of motorways down to tertiary roads, on which trucks drive."""
    return street_graph(streets, closed_classes=_MINOR)


def flow_ends(layers: LayerSet, graph: StreetGraph) -> Ends:
    """Return yards, parks and motorway ends with their nodes; weight by the root of the area."""
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


def hydrogen_flows(
    layers: LayerSet,
    graph: StreetGraph,
    *,
    given: HydrogenAssumptions,
    trips: gpd.GeoDataFrame | None = None,
) -> HydrogenFlows:
    """Return the round trips of hydrogen vehicles: those given, or trucks and buses by gravity.

    Parameters
    ----------
    layers : LayerSet
        Streets, yards, parks, buildings and counties are read.
    graph : StreetGraph
        Of the main roads.
    given : HydrogenAssumptions
        Trips per day, range and consumption by kind of vehicle.
    trips : GeoDataFrame, optional
        Own trips: lines from origin to destination in the study's CRS, with `trips_d` [1/d]; they take
        the place of the gravity flows and count as trucks.

    Raises
    ------
    LayerError
        No two places to drive between, or a given trip that begins or ends far from a main road.
    """
    if trips is not None:
        parts = [_given(trips, graph)]
    else:
        towns = _towns(layers, graph)
        parts = []
        if given.bus_trips_d > 0.0 and towns.node.size > 1:
            parts = _buses(towns, road_km(graph, towns.node, towns.node), given=given)
        ends = flow_ends(layers, graph)
        if ends.node.size < 2 and not parts:
            raise LayerError(
                f"Hydrogen trucks need two places to drive between and the layers hold {ends.node.size} on "
                "main roads; give logistics parks, industrial parks or a motorway that leaves the area."
            )
        if ends.node.size > 1 and given.trips_d > 0.0:
            trucks = gravity_flows(ends, road_km(graph, ends.node, ends.node), given=given)
            parts = [trucks, *parts]
    bus = np.concatenate([np.full(part.trip_km.size, part.vehicle == "bus") for part in parts])
    flows = Flows(
        origin=np.concatenate([part.flows.origin for part in parts]),
        destination=np.concatenate([part.flows.destination for part in parts]),
        volume=np.concatenate([part.flows.volume for part in parts]),
    )
    names = np.concatenate(
        [np.full(part.trip_km.size, part.vehicle, dtype=object) for part in parts]
    )
    trip_km = np.concatenate([part.trip_km for part in parts])
    per_100km = np.where(bus, given.bus_kg_per_100km, given.kg_per_100km)
    return HydrogenFlows(
        flows=flows,
        trip_km=trip_km,
        vehicle=names,
        corridor=np.concatenate([part.corridor for part in parts]),
        range_m=1000.0 * np.where(bus, given.bus_range_km, given.range_km),
        demand_kg_d=flows.volume * trip_km / 100.0 * per_100km,
    )


def _given(trips: gpd.GeoDataFrame, graph: StreetGraph) -> FlowPart:
    ends = []
    for vertex, word in ((0, "begins"), (-1, "ends")):
        at = shapely.get_coordinates(shapely.get_point(trips.geometry.to_numpy(), vertex))
        node, away = graph.nearest_nodes(at[:, 0], at[:, 1], reach_m=_ATTACH_M)
        if (node < 0).any():
            k = int(np.argmax(node < 0))
            raise LayerError(
                f"The trip {trips.index[k]} {word} {away[k] / 1000.0:.1f} km from a main road; allowed are "
                f"{_ATTACH_M / 1000.0:g} km, so move its end or add the road."
            )
        ends.append(node)
    used = ends[0] != ends[1]
    origin, destination = ends[0][used], ends[1][used]
    km = road_km(graph, origin, destination), road_km(graph, destination, origin)
    trip = np.diagonal(km[0]) + np.diagonal(km[1])
    real = np.isfinite(trip)
    if not real.any():
        raise LayerError(
            "No given hydrogen trip can be driven on the main roads; check the streets."
        )
    volume = trips["trips_d"].to_numpy(dtype=np.float64)[used]
    flows = Flows(origin=origin[real], destination=destination[real], volume=volume[real])
    corridor = np.zeros(int(real.sum()), dtype=np.bool_)
    return FlowPart(flows=flows, trip_km=trip[real], corridor=corridor, vehicle="given")


def _towns(layers: LayerSet, graph: StreetGraph) -> Ends:
    """Return the middle of the floor of each county on the main roads, weighted by its people."""
    rows = layers.buildings
    if rows.empty:
        return Ends(node=np.zeros(0, np.int64), weight=np.zeros(0), gate=np.zeros(0, np.bool_))
    middle = shapely.get_coordinates(shapely.centroid(rows.geometry.to_numpy()))
    floor = rows["footprint_m2"].to_numpy(dtype=np.float64)
    sums = pd.DataFrame({"x": middle[:, 0] * floor, "y": middle[:, 1] * floor, "floor": floor})
    sums = sums.groupby(rows["county"].to_numpy()).sum()
    sums = sums[sums["floor"] > 0.0]
    node, _ = graph.nearest_nodes(
        (sums["x"] / sums["floor"]).to_numpy(),
        (sums["y"] / sums["floor"]).to_numpy(),
        reach_m=_ATTACH_M,
    )
    people = layers.area.counties["population"].reindex(sums.index).astype("float64")
    weight = people.to_numpy() if people.notna().all() else sums["floor"].to_numpy()
    whole = pd.Series(weight[node >= 0]).groupby(node[node >= 0]).sum()
    return Ends(
        node=whole.index.to_numpy(dtype=np.int64),
        weight=whole.to_numpy(dtype=np.float64),
        gate=np.zeros(len(whole), dtype=np.bool_),
    )


def _buses(towns: Ends, km: NumberArray, *, given: HydrogenAssumptions) -> list[FlowPart]:
    pairs = _pairs(towns, km)
    if not pairs.pull.size:
        return []
    volume = given.bus_trips_d * pairs.pull / pairs.pull.sum()
    flows = Flows(origin=towns.node[pairs.i], destination=towns.node[pairs.j], volume=volume)
    corridor = np.zeros(pairs.i.size, dtype=np.bool_)
    return [FlowPart(flows=flows, trip_km=pairs.trip_km, corridor=corridor, vehicle="bus")]


class _Pairs(NamedTuple):
    i: IntArray
    j: IntArray
    trip_km: NumberArray
    pull: NumberArray


def _pairs(ends: Ends, km: NumberArray) -> _Pairs:
    """Return the pairs of places joined there and back, with the length and the pull of each."""
    i, j = np.triu_indices(ends.node.size, 1)
    away, back = km[i, j], km[j, i]
    real = np.isfinite(away) & np.isfinite(back) & (away > 1.0)
    i, j, trip = i[real], j[real], (away + back)[real]
    return _Pairs(i, j, trip, ends.weight[i] * ends.weight[j] / trip)


def gravity_flows(ends: Ends, km: NumberArray, *, given: HydrogenAssumptions) -> FlowPart:
    """Return round trips of trucks per day between the ends.

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
    i, j, trip, pull = _pairs(ends, km)
    if not i.size:
        raise LayerError(
            "No two places of hydrogen trucks are joined by main roads; check the streets."
        )
    through = ends.gate[i] & ends.gate[j]
    keep = np.sort(np.argsort(-pull, kind="stable")[:_MOST_FLOWS])
    keep = np.union1d(keep, np.flatnonzero(through)[:_MOST_FLOWS])
    i, j, trip, pull, through = i[keep], j[keep], trip[keep], pull[keep], through[keep]
    share = given.corridor_share if through.any() else 0.0
    share = 1.0 if through.all() else share
    volume = np.where(through, share, 1.0 - share) * given.trips_d * pull
    volume = volume / np.where(through, pull[through].sum() or 1.0, pull[~through].sum() or 1.0)
    flows = Flows(origin=ends.node[i], destination=ends.node[j], volume=volume)
    return FlowPart(flows=flows, trip_km=trip, corridor=through, vehicle="truck")


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
