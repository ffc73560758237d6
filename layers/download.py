"""The only window to the network: OpenStreetMap through Overpass, weather from PVGIS and NASA POWER.

Requests go to the addresses that osmnx and pvlib carry unless others are given. Every answer is bounded in
size and time while it streams, checked before it is believed, and kept only when the reader of its layer can
use it. PVGIS is asked without its horizon: the far horizon is the terrain's part and must not count twice.
"""

__all__ = ["OSM_LAYERS", "download_osm_layers", "download_weather"]

import socket
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import geopandas as gpd
import osmnx as ox
import pandas as pd
import pvlib
import requests

from layers.area import StudyArea
from layers.download_guard import Guard
from layers.download_record import Downloaded, keep_files
from layers.errors import DownloadError, LayerError, near_matches
from layers.presets import Preset, find_preset
from layers.weather import read_weather

OSM_LAYERS: Final = ("buildings", "streets", "stations", "constraints")
WeatherService = Literal["pvgis_tmy", "nasa_power"]

_STREET_TAGS: Final = (
    "highway",
    "oneway",
    "maxspeed",
    "bridge",
    "tunnel",
    "name",
    "access",
    "service",
    "ref",
)
_SPLITTING_TAGS: Final = ("highway", "oneway", "maxspeed", "bridge", "tunnel")
_MOST_COLUMNS: Final = 120
_NOTHING_FOUND: Final = (
    "No matching features",
    "No data elements",
    "Found no graph nodes",
    "Graph contains no edges",
)
_EDGE_M: Final = 200.0  # the asked outline is this much wider, and as much simpler
_POWER_PARAMETERS: Final = (
    "ALLSKY_SFC_SW_DWN", "ALLSKY_SFC_SW_DIFF", "ALLSKY_SFC_SW_DNI", "T2M", "WS10M",
)  # fmt: skip
_LICENCES: Final = {
    "pvgis_tmy": ("free to use with attribution", "PVGIS © European Union"),
    "nasa_power": ("free to use with attribution", "NASA Langley Research Center POWER Project"),
}


def download_osm_layers(
    area: StudyArea,
    folder: str | Path,
    *,
    layers: Sequence[str] = OSM_LAYERS,
    overpass_url: str | None = None,
    timeout_s: float = 180.0,
    time_limit_s: float = 3600.0,
    largest_mb: float = 1000.0,
) -> dict[str, Path]:
    """Download layers of OpenStreetMap as GeoPackages that the readers take with the preset ``osm``.

    Parameters
    ----------
    area : StudyArea
        What lies in it, or within about 200 m of it, is asked for.
    folder : path
        Created where it does not exist; gets one file per layer and ``provenance.json``.
    layers : sequence of {"buildings", "streets", "stations", "constraints"}
        Which layers. Streets are driveable ones, service roads included, one line per segment.
    overpass_url : str, optional
        Base address of an Overpass service; by default the one that osmnx carries.
    timeout_s : float
        Longest silence of the service, and the time it may take for one query [s].
    time_limit_s, largest_mb : float
        Longest time for all of it [s] and largest answer [MB].

    Returns
    -------
    dict of str to Path
        The files by layer.

    Raises
    ------
    DownloadError
        The service cannot be reached, refuses, or sends something else; no file is replaced then.
    """
    unknown = [name for name in layers if name not in OSM_LAYERS]
    if unknown:
        raise DownloadError(
            f"Layer {unknown[0]!r} is unknown{near_matches(unknown[0], OSM_LAYERS)}"
        )
    service = _address(overpass_url or str(ox.settings.overpass_url), argument="overpass_url")
    guard = Guard(
        host=urlsplit(service).netloc,
        time_limit_s=time_limit_s,
        largest_mb=largest_mb,
        overpass=True,
    )
    outline = _outline(area)
    with _workplace(folder) as (place, part), _osmnx(guard, service, timeout_s=timeout_s):
        _knock(service, guard, timeout_s=min(timeout_s, 30.0))
        files = []
        for name in layers:
            before = guard.answers
            preset = find_preset(name, "osm")
            query: dict[str, Any] = {"bounds_wgs84": [round(bound, 5) for bound in outline.bounds]}
            if name == "streets":
                frame = _streets(outline)
                query["network_type"] = "drive_service"
            else:
                query["tags"] = _tags(name, preset)
                frame = _features(outline, query["tags"], preset, only_areas=name == "buildings")
            if frame.empty and name in {"buildings", "streets"}:
                raise DownloadError(
                    f"OpenStreetMap has no {name} in {area.name}; check the area or bring a file of {name}."
                )
            query["requests"] = guard.answers - before
            path = part / f"{name}.gpkg"
            frame.to_file(path, driver="GPKG", layer=name, engine="pyogrio")
            files.append(
                Downloaded(
                    path=path,
                    what=f"{name} of {area.name}",
                    service=service,
                    query=query,
                    licence=preset.licence,
                    attribution=preset.attribution,
                    rows=len(frame),
                )
            )
        return keep_files(files, place)


