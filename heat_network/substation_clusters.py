"""Two levels as Chinese cities build: substations by clustering, a primary network, secondary trees."""

__all__ = ["TwoLevelNetwork", "cluster_substations", "secondary_network", "two_level_network"]

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from heat_network.graph import StreetGraph
from heat_network.routing import Network, route
from heat_network.routing_assumptions import RoutingAssumptions
from heat_network.tables import SUBSTATION_CLUSTERS
from layers.errors import LayerError

FloatArray = npt.NDArray[np.float64]
Job = tuple[StreetGraph, pd.DataFrame, pd.DataFrame, RoutingAssumptions]
Mapper = Callable[[Callable[[Job], Network], Iterable[Job]], Iterable[Network]]
_HALO = 1.5  # a secondary tree may use streets within this many radii of its substation


@dataclass(frozen=True, kw_only=True)
class TwoLevelNetwork:
    """Substations, the primary network to them and the secondary tree behind each.

    Attributes
    ----------
    substations : GeoDataFrame
        `substation_clusters` table.
    assigned : Series
        Substation of each building with a demand and a node, by building.
    primary : Network
        From the sources to the substations; its consumers are the substations.
    secondary : dict of str to Network
        By substation.
    value_cny, bound_cny, gap : float
        Price of both levels, and a bound on it for these substations and this assignment: placing the
        substations otherwise is outside the bound.
    covers : str
    """

    substations: Any
    assigned: pd.Series
    primary: Network
    secondary: dict[str, Network]
    value_cny: float
    bound_cny: float
    gap: float
    covers: str


def cluster_substations(
    graph: StreetGraph, consumers: pd.DataFrame, *, limit_kw: float, radius_m: float
) -> tuple[Any, pd.Series]:
    """Group consumers so that no group exceeds a load or a radius, and place a substation in each.

    Groups are halved along their longer side until both limits hold; the substation stands at the street
    node nearest to the load's centre from which every consumer of the group is within the radius. One
    consumer above the load limit keeps a substation to itself.

    Parameters
    ----------
    graph : StreetGraph
    consumers : DataFrame
        By consumer_id: `node` and `peak_kw` [kW]. Rows without node or demand are left out.
    limit_kw : float
        Largest sum of peaks per substation [kW].
    radius_m : float
        Largest straight distance from a substation to its consumers [m].

    Returns
    -------
    substations : GeoDataFrame
        `substation_clusters` table.
    assigned : Series of str
        Substation by consumer.
    """
    if limit_kw <= 0 or radius_m <= 0:
        raise LayerError(f"limit_kw is {limit_kw} and radius_m {radius_m}; both must be above 0.")
    row = graph.nodes.index.get_indexer(consumers["node"].fillna(""))
    peak = consumers["peak_kw"].astype(float).fillna(0.0).to_numpy(np.float64)
    taking = np.flatnonzero((row >= 0) & (peak > 0))
    points = graph.nodes[["x_m", "y_m"]].to_numpy(np.float64)
    street = np.flatnonzero((graph.nodes["kind"] != "building").to_numpy())
    tree = shapely.STRtree(shapely.points(points[street]))
    component = graph.nodes["component"].to_numpy(dtype=np.int64)
    waiting = [taking[component[row[taking]] == part] for part in np.unique(component[row[taking]])]
    groups: list[tuple[npt.NDArray[np.int64], int, float]] = []
    while waiting:
        group = waiting.pop()
        where = points[row[group]]
        site, reach = _site(
            where,
            peak[group],
            tree=tree,
            street=street,
            nodes=(points, component, int(component[row[group[0]]])),
        )
        fits = peak[group].sum() <= limit_kw and reach <= radius_m
        if fits or len(group) == 1 or (np.ptp(where, axis=0) == 0).all():
            groups.append((group, site, reach))
        else:
            waiting += _halves(group, where, peak[group])
    return _tables(graph, consumers, peak, groups=groups)


def _site(
    where: FloatArray,
    peak: FloatArray,
    *,
    tree: shapely.STRtree,
    street: npt.NDArray[np.int64],
    nodes: tuple[FloatArray, npt.NDArray[np.int64], int],
) -> tuple[int, float]:
    points, component, part = nodes
    centre = np.average(where, axis=0, weights=peak)
    near = street[tree.query(shapely.Point(centre), predicate="dwithin", distance=300.0)]
    near = near[component[near] == part]
    if len(near) == 0:
        near = street[component[street] == part]
    if len(near) == 0:  # a part of buildings only
        near = np.flatnonzero(component == part)
    gap = np.hypot(*(points[near] - centre).T)
    site = int(near[np.argmin(gap)])
    return site, float(np.hypot(*(where - points[site]).T).max())


def _halves(
    group: npt.NDArray[np.int64], where: FloatArray, peak: FloatArray
) -> list[npt.NDArray[np.int64]]:
    axis = int(np.argmax(np.ptp(where, axis=0)))
    order = np.argsort(where[:, axis], kind="stable")
    load = np.cumsum(peak[order])
    cut = int(np.clip(np.searchsorted(load, load[-1] / 2.0) + 1, 1, len(group) - 1))
    return [group[order[:cut]], group[order[cut:]]]


