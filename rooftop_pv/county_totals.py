"""One row per county: the sums over its building uses."""

__all__ = ["PV_COUNTIES", "county_totals"]

from collections.abc import Iterable

import pandas as pd

from layers.schema import Column, Table
from layers.units import KW_PER_MW, KWH_PER_GWH

PV_COUNTIES = Table(
    "pv_counties",
    "county",
    "The rooftop PV potential of one county.",
    (
        Column("buildings", "integer", "1", "Buildings read.", "建筑数", minimum=0),
        Column(
            "pv_buildings",
            "integer",
            "1",
            "Buildings whose roof carries modules.",
            "可装建筑数",
            minimum=0,
        ),
        Column("roof_m2", "number", "m²", "True surface of all roofs.", "屋面面积", minimum=0.0),
        Column(
            "usable_m2", "number", "m²", "Part that modules and their spacing may take.", "可用面积"
        ),
        Column("capacity_mw", "number", "MW", "DC capacity.", "装机容量", minimum=0.0),
        Column("yield_gwh", "number", "GWh", "AC energy of the year.", "年发电量", minimum=0.0),
        Column(
            "specific_yield_kwh_kwp",
            "number",
            "kWh/kWp",
            "AC energy of the year per DC capacity; missing without capacity.",
            "等效利用小时",
            nullable=True,
        ),
        Column(
            "usable_share",
            "number",
            "1",
            "Usable part of the roof surface; missing without roofs.",
            "可用面积比例",
            nullable=True,
            minimum=0.0,
            maximum=1.0,
        ),
        Column(
            "co2_t", "number", "t", "CO2 of the grid electricity replaced in the year.", "减排量"
        ),
    ),
)

_SUMS = ["buildings", "pv_buildings", "roof_m2", "usable_m2", "capacity_mw", "yield_gwh", "co2_t"]


def county_totals(summary: pd.DataFrame, counties: Iterable[str]) -> pd.DataFrame:
    """Sum the summary per county and use to one row per county.

    Parameters
    ----------
    summary : DataFrame
        Valid by ``county_summary``.
    counties : iterable of str
        Keys of all counties; one without buildings gets a row of zeros.

    Returns
    -------
    DataFrame
        Valid by ``pv_counties``, in the order of ``counties``.
    """
    keys = pd.Index(list(counties), dtype="str", name=PV_COUNTIES.key)
    sums = summary.groupby(summary["county"].astype("str"))[_SUMS].sum().reindex(keys, fill_value=0)
    totals = sums.assign(
        specific_yield_kwh_kwp=sums["yield_gwh"]
        * KWH_PER_GWH
        / (sums["capacity_mw"].where(sums["capacity_mw"] > 0.0) * KW_PER_MW),
        usable_share=sums["usable_m2"] / sums["roof_m2"].where(sums["roof_m2"] > 0.0),
    )
    totals.index = keys
    return PV_COUNTIES.validate(totals, where="The table of counties")
