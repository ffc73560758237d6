"""Assumptions of the shading of roofs by neighbours and relief."""

__all__ = ["ShadingAssumptions"]

from dataclasses import dataclass

from layers.assumptions import Assumptions, assumed


@dataclass(frozen=True, kw_only=True)
class ShadingAssumptions(Assumptions):
    """How far and how finely a roof looks around.

    Examples
    --------
    >>> ShadingAssumptions().sectors
    72
    """

    shaded: bool = assumed(
        True,
        unit="-",
        source="neighbours and relief are part of every yield unless a case leaves them out",
        confidence="computed",
    )
    sectors: int = assumed(
        72,
        unit="1",
        source="5° each; the error against hour-by-hour ray marching is printed by benchmarks/shading.py",
        confidence="computed",
        minimum=8,
        maximum=360,
    )
    points_per_plane: int = assumed(
        4,
        unit="1",
        source="stratified points; the error per roof is printed by benchmarks/shading.py",
        confidence="computed",
        minimum=1,
        maximum=64,
    )
    radius_m: float = assumed(
        300.0,
        unit="m",
        source="every neighbour within counts; towers beyond it count while they rise above 4°",
        confidence="computed",
        minimum=1.0,
        maximum=5000.0,
    )
    planes_at_once: int = assumed(
        40_000,
        unit="1",
        source="bounds the memory; results do not depend on it",
        confidence="computed",
        minimum=100,
    )
