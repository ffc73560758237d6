"""Static maps laid out as scenes: layers of polygons, lines and points under a legend and a scale bar."""

__all__ = ["Entry", "MapLayer", "StaticMap", "map_scene"]

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from zibo_geo.report.chart import round_ticks
from zibo_geo.report.scene import (
    Area,
    Dots,
    Label,
    Line,
    Points,
    Scene,
    Shape,
    rectangle,
    text_width,
)

Words = tuple[str, str]
_INK = "#52606d"
_TOP, _FOOT, _MARGIN = 24.0, 30.0, 8.0
_M_PER_KM = 1000.0


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One colour of a layer: which shapes have it, and its words in the legend (none if empty)."""

    colour: str
    words: Words = ("", "")
    shapes: Any = field(default_factory=lambda: np.array([], dtype=object))


@dataclass(frozen=True, kw_only=True)
class MapLayer:
    """One layer: its entries are painted in order.

    Attributes
    ----------
    entries : tuple of Entry
        Shapes by colour, as arrays of shapely geometries in the map's metric CRS.
    size : float
        Radius of points or width of lines and outlines [px].
    filled : bool
        Whether polygons are filled or only outlined.
    parted : bool
        Whether filled polygons are parted by white lines.
    dashed : bool
        Whether lines and outlines are dashed.
    opacity : float
        Of fills and points.
    """

    entries: tuple[Entry, ...]
    size: float = 1.0
    filled: bool = True
    parted: bool = False
    dashed: bool = False
    opacity: float = 1.0


@dataclass(frozen=True, kw_only=True)
class StaticMap:
    """A map of a region.

    Attributes
    ----------
    key : str
        Name of its file.
    title : (str, str)
        In Chinese and English.
    region : GeoDataFrame
        Polygons that set the frame, in a metric CRS.
    layers : tuple of MapLayer
        From below to above.
    names : tuple of (x, y, words)
        Places of names in metres.
    """

    key: str
    title: Words
    region: gpd.GeoDataFrame
    layers: tuple[MapLayer, ...]
    names: tuple[tuple[float, float, Words], ...] = ()


@dataclass(frozen=True)
class _Frame:
    """From metres to pixels, north up."""

    west: float
    north: float
    pixels_per_m: float
    left: float
    top: float

    def places(self, coordinates: Points) -> Points:
        """Return pixels, to a tenth, of (n, 2) metres."""
        x = self.left + (coordinates[:, 0] - self.west) * self.pixels_per_m
        y = self.top + (self.north - coordinates[:, 1]) * self.pixels_per_m
        return np.asarray(np.round(np.column_stack([x, y]), 1), dtype=np.float64)

    def traces(self, shapes: Any) -> tuple[Points, ...]:
        """Return the pixels of each line or ring, without points that fall on the one before."""
        coordinates, owners = shapely.get_coordinates(shapes, return_index=True)
        places = self.places(coordinates)
        kept = np.ones(len(places), dtype=bool)
        kept[1:] = (places[1:] != places[:-1]).any(axis=1) | (owners[1:] != owners[:-1])
        places, owners = places[kept], owners[kept]
        starts = np.flatnonzero(np.diff(owners)) + 1
        return tuple(part for part in np.split(places, starts) if len(part) > 1)


def map_scene(drawn: StaticMap, language: int, *, width: float = 520.0) -> Scene:
    """Lay a map out; its height follows the region, between a half and one and a half widths.

    Parameters
    ----------
    drawn : StaticMap
        What is shown.
    language : {0, 1}
        Chinese or English.
    width : float
        Size [px].
    """
    west, south, east, north = (float(value) for value in drawn.region.total_bounds)
    across, along = max(east - west, 1.0), max(north - south, 1.0)
    room = width - 2.0 * _MARGIN
    tall = float(np.clip(room * along / across, 0.55 * room, 1.3 * room))
    scale = min(room / across, tall / along)
    frame = _Frame(west, north, scale, _MARGIN + (room - across * scale) / 2.0, _TOP)
    keys = _legend_rows(drawn, language, width)
    height = _TOP + tall + _FOOT + 16.0 * len(keys)
    shapes: list[Shape] = []
    for layer in drawn.layers:
        for entry in layer.entries:
            shapes += _painted(entry, layer, frame)
    for x, y, words in drawn.names:
        spot = frame.places(np.array([[x, y]]))[0]
        shapes.append(
            Label(x=spot[0], y=spot[1], text=words[language], size=11.0, anchor="middle", halo=True)
        )
    shapes.append(Label(x=4.0, y=16.0, text=drawn.title[language], size=13.0, bold=True, halo=True))
    shapes += _scale_bar(scale, width, _TOP + tall + 14.0)
    for row, keys_of_row in enumerate(keys):
        shapes += _legend(keys_of_row, _TOP + tall + _FOOT + 10.0 + 16.0 * row)
    return Scene(width, height, drawn.title[language], tuple(shapes))


def _painted(entry: Entry, layer: MapLayer, frame: _Frame) -> Iterable[Shape]:
    shapes, colour = np.asarray(entry.shapes, dtype=object), entry.colour
    if not len(shapes):
        return
    kinds = shapely.get_type_id(shapes)
    points, lines = shapes[kinds == 0], shapes[(kinds == 1) | (kinds == 5)]
    polygons = shapes[(kinds == 3) | (kinds == 6)]
    pixel_m = 1.0 / frame.pixels_per_m
    if len(polygons):
        parts = shapely.get_parts(shapely.simplify(polygons, 0.5 * pixel_m))
        parts = shapely.orient_polygons(parts[~shapely.is_empty(parts)], exterior_cw=False)
        rings = shapely.get_rings(parts)
        yield Area(
            rings=frame.traces(rings),
            fill=colour if layer.filled else None,
            line=("#ffffff" if layer.parted else None) if layer.filled else colour,
            width=layer.size,
            opacity=layer.opacity,
            dashed=layer.dashed,
        )
    if len(lines):
        parts = shapely.get_parts(shapely.simplify(lines, 0.5 * pixel_m))
        yield Line(
            parts=frame.traces(parts),
            colour=colour,
            width=layer.size,
            dashed=layer.dashed,
        )
    if len(points):
        yield Dots(
            places=_distinct(frame.places(shapely.get_coordinates(points))),
            radius=layer.size,
            colour=colour,
            opacity=layer.opacity,
        )


def _distinct(places: Points) -> Points:
    """Leave out dots that would lie on another within half a pixel."""
    return np.unique(np.round(2.0 * places), axis=0) / 2.0


def _legend_rows(
    drawn: StaticMap, language: int, width: float
) -> list[list[tuple[float, str, str]]]:
    """Return (x, colour, words) of the legend, broken into rows that fit."""
    rows: list[list[tuple[float, str, str]]] = [[]]
    x = _MARGIN
    for layer in drawn.layers:
        for entry in layer.entries:
            text = entry.words[language]
            if not text or not len(entry.shapes):
                continue
            wide = 30.0 + text_width(text, 11.0)
            if x + wide > width and rows[-1]:
                rows.append([])
                x = _MARGIN
            rows[-1].append((x, entry.colour, text))
            x += wide
    return rows if rows[0] else []


def _legend(keys: list[tuple[float, str, str]], y: float) -> Iterable[Shape]:
    for x, colour, text in keys:
        yield Area(rings=(rectangle(x, y - 9.0, 10.0, 10.0),), fill=colour, line=_INK, width=0.4)
        yield Label(x=x + 14.0, y=y, text=text, size=11.0, colour=_INK)


def _scale_bar(pixels_per_m: float, width: float, y: float) -> Iterable[Shape]:
    """Draw a round length of about a fifth of the width, and the way north."""
    metres = round_ticks(0.0, 0.2 * width / pixels_per_m, 1)[1]
    long = metres * pixels_per_m
    x = _MARGIN
    bar = np.array([[x, y - 4.0], [x, y], [x + long, y], [x + long, y - 4.0]])
    yield Line(parts=(bar,), colour=_INK, width=1.2)
    said = f"{metres / _M_PER_KM:g} km" if metres >= _M_PER_KM else f"{metres:g} m"
    yield Label(x=x + long + 6.0, y=y, text=said, size=11.0, colour=_INK)
    right = width - 16.0
    arrow = np.array([[right, y - 14.0], [right - 5.0, y], [right, y - 4.0], [right + 5.0, y]])
    yield Area(rings=(arrow,), fill=_INK)
    yield Label(x=right - 10.0, y=y, text="N", size=11.0, anchor="end", colour=_INK)
