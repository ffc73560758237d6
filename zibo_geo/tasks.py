"""Tasks and their ends: what every executor hands over, and what comes back."""

__all__ = [
    "KILLED",
    "Pending",
    "Task",
    "available_cores",
    "ended",
    "largest_resident_mb",
    "teach_copies",
]

import copyreg
import os
import threading
import traceback
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from zibo_geo.told_progress import ProgressTeller, Tell

KILLED = (
    "A worker process was ended by the system again and again, most likely for want of memory; run "
    "again with --executor serial, or with fewer --workers. What is finished is kept."
)
"""The sentence where a worker does not survive a task."""

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


def ended(task: Task, arguments: tuple[Any, ...], tell: Tell) -> dict[str, Any]:
    """Do a task; return its value or fault, and the most memory that this process has held."""
    value, fault = None, None
    try:
        value = task(ProgressTeller(tell), *arguments)
    except Exception as error:  # noqa: BLE001 - raised again in the process that asked
        error.add_note(traceback.format_exc())
        fault = error
    return {"value": value, "fault": fault, "megabytes": largest_resident_mb()}


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


def teach_copies() -> None:
    """Let read-only mappings, which a case is full of, travel to other processes."""
    copyreg.pickle(MappingProxyType, _reduced)


def _reduced(mapping: Any) -> tuple[Any, ...]:
    return _read_only, (dict(mapping),)


def _read_only(values: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(values)
