"""The other ways to heat a building: coal, gas, air-source and ground-source heat pumps, direct electric.

Cost per heat = capital × (annuity + upkeep) / heat + energy price / efficiency + CO2 price × emissions.
"""

__all__ = ["alternative_costs", "avoided_co2_t", "heat_alternatives"]

import numpy as np
import numpy.typing as npt
import pandas as pd

from heat_network.cost_assumptions import CostAssumptions, annuity
from heat_network.cost_tables import ALTERNATIVES, HEAT_ALTERNATIVES
from layers.errors import LayerError
from layers.units import KWH_PER_GJ

_KG_PER_T = 1e3
_Floats = npt.NDArray[np.float64]


def alternative_costs(
    peak_kw: npt.ArrayLike, heat_gj: npt.ArrayLike, *, assumptions: CostAssumptions
) -> tuple[_Floats, _Floats]:
    """Return what heat costs and emits by every alternative.

    Parameters
    ----------
    peak_kw, heat_gj : array_like, shape (n,)
        Peak [kW] and heat of a year [GJ].
    assumptions : CostAssumptions

    Returns
    -------
    cost_cny_gj, co2_kg_gj : ndarray, shape (n, 5)
        In the order of ``ALTERNATIVES``; NaN where there is no heat.

    Examples
    --------
    >>> cost, co2 = alternative_costs([10.0], [70.2], assumptions=CostAssumptions())
    >>> cost.round(1).tolist(), co2.round(1).tolist()
    ([[40.0, 100.0, 96.5, 93.4, 162.3]], [[114.0, 61.0, 71.7, 47.8, 175.5]])
    """
    a = assumptions
    peak, heat = np.asarray(peak_kw, dtype=np.float64), np.asarray(heat_gj, dtype=np.float64)
    cost = np.full((len(heat), len(ALTERNATIVES)), np.nan)
    co2 = np.full_like(cost, np.nan)
    some = heat > 0
    for column, name in enumerate(ALTERNATIVES):
        if name in a.heat_only_cny_gj:
            emitted = a.heat_only_kg_gj[name]
            energy = a.heat_only_cny_gj[name]
            capital = 0.0
        else:
            emitted = a.grid_kg_kwh * KWH_PER_GJ / a.electric_cop[name]
            energy = a.home_electricity_cny_kwh * KWH_PER_GJ / a.electric_cop[name]
            yearly = annuity(a.interest, a.electric_life_years[name]) + a.electric_upkeep[name]
            capital = a.electric_cny_kw[name] * yearly
        cost[some, column] = (
            capital * peak[some] / heat[some] + energy + a.co2_cny_t * emitted / _KG_PER_T
        )
        co2[some, column] = emitted
    return cost, co2


def heat_alternatives(
    demand: pd.DataFrame,
    *,
    assumptions: CostAssumptions,
    network_cny_gj: pd.Series | None = None,
    network_kg_gj: pd.Series | None = None,
) -> pd.DataFrame:
    """Return for every building what its heat costs and emits by every way of heating.

    Parameters
    ----------
    demand : DataFrame
        By building_id: `peak_kw` [kW] and `heat_gj` [GJ/a].
    assumptions : CostAssumptions
    network_cny_gj, network_kg_gj : Series, optional
        Cost [CNY/GJ] and CO2 [kg/GJ] of heat from the network by building_id; missing where not connected.

    Returns
    -------
    DataFrame
        Table ``heat_alternatives``. `prize_cny` is what routing may spend on pipes to reach the building: the
        present value of the cheapest alternative less source heat, staff and substation.

    Raises
    ------
    LayerError
        A column is missing or negative.
    """
    for column in ("peak_kw", "heat_gj"):
        if column not in demand.columns:
            raise LayerError(
                f"The demand has no column {column!r}; give peak [kW] and heat of a year [GJ]."
            )
        wrong = ~(demand[column].to_numpy(np.float64) >= 0)
        if wrong.any():
            raise LayerError(f"{column} of building {demand.index[wrong][0]!r} must be at least 0.")
    a = assumptions
    peak, heat = demand["peak_kw"].to_numpy(np.float64), demand["heat_gj"].to_numpy(np.float64)
    cost, co2 = alternative_costs(peak, heat, assumptions=a)
    columns: dict[str, npt.NDArray[np.generic] | pd.Categorical] = {
        "peak_kw": peak,
        "heat_gj": heat,
    }
    for kind, series, table in (("cny", network_cny_gj, cost), ("kg", network_kg_gj, co2)):
        given = (
            np.full(len(demand), np.nan)
            if series is None
            else series.reindex(demand.index).to_numpy(np.float64)
        )
        columns[f"network_{kind}_gj"] = given
        for number, name in enumerate(ALTERNATIVES):
            columns[f"{name}_{kind}_gj"] = table[:, number]
    may = [number for number, name in enumerate(ALTERNATIVES) if name in a.allowed]
    some = heat > 0
    best = np.full(len(demand), -1)
    best[some] = np.array(may)[np.argmin(cost[some][:, may], axis=1)]
    least = np.where(some, cost[np.arange(len(demand)), best], np.nan)
    columns["cheapest"] = pd.Categorical.from_codes(best, list(ALTERNATIVES))
    columns["cheapest_cny_gj"] = least
    columns["prize_cny"] = _prize(peak, heat, least, assumptions=a)
    frame = pd.DataFrame(columns, index=pd.Index(demand.index.astype("str"), name="building_id"))
    return HEAT_ALTERNATIVES.validate(frame, where="The alternatives of the buildings")


def avoided_co2_t(alternatives: pd.DataFrame, replaced: str) -> pd.Series:
    """Return the CO2 that the network avoids a year beside one other way to heat its buildings [t/a].

    Heat of the building x (CO2 of the other way - CO2 of the network, losses and pumping within it).

    Parameters
    ----------
    alternatives : DataFrame
        Table ``heat_alternatives``.
    replaced : str
        One of ``ALTERNATIVES``: how the buildings would be heated otherwise.

    Returns
    -------
    Series
        By building_id, of the buildings with a network; negative where the network emits more.

    Raises
    ------
    LayerError
        Another way of heating is named.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = {"heat_gj": [100.0], "network_kg_gj": [14.0], "coal_boiler_kg_gj": [114.0]}
    >>> avoided_co2_t(pd.DataFrame(rows, index=["a"]), "coal_boiler").to_dict()
    {'a': 10.0}
    """
    if replaced not in ALTERNATIVES:
        raise LayerError(
            f"A network cannot replace {replaced!r}; give one of {', '.join(ALTERNATIVES)}."
        )
    joined = alternatives[alternatives["network_kg_gj"].notna()]
    saved = joined[f"{replaced}_kg_gj"] - joined["network_kg_gj"]
    avoided: pd.Series = (joined["heat_gj"] * saved / _KG_PER_T).rename("avoided_co2_t")
    return avoided


def _prize(
    peak: _Floats, heat: _Floats, least: _Floats, *, assumptions: CostAssumptions
) -> _Floats:
    a = assumptions
    yearly = annuity(a.interest, a.life_years["substations"]) + a.upkeep["substations"]
    spent = (
        a.source_heat_cny_gj + a.staff_cny_gj + a.co2_cny_t * a.source_heat_kg_gj / _KG_PER_T
    ) * heat
    left = np.where(
        heat > 0, np.nan_to_num(least) * heat - spent - a.substation_cny_kw * peak * yearly, 0.0
    )
    pipes = annuity(a.interest, a.life_years["pipes"]) + a.upkeep["pipes"]
    return np.maximum(left, 0.0) / pipes
