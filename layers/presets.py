"""Named presets as editable data: where a known data set keeps its columns and what its words mean.

The presets of the toolkit are in ``presets.toml`` beside this module; a user's file has the same shape
and is looked up first.
"""

__all__ = ["OsmRead", "Preset", "find_preset", "preset_of", "read_presets"]

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast, get_args

from layers.errors import CaseError, LayerError, near_matches
from layers.vectors import LayerSource

_SHIPPED = Path(__file__).with_name("presets.toml")
_TEXTS = ("title", "source", "licence", "attribution", "warning", "key")
_KNOWN = (*_TEXTS, "reads", "missing", "columns", "classes")
_READ_KEYS = ("geometry", "keys", "where")

Geometry = Literal["Polygon", "LineString", "Point", "Any"]


@dataclass(frozen=True, kw_only=True)
class OsmRead:
    """One pass over an OSM file.

    Attributes
    ----------
    geometry : {"Polygon", "LineString", "Point", "Any"}
        Which objects are read.
    keys : tuple of str
        Objects with at least one of these keys; empty for all.
    where : str, optional
        Condition in the SQL of OGR.
    """

    geometry: Geometry
    keys: tuple[str, ...] = ()
    where: str | None = None


@dataclass(frozen=True, kw_only=True)
class Preset:
    """One named way to read one layer of a known data set.

    Attributes
    ----------
    layer, name : str
        The layer it serves and its own name.
    title, source, licence, attribution : str
        What it is, what the rows' ``source`` says, under which licence, and the line to show beside it.
    warning : str, optional
        What a user must know before using the data.
    reads : tuple of OsmRead
        The passes over an OSM file.
    key : str, optional
        Column whose values become the keys.
    missing : tuple of float
        Numbers that mean "not known".
    columns : mapping of str to tuple of str
        Our column to their columns; the first that holds a value counts.
    classes : mapping of str to mapping of str to str
        Our column to (their word to our word).
    """

    layer: str
    name: str
    title: str
    source: str
    licence: str
    attribution: str
    warning: str | None = None
    reads: tuple[OsmRead, ...] = ()
    key: str | None = None
    missing: tuple[float, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    classes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def read_presets(path: Path | None = None) -> dict[tuple[str, str], Preset]:
    """Return the presets of a file by layer and name.

    Parameters
    ----------
    path : Path, optional
        A user's preset file; without it, the presets of the toolkit.

    Raises
    ------
    CaseError
        The file is missing, is not TOML, or has an unknown key or a wrong type.
    """
    file = _SHIPPED if path is None else path
    try:
        with file.open("rb") as stream:
            content = tomllib.load(stream)
    except OSError as error:
        raise CaseError(
            f"The preset file {file.name} cannot be opened ({error.strerror}); check its path."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CaseError(
            f"The preset file {file.name} is not valid TOML ({error}); mend that line."
        ) from error
    presets: dict[tuple[str, str], Preset] = {}
    for layer, named in content.items():
        if not isinstance(named, Mapping):
            raise CaseError(f"{file.name} has {layer!r} outside a [layer.preset] table; move it.")
        for name, body in named.items():
            presets[layer, name] = _preset(layer, name, body, file=file.name)
    return presets


def find_preset(layer: str, name: str, preset_file: Path | None = None) -> Preset:
    """Return a preset by layer and name; the user's file is looked up before the toolkit's.

    Raises
    ------
    LayerError
        No such preset; the message names the near ones.

    Examples
    --------
    >>> find_preset("buildings", "osm").columns["storeys"]
    ('building:levels', 'levels')
    """
    own = read_presets(preset_file) if preset_file is not None else {}
    presets = {**read_presets(), **own}
    if (layer, name) in presets:
        return presets[layer, name]
    names = [known for served, known in presets if served == layer]
    if not names:
        raise LayerError(
            f"There are no presets for {layer}; leave `preset` out and give `columns`."
        )
    raise LayerError(f"The preset {name!r} for {layer} is unknown{near_matches(name, names)}")


def preset_of(source: LayerSource, layer: str, preset_file: Path | None = None) -> Preset | None:
    """Return the preset a source asks for; an OSM file without one is read by the preset ``osm``."""
    if source.preset is not None:
        return find_preset(layer, source.preset, preset_file)
    if not source.is_osm:
        return None
    try:
        return find_preset(layer, "osm", preset_file)
    except LayerError as error:
        raise LayerError(
            f"{source.path.name} is OpenStreetMap, which is not read for {layer}; give a file with "
            f"{layer}, or a preset of your own named osm."
        ) from error


def _preset(layer: str, name: str, body: Any, *, file: str) -> Preset:
    where = f"{file}, [{layer}.{name}]"
    if not isinstance(body, Mapping):
        raise CaseError(f"{where} must be a table with `columns`.")
    for key in body:
        if key not in _KNOWN:
            raise CaseError(f"{where} has an unknown key {key!r}{near_matches(key, _KNOWN)}")
    texts: dict[str, Any] = {}
    for key in _TEXTS:
        if key in body and not isinstance(body[key], str):
            raise CaseError(f"{where}: {key} must be text, not {body[key]!r}.")
        texts[key] = body.get(key)
    title = texts["title"] or name
    missing = body.get("missing", [])
    if not isinstance(missing, list) or not all(type(item) in {int, float} for item in missing):
        raise CaseError(f"{where}: missing must be a list of numbers, not {missing!r}.")
    columns = {
        ours: _texts(theirs, f"{where}: columns.{ours}")
        for ours, theirs in _table(body, "columns", where).items()
    }
    classes: dict[str, dict[str, str]] = {}
    for ours, words in _table(body, "classes", where).items():
        if not isinstance(words, Mapping):
            raise CaseError(f"{where}: classes.{ours} must be a table of our word = their words.")
        classes[ours] = {
            their: our
            for our, theirs in words.items()
            for their in _texts(theirs, f"{where}: classes.{ours}.{our}")
        }
    return Preset(
        layer=layer,
        name=name,
        title=title,
        source=texts["source"] or title,
        licence=texts["licence"] or "not stated",
        attribution=texts["attribution"] or title,
        warning=texts["warning"],
        reads=tuple(_read(item, f"{where}: reads") for item in body.get("reads", [])),
        key=texts["key"],
        missing=tuple(float(item) for item in missing),
        columns=columns,
        classes=classes,
    )


def _read(given: object, where: str) -> OsmRead:
    if not isinstance(given, Mapping):
        raise CaseError(f'{where} must be a list of tables such as {{ geometry = "Point" }}.')
    for key in given:
        if key not in _READ_KEYS:
            raise CaseError(f"{where} has an unknown key {key!r}{near_matches(key, _READ_KEYS)}")
    geometry, condition = given.get("geometry"), given.get("where")
    if geometry not in get_args(Geometry):
        raise CaseError(
            f"{where}: geometry is {geometry!r}; allowed are {', '.join(get_args(Geometry))}."
        )
    if condition is not None and not isinstance(condition, str):
        raise CaseError(f"{where}: where must be text, not {condition!r}.")
    keys = _texts(given.get("keys", []), f"{where}: keys")
    return OsmRead(geometry=cast("Geometry", geometry), keys=keys, where=condition)


def _table(body: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    table = body.get(key, {})
    if not isinstance(table, Mapping):
        raise CaseError(f"{where}: {key} must be a table, not {table!r}.")
    return table


def _texts(given: object, where: str) -> tuple[str, ...]:
    if isinstance(given, str):
        return (given,)
    if isinstance(given, list) and all(isinstance(item, str) for item in given):
        return tuple(given)
    raise CaseError(f"{where} must be a word or a list of words, not {given!r}.")
