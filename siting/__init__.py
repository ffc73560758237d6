"""Where stations should stand: access over the streets and location models with bounds.

:mod:`siting.access` measures who reaches which site over the streets, :mod:`siting.location` chooses
sites, :mod:`siting.phases` plans them in phases and tells what each site is worth. The models take
arrays and know nothing of what stands on a site.
"""

__all__ = [
    "Access",
    "AccessAssumptions",
    "Choice",
    "Cover",
    "Flows",
    "Quotas",
    "SparseCost",
    "StreetGraph",
    "capacitated_p_median",
    "flow_refuelling",
    "max_coverage",
    "nearest_station",
    "nested_phases",
    "p_center",
    "p_median",
    "pareto",
    "site_access",
    "site_losses",
    "street_graph",
]

from siting.access import Access, AccessAssumptions, nearest_station, site_access
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
from siting.phases import nested_phases, pareto, site_losses
from siting.street_graph import StreetGraph, street_graph
