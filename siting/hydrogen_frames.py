"""The frames of a hydrogen plan: stations, trips, sources, hauls, and what fewer stations would do."""

__all__ = [
    "flow_frame",
    "haul_frame",
    "outage_losses",
    "source_frame",
    "station_costs",
    "station_frame",
    "step_frame",
    "with_standing",
]

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from siting.choice import Choice
from siting.explain import hydrogen_reasons
from siting.hydrogen_assumptions import HydrogenAssumptions
from siting.hydrogen_flows import HydrogenFlows
from siting.hydrogen_supply import Supply, annuity
from siting.refuelling import Trips, refuelled
from siting.sparse_costs import IntArray, NumberArray
from siting.street_graph import StreetGraph
from siting.tables import (
    SITING_FLOWS,
    SITING_HAULS,
    SITING_HYDROGEN,
    SITING_HYDROGEN_STEPS,
    SITING_SOURCES,
)

_LEAST_KG_D = 1e-6


def station_costs(
    supply: Supply, haul_km: NumberArray, *, given: HydrogenAssumptions
) -> tuple[NumberArray, NumberArray, NumberArray]:
    """Return sales [kg/d], levelised cost at the pump [CNY/kg] and mean haul one way [km] per station.

    Notes
    -----
    Cost = source price + 2 · km · CNY/km per trailer load + (annuity + operation) of the modules / sales.
    """
    sold, sent = supply.sold_kg_d.sum(axis=0), supply.hauled_kg_d
    sold = np.where(sold > _LEAST_KG_D, sold, 0.0)
    least = np.maximum(sold, _LEAST_KG_D)
    mean_km = (sent * np.where(np.isfinite(haul_km), haul_km, 0.0)).sum(axis=0) / least
    invest = supply.modules @ np.array([given.module_mcny["500"], given.module_mcny["1000"]]) * 1e6
    yearly = invest * (annuity(given.interest, given.lifetime_years) + given.operation_share)
    cost = yearly / 365.0 / least + given.source_cny_kg
    cost = cost + 2.0 * mean_km * given.trailer_cny_km / given.trailer_kg
    return sold, np.where(sold > 0.0, cost, np.nan), np.where(sold > 0.0, mean_km, np.nan)


def station_frame(
    sites: gpd.GeoDataFrame,
    storage: npt.NDArray[np.object_],
    choice: Choice,
    *,
    supply: Supply,
    haul_km: NumberArray,
    sources: gpd.GeoDataFrame,
    worth: tuple[NumberArray, IntArray],
    given: HydrogenAssumptions,
) -> gpd.GeoDataFrame:
    """Return the chosen stations with capacity, supply, cost, worth and reason."""
    chosen = sites.iloc[choice.chosen]
    sold, cost, mean_km = station_costs(supply, haul_km, given=given)
    sells = sold > 0.0
    capacity = supply.modules @ np.array([500.0, 1000.0])
    main = sources.index.to_numpy(dtype=object)[np.argmax(supply.hauled_kg_d, axis=0)]
    loss, replacement = worth
    frame = chosen[["kind", "existing", "name", "county", "geometry"]].assign(
        storage_class=storage[choice.chosen],
        modules_500=supply.modules[:, 0],
        modules_1000=supply.modules[:, 1],
        capacity_kg_d=capacity,
        sold_kg_d=sold,
        use_share=sold / np.maximum(capacity, 1.0),
        source_id=np.where(sells, main, None),
        haul_km=mean_km,
        trailers_d=sold / given.trailer_kg,
        lcoh_cny_kg=cost,
        loss_if_removed=loss,
        best_replacement=[sites.index[k] if k >= 0 else None for k in replacement],
    )
    english, chinese = hydrogen_reasons(frame)
    frame = SITING_HYDROGEN.validate(
        frame.assign(why=english, why_zh=chinese), where="The hydrogen stations"
    )
    return frame[list(SITING_HYDROGEN.column_names)]


def with_standing(choice: Choice, trips: Trips, existing: npt.NDArray[np.bool_]) -> Choice:
    """Return a choice as good with new plots exchanged for standing stations where no trip is lost."""
    is_open = np.zeros(existing.size, dtype=np.bool_)
    is_open[choice.chosen] = True
    whole = refuelled(trips, is_open)
    for site in choice.chosen[~existing[choice.chosen]].tolist():
        is_open[site] = False
        left = set(np.flatnonzero(is_open).tolist())
        lost = np.flatnonzero(whole & ~refuelled(trips, is_open))
        unmet = [need for flow in lost for need in trips.needs[flow] if left.isdisjoint(need)]
        able = (
            frozenset.intersection(*unmet)
            if unmet
            else frozenset(np.flatnonzero(existing).tolist())
        )
        fit = sorted(other for other in able if existing[other] and not is_open[other])
        is_open[fit[0] if fit else site] = True
    served = refuelled(trips, is_open)
    first = [
        next((site for site in stops if is_open[site]), -1) if ok else -1
        for stops, ok in zip(trips.stops, served.tolist(), strict=True)
    ]
    return Choice(
        chosen=np.flatnonzero(is_open), assigned_to=np.array(first, dtype=np.int64),
        objective=choice.objective, bound=choice.bound, gap=choice.gap, status=choice.status,
    )  # fmt: skip


