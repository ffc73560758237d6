"""Charts laid out as scenes: grouped bars, lines, steps and points on plain axes with round numbers."""

__all__ = ["Chart", "Series", "chart_scene", "round_ticks"]

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from zibo_geo.report.scene import Area, Dots, Label, Line, Scene, Shape, rectangle, text_width
from zibo_geo.summary import significant

Words = tuple[str, str]
EMPTY: Words = ("没有数据", "no data")
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9")  # Okabe-Ito
_INK, _PALE, _RED = "#52606d", "#d9dee3", "#d55e00"
_LEFT, _RIGHT, _TOP, _BOTTOM = 62.0, 16.0, 52.0, 44.0


@dataclass(frozen=True, kw_only=True)
class Series:
    """One named row of numbers; those not finite are left out.

    Attributes
    ----------
    label : (str, str)
        In Chinese and English.
    y : tuple of float
        One per position.
    x : tuple of float
        Positions; bars have labels instead.
    """

    label: Words
    y: tuple[float, ...]
    x: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One chart.

    Attributes
    ----------
    key : str
        Name of its file.
    title, x_label, y_label : (str, str)
        Words, with the unit in the labels.
    kind : {"bars", "lines", "steps", "points"}
        Steps rise at their own position and hold the value back to the one before (a supply curve).
    series : tuple of Series
        Drawn in order, coloured in order.
    labels : tuple of (str, str)
        Of the groups of bars.
    target : float, optional
        A dashed line across, with its words.
    percent : bool
        Whether values are shares 0-1, written in percent.
    """

    key: str
    title: Words
    kind: Literal["bars", "lines", "steps", "points"]
    series: tuple[Series, ...]
    labels: tuple[Words, ...] = ()
    x_label: Words = ("", "")
    y_label: Words = ("", "")
    target: float | None = None
    target_label: Words = ("", "")
    percent: bool = False


def round_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Return round numbers that cover a range.

    Examples
    --------
    >>> round_ticks(0.0, 87.0)
    [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]
    >>> round_ticks(0.0, 0.0)
    [0.0, 1.0]
    """
    if not high > low:
        return [low, low + 1.0]
    raw = (high - low) / about
    base = 10.0 ** math.floor(math.log10(raw))
    step = next(
        base * factor for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if raw <= base * factor * 1.0001
    )
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


