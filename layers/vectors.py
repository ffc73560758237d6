"""Any vector source as one clean frame: opened, checked, keyed, projected, repaired and cut to the area."""

__all__ = ["LayerSource", "open_vectors", "read_vectors"]

import warnings
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from layers import osm
from layers.account import Ledger
from layers.coordinates import to_wgs84
from layers.errors import DatumError, LayerError, near_matches
from layers.geometry_repair import (
    Geometry,
    deduplicated,
    exploded,
    finite,
    large_enough,
    repaired,
)
from layers.tables import LAYER_TABLES
from layers.vector_files import LayerSource, checked_path, file_bounds, file_crs, read_file

if TYPE_CHECKING:
    from layers.area import StudyArea

Box = tuple[float, float, float, float]

_SHIFT_DEG = 0.03  # wider than the shift of GCJ-02 and BD-09
_REACH_M = 1000.0  # read this far beyond the area, so that what crosses its edge is whole
_TOUCHING = ("LineString", "Any")
_DEGREES = pyproj.CRS.from_epsg(4326)


def read_vectors(
    source: LayerSource,
    *,
    name: str,
    geometry: Geometry,
    area: "StudyArea | None",
    crs: pyproj.CRS,
    minimum_m2: float = 0.0,
    margin_m: float = 0.0,
    required: bool = True,
) -> tuple[gpd.GeoDataFrame, Ledger]:
    """Read a layer from a file and return it clean, with an account of what was done.

    Parameters
    ----------
    source : LayerSource
        The file and how it is to be understood.
    name : str
        Name of the layer in messages and in the account.
    geometry : {"Polygon", "LineString", "Point", "Any"}
        Kind of geometry kept; of an OSM file also which objects are read.
    area : StudyArea, optional
        Polygons and points are kept where a point on them lies in the area, lines and mixed
        geometry where they touch it; none keeps everything.
    crs : pyproj.CRS
        Metric CRS of the result.
    minimum_m2 : float
        Polygons smaller than this are dropped [m²].
    margin_m : float
        Keep rows this far beyond the area too [m].
    required : bool
        Whether a layer without rows in the area is an error.

    Returns
    -------
    frame : GeoDataFrame
        The file's own columns (of OSM: tags as columns) and valid single-part geometry in ``crs``.
        The index is unique text: the key column, the OSM object (``way/17``) or the file's stem
        and row number; parts of a multipart row have -1, -2 … behind it.
    ledger : Ledger
        What was read, repaired, dropped and kept, with an example each.

    Raises
    ------
    LayerError
        When the file is missing, damaged or of an unknown kind, lacks the layer or key column,
        repeats keys, or has no rows in the area.
    DatumError
        When the CRS is missing, is not what the coordinates say, or the data lies elsewhere.
    """
    if not crs.is_projected:
        raise DatumError(f"Layer {name} must be projected to metres, not to {crs.name}.")
    ledger = Ledger(name, source.path.name)
    raw = open_vectors(source, ledger, geometry=geometry, area=area, margin_m=margin_m)
    frame = repaired(finite(raw, ledger).to_crs(crs), ledger, geometry=geometry)
    frame = exploded(frame, ledger)
    if area is not None and (raw.empty or len(frame)):
        frame = _cut(frame, _boundary(area, crs, margin_m), ledger, touching=geometry in _TOUCHING)
        if frame.empty:
            _raise_if_elsewhere(source, area, required=required)
    frame = large_enough(frame, ledger, minimum_m2=minimum_m2)
    frame = deduplicated(frame, ledger, by_outline=geometry != "Any")
    if frame.empty and required:
        raise LayerError(
            f"No row of {source.path.name} is left for layer {name} after cleaning: "
            f"{_dropped(ledger)}; check that it is the right file and layer."
        )
    if source.is_osm:
        frame = osm.spread_tags(frame, first=source.columns.values())
    ledger.add("kept", "rows handed on", len(frame))
    keys = {table.name: table.key for table in LAYER_TABLES}
    return frame.rename_axis(index=keys.get(name, "key")), ledger


def open_vectors(
    source: LayerSource,
    ledger: Ledger,
    *,
    geometry: Geometry,
    area: "StudyArea | None" = None,
    margin_m: float = 0.0,
) -> gpd.GeoDataFrame:
    """Return the raw rows of a file near the area, keyed, in WGS 84 or the file's own CRS.

    Parameters, errors and keys as :func:`read_vectors`; nothing is repaired, and rows are cut
    only by the box of the area.
    """
    path = checked_path(source)
    crs = _crs(source)
    box = None if area is None else _box(area, crs, source, margin_m=margin_m)
    if source.is_osm:
        osm.check_whole(path)
        frame = osm.read_osm(
            path,
            geometry=geometry,
            layer=source.layer,
            box=box,
            where=source.where,
            keys=source.osm_keys,
        )
    else:
        frame = read_file(source, box=box)
    ledger.add("read", "rows read" if box is None else "rows read near the area", len(frame))
    frame = frame.set_crs(crs, allow_override=True)
    _check_crs(source, crs, frame)
    frame = _keyed(frame, source)
    if crs.is_geographic:
        frame = _within_degrees(frame, ledger)
    if source.datum == "wgs84" or frame.empty:
        return frame
    frame = finite(frame, ledger).to_crs(_DEGREES)
    moved = to_wgs84(np.asarray(frame.geometry.array), source.datum)
    return frame.set_geometry(gpd.GeoSeries(moved, frame.index, _DEGREES))


