"""The city's promises scaled to the study: Zibo's totals hold for Zibo, another place gets its share."""

__all__ = ["scaled_assumptions"]

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from layers.assumptions import Assumptions
from layers.layer_set import LayerSet
from siting.charging_assumptions import ChargingAssumptions
from zibo_geo.case import Case

_CITY = "370300"
_CITY_PEOPLE = 4_704_138.0  # census 2020
_TOTALS: Mapping[str, tuple[tuple[str, int], ...]] = MappingProxyType({
    "charging": (("points", 20), ("vehicles", 20), ("sites", 1)),
    "hydrogen": (("stations", 1), ("trips_d", 1), ("bus_trips_d", 0)),
    "hubs": (("count", 1), ("budget_mcny", 50)),
    "county": (("city_new_mw", 0), ("city_total_mw", 0), ("build_limit_mw", 0)),
})  # fmt: skip


def scaled_assumptions(
    layers: LayerSet, case: Case, room: str
) -> tuple[Any, tuple[tuple[str, str], ...]]:
    """Return the assumptions of a room, totals of the plan scaled by people, and what was scaled.

    Parameters
    ----------
    layers : LayerSet
        Its counties and buildings say how many people live in the study.
    case : Case
        What it sets itself is never scaled.
    room : {"charging", "hydrogen", "hubs", "county"}
        Room of the assumptions.

    Returns
    -------
    assumptions : Assumptions
        Those of the case for Zibo; elsewhere with totals by people.
    notes : tuple of (str, str)
        One sentence in English and Chinese where something was scaled.
    """
    given: Assumptions = case.assumed(room)
    if layers.area.adcode == _CITY:
        return given, ()
    share = _people(layers, case.assumed("charging")) / _CITY_PEOPLE
    changed: dict[str, Any] = {}
    for name, least in _TOTALS[room]:
        if name in given.overrides:
            continue
        value = getattr(given, name)
        scaled = max(float(least), value * share)
        changed[name] = round(scaled) if isinstance(value, int) else scaled
    if room == "hubs" and changed.get("count", len(layers.area.counties)) < len(
        layers.area.counties
    ):
        changed.update({} if "least_per_county" in given.overrides else {"least_per_county": 0})
    if not changed:
        return given, ()
    words = ", ".join(f"{name} = {value:,.5g}" for name, value in changed.items())
    basis = (
        "people" if layers.area.counties["population"].notna().all() else "people by mapped homes"
    )
    basis_zh = "人口" if basis == "people" else "人口（按已有住宅面积推算）"
    note = (
        f"Without totals of its own, Zibo's plan was scaled to the {basis} here ({share:.2%}): {words}.",
        f"算例未给出本地总量，按{basis_zh}由淄博规划折算（{share:.2%}）：{words}。",
    )
    source = {"source": f"Zibo's plan scaled by people, {share:.3%}", "confidence": "computed"}
    overrides = {**given.overrides, **dict.fromkeys(changed, source)}
    made = dataclasses.replace(given, **changed, overrides=MappingProxyType(overrides))
    return made, (note,)


def _people(layers: LayerSet, given: ChargingAssumptions) -> float:
    known = layers.area.counties["population"].astype("float64")
    if known.notna().all() and known.sum() > 0.0:
        return float(known.sum())
    homes = layers.buildings[
        layers.buildings["use"].astype("str").isin(("rural_home", "apartment"))
    ]
    storeys = (homes["height_m"] / 3.0).round().clip(lower=1.0)
    return float((homes["footprint_m2"] * storeys).sum()) / given.home_m2 * given.persons_per_home
