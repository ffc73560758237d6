"""Whether compiled kernels are kept on disk between runs.

numba keeps a compiled function where ``NUMBA_CACHE_DIR`` points. The command line names a folder of the
user's own, one per state of the sources (:func:`keep_compiled`), so that no kernel outlives a change of
another that it calls. A notebook calls the same first; where nobody does, kernels compile in every process.
"""

__all__ = ["keep_compiled", "kept"]

import hashlib
import os
import sys
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

_VARIABLE = "NUMBA_CACHE_DIR"
_PACKAGES = ("rooftop_pv", "heat_network", "siting")


def kept() -> bool:
    """Return whether a folder for compiled kernels has been named; kernels ask when they are imported."""
    return bool(os.environ.get(_VARIABLE))


def keep_compiled() -> Path | None:
    """Name the folder of compiled kernels for this process and its children.

    Call it before the first kernel is imported. A folder that the environment names already stays; where
    none can be written, kernels compile anew.

    Returns
    -------
    Path or None
        The folder, or nothing where none can be written.
    """
    if os.environ.get(_VARIABLE):
        return Path(os.environ[_VARIABLE])
    folder = _cache_home() / "zibo-geo" / f"kernels-{_digest(_kernels())}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (OSError, RuntimeError):
        return None
    if not os.access(folder, os.W_OK):
        return None
    os.environ[_VARIABLE] = str(folder)
    return folder


def _cache_home() -> Path:
    named = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return Path(named) if named else Path.home() / ".cache"


def _kernels() -> list[Path]:
    root = Path(__file__).resolve().parents[1]
    return sorted(path for name in _PACKAGES for path in (root / name).glob("*_kernel.py"))


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for package in ("numba", "numpy"):
        digest.update(version(package).encode())
    for path in files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
