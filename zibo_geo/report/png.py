"""Paints a scene as PNG with matplotlib, in a font that has Chinese; documents and figures need it."""

__all__ = ["CJK_FAMILIES", "chinese_font", "has_matplotlib", "png"]

import warnings
from importlib.util import find_spec
from io import BytesIO
from typing import Any

import numpy as np

from zibo_geo.report.scene import Area, Dots, Label, Line, Scene, Shape

# In the order they are looked for: Linux, Windows, macOS.
CJK_FAMILIES = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei", "Microsoft YaHei", "SimHei", "SimSun", "PingFang SC", "Hiragino Sans GB",
    "Heiti SC", "STHeiti", "Arial Unicode MS", "Noto Sans CJK JP", "Noto Serif CJK SC",
)  # fmt: skip
_PIXELS_PER_INCH = 96.0
_POINTS_PER_PIXEL = 0.75
_DOTS_PER_INCH = 192
_ALIGN = {"start": "left", "middle": "center", "end": "right"}


def has_matplotlib() -> bool:
    """Tell whether matplotlib is installed."""
    return find_spec("matplotlib") is not None


def chinese_font() -> str | None:
    """Return the first installed family with Chinese letters; nothing where there is none."""
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    return next((family for family in CJK_FAMILIES if family in installed), None)


def png(scene: Scene, *, family: str | None = None) -> bytes:
    """Return the scene as PNG at twice the pixels of a screen.

    Parameters
    ----------
    scene : Scene
        What is painted.
    family : str, optional
        Font of the words; matplotlib's own, which has no Chinese, unless given.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(
        figsize=(scene.width / _PIXELS_PER_INCH, scene.height / _PIXELS_PER_INCH),
        dpi=_DOTS_PER_INCH,
        facecolor="white",
    )
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_xlim(0.0, scene.width)
    axes.set_ylim(scene.height, 0.0)
    for order, shape in enumerate(scene.shapes):
        _paint(axes, shape, order=order, family=family)
    held = BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        figure.savefig(held, format="png", metadata={"Software": None})
    return held.getvalue()


def _paint(axes: Any, shape: Shape, *, order: int, family: str | None) -> None:
    from matplotlib.collections import LineCollection, PathCollection
    from matplotlib.patches import PathPatch

    if isinstance(shape, Area):
        patch = PathPatch(
            _outline(shape),
            facecolor=_faded(shape.fill, shape.opacity),
            edgecolor=shape.line or "none",
            linewidth=shape.width * _POINTS_PER_PIXEL,
            linestyle=(0, (5, 3)) if shape.dashed else "solid",
            zorder=order,
        )
        axes.add_patch(patch)
    elif isinstance(shape, Line):
        axes.add_collection(
            LineCollection(
                [part for part in shape.parts if len(part) > 1],
                colors=shape.colour,
                linewidths=shape.width * _POINTS_PER_PIXEL,
                linestyles=[(0, (5, 3))] if shape.dashed else "solid",
                zorder=order,
            ),
            autolim=False,
        )
    elif isinstance(shape, Dots):
        from matplotlib.path import Path as Outline
        from matplotlib.transforms import IdentityTransform

        dots = PathCollection(
            [Outline.unit_circle()],
            sizes=[(shape.radius * _POINTS_PER_PIXEL) ** 2],
            offsets=shape.places,
            offset_transform=axes.transData,
            facecolors=_faded(shape.colour, shape.opacity),
            edgecolors="none",
            zorder=order,
        )
        dots.set_transform(IdentityTransform())  # the circle is in points, only its place in data
        axes.add_collection(dots, autolim=False)
    else:
        _write(axes, shape, order=order, family=family)


def _write(axes: Any, label: Label, *, order: int, family: str | None) -> None:
    from matplotlib import patheffects

    words = axes.text(
        label.x,
        label.y,
        _plain(label.text),
        fontsize=label.size * _POINTS_PER_PIXEL,
        ha="left" if label.upright else _ALIGN[label.anchor],
        va="baseline",
        color=label.colour,
        fontweight="bold" if label.bold else "normal",
        fontfamily=[family, "DejaVu Sans"] if family else ["DejaVu Sans"],
        zorder=order,
        parse_math=False,
    )
    if label.upright:
        words.set_rotation(90)
        words.set_ha("right")
        words.set_va({"start": "bottom", "middle": "center", "end": "top"}[label.anchor])
    if label.halo:
        words.set_path_effects([patheffects.withStroke(linewidth=2.2, foreground="white")])


def _outline(area: Area) -> Any:
    from matplotlib.path import Path as Outline

    parts = []
    for ring in area.rings:
        if len(ring) < 3:
            continue
        codes = np.full(len(ring) + 1, Outline.LINETO, dtype=np.uint8)
        codes[0], codes[-1] = Outline.MOVETO, Outline.CLOSEPOLY
        parts.append(Outline(np.vstack([ring, ring[:1]]), codes))
    return Outline.make_compound_path(*parts) if parts else Outline(np.zeros((0, 2)))


def _faded(colour: str | None, opacity: float) -> Any:
    from matplotlib.colors import to_rgba

    return "none" if colour is None else to_rgba(colour, opacity)


def _plain(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())
