"""Vector files as they lie on the disk: which may be opened, whether they are whole, their layers and text.

Only local files of known kinds are opened, each recognised by its first bytes, so that no file can
send the reader elsewhere.
"""

__all__ = ["LayerSource", "checked_path", "file_bounds", "file_crs", "read_file"]

import codecs
import logging
import re
import struct
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyogrio
import pyproj
from pyogrio.errors import CRSError, DataLayerError, DataSourceError, FeatureError, FieldError
from shapely.errors import ShapelyError

from layers import parquet
from layers.coordinates import DATUMS, Datum
from layers.errors import DatumError, LayerError, near_matches
from layers.file_forms import check_form, check_table, check_text, sibling
from layers.local_files import local_file

Box = tuple[float, float, float, float]

_LOG = logging.getLogger(__name__)
_OSM = ("osm", "pbf")
_KINDS = ("shp", "gpkg", "geojson", "json", "fgb", "parquet", "geoparquet", "osm", "pbf")
_UNREADABLE = (
    CRSError, DataLayerError, DataSourceError, FeatureError, FieldError, OSError, ValueError, RuntimeError,
    pa.ArrowException, ShapelyError,
    UnboundLocalError,  # how pyogrio fails on a CRS that GDAL cannot write down
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LayerSource:
    """Where a layer comes from and how its words and columns translate to ours.

    Attributes
    ----------
    path : Path
        A local SHP, GPKG, GeoJSON, FlatGeobuf, GeoParquet or OSM (.osm.pbf, .osm) file.
    layer : str, optional
        Layer of a file that holds several.
    datum : {"wgs84", "gcj02", "bd09"}
        Datum of the coordinates; never guessed.
    crs : str, optional
        CRS, only where the file states none.
    encoding : str, optional
        Encoding of a shapefile's text, such as ``"gb18030"``, where the file does not say.
    preset : str, optional
        Name of a known data set, for the readers that know presets.
    columns : mapping of str to str
        Our column name -> column of the file.
    classes : mapping of str to str
        The file's word for a use -> ours.
    key : str, optional
        Column with a unique key per row.
    where : str, optional
        Condition in the SQL of OGR, such as ``"building IS NOT NULL"``; not for GeoParquet.
    osm_keys : tuple of str
        Of an OSM file, read only objects with at least one of these keys; empty for all.
    """

    path: Path
    layer: str | None = None
    datum: Datum = "wgs84"
    crs: str | None = None
    encoding: str | None = None
    preset: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    classes: Mapping[str, str] = field(default_factory=dict)
    key: str | None = None
    where: str | None = None
    osm_keys: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", Path(self.path))
        if self.datum not in DATUMS:
            raise DatumError(
                f"datum {self.datum!r} of {self.path.name} is not known"
                + near_matches(str(self.datum), DATUMS)
            )

    @property
    def kind(self) -> str:
        """Kind of the file by its suffix, in small letters without the dot."""
        return self.path.suffix.lower().lstrip(".")

    @property
    def is_osm(self) -> bool:
        """Whether the file is OpenStreetMap data, whose keys and tags follow their own rules."""
        return self.kind in _OSM


def checked_path(source: LayerSource) -> Path:
    """Return the path of a whole local file of a known kind, or raise a ``LayerError`` sentence."""
    local_file(source.path)
    if source.kind not in _KINDS:
        known = ", ".join(f".{kind}" for kind in _KINDS)
        cure = "unpack it first" if source.kind in {"zip", "gz", "rar", "7z"} else "convert it"
        raise LayerError(f"{source.path.name} is of a kind that is not read; {cure} ({known} are).")
    check_form(source.path, source.kind)
    return source.path.absolute()


def file_crs(source: LayerSource) -> pyproj.CRS | None:
    """Return the CRS that a checked file states, or None."""
    with _sentence(source):
        if source.is_osm:
            return pyproj.CRS.from_epsg(4326)
        if source.kind in {"parquet", "geoparquet"}:
            return parquet.crs_of(source.path)
        text = pyogrio.read_info(_address(source), layer=_layer(source))["crs"]
        if text is None or "undefined" in text.lower():
            return None
        return pyproj.CRS(text)


def file_bounds(source: LayerSource) -> Box | None:
    """Return west, south, east, north of all rows in the file's CRS, or None where it has no rows."""
    if source.kind in {"parquet", "geoparquet"}:
        found = read_file(source, box=None).total_bounds
    else:
        with _sentence(source):
            found = pyogrio.read_info(
                _address(source), layer=_layer(source), force_total_bounds=True
            )["total_bounds"]
    if found is None or not np.isfinite(found).all():
        return None
    west, south, east, north = (float(value) for value in found)
    return west, south, east, north


def read_file(source: LayerSource, *, box: Box | None) -> gpd.GeoDataFrame:
    """Return the rows of a checked file (not OSM) that touch a box in the file's CRS.

    The index is the number of each row as the file counts it.
    """
    if source.where is not None and source.kind in {"parquet", "geoparquet"}:
        raise LayerError(
            f"{source.path.name}: where is not offered for .{source.kind} files; "
            "remove it, or convert the file to .gpkg."
        )
    with _sentence(source):
        if source.kind in {"parquet", "geoparquet"}:
            return parquet.read(source.path, box=box, numbered=source.key is None)
        encoding = _shapefile_encoding(source) if source.kind == "shp" else None
        frame = pyogrio.read_dataframe(
            _address(source),
            layer=_layer(source),
            bbox=box,
            where=source.where,
            encoding=encoding,
            fid_as_index=True,
            on_invalid="ignore",  # such rows come without geometry and are counted
            use_arrow=encoding in {None, "utf-8"},
        )
    if not isinstance(frame, gpd.GeoDataFrame):
        raise LayerError(
            f"{source.path.name} holds a table without geometry; give a layer with shapes."
        )
    check_text(frame, source.path.name)
    return frame


@contextmanager
def _sentence(source: LayerSource) -> Iterator[None]:
    """Turn what the libraries raise into one sentence and their warnings into log lines."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        except MemoryError as error:
            raise LayerError(
                f"{source.path.name} needs more memory than there is; cut it to the study area first."
            ) from error
        except _UNREADABLE as error:
            said = " ".join(str(error).split()).rstrip(".")
            said = re.sub(r"\S*/(?=[^/\s]*$|[^/\s]+\s)", "", said)[:200]
            raise LayerError(
                f"{source.path.name} cannot be read ({said}); the file is damaged or not what its name says."
            ) from error
    for warning in caught:
        _LOG.info("%s: %s", source.path.name, warning.message)


def _address(source: LayerSource) -> str:
    # The prefix forces the driver: other JSON dialects can point to other files.
    path = str(source.path.absolute())
    return f"GeoJSON:{path}" if source.kind in {"geojson", "json"} else path


def _layer(source: LayerSource) -> str:
    name = _layer_name(source)
    if source.kind == "gpkg":
        check_table(source.path, name)
    return name


def _layer_name(source: LayerSource) -> str:
    layers = pyogrio.list_layers(_address(source))
    names = [str(name) for name, geometry in layers if geometry is not None]
    if source.layer is not None:
        if source.layer not in names:
            raise LayerError(
                f"{source.path.name} has no layer {source.layer!r} with geometry"
                + near_matches(source.layer, names)
            )
        return source.layer
    if not names:
        raise LayerError(
            f"{source.path.name} has no layer with geometry; it is damaged, or another file was "
            "meant, so get it again or check its name."
        )
    if len(names) > 1:
        raise LayerError(
            f"{source.path.name} holds {len(names)} layers ({', '.join(names)}); name one with layer."
        )
    return names[0]


def _shapefile_encoding(source: LayerSource) -> str:
    """The encoding of the attribute table: as given, as the .cpg or the table says, or plain to see."""
    table = sibling(source.path, ".dbf")
    if table is None:
        return "utf-8"
    page = sibling(source.path, ".cpg")
    if source.encoding is not None:
        return _codec(source.encoding, f"encoding of {source.path.name}")
    if page is not None and page.read_bytes().strip():
        return _codec(page.read_text("ascii", errors="replace").strip(), page.name)
    with table.open("rb") as opened:
        head = opened.read(32)
        start = struct.unpack("<H", head[8:10])[0]
        fields = opened.read(max(start - 33, 0))
        names = [fields[at : at + 11].split(b"\x00")[0] for at in range(0, len(fields) - 31, 32)]
        if head[29] == 0x4D:  # the table's own mark for code page 936
            return "gb18030"
        decoder = codecs.getincrementaldecoder("utf-8")()
        opened.seek(start)
        try:
            for name in names:
                name.decode("utf-8")
            while block := opened.read(1 << 22):
                decoder.decode(block)
        except UnicodeDecodeError as error:
            sample = b" ".join(names).decode("gb18030", errors="replace")
            raise LayerError(
                f"{table.name} holds text that is not UTF-8 and no .cpg file names its encoding; "
                f"give encoding, 'gb18030' for most Chinese files (its columns would read {sample!r})."
            ) from error
    return "utf-8"


def _codec(given: str, where: str) -> str:
    name = re.sub(r"^(ansi|windows|oem|cp)?[ _-]*(?=\d)", "cp", given.strip().lower())
    name = {
        "cp65001": "utf-8",
        "cp88591": "latin-1",
        "cp936": "gb18030",
        "gbk": "gb18030",
        "gb2312": "gb18030",
    }.get(name, name)  # GB 18030 contains GBK and GB 2312
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise LayerError(
            f"{where}: {given!r} is no known encoding; try 'gb18030' or 'utf-8'."
        ) from error
