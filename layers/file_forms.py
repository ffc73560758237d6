"""The form of a vector file, looked at before a library opens it.

A library takes a file by what it finds inside, whatever its name says, and some kinds of file only point
to others, on this machine or beyond. So each kind must begin as its format demands, must be whole as far
as that can be told without reading it, and may neither point elsewhere nor hold what computes.
"""

__all__ = ["check_form", "check_table", "check_text", "sibling"]

import codecs
import json
import re
import sqlite3
import struct
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa

from layers.errors import LayerError

_FIRST_BYTES: Mapping[str, bytes] = {
    "shp": b"\x00\x00\x27\x0a",
    "gpkg": b"SQLite format 3\x00",
    "fgb": b"fgb\x03fgb",
    "parquet": b"PAR1",
    "geoparquet": b"PAR1",
}
_HEAD_BYTES = 65536
_BLOCK_BYTES = 1 << 22
# Formats that only name other files, by the marks that GDAL finds them by within the head.
_POINTERS = re.compile(
    rb"<(OGR|VRT|GDAL|WFS|WMS|WMT|CSW)|gdal_streamed_alg|opengis\.net", re.IGNORECASE
)
_OSM_ROOT = re.compile(rb"\s*(<\?xml[^>]*>)?\s*(<!--.*?-->\s*)*<osm\b", re.DOTALL)
# The member "crs", however its letters are written, up to the sign that its value begins with.
_CRS_MEMBER = re.compile(
    rb'"(?:c|\\u00[46]3)(?:r|\\u00[57]2)(?:s|\\u00[57]3)"\s*(?::\s*(?=[{/])|(?=/))', re.IGNORECASE
)
_LONGEST_CRS_BYTES = 100_000
_NO_DAMAGE = ("ok", "NULL value in", "CHECK constraint failed")


def check_form(path: Path, kind: str) -> None:
    """Refuse a file that is not what its suffix says, is not whole, or points to other files.

    Parameters
    ----------
    path : Path
        A regular file on this machine.
    kind : str
        Its suffix in small letters without the dot.

    Raises
    ------
    LayerError
        One sentence with the cure.
    """
    with path.open("rb") as opened:
        head = opened.read(_HEAD_BYTES)
    if not head.strip():
        raise LayerError(f"{path.name} is empty; get the file again.")
    if not _head_fits(kind, head):
        raise LayerError(
            f"{path.name} does not begin like a .{kind} file; "
            "it is damaged or of another kind, so get it again or name it rightly."
        )
    if kind == "shp":
        _check_shapefile(path)
    elif kind == "gpkg":
        _check_database(path)
    elif kind in {"geojson", "json"}:
        _check_json(path)


def check_table(path: Path, layer: str) -> None:
    """Refuse a layer of a GeoPackage that is computed when it is read.

    Raises
    ------
    LayerError
        The layer is a view, which may never end, or a virtual table.
    """
    with closing(_database(path)) as database:
        found = database.execute(
            "SELECT type, sql FROM sqlite_master WHERE name = ? COLLATE NOCASE", (layer,)
        ).fetchall()
    if any(kind == "view" or "VIRTUAL" in str(sql).upper()[:40] for kind, sql in found):
        raise LayerError(
            f"Layer {layer!r} of {path.name} is a view, which would be computed by code of the file; "
            "save it as a layer of its own (in QGIS: Export, Save Features As) and name that."
        )


def check_text(frame: Any, name: str) -> None:
    """Refuse text columns whose bytes are no text.

    Raises
    ------
    LayerError
        Naming the column and the first such row.
    """
    for column in frame.columns[frame.dtypes == "str"]:
        held = pa.array(frame[column].array)
        try:
            held.validate(full=True)
        except (pa.ArrowInvalid, pa.ArrowException) as error:
            raise LayerError(
                f"Column {str(column)!r} of {name} holds text that is not UTF-8; save the file as UTF-8, as "
                "a shapefile with its encoding, or as GeoPackage."
            ) from error


def sibling(path: Path, suffix: str) -> Path | None:
    """Return the file beside another that has the same stem, its suffix in small or large letters."""
    for other in (path.with_suffix(suffix), path.with_suffix(suffix.upper())):
        if other.is_file():
            return other
    return None


