"""Waiting for a charging point: Erlang C, and the least number of points as a step table."""

__all__ = ["erlang_c", "points_needed", "waiting"]

import numpy as np
import numpy.typing as npt

from layers.errors import LayerError
from siting.sparse_costs import IntArray, NumberArray

_MOST_POINTS = 2000


def erlang_c(points: npt.ArrayLike, load_erlang: npt.ArrayLike) -> NumberArray:
    """Return the probability that a vehicle waits.

    Parameters
    ----------
    points : ndarray of int
        Charging points, not negative.
    load_erlang : ndarray of float
        Arrivals per hour times hours of service [erlang], not negative.

    Returns
    -------
    ndarray of float
        Probability [1]; one where the load is at least the points, zero without load.

    Notes
    -----
    M/M/c (Erlang 1917). Through Erlang B, by B(0) = 1 and B(c) = a·B(c−1) / (c + a·B(c−1)), which
    no factorial overflows, and C = B / (1 − (a/c)·(1 − B)).

    Examples
    --------
    >>> [round(float(erlang_c(c, rho * c)), 2) for c, rho in ((4, 0.6), (8, 0.7), (12, 0.8))]
    [0.29, 0.27, 0.37]
    """
    servers, load = np.broadcast_arrays(
        np.asarray(points, dtype=np.int64), np.asarray(load_erlang, dtype=np.float64)
    )
    _check(servers, load)
    blocked = np.ones(load.shape)
    for c in range(1, int(servers.max(initial=0)) + 1):
        step = load * blocked / (c + load * blocked)
        blocked = np.where(c <= servers, step, blocked)
    used = load / np.maximum(servers, 1)
    queue = blocked / np.maximum(1.0 - used * (1.0 - blocked), 1e-12)
    full = np.where(load > 0.0, 1.0, 0.0)
    return np.where((servers > load) & (load > 0.0), np.minimum(queue, 1.0), full)


def waiting(
    points: npt.ArrayLike, load_erlang: npt.ArrayLike, *, service_min: float
) -> tuple[NumberArray, NumberArray]:
    """Return the probability of waiting [1] and the mean wait of all vehicles [min].

    Parameters
    ----------
    points, load_erlang
        As in :func:`erlang_c`.
    service_min : float
        Mean time at the point [min].

    Returns
    -------
    p_wait, wait_min : ndarray of float
        The wait is infinite where the load is at least the points.

    Notes
    -----
    W = C · service / (points − load).

    Examples
    --------
    >>> p, wait = waiting([4, 8, 12], [2.4, 5.6, 9.6], service_min=45.0)
    >>> wait.round().tolist()
    [8.0, 5.0, 7.0]
    """
    chance = erlang_c(points, load_erlang)
    spare = np.asarray(points, dtype=np.float64) - np.asarray(load_erlang, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        wait = np.where(spare > 0.0, chance * service_min / np.maximum(spare, 1e-12), np.inf)
    return chance, np.where(np.asarray(load_erlang) > 0.0, wait, 0.0)


def points_needed(
    load_erlang: npt.ArrayLike, *, service_min: float, p_wait: float, wait_min: float
) -> IntArray:
    """Return the least number of points that keeps both targets.

    Parameters
    ----------
    load_erlang : ndarray of float
        Load in the peak hour [erlang].
    service_min : float
        Mean time at the point [min].
    p_wait : float
        Greatest probability of waiting [1], above 0.
    wait_min : float
        Greatest mean wait [min], above 0.

    Raises
    ------
    LayerError
        A target that cannot be kept, a negative load, or a load beyond 2,000 points.

    Notes
    -----
    Both the probability and the wait fall with every point added, so one step table of loads per
    number of points answers any load: the greatest load that c points carry, found by bisection.

    Examples
    --------
    >>> points_needed([0.0, 2.4, 9.6], service_min=45.0, p_wait=0.3, wait_min=10.0).tolist()
    [0, 4, 13]
    """
    if not (0.0 < p_wait <= 1.0 and wait_min > 0.0 and service_min > 0.0):
        raise LayerError(
            f"The waiting targets are p_wait {p_wait} and wait_min {wait_min} at {service_min} min of "
            "service; p_wait must be above 0 and at most 1, the minutes above 0."
        )
    load = np.asarray(load_erlang, dtype=np.float64)
    _check(np.ones(1, dtype=np.int64), load)
    greatest = float(load.max(initial=0.0))
    if greatest >= _MOST_POINTS:
        raise LayerError(
            f"A load of {greatest:.0f} erlang needs more than {_MOST_POINTS} points at one site; use "
            "smaller cells or more sites."
        )
    top = int(np.ceil(greatest + 6.0 * np.sqrt(greatest) + 10.0))
    carried = _step_table(top, service_min=service_min, p_wait=p_wait, wait_min=wait_min)
    return np.where(load > 0.0, 1 + np.searchsorted(carried, load, side="left"), 0).astype(np.int64)


def _step_table(top: int, *, service_min: float, p_wait: float, wait_min: float) -> NumberArray:
    """Return the greatest load that 1, 2, … top points carry within the targets [erlang]."""
    points = np.arange(1, top + 1)
    low, high = np.zeros(top), points.astype(np.float64)
    for _ in range(50):
        middle = 0.5 * (low + high)
        chance, wait = waiting(points, middle, service_min=service_min)
        good = (chance <= p_wait) & (wait <= wait_min)
        low, high = np.where(good, middle, low), np.where(good, high, middle)
    return high  # the bisection's width is far below what a load is known to


def _check(servers: IntArray, load: NumberArray) -> None:
    if servers.size and servers.min() < 0:
        raise LayerError(f"A site has {servers.min()} points; numbers of points are not negative.")
    if not (np.isfinite(load) & (load >= 0.0)).all():
        raise LayerError(
            "A load is negative or no number; loads are arrivals per hour times hours."
        )
