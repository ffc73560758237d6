"""Charging demand: the vehicle stock spread over cells by homes, workplaces, shops, depots and yards."""

__all__ = ["charging_demand", "demand_cells"]

from types import MappingProxyType

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.account import Ledger
from layers.errors import LayerError
from layers.layer_set import LayerSet
from siting.charging_assumptions import ChargingAssumptions

_STOREY_M = 3.0  # only where storeys are unknown
_PLACE_OF_USE = MappingProxyType({
    "rural_home": "home", "apartment": "home", "office": "work", "government": "work", "industrial": "work",
    "warehouse": "work", "school": "work", "hospital": "visit", "shop": "visit", "hotel": "visit",
    "public": "visit",
})  # fmt: skip
_TRUCK_YARDS = ("logistics", "service_area")


def demand_cells(
    layers: LayerSet, *, cell_m: float, home_m2: float, persons_per_home: float
) -> gpd.GeoDataFrame:
    """Return the built-up cells with the floor of each kind of place and the people in them.

    Parameters
    ----------
    layers : LayerSet
        Buildings, counties and, for trucks and buses, constraints are read.
    cell_m : float
        Side of a cell [m].
    home_m2, persons_per_home : float
        Floor of a home [m²] and people in it, used where a county gives no population.

    Returns
    -------
    GeoDataFrame, index cell_id
        `county`, `people`, floors `home_m2`, `work_m2`, `visit_m2` [m²], yards `bus_m2` and `truck_m2`
        [m²]; a point at the middle of the floor.

    Raises
    ------
    LayerError
        No building with a use that makes demand.
    """
    place = layers.buildings["use"].astype("str").map(_PLACE_OF_USE)
    rows = layers.buildings[place.notna()]
    kind = layers.constraints["kind"].astype("str")
    yards = layers.constraints[kind.isin(("bus_depot", *_TRUCK_YARDS))]
    if rows.empty and yards.empty:
        raise LayerError(
            "There is no demand: no building is a home, workplace or shop and there is no depot or "
            "logistics park; give buildings with their use."
        )
    storeys = pd.to_numeric(rows["storeys"], errors="coerce").astype("float64")
    storeys = storeys.fillna((rows["height_m"] / _STOREY_M).round().clip(lower=1.0))
    amount = np.concatenate(
        [rows["footprint_m2"] * storeys, np.maximum(yards.geometry.area.to_numpy(), 1000.0)]
    )
    what = np.concatenate(
        [
            place.dropna().to_numpy(dtype=object),
            np.where(kind[yards.index] == "bus_depot", "bus", "truck"),
        ]
    )
    at = shapely.get_coordinates(
        np.concatenate(
            [
                shapely.centroid(rows.geometry.to_numpy()),
                shapely.centroid(yards.geometry.to_numpy()),
            ]
        )
    )
    table = pd.DataFrame({"x": at[:, 0] * amount, "y": at[:, 1] * amount, "floor": amount})
    for name in ("home", "work", "visit", "bus", "truck"):
        table[f"{name}_m2"] = np.where(what == name, amount, 0.0)
    cell = (
        np.floor(at[:, 0] / cell_m).astype(np.int64),
        np.floor(at[:, 1] / cell_m).astype(np.int64),
    )
    whole = table.groupby([pd.Series(cell[0], name="i"), pd.Series(cell[1], name="j")]).sum()
    names = [f"c{i}_{j}" for i, j in whole.index]
    frame = gpd.GeoDataFrame(
        whole.drop(columns=["x", "y", "floor"]).set_axis(
            pd.Index(names, dtype="str", name="cell_id")
        ),
        geometry=shapely.points(whole["x"] / whole["floor"], whole["y"] / whole["floor"]),
        crs=layers.area.crs,
    )
    frame = layers.area.assign_counties(frame, Ledger("demand_cells"))
    return frame.assign(people=_people(frame, layers, home_m2 / persons_per_home))


def _people(
    cells: gpd.GeoDataFrame, layers: LayerSet, m2_per_person: float
) -> npt.NDArray[np.float64]:
    homes = cells["home_m2"]
    guess = homes / m2_per_person
    floor = homes.groupby(cells["county"]).transform("sum")
    known = cells["county"].map(layers.area.counties["population"]).astype("float64")
    share = (homes / floor.where(floor > 0.0)).fillna(0.0)
    found: npt.NDArray[np.float64] = np.where(known.notna(), known.fillna(0.0) * share, guess)
    return found


