"""Frames as compact JSON values: shapes as whole-number steps, words as codes, rounded numbers."""

__all__ = ["encode_column", "encode_shapes", "geometry_kind", "plain", "plain_text"]

from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

_MICRO = 1e6  # steps of 1e-6 degrees, at most 0.11 m
_DECIMALS = {"m": 1, "m²": 0, "kWp": 2, "kWh": 0, "kWh/kWp": 0, "kg": 0, "%": 4, "year": 0}
_DIGITS = 6
_POLYGONS, _LINES = (3, 6), (1, 2, 5)


def geometry_kind(frame: gpd.GeoDataFrame) -> Literal["point", "line", "polygon"]:
    """Return what the shapes are, by the first of them."""
    kind = shapely.get_type_id(frame.geometry.iloc[0])
    return "polygon" if kind in _POLYGONS else "line" if kind in _LINES else "point"


def encode_shapes(
    shapes: gpd.GeoSeries, *, origin: tuple[float, float]
) -> tuple[list[int], list[int], list[int]]:
    """Return shapes as three flat lists: steps, steps per path, paths per shape.

    Parameters
    ----------
    shapes : GeoSeries
        Any geometry in any CRS. Rings are left open; shells run counter-clockwise, holes clockwise.
    origin : (float, float)
        Longitude and latitude that every path starts from [deg].

    Returns
    -------
    steps, vertices_per_path, paths_per_shape : list of int
        The steps are pairs of whole 1e-6 degrees east and north, from vertex to vertex.
    """
    array = shapely.orient_polygons(np.asarray(shapes.to_crs("EPSG:4326").array))
    parts, shape_of_part = shapely.get_parts(array, return_index=True)
    rings, part_of_ring = _paths(parts)
    shape_of_path = shape_of_part[part_of_ring]
    xy, path_of_vertex = shapely.get_coordinates(rings, return_index=True)
    closed = np.isin(shapely.get_type_id(rings), (2,))
    last = np.r_[path_of_vertex[1:] != path_of_vertex[:-1], True] if len(xy) else np.zeros(0, bool)
    keep = ~(last & closed[path_of_vertex])
    xy, path_of_vertex = xy[keep], path_of_vertex[keep]
    grid: npt.NDArray[np.int64] = np.round((xy - origin) * _MICRO).astype(np.int64)
    steps = np.diff(grid, axis=0, prepend=np.zeros((1, 2), np.int64))
    first = np.r_[True, path_of_vertex[1:] != path_of_vertex[:-1]][: len(grid)]
    steps[first] = grid[first]
    return (
        steps.ravel().tolist(),
        np.bincount(path_of_vertex, minlength=len(rings)).tolist(),
        np.bincount(shape_of_path, minlength=len(array)).tolist(),
    )


def _paths(parts: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Return every ring of polygons, or the parts themselves, with the part each belongs to."""
    polygonal = np.isin(shapely.get_type_id(parts), (3,))
    if not polygonal.any():
        return parts, np.arange(len(parts))
    rings, owner = shapely.get_rings(parts[polygonal], return_index=True)
    others = np.flatnonzero(~polygonal)
    owner = np.flatnonzero(polygonal)[owner]
    order = np.argsort(np.r_[owner, others], kind="stable")
    return np.r_[rings, parts[others]][order], np.r_[owner, others][order]


def encode_column(values: pd.Series, unit: str) -> Any:
    """Return numbers as a list (missing as null) and words as ``{"of": words, "at": codes}``.

    Examples
    --------
    >>> encode_column(pd.Series([1.26, None]), "m")
    [1.3, None]
    >>> encode_column(pd.Series(["a", "b", "a"]), "-")
    {'of': ['a', 'b'], 'at': [0, 1, 0]}
    """
    if unit == "-":
        codes, words = pd.factorize(values.astype("object"))
        return {"of": [str(word) for word in words], "at": codes.tolist()}
    array = pd.to_numeric(values).to_numpy(dtype="float64", na_value=np.nan)
    decimals = _DECIMALS.get(unit)
    rounded = np.round(array, decimals) if decimals is not None else _significant(array)
    if decimals == 0 and np.isfinite(rounded).all():
        return rounded.astype(np.int64).tolist()
    made = rounded.astype(object)
    made[~np.isfinite(array)] = None
    return made.tolist()


def _significant(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.floor(np.log10(np.abs(values)))
        scale = 10.0 ** (_DIGITS - 1 - np.where(np.isfinite(size), size, 0.0))
    return np.asarray(np.round(values * scale) / scale, dtype=np.float64)


def plain(value: Any, unit: str) -> Any:
    """Return one value of a table as JSON: text for ``"-"``, else a number, missing as null."""
    if pd.isna(value):
        return None
    return str(value) if unit == "-" else float(f"{float(value):.{_DIGITS}g}")


def plain_text(values: pd.Series) -> list[str]:
    """Return text, missing as empty."""
    return [
        "" if missing else str(value) for value, missing in zip(values, values.isna(), strict=True)
    ]
