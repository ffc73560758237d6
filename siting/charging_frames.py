"""The frames of a charging plan: loads and points per site, totals per county, phases and trade-offs."""

__all__ = [
    "county_points",
    "county_quotas",
    "measured_sites",
    "peak_load",
    "phase_frame",
    "served_cells",
    "site_loads",
]

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.errors import LayerError, near_matches
from layers.layer_set import LayerSet
from siting.access import Access
from siting.charging_assumptions import ChargingAssumptions
from siting.charging_points import apportioned, class_matrix
from siting.choice import Choice
from siting.phases import Phase
from siting.site_rules import Quotas
from siting.sparse_costs import IntArray, NumberArray
from siting.tables import POWER_CLASSES_KW, SITING_ACCESS, SITING_PHASES
from siting.waiting import points_needed, waiting

_POINTS = [f"points_{kw}_kw" for kw in POWER_CLASSES_KW]


def county_quotas(sites: gpd.GeoDataFrame, layers: LayerSet, quotas: pd.DataFrame | None) -> Quotas:
    """Return the least and greatest number of sites per county.

    Raises
    ------
    LayerError
        A county that the study does not have.
    """
    counties = layers.area.counties.index
    if quotas is not None:
        unknown = [str(key) for key in quotas.index if key not in counties]
        if unknown:
            raise LayerError(
                f"The quotas name county {unknown[0]!r}" + near_matches(unknown[0], counties)
            )
    there = np.bincount(counties.get_indexer(sites["county"]), minlength=len(counties))

    def column(name: str, default: IntArray) -> IntArray:
        if quotas is None or name not in quotas.columns:
            return default
        values = quotas[name].reindex(counties).astype("float64").to_numpy()
        return np.where(np.isnan(values), default, np.nan_to_num(values)).astype(np.int64)

    least = column("least_sites", np.minimum(1, there))
    return Quotas(
        group=counties.get_indexer(sites["county"]).astype(np.int64),
        minimum=least,
        maximum=np.maximum(column("most_sites", np.maximum(there, least)), least),
        names=tuple(layers.area.counties["name"].astype("str")),
    )


def served_cells(cells: gpd.GeoDataFrame, near: Access, assigned: IntArray) -> gpd.GeoDataFrame:
    """Return every demand cell with the site that serves it, its minutes and metres."""
    row = np.repeat(np.arange(len(cells)), np.diff(near.indptr))
    mine = near.indices == assigned[row]
    time, length = np.full(len(cells), np.nan), np.full(len(cells), np.nan)
    time[row[mine]] = near.time_s[mine] / 60.0
    length[row[mine]] = near.length_m[mine]
    site = np.where(assigned >= 0, near.site_id.to_numpy(dtype=object)[assigned], None)
    reason = near.unreachable["reason"].reindex(cells.index).fillna("").astype("str")
    no_road = reason.str.startswith("no road").to_numpy()
    access = np.where(assigned >= 0, "served", np.where(no_road, "no_road", "no_site"))
    frame = cells[["county", "demand_kwh_d", "people", "geometry"]].assign(
        site_id=site, time_min=time, length_m=length, access=access
    )
    return SITING_ACCESS.validate(frame, where="The demand cells")


def site_loads(
    chosen: gpd.GeoDataFrame,
    cells: gpd.GeoDataFrame,
    choice: Choice,
    *,
    swappable: npt.NDArray[np.bool_],
    given: ChargingAssumptions,
) -> gpd.GeoDataFrame:
    """Return the chosen sites with the demand given to them, bays, points for waiting and swaps.

    Swap stations stand where swapping is legal and most of it is asked for, as few as carry it all at
    `swaps_per_station_d`; one that would carry more than that takes no more.
    """
    place = np.full(int(choice.chosen.max()) + 1, -1)
    place[choice.chosen] = np.arange(choice.chosen.size)
    served = choice.assigned_to >= 0
    row = place[choice.assigned_to[served]]
    sums = {
        name: np.bincount(row, weights=cells[name].to_numpy()[served], minlength=len(chosen))
        for name in ("slow_kwh_d", "fast_kwh_d", "demand_kwh_d", "swaps_d")
    }
    load = peak_load(sums["fast_kwh_d"].astype(np.float64), given)
    need = points_needed(
        load,
        service_min=given.service_min,
        p_wait=given.target_p_wait,
        wait_min=given.target_wait_min,
    )
    kind = chosen["kind"].astype("str")
    bays = np.floor(chosen["area_m2"] * kind.map(dict(given.bay_share)) / given.bay_m2)
    bays = np.where(kind == "neighbourhood", given.neighbourhood_points, np.maximum(bays, 1))
    bays = np.minimum(bays, given.most_points)
    asked = np.where(swappable, sums["swaps_d"], 0.0)
    total = float(sums["swaps_d"].sum())
    stations = min(int(np.ceil(total / given.swaps_per_station_d)), int((asked > 0.0).sum()))
    swap = np.zeros(len(chosen), dtype=bool)
    swap[np.argsort(-asked, kind="stable")[:stations]] = True
    swaps = _levelled(total, np.where(swap, asked, 0.0), given.swaps_per_station_d)
    return chosen.assign(
        **{**sums, "swaps_d": swaps}, swap=swap, points_for_waiting=need, bays=bays.astype(np.int64)
    )


def _levelled(total: float, weight: NumberArray, most: float) -> NumberArray:
    """Share an amount out by weight, none above `most`; what exceeds all of them together is left out."""
    found = np.zeros(weight.size)
    free = weight > 0.0
    while free.any() and total - found.sum() > 1e-9 * total:
        rest = total - found.sum()
        found[free] = np.minimum(most, found[free] + rest * weight[free] / weight[free].sum())
        free &= found < most
    return found


