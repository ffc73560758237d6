"""The run folder: every finished stage of a run with what it was made from, so that nothing is done twice.

A stage is one folder. It is filled beside its place, synced, and moved there in one step together with its
``manifest.json``; a folder that is there is whole, and one that a killed run left beside is swept away.
"""

__all__ = ["EVERYTHING", "MANIFEST", "MemoryRun", "RunFolder", "RunInputs", "Stage"]

import json
import os
import shutil
import time
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from layers.errors import CaseError
from layers.layer_set import LayerSet
from zibo_geo.case import Case
from zibo_geo.files import sha256_of, sync_folder
from zibo_geo.run_inputs import case_leaves, code_leaves, digest_of, under
from zibo_geo.stored import load_value, save_value
from zibo_geo.tiling import ROOFS_PER_TILE
from zibo_geo.watching import watched

MANIFEST = "manifest.json"
_FORMAT = 1
_BESIDE = ".beside-"
_MADE = "made:"
_SHOWN = 3

EVERYTHING = "*"
"""The need of a stage that depends on all inputs."""
T = TypeVar("T")
RunInputs = Mapping[str, str]
"""One hash per leaf, by dotted name; see :mod:`zibo_geo.run_inputs`."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage of a run.

    Attributes
    ----------
    name : str
        Its folder; a slash separates a tile from its stage.
    classes : tuple of type
        What its result is made of; only these are rebuilt when it is read.
    needs : tuple of str
        Names of inputs that it depends on beside those it looks at in layers and case.
    """

    name: str
    classes: tuple[type, ...] = ()
    needs: tuple[str, ...] = ()


class MemoryRun:
    """A run that keeps nothing: every stage is computed when it is asked for."""

    roofs_per_tile = ROOFS_PER_TILE

    def kept(self, stage: Stage, compute: Callable[[], T]) -> T:  # noqa: ARG002
        """Compute the stage."""
        return compute()

    def asked(
        self,
        stage: Stage,  # noqa: ARG002
        compute: Callable[[LayerSet, Case], T],
        *,
        layers: LayerSet,
        case: Case,
    ) -> T:
        """Compute the stage."""
        return compute(layers, case)

    def written(
        self,
        stage: Stage,  # noqa: ARG002
        folder: Path,  # noqa: ARG002
        write: Callable[[], list[Path]],
    ) -> list[Path]:
        """Write the output."""
        return write()


