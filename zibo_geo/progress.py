"""Progress of a run on stderr: bars on a terminal, one log line per stage elsewhere, or nothing."""

__all__ = ["BarProgress", "LogProgress", "Progress", "SilentProgress"]

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import Progress as RichProgress

_LOG = logging.getLogger(__name__)

Advance = Callable[[int], None]


class Progress(Protocol):
    """What the workflow needs of a progress display."""

    def stage(self, title: str, steps: int = 1) -> AbstractContextManager[Advance]:
        """Open a stage of so many steps; the value it gives is called with the steps done."""


class SilentProgress:
    """Shows nothing."""

    @contextmanager
    def stage(self, title: str, steps: int = 1) -> Iterator[Advance]:  # noqa: ARG002
        """Do nothing for the stage."""
        yield lambda _count: None


class LogProgress:
    """Logs the seconds of every stage, for runs without a terminal."""

    @contextmanager
    def stage(self, title: str, steps: int = 1) -> Iterator[Advance]:  # noqa: ARG002
        """Log the stage once it is done."""
        start = time.perf_counter()
        yield lambda _count: None
        _LOG.info("%s: %.1f s", title, time.perf_counter() - start)


class BarProgress:
    """Draws a bar per stage on stderr; a context manager around the whole run."""

    def __init__(self, console: Console) -> None:
        self._bars = RichProgress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
        )

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._bars.stop()

    @contextmanager
    def stage(self, title: str, steps: int = 1) -> Iterator[Advance]:
        """Draw the stage's bar."""
        task = self._bars.add_task(title, total=steps)
        yield lambda count: self._bars.advance(task, count)
        self._bars.update(task, completed=steps)
