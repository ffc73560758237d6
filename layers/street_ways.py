"""The road ways of an OpenStreetMap file, filtered into a small XML that osmnx can read.

osmnx reads OSM XML but not PBF, and builds graphs slowly: only the wanted ways and their nodes are
passed on. osmium's writer with back references would do the same, but holds up to a gigabyte for its
set of node numbers.
"""

__all__ = ["write_ways"]

from collections.abc import Collection
from pathlib import Path
from typing import Any

import osmium

from layers.errors import LayerError
from layers.osm import check_whole

_CLOSING_KEYS = ("access", "vehicle", "motor_vehicle", "motorcar")
_FATES = ("read", "kept", "no positions", "closed", "class", "outside", "shortened")

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
        ``class`` and ``outside``; of those kept, ``shortened`` to the nodes that the file holds.

    Raises
    ------
    LayerError
        The file is truncated or damaged.
    """
    check_whole(path)
    counts = dict.fromkeys(_FATES, 0)
    places: dict[int, tuple[float, float]] = {}
    ways: list[Any] = []
    way: Any
    found = (
        osmium.FileProcessor(str(path))
        .with_locations()
        .with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
        .with_filter(osmium.filter.KeyFilter("highway"))
    )
    for way in found:
        fate = _fate(way, highways=highways, bounds=bounds_wgs84, on_foot=on_foot)
        counts["read"] += 1
        counts[fate] += 1
        if fate == "kept":
            run = _known_run(way)
            counts["shortened"] += len(run) < len(way.nodes)
            places.update(run)
            refs = [number for number, _ in run]
            ways.append(osmium.osm.mutable.Way(id=way.id, nodes=refs, tags=dict(way.tags)))
    try:
        with osmium.SimpleWriter(str(target), overwrite=True) as writer:
            for number, place in places.items():
                writer.add_node(osmium.osm.mutable.Node(id=number, location=place))
            for way in ways:
                writer.add_way(way)
    except (RuntimeError, OSError) as error:
        raise LayerError(
            f"The roads of {path.name} cannot be written to a temporary file ({error}); "
            "make room in the folder for temporary files."
        ) from error
    return counts


def _fate(way: Any, *, highways: Collection[str], bounds: Bounds, on_foot: bool) -> str:
    tags = way.tags
    if tags.get("highway") not in highways or tags.get("area") == "yes":
        return "class"
    if not on_foot and _closed_to_motors(tags):
        return "closed"
    run = _known_run(way)
    if len(run) < 2:
        return "no positions"
    west, south, east, north = bounds
    longitudes, latitudes = zip(*(place for _, place in run), strict=True)
    apart = (
        max(longitudes) < west
        or min(longitudes) > east
        or max(latitudes) < south
        or min(latitudes) > north
    )
    return "outside" if apart else "kept"


def _known_run(way: Any) -> list[tuple[int, tuple[float, float]]]:
    """Return the longest run of nodes with positions: an extract may cut a way at its edge."""
    best: list[tuple[int, tuple[float, float]]] = []
    run: list[tuple[int, tuple[float, float]]] = []
    for node in way.nodes:
        if not node.location.valid():
            run = []
            continue
        run.append((node.ref, (node.lon, node.lat)))
        if len(run) > len(best):
            best = run
    return best


def _closed_to_motors(tags: Any) -> bool:
    """Take the most particular of the access tags: what is closed in general may be open to cars."""
    closed = False
    for key in _CLOSING_KEYS:
        value = tags.get(key)
        if value is not None:
            closed = value == "no"
    return closed
