"""What sizing takes for granted: temperatures, limits of friction and pressure, the ground, insulation."""

__all__ = ["SizingAssumptions"]

from dataclasses import dataclass

from heat_network.friction import Water, water_at
from layers.assumptions import Assumptions, assumed
from layers.errors import AssumptionError

_PRACTICE = "Chinese design practice for heat networks (CJJ/T 34); clause not seen"


@dataclass(frozen=True, kw_only=True)
class SizingAssumptions(Assumptions):
    """Design values of a hot-water network of pre-insulated pairs in the ground."""

    supply_c: float = assumed(
        120.0, unit="°C", source="facts on primary networks, 120-130", confidence="unverified",
        minimum=30.0, maximum=150.0,
    )  # fmt: skip
    return_c: float = assumed(
        60.0, unit="°C", source="facts on primary networks, 50-70; large ΔT 20-30", confidence="unverified",
        minimum=10.0, maximum=120.0,
    )  # fmt: skip
    ground_c: float = assumed(
        8.0, unit="°C", source="ground at pipe depth in winter; rests on a yearly mean of 14 °C",
        confidence="unverified", minimum=-10.0, maximum=30.0,
    )  # fmt: skip
    diversity_share: float = assumed(
        0.62, unit="1", source="THERMOS: f = 0.62 + 0.38 / n; 1 for none", confidence="unverified",
        minimum=0.1, maximum=1.0,
    )  # fmt: skip
    roughness_mm: float = assumed(
        0.5,
        unit="mm",
        source="facts; 0.02 for new smooth steel",
        confidence="unverified",
        minimum=0.001,
        maximum=5.0,
    )
    main_friction_pa_m: float = assumed(
        70.0,
        unit="Pa/m",
        source="facts on mains, 30-70",
        confidence="read",
        minimum=5.0,
        maximum=500.0,
    )
    main_friction_low_pa_m: float = assumed(
        30.0,
        unit="Pa/m",
        source="facts on mains, 30-70",
        confidence="read",
        minimum=1.0,
        maximum=500.0,
    )
    branch_friction_pa_m: float = assumed(
        300.0,
        unit="Pa/m",
        source="facts on branches",
        confidence="read",
        minimum=5.0,
        maximum=1000.0,
    )
    velocity_limit_m_s: float = assumed(
        3.5, unit="m/s", source="facts on branches", confidence="read", minimum=0.2, maximum=6.0
    )
    fitting_share: float = assumed(
        0.3, unit="1", source="local losses over friction, 0.2-0.4 on mains; rests on no source seen",
        confidence="unverified", minimum=0.0, maximum=2.0,
    )  # fmt: skip
    smallest_dn_mm: int = assumed(
        32, unit="mm", source="smallest service pipe; rests on no source seen", confidence="unverified",
        minimum=10, maximum=1400,
    )  # fmt: skip
    pairs_limit: int = assumed(
        4,
        unit="1",
        source="facts: Taiyuan-Gujiao runs 4 x DN1400",
        confidence="unverified",
        minimum=1,
        maximum=8,
    )
    pump_head_limit_m: float = assumed(
        130.0, unit="m", source="one pumping stage at the source; rests on no source seen",
        confidence="unverified", minimum=5.0, maximum=400.0,
    )  # fmt: skip
    relay_head_limit_m: float = assumed(
        80.0, unit="m", source="both pumps of one relay station; rests on no source seen",
        confidence="unverified", minimum=5.0, maximum=200.0,
    )  # fmt: skip
    relays_limit: int = assumed(
        12, unit="1", source="relay stations in a row; rests on no source seen", confidence="unverified",
        minimum=0, maximum=50,
    )  # fmt: skip
    source_loss_kpa: float = assumed(
        150.0, unit="kPa", source="heat exchangers and filters at the source; rests on no source seen",
        confidence="unverified", minimum=0.0, maximum=1000.0,
    )  # fmt: skip
    substation_kpa: float = assumed(
        100.0, unit="kPa", source="pressure difference a substation needs, 50-120; rests on no source seen",
        confidence="unverified", minimum=0.0, maximum=1000.0,
    )  # fmt: skip
    pressure_limit_kpa: float = assumed(
        1600.0,
        unit="kPa",
        source="PN 16; 2,500 for PN 25",
        confidence="unverified",
        minimum=200.0,
        maximum=6400.0,
    )
    minimum_pressure_kpa: float = assumed(
        50.0, unit="kPa", source=f"return stays above the highest point by 30-50 kPa, {_PRACTICE}",
        confidence="unverified", minimum=0.0, maximum=500.0,
    )  # fmt: skip
    boiling_margin_kpa: float = assumed(
        50.0, unit="kPa", source=f"supply stays above boiling by 30-50 kPa, {_PRACTICE}",
        confidence="unverified", minimum=0.0, maximum=500.0,
    )  # fmt: skip
    pump_efficiency: float = assumed(
        0.75, unit="1", source="pump and motor together; rests on no source seen", confidence="unverified",
        minimum=0.2, maximum=0.95,
    )  # fmt: skip
    coldest_supply_k: float = assumed(
        10.0, unit="K", source="supply at a consumer stays above the return by this; rests on no source seen",
        confidence="unverified", minimum=1.0, maximum=100.0,
    )  # fmt: skip
    insulation: str = assumed(
        "standard",
        unit="-",
        source="jacket of the catalogue",
        confidence="unverified",
        choices=("standard", "reinforced"),
    )
    insulation_w_m_k: float = assumed(
        0.03, unit="W/(m·K)", source="aged foam; EN 253: new 0.029 at 50 °C", confidence="unverified",
        minimum=0.01, maximum=0.2,
    )  # fmt: skip
    casing_w_m_k: float = assumed(
        0.43, unit="W/(m·K)", source="polyethylene, formula of a pipe maker (IZO)",
        confidence="read", minimum=0.1, maximum=1.0,
    )  # fmt: skip
    soil_w_m_k: float = assumed(
        1.5,
        unit="W/(m·K)",
        source="moist soil, 1-2",
        confidence="unverified",
        minimum=0.2,
        maximum=4.0,
    )
    surface_m2_k_w: float = assumed(
        0.0685, unit="m²·K/W", source="EN 13941: resistance at the surface of the ground",
        confidence="unverified", minimum=0.0, maximum=1.0,
    )  # fmt: skip
    cover_m: float = assumed(
        1.0, unit="m", source="soil over the jacket; rests on no source seen", confidence="unverified",
        minimum=0.2, maximum=10.0,
    )  # fmt: skip
    gap_m: float = assumed(
        0.25, unit="m", source="between the two jackets; rests on no source seen", confidence="unverified",
        minimum=0.0, maximum=5.0,
    )  # fmt: skip
    season_hours: float = assumed(
        2880.0, unit="h/a", source="15 November to 15 March, city practice (facts §3)", confidence="read",
        minimum=0.0, maximum=8784.0,
    )  # fmt: skip
    season_excess_share: float = assumed(
        0.75, unit="1",
        source="mean excess of the water over the ground in the season over that at peak; rests on "
            "no source seen",
        confidence="unverified", minimum=0.1, maximum=1.0,
    )  # fmt: skip
    full_load_hours: float = assumed(
        1950.0,
        unit="h/a",
        source="facts on season heat, 1,920-1,980",
        confidence="computed",
        minimum=1.0,
        maximum=8784.0,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.supply_c < self.return_c + self.coldest_supply_k:
            raise AssumptionError(
                f"SizingAssumptions: supply_c is {self.supply_c:g} °C and return_c "
                f"{self.return_c:g} °C; the supply "
                f"must be warmer by at least coldest_supply_k = {self.coldest_supply_k:g} K, or a "
                "heat pump must lift it."
            )
        if self.return_c <= self.ground_c:
            raise AssumptionError(
                f"SizingAssumptions: return_c is {self.return_c:g} °C, but must be above ground_c, "
                f"{self.ground_c:g} °C."
            )
        if not self.main_friction_low_pa_m <= self.main_friction_pa_m <= self.branch_friction_pa_m:
            raise AssumptionError(
                "SizingAssumptions: main_friction_low_pa_m, main_friction_pa_m and "
                "branch_friction_pa_m must rise, "
                f"but are {self.main_friction_low_pa_m:g}, {self.main_friction_pa_m:g} and "
                f"{self.branch_friction_pa_m:g} Pa/m."
            )

    @property
    def water(self) -> Water:
        """Water at the mean of supply and return."""
        return water_at((self.supply_c + self.return_c) / 2.0)
