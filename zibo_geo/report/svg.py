"""Paints a scene as SVG text: no font, file or library is needed, and every word stays text."""

__all__ = ["svg"]

from html import escape

import numpy as np

from zibo_geo.report.scene import Area, Dots, Label, Line, Points, Scene, Shape

_DASH = ' stroke-dasharray="5 3"'


def svg(scene: Scene) -> str:
    """Return the scene as one ``<svg>`` element."""
    body = "".join(_painted(shape) for shape in scene.shapes)
    size = f"{scene.width:g} {scene.height:g}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img" '
        f'width="{scene.width:g}" height="{scene.height:g}" aria-label="{_safe(scene.title)}">'
        f"<title>{_safe(scene.title)}</title>{body}</svg>"
    )


def _painted(shape: Shape) -> str:
    if isinstance(shape, Area):
        path = "".join(_path(ring) + "Z" for ring in shape.rings if len(ring))
        line = f' stroke="{shape.line}" stroke-width="{shape.width:g}"' if shape.line else ""
        dash = _DASH if shape.dashed else ""
        return (
            f'<path d="{path}" fill="{shape.fill or "none"}" fill-rule="evenodd" '
            f'fill-opacity="{shape.opacity:g}"{line}{dash}/>'
        )
    if isinstance(shape, Line):
        path = "".join(_path(part) for part in shape.parts if len(part) > 1)
        dash = _DASH if shape.dashed else ""
        return (
            f'<path d="{path}" fill="none" stroke="{shape.colour}" stroke-width="{shape.width:g}" '
            f'stroke-linejoin="round"{dash}/>'
        )
    if isinstance(shape, Dots):
        # A dot is a line without length and with round ends: one path for thousands of them.
        spots = np.round(shape.places, 1)
        path = "".join(f"M{x:g} {y:g}h0" for x, y in spots)
        return (
            f'<path d="{path}" fill="none" stroke="{shape.colour}" stroke-linecap="round" '
            f'stroke-opacity="{shape.opacity:g}" stroke-width="{2.0 * shape.radius:g}"/>'
        )
    return _words(shape)


def _words(label: Label) -> str:
    turn = f' transform="rotate(-90 {label.x:g} {label.y:g})"' if label.upright else ""
    bold = ' font-weight="600"' if label.bold else ""
    halo = ' stroke="#ffffff" stroke-width="3" paint-order="stroke"' if label.halo else ""
    return (
        f'<text x="{label.x:.1f}" y="{label.y:.1f}" font-size="{label.size:g}" fill="{label.colour}" '
        f'text-anchor="{label.anchor}"{bold}{halo}{turn}>{_safe(label.text)}</text>'
    )


def _path(points: Points) -> str:
    first, *rest = np.round(points, 1).tolist()
    moves = "".join([f"L{x:g} {y:g}" for x, y in rest]) or "h0"
    return f"M{first[0]:g} {first[1]:g}{moves}"


def _safe(text: str) -> str:
    """Escape words and leave out what XML does not allow."""
    return escape("".join(letter for letter in text if letter.isprintable()), quote=True)
