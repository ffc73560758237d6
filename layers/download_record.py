"""What a downloaded file is: written beside its name, moved into place whole, and recorded."""

__all__ = ["PROVENANCE_FILE", "Downloaded", "keep_files"]

import datetime as dt
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from layers.errors import DownloadError

PROVENANCE_FILE: Final = "provenance.json"


@dataclass(frozen=True, kw_only=True)
class Downloaded:
    """One file that was fetched, still at its temporary place.

    Attributes
    ----------
    path : Path
        Where it lies now; its name is the name it gets.
    what : str
        What it holds, in words.
    service : str
        Address of the service without the query.
    query : mapping
        What was asked.
    licence, attribution : str
        Under which it may be used, and the line to show beside it.
    rows : int
        Objects or hours in it.
    """

    path: Path
    what: str
    service: str
    query: Mapping[str, Any]
    licence: str
    attribution: str
    rows: int


def keep_files(files: Iterable[Downloaded], folder: Path) -> dict[str, Path]:
    """Move files into a folder on the same disk and enter them in its provenance file.

    Parameters
    ----------
    files : iterable of Downloaded
        Whole, checked files.
    folder : Path
        Where they shall lie; files of the same name are replaced.

    Returns
    -------
    dict of str to Path
        Their places by name without ending.

    Raises
    ------
    DownloadError
        The folder or its provenance file cannot be used.
    """
    record_path = folder / PROVENANCE_FILE
    record = _read_record(record_path)
    places: dict[str, Path] = {}
    try:
        for file in files:
            target = folder / file.path.name
            record["files"][target.name] = {
                "what": file.what,
                "downloaded": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
                "service": file.service,
                "query": dict(file.query),
                "rows": file.rows,
                "bytes": file.path.stat().st_size,
                "sha256": _sha256(file.path),
                "licence": file.licence,
                "attribution": file.attribution,
            }
            file.path.replace(target)
            places[target.stem] = target
        handle, draft = tempfile.mkstemp(dir=folder, prefix=".provenance_", suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(record, stream, ensure_ascii=False, indent=2, sort_keys=True)
        Path(draft).replace(record_path)
    except OSError as error:
        raise DownloadError(
            f"Nothing can be kept in {folder} ({error.strerror}); free space or choose another folder."
        ) from error
    return places


def _read_record(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {"files": {}}
    try:
        files = dict(json.loads(path.read_text(encoding="utf-8"))["files"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DownloadError(
            f"{path} is not a provenance file of downloads; move it away and download again."
        ) from error
    return {"files": files}


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
