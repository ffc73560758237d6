"""Tables of places: CSV and XLSX with longitude and latitude (or metric x and y) to points."""

__all__ = ["is_point_table", "read_points", "read_rows"]

import csv
import lzma
import zipfile
import zlib
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import openpyxl
import pandas as pd
import pyproj
import shapely
from openpyxl.utils.exceptions import InvalidFileException

from layers.account import Ledger
from layers.coordinates import to_wgs84
from layers.errors import DatumError, LayerError, near_matches
from layers.local_files import bounded_zip, local_file
from layers.numerals import plain_numbers
from layers.vectors import LayerSource

_ENDINGS = (".csv", ".tsv", ".xlsx")
_ENCODINGS = ("utf-8-sig", "gb18030")
_MOST_CELLS = 20_000_000
_LARGEST_BYTES = 500_000_000  # also of a workbook unpacked; a million rows have about 100 MB
_LONGITUDE = ("lon", "longitude", "lng", "经度")
_LATITUDE = ("lat", "latitude", "纬度")
_X = ("x", "easting", "东坐标")
_Y = ("y", "northing", "北坐标")


def is_point_table(path: Path) -> bool:
    """Tell whether a file is a table of places by the ending of its name.

    Examples
    --------
    >>> is_point_table(Path("sites.CSV")), is_point_table(Path("sites.gpkg"))
    (True, False)
    """
    return path.name.casefold().endswith(_ENDINGS)


def read_rows(source: LayerSource) -> tuple[pd.DataFrame, str]:
    """Return the rows of a CSV, TSV or XLSX file as text and how the text was decoded.

    Parameters
    ----------
    source : LayerSource
        ``layer`` names the sheet of a workbook (the first without it), ``encoding`` that of a CSV;
        without one, UTF-8 is tried and then GB18030.

    Returns
    -------
    tuple of DataFrame and str
        Every cell as ``str`` or missing, index ``"2"``, ``"3"``, … as the file numbers its lines.

    Raises
    ------
    LayerError
        The file cannot be opened or decoded, has no header, or two columns of one name.
    """
    path = Path(source.path)
    if path.suffix.casefold() == ".xlsx":
        rows, how = _workbook_rows(source), "workbook"
    else:
        rows, how = _text_rows(source)
    if not any(rows):
        raise LayerError(f"{path.name} has no rows; give a file with a header line.")
    header = [str(cell or "").strip() for cell in rows[0]]
    while header and not header[-1]:
        header.pop()
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if not header or twice:
        fault = f"has two columns named {twice[0]!r}" if twice else "has an empty header line"
        raise LayerError(f"{path.name} {fault}; name every column once in its first line.")
    width = len(header)
    body = [(row + [None] * width)[:width] for row in rows[1:]]
    lines = [str(number) for number in range(2, len(rows) + 1)]  # as a spreadsheet numbers them
    frame = pd.DataFrame(body, columns=header, index=pd.Index(lines, dtype="str"), dtype=object)
    filled = frame.map(lambda cell: cell if isinstance(cell, str) and cell.strip() else None)
    return filled.dropna(how="all"), how


def read_points(
    source: LayerSource, *, name: str, crs: pyproj.CRS
) -> tuple[gpd.GeoDataFrame, Ledger]:
    """Read a table of places into points.

    Parameters
    ----------
    source : LayerSource
        ``columns`` may map ``longitude`` and ``latitude``, or ``x`` and ``y`` where ``crs`` is projected.
    name : str
        Name of the layer in the account.
    crs : pyproj.CRS
        CRS of the result.

    Returns
    -------
    tuple of GeoDataFrame and Ledger
        The file's own columns as text, points in ``crs``, and what was dropped.

    Raises
    ------
    LayerError
        The coordinate columns are missing.
    DatumError
        Coordinates out of range, or a datum stated together with a projected CRS.
    """
    rows, how = read_rows(source)
    ledger = Ledger(name, source.path.name)
    ledger.add("read", f"rows of the table ({how})", len(rows))
    given = pyproj.CRS.from_user_input(source.crs) if source.crs else pyproj.CRS.from_epsg(4326)
    metric = given.is_projected
    if metric and source.datum != "wgs84":
        raise DatumError(
            f"{source.path.name} states both crs {source.crs} and datum {source.datum}; projected "
            "coordinates have no such datum, so state only one of them."
        )
    ours = ("x", "y") if metric else ("longitude", "latitude")
    usual = (_X, _Y) if metric else (_LONGITUDE, _LATITUDE)
    first, second = (
        _coordinates(rows, source, ours=our, usual=names)
        for our, names in zip(ours, usual, strict=True)
    )
    lacking = np.isnan(first) | np.isnan(second)
    first_lacking = rows.index[lacking][0] if lacking.any() else None
    reason = f"no {ours[0]} or {ours[1]}"
    ledger.add("dropped", reason, int(lacking.sum()), example=first_lacking)
    rows, first, second = rows[~lacking], first[~lacking], second[~lacking]
    if not metric:
        _check_degrees(first, second, rows.index, file=source.path.name)
    points = shapely.points(first, second)
    if not metric and source.datum != "wgs84":
        points = to_wgs84(points, source.datum)
    geometry = gpd.GeoSeries(points, index=rows.index, crs=given).to_crs(crs)
    kept = rows.drop(columns=["geometry"], errors="ignore")
    return _keyed(gpd.GeoDataFrame(kept, geometry=geometry), source), ledger


