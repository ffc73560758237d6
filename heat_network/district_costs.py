"""What both levels cost together, building by building, so that every sum is the sum of its buildings."""

__all__ = [
    "DistrictBasis",
    "building_costs",
    "distribution_cny_gj",
    "district_basis",
    "district_tornado",
]

import dataclasses
from dataclasses import dataclass

import numpy as np
import pandas as pd

from heat_network.cost_assumptions import CostAssumptions, annuity
from heat_network.costs import CostBasis, consumer_costs, cost_basis, levelised
from heat_network.district_sizing import SizedLevels
from heat_network.tornado import tornado

_SPLIT = (
    "loss_gj", "length_m", "pipes_cny", "substations_cny", "pumps_cny", "connection_cny", "capex_cny",
    "source_heat_cny", "pumping_cny", "upkeep_cny", "emission_cny", "co2_t", "opex_cny",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class DistrictBasis:
    """The quantities of both levels that prices are put on.

    Attributes
    ----------
    primary, secondary : CostBasis
    levels : SizedLevels
    connections : DataFrame
        The connected buildings: `substation_id`, `source_id`, `peak_kw`, `heat_gj`.
    stated_cny_gj : float
        The price of source heat that stands in the basis where the assumptions' own would do: sources state
        theirs, and the tornado moves all of them together.
    """

    primary: CostBasis
    secondary: CostBasis
    levels: SizedLevels
    connections: pd.DataFrame
    stated_cny_gj: float


def district_basis(
    levels: SizedLevels,
    connections: pd.DataFrame,
    *,
    sources: pd.DataFrame,
    assumptions: CostAssumptions,
) -> DistrictBasis:
    """Gather what prices are put on.

    Parameters
    ----------
    levels : SizedLevels
    connections : DataFrame
        By building_id: `connected`, `substation_id`, `source_id`, `peak_kw`, `heat_gj`.
    sources : DataFrame
        By source_id: `cost_cny_gj` and `co2_kg_gj` of the heat that enters the network.
    assumptions : CostAssumptions
    """
    kept = connections[connections["connected"]]
    return DistrictBasis(
        primary=cost_basis(levels.primary, sources=sources),
        secondary=cost_basis(levels.secondary),
        levels=levels,
        connections=kept.set_axis(kept.index.astype("str")),
        stated_cny_gj=assumptions.source_heat_cny_gj,
    )


def building_costs(basis: DistrictBasis, *, assumptions: CostAssumptions) -> pd.DataFrame:
    """Return the part of every connected building in what both levels cost.

    Parameters
    ----------
    basis : DistrictBasis
    assumptions : CostAssumptions

    Returns
    -------
    DataFrame
        By building_id, the columns of :func:`heat_network.costs.consumer_costs`. The primary part of a
        substation is shared by its buildings' peaks; heat that the secondary network loses is bought and
        carried too. Exchangers and staff are paid once.
    """
    a, rows = assumptions, basis.connections
    first, second = _both_levels(basis, a)
    own = second.reindex(basis.levels.building_node.set_axis(rows.index).to_numpy())
    node = basis.levels.substation_node.reindex(rows["substation_id"]).to_numpy()
    above = first.reindex(node)
    peak = rows["peak_kw"].to_numpy(np.float64)
    share = peak / pd.Series(peak).groupby(node).transform("sum").to_numpy()
    columns = {
        name: above[name].to_numpy(np.float64) * share + own[name].fillna(0.0).to_numpy(np.float64)
        for name in _SPLIT
    }
    frame = pd.DataFrame(
        {
            "source_id": rows["source_id"].to_numpy(dtype=object),
            "consumers": np.ones(len(rows), dtype=np.int64),
            "peak_kw": peak,
            "heat_gj": rows["heat_gj"].to_numpy(np.float64),
            **columns,
        },
        index=rows.index,
    )
    return frame.assign(lcoh_cny_gj=levelised(frame, a))


def _both_levels(
    basis: DistrictBasis, assumptions: CostAssumptions
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the parts of substations in the primary and of buildings in the secondary networks."""
    a = assumptions
    shift = a.source_heat_cny_gj - basis.stated_cny_gj
    sources = basis.primary.sources
    moved = sources.assign(cost_cny_gj=(sources["cost_cny_gj"] + shift).clip(lower=0.0))
    first = consumer_costs(dataclasses.replace(basis.primary, sources=moved), assumptions=a)
    free = dataclasses.replace(
        a, substation_cny_kw=0.0, source_connection_cny_kw=0.0, staff_cny_gj=0.0,
        source_heat_cny_gj=0.0, source_heat_kg_gj=0.0,
    )  # fmt: skip
    second = consumer_costs(basis.secondary, assumptions=free)
    return first, second


def district_tornado(basis: DistrictBasis, assumptions: CostAssumptions) -> pd.DataFrame:
    """Return which assumptions move the levelised cost of all heat the most; table ``heat_tornado``."""

    def result(changed: CostAssumptions) -> float:
        first, second = _both_levels(basis, changed)
        paid = first[list(_SPLIT)].sum() + second[list(_SPLIT)].sum()
        whole = paid.to_frame().T.assign(heat_gj=float(basis.connections["heat_gj"].sum()))
        return float(levelised(whole, changed).iloc[0])

    return tornado(result, assumptions)


def distribution_cny_gj(basis: DistrictBasis, *, assumptions: CostAssumptions) -> float:
    """Return what the pipes behind the substations cost per heat, NaN without heat [CNY/GJ]."""
    a = assumptions
    parts = consumer_costs(basis.secondary, assumptions=a)
    yearly = sum(
        float(parts[f"{kind}_cny"].sum())
        * (annuity(a.interest, a.life_years[kind]) + a.upkeep[kind])
        for kind in ("pipes", "pumps")
    )
    heat = float(parts["heat_gj"].sum())
    return (yearly + float(parts["pumping_cny"].sum())) / heat if heat > 0.0 else float("nan")
