"""What a result is to the map: topics, metrics, layers, figures, charts and tables, declared as data.

A result reaches the map by adding a :class:`Topic`, never by writing JavaScript. The map shows one tab
per topic; its metrics colour counties and roofs, its overlays are drawn and listed under it, its
figures, charts and tables fill the panel. Labels are keys of ``words.csv`` (Chinese and English):
``topic_<key>``, ``metric_county_<key>``, ``metric_roof_<key>``, ``layer_<key>``, ``field_<column>``,
the title and series keys of charts and tables as given, and ``<column>_<word>`` for a word of a
categorical column. A key that the table lacks is refused when the page is built, all at once.
Titles and sentences that hold numbers are given in both languages instead (``(zh, en)``).

A pipe layer, for example::

    Overlay(
        key="heat_pipes", frame=pipes, shown=True, minimum_zoom=11,
        style=Style(by="dn_mm", palette="navy", width_px=(1.5, 7.0)),
        fields=(("dn_mm", "mm"), ("length_m", "m"), ("velocity_m_s", "m/s")),
    )

and one whose colour is a word, with a sign so that it also reads in grey::

    Style(by="hosting", categories=(
        Category("green", "#009e73", "✓"), Category("yellow", "#e69f00", "!"),
        Category("red", "#d55e00", "×"),
    ))
"""

__all__ = [
    "PALETTES",
    "Category",
    "Chart",
    "DataTable",
    "Figure",
    "Metric",
    "Overlay",
    "Series",
    "Style",
    "Topic",
]

from dataclasses import dataclass, field
from typing import Literal

import geopandas as gpd
import pandas as pd

from layers.errors import CaseError, near_matches

PALETTES = ("yellow_brown", "violet", "navy", "blue_red", "cream_red", "blue_orange")
Words = str | tuple[str, str]
Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Category:
    """One word of a column, its colour and the sign that says the same in grey.

    Attributes
    ----------
    value : str
        The word as the column holds it.
    colour : str
        ``#rrggbb``.
    sign : str
        One character, drawn on points and written in the legend.
    """

    value: str
    colour: str
    sign: str = ""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One column that counties or roofs are coloured by.

    Attributes
    ----------
    key : str
        Column of the topic's ``county_values`` or ``roof_values``.
    unit : str
        As printed; ``"%"`` for a share 0-1, ``"1"`` for a count, ``"-"`` for words.
    palette : str
        One of :data:`PALETTES`, light to dark, or diverging around `centre`.
    sums : bool
        Whether the values of counties or roofs may be added up.
    breaks : tuple of float
        Upper bounds of the classes but the last; quantiles unless given.
    categories : tuple of Category
        For a column of words.
    centre : float, optional
        Where a diverging palette turns, for example the tariff.
    """

    key: str
    unit: str
    palette: str = "yellow_brown"
    sums: bool = False
    breaks: tuple[float, ...] = ()
    categories: tuple[Category, ...] = ()
    centre: float | None = None

    def __post_init__(self) -> None:
        _check_palette(self.palette, f"metric {self.key!r}")


@dataclass(frozen=True, kw_only=True)
class Style:
    """How the shapes of a layer look.

    Attributes
    ----------
    colour : str
        Of every shape that `by` does not colour.
    by : str, optional
        Column that colours: words with `categories`, numbers with `palette`.
    categories : tuple of Category
        Colours and signs of the words; other words take `colour`.
    palette : str
        For a column of numbers.
    width_px : (float, float)
        Width of lines; from the first to the second with the number in `by` (square root).
    radius_px : float
        Radius of points at zoom 14; it shrinks with the zoom, to a half at zoom 9.
    fill_opacity : float
        Of polygons.
    dashed : bool
        Whether lines and outlines are dashed.
    """

    colour: str = "#52606d"
    by: str | None = None
    categories: tuple[Category, ...] = ()
    palette: str = "navy"
    width_px: tuple[float, float] = (1.2, 1.2)
    radius_px: float = 5.0
    fill_opacity: float = 0.25
    dashed: bool = False

    def __post_init__(self) -> None:
        _check_palette(self.palette, "a style")


@dataclass(frozen=True, kw_only=True)
class Overlay:
    """One layer of points, lines or polygons.

    Attributes
    ----------
    key : str
        Names the layer; ``layer_<key>`` is its word.
    frame : GeoDataFrame
        In any CRS; the index is the id. An empty frame makes no layer.
    fields : tuple of (column, unit)
        What the card shows and the filter offers; a column that the frame lacks is left out.
    style : Style
        Looks.
    shown : bool
        Whether it is drawn at first.
    minimum_zoom : int
        Zoom from which it is drawn.
    pickable : bool
        Whether a click opens its card.
    name : str
        Column of the display name.
    reason : str, optional
        Column with a sentence that says why, in the frame's language.
    year : str, optional
        Column of the year of appearance; the page then shows a year slider at its foot.
    choice : str, optional
        Column of words of which one is shown at a time, such as the scenario of an outage; the page then
        shows a chooser at its foot, first on the first row's word. Layers with the same column share it.
    sources : tuple of str
        Sources with their licences, shown under the layer; the words of the frame's column ``source``
        unless given.
    simplify_m : float
        Tolerance of simplification [m].
    """

    key: str
    frame: gpd.GeoDataFrame
    fields: Fields = ()
    style: Style = field(default_factory=Style)
    shown: bool = False
    minimum_zoom: int = 0
    pickable: bool = True
    name: str = "name"
    reason: str | None = None
    year: str | None = None
    choice: str | None = None
    sources: tuple[str, ...] = ()
    simplify_m: float = 0.0

    def __post_init__(self) -> None:
        wanted = [self.style.by, self.reason, self.year, self.choice]
        missing = [column for column in wanted if column and column not in self.frame.columns]
        if missing and len(self.frame):
            raise CaseError(
                f"The map layer {self.key!r} is styled by {missing[0]!r}, which its table lacks; "
                f"name one of its columns{near_matches(missing[0], list(self.frame.columns))}"
            )


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One key figure of the panel: a word, a value and its unit."""

    label: Words
    value: float
    unit: str = "1"


