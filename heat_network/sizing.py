"""From routed pipes to sizes: discrete diameters, flows, temperatures, pumps, and where a limit binds.

Every pipe may use a certain friction: the mains, on the longest way from the source, what the pump can
spend there; a branch what is left of it at its foot over its own longest way, at most the limit of
branches. The limits depend on the lengths alone and fall towards the source, so larger demand never
makes a trunk smaller. The smallest size that carries the flow under the limits of friction and velocity
is taken. The flow follows from the heat and from how warm the water arrives, which follows from the
sizes: resized in rounds, sizes never shrinking, until both stand still.
"""

__all__ = ["SizedNetwork", "size_network"]

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from heat_network.friction import GRAVITY_M_S2, friction_pa_m
from heat_network.hydraulics import (
    Heads,
    PressureFault,
    TreeDrops,
    friction_limits,
    solve_heads,
)
from heat_network.pipe_catalogue import capacity_kg_s, read_pipe_catalogue
from heat_network.pipe_tree import PipeTree, diversified_peaks, hang_pipes
from heat_network.sized_frames import Sized, sized_nodes, sized_pipes, sized_plants
from heat_network.sizing_assumptions import SizingAssumptions
from heat_network.thermal import HeatState, heat_state, pair_loss
from layers.errors import InfeasibleError, LayerError
from layers.units import GJ_PER_KWH

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]
_ROUNDS = 60
_STILL = 1e-10  # relative change of the flows


@dataclass(frozen=True, kw_only=True)
class SizedNetwork:
    """A network with sizes, heads and temperatures.

    Attributes
    ----------
    pipes, nodes, plants : frames
        Tables ``heat_pipes``, ``heat_nodes`` and ``heat_plants``; geometries and further columns of the
        input are kept.
    notes : tuple of str
        What looks wrong without being wrong, in sentences.
    """

    pipes: Any
    nodes: Any
    plants: pd.DataFrame
    notes: tuple[str, ...]

    @property
    def status(self) -> str:
        """Say "accepted" where every limit is kept everywhere, otherwise "infeasible"."""
        return "accepted" if (self.plants["status"] == "accepted").all() else "infeasible"

    @property
    def binding(self) -> str:
        """Where limits bind, in words, empty where none does."""
        return "; ".join(text for text in self.plants["binding"] if text)

    @property
    def pump_head_m(self) -> float:
        """The largest head of a source's own pumps [m]."""
        return float(self.plants["pump_head_m"].max())


def size_network(
    nodes: Any,
    pipes: Any,
    *,
    assumptions: SizingAssumptions,
    catalogue: pd.DataFrame | None = None,
    on_infeasible: Literal["raise", "report"] = "raise",
) -> SizedNetwork:
    """Choose the size of every pipe and find flows, temperatures, heads, pumps and relay stations.

    Parameters
    ----------
    nodes : DataFrame or GeoDataFrame
        By node_id: `kind` ("source", "consumer" or "junction") and `peak_kw` [kW]; optionally
        `source_id`, `elevation_m` [m] (0 unless given) and `heat_gj`, the heat of a season [GJ] (peak
        times full-load hours unless given). Table ``network_nodes`` fits.
    pipes : DataFrame or GeoDataFrame
        By pipe_id: `u` nearer the source, `v`, `length_m` [m]; optionally `source_id` (missing, with no
        peak: a link that is closed in normal use), `consumers` downstream and `peak_kw`, the peak to
        carry after diversity [kW] (computed with `diversity_share` unless given). Table
        ``network_pipes`` fits.
    assumptions : SizingAssumptions
    catalogue : DataFrame, optional
        Table ``pipe_catalogue``; the one of the package unless given.
    on_infeasible : {"raise", "report"}
        Whether a limit that cannot be kept is an error or a status.

    Returns
    -------
    SizedNetwork

    Raises
    ------
    LayerError
        Frames that lack a column, a node fed twice, a ring, a pipe fed by no source.
    InfeasibleError
        A limit that cannot be kept; the message names the pipe.
    """
    sizes = read_pipe_catalogue() if catalogue is None else catalogue
    sizes = sizes[sizes["dn_mm"] >= assumptions.smallest_dn_mm]
    if sizes.empty:
        raise LayerError(
            f"The pipe catalogue has no size from smallest_dn_mm = {assumptions.smallest_dn_mm} "
            "upwards; lower it."
        )
    _check(nodes, pipes)
    tree, rows, links = hang_pipes(nodes, pipes)
    if not len(rows):
        raise LayerError("The network has no pipe that a source feeds; route it first.")
    sized, fault = _resize(
        tree, rows, links, nodes=nodes, pipes=pipes, catalogue=sizes, assumptions=assumptions
    )
    faults = [head.fault for head in sized.heads.values() if head.fault] + (
        [fault] if fault else []
    )
    if faults and on_infeasible == "raise":
        raise InfeasibleError(f"The network cannot be built as asked: {faults[0].words}.")
    return SizedNetwork(
        pipes=sized_pipes(sized, nodes, pipes, assumptions=assumptions),
        nodes=sized_nodes(sized, nodes, assumptions=assumptions),
        plants=sized_plants(sized, nodes, assumptions=assumptions, fault=fault),
        notes=_notes(nodes, assumptions),
    )


