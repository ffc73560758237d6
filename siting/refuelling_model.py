"""The flow-refuelling model over round trips that are at hand."""

__all__ = ["solve_refuelling", "trip_refuelling"]

import time
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from siting import p_median_kernel
from siting.choice import Choice
from siting.refuelling import Trips, refuelled, refuelling_programme
from siting.restricted_core import solve_programme
from siting.site_rules import SiteRules, site_rules
from siting.sparse_costs import IntArray, NumberArray, checked_weight


def trip_refuelling(
    trips: Trips,
    volume: npt.ArrayLike,
    count: int,
    *,
    site_count: int,
    fixed: Sequence[int] | IntArray = (),
    time_limit_s: float = 60.0,
) -> Choice:
    """Do as :func:`siting.location.flow_refuelling` with round trips that are at hand.

    Parameters
    ----------
    trips : Trips
        From :func:`siting.refuelling.round_trips`.
    volume : ndarray of float, shape (flows,)
        Volume of each flow, not negative.
    count, fixed, time_limit_s
        As in :func:`siting.location.p_median`.
    site_count : int
        Sites that the trips count.

    Raises
    ------
    LayerError, InfeasibleError
        As in :func:`siting.location.flow_refuelling`.
    """
    deadline = time.monotonic() + time_limit_s
    amount = checked_weight(volume, len(trips.needs), name="volume")
    rules = site_rules(site_count, count, fixed=fixed)
    return solve_refuelling(trips, amount, rules, deadline=deadline)


def solve_refuelling(
    trips: Trips, volume: NumberArray, rules: SiteRules, *, deadline: float
) -> Choice:
    """Return the sites that refuel most volume under checked rules, with their bound."""
    sites = rules.site_count
    programme, worth = refuelling_programme(trips, volume, rules)
    is_open = np.zeros(sites, dtype=np.bool_)
    p_median_kernel.best_sites(rules, np.argsort(-worth, kind="stable"), is_open)
    start = np.concatenate([is_open.astype(np.float64), np.zeros(programme.cost.size - sites)])
    solved = solve_programme(programme, time_limit_s=deadline - time.monotonic(), start=start)
    if solved.x is not None and rules.kept_by(solved.x[:sites] > 0.5):
        is_open = solved.x[:sites] > 0.5
    served = refuelled(trips, is_open)
    first = [
        next((site for site in stops if is_open[site]), -1) if ok else -1
        for stops, ok in zip(trips.stops, served.tolist(), strict=True)
    ]
    return Choice.judged(
        np.flatnonzero(is_open),
        np.array(first, dtype=np.int64),
        objective=float(volume[served].sum()),
        bound=min(-solved.bound, float(volume.sum())),
        maximise=True,
    )
