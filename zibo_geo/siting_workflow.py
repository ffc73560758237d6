"""Siting, readable as prose: where a station may stand."""

__all__ = ["SITING_QUESTIONS", "plan_siting", "siting_gap"]

from collections.abc import Collection

from layers.layer_set import LayerSet
from siting.candidates import site_candidates
from zibo_geo.case import Case
from zibo_geo.progress import Progress, SilentProgress
from zibo_geo.siting_plan import SitingPlan

SITING_QUESTIONS = ("charging", "hydrogen", "hubs")


def siting_gap(layers: LayerSet) -> tuple[str, str] | None:
    """Return why the layers do not allow siting, in Chinese and English; nothing if they do."""
    if layers.streets.empty:
        return "未计算站点选址：没有道路图层", "Stations were not sited: the study has no streets"
    return None


def plan_siting(
    layers: LayerSet,
    case: Case,
    *,
    questions: Collection[str] = SITING_QUESTIONS,  # noqa: ARG001
    progress: Progress | None = None,
) -> SitingPlan:
    """Ask where stations may stand."""
    shown = progress or SilentProgress()
    with shown.stage("candidate sites"):
        candidates = site_candidates(layers, assumptions=case.assumed("candidates"))
    return SitingPlan(candidates=candidates)