def _check(nodes: pd.DataFrame, pipes: pd.DataFrame) -> None:
    for name, frame, columns in (
        ("nodes", nodes, ("kind", "peak_kw")),
        ("pipes", pipes, ("u", "v", "length_m")),
    ):
        for column in columns:
            if column not in frame.columns:
                raise LayerError(
                    f"The {name} of the network have no column {column!r}; give what routing returns."
                )
        if not frame.index.is_unique:
            raise LayerError(
                f"The {name} repeat the key {frame.index[frame.index.duplicated()][0]!r}; keys must "
                "be unique."
            )
    for name, frame, column in (
        ("node", nodes, "peak_kw"), ("node", nodes, "heat_gj"), ("node", nodes, "elevation_m"),
        ("pipe", pipes, "length_m"), ("pipe", pipes, "peak_kw"), ("pipe", pipes, "consumers"),
    ):  # fmt: skip
        if column in frame.columns:
            values = frame[column].to_numpy(np.float64)
            wrong = ~np.isfinite(values) | ((values < 0) & (column != "elevation_m"))
            if wrong.any():
                raise LayerError(
                    f"{column} of {name} {frame.index[wrong][0]!r} is {values[wrong][0]:g} "
                    f"({int(wrong.sum())} rows); it must "
                    "be a finite number" + ("." if column == "elevation_m" else ", at least 0.")
                )


def _notes(nodes: pd.DataFrame, assumptions: SizingAssumptions) -> tuple[str, ...]:
    peak = nodes["peak_kw"].to_numpy(np.float64)
    peak = peak[peak > 0]
    notes = []
    if len(peak) and np.median(peak) < 0.5:
        notes.append(
            f"Half of the consumers peak below {np.median(peak):.2g} kW; were MW given where kW are meant?"
        )
    if len(peak) and np.median(peak) > 1e5:
        notes.append(
            f"Half of the consumers peak above {np.median(peak):.2g} kW; were W given where kW are meant?"
        )
    at_source = nodes["kind"].eq("source") & nodes["peak_kw"].gt(0)
    if at_source.any():
        notes.append(
            f"{int(at_source.sum())} source nodes take heat themselves, first "
            f"{nodes.index[at_source][0]!r}; what a "
            "source gives at its own gate needs no pipe and is not part of the network's flows and costs."
        )
    if "elevation_m" not in nodes.columns:
        notes.append("No elevations were given; pressures hold for flat ground.")
    if "heat_gj" not in nodes.columns:
        notes.append(
            f"No heat of the season was given; it is the peak times {assumptions.full_load_hours:g} h."
        )
    return tuple(notes)


