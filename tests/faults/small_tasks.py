"""Tasks for workers that import little, so that they start fast."""

import os
import signal
from pathlib import Path
from typing import Any

from layers.errors import CaseError


def square(progress: object, number: int) -> int:
    return number * number


def staged(progress: Any, number: int) -> int:
    with progress.stage(f"stage {number}", 2) as advance:
        advance(2)
    return os.getpid()


def fatal_once(progress: object, mark: str) -> str:
    if not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def fatal(progress: object, owner: int) -> None:
    if os.getpid() != owner:
        os.kill(os.getpid(), signal.SIGKILL)


def faulty(progress: object, word: str) -> None:
    raise CaseError(word)
