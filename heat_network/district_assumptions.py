"""What the district plan takes for granted: who is asked, substations, the second level, outages."""

__all__ = ["DistrictAssumptions"]

import dataclasses
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heat_network.cost_assumptions import CostAssumptions
from heat_network.pipe_catalogue import capacity_kg_s, read_pipe_catalogue, trench_cost_cny_m
from heat_network.routing_assumptions import RoutingAssumptions, linear_under_steps
from heat_network.sizing_assumptions import SizingAssumptions
from layers.assumptions import Assumptions, assumed
from layers.errors import AssumptionError

_Floats = npt.NDArray[np.float64]
_SMALLEST_MAIN_DN = 100
_JUDGED = "judgement; rests on no source seen"


@dataclass(frozen=True, kw_only=True)
class DistrictAssumptions(Assumptions):
    """Whom district heating is for, how its two levels are built and what an outage is."""

    # who is asked
    minimum_kw: float = assumed(
        20.0, unit="kW", source="about 400 m² of heated floor: less heats itself, " + _JUDGED,
        confidence="unverified", minimum=0.0,
    )  # fmt: skip
    density_cell_m: float = assumed(
        250.0, unit="m", source="side of the squares of heat density, a city block, " + _JUDGED,
        confidence="unverified", minimum=50.0, maximum=5000.0,
    )  # fmt: skip
    minimum_mwh_ha: float = assumed(
        100.0,
        unit="MWh/(ha·a)",
        source="heat of a year per land area; district heating is commonly looked at from 100-200 upwards. A "
        "screen, not the decision: each building's worth decides",
        confidence="unverified",
        minimum=0.0,
    )

    # streets
    snap_m: float = assumed(
        1.0, unit="m", source="how far ends of streets that meet are drawn apart, " + _JUDGED,
        confidence="unverified", minimum=0.0, maximum=50.0,
    )  # fmt: skip
    source_attach_m: float = assumed(
        5000.0, unit="m", source="plants stand off the streets; their pipe to the first one counts",
        confidence="unverified", minimum=1.0, maximum=50_000.0,
    )  # fmt: skip
    detour: float = assumed(
        1.3, unit="1", source="way along streets over straight distance, " + _JUDGED,
        confidence="unverified", minimum=1.0, maximum=3.0,
    )  # fmt: skip

    static_share: float = assumed(
        0.7,
        unit="1",
        source="share of the pressure class that differences of height between source and consumers may "
        "use, the rest is for pumping, " + _JUDGED,
        confidence="unverified",
        minimum=0.1,
        maximum=1.0,
    )

    # prices of pipes while routing
    pipe_prices: str = assumed(
        "catalogue",
        unit="-",
        source="routing knows a price per metre and per kW and metre. catalogue: the line nearest to the "
        "pipe catalogue over the sizes that the zone's load may need; stated: that of heat_routing",
        confidence="unverified",
        choices=("catalogue", "stated"),
    )

    # two levels
    substation_limit_kw: float = assumed(
        5000.0, unit="kW", source="largest load of a substation, " + _JUDGED, confidence="unverified",
        minimum=10.0,
    )  # fmt: skip
    substation_radius_m: float = assumed(
        800.0, unit="m", source="farthest building of a substation, straight, " + _JUDGED,
        confidence="unverified", minimum=10.0, maximum=5000.0,
    )  # fmt: skip
    secondary_supply_c: float = assumed(
        60.0, unit="°C", source="facts: secondary networks run at 45-60/35-50", confidence="unverified",
        minimum=25.0, maximum=130.0,
    )  # fmt: skip
    secondary_return_c: float = assumed(
        45.0, unit="°C", source="facts: secondary networks run at 45-60/35-50", confidence="unverified",
        minimum=15.0, maximum=100.0,
    )  # fmt: skip
    secondary_friction_pa_m: float = assumed(
        100.0, unit="Pa/m", source="mains of secondary networks run at 60-100, " + _JUDGED,
        confidence="unverified", minimum=20.0, maximum=300.0,
    )  # fmt: skip
    secondary_typical_kw: float = assumed(
        500.0, unit="kW", source="flow near which the price line of secondary pipes is tight, " + _JUDGED,
        confidence="unverified", minimum=1.0,
    )  # fmt: skip
    secondary_pressure_kpa: float = assumed(
        1000.0, unit="kPa", source="PN 10 of radiators and valves in buildings, " + _JUDGED,
        confidence="unverified", minimum=200.0, maximum=2500.0,
    )  # fmt: skip
    building_kpa: float = assumed(
        50.0, unit="kPa", source="pressure difference at a building's entry, " + _JUDGED,
        confidence="unverified", minimum=0.0, maximum=300.0,
    )  # fmt: skip

    # sources
    source_fixed_cny: float = assumed(
        5e6, unit="CNY", source="first station and connection of a plant whatever its size, " + _JUDGED,
        confidence="unverified", minimum=0.0,
    )  # fmt: skip
    joined: bool = assumed(
        False,
        unit="-",
        source="whether the trees of a zone's sources are linked; the heat plan wants one joined network per "
        "zone, a tree per source is the cheaper first step",
        confidence="unverified",
    )
    screening_step_h: int = assumed(
        6, unit="h", source="every so many hours stand for the season where sources are chosen",
        confidence="unverified", minimum=1, maximum=24,
    )  # fmt: skip
    outage_days: int = assumed(
        31, unit="d", source="an outage in the season's coldest days: a plant stops in January",
        confidence="unverified", minimum=1, maximum=150,
    )  # fmt: skip

    def __post_init__(self) -> None:
        """Check what bounds of single values cannot."""
        super().__post_init__()
        if self.secondary_supply_c < self.secondary_return_c + 10.0:
            raise AssumptionError(
                f"secondary_supply_c is {self.secondary_supply_c:g} °C, but must be at least 10 K above "
                f"secondary_return_c, {self.secondary_return_c:g} °C."
            )

    def secondary_sizing(self, primary: SizingAssumptions) -> SizingAssumptions:
        """Return what secondary networks are sized by: their temperatures and limits, all else as given."""
        friction = self.secondary_friction_pa_m
        return dataclasses.replace(
            primary,
            supply_c=self.secondary_supply_c,
            return_c=self.secondary_return_c,
            main_friction_pa_m=friction,
            main_friction_low_pa_m=min(primary.main_friction_low_pa_m, friction),
            branch_friction_pa_m=max(primary.branch_friction_pa_m, friction),
            pressure_limit_kpa=self.secondary_pressure_kpa,
            substation_kpa=self.building_kpa,
        )

    def primary_routing(
        self,
        primary: RoutingAssumptions,
        sizing: SizingAssumptions,
        *,
        costs: CostAssumptions,
        load_kw: float,
    ) -> RoutingAssumptions:
        """Return prices of primary pipes: the line nearest to the catalogue's steps, unless they are stated.

        The line is fitted by least squares to price over flow at the friction of mains, over the sizes from
        DN 100 to the one that carries the load. It is no lower bound of the steps: what routing proves with
        it holds for the line.
        """
        if self.pipe_prices == "stated":
            return primary
        flow_kw, price = _sizes(sizing, sizing.main_friction_pa_m, costs=costs)
        last = int(np.searchsorted(flow_kw, load_kw))
        first = int(np.searchsorted(read_pipe_catalogue()["dn_mm"].to_numpy(), _SMALLEST_MAIN_DN))
        used = slice(min(first, max(last - 1, 0)), max(last + 1, first + 2))
        linear, fixed = np.polyfit(flow_kw[used], price[used], 1)
        if linear < 0.0 or fixed < 0.0:
            return primary
        return dataclasses.replace(
            primary, pipe_fixed_cny_m=float(fixed), pipe_linear_cny_kw_m=float(linear)
        )

    def secondary_routing(
        self, primary: RoutingAssumptions, sizing: SizingAssumptions, *, costs: CostAssumptions
    ) -> RoutingAssumptions:
        """Return prices of secondary pipes: the line under the catalogue's steps at their temperatures."""
        second = self.secondary_sizing(sizing)
        flow_kw, price = _sizes(second, second.branch_friction_pa_m, costs=costs)
        fixed, linear = linear_under_steps(flow_kw, price, typical_kw=self.secondary_typical_kw)
        return dataclasses.replace(
            primary,
            pipe_fixed_cny_m=fixed,
            pipe_linear_cny_kw_m=linear,
            loss_w_m=primary.loss_w_m / 2.0,
        )


def _sizes(
    sizing: SizingAssumptions, friction_pa_m: float, *, costs: CostAssumptions
) -> tuple[_Floats, _Floats]:
    """Return what every size carries [kW] at a friction, and its price [CNY/m]."""
    sizes = read_pipe_catalogue()
    flow = capacity_kg_s(
        sizes, friction_pa_m, velocity_m_s=sizing.velocity_limit_m_s,
        roughness_mm=sizing.roughness_mm, water=sizing.water,
    )  # fmt: skip
    return (
        flow * sizing.water.heat_kj_kg_k * (sizing.supply_c - sizing.return_c),
        trench_cost_cny_m(sizes, position=costs.trench_position),
    )
