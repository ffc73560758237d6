"""The schema tool: a table is declared once; frames are checked at the door, all faults in one message.

The checks themselves are run by pandera in lazy mode; this module keeps what pandera does not: units,
meanings, Chinese aliases, geometry kinds, the metric CRS, and sentences with the cure.
"""

__all__ = ["Column", "Kind", "Table", "columns_markdown"]

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from layers.errors import LayerError, near_matches

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pandera.pandas as pa
    from pandera.errors import SchemaErrors

Kind = Literal["text", "category", "number", "integer", "flag"]
Geometry = Literal["Polygon", "LineString", "Point", "Any"]

_DTYPES: dict[Kind, str] = {
    "text": "str",
    "category": "category",
    "number": "float64",
    "integer": "Int64",
    "flag": "bool",
}
_EXAMPLES = 3


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
        Column name; numbers carry their unit as suffix.
    kind : {"text", "category", "number", "integer", "flag"}
        Held as ``str``, ``category``, ``float64``, nullable ``Int64`` and ``bool``.
    unit : str
        Unit as printed, ``"1"`` for shares and counts, ``"-"`` for words.
    meaning : str
        One sentence for ``docs/columns.md``.
    alias_zh : str
        Chinese field alias, shown in QGIS, the workbook and the map.
    nullable : bool
        Whether a value may be missing.
    optional : bool
        Whether the whole column may be missing; it is then added, filled with missing values.
    minimum, maximum : float, optional
        Closed bounds.
    allowed : tuple of str
        The only words allowed; empty for any.
    """

    name: str
    kind: Kind
    unit: str
    meaning: str
    alias_zh: str
    nullable: bool = False
    optional: bool = False
    minimum: float | None = None
    maximum: float | None = None
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """The schema of one frame: a keyed index, columns and, for layers, a geometry.

    Attributes
    ----------
    name : str
        Name of the table in messages, files and documentation.
    key : str
        Name of the index; its values are unique text.
    meaning : str
        One sentence on what a row is.
    columns : tuple of Column
        In their order.
    geometry : {"Polygon", "LineString", "Point", "Any"}, optional
        Kind of the active geometry, or none for a plain table.
    time_index : bool
        The index is an hourly ``DatetimeIndex`` with time zone instead of a text key.
    """

    name: str
    key: str
    meaning: str
    columns: tuple[Column, ...]
    geometry: Geometry | None = None
    time_index: bool = False

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns in order, the geometry last."""
        names = tuple(column.name for column in self.columns)
        return (*names, "geometry") if self.geometry else names

    @property
    def aliases_zh(self) -> dict[str, str]:
        """Chinese alias by column name."""
        return {column.name: column.alias_zh for column in self.columns}

    def empty(self, crs: Any = None) -> Any:
        """Return a frame with no rows that satisfies the schema."""
        frame = pd.DataFrame(
            {column.name: pd.Series([], dtype=_DTYPES[column.kind]) for column in self.columns}
        )
        frame.index = pd.Index([], dtype="str", name=self.key)
        if self.geometry is None:
            return frame
        return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([], index=frame.index, crs=crs))

    def validate(self, frame: Any, *, where: str) -> Any:
        """Check a frame at the door and return it with columns in order and held in their types.

        Parameters
        ----------
        frame : DataFrame or GeoDataFrame
            Left untouched. Columns that the schema does not know are kept behind the known ones.
        where : str
            What is being checked, as the reader of an error message would call it.

        Returns
        -------
        DataFrame or GeoDataFrame
            A new frame, same rows in the same order.

        Raises
        ------
        LayerError
            All faults of the frame in one message: column, count, first rows, what is allowed.
        """
        faults: list[str] = []
        held = self._held(frame, faults)
        faults += self._index_faults(frame)
        if self.geometry is not None:
            faults += self._geometry_faults(frame)
        if held is not None:
            faults += self._value_faults(held)
        if faults or held is None:
            raise LayerError(
                f"{where} is not a valid {self.name} table: " + "; ".join(faults) + "."
            )
        return held

    def _held(self, frame: Any, faults: list[str]) -> Any:
        data: dict[str, Any] = {}
        for column in self.columns:
            if column.name not in frame.columns:
                if column.optional:
                    data[column.name] = pd.Series(
                        pd.array([None] * len(frame), dtype=_missing_dtype(column)),
                        index=frame.index,
                    )
                else:
                    faults.append(
                        f"column {column.name!r} is missing ({column.meaning.rstrip('.')})"
                        + near_matches(column.name, map(str, frame.columns)).rstrip(".")
                    )
                continue
            try:
                data[column.name] = _as_kind(frame[column.name], column)
            except (TypeError, ValueError):
                faults.append(
                    f"column {column.name!r} holds {_first_bad(frame[column.name], column)}, "
                    f"but must hold {_kind_words(column)}"
                )
        if len(data) < len(self.columns):
            return None
        extra = [name for name in frame.columns if name not in data and name != "geometry"]
        if self.geometry is None:
            return (
                pd.DataFrame(data, index=frame.index).join(frame[extra])
                if extra
                else pd.DataFrame(data, index=frame.index)
            )
        if not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name != "geometry":
            faults.append("it has no active geometry column named 'geometry'")
            return None
        plain = pd.DataFrame({**data, **{name: frame[name] for name in extra}}, index=frame.index)
        return gpd.GeoDataFrame(plain, geometry=frame.geometry)

    def _index_faults(self, frame: Any) -> list[str]:
        index = frame.index
        faults = []
        if index.name != self.key:
            faults.append(f"its index is named {index.name!r}, but must be {self.key!r}")
        if self.time_index:
            if not isinstance(index, pd.DatetimeIndex) or index.tz is None:
                faults.append("its index must be times with a time zone")
            return faults
        if index.hasnans:
            faults.append(f"{self.key} is missing in {int(index.isna().sum())} rows")
        if not index.is_unique:
            twice = index[index.duplicated()]
            faults.append(
                f"{self.key} is not unique: {len(twice)} repeated, first {_examples(twice)}; "
                "give every row its own key"
            )
        if len(index) and not pd.api.types.is_string_dtype(index.dtype):
            faults.append(f"{self.key} must be text, not {index.dtype}")
        return faults

    def _geometry_faults(self, frame: Any) -> list[str]:
        if not isinstance(frame, gpd.GeoDataFrame) or "geometry" not in frame.columns:
            return ["it has no geometry"]
        faults = []
        if frame.crs is None:
            faults.append("its geometry has no coordinate reference system")
        elif not pyproj.CRS(frame.crs).is_projected:
            faults.append(
                f"its geometry is in {frame.crs.name} (degrees), but must be in the study's metric CRS"
            )
        geometry = np.asarray(frame.geometry.array)
        missing = shapely.is_missing(geometry) | shapely.is_empty(geometry)
        if missing.any():
            faults.append(f"geometry is missing or empty in {_rows(frame.index, missing)}")
        if self.geometry != "Any":
            wanted = shapely.GeometryType[str(self.geometry).upper()]
            wrong = ~missing & (shapely.get_type_id(geometry) != wanted.value)
            if wrong.any():
                faults.append(f"geometry is not a {self.geometry} in {_rows(frame.index, wrong)}")
        if self.geometry == "Polygon":
            broken = ~missing & ~shapely.is_valid(geometry)
            if broken.any():
                faults.append(
                    f"geometry is invalid in {_rows(frame.index, broken)}; repair it first"
                )
        return faults

    def _value_faults(self, held: Any) -> list[str]:
        columns = {column.name: _pandera_column(column) for column in self.columns}
        schema = pa.DataFrameSchema(columns)
        plain = pd.DataFrame(held[[column.name for column in self.columns]])
        plain.index = pd.RangeIndex(len(plain))
        try:
            schema.validate(plain, lazy=True)
        except SchemaErrors as error:
            return _sentences(error.failure_cases, self, held.index)
        return []


