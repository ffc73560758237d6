"""The Folium map: frame, libraries, payload and our own script."""

__all__ = ["build_map"]

import json
from collections.abc import Sequence
from typing import Any, cast

import folium
from branca.element import Element

from zibo_geo.atlas.assets import own_script, own_style, third_party_head
from zibo_geo.atlas.payload import map_payload
from zibo_geo.atlas.topics import Topic
from zibo_geo.plan import Plan

_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


class _FixedTemplate:
    """Stands where branca expects a template, and runs none."""

    def __init__(self, markup: str) -> None:
        self._markup = markup

    def render(self, this: object, kwargs: object) -> str:  # noqa: ARG002
        return self._markup


class _Verbatim(Element):
    """Markup that is written as it is; branca would run its own elements through a template engine."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self._template: Any = _FixedTemplate(markup)


def build_map(plan: Plan, *, topics: Sequence[Topic] | None = None) -> folium.Map:
    """Return the interactive map of a plan.

    Parameters
    ----------
    plan : Plan
        Layers and results; nothing is computed here.
    topics : sequence of Topic, optional
        What is shown, in the order of the tabs; everything the plan knows unless given.

    Returns
    -------
    folium.Map
        Self-contained when the third-party files are vendored; ``.save(path)`` writes it.
    """
    west, south, east, north = plan.layers.area.bounds_wgs84
    page = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=9,
        tiles=None,
        prefer_canvas=True,
        zoom_control="topright",
        attribution_control=False,
        min_zoom=3,
        max_zoom=20,
    )
    # Only Leaflet is needed of what Folium would link; it comes from our own vendored copy.
    page.default_js, page.default_css = [], []
    head, online = third_party_head()
    figure: Any = page.get_root()
    figure.header.add_child(_Verbatim(head), name="zg-third-party")
    figure.header.add_child(_Verbatim(f"<style>{own_style()}</style>"), name="zg-style")
    payload = {**map_payload(plan, topics), "online": online}
    figure.html.add_child(
        _Verbatim(
            f'<script type="application/json" id="zg-data">{json_in_markup(payload)}</script>'
        ),
        name="zg-data",
    )
    cast("Any", page).render()
    figure.script.add_child(_Verbatim(own_script()), name="zg-app")
    figure.script.add_child(_Verbatim(f"zgStart({page.get_name()});"), name="zg-start")
    return page


def json_in_markup(values: Any) -> str:
    r"""Return JSON that cannot end the element it stands in.

    Examples
    --------
    >>> json_in_markup({"name": "</script>"})
    '{"name":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.translate(_ESCAPES)
