# ruff: noqa: PLR0913, PLR0917 - a kernel takes its arrays one by one
"""The kernels of shading: sky view of tilted planes, blocked energy and blocked hours, over plain arrays."""

__all__ = ["add_blocked_hours", "fill_prefix", "fill_shaded", "fill_sky_view"]

import math

import numba as nb
import numpy as np
import numpy.typing as npt

from layers.compilation import kept

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]
# Sums and products may be taken in any order; missing values are not assumed away.
_IN_ANY_ORDER = {"reassoc", "contract", "arcp", "nsz"}


@nb.njit(nogil=True, cache=kept(), error_model="numpy", fastmath=_IN_ANY_ORDER)
def fill_sky_view(
    profiles_deg: npt.NDArray[np.float32],
    code: _Ints,
    own: _Floats,
    facing: _Floats,
    sky_view: _Floats,
) -> None:  # pragma: no cover - compiled
    """Fill the share of the isotropic sky of each point's class that its horizon leaves.

    Parameters
    ----------
    profiles_deg : (n, s) [deg]
    code : (n,)
        Class of each point.
    own : (c, s) [rad]
        How high the plane itself rises in each sector.
    facing : (c, s + 1)
        Sine of the tilt times the mean cosine between sector and plane; last the cosine of the tilt.
    sky_view : (n,)
        Filled in place, 0 to 1, relative to the same sum without obstacles.
    """
    sectors = profiles_deg.shape[1]
    to_radians = math.pi / 180.0
    own_view, whole = np.zeros((len(own), sectors)), np.zeros(len(own))
    for c in range(len(own)):
        for s in range(sectors):
            own_view[c, s] = _sector_view(own[c, s], facing[c, s], facing[c, sectors])
            whole[c] += own_view[c, s]
    for i in range(len(profiles_deg)):
        c = code[i]
        rise, profile, faces, free = own[c], profiles_deg[i], facing[c], own_view[c]
        level = faces[sectors]
        lost = 0.0
        for s in range(sectors):
            h = profile[s] * to_radians
            less = free[s] - _sector_view(h, faces[s], level)
            lost += less if h > rise[s] else 0.0
        sky_view[i] = min(max(1.0 - lost / whole[c], 0.0), 1.0)


@nb.njit(nogil=True, inline="always", error_model="numpy")
def _sector_view(h: float, facing: float, level: float) -> float:  # pragma: no cover - compiled
    """Integral of the cosine of incidence over a sector's sky above ``h``, up to a common factor.

    sin h · cos h and cos² h are taken from the sine and cosine of u = 2h − 90°, by their series to
    u¹⁵ and u¹⁴: off by less than 1e-9, and many sectors at once.
    """
    u = 2.0 * h - math.pi / 2.0
    q = -u * u
    sine = u * (1.0 + q / 6.0 * (1.0 + q / 20.0 * (1.0 + q / 42.0 * (1.0 + q / 72.0 * (
        1.0 + q / 110.0 * (1.0 + q / 156.0 * (1.0 + q / 210.0)))))))  # fmt: skip
    cosine = 1.0 + q / 2.0 * (1.0 + q / 12.0 * (1.0 + q / 30.0 * (1.0 + q / 56.0 * (
        1.0 + q / 90.0 * (1.0 + q / 132.0 * (1.0 + q / 182.0))))))  # fmt: skip
    return facing * (math.pi / 2.0 - h - 0.5 * cosine) + level * 0.5 * (1.0 - sine)


@nb.njit(nogil=True, cache=kept())
def fill_prefix(
    values: _Floats, starts: _Ints, period: _Ints, prefix: _Floats
) -> None:  # pragma: no cover - compiled
    """Sum values sector by sector from the lowest sun up.

    Parameters
    ----------
    values : (h,)
        One value per hour, hours sorted by sector, then by elevation of the sun.
    starts : (s + 1,)
        Bounds of the sectors in the hours.
    period : (h,)
        Period of each hour.
    prefix : (h + s, p)
        Row ``starts[k] + k + r`` is filled with the sum of the ``r`` lowest hours of sector ``k``.
    """
    for k in range(len(starts) - 1):
        row = starts[k] + k
        prefix[row] = 0.0
        for j in range(starts[k], starts[k + 1]):
            prefix[row + 1] = prefix[row]
            prefix[row + 1, period[j]] += values[j]
            row += 1


