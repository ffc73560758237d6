"""The heat network, readable as prose: who needs heat, who gives it, along which streets, at what price."""

__all__ = ["heat_gap", "plan_heat"]

from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import pandas as pd

from heat_network.alternatives import heat_alternatives
from heat_network.demand import calibrated_demand, heat_demand
from heat_network.dispatch import source_choice
from heat_network.distances import group_distances
from heat_network.district_network import DistrictNetwork, GroundLimits, district_network
from heat_network.graph import street_graph
from heat_network.load_hours import load_hours
from heat_network.pressure_bands import pressure_bands, static_reach_m
from heat_network.screening import screened
from heat_network.source_offers import source_offers
from heat_network.supply import heat_supply, heat_zones, read_source_ratios
from layers.errors import CaseError, near_matches
from layers.layer_set import LayerSet
from layers.units import KW_PER_MW
from layers.vectors import read_vectors
from zibo_geo.case import Case
from zibo_geo.heat_hours import check_source_hours, source_hours
from zibo_geo.heat_plan import HeatPlan
from zibo_geo.heat_results import (
    HeatFindings,
    heat_plan_of,
    network_sizing,
    real_terrain,
)
from zibo_geo.heat_sinks import read_sinks
from zibo_geo.progress import Progress, SilentProgress

_BARRIERS = ("water", "railway", "motorway")


def heat_gap(layers: LayerSet) -> tuple[str, str] | None:
    """Return why the layers do not allow a heat network, in Chinese and English; nothing if they do."""
    if layers.streets.empty:
        return "未计算供热：没有道路图层", "Heat was not planned: the study has no streets"
    if layers.heat_sources.empty:
        return "未计算供热：没有热源图层", "Heat was not planned: the study has no heat sources"
    return None


def plan_heat(layers: LayerSet, case: Case, *, progress: Progress | None = None) -> HeatPlan:
    """Ask who needs heat, which sources reach whom, which network pays, and what its season is like."""
    shown = progress or SilentProgress()
    with shown.stage("heat demand"):
        demand, places, notes = _demand(layers, case)
        asked = screened(demand, places, case.assumed("heat_districts"))
        zones = _zones(demand["county"], case)
    with shown.stage("heat sources"):
        ratios = None if case.heat.ratios is None else read_source_ratios(case.heat.ratios)
        supply = heat_supply(_sources(layers, case), case.assumed("heat_supply"), ratios=ratios)
        check_source_hours(supply, case)
    ground = _Ground.of(layers, case)
    found: list[DistrictNetwork] = []
    names = sorted(set(zones[asked["reason"].isna()]))
    with shown.stage("heat networks", max(len(names), 1)) as advance:
        for zone in names:
            rows = asked.index[asked["reason"].isna() & (zones == zone)]
            for band, own, sources in _bands(
                rows, places, zone=zone, supply=supply, layers=layers, case=case
            ):
                if sources is None:
                    asked.loc[own, "reason"] = "too_high"
                    continue
                made = _zone_network(
                    band,
                    demand.loc[own],
                    places,
                    supply=sources,
                    layers=layers,
                    case=case,
                    ground=ground,
                )
                found += [] if made is None else [made]
            advance(1)
    return heat_plan_of(
        HeatFindings(
            demand=demand,
            places=places,
            asked=asked,
            zones=zones,
            supply=supply,
            source_zones=_zones(supply["county"], case),
            networks=tuple(found),
            notes=notes,
        ),
        layers,
        case,
        progress=shown,
    )


def _demand(layers: LayerSet, case: Case) -> tuple[pd.DataFrame, Any, tuple[str, ...]]:
    """Return the heat of every building, brought to metered totals where the case gives them."""
    if case.heat.sinks is not None:
        return read_sinks(case.heat.sinks, layers.area)
    assumptions = case.assumed("heat_demand")
    demand = heat_demand(layers.buildings, layers.weather, assumptions)
    if case.heat.metered_gj:
        counties = list(layers.area.counties.index)
        unknown = [name for name in case.heat.metered_gj if name not in counties]
        if unknown:
            raise CaseError(
                f"heat.metered_gj names the county {unknown[0]!r}, which the area does not have"
                + near_matches(unknown[0], counties)
            )
        demand = calibrated_demand(demand, pd.Series(dict(case.heat.metered_gj)), assumptions)
    return demand, layers.buildings.geometry, ()


def _sources(layers: LayerSet, case: Case) -> gpd.GeoDataFrame:
    """Return the heat sources with the values that the case states in place of the layer's."""
    sources = layers.heat_sources.copy()
    for key, values in case.heat.sources.items():
        if key not in sources.index:
            raise CaseError(
                f"heat.sources names {key!r}, which is no heat source{near_matches(key, sources.index)}"
            )
        for column, value in values.items():
            sources.loc[key, column] = value
    return sources


def _zones(counties: pd.Series, case: Case) -> pd.Series:
    """Return the heat zone of each row: the case's, else that of the assumptions, else its county."""
    usual = heat_zones(counties, case.assumed("heat_supply"))
    own = counties.astype("str").map(dict(case.heat.zones))
    return own.where(own.notna(), usual).astype("str")


