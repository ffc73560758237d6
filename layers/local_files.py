"""Files on this machine: the only ones that are opened, and never more of them than memory can hold."""

__all__ = ["bounded_zip", "files_of", "local_file", "memory_bytes"]

import os
import re
import stat
import zipfile
from collections.abc import Sequence
from pathlib import Path

from layers.errors import LayerError

_USUAL_BYTES = 8_000_000_000
_REMOTE = re.compile(r"^[/\\]+vsi|^[A-Za-z][A-Za-z0-9+.-]+:")


def local_file(path: str | Path, *, what: str = "file", largest_bytes: int | None = None) -> Path:
    """Return the path of a regular file on this machine.

    Parameters
    ----------
    path : path
        As the case or the caller gives it.
    what : str
        What the file is, for the message.
    largest_bytes : int, optional
        Size above which the file is refused [B].

    Raises
    ------
    LayerError
        The path is an address or names what GDAL would look for elsewhere, there is no such file, it
        is a directory or device, or it is larger than allowed.
    """
    path = Path(path)
    text = str(path)
    if _REMOTE.match(text) or "\x00" in text:
        raise LayerError(
            f"{text!r} is not a path on this machine; download the file first and give its path."
        )
    try:
        found = path.stat()
    except FileNotFoundError:
        raise LayerError(
            f"There is no file {text}: this {what} does not exist; check the path in the case."
        ) from None
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise LayerError(
            f"The {what} {text} cannot be opened ({said}); check the path in the case."
        ) from error
    if stat.S_ISDIR(found.st_mode):
        raise LayerError(f"{text} is a directory; give the file in it.")
    if not stat.S_ISREG(found.st_mode):
        raise LayerError(f"{text} is a device or a pipe; save what it gives as a file first.")
    if largest_bytes is not None and found.st_size > largest_bytes:
        raise LayerError(
            f"The {what} {path.name} has {found.st_size / 1e6:,.0f} MB, more than the "
            f"{largest_bytes / 1e6:,.0f} MB that such a file may have; check that it is the right one."
        )
    return path


def files_of(path: str | Path, *, endings: Sequence[str]) -> list[Path]:
    """Return the files of a folder whose names end so, in their order; of a file, the file itself.

    Raises
    ------
    LayerError
        The folder cannot be looked into.
    """
    path = Path(path)
    try:
        if not path.is_dir():
            return [path]
        return sorted(one for one in path.iterdir() if one.name.lower().endswith(tuple(endings)))
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise LayerError(
            f"{path} cannot be opened ({said}); check the path in the case."
        ) from error


def bounded_zip(path: Path, *, largest_bytes: int, most_members: int = 1000) -> Sequence[str]:
    """Return the names in an archive that does not unpack to more than it should.

    Parameters
    ----------
    path : Path
        A ZIP archive or a workbook.
    largest_bytes : int
        What its members may have together when unpacked [B].
    most_members : int
        How many members it may have.

    Raises
    ------
    LayerError
        It is no archive, or holds more than allowed.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise LayerError(
            f"{path.name} is not a whole archive ({error}); get the file again or save it anew."
        ) from error
    unpacked = sum(member.file_size for member in members)
    if unpacked > largest_bytes or len(members) > most_members:
        raise LayerError(
            f"{path.name} would unpack to {unpacked / 1e6:,.0f} MB in {len(members):,} files, more than the "
            f"{largest_bytes / 1e6:,.0f} MB and {most_members:,} files allowed; save it smaller."
        )
    return [member.filename for member in members]


def memory_bytes() -> int:
    """Return the memory that this process may use at most [B]: the machine's, or less where limited."""
    try:
        import resource
    except ImportError:  # no Unix
        return _USUAL_BYTES
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return whole if limit == resource.RLIM_INFINITY else min(whole, limit)
