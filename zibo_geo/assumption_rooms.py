"""Which rooms have assumptions that a case may override, under ``[assumptions.<room>]``."""

__all__ = ["ASSUMPTION_ROOMS"]

from collections.abc import Mapping
from types import MappingProxyType

from heat_network.cost_assumptions import CostAssumptions
from heat_network.demand_assumptions import HeatDemandAssumptions
from heat_network.district_assumptions import DistrictAssumptions
from heat_network.matching_assumptions import HeatMatchingAssumptions
from heat_network.routing_assumptions import RoutingAssumptions
from heat_network.sizing_assumptions import SizingAssumptions
from heat_network.supply_assumptions import HeatSupplyAssumptions
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
from siting.access import AccessAssumptions
from siting.candidate_assumptions import CandidateAssumptions
from siting.charging_assumptions import ChargingAssumptions
from siting.hub_assumptions import HubAssumptions
from siting.hydrogen_assumptions import HydrogenAssumptions
from zibo_geo.target_assumptions import TargetAssumptions

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
        "heat_demand": HeatDemandAssumptions,
        "heat_supply": HeatSupplyAssumptions,
        "heat_matching": HeatMatchingAssumptions,
        "heat_districts": DistrictAssumptions,
        "heat_routing": RoutingAssumptions,
        "heat_sizing": SizingAssumptions,
        "heat_costs": CostAssumptions,
        "access": AccessAssumptions,
        "candidates": CandidateAssumptions,
        "charging": ChargingAssumptions,
        "hydrogen": HydrogenAssumptions,
        "hubs": HubAssumptions,
        "targets": TargetAssumptions,
    }
)
