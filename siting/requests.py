"""Requests: what a plan of charging is told beyond assumptions."""

__all__ = ["ChargingRequests", "fixed_places", "open_counts"]

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.errors import InfeasibleError, LayerError, near_matches
from siting.sparse_costs import IntArray


@dataclass(frozen=True, kw_only=True)
class ChargingRequests:
    """Quotas, sites that are settled and sites per year.

    Attributes
    ----------
    quotas : DataFrame, optional
        Indexed by county; any of `points` (public points of the county), `least_sites`, `most_sites`.
        Counties without a row, or with a missing value, are shared out by demand.
    fixed : tuple of str
        Candidates that are chosen whatever the model says, beside the standing charging stations.
    phases : mapping of int to int
        Sites open by year, never falling; years without an entry follow in even steps.
    """

    quotas: pd.DataFrame | None = None
    fixed: tuple[str, ...] = ()
    phases: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))


def fixed_places(
    sites: gpd.GeoDataFrame, candidates: gpd.GeoDataFrame, requests: ChargingRequests
) -> IntArray:
    """Return the places of the standing charging stations and of the sites that are settled.

    Raises
    ------
    LayerError
        A settled site that is no candidate, or where charging may not stand.
    """
    for name in requests.fixed:
        if name not in candidates.index:
            raise LayerError(
                f"The settled site {name!r} is no candidate{near_matches(name, list(candidates.index))}"
            )
        if name not in sites.index:
            raise LayerError(
                f"Charging may not stand at the settled site {name!r}; see siting_legal for the rule, or "
                "take it out of `fixed`."
            )
    standing = (sites["kind"].astype("str") == "charging_station").to_numpy()
    places: IntArray = np.flatnonzero(standing | sites.index.isin(list(requests.fixed)))
    return places


def open_counts(
    years: npt.NDArray[np.int64], *, standing: int, last: int, phases: Mapping[int, int]
) -> list[int]:
    """Return the sites open in each year: as asked, and in even steps between.

    Parameters
    ----------
    years : ndarray of int
        Years of the plan, ascending.
    standing, last : int
        Sites before the first year, and in the last where it is not asked for.
    phases : mapping of int to int
        Sites asked for by year.

    Raises
    ------
    LayerError
        A year outside the plan.
    InfeasibleError
        Numbers that fall, or fewer than stand already.

    Examples
    --------
    >>> open_counts(np.array([2026, 2027, 2028]), standing=10, last=40, phases={2027: 22})
    [16, 22, 40]
    """
    wrong = sorted(set(phases) - set(years.tolist()))
    if wrong:
        raise LayerError(
            f"The phases name {wrong[0]}; the plan runs from {years[0]} to {years[-1]}."
        )
    known = {int(years[0]) - 1: standing, int(years[-1]): last, **dict(phases)}
    counts = np.array([known[year] for year in sorted(known)])
    if (np.diff(counts) < 0).any():
        k = int(np.argmax(np.diff(counts) < 0))
        before, after = sorted(known)[k : k + 2]
        raise InfeasibleError(
            f"{counts[k + 1]} sites are asked for in {after} and {counts[k]} stand in {before}; sites never "
            "close, so ask for as many or more."
        )
    steps = np.interp(years, sorted(known), counts)
    return [int(max(1, round(step))) for step in steps]