@dataclass(frozen=True, kw_only=True)
class _Ground:
    """What lies under every zone's network."""

    streets: gpd.GeoDataFrame
    limits: GroundLimits
    county_zones: pd.Series

    @classmethod
    def of(cls, layers: LayerSet, case: Case) -> "_Ground":
        streets, forbidden = layers.streets, []
        for name, source in case.heat.forbidden.items():
            frame, _ = read_vectors(
                source, name=name, geometry="Any", area=layers.area, crs=layers.area.crs
            )
            forbidden.append(frame.geometry)
            left = streets.geometry.difference(frame.union_all())
            streets = streets.set_geometry(left)[~left.is_empty]
        constraints = layers.constraints
        barriers = constraints[constraints["kind"].isin(_BARRIERS)] if len(constraints) else None
        keys = layers.area.counties.index.to_series()
        limits = GroundLimits(
            barriers=barriers, forbidden=pd.concat(forbidden) if forbidden else None
        )
        return cls(streets=streets, limits=limits, county_zones=_zones(keys, case))

    def of_zone(self, zone: str, counties: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Return the streets in the counties of a zone."""
        place = counties.loc[(self.county_zones == zone).to_numpy()].union_all()
        return self.streets[self.streets.intersects(place)]


def _bands(
    rows: pd.Index, places: Any, *, zone: str, supply: pd.DataFrame, layers: LayerSet, case: Case
) -> list[tuple[str, pd.Index, pd.DataFrame | None]]:
    """Part a zone by height: name, buildings, sources; no sources where none is near in height."""
    own = supply[supply["usable"] & (_zones(supply["county"], case) == zone)]
    terrain = real_terrain(layers)
    if own.empty or terrain is None:
        return [(zone, rows, own)]
    spots = places.reindex(rows).representative_point()
    heights = [
        pd.Series(terrain.sample(shape.x.to_numpy(), shape.y.to_numpy()), index=shape.index)
        for shape in (own.geometry, spots)
    ]
    if pd.concat(heights).isna().any():
        return [(zone, rows, own)]
    share = case.assumed("heat_districts").static_share
    of_source, of_building = pressure_bands(
        *heights, reach_m=static_reach_m(network_sizing(case), share=share)
    )
    numbers = sorted(set(of_source))
    parts: list[tuple[str, pd.Index, pd.DataFrame | None]] = [
        (
            zone if len(numbers) == 1 else f"{zone}.{number + 1}",
            rows[of_building == number],
            own[of_source == number],
        )
        for number in numbers
    ]
    return [*(part for part in parts if len(part[1])), (zone, rows[of_building.isna()], None)]


def _zone_network(
    zone: str,
    demand: pd.DataFrame,
    places: Any,
    *,
    supply: pd.DataFrame,
    layers: LayerSet,
    case: Case,
    ground: _Ground,
) -> DistrictNetwork | None:
    """Plan one zone: choose its sources, then the streets; nothing where it has no source or no street."""
    streets = ground.of_zone(zone.partition(".")[0], layers.area.counties)
    if supply.empty or streets.empty:
        return None
    chosen = supply.loc[_chosen_sources(demand, places, supply, layers=layers, case=case)]
    costs, sizing = case.assumed("heat_costs"), network_sizing(case)
    routing, district = case.assumed("heat_routing"), case.assumed("heat_districts")
    offers = source_offers(chosen, costs=costs, sizing=sizing, assumptions=district)
    loads = demand.rename(columns={"design_kw": "peak_kw", "annual_gj": "heat_gj"})
    worth = heat_alternatives(
        loads[["peak_kw", "heat_gj"]],
        assumptions=replace(costs, source_heat_cny_gj=float(chosen["cost_cny_gj"].min())),
    )
    consumers = gpd.GeoDataFrame(
        worth[["peak_kw", "prize_cny"]],
        geometry=places.reindex(demand.index).to_numpy(),
        crs=places.crs,
    )
    graph = street_graph(
        streets, snap_m=district.snap_m, assumptions=routing, barriers=ground.limits.barriers
    )
    return district_network(
        graph, consumers, gpd.GeoDataFrame(offers, geometry=chosen.geometry),
        zone=zone,
        routing=district.primary_routing(
            routing, sizing, costs=costs, load_kw=float(demand["design_kw"].sum())
        ),
        secondary=district.secondary_routing(routing, sizing, costs=costs),
        assumptions=district, ground=ground.limits,
    )  # fmt: skip


def _chosen_sources(
    demand: pd.DataFrame, places: Any, supply: pd.DataFrame, *, layers: LayerSet, case: Case
) -> list[str]:
    """Return the sources that the matching of counties and sources takes heat from; all if it takes none.

    The matching covers peaks by boilers. Where its sources together give less than the design load, the
    next cheapest are offered too, and routing finds out who is worth tying in.
    """
    district = case.assumed("heat_districts")
    hours = load_hours(demand, layers.weather, case.assumed("heat_demand"), by="county")
    season = source_choice(
        supply,
        hours,
        step_h=district.screening_step_h,
        distance_km=group_distances(
            supply, demand["design_kw"], places, by=demand["county"], detour=district.detour
        ),
        availability=source_hours(supply, hours.index, case),
        assumptions=case.assumed("heat_matching"),
        objective=case.heat.objective,
    )
    used = list(dict.fromkeys(season.links["source_id"]))
    power_mw = supply["direct_mw"] + supply["heat_pump_mw"]
    lacking_mw = float(demand["design_kw"].sum()) / KW_PER_MW - float(power_mw[used].sum())
    ranked = supply.assign(weak=-power_mw).sort_values(["cost_cny_gj", "weak"]).index
    for name in ranked:
        if lacking_mw > 0.0 and name not in used:
            used.append(name)
            lacking_mw -= float(power_mw[name])
    return used or list(supply.index)