def download_weather(
    area: StudyArea,
    folder: str | Path,
    *,
    service: WeatherService = "pvgis_tmy",
    url: str | None = None,
    year: int = 2022,
    timeout_s: float = 60.0,
    time_limit_s: float = 300.0,
) -> Path:
    """Download a weather year for a point inside the area, as the service writes it.

    Parameters
    ----------
    area : StudyArea
        The weather is that of a point inside it.
    folder : path
        Gets ``pvgis_tmy.json`` or ``nasa_power.csv`` and ``provenance.json``.
    service : {"pvgis_tmy", "nasa_power"}
        A typical year of PVGIS, without its horizon, or one calendar year of NASA POWER.
    url : str, optional
        Address of the service; by default the one that pvlib carries.
    year : int
        Calendar year for NASA POWER.
    timeout_s, time_limit_s : float
        Longest silence and longest time in all [s].

    Returns
    -------
    Path
        A file that :func:`layers.weather.read_weather` has read and checked.

    Raises
    ------
    DownloadError
        The service cannot be reached, refuses, or sends something that is no weather year.
    """
    if service not in _LICENCES:
        raise DownloadError(
            f"Weather service {service!r} is unknown{near_matches(str(service), _LICENCES)}"
        )
    point = gpd.GeoSeries([area.boundary.representative_point()], crs=area.crs).to_crs("EPSG:4326")
    latitude, longitude = round(float(point.y.iloc[0]), 4), round(float(point.x.iloc[0]), 4)
    query: dict[str, Any]
    if service == "pvgis_tmy":
        base = _address(url or str(pvlib.iotools.pvgis.URL), argument="url")
        address, name = base.rstrip("/") + "/tmy", "pvgis_tmy.json"
        query = {"lat": latitude, "lon": longitude, "outputformat": "json", "usehorizon": 0}
    else:
        address, name = (
            _address(url or str(pvlib.iotools.nasa_power.URL), argument="url"),
            "nasa_power.csv",
        )
        query = {
            "latitude": latitude, "longitude": longitude, "start": f"{year}0101", "end": f"{year}1231",
            "community": "re", "parameters": ",".join(_POWER_PARAMETERS), "format": "csv",
            "header": "true", "time-standard": "utc",
        }  # fmt: skip
    guard = Guard(
        host=urlsplit(address).netloc, time_limit_s=time_limit_s, largest_mb=64.0, overpass=False
    )
    with _workplace(folder) as (place, part), _sentences(guard):
        answer = requests.get(address, params=query, timeout=timeout_s, **guard.bounds())
        path = part / name
        path.write_bytes(answer.content)
        try:
            weather, _ = read_weather(path, format=service, time_zone=area.time_zone)
        except LayerError as error:
            raise DownloadError(f"{guard.host} sent no usable weather year: {error}") from error
        licence, attribution = _LICENCES[service]
        file = Downloaded(
            path=path,
            what=f"weather of {latitude} N, {longitude} E in {area.name}",
            service=address,
            query=query,
            licence=licence,
            attribution=attribution,
            rows=len(weather.hours),
        )
        return keep_files([file], place)[path.stem]


def _address(given: str, *, argument: str) -> str:
    parts = urlsplit(given)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise DownloadError(f"{argument} is {given!r}; give an address that begins with https://.")
    if parts.username or parts.password:
        raise DownloadError(
            f"{argument} holds a user name or password; give the address without them."
        )
    return given.rstrip("/")


def _outline(area: StudyArea) -> Any:
    wide = area.boundary.buffer(_EDGE_M).simplify(_EDGE_M / 2.0)
    return gpd.GeoSeries([wide], crs=area.crs).to_crs("EPSG:4326").iloc[0]


@contextmanager
def _workplace(folder: str | Path) -> Iterator[tuple[Path, Path]]:
    """Give the folder and a temporary one inside it, on the same disk."""
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
        part = tempfile.TemporaryDirectory(dir=place, prefix=".part_")
    except OSError as error:
        raise DownloadError(
            f"Nothing can be written to {place} ({error.strerror}); choose another folder."
        ) from error
    with part as name:
        yield place, Path(name)


@contextmanager
def _sentences(guard: Guard) -> Iterator[None]:
    try:
        yield
    except requests.exceptions.Timeout as error:
        raise DownloadError(guard.too_long()) from error
    except requests.exceptions.RequestException as error:
        raise DownloadError(
            f"{guard.host} cannot be reached ({type(error).__name__}); check the connection and the address, "
            "or bring the file yourself."
        ) from error


