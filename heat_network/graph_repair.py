"""Repairs that turn dirty lines into a planar set of pieces: splitting, snapping, cutting."""

__all__ = ["Repair", "cluster_points", "cut_positions", "split_lines"]

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from shapely.ops import substring

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


class Repair(NamedTuple):
    """One repair: what, to which street (if one), its size [m], in words, and where."""

    kind: str
    street: str | None
    size_m: float
    detail: str
    where: Any


def cut_positions(
    lines: npt.NDArray[np.object_], level: npt.NDArray[np.bool_], snap_m: float
) -> tuple[IntArray, FloatArray]:
    """Return where lines have to be cut: at crossings on the ground, and where ends of others meet them.

    Parameters
    ----------
    lines : (l,) LineString array
    level : (l,) bool array
        Whether a line lies on the ground; bridges and tunnels meet others at their ends only.
    snap_m : float
        Ends within this distance of a line meet it [m].

    Returns
    -------
    line, position : (c,) arrays
        Line to cut and the distance along it [m].
    """
    tree = shapely.STRtree(lines)
    a, b = tree.query(lines, predicate="intersects")
    pair = (a < b) & level[a] & level[b]
    a, b = a[pair], b[pair]
    crossing = shapely.intersection(lines[a], lines[b])
    # a shared stretch counts with its ends
    overlap = shapely.get_dimensions(crossing) == 1
    crossing[overlap] = shapely.boundary(crossing[overlap])
    points, row = shapely.get_coordinates(crossing, return_index=True)
    which = np.concatenate([a[row], b[row]])
    spots = shapely.points(np.concatenate([points, points]))
    cuts = [(which, shapely.line_locate_point(lines[which], spots))]
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    owner = np.concatenate([np.arange(len(lines)), np.arange(len(lines))])
    e, line = tree.query(ends, predicate="dwithin", distance=snap_m)
    other = (owner[e] != line) & level[line]
    e, line = e[other], line[other]
    cuts.append((line, shapely.line_locate_point(lines[line], ends[e])))
    return (
        np.concatenate([part[0] for part in cuts]).astype(np.int64),
        np.concatenate([part[1] for part in cuts]).astype(np.float64),
    )


def split_lines(
    lines: npt.NDArray[np.object_], line: IntArray, position: FloatArray, *, merge_m: float
) -> tuple[npt.NDArray[np.object_], IntArray]:
    """Cut lines at positions; positions within `merge_m` of each other or of an end count once.

    Returns
    -------
    pieces : (p,) LineString array
    of : (p,) int array
        Line each piece comes from; pieces of one line follow each other along it.
    """
    length = shapely.length(lines)
    inner = (position > merge_m) & (position < length[line] - merge_m)
    line, position = line[inner], position[inner]
    order = np.lexsort((position, line))
    line, position = line[order], position[order]
    bounds = np.searchsorted(line, np.arange(len(lines) + 1))
    pieces: list[Any] = []
    of: list[int] = []
    for i in range(len(lines)):
        low, high = bounds[i], bounds[i + 1]
        if low == high:
            pieces.append(lines[i])
            of.append(i)
            continue
        last = 0.0
        for at in [*position[low:high].tolist(), float(length[i])]:
            if at - last > merge_m or at == length[i]:
                pieces.append(substring(lines[i], last, at))
                of.append(i)
                last = at
    out = np.empty(len(pieces), dtype=object)
    out[:] = pieces
    return out, np.array(of, dtype=np.int64)


def cluster_points(points: FloatArray, radius_m: float) -> IntArray:
    """Number the groups of points (p, 2) that chains of steps of at most `radius_m` join."""
    pairs = cKDTree(points).query_pairs(max(radius_m, 1e-6), output_type="ndarray")
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(points),) * 2)
    group: IntArray = connected_components(graph, directed=False)[1].astype(np.int64)
    return group
