"""One heat zone's network of two levels, in which every building's worth decides whether it connects.

Substations are placed by clustering; the tree behind each is routed with the worth of its buildings; what
they are worth beyond their tree is what the primary network may spend to reach the substation.
"""

__all__ = ["DistrictNetwork", "GroundLimits", "district_network"]

import dataclasses
from dataclasses import dataclass
from typing import Any

import pandas as pd

from heat_network.district_assumptions import DistrictAssumptions
from heat_network.graph import StreetGraph, attach
from heat_network.graph_frames import with_edges, without_places
from heat_network.neighbourhoods import neighbourhoods
from heat_network.routing import Network, route
from heat_network.routing_assumptions import RoutingAssumptions
from heat_network.substation_clusters import cluster_substations

_MANY = 1500  # buildings of a zone from which their trees are searched for quickly


@dataclass(frozen=True, kw_only=True)
class GroundLimits:
    """What stands in the way.

    Attributes
    ----------
    barriers : GeoDataFrame, optional
        As in :func:`heat_network.graph.street_graph`.
    forbidden : GeoSeries, optional
        Places that no pipe may enter.
    """

    barriers: Any = None
    forbidden: Any = None


@dataclass(frozen=True, kw_only=True)
class DistrictNetwork:
    """Both levels of one zone.

    Attributes
    ----------
    zone : str
        Begins the name of every substation, node and pipe.
    graph : StreetGraph
        Streets with the services of buildings and sources.
    substations : GeoDataFrame
        Table ``substation_clusters``, by substation_id, of all that were asked.
    connections : DataFrame
        By building: `connected`, `reason` (see ``ANSWERS``), `source_id`, `substation_id`, `distance_m`.
    primary, secondary : Network or None
        None where nobody was asked. The secondary one holds the trees of all substations side by side, its
        nodes named ``<substation>/<node>``.
    sources : DataFrame
        What routing was offered, by source_id: `node`, `connection_cny`, `heat_cny_kw`.
    joined : bool
        Whether the sources' trees are linked.
    lost_sources : tuple of str
        Sources without a street near enough.
    """

    zone: str
    graph: StreetGraph
    substations: Any
    connections: pd.DataFrame
    primary: Network | None
    secondary: Network | None
    sources: pd.DataFrame
    joined: bool
    lost_sources: tuple[str, ...]


def district_network(
    graph: StreetGraph,
    consumers: Any,
    sources: Any,
    *,
    zone: str,
    routing: RoutingAssumptions,
    secondary: RoutingAssumptions,
    assumptions: DistrictAssumptions,
    ground: Any = None,
) -> DistrictNetwork:
    """Plan one zone's network.

    Parameters
    ----------
    graph : StreetGraph
        The zone's streets.
    consumers : GeoDataFrame
        By building_id: shapes, `peak_kw` [kW] and `prize_cny`, the worth of connecting [CNY].
    sources : GeoDataFrame
        By source_id: places and, optionally, what :func:`heat_network.routing.route` reads.
    zone : str
    routing, secondary : RoutingAssumptions
        Prices of primary and of secondary pipes.
    assumptions : DistrictAssumptions
    ground : GroundLimits, optional
        What pipes pay to cross, and where none may go.

    Returns
    -------
    DistrictNetwork
    """
    ground = ground or GroundLimits()
    barriers = ground.barriers
    far = dataclasses.replace(routing, attach_limit_m=assumptions.source_attach_m)
    graph, at_source = attach(graph, sources[["geometry"]], assumptions=far, barriers=barriers)
    graph, at = attach(graph, consumers[["geometry"]], assumptions=routing, barriers=barriers)
    if ground.forbidden is not None:
        graph = without_places(graph, ground.forbidden)
    plants = pd.DataFrame(sources.drop(columns="geometry")).assign(node=at_source["node"])
    lost = tuple(plants.index[plants["node"].isna()])
    plants = plants[plants["node"].notna()]
    table = pd.DataFrame(consumers[["peak_kw", "prize_cny"]]).assign(node=at["node"])
    answers = _first_answers(graph, table, plants)
    asked = table[answers["reason"].isna()]
    substations, assigned = cluster_substations(
        graph,
        asked,
        limit_kw=assumptions.substation_limit_kw,
        radius_m=assumptions.substation_radius_m,
    )
    name = {old: f"{zone}-{old.removeprefix('substation-')}" for old in substations.index}
    substations.index = pd.Index(
        [name[old] for old in substations.index], dtype="str", name="substation_id"
    )
    assigned = assigned.map(name)
    if not len(substations) or not len(plants):
        answers["reason"] = answers["reason"].fillna("no_source")
        return DistrictNetwork(
            zone=zone, graph=graph, substations=substations, connections=_answered(answers),
            primary=None, secondary=None, sources=plants, joined=assumptions.joined, lost_sources=lost,
        )  # fmt: skip
    quick = len(asked) > _MANY
    behind = _together(
        [
            route(part.graph, part.consumers, part.sources, cost=secondary, quick=quick)
            for part in neighbourhoods(graph, asked, substations, assigned=assigned)
        ]
    )
    worth = _worth(substations, asked, behind)
    before = route(_mains(graph, plants), worth, plants, cost=routing, joined=assumptions.joined)
    return DistrictNetwork(
        zone=zone,
        graph=graph,
        substations=substations,
        connections=_answered(_last_answers(answers, assigned, behind, primary=before)),
        primary=before,
        secondary=behind,
        sources=plants,
        joined=assumptions.joined,
        lost_sources=lost,
    )


