"""The map as files: one page, or a page with its data beside it for more roofs than one page holds."""

__all__ = ["atlas_size", "write_atlas"]

import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd

from layers.errors import CaseError
from zibo_geo.atlas.chunks import (
    ID_BUCKETS,
    PIECE_BYTES,
    write_columns,
    write_details,
    write_ids,
    write_pieces,
)
from zibo_geo.atlas.comparison import COMPARISON_PAGE, write_comparison
from zibo_geo.atlas.page import build_map
from zibo_geo.atlas.payload import (
    ROOF_LIMIT,
    ROOF_ZOOM,
    is_large,
    month_columns,
    overlay_columns,
    roof_fields,
    roof_frame,
)
from zibo_geo.atlas.plan_topics import topics_of
from zibo_geo.atlas.tiles import tile_zooms, write_tiles
from zibo_geo.atlas.topics import Topic
from zibo_geo.files import write_text
from zibo_geo.plan import Plan

_TIANDITU_KEY = "ZIBO_GEO_TIANDITU_KEY"


def write_atlas(
    plan: Plan,
    folder: Path,
    *,
    single_file: bool | None = None,
    topics: Sequence[Topic] | None = None,
    compare: Path | None = None,
    with_tianditu_key: bool = False,
) -> Path:
    """Write the map into a folder and return its page.

    Parameters
    ----------
    plan : Plan
        Layers and results.
    folder : Path
        Made if missing; ``index.html`` and ``data/`` in it are replaced.
    single_file : bool, optional
        True for one page that holds everything, False for a page with ``data/`` beside it; one page
        unless given, as long as no layer has more than :data:`ROOF_LIMIT` shapes.
    topics : sequence of Topic, optional
        What is shown; everything the plan knows unless given.
    compare : Path, optional
        Output folder of another plan; ``compare.html`` then shows both maps side by side
        (:func:`zibo_geo.atlas.comparison.write_comparison`).
    with_tianditu_key : bool
        Whether the key in the environment variable ``ZIBO_GEO_TIANDITU_KEY`` is written into the page,
        where everybody who has the page can read it; otherwise the page asks for a key.

    Raises
    ------
    CaseError
        One page was asked for more than it can hold, the tiles cannot be made, the key is asked for
        but not set, or the other folder holds no map.
    """
    page, data = folder / "index.html", folder / "data"
    key = _tianditu_key() if with_tianditu_key else None
    folder.mkdir(parents=True, exist_ok=True)
    chosen = tuple(topics) if topics is not None else topics_of(plan)
    as_folder = _as_folder(plan, chosen, single_file=single_file)
    with tempfile.TemporaryDirectory(prefix=".atlas-", dir=folder) as scratch:
        made = Path(scratch) / "data"
        chunked = _write_layers(plan, chosen, made) if as_folder else None
        made_map = build_map(
            plan, topics=chosen, chunked=chunked, compared=compare is not None, tianditu_key=key
        )
        text = made_map.get_root().render()
        if data.exists():
            shutil.rmtree(data)
        if as_folder:
            made.rename(data)
        write_text(text, page)
    (folder / COMPARISON_PAGE).unlink(missing_ok=True)
    shutil.rmtree(folder / "compared", ignore_errors=True)
    if compare is not None:
        write_comparison(folder, compare)
    return page


def atlas_size(page: Path) -> tuple[int, int]:
    """Return the files and the bytes that a map consists of: its page, and ``data/`` beside it.

    Parameters
    ----------
    page : Path
        As :func:`write_atlas` returns it.
    """
    files = [page, *(path for path in (page.parent / "data").rglob("*") if path.is_file())]
    return len(files), sum(path.stat().st_size for path in files)


def _as_folder(plan: Plan, topics: Sequence[Topic], *, single_file: bool | None) -> bool:
    counts = {"roofs": len(plan.roofs)}
    counts |= {item.key: len(item.frame) for topic in topics for item in topic.overlays}
    largest = max(counts, key=lambda key: counts[key])
    if single_file and counts[largest] > ROOF_LIMIT:
        raise CaseError(
            f"A single file holds up to {ROOF_LIMIT:,} shapes of a layer, but the plan has "
            f"{counts[largest]:,} {largest}; leave out --single-file to write a folder."
        )
    if not counts["roofs"]:
        return False
    return counts[largest] > ROOF_LIMIT if single_file is None else not single_file


def _tianditu_key() -> str:
    key = os.environ.get(_TIANDITU_KEY, "").strip()
    if not key:
        raise CaseError(
            f"The map was asked to carry a Tianditu key, but {_TIANDITU_KEY} is not set; set it, or let "
            "the page ask for a key."
        )
    return key


def _write_layers(plan: Plan, topics: Sequence[Topic], data: Path) -> dict[str, Any]:
    """Write the roofs and every large overlay beside the page; return how each lies there."""
    origin = plan.layers.area.bounds_wgs84[:2]
    roofs = roof_frame(plan, topics)
    made = {
        "roofs": _write_layer(
            data,
            "roofs",
            roofs,
            fields=roof_fields(topics),
            origin=origin,
            minimum_zoom=ROOF_ZOOM,
            months=month_columns(roofs),
        )
    }
    made["roofs"]["id_buckets"] = ID_BUCKETS
    write_ids(data, "roofs/ids", roofs.index)
    for overlay in (item for topic in topics for item in topic.overlays if is_large(item)):
        made[overlay.key] = _write_layer(
            data,
            overlay.key,
            overlay.frame,
            fields=overlay_columns(overlay),
            origin=origin,
            minimum_zoom=overlay.minimum_zoom,
            named=overlay.name,
        )
    return made


def _write_layer(
    data: Path,
    key: str,
    frame: gpd.GeoDataFrame,
    *,
    fields: Sequence[tuple[str, str]],
    origin: tuple[float, float],
    minimum_zoom: int,
    named: str = "name",
    months: Sequence[str] = (),
) -> dict[str, Any]:
    zooms = tile_zooms(minimum_zoom)
    archive = data.parent / "tiles.pmtiles"
    write_tiles(frame.geometry, archive, layer=key, zooms=zooms)
    size = write_pieces(data, f"{key}/tiles", archive)
    archive.unlink()
    packing = write_columns(data, f"{key}/columns", frame, fields=fields)
    rows = write_details(
        data,
        f"{key}/details",
        frame,
        fields=fields,
        origin=origin,
        named=named,
        months=months,
    )
    return {
        "count": len(frame),
        "fields": [list(pair) for pair in fields],
        "packing": packing,
        "lowest": zooms[0],
        "highest": zooms[1],
        "tile_bytes": size,
        "piece_bytes": PIECE_BYTES,
        "rows_per_detail": rows,
    }
