"""Assumptions of the whole-county ledger: minimum shares, the city's promise and its split, years."""

__all__ = ["SPLIT_RULES", "CountyAssumptions"]

import math
from collections.abc import Mapping
from dataclasses import dataclass

from layers.assumptions import Assumptions, assumed
from layers.errors import AssumptionError

SPLIT_RULES = ("potential", "roof_area", "population", "custom")
_PLAN = "the city's Carbon Peak Work Plan (淄政字〔2023〕57号), 3.1.1"


@dataclass(frozen=True, kw_only=True)
class CountyAssumptions(Assumptions):
    """What the ledger takes for granted; every value can be overridden by key."""

    quota_share: Mapping[str, float] = assumed(
        {
            "government": 0.5, "public": 0.4, "industrial_commercial": 0.3, "rural": 0.2,
            "other": 0.0,
        },
        unit="1",
        source="NEA whole-county pilots 2021: least share of the roof area of a kind that carries PV; "
        "what is of no kind has none",
        confidence="read",
        minimum=0.0,
        maximum=1.0,
    )  # fmt: skip
    quota_measure: str = assumed(
        "roof",
        unit="-",
        source="judgement: 'roof' counts the whole area of a roof that carries PV, 'usable' only the part "
        "under modules and their spacing, which is stricter; the notice does not say which",
        confidence="unverified",
        choices=("roof", "usable"),
    )
    city_new_mw: float = assumed(
        4000.0, unit="MW", source=_PLAN + ": new in 2021-2025", confidence="plan", minimum=0.0
    )
    city_total_mw: float = assumed(
        5000.0, unit="MW", source=_PLAN + ": in all by 2025", confidence="plan", minimum=0.0
    )
    target_rooftop_share: float = assumed(
        1.0,
        unit="1",
        source="judgement: part of the promise that roofs must take; the plan names ground-mounted bases "
        "too but does not split, so that 1 asks everything of the roofs",
        confidence="unverified",
        minimum=0.0,
        maximum=1.0,
    )
    split_rule: str = assumed(
        "potential",
        unit="-",
        source="judgement: by technical potential; or 'roof_area', 'population', own shares ('custom')",
        confidence="unverified",
        choices=SPLIT_RULES,
    )
    first_year: int = assumed(
        2026, unit="years", source="first year of the phases", confidence="computed",
        minimum=2000, maximum=2100,
    )  # fmt: skip
    year_shares: tuple[float, ...] = assumed(
        (0.2, 0.2, 0.2, 0.2, 0.2),
        unit="1",
        source="judgement: equal steps 2026-2030; one share per year, summing to 1",
        confidence="unverified",
        minimum=0.0,
        maximum=1.0,
    )
    build_limit_mw: float = assumed(
        1000.0,
        unit="MW",
        source="judgement: what the city's installers build in a year, split as the promise; 4,000 MW in "
        "five years are 800",
        confidence="unverified",
        minimum=0.0,
    )
    respect_grid: bool = assumed(
        True,
        unit="-",
        source="roofs that the grid refuses are not chosen, where connections are given",
        confidence="computed",
    )
    economic_only: bool = assumed(
        False,
        unit="-",
        source="judgement: uneconomic roofs may be chosen where the minimum shares or the promise need them",
        confidence="unverified",
    )

    def __post_init__(self) -> None:
        """Check that the shares of the years are whole."""
        super().__post_init__()
        total = math.fsum(self.year_shares)
        if abs(total - 1.0) > 1e-6:
            raise AssumptionError(
                f"year_shares sum to {total:.6g}, but must sum to 1; give one share per year from "
                f"{self.first_year} on."
            )

    @property
    def years(self) -> tuple[int, ...]:
        """Calendar years of the phases."""
        return tuple(range(self.first_year, self.first_year + len(self.year_shares)))
