"""Rooftop photovoltaics: roof planes, what they can see, what they yield, earn and may feed in."""

from rooftop_pv.assumptions import RooftopPvAssumptions
from rooftop_pv.roofs import roof_planes
from rooftop_pv.summary import county_summary, refusal_summary, summary_by
from rooftop_pv.yields import hourly_by_group, hourly_yield, roof_yields

__all__ = [
    "RooftopPvAssumptions",
    "county_summary",
    "hourly_by_group",
    "hourly_yield",
    "refusal_summary",
    "roof_planes",
    "roof_yields",
    "summary_by",
]
