"""Assumptions of the money of rooftop PV: who uses how much when, prices, rules of export, costs."""

__all__ = ["EXPORT_MODES", "PROJECT_KINDS", "RevenueAssumptions"]

from collections.abc import Mapping
from dataclasses import dataclass

from layers.assumptions import Assumptions, assumed
from layers.building_assumptions import BuildingAssumptions
from layers.errors import AssumptionError
from layers.tables import BUILDING_USES
from rooftop_pv.load_shapes import SHAPES

PROJECT_KINDS = ("natural_household", "non_natural_household", "general_ci", "large_ci")
EXPORT_MODES = ("full", "surplus", "none")

_COMMON = "commonly quoted for 2024-2025; no source seen"
_SHAPE = {
    "rural_home": "home", "apartment": "home", "government": "office", "school": "school",
    "kindergarten": "school", "hospital": "hospital", "public": "office", "office": "office",
    "shop": "shop", "hotel": "hotel", "industrial": "two_shift", "warehouse": "two_shift",
    "agricultural": "farm", "utility": "continuous", "other": "office",
}  # fmt: skip
_TARIFF = {
    **dict.fromkeys(BUILDING_USES, "general_commercial"),
    **dict.fromkeys(("rural_home", "apartment"), "household"),
    **dict.fromkeys(("school", "kindergarten"), "institution"),
    "industrial": "large_industrial",
    "agricultural": "agricultural",
}
_USE_KWH_M2 = {
    "rural_home": 12.0, "apartment": 25.0, "government": 60.0, "school": 25.0,
    "kindergarten": 25.0, "hospital": 100.0, "public": 40.0, "office": 70.0, "shop": 120.0,
    "hotel": 90.0, "industrial": 80.0, "warehouse": 20.0, "agricultural": 10.0, "utility": 10.0,
    "other": 30.0,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class RevenueAssumptions(Assumptions):
    """What the money takes for granted; every value can be overridden by key."""

    # what the building uses
    storey_height_m: Mapping[str, float] = assumed(
        dict(BuildingAssumptions().storey_height_m),
        unit="m",
        source="as the reader of buildings; for floor areas where no number of storeys is given",
        confidence="unverified",
        minimum=2.0,
        maximum=15.0,
    )
    use_kwh_m2: Mapping[str, float] = assumed(
        _USE_KWH_M2,
        unit="kWh/m2",
        source="judgement: electricity per floor area and year; industry ranges from 20 to over 1,000, "
        "replace by metered use",
        confidence="unverified",
        minimum=0.0,
        maximum=20000.0,
    )
    served_share: Mapping[str, float] = assumed(
        {**dict.fromkeys(BUILDING_USES, 1.0), "apartment": 0.1},
        unit="1",
        source="judgement: part of a building's use behind the meter that the roof feeds; on blocks of flats "
        "only lifts, pumps and lighting",
        confidence="unverified",
        minimum=0.0,
        maximum=1.0,
    )
    load_shape: Mapping[str, str] = assumed(
        _SHAPE, unit="-", source="judgement: course of use by kind of building", confidence="unverified",
        choices=SHAPES,
    )  # fmt: skip

    # prices
    tariff: Mapping[str, str] = assumed(
        _TARIFF,
        unit="-",
        source="judgement: names in the table of tariffs; schools pay household-like prices",
        confidence="unverified",
    )
    tariff_date: str = assumed(
        "2025-07-01", unit="-", source="first day of the half-year after the mechanism price began",
        confidence="computed",
    )  # fmt: skip
    mechanism_cny_kwh: float = assumed(
        0.225,
        unit="CNY/kWh",
        source="result of Shandong's 2025 bidding for PV under document 136, projects from 1 June 2025; "
        "older projects are commonly quoted at 0.3949",
        confidence="read",
        minimum=0.0,
        maximum=2.0,
    )
    mechanism_years: int = assumed(
        15, unit="years", source=_COMMON, confidence="unverified", minimum=0, maximum=40
    )
    market_cny_kwh: float = assumed(
        0.20,
        unit="CNY/kWh",
        source="judgement: what the market pays for noon electricity after the mechanism ends",
        confidence="unverified",
        minimum=-0.1,
        maximum=2.0,
    )
    price_growth: float = assumed(
        0.0,
        unit="1",
        source="judgement: real growth of retail prices per year",
        confidence="unverified",
        minimum=-0.1,
        maximum=0.1,
    )

    # rules of January 2025
    household_kind: str = assumed(
        "natural_household",
        unit="-",
        source="judgement: the home's own registration; 'non_natural_household' where a company invests and "
        "pays a rent",
        confidence="unverified",
        choices=("natural_household", "non_natural_household"),
    )
    large_ci_kwp: float = assumed(
        6000.0,
        unit="kWp",
        source="measures of 17 January 2025: general up to 6 MW, large above",
        confidence="read",
        minimum=1.0,
    )
    large_ci_limit_kwp: float = assumed(
        50000.0,
        unit="kWp",
        source="measures of 17 January 2025: large up to 20 MW at 35 kV and 50 MW at 110 or 66 kV",
        confidence="read",
        minimum=1.0,
    )
    export_mode: Mapping[str, str] = assumed(
        {
            "natural_household": "surplus", "non_natural_household": "surplus",
            "general_ci": "surplus", "large_ci": "none",
        },
        unit="-",
        source="measures of 17 January 2025: households choose, general industry and commerce may not export "
        "everything (read); that large ones export nothing outside a spot market is commonly quoted",
        confidence="unverified",
        choices=EXPORT_MODES,
    )  # fmt: skip
    minimum_self_share: Mapping[str, float] = assumed(
        {
            "natural_household": 0.0, "non_natural_household": 0.0, "general_ci": 0.5,
            "large_ci": 0.0,
        },
        unit="1",
        source="draft of Shandong: general industry and commerce uses at least half itself; what is exported "
        "beyond that is not paid and counts as curtailed",
        confidence="read",
        minimum=0.0,
        maximum=1.0,
    )  # fmt: skip

    sizing: str = assumed(
        "fit",
        unit="-",
        source="judgement: 'fit' builds a roof only as large as its kind's minimum_self_share allows, 'roof' "
        "fills it and leaves the rest unpaid",
        confidence="unverified",
        choices=("fit", "roof"),
    )

    # costs
    capex_cny_kwp: Mapping[str, float] = assumed(
        {"to_30_kwp": 3000.0, "to_400_kwp": 2900.0, "to_6000_kwp": 2700.0, "above": 2600.0},
        unit="CNY/kWp",
        source=_COMMON + "; turnkey by size, grid connection on the site included",
        confidence="unverified",
        minimum=100.0,
        maximum=50000.0,
    )
    opex_cny_kwp: float = assumed(
        45.0, unit="CNY/kWp", source=_COMMON + "; per year: cleaning, insurance, metering",
        confidence="unverified", minimum=0.0, maximum=1000.0,
    )  # fmt: skip
    rent_cny_kwp: Mapping[str, float] = assumed(
        {
            "natural_household": 0.0,
            "non_natural_household": 60.0,
            "general_ci": 0.0,
            "large_ci": 0.0,
        },
        unit="CNY/kWp",
        source=_COMMON + "; per year, to the owner of the roof where another invests",
        confidence="unverified",
        minimum=0.0,
        maximum=1000.0,
    )
    inverter_cny_kwp: float = assumed(
        180.0, unit="CNY/kWp", source=_COMMON + "; exchange of the inverters", confidence="unverified",
        minimum=0.0, maximum=5000.0,
    )  # fmt: skip
    inverter_year: int = assumed(
        13, unit="years", source="judgement: once in the life of the modules", confidence="unverified",
        minimum=1, maximum=40,
    )  # fmt: skip
    life_years: int = assumed(
        25, unit="years", source="usual warranty of modules", confidence="unverified", minimum=1, maximum=40,
    )  # fmt: skip
    degradation: float = assumed(
        0.005, unit="1", source="usual warranty of modules, per year; self-used share held",
        confidence="unverified", minimum=0.0, maximum=0.05,
    )  # fmt: skip
    discount_rate: float = assumed(
        0.06, unit="1", source="judgement: real, before taxes", confidence="unverified",
        minimum=0.0, maximum=0.3,
    )  # fmt: skip

    # battery
    battery_kwh_kwp: Mapping[str, float] = assumed(
        dict.fromkeys(PROJECT_KINDS, 0.0), unit="kWh/kWp",
        source="no battery unless asked for", confidence="computed", minimum=0.0, maximum=20.0,
    )  # fmt: skip
    battery_hours: float = assumed(
        2.0, unit="h", source="usual: full in two hours", confidence="unverified", minimum=0.25, maximum=12.0,
    )  # fmt: skip
    battery_efficiency: float = assumed(
        0.88, unit="1", source=_COMMON + "; round trip", confidence="unverified", minimum=0.3, maximum=1.0,
    )  # fmt: skip
    battery_from_h: int = assumed(
        16, unit="h", source="beginning of the dear evening hours in the default tariff",
        confidence="unverified", minimum=1, maximum=23,
    )  # fmt: skip
    battery_cny_kwh: float = assumed(
        900.0, unit="CNY/kWh", source=_COMMON, confidence="unverified", minimum=0.0, maximum=10000.0,
    )  # fmt: skip
    battery_years: int = assumed(
        12, unit="years", source=_COMMON + "; bought anew after each", confidence="unverified",
        minimum=1, maximum=40,
    )  # fmt: skip

    # what counts as economic
    economic_rule: str = assumed(
        "value",
        unit="-",
        source="judgement: 'value' where the LCOE does not exceed the levelised value of the electricity "
        "(NPV of at least 0), 'payback' where the money is back within payback_limit_years",
        confidence="unverified",
        choices=("value", "payback"),
    )
    payback_limit_years: float = assumed(
        10.0, unit="years", source="judgement", confidence="unverified", minimum=1.0, maximum=40.0,
    )  # fmt: skip

    def __post_init__(self) -> None:
        """Check what the rules of January 2025 forbid."""
        super().__post_init__()
        for kind in ("general_ci", "large_ci"):
            if self.export_mode[kind] == "full":
                raise AssumptionError(
                    f"export_mode of {kind} is 'full', which the measures of 17 January 2025 forbid for "
                    "projects of industry and commerce; give 'surplus' or 'none'."
                )