def _crs(source: LayerSource) -> pyproj.CRS:
    stated = file_crs(source)
    if source.crs is None:
        if stated is None:
            raise DatumError(
                f"{source.path.name} states no CRS; give crs, such as 'EPSG:4548' or 'EPSG:4326'."
            )
        found = stated
    else:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)  # the old way to write a code
                found = pyproj.CRS(source.crs)
        except pyproj.exceptions.CRSError as error:
            raise DatumError(
                f"crs {source.crs!r} of {source.path.name} is not known; give one such as 'EPSG:4548'."
            ) from error
        if stated is not None and not stated.equals(found, ignore_axis_order=True):
            raise DatumError(
                f"{source.path.name} states the CRS {stated.name}, but crs says {found.name}; "
                "remove crs, or mend the file if what it states is wrong."
            )
    flat = found.to_2d()
    if not (flat.is_geographic or flat.is_projected) or not _on_earth(flat):
        raise DatumError(
            f"{source.path.name} is in {flat.name}, which is no place on Earth; give its true CRS."
        )
    return flat


def _on_earth(crs: pyproj.CRS) -> bool:
    try:
        pyproj.Transformer.from_crs(crs, _DEGREES, always_xy=True)
    except pyproj.exceptions.ProjError:
        return False
    return True


def _box(area: "StudyArea", crs: pyproj.CRS, source: LayerSource, *, margin_m: float) -> Box | None:
    reach = margin_m + _REACH_M
    west, south, east, north = area.bounds_m
    wide = (west - reach, south - reach, east + reach, north + reach)
    to_degrees = pyproj.Transformer.from_crs(area.crs, _DEGREES, always_xy=True)
    west, south, east, north = to_degrees.transform_bounds(*wide, densify_pts=41)
    slack = 0.0 if source.datum == "wgs84" else _SHIFT_DEG
    wide = (west - slack, south - slack, east + slack, north + slack)
    if crs.is_projected:
        to_file = pyproj.Transformer.from_crs(_DEGREES, crs, always_xy=True)
        wide = to_file.transform_bounds(*wide, densify_pts=41)
    return wide if np.isfinite(wide).all() and wide[0] < wide[2] else None


def _check_crs(source: LayerSource, crs: pyproj.CRS, frame: gpd.GeoDataFrame) -> None:
    boxes = shapely.bounds(np.asarray(frame.geometry.array)).reshape(-1, 4)
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2.0
    middles = middles[np.isfinite(middles).all(axis=1)]
    if not len(middles) and not source.is_osm:  # a wrong CRS leaves nothing near the area
        bounds = file_bounds(source)
        if bounds is None:
            return
        middles = np.array([[(bounds[0] + bounds[2]) / 2.0, (bounds[1] + bounds[3]) / 2.0]])
    if len(middles):
        fault = _crs_fault(crs, middles)
        if fault:
            x, y = np.median(middles, axis=0)
            raise DatumError(
                f"{source.path.name} says {crs.name}, but its coordinates lie "
                f"around ({x:.10g}, {y:.10g}): {fault}."
            )