def outage_losses(
    choice: Choice, trips: Trips, volume: npt.NDArray[np.floating], *, site_count: int
) -> tuple[NumberArray, IntArray]:
    """Return the trips that run dry without each station, and the site that saves most of them; exact."""
    is_open = np.zeros(site_count, dtype=np.bool_)
    is_open[choice.chosen] = True
    whole = refuelled(trips, is_open)
    loss, by = np.zeros(choice.chosen.size), np.full(choice.chosen.size, -1, dtype=np.int64)
    for k, site in enumerate(choice.chosen.tolist()):
        is_open[site] = False
        lost = np.flatnonzero(whole & ~refuelled(trips, is_open))
        loss[k] = volume[lost].sum()
        left = set(np.flatnonzero(is_open).tolist())
        saved = np.zeros(site_count)
        for flow in lost.tolist():
            unmet = [need for need in trips.needs[flow] if left.isdisjoint(need)]
            for other in frozenset.intersection(*unmet):
                saved[other] += volume[flow]
        saved[site] = 0.0
        by[k] = int(np.argmax(saved)) if saved.max(initial=0.0) > 0.0 else -1
        is_open[site] = True
    return loss, by


def flow_frame(
    flows: HydrogenFlows,
    trips: Trips,
    choice: Choice,
    *,
    supply: Supply,
    graph: StreetGraph,
    crs: pyproj.CRS,
) -> gpd.GeoDataFrame:
    """Return every flow on its way there, refuelled or why not."""
    served = choice.assigned_to >= 0
    never = np.array(trips.reason, dtype=object)
    reason = np.where(served, "", np.where(never != "", never, "no chosen station on the way"))
    ends = np.column_stack([flows.flows.origin, flows.flows.destination])
    ways = [way if way.size > 1 else pair for way, pair in zip(trips.way, ends, strict=True)]
    sizes = [way.size for way in ways]
    nodes = np.concatenate(ways)
    at = np.column_stack([graph.x_m[nodes], graph.y_m[nodes]])
    lines = shapely.linestrings(at, indices=np.repeat(np.arange(len(ways)), sizes))
    frame = gpd.GeoDataFrame(
        {
            "origin": graph.node_id[flows.flows.origin],
            "destination": graph.node_id[flows.flows.destination],
            "vehicle": flows.vehicle,
            "corridor": flows.corridor,
            "trips_d": flows.flows.volume,
            "trip_km": flows.trip_km,
            "demand_kg_d": flows.demand_kg_d,
            "refuelled": served,
            "unserved_kg_d": np.maximum(0.0, supply.unserved_kg_d.round(6)),
            "reason": reason,
        },
        geometry=lines,
        crs=crs,
        index=pd.Index([f"f{k}" for k in range(served.size)], dtype="str", name=SITING_FLOWS.key),
    )
    return SITING_FLOWS.validate(frame, where="The hydrogen trips")


def source_frame(sources: gpd.GeoDataFrame, supply: Supply) -> gpd.GeoDataFrame:
    """Return the sources with what they send."""
    sent = sources.assign(sent_kg_d=supply.hauled_kg_d.sum(axis=1))
    return SITING_SOURCES.validate(sent, where="The hydrogen sources")[
        list(SITING_SOURCES.column_names)
    ]


def haul_frame(
    stations: gpd.GeoDataFrame,
    sources: gpd.GeoDataFrame,
    *,
    supply: Supply,
    haul_km: NumberArray,
    given: HydrogenAssumptions,
) -> gpd.GeoDataFrame:
    """Return the trailers from each source to each station, drawn as straight lines."""
    source, station = np.nonzero(supply.hauled_kg_d > _LEAST_KG_D)
    sent, km = supply.hauled_kg_d[source, station], haul_km[source, station]
    start, end = (
        shapely.get_coordinates(frame.geometry.to_numpy())[rows]
        for frame, rows in ((sources, source), (stations, station))
    )
    from_id, to_id = sources.index.to_numpy()[source], stations.index.to_numpy()[station]
    frame = gpd.GeoDataFrame(
        {
            "source_id": from_id,
            "site_id": to_id,
            "kg_d": sent,
            "km": km,
            "trailers_d": sent / given.trailer_kg,
            "haul_cny_kg": 2.0 * km * given.trailer_cny_km / given.trailer_kg,
        },
        geometry=shapely.linestrings(np.stack([start, end], axis=1)),
        crs=stations.crs,
        index=pd.Index([f"{a}|{b}" for a, b in zip(from_id, to_id, strict=True)], dtype="str",
                       name=SITING_HAULS.key),
    )  # fmt: skip
    return SITING_HAULS.validate(frame, where="The hydrogen hauls")


def step_frame(steps: Sequence[tuple[Choice, float, float]], trips_d: float) -> pd.DataFrame:
    """Return one row per number of stations: trips, bound, sales [kg/d] and cost [CNY/kg]."""
    frame = pd.DataFrame(
        [
            {
                "stations": choice.chosen.size,
                "trips_d": choice.objective,
                "bound_trips_d": choice.bound,
                "share": choice.objective / trips_d if trips_d > 0.0 else 0.0,
                "status": choice.status,
                "sold_kg_d": sold,
                "lcoh_cny_kg": cost,
            }
            for choice, sold, cost in steps
        ]
    )
    names = [str(choice.chosen.size) for choice, _, _ in steps]
    frame.index = pd.Index(names, dtype="str", name=SITING_HYDROGEN_STEPS.key)
    return SITING_HYDROGEN_STEPS.validate(frame, where="The numbers of hydrogen stations")
