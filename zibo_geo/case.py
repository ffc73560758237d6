"""The case: which area, which layers from which files, which weather, which assumptions.

The only reader of configuration. A case file is TOML; ``zibo-geo init`` writes a commented one. What a
file leaves out keeps its default, what it spells wrong is refused with the nearest known word.
"""

__all__ = [
    "LAYER_NAMES",
    "AreaSource",
    "Case",
    "GroundExclusionSource",
    "WeatherSource",
    "load_case",
]

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, cast, get_args

from layers.assumptions import Assumptions
from layers.coordinates import Datum
from layers.errors import AssumptionError, CaseError, LayerError, near_matches
from layers.local_files import local_file
from layers.vectors import LayerSource
from zibo_geo.assumption_rooms import ASSUMPTION_ROOMS
from zibo_geo.heat_inputs import HeatInputs, read_heat_inputs
from zibo_geo.pv_inputs import PvInputs, read_pv_inputs
from zibo_geo.siting_inputs import SitingInputs, read_siting_inputs
from zibo_geo.target_inputs import TargetInputs, read_target_inputs
from zibo_geo.toml_table import TomlTable

LAYER_NAMES = (
    "buildings",
    "parks",
    "streets",
    "stations",
    "heat_sources",
    "substations",
    "constraints",
    "townships",
)
_LARGEST_BYTES = 10_000_000
EmbeddedSize = Literal["sample", "full"]
WeatherFormat = Literal["epw", "pvgis_tmy", "nasa_power", "monthly"]


@dataclass(frozen=True, kw_only=True)
class AreaSource:
    """Where the study area comes from: exactly one of adcode, name, file and extent.

    Attributes
    ----------
    adcode : str, optional
        Six digits of a Chinese city or county.
    name : str, optional
        Name of a Chinese city or county; with ``file`` or ``extent``, the title of the area.
    file : Path, optional
        Boundary file; each of its rows is one county.
    extent : Path, optional
        Any layer: the rectangle around it is the area, of one county.
    layer, where : str, optional
        Layer of the file and a condition on its rows (``admin_level = '2'``).
    key_column, name_column : str, optional
        Columns of the file that hold the key and the name of each county.
    crs : str, optional
        CRS of the file where it states none.
    time_zone : str, optional
        IANA name; needed only to overrule what the place says.
    """

    adcode: str | None = None
    name: str | None = None
    file: Path | None = None
    extent: Path | None = None
    layer: str | None = None
    where: str | None = None
    key_column: str | None = None
    name_column: str | None = None
    crs: str | None = None
    time_zone: str | None = None


@dataclass(frozen=True, kw_only=True)
class WeatherSource:
    """Where the weather comes from.

    Attributes
    ----------
    path : Path
        An hourly file, or a CSV of twelve monthly sums from which a climate year is built.
    format : {"epw", "pvgis_tmy", "nasa_power", "monthly"}
        How to read it.
    latitude_deg, longitude_deg, elevation_m : float, optional
        Place of monthly sums, which carry none themselves.
    instant_h : float, optional
        Hours after the start of the hour that the irradiance stands for, where the file says it wrong.
    """

    path: Path
    format: WeatherFormat
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    elevation_m: float | None = None
    instant_h: float | None = None


@dataclass(frozen=True, kw_only=True)
class GroundExclusionSource:
    """A file of places where no ground-mounted base may stand, and the distance to keep from them."""

    source: LayerSource
    buffer_m: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Case:
    """One study, frozen.

    Attributes
    ----------
    title : str
        Shown on the map and in reports.
    area : AreaSource
        The study area.
    embedded : {"sample", "full"}, optional
        Size of the embedded Zibo that fills every layer the case does not name.
    seed : int
        Seed of everything synthetic.
    layers : mapping of str to LayerSource
        Files by layer name.
    weather : WeatherSource, optional
    terrain, surface : Path, optional
        Rasters of the ground and of the surface (with buildings) elevation [m].
    land_cover : Path, optional
        Raster of land cover classes; ground-mounted bases are sought only with it.
    ground_exclusions : mapping of str to GroundExclusionSource
        Own exclusions from such land, by name.
    pv : PvInputs
        Existing PV, own tariffs and ranges, and what else to make.
    heat : HeatInputs
        Heat zones, metered heat, consumers given as points, forbidden places, the objective.
    siting : SitingInputs
        Own candidates, setbacks, trips, quotas, settled sites and phases.
    targets : TargetInputs
        The city's own promises and how they are split.
    assumptions : mapping of str to Assumptions
        One frozen object per room.
    origin : Path, optional
        The case file, if there is one.
    digest : str
        SHA-256 of the case file's bytes.
    """

    title: str
    area: AreaSource
    embedded: EmbeddedSize | None = None
    seed: int = 370300
    layers: Mapping[str, LayerSource] = field(default_factory=lambda: MappingProxyType({}))
    weather: WeatherSource | None = None
    terrain: Path | None = None
    surface: Path | None = None
    land_cover: Path | None = None
    ground_exclusions: Mapping[str, GroundExclusionSource] = field(
        default_factory=lambda: MappingProxyType({})
    )
    pv: PvInputs = field(default_factory=PvInputs)
    heat: HeatInputs = field(default_factory=HeatInputs)
    siting: SitingInputs = field(default_factory=SitingInputs)
    targets: TargetInputs = field(default_factory=TargetInputs)
    assumptions: Mapping[str, Assumptions]
    origin: Path | None = None
    digest: str

    def assumed(self, room: str) -> Any:
        """Return the assumptions of one room, such as ``"rooftop_pv"``."""
        return self.assumptions[room]


