"""One run at a time in a folder: a lock that the system takes from a run that dies."""

__all__ = ["run_lock"]

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from layers.errors import CaseError

_NAME = "lock"


@contextmanager
def run_lock(folder: Path) -> Iterator[None]:
    """Hold the run folder for this process.

    The lock is the system's own (``flock``), so it ends with the process, however that ends; what the file
    says only serves the sentence shown to whoever comes second.

    Parameters
    ----------
    folder : Path
        Made if missing.

    Raises
    ------
    CaseError
        Another run holds the folder, or it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / _NAME).open("a+", encoding="utf-8")
    except OSError as error:
        raise CaseError(
            f"The run folder {os.fspath(folder)!r} cannot be written ({error.strerror}); "
            "give another folder with --out."
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CaseError(
                f"Another run{_holder(file)} is writing to {os.fspath(folder.parent)!r}; wait for its end, "
                "or give another folder with --out."
            ) from error
        except OSError:
            # A file system without locks, such as some network shares: two runs are then the user's care.
            yield
            return
        _sign(file)
        yield


def _sign(file: Any) -> None:
    file.seek(0)
    file.truncate()
    start = time.strftime("%Y-%m-%d %H:%M:%S")
    json.dump({"process": os.getpid(), "start": start}, file)
    file.flush()


def _holder(file: Any) -> str:
    try:
        file.seek(0)
        noted = json.load(file)
        return f" (process {int(noted['process'])}, started {str(noted['start'])[:19]})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
