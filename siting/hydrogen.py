"""Hydrogen: where trucks refuel on their way, who supplies the stations, and what a kilogram costs."""

__all__ = ["HydrogenPlan", "hydrogen_plan"]

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.errors import InfeasibleError
from layers.layer_set import LayerSet
from siting.choice import Choice
from siting.hydrogen_assumptions import HydrogenAssumptions
from siting.hydrogen_flows import HydrogenFlows, hydrogen_flows, main_roads, road_km
from siting.hydrogen_frames import (
    flow_frame,
    haul_frame,
    outage_losses,
    source_frame,
    station_costs,
    station_frame,
    step_frame,
    with_standing,
)
from siting.hydrogen_supply import Supply, supply_stations
from siting.refuelling import Trips, refuelled, round_trips
from siting.refuelling_model import trip_refuelling
from siting.site_services import FUEL_KINDS, storage_classes
from siting.sparse_costs import IntArray, NumberArray
from siting.street_graph import StreetGraph

_FEWER = (1, 2, 3, 5, 7)  # numbers of stations that are tried beside the one asked for
_BESIDE_M = 500.0  # a service area lies this near its motorway


@dataclass(frozen=True, kw_only=True)
class HydrogenPlan:
    """A plan of hydrogen refuelling.

    Attributes
    ----------
    sites : GeoDataFrame
        Valid by ``siting_hydrogen``.
    flows, sources, hauls : GeoDataFrame
        Valid by ``siting_flows``, ``siting_sources`` and ``siting_hauls``.
    steps : DataFrame
        Valid by ``siting_hydrogen_steps``: what fewer stations would do.
    choice : Choice
        Objective and bound in refuelled trips per day.
    supply_gap : float
        Gap of the supply programme [share].
    lcoh_cny_kg : float
        Levelised cost of all hydrogen sold [CNY/kg].
    notes : tuple of (str, str)
        What a reader of the plan must know, in English and Chinese.
    """

    sites: gpd.GeoDataFrame
    flows: gpd.GeoDataFrame
    sources: gpd.GeoDataFrame
    hauls: gpd.GeoDataFrame
    steps: pd.DataFrame
    choice: Choice
    supply_gap: float
    lcoh_cny_kg: float
    notes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class _Model:
    """Legal sites on main roads, flows with their round trips, and sources."""

    sites: gpd.GeoDataFrame
    storage: npt.NDArray[np.object_]
    fixed: IntArray
    flows: HydrogenFlows
    trips: Trips
    sources: gpd.GeoDataFrame
    haul_km: NumberArray


def hydrogen_plan(
    candidates: gpd.GeoDataFrame,
    legal: pd.DataFrame,
    layers: LayerSet,
    *,
    assumptions: HydrogenAssumptions | None = None,
    trips: gpd.GeoDataFrame | None = None,
    time_limit_s: float = 60.0,
) -> HydrogenPlan:
    """Choose hydrogen stations on the trips of vehicles and supply them from by-product sources.

    Parameters
    ----------
    candidates, legal : DataFrame
        As :func:`siting.candidates.site_candidates` and
        :func:`siting.legality.legal_equipment` return them.
    layers : LayerSet
        Streets, parks, buildings, constraints (yards) and heat sources (refinery, chemical, steel) are
        read; parks of kind ``chemical`` count as sources.
    assumptions : HydrogenAssumptions, optional
        Trips, range, stations, supply, cost.
    trips : GeoDataFrame, optional
        Own trips, as in :func:`siting.hydrogen_flows.hydrogen_flows`.
    time_limit_s : float
        Wall time of each programme [s].

    Raises
    ------
    InfeasibleError
        More stations asked for than legal candidates on main roads, or no by-product source.
    LayerError
        No two places to drive between.

    Notes
    -----
    Of choices that refuel as many trips the one with more standing stations is taken: each new plot is
    exchanged for a standing one where no trip is lost.
    """
    given = HydrogenAssumptions() if assumptions is None else assumptions
    model = _model(candidates, legal, layers, given=given, trips=trips)
    counts = [*(n for n in _FEWER if model.fixed.size <= n < given.stations), given.stations]
    found = [_chosen(model, count, given=given, time_limit_s=time_limit_s) for count in counts]
    choice, supply, cost = found[-1]
    haul = model.haul_km[:, choice.chosen]
    worth = outage_losses(
        choice, model.trips, model.flows.flows.volume, site_count=len(model.sites)
    )
    return HydrogenPlan(
        sites=station_frame(
            model.sites, model.storage, choice, supply=supply, haul_km=haul, sources=model.sources,
            worth=worth, given=given,
        ),
        flows=flow_frame(
            model.flows, model.trips, choice, supply=supply, graph=main_roads(layers.streets),
            crs=layers.area.crs,
        ),
        sources=source_frame(model.sources, supply),
        hauls=haul_frame(
            model.sites.iloc[choice.chosen], model.sources, supply=supply, haul_km=haul, given=given
        ),
        steps=step_frame(
            [(one, float(fed.sold_kg_d.sum()), price) for one, fed, price in found],
            float(model.flows.flows.volume.sum()),
        ),
        choice=choice,
        supply_gap=supply.gap,
        lcoh_cny_kg=cost,
        notes=_notes(model, choice, supply),
    )  # fmt: skip


