"""What a reader of buildings assumes where a source says nothing."""

__all__ = ["BuildingAssumptions"]

from collections.abc import Mapping
from dataclasses import dataclass

from layers.assumptions import Assumptions, assumed
from layers.tables import BUILDING_USES

_COMMON = "common practice; no source seen"


@dataclass(frozen=True, kw_only=True)
class BuildingAssumptions(Assumptions):
    """Heights and uses where the data has none, and the smallest footprint.

    Examples
    --------
    >>> BuildingAssumptions().storey_height_m["apartment"]
    3.0
    """

    storey_height_m: Mapping[str, float] = assumed(
        {
            "rural_home": 3.3, "apartment": 3.0, "government": 3.6, "school": 3.6,
            "kindergarten": 3.6, "hospital": 3.9, "public": 4.2, "office": 3.8, "shop": 4.2,
            "hotel": 3.5, "industrial": 5.0, "warehouse": 5.0, "agricultural": 3.5,
            "utility": 3.0, "other": 3.2,
        },
        unit="m", source=_COMMON, confidence="unverified", minimum=2.0, maximum=15.0,
    )  # fmt: skip
    default_height_m: Mapping[str, float] = assumed(
        {
            "rural_home": 4.0, "apartment": 18.0, "government": 14.0, "school": 12.0,
            "kindergarten": 8.0, "hospital": 18.0, "public": 8.0, "office": 18.0, "shop": 9.0,
            "hotel": 20.0, "industrial": 9.0, "warehouse": 9.0, "agricultural": 4.0,
            "utility": 3.0, "other": 6.0,
        },
        unit="m", source=_COMMON, confidence="unverified", minimum=0.5, maximum=900.0,
    )  # fmt: skip
    default_use: str = assumed(
        "other",
        unit="-",
        source="a building that nothing is known of is not counted in any planning class",
        confidence="unverified",
        choices=BUILDING_USES,
    )
    use_by_park_kind: Mapping[str, str] = assumed(
        {
            "high_tech": "industrial", "chemical": "industrial", "development": "industrial",
            "industrial": "industrial", "logistics": "warehouse", "resort": "hotel",
            "residential": "apartment", "commercial": "shop", "public": "public",
            "agricultural": "agricultural", "other": "other",
        },
        unit="-", source=_COMMON, confidence="unverified", choices=BUILDING_USES,
    )  # fmt: skip
    minimum_footprint_m2: float = assumed(
        10.0,
        unit="m²",
        source="smaller outlines are kiosks, shafts and digitising noise; no source seen",
        confidence="unverified",
        minimum=0.0,
        maximum=1000.0,
    )
    surface_minimum_m: float = assumed(
        2.0,
        unit="m",
        source="below it a surface model shows its own noise, not a building; no source seen",
        confidence="unverified",
        minimum=0.5,
        maximum=20.0,
    )
