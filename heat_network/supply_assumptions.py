"""Assumptions of heat supply: network temperatures, exchangers, heat pumps, profiles, heat zones."""

__all__ = ["NETWORKS", "HeatSupplyAssumptions"]

from collections.abc import Mapping
from dataclasses import dataclass

from layers.assumptions import Assumptions, assumed
from layers.errors import AssumptionError
from layers.tables import HEAT_SOURCE_KINDS

NETWORKS = ("120/60", "95/55", "120/25", "60/35")
_PROFILES = ("flat", "festival_stop", "daytime")
_STATUSES = ("operating", "construction", "planned")


@dataclass(frozen=True, kw_only=True)
class HeatSupplyAssumptions(Assumptions):
    """What heat supply takes for granted; the values by kind of source stand in source_ratios.csv.

    Examples
    --------
    >>> HeatSupplyAssumptions.from_mapping({"network": "120/25"}).return_temperature_c
    25.0
    """

    # network
    network: str = assumed(
        "120/60",
        unit="-",
        source="primary networks run at 120-130/50-70 °C, with large temperature difference at a return of "
        "20-30; 95/55 and 60/35 are a cooler primary and a secondary network",
        confidence="unverified",
        choices=NETWORKS,
    )
    supply_c: Mapping[str, float] = assumed(
        {"120/60": 120.0, "95/55": 95.0, "120/25": 120.0, "60/35": 60.0},
        unit="°C", source="by name of the network", confidence="unverified", minimum=30.0, maximum=180.0,
    )  # fmt: skip
    return_c: Mapping[str, float] = assumed(
        {"120/60": 60.0, "95/55": 55.0, "120/25": 25.0, "60/35": 35.0},
        unit="°C", source="by name of the network", confidence="unverified", minimum=5.0, maximum=120.0,
    )  # fmt: skip
    approach_k: float = assumed(
        5.0, unit="K", source="judgement: least difference across a plate exchanger",
        confidence="unverified", minimum=0.5, maximum=50.0,
    )  # fmt: skip

    # heat pumps
    heat_pumps: bool = assumed(
        True, unit="-", source="the choice of the study", confidence="unverified"
    )
    heat_pump_efficiency: float = assumed(
        0.5, unit="1", source="COP = η T_sink/(T_sink − T_source), Lorenz; η 0.45-0.6",
        confidence="unverified", minimum=0.2, maximum=0.8,
    )  # fmt: skip
    heat_pump_maximum_cop: float = assumed(
        8.0, unit="1", source="judgement: small lifts give no better in practice",
        confidence="unverified", minimum=1.5, maximum=20.0,
    )  # fmt: skip
    heat_pump_limit_c: float = assumed(
        90.0, unit="°C", source="judgement: hottest water of large electric heat pumps",
        confidence="unverified", minimum=40.0, maximum=160.0,
    )  # fmt: skip

    # sources
    statuses: tuple[str, ...] = assumed(
        ("operating",), unit="-", source="what counts as there; retired and cancelled never do",
        confidence="unverified", choices=_STATUSES,
    )  # fmt: skip
    back_pressure_below_mw: float = assumed(
        300.0,
        unit="MW",
        source="Carbon Peak Work Plan 3.1.2: units below 300 MW become back-pressure; larger ones extract",
        confidence="plan",
        minimum=0.0,
    )
    profile: Mapping[str, str] = assumed(
        {
            **dict.fromkeys(HEAT_SOURCE_KINDS, "flat"),
            "ceramics": "festival_stop",
            "paper": "festival_stop",
        },
        unit="-",
        source="judgement: flat runs through; festival_stop stands still around the Spring Festival; "
        "daytime runs from 7 to 19 h",
        confidence="unverified",
        choices=_PROFILES,
    )
    festival_start: tuple[int, ...] = assumed(
        (1, 25), unit="month, day", source="judgement: first day of the stop in a middling year",
        confidence="unverified", minimum=1, maximum=31,
    )  # fmt: skip
    festival_end: tuple[int, ...] = assumed(
        (2, 15), unit="month, day", source="judgement: last day of the stop in a middling year",
        confidence="unverified", minimum=1, maximum=31,
    )  # fmt: skip

    # zones
    heat_zone: Mapping[str, str] = assumed(
        {
            "370302": "south", "370303": "middle", "370304": "south", "370305": "middle",
            "370306": "middle", "370321": "north", "370322": "north", "370323": "yiyuan",
        },
        unit="-",
        source="city heat plan 2018-2035 (read, local press 2019): four zones, one joined network in each; "
        "which county belongs to which is judgement",
        confidence="unverified",
    )  # fmt: skip

    def __post_init__(self) -> None:
        """Check what bounds of single values cannot."""
        super().__post_init__()
        if self.supply_temperature_c <= self.return_temperature_c + self.approach_k:
            raise AssumptionError(
                f"Network {self.network} supplies at {self.supply_temperature_c:g} °C, but must be above its "
                f"return of {self.return_temperature_c:g} °C by more than approach_k ({self.approach_k:g} K)."
            )

    @property
    def supply_temperature_c(self) -> float:
        """Supply temperature of the chosen network [°C]."""
        return self.supply_c[self.network]

    @property
    def return_temperature_c(self) -> float:
        """Return temperature of the chosen network [°C]."""
        return self.return_c[self.network]