def _crs_fault(crs: pyproj.CRS, middles: npt.NDArray[np.float64]) -> str | None:
    x, y = np.median(middles, axis=0)
    if crs.is_geographic:
        if abs(x) <= 90.0 < abs(y) <= 180.0:
            return "longitude and latitude look swapped, so write longitude first"
        if abs(x) > 180.0 or abs(y) > 90.0:
            return "these are no degrees but probably metres, so state the true CRS"
        return None
    if (np.abs(middles) <= (180.0, 90.0)).all():
        return "these are degrees, not metres, so state the true CRS, such as 'EPSG:4326'"
    operation = crs.coordinate_operation
    origin = {term.name: term.value for term in operation.params} if operation else {}
    zone, zone_stated = int(x // 1e6), int(float(origin.get("False easting", 0.0)) // 1e6)
    if zone != zone_stated and "Gauss" in f"{crs.name} {operation.name if operation else ''}":
        if zone_stated == 0 and 13 <= zone <= 45:
            return f"the eastings carry the zone number {zone}, so state EPSG:{4488 + zone} for CGCS2000"
        return "the eastings do not carry the zone number that this CRS has"
    return None


def _within_degrees(frame: gpd.GeoDataFrame, ledger: Ledger) -> gpd.GeoDataFrame:
    boxes = shapely.bounds(np.asarray(frame.geometry.array)).reshape(-1, 4)
    beyond = (np.abs(boxes) > (180.0, 90.0, 180.0, 90.0)).any(axis=1)
    if beyond.any():
        ledger.add(
            "dropped",
            "coordinates beyond ±180° or ±90°",
            int(beyond.sum()),
            example=frame.index[beyond][0],
        )
    return frame[~beyond]


def _keyed(frame: gpd.GeoDataFrame, source: LayerSource) -> gpd.GeoDataFrame:
    if source.key is None:
        if source.is_osm:
            return frame
        numbers = frame.index.astype("str")
        return frame.set_axis(pd.Index(f"{source.path.stem}-" + numbers, dtype="str"), axis=0)
    if source.key not in frame.columns:
        raise LayerError(
            f"{source.path.name} has no column {source.key!r} for the key"
            + near_matches(source.key, [str(column) for column in frame.columns])
        )
    values = frame[source.key]
    if pd.api.types.is_float_dtype(values.dtype) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")  # a missing value elsewhere turns whole numbers into floats
    missing = int(values.isna().sum())
    if missing:
        raise LayerError(
            f"Column {source.key!r} of {source.path.name} is missing in {missing} rows; "
            "a key must be there in every row, or leave key out to number the rows."
        )
    keys = pd.Index(values.astype("str").str.strip(), dtype="str")
    if not keys.is_unique:
        twice = keys[keys.duplicated()]
        raise LayerError(
            f"Column {source.key!r} of {source.path.name} repeats {len(twice)} keys, first {twice[0]!r}; "
            "a key must be unique, so choose another column or leave key out to number the rows."
        )
    return frame.set_axis(keys, axis=0)


def _boundary(area: "StudyArea", crs: pyproj.CRS, margin_m: float) -> Any:
    boundary = area.boundary
    if area.crs != crs:
        boundary = gpd.GeoSeries([boundary], crs=area.crs).to_crs(crs).iloc[0]
    return boundary.buffer(margin_m) if margin_m > 0.0 else boundary


def _cut(
    frame: gpd.GeoDataFrame, boundary: Any, ledger: Ledger, *, touching: bool
) -> gpd.GeoDataFrame:
    shapes = np.asarray(frame.geometry.array)
    shapely.prepare(boundary)
    shown = shapes if touching else shapely.point_on_surface(shapes)
    inside = shapely.intersects(boundary, shown)
    if not inside.all():
        ledger.add(
            "dropped",
            "outside the study area",
            int((~inside).sum()),
            example=frame.index[~inside][0],
        )
    return frame[inside]


def _raise_if_elsewhere(source: LayerSource, area: "StudyArea", *, required: bool) -> None:
    """Say why nothing lies in the area: the data lies elsewhere, or just has no rows there."""
    if source.is_osm:
        bounds = osm.file_box(source.path)
    else:
        bounds = file_bounds(source)
        if bounds is not None:
            to_degrees = pyproj.Transformer.from_crs(_crs(source), _DEGREES, always_xy=True)
            bounds = to_degrees.transform_bounds(*bounds)
    where = "" if bounds is None else f"; its rows lie within {_degrees(bounds)}"
    here = f"the study area {area.name} ({_degrees(area.bounds_wgs84)})"
    if bounds is not None and not _meet(bounds, area.bounds_wgs84):
        swapped = (bounds[1], bounds[0], bounds[3], bounds[2])
        cure = (
            "longitude and latitude look swapped, so write longitude first"
            if _meet(swapped, area.bounds_wgs84)
            else "is it the right file, and are its CRS and datum right?"
        )
        raise DatumError(f"{source.path.name} lies nowhere near {here}{where}; {cure}")
    if required:
        raise LayerError(f"No row of {source.path.name} lies in {here}{where}.")


def _meet(one: Box, other: Box) -> bool:
    return (
        one[0] <= other[2] + _SHIFT_DEG
        and one[2] >= other[0] - _SHIFT_DEG
        and one[1] <= other[3] + _SHIFT_DEG
        and one[3] >= other[1] - _SHIFT_DEG
    )


def _degrees(box: Box) -> str:
    return f"{box[0]:.3f}–{box[2]:.3f}° E, {box[1]:.3f}–{box[3]:.3f}° N"


def _dropped(ledger: Ledger) -> str:
    lines = ledger.frame()
    dropped = lines[lines["action"] == "dropped"]
    said = [f"{row.rows} × {row.reason}" for row in dropped.itertuples()]
    return ", ".join(said) or "the file has none that fit"
