"""What the page is given: counties, roofs and topics as plain JSON values, every word with both languages."""

__all__ = [
    "ROOF_LIMIT",
    "ROOF_ZOOM",
    "SHAPE_LIMIT",
    "is_large",
    "map_payload",
    "month_columns",
    "overlay_columns",
    "roof_fields",
    "roof_frame",
]

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.errors import CaseError
from rooftop_pv.tables import MONTH_COLUMNS
from zibo_geo.atlas.encoding import (
    encode_column,
    encode_shapes,
    geometry_kind,
    plain,
    plain_text,
)
from zibo_geo.atlas.grid import roof_cells
from zibo_geo.atlas.hillshade import hillshade_picture
from zibo_geo.atlas.plan_topics import topics_of
from zibo_geo.atlas.topics import Chart, DataTable, Metric, Overlay, Topic, Words
from zibo_geo.atlas.words import load_words
from zibo_geo.plan import Plan

ROOF_LIMIT = 150_000
ROOF_ZOOM = 13
SHAPE_LIMIT = 30_000
_COUNTY_TOLERANCE_M = 25.0
_SOURCES_SHOWN = 5
_LAYER_OF = {
    "roofs": "buildings",
    "water": "constraints",
}  # what an input layer is called on the map
_ROOF_BASE = (("county", "-"), ("use", "-"), ("height_m", "m"), ("height_source", "-"))
_ROOF_END = (("source", "-"),)

Origin = tuple[float, float]


