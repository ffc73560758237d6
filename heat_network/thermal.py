"""Heat lost by buried pairs, and the temperature of the water at every node.

A pair of equal pipes in the ground loses, per metre (EN 13941, annex on thermal losses, after
Wallentén's first-order solution; the standard itself was not seen: unverified)::

    R_ground = ln(4 Z / D) / (2 π λ_soil)            Z = depth of the axis + R_surface λ_soil
    R_pipe   = ln(D_foam / d) / (2 π λ_foam) + ln(D / D_foam) / (2 π λ_casing)
    R_pair   = ln(1 + (2 Z / C)²) / (4 π λ_soil)     C = distance of the axes
    U1 = (R_ground + R_pipe) / ((R_ground + R_pipe)² - R_pair²),  U2 = R_pair / (the same)
    q_supply = U1 (T_s - T_g) - U2 (T_r - T_g),      q_return = U1 (T_r - T_g) - U2 (T_s - T_g)

The exchange between the two is taken at the design temperatures, so that each pipe cools exponentially
towards the ground.
"""

__all__ = ["HeatState", "PairLoss", "heat_state", "pair_loss"]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from heat_network.pipe_tree import PipeTree
from heat_network.sizing_assumptions import SizingAssumptions

_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PairLoss:
    """Loss of every size of pipe.

    Attributes
    ----------
    supply_w_m_k, return_w_m_k : (s,) array
        Loss of the supply and of the return per metre and kelvin over the ground [W/(m·K)]; the
        warmth that the one gives to the other is counted.
    """

    supply_w_m_k: _Floats
    return_w_m_k: _Floats


def pair_loss(catalogue: pd.DataFrame, assumptions: SizingAssumptions) -> PairLoss:
    """Return what a buried pair of every size loses.

    Parameters
    ----------
    catalogue : DataFrame
        Table ``pipe_catalogue`` with s rows.
    assumptions : SizingAssumptions
        Insulation class, ground, cover, gap and the design temperatures.

    Returns
    -------
    PairLoss
    """
    a = assumptions
    stem = "casing" if a.insulation == "standard" else "casing_reinforced"
    steel = catalogue["outer_mm"].to_numpy(np.float64) / 1e3
    casing = catalogue[f"{stem}_mm"].to_numpy(np.float64) / 1e3
    foam = casing - 2.0 * catalogue[f"{stem}_wall_mm"].to_numpy(np.float64) / 1e3
    depth = a.cover_m + casing / 2.0 + a.surface_m2_k_w * a.soil_w_m_k
    apart = casing + a.gap_m
    ground = np.log(4.0 * depth / casing) / (2.0 * np.pi * a.soil_w_m_k)
    pipe = np.log(foam / steel) / (2.0 * np.pi * a.insulation_w_m_k)
    pipe += np.log(casing / foam) / (2.0 * np.pi * a.casing_w_m_k)
    pair = np.log(1.0 + (2.0 * depth / apart) ** 2) / (4.0 * np.pi * a.soil_w_m_k)
    both = (ground + pipe) ** 2 - pair**2
    u1, u2 = (ground + pipe) / both, pair / both
    ratio = (a.return_c - a.ground_c) / (a.supply_c - a.ground_c)
    # a return that is much colder than the supply is warmed by it: then its loss is negative, held at 0
    return PairLoss(supply_w_m_k=u1 - u2 * ratio, return_w_m_k=np.maximum(u1 - u2 / ratio, 0.0))


@dataclass(frozen=True, kw_only=True)
class HeatState:
    """Temperatures and heat of a steady state, by pipe of the tree.

    Attributes
    ----------
    supply_in_c, supply_out_c, return_in_c, return_out_c : (m,) array
        Supply at start and end, return at end and start of each pipe [°C]; NaN without flow.
    loss_kw : (m,) array
        Heat lost by supply and return [kW].
    flow_kg_s : (m,) array
        Flow of the state [kg/s].
    source_in_kw : (m,) array
        Heat that enters the tree through each pipe at a source, 0 for the others [kW].
    """

    supply_in_c: _Floats
    supply_out_c: _Floats
    return_in_c: _Floats
    return_out_c: _Floats
    loss_kw: _Floats
    flow_kg_s: _Floats
    source_in_kw: _Floats


def heat_state(
    tree: PipeTree,
    flow_kg_s: npt.ArrayLike,
    *,
    consumer_kg_s: npt.ArrayLike,
    consumer_return_c: npt.ArrayLike,
    loss_kw_k: tuple[_Floats, _Floats],
    assumptions: SizingAssumptions,
) -> HeatState:
    """Return the temperatures along a tree for given flows.

    Parameters
    ----------
    tree : PipeTree
        m pipes.
    flow_kg_s, consumer_kg_s : array_like, shape (m,)
        Flow through each pipe, and of the consumers at its end [kg/s]; a pipe's flow is the sum of the
        consumers behind it.
    consumer_return_c : array_like, shape (m,)
        Temperature at which these send the water back [°C].
    loss_kw_k : two ndarray, shape (m,)
        Loss of the supply and of the return of each pipe per kelvin over the ground [kW/K].
    assumptions : SizingAssumptions
        Supply temperature at the sources, ground, water.

    Returns
    -------
    HeatState
        Heat in = heat taken + heat lost, to rounding.
    """
    a = assumptions
    cp = a.water.heat_kj_kg_k
    flow = np.asarray(flow_kg_s, dtype=np.float64)
    runs = flow > 0
    safe = np.where(runs, flow, 1.0)
    kept_s, kept_r = (np.exp(-loss / (safe * cp)) for loss in loss_kw_k)
    supply_in = np.full(len(flow), a.supply_c)
    supply_out = np.empty(len(flow))
    for number, level in enumerate(tree.levels):
        if number:
            supply_in[level] = supply_out[tree.parent[level]]
        supply_out[level] = a.ground_c + (supply_in[level] - a.ground_c) * kept_s[level]
    taken = np.asarray(consumer_kg_s, dtype=np.float64)
    back = taken * np.asarray(
        consumer_return_c, dtype=np.float64
    )  # kg/s times °C arriving at the end
    return_in, return_out = np.full(len(flow), np.nan), np.full(len(flow), np.nan)
    for level in reversed(tree.levels):
        return_in[level] = back[level] / safe[level]
        return_out[level] = a.ground_c + (return_in[level] - a.ground_c) * kept_r[level]
        inner = level[tree.parent[level] >= 0]
        np.add.at(
            back, tree.parent[inner], np.where(runs[inner], flow[inner] * return_out[inner], 0.0)
        )
    lost = flow * cp * (supply_in - supply_out + return_in - return_out)
    entering = np.where(tree.parent < 0, flow * cp * (supply_in - return_out), 0.0)

    def seen(values: _Floats) -> _Floats:
        shown: _Floats = np.where(runs, values, np.nan)
        return shown

    return HeatState(
        supply_in_c=seen(supply_in),
        supply_out_c=seen(supply_out),
        return_in_c=seen(return_in),
        return_out_c=seen(return_out),
        loss_kw=np.where(runs, lost, 0.0),
        flow_kg_s=flow,
        source_in_kw=np.where(runs, entering, 0.0),
    )
