"""GeoParquet files: their CRS, and their rows within a box."""

__all__ = ["crs_of", "read"]

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pyproj
import shapely

from layers.errors import LayerError
from layers.local_files import memory_bytes

Box = tuple[float, float, float, float]

_BYTES_PER_SHAPE = 200
_ROWS_WITHOUT_CARE = 1_000_000
_CORNERS = ("xmin", "ymin", "xmax", "ymax")


def crs_of(path: Path) -> pyproj.CRS | None:
    """Return the CRS of the primary geometry, by the GeoParquet rules longitude/latitude if left out."""
    geo = _geo(path)
    column = geo["columns"][geo["primary_column"]]
    if "crs" not in column:
        return pyproj.CRS("OGC:CRS84")
    return None if column["crs"] is None else pyproj.CRS(json.dumps(column["crs"]))


def read(path: Path, *, box: Box | None, numbered: bool) -> gpd.GeoDataFrame:
    """Return the rows that touch a box, without the file's own column of boxes.

    Parameters
    ----------
    path : Path
        The file.
    box : tuple of float, optional
        West, south, east, north in the file's CRS.
    numbered : bool
        Whether the index must be the position of each row in the file; then the whole file is
        read before the box is cut, since a filtered read loses the positions.
    """
    primary = _geo(path)["primary_column"]
    cover = _cover(pq.read_schema(path))
    condition = None
    if box is not None and cover is not None and not numbered:
        west, south, east, north = box
        condition = (
            (pc.field(cover, "xmin") <= east)
            & (pc.field(cover, "xmax") >= west)
            & (pc.field(cover, "ymin") <= north)
            & (pc.field(cover, "ymax") >= south)
        )
    _check_size(path, condition)
    frame = gpd.read_parquet(path, filters=condition)
    if cover is not None:
        frame = frame.drop(
            columns=cover, errors="ignore"
        )  # left out already if the file says what it is
    if frame.active_geometry_name != primary:
        frame = frame.set_geometry(primary)
    frame = frame.reset_index(drop=True)
    if primary != "geometry":
        frame = frame.rename_geometry("geometry")
    if box is None:
        return frame
    west, south, east, north = box
    edges = shapely.bounds(np.asarray(frame.geometry.array))
    apart = (
        (edges[:, 0] > east) | (edges[:, 2] < west) | (edges[:, 1] > north) | (edges[:, 3] < south)
    )
    return frame[~apart]  # rows without geometry stay and are counted


def _check_size(path: Path, condition: pc.Expression | None) -> None:
    """Refuse what would fill the memory: a small file may hold the same row a billion times."""
    held = pq.read_metadata(path)
    rows = held.num_rows
    if condition is not None and rows > _ROWS_WITHOUT_CARE:
        rows = ds.dataset(path).count_rows(filter=condition)
    needed = rows * (_BYTES_PER_SHAPE + 16 * held.num_columns)
    if needed > memory_bytes():
        raise LayerError(
            f"{path.name} holds {rows:,} rows, which need about {needed / 1e9:,.0f} GB of memory, more than "
            "there is; cut it to the study area first."
        )


def _geo(path: Path) -> Any:
    metadata = pq.read_schema(path).metadata or {}
    if b"geo" not in metadata:
        raise LayerError(f"{path.name} is a Parquet file without geometry; write it as GeoParquet.")
    geo = json.loads(metadata[b"geo"])
    try:
        described = geo["columns"][geo["primary_column"]]
    except (KeyError, TypeError) as error:
        raise LayerError(
            f"{path.name} does not describe its geometry column as GeoParquet does; write it anew."
        ) from error
    if not isinstance(described, dict):
        raise LayerError(f"{path.name} describes its geometry column wrongly; write it anew.")
    return geo


def _cover(schema: pa.Schema) -> str | None:
    if "bbox" not in schema.names:
        return None
    kind = schema.field("bbox").type
    whole = pa.types.is_struct(kind) and all(kind.get_field_index(name) >= 0 for name in _CORNERS)
    return "bbox" if whole else None