def _resize(
    tree: PipeTree,
    rows: _Ints,
    links: _Ints,
    *,
    nodes: pd.DataFrame,
    pipes: pd.DataFrame,
    catalogue: pd.DataFrame,
    assumptions: SizingAssumptions,
) -> tuple[Sized, PressureFault | None]:
    """Size in rounds, then find the heads."""
    a = assumptions
    names = pipes.index.to_numpy(dtype=object)[rows]
    length = pipes["length_m"].to_numpy(np.float64)[rows]
    own, count, peak = _loads(tree, nodes, pipes.iloc[rows], share=a.diversity_share)
    mains, limit, spend = friction_limits(tree, length, a)
    carried = capacity_kg_s(
        catalogue,
        limit,
        velocity_m_s=a.velocity_limit_m_s,
        roughness_mm=a.roughness_mm,
        water=a.water,
    )
    total = tree.downstream_sum(own)
    together = np.where(total > 0, peak / np.maximum(total, 1e-300), 1.0)
    at_once = together[_first(tree)]  # the share of the peaks that fall together in the whole tree
    loss = pair_loss(catalogue, a)
    taken = own / (a.water.heat_kj_kg_k * (a.supply_c - a.return_c))
    step = np.zeros(len(rows), np.int64)
    flow = np.zeros(len(rows))
    largest = len(catalogue) - 1
    rounds = 0
    still = False
    while not still and rounds < _ROUNDS:
        rounds += 1
        now = tree.downstream_max(together * tree.downstream_sum(taken))
        wanted = (carried < now[:, None] * (1.0 - 1e-12)).sum(axis=1)
        spare = np.ceil(now / carried[:, -1] * (1.0 - 1e-12)).astype(np.int64) - 1
        wanted = np.where(wanted > largest, largest + np.maximum(spare, 1), wanted)
        grown = tree.downstream_max(np.maximum(step, wanted)).astype(np.int64)
        still = bool((grown == step).all()) and float(np.abs(now - flow).max()) <= _STILL * float(
            now.max()
        )
        step, flow = grown, now
        size, pairs = np.minimum(step, largest), np.maximum(step - largest, 0) + 1
        kw_k = tuple(u[size] * length * pairs / 1e3 for u in (loss.supply_w_m_k, loss.return_w_m_k))
        state = heat_state(
            tree, at_once * tree.downstream_sum(taken), consumer_kg_s=at_once * taken,
            consumer_return_c=np.full(len(rows), a.return_c), loss_kw_k=(kw_k[0], kw_k[1]), assumptions=a,
        )  # fmt: skip
        if not still:
            taken = _flow_that_heats(taken, own, state, assumptions=a)
    fault = _fault(names, own=own, pairs=pairs, state=state, still=still, assumptions=a)
    inner = catalogue["inner_mm"].to_numpy(np.float64)[size] / 1e3
    friction = friction_pa_m(
        flow / pairs, inner_m=inner, roughness_mm=a.roughness_mm, water=a.water
    )
    drop = friction * (1.0 + a.fitting_share) * length
    sized = Sized(
        tree=tree, rows=rows, links=links, length_m=length, catalogue=catalogue, step=step,
        wanted=wanted, size=size, pairs=pairs, mains=mains, limit_pa_m=limit,
        main_friction_pa_m=spend, flow_kg_s=flow, friction_pa_m=friction, drop_pa=drop,
        own_kw=own, consumers=count, peak_kw=peak, at_once=at_once, state=state, rounds=rounds,
        heads=_all_heads(tree, links, drop, nodes=nodes, pipes=pipes, names=names, assumptions=a),
        heat_gj=_season_heat(tree, nodes, a), water_kw_m=GRAVITY_M_S2 / 1e3 / a.pump_efficiency,
    )  # fmt: skip
    return sized, fault


def _flow_that_heats(
    taken: _Floats, own_kw: _Floats, state: HeatState, *, assumptions: SizingAssumptions
) -> _Floats:
    """Return the consumers' next flows: those that bring the peak at the temperature that arrives.

    More flow arrives warmer, so plain substitution swings. The step is shortened as Newton's method
    would for a way whose flow rises as a whole: ln m moves by 1 / (1 + s), s = (T - T_g) / (T - T_r) ·
    ln((T_s - T_g) / (T - T_g)).
    """
    a = assumptions
    arrives = np.where(np.isnan(state.supply_out_c), a.supply_c, state.supply_out_c)
    arrives = np.maximum(arrives, a.return_c + a.coldest_supply_k)
    wanted = own_kw / (a.water.heat_kj_kg_k * (arrives - a.return_c))
    above = arrives - a.ground_c
    slope = above / (arrives - a.return_c) * np.log((a.supply_c - a.ground_c) / above)
    ratio = np.where(taken > 0, wanted / np.maximum(taken, 1e-300), 1.0)
    return taken * ratio ** (1.0 / (1.0 + slope))


def _loads(
    tree: PipeTree, nodes: pd.DataFrame, pipes: pd.DataFrame, *, share: float
) -> tuple[_Floats, _Floats, _Floats]:
    """Return peak and consumers at the end of each pipe, and the peak each pipe carries."""
    own = nodes["peak_kw"].to_numpy(np.float64)[tree.end]
    count = np.where(own > 0, 1.0, 0.0)
    if "consumers" in pipes.columns:
        below = pipes["consumers"].to_numpy(np.float64)
        here = below.copy()
        inner = tree.parent >= 0
        np.subtract.at(here, tree.parent[inner], below[inner])
        count = np.where(own > 0, np.maximum(here, 1.0), 0.0)
    if "peak_kw" not in pipes.columns:
        return own, count, diversified_peaks(tree, own, count, share=share)
    single = own / np.maximum(count, 1.0)
    given = np.minimum(pipes["peak_kw"].to_numpy(np.float64), tree.downstream_sum(own))
    return own, count, tree.downstream_max(np.maximum(given, single))