def _model(
    candidates: gpd.GeoDataFrame,
    legal: pd.DataFrame,
    layers: LayerSet,
    *,
    given: HydrogenAssumptions,
    trips: gpd.GeoDataFrame | None,
) -> _Model:
    sources = _sources(layers, given)
    graph = main_roads(layers.streets)
    flows = hydrogen_flows(layers, graph, given=given, trips=trips)
    storage = storage_classes(candidates, legal)
    fit = candidates[
        (storage != "").to_numpy() & candidates["kind"].astype("str").isin(FUEL_KINDS).to_numpy()
    ]
    node, _ = graph.nearest_nodes(
        fit.geometry.x.to_numpy(), fit.geometry.y.to_numpy(), reach_m=given.road_reach_m
    )
    node = _on_motorway(fit, layers, graph=graph, node=node)
    keep = _one_per_node(node, fit)
    if keep.size < given.stations:
        raise InfeasibleError(
            f"{given.stations} hydrogen stations are asked for and {keep.size} candidates are legal "
            f"on main roads: {given.stations - keep.size} short; add candidates or ask for fewer."
        )
    fit, node = fit.iloc[keep], node[keep]
    from_node, _ = graph.nearest_nodes(
        sources.geometry.x.to_numpy(), sources.geometry.y.to_numpy(), reach_m=20_000.0
    )
    haul = road_km(graph, np.maximum(from_node, 0), node)
    haul[from_node < 0] = np.inf
    return _Model(
        sites=fit,
        storage=storage[fit.index].to_numpy(dtype=object),
        fixed=np.flatnonzero((fit["kind"].astype("str") == "hydrogen_station").to_numpy()),
        flows=flows,
        trips=round_trips(graph, flows.flows, range_m=flows.range_m, site_node=node),
        sources=sources,
        haul_km=haul,
    )


def _on_motorway(
    fit: gpd.GeoDataFrame, layers: LayerSet, *, graph: StreetGraph, node: IntArray
) -> IntArray:
    """Attach standing stations and service areas beside a motorway to its nearest node, however far."""
    kind = fit["kind"].astype("str").isin(["hydrogen_station", "service_area"]).to_numpy()
    rows = layers.streets[layers.streets["street_class"].astype("str") == "motorway"]
    if not kind.any() or rows.empty:
        return node
    near = rows.sindex.nearest(
        fit.geometry.to_numpy()[kind],
        return_all=False,
        return_distance=True,
        max_distance=_BESIDE_M,
    )
    found = node.copy()
    where = np.flatnonzero(kind)[near[0][0]]
    street = rows.iloc[near[0][1]]
    ends = np.searchsorted(graph.node_id, street[["u", "v"]].to_numpy(dtype=np.int64))
    x, y = fit.geometry.x.to_numpy()[where], fit.geometry.y.to_numpy()[where]
    away = np.hypot(graph.x_m[ends] - x[:, None], graph.y_m[ends] - y[:, None])
    found[where] = ends[np.arange(where.size), np.argmin(away, axis=1)]
    return found


def _one_per_node(node: IntArray, sites: gpd.GeoDataFrame) -> IntArray:
    """Return one site per node on a road: hydrogen stations all, then standing stations, then plots."""
    hydrogen = (sites["kind"].astype("str") == "hydrogen_station").to_numpy()
    standing = sites["existing"].to_numpy(dtype=bool)
    order = np.lexsort((np.arange(node.size), ~standing, ~hydrogen))
    order = order[node[order] >= 0]
    first = order[np.sort(np.unique(node[order], return_index=True)[1])]
    return np.union1d(first, np.flatnonzero(hydrogen & (node >= 0))).astype(np.int64)


