# ruff: noqa: PLR0913, PLR0917, C901 - a kernel takes its arrays one by one
"""The kernel of the layout: rows of modules in an outline, exact, without a raster.

A run of modules in a row is a rectangle. It keeps its setback from an edge when it does not meet the edge
widened by the setback on all sides (a capsule). Capsule and row strip are both convex, so what the capsule
forbids within the strip is one interval along the row; the gaps between the forbidden intervals are
wholly inside the outline or wholly outside.
"""

__all__ = ["fill_counts", "fill_runs"]

import math

import numba as nb
import numpy as np
import numpy.typing as npt

from layers.compilation import kept

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]
_OFFSETS = 6
_SLACK = 1e-6  # metres that rounding may take, so that what just fits does fit


@nb.njit(nogil=True, cache=kept())
def _forbidden(u0, v0, u1, v1, low, high, setback):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Interval that an edge forbids in the strip from ``low`` to ``high``; empty as (1, 0)."""
    if v1 < v0:
        u0, v0, u1, v1 = u1, v1, u0, v0
    bottom, top = max(v0, low - setback), min(v1, high + setback)
    if bottom > top or bottom >= high + setback or top <= low - setback:
        return 1.0, 0.0
    left, right = math.inf, -math.inf
    slope = (u1 - u0) / (v1 - v0) if v1 > v0 else 0.0
    lean = setback * abs(slope) / math.sqrt(1.0 + slope * slope)
    for n in range(6):
        if n == 0:
            v = bottom
        elif n == 1:
            v = top
        elif n == 2:
            v = low
        elif n == 3:
            v = high
        elif n == 4:
            v = low - lean
        else:
            v = high + lean
        v = min(max(v, bottom), top)
        gap = max(low - v, v - high, 0.0)
        reach = math.sqrt(max(setback * setback - gap * gap, 0.0))
        if v1 > v0:
            u = u0 + slope * (v - v0)
            left, right = min(left, u - reach), max(right, u + reach)
        else:
            left, right = min(u0, u1) - reach, max(u0, u1) + reach
    return left, right


@nb.njit(nogil=True, cache=kept())
def _holds(u, v, rings, along, across):  # type: ignore[no-untyped-def]  # pragma: no cover
    odd = False
    for ring in range(len(rings) - 1):
        for i in range(rings[ring], rings[ring + 1] - 1):
            v0, v1 = across[i], across[i + 1]
            if (v0 > v) != (v1 > v) and u < along[i] + (along[i + 1] - along[i]) * (v - v0) / (
                v1 - v0
            ):
                odd = not odd
    return odd


@nb.njit(nogil=True, cache=kept())
def _row(low, depth, width, gap, setback, lanes, rings, along, across, spans, runs, first):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Count the modules of one row; note its runs from ``first`` on where ``runs`` has room."""
    count = 0
    for ring in range(len(rings) - 1):
        for i in range(rings[ring], rings[ring + 1] - 1):
            left, right = _forbidden(
                along[i],
                across[i],
                along[i + 1],
                across[i + 1],
                low + _SLACK,
                low + depth - _SLACK,
                setback,
            )
            if left <= right:
                k = count
                while k > 0 and spans[k - 1, 0] > left:
                    spans[k] = spans[k - 1]
                    k -= 1
                spans[k, 0], spans[k, 1] = left, right
                count += 1
    if lanes[1] > 0.0:
        start = lanes[0] + lanes[1]
        while start < lanes[3]:
            k = count
            while k > 0 and spans[k - 1, 0] > start:
                spans[k] = spans[k - 1]
                k -= 1
            spans[k, 0], spans[k, 1] = start, start + lanes[2]
            count += 1
            start += lanes[1] + lanes[2]
    total, found = 0, 0
    done = math.inf
    for k in range(count):
        if k == 0:
            done = spans[0, 1]
            continue
        free = spans[k, 0] - done
        if free + _SLACK >= width:
            middle = 0.5 * (spans[k, 0] + done)
            if _holds(middle, low + 0.5 * depth, rings, along, across):
                modules = int((free + gap + _SLACK) / (width + gap))
                if first + found < len(runs):
                    length = modules * (width + gap) - gap
                    runs[first + found, 0] = middle - 0.5 * length
                    runs[first + found, 1] = middle + 0.5 * length
                    runs[first + found, 2] = low
                    runs[first + found, 3] = low + depth
                    runs[first + found, 4] = modules
                total += modules
                found += 1
        done = max(done, spans[k, 1])
    return total, found


@nb.njit(nogil=True, cache=kept())
def _lay(  # type: ignore[no-untyped-def]
    start,
    bounds,
    depth,
    pitch,
    width,
    gap,
    setback,
    lane,
    field,
    rings,
    along,
    across,
    spans,
    runs,
    first,
):  # pragma: no cover
    """Lay rows from ``start`` up; return modules, rows and runs."""
    modules, rows, found = 0, 0, 0
    lanes = np.zeros(4)
    height, field_top = bounds[3] - bounds[2], math.inf
    step = math.inf
    if lane > 0.0:
        length = bounds[1] - bounds[0]
        fields = math.ceil((length + lane) / (field + lane) - 1e-9)
        lanes[0], lanes[2], lanes[3] = bounds[0], lane, bounds[1] - 1e-6
        lanes[1] = (length - (fields - 1) * lane) / fields
        fields = math.ceil((height + lane) / (field + lane) - 1e-9)
        step = (height - (fields - 1) * lane) / fields
        field_top = bounds[2] + step
    low = start
    while low + depth <= bounds[3] - setback + _SLACK:
        if low + depth > field_top + _SLACK and field_top < bounds[3] - 1e-6:
            low = max(field_top + lane, low)
            field_top += lane + step
            continue
        count, more = _row(
            low, depth, width, gap, setback, lanes, rings, along, across, spans, runs, first + found
        )
        modules += count
        rows += count > 0
        found += more
        low += pitch
    return modules, rows, found


