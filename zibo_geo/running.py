"""One run from case to files: who may write, who works, what is kept, and why anything is done again."""

__all__ = ["RunOptions", "explain_run", "plan_again", "run_and_write"]

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from zibo_geo.balances import checked_balances
from zibo_geo.case import Case
from zibo_geo.executors import make_executor
from zibo_geo.files import sweep_beside
from zibo_geo.plan import Plan
from zibo_geo.progress import Progress
from zibo_geo.pv_roofs import ROOFS, stale_tiles
from zibo_geo.pv_workflow import ECONOMY, GROUND
from zibo_geo.run_folder import RunFolder, Stage
from zibo_geo.run_lock import run_lock
from zibo_geo.store import OUTPUTS, check_folder, write_plan
from zibo_geo.tiling import ROOFS_PER_TILE
from zibo_geo.workflow import HEAT, LAYERS, SITING, run_folder, run_plan

PLACE = ".run"
_STAGES_OF = {"pv": (ROOFS, ECONOMY, GROUND), "heat": (HEAT,), "siting": (SITING,)}


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """What a run is asked beside its case.

    Attributes
    ----------
    analyses, questions : collection of str
        As :func:`zibo_geo.workflow.run_plan` takes them.
    executor : {"serial", "processes", "dask"}
        Who works.
    workers : int, optional
        Processes at a time.
    scheduler : str, optional
        Address of a Dask scheduler; a cluster on this machine is started unless given.
    roofs_per_tile : int
        Size of the tiles of rooftop PV; it bounds the memory of a worker and changes no result.
    """

    analyses: Collection[str]
    questions: Collection[str]
    executor: str = "processes"
    workers: int | None = None
    scheduler: str | None = None
    roofs_per_tile: int = ROOFS_PER_TILE


class RunReport(NamedTuple):
    """A finished run: the plan, its balances, and the most memory of each worker [MB]."""

    plan: Plan
    balances: pd.DataFrame
    worker_mb: tuple[float, ...]


class StageState(NamedTuple):
    """One line of an explanation: the stage, and why it must run, or nothing where it is used again."""

    stage: str
    because: str | None


def run_and_write(
    case: Case, folder: Path, options: RunOptions, *, progress: Progress
) -> RunReport:
    """Run a case into a folder: finished stages are used again, every balance closes, files are whole.

    Raises
    ------
    CaseError
        Another run holds the folder, a balance is broken, or nothing can be written.
    """
    check_folder(folder)
    with run_lock(folder / PLACE):
        plan, run, worker_mb = _planned(case, folder, options, progress=progress)
        balances = checked_balances(plan, questions=options.questions)
        write_plan(plan, folder, progress=progress, run=run, balances=balances)
    return RunReport(plan, balances, worker_mb)


def _planned(
    case: Case, folder: Path, options: RunOptions, *, progress: Progress
) -> tuple[Plan, RunFolder, tuple[float, ...]]:
    run = _run(case, folder, options)
    run.sweep()
    sweep_beside(folder)
    with make_executor(
        options.executor, workers=options.workers, scheduler=options.scheduler, progress=progress
    ) as workers:
        plan = run_plan(
            case,
            analyses=options.analyses,
            questions=options.questions,
            progress=progress,
            run=run,
            executor=workers,
        )
    return plan, run, tuple(workers.worker_mb.values())


def plan_again(case: Case, folder: Path, options: RunOptions, *, progress: Progress) -> Plan:
    """Return the plan of a folder: what a run finished there is used again, the rest is computed.

    Raises
    ------
    CaseError
        Another run holds the folder, or it cannot be written.
    """
    check_folder(folder)
    with run_lock(folder / PLACE):
        return _planned(case, folder, options, progress=progress)[0]


def explain_run(case: Case, folder: Path, options: RunOptions) -> Iterator[StageState]:
    """Tell for every stage whether it would be used again, or which input changed; compute nothing."""
    run = _run(case, folder, options)
    stages: list[Stage] = [LAYERS]
    stages += [stage for name in options.analyses for stage in _STAGES_OF[name]]
    for stage in (*stages, *OUTPUTS):
        because = run.stale(stage)
        if stage is ROOFS and because is not None:
            because = f"{because}; {stale_tiles(run)}"
        yield StageState(stage.name, because)


def _run(case: Case, folder: Path, options: RunOptions) -> RunFolder:
    return run_folder(
        case,
        folder / PLACE,
        analyses=options.analyses,
        questions=options.questions,
        roofs_per_tile=options.roofs_per_tile,
    )
