"""Assumptions of ground-mounted bases: which land may carry them, how dense, how they stand to the sun."""

__all__ = ["STRUCTURES", "GroundAssumptions"]

from collections.abc import Mapping
from dataclasses import dataclass

from layers.assumptions import Assumptions, assumed
from layers.tables import STREET_CLASSES
from rooftop_pv.ground_tables import STRUCTURES

_SETBACK = {
    "school": 50.0,
    "kindergarten": 50.0,
    "hospital": 50.0,
    "government": 50.0,
    "important_public": 50.0,
    "public_1": 50.0,
    "public_2": 50.0,
    "public_3": 50.0,
    "open_flame": 50.0,
    "railway": 50.0,
    "motorway": 45.0,
    "arterial": 30.0,
    "minor_road": 10.0,
    "power_line": 20.0,
    "water": 30.0,
    "forest": 10.0,
    "farmland": 0.0,
    "protected": 0.0,
    "military": 300.0,
    "car_park": 0.0,
    "bus_depot": 0.0,
    "logistics": 0.0,
    "service_area": 0.0,
}
_STREET_SETBACK = {
    "motorway": 45.0,
    "trunk": 30.0,
    "primary": 30.0,
    "secondary": 20.0,
    "tertiary": 15.0,
    "unclassified": 10.0,
    "residential": 10.0,
    "service": 5.0,
    "track": 5.0,
    "footway": 0.0,
}


@dataclass(frozen=True, kw_only=True)
class GroundAssumptions(Assumptions):
    """What ground-mounted bases take for granted; every value can be overridden by key."""

    # land
    cell_m: float = assumed(
        10.0,
        unit="m",
        source="side of the cells, that of ESA WorldCover",
        confidence="read",
        minimum=5.0,
        maximum=500.0,
    )
    open_cover: tuple[str, ...] = assumed(
        ("grassland", "bare_sparse"),
        unit="-",
        source="judgement: classes of land cover that may carry modules; the national rules keep solar "
        "bases off cropland and most forest, and shrubland counts as forest where rain is plenty",
        confidence="unverified",
    )
    setback_m: Mapping[str, float] = assumed(
        _SETBACK,
        unit="m",
        source="judgement: distance kept from each kind of constraint, from the centreline of lines; "
        "0 keeps off the object itself",
        confidence="unverified",
        minimum=0.0,
        maximum=5000.0,
    )
    building_setback_m: float = assumed(
        50.0,
        unit="m",
        source="judgement: glare, shade and room for villages to grow",
        confidence="unverified",
        minimum=0.0,
        maximum=5000.0,
    )
    street_setback_m: Mapping[str, float] = assumed(
        _STREET_SETBACK,
        unit="m",
        source="judgement, from the centreline: the control strips of the road safety rules (5 to 30 m from "
        "the ditch by class) and half the road",
        confidence="unverified",
        minimum=0.0,
        maximum=1000.0,
    )
    slope_limit_deg: float = assumed(
        15.0,
        unit="°",
        source="judgement: steeper ground needs special foundations and sheds its soil",
        confidence="unverified",
        minimum=0.0,
        maximum=60.0,
    )
    access_streets: tuple[str, ...] = assumed(
        ("trunk", "primary", "secondary", "tertiary", "unclassified", "residential"),
        unit="-",
        source="judgement: classes of streets that lorries can leave for a building site",
        confidence="unverified",
        choices=STREET_CLASSES,
    )
    street_limit_m: float = assumed(
        2000.0,
        unit="m",
        source="judgement: longest site road that a base pays for",
        confidence="unverified",
        minimum=10.0,
        maximum=10000.0,
    )
    substation_limit_m: float = assumed(
        15000.0,
        unit="m",
        source="judgement: longest power line of its own that a base pays for",
        confidence="unverified",
        minimum=10.0,
        maximum=200000.0,
    )
    substation_minimum_kv: float = assumed(
        35.0,
        unit="kV",
        source="judgement beside the national measures of 17 January 2025 (up to 20 MW at 35 kV, 50 MW at "
        "110 kV): bases do not connect to 10 kV",
        confidence="unverified",
        minimum=0.1,
        maximum=1100.0,
    )
    minimum_site_ha: float = assumed(
        20.0,
        unit="ha",
        source="judgement: room for about 15 MW, below which a line and a switchyard of its own do not pay",
        confidence="unverified",
        minimum=0.0,
        maximum=100000.0,
    )

    # modules
    structure: str = assumed(
        "fixed",
        unit="-",
        source="judgement: fixed tilt is the usual choice at this latitude; 'single_axis' follows the sun",
        confidence="unverified",
        choices=STRUCTURES,
    )
    density_mw_ha: Mapping[str, float] = assumed(
        {"fixed": 0.75, "single_axis": 0.63},
        unit="MW/ha",
        source="module capacity per site: 108 W/m2 of array at 30° (22.5 % modules, cover 0.48) and 90 W/m2 "
        "(cover 0.40), times 0.7 of the site under arrays, which is judgement",
        confidence="unverified",
        minimum=0.01,
        maximum=2.5,
    )
    fixed_tilt_deg: float = assumed(
        30.0,
        unit="°",
        source="judgement: near the best yield per module at 36 to 37° N, and what the density rests on",
        confidence="unverified",
        minimum=0.0,
        maximum=70.0,
    )
    tracker_limit_deg: float = assumed(
        60.0,
        unit="°",
        source="usual data sheets of single-axis trackers",
        confidence="unverified",
        minimum=10.0,
        maximum=90.0,
    )
    tracker_gcr: float = assumed(
        0.40,
        unit="1",
        source="judgement: width of the modules over the distance from axis to axis; the density rests on it",
        confidence="unverified",
        minimum=0.1,
        maximum=0.9,
    )
    row_loss: Mapping[str, float] = assumed(
        {"fixed": 0.03, "single_axis": 0.02},
        unit="1",
        source="judgement: share of the AC energy that rows take from each other (beam at low sun, sky and "
        "ground light); trackers back off from beam shade",
        confidence="unverified",
        minimum=0.0,
        maximum=0.5,
    )
