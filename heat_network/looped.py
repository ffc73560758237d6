"""Joined networks with rings, solved by EPANET: heads, flows and pressures where links are open.

The supply side is solved; the return mirrors it. EPANET balances heads by Todini's gradient method with
the friction of Swamee and Jain, an explicit form of Colebrook-White within 1-3 %, hence small
differences to the trees.
"""

__all__ = ["LoopedFlow", "solve_looped"]

import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from heat_network.pipe_catalogue import read_pipe_catalogue
from heat_network.sizing_assumptions import SizingAssumptions
from layers.errors import InfeasibleError, LayerError, ZiboGeoError


@dataclass(frozen=True, kw_only=True)
class LoopedFlow:
    """A solved network.

    Attributes
    ----------
    pipes : DataFrame
        By pipe_id: `flow_kg_s` from u to v, negative against it, `velocity_m_s`, `drop_kpa` from u to v
        of the supply, fittings included.
    nodes : DataFrame
        By node_id: `supply_head_m` over the datum, `supply_kpa`, `available_kpa` between supply and return.
    status : {"accepted", "infeasible"}
    binding : str
        Where a limit is broken, in words, empty where none is.
    """

    pipes: pd.DataFrame
    nodes: pd.DataFrame
    status: str
    binding: str


def solve_looped(
    nodes: pd.DataFrame,
    pipes: pd.DataFrame,
    *,
    assumptions: SizingAssumptions,
    shares: Mapping[str, float] | None = None,
    closed: tuple[str, ...] = (),
    lead: str | None = None,
) -> LoopedFlow:
    """Solve a sized network with its links open.

    Parameters
    ----------
    nodes : DataFrame
        Table ``heat_nodes``: what each consumer takes, elevations, and the head at the leading source.
    pipes : DataFrame
        Table ``heat_pipes``, links included.
    assumptions : SizingAssumptions
    shares : mapping of str to float, optional
        Share of the whole flow that each source node feeds in; the leading source holds its head and
        feeds the rest. The others feed the flow of their own consumers unless given.
    closed : tuple of str
        Pipes that are shut: by a burst, or to look at one source less.
    lead : str, optional
        Source node that holds its head; the one with the highest supply head unless given.

    Returns
    -------
    LoopedFlow

    Raises
    ------
    ZiboGeoError
        The library wntr is not installed.
    LayerError
        Unknown pipes or sources.
    InfeasibleError
        Consumers that no source reaches once the pipes are shut.
    """
    wntr = _wntr()
    sources = nodes.index[nodes["kind"] == "source"]
    _check(pipes, sources, shares=shares or {}, closed=closed, lead=lead)
    leading = lead or str(nodes.loc[sources, "supply_head_m"].idxmax())
    a = assumptions
    difference = (a.supply_c - a.return_c) * a.water.heat_kj_kg_k
    taken = (nodes["peak_kw"] / difference).where(nodes["kind"] == "consumer", 0.0)
    _check_reached(nodes, pipes.drop(index=list(closed)), taken=taken, sources=sources)
    fed = _fed(nodes, taken, sources, leading=leading, shares=shares)
    used = pipes.drop(index=list(closed))
    flow, head = _solve(wntr, nodes, used, out_kg_s=taken - fed, leading=leading, assumptions=a)
    return _answer(nodes, pipes, (flow, head), taken=taken, leading=leading, assumptions=a)


def _wntr() -> Any:
    try:
        import wntr
    except ImportError as error:
        raise ZiboGeoError(
            "Networks with open links are solved by EPANET through wntr, which is not installed; "
            "install the extra: pip install 'zibo-geo[networks]'."
        ) from error
    return wntr


def _check(
    pipes: pd.DataFrame,
    sources: pd.Index,
    *,
    shares: Mapping[str, float],
    closed: tuple[str, ...],
    lead: str | None,
) -> None:
    for name in (*shares, *([lead] if lead else [])):
        if name not in sources:
            raise LayerError(
                f"{name!r} is no source node of the network; sources are {', '.join(sources)}."
            )
    for name in closed:
        if name not in pipes.index:
            raise LayerError(f"There is no pipe {name!r} to close.")
    if shares and not 0.0 <= sum(shares.values()) <= 1.0:
        raise LayerError(
            f"The shares of the sources sum to {sum(shares.values()):g}; they must not exceed 1."
        )
    if (pipes["relays"] > 0).any():
        raise LayerError(
            f"Pipe {pipes.index[pipes['relays'] > 0][0]!r} has a relay station; open links "
            "are solved only without relay stations, so solve the trees beyond it on their own."
        )


def _check_reached(
    nodes: pd.DataFrame, used: pd.DataFrame, *, taken: pd.Series, sources: pd.Index
) -> None:
    ends = [nodes.index.get_indexer(used[name]) for name in ("u", "v")]
    net = sp.coo_array((np.ones(len(used)), (ends[0], ends[1])), shape=(len(nodes), len(nodes)))
    group = connected_components(net, directed=False)[1]
    reached = np.isin(group, group[nodes.index.get_indexer(sources)])
    lost = nodes.index[~reached & (taken > 0).to_numpy()]
    if len(lost):
        raise InfeasibleError(
            f"{len(lost)} consumers are cut off from every source, first {lost[0]!r}; open another "
            "way to them."
        )