@dataclass(frozen=True)
class _Axes:
    """Where numbers lie on the drawing."""

    x_range: tuple[float, float]
    y_range: tuple[float, float]
    width: float
    height: float

    def x(self, value: float) -> float:
        """Return the place of a position [px]."""
        low, high = self.x_range
        return _LEFT + (value - low) / (high - low) * (self.width - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        """Return the place of a value [px]."""
        low, high = self.y_range
        return self.height - _BOTTOM - (value - low) / (high - low) * (self.height - _TOP - _BOTTOM)


def chart_scene(
    chart: Chart, language: int, *, width: float = 520.0, height: float = 236.0
) -> Scene:
    """Lay a chart out.

    Parameters
    ----------
    chart : Chart
        What is shown; a chart without a finite value says so.
    language : {0, 1}
        Chinese or English.
    width, height : float
        Size [px].
    """
    title = chart.title[language]
    head = Label(x=4.0, y=16.0, text=title, size=13.0, bold=True)
    finite = [v for series in chart.series for v in series.y if math.isfinite(v)]
    if not finite:
        note = Label(
            x=width / 2.0, y=height / 2.0, text=EMPTY[language], anchor="middle", colour=_INK
        )
        return Scene(width, height, title, (head, note))
    reach = [*finite, 0.0] if chart.kind == "bars" else finite
    reach = [*reach, chart.target] if chart.target is not None else reach
    low, high = min(reach), max(reach)
    if chart.kind != "points" and low > 0.0 and (chart.kind == "steps" or low < 0.5 * high):
        low = 0.0
    y_ticks = round_ticks(low, high)
    x_ticks = _x_ticks(chart)
    axes = _Axes((x_ticks[0], x_ticks[-1]), (y_ticks[0], y_ticks[-1]), width, height)
    shapes: list[Shape] = [head, *_grid(chart, axes, y_ticks, language=language)]
    if chart.kind == "bars":
        shapes += _bars(chart, axes, language=language)
    else:
        shapes += _positions(x_ticks, axes)
        shapes += _curves(chart, axes)
    if chart.target is not None:
        shapes += _target(chart, axes, language=language)
    if len(chart.series) > 1:
        shapes += _legend(chart, language=language)
    return Scene(width, height, title, tuple(shapes))


def _x_ticks(chart: Chart) -> list[float]:
    if chart.kind == "bars":
        return [0.0, float(max(len(chart.labels), 1))]
    places = [v for series in chart.series for v in series.x if math.isfinite(v)]
    low = min(places) if chart.kind == "points" else min(0.0, *places)
    return round_ticks(low, max(places), 6)


def _grid(chart: Chart, axes: _Axes, ticks: list[float], *, language: int) -> Iterable[Shape]:
    right = axes.width - _RIGHT
    for tick in ticks:
        y = axes.y(tick)
        colour, width = (_INK, 1.0) if tick == 0.0 else (_PALE, 0.7)
        yield Line(parts=(np.array([[_LEFT, y], [right, y]]),), colour=colour, width=width)
        text = f"{100.0 * tick:.4g} %" if chart.percent else significant(tick)
        yield Label(x=_LEFT - 5.0, y=y + 4.0, text=text, size=11.0, anchor="end", colour=_INK)
    yield Label(x=4.0, y=34.0, text=chart.y_label[language], size=11.0, colour=_INK)
    yield Label(
        x=(_LEFT + right) / 2.0,
        y=axes.height - 6.0,
        text=chart.x_label[language],
        size=11.0,
        anchor="middle",
        colour=_INK,
    )


def _positions(ticks: list[float], axes: _Axes) -> Iterable[Shape]:
    for tick in ticks:
        text = significant(tick)
        y = axes.height - _BOTTOM + 15.0
        yield Label(x=axes.x(tick), y=y, text=text, size=11.0, anchor="middle", colour=_INK)


def _bars(chart: Chart, axes: _Axes, *, language: int) -> Iterable[Shape]:
    slot = axes.x(1.0) - axes.x(0.0)
    thick = 0.72 * slot / max(len(chart.series), 1)
    for place, label in enumerate(chart.labels):
        for number, series in enumerate(chart.series):
            value = series.y[place]
            if not math.isfinite(value):
                continue
            x = axes.x(place) + 0.14 * slot + number * thick
            top, foot = sorted((axes.y(value), axes.y(0.0)))
            ring = rectangle(x, top, 0.92 * thick, max(foot - top, 0.3))
            yield Area(rings=(ring,), fill=COLOURS[number % len(COLOURS)])
        yield from _group(label[language], axes.x(place) + slot / 2.0, slot, axes)


def _group(text: str, middle: float, slot: float, axes: _Axes) -> Iterable[Shape]:  # noqa: PLR0917
    """Write the name of a group of bars, in two lines where it is long, smaller if still too wide."""
    words = text.split(" ")
    lines = [text]
    if text_width(text, 11.0) > slot - 4.0 and len(words) > 1:
        half = (len(words) + 1) // 2
        lines = [" ".join(words[:half]), " ".join(words[half:])]
    widest = max(text_width(line, 11.0) for line in lines)
    size = min(11.0, 11.0 * (slot - 4.0) / max(widest, 1.0))
    if size < 6.0:
        return
    for number, line in enumerate(lines):
        y = axes.height - _BOTTOM + 15.0 + 12.0 * number
        yield Label(x=middle, y=y, text=line, size=size, anchor="middle", colour=_INK)


def _curves(chart: Chart, axes: _Axes) -> Iterable[Shape]:
    for number, series in enumerate(chart.series):
        colour = COLOURS[number % len(COLOURS)]
        pairs = np.array(
            [
                (axes.x(x), axes.y(y))
                for x, y in zip(series.x, series.y, strict=True)
                if math.isfinite(x) and math.isfinite(y)
            ]
        ).reshape(-1, 2)
        if chart.kind == "points":
            # Of series that meet, the ones below still show around those above.
            yield Dots(
                places=pairs, radius=5.5 if number + 1 < len(chart.series) else 3.5, colour=colour
            )
        elif chart.kind == "steps":
            yield Line(parts=(_stairs(pairs, axes.x(axes.x_range[0])),), colour=colour, width=1.8)
        else:
            yield Line(parts=(pairs,), colour=colour, width=1.8)


def _stairs(pairs: np.ndarray, start: float) -> np.ndarray:
    """Hold each value from the position before it (or the start) up to its own."""
    if not len(pairs):
        return pairs
    left = np.r_[start, pairs[:-1, 0]]
    return np.column_stack(
        [np.column_stack([left, pairs[:, 0]]).ravel(), np.repeat(pairs[:, 1], 2)]
    )


def _target(chart: Chart, axes: _Axes, *, language: int) -> Iterable[Shape]:
    y = axes.y(float(chart.target or 0.0))
    right = axes.width - _RIGHT
    yield Line(parts=(np.array([[_LEFT, y], [right, y]]),), colour=_RED, width=1.3, dashed=True)
    yield Label(
        x=right, y=y - 4.0, text=chart.target_label[language], size=11.0, anchor="end",
        colour=_RED, halo=True,
    )  # fmt: skip


def _legend(chart: Chart, *, language: int) -> Iterable[Shape]:
    x = _LEFT + text_width(chart.y_label[language], 11.0) + 8.0
    for number, series in enumerate(chart.series):
        text = series.label[language]
        ring = rectangle(x, 26.0, 9.0, 9.0)
        yield Area(rings=(ring,), fill=COLOURS[number % len(COLOURS)])
        yield Label(x=x + 13.0, y=34.0, text=text, size=11.0, colour=_INK)
        x += 25.0 + text_width(text, 11.0)
