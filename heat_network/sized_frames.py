"""The frames of a sized network, made from the arrays of sizing."""

__all__ = ["Sized", "sized_nodes", "sized_pipes", "sized_plants"]

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from heat_network.hydraulics import Heads, PressureFault
from heat_network.pipe_tables import HEAT_NODES, HEAT_PIPES, HEAT_PLANTS
from heat_network.pipe_tree import PipeTree
from heat_network.sizing_assumptions import SizingAssumptions
from heat_network.thermal import HeatState
from layers.units import GJ_PER_KWH, KWH_PER_GJ, KWH_PER_MWH

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Sized:
    """The arrays of a sized forest of m pipes; `rows` and `links` are rows of the frame of pipes."""

    tree: PipeTree
    rows: _Ints
    links: _Ints
    length_m: _Floats
    catalogue: pd.DataFrame
    step: _Ints  # size, counted on beyond the largest by further pairs
    wanted: _Ints  # the step that the pipe's own flow asks for
    size: _Ints
    pairs: _Ints
    mains: npt.NDArray[np.bool_]
    limit_pa_m: _Floats
    main_friction_pa_m: _Floats
    flow_kg_s: _Floats
    friction_pa_m: _Floats
    drop_pa: _Floats
    own_kw: _Floats  # peak at the end
    consumers: _Floats  # at the end
    peak_kw: _Floats
    at_once: _Floats
    state: HeatState
    rounds: int
    heads: dict[int, Heads]
    heat_gj: _Floats  # of the season, at the end
    water_kw_m: float  # electric power per kg/s and metre of head

    @property
    def members(self) -> dict[int, _Ints]:
        """Pipes of the tree of each source, by the row of the source's node."""
        order = np.argsort(self.tree.root, kind="stable")
        cuts = np.flatnonzero(np.diff(self.tree.root[order])) + 1
        return {int(self.tree.root[part[0]]): part for part in np.split(order, cuts)}

    @property
    def by_pipe(self) -> tuple[_Floats, _Ints, _Floats]:
        """Difference of heads at the end [m], relay stations and their head [m] of every pipe."""
        left, relays, lifted = (
            np.zeros(len(self.rows)),
            np.zeros(len(self.rows), np.int64),
            np.zeros(len(self.rows)),
        )
        for head in self.heads.values():
            mine = head.members
            left[mine], relays[mine], lifted[mine] = head.difference_m, head.relays, head.relay_m
        return left, relays, lifted


def _with_geometry(frame: pd.DataFrame, given: Any) -> Any:
    """Return the frame with what else the input carried, its geometry too."""
    more = [name for name in given.columns if name not in frame.columns and name != "geometry"]
    joined = frame.join(given.loc[frame.index, more]) if more else frame
    if isinstance(given, gpd.GeoDataFrame):
        return gpd.GeoDataFrame(
            joined, geometry=given.geometry.loc[frame.index].to_numpy(), crs=given.crs
        )
    return joined


def _bound_by(sized: Sized, assumptions: SizingAssumptions) -> npt.NDArray[np.object_]:
    """Return what set the size of every pipe."""
    dn = sized.catalogue["inner_mm"].to_numpy(np.float64) / 1e3
    below = dn[np.maximum(sized.size - 1, 0)]
    water = assumptions.water
    fastest = assumptions.velocity_limit_m_s * water.density_kg_m3 * np.pi / 4.0 * below**2
    words: npt.NDArray[np.object_] = np.select(
        [sized.step > sized.wanted, sized.pairs > 1, sized.size == 0, sized.flow_kg_s > fastest],
        ["neighbours", "parallel", "smallest", "velocity"],
        "friction",
    ).astype(object)
    return words


