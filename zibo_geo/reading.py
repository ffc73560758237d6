"""From the case to the layers: every file is opened here through its reader, nothing is computed."""

__all__ = ["read_area", "read_layers", "source_files"]

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyproj

from layers.account import Ledger, Reading, merge_accounts
from layers.area import StudyArea
from layers.buildings import read_buildings
from layers.climate import climate_year
from layers.constraints import read_constraints
from layers.demo import embedded_zibo
from layers.errors import LayerError
from layers.heat_sources import read_heat_sources
from layers.layer_set import LayerSet
from layers.parks import read_parks
from layers.presets import preset_of
from layers.stations import read_stations
from layers.streets import read_streets
from layers.substations import read_substations
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
from layers.terrain import Terrain, read_terrain
from layers.townships import read_townships
from layers.weather import Weather, read_weather
from zibo_geo.case import LAYER_NAMES, Case, WeatherSource
from zibo_geo.progress import Progress, SilentProgress

_LOG = logging.getLogger(__name__)
_FAR_WEATHER_M = 150_000.0
_TABLES = {
    "buildings": BUILDINGS,
    "parks": PARKS,
    "streets": STREETS,
    "stations": STATIONS,
    "heat_sources": HEAT_SOURCES,
    "substations": SUBSTATIONS,
    "constraints": CONSTRAINTS,
    "townships": TOWNSHIPS,
}


def read_area(case: Case) -> StudyArea:
    """Return the study area that the case asks for."""
    source = case.area
    if source.file is not None:
        return StudyArea.from_file(
            source.file,
            name=source.name or case.title,
            key_column=source.key_column,
            name_column=source.name_column,
            crs=source.crs,
            time_zone=source.time_zone,
            layer=source.layer,
            where=source.where,
        )
    if source.extent is not None:
        return StudyArea.from_extent(
            source.extent,
            name=source.name or case.title,
            crs=source.crs,
            time_zone=source.time_zone,
            layer=source.layer,
        )
    if source.adcode is not None:
        return StudyArea.from_adcode(source.adcode)
    return StudyArea.from_name(str(source.name))


def read_layers(case: Case, *, progress: Progress | None = None) -> LayerSet:
    """Read every layer of a case.

    Parameters
    ----------
    case : Case
        Layers it does not name come from the embedded Zibo if it asks for that, else they are empty.
    progress : Progress, optional
        Shown one stage per layer.

    Returns
    -------
    LayerSet
        All in the study's metric CRS, with one account of all repairs and drops.

    Raises
    ------
    ZiboGeoError
        A file is missing, broken or not what the case says; one sentence with the cure.
    """
    shown = progress or SilentProgress()
    _check_files(case)
    if case.embedded is not None:
        with shown.stage(f"embedded Zibo, {case.embedded}"):
            base = embedded_zibo(case.embedded, seed=case.seed)
        if not case.layers and case.weather is None and case.terrain is None:
            return base
        return _replaced(base, case, shown)
    with shown.stage("area"):
        area = read_area(case)
    if case.weather is None:
        raise LayerError("The case names no weather; add [weather] with a path and a format.")
    with shown.stage("weather"):
        weather, account = _weather(case.weather, area)
    base = LayerSet(
        area=area,
        terrain=None,
        weather=weather,
        account=account,
        **{name: table.empty(area.crs) for name, table in _TABLES.items()},
    )
    return _replaced(base, replace(case, weather=None), shown)


def _check_files(case: Case) -> None:
    """Name every missing file at once, before the first is read."""
    missing = [f"{name} ({path})" for name, path in source_files(case).items() if not path.exists()]
    if missing:
        raise LayerError(
            f"The case names files that do not exist: {', '.join(missing)}; correct the paths, or give the "
            "folder they start from with --data."
        )


def _replaced(base: LayerSet, case: Case, shown: Progress) -> LayerSet:
    """Return the layers with those that the case names read from their files."""
    area, accounts = base.area, [base.account]
    changed: dict[str, Any] = {}
    if case.weather is not None:
        with shown.stage("weather"):
            changed["weather"], account = _weather(case.weather, area)
            accounts.append(account)
    weather: Weather = changed.get("weather", base.weather)
    terrain = base.terrain
    if case.terrain is not None:
        with shown.stage("terrain"):
            terrain = changed["terrain"] = read_terrain(case.terrain, area)
    surface = (
        read_terrain(case.surface, area, cell_m=5.0, margin_m=0.0)
        if case.surface is not None
        else None
    )
    for name in sorted(case.layers, key=_reading_order):
        with shown.stage(name):
            reading = _read_layer(
                name, case, base, changed=changed, terrain=terrain, surface=surface
            )
        changed[name] = reading.frame
        accounts.append(reading.account)
        _LOG.info("%s: %d rows", name, len(reading.frame))
    return replace(
        base,
        **changed,
        account=merge_accounts(accounts),
        synthetic=(base.synthetic - set(changed)) | ({"weather"} if weather.synthetic else set()),
        attributions=(*base.attributions, *_attributions(case), *_warnings(accounts)),
    )


