"""The map that people open: one Folium page, its data, its words and its vendored libraries."""

from zibo_geo.atlas.comparison import write_comparison
from zibo_geo.atlas.folder import atlas_size, write_atlas
from zibo_geo.atlas.page import build_map

__all__ = ["atlas_size", "build_map", "write_atlas", "write_comparison"]
