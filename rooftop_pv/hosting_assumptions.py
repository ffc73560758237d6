"""Assumptions of the grid: hosting capacity of substations and where a roof connects."""

__all__ = ["HostingAssumptions"]

from collections.abc import Mapping
from dataclasses import dataclass

from layers.assumptions import Assumptions, assumed

_RULE = "DL/T 2041-2025"


@dataclass(frozen=True, kw_only=True)
class HostingAssumptions(Assumptions):
    """What the hosting capacity takes for granted; every value can be overridden by key."""

    single_load_factor: float = assumed(
        0.80,
        unit="1",
        source=_RULE + ": β of one transformer or a split bus",
        confidence="read",
        minimum=0.1,
        maximum=1.0,
    )
    split_bus: bool = assumed(
        False,
        unit="-",
        source="judgement: transformers run in parallel, so that β is (n − 1)/n; true gives all of them the "
        "β of a split bus. A column 'split_bus' of the substations comes first",
        confidence="unverified",
    )
    power_factor: float = assumed(
        0.95,
        unit="1",
        source="judgement: cos θ at which the generation feeds back",
        confidence="unverified",
        minimum=0.5,
        maximum=1.0,
    )
    peak_share: float = assumed(
        0.80,
        unit="1",
        source="judgement: τ_max, the greatest output of all distributed generation together per its "
        "installed power",
        confidence="unverified",
        minimum=0.1,
        maximum=1.2,
    )
    other_generation_mw: float = assumed(
        0.0,
        unit="MW",
        source="P_G where the column 'other_generation_mw' is missing: no other generation known",
        confidence="unverified",
        minimum=0.0,
    )
    storage_mw: float = assumed(
        0.0,
        unit="MW",
        source="P_ESS and ΔP_ESS together, charging at that hour, where the column 'storage_mw' is missing",
        confidence="unverified",
        minimum=0.0,
    )
    red_children: bool = assumed(
        True,
        unit="-",
        source="a red parent makes its children red: read in public code, not in the standard",
        confidence="read",
    )
    grid_kw_kwp: float = assumed(
        1.0,
        unit="kW/kWp",
        source="judgement: the grid counts the modules' power; 0.87 where it counts that of the inverters",
        confidence="unverified",
        minimum=0.1,
        maximum=1.5,
    )
    feeder_reach_m: float = assumed(
        3000.0,
        unit="m",
        source="judgement: a roof further than this from every substation of its level is not connected; "
        "times the square root of the level's voltage over the lowest level's",
        confidence="unverified",
        minimum=10.0,
        maximum=200000.0,
    )
    level_from_kwp: Mapping[str, float] = assumed(
        {"medium": 400.0, "high": 6000.0},
        unit="kWp",
        source="commonly quoted: up to 400 kW at 380 V under a 10 kV transformer, above at 10 kV, above 6 MW "
        "at 35 kV",
        confidence="unverified",
        minimum=0.0,
    )
    level_kv: Mapping[str, float] = assumed(
        {"medium": 35.0, "high": 110.0},
        unit="kV",
        source="judgement: least voltage of the high side of the substation on whose bus such a roof ends",
        confidence="unverified",
        minimum=0.1,
    )
