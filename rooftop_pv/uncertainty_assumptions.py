"""Assumptions of uncertainty: spreads of the yearly energy."""

__all__ = ["UncertaintyAssumptions"]

from collections.abc import Mapping
from dataclasses import dataclass

from layers.assumptions import Assumptions, assumed


@dataclass(frozen=True, kw_only=True)
class UncertaintyAssumptions(Assumptions):
    """What P50 and P90 take for granted; every value can be overridden by key."""

    year_spread: float = assumed(
        0.035,
        unit="1",
        source="judgement: standard deviation of the yearly energy between years, used where no weather "
        "years are given; 0.03-0.05 is commonly quoted for eastern China",
        confidence="unverified",
        minimum=0.0,
        maximum=0.3,
    )
    lasting_spread: Mapping[str, float] = assumed(
        {"resource": 0.04, "model": 0.03, "losses": 0.02, "capacity": 0.0},
        unit="1",
        source="judgement: standard deviations of what is wrong in every year alike; they add in quadrature "
        "and hold for all roofs together, so that a city is no surer than a roof",
        confidence="unverified",
        minimum=0.0,
        maximum=0.5,
    )
    span_years: int = assumed(
        10,
        unit="years",
        source="usual span of a loan, for the P90 of its mean year",
        confidence="unverified",
        minimum=1,
        maximum=40,
    )
