"""How the city's promises are split over counties and years."""

__all__ = ["TARGET_RULES", "TargetAssumptions"]

import math
from dataclasses import dataclass

from heat_network.cost_tables import ALTERNATIVES
from layers.assumptions import Assumptions, assumed
from layers.errors import AssumptionError

TARGET_RULES = ("potential", "population", "area", "buildings", "custom")


@dataclass(frozen=True, kw_only=True)
class TargetAssumptions(Assumptions):
    """What the scoreboard takes for granted; every value can be overridden by key."""

    split_rule: str = assumed(
        "potential",
        unit="-",
        source="judgement: by what is possible in each county; where no potential is known, by footprints. "
        "Or 'population', 'area', 'buildings', own shares of the case ('custom'); PV keeps its ledger's",
        confidence="unverified",
        choices=TARGET_RULES,
    )
    heat_replaced: str = assumed(
        "coal_boiler",
        unit="-",
        source="judgement: what the network's buildings would be heated with otherwise, for the CO2 avoided",
        confidence="unverified",
        choices=ALTERNATIVES,
    )
    first_year: int = assumed(
        2026, unit="years", source="first year of the plan's phases", confidence="computed",
        minimum=2000, maximum=2100,
    )  # fmt: skip
    year_shares: tuple[float, ...] = assumed(
        (0.2, 0.2, 0.2, 0.2, 0.2),
        unit="1",
        source="judgement: promises that are not met yet are made up in equal steps 2026-2030",
        confidence="unverified",
        minimum=0.0,
        maximum=1.0,
    )

    def __post_init__(self) -> None:
        """Check that the shares of the years are whole."""
        super().__post_init__()
        if abs(math.fsum(self.year_shares) - 1.0) > 1e-6:
            raise AssumptionError(
                f"year_shares sum to {math.fsum(self.year_shares):.6g}, but the parts of a promise sum to 1; "
                "correct them."
            )

    @property
    def years(self) -> tuple[int, ...]:
        """Calendar years of the path."""
        return tuple(range(self.first_year, self.first_year + len(self.year_shares)))
