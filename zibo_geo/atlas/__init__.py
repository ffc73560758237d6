"""The map that people open: one Folium page, its data, its words and its vendored libraries."""

from zibo_geo.atlas.folder import write_atlas
from zibo_geo.atlas.page import build_map

__all__ = ["build_map", "write_atlas"]
