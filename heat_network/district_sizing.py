"""Both levels of all zones' networks, sized: secondary trees first, then what they ask of the primary."""

__all__ = ["SizedLevels", "size_levels"]

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from heat_network.district_assumptions import DistrictAssumptions
from heat_network.district_network import DistrictNetwork
from heat_network.routing_assumptions import RoutingAssumptions
from heat_network.sizing import SizedNetwork, size_network
from heat_network.sizing_assumptions import SizingAssumptions
from layers.terrain import Terrain

_Floats = npt.NDArray[np.float64]
# Peaks add up where the weather drives them: no pipe carries less than the sum behind it.
_NO_DIVERSITY_KW = 1e12


@dataclass(frozen=True, kw_only=True)
class SizedLevels:
    """The sized networks of all zones.

    Attributes
    ----------
    primary, secondary : SizedNetwork
        Nodes and pipes named ``<zone>/...``, secondary ones ``<substation>/...``; the plants of the secondary
        networks are the substations.
    building_node : Series of str
        Secondary node of each connected building.
    substation_node : Series of str
        Primary node of each substation that is fed.
    """

    primary: SizedNetwork
    secondary: SizedNetwork
    building_node: pd.Series
    substation_node: pd.Series


def size_levels(
    networks: Sequence[DistrictNetwork],
    demand: pd.DataFrame,
    *,
    sizing: SizingAssumptions,
    routing: RoutingAssumptions,
    assumptions: DistrictAssumptions,
    terrain: Terrain | None,
) -> SizedLevels | None:
    """Size the trees behind the substations that are fed, then the primary networks.

    Parameters
    ----------
    networks : sequence of DistrictNetwork
    demand : DataFrame
        By building_id: `peak_kw` [kW] and `heat_gj` [GJ/a].
    sizing : SizingAssumptions
        Of the primary networks.
    routing : RoutingAssumptions
        For whether peaks are diversified.
    assumptions : DistrictAssumptions
    terrain : Terrain, optional
        Elevations; flat unless given.

    Returns
    -------
    SizedLevels or None
        Nothing where nobody is connected. A limit that cannot be kept is a status, not an error.
    """
    built = [
        net for net in networks if net.primary is not None and net.connections["connected"].any()
    ]
    if not built:
        return None
    nodes, pipes = _secondary(built, demand)
    second = size_network(
        _placed(nodes, terrain), _undiversified(pipes, routing),
        assumptions=assumptions.secondary_sizing(sizing), on_infeasible="report",
    )  # fmt: skip
    asked = second.plants.assign(
        asked_kw=second.plants["heat_in_kw"],
        asked_gj=second.plants["heat_gj"] + second.plants["loss_gj"],
    )
    nodes, pipes, place = _primary(built, asked)
    first = size_network(
        _placed(nodes, terrain),
        _undiversified(pipes, routing),
        assumptions=sizing,
        on_infeasible="report",
    )
    joined = pd.concat([net.connections[net.connections["connected"]] for net in built])
    own = joined["substation_id"].astype("str") + "/b:" + joined.index.astype("str")
    return SizedLevels(primary=first, secondary=second, building_node=own, substation_node=place)


def _secondary(built: Sequence[DistrictNetwork], demand: pd.DataFrame) -> tuple[Any, Any]:
    nodes, pipes = [], []
    for net in built:
        fed = set(net.connections.loc[net.connections["connected"], "substation_id"])
        made: Any = net.secondary
        rows = made.nodes["source_id"].isin(fed)
        nodes.append(made.nodes[rows].assign(zone=net.zone))
        pipes.append(
            made.pipes[made.pipes["source_id"].isin(fed)]
            .rename(index=lambda key, zone=net.zone: f"{zone}/behind/{key}")
            .assign(zone=net.zone)
        )
    frame = pd.concat(nodes)
    building = frame.index.str.rsplit("/b:", n=1).str[-1]
    heat = (
        demand["heat_gj"]
        .set_axis(demand.index.astype("str"))
        .reindex(building)
        .to_numpy(np.float64)
    )
    takes = frame["peak_kw"].to_numpy(np.float64) > 0.0
    return frame.assign(heat_gj=np.where(takes, np.nan_to_num(heat), 0.0)), pd.concat(pipes)


def _primary(built: Sequence[DistrictNetwork], asked: pd.DataFrame) -> tuple[Any, Any, pd.Series]:
    nodes, pipes, places = [], [], []
    for net in built:
        made: Any = net.primary
        frame = made.nodes.rename(index=lambda key, zone=net.zone: f"{zone}/{key}")
        links = made.pipes.rename(index=lambda key, zone=net.zone: f"{zone}/{key}")
        links = links.assign(
            u=f"{net.zone}/" + links["u"].astype("str"), v=f"{net.zone}/" + links["v"].astype("str")
        )
        fed = made.connections[made.connections["connected"]]
        place = f"{net.zone}/" + fed["node"].astype("str")
        peak = asked["asked_kw"].reindex(fed.index).groupby(place.to_numpy()).sum()
        heat = asked["asked_gj"].reindex(fed.index).groupby(place.to_numpy()).sum()
        nodes.append(
            frame.assign(
                peak_kw=peak.reindex(frame.index).fillna(0.0),
                heat_gj=heat.reindex(frame.index).fillna(0.0),
                zone=net.zone,
            )
        )
        pipes.append(links.assign(zone=net.zone))
        places.append(place)
    return pd.concat(nodes), pd.concat(pipes), pd.concat(places)


def _placed(nodes: Any, terrain: Terrain | None) -> Any:
    """Return the nodes with the ground's elevation; where the terrain has a hole, its mean."""
    if terrain is None:
        return nodes
    x, y = nodes.geometry.x.to_numpy(), nodes.geometry.y.to_numpy()
    ground: _Floats = terrain.sample(x, y).astype(np.float64)
    known = np.isfinite(ground)
    if not known.any():
        return nodes
    return nodes.assign(elevation_m=np.where(known, ground, ground[known].mean()))


def _undiversified(pipes: Any, routing: RoutingAssumptions) -> Any:
    linked = pipes["source_id"].isna().to_numpy()
    marked = pipes.assign(role=np.where(linked, "link", "branch"))
    if routing.diversity:
        return marked.drop(columns=["peak_kw"])
    return marked.assign(peak_kw=np.where(linked, 0.0, _NO_DIVERSITY_KW))
