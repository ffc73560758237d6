"""Assumptions of heat demand: floors, load indices, energy standards, the season, hot water."""

__all__ = ["HeatDemandAssumptions"]

from collections.abc import Mapping
from dataclasses import dataclass

from heat_network.demand_tables import ENERGY_STANDARDS, LOAD_CLASSES
from layers.assumptions import Assumptions, assumed
from layers.building_assumptions import BuildingAssumptions
from layers.errors import AssumptionError

_TABLE = "design table of area heat-load indices, cold zone"
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, kw_only=True)
class HeatDemandAssumptions(Assumptions):
    """What heat demand takes for granted; every value can be overridden by key.

    Examples
    --------
    >>> HeatDemandAssumptions().balance_c
    18.0
    """

    # floors
    storey_height_m: Mapping[str, float] = assumed(
        BuildingAssumptions().storey_height_m,
        unit="m",
        source="common practice; no source seen; a height is divided by it where the storeys are not known",
        confidence="unverified",
        minimum=2.0,
        maximum=15.0,
    )
    heated_share: Mapping[str, float] = assumed(
        {
            "rural_home": 0.0, "apartment": 0.95, "government": 0.9, "school": 0.85,
            "kindergarten": 0.9, "hospital": 0.9, "public": 0.7, "office": 0.9, "shop": 0.8,
            "hotel": 0.9, "industrial": 0.2, "warehouse": 0.0, "agricultural": 0.0,
            "utility": 0.0, "other": 0.5,
        },
        unit="1",
        source="judgement: part of the floor area that a network heats; village houses heat themselves, "
        "sheds and stores stay cold; 0 leaves a use out",
        confidence="unverified",
        minimum=0.0,
        maximum=1.0,
    )  # fmt: skip
    minimum_heated_m2: float = assumed(
        30.0,
        unit="m²",
        source="judgement: less is a kiosk or a guard house, which no network connects",
        confidence="unverified",
        minimum=0.0,
    )

    # load
    load_class: Mapping[str, str] = assumed(
        {
            "rural_home": "dwelling", "apartment": "dwelling", "government": "office",
            "school": "school", "kindergarten": "kindergarten", "hospital": "hospital",
            "public": "office", "office": "office", "shop": "shop", "hotel": "hotel",
            "industrial": "shop", "warehouse": "shop", "agricultural": "shop",
            "utility": "shop", "other": "dwelling",
        },
        unit="-",
        source="judgement: which row of the table of indices a use is read from",
        confidence="unverified",
        choices=LOAD_CLASSES,
    )  # fmt: skip
    index_old_w_m2: Mapping[str, float] = assumed(
        {
            "dwelling": 60.0, "office": 70.0, "school": 70.0, "hospital": 70.0,
            "kindergarten": 70.0, "hotel": 65.0, "shop": 70.0, "canteen": 130.0,
            "theatre": 105.0, "hall": 140.0,
        },
        unit="W/m²", source=f"{_TABLE}, without energy saving", confidence="read",
        minimum=5.0, maximum=300.0,
    )  # fmt: skip
    index_saving_w_m2: Mapping[str, float] = assumed(
        {
            "dwelling": 45.0, "office": 60.0, "school": 60.0, "hospital": 60.0,
            "kindergarten": 60.0, "hotel": 55.0, "shop": 60.0, "canteen": 115.0,
            "theatre": 95.0, "hall": 125.0,
        },
        unit="W/m²", source=f"{_TABLE}, with energy saving", confidence="read",
        minimum=5.0, maximum=300.0,
    )  # fmt: skip
    index_65_w_m2: Mapping[str, float] = assumed(
        {
            "dwelling": 35.0, "office": 47.0, "school": 47.0, "hospital": 47.0,
            "kindergarten": 47.0, "hotel": 43.0, "shop": 47.0, "canteen": 89.0,
            "theatre": 74.0, "hall": 97.0,
        },
        unit="W/m²",
        source="65 % standard: dwellings commonly 32-38, the middle; others shrunk in the ratio 35/45",
        confidence="unverified",
        minimum=5.0,
        maximum=300.0,
    )  # fmt: skip
    index_75_w_m2: Mapping[str, float] = assumed(
        {
            "dwelling": 28.5, "office": 38.0, "school": 38.0, "hospital": 38.0,
            "kindergarten": 38.0, "hotel": 35.0, "shop": 38.0, "canteen": 73.0,
            "theatre": 60.0, "hall": 79.0,
        },
        unit="W/m²",
        source="75 % standard: dwellings commonly 25-32, the middle; others shrunk in the ratio 28.5/45",
        confidence="unverified",
        minimum=5.0,
        maximum=300.0,
    )  # fmt: skip
    standard_share: Mapping[str, float] = assumed(
        {"old": 0.25, "saving": 0.3, "standard_65": 0.3, "standard_75": 0.15},
        unit="1",
        source="judgement: floor area by energy standard where a building's standard and year are not known",
        confidence="unverified",
        minimum=0.0,
        maximum=1.0,
    )
    standard_from_year: Mapping[str, float] = assumed(
        {"saving": 1998.0, "standard_65": 2007.0, "standard_75": 2016.0},
        unit="year",
        source="judgement: first year whose new buildings keep the standard; older ones are 'old'",
        confidence="unverified",
        minimum=1900.0,
        maximum=2100.0,
    )

    # season and temperatures
    season_start: tuple[int, ...] = assumed(
        (11, 15), unit="month, day", source="15 November, city practice; the day is in the season",
        confidence="read", minimum=1, maximum=31,
    )  # fmt: skip
    season_end: tuple[int, ...] = assumed(
        (3, 15), unit="month, day", source="15 March, city practice; the day is in the season",
        confidence="read", minimum=1, maximum=31,
    )  # fmt: skip
    indoor_c: float = assumed(
        18.0, unit="°C", source="indoor temperature of GB 50736", confidence="unverified",
        minimum=5.0, maximum=26.0,
    )  # fmt: skip
    gain_k: float = assumed(
        0.0,
        unit="K",
        source="people and appliances lift a room this far above what heating gives: balance temperature is "
        "indoor minus it; 0 reproduces degree-hours to the indoor temperature, as the design table does",
        confidence="unverified",
        minimum=0.0,
        maximum=10.0,
    )
    design_outdoor_c: float = assumed(
        -7.4, unit="°C", source="design outdoor temperature of Zibo, GB 50736", confidence="unverified",
        minimum=-45.0, maximum=15.0,
    )  # fmt: skip
    cap_at_design: bool = assumed(
        True,
        unit="-",
        source="a network is built for the design temperature; colder hours are not served beyond it",
        confidence="unverified",
    )

    # hot water
    hot_water: str = assumed(
        "none", unit="-", source="district heating here supplies no hot water in general",
        confidence="unverified", choices=("none", "season", "year"),
    )  # fmt: skip
    hot_water_w_m2: Mapping[str, float] = assumed(
        {
            "dwelling": 4.0, "office": 1.0, "school": 1.5, "hospital": 6.0, "kindergarten": 3.0,
            "hotel": 8.0, "shop": 1.0, "canteen": 8.0, "theatre": 1.0, "hall": 3.0,
        },
        unit="W/m²", source="judgement: mean power over the hours of supply", confidence="unverified",
        minimum=0.0, maximum=50.0,
    )  # fmt: skip
    hot_water_peak: float = assumed(
        2.0, unit="1", source="judgement: peak hour of hot water over its mean", confidence="unverified",
        minimum=1.0, maximum=10.0,
    )  # fmt: skip

    # coincidence and calibration
    diversity_floor: float = assumed(
        0.62,
        unit="1",
        source="THERMOS: f = 0.62 + 0.38/n",
        confidence="read",
        minimum=0.1,
        maximum=1.0,
    )
    calibration_limit: float = assumed(
        5.0,
        unit="1",
        source="judgement: a metered total this many times above or below the computed one is a wrong unit",
        confidence="unverified",
        minimum=1.1,
    )

    def __post_init__(self) -> None:
        """Check what bounds of single values cannot."""
        super().__post_init__()
        if abs(sum(self.standard_share.values()) - 1.0) > 1e-6:
            raise AssumptionError(
                f"standard_share sums to {sum(self.standard_share.values()):g}, but must sum to 1."
            )
        if set(self.standard_share) != set(ENERGY_STANDARDS):
            raise AssumptionError(
                f"standard_share must name {', '.join(ENERGY_STANDARDS)}; a class is missing or unknown."
            )
        if self.design_outdoor_c >= self.balance_c:
            raise AssumptionError(
                f"design_outdoor_c is {self.design_outdoor_c:g} °C, but must be below the balance "
                f"temperature of {self.balance_c:g} °C (indoor_c minus gain_k)."
            )
        for name in ("season_start", "season_end"):
            day = getattr(self, name)
            if len(day) != 2 or day[0] > 12 or day[1] > _DAYS[day[0] - 1]:
                raise AssumptionError(
                    f"{name} is {list(day)}, but must be month and day, such as [11, 15]."
                )

    @property
    def balance_c(self) -> float:
        """Outdoor temperature above which no heating is needed [°C]."""
        return self.indoor_c - self.gain_k

    def index_w_m2(self) -> dict[str, Mapping[str, float]]:
        """Return the area heat-load index [W/m²] by energy standard and load class."""
        return {
            "old": self.index_old_w_m2,
            "saving": self.index_saving_w_m2,
            "standard_65": self.index_65_w_m2,
            "standard_75": self.index_75_w_m2,
        }
