"""Which rooms have assumptions that a case may override, under ``[assumptions.<room>]``."""

__all__ = ["ASSUMPTION_ROOMS"]

from collections.abc import Mapping
from types import MappingProxyType

from layers.assumptions import Assumptions
from layers.building_assumptions import BuildingAssumptions
from layers.street_assumptions import StreetAssumptions
from rooftop_pv.assumptions import RooftopPvAssumptions
from rooftop_pv.county_assumptions import CountyAssumptions
from rooftop_pv.ground_assumptions import GroundAssumptions
from rooftop_pv.hosting_assumptions import HostingAssumptions
from rooftop_pv.layout_assumptions import LayoutAssumptions
from rooftop_pv.revenue_assumptions import RevenueAssumptions
from rooftop_pv.shading_assumptions import ShadingAssumptions
from rooftop_pv.uncertainty_assumptions import UncertaintyAssumptions

ASSUMPTION_ROOMS: Mapping[str, type[Assumptions]] = MappingProxyType(
    {
        "buildings": BuildingAssumptions,
        "streets": StreetAssumptions,
        "rooftop_pv": RooftopPvAssumptions,
        "layout": LayoutAssumptions,
        "shading": ShadingAssumptions,
        "revenue": RevenueAssumptions,
        "hosting": HostingAssumptions,
        "county": CountyAssumptions,
        "uncertainty": UncertaintyAssumptions,
        "ground": GroundAssumptions,
    }
)
