"""Repair of raw geometry: each step takes a frame, returns a new one and notes what it did."""

__all__ = ["deduplicated", "exploded", "finite", "large_enough", "repaired"]

from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers.account import Ledger

Geometry = Literal["Polygon", "LineString", "Point", "Any"]

_FARTHEST = (
    1e8  # metres or degrees; no CRS of the Earth reaches farther, and squares of more overflow
)
_MOST_CROSSINGS = 10_000
_DIMENSIONS: dict[str, int] = {"Polygon": 2, "LineString": 1, "Point": 0}
_WORDS: dict[str, str] = {"Polygon": "polygon", "LineString": "line", "Point": "point"}


def finite(frame: gpd.GeoDataFrame, ledger: Ledger) -> gpd.GeoDataFrame:
    """Return the rows whose geometry exists, is not empty and has only finite coordinates, in 2-D."""
    shapes = np.asarray(frame.geometry.array)
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    _note(ledger, "dropped", "geometry is missing or empty", index=frame.index, mask=missing)
    kept, shapes = frame[~missing], shapes[~missing]
    has_z = shapely.has_z(shapes)
    _note(ledger, "repaired", "height coordinate (Z) removed", index=kept.index, mask=has_z)
    if has_z.any():
        shapes = shapely.force_2d(shapes)
    points, row = shapely.get_coordinates(shapes, return_index=True)
    broken = np.zeros(len(shapes), dtype=bool)
    broken[row[~(np.abs(points) <= _FARTHEST).all(axis=1)]] = True
    _note(
        ledger,
        "dropped",
        "coordinates are not finite or outside the CRS",
        index=kept.index,
        mask=broken,
    )
    return kept[~broken].set_geometry(gpd.GeoSeries(shapes[~broken], kept.index[~broken], kept.crs))


def repaired(frame: gpd.GeoDataFrame, ledger: Ledger, *, geometry: Geometry) -> gpd.GeoDataFrame:
    """Return the rows as valid geometry of the wanted kind, single or multipart.

    Parameters
    ----------
    frame : GeoDataFrame
        Left untouched.
    ledger : Ledger
        Gets the counts.
    geometry : {"Polygon", "LineString", "Point", "Any"}
        Rows of another dimension are dropped, as are parts of another dimension that a repair or a
        collection leaves. Invalid polygons are rebuilt from their rings (a self-crossing outline
        becomes the area that its rings enclose).
    """
    kept = finite(frame, ledger)
    shapes = np.asarray(kept.geometry.array)
    dimensions = shapely.get_dimensions(shapes)
    if geometry != "Any":
        other = dimensions != _DIMENSIONS[geometry]
        _note(
            ledger, "dropped", f"geometry is not a {_WORDS[geometry]}", index=kept.index, mask=other
        )
        kept, shapes, dimensions = kept[~other], shapes[~other], dimensions[~other]
    scribbled = _scribbled(shapes)
    _note(
        ledger,
        "dropped",
        f"outline crosses itself more than {_MOST_CROSSINGS:,} times",
        index=kept.index,
        mask=scribbled,
    )
    kept, shapes, dimensions = kept[~scribbled], shapes[~scribbled], dimensions[~scribbled]
    shapes = shapes.copy()
    invalid = ~shapely.is_valid(shapes)
    if invalid.any():
        mended = shapely.make_valid(shapes[invalid], method="structure", keep_collapsed=False)
        shapes[invalid] = mended
    collection = shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION.value
    for position in np.flatnonzero(collection & (invalid | (geometry != "Any"))):
        shapes[position] = _of_dimension(shapes[position], dimensions[position])
    lost = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    _note(ledger, "repaired", "invalid geometry rebuilt", index=kept.index, mask=invalid & ~lost)
    _note(
        ledger,
        "dropped",
        "nothing is left of the geometry after repair",
        index=kept.index,
        mask=lost,
    )
    return kept[~lost].set_geometry(gpd.GeoSeries(shapes[~lost], kept.index[~lost], kept.crs))


def exploded(frame: gpd.GeoDataFrame, ledger: Ledger) -> gpd.GeoDataFrame:
    """Return one row per part; parts of one row get its key with -1, -2 … behind it."""
    shapes = np.asarray(frame.geometry.array)
    parts, row = shapely.get_parts(shapes, return_index=True)
    while (shapely.get_type_id(parts) > 3).any():  # collections may nest
        parts, inner = shapely.get_parts(parts, return_index=True)
        row = row[inner]
    counts = np.bincount(row, minlength=len(shapes))
    many = counts > 1
    _note(
        ledger, "repaired", "multipart geometry split into its parts", index=frame.index, mask=many
    )
    keys = _part_keys(frame.index, row, counts)
    single = frame.iloc[row].set_axis(keys, axis=0)
    return single.set_geometry(gpd.GeoSeries(parts, keys, frame.crs))


