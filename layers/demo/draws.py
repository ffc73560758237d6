"""Random draws by counter: the same seed, purpose and keys give the same number, in any order.

A stateful generator would make a settlement's houses depend on which settlements were built before
it. Hashing the keys instead makes the small city a true subset of the large one.
"""

__all__ = ["between", "normal", "pick", "uniform"]

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def _mixed(state: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Finalise a state; SplitMix64, Steele, Lea and Flood 2014."""
    state = state + _GOLDEN
    state = (state ^ (state >> np.uint64(30))) * _MIX_1
    state = (state ^ (state >> np.uint64(27))) * _MIX_2
    return state ^ (state >> np.uint64(31))


def uniform(seed: int, purpose: str, *keys: npt.NDArray[np.int64] | int) -> npt.NDArray[np.float64]:
    """Draw numbers in the open interval (0, 1).

    Parameters
    ----------
    seed : int
        Seed of the whole generation.
    purpose : str
        Word that keeps this draw independent of all others.
    *keys : int array of shape (n,) or int
        What the numbers belong to; arrays broadcast.

    Returns
    -------
    ndarray of shape (n,)

    Examples
    --------
    >>> a = uniform(1, "width", np.arange(4))
    >>> bool((a[::-1] == uniform(1, "width", np.arange(4)[::-1])).all())
    True
    """
    start = (int(seed) * 0x100000001B3 + zlib.crc32(purpose.encode())) & 0xFFFFFFFFFFFFFFFF
    state = _mixed(np.array([start], dtype=np.uint64))
    for key in keys:
        state = _mixed(state ^ np.atleast_1d(np.asarray(key, dtype=np.int64)).view(np.uint64))
    return (((state >> np.uint64(12)).astype(np.float64)) + 0.5) * 2.0**-52


def between(
    draw: npt.NDArray[np.float64], low: npt.ArrayLike, high: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """Stretch draws to the interval from low to high."""
    low = np.asarray(low, dtype=np.float64)
    return np.asarray(low + draw * (np.asarray(high, dtype=np.float64) - low), dtype=np.float64)


def normal(draw: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Turn uniform draws into standard normal ones."""
    return np.asarray(ndtri(draw), dtype=np.float64)


def pick(draw: npt.NDArray[np.float64], weights: Sequence[float]) -> npt.NDArray[np.int64]:
    """Turn uniform draws into positions in a list of weights."""
    shares = np.cumsum(np.asarray(weights, dtype=np.float64))
    return np.searchsorted(shares / shares[-1], draw, side="right").astype(np.int64)
