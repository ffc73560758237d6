# ruff: noqa: PLR0912, PLR0913, PLR0917, C901 - a kernel takes its arrays one by one
"""Hour-by-hour ray marching among buildings: the slow truth that the shading benchmark compares with.

For each lit hour a ray runs from the point to the sun through a grid of cells; in each cell every wall
that the ray crosses is compared with the ray's height there. Nothing is left out for its distance or its
slimness, and no sector is used. The sky view is integrated over 720 azimuths found by the same march.
"""

__all__ = ["WallGrid", "hours_in_sun", "skyline_deg", "wall_grid"]

import math
from typing import NamedTuple

import numba as nb
import numpy as np
import shapely

CELL_M = 20.0


class WallGrid(NamedTuple):
    """Walls (x0, y0, x1, y1, top, owner) and, per cell, which of them touch it."""

    walls: np.ndarray
    first: np.ndarray
    member: np.ndarray
    origin: np.ndarray
    shape: np.ndarray


def wall_grid(shapes: np.ndarray, top_m: np.ndarray) -> WallGrid:
    """Cut footprints into walls and note the cells that their bounds touch."""
    rings, of_shape = [], []
    for number, polygon in enumerate(shapes):
        for ring in (polygon.exterior, *polygon.interiors):
            xy = np.asarray(ring.coords)[:, :2]
            rings.append(np.column_stack([xy[:-1], xy[1:]]))
            of_shape.append(np.full(len(xy) - 1, number))
    ends, owner = np.concatenate(rings), np.concatenate(of_shape)
    walls = np.column_stack([ends, top_m[owner], owner])
    low = np.minimum(ends[:, :2], ends[:, 2:])
    high = np.maximum(ends[:, :2], ends[:, 2:])
    origin = low.min(axis=0) - CELL_M
    shape = np.ceil((high.max(axis=0) - origin) / CELL_M).astype(np.int64) + 1
    a = ((low - origin) / CELL_M).astype(np.int64)
    b = ((high - origin) / CELL_M).astype(np.int64)
    cells, member = [], []
    for wall in range(len(walls)):
        for column in range(a[wall, 0], b[wall, 0] + 1):
            for row in range(a[wall, 1], b[wall, 1] + 1):
                cells.append(column * shape[1] + row)
                member.append(wall)
    cells, member = np.array(cells), np.array(member)
    order = np.argsort(cells, kind="stable")
    first = np.searchsorted(cells[order], np.arange(shape[0] * shape[1] + 1))
    return WallGrid(walls, first, member[order], origin, shape)


@nb.njit
def _steepest(px, py, pz, sine, cosine, walls, first, member, origin, shape, own, stop_at, top):
    """March one ray; return the steepest tangent met, or stop once it exceeds ``stop_at``."""
    best = 0.0
    highest = top - pz
    column = int((px - origin[0]) / CELL_M)
    row = int((py - origin[1]) / CELL_M)
    x, y = px - origin[0], py - origin[1]
    while 0 <= column < shape[0] and 0 <= row < shape[1]:
        cell = column * shape[1] + row
        for m in range(first[cell], first[cell + 1]):
            w = member[m]
            if own[int(walls[w, 5])]:
                continue
            x0, y0 = walls[w, 0] - px, walls[w, 1] - py
            ex, ey = walls[w, 2] - walls[w, 0], walls[w, 3] - walls[w, 1]
            cross = sine * ey - cosine * ex
            if cross == 0.0:
                continue
            d = (x0 * ey - y0 * ex) / cross
            share = (x0 * cosine - y0 * sine) / cross
            if d > 0.0 and 0.0 <= share <= 1.0:
                rise = walls[w, 4] - pz
                if rise > best * d:
                    best = rise / d
        if best > stop_at:
            return best
        tx = ty = math.inf
        if sine > 0.0:
            tx = ((column + 1) * CELL_M - x) / sine
        elif sine < 0.0:
            tx = (column * CELL_M - x) / sine
        if cosine > 0.0:
            ty = ((row + 1) * CELL_M - y) / cosine
        elif cosine < 0.0:
            ty = (row * CELL_M - y) / cosine
        if highest <= (best if stop_at == math.inf else max(best, stop_at)) * min(tx, ty):
            return best
        if tx < ty:
            column += 1 if sine > 0.0 else -1
        else:
            row += 1 if cosine > 0.0 else -1
    return best


@nb.njit
def _in_sun(points, own, azimuth, elevation, walls, first, member, origin, shape, lit):
    top = walls[:, 4].max()
    for i in range(len(points)):
        for h in range(len(azimuth)):
            tangent = math.tan(elevation[h])
            met = _steepest(
                points[i, 0], points[i, 1], points[i, 2], math.sin(azimuth[h]), math.cos(azimuth[h]),
                walls, first, member, origin, shape, own[i], tangent, top,
            )  # fmt: skip
            lit[i, h] = met <= tangent


@nb.njit
def _skyline(points, own, azimuth, walls, first, member, origin, shape, angle):
    top = walls[:, 4].max()
    for i in range(len(points)):
        for a in range(len(azimuth)):
            angle[i, a] = math.atan(
                _steepest(
                    points[i, 0], points[i, 1], points[i, 2], math.sin(azimuth[a]), math.cos(azimuth[a]),
                    walls, first, member, origin, shape, own[i], math.inf, top,
                )
            )  # fmt: skip


def _owners(points: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    """Footprints that hold each point: they do not shade it."""
    own = np.zeros((len(points), len(shapes)), dtype=bool)
    inside, holder = shapely.STRtree(shapes).query(
        shapely.points(points[:, :2]), predicate="within"
    )
    own[inside, holder] = True
    return own


def hours_in_sun(
    points: np.ndarray,
    shapes: np.ndarray,
    grid: WallGrid,
    *,
    azimuth_deg: np.ndarray,
    elevation_deg: np.ndarray,
) -> np.ndarray:
    """Return (n, h) whether each point sees the sun in each hour."""
    lit = np.empty((len(points), len(azimuth_deg)), dtype=bool)
    _in_sun(
        points,
        _owners(points, shapes),
        np.radians(azimuth_deg),
        np.radians(elevation_deg),
        *grid,
        lit,
    )
    return lit


def skyline_deg(
    points: np.ndarray, shapes: np.ndarray, grid: WallGrid, *, azimuths: int = 720
) -> np.ndarray:
    """Return (n, azimuths) the elevation of the skyline [deg]."""
    angle = np.empty((len(points), azimuths))
    middle = (np.arange(azimuths) + 0.5) * (2.0 * math.pi / azimuths)
    _skyline(points, _owners(points, shapes), middle, *grid, angle)
    return np.degrees(angle)