def map_payload(
    plan: Plan,
    topics: Sequence[Topic] | None = None,
    *,
    chunked: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return everything that the page draws and writes, as JSON values.

    Roofs that do not lie beside the page are left out above :data:`ROOF_LIMIT`, and the page then says
    so. Coordinates are steps of 1e-6 degrees (0.1 m) from the area's south-west corner.

    Parameters
    ----------
    plan : Plan
        Layers and results.
    topics : sequence of Topic, optional
        In the order of their tabs; those of the plan unless given.
    chunked : mapping, optional
        How layers lie beside the page, by key, instead of in it; always the roofs, and every overlay
        of more than :data:`SHAPE_LIMIT` shapes.

    Raises
    ------
    CaseError
        A topic uses a key that ``words.csv`` lacks, or two topics use one key for different things.
    """
    shown = tuple(topics) if topics is not None else topics_of(plan)
    words = load_words()
    _check_words(shown, words)
    west, south = plan.layers.area.bounds_wgs84[:2]
    origin = (west, south)
    return {
        "title": plan.case.title,
        "origin": list(origin),
        "synthetic": sorted(plan.layers.synthetic),
        "attributions": list(plan.layers.attributions),
        "counties": _counties(plan, shown),
        "county_sources": _sources(plan, "counties", plan.layers.area.counties),
        "county_shapes": _county_shapes(plan, origin),
        "topics": [_topic(topic) for topic in shown],
        "overlays": [
            {
                **_overlay(overlay, topic.key),
                "sources": list(overlay.sources) or _sources(plan, overlay.key, overlay.frame),
                **(
                    {"chunked": chunked[overlay.key]}
                    if chunked and overlay.key in chunked
                    else _drawn(overlay, origin)
                ),
            }
            for topic in shown
            for overlay in topic.overlays
            if len(overlay.frame)
        ],
        "roofs": _roofs(plan, shown, origin, chunked=chunked),
        "hillshade": _hillshade(plan),
        "cells": _cells(plan, shown, origin),
        "words": {key: list(pair) for key, pair in words.items()},
    }


def _counties(plan: Plan, topics: Iterable[Topic]) -> list[dict[str, Any]]:
    frame = plan.layers.area.counties
    values: dict[str, pd.Series] = {}
    for topic in topics:
        for metric in topic.county_metrics:
            if topic.county_values is None:
                raise CaseError(f"The topic {topic.key!r} has county metrics but no county_values.")
            values[metric.key] = topic.county_values[metric.key].reindex(frame.index)
            values[metric.key].name = metric.unit
    return [
        {
            "id": str(key),
            "name": str(frame["name"].iloc[row]),
            "name_en": plain(frame["name_en"].iloc[row], "-") if "name_en" in frame else None,
            "values": {
                name: plain(column.iloc[row], str(column.name)) for name, column in values.items()
            },
        }
        for row, key in enumerate(frame.index)
    ]


def _county_shapes(plan: Plan, origin: Origin) -> Any:
    shapes = plan.layers.area.counties.geometry.simplify_coverage(_COUNTY_TOLERANCE_M)
    return encode_shapes(shapes, origin=origin)


def _topic(topic: Topic) -> dict[str, Any]:
    return {
        "key": topic.key,
        "summary": list(topic.summary),
        "figures": [
            {"label": item.label, "unit": item.unit, "value": plain(item.value, item.unit)}
            for item in topic.figures
        ],
        "county_metrics": [dataclasses.asdict(metric) for metric in topic.county_metrics],
        "roof_metrics": [dataclasses.asdict(metric) for metric in topic.roof_metrics],
        "roof_year": topic.roof_year,
        "roof_years": _roof_years(topic),
        "charts": [_chart(chart) for chart in topic.charts],
        "tables": [_table(table) for table in topic.tables],
    }


def _chart(chart: Chart) -> dict[str, Any]:
    numeric = all(isinstance(position, int | float) for position in chart.x)
    return {
        **{item.name: getattr(chart, item.name) for item in dataclasses.fields(chart)},
        "x": [plain(position, "1" if numeric else "-") for position in chart.x],
        "numeric": numeric,
        "series": [
            {
                "label": series.label,
                "values": [plain(value, "1") for value in series.values],  # noqa: PD011
            }
            for series in chart.series
        ],
    }


def _table(table: DataTable) -> dict[str, Any]:
    return {
        "title": table.title,
        "fields": [list(pair) for pair in table.fields],
        "rows": [
            [plain(row[column], unit) for column, unit in table.fields]
            for _, row in table.frame.iterrows()
        ],
    }


def is_large(overlay: Overlay) -> bool:
    """Whether a layer lies beside a page that has a folder: it holds too many shapes to be read at once."""
    return len(overlay.frame) > SHAPE_LIMIT and overlay.pickable


def overlay_columns(overlay: Overlay) -> list[tuple[str, str]]:
    """Return every column of a layer that the page needs, with its unit."""
    frame, style = overlay.frame, overlay.style
    columns = {column: unit for column, unit in overlay.fields if column in frame}
    for column, unit in (
        (style.by, "-" if style.categories else "1"),
        (overlay.reason, "-"),
        (overlay.year, "year"),
        (overlay.choice, "-"),
        ("county" if "county" in frame else None, "-"),
    ):
        if column is not None:
            columns.setdefault(column, unit)
    return list(columns.items())


def _overlay(overlay: Overlay, topic: str) -> dict[str, Any]:
    frame = overlay.frame
    return {
        "key": overlay.key,
        "topic": topic,
        "kind": geometry_kind(frame),
        "on": overlay.shown,
        "minimum_zoom": overlay.minimum_zoom,
        "pickable": overlay.pickable,
        "style": dataclasses.asdict(overlay.style),
        "fields": [list(pair) for pair in overlay.fields if pair[0] in frame],
        "reason": overlay.reason,
        "year": overlay.year,
        "choice": overlay.choice,
        "years": [] if overlay.year is None else _span(frame[overlay.year]),
    }


def _drawn(overlay: Overlay, origin: Origin) -> dict[str, Any]:
    frame = overlay.frame
    shapes = frame.geometry
    if overlay.simplify_m > 0.0:
        shapes = shapes.simplify(overlay.simplify_m)
    return {
        "id": [str(key) for key in frame.index],
        "name": plain_text(frame[overlay.name]) if overlay.name in frame else [""] * len(frame),
        "columns": {
            column: encode_column(frame[column], unit) for column, unit in overlay_columns(overlay)
        },
        "shapes": encode_shapes(shapes, origin=origin),
    }


def _roof_years(topic: Topic) -> list[int]:
    if topic.roof_year is None or topic.roof_values is None:
        return []
    return _span(topic.roof_values[topic.roof_year])


def _span(years: pd.Series) -> list[int]:
    known = years.dropna()
    return [int(known.min()), int(known.max())] if len(known) else []


def _sources(plan: Plan, key: str, frame: pd.DataFrame) -> list[str]:
    """Return where a layer comes from: the commonest words of its column, and its files' licences."""
    words: list[str] = []
    if "source" in frame:
        words = [str(text) for text in frame["source"].dropna().astype("str").value_counts().index]
    name = _LAYER_OF.get(key, key)
    lines = [
        line for line in plan.layers.attributions if name in line.partition(":")[0].split(", ")
    ]
    return [*words[:_SOURCES_SHOWN], *lines]


def roof_fields(topics: Iterable[Topic]) -> list[tuple[str, str]]:
    """Return what is known of a roof, in the order of its card, every column once."""
    fields = [*_ROOF_BASE]
    for topic in topics:
        fields += topic.roof_fields
        fields += [(topic.roof_year, "year")] if topic.roof_year else []
        fields += [(metric.key, metric.unit) for metric in topic.roof_metrics]
    return list(dict([*fields, *_ROOF_END]).items())


def month_columns(roofs: pd.DataFrame) -> list[str]:
    """Return the columns of the months that the roofs have: all twelve, or none without PV."""
    return [column for column in MONTH_COLUMNS if column in roofs.columns]


def roof_frame(plan: Plan, topics: Iterable[Topic]) -> gpd.GeoDataFrame:
    """Return the roofs with every topic's columns joined by building."""
    roofs = plan.roofs
    for topic in topics:
        wanted = [
            *(column for column, _ in topic.roof_fields),
            *(metric.key for metric in topic.roof_metrics),
            *([topic.roof_year] if topic.roof_year else []),
        ]
        new = [column for column in dict.fromkeys(wanted) if column not in roofs.columns]
        if not new:
            continue
        if topic.roof_values is None:
            raise CaseError(f"The topic {topic.key!r} has roof columns but no roof_values.")
        roofs = roofs.join(topic.roof_values[new])
    return roofs


def _roofs(
    plan: Plan, topics: Sequence[Topic], origin: Origin, *, chunked: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    sources = _sources(plan, "roofs", plan.layers.buildings)
    if chunked:
        return {"chunked": chunked["roofs"], "sources": sources}
    if plan.roofs.empty or len(plan.roofs) > ROOF_LIMIT:
        return None
    roofs, fields = roof_frame(plan, topics), roof_fields(topics)
    return {
        "sources": sources,
        "shapes": encode_shapes(roofs.geometry, origin=origin),
        "id": roofs.index.tolist(),
        "name": plain_text(roofs["name"]),
        "fields": [list(pair) for pair in fields],
        "columns": {column: encode_column(roofs[column], unit) for column, unit in fields},
        "months": np.round(roofs[month_columns(roofs)].to_numpy()).astype(int).ravel().tolist(),
    }


def _hillshade(plan: Plan) -> dict[str, Any] | None:
    terrain = plan.layers.terrain
    return None if terrain is None else hillshade_picture(terrain, plan.layers.area.bounds_wgs84)


def _cells(plan: Plan, topics: Sequence[Topic], origin: Origin) -> dict[str, Any] | None:
    if plan.roofs.empty:
        return None
    metrics = {metric.key: metric for topic in topics for metric in topic.roof_metrics}
    cells = roof_cells(roof_frame(plan, topics), metrics.values())
    known = [metric for metric in metrics.values() if metric.key in cells]
    fields = [("roofs", "1"), *((metric.key, metric.unit) for metric in known)]
    return {
        "shapes": encode_shapes(cells.geometry, origin=origin),
        "id": cells.index.tolist(),
        "name": [""] * len(cells),
        "fields": [list(pair) for pair in fields],
        "columns": {column: encode_column(cells[column], unit) for column, unit in fields},
    }


def _check_words(topics: Sequence[Topic], words: Mapping[str, tuple[str, str]]) -> None:
    keys = [key for topic in topics for key in _words_of(topic)]
    missing = sorted({key for key in keys if key not in words})
    if missing:
        raise CaseError(
            f"words.csv of the map lacks {', '.join(missing)}; add a row with Chinese and English for each."
        )
    overlays = [overlay.key for topic in topics for overlay in topic.overlays]
    metrics = [metric.key for topic in topics for metric in topic.county_metrics]
    for what, names in (("layer", overlays), ("county metric", metrics)):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise CaseError(f"Two of the map's topics use the {what} {twice[0]!r}; rename one.")


def _words_of(topic: Topic) -> Iterable[str]:
    yield f"topic_{topic.key}"
    for metric in topic.county_metrics:
        yield f"metric_county_{metric.key}"
        yield from _categories(metric)
    for metric in topic.roof_metrics:
        yield f"metric_roof_{metric.key}"
        yield f"field_{metric.key}"
        yield from _categories(metric)
    yield from (f"field_{column}" for column, _ in topic.roof_fields)
    yield from [f"field_{topic.roof_year}"] if topic.roof_year else []
    for overlay in topic.overlays:
        yield f"layer_{overlay.key}"
        yield from (f"field_{column}" for column, _ in overlay.fields)
        by, categories = overlay.style.by, overlay.style.categories
        yield from (f"{by}_{category.value}" for category in categories)
        yield from (f"field_{column}" for column in (by, overlay.choice) if column)
    for table in topic.tables:
        yield from (f"field_{column}" for column, _ in table.fields)
    texts: list[Words] = [item.label for item in topic.figures]
    texts += [table.title for table in topic.tables]
    for chart in topic.charts:
        texts += [chart.title, chart.x_label, chart.y_label, chart.target_label]
        texts += [series.label for series in chart.series]
    yield from (text for text in texts if isinstance(text, str) and text)


def _categories(metric: Metric) -> Iterable[str]:
    return (f"{metric.key}_{category.value}" for category in metric.categories)
