"""What is assumed of plots, roads and buildings where a station may stand."""

__all__ = ["CandidateAssumptions"]

from collections.abc import Mapping
from dataclasses import dataclass

from layers.assumptions import Assumptions, assumed

_DEFAULT = "working default"
_APPENDIX_B = "GB 50156-2021 appendix B as commonly quoted; the text was not seen"


@dataclass(frozen=True, kw_only=True)
class CandidateAssumptions(Assumptions):
    """Plots, kerbs, land and classes of protected buildings."""

    road_spacing_m: float = assumed(
        3000.0, unit="m", source=f"{_DEFAULT}: one candidate per cell of this side along main roads",
        confidence="unverified", minimum=200.0, maximum=50_000.0,
    )  # fmt: skip
    neighbourhood_spacing_m: float = assumed(
        1000.0, unit="m", source=f"{_DEFAULT}: one candidate per built-up cell of this side",
        confidence="unverified", minimum=200.0, maximum=20_000.0,
    )  # fmt: skip
    neighbourhood_floor_m2: float = assumed(
        10_000.0, unit="m²", source=f"{_DEFAULT}: least floor area of a built-up cell",
        confidence="unverified", minimum=0.0,
    )  # fmt: skip
    greatest_count: int = assumed(
        1500, unit="1", source=f"{_DEFAULT}: existing plots first, then the densest cells, then roads",
        confidence="unverified", minimum=1, maximum=100_000,
    )  # fmt: skip
    least_spacing_m: float = assumed(
        150.0, unit="m", source=f"{_DEFAULT}: new plots nearer than this to another candidate are left out",
        confidence="unverified", minimum=0.0, maximum=5000.0,
    )  # fmt: skip
    kerb_clearance_m: float = assumed(
        20.0, unit="m", source=f"{_DEFAULT}: from the kerb to the equipment of a roadside candidate",
        confidence="unverified", minimum=0.0, maximum=200.0,
    )  # fmt: skip
    plot_m2: Mapping[str, float] = assumed(
        {"petrol_station": 3000.0, "gas_station": 3000.0, "charging_station": 2000.0,
         "hydrogen_station": 4000.0, "swap_station": 600.0, "car_park": 2000.0, "bus_depot": 6000.0,
         "logistics": 20_000.0, "service_area": 20_000.0, "road": 4000.0, "neighbourhood": 600.0,
         "given": 3000.0},
        unit="m²", source=f"{_DEFAULT} where the source gives no area", confidence="unverified", minimum=0.0,
    )  # fmt: skip
    least_area_m2: Mapping[str, float] = assumed(
        {"petrol": 1500.0, "hydrogen": 2000.0, "cng": 2000.0, "lng": 2500.0,
         "charging": 200.0, "swap": 300.0},
        unit="m²", source=f"{_DEFAULT}: least plot", confidence="unverified", minimum=0.0,
    )  # fmt: skip
    greatest_slope_deg: float = assumed(
        8.0,
        unit="°",
        source=f"{_DEFAULT}: about 14 %",
        confidence="unverified",
        minimum=0.0,
        maximum=45.0,
    )
    half_width_m: Mapping[str, float] = assumed(
        {"motorway": 13.0, "trunk": 12.0, "primary": 10.0, "secondary": 8.0, "tertiary": 6.0,
         "unclassified": 4.0, "residential": 4.0},
        unit="m", source=f"{_DEFAULT}: centreline to kerb", confidence="unverified",
        minimum=0.0, maximum=60.0,
    )  # fmt: skip
    own_plot_m: float = assumed(
        12.0, unit="m",
        source=f"{_DEFAULT}: shops, sheds and unspecified buildings this near a standing station are its own",
        confidence="unverified", minimum=0.0, maximum=100.0,
    )  # fmt: skip
    class_1_floor_m2: Mapping[str, float] = assumed(
        {"shop": 6000.0, "office": 10_000.0, "dwelling": 10_000.0, "other": 15_000.0},
        unit="m²", source=_APPENDIX_B, confidence="unverified", minimum=0.0,
    )  # fmt: skip
    class_2_floor_m2: Mapping[str, float] = assumed(
        {"shop": 3000.0, "office": 5000.0, "dwelling": 5000.0, "other": 7500.0},
        unit="m²", source=_APPENDIX_B, confidence="unverified", minimum=0.0,
    )  # fmt: skip
    important_shop_floor_m2: float = assumed(
        20_000.0, unit="m²", source=_APPENDIX_B, confidence="unverified", minimum=0.0
    )
    storey_m: float = assumed(
        3.0, unit="m", source=f"{_DEFAULT} where storeys are unknown", confidence="unverified",
        minimum=2.0, maximum=8.0,
    )  # fmt: skip
