# ruff: noqa: PLR0913, PLR0917, C901, SIM110 - a kernel takes its arrays one by one
"""The kernel of the horizon: edges of obstacles against rays, in tangents, over plain arrays.

Points come tile by tile and, within these, cluster by cluster. What may matter to a tile is sought in the
cells of the obstacles, what may matter to a cluster among that of its tile. For each point, obstacles are
cut the steepest first, half an octave of steepness at a time, so that what stands behind a skyline need
not be cut at all. Loops over numbers stand apart from decisions, because only then do compilers work on
several numbers at once. None of this changes a profile: a point's skyline is a maximum, whoever else is
asked.
"""

__all__ = ["fill_profiles"]

import math
from typing import TYPE_CHECKING

import numba as nb
import numpy as np
import numpy.typing as npt

from layers.compilation import kept

if TYPE_CHECKING:
    from rooftop_pv.obstacles import ObstacleArrays

_STEEPEST = 573.0  # tan 89.9°: a point at the foot of a wall still sees a sliver of sky
_STEEPEST_SINE = _STEEPEST / math.sqrt(1.0 + _STEEPEST * _STEEPEST)
_HALF_PI = math.pi / 2.0
_LEAST = 1e-30  # keeps quotients of nothing finite
_MANTISSA, _ONE = 52, 1023  # of a float64: an octave of squares is one step of its exponent
_GRADES = 24


@nb.njit(nogil=True, inline="always", error_model="numpy")
def _azimuth(east: float, north: float) -> float:  # pragma: no cover - compiled
    """Azimuth clockwise from north [rad, 0 to 2 pi]; minimax polynomial, off by less than 2e-6 rad."""
    a, b = abs(east), abs(north)
    steep = a > b
    large = a if steep else b
    small = b if steep else a
    q = small / (large + _LEAST)
    s = q * q
    angle = q * (
        0.99997726
        + s
        * (-0.33262347 + s * (0.19354346 + s * (-0.11643287 + s * (0.05265332 - s * 0.01172120))))
    )
    angle = _HALF_PI - angle if steep else angle
    angle = math.pi - angle if north < 0.0 else angle
    return 2.0 * math.pi - angle if east < 0.0 else angle


@nb.njit(nogil=True, cache=kept(), error_model="numpy")
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


@nb.njit(nogil=True, cache=kept(), error_model="numpy")
def _fill_box(points, rows, box) -> None:  # type: ignore[no-untyped-def]  # pragma: no cover
    """Fill west, south, east, north and the lowest elevation of some points."""
    box[0] = box[1] = box[4] = math.inf
    box[2] = box[3] = -math.inf
    for row in rows:
        box[0], box[2] = min(box[0], points[row, 0]), max(box[2], points[row, 0])
        box[1], box[3] = min(box[1], points[row, 1]), max(box[3], points[row, 1])
        box[4] = min(box[4], points[row, 2])


@nb.njit(nogil=True, cache=kept(), error_model="numpy")
def _window(box, grid, shape, window) -> None:  # type: ignore[no-untyped-def]  # pragma: no cover
    """Fill the first and last column and row of a grid whose obstacles may reach the box."""
    for axis in range(2):
        low = math.floor((box[axis] - grid[3] - grid[axis]) / grid[2])
        high = math.floor((box[axis + 2] + grid[3] - grid[axis]) / grid[2])
        window[2 * axis] = min(max(low, 0), shape[axis])
        window[2 * axis + 1] = max(min(high, shape[axis] - 1), -1)


