"""Assumptions of rooftop PV: roof forms, usable shares, modules, losses, classes of orientation."""

__all__ = ["MOUNTINGS", "PILOT_KINDS", "RooftopPvAssumptions"]

from collections.abc import Mapping
from dataclasses import dataclass

from layers.assumptions import Assumptions, assumed
from layers.tables import BUILDING_USES
from rooftop_pv.tables import PILOT_KINDS, ROOF_KINDS

MOUNTINGS = ("rack", "parallel")  # tilted racks in rows on a flat roof; flush with a pitched roof

_FORM_BY_USE = {
    use: "gable"
    if use == "rural_home"
    else "hall"
    if use in {"industrial", "warehouse"}
    else "flat"
    for use in BUILDING_USES
}
_USE_FACTOR = {
    **dict.fromkeys(BUILDING_USES, 1.0),
    "apartment": 0.8,
    "hospital": 0.8,
    "hotel": 0.8,
    "agricultural": 0.0,
    "utility": 0.5,
}
_PILOT_KIND = {
    "rural_home": "rural",
    "apartment": "other",
    "government": "government",
    "school": "public",
    "kindergarten": "public",
    "hospital": "public",
    "public": "public",
    "office": "industrial_commercial",
    "shop": "industrial_commercial",
    "hotel": "industrial_commercial",
    "industrial": "industrial_commercial",
    "warehouse": "industrial_commercial",
    "agricultural": "other",
    "utility": "other",
    "other": "other",
}


