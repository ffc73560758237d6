"""How far heat may be carried before heating on the spot is cheaper."""

__all__ = ["break_even"]

import numpy as np
import numpy.typing as npt
import pandas as pd

from heat_network.alternatives import alternative_costs
from heat_network.cost_assumptions import CostAssumptions, annuity
from heat_network.cost_tables import ALTERNATIVES, HEAT_BREAK_EVEN
from heat_network.friction import friction_pa_m
from heat_network.pipe_catalogue import capacity_kg_s, read_pipe_catalogue, trench_cost_cny_m
from heat_network.sizing_assumptions import SizingAssumptions
from heat_network.thermal import pair_loss
from layers.errors import LayerError
from layers.units import GJ_PER_KWH, KW_PER_MW

_Floats = npt.NDArray[np.float64]


def break_even(
    sources: pd.DataFrame,
    *,
    assumptions: CostAssumptions,
    sizing: SizingAssumptions,
    distribution_cny_gj: float = 0.0,
    catalogue: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the longest trunk over which each source is cheaper than the cheapest alternative.

    The margin per heat is the cheapest allowed alternative less source heat, source connection,
    substation, staff and distribution. A kilometre of trunk costs its capital and upkeep, the heat that
    it loses and the pumping there and back. Without relay stations' buildings, so the distance is on
    the long side.

    Parameters
    ----------
    sources : DataFrame
        By source_id: `heat_mw` [MW] and, optionally, `cost_cny_gj`. Sources without heat are left out.
    assumptions : CostAssumptions
    sizing : SizingAssumptions
        Temperatures, friction of mains, insulation, full-load hours.
    distribution_cny_gj : float
        What the network behind the trunk costs per heat [CNY/GJ].
    catalogue : DataFrame, optional
        Table ``pipe_catalogue``; the one of the package unless given.

    Returns
    -------
    DataFrame
        Table ``heat_break_even``.
    """
    if "heat_mw" not in sources.columns:
        raise LayerError(
            "The heat sources have no column 'heat_mw'; give the heat that each can send [MW]."
        )
    a, sizes = assumptions, read_pipe_catalogue() if catalogue is None else catalogue
    heat_mw = sources["heat_mw"].astype("float64")
    rows = sources[heat_mw > 0]
    peak = heat_mw[heat_mw > 0].to_numpy(np.float64) * KW_PER_MW
    gj = peak * sizing.full_load_hours * GJ_PER_KWH
    price = np.full(len(rows), a.source_heat_cny_gj)
    if "cost_cny_gj" in rows.columns:
        price = (
            rows["cost_cny_gj"].astype("float64").fillna(a.source_heat_cny_gj).to_numpy(np.float64)
        )
    cost, _ = alternative_costs(peak, gj, assumptions=a)
    least = cost[:, [name in a.allowed for name in ALTERNATIVES]].min(axis=1)
    built = sum(
        each * (annuity(a.interest, a.life_years[kind]) + a.upkeep[kind])
        for kind, each in (
            ("substations", a.substation_cny_kw),
            ("connection", a.source_connection_cny_kw),
        )
    )
    margin = least - price - a.staff_cny_gj - built * peak / gj - distribution_cny_gj
    size, pairs, per_km = _trunk(peak, gj, price, catalogue=sizes, assumptions=a, sizing=sizing)
    frame = pd.DataFrame(
        {
            "heat_mw": peak / KW_PER_MW,
            "dn_mm": sizes["dn_mm"].to_numpy(np.int64)[size],
            "pairs": pairs.astype(np.int64),
            "margin_cny_gj": margin,
            "carry_cny_gj_km": per_km,
            "break_even_km": np.maximum(margin, 0.0) / per_km,
        },
        index=pd.Index(rows.index.astype("str"), name="source_id"),
    )
    return HEAT_BREAK_EVEN.validate(frame, where="The break-even distances")


def _trunk(
    peak_kw: _Floats,
    heat_gj: _Floats,
    price_cny_gj: _Floats,
    *,
    catalogue: pd.DataFrame,
    assumptions: CostAssumptions,
    sizing: SizingAssumptions,
) -> tuple[npt.NDArray[np.int64], _Floats, _Floats]:
    """Return row of the size, pairs, and cost per heat and kilometre [CNY/(GJ·km)] of a trunk."""
    a = assumptions
    water = sizing.water
    flow = peak_kw / (water.heat_kj_kg_k * (sizing.supply_c - sizing.return_c))
    carried = capacity_kg_s(
        catalogue, sizing.main_friction_pa_m, velocity_m_s=sizing.velocity_limit_m_s,
        roughness_mm=sizing.roughness_mm, water=water,
    )  # fmt: skip
    size = np.minimum(np.searchsorted(carried, flow), len(carried) - 1)
    pairs = np.ceil(flow / carried[size] * (1.0 - 1e-12)).clip(min=1.0)
    capital = trench_cost_cny_m(catalogue, position=a.trench_position)[size] * pairs
    yearly = capital * (annuity(a.interest, a.life_years["pipes"]) + a.upkeep["pipes"])
    loss = pair_loss(catalogue, sizing)
    supply, back = sizing.supply_c - sizing.ground_c, sizing.return_c - sizing.ground_c
    lost_kw_m = (loss.supply_w_m_k * supply + loss.return_w_m_k * back)[size] * pairs / 1e3
    lost_gj_m = lost_kw_m * sizing.season_excess_share * sizing.season_hours * GJ_PER_KWH
    inner = catalogue["inner_mm"].to_numpy(np.float64)[size] / 1e3
    drop = friction_pa_m(flow / pairs, inner_m=inner, roughness_mm=sizing.roughness_mm, water=water)
    pump_kw_m = (
        2.0
        * drop
        * (1.0 + sizing.fitting_share)
        * flow
        / water.density_kg_m3
        / sizing.pump_efficiency
        / 1e3
    )
    pumping = pump_kw_m * a.pump_full_hours * a.electricity_cny_kwh
    return size, pairs, 1e3 * (yearly + lost_gj_m * price_cny_gj + pumping) / heat_gj
