"""OpenStreetMap files: whether they are whole, their objects as rows, their tags as columns."""

__all__ = ["check_whole", "file_box", "read_osm", "spread_tags"]

import logging
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from layers.errors import LayerError, near_matches
from layers.file_forms import check_text

Box = tuple[float, float, float, float]

_LOG = logging.getLogger(__name__)
_LAYERS: dict[str, tuple[str, ...]] = {
    "Polygon": ("multipolygons",),
    "LineString": ("lines",),
    "Point": ("points",),
    "Any": ("points", "lines", "multipolygons"),
}
# Closed ways with these tags are areas, but GDAL's defaults make lines of them.
_AREAS: dict[str, frozenset[str]] = {
    "power": frozenset({"substation", "plant", "generator", "transformer", "sub_station", "station"}),
    "man_made": frozenset({"works", "wastewater_plant", "water_works", "storage_tank", "gasometer", "silo"}),
}  # fmt: skip
_CELLS = 40_000_000  # rows x columns of spread tags; 8 bytes each even where empty
_TAGS = "other_tags"


def check_whole(path: Path) -> None:
    """Read the file to its end, since a cut file may otherwise give some of its rows silently.

    Raises
    ------
    LayerError
        When the file is cut off or damaged.
    """
    try:
        # The filter keeps the loop inside the library: no object reaches Python.
        for _ in osmium.FileProcessor(str(path)).with_filter(osmium.filter.KeyFilter("\x01")):
            pass
    except (RuntimeError, OSError, ValueError, osmium.InvalidLocationError) as error:
        said = " ".join(str(error).split()).rstrip(".")
        raise LayerError(
            f"{path.name} is cut off or damaged ({said}); download it again."
        ) from error


def file_box(path: Path) -> Box | None:
    """Return west, south, east, north [deg] that the file's header states, or None."""
    with osmium.io.Reader(str(path)) as reader:
        box = reader.header().box()
        if not box.valid():
            return None
        low, high = box.bottom_left, box.top_right
        return float(low.lon), float(low.lat), float(high.lon), float(high.lat)


def read_osm(
    path: Path,
    *,
    geometry: str,
    layer: str | None = None,
    box: Box | None = None,
    where: str | None = None,
    keys: Sequence[str] = (),
) -> gpd.GeoDataFrame:
    """Return OSM objects as rows with the index ``node/1``, ``way/2`` or ``relation/3``.

    Parameters
    ----------
    path : Path
        A whole .osm.pbf or .osm file.
    geometry : {"Polygon", "LineString", "Point", "Any"}
        Which layers are read, unless ``layer`` names one.
    layer : str, optional
        ``points``, ``lines`` or ``multipolygons``.
    box : tuple of float, optional
        West, south, east, north [deg].
    where : str, optional
        Condition in the SQL of OGR.
    keys : sequence of str
        Keep objects with at least one of these keys; empty for all.

    Returns
    -------
    GeoDataFrame
        In EPSG:4326; frequent tags are columns, the others a mapping in ``other_tags``.
    """
    known = _LAYERS["Any"]
    if layer is not None and layer not in known:
        raise LayerError(f"{path.name} has no layer {layer!r}" + near_matches(layer, known))
    frames = [
        _objects(path, name, box=box, where=_where(path, name, where, keys=keys))
        for name in ((layer,) if layer else _LAYERS[geometry])
    ]
    if layer is None and geometry in {"Polygon", "Any"} and (not keys or set(keys) & set(_AREAS)):
        areas = "(man_made IS NOT NULL OR other_tags LIKE '%power%')"
        lines = _objects(path, "lines", box=box, where=_where(path, "lines", areas, keys=keys))
        frames.append(_closed_areas(lines))
        if geometry == "Any":
            taken = frames[-1].index
            frames = [frame[~frame.index.isin(taken)] for frame in frames[:-1]] + [frames[-1]]
    frames = [frame for frame in frames if len(frame)] or frames[:1]
    return pd.concat(frames) if len(frames) > 1 else frames[0]


