"""Lays out any picture of a document, chart or map."""

__all__ = ["PICTURE_PX", "picture_scene"]

from zibo_geo.report.chart import Chart, chart_scene
from zibo_geo.report.scene import Scene
from zibo_geo.report.static_map import StaticMap, map_scene

PICTURE_PX = 520.0


def picture_scene(drawn: Chart | StaticMap, language: int) -> Scene:
    """Return a chart or a map at the width of half a page."""
    if isinstance(drawn, Chart):
        return chart_scene(drawn, language, width=PICTURE_PX)
    return map_scene(drawn, language, width=PICTURE_PX)