def _first(tree: PipeTree) -> _Ints:
    """Return for every pipe the first pipe of its way, at the source."""
    first = np.arange(len(tree.parent))
    for level in tree.levels[1:]:
        first[level] = first[tree.parent[level]]
    return first


def _fault(
    names: npt.NDArray[np.object_],
    *,
    own: _Floats,
    pairs: _Ints,
    state: HeatState,
    still: bool,
    assumptions: SizingAssumptions,
) -> PressureFault | None:
    a = assumptions
    if pairs.max() > a.pairs_limit:
        pipe = int(np.argmax(pairs))
        words = (
            f"pipe {names[pipe]} would need {pairs[pipe]} pairs of the largest size, more than "
            f"pairs_limit = {a.pairs_limit}; "
            "widen the temperature difference, raise pairs_limit or feed part of the load from elsewhere"
        )
        return PressureFault(pipe=pipe, words=words)
    cold = (own > 0) & (state.supply_out_c < a.return_c + a.coldest_supply_k - 1e-6)
    if cold.any():
        pipe = int(np.flatnonzero(cold)[np.argmin(state.supply_out_c[cold])])
        words = (
            f"the water cools to {state.supply_out_c[pipe]:.0f} °C before the end of pipe "
            f"{names[pipe]}, too cold over a return "
            f"of {a.return_c:g} °C; leave that consumer out, insulate better or raise supply_c"
        )
        return PressureFault(pipe=pipe, words=words)
    if not still:
        pipe = int(np.argmin(np.nan_to_num(state.supply_out_c, nan=np.inf)))
        words = (
            f"flows and sizes did not stand still in {_ROUNDS} rounds, last at pipe {names[pipe]}; "
            "the water loses too much "
            "heat on the way there, so leave that consumer out or insulate better"
        )
        return PressureFault(pipe=pipe, words=words)
    return None


def _all_heads(
    tree: PipeTree,
    links: _Ints,
    drop_pa: _Floats,
    *,
    nodes: pd.DataFrame,
    pipes: pd.DataFrame,
    names: npt.NDArray[np.object_],
    assumptions: SizingAssumptions,
) -> dict[int, Heads]:
    """Return the heads of every source's tree by the row of its node."""
    a = assumptions
    elevation = (
        nodes["elevation_m"].to_numpy(np.float64)
        if "elevation_m" in nodes.columns
        else np.zeros(len(nodes))
    )
    joins = [nodes.index.get_indexer(pipes[name].iloc[links]) for name in ("u", "v")]
    start, end = np.concatenate([tree.start, joins[0]]), np.concatenate([tree.end, joins[1]])
    net = sp.coo_array((np.ones(len(start)), (start, end)), shape=(len(nodes), len(nodes)))
    group = connected_components(net, directed=False)[1]
    highest = np.full(int(group.max()) + 1, -np.inf)
    np.maximum.at(highest, group, elevation)
    drop_m = 2.0 * drop_pa / a.water.pascal_per_m
    order = np.concatenate(tree.levels)
    order = order[np.argsort(tree.root[order], kind="stable")]
    far, behind = tree.along(drop_m), tree.behind(drop_m)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    heads = {}
    for members in np.split(order, np.flatnonzero(np.diff(tree.root[order])) + 1):
        root, up = int(tree.root[members[0]]), tree.parent[members]
        drops = TreeDrops(
            members=members, up=np.where(up >= 0, place[up] - place[members[0]], -1),
            drop_m=drop_m[members], far_m=far[members], behind_m=behind[members],
            ground_m=elevation[np.append(tree.end[members], root)],
            highest_m=float(highest[group[root]]), names=names[members],
        )  # fmt: skip
        heads[root] = solve_heads(drops, assumptions=a)
    return heads


def _season_heat(tree: PipeTree, nodes: pd.DataFrame, assumptions: SizingAssumptions) -> _Floats:
    if "heat_gj" in nodes.columns:
        heat: _Floats = nodes["heat_gj"].to_numpy(np.float64)[tree.end]
        return heat
    peak: _Floats = nodes["peak_kw"].to_numpy(np.float64)[tree.end]
    return peak * assumptions.full_load_hours * GJ_PER_KWH
