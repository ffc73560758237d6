"""Who does the work: this process, a pool of processes on this machine, or a Dask cluster.

A task is a function of a module with arguments that travel, such as the run folder and a case. It reads its
inputs from the run folder and leaves its result there, so every executor gives the same bytes.
"""

__all__ = ["EXECUTORS", "DaskCluster", "Executor", "InProcess", "make_executor"]

import logging
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import Any, Protocol, Self

from layers.compilation import keep_compiled
from layers.errors import CaseError
from zibo_geo.process_pool import ProcessPool
from zibo_geo.progress import Progress, SilentProgress
from zibo_geo.tasks import KILLED, Pending, Task, available_cores, ended, teach_copies
from zibo_geo.told_progress import Retelling

EXECUTORS = ("serial", "processes", "dask")
_TOPIC = "zibo-geo"


class Executor(AbstractContextManager["Executor"], Protocol):
    """What the workflow needs of whoever does the work.

    Attributes
    ----------
    apart : bool
        Whether tasks run in other processes beside this one.
    """

    apart: bool

    @property
    def worker_mb(self) -> Mapping[int | str, float]:
        """Largest resident memory of each worker [MB], as far as it is known."""

    def submit(self, task: Task, *arguments: Any) -> Pending:
        """Hand over a task; it runs when somebody is free."""

    def finish(
        self, pendings: Iterable[Pending], told: Callable[[Pending], None] | None = None
    ) -> None:
        """Wait until all tasks have ended, tell of each, and raise the first fault."""


class InProcess:
    """Runs every task in this process, in order, when its end is asked for."""

    apart = False

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress or SilentProgress()
        self.worker_mb: dict[int | str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def submit(self, task: Task, *arguments: Any) -> Pending:
        """Keep the task."""
        return Pending(task, arguments)

    def finish(
        self, pendings: Iterable[Pending], told: Callable[[Pending], None] | None = None
    ) -> None:
        """Run the tasks."""
        for pending in pendings:
            pending.end(pending.task(self._progress, *pending.arguments))
            if told is not None:
                told(pending)


class DaskCluster:
    """Runs tasks on a Dask cluster, whose workers see the run folder under the same path.

    Parameters
    ----------
    workers : int, optional
        Processes of a cluster that is started on this machine; one per core unless given.
    scheduler : str, optional
        Address of a running scheduler instead, such as ``tcp://host:8786``.
    progress : Progress, optional
        Shows the stages of the tasks.
    """

    apart = True

    def __init__(
        self,
        workers: int | None = None,
        *,
        scheduler: str | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._workers, self._scheduler = workers or available_cores(), scheduler
        self._progress = progress or SilentProgress()
        self._told: dict[str, Retelling] = {}
        self._futures: dict[Pending, Any] = {}
        self._open = ExitStack()
        self.worker_mb: dict[int | str, float] = {}

    def __enter__(self) -> Self:
        try:
            from distributed import Client, LocalCluster, fire_and_forget
        except ImportError as error:
            raise CaseError(
                "Dask is not installed; add it with `pip install 'zibo-geo[scale]'`, or leave --executor out."
            ) from error
        teach_copies()
        keep_compiled()
        address: Any = self._scheduler
        if address is None:
            address = self._open.enter_context(
                LocalCluster(  # type: ignore[no-untyped-call]
                    n_workers=self._workers,
                    threads_per_worker=1,
                    dashboard_address=None,
                    silence_logs=logging.ERROR,
                )
            )
        try:
            self._client = self._open.enter_context(
                Client(address, timeout="10s")  # type: ignore[no-untyped-call]
            )
        except (OSError, ValueError) as error:
            self._open.close()
            raise CaseError(
                f"No Dask scheduler answers at {self._scheduler!r}; start one with `dask scheduler`, or "
                "leave --scheduler out to work on this machine."
            ) from error
        self._client.subscribe_topic(_TOPIC, self._hear)
        for worker in self._client.scheduler_info()["workers"]:
            name = f"zibo-geo-{uuid.uuid4().hex}"
            opened = self._client.submit(_open_rooms, key=name, workers=[worker])
            fire_and_forget(opened)  # type: ignore[no-untyped-call]
        return self

    def __exit__(self, *exc: object) -> None:
        self._open.close()

    def submit(self, task: Task, *arguments: Any) -> Pending:
        """Hand the task to the scheduler, which tries it again where a worker dies."""
        pending = Pending(task, arguments)
        name = uuid.uuid4().hex
        self._told[name] = Retelling(self._progress)
        self._futures[pending] = self._client.submit(
            _on_cluster, name, task, arguments, key=f"zibo-geo-{name}", pure=False
        )
        return pending

    def finish(
        self, pendings: Iterable[Pending], told: Callable[[Pending], None] | None = None
    ) -> None:
        """Wait for the tasks."""
        from distributed import KilledWorker, as_completed

        waiting = {self._futures.pop(pending): pending for pending in pendings}
        for future in as_completed(waiting):  # type: ignore[no-untyped-call]
            pending = waiting[future]
            try:
                answer = future.result()
            except KilledWorker as error:
                raise CaseError(KILLED) from error
            self.worker_mb[answer["worker"]] = answer["megabytes"]
            pending.end(answer["value"], fault=answer["fault"])
            if pending.fault is not None:
                raise pending.fault
            if told is not None:
                told(pending)

    def _hear(self, event: tuple[Any, Any]) -> None:
        name, word = event[1]
        if name in self._told:
            self._told[name].hear(tuple(word))


def _open_rooms() -> None:
    """Open the libraries of the tasks, so that the first task of a worker does not wait for them."""
    import zibo_geo.workflow  # noqa: F401


def _on_cluster(name: str, task: Task, arguments: tuple[Any, ...]) -> dict[str, Any]:
    """Do a task on a worker of the cluster."""
    from distributed import get_worker

    worker = get_worker()
    answer = ended(task, arguments, lambda word: worker.log_event(_TOPIC, (name, list(word))))
    return {**answer, "worker": str(worker.address)}


def make_executor(
    name: str,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    progress: Progress | None = None,
) -> Executor:
    """Return an executor by name.

    Parameters
    ----------
    name : {"serial", "processes", "dask"}
        ``processes`` falls back to this process alone where the machine has one core.
    workers : int, optional
        Processes that work at a time.
    scheduler : str, optional
        Address of a Dask scheduler.
    progress : Progress, optional
        Shows the stages of the tasks.
    """
    if name == "dask":
        return DaskCluster(workers, scheduler=scheduler, progress=progress)
    if name == "processes" and (workers or available_cores()) > 1:
        return ProcessPool(workers, progress=progress)
    return InProcess(progress)