@dataclass(frozen=True, kw_only=True)
class Series:
    """One named row of numbers of a chart; NaN leaves a gap."""

    label: Words
    values: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One small chart of the panel.

    Attributes
    ----------
    title, x_label, y_label : str or (str, str)
        Words.
    kind : {"bars", "lines", "steps", "points"}
        Steps hold each value until the next x (a supply or a duration curve).
    x : tuple of float or str
        Positions, or labels of bars.
    series : tuple of Series
        Each as long as `x`.
    x_unit, y_unit : str
        Units on the axes.
    target : float, optional
        A thin dashed line, for example the plan's target or the tariff.
    target_label : str or (str, str), optional
        Its word.
    """

    title: Words
    kind: Literal["bars", "lines", "steps", "points"]
    x: tuple[float | str, ...]
    series: tuple[Series, ...]
    x_label: Words = ""
    y_label: Words = ""
    x_unit: str = ""
    y_unit: str = ""
    target: float | None = None
    target_label: Words = ""

    def __post_init__(self) -> None:
        for series in self.series:
            if len(series.values) != len(self.x):
                raise CaseError(
                    f"The chart {self.title!r} has {len(self.x)} positions, but the series "
                    f"{series.label!r} has {len(series.values)} values; give one value per position."
                )


@dataclass(frozen=True, kw_only=True)
class DataTable:
    """One table of the panel; its columns are named by ``field_<column>``."""

    title: Words
    frame: pd.DataFrame
    fields: Fields


@dataclass(frozen=True, kw_only=True)
class Topic:
    """One tab of the map.

    Attributes
    ----------
    key : str
        ``topic_<key>`` is its word.
    summary : (str, str)
        A sentence in Chinese and English; empty for none.
    figures : tuple of Figure
        Key figures.
    county_metrics, county_values : tuple of Metric, DataFrame
        Metrics of counties and their values, keyed by county.
    roof_metrics, roof_values, roof_fields : tuple of Metric, DataFrame, tuple of (column, unit)
        Metrics of roofs, their values keyed by building, and what the card of a roof adds. Columns
        must differ from those of other topics, unless they are the same values.
    roof_year : str, optional
        Column of `roof_values` with the year in which a roof is built; up to the year chosen at the foot
        of the map, later roofs have no colour.
    overlays, charts, tables : tuple
        In the order they are shown; later overlays lie on top.
    """

    key: str
    summary: tuple[str, str] = ("", "")
    figures: tuple[Figure, ...] = ()
    county_metrics: tuple[Metric, ...] = ()
    county_values: pd.DataFrame | None = None
    roof_metrics: tuple[Metric, ...] = ()
    roof_values: pd.DataFrame | None = None
    roof_fields: Fields = ()
    roof_year: str | None = None
    overlays: tuple[Overlay, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[DataTable, ...] = ()


def _check_palette(palette: str, where: str) -> None:
    if palette not in PALETTES:
        raise CaseError(
            f"The map's {where} names the palette {palette!r}; choose one of {', '.join(PALETTES)}."
        )
