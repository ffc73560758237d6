"""Who reaches which site over the streets: travel time and distance, many to many, with a cutoff."""

__all__ = ["Access", "AccessAssumptions", "nearest_station", "site_access"]

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.assumptions import Assumptions, assumed
from layers.errors import LayerError
from siting.access_kernel import Legs, Run, Stops, by_demand, many_to_many, settle
from siting.sparse_costs import IntArray, SparseCost
from siting.street_graph import StreetGraph, fresh_labels

_KMH = 3.6  # km/h per m/s


@dataclass(frozen=True, kw_only=True)
class AccessAssumptions(Assumptions):
    """What counts as within reach."""

    cutoff_min: float = assumed(
        30.0,
        unit="min",
        source="working default: half an hour to a public station; farther counts as out of reach",
        confidence="unverified",
        minimum=0.1,
        maximum=600.0,
    )
    reach_m: float = assumed(
        1000.0,
        unit="m",
        source="working default: farther from any street node a place counts as without road",
        confidence="unverified",
        minimum=1.0,
        maximum=50_000.0,
    )
    leg_kmh: float = assumed(
        15.0,
        unit="km/h",
        source="working default: slow driving between a place and its street node, as the crow flies",
        confidence="unverified",
        minimum=1.0,
        maximum=60.0,
    )


@dataclass(frozen=True, kw_only=True)
class Access:
    """Sites within reach of each demand, as sparse rows, driven from the demand to the site.

    Attributes
    ----------
    demand_id, site_id : pandas.Index
        Keys of the rows and of the sites that `indices` counts.
    indptr, indices : ndarray of int
        Sites of demand ``i`` are ``indices[indptr[i]:indptr[i + 1]]``, ascending.
    time_s, length_m : ndarray of float32
        Travel time [s] and length of that fastest route [m], access legs included.
    unreachable : DataFrame, index demand_id
        Demands with no site in their row: columns `reason` (text) and `distance_m`, from the
        demand to its street node [m].
    roadless_sites : pandas.Index
        Sites with no road within reach, which serve nobody.
    """

    demand_id: pd.Index
    site_id: pd.Index
    indptr: IntArray
    indices: npt.NDArray[np.int32]
    time_s: npt.NDArray[np.float32]
    length_m: npt.NDArray[np.float32]
    unreachable: pd.DataFrame
    roadless_sites: pd.Index

    def time_cost(self, *, overflow_s: float) -> SparseCost:
        """Return travel times as costs [s]; a demand without an open site pays `overflow_s`."""
        return self._cost(self.time_s, overflow_s)

    def length_cost(self, *, overflow_m: float) -> SparseCost:
        """Return route lengths as costs [m]; a demand without an open site pays `overflow_m`."""
        return self._cost(self.length_m, overflow_m)

    def _cost(self, values: npt.NDArray[np.float32], overflow: float) -> SparseCost:
        return SparseCost(
            indptr=self.indptr,
            indices=self.indices,
            values=values.astype(np.float64),
            overflow=np.full(self.demand_id.size, float(overflow)),
            site_count=self.site_id.size,
        )


def site_access(
    graph: StreetGraph,
    demand: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    *,
    assumptions: AccessAssumptions | None = None,
) -> Access:
    """Return time and distance from every demand to every site within the cutoff.

    Parameters
    ----------
    graph : StreetGraph
        Directed streets in the metric CRS of the points.
    demand, sites : GeoDataFrame
        Keyed by their ids; a polygon stands at its representative point.
    assumptions : AccessAssumptions, optional
        Cutoff, reach and speed of the access legs.

    Raises
    ------
    LayerError
        The two tables are not in the same CRS.

    Notes
    -----
    One Dijkstra run per site on the reversed graph, stopped at the cutoff. Points are attached to
    the nearest node of the part of the graph in which every node reaches every other.
    """
    assumptions = AccessAssumptions() if assumptions is None else assumptions
    _check_crs(demand, sites)
    attached, standing = _attached(graph, demand, assumptions), _attached(graph, sites, assumptions)
    run = Run(graph.reversed_arcs(), fresh_labels(graph), assumptions.cutoff_min * 60.0)
    rows = by_demand(many_to_many(run, standing, _stops(graph, attached)), len(demand))
    return Access(
        demand_id=demand.index,
        site_id=sites.index,
        indptr=rows.indptr,
        indices=rows.indices,
        time_s=rows.time_s,
        length_m=rows.length_m,
        unreachable=_unreachable(
            attached, demand.index, assumptions, found=np.diff(rows.indptr) > 0
        ),
        roadless_sites=sites.index[standing.node < 0],
    )


