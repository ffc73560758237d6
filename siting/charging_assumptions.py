"""What is assumed of electric vehicles, charging points and feeders."""

__all__ = ["ChargingAssumptions"]

from collections.abc import Mapping
from dataclasses import dataclass

from layers.assumptions import Assumptions, assumed

_QUOTED = "commonly quoted in the trade; no source seen"
_DEFAULT = "working default"
_PLAN = "Zibo carbon peak work plan 2023, section 3.5.5"


@dataclass(frozen=True, kw_only=True)
class ChargingAssumptions(Assumptions):
    """Vehicles, energy, points, waiting, feeders and phases of a charging plan."""

    points: int = assumed(
        40_000,
        unit="1",
        source=f"{_PLAN}: new charging points of all kinds",
        confidence="plan",
        minimum=1,
    )
    vehicles: int = assumed(
        110_000, unit="1", source=f"{_PLAN}: electric vehicles the points can serve",
        confidence="plan", minimum=1,
    )  # fmt: skip
    public_share: float = assumed(
        0.375, unit="1", source="province to 2025: 150,000 public and dedicated of 400,000 points",
        confidence="computed", minimum=0.0, maximum=1.0,
    )  # fmt: skip
    class_share: Mapping[str, float] = assumed(
        {"7": 0.40, "60": 0.25, "120": 0.25, "180": 0.08, "360": 0.02},
        unit="1", source=f"{_DEFAULT}: public points by power class in kW", confidence="unverified",
        minimum=0.0, maximum=1.0,
    )  # fmt: skip
    vehicle_share: Mapping[str, float] = assumed(
        {"car": 0.93, "taxi": 0.03, "bus": 0.02, "truck": 0.02},
        unit="1", source=f"{_DEFAULT}: mix of the stock", confidence="unverified", minimum=0.0, maximum=1.0,
    )  # fmt: skip
    use_kwh_d: Mapping[str, float] = assumed(
        {"car": 7.0, "taxi": 50.0, "bus": 150.0, "truck": 250.0},
        unit="kWh/d", source=f"{_QUOTED} (car 6-8, taxi 40-60, bus 100-200, truck 130-180 kWh/100 km)",
        confidence="unverified", minimum=0.0,
    )  # fmt: skip
    away_share: Mapping[str, float] = assumed(
        {"car": 0.35, "taxi": 0.9, "bus": 0.95, "truck": 0.9},
        unit="1", source=f"{_DEFAULT}: energy not charged at home", confidence="unverified",
        minimum=0.0, maximum=1.0,
    )  # fmt: skip
    fast_share: Mapping[str, float] = assumed(
        {"car": 0.6, "taxi": 0.95, "bus": 0.9, "truck": 1.0},
        unit="1", source=f"{_DEFAULT}: part of it at 60 kW and above", confidence="unverified",
        minimum=0.0, maximum=1.0,
    )  # fmt: skip
    swap_share: Mapping[str, float] = assumed(
        {"car": 0.0, "taxi": 0.2, "bus": 0.0, "truck": 0.2},
        unit="1", source=f"{_DEFAULT}: part of it by battery swap", confidence="unverified",
        minimum=0.0, maximum=1.0,
    )  # fmt: skip
    swap_kwh: float = assumed(
        60.0,
        unit="kWh",
        source=f"{_DEFAULT}: energy per swap",
        confidence="unverified",
        minimum=1.0,
    )
    swaps_per_station_d: float = assumed(
        312.0,
        unit="1/d",
        source=f"{_QUOTED}: second generation",
        confidence="unverified",
        minimum=1.0,
    )
    car_place: Mapping[str, float] = assumed(
        {"home": 0.4, "work": 0.3, "visit": 0.3},
        unit="1", source=f"{_DEFAULT}: where cars charge away from home: near it, at work, at shops",
        confidence="unverified", minimum=0.0, maximum=1.0,
    )  # fmt: skip
    depot_share: float = assumed(
        0.5, unit="1", source=f"{_DEFAULT}: energy of buses and trucks charged at depots and yards; the rest "
        "where people live and work", confidence="unverified", minimum=0.0, maximum=1.0,
    )  # fmt: skip
    yard_m2: Mapping[str, float] = assumed(
        {"bus": 120.0, "truck": 1000.0},
        unit="m²", source=f"{_DEFAULT}: yard per vehicle that charges there; the rest charges where people "
        "live and work", confidence="unverified", minimum=20.0,
    )  # fmt: skip
    feeder_reach_m: float = assumed(
        5000.0, unit="m", source=f"{_DEFAULT}: a site connects to the nearest substation with room this near",
        confidence="unverified", minimum=0.0,
    )  # fmt: skip
    fast_profile: tuple[float, ...] = assumed(
        (0.020, 0.015, 0.012, 0.010, 0.010, 0.012, 0.020, 0.032, 0.042, 0.050, 0.055, 0.064,
         0.072, 0.066, 0.056, 0.052, 0.052, 0.056, 0.062, 0.064, 0.058, 0.050, 0.040, 0.030),
        unit="1", source=f"{_DEFAULT}: fast charging by hour, local time", confidence="unverified",
        minimum=0.0, maximum=1.0,
    )  # fmt: skip
    session_kwh: float = assumed(
        30.0,
        unit="kWh",
        source=f"{_DEFAULT}: energy per fast charge",
        confidence="unverified",
        minimum=1.0,
    )
    service_min: float = assumed(
        45.0,
        unit="min",
        source=f"{_DEFAULT}: time at a fast point",
        confidence="unverified",
        minimum=1.0,
    )
    target_p_wait: float = assumed(
        0.3, unit="1", source=f"{_DEFAULT}: greatest share that waits in the peak hour",
        confidence="unverified", minimum=0.001, maximum=1.0,
    )  # fmt: skip
    target_wait_min: float = assumed(
        8.0, unit="min", source=f"{_DEFAULT}: greatest mean wait in the peak hour", confidence="unverified",
        minimum=0.01,
    )  # fmt: skip
    reach_min: float = assumed(
        5.0, unit="min", source=f"{_DEFAULT}: people count as served within it (2-3 km in suburbs)",
        confidence="unverified", minimum=0.5, maximum=120.0,
    )  # fmt: skip
    cell_m: float = assumed(
        500.0,
        unit="m",
        source=f"{_DEFAULT}: side of a demand cell",
        confidence="unverified",
        minimum=100.0,
        maximum=5000.0,
    )
    sites: int = assumed(
        600, unit="1", source=f"{_DEFAULT}: 25 public points per site; fewer where fewer are legal",
        confidence="unverified", minimum=1,
    )  # fmt: skip
    first_year: int = assumed(
        2026, unit="1", source=f"{_DEFAULT}: first phase", confidence="unverified", minimum=2000
    )
    last_year: int = assumed(
        2030, unit="1", source=f"{_DEFAULT}: last phase", confidence="unverified", minimum=2000
    )
    bay_m2: float = assumed(
        30.0,
        unit="m²",
        source=f"{_DEFAULT}: bay with its share of the lane",
        confidence="unverified",
        minimum=10.0,
    )
    bay_share: Mapping[str, float] = assumed(
        {"petrol_station": 0.25, "gas_station": 0.25, "charging_station": 0.9, "hydrogen_station": 0.2,
         "swap_station": 0.5, "car_park": 0.5, "bus_depot": 0.5, "logistics": 0.1, "service_area": 0.2,
         "road": 0.5, "neighbourhood": 1.0, "given": 0.5},
        unit="1", source=f"{_DEFAULT}: part of the plot that bays may take", confidence="unverified",
        minimum=0.0, maximum=1.0,
    )  # fmt: skip
    neighbourhood_points: int = assumed(
        200, unit="1", source=f"{_DEFAULT}: most points in the compounds of one built-up cell",
        confidence="unverified", minimum=1,
    )  # fmt: skip
    least_points: int = assumed(
        4, unit="1", source=f"{_DEFAULT}: fewest points of a new site", confidence="unverified", minimum=1,
    )  # fmt: skip
    most_points: int = assumed(
        200, unit="1", source=f"{_DEFAULT}: most points of one site", confidence="unverified", minimum=1,
    )  # fmt: skip
    simultaneity: float = assumed(
        0.4, unit="1", source=f"{_DEFAULT}: rated power drawn at once", confidence="unverified",
        minimum=0.01, maximum=1.0,
    )  # fmt: skip
    power_factor: float = assumed(
        0.95, unit="1", source=f"{_DEFAULT}", confidence="unverified", minimum=0.5, maximum=1.0
    )
    loading_limit: float = assumed(
        0.8, unit="1", source=f"{_DEFAULT}: greatest loading of a transformer", confidence="unverified",
        minimum=0.1, maximum=1.2,
    )  # fmt: skip
    evening_factor: float = assumed(
        1.3, unit="1", source=f"{_DEFAULT}: evening load over the load at spring noon that the layer holds",
        confidence="unverified", minimum=0.1, maximum=5.0,
    )  # fmt: skip
    feeder_kv: float = assumed(
        35.0, unit="kV", source=f"{_DEFAULT}: sites connect to substations of at least this voltage, "
        "to any where there are none", confidence="unverified", minimum=0.1,
    )  # fmt: skip
    persons_per_home: float = assumed(
        2.6, unit="1", source=f"{_DEFAULT}", confidence="unverified", minimum=1.0
    )
    home_m2: float = assumed(
        100.0,
        unit="m²",
        source=f"{_DEFAULT}: floor per home where no population is given",
        confidence="unverified",
        minimum=10.0,
    )
    replaced_kg_kwh: Mapping[str, float] = assumed(
        {"car": 1.07, "taxi": 1.07, "bus": 0.79, "truck": 0.61},
        unit="kg/kWh", source="CO2 of the fuel replaced per kWh charged: car and taxi 7 l petrol x 2.30 "
        "kg/l, bus 30 l and truck 35 l diesel x 2.63 kg/l per 100 km, over 15, 100 and 150 kWh; consumptions "
        "rest on no source seen",
        confidence="unverified", minimum=0.0,
    )  # fmt: skip
    grid_kg_kwh: float = assumed(
        0.6191, unit="kg/kWh", source="grid factor of Shandong 2023", confidence="read",
        minimum=0.0, maximum=2.0,
    )  # fmt: skip
    charger_efficiency: float = assumed(
        0.9, unit="1", source=f"{_DEFAULT}: stored over drawn", confidence="unverified",
        minimum=0.3, maximum=1.0,
    )  # fmt: skip
    new_homes_per_year: float = assumed(
        0.01, unit="1", source=f"{_DEFAULT}: new homes over the stock", confidence="unverified",
        minimum=0.0, maximum=0.2,
    )  # fmt: skip
    spaces_per_new_home: float = assumed(
        1.0, unit="1", source=f"{_DEFAULT}", confidence="unverified", minimum=0.0
    )
    wired_share: float = assumed(
        1.0, unit="1", source=f"{_PLAN}: 100 % of new residential parking wired", confidence="plan",
        minimum=0.0, maximum=1.0,
    )  # fmt: skip
    pv_w_m2: float = assumed(
        200.0,
        unit="W/m²",
        source=f"{_DEFAULT}: canopy over the bays",
        confidence="unverified",
        minimum=0.0,
    )