def _missing_dtype(column: Column) -> str:
    return "boolean" if column.kind == "flag" else _DTYPES[column.kind]


def _as_kind(values: pd.Series, column: Column) -> pd.Series:
    if column.kind == "number":
        number = pd.to_numeric(values, errors="raise").astype("float64")
        if np.isinf(number.to_numpy()).any():
            raise ValueError("infinite")
        return number
    if column.kind == "integer":
        return pd.to_numeric(values, errors="raise").astype("Int64")
    if column.kind == "flag":
        if values.isna().any() or not set(pd.unique(values)) <= {True, False}:
            raise ValueError("not a flag")
        return values.astype("bool")
    if column.kind == "category":
        if column.allowed and not isinstance(values.dtype, pd.CategoricalDtype):
            given = set(pd.unique(values.dropna()))
            if given <= set(column.allowed):
                return values.astype(pd.CategoricalDtype(list(column.allowed)))
        if column.allowed and isinstance(values.dtype, pd.CategoricalDtype):
            trimmed = values.cat.remove_unused_categories()
            if set(trimmed.cat.categories) <= set(column.allowed):
                return trimmed.cat.set_categories(list(column.allowed))
        return values.astype("category")
    return values.astype("str")


def _first_bad(values: pd.Series, column: Column) -> str:
    if column.kind in {"number", "integer"}:
        number = pd.to_numeric(values, errors="coerce")
        bad = values[(number.isna() & values.notna()) | np.isinf(number.astype("float64"))]
        if column.kind == "integer" and bad.empty:
            bad = values[number.notna() & (number % 1 != 0)]
    else:
        bad = values[~values.isin([True, False])]
    return (
        f"{_examples(bad)} ({len(bad)} rows, first {_examples(bad.index)})"
        if len(bad)
        else "other values"
    )


