"""Data beside the page as small scripts: a page on file:// may load scripts, but may not fetch.

Every chunk is ``zgChunk(name, base64)``; its bytes are deflated JSON, deflated numbers, or a piece of the
tile archive. All are read on demand and checked by name.
"""

__all__ = [
    "ID_BUCKETS",
    "PIECE_BYTES",
    "ROWS_PER_DETAIL",
    "id_bucket",
    "write_chunk",
    "write_columns",
    "write_details",
    "write_ids",
    "write_pieces",
]

import base64
import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from zibo_geo.atlas.encoding import encode_column, encode_shapes, plain_text

ROWS_PER_DETAIL = 500
_MOST_DETAILS = 4000
_MOST_WORDS = 1000
ID_BUCKETS = 256
PIECE_BYTES = 1 << 18  # small enough to be read and decoded between two frames
_LEVEL = 6


def write_chunk(folder: Path, name: str, content: bytes) -> None:
    """Write one chunk; `name` is its path below the folder, made of plain words only."""
    path = folder / f"{name}.js"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = base64.b64encode(content).decode("ascii")
    path.write_text(f'zgChunk("{name}","{text}");\n', encoding="ascii")


def write_pieces(folder: Path, name: str, archive: Path) -> int:
    """Write a file in pieces of :data:`PIECE_BYTES` and return its length in bytes."""
    with archive.open("rb") as stream:
        pieces = iter(lambda: stream.read(PIECE_BYTES), b"")
        for number, piece in enumerate(pieces):
            write_chunk(folder, f"{name}/{number}", piece)
    return archive.stat().st_size


def write_columns(
    folder: Path, name: str, frame: pd.DataFrame, *, fields: Sequence[tuple[str, str]]
) -> dict[str, dict[str, Any]]:
    """Write every column by itself and return how each is packed.

    Numbers are float32 (missing as NaN); words are uint16 codes (65535 for missing) of the list returned.
    A column of more than :data:`_MOST_WORDS` different words stands in the details only.
    """
    packing: dict[str, dict[str, Any]] = {}
    for column, unit in fields:
        if unit == "-":
            codes, words = pd.factorize(frame[column].astype("object"))
            if len(words) > _MOST_WORDS:
                packing[column] = {"kind": "detail"}
                continue
            array = np.where(codes < 0, 65535, codes).astype("<u2")
            packing[column] = {"kind": "words", "of": [str(word) for word in words]}
        else:
            array = pd.to_numeric(frame[column]).to_numpy(dtype="<f4", na_value=np.nan)
            packing[column] = {"kind": "numbers"}
        write_chunk(folder, f"{name}/{column}", zlib.compress(array.tobytes(), _LEVEL))
    return packing


def write_details(
    folder: Path,
    name: str,
    frame: gpd.GeoDataFrame,
    *,
    fields: Sequence[tuple[str, str]],
    origin: tuple[float, float],
    named: str = "name",
    months: Sequence[str] = (),
) -> int:
    """Write everything of every shape, some hundred to a chunk, in the frame's order.

    Parameters
    ----------
    named : str
        Column of the display name; empty names where the frame lacks it.
    months : sequence of str
        Twelve columns of energy [kWh]; none for a layer without.

    Returns
    -------
    int
        Rows per chunk: :data:`ROWS_PER_DETAIL`, more where there would be too many files.
    """
    size = max(ROWS_PER_DETAIL, -(-len(frame) // _MOST_DETAILS))
    shapes = frame.geometry.to_crs("EPSG:4326")
    for start in range(0, len(frame), size):
        rows = frame.iloc[start : start + size]
        values = {
            "id": rows.index.astype(str).tolist(),
            "name": plain_text(rows[named]) if named in rows else [""] * len(rows),
            "columns": {column: encode_column(rows[column], unit) for column, unit in fields},
            "shapes": encode_shapes(shapes.iloc[start : start + size], origin=origin),
        }
        if months:
            values["months"] = np.round(rows[list(months)].to_numpy()).astype(int).ravel().tolist()
        write_chunk(folder, f"{name}/{start // size}", _packed(values))
    return size


def write_ids(folder: Path, name: str, index: pd.Index) -> None:
    """Write which row every id has, spread over buckets by :func:`id_bucket`."""
    buckets: list[dict[str, int]] = [{} for _ in range(ID_BUCKETS)]
    for row, key in enumerate(index.astype(str)):
        buckets[id_bucket(key)][key] = row
    for number, bucket in enumerate(buckets):
        write_chunk(folder, f"{name}/{number}", _packed(bucket))


def id_bucket(key: str) -> int:
    """Return the bucket of an id: FNV-1a over its UTF-8 bytes.

    Examples
    --------
    >>> id_bucket("a"), id_bucket("淄博")
    (44, 222)
    """
    mixed = 0x811C9DC5
    for byte in key.encode("utf-8"):
        mixed = ((mixed ^ byte) * 0x01000193) & 0xFFFFFFFF
    return mixed % ID_BUCKETS


def _packed(values: Any) -> bytes:
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return zlib.compress(text.encode("utf-8"), _LEVEL)