def load_case(path: Path | str | None = None, *, data: Path | str | None = None) -> Case:
    """Read a case file, or the embedded Zibo where none is given.

    Parameters
    ----------
    path : path, optional
        The case file. Without it, the embedded Zibo's own case.
    data : path, optional
        Folder that relative paths start from; the case file's folder unless given.

    Raises
    ------
    CaseError, AssumptionError
        With all faults of the file in one message.
    """
    if path is None:
        text = resources.files("zibo_geo").joinpath("zibo.toml").read_bytes()
        return _parsed(text, where="the embedded case", folder=Path.cwd(), origin=None)
    origin = Path(path)
    try:
        local_file(origin, what="case file", largest_bytes=_LARGEST_BYTES)
        text = origin.read_bytes()
    except (OSError, LayerError) as error:
        reason = str(error).rstrip(".") if isinstance(error, LayerError) else error.strerror
        raise CaseError(
            f"The case file {str(path)!r} cannot be read ({reason}); "
            "write one with `zibo-geo init` or give its right path."
        ) from error
    folder = Path(data) if data is not None else origin.resolve().parent
    if not folder.is_dir():
        raise CaseError(f"The data folder {str(folder)!r} does not exist; give an existing folder.")
    return _parsed(text, where=origin.name, folder=folder.resolve(), origin=origin.resolve())