def _reading_order(name: str) -> int:
    """Parks and townships come before the buildings that are looked up in them."""
    order = (
        "townships",
        "parks",
        *(other for other in LAYER_NAMES if other not in {"townships", "parks"}),
    )
    return order.index(name)


def _read_layer(
    name: str,
    case: Case,
    base: LayerSet,
    *,
    changed: Mapping[str, Any],
    terrain: Terrain | None,
    surface: Terrain | None,
) -> Reading:
    source = case.layers[name]
    if name == "buildings":
        return read_buildings(
            source,
            base.area,
            assumptions=case.assumed("buildings"),
            surface=surface,
            terrain=terrain,
            parks=changed.get("parks", base.parks),
            townships=changed.get("townships", base.townships),
        )
    if name == "streets":
        return read_streets(source, base.area, assumptions=case.assumed("streets"))
    readers: dict[str, Callable[..., Reading]] = {
        "parks": read_parks,
        "stations": read_stations,
        "heat_sources": read_heat_sources,
        "substations": read_substations,
        "constraints": read_constraints,
        "townships": read_townships,
    }
    return readers[name](source, base.area)


def _weather(source: WeatherSource, area: StudyArea) -> tuple[Weather, pd.DataFrame]:
    if source.format == "monthly":
        return _climate(source, area)
    weather, ledger = read_weather(
        source.path, format=source.format, time_zone=area.time_zone, instant_h=source.instant_h
    )
    _note_distance(weather, area, ledger)
    return weather, ledger.frame()


def _note_distance(weather: Weather, area: StudyArea, ledger: Ledger) -> None:
    """Note weather from so far away that its yields are no finding about the place."""
    west, south, east, north = area.bounds_wgs84
    _, _, metres = pyproj.Geod(ellps="WGS84").inv(
        (west + east) / 2, (south + north) / 2, weather.longitude_deg, weather.latitude_deg
    )
    if metres > _FAR_WEATHER_M:
        ledger.add(
            "kept",
            f"the weather is that of a place {metres / 1e3:,.0f} km away; "
            f"its yields are no finding about {area.name}",
            len(weather.hours),
        )
        _LOG.warning(
            "The weather is that of a place %.0f km away from %s.", metres / 1e3, area.name
        )


def _climate(source: WeatherSource, area: StudyArea) -> tuple[Weather, pd.DataFrame]:
    try:
        monthly = pd.read_csv(source.path, comment="#")
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise LayerError(
            f"The monthly sums {source.path.name} cannot be read as CSV ({error}); give a UTF-8 CSV with the "
            "columns month, ghi_kwh_m2, dhi_kwh_m2, temperature_c, temperature_max_c."
        ) from error
    weather = climate_year(
        monthly,
        latitude_deg=float(source.latitude_deg or 0.0),
        longitude_deg=float(source.longitude_deg or 0.0),
        elevation_m=float(source.elevation_m or 0.0),
        time_zone=area.time_zone,
        seed=370300,
        source=source.path.name,
    )
    return weather, merge_accounts([])


def _warnings(accounts: Sequence[pd.DataFrame]) -> tuple[str, ...]:
    """Return the lines of the weather's account that must be shown beside every yield."""
    reasons = [
        reason for account in accounts for reason in account["reason"] if "km away" in reason
    ]
    return tuple(f"weather: {reason}" for reason in reasons)


def source_files(case: Case) -> dict[str, Path]:
    """Return every file the case opens, by what it is."""
    files = {f"layers.{name}": source.path for name, source in sorted(case.layers.items())}
    named = {
        "area": case.area.file,
        "weather": None if case.weather is None else case.weather.path,
        "terrain": case.terrain,
        "surface": case.surface,
        "land_cover": case.land_cover,
        "pv.tariffs": case.pv.tariffs,
        "pv.ranges": case.pv.ranges,
        "area extent": case.area.extent,
        "heat.source_ratios": case.heat.ratios,
        "heat.source_hours": case.heat.hours,
        "heat.sinks": None if case.heat.sinks is None else case.heat.sinks.source.path,
        "targets": case.targets.path,
        "case": case.origin,
    }
    own = {
        f"ground_exclusions.{name}": item.source.path
        for name, item in case.ground_exclusions.items()
    }
    own |= {f"heat.forbidden.{name}": item.path for name, item in case.heat.forbidden.items()}
    return {**files, **own, **{name: path for name, path in named.items() if path is not None}}


def _attributions(case: Case) -> tuple[str, ...]:
    """Return one line per file: its layers, its name, and what its preset says must be shown."""
    layers_of: dict[tuple[str, str], list[str]] = {}
    for name, source in sorted(case.layers.items()):
        preset = preset_of(source, name)
        words = [] if preset is None else [preset.attribution, preset.warning or ""]
        line = "; ".join(word for word in words if word)
        layers_of.setdefault((source.path.name, line), []).append(name)
    return tuple(
        f"{', '.join(names)}: {file}" + (f" ({line})" if line else "")
        for (file, line), names in layers_of.items()
    )
