"""Assumptions of matching: prices, plant costs, losses, storage, and what unmet demand costs."""

__all__ = ["HeatMatchingAssumptions"]

from collections.abc import Mapping
from dataclasses import dataclass

from layers.assumptions import Assumptions, assumed
from layers.errors import AssumptionError

_PLANT = ("exchanger", "heat_pump", "connection", "boiler", "storage")


@dataclass(frozen=True, kw_only=True)
class HeatMatchingAssumptions(Assumptions):
    """What the matching of sources and demand takes for granted.

    Examples
    --------
    >>> round(HeatMatchingAssumptions().annual_factor("boiler"), 4)
    0.1072
    """

    # prices
    electricity_cny_kwh: float = assumed(
        0.65, unit="CNY/kWh", source="judgement: large consumers, mean of the day",
        confidence="unverified", minimum=0.0, maximum=5.0,
    )  # fmt: skip
    grid_kg_kwh: float = assumed(
        0.6191, unit="kg/kWh", source="CO2 factor of Shandong's grid 2023", confidence="read",
        minimum=0.0, maximum=2.0,
    )  # fmt: skip
    boiler_cny_gj: float = assumed(
        100.0, unit="CNY/GJ", source="heat from gas commonly costs 90-110 CNY/GJ: its middle",
        confidence="unverified", minimum=0.0, maximum=1000.0,
    )  # fmt: skip
    boiler_kg_gj: float = assumed(
        61.0, unit="kg/GJ", source="heat from gas, 61 kg/GJ", confidence="unverified",
        minimum=0.0, maximum=400.0,
    )  # fmt: skip
    co2_cny_t: float = assumed(
        0.0, unit="CNY/t", source="the choice of the study; heat pays for no CO2 today",
        confidence="unverified", minimum=0.0, maximum=10000.0,
    )  # fmt: skip
    unmet_cny_gj: float = assumed(
        20000.0,
        unit="CNY/GJ",
        source="judgement: above the yearly cost of a boiler that runs one hour, so that nobody freezes to "
        "save money; what is unmet all the same is reported",
        confidence="unverified",
        minimum=100.0,
    )
    unmet_kg_gj: float = assumed(
        2000.0,
        unit="kg/GJ",
        source="judgement: above any heater, so that least CO2 is not reached by freezing; never part of the "
        "reported CO2",
        confidence="unverified",
        minimum=500.0,
    )

    # plant
    capital: Mapping[str, float] = assumed(
        {
            "exchanger": 150e3, "heat_pump": 2000e3, "connection": 95e3, "boiler": 400e3,
            "storage": 40e3,
        },
        unit="CNY per MW, MW km (connection), MWh (storage)",
        source="judgement; connection: DN500 at 7-10 thousand CNY per metre of trench carries about 90 MW at "
        "60 K; storage: pressureless tank at 40 K",
        confidence="unverified",
        minimum=0.0,
    )  # fmt: skip
    life_years: Mapping[str, float] = assumed(
        {"exchanger": 20.0, "heat_pump": 20.0, "connection": 30.0, "boiler": 20.0, "storage": 30.0},
        unit="a", source="judgement: usual lives", confidence="unverified", minimum=1.0, maximum=100.0,
    )  # fmt: skip
    upkeep: Mapping[str, float] = assumed(
        {"exchanger": 0.02, "heat_pump": 0.025, "connection": 0.01, "boiler": 0.02, "storage": 0.01},
        unit="1/a", source="judgement: share of the capital each year", confidence="unverified",
        minimum=0.0, maximum=0.2,
    )  # fmt: skip
    interest: float = assumed(
        0.06, unit="1/a", source="judgement: real interest of public works", confidence="unverified",
        minimum=0.0, maximum=0.3,
    )  # fmt: skip
    boiler_limit: float = assumed(
        1.2,
        unit="1",
        source="largest boilers over the peak of their cluster; 0 allows none",
        confidence="unverified",
        minimum=0.0,
        maximum=10.0,
    )
    storage_limit_h: float = assumed(
        12.0,
        unit="h",
        source="judgement: largest storage in hours of the cluster's peak; 0 allows none",
        confidence="unverified",
        minimum=0.0,
        maximum=5000.0,
    )
    storage_least_h: float = assumed(
        6.0, unit="h", source="judgement: least time to fill or empty a tank", confidence="unverified",
        minimum=0.1, maximum=1000.0,
    )  # fmt: skip

    # losses
    storage_loss: float = assumed(
        0.0004, unit="1/h", source="judgement: about 1 % of the content a day", confidence="unverified",
        minimum=0.0, maximum=0.1,
    )  # fmt: skip
    distribution_loss: float = assumed(
        0.05, unit="1", source="judgement: share of the heat at the cluster's gate that its pipes lose",
        confidence="unverified", minimum=0.0, maximum=0.5,
    )  # fmt: skip
    transport_loss: float = assumed(
        0.001, unit="1/km", source="judgement: share of the heat that a long pipe pair loses",
        confidence="unverified", minimum=0.0, maximum=0.05,
    )  # fmt: skip
    reach_km: float = assumed(
        20.0, unit="km", source="classic long-distance limit; 40-100 with large temperature difference",
        confidence="unverified", minimum=0.0, maximum=500.0,
    )  # fmt: skip
    time_limit_s: float = assumed(
        600.0, unit="s", source="the choice of the study: a solver stopped by it gives no result",
        confidence="unverified", minimum=1e-3,
    )  # fmt: skip

    def __post_init__(self) -> None:
        """Check that each cost names every kind of plant."""
        super().__post_init__()
        for name in ("capital", "life_years", "upkeep"):
            if set(getattr(self, name)) != set(_PLANT):
                raise AssumptionError(f"{name} must name {', '.join(_PLANT)}, each once.")

    def annual_factor(self, plant: str) -> float:
        """Return yearly cost per capital: annuity r / (1 − (1 + r)^−n) plus upkeep [1/a]."""
        rate, years = self.interest, self.life_years[plant]
        annuity = 1.0 / years if rate == 0.0 else float(rate / (1.0 - (1.0 + rate) ** -years))
        return annuity + self.upkeep[plant]

    def annual_cny(self, plant: str) -> float:
        """Return yearly cost per MW, MW km or MWh [CNY/a]."""
        return self.capital[plant] * self.annual_factor(plant)
