"""What heat costs: building networks, running them, and the other ways to heat a building."""

__all__ = ["CostAssumptions", "annuity"]

from collections.abc import Mapping
from dataclasses import dataclass

from heat_network.cost_tables import ALTERNATIVES
from layers.assumptions import Assumptions, assumed
from layers.errors import AssumptionError

_JUDGED = "judgement; rests on no source seen"


def annuity(interest: float, years: float) -> float:
    """Return the yearly share of a capital that pays interest and redemption.

    i / (1 - (1 + i)^-n), or 1 / n without interest.

    Examples
    --------
    >>> round(annuity(0.06, 20.0), 5), annuity(0.0, 20.0)
    (0.08718, 0.05)
    """
    return interest / (1.0 - (1.0 + interest) ** -years) if interest > 0 else 1.0 / years


@dataclass(frozen=True, kw_only=True)
class CostAssumptions(Assumptions):
    """Prices of a heat network and of its alternatives, without tax, in CNY of 2024."""

    interest: float = assumed(
        0.06, unit="1/a", source="real interest of public works, " + _JUDGED,
        confidence="unverified", minimum=0.0, maximum=0.3,
    )  # fmt: skip
    horizon_years: int = assumed(
        30, unit="a", source="life of pre-insulated pipe, EN 253 asks for 30 years",
        confidence="unverified", minimum=1, maximum=60,
    )  # fmt: skip
    trench_position: float = assumed(
        0.5, unit="1", source="between the low and the high price of the pipe catalogue",
        confidence="unverified", minimum=0.0, maximum=1.0,
    )  # fmt: skip
    surface_factor: Mapping[str, float] = assumed(
        {"road": 1.0, "green": 0.8, "rural": 0.7}, unit="1", source="price over that of a road, " + _JUDGED,
        confidence="unverified", minimum=0.1, maximum=5.0,
    )  # fmt: skip
    substation_cny_kw: float = assumed(
        150.0, unit="CNY/kW", source="exchanger station of several MW, " + _JUDGED,
        confidence="unverified", minimum=0.0, maximum=5000.0,
    )  # fmt: skip
    pump_cny_kw: float = assumed(
        3000.0, unit="CNY/kW", source="pumps with drives, per electric kW, " + _JUDGED,
        confidence="unverified", minimum=0.0, maximum=50000.0,
    )  # fmt: skip
    relay_cny: float = assumed(
        8e6, unit="CNY", source="building and grid connection of one relay station, " + _JUDGED,
        confidence="unverified", minimum=0.0,
    )  # fmt: skip
    source_connection_cny_kw: float = assumed(
        150.0, unit="CNY/kW", source="taking out waste heat by exchangers, " + _JUDGED,
        confidence="unverified", minimum=0.0, maximum=5000.0,
    )  # fmt: skip
    life_years: Mapping[str, float] = assumed(
        {"pipes": 30.0, "substations": 20.0, "pumps": 15.0, "connection": 20.0}, unit="a",
        source="usual lives, " + _JUDGED, confidence="unverified", minimum=1.0, maximum=100.0,
    )  # fmt: skip
    upkeep: Mapping[str, float] = assumed(
        {"pipes": 0.01, "substations": 0.02, "pumps": 0.03, "connection": 0.02}, unit="1/a",
        source="share of the capital, " + _JUDGED, confidence="unverified", minimum=0.0, maximum=0.3,
    )  # fmt: skip
    staff_cny_gj: float = assumed(
        3.0, unit="CNY/GJ", source=_JUDGED, confidence="unverified", minimum=0.0, maximum=100.0
    )
    source_heat_cny_gj: float = assumed(
        25.0, unit="CNY/GJ", source="facts: waste heat is bought at 15-35; where a source states none",
        confidence="unverified", minimum=0.0, maximum=500.0,
    )  # fmt: skip
    source_heat_kg_gj: float = assumed(
        0.0, unit="kg/GJ", source="waste heat would be lost; used where a source states none",
        confidence="unverified", minimum=0.0, maximum=500.0,
    )  # fmt: skip
    electricity_cny_kwh: float = assumed(
        0.65, unit="CNY/kWh", source="large consumers, mean of the day, " + _JUDGED,
        confidence="unverified", minimum=0.0, maximum=5.0,
    )  # fmt: skip
    home_electricity_cny_kwh: float = assumed(
        0.55, unit="CNY/kWh", source="homes in Shandong, first step, " + _JUDGED,
        confidence="unverified", minimum=0.0, maximum=5.0,
    )  # fmt: skip
    grid_kg_kwh: float = assumed(
        0.6191, unit="kg/kWh", source="facts: CO2 factor of Shandong's grid 2023",
        confidence="read", minimum=0.0, maximum=2.0,
    )  # fmt: skip
    pump_full_hours: float = assumed(
        2000.0, unit="h/a", source="full-power hours of the pumps in a season of 2,880 h, " + _JUDGED,
        confidence="unverified", minimum=0.0, maximum=8784.0,
    )  # fmt: skip
    selling_cny_gj: float = assumed(
        87.0, unit="CNY/GJ", source="facts: homes pay 22-27 CNY/m² for 0.28 GJ/m²: 24.5 / 0.28",
        confidence="computed", minimum=0.0, maximum=1000.0,
    )  # fmt: skip
    co2_cny_t: float = assumed(
        0.0, unit="CNY/t", source="the choice of the study; heat pays for no CO2 today",
        confidence="unverified", minimum=0.0, maximum=10000.0,
    )  # fmt: skip
    heat_only_cny_gj: Mapping[str, float] = assumed(
        {"coal_boiler": 40.0, "gas_boiler": 100.0}, unit="CNY/GJ",
        source="facts: coal 35-45, gas 90-110, taken as the whole price of the heat",
        confidence="unverified", minimum=0.0, maximum=1000.0,
    )  # fmt: skip
    heat_only_kg_gj: Mapping[str, float] = assumed(
        {"coal_boiler": 114.0, "gas_boiler": 61.0}, unit="kg/GJ", source="facts: coal boiler 110-118, gas 61",
        confidence="unverified", minimum=0.0, maximum=500.0,
    )  # fmt: skip
    electric_cop: Mapping[str, float] = assumed(
        {"air_source": 2.4, "ground_source": 3.6, "direct_electric": 0.98}, unit="1",
        source="heat per electricity over a winter of the cold zone, " + _JUDGED,
        confidence="unverified", minimum=0.5, maximum=10.0,
    )  # fmt: skip
    electric_cny_kw: Mapping[str, float] = assumed(
        {"air_source": 1800.0, "ground_source": 3500.0, "direct_electric": 400.0}, unit="CNY/kW",
        source="capital per kW of heat, boreholes included, " + _JUDGED,
        confidence="unverified", minimum=0.0, maximum=50000.0,
    )  # fmt: skip
    electric_life_years: Mapping[str, float] = assumed(
        {"air_source": 15.0, "ground_source": 20.0, "direct_electric": 15.0}, unit="a",
        source="usual lives, " + _JUDGED, confidence="unverified", minimum=1.0, maximum=60.0,
    )  # fmt: skip
    electric_upkeep: Mapping[str, float] = assumed(
        {"air_source": 0.025, "ground_source": 0.015, "direct_electric": 0.01}, unit="1/a",
        source="share of the capital, " + _JUDGED, confidence="unverified", minimum=0.0, maximum=0.3,
    )  # fmt: skip
    allowed: tuple[str, ...] = assumed(
        ("gas_boiler", "air_source", "ground_source", "direct_electric"), unit="-",
        source="new scattered coal boilers are not permitted in cities", confidence="unverified",
    )  # fmt: skip

    def __post_init__(self) -> None:
        super().__post_init__()
        unknown = [name for name in self.allowed if name not in ALTERNATIVES]
        if unknown or not self.allowed:
            raise AssumptionError(
                f"CostAssumptions: allowed is {list(self.allowed)!r}; name at least one of "
                f"{', '.join(ALTERNATIVES)}."
            )
