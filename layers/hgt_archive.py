"""The archive that an SRTM tile comes in."""

__all__ = ["hgt_member"]

import re
import zipfile
from pathlib import Path
from typing import Final

from layers.errors import LayerError

_LARGEST_HGT_BYTES: Final = 2 * 3601 * 3601
_HGT_NAME: Final = re.compile(r"[NSns]\d{2}[EWew]\d{3}\.hgt", flags=re.IGNORECASE)


def hgt_member(path: Path) -> tuple[str, bytes]:
    """Return the name and the bytes of the one tile in an archive; nothing is unpacked to disk."""
    with zipfile.ZipFile(path) as archive:
        members = [name for name in archive.namelist() if name.lower().endswith(".hgt")]
        if len(members) != 1 or not _HGT_NAME.fullmatch(members[0]):
            raise LayerError(
                f"The archive {path.name} must hold one tile named like N36E117.hgt, but holds "
                f"{len(members)} .hgt files; give one archive per tile."
            )
        with archive.open(members[0]) as stream:
            content = stream.read(_LARGEST_HGT_BYTES + 1)
    if len(content) > _LARGEST_HGT_BYTES:
        raise LayerError(
            f"The tile in {path.name} is larger than 3601 x 3601 cells; give a 1 or 3 arc-second tile."
        )
    return members[0], content
