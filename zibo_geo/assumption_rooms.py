"""Which rooms have assumptions that a case may override, under ``[assumptions.<room>]``."""

__all__ = ["ASSUMPTION_ROOMS"]

from collections.abc import Mapping
from types import MappingProxyType

from layers.assumptions import Assumptions
from layers.building_assumptions import BuildingAssumptions
from layers.street_assumptions import StreetAssumptions
from rooftop_pv.assumptions import RooftopPvAssumptions
from rooftop_pv.layout_assumptions import LayoutAssumptions
from rooftop_pv.shading_assumptions import ShadingAssumptions

ASSUMPTION_ROOMS: Mapping[str, type[Assumptions]] = MappingProxyType(
    {
        "buildings": BuildingAssumptions,
        "streets": StreetAssumptions,
        "rooftop_pv": RooftopPvAssumptions,
        "layout": LayoutAssumptions,
        "shading": ShadingAssumptions,
    }
)
