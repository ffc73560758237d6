"""A pool of processes on this machine; this one helps while it waits."""

__all__ = ["ProcessPool"]

import logging
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self

from layers.compilation import keep_compiled
from layers.errors import CaseError
from zibo_geo.progress import Progress, SilentProgress
from zibo_geo.tasks import KILLED, Pending, Task, available_cores, ended, teach_copies
from zibo_geo.told_progress import Retelling

_LOG = logging.getLogger(__name__)
_ATTEMPTS = 3


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
        teach_copies()
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
        self, pendings: Iterable[Pending], told: Callable[[Pending], None] | None = None
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
                if told is not None:
                    told(pending)

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
        pending.end(fault=CaseError(KILLED))
        return worker

    def _hired(self) -> "_Worker":
        worker = _Worker()
        self._live.add(worker)
        return worker

    def _dismiss(self, worker: "_Worker") -> None:
        self._live.discard(worker)
        worker.kill()


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
        answer = ended(task, arguments, lambda word: pipe.send(("progress", word)))
        try:
            pipe.send(("end", answer))
        except (BrokenPipeError, OSError):
            return


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)
