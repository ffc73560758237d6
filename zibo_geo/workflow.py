"""The plan, readable as prose: read the layers, ask each analysis its question, keep the answers."""

__all__ = ["ANALYSES", "HEAT", "LAYERS", "SITING", "run_folder", "run_plan"]

import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from layers.errors import CaseError
from layers.layer_set import LayerSet
from zibo_geo.case import Case
from zibo_geo.executors import Executor, InProcess
from zibo_geo.heat_plan import HeatPlan
from zibo_geo.heat_workflow import heat_gap, plan_heat
from zibo_geo.plan import Plan
from zibo_geo.progress import Progress, SilentProgress
from zibo_geo.pv_workflow import plan_rooftop_pv
from zibo_geo.reading import read_layers
from zibo_geo.run_folder import MemoryRun, RunFolder, Stage
from zibo_geo.run_inputs import EVERY_INPUT_OF_LAYERS
from zibo_geo.siting_plan import SitingPlan
from zibo_geo.siting_workflow import SITING_QUESTIONS, plan_siting, siting_gap
from zibo_geo.stored import LAYER_CLASSES
from zibo_geo.targets import scored
from zibo_geo.tiling import ROOFS_PER_TILE

ANALYSES = ("pv", "heat", "siting")
LAYERS = Stage(name="layers", classes=LAYER_CLASSES, needs=EVERY_INPUT_OF_LAYERS)
HEAT = Stage(
    name="heat",
    classes=(HeatPlan,),
    needs=("code.layers", "code.heat_network", "code.workflow.heat", "libraries"),
)
SITING = Stage(
    name="siting",
    classes=(SitingPlan,),
    needs=("code.layers", "code.siting", "code.workflow.siting", "libraries", "questions"),
)


def run_plan(
    case: Case,
    *,
    analyses: Collection[str] = ANALYSES,
    questions: Collection[str] = SITING_QUESTIONS,
    progress: Progress | None = None,
    run: RunFolder | None = None,
    executor: Executor | None = None,
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
    run : RunFolder, optional
        From :func:`run_folder`; finished stages are kept there and used again while what they were made
        from stays.
    executor : Executor, optional
        Already entered; this process works alone unless given.

    Returns
    -------
    Plan
        Layers and results. An analysis that the layers do not allow is skipped, and the plan says so.

    Raises
    ------
    CaseError
        The layers allow none of the analyses asked for.
    """
    shown = progress or SilentProgress()
    workers = executor or InProcess(shown)
    with _kept(run, case, workers, questions=questions) as place:
        layers = place.kept(LAYERS, lambda: read_layers(case, progress=shown))
        gaps = {"heat": heat_gap(layers), "siting": siting_gap(layers)}
        skipped = {name: gap for name, gap in gaps.items() if gap is not None and name in analyses}
        if skipped and len(skipped) == len(set(analyses)):
            sentence = "; ".join(gap[1] for gap in skipped.values())
            raise CaseError(f"{sentence}; add the layer to the case.")
        wanted = set(analyses) - set(skipped)
        beside = [
            workers.submit(_answer_apart, (place, case, name, tuple(questions)))
            for name in ("heat", "siting")  # the longest first: this process takes what is left
            if name in wanted and isinstance(place, RunFolder) and workers.apart
        ]
        pv = (
            plan_rooftop_pv(layers, case, progress=shown, run=place, executor=workers)
            if "pv" in wanted
            else None
        )
        workers.finish(beside)
        heat = _heat(place, layers, case, shown=shown) if "heat" in wanted else None
        siting = (
            _siting(place, layers, case, questions=questions, shown=shown)
            if "siting" in wanted
            else None
        )
    plan = Plan(
        case=case,
        layers=layers,
        pv=pv,
        heat=heat,
        siting=siting,
        skipped=MappingProxyType(skipped),
    )
    return scored(plan)


def run_folder(
    case: Case,
    folder: Path,
    *,
    analyses: Collection[str] = ANALYSES,
    questions: Collection[str] = SITING_QUESTIONS,
    roofs_per_tile: int = ROOFS_PER_TILE,
) -> RunFolder:
    """Return the run folder of a case, for :func:`run_plan`; hold it with ``run_lock`` meanwhile."""
    words = {"questions": ",".join(sorted(questions)), "analyses": ",".join(sorted(analyses))}
    return RunFolder.of(folder, case, words=words, roofs_per_tile=roofs_per_tile)


@contextmanager
def _kept(
    run: RunFolder | None, case: Case, workers: Executor, *, questions: Collection[str]
) -> Iterator[MemoryRun | RunFolder]:
    """Give the run folder; one that is gone afterwards where only other processes need it."""
    if run is not None:
        yield run
    elif workers.apart:
        with tempfile.TemporaryDirectory(prefix="zibo-geo-") as passing:
            yield run_folder(case, Path(passing), questions=questions)
    else:
        yield MemoryRun()


def _answer_apart(progress: Progress, given: tuple[RunFolder, Case, str, Sequence[str]]) -> None:
    """Answer one analysis in another process: layers and answer pass through the run folder."""
    run, case, name, questions = given
    stage = {"heat": HEAT, "siting": SITING}[name]
    if run.stale(stage) is None:
        return
    layers = run.kept(LAYERS, lambda: read_layers(case, progress=progress))
    if name == "heat":
        _heat(run, layers, case, shown=progress)
    else:
        _siting(run, layers, case, questions=questions, shown=progress)


def _heat(run: MemoryRun | RunFolder, layers: LayerSet, case: Case, *, shown: Progress) -> HeatPlan:
    return run.asked(
        HEAT, lambda *given: plan_heat(*given, progress=shown), layers=layers, case=case
    )


def _siting(
    run: MemoryRun | RunFolder,
    layers: LayerSet,
    case: Case,
    *,
    questions: Collection[str],
    shown: Progress,
) -> SitingPlan:
    def ask(layers: LayerSet, case: Case) -> SitingPlan:
        return plan_siting(layers, case, questions=questions, progress=shown)

    return run.asked(SITING, ask, layers=layers, case=case)
