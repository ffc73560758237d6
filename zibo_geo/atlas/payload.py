"""What the page is given: counties, roofs and places in WGS84, rounded, as plain JSON values."""

__all__ = ["ROOF_LIMIT", "map_payload"]

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from rooftop_pv.tables import MONTH_COLUMNS
from zibo_geo.atlas.words import load_words
from zibo_geo.plan import Plan
from zibo_geo.summary import plan_figures, plan_summary

ROOF_LIMIT = 150_000
_COUNTY_TOLERANCE_M = 25.0
_STREET_TOLERANCE_M = 15.0
_MICRO = 1e6

_COUNTY_METRICS = (
    {"key": "capacity_mw", "unit": "MW", "palette": "yellow_brown", "sums": True},
    {"key": "yield_gwh", "unit": "GWh", "palette": "yellow_brown", "sums": True},
    {"key": "specific_yield_kwh_kwp", "unit": "kWh/kWp", "palette": "yellow_brown", "sums": False},
    {"key": "roof_m2", "unit": "m²", "palette": "navy", "sums": True},
    {"key": "usable_share", "unit": "%", "palette": "navy", "sums": False},
)
_ROOF_METRICS = (
    {"key": "capacity_kwp", "unit": "kWp", "palette": "yellow_brown"},
    {"key": "specific_kwh_kwp", "unit": "kWh/kWp", "palette": "yellow_brown"},
    {"key": "shading_loss", "unit": "%", "palette": "violet"},
    {"key": "height_m", "unit": "m", "palette": "navy"},
)
# Okabe-Ito colours; (layer, colour, radius, shown at first, values of the card with their units).
_PLACES: tuple[tuple[str, str, int, bool, tuple[tuple[str, str], ...]], ...] = (
    (
        "heat_sources",
        "#d55e00",
        6,
        True,
        (("kind", "-"), ("status", "-"), ("electric_mw", "MW"), ("heat_mw", "MW"), ("source", "-")),
    ),
    (
        "stations",
        "#0072b2",
        4,
        True,
        (("kind", "-"), ("points", "1"), ("power_kw", "kW"), ("source", "-")),
    ),
    (
        "substations",
        "#009e73",
        5,
        False,
        (("voltage_kv", "kV"), ("capacity_mva", "MVA"), ("source", "-")),
    ),
)


def map_payload(plan: Plan) -> dict[str, Any]:
    """Return everything that the page draws and writes, as JSON values.

    Roofs are left out above :data:`ROOF_LIMIT`, and the page then says so. Coordinates of roofs are
    steps of 1e-6 degrees (0.1 m) from the area's south-west corner.
    """
    layers = plan.layers
    chinese, english = plan_summary(plan)
    return {
        "title": plan.case.title,
        "summary": [chinese, english],
        "figures": plan_figures(plan),
        "synthetic": sorted(layers.synthetic),
        "attributions": list(layers.attributions),
        "counties": _counties(plan),
        "county_metrics": list(_COUNTY_METRICS),
        "roof_metrics": list(_ROOF_METRICS),
        "roofs": _roofs(plan),
        "parks": _parks(layers.parks),
        "streets": _streets(layers.streets),
        "places": [
            {
                "key": key,
                "colour": colour,
                "radius": radius,
                "on": shown,
                "items": _places(getattr(layers, key), fields),
            }
            for key, colour, radius, shown, fields in _PLACES
            if len(getattr(layers, key))
        ],
        "words": {key: list(pair) for key, pair in load_words().items()},
    }


def _counties(plan: Plan) -> list[dict[str, Any]]:
    frame, totals = plan.layers.area.counties, plan.pv.counties
    shapes = _geometries(frame.set_geometry(frame.geometry.simplify_coverage(_COUNTY_TOLERANCE_M)))
    made = []
    for key, shape in zip(frame.index, shapes, strict=True):
        known = totals.loc[key] if key in totals.index else None
        values = {metric["key"]: _number(known, str(metric["key"])) for metric in _COUNTY_METRICS}
        name_en = frame.loc[key, "name_en"]
        made.append(
            {
                "id": str(key),
                "name": str(frame.loc[key, "name"]),
                "name_en": None if pd.isna(name_en) else str(name_en),
                "values": values,
                "geometry": shape,
            }
        )
    return made