def sized_pipes(sized: Sized, nodes: Any, pipes: Any, *, assumptions: SizingAssumptions) -> Any:
    """Return the `heat_pipes` frame, the rows of the input in their order."""
    tree, state, a = sized.tree, sized.state, assumptions
    _, relays, lifted = sized.by_pipe
    length = sized.length_m
    inner = sized.catalogue["inner_mm"].to_numpy(np.float64)[sized.size] / 1e3
    heat = tree.downstream_sum(sized.heat_gj)
    source = _source_names(nodes)
    columns: dict[str, Any] = {
        "u": pipes["u"].to_numpy(dtype=object)[sized.rows],
        "v": pipes["v"].to_numpy(dtype=object)[sized.rows],
        "source_id": source[tree.root],
        "role": np.where(sized.mains, "main", "branch"),
        "length_m": length,
        "consumers": tree.downstream_sum(sized.consumers).round().astype(np.int64),
        "sum_kw": tree.downstream_sum(sized.own_kw),
        "peak_kw": sized.peak_kw,
        "dn_mm": sized.catalogue["dn_mm"].to_numpy(np.int64)[sized.size],
        "pairs": sized.pairs,
        "bound_by": _bound_by(sized, a),
        "flow_kg_s": sized.flow_kg_s,
        "velocity_m_s": sized.flow_kg_s
        / sized.pairs
        / (a.water.density_kg_m3 * np.pi / 4.0 * inner**2),
        "friction_pa_m": sized.friction_pa_m,
        "limit_pa_m": sized.limit_pa_m,
        "drop_kpa": sized.drop_pa / 1e3,
        "relays": relays,
        "relay_head_m": lifted,
        "pump_kw": sized.flow_kg_s * lifted * sized.water_kw_m,
        "supply_in_c": state.supply_in_c,
        "supply_out_c": state.supply_out_c,
        "return_in_c": state.return_in_c,
        "return_out_c": state.return_out_c,
        "loss_kw": state.loss_kw,
        "loss_gj": state.loss_kw * a.season_excess_share * a.season_hours * GJ_PER_KWH,
        "heat_gj": heat,
        "density_mwh_m": heat
        * KWH_PER_GJ
        / KWH_PER_MWH
        / np.maximum(tree.downstream_sum(length), 1e-9),
    }
    frame = pd.DataFrame(columns, index=pipes.index[sized.rows])
    if len(sized.links):
        frame = pd.concat([frame, _link_rows(sized, nodes, pipes)])
    frame = frame.loc[pipes.index]
    frame.index = pd.Index(frame.index.astype("str"), name="pipe_id")
    return _with_geometry(
        HEAT_PIPES.validate(frame, where="The sized pipes"), _keyed(pipes, "pipe_id")
    )


def _keyed(given: Any, name: str) -> Any:
    frame = given.copy()
    frame.index = pd.Index(given.index.astype("str"), name=name)
    return frame