@contextmanager
def _osmnx(guard: Guard, service: str, *, timeout_s: float) -> Iterator[None]:
    """Set osmnx up for one download and leave its settings and the resolver as they were."""
    wanted: dict[str, Any] = {
        "overpass_url": service,
        "requests_timeout": timeout_s,
        "requests_kwargs": guard.bounds(),
        "useful_tags_way": list(_STREET_TAGS),
        "use_cache": False,
        "cache_only_mode": False,
        "log_file": False,
        "log_console": False,
        "doh_url_template": None,  # names are resolved by this machine, or not at all
    }
    before = {name: getattr(ox.settings, name) for name in wanted}
    resolver = socket.getaddrinfo
    try:
        for name, value in wanted.items():
            setattr(ox.settings, name, value)
        with _sentences(guard):
            yield
    finally:
        for name, value in before.items():
            setattr(ox.settings, name, value)
        socket.getaddrinfo = resolver


def _knock(service: str, guard: Guard, *, timeout_s: float) -> None:
    """Find out at once that nobody is there; osmnx itself waits a minute first."""
    requests.get(f"{service}/status", timeout=timeout_s, **guard.bounds())


@contextmanager
def _objects() -> Iterator[list[Any]]:
    """Give a list for what osmnx makes; it stays empty where OpenStreetMap has nothing."""
    try:
        yield []
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if not str(error).startswith(_NOTHING_FOUND):
            raise DownloadError(
                "The Overpass service sent objects that cannot be put together "
                f"({type(error).__name__}); try again, or name another service by overpass_url."
            ) from error


def _tags(name: str, preset: Preset) -> dict[str, bool | str | list[str]]:
    if name == "buildings":
        return {"building": True}
    tags: dict[str, bool | str | list[str]] = {}
    for word in preset.classes["kind"]:
        key, _, value = word.partition("=")
        held = tags.setdefault(key, [])
        if value == "*" or held is True:
            tags[key] = True
        elif isinstance(held, list) and value not in held:
            held.append(value)
    return tags


def _features(
    outline: Any, tags: dict[str, Any], preset: Preset, *, only_areas: bool
) -> gpd.GeoDataFrame:
    wanted = [theirs for ours in preset.columns.values() for theirs in ours]
    with _objects() as made:
        made.append(ox.features_from_polygon(outline, tags))
    if made:
        found = made[0]
    else:
        found = gpd.GeoDataFrame(geometry=gpd.GeoSeries([], crs="EPSG:4326"))
        found.index = pd.MultiIndex.from_arrays([[], []], names=["element", "id"])
    if only_areas:
        found = found[found.geom_type.isin(["Polygon", "MultiPolygon"])]
    tagged = pd.DataFrame(found.drop(columns="geometry"))
    counts = tagged.notna().sum().sort_values(ascending=False, kind="stable")
    names: dict[str, str] = {}
    # Columns of a GeoPackage are told apart without their case.
    for name in [*wanted, *counts.index]:
        if len(names) < _MOST_COLUMNS and name.lower() not in {*names, "fid", "geom", "osm_id"}:
            names[name.lower()] = name
    chosen = tagged.reindex(columns=list(names.values()))
    kept = chosen.astype("str").where(chosen.notna())
    kept.insert(0, "osm_id", [f"{element}/{number}" for element, number in found.index])
    return gpd.GeoDataFrame(
        kept.reset_index(drop=True), geometry=found.geometry.to_numpy(), crs="EPSG:4326"
    )


def _streets(outline: Any) -> gpd.GeoDataFrame:
    with _objects() as made:
        made.append(
            ox.graph_from_polygon(
                outline,
                network_type="drive_service",
                simplify=False,
                retain_all=True,
                truncate_by_edge=True,
            )
        )
    if not made:
        return gpd.GeoDataFrame(geometry=gpd.GeoSeries([], crs="EPSG:4326"))
    graph = ox.simplify_graph(made[0], edge_attrs_differ=_SPLITTING_TAGS, remove_rings=False)
    edges = ox.graph_to_gdfs(ox.convert.to_undirected(graph), nodes=False).reset_index()
    columns = {
        name: [_joined(value) for value in edges[name]] if name in edges else None
        for name in _STREET_TAGS
    }
    frame = gpd.GeoDataFrame(columns, geometry=edges.geometry.to_numpy(), crs="EPSG:4326")
    frame.insert(
        0,
        "osm_id",
        [f"{u}-{v}-{key}" for u, v, key in zip(edges["u"], edges["v"], edges["key"], strict=True)],
    )
    return frame


def _joined(value: object) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ";".join(sorted({str(item) for item in value}))
    return value if isinstance(value, str) else None
