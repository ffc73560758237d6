"""Assumptions of the layout of modules on roof planes."""

__all__ = ["ALIGNMENTS", "LayoutAssumptions"]

from collections.abc import Mapping
from dataclasses import dataclass

from layers.assumptions import Assumptions, assumed

ALIGNMENTS = ("equator", "roof", "east_west")


@dataclass(frozen=True, kw_only=True)
class LayoutAssumptions(Assumptions):
    """What laying out modules takes for granted; every value can be overridden by key."""

    module_length_m: float = assumed(
        2.278,
        unit="m",
        source="usual data sheets of 2024, 144 half cells of 182 mm",
        confidence="unverified",
        minimum=0.3,
        maximum=4.0,
    )
    module_width_m: float = assumed(
        1.134,
        unit="m",
        source="usual data sheets of 2024, 144 half cells of 182 mm",
        confidence="unverified",
        minimum=0.3,
        maximum=4.0,
    )
    module_kwp: float = assumed(
        0.58,
        unit="kWp",
        source="22.5 % of 2.278 m x 1.134 m",
        confidence="computed",
        minimum=0.01,
        maximum=2.0,
    )
    module_gap_m: float = assumed(
        0.02,
        unit="m",
        source="judgement: width of a middle clamp",
        confidence="unverified",
        minimum=0.0,
        maximum=1.0,
    )
    module_position: str = assumed(
        "best",
        unit="-",
        source="the position that fits more modules is taken",
        confidence="computed",
        choices=("best", "portrait", "landscape"),
    )
    modules_up: int = assumed(
        1,
        unit="1",
        source="judgement: one module up the slope of a rack keeps its wind load small",
        confidence="unverified",
        minimum=1,
        maximum=6,
    )
    setback_m: Mapping[str, float] = assumed(
        {"flat": 1.0, "gable": 0.3, "hall": 0.5},
        unit="m",
        source="judgement: clear of parapet and wind corner on flat roofs, of eave and ridge on pitched "
        "ones; measured on the roof's surface",
        confidence="unverified",
        minimum=0.0,
        maximum=20.0,
    )
    obstruction_share: Mapping[str, float] = assumed(
        {"flat": 0.15, "gable": 0.05, "hall": 0.05},
        unit="1",
        source="judgement: share of the modules that fit which water heaters, stair heads, skylights and "
        "vents take away, since no layer says where they stand",
        confidence="unverified",
        minimum=0.0,
        maximum=1.0,
    )
    flat_alignment: str = assumed(
        "roof",
        unit="-",
        source="rows along the edges of the roof and as near to the equator as these allow; 'equator' "
        "keeps the planes' azimuth, 'east_west' sets pairs back to back",
        confidence="unverified",
        choices=ALIGNMENTS,
    )
    row_spacing: str = assumed(
        "exact",
        unit="-",
        source="no shade at winter solstice 9 to 15 h solar time, by the sun ('exact') or by the designers' "
        "formula ('rule')",
        confidence="read",
        choices=("exact", "rule"),
    )
    gcr_minimum: float = assumed(
        0.25,
        unit="1",
        source="judgement: far from the equator the solstice rule would leave the roof empty",
        confidence="unverified",
        minimum=0.05,
        maximum=1.0,
    )
    service_gap_m: float = assumed(
        0.6,
        unit="m",
        source="judgement: a person passes between east-west pairs",
        confidence="unverified",
        minimum=0.0,
        maximum=5.0,
    )
    east_west_tilt_deg: float = assumed(
        10.0,
        unit="°",
        source="judgement: usual tilt of east-west racks",
        confidence="unverified",
        minimum=1.0,
        maximum=45.0,
    )
    lane_minimum_m2: float = assumed(
        1500.0,
        unit="m2",
        source="judgement: roofs from this surface on get fire lanes",
        confidence="unverified",
        minimum=0.0,
    )
    field_m: float = assumed(
        45.0,
        unit="m",
        source="International Fire Code 1204: arrays of at most 150 ft between lanes; the rule of the "
        "place goes first",
        confidence="unverified",
        minimum=5.0,
        maximum=500.0,
    )
    lane_m: float = assumed(
        2.4,
        unit="m",
        source="International Fire Code 1204: pathways of 8 ft between arrays",
        confidence="unverified",
        minimum=0.0,
        maximum=20.0,
    )
