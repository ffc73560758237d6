"""The map as files: one page, or a page with its data beside it for more roofs than one page holds."""

__all__ = ["write_atlas"]

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from layers.errors import CaseError
from zibo_geo.atlas.chunks import (
    ID_BUCKETS,
    PIECE_BYTES,
    ROWS_PER_DETAIL,
    write_columns,
    write_details,
    write_ids,
    write_pieces,
)
from zibo_geo.atlas.page import build_map
from zibo_geo.atlas.payload import ROOF_LIMIT, month_columns, roof_fields, roof_frame
from zibo_geo.atlas.plan_topics import topics_of
from zibo_geo.atlas.tiles import write_tiles
from zibo_geo.atlas.topics import Topic
from zibo_geo.files import write_text
from zibo_geo.plan import Plan


def write_atlas(
    plan: Plan,
    folder: Path,
    *,
    single_file: bool | None = None,
    topics: Sequence[Topic] | None = None,
) -> Path:
    """Write the map into a folder and return its page.

    Parameters
    ----------
    plan : Plan
        Layers and results.
    folder : Path
        Made if missing; ``index.html`` and ``data/`` in it are replaced.
    single_file : bool, optional
        True for one page that holds everything, False for a page with ``data/`` beside it; one page up
        to :data:`ROOF_LIMIT` roofs unless given.
    topics : sequence of Topic, optional
        What is shown; everything the plan knows unless given.

    Raises
    ------
    CaseError
        One page was asked for more roofs than it can hold, or the tiles cannot be made.
    """
    roofs = len(plan.roofs)
    if single_file and roofs > ROOF_LIMIT:
        raise CaseError(
            f"A single file holds up to {ROOF_LIMIT:,} roofs, but the plan has {roofs:,}; leave the "
            "choice out to write a folder."
        )
    page, data = folder / "index.html", folder / "data"
    folder.mkdir(parents=True, exist_ok=True)
    chosen = tuple(topics) if topics is not None else topics_of(plan)
    as_folder = roofs > 0 and (single_file is False or roofs > ROOF_LIMIT)
    with tempfile.TemporaryDirectory(prefix=".atlas-", dir=folder) as scratch:
        made = Path(scratch) / "data"
        chunked = _write_roofs(plan, chosen, made) if as_folder else None
        text = build_map(plan, topics=chosen, chunked=chunked).get_root().render()
        if data.exists():
            shutil.rmtree(data)
        if as_folder:
            made.rename(data)
        write_text(text, page)
    return page


def _write_roofs(plan: Plan, topics: Sequence[Topic], data: Path) -> dict[str, Any]:
    roofs, fields = roof_frame(plan, topics), roof_fields(topics)
    west, south = plan.layers.area.bounds_wgs84[:2]
    archive = data.parent / "roofs.pmtiles"
    write_tiles(roofs.geometry, archive)
    size = write_pieces(data, "tiles", archive)
    archive.unlink()
    packing = write_columns(data, "columns", roofs, fields=fields)
    write_details(
        data, "details", roofs, fields=fields, months=month_columns(roofs), origin=(west, south)
    )
    write_ids(data, "ids", roofs.index)
    return {
        "count": len(roofs),
        "fields": [list(pair) for pair in fields],
        "packing": packing,
        "tile_bytes": size,
        "piece_bytes": PIECE_BYTES,
        "rows_per_detail": ROWS_PER_DETAIL,
        "id_buckets": ID_BUCKETS,
    }
