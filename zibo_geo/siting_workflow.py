"""Siting, readable as prose: where a station may stand, then charging, hubs and hydrogen."""

__all__ = ["SITING_QUESTIONS", "plan_siting", "siting_gap"]

from collections.abc import Collection
from typing import Any

from layers.layer_set import LayerSet
from siting.candidates import site_candidates
from siting.charging import charging_plan
from siting.hubs import hub_plan
from siting.hydrogen import hydrogen_plan
from siting.legality import legal_equipment
from siting.setbacks import read_setbacks
from siting.street_graph import street_graph
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
    questions: Collection[str] = SITING_QUESTIONS,
    progress: Progress | None = None,
) -> SitingPlan:
    """Ask where stations may stand, and answer the questions asked.

    Parameters
    ----------
    layers : LayerSet
        What is on the ground.
    case : Case
        Assumptions of the rooms ``candidates``, ``access``, ``charging``, ``hydrogen`` and ``hubs``.
    questions : collection of {"charging", "hydrogen", "hubs"}
        Which questions are asked.
    progress : Progress, optional
        Shows the stages.
    """
    shown = progress or SilentProgress()
    found: dict[str, Any] = {}
    with shown.stage("candidate sites"):
        rules = case.assumed("candidates")
        candidates = site_candidates(layers, assumptions=rules)
        legal = legal_equipment(candidates, layers, read_setbacks(), assumptions=rules)
        graph = street_graph(layers.streets)
    if "charging" in questions:
        with shown.stage("charging points"):
            charging = charging_plan(
                candidates, legal, layers, graph=graph, assumptions=case.assumed("charging")
            )
        found |= {
            "charging": charging.sites,
            "counties": charging.counties,
            "access": charging.cells,
            "phases": charging.phases,
            "pareto": charging.pareto,
        }
    if "hubs" in questions:
        with shown.stage("energy hubs"):
            hubs = hub_plan(
                candidates, legal, layers, graph=graph, assumptions=case.assumed("hubs")
            )
        found["hubs"] = hubs.sites
    if "hydrogen" in questions:
        with shown.stage("hydrogen stations"):
            hydrogen = hydrogen_plan(
                candidates, legal, layers, assumptions=case.assumed("hydrogen")
            )
        found["hydrogen"] = hydrogen.sites
    return SitingPlan(candidates=candidates, legal=legal, **found)
