"""What each source offers to routing: how much, at what price, and what tying it in costs."""

__all__ = ["source_offers"]

import pandas as pd

from heat_network.cost_assumptions import CostAssumptions, annuity
from heat_network.district_assumptions import DistrictAssumptions
from heat_network.sizing_assumptions import SizingAssumptions
from layers.units import GJ_PER_KWH, KW_PER_MW


def source_offers(
    supply: pd.DataFrame,
    *,
    costs: CostAssumptions,
    sizing: SizingAssumptions,
    assumptions: DistrictAssumptions,
) -> pd.DataFrame:
    """Return what :func:`heat_network.routing.route` reads of sources.

    Parameters
    ----------
    supply : DataFrame
        Table ``heat_supply``; the sources that a network may use.
    costs : CostAssumptions
    sizing : SizingAssumptions
        Full-load hours.
    assumptions : DistrictAssumptions

    Returns
    -------
    DataFrame
        By source_id: `capacity_kw`, what exchanger and heat pump give while the source runs;
        `connection_cny`; `heat_cny_kw`, the price over the cheapest source, capitalised as pipes are.
    """
    price = supply["cost_cny_gj"].astype("float64")
    yearly = annuity(costs.interest, costs.life_years["pipes"]) + costs.upkeep["pipes"]
    per_kw = sizing.full_load_hours * GJ_PER_KWH / yearly
    return pd.DataFrame(
        {
            "capacity_kw": (supply["direct_mw"] + supply["heat_pump_mw"]) * KW_PER_MW,
            "connection_cny": assumptions.source_fixed_cny,
            "heat_cny_kw": (price - price.min()) * per_kw,
        },
        index=supply.index,
    )
