"""The tables of a district plan, from networks, sizes, costs and outages."""

__all__ = ["connection_frame", "county_frame", "network_frame", "substation_frame"]

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from heat_network.district_network import DistrictNetwork
from heat_network.district_sizing import SizedLevels
from heat_network.district_tables import (
    HEAT_CONNECTIONS,
    HEAT_COUNTIES,
    HEAT_NETWORKS,
    HEAT_SUBSTATIONS,
)
from layers.units import KW_PER_MW

_GJ_PER_TJ = 1e3
_M_PER_KM = 1e3
_CNY_PER_MCNY = 1e6
_OUTCOMES = ["connected", "reason", "source_id", "substation_id", "distance_m"]


def connection_frame(
    demand: pd.DataFrame,
    asked: pd.DataFrame,
    zones: pd.Series,
    *,
    networks: Sequence[DistrictNetwork],
) -> pd.DataFrame:
    """Return every building's answer, table ``heat_connections`` but for costs and outages.

    Parameters
    ----------
    demand : DataFrame
        Table ``heat_buildings``.
    asked : DataFrame
        As :func:`heat_network.screening.screened` returns it.
    zones : Series of str
        Heat zone by building.
    networks : sequence of DistrictNetwork
        Of the zones that have one; buildings of the others are without a source.
    """
    frame = pd.DataFrame(
        {
            "county": demand["county"].astype("str"),
            "zone": zones.reindex(demand.index).astype("str"),
            "connected": False,
            "reason": asked["reason"].fillna("no_source").astype("object"),
            "source_id": pd.Series(None, index=demand.index, dtype="object"),
            "substation_id": pd.Series(None, index=demand.index, dtype="object"),
            "peak_kw": demand["design_kw"],
            "heat_gj": demand["annual_gj"],
            "density_mwh_ha": asked["density_mwh_ha"],
            "distance_m": np.nan,
            "network_cny_gj": np.nan,
            "cheapest": pd.Series(None, index=demand.index, dtype="object"),
            "cheapest_cny_gj": np.nan,
            "outage_share": np.nan,
        },
        index=demand.index,
    )
    for net in networks:
        rows = net.connections.index
        for column in _OUTCOMES:
            frame.loc[rows, column] = net.connections[column].to_numpy()
    frame.index = pd.Index(frame.index.astype("str"), name="building_id")
    return HEAT_CONNECTIONS.validate(frame, where="The connections of the buildings")


def network_frame(networks: Sequence[DistrictNetwork]) -> pd.DataFrame:
    """Return what routing proved, table ``heat_networks``."""
    rows = []
    for net in networks:
        for level in ("primary", "secondary"):
            made = getattr(net, level)
            if made is None:
                continue
            gap = float(made.gap)
            rows.append(
                {
                    "network_id": f"{net.zone}/{level}",
                    "zone": net.zone,
                    "level": level,
                    "asked": len(made.connections),
                    "connected": int(made.connections["connected"].sum()),
                    "length_m": float(made.pipes["length_m"].sum()),
                    "value_cny": made.value_cny,
                    "bound_cny": made.bound_cny,
                    "gap": gap if np.isfinite(gap) else np.nan,
                    "status": made.status,
                    "covers": made.covers,
                }
            )
    if not rows:
        return HEAT_NETWORKS.empty()
    return HEAT_NETWORKS.validate(
        pd.DataFrame(rows).set_index("network_id"), where="The networks of the zones"
    )


