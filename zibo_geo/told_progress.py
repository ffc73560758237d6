"""Progress that is told from a worker to the process that shows it, as small messages in order."""

__all__ = ["ProgressTeller", "Retelling", "Tell"]

import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Self

from zibo_geo.progress import Advance, Progress

Tell = Callable[[tuple[Any, ...]], None]
"""Takes ``("open", number, title, steps)``, ``("done", number, steps)`` or ``("close", number)``."""


class ProgressTeller:
    """The progress of a worker: every stage is told."""

    def __init__(self, tell: Tell) -> None:
        self._tell, self._numbers = tell, itertools.count()

    @contextmanager
    def stage(self, title: str, steps: int = 1) -> Iterator[Advance]:
        """Tell when the stage opens, advances and closes."""
        number = next(self._numbers)
        self._tell(("open", number, title, steps))
        try:
            yield lambda count: self._tell(("done", number, int(count)))
        finally:
            self._tell(("close", number))


class Retelling:
    """Shows what a worker tells; stages left open by a worker that died close with it."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._open: dict[int, tuple[AbstractContextManager[Advance], Advance]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        for number in list(self._open):
            self._close(number)

    def hear(self, word: tuple[Any, ...]) -> None:
        """Show one message."""
        kind, number, *rest = word
        if kind == "open":
            stage = self._progress.stage(*rest)
            self._open[number] = (stage, stage.__enter__())
        elif kind == "done":
            self._open[number][1](*rest)
        else:
            self._close(number)

    def _close(self, number: int) -> None:
        stage, _ = self._open.pop(number)
        stage.__exit__(None, None, None)
