# ruff: noqa: PLR0917 - a kernel takes its arrays one by one
"""The kernel of the stratified points: equal shares of area along and across a polygon."""

__all__ = ["fill_points"]

import math

import numba as nb
import numpy as np
import numpy.typing as npt

from layers.compilation import kept


@nb.njit(nogil=True, cache=kept())
def _crossings(u, first, last, rings, along, across, found):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Collect, sorted, where the line at ``u`` crosses the rings; return how many."""
    count = 0
    for ring in range(first, last):
        for i in range(rings[ring], rings[ring + 1] - 1):
            u0, u1 = along[i], along[i + 1]
            if (u0 > u) != (u1 > u):
                value = across[i] + (across[i + 1] - across[i]) * (u - u0) / (u1 - u0)
                k = count
                while k > 0 and found[k - 1] > value:
                    found[k] = found[k - 1]
                    k -= 1
                found[k] = value
                count += 1
    return count


@nb.njit(nogil=True, cache=kept())
def _width(found, count):  # type: ignore[no-untyped-def]  # pragma: no cover
    total = 0.0
    for k in range(0, count - 1, 2):
        total += found[k + 1] - found[k]
    return total


@nb.njit(nogil=True, cache=kept())
def _frame(start, stop, x, y):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Direction of the longest edge of a ring."""
    best, east, north = -1.0, 1.0, 0.0
    for i in range(start, stop - 1):
        dx, dy = x[i + 1] - x[i], y[i + 1] - y[i]
        length = math.hypot(dx, dy)
        if length > best * (1.0 + 1e-9):
            best, east, north = length, dx / length, dy / length
    return east, north


@nb.njit(nogil=True, cache=kept())
def fill_points(
    first_ring: npt.NDArray[np.int64],
    rings: npt.NDArray[np.int64],
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    across_share: npt.NDArray[np.float64],
    points: npt.NDArray[np.float64],
) -> None:  # pragma: no cover - compiled
    """Fill x and y of the points of every polygon.

    Parameters
    ----------
    first_ring, rings, x, y
        Ragged closed rings; ``first_ring`` (n + 1,), ``rings`` (r + 1,), coordinates [m].
    across_share : (k,)
        Share of the width at which the point of each slice of equal area stands.
    points : (n * k, 2) or wider
        Columns 0 and 1 are filled in place, polygon by polygon.
    """
    count = len(across_share)
    slices = max(32, 4 * count)
    widths = np.empty(slices)
    longest = 0
    for polygon in range(len(first_ring) - 1):
        longest = max(longest, rings[first_ring[polygon + 1]] - rings[first_ring[polygon]])
    found, along, across = np.empty(longest), np.empty(longest), np.empty(longest)
    local = np.empty(len(rings), dtype=np.int64)
    for polygon in range(len(first_ring) - 1):
        first, last = first_ring[polygon], first_ring[polygon + 1]
        base = rings[first]
        east, north = _frame(base, rings[first + 1], x, y)
        x0, y0 = x[base], y[base]
        low, high = math.inf, -math.inf
        for i in range(base, rings[last]):
            dx, dy = x[i] - x0, y[i] - y0
            along[i - base] = dx * east + dy * north
            across[i - base] = dy * east - dx * north
            low, high = min(low, along[i - base]), max(high, along[i - base])
        for ring in range(first, last + 1):
            local[ring - first] = rings[ring] - base
        step = (high - low) / slices
        total = 0.0
        for k in range(slices):
            n = _crossings(low + (k + 0.5) * step, 0, last - first, local, along, across, found)
            widths[k] = _width(found, n)
            total += widths[k]
        k, passed = 0, 0.0
        for a in range(count):
            wanted = (a + 0.5) / count * total
            while k < slices - 1 and passed + widths[k] < wanted:
                passed += widths[k]
                k += 1
            part = (wanted - passed) / widths[k] if widths[k] > 0.0 else 0.5
            u = low + (k + min(max(part, 0.0), 1.0)) * step
            n = _crossings(u, 0, last - first, local, along, across, found)
            left = across_share[a] * _width(found, n)
            v = found[0]
            for j in range(0, n - 1, 2):
                length = found[j + 1] - found[j]
                if left <= length:
                    # Never on an outline, not even where a share ends exactly at a gap.
                    v = found[j] + min(max(left, 0.01 * length), 0.99 * length)
                    break
                left -= length
            row = polygon * count + a
            points[row, 0] = x0 + u * east - v * north
            points[row, 1] = y0 + u * north + v * east