def _tables(
    graph: StreetGraph,
    consumers: pd.DataFrame,
    peak: FloatArray,
    *,
    groups: list[tuple[npt.NDArray[np.int64], int, float]],
) -> tuple[Any, pd.Series]:
    ids = [f"substation-{number}" for number in range(len(groups))]
    at = np.array([site for _, site, _ in groups], dtype=np.int64)
    frame = gpd.GeoDataFrame(
        {
            "node": graph.nodes.index[at],
            "peak_kw": np.array([peak[group].sum() for group, _, _ in groups], dtype=np.float64),
            "buildings": np.array([len(group) for group, _, _ in groups], dtype=np.int64),
            "radius_m": np.array([reach for _, _, reach in groups], dtype=np.float64),
        },
        geometry=np.asarray(graph.nodes.geometry.array)[at],
        crs=graph.nodes.crs,
        index=pd.Index(ids, dtype="str", name="substation_id"),
    )
    names = [
        (key, name)
        for (group, _, _), name in zip(groups, ids, strict=True)
        for key in group.tolist()
    ]
    order = np.array([key for key, _ in names], dtype=np.int64)
    assigned = pd.Series(
        [name for _, name in names],
        index=consumers.index[order].astype("str"),
        name="substation_id",
        dtype="str",
    )
    return SUBSTATION_CLUSTERS.validate(frame, where="The substations"), assigned


def secondary_network(job: Job) -> Network:
    """Route one substation's secondary tree; a pure function of its job, safe in another process.

    Parameters
    ----------
    job : (graph, consumers, sources, cost)
        The graph clipped around the substation, its consumers, the substation as the only source.
    """
    graph, consumers, sources, cost = job
    return route(graph, consumers, sources, cost=cost)


def two_level_network(
    graph: StreetGraph,
    consumers: pd.DataFrame,
    sources: pd.DataFrame,
    *,
    cost: RoutingAssumptions,
    secondary_cost: RoutingAssumptions,
    limit_kw: float,
    radius_m: float,
    mapper: Mapper = map,
) -> TwoLevelNetwork:
    """Place substations, route the primary network to them and a secondary tree behind each.

    Parameters
    ----------
    consumers, sources : DataFrame
        As in :func:`heat_network.routing.route`; every building with a node and a demand is served.
    cost, secondary_cost : RoutingAssumptions
        Prices of primary and of secondary pipes.
    limit_kw, radius_m : float
        Limits of a substation [kW], [m].
    mapper : callable
        ``map`` or a process pool's ``map``: the secondary trees do not depend on each other.
    """
    substations, assigned = cluster_substations(
        graph, consumers, limit_kw=limit_kw, radius_m=radius_m
    )
    primary = route(graph, pd.DataFrame(substations[["node", "peak_kw"]]), sources, cost=cost)
    jobs = _jobs(graph, consumers, substations, assigned=assigned, cost=secondary_cost)
    secondary = dict(zip(substations.index.tolist(), mapper(secondary_network, jobs), strict=True))
    value = primary.value_cny + sum(tree.value_cny for tree in secondary.values())
    bound = primary.bound_cny + sum(tree.bound_cny for tree in secondary.values())
    return TwoLevelNetwork(
        substations=substations,
        assigned=assigned,
        primary=primary,
        secondary=secondary,
        value_cny=value,
        bound_cny=bound,
        gap=value / bound - 1.0 if bound > 0 else 0.0,
        covers="pipes of both levels, for the substations and the assignment given, each secondary tree on "
        "the streets around its substation; " + primary.covers,
    )


def _jobs(
    graph: StreetGraph,
    consumers: pd.DataFrame,
    substations: Any,
    *,
    assigned: pd.Series,
    cost: RoutingAssumptions,
) -> Iterable[Job]:
    points = graph.nodes[["x_m", "y_m"]].to_numpy(np.float64)
    is_building = (graph.nodes["kind"] == "building").to_numpy()
    by_edge = shapely.STRtree(
        shapely.points((points[graph.ends[:, 0]] + points[graph.ends[:, 1]]) / 2.0)
    )
    members = {name: list(rows) for name, rows in assigned.groupby(assigned).groups.items()}
    named = consumers.set_axis(consumers.index.astype("str"))
    row = graph.nodes.index.get_indexer(named["node"].fillna(""))
    place = pd.Series(row, index=named.index)
    for name, site, reach in zip(
        substations.index, substations["node"], substations["radius_m"], strict=True
    ):
        own = place.loc[members[name]].to_numpy()
        centre = shapely.Point(points[graph.nodes.index.get_loc(site)])
        foreign = is_building.copy()
        foreign[own] = False
        for wider in (1.0, 3.0, np.inf):
            distance = (_HALO * reach + 200.0) * wider
            edge = (
                np.arange(len(graph.ends))
                if np.isinf(wider)
                else np.sort(by_edge.query(centre, predicate="dwithin", distance=distance))
            )
            edge = edge[~foreign[graph.ends[edge]].any(axis=1)]
            clip = _clip(graph, edge, np.append(own, graph.nodes.index.get_loc(site)))
            if _joined(clip, [*graph.nodes.index[own].tolist(), site]) or np.isinf(wider):
                break
        yield (
            clip,
            named.loc[members[name], ["node", "peak_kw"]],
            pd.DataFrame({"node": [site]}, index=pd.Index([name], dtype="str")),
            cost,
        )


def _clip(
    graph: StreetGraph, edge: npt.NDArray[np.int64], kept: npt.NDArray[np.int64]
) -> StreetGraph:
    node = np.unique(np.concatenate([graph.ends[edge].ravel(), kept]))
    return StreetGraph(
        nodes=graph.nodes.iloc[node], edges=graph.edges.iloc[edge], repairs=graph.repairs.iloc[:0]
    )


def _joined(clip: StreetGraph, wanted: list[str]) -> bool:
    n = len(clip.nodes)
    ends = clip.ends
    links = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(n, n))
    part = connected_components(links, directed=False)[1]
    return len(np.unique(part[clip.nodes.index.get_indexer(wanted)])) == 1
