"""Who does the work: this process, a pool of processes on this machine, or a Dask cluster.

A task is a function of a module with arguments that travel, such as the run folder and a case. It reads its
inputs from the run folder and leaves its result there, so every executor gives the same bytes.
"""

__all__ = [
    "EXECUTORS",
    "DaskCluster",
    "Executor",
    "InProcess",
    "Pending",
    "ProcessPool",
    "make_executor",
]

import copyreg
import logging
import multiprocessing
import os
import threading
import traceback
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack
from types import MappingProxyType, TracebackType
from typing import Any, Protocol, Self

from layers.compilation import keep_compiled
from layers.errors import CaseError
from zibo_geo.progress import Progress, SilentProgress
from zibo_geo.told_progress import ProgressTeller, Retelling, Tell

_LOG = logging.getLogger(__name__)
EXECUTORS = ("serial", "processes", "dask")
_ATTEMPTS = 3
_TOPIC = "zibo-geo"
_KILLED = (
    "A worker process was ended by the system again and again, most likely for want of memory; run "
    "again with --executor serial, or with fewer --workers. What is finished is kept."
)

Task = Callable[..., Any]
"""Called as ``task(progress, *arguments)``."""


class Pending:
    """A task that was handed over, and its end."""

    def __init__(self, task: Task, arguments: tuple[Any, ...]) -> None:
        self.task, self.arguments = task, arguments
        self.value: Any = None
        self.fault: BaseException | None = None
        self._ended = threading.Event()

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return self._ended.is_set()

    def end(self, value: Any = None, *, fault: BaseException | None = None) -> None:
        """Note the end."""
        self.value, self.fault = value, fault
        self._ended.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end."""
        return self._ended.wait(seconds)


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
        self, pendings: Iterable[Pending], ended: Callable[[Pending], None] | None = None
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
        self, pendings: Iterable[Pending], ended: Callable[[Pending], None] | None = None
    ) -> None:
        """Run the tasks."""
        for pending in pendings:
            pending.end(pending.task(self._progress, *pending.arguments))
            if ended is not None:
                ended(pending)


class ProcessPool:
    """Runs tasks in worker processes of this machine, and in this one while it waits for them.

    A worker starts as a fresh interpreter, never as a copy of this process, whose threads and locks a copy
    would not survive. One that dies is replaced and its task tried again; workers end with this process.

    Parameters
    ----------
    workers : int, optional
        Processes that work at a time, this one included; one per core unless given.
    progress : Progress, optional
        Shows the stages of the tasks.
    """

    apart = True

    def __init__(self, workers: int | None = None, *, progress: Progress | None = None) -> None:
        self.workers = max(workers or available_cores(), 2)
        self._progress = progress or SilentProgress()
        self._queue: deque[Pending] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._threads: list[threading.Thread] = []
        self._live: set[_Worker] = set()
        self.worker_mb: dict[int | str, float] = {}
        """Largest resident memory of each worker so far [MB], by process id."""

    def __enter__(self) -> Self:
        _teach_copies()
        keep_compiled()
        for number in range(self.workers - 1):
            thread = threading.Thread(target=self._serve, name=f"worker-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._changed:
            self._closed = True
            self._queue.clear()
            self._changed.notify_all()
        for worker in list(self._live) if kind is not None else []:
            worker.kill()
        for thread in self._threads:
            thread.join()

    def submit(self, task: Task, *arguments: Any) -> Pending:
        """Queue the task; a worker takes it when it is free."""
        pending = Pending(task, arguments)
        with self._changed:
            self._queue.append(pending)
            self._changed.notify()
        return pending

    def finish(
        self, pendings: Iterable[Pending], ended: Callable[[Pending], None] | None = None
    ) -> None:
        """Wait for the tasks and work through those that no worker has taken."""
        waiting = list(pendings)
        while waiting:
            own = self._take(waiting)
            if own is not None:
                own.end(own.task(self._progress, *own.arguments))
            else:
                with self._changed:
                    self._changed.wait_for(lambda: any(item.done for item in waiting))
            for pending in [item for item in waiting if item.done]:
                waiting.remove(pending)
                if pending.fault is not None:
                    raise pending.fault
                if ended is not None:
                    ended(pending)

    def _take(self, wanted: list[Pending] | None = None) -> Pending | None:
        """Return a task that nobody has taken; this process takes the last of those that it waits for."""
        with self._changed:
            if wanted is None:
                self._changed.wait_for(lambda: self._queue or self._closed)
                return None if self._closed else self._queue.popleft()
            for pending in reversed(self._queue):
                if pending in wanted:
                    self._queue.remove(pending)
                    return pending
        return None

    def _serve(self) -> None:
        """Feed one worker, in a thread of its own; a new process is started where one dies."""
        worker = self._hired()
        while (pending := self._take()) is not None:
            try:
                worker = self._answered(worker, pending)
            except Exception as fault:  # noqa: BLE001 - raised where the task's end is awaited
                pending.end(fault=fault)
            with self._changed:
                self._changed.notify_all()
        self._dismiss(worker)

    def _answered(self, worker: "_Worker", pending: Pending) -> "_Worker":
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                value, fault = worker.ask(pending, self._progress)
            except (EOFError, ConnectionError):
                self._dismiss(worker)
                if self._closed:
                    pending.end(fault=CaseError("The run ended before this part."))
                    return worker
                _LOG.warning("A worker process ended (attempt %d of %d).", attempt, _ATTEMPTS)
                worker = self._hired()
                continue
            self.worker_mb[worker.process_id] = worker.megabytes
            pending.end(value, fault=fault)
            return worker
        pending.end(fault=CaseError(_KILLED))
        return worker

    def _hired(self) -> "_Worker":
        worker = _Worker()
        self._live.add(worker)
        return worker

    def _dismiss(self, worker: "_Worker") -> None:
        self._live.discard(worker)
        worker.kill()


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
            from distributed import Client, LocalCluster
        except ImportError as error:
            raise CaseError(
                "Dask is not installed; add it with `pip install 'zibo-geo[scale]'`, or leave --executor out."
            ) from error
        _teach_copies()
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
        self, pendings: Iterable[Pending], ended: Callable[[Pending], None] | None = None
    ) -> None:
        """Wait for the tasks."""
        from distributed import KilledWorker, as_completed

        waiting = {self._futures.pop(pending): pending for pending in pendings}
        for future in as_completed(waiting):  # type: ignore[no-untyped-call]
            pending = waiting[future]
            try:
                answer = future.result()
            except KilledWorker as error:
                raise CaseError(_KILLED) from error
            self.worker_mb[answer["worker"]] = answer["megabytes"]
            pending.end(answer["value"], fault=answer["fault"])
            if pending.fault is not None:
                raise pending.fault
            if ended is not None:
                ended(pending)

    def _hear(self, event: tuple[Any, Any]) -> None:
        name, word = event[1]
        if name in self._told:
            self._told[name].hear(tuple(word))


def _on_cluster(name: str, task: Task, arguments: tuple[Any, ...]) -> dict[str, Any]:
    """Do a task on a worker of the cluster."""
    from distributed import get_worker

    worker = get_worker()
    answer = _ended(task, arguments, lambda word: worker.log_event(_TOPIC, (name, list(word))))
    return {**answer, "worker": str(worker.address)}


class _Worker:
    """One worker process and the pipe to it."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        level = logging.getLogger().getEffectiveLevel()
        self._process = context.Process(target=_work, args=(other, level), daemon=True)
        self._process.start()
        other.close()  # so that the pipe ends with the worker
        self.megabytes = 0.0

    @property
    def process_id(self) -> int:
        """Number of the process."""
        return int(self._process.pid or 0)

    def ask(self, pending: Pending, progress: Progress) -> tuple[Any, BaseException | None]:
        """Let the worker do a task; the stages that it tells of are shown."""
        self._pipe.send((pending.task, pending.arguments))
        with Retelling(progress) as told:
            while True:
                kind, content = self._pipe.recv()
                if kind == "progress":
                    told.hear(content)
                    continue
                self.megabytes = content["megabytes"]
                return content["value"], content["fault"]

    def kill(self) -> None:
        """End the process; what it was at is lost, what it finished is in the run folder."""
        if self._process.is_alive():
            self._process.kill()
        self._process.join()