def _fed(
    nodes: pd.DataFrame,
    taken: pd.Series,
    sources: pd.Index,
    *,
    leading: str,
    shares: Mapping[str, float] | None,
) -> pd.Series:
    """Return what every source but the leading one feeds in [kg/s]."""
    fed = pd.Series(0.0, index=nodes.index)
    for source in sources:
        if source == leading:
            continue
        if shares is not None:
            fed[source] = shares.get(source, 0.0) * float(taken.sum())
        else:
            mine = nodes["source_id"] == nodes.loc[source, "source_id"]
            fed[source] = float(taken[mine].sum())
    return fed


def _solve(
    wntr: Any,
    nodes: pd.DataFrame,
    used: pd.DataFrame,
    *,
    out_kg_s: pd.Series,
    leading: str,
    assumptions: SizingAssumptions,
) -> tuple[pd.Series, pd.Series]:
    """Return the flow of every pipe used [kg/s] and the head of every node [m]."""
    a = assumptions
    bore = read_pipe_catalogue().set_index("dn_mm")["inner_mm"] / 1e3
    net = wntr.network.WaterNetworkModel()
    with warnings.catch_warnings():
        # it warns that roughness is not converted; no pipe has one yet
        warnings.simplefilter("ignore", UserWarning)
        net.options.hydraulic.headloss = "D-W"
    net.options.hydraulic.inpfile_units = "CMH"
    # EPANET counts viscosity in that of water at 20 °C, 1.1e-5 ft2/s
    net.options.hydraulic.viscosity = (
        a.water.viscosity_pa_s / a.water.density_kg_m3 / (1.1e-5 * 0.3048**2)
    )
    net.options.hydraulic.accuracy = 1e-6
    net.options.hydraulic.trials = 200
    net.options.time.duration = 0
    ends = nodes.index.isin(used["u"]) | nodes.index.isin(used["v"])
    names = {node: f"n{number}" for number, node in enumerate(nodes.index)}
    for node in nodes.index[ends]:
        if node == leading:
            net.add_reservoir(names[node], base_head=float(nodes.loc[node, "supply_head_m"]))
        else:
            demand = float(out_kg_s[node]) / a.water.density_kg_m3
            net.add_junction(
                names[node], base_demand=demand, elevation=float(nodes.loc[node, "elevation_m"])
            )
    pairs = used["pairs"].to_numpy(np.int64)
    length = np.maximum(used["length_m"].to_numpy(np.float64) * (1.0 + a.fitting_share), 1e-3)
    inner = bore.loc[used["dn_mm"]].to_numpy(np.float64)
    for row, (start, end) in enumerate(zip(used["u"], used["v"], strict=True)):
        for twin in range(pairs[row]):
            net.add_pipe(
                f"p{row}-{twin}", names[start], names[end], length=length[row], diameter=inner[row],
                roughness=a.roughness_mm / 1e3,
            )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        results = wntr.sim.EpanetSimulator(net).run_sim(
            file_prefix=str(Path(folder) / "net"), convergence_error=True
        )
    flows = results.link["flowrate"].iloc[0]
    flow = pd.Series(
        [
            float(flows[f"p{row}-0"]) * a.water.density_kg_m3 * pairs[row]
            for row in range(len(used))
        ],
        index=used.index,
    )
    heads = results.node["head"].iloc[0]
    head = pd.Series({node: float(heads[names[node]]) for node in nodes.index[ends]})
    return flow, head.reindex(nodes.index)


def _answer(
    nodes: pd.DataFrame,
    pipes: pd.DataFrame,
    solved: tuple[pd.Series, pd.Series],
    *,
    taken: pd.Series,
    leading: str,
    assumptions: SizingAssumptions,
) -> LoopedFlow:
    a = assumptions
    metre = a.water.pascal_per_m / 1e3
    flow, head = solved[0].reindex(pipes.index).fillna(0.0), solved[1]
    bore = (
        (read_pipe_catalogue().set_index("dn_mm")["inner_mm"] / 1e3)
        .loc[pipes["dn_mm"]]
        .to_numpy(np.float64)
    )
    area = a.water.density_kg_m3 * np.pi / 4.0 * bore**2 * pipes["pairs"].to_numpy(np.float64)
    drop = (head.loc[pipes["u"]].to_numpy() - head.loc[pipes["v"]].to_numpy()) * metre
    velocity = flow.abs() / area
    # the return mirrors the supply
    available = (
        2.0 * head - nodes.loc[leading, "supply_head_m"] - nodes.loc[leading, "return_head_m"]
    )
    pressure = (head - nodes["elevation_m"]) * metre
    lacking = f"consumer {{0}} lacks {{1:.0f}} kPa of the {a.substation_kpa:g} kPa between supply and return"
    pressed = f"the supply presses {{1:.0f}} kPa above {a.pressure_limit_kpa:g} kPa at node {{0}}"
    rushing = f"pipe {{0}} runs {{1:.2f}} m/s above {a.velocity_limit_m_s:g} m/s"
    faults = [
        (lacking, (a.substation_kpa - available * metre).where(taken > 0)),
        (pressed, pressure - a.pressure_limit_kpa),
        (rushing, velocity - a.velocity_limit_m_s),
    ]
    words = [text.format(over.idxmax(), over.max()) for text, over in faults if over.max() > 1e-3]
    return LoopedFlow(
        pipes=pd.DataFrame({"flow_kg_s": flow, "velocity_m_s": velocity, "drop_kpa": drop}),
        nodes=pd.DataFrame(
            {"supply_head_m": head, "supply_kpa": pressure, "available_kpa": available * metre}
        ),
        status="infeasible" if words else "accepted",
        binding="; ".join(words),
    )
