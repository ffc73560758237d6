"""Writing files whole: beside their name, synced, then moved into place.

A reader of the folder sees the old file or the new one, never half of one. Text that came from data
never starts a formula in a spreadsheet.
"""

__all__ = [
    "formula_safe",
    "sha256_of",
    "sweep_beside",
    "sync_folder",
    "write_csv",
    "write_gpkg",
    "write_json",
    "write_parquet",
    "write_text",
]

import csv
import hashlib
import json
import os
import re
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pyogrio.errors import DataSourceError

from layers.errors import CaseError

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_CHUNK = 1 << 20
ROWS_AT_ONCE = 100_000
"""Rows of a layer that are handed to GDAL at a time, which bounds the memory beside the frame."""
_BESIDE = re.compile(r"\..+\.\d+\.tmp.*")  # as write_whole names them


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Let ``write`` fill a file beside ``path``, sync it and move it into place.

    Raises
    ------
    CaseError
        The folder cannot be written.
    """
    beside = path.with_name(f".{path.stem}.{os.getpid()}.tmp{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(beside)
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        beside.replace(path)
        sync_folder(path.parent)
    except (OSError, DataSourceError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise CaseError(
            f"{path.name} cannot be written to {str(path.parent)!r} ({reason}); "
            "free space there, or give another folder with --out."
        ) from error
    finally:
        for left in path.parent.glob(f".{path.stem}.{os.getpid()}.tmp*"):
            left.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last, where the system lets a folder be opened."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def sweep_beside(folder: Path) -> None:
    """Remove what killed runs left beside the files of a folder; only while nobody else writes there."""
    for left in folder.rglob(".*.tmp*"):
        if _BESIDE.fullmatch(left.name) and left.is_file():
            left.unlink(missing_ok=True)


def write_text(text: str, path: Path) -> None:
    """Write UTF-8 text."""
    write_whole(path, lambda beside: _put(beside, text))


def _put(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def write_json(values: Mapping[str, Any], path: Path) -> None:
    """Write JSON with sorted keys, readable as text."""
    write_text(
        json.dumps(values, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n", path
    )


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame, with its keyed index, as Parquet or GeoParquet."""
    write_whole(path, frame.to_parquet)
    pa.default_memory_pool().release_unused()


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a plain table for spreadsheets: UTF-8 with mark, no formulas, six significant digits."""
    safe = formula_safe(pd.DataFrame(frame.drop(columns="geometry", errors="ignore")).reset_index())
    for name in safe.select_dtypes("float").columns:
        safe[name] = six_digits(safe[name].to_numpy(dtype=np.float64))
    write_whole(
        path,
        lambda beside: safe.to_csv(
            beside, index=False, encoding="utf-8-sig", quoting=csv.QUOTE_NONNUMERIC
        ),
    )


def six_digits(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return numbers of six significant digits, so that they are written short and without exponent.

    Examples
    --------
    >>> six_digits(np.array([1054943.21, 84.123456, -0.0012345678, 0.0])).tolist()
    [1054940.0, 84.1235, -0.00123457, 0.0]
    """
    size = np.abs(values, where=np.isfinite(values), out=np.zeros_like(values))
    places = 5 - np.floor(np.log10(size, where=size > 0.0, out=np.zeros_like(size)))
    places = np.clip(places, -20, 20)  # powers of ten beyond are not exact
    up, down = 10.0 ** np.maximum(places, 0), 10.0 ** np.maximum(-places, 0)
    rounded: npt.NDArray[np.float64] = np.rint(values * up / down) * down / up
    return rounded


