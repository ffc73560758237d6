"""From the zones' networks to the plan: sizes, the season, costs, outages, and the tables of them."""

__all__ = ["HeatFindings", "heat_plan_of", "network_sizing", "real_terrain"]

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from heat_network.alternatives import heat_alternatives
from heat_network.break_even import break_even
from heat_network.coldest import coldest_hours
from heat_network.cost_tables import HEAT_BREAK_EVEN, HEAT_SCHEMES, HEAT_TORNADO
from heat_network.costs import scheme_rows
from heat_network.dispatch import coarse_assumptions, dispatch, gate_prices
from heat_network.distances import group_distances
from heat_network.district_costs import (
    building_costs,
    distribution_cny_gj,
    district_basis,
    district_tornado,
)
from heat_network.district_frames import (
    connection_frame,
    county_frame,
    network_frame,
    substation_frame,
)
from heat_network.district_network import DistrictNetwork
from heat_network.district_sizing import SizedLevels, size_levels
from heat_network.load_hours import load_hours
from heat_network.matching import Matching, pareto, zone_matrix
from heat_network.matching_tables import (
    HEAT_CLUSTERS,
    HEAT_COSTS,
    HEAT_HOURS,
    HEAT_LINKS,
    HEAT_OUTAGES,
    HEAT_PARETO,
    HEAT_SOURCE_USE,
)
from heat_network.outage import outage
from heat_network.paying_networks import paying_networks
from heat_network.pipe_tables import HEAT_NODES, HEAT_PIPES, HEAT_PLANTS
from heat_network.sizing_assumptions import SizingAssumptions
from heat_network.tables import REPAIRS
from layers.errors import InfeasibleError
from layers.layer_set import LayerSet
from layers.terrain import Terrain
from zibo_geo.case import Case
from zibo_geo.heat_hours import source_hours
from zibo_geo.heat_joined import joined_notes
from zibo_geo.heat_plan import HeatPlan
from zibo_geo.progress import Progress

# Heat in less heat out, losses and storage change, over heat in: beyond it a plan is refused.
_LARGEST_RESIDUAL = 1e-6
_ROUNDS = 5
# Sources whose CO2 differs by less than this share leave nothing to choose.
_NO_CHOICE = 1e-2


