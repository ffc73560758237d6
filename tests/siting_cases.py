"""Small worlds that the siting tests share: a square study area with what a test puts into it."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from layers.area import StudyArea
from layers.building_assumptions import BuildingAssumptions
from layers.buildings import read_buildings
from layers.constraints import read_constraints
from layers.layer_set import LayerSet
from layers.stations import read_stations
from layers.streets import read_streets
from layers.tables import (
    BUILDINGS,
    CONSTRAINTS,
    HEAT_SOURCES,
    PARKS,
    STATIONS,
    STREETS,
    SUBSTATIONS,
    TOWNSHIPS,
)
from layers.vectors import LayerSource

CRS = pyproj.CRS("EPSG:4548")
WEST, SOUTH = 590_000.0, 4_070_000.0
SIDE = 20_000.0


def at(x: float, y: float) -> shapely.Point:
    """Return a point by metres from the south-west corner."""
    return shapely.Point(WEST + x, SOUTH + y)


def box(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    """Return a rectangle by its south-west corner and size [m]."""
    return shapely.box(WEST + x, SOUTH + y, WEST + x + width, SOUTH + y + height)


def area(counties: int = 2) -> StudyArea:
    """Return a square of 20 km, cut into counties from west to east."""
    width = SIDE / counties
    frame = gpd.GeoDataFrame(
        {
            "name": [f"county {k}" for k in range(counties)],
            "area_km2": width * SIDE / 1e6,
            "population": [100_000.0 * (k + 1) for k in range(counties)],
            "source": "test",
        },
        geometry=[box(k * width, 0.0, width, SIDE) for k in range(counties)],
        crs=CRS,
        index=pd.Index([f"37030{k + 1}" for k in range(counties)], dtype="str", name="county"),
    )
    return StudyArea(
        name="square", adcode="370300", counties=frame, crs=CRS, time_zone="Asia/Shanghai"
    )


def frame(table: object, prefix: str, rows: Sequence[dict[str, object]]) -> gpd.GeoDataFrame:
    """Return rows as a valid table, keys numbered."""
    if not rows:
        return table.empty(CRS)  # type: ignore[attr-defined]
    made = gpd.GeoDataFrame(list(rows), geometry="geometry", crs=CRS)
    made.index = pd.Index([f"{prefix}{k}" for k in range(len(rows))], dtype="str", name=table.key)  # type: ignore[attr-defined]
    return table.validate(made, where="A test's table")  # type: ignore[attr-defined]


def street_grid(
    step: float = 1000.0, street_class: str = "secondary", kmh: float = 36.0
) -> list[dict[str, object]]:
    """Return streets every `step` metres both ways, driven both ways."""
    n = int(SIDE // step) + 1
    rows: list[dict[str, object]] = []
    for i in range(n):
        for j in range(n):
            for di, dj in ((1, 0), (0, 1)):
                if i + di < n and j + dj < n:
                    line = shapely.LineString(
                        [at(i * step, j * step), at((i + di) * step, (j + dj) * step)]
                    )
                    rows.append({
                        "u": i * n + j, "v": (i + di) * n + j + dj, "street_class": street_class,
                        "oneway": False, "speed_kmh": kmh, "length_m": step, "bridge": False, "tunnel": False,
                        "source": "test", "geometry": line,
                    })  # fmt: skip
    return rows


def buildings(
    spots: Sequence[tuple[float, float]], use: str = "apartment", storeys: int = 6
) -> list[dict[str, object]]:
    """Return buildings of 30 m by 30 m by their south-west corners."""
    return [
        {"use": use, "use_source": "own", "height_m": 3.0 * storeys, "height_source": "own", "storeys": storeys,
         "footprint_m2": 900.0, "county": "370301", "source": "test", "geometry": box(x, y, 30.0, 30.0)}
        for x, y in spots
    ]  # fmt: skip


def stations(
    spots: Sequence[tuple[float, float]], kind: str = "fuel", area_m2: float = 4000.0
) -> list[dict[str, object]]:
    """Return stations by their position."""
    return [
        {
            "kind": kind,
            "area_m2": area_m2,
            "county": "370301",
            "source": "test",
            "geometry": at(x, y),
        }
        for x, y in spots
    ]


def constraint(kind: str, geometry: shapely.Geometry) -> dict[str, object]:
    """Return one constraint."""
    return {"kind": kind, "source": "test", "geometry": geometry}


def layer_set(
    *,
    streets: Sequence[dict[str, object]] = (),
    stations: Sequence[dict[str, object]] = (),
    buildings: Sequence[dict[str, object]] = (),
    constraints: Sequence[dict[str, object]] = (),
    substations: Sequence[dict[str, object]] = (),
    heat_sources: Sequence[dict[str, object]] = (),
    counties: int = 2,
) -> LayerSet:
    """Return a study of the square with these rows and nothing else."""
    return LayerSet(
        area=area(counties),
        buildings=frame(BUILDINGS, "b", buildings),
        parks=PARKS.empty(CRS),
        streets=frame(STREETS, "w", streets),
        stations=frame(STATIONS, "s", stations),
        heat_sources=frame(HEAT_SOURCES, "h", heat_sources),
        substations=frame(SUBSTATIONS, "t", substations),
        constraints=frame(CONSTRAINTS, "k", constraints),
        townships=TOWNSHIPS.empty(CRS),
        terrain=None,
        weather=None,  # type: ignore[arg-type] # siting reads no weather
        account=pd.DataFrame(),
    )


def town(seed: int = 0, homes: int = 400) -> list[dict[str, object]]:
    """Return blocks of flats scattered over the square, denser in the west."""
    draw = np.random.default_rng(seed)
    x = draw.beta(1.2, 2.0, homes) * (SIDE - 1200.0) + 500.0
    y = draw.uniform(500.0, SIDE - 700.0, homes)
    keep = (np.abs(x % 1000.0 - 500.0) < 400.0) & (np.abs(y % 1000.0 - 500.0) < 400.0)
    return buildings(list(zip(x[keep].tolist(), y[keep].tolist(), strict=True)))


def andorra(shared_data: Path) -> LayerSet:
    """Return Andorra from OpenStreetMap, without weather."""
    pbf = shared_data / "osm" / "andorra.osm.pbf"
    study = StudyArea.from_file(
        pbf, name="Andorra", layer="multipolygons", name_column="name",
        where="boundary = 'administrative' AND admin_level = '7'",
    )  # fmt: skip
    source = LayerSource(path=pbf, preset="osm")
    return dataclasses.replace(
        layer_set(),
        area=study,
        streets=read_streets(source, study).frame,
        stations=read_stations(source, study).frame,
        constraints=read_constraints(source, study).frame,
        buildings=read_buildings(
            source, study, assumptions=BuildingAssumptions(default_use="apartment")
        ).frame,
        parks=PARKS.empty(study.crs),
        heat_sources=HEAT_SOURCES.empty(study.crs),
        substations=SUBSTATIONS.empty(study.crs),
        townships=TOWNSHIPS.empty(study.crs),
    )
