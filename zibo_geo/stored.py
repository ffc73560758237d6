"""Parts of a plan as files and back: GeoParquet for frames and grids, one JSON for the rest.

Only classes that the reader names are rebuilt, so that a folder is data and never code.
"""

__all__ = ["LAYER_CLASSES", "VALUES", "load_value", "save_value"]

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyproj

from layers.area import StudyArea
from layers.layer_set import LayerSet
from layers.terrain import Terrain
from layers.weather import Weather

VALUES = "values.json"
LAYER_CLASSES: tuple[type, ...] = (LayerSet, StudyArea, Weather, Terrain)


def save_value(value: Any, folder: Path) -> None:
    """Write a frozen dataclass, a mapping or a frame, with everything below it, into an existing folder.

    Parameters
    ----------
    value : dataclass, mapping, sequence, frame, 2-D array, CRS or scalar
        Frames go to Parquet files named by their place, the rest to ``values.json``.
    folder : Path
        Empty; the caller moves it into place.

    Raises
    ------
    TypeError
        A value of another kind.
    """
    text = json.dumps(_encoded(value, "value", folder), ensure_ascii=False, indent=1)
    (folder / VALUES).write_text(text + "\n", encoding="utf-8")
    pa.default_memory_pool().release_unused()


def load_value(folder: Path, classes: tuple[type, ...] = ()) -> Any:
    """Read back what :func:`save_value` wrote.

    Parameters
    ----------
    folder : Path
        Holds ``values.json`` and its frames.
    classes : tuple of type
        Dataclasses that may be rebuilt.

    Raises
    ------
    ValueError, KeyError, OSError
        The folder is not whole, or names another class.
    """
    text = (folder / VALUES).read_text(encoding="utf-8")
    value = _decoded(json.loads(text), folder, {kind.__name__: kind for kind in classes})
    pa.default_memory_pool().release_unused()
    return value


def _encoded(value: Any, place: str, folder: Path) -> Any:
    if isinstance(value, pd.DataFrame):
        return _put_frame(value, place, folder)
    if isinstance(value, np.ndarray):
        return _put_grid(value, place, folder)
    if isinstance(value, pyproj.CRS):
        return {"is": "crs", "value": value.to_json_dict()}
    if is_dataclass(value) and not isinstance(value, type):
        parts = {item.name: getattr(value, item.name) for item in fields(value)}
        kind = type(value).__name__
        return {"is": "object", "class": kind, "value": _items(parts, "", folder)}
    if isinstance(value, Mapping):
        return {"is": "mapping", "value": _items(value, f"{place}.", folder)}
    if isinstance(value, tuple | list | frozenset):
        kind = type(value).__name__
        members = sorted(value) if isinstance(value, frozenset) else value
        listed = [_encoded(item, f"{place}.{n}", folder) for n, item in enumerate(members)]
        return {"is": kind, "value": listed}
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"{place} is a {type(value).__name__}, which a run folder cannot hold.")


def _items(values: Mapping[Any, Any], prefix: str, folder: Path) -> dict[str, Any]:
    return {str(key): _encoded(item, f"{prefix}{key}", folder) for key, item in values.items()}


def _put_frame(frame: pd.DataFrame, place: str, folder: Path) -> dict[str, Any]:
    name = f"{place}.parquet"
    spatial = isinstance(frame, gpd.GeoDataFrame) and frame.active_geometry_name is not None
    (frame if spatial else pd.DataFrame(frame)).to_parquet(folder / name)
    freq = frame.index.freqstr if isinstance(frame.index, pd.DatetimeIndex) else None
    # Parquet forgets the classes of a column without values.
    classes = {
        str(column): [str(kind.categories.dtype), kind.categories.tolist(), bool(kind.ordered)]
        for column, kind in frame.dtypes.items()
        if isinstance(kind, pd.CategoricalDtype)
    }
    return {"is": "frame", "file": name, "spatial": spatial, "freq": freq, "classes": classes}


def _put_grid(grid: npt.NDArray[Any], place: str, folder: Path) -> dict[str, Any]:
    name = f"{place}.parquet"
    pd.DataFrame({"value": grid.ravel()}).to_parquet(folder / name)
    return {"is": "grid", "file": name, "shape": list(grid.shape)}


def _decoded(stored: Any, folder: Path, classes: Mapping[str, type]) -> Any:
    if not isinstance(stored, dict):
        return stored
    kind = stored["is"]
    if kind == "frame":
        return _frame(stored, folder)
    if kind == "grid":
        column = pd.read_parquet(folder / _name(stored))["value"].to_numpy()
        return column.reshape(stored["shape"]).copy()
    if kind == "crs":
        return pyproj.CRS.from_json_dict(stored["value"])
    if kind in {"object", "mapping"}:
        values = {key: _decoded(item, folder, classes) for key, item in stored["value"].items()}
        return classes[stored["class"]](**values) if kind == "object" else MappingProxyType(values)
    sequence = [_decoded(item, folder, classes) for item in stored["value"]]
    return {"tuple": tuple, "list": list, "frozenset": frozenset}[kind](sequence)


def _frame(stored: Mapping[str, Any], folder: Path) -> pd.DataFrame:
    read = gpd.read_parquet if stored["spatial"] else pd.read_parquet
    frame: pd.DataFrame = read(folder / _name(stored))
    if stored["freq"] is not None:
        frame.index = pd.DatetimeIndex(frame.index, freq=stored["freq"])
    for column, (kind, words, ordered) in stored["classes"].items():
        wanted = pd.CategoricalDtype(pd.Index(words, dtype=kind), ordered=ordered)
        if frame[column].dtype != wanted:
            frame[column] = frame[column].astype(wanted)
    return frame


def _name(stored: Mapping[str, Any]) -> str:
    """Return the file's name; one that leads out of the folder is refused."""
    name = str(stored["file"])
    if Path(name).name != name:
        raise ValueError(f"{name!r} is no file of this folder")
    return name
