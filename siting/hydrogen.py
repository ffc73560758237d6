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
from siting.explain import hydrogen_reasons
from siting.hydrogen_assumptions import HydrogenAssumptions
from siting.hydrogen_flows import flow_ends, gravity_flows, main_roads, road_km
from siting.hydrogen_supply import Supply, annuity, supply_stations
from siting.location import flow_refuelling
from siting.refuelling import Flows, Trips, refuelled, round_trips
from siting.sparse_costs import IntArray, NumberArray
from siting.street_graph import StreetGraph
from siting.tables import SITING_HYDROGEN

_BESIDE_M = 500.0  # a service area lies this near its motorway


@dataclass(frozen=True, kw_only=True)
class HydrogenPlan:
    """A plan of hydrogen refuelling.

    Attributes
    ----------
    sites : GeoDataFrame
        Valid by ``siting_hydrogen``.
    flows : DataFrame, index flow
        `trips_d`, `trip_km` (there and back), `demand_kg_d`, `unserved_kg_d`, `reason` (empty where
        refuelled), `corridor` nodes `origin`, `destination`.
    sources : GeoDataFrame, index source_id
        `kg_d` available, `sent_kg_d`; a point.
    refused : DataFrame, index site_id
        `reason` per candidate that may not hold hydrogen.
    choice : Choice
        Objective and bound in refuelled trips per day.
    supply_gap : float
        Gap of the supply programme [share].
    lcoh_cny_kg : float
        Levelised cost of all hydrogen sold [CNY/kg].
    """

    sites: gpd.GeoDataFrame
    flows: pd.DataFrame
    sources: gpd.GeoDataFrame
    refused: pd.DataFrame
    choice: Choice
    supply_gap: float
    lcoh_cny_kg: float