def large_enough(
    frame: gpd.GeoDataFrame, ledger: Ledger, *, minimum_m2: float = 0.0
) -> gpd.GeoDataFrame:
    """Return the rows without polygons smaller than a minimum [m²] or of no area and lines of no length."""
    shapes = np.asarray(frame.geometry.array)
    dimension = shapely.get_dimensions(shapes)
    area = shapely.area(shapes)
    sliver = (dimension == 2) & ((area < minimum_m2) | (area == 0.0))
    _note(
        ledger,
        "dropped",
        f"polygon smaller than {minimum_m2:g} m² or flat",
        index=frame.index,
        mask=sliver,
    )
    flat = (dimension == 1) & (shapely.length(shapes) == 0.0)
    _note(ledger, "dropped", "line without length", index=frame.index, mask=flat)
    return frame[~(sliver | flat)]


def deduplicated(
    frame: gpd.GeoDataFrame, ledger: Ledger, *, by_outline: bool = True
) -> gpd.GeoDataFrame:
    """Return the rows without exact repetitions; the first of each is kept.

    Polygons repeat when they have the same outline wherever it starts, lines when they run through
    the same points in the same direction (the way back may be a row of its own). With ``by_outline``
    that is enough for polygons and lines; otherwise, and always for points, all attributes must be
    equal too, since two things may share one place.
    """
    shapes = np.asarray(frame.geometry.array)
    box = pd.DataFrame(shapely.bounds(shapes).reshape(-1, 4))
    same_box = np.flatnonzero(box.duplicated(keep=False).to_numpy())
    dimension = shapely.get_dimensions(shapes[same_box])
    normal = shapes[same_box]
    normal[dimension == 2] = shapely.normalize(normal[dimension == 2])
    outline = pd.Series(shapely.to_wkb(normal), dtype=object)
    by_all = (dimension == 0) | (not by_outline)
    repeated = np.zeros(len(shapes), dtype=bool)
    repeated[same_box[~by_all]] = outline[~by_all].duplicated().to_numpy()
    if by_all.any():
        plain = frame.drop(columns=frame.active_geometry_name).iloc[same_box[by_all]]
        attributes = plain.astype("str").reset_index(drop=True)
        attributes.columns = pd.RangeIndex(attributes.shape[1])
        attributes["outline"] = outline[by_all].to_numpy()
        repeated[same_box[by_all]] = attributes.duplicated().to_numpy()
    _note(ledger, "dropped", "exact repetition of an earlier row", index=frame.index, mask=repeated)
    return frame[~repeated]


def _scribbled(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Tell which shapes cross themselves so often that a repair would take hours and all memory."""
    found = np.zeros(len(shapes), dtype=bool)
    # Fewer vertices than this cannot make so many crossings.
    many = np.flatnonzero(shapely.get_num_coordinates(shapes) ** 2 > 2 * _MOST_CROSSINGS)
    for position in many[~shapely.is_valid(shapes[many])]:
        found[position] = _crosses_often(shapes[position])
    return found


def _crosses_often(shape: Any) -> bool:
    rings = shapely.get_rings(shapely.get_parts(shape))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    along = (ring[1:] == ring[:-1]) & (points[1:] != points[:-1]).any(axis=1)
    segments = shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1)[along])
    tree = shapely.STRtree(segments)
    met, most = 0, 3 * len(segments) + 2 * _MOST_CROSSINGS  # each meets itself and its neighbours
    for start in range(0, len(segments), 16):  # few at once: each may meet all others
        met += tree.query(segments[start : start + 16], predicate="intersects").shape[1]
        if met > most:
            return True
    return False


def _of_dimension(collection: Any, dimension: int) -> Any:
    """Gather the parts of one dimension; needed only for the few that a repair or a file left mixed."""
    parts = np.asarray([collection], dtype=object)
    while (shapely.get_type_id(parts) > 3).any():
        parts = shapely.get_parts(parts)
    gather = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)[dimension]
    return gather(parts[shapely.get_dimensions(parts) == dimension])


def _part_keys(
    index: pd.Index, row: npt.NDArray[np.intp], counts: npt.NDArray[np.intp]
) -> pd.Index:
    first = np.concatenate(([0], np.cumsum(counts)[:-1])) if len(counts) else counts
    number = np.arange(len(row)) - first[row] + 1
    keys = index.to_numpy(dtype=object)[row]
    part = counts[row] > 1
    mark = "-"
    while True:
        named = keys.copy()
        named[part] = [f"{key}{mark}{at}" for key, at in zip(keys[part], number[part], strict=True)]
        result = pd.Index(named, dtype="str", name=index.name)
        if result.is_unique or not index.is_unique:
            return result
        mark += "-"  # a key of the file already ends like a part of another


def _note(
    ledger: Ledger, action: Any, reason: str, *, index: pd.Index, mask: npt.NDArray[np.bool_]
) -> None:
    if mask.any():
        ledger.add(action, reason, int(mask.sum()), example=index[mask][0])
