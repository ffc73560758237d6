"""The road ways of an OpenStreetMap file, filtered into a small XML that osmnx can read.

osmnx reads OSM XML but not PBF, and builds graphs slowly: only the wanted ways and their nodes are passed on.
"""

__all__ = ["write_ways"]

from collections.abc import Collection
from pathlib import Path
from typing import Any

import osmium

from layers.errors import LayerError
from layers.osm import check_whole

_CLOSING_KEYS = ("access", "vehicle", "motor_vehicle", "motorcar")
_FATES = ("read", "kept", "no positions", "closed", "class", "outside")

Bounds = tuple[float, float, float, float]


def write_ways(
    path: Path,
    target: Path,
    *,
    highways: Collection[str],
    bounds_wgs84: Bounds,
    on_foot: bool = False,
) -> dict[str, int]:
    """Write the ways of some classes and their nodes to an OSM XML file.

    Parameters
    ----------
    path, target : Path
        ``.osm.pbf`` or ``.osm`` to read, ``.osm`` to write.
    highways : collection of str
        Values of the tag ``highway`` to keep.
    bounds_wgs84 : tuple of float
        West, south, east, north [deg]; a way is kept whole if its own bounds touch them.
    on_foot : bool
        Keep ways closed to motor vehicles too.

    Returns
    -------
    dict of str to int
        Number of ways ``read``, ``kept``, with ``no positions``, ``closed`` to motor vehicles, of another
        ``class`` and ``outside``.

    Raises
    ------
    LayerError
        The file is truncated or damaged.
    """
    # Also before any temporary file of the writer exists, which it would leave behind on an error.
    check_whole(path)
    counts = dict.fromkeys(_FATES, 0)
    try:
        with osmium.BackReferenceWriter(str(target), ref_src=str(path), overwrite=True) as writer:
            ways = (
                osmium.FileProcessor(str(path))
                .with_locations()
                .with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
                .with_filter(osmium.filter.KeyFilter("highway"))
            )
            for way in ways:
                fate = _fate(way, highways=highways, bounds=bounds_wgs84, on_foot=on_foot)
                counts["read"] += 1
                counts[fate] += 1
                if fate == "kept":
                    writer.add_way(way)
    except (RuntimeError, OSError) as error:
        raise LayerError(
            f"The roads of {path.name} cannot be picked out ({error}); get the file anew, and see that "
            "the folder for temporary files has room."
        ) from error
    return counts


def _fate(way: Any, *, highways: Collection[str], bounds: Bounds, on_foot: bool) -> str:
    tags = way.tags
    if tags.get("highway") not in highways or tags.get("area") == "yes":
        return "class"
    if not on_foot and _closed_to_motors(tags):
        return "closed"
    places = [node.location for node in way.nodes if node.location.valid()]
    if not places:
        return "no positions"
    west, south, east, north = bounds
    longitudes, latitudes = [place.lon for place in places], [place.lat for place in places]
    apart = (
        max(longitudes) < west
        or min(longitudes) > east
        or max(latitudes) < south
        or min(latitudes) > north
    )
    return "outside" if apart else "kept"


def _closed_to_motors(tags: Any) -> bool:
    """Take the most particular of the access tags: what is closed in general may be open to cars."""
    closed = False
    for key in _CLOSING_KEYS:
        value = tags.get(key)
        if value is not None:
            closed = value == "no"
    return closed
