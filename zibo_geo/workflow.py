"""The plan, readable as prose: read the layers, ask each analysis its question, keep the answers."""

__all__ = ["ANALYSES", "run_plan"]

from collections.abc import Collection
from types import MappingProxyType

from layers.errors import CaseError
from zibo_geo.case import Case
from zibo_geo.heat_workflow import heat_gap, plan_heat
from zibo_geo.plan import Plan
from zibo_geo.progress import Progress, SilentProgress
from zibo_geo.pv_workflow import plan_rooftop_pv
from zibo_geo.reading import read_layers
from zibo_geo.siting_workflow import SITING_QUESTIONS, plan_siting, siting_gap
from zibo_geo.targets import scored

ANALYSES = ("pv", "heat", "siting")


def run_plan(
    case: Case,
    *,
    analyses: Collection[str] = ANALYSES,
    questions: Collection[str] = SITING_QUESTIONS,
    progress: Progress | None = None,
) -> Plan:
    """Run the whole plan of a case.

    Parameters
    ----------
    case : Case
        From :func:`zibo_geo.case.load_case`.
    analyses : collection of {"pv", "heat", "siting"}
        Which analyses are run.
    questions : collection of {"charging", "hydrogen", "hubs"}
        Which questions siting is asked.
    progress : Progress, optional
        Shows the stages; silent unless given.

    Returns
    -------
    Plan
        Layers and results; nothing is written. An analysis that the layers do not allow is skipped, and
        the plan says so.

    Raises
    ------
    CaseError
        The layers allow none of the analyses asked for.
    """
    shown = progress or SilentProgress()
    layers = read_layers(case, progress=shown)
    gaps = {"heat": heat_gap(layers), "siting": siting_gap(layers)}
    skipped = {name: gap for name, gap in gaps.items() if gap is not None and name in analyses}
    if skipped and len(skipped) == len(set(analyses)):
        sentence = "; ".join(gap[1] for gap in skipped.values())
        raise CaseError(f"{sentence}; add the layer to the case.")
    wanted = set(analyses) - set(skipped)
    plan = Plan(
        case=case,
        layers=layers,
        pv=plan_rooftop_pv(layers, case, progress=shown) if "pv" in wanted else None,
        heat=plan_heat(layers, case, progress=shown) if "heat" in wanted else None,
        siting=(
            plan_siting(layers, case, questions=questions, progress=shown)
            if "siting" in wanted
            else None
        ),
        skipped=MappingProxyType(skipped),
    )
    return scored(plan)