def peak_load(fast_kwh_d: NumberArray, given: ChargingAssumptions) -> NumberArray:
    """Return the load of fast points in the peak hour [erlang]."""
    peak = max(given.fast_profile) / sum(given.fast_profile)
    return np.asarray(
        fast_kwh_d * peak / given.session_kwh * given.service_min / 60.0, dtype=np.float64
    )


def measured_sites(frame: gpd.GeoDataFrame, given: ChargingAssumptions) -> gpd.GeoDataFrame:
    """Return the sites with waiting, power, feeder use and PV canopy of their points."""
    points = frame[_POINTS].to_numpy(dtype=np.int64)
    fast = points[:, 1:].sum(axis=1)
    load = peak_load(frame["fast_kwh_d"].to_numpy(), given)
    chance, wait = waiting(fast, load, service_min=given.service_min)
    busy = np.isfinite(wait)
    installed = points @ np.array(POWER_CLASSES_KW, dtype=np.float64)
    feeder = installed * given.simultaneity
    total = points.sum(axis=1)
    bays = np.where(frame["kind"].astype("str") == "neighbourhood", 0.0, total * given.bay_m2)
    canopy = frame["canopy_m2"].fillna(pd.Series(bays, index=frame.index)).to_numpy()
    return frame.assign(
        points=total,
        p_wait=np.where(load > 0.0, chance, 0.0),
        wait_min=np.where(busy, wait, np.nan),
        installed_kw=installed,
        feeder_kw=feeder,
        feeder_short_kw=np.maximum(0.0, feeder - frame["headroom_kw"].fillna(np.inf).to_numpy()),
        pv_canopy_kwp=canopy * given.pv_w_m2 / 1000.0,
    )


def county_points(
    layers: LayerSet,
    cells: gpd.GeoDataFrame,
    sites: pd.DataFrame,
    *,
    given: ChargingAssumptions,
    quotas: pd.DataFrame | None,
) -> tuple[pd.DataFrame, dict[str, IntArray]]:
    """Return the counties with exact totals, and the points of each by power class.

    Public points follow the demand that each county's sites serve, private points and vehicles its
    people; counties without a site get no public points.
    """
    counties = layers.area.counties
    public = round(given.points * given.public_share)
    served = (
        sites["demand_kwh_d"].groupby(sites["county"]).sum().reindex(counties.index).fillna(0.0)
    )
    bays = (
        sites["bays"].groupby(sites["county"]).sum().reindex(counties.index).fillna(0).astype(int)
    )
    asked = np.full(len(counties), np.nan)
    if quotas is not None and "points" in quotas.columns:
        asked = quotas["points"].reindex(counties.index).astype("float64").to_numpy()
    if np.nansum(asked) > public or (not np.isnan(asked).any() and np.nansum(asked) != public):
        raise LayerError(
            f"The county quotas ask for {np.nansum(asked):.0f} public points and the case for {public} "
            f"({given.points} points, {given.public_share:g} of them public); make them agree."
        )
    open_to = np.isnan(asked)
    totals = np.nan_to_num(asked).astype(np.int64)
    totals[open_to] = apportioned(
        public - int(totals.sum()), served.to_numpy()[open_to], cap=bays.to_numpy()[open_to],
        what="the sites of the counties without a quota",
    )  # fmt: skip
    shares = np.array([given.class_share.get(str(kw), 0.0) for kw in POWER_CLASSES_KW])
    matrix = class_matrix(
        totals, apportioned(public, shares), np.ones((len(counties), shares.size))
    )
    people = cells["people"].groupby(cells["county"]).sum().reindex(counties.index).fillna(0.0)
    private = apportioned(given.points - public, people.to_numpy())
    homes = people / given.persons_per_home * given.new_homes_per_year
    years = given.last_year - given.first_year + 1
    wired = (homes * years * given.spaces_per_new_home * given.wired_share).round()
    energy = cells["demand_kwh_d"].groupby(cells["county"]).sum()
    vehicles = apportioned(given.vehicles, people.to_numpy())
    frame = pd.DataFrame(
        {
            "name": counties["name"].astype("str"),
            "points": totals + private,
            "private_points": private,
            "public_points": totals,
            **{name: matrix[:, k] for k, name in enumerate(_POINTS)},
            "sites": sites.groupby("county").size().reindex(counties.index).fillna(0).astype(int),
            "vehicles": vehicles,
            "demand_kwh_d": energy.reindex(counties.index).fillna(0.0),
            "points_per_1000_vehicles": 1000.0 * (totals + private) / np.maximum(vehicles, 1),
            "wired_spaces": wired.astype(int),
        },
        index=counties.index,
    )  # fmt: skip
    return frame, {str(key): matrix[k] for k, key in enumerate(counties.index)}


def phase_frame(
    phases: Sequence[Phase], years: npt.NDArray[np.int64], sites: pd.DataFrame
) -> pd.DataFrame:
    """Return one row per year of the nested plan."""
    rows = [
        {
            "year": int(year),
            "sites": phase.choice.chosen.size,
            "points": int(sites.loc[sites["year"] <= year, "points"].sum()),
            "objective": phase.choice.objective / 60.0,
            "bound": phase.choice.bound / 60.0,
            "gap": phase.choice.gap,
            "status": phase.choice.status,
            "price": phase.price,
        }
        for year, phase in zip(years, phases, strict=True)
    ]
    frame = pd.DataFrame(rows)
    frame.index = pd.Index([str(year) for year in years], dtype="str", name=SITING_PHASES.key)
    return SITING_PHASES.validate(frame, where="The phases")