def _kind_words(column: Column) -> str:
    words = {"number": "finite numbers", "integer": "whole numbers", "flag": "true or false"}
    unit = f" in {column.unit}" if column.unit not in {"-", "1"} else ""
    return words.get(column.kind, "text") + unit


def _pandera_column(column: Column) -> Any:
    checks = []
    if column.minimum is not None:
        checks.append(pa.Check.ge(column.minimum))
    if column.maximum is not None:
        checks.append(pa.Check.le(column.maximum))
    if column.allowed:
        checks.append(pa.Check.isin(column.allowed))
    return pa.Column(checks=checks, nullable=column.nullable or column.optional, required=True)


def _sentences(cases: pd.DataFrame, table: Table, index: pd.Index) -> list[str]:
    columns = {column.name: column for column in table.columns}
    faults = []
    for (name, check), group in cases.groupby(["column", "check"], sort=False, observed=True):
        column = columns[str(name)]
        rows = index[group["index"].astype("int64").to_numpy()]
        where = f"in {len(group)} rows, first {table.key} {_examples(rows)}"
        if check == "not_nullable":
            faults.append(f"column {name!r} is missing {where}")
        elif str(check).startswith("isin"):
            given = _examples(pd.unique(group["failure_case"]))
            faults.append(
                f"column {name!r} holds {given} {where}; allowed are {', '.join(column.allowed)}"
            )
        else:
            sign, bound = (
                ("at least", column.minimum)
                if str(check).startswith("greater")
                else ("at most", column.maximum)
            )
            faults.append(
                f"column {name!r} is {_examples(group['failure_case'])} {where}; "
                f"it must be {sign} {bound:g}{'' if column.unit in {'-', '1'} else ' ' + column.unit}"
            )
    return faults


def _rows(index: pd.Index, mask: np.ndarray) -> str:
    return f"{int(mask.sum())} rows, first {_examples(index[mask])}"


def _examples(values: Iterable[Any]) -> str:
    shown: list[str] = []
    for value in values:
        if len(shown) == _EXAMPLES:
            shown.append("…")
            break
        text = str(value)
        shown.append(
            repr(text[:60] + "…" if len(text) > 60 else text) if isinstance(value, str) else text
        )
    return ", ".join(shown)


def columns_markdown(tables: Sequence[Table]) -> str:
    """Return the documentation of tables as Markdown, one section each."""
    lines = [
        "# Columns",
        "",
        "Generated from the schemas; do not edit by hand (`make docs-tables`).",
        "",
    ]
    for table in tables:
        lines += [f"## {table.name}", "", table.meaning, ""]
        kind = "hourly times with a time zone" if table.time_index else "unique text"
        lines.append(
            f"Index `{table.key}`: {kind}."
            + (f" Geometry: {table.geometry}." if table.geometry else "")
        )
        lines += [
            "",
            "| column | 中文 | kind | unit | may be missing | allowed | meaning |",
            "|---|---|---|---|---|---|---|",
        ]
        for column in table.columns:
            bounds = [
                f"≥ {column.minimum:g}" if column.minimum is not None else "",
                f"≤ {column.maximum:g}" if column.maximum is not None else "",
                ", ".join(column.allowed),
            ]
            missing = "yes" if column.nullable or column.optional else "no"
            allowed = " ".join(part for part in bounds if part)
            lines.append(
                f"| `{column.name}` | {column.alias_zh} | {column.kind} | {column.unit} | {missing} "
                f"| {allowed} | {column.meaning} |"
            )
        lines.append("")
    return "\n".join(lines)
