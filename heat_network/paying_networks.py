"""Branches that do not pay at the sizes they really have are left out.

Routing prices pipes by a straight line, catalogues rise in steps and bend: a long branch may look worth its
trench and not be. Here every branch of the sized network is weighed again: what its substations are worth
against its own pipes at their true sizes, with relay stations and heat losses.
"""

__all__ = ["paying_networks"]

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from heat_network.cost_assumptions import CostAssumptions, annuity
from heat_network.costs import cost_basis, pipe_capital
from heat_network.district_network import DistrictNetwork
from heat_network.district_sizing import SizedLevels
from heat_network.pipe_tree import PipeTree

_Floats = npt.NDArray[np.float64]
_Bools = npt.NDArray[np.bool_]


def paying_networks(
    networks: Sequence[DistrictNetwork], levels: SizedLevels, *, costs: CostAssumptions
) -> tuple[tuple[DistrictNetwork, ...], int]:
    """Return the networks without the branches that do not pay, and how many substations that leaves out.

    Parameters
    ----------
    networks : sequence of DistrictNetwork
    levels : SizedLevels
        Their sizes.
    costs : CostAssumptions

    Returns
    -------
    networks : tuple of DistrictNetwork
        Their buildings that are left out are "cheaper_alone". Joined networks stay whole.
    dropped : int
        Substations left out.

    Notes
    -----
    From leaf to root: a branch is worth its substations and what its own branches are worth beyond their
    cost; it stays where that exceeds the price of the pipe to it. Exact for the sizes given; pipes towards
    the source become smaller by what is left out, so callers size and weigh again.
    """
    basis = cost_basis(levels.primary)
    pipes = levels.primary.pipes.iloc[basis.rows]
    yearly = annuity(costs.interest, costs.life_years["pipes"]) + costs.upkeep["pipes"]
    lost = pipes["loss_gj"].to_numpy(np.float64) * costs.source_heat_cny_gj / yearly
    relays = pipes["relays"].to_numpy(np.float64) * costs.relay_cny
    pumps = pipes["pump_kw"].to_numpy(np.float64) * costs.pump_cny_kw
    price = pipe_capital(basis, costs)[basis.rows] + relays + pumps + lost
    nodes = levels.primary.nodes.index
    worth, tying = _worth(networks, nodes)
    stays = _stays(basis.tree, worth, price, tying=tying)
    kept = set(nodes[basis.tree.end[stays]])
    made, dropped = [], 0
    for net in networks:
        if net.primary is None or net.joined:
            made.append(net)
            continue
        fed = net.primary.connections[net.primary.connections["connected"]]
        place = f"{net.zone}/" + fed["node"].astype("str")
        out = fed.index[~place.isin(kept)]
        dropped += len(out)
        made.append(_without(net, set(out), kept) if len(out) else net)
    return tuple(made), dropped


def _worth(networks: Sequence[DistrictNetwork], nodes: pd.Index) -> tuple[_Floats, _Floats]:
    """Return by row of node what its substations are worth, and what tying in its source costs [CNY]."""
    worth, tying = np.zeros(len(nodes)), np.zeros(len(nodes))
    for net in networks:
        if net.primary is None:
            continue
        fed = net.primary.connections[net.primary.connections["connected"]]
        row = nodes.get_indexer(f"{net.zone}/" + fed["node"].astype("str"))
        extra = net.sources["heat_cny_kw"].reindex(fed["source_id"]).fillna(0.0).to_numpy()
        value = fed["prize_cny"].to_numpy(np.float64) - extra * fed["peak_kw"].to_numpy(np.float64)
        here = row >= 0
        np.add.at(worth, row[here], value[here])
        at = nodes.get_indexer(f"{net.zone}/" + net.sources["node"].astype("str"))
        cost = net.sources["connection_cny"].to_numpy(np.float64)
        np.add.at(tying, at[at >= 0], cost[at >= 0])
    return worth, tying


def _stays(tree: PipeTree, worth: _Floats, price: _Floats, *, tying: _Floats) -> _Bools:
    """Return which pipes stay."""
    gain = worth[tree.end].astype(np.float64)
    stays = np.zeros(len(price), dtype=np.bool_)
    whole = -tying
    for level in tree.levels[::-1]:
        left = gain[level] - price[level]
        stays[level] = left > 0.0
        earned = np.maximum(left, 0.0)
        inner = tree.parent[level] >= 0
        np.add.at(gain, tree.parent[level][inner], earned[inner])
        np.add.at(whole, tree.root[level][~inner], earned[~inner])
    stays &= whole[tree.root] > 0.0
    for level in tree.levels[1:]:
        stays[level] &= stays[tree.parent[level]]
    return stays


def _without(net: DistrictNetwork, out: set[str], kept: set[str]) -> DistrictNetwork:
    """Return the network without some substations and the pipes that fed nobody else."""
    primary: Any = net.primary
    first = primary.connections.copy()
    gone = first.index.isin(out)
    first.loc[gone, "connected"] = False
    first.loc[gone, "reason"] = "cheaper_alone"
    first.loc[gone, ["source_id", "distance_m"]] = None
    stays = (f"{net.zone}/" + primary.pipes["v"].astype("str")).isin(kept)
    pipes = primary.pipes[stays.to_numpy()]
    used = set(pipes["u"].astype("str")) | set(pipes["v"].astype("str"))
    nodes = primary.nodes[primary.nodes.index.isin(used)]
    rows = net.connections["substation_id"].isin(out)
    answers = net.connections.copy()
    answers.loc[rows, "connected"] = False
    answers.loc[rows, "reason"] = "cheaper_alone"
    answers.loc[rows, ["source_id", "substation_id"]] = None
    answers.loc[rows, "distance_m"] = np.nan
    return dataclasses.replace(
        net,
        connections=answers,
        primary=dataclasses.replace(primary, connections=first, pipes=pipes, nodes=nodes),
    )