def _parsed(text: bytes, *, where: str, folder: Path, origin: Path | None) -> Case:
    try:
        values = tomllib.loads(text.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise CaseError(f"{where} is not UTF-8 text; save it as UTF-8.") from error
    except (ValueError, RecursionError) as error:  # also of numbers without end, tables in tables
        raise CaseError(f"{where} is not valid TOML: {error}; mend that place.") from error
    faults: list[str] = []
    top = TomlTable(values, "", faults)
    area = _area(top, folder)
    layers, embedded = _layers(top, folder), top.word("embedded", choices=get_args(EmbeddedSize))
    seed = top.whole("seed", minimum=0, maximum=2**32 - 1)
    title = top.word("title") or area.name or area.adcode or "zibo-geo"
    weather = _weather(top, folder)
    terrain, surface = _raster(top, "terrain", folder), _raster(top, "surface", folder)
    land_cover, exclusions = _raster(top, "land_cover", folder), _exclusions(top, folder)
    pv = read_pv_inputs(top.table("pv"), folder)
    heat = read_heat_inputs(top.table("heat"), folder)
    siting = read_siting_inputs(top.table("siting"), folder)
    targets = read_target_inputs(top.table("targets"), folder)
    assumptions = _assumptions(top, where)
    top.finish()
    if embedded is None and "buildings" not in layers and heat.sinks is None and not faults:
        faults.append('it names no buildings; add [layers.buildings] or embedded = "sample"')
    if embedded is None and weather is None and not faults:
        faults.append("it names no weather; add [weather] with a path and a format")
    if embedded is not None and area.adcode != "370300":
        faults.append(
            "embedded data exist for Zibo only; write [area] adcode = 370300 or leave embedded out"
        )
    if faults:
        raise CaseError(f"{where} has {len(faults)} fault(s): " + "; ".join(faults) + ".")
    return Case(
        title=title,
        area=area,
        embedded=cast("EmbeddedSize | None", embedded),
        seed=370300 if seed is None else seed,
        layers=MappingProxyType(layers),
        weather=weather,
        terrain=terrain,
        surface=surface,
        land_cover=land_cover,
        ground_exclusions=MappingProxyType(exclusions),
        pv=pv,
        heat=heat,
        siting=siting,
        targets=targets,
        assumptions=MappingProxyType(assumptions),
        origin=origin,
        digest=hashlib.sha256(text).hexdigest(),
    )


def _area(top: TomlTable, folder: Path) -> AreaSource:
    table = top.table("area")
    if table is None:
        top.fault(
            '[area] is missing; add it with adcode = 370300, name = "淄博市" or file = "boundary.gpkg"'
        )
        return AreaSource()
    area = AreaSource(
        adcode=table.digits("adcode"),
        name=table.word("name"),
        file=table.path("file", folder=folder),
        extent=table.path("extent", folder=folder),
        layer=table.word("layer"),
        where=table.word("where"),
        key_column=table.word("key_column"),
        name_column=table.word("name_column"),
        crs=table.word("crs"),
        time_zone=table.word("time_zone"),
    )
    table.finish()
    if area.file is not None and area.extent is not None:
        table.fault("states file and extent; keep the file, a boundary says more than a rectangle")
    places = (area.file, area.extent)
    if places == (None, None) and (area.adcode is None) == (area.name is None):
        table.fault(
            "must state exactly one of adcode, name, file and extent (name may go with them)"
        )
    return area


def _layers(top: TomlTable, folder: Path) -> dict[str, LayerSource]:
    table = top.table("layers")
    if table is None:
        return {}
    sources: dict[str, LayerSource] = {}
    for name in table.keys:
        if name not in LAYER_NAMES:
            table.table(name)
            table.fault(f"{name!r} is no layer{near_matches(name, LAYER_NAMES)}")
            continue
        layer = cast("TomlTable", table.table(name))
        path = layer.path("path", folder=folder)
        datum = layer.word("datum", choices=get_args(Datum))
        source = LayerSource(
            path=path or folder,
            layer=layer.word("layer"),
            datum=cast("Datum", datum or "wgs84"),
            crs=layer.word("crs"),
            encoding=layer.word("encoding"),
            preset=layer.word("preset"),
            columns=MappingProxyType(layer.words("columns")),
            classes=MappingProxyType(layer.words("classes")),
            key=layer.word("key"),
            where=layer.word("where"),
        )
        layer.finish()
        if path is None:
            layer.fault("needs a path")
        sources[name] = source
    return sources


def _weather(top: TomlTable, folder: Path) -> WeatherSource | None:
    table = top.table("weather")
    if table is None:
        return None
    path = table.path("path", folder=folder)
    given = table.word("format", choices=get_args(WeatherFormat))
    latitude = table.number("latitude_deg", unit="°", minimum=-90.0, maximum=90.0)
    longitude = table.number("longitude_deg", unit="°", minimum=-180.0, maximum=180.0)
    elevation = table.number("elevation_m", unit="m", minimum=-500.0, maximum=9000.0)
    instant = table.number("instant_h", unit="h", minimum=0.0, maximum=1.0)
    table.finish()
    if path is None or given is None:
        table.fault(f"needs a path and a format, one of {', '.join(get_args(WeatherFormat))}")
        return None
    if given == "monthly" and None in {latitude, longitude, elevation}:
        table.fault("with format 'monthly' also needs latitude_deg, longitude_deg and elevation_m")
    return WeatherSource(
        path=path,
        format=cast("WeatherFormat", given),
        latitude_deg=latitude,
        longitude_deg=longitude,
        elevation_m=elevation,
        instant_h=instant,
    )


def _exclusions(top: TomlTable, folder: Path) -> dict[str, GroundExclusionSource]:
    table = top.table("ground_exclusions")
    sources: dict[str, GroundExclusionSource] = {}
    for name in () if table is None else table.keys:
        part = cast("TomlTable", cast("TomlTable", table).table(name))
        path = part.path("path", folder=folder)
        source = LayerSource(
            path=path or folder,
            layer=part.word("layer"),
            datum=cast("Datum", part.word("datum", choices=get_args(Datum)) or "wgs84"),
            crs=part.word("crs"),
            where=part.word("where"),
        )
        buffer_m = part.number("buffer_m", unit="m", minimum=0.0, maximum=50_000.0)
        part.finish()
        if path is None:
            part.fault("needs a path")
        sources[name] = GroundExclusionSource(source=source, buffer_m=buffer_m or 0.0)
    return sources


def _raster(top: TomlTable, key: str, folder: Path) -> Path | None:
    table = top.table(key)
    if table is None:
        return None
    path = table.path("path", folder=folder)
    table.finish()
    if path is None:
        table.fault("needs a path")
    return path


def _assumptions(top: TomlTable, where: str) -> dict[str, Assumptions]:
    table = top.table("assumptions")
    given: dict[str, Mapping[str, object]] = {}
    if table is not None:
        for room in table.keys:
            section = cast("TomlTable", table.table(room))
            if room not in ASSUMPTION_ROOMS:
                table.fault(f"{room!r} is no room{near_matches(room, ASSUMPTION_ROOMS)}")
            else:
                given[room] = section.mapping()
    made: dict[str, Assumptions] = {}
    for room, kind in ASSUMPTION_ROOMS.items():
        try:
            made[room] = kind.from_mapping(given.get(room, {}), where=where)
        except AssumptionError as error:
            top.fault(f"[assumptions.{room}] " + str(error).replace("\n", "; ").rstrip("."))
            made[room] = kind()
    return made
