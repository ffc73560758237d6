# ruff: noqa: PLR0917 - a kernel takes its arrays one by one
"""The kernel that measures obstacles: ring by ring, in place."""

__all__ = ["measure_obstacles"]

import math

import numba as nb
import numpy as np
import numpy.typing as npt

from layers.compilation import kept


@nb.njit(nogil=True, cache=kept())
def _turn(start, stop, vertices, clockwise):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Reverse a ring that runs the wrong way."""
    x0, y0 = vertices[start, 0], vertices[start, 1]
    twice = 0.0
    for i in range(start + 1, stop - 1):
        twice += (vertices[i, 0] - x0) * (vertices[i + 1, 1] - y0)
        twice -= (vertices[i + 1, 0] - x0) * (vertices[i, 1] - y0)
    if (twice > 0.0) == clockwise and twice != 0.0:
        for k in range((stop - start) // 2):
            for axis in range(3):
                low, high = vertices[start + k, axis], vertices[stop - 1 - k, axis]
                vertices[start + k, axis], vertices[stop - 1 - k, axis] = high, low


@nb.njit(nogil=True, cache=kept())
def measure_obstacles(
    first_ring: npt.NDArray[np.int64],
    rings: npt.NDArray[np.int64],
    vertices: npt.NDArray[np.float64],
    circles: npt.NDArray[np.float64],
) -> None:  # pragma: no cover - compiled
    """Turn exteriors counter-clockwise and holes clockwise, and measure every obstacle.

    Parameters
    ----------
    first_ring, rings, vertices
        Ragged closed rings, vertices (v, 3) [m]; turned in place.
    circles : (m, 8) float64 [m]
        Columns 0 to 4 are filled with the centre x and y of the bounds, half their width, half their
        height, and the highest top; 6 and 7 with the radius of the circle round the bounds and the
        lowest top.
    """
    for k in range(len(first_ring) - 1):
        for ring in range(first_ring[k], first_ring[k + 1]):
            _turn(rings[ring], rings[ring + 1], vertices, ring > first_ring[k])
        west, south, low = math.inf, math.inf, math.inf
        east, north, high = -math.inf, -math.inf, -math.inf
        for i in range(rings[first_ring[k]], rings[first_ring[k + 1]]):
            west, east = min(west, vertices[i, 0]), max(east, vertices[i, 0])
            south, north = min(south, vertices[i, 1]), max(north, vertices[i, 1])
            low, high = min(low, vertices[i, 2]), max(high, vertices[i, 2])
        circles[k, 0], circles[k, 1] = (west + east) / 2.0, (south + north) / 2.0
        circles[k, 2], circles[k, 3] = (east - west) / 2.0, (north - south) / 2.0
        circles[k, 4] = high
        circles[k, 6] = math.hypot(east - west, north - south) / 2.0
        circles[k, 7] = low