@nb.njit(nogil=True, inline="always")
def _rank(profile, k, starts, elevations, quick):  # type: ignore[no-untyped-def]  # pragma: no cover
    """How many hours of sector ``k`` have the sun below the horizon there."""
    degree = int(profile)
    j = starts[k] + quick[k, degree]
    while j < starts[k + 1] and elevations[j] < profile:
        j += 1
    return j - starts[k]


@nb.njit(nogil=True, cache=kept())
def fill_shaded(
    profiles_deg: npt.NDArray[np.float32],
    plane: _Ints,
    code: _Ints,
    sky_view: _Floats,
    starts: _Ints,
    elevations: _Floats,
    quick: _Ints,
    direct: _Floats,
    energy: _Floats,
    open_energy: _Floats,
    blocked_direct: _Floats,
    shaded: _Floats,
) -> None:  # pragma: no cover - compiled
    """Sum over its points what each plane loses of direct irradiation and what AC energy it keeps.

    Parameters
    ----------
    profiles_deg, plane, code, sky_view
        Horizon (n, s), plane, class and relative sky view of each point.
    starts, elevations, quick
        Bounds of the sectors, sun elevations by sector and ascending, and how many of a sector's hours
        lie below each whole degree (s, 92).
    direct : (c, h + s, 1)
        Prefix sums of direct irradiation by class.
    energy : (c, l, h + s, p)
        Prefix sums of beam-on less beam-off AC by class and level of sky view.
    open_energy : (c, l, p)
        AC with the beam always on.
    blocked_direct : (planes,), shaded : (planes, p)
        Added to in place.
    """
    levels, periods = energy.shape[1], energy.shape[3]
    for i in range(len(profiles_deg)):
        c, row = code[i], plane[i]
        place = sky_view[i] * (levels - 1)
        low = min(int(place), levels - 2)
        high_share = place - low
        low_share = 1.0 - high_share
        for p in range(periods):
            shaded[row, p] += (
                low_share * open_energy[c, low, p] + high_share * open_energy[c, low + 1, p]
            )
        for k in range(profiles_deg.shape[1]):
            if profiles_deg[i, k] <= 0.0 or starts[k] == starts[k + 1]:
                continue
            rank = _rank(profiles_deg[i, k], k, starts, elevations, quick)
            if rank == 0:
                continue
            j = starts[k] + k + rank
            blocked_direct[row] += direct[c, j, 0]
            below, above = energy[c, low, j], energy[c, low + 1, j]
            for p in range(periods):
                shaded[row, p] -= low_share * below[p] + high_share * above[p]


@nb.njit(nogil=True, cache=kept())
def add_blocked_hours(
    profiles_deg: npt.NDArray[np.float32],
    points: _Ints,
    group: _Ints,
    weight: _Floats,
    sky_view: _Floats,
    starts: _Ints,
    elevations: _Floats,
    quick: _Ints,
    weights: _Floats,
    blocked: _Floats,
) -> None:  # pragma: no cover - compiled
    """Sum the capacity of some points of one class: in all, and blocked in each hour, by group and level.

    Parameters
    ----------
    points : (m,)
        The points to take.
    group : (m,)
        Group of each of these.
    weight, sky_view
        Of all points: capacity [kWp] and relative sky view.
    weights : (g, l), blocked : (g, l, h)
        Added to in place; ``blocked`` must come as zeros.
    """
    levels = weights.shape[1]
    for m in range(len(points)):
        i, g = points[m], group[m]
        place = sky_view[i] * (levels - 1)
        low = min(int(place), levels - 2)
        above = weight[i] * (place - low)
        below = weight[i] - above
        weights[g, low] += below
        weights[g, low + 1] += above
        for k in range(profiles_deg.shape[1]):
            if profiles_deg[i, k] <= 0.0 or starts[k] == starts[k + 1]:
                continue
            rank = _rank(profiles_deg[i, k], k, starts, elevations, quick)
            if rank > 0:
                blocked[g, low, starts[k] + rank - 1] += below
                blocked[g, low + 1, starts[k] + rank - 1] += above
    # A point that blocks the r lowest hours of a sector was noted at the highest of them.
    for g in range(blocked.shape[0]):
        for level in range(levels):
            for k in range(len(starts) - 1):
                for j in range(starts[k + 1] - 2, starts[k] - 1, -1):
                    blocked[g, level, j] += blocked[g, level, j + 1]