@nb.njit(nogil=True, cache=kept(), error_model="numpy")
def _near_tile(box, obstacles, slimmest_square):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Return, column by column, the obstacles that may matter to a tile, and how many there are."""
    grids, shapes, cells = obstacles.grids, obstacles.shapes, obstacles.cells
    circles = obstacles.circles
    window = np.empty((len(grids), 4), dtype=np.int64)
    room = 0
    for g in range(len(grids)):
        _window(box, grids[g], shapes[g], window[g])
        for column in range(window[g, 0], window[g, 1] + 1):
            base = shapes[g, 2] + column * shapes[g, 1]
            room += max(cells[base + window[g, 3] + 1] - cells[base + window[g, 2]], 0)
    near = np.empty((9, room))
    count = 0
    for g in range(len(grids)):
        for column in range(window[g, 0], window[g, 1] + 1):
            base = shapes[g, 2] + column * shapes[g, 1]
            for k in range(cells[base + window[g, 2]], cells[base + window[g, 3] + 1]):
                dx = max(box[0] - circles[k, 0], circles[k, 0] - box[2]) - circles[k, 2]
                dy = max(box[1] - circles[k, 1], circles[k, 1] - box[3]) - circles[k, 3]
                dx, dy = max(dx, 0.0), max(dy, 0.0)
                gap_square, rise = dx * dx + dy * dy, circles[k, 4] - box[4]
                if (
                    rise > 0.0
                    and gap_square <= circles[k, 5] * circles[k, 5]
                    and rise * rise > slimmest_square * gap_square
                ):
                    for c in range(8):
                        near[c, count] = circles[k, c]
                    near[5, count] *= near[5, count]
                    near[8, count] = k
                    count += 1
    return near, count


@nb.njit(nogil=True, cache=kept(), error_model="numpy")
def _near_cluster(box, around, many, slimmest_square, near, seen):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Copy what may matter to a cluster; return how many there are."""
    x, y, half_width, half_height = around[0], around[1], around[2], around[3]
    top, reach_square = around[4], around[5]
    west, south, east, north, low = box[0], box[1], box[2], box[3], box[4]
    for i in range(many):
        dx = max(max(west - x[i], x[i] - east) - half_width[i], 0.0)
        dy = max(max(south - y[i], y[i] - north) - half_height[i], 0.0)
        gap_square, rise = dx * dx + dy * dy, max(top[i] - low, 0.0)
        seen[i] = (
            (rise > 0.0)
            & (gap_square <= reach_square[i])
            & (rise * rise > slimmest_square * gap_square)
        )
    count = 0
    for i in range(many):
        if seen[i]:
            for c in range(9):
                near[c, count] = around[c, i]
            count += 1
    return count


@nb.njit(nogil=True, cache=kept(), error_model="numpy")
def _fill_steepness(point, near, count, slimmest_square, squares) -> None:  # type: ignore[no-untyped-def]  # pragma: no cover
    """Fill the square of the steepest tangent each obstacle may reach; 0 where it does not count."""
    px, py, pz = point[0], point[1], point[2]
    x, y, half_width, half_height = near[0], near[1], near[2], near[3]
    top, reach_square = near[4], near[5]
    for i in range(count):
        dx = max(abs(x[i] - px) - half_width[i], 0.0)
        dy = max(abs(y[i] - py) - half_height[i], 0.0)
        rise = max(top[i] - pz, 0.0)
        gap_square, square = dx * dx + dy * dy, rise * rise
        counts = (
            (rise > 1e-6)
            & (gap_square <= reach_square[i])
            & (square > slimmest_square * gap_square)
        )
        squares[i] = square / (gap_square + _LEAST) if counts else 0.0


@nb.njit(nogil=True, cache=kept(), error_model="numpy")
def _sort(squares, count, grades, order, ends):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Order what counts by grade, the steepest first; fill where each grade ends."""
    bits = squares.view(np.int64)
    ends[:] = 0
    for i in range(count):
        if squares[i] > 0.0:
            grades[i] = min(max(_ONE - (bits[i] >> _MANTISSA), 0), _GRADES - 2)
            ends[grades[i] + 1] += 1
    for grade in range(1, _GRADES):
        ends[grade] += ends[grade - 1]
    for i in range(count):
        if squares[i] > 0.0:
            order[ends[grades[i]]] = i
            ends[grades[i]] += 1


@nb.njit(nogil=True, cache=kept(), error_model="numpy")
def _fill_spans(point, near, order, count, rays, squares, place, first, last, steepest) -> None:  # type: ignore[no-untyped-def]  # pragma: no cover
    """Fill the rays that touch the circle round each obstacle, counted from one turn on, in order."""
    per_radian = rays / (2.0 * math.pi)
    east, north, radius = place[0], place[1], place[2]
    for j in range(count):
        i = order[j]
        east[j], north[j] = near[0, i] - point[0], near[1, i] - point[1]
        radius[j], steepest[j] = near[6, i], squares[i]
    for j in range(count):
        sine = radius[j] / (math.sqrt(east[j] * east[j] + north[j] * north[j]) + _LEAST)
        half = (sine + 0.571 * sine * sine * sine) * per_radian  # not below the arc sine
        half = half if sine < 1.0 else 0.5 * rays
        middle = _azimuth(east[j], north[j]) * per_radian + rays
        steepest[j] = math.sqrt(steepest[j])
        first[j] = np.int32(middle - half + 0.49)
        last[j] = np.int32(middle + half + 0.51)


@nb.njit(nogil=True, cache=kept(), error_model="numpy")
def _hidden(first, last, steepest, tangents):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Whether the skyline already stands above all that an obstacle may reach on its rays."""
    rays = len(tangents)
    turn = first // rays * rays
    for r in range(first - turn, min(last - turn, rays)):
        if tangents[r] < steepest:
            return False
    for r in range(last - turn - rays):
        if tangents[r] < steepest:
            return False
    return True