def formula_safe(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with an apostrophe before every text that a spreadsheet would evaluate.

    Examples
    --------
    >>> formula_safe(pd.DataFrame({"name": ["=1+1", "张店"], "kwp": [-1.0, 2.0]}))["name"].tolist()
    ["'=1+1", '张店']
    """
    safe = frame.copy()
    for name in safe.columns:
        values = safe[name]
        if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
            continue
        text = values.astype("object")
        starts = text.map(
            lambda value: isinstance(value, str) and value.startswith(_FORMULA_STARTS)
        )
        if starts.any():
            safe[name] = text.where(~starts, "'" + text.astype("str"))
    return safe


def write_gpkg(
    frames: Mapping[str, pd.DataFrame],
    path: Path,
    aliases: Mapping[str, Mapping[str, str]],
    *,
    finish: Callable[[Path], object] | None = None,
) -> None:
    """Write frames as the layers of one GeoPackage, with Chinese field aliases.

    Parameters
    ----------
    frames : mapping of str to GeoDataFrame or DataFrame
        By layer name; plain frames become attribute tables. The keyed index becomes a column.
    path : Path
        The GeoPackage.
    aliases : mapping of str to mapping of str to str
        Alias by column by layer; QGIS shows them through the GeoPackage schema extension.
    finish : callable, optional
        Called with the filled file before it is moved into place, for example to add styles.
    """

    def fill(beside: Path) -> None:
        for layer, frame in frames.items():
            _put_layer(frame, layer, beside)
        _put_aliases(beside, {layer: aliases.get(layer, {}) for layer in frames})
        if finish is not None:
            finish(beside)

    write_whole(path, fill)


def _put_layer(frame: pd.DataFrame, layer: str, path: Path) -> None:
    """Append one layer; a large one part by part, by Arrow where its columns have a type."""
    import pyogrio

    large = len(frame) > ROWS_AT_ONCE
    shape = _shape_of(frame) if isinstance(frame, gpd.GeoDataFrame) and large else None
    for start in range(0, max(len(frame), 1), ROWS_AT_ONCE):
        plain = frame.iloc[start : start + ROWS_AT_ONCE].reset_index()
        for name in plain.columns:
            if isinstance(plain[name].dtype, pd.CategoricalDtype):
                plain[name] = plain[name].astype("str")
        pyogrio.write_dataframe(
            plain,
            path,
            layer=layer,
            driver="GPKG",
            append=path.exists(),
            geometry_type=shape,
            use_arrow=large and not any(map(pd.api.types.is_object_dtype, plain.dtypes)),
        )


def _shape_of(frame: gpd.GeoDataFrame) -> str:
    """Return the kind of geometry of a layer as GDAL names it, the same for each of its parts."""
    kinds = frame.geom_type.dropna().unique()
    return str(kinds[0]) if len(kinds) == 1 else "Unknown"


def _put_aliases(path: Path, aliases: Mapping[str, Mapping[str, str]]) -> None:
    """Fill ``gpkg_data_columns`` (OGC 12-128r19, annex F.9, schema extension)."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "CREATE TABLE IF NOT EXISTS gpkg_data_columns (table_name TEXT NOT NULL,"
            " column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,"
            " constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),"
            " CONSTRAINT gdc_tn UNIQUE (table_name, name))"
        )
        database.execute(
            "CREATE TABLE IF NOT EXISTS gpkg_extensions (table_name TEXT, column_name TEXT,"
            " extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,"
            " CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))"
        )
        database.execute(
            "INSERT OR IGNORE INTO gpkg_extensions VALUES ('gpkg_data_columns', NULL, 'gpkg_schema',"
            " 'http://www.geopackage.org/spec/#extension_schema', 'read-write')"
        )
        for layer, words in aliases.items():
            rows = database.execute("SELECT name FROM pragma_table_info(?)", (layer,)).fetchall()
            present = {row[0] for row in rows}
            database.executemany(
                "INSERT OR REPLACE INTO gpkg_data_columns (table_name, column_name, name, title)"
                " VALUES (?, ?, ?, ?)",
                [
                    (layer, column, alias, alias)
                    for column, alias in words.items()
                    if column in present
                ],
            )


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, or of a folder's files in order of their names."""
    digest = hashlib.sha256()
    files = sorted(item for item in path.rglob("*") if item.is_file()) if path.is_dir() else [path]
    for file in files:
        with file.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()


def is_spatial(frame: pd.DataFrame) -> bool:
    """Tell whether a frame carries a geometry."""
    return isinstance(frame, gpd.GeoDataFrame)