def nearest_station(
    graph: StreetGraph,
    demand: gpd.GeoDataFrame,
    stations: gpd.GeoDataFrame,
    *,
    assumptions: AccessAssumptions | None = None,
) -> pd.DataFrame:
    """Return the station each demand reaches soonest, however far it is.

    Parameters
    ----------
    graph, demand, assumptions
        As in :func:`site_access`; the cutoff is not applied.
    stations : GeoDataFrame
        Existing stations, keyed by their ids.

    Returns
    -------
    DataFrame, index as `demand`
        `station` (key, missing where none is reached), `time_s` [s] and `length_m` [m], NaN there.
    """
    assumptions = AccessAssumptions() if assumptions is None else assumptions
    attached, standing = (
        _attached(graph, demand, assumptions),
        _attached(graph, stations, assumptions),
    )
    known = np.flatnonzero(standing.node >= 0)
    labels = fresh_labels(graph)
    seeds = Legs(standing.node[known], standing.time_s[known], standing.length_m[known])
    settled = settle(Run(graph.reversed_arcs(), labels, np.inf), seeds)
    seed = np.full(graph.node_count, -1, dtype=np.int64)
    for k in labels.order[:settled].tolist():  # nearest first: the node before is always named
        before = int(labels.via[k])
        seed[k] = -1 - before if before < 0 else seed[before]
    there = np.maximum(attached.node, 0)
    found = (attached.node >= 0) & (seed[there] >= 0)
    which = known[seed[there][found]]
    station = pd.Series(pd.NA, index=demand.index, dtype="object")
    station[found] = stations.index.to_numpy()[which]
    return pd.DataFrame(
        {
            "station": station,
            "time_s": np.where(found, labels.time_s[there] + attached.time_s, np.nan),
            "length_m": np.where(found, labels.length_m[there] + attached.length_m, np.nan),
        },
        index=demand.index,
    )


def _attached(graph: StreetGraph, points: gpd.GeoDataFrame, assumptions: AccessAssumptions) -> Legs:
    """Return the node of each point and the leg to it, as the crow flies."""
    at = points.geometry.representative_point()
    node, distance_m = graph.nearest_nodes(
        at.x.to_numpy(), at.y.to_numpy(), reach_m=assumptions.reach_m
    )
    return Legs(node, distance_m / (assumptions.leg_kmh / _KMH), distance_m)


def _stops(graph: StreetGraph, demand: Legs) -> Stops:
    known = np.flatnonzero(demand.node >= 0)
    at = known[np.argsort(demand.node[known], kind="stable")]
    per_node = np.bincount(demand.node[at], minlength=graph.node_count)
    indptr = np.concatenate([[0], np.cumsum(per_node)])
    return Stops(indptr.astype(np.int64), at.astype(np.int64), demand.time_s, demand.length_m)


def _unreachable(
    demand: Legs, index: pd.Index, assumptions: AccessAssumptions, *, found: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    reason = np.where(
        demand.node[~found] < 0,
        f"no road within {assumptions.reach_m:g} m",
        f"no site within {assumptions.cutoff_min:g} minutes",
    )
    return pd.DataFrame(
        {"reason": reason, "distance_m": demand.length_m[~found]}, index=index[~found]
    )


def _check_crs(demand: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> None:
    if demand.crs != sites.crs:
        raise LayerError(
            f"Demand is in {_crs_name(demand)} and the sites are in {_crs_name(sites)}; project both to "
            "the metric CRS of the study area."
        )


def _crs_name(frame: gpd.GeoDataFrame) -> str:
    return "no CRS" if frame.crs is None else str(frame.crs.name)
