"""A drawing as data: shapes and words at their places, in pixels, y down; painters turn it into SVG or PNG.

Charts and maps are laid out once, so that the page and the document show the same picture.
"""

__all__ = ["Area", "Dots", "Label", "Line", "Scene", "Shape"]

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, kw_only=True)
class Area:
    """A filled polygon: rings of (n, 2) points, holes by the even-odd rule."""

    rings: tuple[Points, ...]
    fill: str | None
    line: str | None = None
    width: float = 1.0
    opacity: float = 1.0
    dashed: bool = False


@dataclass(frozen=True, kw_only=True)
class Line:
    """Unbroken lines of (n, 2) points each."""

    parts: tuple[Points, ...]
    colour: str
    width: float = 1.0
    dashed: bool = False


@dataclass(frozen=True, kw_only=True)
class Dots:
    """Round dots of one radius at (n, 2) points."""

    places: Points
    radius: float
    colour: str
    opacity: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Label:
    """One line of words; `anchor` says which end stands at the place, `upright` turns it by 90°."""

    x: float
    y: float
    text: str
    size: float = 12.0
    anchor: Anchor = "start"
    colour: str = "#1f2933"
    bold: bool = False
    upright: bool = False
    halo: bool = False


Shape = Area | Line | Dots | Label


@dataclass(frozen=True)
class Scene:
    """A drawing of `width` by `height` pixels; later shapes lie on top.

    Attributes
    ----------
    width, height : float
        Size [px], 96 to the inch.
    title : str
        Said to people who do not see it.
    shapes : tuple of Shape
        In the order of painting.
    """

    width: float
    height: float
    title: str
    shapes: tuple[Shape, ...] = field(default=())


def rectangle(x: float, y: float, width: float, height: float) -> Points:  # noqa: PLR0917
    """Return the ring of an upright rectangle."""
    return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], dtype=float)


def text_width(text: str, size: float) -> float:
    """Return about how wide words are [px]: a full em for CJK, 0.55 em for others."""
    return sum(size if ord(character) > 0x2E7F else 0.55 * size for character in text)
