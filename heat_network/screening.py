"""Whom district heating is for: dense enough land, large enough buildings."""

__all__ = ["heat_density", "screened"]

from typing import Any

import numpy as np
import pandas as pd

from heat_network.district_assumptions import DistrictAssumptions
from layers.units import GJ_PER_MWH

_M2_PER_HA = 1e4


def heat_density(places: Any, annual_gj: pd.Series, *, cell_m: float) -> pd.Series:
    """Return the heat of a year per land area around each building.

    Parameters
    ----------
    places : GeoSeries
        Buildings in a metric CRS.
    annual_gj : Series
        Heat of a year [GJ], same index.
    cell_m : float
        Side of the squares [m].

    Returns
    -------
    Series
        Heat of the building's square over its area [MWh/(ha·a)].
    """
    centre = places.representative_point()
    cell = pd.MultiIndex.from_arrays(
        [np.floor(values / cell_m).astype("int64") for values in (centre.x, centre.y)]
    )
    number = pd.Series(pd.factorize(cell)[0], index=annual_gj.index)
    heat_mwh = annual_gj.groupby(number).transform("sum") / GJ_PER_MWH
    return (heat_mwh / (cell_m**2 / _M2_PER_HA)).rename("density_mwh_ha")


def screened(demand: pd.DataFrame, places: Any, assumptions: DistrictAssumptions) -> pd.DataFrame:
    """Return which buildings a network is planned for, and why the others are not.

    Parameters
    ----------
    demand : DataFrame
        Table ``heat_buildings``.
    places : GeoSeries
        Their shapes in a metric CRS, by building_id.
    assumptions : DistrictAssumptions

    Returns
    -------
    DataFrame
        By building_id: `density_mwh_ha`, and `reason`: "use" or "size" where there is no demand, "small"
        below the least load, "thin" on land with too little heat; missing for those that are asked.
    """
    density = heat_density(
        places.reindex(demand.index), demand["annual_gj"], cell_m=assumptions.density_cell_m
    )
    reason = demand["reason"].astype("object").copy()
    asks = demand["annual_gj"] > 0.0
    reason[~asks & reason.isna()] = "use"
    small = asks & (demand["design_kw"] < assumptions.minimum_kw)
    thin = asks & (density < assumptions.minimum_mwh_ha)
    reason[thin] = "thin"
    reason[small] = "small"
    return pd.DataFrame({"density_mwh_ha": density, "reason": reason}, index=demand.index)
