"""The Folium map: frame, libraries, payload and our own script."""

__all__ = ["build_map"]

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

import folium
from branca.element import Element

from zibo_geo.atlas.assets import own_script, own_style, third_party_head
from zibo_geo.atlas.payload import map_payload
from zibo_geo.atlas.topics import Topic
from zibo_geo.plan import Plan

_TILE_HOSTS = (
    "https://tile.openstreetmap.org",
    "https://*.is.autonavi.com",
    "https://*.tianditu.gov.cn",
)
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


def build_map(
    plan: Plan,
    *,
    topics: Sequence[Topic] | None = None,
    chunked: Mapping[str, Any] | None = None,
    compared: bool = False,
    tianditu_key: str | None = None,
) -> folium.Map:
    """Return the interactive map of a plan.

    Parameters
    ----------
    plan : Plan
        Layers and results; nothing is computed here.
    topics : sequence of Topic, optional
        What is shown, in the order of the tabs; everything the plan knows unless given.
    chunked : mapping, optional
        How layers lie beside the page; :func:`zibo_geo.atlas.folder.write_atlas` gives it.
    compared : bool
        Whether ``compare.html`` stands beside the page, for a link to it.
    tianditu_key : str, optional
        Written into the page as it is; everybody who has the page can read it.

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
    head, online = third_party_head(tiles=chunked is not None)
    figure: Any = page.get_root()
    figure.header.add_child(_Verbatim(head), name="zg-third-party")
    figure.header.add_child(_Verbatim(f"<style>{own_style()}</style>"), name="zg-style")
    payload = {**map_payload(plan, topics, chunked=chunked), "online": online}
    payload |= {"compared": compared, "tianditu_key": tianditu_key or ""}
    figure.html.add_child(
        _Verbatim(
            f'<script type="application/json" id="zg-data">{json_in_markup(payload)}</script>'
        ),
        name="zg-data",
    )
    cast("Any", page).render()
    figure.script.add_child(_Verbatim(own_script()), name="zg-app")
    figure.script.add_child(_Verbatim(f"zgStart({page.get_name()});"), name="zg-start")
    policy = content_policy(figure.render(), chunked=chunked is not None, online=online)
    markup = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    figure.header.add_child(_Verbatim(markup), name="zg-policy", index=0)
    return page


def content_policy(markup: str, *, chunked: bool, online: bool) -> str:
    """Return the content security policy of a page: only the scripts that it holds now may run.

    Parameters
    ----------
    markup : str
        The page; every script in it is named by its digest.
    chunked : bool
        Whether data lies beside the page, as scripts of its own origin.
    online : bool
        Whether the libraries come from the CDN.
    """
    scripts = re.findall(
        r"<script(?:\s+type=\"text/javascript\")?>(.*?)</script>", markup, re.DOTALL
    )
    allowed = [
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode()}'"
        for text in scripts
    ]
    allowed += ["'self'", "file:"] if chunked else []
    cdn = ["https://cdn.jsdelivr.net"] if online else []
    rules = (
        ("default-src", ["'none'"]),
        ("script-src", [*allowed, *cdn]),
        ("style-src", ["'unsafe-inline'", *cdn]),
        ("img-src", ["data:", "blob:", *_TILE_HOSTS]),
        ("base-uri", ["'none'"]),
        ("form-action", ["'none'"]),
    )
    return "; ".join(f"{name} {' '.join(values)}" for name, values in rules)


def json_in_markup(values: Any) -> str:
    r"""Return JSON that cannot end the element it stands in.

    Examples
    --------
    >>> json_in_markup({"name": "</script>"})
    '{"name":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.translate(_ESCAPES)