def hydrogen_plan(
    candidates: gpd.GeoDataFrame,
    legal: pd.DataFrame,
    layers: LayerSet,
    *,
    assumptions: HydrogenAssumptions | None = None,
    time_limit_s: float = 10.0,
) -> HydrogenPlan:
    """Choose hydrogen stations on the trips of trucks and supply them from by-product sources.

    Parameters
    ----------
    candidates, legal : DataFrame
        As :func:`siting.candidates.site_candidates` and
        :func:`siting.legality.legal_equipment` return them.
    layers : LayerSet
        Streets, parks, constraints (yards) and heat sources (refinery, chemical, steel) are read;
        parks of kind ``chemical`` count as sources.
    assumptions : HydrogenAssumptions, optional
        Trips, range, stations, supply, cost.
    time_limit_s : float
        Wall time of each programme [s].

    Raises
    ------
    InfeasibleError
        More stations asked for than legal candidates on main roads, or no by-product source.
    LayerError
        No two places to drive between.
    """
    given = HydrogenAssumptions() if assumptions is None else assumptions
    graph = main_roads(layers.streets)
    ends = flow_ends(layers, graph)
    flows, trip_km = gravity_flows(ends, road_km(graph, ends.node, ends.node), given=given)
    storage = _storage(candidates, legal)
    fit = candidates[(storage != "").to_numpy()]
    node, _ = graph.nearest_nodes(
        fit.geometry.x.to_numpy(), fit.geometry.y.to_numpy(), reach_m=given.road_reach_m
    )
    standing = (fit["kind"].astype("str") == "hydrogen_station").to_numpy()
    node = _on_motorway(fit, layers, graph=graph, node=node)
    keep = _one_per_node(node, standing)
    if keep.size < given.stations:
        raise InfeasibleError(
            f"{given.stations} hydrogen stations are asked for and {keep.size} candidates are legal "
            f"on main roads: {given.stations - keep.size} short; add candidates or ask for fewer."
        )
    fit, node = fit.iloc[keep], node[keep]
    range_m = given.range_km * 1000.0
    choice = flow_refuelling(
        graph, flows, range_m, given.stations, site_node=node, fixed=np.flatnonzero(standing[keep]),
        time_limit_s=time_limit_s,
    )  # fmt: skip
    trips = round_trips(graph, flows, range_m=range_m, site_node=node)
    sources = _sources(layers, given)
    demand = flows.volume * trip_km / 100.0 * given.kg_per_100km
    supply, haul = _supplied(
        graph, sources, trips=trips, choice=choice, node=node, demand=demand,
        storage=storage[fit.index].to_numpy(dtype=object), given=given, time_limit_s=time_limit_s,
    )  # fmt: skip
    frame = _framed(
        fit,
        storage,
        choice,
        trips=trips,
        flows=flows,
        supply=supply,
        haul=haul,
        sources=sources,
        given=given,
    )
    sold = float(frame["sold_kg_d"].sum())
    lcoh = (
        float((frame["lcoh_cny_kg"].fillna(0.0) * frame["sold_kg_d"]).sum() / sold)
        if sold
        else float("nan")
    )
    return HydrogenPlan(
        sites=frame,
        flows=_flow_frame(
            flows, trip_km, trips=trips, choice=choice, supply=supply, given=given, graph=graph
        ),
        sources=sources.assign(sent_kg_d=supply.hauled_kg_d.sum(axis=1)),
        refused=_refused(candidates, legal, storage),
        choice=choice,
        supply_gap=supply.gap,
        lcoh_cny_kg=lcoh,
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


def _storage(candidates: gpd.GeoDataFrame, legal: pd.DataFrame) -> pd.Series:
    """Return the greatest storage class that is legal with a dispenser, empty where none is."""
    words = legal["equipment"].astype("str")

    def ok(name: str) -> npt.NDArray[np.bool_]:
        rows = legal[words == name].set_index("site_id")["legal"]
        flags: npt.NDArray[np.bool_] = rows.reindex(candidates.index, fill_value=False).to_numpy(
            bool
        )
        return flags

    grades = [ok(f"hydrogen_storage_{k}") & ok("hydrogen_dispenser") for k in (1, 2, 3)]
    return pd.Series(np.select(grades, ["1", "2", "3"], default=""), index=candidates.index)


def _refused(candidates: gpd.GeoDataFrame, legal: pd.DataFrame, storage: pd.Series) -> pd.DataFrame:
    rows = legal[legal["equipment"].astype("str") == "hydrogen_storage_3"].set_index("site_id")[
        "reason"
    ]
    other = legal[legal["equipment"].astype("str") == "hydrogen_dispenser"].set_index("site_id")[
        "reason"
    ]
    reason = rows.where(rows != "", other).reindex(candidates.index)
    return pd.DataFrame({"reason": reason[(storage == "").to_numpy()]})


def _one_per_node(node: IntArray, standing: npt.NDArray[np.bool_]) -> IntArray:
    """Return one site per node on a road, a standing station first."""
    order = np.lexsort((np.arange(node.size), ~standing))
    order = order[node[order] >= 0]
    first = order[np.sort(np.unique(node[order], return_index=True)[1])]
    return np.union1d(first, np.flatnonzero(standing & (node >= 0))).astype(np.int64)


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
    points = [*plants.geometry, *parks.geometry.representative_point()]
    return gpd.GeoDataFrame(
        {"kind": kinds, "kg_d": [given.source_kg_d[name] for name in kinds]},
        geometry=points, crs=layers.area.crs, index=pd.Index(names, dtype="str", name="source_id"),
    )  # fmt: skip


def _supplied(  # noqa: PLR0913 - the parts of one balance
    graph: StreetGraph,
    sources: gpd.GeoDataFrame,
    *,
    trips: Trips,
    choice: Choice,
    node: IntArray,
    demand: NumberArray,
    storage: npt.NDArray[np.object_],
    given: HydrogenAssumptions,
    time_limit_s: float,
) -> tuple[Supply, NumberArray]:
    from_node, _ = graph.nearest_nodes(
        sources.geometry.x.to_numpy(), sources.geometry.y.to_numpy(), reach_m=20_000.0
    )
    haul = road_km(graph, np.maximum(from_node, 0), node[choice.chosen])
    haul[from_node < 0] = np.inf
    place = {int(site): k for k, site in enumerate(choice.chosen)}
    is_open = np.zeros(node.size, dtype=np.bool_)
    is_open[choice.chosen] = True
    runs = refuelled(trips, is_open)
    stops = tuple(
        tuple(sorted({place[s] for s in one if s in place})) if ok else ()
        for one, ok in zip(trips.stops, runs, strict=True)
    )
    capacity = np.array(
        [given.storage_kg[str(one)] / given.storage_days for one in storage[choice.chosen]]
    )
    supply = supply_stations(
        np.where(runs, demand, 0.0), stops, haul, source_kg_d=sources["kg_d"].to_numpy(dtype=np.float64),
        capacity_kg_d=capacity, given=given, time_limit_s=time_limit_s,
    )  # fmt: skip
    return supply, haul


def _framed(  # noqa: PLR0913 - the parts of one table
    fit: gpd.GeoDataFrame,
    storage: pd.Series,
    choice: Choice,
    *,
    trips: Trips,
    flows: Flows,
    supply: Supply,
    haul: NumberArray,
    sources: gpd.GeoDataFrame,
    given: HydrogenAssumptions,
) -> gpd.GeoDataFrame:
    chosen = fit.iloc[choice.chosen]
    sold, sent = supply.sold_kg_d.sum(axis=0), supply.hauled_kg_d
    mean_km = (sent * np.where(np.isfinite(haul), haul, 0.0)).sum(axis=0) / np.maximum(sold, 1e-9)
    loads = sold / given.trailer_kg
    invest = supply.modules @ np.array([given.module_mcny["500"], given.module_mcny["1000"]]) * 1e6
    yearly = invest * (annuity(given.interest, given.lifetime_years) + given.operation_share)
    sells = sold > 1e-6
    per_kg = yearly / 365.0 / np.maximum(sold, 1e-9) + given.source_cny_kg
    per_kg += 2.0 * mean_km * given.trailer_cny_km / given.trailer_kg
    main = sources.index.to_numpy(dtype=object)[np.argmax(sent, axis=0)]
    loss, replacement = _losses(choice, trips, flows, site_count=len(fit))
    frame = chosen[["kind", "existing", "name", "county", "geometry"]].assign(
        storage_class=storage[chosen.index],
        modules_500=supply.modules[:, 0],
        modules_1000=supply.modules[:, 1],
        capacity_kg_d=supply.modules @ np.array([500.0, 1000.0]),
        sold_kg_d=np.where(sells, sold, 0.0),
        source_id=np.where(sells, main, None),
        haul_km=np.where(sells, mean_km, np.nan),
        trailers_d=np.where(sells, loads, 0.0),
        lcoh_cny_kg=np.where(sells, per_kg, np.nan),
        loss_if_removed=loss,
        best_replacement=[fit.index[k] if k >= 0 else None for k in replacement],
    )
    english, chinese = hydrogen_reasons(frame)
    frame = SITING_HYDROGEN.validate(
        frame.assign(why=english, why_zh=chinese), where="The hydrogen stations"
    )
    return frame[list(SITING_HYDROGEN.column_names)]


def _losses(
    choice: Choice, trips: Trips, flows: Flows, *, site_count: int
) -> tuple[NumberArray, IntArray]:
    """Return the trips that run dry without each station, and the site that saves most of them."""
    is_open = np.zeros(site_count, dtype=np.bool_)
    is_open[choice.chosen] = True
    whole = refuelled(trips, is_open)
    loss, by = np.zeros(choice.chosen.size), np.full(choice.chosen.size, -1, dtype=np.int64)
    for k, site in enumerate(choice.chosen.tolist()):
        is_open[site] = False
        lost = np.flatnonzero(whole & ~refuelled(trips, is_open))
        loss[k] = flows.volume[lost].sum()
        left = set(np.flatnonzero(is_open).tolist())
        saved = np.zeros(site_count)
        for flow in lost.tolist():
            unmet = [need for need in trips.needs[flow] if left.isdisjoint(need)]
            for other in frozenset.intersection(*unmet):
                saved[other] += flows.volume[flow]
        saved[site] = 0.0
        by[k] = int(np.argmax(saved)) if saved.max(initial=0.0) > 0.0 else -1
        is_open[site] = True
    return loss, by


def _flow_frame(
    flows: Flows,
    trip_km: NumberArray,
    *,
    trips: Trips,
    choice: Choice,
    supply: Supply,
    given: HydrogenAssumptions,
    graph: StreetGraph,
) -> pd.DataFrame:
    served = choice.assigned_to >= 0
    never = np.array(trips.reason, dtype=object)
    reason = np.where(served, "", np.where(never != "", never, "no chosen station on the way"))
    return pd.DataFrame(
        {
            "origin": graph.node_id[flows.origin],
            "destination": graph.node_id[flows.destination],
            "trips_d": flows.volume,
            "trip_km": trip_km,
            "demand_kg_d": flows.volume * trip_km / 100.0 * given.kg_per_100km,
            "unserved_kg_d": supply.unserved_kg_d,
            "reason": reason,
        },
        index=pd.Index([f"f{k}" for k in range(flows.volume.size)], dtype="str", name="flow"),
    )