def _head_fits(kind: str, head: bytes) -> bool:
    if kind not in {"json", "geojson"} and _POINTERS.search(head[:8192].split(b"\x00")[0]):
        return False
    if (
        kind == "fgb"
    ):  # the size of its header, far below 16 MB, follows in four bytes, the least first
        return head.startswith(_FIRST_BYTES[kind]) and head[11:12] == b"\x00"
    if kind in _FIRST_BYTES:
        return head.startswith(_FIRST_BYTES[kind])
    if kind in {"geojson", "json"}:
        return head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{")
    if kind == "pbf":
        return b"OSMHeader" in head[:64]
    if kind == "osm":
        return _OSM_ROOT.match(head) is not None
    return True


def _check_json(path: Path) -> None:
    """Look through the whole text: it must be UTF-8, and its CRS a name and no address to be fetched."""
    decoder, line, held = codecs.getincrementaldecoder("utf-8")(), 1, b""
    with path.open("rb") as opened:
        while True:
            block = opened.read(_BLOCK_BYTES)
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                line += block.count(b"\n", 0, error.start)
                raise LayerError(
                    f"{path.name} holds text that is not UTF-8 in line {line}; save it as UTF-8."
                ) from error
            line += block.count(b"\n")
            held += block
            # What begins in the last part of a block is looked at with the next one.
            most = len(held) - _LONGEST_CRS_BYTES if block else len(held)
            for found in _CRS_MEMBER.finditer(held):
                if found.start() < most and not _is_named(held[found.end() :][:_LONGEST_CRS_BYTES]):
                    raise LayerError(
                        f"{path.name} states its CRS by something else than a name; write the file anew in "
                        "longitude and latitude (EPSG:4326), which needs no CRS."
                    )
            if not block:
                return
            held = held[max(most, 0) :]


def _is_named(text: bytes) -> bool:
    try:
        member, _ = json.JSONDecoder().raw_decode(text.decode("utf-8", errors="replace"))
    except (ValueError, RecursionError):
        return False
    if not isinstance(member, dict):
        return False
    kinds = [str(value).casefold() for key, value in member.items() if key.casefold() == "type"]
    return len(kinds) == 1 and kinds[0] in {"name", "epsg"}


def _database(path: Path) -> sqlite3.Connection:
    # A file that somebody has open keeps its latest rows beside it, which "immutable" would not see.
    how = "mode=ro" if path.with_name(path.name + "-wal").exists() else "mode=ro&immutable=1"
    database = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)
    database.execute("PRAGMA trusted_schema = OFF")
    return database


def _check_database(path: Path) -> None:
    """Let SQLite look through its pages: of a damaged file, GDAL may return a part of the rows."""
    try:
        with closing(_database(path)) as database:
            rows = database.execute("PRAGMA quick_check(100)").fetchall()
        said = [str(text) for text, *_ in rows if not str(text).startswith(_NO_DAMAGE)]
    except (sqlite3.Error, UnicodeDecodeError) as error:
        said = [str(error)]
    if said and not said[0].startswith("no such"):  # a function or module of GDAL's own
        reason = " ".join(said[0].replace("*** in database main ***", "").split())[:160]
        raise LayerError(f"{path.name} is cut off or damaged ({reason}); get the file again.")


def _check_shapefile(path: Path) -> None:
    """Hold the three parts of a shapefile against each other by what their headers say."""
    parts = {suffix: sibling(path, suffix) for suffix in (".shx", ".dbf")}
    for suffix, part in parts.items():
        if part is None:
            raise LayerError(
                f"{path.name} has no {path.stem}{suffix} beside it; a shapefile is complete only with both."
            )
    index, table = parts[".shx"], parts[".dbf"]
    assert index is not None  # noqa: S101 - found just above
    assert table is not None  # noqa: S101
    _whole_bytes(path)
    shapes = (_whole_bytes(index) - 100) // 8
    with table.open("rb") as opened:
        counts = opened.read(32)
    rows, start, width = struct.unpack("<IHH", counts[4:12]) if len(counts) == 32 else (0, 33, 0)
    if table.stat().st_size < start + rows * width:
        raise LayerError(
            f"{table.name} is cut off: it should have {start + rows * width} bytes, "
            f"but has {table.stat().st_size}; get it again."
        )
    if rows != shapes:
        raise LayerError(
            f"{table.name} has {rows:,} rows, but {index.name} {shapes:,} shapes; the parts of the "
            "shapefile do not belong together or are damaged, so get them again."
        )


def _whole_bytes(part: Path) -> int:
    with part.open("rb") as opened:
        head = opened.read(100)
    whole: int = struct.unpack(">i", head[24:28])[0] * 2 if len(head) == 100 else 100
    if part.stat().st_size < whole:
        raise LayerError(
            f"{part.name} is cut off: it should have {whole} bytes, but has {part.stat().st_size}; "
            "get it again."
        )
    return whole
