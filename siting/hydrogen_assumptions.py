"""What is assumed of hydrogen vehicles, stations, by-product sources and tube trailers."""

__all__ = ["HydrogenAssumptions"]

from collections.abc import Mapping
from dataclasses import dataclass

from layers.assumptions import Assumptions, assumed

_QUOTED = "commonly quoted in the trade; no source seen"
_DEFAULT = "working default"


@dataclass(frozen=True, kw_only=True)
class HydrogenAssumptions(Assumptions):
    """Flows, stations, supply and cost."""

    stations: int = assumed(
        10,
        unit="1",
        source="corridor Jinan-Qingdao: at least 10 stations planned",
        confidence="read",
        minimum=1,
    )
    trips_d: float = assumed(
        500.0, unit="1/d", source=f"{_DEFAULT}: round trips of hydrogen trucks between yards, parks and "
        "motorway ends", confidence="unverified", minimum=0.0,
    )  # fmt: skip
    corridor_share: float = assumed(
        0.3, unit="1", source=f"{_DEFAULT}: part of them through, between motorway ends",
        confidence="unverified", minimum=0.0, maximum=1.0,
    )  # fmt: skip
    range_km: float = assumed(
        300.0,
        unit="km",
        source=f"{_DEFAULT}: 49-t tractor on one filling",
        confidence="unverified",
        minimum=10.0,
    )
    kg_per_100km: float = assumed(
        10.5,
        unit="kg/100 km",
        source=f"{_QUOTED}: 49-t tractor 9-12",
        confidence="unverified",
        minimum=0.1,
    )
    bus_trips_d: float = assumed(
        100.0, unit="1/d", source=f"{_DEFAULT}: round trips of hydrogen buses between the counties' towns",
        confidence="unverified", minimum=0.0,
    )  # fmt: skip
    bus_range_km: float = assumed(
        350.0, unit="km", source=f"{_DEFAULT}: bus on one filling", confidence="unverified", minimum=10.0,
    )  # fmt: skip
    bus_kg_per_100km: float = assumed(
        6.0, unit="kg/100 km", source=f"{_QUOTED}: bus 5-7", confidence="unverified", minimum=0.1,
    )  # fmt: skip
    road_reach_m: float = assumed(
        400.0, unit="m", source=f"{_DEFAULT}: farther from a main road a site is off the path",
        confidence="unverified", minimum=1.0,
    )  # fmt: skip
    source_kg_d: Mapping[str, float] = assumed(
        {"refinery": 8000.0, "chemical": 4000.0, "steel": 3000.0},
        unit="kg/d", source=f"{_DEFAULT}: by-product hydrogen for vehicles per plant or chemical park",
        confidence="unverified", minimum=0.0,
    )  # fmt: skip
    source_cny_kg: float = assumed(
        15.0,
        unit="CNY/kg",
        source=f"{_QUOTED}: by-product 10-20",
        confidence="unverified",
        minimum=0.0,
    )
    trailer_kg: float = assumed(
        325.0,
        unit="kg",
        source=f"{_QUOTED}: 20 MPa tube trailer 300-350",
        confidence="unverified",
        minimum=1.0,
    )
    trailer_cny_km: float = assumed(
        8.0, unit="CNY/km", source=f"{_DEFAULT}: truck, driver and fuel per driven km",
        confidence="unverified", minimum=0.0,
    )  # fmt: skip
    haul_limit_km: float = assumed(
        200.0,
        unit="km",
        source=f"{_QUOTED}: worthwhile to 150-200",
        confidence="unverified",
        minimum=1.0,
    )
    module_mcny: Mapping[str, float] = assumed(
        {"500": 13.5, "1000": 21.5},
        unit="million CNY", source=f"{_QUOTED}: 12-15 and 18-25", confidence="unverified", minimum=0.0,
    )  # fmt: skip
    operation_share: float = assumed(
        0.06, unit="1", source=f"{_DEFAULT}: yearly cost of operation over investment",
        confidence="unverified",
        minimum=0.0, maximum=1.0,
    )  # fmt: skip
    lifetime_years: int = assumed(
        15, unit="a", source=_DEFAULT, confidence="unverified", minimum=1, maximum=60
    )
    interest: float = assumed(
        0.06, unit="1", source=_DEFAULT, confidence="unverified", minimum=0.0, maximum=0.3
    )
    replaced_kg_kg: float = assumed(
        8.8, unit="kg/kg", source="CO2 of 35 l diesel x 2.63 kg/l over 10.5 kg of hydrogen per 100 km; the "
        "consumption of diesel rests on no source seen", confidence="unverified", minimum=0.0,
    )  # fmt: skip
    own_kg_kg: float = assumed(
        8.6, unit="kg/kg", source="by-product hydrogen was burnt before: 120 MJ/kg x 56.1 g/MJ of natural "
        "gas in its place (IPCC 2006), and 3 kWh/kg for compression x 0.6191 kg/kWh; 1.9 where it was vented",
        confidence="computed", minimum=0.0,
    )  # fmt: skip
    storage_days: float = assumed(
        1.5,
        unit="d",
        source=f"{_DEFAULT}: sales that the storage must hold",
        confidence="unverified",
        minimum=0.1,
    )
    storage_kg: Mapping[str, float] = assumed(
        {"1": 8000.0, "2": 5000.0, "3": 3000.0},
        unit="kg", source="station classes I 5-8 t, II 3-5 t, III at most 3 t", confidence="unverified",
        minimum=0.0,
    )  # fmt: skip
