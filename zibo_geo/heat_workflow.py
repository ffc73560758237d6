"""The heat network, readable as prose: who needs heat."""

__all__ = ["heat_gap", "plan_heat"]

from heat_network.demand import heat_demand
from layers.layer_set import LayerSet
from zibo_geo.case import Case
from zibo_geo.heat_plan import HeatPlan
from zibo_geo.progress import Progress, SilentProgress


def heat_gap(layers: LayerSet) -> tuple[str, str] | None:
    """Return why the layers do not allow a heat network, in Chinese and English; nothing if they do."""
    if layers.streets.empty:
        return "未计算供热：没有道路图层", "Heat was not planned: the study has no streets"
    if layers.heat_sources.empty:
        return "未计算供热：没有热源图层", "Heat was not planned: the study has no heat sources"
    return None


def plan_heat(layers: LayerSet, case: Case, *, progress: Progress | None = None) -> HeatPlan:
    """Ask how much heat every building needs."""
    shown = progress or SilentProgress()
    with shown.stage("heat demand"):
        buildings = heat_demand(layers.buildings, layers.weather, case.assumed("heat_demand"))
    return HeatPlan(buildings=buildings)