def substation_frame(
    networks: Sequence[DistrictNetwork],
    levels: SizedLevels | None,
    schemes: pd.DataFrame,
    *,
    connections: pd.DataFrame,
    crs: Any,
) -> Any:
    """Return the substations that are fed, table ``heat_substations``."""
    if levels is None:
        return HEAT_SUBSTATIONS.empty(crs=crs)
    every = pd.concat([net.substations.assign(zone=net.zone) for net in networks])
    joined = connections[connections["connected"]]
    by = joined.groupby(joined["substation_id"].astype("str").to_numpy())
    ids = pd.Index(sorted(by.groups), name="substation_id", dtype="str")
    node = levels.substation_node.reindex(ids)
    at = levels.primary.nodes.reindex(node.to_numpy()).set_axis(ids)
    behind = levels.secondary.plants.reindex(ids)
    schemes = schemes.reindex("cluster:" + ids.to_numpy(dtype=object)).set_axis(ids)
    frame = gpd.GeoDataFrame(
        {
            "zone": every["zone"].reindex(ids),
            "source_id": by["source_id"].first().reindex(ids),
            "buildings": by.size().reindex(ids).astype("int64"),
            "peak_kw": by["peak_kw"].sum().reindex(ids),
            "heat_gj": by["heat_gj"].sum().reindex(ids),
            "radius_m": every["radius_m"].reindex(ids),
            "distance_m": at["distance_m"],
            "secondary_m": behind["length_m"],
            "supply_c": at["supply_c"],
            "supply_kpa": at["supply_kpa"],
            "return_kpa": at["return_kpa"],
            "available_kpa": at["available_kpa"],
            "lcoh_cny_gj": schemes["lcoh_cny_gj"],
            "pump_head_m": behind["pump_head_m"],
            "status": behind["status"],
            "binding": behind["binding"].fillna(""),
        },
        geometry=every.geometry.reindex(ids).to_numpy(),
        crs=crs,
        index=ids,
    )
    return HEAT_SUBSTATIONS.validate(frame, where="The substations of the plan")


def county_frame(
    connections: pd.DataFrame,
    schemes: pd.DataFrame,
    outages: pd.DataFrame,
    *,
    counties: pd.Index,
) -> pd.DataFrame:
    """Return the sums per county, table ``heat_counties``; counties without heat have zeros."""
    county = connections["county"].astype("str")
    asks = connections["heat_gj"] > 0.0
    joined = connections["connected"]
    heat_tj = connections["heat_gj"] / _GJ_PER_TJ

    def summed(values: pd.Series, rows: pd.Series) -> pd.Series:
        return values[rows].groupby(county[rows]).sum().reindex(counties).fillna(0.0)

    paid = schemes.reindex("county:" + counties.to_numpy(dtype=object)).set_axis(counties)
    demand, served = summed(heat_tj, asks), summed(heat_tj, joined)
    ones = pd.Series(1.0, index=connections.index)
    lacking = pd.Series(0.0, index=counties)
    if len(outages):
        lacking = _worst_outage(connections, outages).reindex(counties).fillna(0.0)
    frame = pd.DataFrame(
        {
            "buildings": summed(ones, asks).astype("int64"),
            "demand_mw": summed(connections["peak_kw"], asks) / KW_PER_MW,
            "demand_tj": demand,
            "served_buildings": summed(ones, joined).astype("int64"),
            "served_tj": served,
            "unserved_tj": (demand - served).clip(lower=0.0),
            "served_share": (served / demand.where(demand > 0.0)).clip(upper=1.0),
            "pipe_km": paid["length_m"].fillna(0.0) / _M_PER_KM,
            "density_mwh_m": paid["density_mwh_m"],
            "capex_mcny": paid["capex_cny"].fillna(0.0) / _CNY_PER_MCNY,
            "lcoh_cny_gj": paid["lcoh_cny_gj"],
            "alternative_cny_gj": paid["alternative_cny_gj"],
            "co2_kg_gj": paid["co2_kg_gj"],
            "outage_tj": lacking,
        },
        index=pd.Index(counties.astype("str"), name="county"),
    )
    return HEAT_COUNTIES.validate(frame, where="The heat of the counties")


def _worst_outage(connections: pd.DataFrame, outages: pd.DataFrame) -> pd.Series:
    """Return by county the heat [TJ] missing in the worst outage, shared by the buildings' heat."""
    joined = connections[connections["connected"]]
    tree = joined["source_id"].astype("str")
    heat = joined["heat_gj"].groupby([tree, joined["county"].astype("str")]).sum()
    share = heat / heat.groupby(level=0).transform("sum")
    rows = [
        (row["source_id"], county, row["unserved_gj"] * float(part) / _GJ_PER_TJ)
        for _, row in outages.iterrows()
        for (feeder, county), part in share.items()
        if feeder == row["cluster"]
    ]
    table = pd.DataFrame(rows, columns=["out", "county", "tj"])
    return table.groupby(["out", "county"])["tj"].sum().groupby(level="county").max()