@dataclass(frozen=True, kw_only=True)
class HeatFindings:
    """What is known when the streets are chosen.

    Attributes
    ----------
    demand, asked : DataFrame
        Table ``heat_buildings``; who a network is planned for.
    places : GeoSeries
        Shapes of the buildings.
    zones : Series of str
        Heat zone by building.
    supply : GeoDataFrame
        Table ``heat_supply``.
    source_zones : Series of str
        Heat zone by source.
    networks : tuple of DistrictNetwork
        One per zone that has sources and streets.
    notes : tuple of str
        What looked wrong while reading.
    """

    demand: pd.DataFrame
    asked: pd.DataFrame
    places: Any
    zones: pd.Series
    supply: gpd.GeoDataFrame
    source_zones: pd.Series
    networks: tuple[DistrictNetwork, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Season:
    """One zone's season and what happens when a source stops."""

    season: Matching
    outages: pd.DataFrame


def heat_plan_of(
    found: HeatFindings, layers: LayerSet, case: Case, *, progress: Progress
) -> HeatPlan:
    """Size what was routed, run its season, price it, stop each source, and keep the tables."""
    with progress.stage("heat pipes"):
        found, levels = _paying(found, layers, case)
    connections = connection_frame(found.demand, found.asked, found.zones, networks=found.networks)
    with progress.stage("heat season and outages", max(len(found.networks), 1)) as advance:
        seasons = []
        for net in found.networks:
            rows = connections.loc[
                net.connections.index[net.connections["connected"]].astype("str")
            ]
            if levels is not None and len(rows):
                seasons.append(_season(rows, found, levels, layers=layers, case=case))
            advance(1)
    with progress.stage("heat costs"):
        outages = _together([part.outages for part in seasons], HEAT_OUTAGES)
        money = _money(found, levels, connections, seasons=seasons, case=case)
        connections = _completed(connections, money["alternatives"], outages)
    with progress.stage("heat compromises"):
        points = _pareto(found, layers, case)
    return HeatPlan(
        buildings=found.demand,
        connections=connections,
        supply=found.supply,
        pareto=points,
        outages=outages,
        networks=network_frame(found.networks),
        substations=substation_frame(
            found.networks, levels, money["schemes"], connections=connections, crs=layers.area.crs
        ),
        repairs=_repairs(found.networks, layers.area.crs),
        counties=county_frame(
            connections, money["schemes"], outages, counties=layers.area.counties.index
        ),
        balance=max((part.season.balance for part in seasons), default=0.0),
        notes=_notes(found, levels, flat=real_terrain(layers) is None, sizing=network_sizing(case)),
        **_pipe_frames(levels, layers.area.crs),
        **_season_frames([part.season for part in seasons]),
        **money,
    )


def _paying(
    found: HeatFindings, layers: LayerSet, case: Case
) -> tuple[HeatFindings, SizedLevels | None]:
    """Size the networks, leave out what does not pay at its true size, and size again until all pays."""
    for _ in range(_ROUNDS):
        levels = size_levels(
            found.networks,
            found.demand.rename(columns={"design_kw": "peak_kw", "annual_gj": "heat_gj"}),
            sizing=network_sizing(case),
            routing=case.assumed("heat_routing"),
            assumptions=case.assumed("heat_districts"),
            terrain=real_terrain(layers),
        )
        if levels is None:
            break
        networks, dropped = paying_networks(
            found.networks, levels, costs=case.assumed("heat_costs")
        )
        if not dropped:
            break
        found = replace(found, networks=networks)
    return found, levels


def real_terrain(layers: LayerSet) -> Terrain | None:
    """Return the terrain unless it was generated: made-up hills under real plants would decide pressures."""
    terrain = layers.terrain
    return None if terrain is None or terrain.synthetic else terrain


def network_sizing(case: Case) -> SizingAssumptions:
    """Return the sizing assumptions at the temperatures of the network that supply is planned for."""
    supply = case.assumed("heat_supply")
    sizing: SizingAssumptions = replace(
        case.assumed("heat_sizing"),
        supply_c=supply.supply_temperature_c,
        return_c=supply.return_temperature_c,
    )
    return sizing


def _season(
    rows: pd.DataFrame, found: HeatFindings, levels: SizedLevels, *, layers: LayerSet, case: Case
) -> _Season:
    """Run the season of one zone's trees, then stop its sources one by one in the coldest days."""
    district = case.assumed("heat_districts")
    demand = found.demand.loc[rows.index]
    tree = rows["source_id"].astype("str")
    hours = load_hours(demand, layers.weather, case.assumed("heat_demand"), by=tree)
    own = found.source_zones.reindex(found.supply.index) == rows["zone"].iloc[0]
    supply = found.supply[found.supply["usable"] & own]
    feeds = pd.DataFrame(
        supply.index.astype("str").to_numpy()[:, None] == hours.columns.to_numpy()[None, :],
        index=supply.index, columns=hours.columns,
    )  # fmt: skip
    if district.joined:
        feeds[:] = np.repeat(feeds.any(axis=1).to_numpy()[:, None], feeds.shape[1], axis=1)
    plants = levels.primary.plants.loc[list(hours.columns)]
    sent = float((plants["heat_gj"] + plants["loss_gj"]).sum())
    season = dispatch(
        supply,
        hours,
        feeds=feeds,
        distance_km=group_distances(
            supply, demand["design_kw"], found.places, by=tree, detour=district.detour
        ),
        availability=source_hours(supply, hours.index, case),
        loss_share=max(1.0 - float(demand["annual_gj"].sum()) / sent, 0.0),
        assumptions=case.assumed("heat_matching"),
        objective=case.heat.objective,
    )
    if season.balance > _LARGEST_RESIDUAL:
        raise InfeasibleError(
            f"The heat of zone {rows['zone'].iloc[0]} does not balance: heat in and heat out, losses and "
            f"storage differ by {season.balance:.1e} of the heat in; check the demand for huge numbers."
        )
    coldest = coldest_hours(hours, days=district.outage_days)
    return _Season(season=season, outages=outage(season, only=coldest))


def _together(frames: list[pd.DataFrame], table: Any) -> pd.DataFrame:
    """Return the tables of all zones as one."""
    held = [frame for frame in frames if len(frame)]
    return table.validate(pd.concat(held), where=table.name) if held else table.empty()


def _most_used(seasons: list[Matching]) -> pd.DataFrame:
    """Return one row per source: it feeds one pressure band at most and stands by for the others."""
    if not seasons:
        return HEAT_SOURCE_USE.empty()
    rows = pd.concat([season.sources for season in seasons])
    rows = rows.sort_values("peak_mw", ascending=False, kind="stable")
    return rows[~rows.index.duplicated()].sort_index()


def _season_frames(seasons: list[Matching]) -> dict[str, Any]:
    costs = [season.costs for season in seasons]
    return {
        "hours": _together([season.hours for season in seasons], HEAT_HOURS),
        "sources_use": _together([_most_used(seasons)], HEAT_SOURCE_USE),
        "clusters": _together([season.clusters for season in seasons], HEAT_CLUSTERS),
        "links": _together([season.links for season in seasons], HEAT_LINKS),
        "costs": sum(costs[1:], costs[0]) if costs else HEAT_COSTS.empty(),
    }


def _pipe_frames(levels: SizedLevels | None, crs: Any) -> dict[str, Any]:
    """Return pipes and nodes of both levels; the zone and level of each stand beside it."""
    if levels is None:
        return {
            "pipes": HEAT_PIPES.empty(crs=crs).assign(level="", zone=""),
            "nodes": HEAT_NODES.empty(crs=crs).assign(level="", zone=""),
            "plants": HEAT_PLANTS.empty(),
        }
    pairs = (("primary", levels.primary), ("secondary", levels.secondary))
    return {
        "pipes": pd.concat([sized.pipes.assign(level=level) for level, sized in pairs]),
        "nodes": pd.concat([sized.nodes.assign(level=level) for level, sized in pairs]),
        "plants": levels.primary.plants,
    }


def _repairs(networks: tuple[DistrictNetwork, ...], crs: Any) -> Any:
    held = [
        net.graph.repairs.rename(index=lambda key, zone=net.zone: f"{zone}/{key}")
        for net in networks
    ]
    return pd.concat(held) if held else REPAIRS.empty(crs=crs)


def _money(
    found: HeatFindings,
    levels: SizedLevels | None,
    connections: pd.DataFrame,
    *,
    seasons: list[_Season],
    case: Case,
) -> dict[str, pd.DataFrame]:
    """Return what the heat costs: schemes, every building's alternatives, break-even, tornado."""
    costs = case.assumed("heat_costs")
    asks = connections[connections["heat_gj"] > 0.0]
    if levels is None:
        return {
            "schemes": HEAT_SCHEMES.empty(),
            "alternatives": heat_alternatives(asks, assumptions=costs),
            "break_even": HEAT_BREAK_EVEN.empty(),
            "tornado": HEAT_TORNADO.empty(),
        }
    prices = pd.concat([gate_prices(part.season) for part in seasons])
    basis = district_basis(levels, connections, sources=prices, assumptions=costs)
    parts = building_costs(basis, assumptions=costs)
    rows = connections.loc[parts.index]
    groups = {
        "zone": rows["zone"], "county": rows["county"], "source": rows["source_id"],
        "cluster": rows["substation_id"],
    }  # fmt: skip
    offered = found.supply[found.supply["usable"]]
    largest = (
        connections.groupby("zone")["peak_kw"].sum().reindex(found.source_zones[offered.index])
        / 1e3
    )
    heat_mw = np.minimum(
        offered["direct_mw"] + offered["heat_pump_mw"], largest.fillna(0.0).to_numpy()
    )
    return {
        "schemes": scheme_rows(parts, groups, assumptions=costs),
        "alternatives": heat_alternatives(
            asks,
            assumptions=costs,
            network_cny_gj=parts["lcoh_cny_gj"],
            network_kg_gj=parts["co2_t"] * 1e3 / parts["heat_gj"],
        ),
        "break_even": break_even(
            pd.DataFrame({"heat_mw": heat_mw, "cost_cny_gj": offered["cost_cny_gj"]}),
            assumptions=costs,
            sizing=network_sizing(case),
            distribution_cny_gj=distribution_cny_gj(basis, assumptions=costs),
        ),
        "tornado": district_tornado(basis, costs),
    }


def _completed(
    connections: pd.DataFrame, alternatives: pd.DataFrame, outages: pd.DataFrame
) -> pd.DataFrame:
    """Return the connections with costs and what an outage of their source leaves cold."""
    own = outages[outages["source_id"].astype("str") == outages["cluster"].astype("str")]
    lacking = own.set_index(own["source_id"].astype("str"))["unserved_share"]
    rows = alternatives.reindex(connections.index)
    return connections.assign(
        network_cny_gj=rows["network_cny_gj"],
        cheapest=rows["cheapest"],
        cheapest_cny_gj=rows["cheapest_cny_gj"],
        outage_share=connections["source_id"].astype("object").map(lacking).astype("float64"),
    )


def _pareto(found: HeatFindings, layers: LayerSet, case: Case) -> pd.DataFrame:
    """Return compromises of cost and CO2 over all sources and zones, on every so many hours."""
    asked = found.demand[found.asked["reason"].isna()]
    supply = found.supply[found.supply["usable"]]
    if case.heat.pareto_points < 2 or asked.empty or supply.empty:
        return HEAT_PARETO.empty()
    district, matching = case.assumed("heat_districts"), case.assumed("heat_matching")
    zone = found.zones.reindex(asked.index)
    hours = load_hours(asked, layers.weather, case.assumed("heat_demand"), by=zone)
    step = district.screening_step_h
    rows = hours.iloc[::step]
    points = pareto(
        supply,
        rows,
        points=case.heat.pareto_points,
        assumptions=coarse_assumptions(matching, step_h=step),
        allowed=zone_matrix(found.source_zones.reindex(supply.index), rows.columns),
        distance_km=group_distances(
            supply, asked["design_kw"], found.places, by=zone, detour=district.detour
        ),
        availability=source_hours(supply, rows.index, case),
    )
    most, least = points["co2_kg"].max(), points["co2_kg"].min()
    kept = points if most - least > _NO_CHOICE * most else points.head(1)
    return HEAT_PARETO.validate(kept * step, where="The compromises of the plan")


def _notes(
    found: HeatFindings, levels: SizedLevels | None, *, flat: bool, sizing: SizingAssumptions
) -> Mapping[str, str]:
    """Return what a planner must know, by language."""
    english, chinese = list(found.notes), [f"输入数据存疑：{note}" for note in found.notes]
    if flat and levels is not None:
        english.append("pressures are those of flat ground, for no real terrain was given")
        chinese.append("没有真实地形，压力按平地计算")
    joined = joined_notes(found.networks, levels.primary, sizing=sizing) if levels else []
    chinese += [zh for zh, _ in joined]
    english += [en for _, en in joined]
    lost = [name for net in found.networks for name in net.lost_sources]
    if lost:
        english.append(f"{len(lost)} sources have no street near enough: {', '.join(lost)}")
        chinese.append(f"{len(lost)} 个热源附近没有道路：{'、'.join(lost)}")
    doubtful = list(found.supply.index[found.supply["doubtful"]])
    if doubtful:
        sentence = found.supply.loc[doubtful[0], "note"]
        english.append(
            f"{len(doubtful)} sources state a doubtful power, first {doubtful[0]}: {sentence}"
        )
        chinese.append(f"{len(doubtful)} 个热源的功率数量级存疑，如 {doubtful[0]}")
    if levels is not None:
        for sized, zh in ((levels.primary, "一级管网"), (levels.secondary, "二级管网")):
            broken = sized.plants[sized.plants["status"] != "accepted"]
            if len(broken):
                english.append(
                    f"{len(broken)} of {len(sized.plants)} trees break a limit, first {broken.index[0]}: "
                    f"{broken['binding'].iloc[0]}"
                )
                chinese.append(
                    f"{zh} {len(sized.plants)} 棵树中 {len(broken)} 棵超出水力约束，如 {broken.index[0]}"
                )
    return MappingProxyType({"zh": "；".join(chinese), "en": "; ".join(english)})