@nb.njit(nogil=True, cache=kept())
def _turn(plane, first_ring, rings, x, y, axes, local, along, across, bounds):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Bring one outline into its rows' frame: u along the rows, v up the slope on the surface."""
    first, last = first_ring[plane], first_ring[plane + 1]
    base = rings[first]
    bounds[0], bounds[1], bounds[2], bounds[3] = math.inf, -math.inf, math.inf, -math.inf
    for ring in range(first, last + 1):
        local[ring - first] = rings[ring] - base
    for i in range(base, rings[last]):
        dx, dy = x[i] - x[base], y[i] - y[base]
        u = dx * axes[plane, 0] + dy * axes[plane, 1]
        v = (dy * axes[plane, 0] - dx * axes[plane, 1]) * axes[plane, 2]
        along[i - base], across[i - base] = u, v
        bounds[0], bounds[1] = min(bounds[0], u), max(bounds[1], u)
        bounds[2], bounds[3] = min(bounds[2], v), max(bounds[3], v)
    return last - first + 1


@nb.njit(nogil=True, cache=kept())
def fill_counts(
    first_ring: _Ints,
    rings: _Ints,
    x: _Floats,
    y: _Floats,
    axes: _Floats,
    sizes: _Floats,
    rules: _Floats,
    chosen: _Floats,
) -> None:  # pragma: no cover - compiled
    """Choose, per plane, the position and start of rows that fit most modules.

    Parameters
    ----------
    first_ring, rings, x, y
        Ragged closed outlines of the planes, horizontal [m].
    axes : (n, 3)
        East and north of the unit vector along the rows, with uphill to its left; stretch of the slope.
    sizes : (n, k, 4) [m]
        Per plane and position: depth of a row, pitch, width of a module along the row, modules per width.
        Depth 0 leaves a position out.
    rules : (n, 4) [m]
        Setback, gap between modules, width of the fire lanes (0 for none) and length of a field.
    chosen : (n, 5)
        Filled: modules, rows, position, start of the first row, runs.
    """
    widest = 2
    for plane in range(len(axes)):
        widest = max(widest, rings[first_ring[plane + 1]] - rings[first_ring[plane]])
    along, across = np.empty(widest), np.empty(widest)
    local = np.empty(len(rings) + 1, dtype=np.int64)
    bounds, runs = np.empty(4), np.empty((0, 5))
    for plane in range(len(axes)):
        used = _turn(plane, first_ring, rings, x, y, axes, local, along, across, bounds)
        setback, gap, lane, field = rules[plane]
        spans = np.empty(
            (widest + 2 + (int((bounds[1] - bounds[0]) / field) if lane > 0.0 else 0), 2)
        )
        chosen[plane] = 0.0
        for position in range(sizes.shape[1]):
            depth, pitch, width, per_width = sizes[plane, position]
            free = bounds[3] - bounds[2] - 2.0 * setback
            if depth <= 0.0 or free + _SLACK < depth or bounds[1] - bounds[0] + _SLACK < width:
                continue
            for offset in range(_OFFSETS + 1):
                share = pitch * offset / _OFFSETS
                if offset == _OFFSETS:
                    share = (free - depth) % pitch
                start = bounds[2] + setback + share
                modules, rows, found = _lay(
                    start, bounds, depth, pitch, width, gap, setback, lane, field,
                    local[:used], along, across, spans, runs, 0,
                )  # fmt: skip
                if modules * per_width > chosen[plane, 0]:
                    chosen[plane, 0] = modules * per_width
                    chosen[plane, 1] = rows
                    chosen[plane, 2] = position
                    chosen[plane, 3] = start
                    chosen[plane, 4] = found


@nb.njit(nogil=True, cache=kept())
def fill_runs(
    first_ring: _Ints,
    rings: _Ints,
    x: _Floats,
    y: _Floats,
    axes: _Floats,
    sizes: _Floats,
    rules: _Floats,
    chosen: _Floats,
    runs: _Floats,
) -> None:  # pragma: no cover - compiled
    """Fill the runs (u0, u1, v0, v1, modules) of the chosen layouts by plane, in the rows' frames."""
    widest = 2
    for plane in range(len(axes)):
        widest = max(widest, rings[first_ring[plane + 1]] - rings[first_ring[plane]])
    along, across = np.empty(widest), np.empty(widest)
    local = np.empty(len(rings) + 1, dtype=np.int64)
    bounds = np.empty(4)
    first = 0
    for plane in range(len(axes)):
        if chosen[plane, 0] == 0.0:
            continue
        used = _turn(plane, first_ring, rings, x, y, axes, local, along, across, bounds)
        setback, gap, lane, field = rules[plane]
        spans = np.empty(
            (widest + 2 + (int((bounds[1] - bounds[0]) / field) if lane > 0.0 else 0), 2)
        )
        depth, pitch, width, per_width = sizes[plane, int(chosen[plane, 2])]
        _, _, found = _lay(
            chosen[plane, 3], bounds, depth, pitch, width, gap, setback, lane, field,
            local[:used], along, across, spans, runs, first,
        )  # fmt: skip
        for k in range(first, first + found):
            runs[k, 4] *= per_width
        first += found
