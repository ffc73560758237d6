"""Siting, readable as prose: where a station may stand, then charging, hubs and hydrogen."""

__all__ = ["SITING_QUESTIONS", "plan_siting", "siting_gap"]

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from layers.errors import InfeasibleError, LayerError
from layers.layer_set import LayerSet
from siting.candidates import site_candidates
from siting.charging import charging_plan
from siting.choice import Choice
from siting.hubs import hub_plan
from siting.hydrogen import hydrogen_plan
from siting.legality import legal_equipment
from siting.requests import ChargingRequests
from siting.setbacks import read_setbacks
from siting.site_services import site_services
from siting.street_graph import StreetGraph, street_graph
from siting.tables import QUESTIONS, SITING_ANSWERS
from zibo_geo.case import Case
from zibo_geo.progress import Progress, SilentProgress
from zibo_geo.siting_inputs import own_candidates, own_trips, quota_frame
from zibo_geo.siting_plan import SitingPlan
from zibo_geo.siting_scale import scaled_assumptions

SITING_QUESTIONS = QUESTIONS
_STAGES = {
    "charging": "charging points",
    "hydrogen": "hydrogen stations",
    "hubs": "energy hubs",
}


def siting_gap(layers: LayerSet) -> tuple[str, str] | None:
    """Return why the layers do not allow siting, in Chinese and English; nothing if they do."""
    if layers.streets.empty:
        return "未计算站点选址：没有道路图层", "Stations were not sited: the study has no streets"
    return None


@dataclass(frozen=True, kw_only=True)
class _Ground:
    """What every question starts from."""

    layers: LayerSet
    case: Case
    candidates: gpd.GeoDataFrame
    legal: pd.DataFrame
    graph: StreetGraph


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """Frames of one question, its choice, and notes in English and Chinese."""

    frames: dict[str, Any]
    choice: Choice
    unit: str
    notes: tuple[tuple[str, str], ...]


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
        Its ``[siting]`` table, and the assumptions of the rooms ``candidates``, ``access``, ``charging``,
        ``hydrogen`` and ``hubs``.
    questions : collection of {"charging", "hydrogen", "hubs"}
        Which questions are asked.
    progress : Progress, optional
        Shows the stages.

    Returns
    -------
    SitingPlan
        A question that cannot be answered stays without frames, and ``answers`` says why. Planned hydrogen
        stations that may be hubs become hubs with hydrogen where both are asked.

    Raises
    ------
    LayerError, InfeasibleError
        No question can be answered; the sentence of the first.
    """
    shown = progress or SilentProgress()
    with shown.stage("candidate sites"):
        rules = case.assumed("candidates")
        own = own_candidates(case.siting, layers.area)
        candidates = site_candidates(layers, assumptions=rules, given=own)
        setbacks = read_setbacks(case.siting.setbacks)
        legal = legal_equipment(candidates, layers, setbacks, assumptions=rules)
        graph = street_graph(layers.streets)
    ground = _Ground(layers=layers, case=case, candidates=candidates, legal=legal, graph=graph)
    frames: dict[str, Any] = {}
    ways: dict[str, Callable[[], _Answer]] = {
        "charging": lambda: _charging(ground),
        "hydrogen": lambda: _hydrogen(ground),
        "hubs": lambda: _hubs(ground, frames, asked="hydrogen" in questions),
    }
    rows: dict[str, dict[str, object]] = {}
    failed: LayerError | InfeasibleError | None = None
    asked = [name for name in SITING_QUESTIONS if name in questions]
    for name in asked:
        with shown.stage(_STAGES[name]):
            try:
                answer = ways[name]()
            except (LayerError, InfeasibleError) as error:
                failed = failed or error
                rows[name] = _unanswered(str(error))
                continue
        frames.update(answer.frames)
        rows[name] = _answered(answer)
    if failed is not None and not frames:
        raise failed
    answers = pd.DataFrame.from_dict(rows, orient="index")
    answers.index = pd.Index(answers.index, dtype="str", name=SITING_ANSWERS.key)
    return SitingPlan(
        candidates=candidates,
        legal=legal,
        services=site_services(candidates, legal),
        answers=SITING_ANSWERS.validate(answers, where="The answers of siting"),
        **frames,
    )


def _charging(ground: _Ground) -> _Answer:
    case = ground.case
    assumptions, scaled = scaled_assumptions(ground.layers, case, "charging")
    plan = charging_plan(
        ground.candidates,
        ground.legal,
        ground.layers,
        graph=ground.graph,
        assumptions=assumptions,
        access=case.assumed("access"),
        requests=ChargingRequests(
            quotas=quota_frame(case.siting, ground.layers.area),
            fixed=case.siting.fixed,
            phases=case.siting.phases,
        ),
    )
    return _Answer(
        frames={
            "charging": plan.sites,
            "counties": plan.counties,
            "access": plan.cells,
            "outages": plan.outages,
            "phases": plan.phases,
            "pareto": plan.pareto,
        },
        choice=plan.choice,
        unit="kWh·s/d",
        notes=(*scaled, *plan.notes),
    )


def _hydrogen(ground: _Ground) -> _Answer:
    assumptions, scaled = scaled_assumptions(ground.layers, ground.case, "hydrogen")
    plan = hydrogen_plan(
        ground.candidates,
        ground.legal,
        ground.layers,
        assumptions=assumptions,
        trips=own_trips(ground.case.siting, ground.layers.area),
    )
    return _Answer(
        frames={
            "hydrogen": plan.sites,
            "hydrogen_steps": plan.steps,
            "flows": plan.flows,
            "sources": plan.sources,
            "hauls": plan.hauls,
        },
        choice=plan.choice,
        unit="1/d",
        notes=(*scaled, *plan.notes),
    )


def _hubs(ground: _Ground, frames: Mapping[str, Any], *, asked: bool) -> _Answer:
    """Answer hubs; hydrogen stands where its own answer puts it, where that was asked."""
    case = ground.case
    stations = tuple(frames["hydrogen"].index) if "hydrogen" in frames else ()
    assumptions, scaled = scaled_assumptions(ground.layers, case, "hubs")
    plan = hub_plan(
        ground.candidates,
        ground.legal,
        ground.layers,
        graph=ground.graph,
        assumptions=assumptions,
        access=case.assumed("access"),
        hydrogen=stations if asked else None,
    )
    return _Answer(
        frames={"hubs": plan.sites, "hub_services": plan.services},
        choice=plan.choice,
        unit="1",
        notes=(*scaled, *plan.notes),
    )


def _answered(answer: _Answer) -> dict[str, object]:
    choice = answer.choice
    return {
        "answered": True,
        "sites": choice.chosen.size,
        "unit": answer.unit,
        "objective": choice.objective,
        "bound": choice.bound,
        "gap": choice.gap,
        "status": choice.status,
        "sentence": " ".join(english for english, _ in answer.notes),
        "sentence_zh": "".join(chinese for _, chinese in answer.notes),
    }


def _unanswered(sentence: str) -> dict[str, object]:
    return {
        "answered": False,
        "sites": None,
        "unit": "-",
        "objective": float("nan"),
        "bound": float("nan"),
        "gap": float("nan"),
        "status": "none",
        "sentence": sentence,
        "sentence_zh": f"无法解答：{sentence}",
    }
