"""A layer's look as QGIS writes it: the renderer element of its XML."""

__all__ = ["Classes", "renderer"]

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal
from xml.etree.ElementTree import Element, SubElement

from zibo_geo.qgis_looks import Look

Kind = Literal["Point", "Line", "Polygon"]
_SYMBOLS: dict[Kind, tuple[str, str]] = {
    "Point": ("marker", "SimpleMarker"),
    "Line": ("line", "SimpleLine"),
    "Polygon": ("fill", "SimpleFill"),
}


@dataclass(frozen=True)
class Classes:
    """Bounds of the classes of a column of numbers; `bounds` has one more than colours are used."""

    bounds: tuple[float, ...]


def renderer(look: Look, kind: Kind, *, classes: Classes | None = None) -> Element:
    """Return the ``renderer-v2`` element of a layer (QGIS 3.22 and later).

    Parameters
    ----------
    look : Look
        How it looks.
    kind : {"Point", "Line", "Polygon"}
        What its shapes are.
    classes : Classes, optional
        Classes of the column of numbers; without them, such a layer has one colour.
    """
    if look.words and look.column:
        return _categorized(look, kind)
    if look.ramp and look.column and classes is not None and len(classes.bounds) > 1:
        return _graduated(look, kind, classes.bounds)
    made = _renderer("singleSymbol")
    made.append(_symbols([look.colour], look, kind))
    return made


def _renderer(kind: str, column: str | None = None) -> Element:
    made = Element(
        "renderer-v2", {"type": kind, "forceraster": "0", "symbollevels": "0", "enableorderby": "0"}
    )
    if column is not None:
        made.set("attr", column)
    return made


def _categorized(look: Look, kind: Kind) -> Element:
    made = _renderer("categorizedSymbol", look.column)
    listed = SubElement(made, "categories")
    colours = []
    for number, (word, (colour, legend)) in enumerate(look.words.items()):
        label = f"{legend[0]} {legend[1]}"
        SubElement(
            listed,
            "category",
            {
                "value": word,
                "label": label,
                "symbol": str(number),
                "render": "true",
                "type": "string",
            },
        )
        colours.append(colour)
    # The empty word stands for every other.
    others = {"value": "", "label": "其他 others", "symbol": str(len(colours)), "render": "true"}
    SubElement(listed, "category", {**others, "type": "string"})
    made.append(_symbols([*colours, look.colour], look, kind))
    return made


def _graduated(look: Look, kind: Kind, bounds: Sequence[float]) -> Element:
    made = _renderer("graduatedSymbol", look.column)
    made.set("graduatedMethod", "GraduatedColor")
    listed = SubElement(made, "ranges")
    colours = _spread(look.ramp, len(bounds) - 1)
    for number, (low, high) in enumerate(pairwise(bounds)):
        SubElement(
            listed,
            "range",
            {
                "lower": repr(low),
                "upper": repr(high),
                "label": f"{low:.4g} – {high:.4g}",
                "symbol": str(number),
                "render": "true",
            },
        )
    made.append(_symbols(colours, look, kind))
    return made


def _spread(ramp: tuple[str, ...], number: int) -> list[str]:
    """Return so many colours of a ramp, from its first to its last."""
    if number == 1:
        return [ramp[-1]]
    return [ramp[round(place * (len(ramp) - 1) / (number - 1))] for place in range(number)]


def _symbols(colours: Sequence[str], look: Look, kind: Kind) -> Element:
    made = Element("symbols")
    symbol_type, layer_class = _SYMBOLS[kind]
    for number, colour in enumerate(colours):
        symbol = SubElement(
            made,
            "symbol",
            {
                "type": symbol_type, "name": str(number), "alpha": "1", "clip_to_extent": "1",
                "force_rhr": "0",
            },
        )  # fmt: skip
        layer = SubElement(
            symbol, "layer", {"class": layer_class, "enabled": "1", "locked": "0", "pass": "0"}
        )
        options = SubElement(layer, "Option", {"type": "Map"})
        for name, value in _options(colour, look, kind).items():
            SubElement(options, "Option", {"name": name, "value": value, "type": "QString"})
    return made


def _options(colour: str, look: Look, kind: Kind) -> dict[str, str]:
    size = f"{look.size:g}"
    if kind == "Line":
        return {
            "line_color": _rgba(colour),
            "line_width": size,
            "line_width_unit": "MM",
            "line_style": "solid",
        }
    if kind == "Point":
        return {
            "name": "circle", "color": _rgba(colour, look.opacity), "size": f"{2.0 * look.size:g}",
            "size_unit": "MM", "outline_color": "255,255,255,255", "outline_style": "solid",
            "outline_width": "0.2", "outline_width_unit": "MM",
        }  # fmt: skip
    return {
        "color": _rgba(colour, look.opacity),
        "style": "solid" if look.filled else "no",
        "outline_color": _rgba("#52606d" if look.filled else colour),
        "outline_style": "solid" if look.filled else "dash",
        "outline_width": size,
        "outline_width_unit": "MM",
    }


def _rgba(colour: str, opacity: float = 1.0) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * opacity)}"
