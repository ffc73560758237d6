# ruff: noqa: PLR0913, PLR0917, C901, SIM110 - a kernel takes its arrays one by one
"""The kernel of the horizon: edges of obstacles against rays, in tangents, over plain arrays."""

__all__ = ["fill_profiles"]

import math

import numba as nb
import numpy as np
import numpy.typing as npt

from layers.compilation import kept

_STEEPEST = 573.0  # tan 89.9°: a point at the foot of a wall still sees a sliver of sky
_STEEPEST_SINE = _STEEPEST / math.sqrt(1.0 + _STEEPEST * _STEEPEST)
_HALF_PI = math.pi / 2.0
_GRADES = (math.inf, 1.0, 0.5, 0.3, 0.2, 0.15, 0.11, 0.08, 0.06, 0.04, 0.0)


@nb.njit(nogil=True, inline="always")
def _arc_tangent(q: float) -> float:  # pragma: no cover - compiled
    """Arc tangent of 0 to 1 [rad]; minimax polynomial, off by less than 2e-6 rad."""
    s = q * q
    return q * (
        0.99997726
        + s
        * (-0.33262347 + s * (0.19354346 + s * (-0.11643287 + s * (0.05265332 - s * 0.01172120))))
    )


@nb.njit(nogil=True, inline="always")
def _azimuth(east: float, north: float) -> float:  # pragma: no cover - compiled
    """Azimuth clockwise from north [rad, 0 to 2 pi]; polynomial, off by less than 2e-5 rad."""
    a, b = abs(east), abs(north)
    large, small = (a, b) if a > b else (b, a)
    if large == 0.0:
        return 0.0
    angle = _arc_tangent(small / large)
    if a > b:
        angle = _HALF_PI - angle
    if north < 0.0:
        angle = math.pi - angle
    return 2.0 * math.pi - angle if east < 0.0 else angle


@nb.njit(nogil=True, cache=kept())
def _inside(x: float, y: float, first: int, last: int, rings, vertices) -> bool:  # type: ignore[no-untyped-def]  # pragma: no cover
    """Even-odd rule over all rings of one obstacle."""
    odd = False
    for ring in range(first, last):
        for i in range(rings[ring], rings[ring + 1] - 1):
            x0, y0 = vertices[i, 0], vertices[i, 1]
            x1, y1 = vertices[i + 1, 0], vertices[i + 1, 1]
            if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
                odd = not odd
    return odd


@nb.njit(nogil=True, cache=kept())
def _raise_obstacle(px, py, pz, first, last, rings, vertices, lowest, sines, cosines, tangents):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Raise the ray tangents of one point by the edges of one obstacle.

    Seen from the point, the line of an edge spans the plane z = A east + B north, so that the tangent
    of its elevation in azimuth a is A sin a + B cos a: exact along the whole edge.
    """
    rays = len(tangents)
    per_radian = rays / (2.0 * math.pi)
    for ring in range(first, last):
        start, stop = rings[ring], rings[ring + 1]
        x0 = vertices[start, 0] - px
        y0 = vertices[start, 1] - py
        z0 = vertices[start, 2] - pz
        f0 = -1.0
        for i in range(start + 1, stop):
            x1 = vertices[i, 0] - px
            y1 = vertices[i, 1] - py
            z1 = vertices[i, 2] - pz
            f1 = -1.0
            cross = x0 * y1 - x1 * y0
            # Exteriors run counter-clockwise: cross < 0 is an edge seen from outside. A level top is
            # highest where the ray enters, so edges seen from inside matter only above the lowest.
            if cross < -1e-9 or (cross > 1e-9 and max(z0, z1) > lowest):
                if f0 < 0.0:
                    f0 = _azimuth(x0, y0) * per_radian
                f1 = _azimuth(x1, y1) * per_radian
                low, high = (f0, f1) if cross < 0.0 else (f1, f0)
                if high < low:
                    high += rays
                a = (z0 * y1 - z1 * y0) / cross
                b = (x0 * z1 - x1 * z0) / cross
                ray, end = math.ceil(low - 0.5), math.floor(high - 0.5) + 1
                for r in range(ray, min(end, rays)):
                    tangents[r] = max(tangents[r], a * sines[r] + b * cosines[r])
                for r in range(max(ray - rays, 0), end - rays):
                    tangents[r] = max(tangents[r], a * sines[r] + b * cosines[r])
            x0, y0, z0, f0 = x1, y1, z1, f1


@nb.njit(nogil=True, cache=kept())
def _gather(points, order, candidates, circles, slimmest, near):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Copy the obstacles that may matter to any point of a tile, in their order; return how many."""
    west, south, low = math.inf, math.inf, math.inf
    east, north = -math.inf, -math.inf
    for row in order:
        west, east = min(west, points[row, 0]), max(east, points[row, 0])
        south, north = min(south, points[row, 1]), max(north, points[row, 1])
        low = min(low, points[row, 2])
    count = 0
    for k in candidates:
        rise = circles[k, 3] - low
        if rise <= 0.0:
            break
        dx = max(west - circles[k, 0], 0.0, circles[k, 0] - east) - circles[k, 6]
        dy = max(south - circles[k, 1], 0.0, circles[k, 1] - north) - circles[k, 7]
        dx, dy = max(dx, 0.0), max(dy, 0.0)
        gap = math.sqrt(dx * dx + dy * dy)
        if gap > circles[k, 4] or rise <= slimmest * gap:
            continue
        near[count, :8] = circles[k]
        near[count, 8] = k
        count += 1
    return count