@nb.njit(nogil=True, cache=kept(), error_model="numpy")
def _stage(point, chosen, obstacles, rays, xyz, number):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Copy the vertices of obstacles as seen from the point, each with the first ray past it."""
    vertices, rings = obstacles.vertices, obstacles.rings
    x, y, z = xyz[0], xyz[1], xyz[2]
    count = 0
    for k in chosen:
        for i in range(rings[obstacles.first_ring[k]], rings[obstacles.last_ring[k]]):
            x[count] = vertices[i, 0] - point[0]
            y[count] = vertices[i, 1] - point[1]
            z[count] = vertices[i, 2] - point[2]
            count += 1
    per_radian = rays / (2.0 * math.pi)
    for i in range(count):
        ray = np.int32(_azimuth(x[i], y[i]) * per_radian + 0.5)
        number[i] = ray if ray < rays else 0


@nb.njit(nogil=True, cache=kept(), error_model="numpy")
def _raise_ring(first, last, xyz, number, lowest, sines, cosines, tangents) -> None:  # type: ignore[no-untyped-def]  # pragma: no cover
    """Raise the tangents of the rays by the edges of one ring.

    Seen from the point, the line of an edge spans the plane z = A east + B north, so that the tangent
    of its elevation in azimuth a is A sin a + B cos a: exact along the whole edge.
    """
    rays = len(tangents)
    x, y, z = xyz[0], xyz[1], xyz[2]
    for i in range(first, last - 1):
        start, stop = number[i], number[i + 1]
        if start == stop:
            continue
        cross = x[i] * y[i + 1] - x[i + 1] * y[i]
        # Exteriors run counter-clockwise: cross < 0 is an edge seen from outside. A level top is
        # highest where the ray enters, so edges seen from inside matter only above the lowest.
        if cross > 0.0:
            if cross < 1e-9 or max(z[i], z[i + 1]) <= lowest:
                continue
            start, stop = stop, start
        elif cross > -1e-9:
            continue
        if (stop - start) % rays > rays // 2 + 1:
            continue  # no edge spans more than half a turn: its ends lie in line with the point
        a = (z[i] * y[i + 1] - z[i + 1] * y[i]) / cross
        b = (x[i] * z[i + 1] - x[i + 1] * z[i]) / cross
        if stop < start:
            for r in range(start, rays):
                tangents[r] = max(tangents[r], a * sines[r] + b * cosines[r])
            start = 0
        for r in range(start, stop):
            tangents[r] = max(tangents[r], a * sines[r] + b * cosines[r])


@nb.njit(nogil=True, cache=kept(), error_model="numpy")
def _fill_profile(tangents, squares, profile) -> None:  # type: ignore[no-untyped-def]  # pragma: no cover
    """Fill the elevation of each sector from the tangents of its rays.

    The arc sine is Abramowitz and Stegun's 4.4.46, off by less than 2e-8 rad.
    """
    share = len(tangents) // len(profile)
    for r in range(len(tangents)):
        square = tangents[r] * tangents[r]
        squares[r] = square / (1.0 + square)
    for k in range(len(profile)):
        total = 0.0
        for r in range(k * share, (k + 1) * share):
            total += squares[r]
        squares[k] = total / share
    for k in range(len(profile)):
        s = min(math.sqrt(squares[k]), _STEEPEST_SINE)
        series = -0.0170881256 + s * (0.0066700901 - s * 0.0012624911)
        series = 0.0889789874 + s * (-0.0501743046 + s * (0.0308918810 + s * series))
        series = 1.5707963050 + s * (-0.2145988016 + s * series)
        angle = (_HALF_PI - math.sqrt(1.0 - s) * series) * (180.0 / math.pi)
        profile[k] = angle if squares[k] > 0.0 else 0.0


@nb.njit(nogil=True, cache=kept(), error_model="numpy")
def _fill_tile(points, order, clusters, obstacles, slimmest, sines, cosines, profiles) -> None:  # type: ignore[no-untyped-def]  # pragma: no cover
    rays = len(sines)
    slimmest_square = slimmest * slimmest
    box = np.empty(5)
    _fill_box(points, order[clusters[0] : clusters[-1]], box)
    around, many = _near_tile(box, obstacles, slimmest_square)
    corners = 0
    for i in range(many):
        k = int(around[8, i])
        corners += obstacles.rings[obstacles.last_ring[k]]
        corners -= obstacles.rings[obstacles.first_ring[k]]
    tangents, squares = np.zeros(rays), np.zeros(rays)
    near, seen, place = np.empty((9, many)), np.empty(many, dtype=np.bool_), np.empty((3, many))
    steepness, steepest = np.empty(many), np.empty(many)
    grades, by_grade = np.empty(many, dtype=np.int64), np.empty(many, dtype=np.int64)
    chosen, ends = np.empty(many, dtype=np.int64), np.empty(_GRADES, dtype=np.int64)
    first, last = np.empty(many, dtype=np.int32), np.empty(many, dtype=np.int32)
    xyz, number = np.empty((3, corners)), np.empty(corners, dtype=np.int32)
    for cluster in range(len(clusters) - 1):
        rows = order[clusters[cluster] : clusters[cluster + 1]]
        _fill_box(points, rows, box)
        close = _near_cluster(box, around, many, slimmest_square, near, seen)
        for row in rows:
            point = points[row]
            tangents[:] = 0.0
            _fill_steepness(point, near, close, slimmest_square, steepness)
            _sort(steepness, close, grades, by_grade, ends)
            _fill_spans(
                point, near, by_grade, ends[-1], rays, steepness, place, first, last, steepest
            )
            start = 0
            for grade in range(_GRADES - 1):
                count = 0
                for j in range(start, ends[grade]):
                    k = int(near[8, by_grade[j]])
                    if steepest[j] < _STEEPEST:
                        if _hidden(first[j], last[j], steepest[j], tangents):
                            continue
                    elif _inside(
                        point[0], point[1], obstacles.first_ring[k], obstacles.last_ring[k],
                        obstacles.rings, obstacles.vertices,
                    ):  # fmt: skip
                        continue
                    chosen[count] = k
                    count += 1
                start = ends[grade]
                if count == 0:
                    continue
                _stage(point, chosen[:count], obstacles, rays, xyz, number)
                corner = 0
                for k in chosen[:count]:
                    lowest = math.inf
                    if obstacles.sloping[k]:
                        lowest = (obstacles.circles[k, 7] - point[2]) + 1e-6
                    for ring in range(obstacles.first_ring[k], obstacles.last_ring[k]):
                        end = corner + obstacles.rings[ring + 1] - obstacles.rings[ring]
                        _raise_ring(corner, end, xyz, number, lowest, sines, cosines, tangents)
                        corner = end
            _fill_profile(tangents, squares, profiles[row])


@nb.njit(nogil=True, cache=kept(), error_model="numpy")
def fill_profiles(
    points: npt.NDArray[np.float64],
    order: npt.NDArray[np.int64],
    clusters: npt.NDArray[np.int64],
    tiles: npt.NDArray[np.int64],
    obstacles: "ObstacleArrays",
    slimmest: float,
    rays: int,
    profiles: npt.NDArray[np.float32],
) -> None:  # pragma: no cover - compiled
    """Fill the rows of the points of some tiles.

    Parameters
    ----------
    points : (n, 3) float64 [m]
    order : (n,) int64
        Points tile by tile and cluster by cluster.
    clusters : (c + 1,) int64
        Bounds of each cluster's points in ``order``.
    tiles : (t + 1,) int64
        Bounds of each tile's clusters.
    obstacles : ObstacleArrays
    slimmest : float
        Tangent below which an obstacle is left out.
    rays : int
        Rays in all, a multiple of the sectors of ``profiles``.
    profiles : (n, sectors) float32 [deg]
        Filled in place: the elevation whose squared sine is the mean over the rays of the sector.
    """
    middle = (np.arange(rays) + 0.5) * (2.0 * math.pi / rays)
    sines, cosines = np.sin(middle), np.cos(middle)
    for tile in range(len(tiles) - 1):
        _fill_tile(
            points,
            order,
            clusters[tiles[tile] : tiles[tile + 1] + 1],
            obstacles,
            slimmest,
            sines,
            cosines,
            profiles,
        )
