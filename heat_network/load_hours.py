"""Hours of groups that keep the heat of their year, also where that was given."""

__all__ = ["load_hours"]

import numpy as np
import numpy.typing as npt
import pandas as pd

from heat_network.demand import demand_hours
from heat_network.demand_assumptions import HeatDemandAssumptions
from layers.errors import LayerError
from layers.units import GJ_PER_MWH, KW_PER_MW
from layers.weather import Weather

_Floats = npt.NDArray[np.float64]
_AGREES = 1e-6
_STEPS = 60


def load_hours(
    demand: pd.DataFrame,
    weather: Weather,
    assumptions: HeatDemandAssumptions,
    *,
    by: pd.Series | str,
) -> pd.DataFrame:
    """Return the hours of groups [MW] by :func:`heat_network.demand.demand_hours`, held to their heat.

    Where the loads of a group state another heat than degree-hours give, as consumers do that are given
    with full-load hours of their own, the shape f of its hours over their peak becomes f^γ with the γ that
    gives the stated heat; the peak stays.

    Raises
    ------
    LayerError
        A group asks for more full-load hours than the season has hours with load.
    """
    hours = demand_hours(demand, weather, assumptions, by=by)
    groups = demand[by] if isinstance(by, str) else by.reindex(demand.index)
    stated = demand.groupby(groups.astype("object"))[["design_kw", "annual_gj"]].sum()
    made = {}
    for group in hours.columns:
        load = hours[group].to_numpy(np.float64)
        peak_mw = float(stated.loc[group, "design_kw"]) / KW_PER_MW
        heat_mwh = float(stated.loc[group, "annual_gj"]) / GJ_PER_MWH
        if heat_mwh <= 0.0 or abs(load.sum() - heat_mwh) <= _AGREES * heat_mwh:
            made[group] = load
            continue
        made[group] = peak_mw * _shaped(load, heat_mwh / peak_mw, group=str(group))
    return pd.DataFrame(made, index=hours.index, columns=hours.columns)


def _shaped(load: _Floats, full_load_h: float, *, group: str) -> _Floats:
    """Return the shape of a load, 0 to 1, bent so that it sums to the full-load hours."""
    shape = load / load.max() if load.max() > 0.0 else load
    if full_load_h > np.count_nonzero(shape):
        raise LayerError(
            f"The consumers of {group} ask for {full_load_h:,.0f} full-load hours, but their season has "
            f"{np.count_nonzero(shape):,} hours with load; lengthen season_start to season_end under "
            "[assumptions.heat_demand], or correct the hours."
        )
    low, high = 0.0, 1.0
    while (shape[shape > 0.0] ** high).sum() > full_load_h:
        low, high = high, 2.0 * high
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        above = (shape[shape > 0.0] ** middle).sum() > full_load_h
        low, high = (middle, high) if above else (low, middle)
    bent: _Floats = np.where(shape > 0.0, shape ** ((low + high) / 2.0), 0.0)
    scaled: _Floats = bent * (full_load_h / bent.sum())
    return scaled