def spread_tags(frame: gpd.GeoDataFrame, *, first: Iterable[str] = ()) -> gpd.GeoDataFrame:
    """Return the rows with each of their other tags as a column.

    A column that is there already is filled where it is missing. Where rows times tags would be too many,
    the rarest tags stay in ``other_tags``; those named in ``first`` are always spread.
    """
    if _TAGS not in frame.columns:
        return frame
    tags = [row if isinstance(row, dict) else {} for row in frame[_TAGS]]
    counts = Counter(key for row in tags for key in row)
    counts.pop("geometry", None)
    most = max(_CELLS // max(len(frame), 1), 16)
    ready = [key for key in counts if key in frame.columns]
    wanted = set(first)
    ranked = sorted(
        counts.keys() - set(ready), key=lambda key: (key not in wanted, -counts[key], key)
    )
    chosen = ranked[:most]
    values: dict[str, list[str | None]] = {key: [None] * len(frame) for key in ready + chosen}
    for position, row in enumerate(tags):
        for key, value in row.items():
            if key in values:
                values[key][position] = str(value)
    spread = pd.DataFrame(
        {key: pd.array(values[key], dtype="str") for key in ready + chosen}, index=frame.index
    )
    kept = frame.drop(columns=_TAGS) if len(chosen) == len(ranked) else frame.copy()
    for key in ready:
        kept[key] = kept[key].astype("str").fillna(spread.pop(key))
    return gpd.GeoDataFrame(pd.concat([kept, spread], axis=1), geometry="geometry", crs=frame.crs)


def _where(path: Path, layer: str, where: str | None, *, keys: Sequence[str]) -> str | None:
    parts = [f"({where})"] if where else []
    if keys:
        fields = set(pyogrio.read_info(path, layer=layer)["fields"])
        tests = []
        for key in keys:
            if not key.replace(":", "").replace("_", "").isalnum():
                raise LayerError(f"{key!r} is no OSM key; keys are letters, digits, ':' and '_'.")
            tests.append(
                f'"{key}" IS NOT NULL' if key in fields else f"other_tags LIKE '%\"{key}\":%'"
            )
        parts.append("(" + " OR ".join(tests) + ")")
    return " AND ".join(parts) or None


def _objects(path: Path, layer: str, *, box: Box | None, where: str | None) -> gpd.GeoDataFrame:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            frame = pyogrio.read_dataframe(
                path,
                layer=layer,
                bbox=box,
                where=where,
                on_invalid="ignore",
                use_arrow=True,
                TAGS_FORMAT="JSON",
            )
        except (DataLayerError, DataSourceError, FeatureError, ValueError, OSError) as error:
            said = " ".join(str(error).split()).rstrip(".")[:200]
            raise LayerError(
                f"Layer {layer} of {path.name} cannot be read ({said}); check where, or download it again."
            ) from error
    for warning in caught:
        _LOG.info("%s: %s", path.name, warning.message)
    check_text(frame, path.name)
    number = frame["osm_id"].astype("str")
    if layer == "multipolygons":
        of_way = frame["osm_way_id"].notna()
        keys = ("relation/" + number).where(~of_way, "way/" + frame["osm_way_id"].astype("str"))
    else:
        keys = {"points": "node/", "lines": "way/"}[layer] + number
    frame.index = pd.Index(keys, dtype="str")
    return frame.drop(columns=["osm_id", "osm_way_id"], errors="ignore")


def _closed_areas(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    closed = shapely.is_closed(np.asarray(lines.geometry.array))
    is_area = np.zeros(len(lines), dtype=bool)
    for position, (man_made, tags) in enumerate(zip(lines["man_made"], lines[_TAGS], strict=True)):
        power = tags.get("power") if isinstance(tags, dict) else None
        is_area[position] = man_made in _AREAS["man_made"] or power in _AREAS["power"]
    chosen = lines[closed & is_area & (shapely.get_num_coordinates(lines.geometry.array) > 3)]
    points, row = shapely.get_coordinates(chosen.geometry.array, return_index=True)
    areas = shapely.polygons(shapely.linearrings(points, indices=row))
    return chosen.set_geometry(gpd.GeoSeries(areas, chosen.index, lines.crs))