def _source_names(nodes: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Name of the source at each node, its node's id where no source_id is given."""
    ids = nodes.index.astype("str").to_numpy(dtype=object)
    if "source_id" not in nodes.columns:
        return np.asarray(ids, dtype=object)
    given = nodes["source_id"]
    names: npt.NDArray[np.object_] = np.where(given.isna(), ids, given.to_numpy(dtype=object))
    return names


def _link_rows(sized: Sized, nodes: pd.DataFrame, pipes: pd.DataFrame) -> pd.DataFrame:
    """Links carry nothing in normal use; each is as large as the smallest of the trunks that it joins."""
    links = pipes.iloc[sized.links]
    at = np.full(len(nodes), -1, np.int64)
    for side in (sized.tree.start, sized.tree.end):
        np.maximum.at(at, side, sized.size)
    ends = [nodes.index.get_indexer(links[name]) for name in ("u", "v")]
    size = _of_chain(ends[0], ends[1], at)
    frame = pd.DataFrame(
        {
            "u": links["u"].to_numpy(dtype=object),
            "v": links["v"].to_numpy(dtype=object),
            "source_id": np.full(len(links), None, dtype=object),
            "role": "link",
            "length_m": links["length_m"].to_numpy(np.float64),
            "consumers": 0,
            "dn_mm": sized.catalogue["dn_mm"].to_numpy(np.int64)[size],
            "pairs": 1,
            "bound_by": "neighbours",
            "relays": 0,
        },
        index=links.index,
    )
    missing = ("limit_pa_m", "supply_in_c", "supply_out_c", "return_in_c", "return_out_c")
    for column in HEAT_PIPES.column_names:
        if column not in frame.columns:
            frame[column] = np.nan if column in missing else 0.0
    return frame


def _of_chain(start: _Ints, end: _Ints, at: _Ints) -> _Ints:
    """Return the smallest trunk that the chain of each link meets; `at` is -1 where no trunk runs."""
    between = at < 0
    number = np.arange(len(start))  # links meet at nodes that no trunk passes
    shared = sp.coo_array(
        (
            np.ones(int(between[start].sum() + between[end].sum())),
            (
                np.concatenate([number[between[start]], number[between[end]]]),
                np.concatenate([start[between[start]], end[between[end]]]) + len(start),
            ),
        ),
        shape=(len(start) + len(at),) * 2,
    )
    chain = connected_components(shared, directed=False)[1][: len(start)]
    least = np.full(int(chain.max()) + 1, np.iinfo(np.int64).max)
    for side in (start, end):
        np.minimum.at(least, chain[~between[side]], at[side[~between[side]]])
    sizes: _Ints = np.where(least[chain] == np.iinfo(np.int64).max, 0, least[chain])
    return sizes


def sized_nodes(sized: Sized, nodes: Any, *, assumptions: SizingAssumptions) -> Any:
    """Return the `heat_nodes` frame, the nodes of the input in their order."""
    a, tree, state = assumptions, sized.tree, sized.state
    metre = a.water.pascal_per_m / 1e3
    n = len(nodes)
    elevation = (
        nodes["elevation_m"].to_numpy(np.float64) if "elevation_m" in nodes.columns else np.zeros(n)
    )
    supply, back, high, low = (np.full(n, np.nan) for _ in range(4))
    far = np.zeros(n)
    critical = np.zeros(n, bool)
    count, heat = np.zeros(n, np.int64), np.zeros(n)
    count[tree.end], heat[tree.end] = sized.consumers.round(), sized.heat_gj
    names = np.full(n, None, dtype=object)
    left, _, _ = sized.by_pipe
    supply[tree.end], back[tree.end] = state.supply_out_c, state.return_in_c
    ids = _source_names(nodes)
    names[tree.end] = ids[tree.root]
    far[tree.end] = tree.along(sized.length_m)
    drop = tree.along(sized.drop_pa)
    for root, mine in sized.members.items():
        head = sized.heads[root]
        at = tree.end[mine]
        high[at] = head.static_m + (head.source_m + left[mine]) / 2.0
        low[at] = head.static_m + (head.source_m - left[mine]) / 2.0
        high[root], low[root] = head.static_m + head.source_m, head.static_m
        first = mine[tree.parent[mine] < 0]
        supply[root], back[root] = (
            a.supply_c,
            _mixed(state.return_out_c[first], state.flow_kg_s[first]),
        )
        names[root] = ids[root]
        pipe = mine[int(np.argmax(drop[mine]))]
        while pipe >= 0:
            critical[tree.end[pipe]] = True
            pipe = tree.parent[pipe]
        critical[root] = True
    frame = pd.DataFrame(
        {
            "kind": nodes["kind"].to_numpy(dtype=object),
            "source_id": names,
            "peak_kw": nodes["peak_kw"].to_numpy(np.float64),
            "consumers": count,
            "heat_gj": heat,
            "elevation_m": elevation,
            "distance_m": far,
            "supply_c": supply,
            "return_c": back,
            "supply_head_m": high,
            "return_head_m": low,
            "supply_kpa": (high - elevation) * metre,
            "return_kpa": (low - elevation) * metre,
            "available_kpa": (high - low) * metre,
            "critical": critical,
        },
        index=pd.Index(nodes.index.astype("str"), name="node_id"),
    )
    return _with_geometry(
        HEAT_NODES.validate(frame, where="The nodes of the sized network"), _keyed(nodes, "node_id")
    )


def _mixed(temperature_c: _Floats, flow_kg_s: _Floats) -> float:
    runs = flow_kg_s > 0
    return (
        float((temperature_c[runs] * flow_kg_s[runs]).sum() / flow_kg_s[runs].sum())
        if runs.any()
        else float("nan")
    )


def sized_plants(
    sized: Sized, nodes: Any, *, assumptions: SizingAssumptions, fault: PressureFault | None
) -> pd.DataFrame:
    """Return the `heat_plants` frame, one row per source that feeds a pipe."""
    tree, state, a = sized.tree, sized.state, assumptions
    drop = tree.along(sized.drop_pa)
    _, relays, lifted = sized.by_pipe
    names = _source_names(nodes)
    loss_gj = state.loss_kw * a.season_excess_share * a.season_hours * GJ_PER_KWH
    rows, keys = [], []
    for root, mine in sized.members.items():
        head = sized.heads[root]
        first = mine[tree.parent[mine] < 0]
        flow = float(sized.flow_kg_s[first].sum())
        fed, lost = float(state.source_in_kw[mine].sum()), float(state.loss_kw[mine].sum())
        delivered = float((sized.at_once[mine] * sized.own_kw[mine]).sum())
        broken = head.fault or (fault if fault and tree.root[fault.pipe] == root else None)
        keys.append(str(names[root]))
        rows.append(
            {
                "status": "infeasible" if broken else "accepted",
                "binding": broken.words if broken else head.binding,
                "rounds": sized.rounds,
                "main_friction_pa_m": float(sized.main_friction_pa_m[mine[0]]),
                "critical_node": str(nodes.index[tree.end[mine[int(np.argmax(drop[mine]))]]]),
                "flow_kg_s": flow,
                "static_head_m": head.static_m,
                "pump_head_m": max(head.pump_m, 0.0),
                "pump_kw": flow * max(head.pump_m, 0.0) * sized.water_kw_m,
                "relays": int(relays[mine].sum()),
                "relay_kw": float((sized.flow_kg_s[mine] * lifted[mine]).sum()) * sized.water_kw_m,
                "supply_c": a.supply_c,
                "return_c": _mixed(state.return_out_c[first], state.flow_kg_s[first]),
                "heat_in_kw": fed,
                "delivered_kw": delivered,
                "loss_kw": lost,
                "balance": (fed - delivered - lost) / fed if fed > 0 else 0.0,
                "heat_gj": float(sized.heat_gj[mine].sum()),
                "loss_gj": float(loss_gj[mine].sum()),
                "length_m": float(sized.length_m[mine].sum()),
            }
        )
    frame = pd.DataFrame(rows, index=pd.Index(keys, dtype="str", name="source_id"))
    return HEAT_PLANTS.validate(frame, where="The sources of the sized network")