def _sources(layers: LayerSet, given: HydrogenAssumptions) -> gpd.GeoDataFrame:
    plants = layers.heat_sources
    kind = plants["kind"].astype("str")
    status = plants["status"].astype("str")
    plants = plants[kind.isin(given.source_kg_d) & status.isin(["operating", "construction"])]
    parks = layers.parks[layers.parks["kind"].astype("str") == "chemical"]
    names = [*(f"plant-{key}" for key in plants.index), *(f"park-{key}" for key in parks.index)]
    if not names:
        raise InfeasibleError(
            "There is no by-product hydrogen: no refinery, chemical or steel plant and no chemical park in "
            "the layers; give one."
        )
    kinds = [*plants["kind"].astype("str"), *(["chemical"] * len(parks))]
    titles = [*plants["name"], *parks["name"]]
    points = [*plants.geometry, *parks.geometry.representative_point()]
    return gpd.GeoDataFrame(
        {"name": titles, "kind": kinds, "kg_d": [given.source_kg_d[name] for name in kinds]},
        geometry=points, crs=layers.area.crs, index=pd.Index(names, dtype="str", name="source_id"),
    )  # fmt: skip


def _notes(model: _Model, choice: Choice, supply: Supply) -> tuple[tuple[str, str], ...]:
    volume = model.flows.flows.volume
    dry = float(volume.sum()) - choice.objective
    lack, idle = float(supply.unserved_kg_d.sum()), int((supply.sold_kg_d.sum(axis=0) < 1e-6).sum())
    plots = int((~model.sites["existing"].to_numpy(dtype=bool)[choice.chosen]).sum())
    said = (
        (dry > 0.5, f"{dry:,.0f} of {volume.sum():,.0f} trips a day find no station on their way.",
         f"每日 {volume.sum():,.0f} 车次中有 {dry:,.0f} 车次沿途无站。"),
        (lack > 0.5, f"Sources and stations cannot give {lack:,.0f} kg/d of what is asked for.",
         f"氢源与站能力缺 {lack:,.0f} kg/d。"),
        (idle > 0, f"{idle} stations sell nothing.", f"{idle} 座站无加氢量。"),
        (plots > 0, f"{plots} stations need a new plot: no standing station refuels as many trips there.",
         f"{plots} 座站需新选址：现有站不能服务同样多的车次。"),
        (supply.gap > 0.01, f"The cost of supply is within {supply.gap:.1%} of its bound.",
         f"供氢成本与下界相差 {supply.gap:.1%}。"),
    )  # fmt: skip
    return tuple((english, chinese) for holds, english, chinese in said if holds)


def _chosen(
    model: _Model, count: int, *, given: HydrogenAssumptions, time_limit_s: float
) -> tuple[Choice, Supply, float]:
    """Return so many stations, their supply and the cost of a kilogram."""
    best = trip_refuelling(
        model.trips,
        model.flows.flows.volume,
        count,
        site_count=len(model.sites),
        fixed=model.fixed,
        time_limit_s=time_limit_s,
    )
    choice = with_standing(best, model.trips, model.sites["existing"].to_numpy(dtype=bool))
    supply = _supplied(model, choice, given=given, time_limit_s=time_limit_s)
    return choice, supply, _mean_cost(supply, model, choice=choice, given=given)


def _supplied(
    model: _Model, choice: Choice, *, given: HydrogenAssumptions, time_limit_s: float
) -> Supply:
    place = {int(site): k for k, site in enumerate(choice.chosen)}
    is_open = np.zeros(len(model.sites), dtype=np.bool_)
    is_open[choice.chosen] = True
    runs = refuelled(model.trips, is_open)
    stops = tuple(
        tuple(sorted({place[s] for s in one if s in place})) if ok else ()
        for one, ok in zip(model.trips.stops, runs, strict=True)
    )
    capacity = np.array(
        [given.storage_kg[str(one)] / given.storage_days for one in model.storage[choice.chosen]]
    )
    return supply_stations(
        np.where(runs, model.flows.demand_kg_d, 0.0),
        stops,
        model.haul_km[:, choice.chosen],
        source_kg_d=model.sources["kg_d"].to_numpy(dtype=np.float64),
        capacity_kg_d=capacity,
        given=given,
        time_limit_s=time_limit_s,
    )


def _mean_cost(
    supply: Supply, model: _Model, *, choice: Choice, given: HydrogenAssumptions
) -> float:
    """Return the levelised cost of everything sold [CNY/kg], NaN where nothing is."""
    sold, cost, _ = station_costs(supply, model.haul_km[:, choice.chosen], given=given)
    total = float(sold.sum())
    return float((np.nan_to_num(cost) * sold).sum() / total) if total > 0.0 else float("nan")