def _together(parts: list[Network]) -> Network:
    """Return networks that share no node as one; their bounds add up."""
    pipes = pd.concat([part.pipes for part in parts])
    pipes.index = pd.Index(
        [f"pipe-{number}" for number in range(len(pipes))], dtype="str", name="pipe_id"
    )
    value, bound = (
        sum(getattr(part, name) for part in parts) for name in ("value_cny", "bound_cny")
    )
    proven = all(part.status == "optimal" for part in parts)
    return Network(
        nodes=pd.concat([part.nodes for part in parts]),
        pipes=pipes,
        connections=pd.concat([part.connections for part in parts]),
        value_cny=value,
        bound_cny=bound,
        gap=value / bound - 1.0 if bound > 0.0 and not proven else 0.0,
        status="optimal" if proven else "bounded",
        covers=parts[0].covers,
        load_kw=pd.concat([part.load_kw for part in parts]),
    )


def _mains(graph: StreetGraph, plants: pd.DataFrame) -> StreetGraph:
    """Return the graph without the services of buildings, which no main may run through."""
    home = (graph.nodes["kind"] == "building").to_numpy() & ~graph.nodes.index.isin(plants["node"])
    return with_edges(graph, ~home[graph.ends].any(axis=1))


def _first_answers(graph: StreetGraph, table: pd.DataFrame, plants: pd.DataFrame) -> pd.DataFrame:
    """Return what is known before routing: who has no street, and whom no source reaches."""
    part = graph.nodes["component"]
    fed = set(part.reindex(plants["node"]).tolist())
    attached = table["node"].notna()
    reached = pd.Series(part.reindex(table["node"]).isin(fed).to_numpy(), index=table.index)
    reason = pd.Series(None, index=table.index, dtype="object")
    if len(plants):
        reason[attached & ~reached] = "unreachable"
    reason[~attached] = "far_from_street"
    return pd.DataFrame(
        {"reason": reason, "source_id": None, "substation_id": None, "distance_m": float("nan")}
    )


def _worth(substations: Any, asked: pd.DataFrame, behind: Network) -> pd.DataFrame:
    """Return node, peak and what is left for the primary network of every substation that keeps buildings."""
    joined = behind.connections[behind.connections["connected"]]
    prize = asked["prize_cny"].set_axis(asked.index.astype("str")).reindex(joined.index)
    by = joined["source_id"].astype("str")
    earned = prize.groupby(by.to_numpy()).sum()
    spent = (
        behind.pipes["cost_cny"].groupby(behind.pipes["source_id"].astype("str").to_numpy()).sum()
    )
    peak = joined["peak_kw"].groupby(by.to_numpy()).sum()
    left = (earned - spent.reindex(earned.index).fillna(0.0)).clip(lower=0.0)
    return pd.DataFrame(
        {"node": substations["node"].reindex(peak.index), "peak_kw": peak, "prize_cny": left}
    )


def _last_answers(
    answers: pd.DataFrame, assigned: pd.Series, behind: Network, *, primary: Network
) -> pd.DataFrame:
    found = answers.copy()
    found.index = found.index.astype("str")
    second, first = behind.connections, primary.connections
    rows = second.index
    substation = assigned.reindex(rows)
    above = first.reindex(substation.to_numpy()).set_axis(rows)
    own, upper = second["reason"].astype("object"), above["reason"].astype("object")
    # A tree without buildings has no row above: its buildings have a reason of their own.
    found.loc[rows, "reason"] = own.where(own != "connected", upper).to_numpy()
    joined = found.loc[rows, "reason"] == "connected"
    found.loc[rows, "source_id"] = (
        above["source_id"].astype("object").where(joined, None).to_numpy()
    )
    found.loc[rows, "substation_id"] = substation.astype("object").where(joined, None).to_numpy()
    distance = above["distance_m"].astype("float64") + second["distance_m"].astype("float64")
    found.loc[rows, "distance_m"] = distance.where(joined).to_numpy()
    return found.set_axis(answers.index)


def _answered(answers: pd.DataFrame) -> pd.DataFrame:
    return answers.assign(connected=answers["reason"] == "connected")
