"""Who can share water: sources and consumers whose heights one pressure class allows together."""

__all__ = ["pressure_bands", "static_reach_m"]

import numpy as np
import pandas as pd

from heat_network.sizing_assumptions import SizingAssumptions

_PA_PER_KPA = 1e3


def static_reach_m(sizing: SizingAssumptions, *, share: float) -> float:
    """Return how far the ground may rise or fall from a source [m].

    Standing water presses by its height; `share` of the pressure class may be used by it, the rest is
    left for pumping.
    """
    span_kpa = sizing.pressure_limit_kpa - sizing.minimum_pressure_kpa
    return share * span_kpa * _PA_PER_KPA / sizing.water.pascal_per_m


def pressure_bands(
    sources_m: pd.Series, consumers_m: pd.Series, *, reach_m: float
) -> tuple[pd.Series, pd.Series]:
    """Group sources by height and give every consumer the group that its height allows.

    Parameters
    ----------
    sources_m, consumers_m : Series
        Heights of the ground [m] by source_id and by building_id.
    reach_m : float
        Largest difference of height between a source and a consumer [m].

    Returns
    -------
    source_band : Series of int
        Sources next to each other in height by at most half the reach share a band, as long as the band
        spans no more than that.
    consumer_band : Series of Int64
        The band whose sources are nearest in height; missing where no band's sources all lie within reach.

    Examples
    --------
    >>> plants, homes = pd.Series([100.0, 130.0, 700.0]), pd.Series([90.0, 690.0, 400.0])
    >>> one, two = pressure_bands(plants, homes, reach_m=115.0)
    >>> one.tolist(), two.tolist()
    ([0, 0, 1], [0, 1, <NA>])
    """
    ordered = sources_m.sort_values(kind="stable")
    bands: list[list[float]] = []
    first = -np.inf
    for height in ordered:
        if not bands or height - first > reach_m / 2.0:
            bands.append([height, height])
            first = height
        bands[-1][1] = height
    lows, highs = (np.array([band[side] for band in bands]) for side in (0, 1))
    place = np.searchsorted(lows, sources_m.to_numpy(np.float64), side="right") - 1
    height = consumers_m.to_numpy(np.float64)[:, None]
    away = np.maximum(np.abs(height - lows), np.abs(height - highs))
    near = away.argmin(axis=1)
    within = away[np.arange(len(near)), near] <= reach_m
    chosen = pd.Series(pd.array(near, dtype="Int64"), index=consumers_m.index).where(within)
    return pd.Series(place, index=sources_m.index), chosen
