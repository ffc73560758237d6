"""Where stations should stand: access over the streets, legality, location models, and three questions.

:mod:`siting.access` measures who reaches which site, :mod:`siting.candidates` and :mod:`siting.legality`
say where a station may stand, :mod:`siting.location` chooses sites with bounds (it takes arrays and knows
nothing of what stands on a site), :mod:`siting.phases` and :mod:`siting.pareto` follow a choice up, and
:mod:`siting.charging`, :mod:`siting.hydrogen` and :mod:`siting.hubs` answer a city's questions.
"""

__all__ = [
    "Access",
    "AccessAssumptions",
    "CandidateAssumptions",
    "ChargingAssumptions",
    "ChargingPlan",
    "ChargingRequests",
    "Choice",
    "Cover",
    "Flows",
    "HubAssumptions",
    "HubPlan",
    "HydrogenAssumptions",
    "HydrogenPlan",
    "Quotas",
    "SparseCost",
    "StreetGraph",
    "capacitated_p_median",
    "charging_plan",
    "flow_refuelling",
    "hub_plan",
    "hydrogen_plan",
    "legal_equipment",
    "legal_services",
    "max_coverage",
    "nearest_station",
    "nested_phases",
    "p_center",
    "p_median",
    "pareto",
    "read_setbacks",
    "site_access",
    "site_candidates",
    "site_losses",
    "site_services",
    "street_graph",
]

from siting.access import Access, AccessAssumptions, nearest_station, site_access
from siting.candidate_assumptions import CandidateAssumptions
from siting.candidates import site_candidates
from siting.charging import ChargingPlan, charging_plan
from siting.charging_assumptions import ChargingAssumptions
from siting.hub_assumptions import HubAssumptions
from siting.hubs import HubPlan, hub_plan
from siting.hydrogen import HydrogenPlan, hydrogen_plan
from siting.hydrogen_assumptions import HydrogenAssumptions
from siting.legality import legal_equipment, legal_services
from siting.location import (
    Choice,
    Cover,
    Flows,
    Quotas,
    SparseCost,
    capacitated_p_median,
    flow_refuelling,
    max_coverage,
    p_center,
    p_median,
)
from siting.pareto import pareto
from siting.phases import nested_phases, site_losses
from siting.requests import ChargingRequests
from siting.setbacks import read_setbacks
from siting.site_services import site_services
from siting.street_graph import StreetGraph, street_graph