def _coordinates(
    rows: pd.DataFrame, source: LayerSource, *, ours: str, usual: tuple[str, ...]
) -> npt.NDArray[np.float64]:
    theirs = source.columns.get(ours)
    columns = {str(column).casefold(): column for column in rows.columns}
    names = (theirs,) if theirs is not None else usual
    found = [columns[name.casefold()] for name in names if name.casefold() in columns]
    if len(found) != 1:
        fault = "has no column" if not found else "has several columns"
        raise LayerError(
            f"{source.path.name} {fault} {theirs or ' or '.join(names)} for {ours}"
            f"{near_matches(theirs or ours, map(str, rows.columns)).rstrip('.')}; "
            f"map it by columns = {{ {ours} = … }}."
        )
    return plain_numbers(rows[found[0]])


def _check_degrees(
    longitude: npt.NDArray[np.float64],
    latitude: npt.NDArray[np.float64],
    index: pd.Index,
    *,
    file: str,
) -> None:
    wrong = (np.abs(longitude) > 180.0) | (np.abs(latitude) > 90.0)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise DatumError(
            f"{file} has lon {longitude[row]:g}, lat {latitude[row]:g} in line {index[row]} "
            f"({int(wrong.sum())} such rows), which are no degrees; check that the columns are not "
            "swapped, or name the projected CRS by `crs` and map x and y."
        )


def _text_rows(source: LayerSource) -> tuple[list[list[Any]], str]:
    path = local_file(source.path, what="table", largest_bytes=_LARGEST_BYTES)
    data = path.read_bytes()
    encodings = (source.encoding,) if source.encoding else _ENCODINGS
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        delimiter = "\t" if path.suffix.casefold() == ".tsv" else ","
        try:
            rows = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter))
        except csv.Error as error:
            raise LayerError(
                f"{path.name} is not a readable table ({error}); save it anew as CSV."
            ) from error
        _check_width(rows, path.name)
        return [list(row) for row in rows], encoding
    raise LayerError(
        f"{path.name} is not text in {' or '.join(encodings)}; state its `encoding`, or save it as UTF-8."
    )


def _check_width(rows: list[list[str]], name: str) -> None:
    """Refuse rows with more cells than columns: their numbers stand in the wrong columns."""
    width = len(rows[0]) if rows else 0
    for line, row in enumerate(rows, start=1):
        if len(row) > width and any(cell.strip() for cell in row[width:]):
            raise LayerError(
                f"{name} has {len(row)} cells in line {line}, but {width} columns in its first line; write "
                "decimals with a point, and put text with commas in quotes."
            )


def _workbook_rows(source: LayerSource) -> list[list[Any]]:
    path = local_file(source.path, what="workbook", largest_bytes=_LARGEST_BYTES)
    bounded_zip(path, largest_bytes=_LARGEST_BYTES)
    try:
        return _sheet_rows(source, path)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, zlib.error, EOFError,
            lzma.LZMAError, SyntaxError, TypeError, AttributeError, IndexError, NotImplementedError,
            RuntimeError, MemoryError) as error:  # fmt: skip
        raise LayerError(
            f"{path.name} is not a readable workbook ({type(error).__name__}); save it anew as XLSX."
        ) from error


def _sheet_rows(source: LayerSource, path: Path) -> list[list[Any]]:
    # Values as last saved, never formulas: a workbook cannot make this program compute anything.
    book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    try:
        if not book.sheetnames:
            raise LayerError(f"{path.name} holds no sheet; save it anew as XLSX.")
        if source.layer is not None and source.layer not in book.sheetnames:
            raise LayerError(
                f"{path.name} has no sheet {source.layer!r}{near_matches(source.layer, book.sheetnames)}"
            )
        sheet = book[source.layer or book.sheetnames[0]]
        rows: list[list[Any]] = []
        cells = 0
        for row in sheet.iter_rows(values_only=True):
            cells += len(row)
            if cells > _MOST_CELLS:
                raise LayerError(
                    f"{path.name} has more than {_MOST_CELLS:,} cells in {len(rows):,} rows; delete the "
                    "empty rows and columns behind the table and save it anew."
                )
            rows.append([_cell(value) for value in row])
        return rows
    finally:
        book.close()


def _cell(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _keyed(frame: gpd.GeoDataFrame, source: LayerSource) -> gpd.GeoDataFrame:
    if source.key is None:
        return frame.set_axis(f"{source.path.stem}-" + frame.index, axis="index")
    if source.key not in frame.columns:
        raise LayerError(
            f"{source.path.name} has no column {source.key!r} for the key"
            f"{near_matches(source.key, map(str, frame.columns))}"
        )
    keys = frame[source.key]
    bad = frame.index[keys.isna() | keys.duplicated()]
    if len(bad):
        raise LayerError(
            f"{source.path.name}: key column {source.key!r} is missing or repeated in {len(bad)} "
            f"rows, first in line {bad[0]}; give every row its own key, or leave key out."
        )
    return frame.set_axis(pd.Index(keys.astype("str"), dtype="str"), axis="index")