def charging_demand(
    layers: LayerSet, *, assumptions: ChargingAssumptions | None = None
) -> gpd.GeoDataFrame:
    """Return the energy charged away from home per cell and day.

    Parameters
    ----------
    layers : LayerSet
        Buildings, counties and constraints are read.
    assumptions : ChargingAssumptions, optional
        Stock, mix, energy per day and where it is charged.

    Returns
    -------
    GeoDataFrame, index cell_id
        The columns of :func:`demand_cells` and `slow_kwh_d`, `fast_kwh_d`, `demand_kwh_d` (their sum),
        `swaps_d`. Summed over cells they are the stock's whatever the cells.

    Notes
    -----
    Energy of a class of vehicles = stock × share of the class × kWh/d × share charged away from home.
    Cars charge by floor of homes, workplaces and shops in the shares of `car_place`, taxis by people and
    shops half each, buses by depots and people, trucks by logistics parks and service areas and by
    workplaces: `depot_share` of them in yards, or as many as those hold at `yard_m2` each. Whatever is
    missing in a study falls to people.
    """
    given = ChargingAssumptions() if assumptions is None else assumptions
    cells = demand_cells(
        layers, cell_m=given.cell_m, home_m2=given.home_m2, persons_per_home=given.persons_per_home
    )
    people = _share(cells, "people", _share(cells, "home_m2", None))
    home = _share(cells, "home_m2", people)
    work, visit = _share(cells, "work_m2", people), _share(cells, "visit_m2", people)
    place = given.car_place
    total = sum(place.values())
    if total <= 0.0:
        raise LayerError("car_place adds up to zero; give a share to home, work or visit.")
    where = {
        "car": (place["home"] * home + place["work"] * work + place["visit"] * visit) / total,
        "taxi": 0.5 * people + 0.5 * visit,
        "bus": _yards(cells, "bus", people, given=given),
        "truck": _yards(cells, "truck", work, given=given),
    }
    slow, fast, swaps = np.zeros(len(cells)), np.zeros(len(cells)), np.zeros(len(cells))
    for name, share in where.items():
        energy = (
            given.vehicles
            * given.vehicle_share[name]
            * given.use_kwh_d[name]
            * given.away_share[name]
        )
        swapped = energy * given.swap_share[name]
        swaps += swapped / given.swap_kwh * share
        fast += (energy - swapped) * given.fast_share[name] * share
        slow += (energy - swapped) * (1.0 - given.fast_share[name]) * share
    if not (slow + fast).sum() > 0.0:
        raise LayerError(
            "The charging demand is zero; check vehicle_share, use_kwh_d and away_share."
        )
    return cells.assign(slow_kwh_d=slow, fast_kwh_d=fast, demand_kwh_d=slow + fast, swaps_d=swaps)


def _yards(
    cells: gpd.GeoDataFrame,
    vehicle: str,
    elsewhere: npt.NDArray[np.float64],
    *,
    given: ChargingAssumptions,
) -> npt.NDArray[np.float64]:
    """Return the share of each cell in the energy of buses or trucks: yards to their room, then places."""
    fleet = given.vehicles * given.vehicle_share[vehicle]
    yard_m2 = cells[f"{vehicle}_m2"].to_numpy(dtype=np.float64)
    room = float(yard_m2.sum()) / given.yard_m2[vehicle]
    held = min(given.depot_share, room / fleet) if fleet > 0.0 else 0.0
    share: npt.NDArray[np.float64] = held * _share(cells, f"{vehicle}_m2", elsewhere)
    return share + (1.0 - held) * elsewhere


def _share(
    cells: gpd.GeoDataFrame, column: str, otherwise: npt.NDArray[np.float64] | None
) -> npt.NDArray[np.float64]:
    values: npt.NDArray[np.float64] = cells[column].to_numpy(dtype=np.float64)
    if values.sum() > 0.0:
        share: npt.NDArray[np.float64] = values / values.sum()
        return share
    return np.full(len(cells), 1.0 / len(cells)) if otherwise is None else otherwise
