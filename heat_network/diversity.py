"""Diversity: peaks of many consumers do not coincide, so they do not add up."""

__all__ = ["diverse_kw", "diverse_peaks_kw"]

import numpy as np
import numpy.typing as npt

from layers.errors import LayerError

_Floats = npt.NDArray[np.float64]


def diverse_kw(
    total_kw: npt.ArrayLike,
    consumers: npt.ArrayLike,
    largest_kw: npt.ArrayLike,
    *,
    floor: float = 0.62,
) -> _Floats:
    """Return the peak of consumers whose peaks do not coincide.

    Parameters
    ----------
    total_kw : array_like
        Sum of their design loads [kW].
    consumers : array_like
        How many they are.
    largest_kw : array_like
        Largest peak downstream [kW]; the result is never below it.
    floor : float
        Share that many consumers tend to.

    Returns
    -------
    ndarray
        max(total x (floor + (1 − floor)/n), largest), the diversity of THERMOS [kW].

    Examples
    --------
    >>> diverse_kw([100.0, 101.0], [1, 2], [100.0, 100.0]).tolist()
    [100.0, 100.0]
    """
    total, count = np.asarray(total_kw, dtype=np.float64), np.asarray(consumers, dtype=np.float64)
    share = floor + (1.0 - floor) / np.maximum(count, 1.0)
    peak: _Floats = np.maximum(total * share, np.asarray(largest_kw, dtype=np.float64))
    return peak


def diverse_peaks_kw(
    parent: npt.NDArray[np.int64], load_kw: _Floats, *, floor: float = 0.62
) -> _Floats:
    """Return the peak that passes each node of a tree towards its root.

    Parameters
    ----------
    parent : int array, shape (n,)
        Node above, −1 at a root.
    load_kw : float array, shape (n,)
        Design load of the consumer at the node [kW], 0 for none.
    floor : float
        See :func:`diverse_kw`.

    Returns
    -------
    ndarray, shape (n,)
        Peak [kW], never below that of any node downstream.

    Raises
    ------
    LayerError
        The parents form a cycle.
    """
    parents = np.asarray(parent, dtype=np.int64)
    total = np.array(load_kw, dtype=np.float64)
    count = (total > 0.0).astype(np.int64)
    largest = total.copy()
    peak = np.zeros(len(parents))
    children = np.bincount(parents[parents >= 0], minlength=len(parents))
    ready = [int(node) for node in np.flatnonzero(children == 0)]
    done = 0
    while ready:
        node = ready.pop()
        done += 1
        peak[node] = float(diverse_kw(total[node], count[node], largest[node], floor=floor))
        above = int(parents[node])
        if above >= 0:
            total[above] += total[node]
            count[above] += count[node]
            largest[above] = max(largest[above], peak[node])
            children[above] -= 1
            if children[above] == 0:
                ready.append(above)
    if done < len(parents):
        raise LayerError(
            f"{len(parents) - done} nodes of the tree lie on a cycle of parents; give a tree."
        )
    return peak
