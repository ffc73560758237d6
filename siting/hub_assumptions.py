"""What is assumed of energy hubs: services, reach, weights, costs and how many."""

__all__ = ["HubAssumptions"]

from collections.abc import Mapping
from dataclasses import dataclass

from layers.assumptions import Assumptions, assumed

_DEFAULT = "working default"


@dataclass(frozen=True, kw_only=True)
class HubAssumptions(Assumptions):
    """Bundles, coverage and cost of integrated energy hubs."""

    count: int = assumed(
        90, unit="1", source="Zibo carbon peak work plan 2023, section 3.1.1: 90 hubs, petrol stations first",
        confidence="plan", minimum=1,
    )  # fmt: skip
    reach_min: Mapping[str, float] = assumed(
        {"petrol": 10.0, "charging": 5.0, "swap": 10.0, "cng": 15.0, "lng": 20.0, "hydrogen": 20.0},
        unit="min", source=f"{_DEFAULT}: a cell within it is covered", confidence="unverified", minimum=0.5,
        maximum=120.0,
    )  # fmt: skip
    weight: Mapping[str, float] = assumed(
        {"petrol": 0.0, "charging": 0.4, "swap": 0.15, "cng": 0.1, "lng": 0.1, "hydrogen": 0.25},
        unit="1", source=f"{_DEFAULT}: worth of covering all demand of a service", confidence="unverified",
        minimum=0.0,
    )  # fmt: skip
    service_mcny: Mapping[str, float] = assumed(
        {"petrol": 0.0, "charging": 2.5, "swap": 4.0, "cng": 5.0, "lng": 8.0, "hydrogen": 13.5},
        unit="million CNY", source=f"{_DEFAULT}; hydrogen 500 kg/d 12-15 as commonly quoted",
        confidence="unverified", minimum=0.0,
    )  # fmt: skip
    grid_mcny: Mapping[str, float] = assumed(
        {"petrol": 0.0, "charging": 1.2, "swap": 0.8, "cng": 0.3, "lng": 0.2, "hydrogen": 0.8},
        unit="million CNY", source=f"{_DEFAULT}: grid connection alone; a hub pays the dearest once",
        confidence="unverified", minimum=0.0,
    )  # fmt: skip
    retrofit_mcny: float = assumed(
        1.5, unit="million CNY", source=f"{_DEFAULT}: works on a standing station", confidence="unverified",
        minimum=0.0,
    )  # fmt: skip
    new_mcny: float = assumed(
        12.0, unit="million CNY", source=f"{_DEFAULT}: land and works of a new one", confidence="unverified",
        minimum=0.0,
    )  # fmt: skip
    budget_mcny: float = assumed(
        1200.0, unit="million CNY", source=f"{_DEFAULT}: 13 million per hub", confidence="unverified",
        minimum=0.0,
    )  # fmt: skip
    new_sites: bool = assumed(
        False, unit="-", source="Zibo carbon peak work plan 2023, section 3.1.1: existing petrol stations "
        "first; roadside plots join where standing sites are too few", confidence="plan",
    )  # fmt: skip
    most_services: int = assumed(
        3, unit="1", source=f"{_DEFAULT}: services besides petrol that fit one plot", confidence="unverified",
        minimum=1, maximum=5,
    )  # fmt: skip
    least_services: int = assumed(
        2, unit="1", source=f"{_DEFAULT}: services besides petrol that make a hub", confidence="unverified",
        minimum=1, maximum=5,
    )  # fmt: skip
    least_per_county: int = assumed(
        1, unit="1", source=f"{_DEFAULT}: where that many candidates are legal", confidence="unverified",
        minimum=0,
    )  # fmt: skip
    canopy_share: float = assumed(
        0.2, unit="1", source=f"{_DEFAULT}: part of the plot under a PV canopy", confidence="unverified",
        minimum=0.0, maximum=1.0,
    )  # fmt: skip
    pv_w_m2: float = assumed(
        200.0,
        unit="W/m²",
        source=f"{_DEFAULT}",
        confidence="unverified",
        minimum=0.0,
        maximum=300.0,
    )
    pv_cny_w: float = assumed(
        3.5,
        unit="CNY/W",
        source=f"{_DEFAULT}: canopy installed",
        confidence="unverified",
        minimum=0.0,
    )
    cell_m: float = assumed(
        2000.0, unit="m", source=f"{_DEFAULT}: side of a demand cell", confidence="unverified",
        minimum=200.0, maximum=20_000.0,
    )  # fmt: skip
    home_m2: float = assumed(
        100.0, unit="m²", source=f"{_DEFAULT}: floor per home where no population is given",
        confidence="unverified", minimum=10.0,
    )  # fmt: skip
    persons_per_home: float = assumed(
        2.6, unit="1", source=f"{_DEFAULT}", confidence="unverified", minimum=1.0
    )
