"""The topics of a plan: which results the map shows, under which tab, in which colours.

To show a new result, add it to the topic it belongs to (or a new topic to :func:`topics_of`) and its
words to ``words.csv``; see :mod:`zibo_geo.atlas.topics`.
"""

__all__ = ["topics_of"]

from zibo_geo.atlas.heat_topic import heat_topic
from zibo_geo.atlas.pv_topic import pv_topic
from zibo_geo.atlas.siting_topic import stations_topic
from zibo_geo.atlas.targets_topic import targets_topic
from zibo_geo.atlas.topics import Category, Metric, Overlay, Style, Topic
from zibo_geo.plan import Plan

# Okabe-Ito colours, safe for colour-blind readers; the sign says the same in grey.
_ORANGE, _SKY, _GREEN, _YELLOW = "#e69f00", "#56b4e9", "#009e73", "#f0e442"
_BLUE, _RED, _PINK, _BLACK = "#0072b2", "#d55e00", "#cc79a7", "#3e4c59"
_USES = (
    Category("rural_home", _ORANGE, "R"),
    Category("apartment", _YELLOW, "A"),
    Category("government", _BLUE, "G"),
    Category("school", _SKY, "S"),
    Category("kindergarten", _SKY, "K"),
    Category("hospital", _RED, "H"),
    Category("public", _BLUE, "P"),
    Category("office", _PINK, "O"),
    Category("shop", _PINK, "B"),
    Category("hotel", _PINK, "T"),
    Category("industrial", _GREEN, "I"),
    Category("warehouse", _GREEN, "W"),
)
_MAJOR_STREETS = ("motorway", "trunk", "primary", "secondary")


def topics_of(plan: Plan) -> tuple[Topic, ...]:
    """Return the topics of a plan in the order of their tabs."""
    pv = () if plan.pv is None else (pv_topic(plan, plan.pv),)
    targets = () if plan.targets is None else (targets_topic(plan.targets),)
    return (*pv, heat_topic(plan), stations_topic(plan), *targets, base_topic(plan))


def base_topic(plan: Plan) -> Topic:
    """Return the ground: water, parks and streets."""
    layers = plan.layers
    streets, constraints = layers.streets, layers.constraints
    major = streets[streets["street_class"].isin(_MAJOR_STREETS)] if len(streets) else streets
    water = constraints[constraints["kind"] == "water"] if len(constraints) else constraints
    return Topic(
        key="base",
        roof_metrics=(
            Metric(key="use", unit="-", categories=_USES),
            Metric(key="height_m", unit="m", palette="navy"),
        ),
        roof_values=plan.roofs,
        overlays=(
            Overlay(
                key="water",
                frame=water,
                shown=True,
                style=Style(colour="#9fb8c9", fill_opacity=0.8),
                simplify_m=5.0,
                pickable=False,
            ),
            Overlay(
                key="parks",
                frame=layers.parks,
                shown=True,
                fields=(("kind", "-"), ("level", "-"), ("confidence", "-"), ("source", "-")),
                style=Style(colour="#7b3294", fill_opacity=0.06, dashed=True),
                minimum_zoom=10,
                simplify_m=5.0,
            ),
            Overlay(
                key="streets",
                frame=major if len(major) else streets,
                shown=True,
                style=Style(
                    colour="#b8c1ca",
                    by="street_class",
                    categories=(Category("motorway", "#8c99a6"), Category("trunk", "#8c99a6")),
                    width_px=(1.2, 1.2),
                ),
                simplify_m=15.0,
                pickable=False,
            ),
        ),
    )