@dataclass(frozen=True, kw_only=True)
class RooftopPvAssumptions(Assumptions):
    """What rooftop PV takes for granted; every value can be overridden by key."""

    # roofs
    roof_form: Mapping[str, str] = assumed(
        _FORM_BY_USE,
        unit="-",
        source="judgement: village houses have tiled gables, sheds of industry metal roofs, all else flat "
        "concrete; used only where the layer does not know the roof's shape",
        confidence="unverified",
        choices=ROOF_KINDS,
    )
    gable_height_limit_m: float = assumed(
        9.0,
        unit="m",
        source="judgement: a village house above two storeys and a half is a block with a flat roof",
        confidence="unverified",
        minimum=0.0,
        maximum=900.0,
    )
    hall_height_limit_m: float = assumed(
        24.0,
        unit="m",
        source="judgement: single-storey portal frames stay below 24 m; higher industrial buildings "
        "are concrete",
        confidence="unverified",
        minimum=0.0,
        maximum=900.0,
    )
    hall_minimum_m2: float = assumed(
        300.0,
        unit="m2",
        source="judgement: smaller industrial buildings are concrete annexes",
        confidence="unverified",
        minimum=0.0,
    )
    gable_tilt_deg: float = assumed(
        25.0,
        unit="°",
        source="judgement: tiled roofs rise about 1 in 2",
        confidence="unverified",
        minimum=1.0,
        maximum=70.0,
    )
    hall_tilt_deg: float = assumed(
        5.0,
        unit="°",
        source="judgement: colour-steel roofs rise 5 to 10 %",
        confidence="unverified",
        minimum=0.0,
        maximum=30.0,
    )
    square_ratio: float = assumed(
        1.05,
        unit="1",
        source="judgement: below this ratio of long to short side the outline does not tell the ridge, "
        "and the roof is taken to face the equator as houses here do",
        confidence="unverified",
        minimum=1.0,
        maximum=2.0,
    )
    azimuth_limit_deg: float = assumed(
        100.0,
        unit="°",
        source="judgement: pitched planes turned further from the equator are not built on; 180 keeps all",
        confidence="unverified",
        minimum=0.0,
        maximum=180.0,
    )
    azimuth_limit_tilt_deg: float = assumed(
        10.0,
        unit="°",
        source="judgement: planes up to this tilt are built on whatever way they face",
        confidence="unverified",
        minimum=0.0,
        maximum=90.0,
    )
    usable_share: Mapping[str, float] = assumed(
        {"flat": 0.5, "gable": 0.75, "hall": 0.7},
        unit="1",
        source="share of a plane's surface, from commonly quoted shares of the footprint: flat concrete "
        "0.4-0.6, pitched 0.35-0.5 (0.75 of the sunny plane is 0.375 of the roof), colour steel 0.6-0.8",
        confidence="unverified",
        minimum=0.0,
        maximum=1.0,
    )
    use_factor: Mapping[str, float] = assumed(
        _USE_FACTOR,
        unit="1",
        source="judgement: times the usable share; flats, hospitals and hotels carry water heaters, lifts "
        "and plant; greenhouses and light barns carry no modules; 0 leaves a use out",
        confidence="unverified",
        minimum=0.0,
        maximum=1.0,
    )
    minimum_usable_m2: float = assumed(
        10.0,
        unit="m2",
        source="judgement: less than about 2 kWp is not worth an inverter",
        confidence="unverified",
        minimum=0.0,
    )

    # modules
    module_efficiency: float = assumed(
        0.225,
        unit="1",
        source="usual data sheets of 2024",
        confidence="unverified",
        minimum=0.05,
        maximum=0.5,
    )
    parallel_cover: float = assumed(
        0.95,
        unit="1",
        source="judgement: clamps and maintenance gaps between modules that lie flush",
        confidence="unverified",
        minimum=0.1,
        maximum=1.0,
    )
    rack_tilt_deg: float = assumed(
        15.0,
        unit="°",
        source="judgement: between the best yield per module (about 30 degrees) and per roof (about 10)",
        confidence="unverified",
        minimum=0.0,
        maximum=60.0,
    )
    row_spacing: str = assumed(
        "exact",
        unit="-",
        source="no shade at winter solstice 9 to 15 h solar time: 'exact' by the sun's position, "
        "'rule' by D = 0.707 H / tan(arcsin(0.648 cos φ − 0.399 sin φ))",
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

    # sun and modules in operation
    albedo: float = assumed(
        0.2,
        unit="1",
        source="usual value for built-up ground",
        confidence="unverified",
        minimum=0.0,
        maximum=1.0,
    )
    glass_index: float = assumed(
        1.526,
        unit="1",
        source="De Soto et al. 2006, refractive index of glass",
        confidence="read",
        minimum=1.0,
        maximum=3.0,
    )
    coating_index: float = assumed(
        1.29,
        unit="1",
        source="refractive index of the anti-reflective coat, as PVsyst and pvlib quote",
        confidence="unverified",
        minimum=1.0,
        maximum=3.0,
    )
    heat_loss_w_m2_k: Mapping[str, float] = assumed(
        {"rack": 29.0, "parallel": 20.0},
        unit="W/(m2 K)",
        source="PVsyst help, thermal losses: freestanding 29, semi-integrated 20",
        confidence="read",
        minimum=5.0,
        maximum=60.0,
    )
    heat_loss_wind: float = assumed(
        0.0,
        unit="W s/(m3 K)",
        source="PVsyst help: no wind term unless the site's wind at roof height is known",
        confidence="read",
        minimum=0.0,
        maximum=20.0,
    )
    absorption: float = assumed(
        0.9,
        unit="1",
        source="PVsyst help, absorption of the module",
        confidence="read",
        minimum=0.5,
        maximum=1.0,
    )
    temperature_coefficient: float = assumed(
        -0.0030,
        unit="1/K",
        source="usual data sheets of n-type modules",
        confidence="unverified",
        minimum=-0.01,
        maximum=0.0,
    )
    row_shading: bool = assumed(
        True,
        unit="-",
        source="rows of racks shade each other outside the hours of the solstice rule; pvlib's "
        "shaded_fraction1d (direct, linear) and sky_diffuse_passias (sky)",
        confidence="read",
    )
    low_light_k: float = assumed(
        0.006,
        unit="1",
        source="Marion 2008: lack of power at 200 W/m2 as share of rated power; 3 % of the power there",
        confidence="unverified",
        minimum=0.0,
        maximum=0.05,
    )
    dc_ac_ratio: float = assumed(
        1.15,
        unit="1",
        source="judgement: module power per inverter power",
        confidence="unverified",
        minimum=0.5,
        maximum=2.5,
    )
    inverter_efficiency: float = assumed(
        0.98,
        unit="1",
        source="usual data sheets of string inverters, at rated power",
        confidence="unverified",
        minimum=0.8,
        maximum=1.0,
    )
    dc_loss: Mapping[str, float] = assumed(
        {
            "soiling": 0.03,
            "snow": 0.005,
            "mismatch": 0.015,
            "wiring": 0.015,
            "light_induced": 0.01,
            "age": 0.0,
        },
        unit="1",
        source="judgement beside the PVWatts list (soiling 0.02, mismatch 0.02, wiring 0.02, light-induced "
        "0.015); dustier, tighter modules; age 0 is the first year, later ageing is counted with the money",
        confidence="unverified",
        minimum=0.0,
        maximum=0.5,
    )
    ac_loss: Mapping[str, float] = assumed(
        {"wiring": 0.01, "availability": 0.01},
        unit="1",
        source="judgement: cable and transformer to the meter, and outages (PVWatts lists availability 0.03)",
        confidence="unverified",
        minimum=0.0,
        maximum=0.5,
    )

    # reckoning
    class_tilt_deg: float = assumed(
        2.5,
        unit="°",
        source="width of the classes of tilt; its error is tested",
        confidence="computed",
        minimum=0.5,
        maximum=15.0,
    )
    class_azimuth_deg: float = assumed(
        5.0,
        unit="°",
        source="width of the classes of azimuth, rounded to a whole number of classes; its error is tested",
        confidence="computed",
        minimum=1.0,
        maximum=45.0,
    )
    grid_kg_kwh: float = assumed(
        0.6191,
        unit="kg/kWh",
        source="CO2 factor of Shandong's grid 2023",
        confidence="read",
        minimum=0.0,
        maximum=2.0,
    )
    pilot_kind: Mapping[str, str] = assumed(
        _PILOT_KIND,
        unit="-",
        source="the four kinds of roof of the national whole-county pilots (2021): party and government; "
        "schools, hospitals, village committees and other public; industry and commerce; rural homes. "
        "City flats, farm sheds and garages are in none of the four and are counted as 'other'; "
        "the sorting of our uses is judgement",
        confidence="unverified",
        choices=PILOT_KINDS,
    )