def _roofs(plan: Plan) -> dict[str, Any] | None:
    roofs = plan.pv.roofs
    if roofs.empty or len(roofs) > ROOF_LIMIT:
        return None
    west, south = plan.layers.area.bounds_wgs84[:2]
    return {
        "origin": [west, south],
        "ring": _rings(roofs.geometry.to_crs("EPSG:4326"), west, south),
        "id": roofs.index.tolist(),
        "name": _texts(roofs["name"]),
        "county": _texts(roofs["county"]),
        "use": _texts(roofs["use"]),
        "source": _texts(roofs["source"]),
        "height_source": _texts(roofs["height_source"]),
        "height_m": _rounded(roofs["height_m"], 1),
        "roof_m2": _rounded(roofs["roof_m2"], 0),
        "capacity_kwp": _rounded(roofs["capacity_kwp"], 2),
        "yield_kwh": _rounded(roofs["yield_kwh"], 0),
        "specific_kwh_kwp": _rounded(roofs["specific_yield_kwh_kwp"], 0),
        "shading_loss": _rounded(roofs["shading_loss"], 4),
        "co2_kg": _rounded(roofs["co2_kg"], 0),
        "months": np.round(roofs[list(MONTH_COLUMNS)].to_numpy()).astype(int).tolist(),
    }


def _rings(shapes: gpd.GeoSeries, west: float, south: float) -> list[list[int]]:
    """Return every outer ring as steps from vertex to vertex; the closing vertex is left out."""
    rings = shapely.get_exterior_ring(np.asarray(shapes.array))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    grid: npt.NDArray[np.int64] = np.round((xy - (west, south)) * _MICRO).astype(np.int64)
    first = np.r_[True, ring[1:] != ring[:-1]]
    steps = np.diff(grid, axis=0, prepend=0)
    steps[first] = grid[first]
    ends = np.flatnonzero(np.r_[first[1:], True])
    starts = np.flatnonzero(first)
    flat = steps.ravel().tolist()
    return [flat[2 * start : 2 * end] for start, end in zip(starts, ends, strict=True)]


def _parks(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    fields = (("kind", "-"), ("level", "-"), ("confidence", "-"), ("source", "-"))
    shapes = _geometries(frame.set_geometry(frame.geometry.simplify(5.0))) if len(frame) else []
    return [
        {
            "id": str(key),
            "name": _text(row["name"]),
            "values": _values(row, fields),
            "geometry": shape,
        }
        for (key, row), shape in zip(frame.iterrows(), shapes, strict=True)
    ]


def _streets(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    classes = ("motorway", "trunk", "primary", "secondary")
    chosen = frame[frame["street_class"].isin(classes)] if len(frame) else frame
    if chosen.empty:
        chosen = frame
    lines = chosen.geometry.simplify(_STREET_TOLERANCE_M).to_crs("EPSG:4326")
    major = chosen["street_class"].isin(classes[:2])
    return [
        {"line": np.round(shapely.get_coordinates(line)[:, ::-1], 5).tolist(), "major": bool(wide)}
        for line, wide in zip(lines, major, strict=True)
    ]


def _places(frame: gpd.GeoDataFrame, fields: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    points = frame.geometry.to_crs("EPSG:4326")
    return [
        {
            "id": str(key),
            "name": _text(row["name"]),
            "longitude": round(point.x, 6),
            "latitude": round(point.y, 6),
            "values": _values(row, fields),
        }
        for (key, row), point in zip(frame.iterrows(), points, strict=True)
    ]


def _geometries(frame: gpd.GeoDataFrame) -> list[Mapping[str, Any]]:
    shapes = shapely.set_precision(np.asarray(frame.geometry.to_crs("EPSG:4326").array), 1e-6)
    return [shapely.geometry.mapping(shape) for shape in shapes]


def _values(row: pd.Series, fields: Sequence[tuple[str, str]]) -> list[list[Any]]:
    shown = [(name, row[name], unit) for name, unit in fields if name in row.index]
    return [
        [name, str(value) if unit == "-" else float(value), unit]
        for name, value, unit in shown
        if pd.notna(value)
    ]


def _number(row: pd.Series | None, key: str) -> float | None:
    value = None if row is None else row.get(key)
    return None if value is None or pd.isna(value) else float(f"{value:.6g}")


def _rounded(values: pd.Series, digits: int) -> list[float | None]:
    array = values.to_numpy(dtype="float64")
    rounded = np.round(array, digits).astype(object)
    rounded[np.isnan(array)] = None
    return list(rounded)


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)


def _texts(values: pd.Series) -> list[str]:
    return [_text(value) for value in values]