def _work(pipe: Any, level: int) -> None:
    """Do what comes through the pipe until it ends; the life of a worker process."""
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s")
    parent = multiprocessing.parent_process()
    if parent is not None:
        # The parent may be killed while a task runs here; nobody would wait for its end.
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    while True:
        try:
            task, arguments = pipe.recv()
        except (EOFError, OSError):
            return
        answer = _ended(task, arguments, lambda word: pipe.send(("progress", word)))
        try:
            pipe.send(("end", answer))
        except (BrokenPipeError, OSError):
            return


def _ended(task: Task, arguments: tuple[Any, ...], tell: Tell) -> dict[str, Any]:
    value, fault = None, None
    try:
        value = task(ProgressTeller(tell), *arguments)
    except Exception as error:  # noqa: BLE001 - raised again in the process that asked
        error.add_note(traceback.format_exc())
        fault = error
    return {"value": value, "fault": fault, "megabytes": largest_resident_mb()}


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)


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


def available_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def largest_resident_mb() -> float:
    """Return the most memory that this process has held [MB]; 0 where the system does not say."""
    try:
        with open("/proc/self/status", encoding="ascii") as lines:  # noqa: PTH123
            for line in lines:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def _teach_copies() -> None:
    """Let read-only mappings, which a case is full of, travel to other processes."""
    copyreg.pickle(MappingProxyType, _reduced)


def _reduced(mapping: Any) -> tuple[Any, ...]:
    return _read_only, (dict(mapping),)


def _read_only(values: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(values)