@dataclass(frozen=True)
class RunFolder:
    """The stages of one run on disk.

    Attributes
    ----------
    root : Path
        ``OUT/.run``.
    inputs : mapping of str to str
        The leaves of this run as they are now.
    roofs_per_tile : int
        Size of the tiles that rooftop PV is worked on in, about; it bounds the memory of a worker.
    """

    root: Path
    inputs: RunInputs
    roofs_per_tile: int = ROOFS_PER_TILE

    @classmethod
    def of(
        cls,
        root: Path,
        case: Case,
        *,
        words: Mapping[str, str],
        roofs_per_tile: int = ROOFS_PER_TILE,
    ) -> "RunFolder":
        """Return the run folder of a case; ``words`` are what else was asked, such as the questions."""
        asked = {name: digest_of([value]) for name, value in words.items()}
        return cls(root.absolute(), {**case_leaves(case), **code_leaves(), **asked}, roofs_per_tile)

    def place(self, stage: Stage) -> Path:
        """Return the folder of a stage."""
        return self.root / stage.name

    def stale(self, stage: Stage) -> str | None:
        """Return why a stage must run, in words; nothing if what is stored still holds."""
        noted = _manifest(self.place(stage))
        if noted is None:
            return "it has not been finished yet"
        known: dict[str, str] = noted["inputs"]
        now = self._now(noted["needs"])
        changed = sorted(
            name for name in {*known, *now} if known.get(name) != now.get(name)
        )  # fmt: skip
        if changed:
            return f"{_listed(_innermost(changed))} changed"
        lost = [
            name for name, size in noted["bytes"].items() if _size(self.place(stage) / name) != size
        ]
        return f"{_listed(lost)} was lost or cut short" if lost else None

    def kept(self, stage: Stage, compute: Callable[[], T]) -> T:
        """Return a stage's result: the stored one where it still holds, else computed and stored."""
        found = self.load(stage) if self.stale(stage) is None else None
        if found is not None:
            return found  # type: ignore[no-any-return]
        self._compute(stage, compute, stage.needs)
        return self._again(stage)  # type: ignore[no-any-return]

    def asked(
        self, stage: Stage, compute: Callable[[LayerSet, Case], T], *, layers: LayerSet, case: Case
    ) -> T:
        """Do as :meth:`kept`, and note which layers and words of the case the stage looks at."""
        found = self.load(stage) if self.stale(stage) is None else None
        if found is not None:
            return found  # type: ignore[no-any-return]
        noted_layers, noted_case, seen = watched(layers, case)
        self._compute(stage, lambda: compute(noted_layers, noted_case), stage.needs, seen)
        return self._again(stage)  # type: ignore[no-any-return]

    def _compute(self, stage: Stage, compute: Callable[[], T], *needs: Collection[str]) -> None:
        """Compute and store a stage, and keep nothing of it in memory."""
        start = time.perf_counter()
        made = compute()
        wanted = {name for part in needs for name in part}
        self.store(stage, made, needs=wanted, seconds=time.perf_counter() - start)

    def _again(self, stage: Stage) -> Any:
        """Return what was stored as it reads, so that a run that goes on later sees the very same."""
        read = self.load(stage)
        if read is None:
            raise CaseError(
                f"The stage {stage.name!r} in {os.fspath(self.root)!r} was changed while the run went on; "
                "run again, and keep other programs out of that folder."
            )
        return read

    def store(
        self, stage: Stage, value: Any, *, needs: Collection[str], seconds: float = 0.0
    ) -> None:
        """Put a finished stage in its place, in one step.

        Raises
        ------
        CaseError
            The disk is full or the folder cannot be written.
        """
        place = self.place(stage)
        beside = self.root / f"{_BESIDE}{uuid.uuid4().hex[:12]}"
        try:
            beside.mkdir(parents=True)
            save_value(value, beside)
            files = sorted(path for path in beside.iterdir())
            manifest = {
                "format": _FORMAT,
                "stage": stage.name,
                "needs": sorted(needs),
                "inputs": self._now(needs),
                "bytes": {path.name: path.stat().st_size for path in files},
                "sha256": {path.name: sha256_of(path) for path in files},
                "seconds": round(seconds, 3),
            }
            text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
            (beside / MANIFEST).write_text(text + "\n", encoding="utf-8")
            _sync_files(beside)
            _move(beside, place)
        except OSError as error:
            raise CaseError(
                f"The run folder {os.fspath(self.root)!r} cannot be written ({error.strerror or error}); "
                "free space there, or give another folder with --out."
            ) from error
        finally:
            shutil.rmtree(beside, ignore_errors=True)

    def load(self, stage: Stage) -> Any | None:
        """Return what a stage stored, checked against its hashes; nothing if it is not whole."""
        place = self.place(stage)
        noted = _manifest(place)
        if noted is None:
            return None
        try:
            if any(sha256_of(place / name) != value for name, value in noted["sha256"].items()):
                return None
            return load_value(place, stage.classes)
        except (OSError, ValueError, KeyError):
            return None

    def written(self, stage: Stage, folder: Path, write: Callable[[], list[Path]]) -> list[Path]:
        """Return the files of an output: those there where they still hold, else written anew.

        Parameters
        ----------
        stage : Stage
            The output.
        folder : Path
            Where its files lie.
        write : callable
            Writes them and returns their paths; a folder stands for all files in it.
        """
        known = self.load(stage) if self.stale(stage) is None else None
        if known is not None and all(_is(folder / name, *sign) for name, sign in known.items()):
            return [folder / name for name in known]
        start = time.perf_counter()
        paths = [file for path in write() for file in ([path] if path.is_file() else _files(path))]
        signs = {
            path.relative_to(folder).as_posix(): (path.stat().st_size, sha256_of(path))
            for path in paths
        }
        self.store(stage, signs, needs=stage.needs, seconds=time.perf_counter() - start)
        return paths

    def _now(self, needs: Collection[str]) -> dict[str, str]:
        """Return what the named inputs are now; ``made:<stage>`` stands for what a stage holds."""
        now = dict(self.inputs) if EVERYTHING in needs else under(needs, self.inputs)
        for need in needs:
            if need.startswith(_MADE):
                noted = _manifest(self.root / need.removeprefix(_MADE))
                files = {} if noted is None else noted["sha256"]
                now[need] = digest_of(f"{name} {files[name]}" for name in sorted(files))
        return now

    def sweep(self) -> None:
        """Remove what killed runs left beside their place; only for the holder of the lock."""
        for left in self.root.rglob(f"{_BESIDE}*"):
            shutil.rmtree(left, ignore_errors=True)


def _manifest(place: Path) -> dict[str, Any] | None:
    try:
        noted: dict[str, Any] = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return noted if noted.get("format") == _FORMAT else None


def _innermost(names: list[str]) -> list[str]:
    """Leave out names that only say that something below them changed."""
    return [name for name in names if not any(other.startswith(f"{name}.") for other in names)]


def _listed(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _is(path: Path, size: int, sha256: str) -> bool:
    return _size(path) == size and sha256_of(path) == sha256


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _sync_files(folder: Path) -> None:
    for path in folder.iterdir():
        with path.open("rb+") as file:
            os.fsync(file.fileno())
    sync_folder(folder)


def _move(beside: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        # Between the two moves the stage is missing, which a killed run makes good by computing it again.
        place.replace(beside.with_name(f"{beside.name}-old"))
    beside.replace(place)
    sync_folder(place.parent)
    shutil.rmtree(beside.with_name(f"{beside.name}-old"), ignore_errors=True)