@nb.njit(nogil=True, cache=kept())
def _sift(px, py, pz, near, slimmest, kept, steepness):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Keep the obstacles that may rise above the point, with the steepest tangent they may reach."""
    count = 0
    for c in range(len(near)):
        rise = near[c, 3] - pz
        if rise <= 1e-6:
            break
        dx = max(abs(near[c, 0] - px) - near[c, 6], 0.0)
        dy = max(abs(near[c, 1] - py) - near[c, 7], 0.0)
        gap = math.sqrt(dx * dx + dy * dy)
        if gap > near[c, 4] or rise <= slimmest * gap:
            continue
        kept[count] = c
        steepness[count] = rise / gap if rise < gap * _STEEPEST else _STEEPEST
        count += 1
    return count


@nb.njit(nogil=True, cache=kept())
def _hidden(px, py, circle, steepest, tangents):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Whether the skyline already stands above all that the circle round an obstacle may reach."""
    rays = len(tangents)
    per_radian = rays / (2.0 * math.pi)
    east, north = circle[0] - px, circle[1] - py
    sine = circle[2] / math.sqrt(east * east + north * north)
    if sine >= 1.0:
        return False
    half = (sine + 0.571 * sine * sine * sine) * per_radian  # not below the arc sine
    middle = _azimuth(east, north) * per_radian
    ray, end = math.ceil(middle - half - 0.51), math.floor(middle + half - 0.49) + 1
    if ray < 0:
        ray, end = ray + rays, end + rays
    for r in range(ray, min(end, rays)):
        if tangents[r] < steepest:
            return False
    for r in range(end - rays):
        if tangents[r] < steepest:
            return False
    return True


@nb.njit(nogil=True, cache=kept())
def fill_profiles(
    points: npt.NDArray[np.float64],
    order: npt.NDArray[np.int64],
    tiles: npt.NDArray[np.int64],
    candidates: npt.NDArray[np.int64],
    candidate_ends: npt.NDArray[np.int64],
    circles: npt.NDArray[np.float64],
    both_sides: npt.NDArray[np.bool_],
    first_ring: npt.NDArray[np.int64],
    rings: npt.NDArray[np.int64],
    vertices: npt.NDArray[np.float64],
    slimmest: float,
    rays: int,
    profiles: npt.NDArray[np.float32],
) -> None:  # pragma: no cover - compiled
    """Fill the rows of the points of some tiles.

    Parameters
    ----------
    points : (n, 3) float64 [m]
    order : (n,) int64
        Points tile by tile.
    tiles : (t + 1,) int64
        Bounds of each tile's points in ``order``.
    candidates, candidate_ends : (c,) and (t + 1,) int64
        Obstacles that may matter to a tile, highest top first.
    circles : (m, 8) float64 [m]
        Centre x and y of each obstacle's bounds and radius of the circle round them, highest top, reach,
        lowest top, half the width and half the height of the bounds.
    both_sides : (m,) bool
        The obstacle's top slopes: edges seen from inside count as well.
    first_ring, rings, vertices
        Ragged rings, closed, exteriors counter-clockwise, holes clockwise; vertices (v, 3) [m].
    slimmest : float
        Tangent below which an obstacle is left out.
    rays : int
        Rays in all, a multiple of the sectors of ``profiles``.
    profiles : (n, sectors) float32 [deg]
        Filled in place where something rises: the elevation whose squared sine is the mean over the
        rays of the sector. Must come as zeros.
    """
    sectors = profiles.shape[1]
    share = rays // sectors
    middle = (np.arange(rays) + 0.5) * (2.0 * math.pi / rays)
    sines, cosines = np.sin(middle), np.cos(middle)
    tangents = np.zeros(rays)
    to_degrees = 180.0 / math.pi
    longest = 0
    for tile in range(len(tiles) - 1):
        longest = max(longest, candidate_ends[tile + 1] - candidate_ends[tile])
    near = np.empty((longest, 9))
    kept, steepness = np.empty(longest, dtype=np.int64), np.empty(longest)
    for tile in range(len(tiles) - 1):
        rows = order[tiles[tile] : tiles[tile + 1]]
        found = candidates[candidate_ends[tile] : candidate_ends[tile + 1]]
        around = near[: _gather(points, rows, found, circles, slimmest, near)]
        for row in rows:
            px, py, pz = points[row, 0], points[row, 1], points[row, 2]
            tangents[:] = 0.0
            count = _sift(px, py, pz, around, slimmest, kept, steepness)
            # Steep obstacles first, so that what stands behind them need not be cut at all.
            for grade in range(len(_GRADES) - 1):
                for c in range(count):
                    if not _GRADES[grade] >= steepness[c] > _GRADES[grade + 1]:
                        continue
                    circle = around[kept[c]]
                    k = int(circle[8])
                    first, last = first_ring[k], first_ring[k + 1]
                    if steepness[c] < _STEEPEST:
                        if grade > 0 and _hidden(px, py, circle, steepness[c], tangents):
                            continue
                    elif _inside(px, py, first, last, rings, vertices):
                        continue
                    _raise_obstacle(
                        px,
                        py,
                        pz,
                        first,
                        last,
                        rings,
                        vertices,
                        (circle[5] - pz) + 1e-6 if both_sides[k] else math.inf,
                        sines,
                        cosines,
                        tangents,
                    )
            for sector in range(sectors):
                total = 0.0
                for r in range(sector * share, (sector + 1) * share):
                    square = tangents[r] * tangents[r]
                    total += square / (1.0 + square)
                if total > 0.0:
                    sine = math.sqrt(total / share)
                    profiles[row, sector] = to_degrees * math.asin(min(sine, _STEEPEST_SINE))
