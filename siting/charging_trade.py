"""Trades of a charging plan: how many sites, how many in time; and what the outage of a site does."""

__all__ = ["outages", "trades"]

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from siting.access import Access
from siting.charging_assumptions import ChargingAssumptions
from siting.charging_frames import peak_load
from siting.choice import Choice
from siting.pareto import priced_points
from siting.phases import Phase
from siting.site_rules import Quotas
from siting.sparse_costs import IntArray, NumberArray, SparseCost, served_by
from siting.tables import SITING_OUTAGES, SITING_PARETO
from siting.waiting import waiting

_ROOM = 0.002  # a share that rises by less is no trade
_LONGEST_MIN = 120.0  # nobody waits longer in the peak hour: the site counts as full
_PRICES = (1.0, 3.0, 12.0)  # of being late, in target times


def trades(
    cost: SparseCost,
    weight: NumberArray,
    phases: Sequence[Phase],
    *,
    limit_s: float,
    fixed: IntArray,
    quotas: Quotas,
    time_limit_s: float,
) -> pd.DataFrame:
    """Trade the number of sites, then the share in time, against the mean minutes.

    Parameters
    ----------
    cost, weight : SparseCost, ndarray of float
        Times [s] and energy of the demands.
    phases : sequence of Phase
        Of :func:`siting.phases.nested_phases`; what each year would choose alone is the least time that
        so many sites allow.
    limit_s : float
        Time that counts as in time [s].
    fixed, quotas
        As in :func:`siting.location.p_median`; the minimums bind in the last year only, so they are left
        out here too.
    time_limit_s : float
        Wall time per model solved [s].

    Notes
    -----
    With all the sites of the last year nearly everything is in time and nothing is left to trade, so
    the share is traded with the fewest sites, as many as in the first year. Every point has its own
    bound.
    """
    total = float(weight.sum())
    reached = [_share(cost, weight, phase.alone, limit_s=limit_s) for phase in phases]
    rows = [
        _row("sites", phase.alone, share=0.0, reached=share, total=total)
        for phase, share in zip(phases, reached, strict=True)
    ]
    loose = Quotas(
        group=quotas.group,
        minimum=np.zeros_like(quotas.minimum),
        maximum=quotas.maximum,
        names=quotas.names,
    )
    points = priced_points(
        cost, weight, phases[0].alone.chosen.size, limit=limit_s, prices=[p * limit_s for p in _PRICES],
        fixed=fixed, quotas=loose, time_limit_s=time_limit_s,
    )  # fmt: skip
    rows += [
        _row("share", point.choice, share=point.share, reached=point.reached, total=total)
        for point in points
        if point.reached - reached[0] > _ROOM
    ]
    frame = pd.DataFrame(rows)
    frame.index = pd.Index([f"p{k}" for k in range(len(rows))], dtype="str", name=SITING_PARETO.key)
    return SITING_PARETO.validate(frame, where="The trade-off")


def _row(
    kind: str, choice: Choice, *, share: float, reached: float, total: float
) -> dict[str, object]:
    return {
        "kind": kind,
        "sites": choice.chosen.size,
        "share": share,
        "reached": reached,
        "mean_min": choice.objective / total / 60.0,
        "bound_min": max(0.0, choice.bound / total / 60.0),
        "gap": choice.gap,
        "status": choice.status,
    }


def _share(cost: SparseCost, weight: NumberArray, choice: Choice, *, limit_s: float) -> float:
    is_open = np.zeros(cost.site_count, dtype=np.bool_)
    is_open[choice.chosen] = True
    served, paid = served_by(cost, is_open)
    return float(weight[(served >= 0) & (paid <= limit_s)].sum() / weight.sum())


def outages(
    sites: pd.DataFrame,
    cells: gpd.GeoDataFrame,
    near: Access,
    *,
    chosen: IntArray,
    given: ChargingAssumptions,
) -> pd.DataFrame:
    """Return what the outage of each site does to its drivers and to the site that takes most of them.

    Parameters
    ----------
    sites : DataFrame
        Chosen sites in the order of `chosen`, with `county` and the points by power class.
    cells : GeoDataFrame
        Demand cells with `demand_kwh_d`, `fast_kwh_d`, `people`.
    near : Access
        Who reaches which candidate.
    chosen : ndarray of int
        Places of the chosen sites among the candidates of `near`.
    given : ChargingAssumptions
        Target minutes and waiting.

    Notes
    -----
    Exact: each driver goes to the nearest other open site within the cutoff.
    """
    place = np.full(near.site_id.size, -1)
    place[chosen] = np.arange(chosen.size)
    first, second, time_1, time_2 = _two_nearest(near, place)
    n = chosen.size
    has, other = first >= 0, second >= 0
    energy, people = cells["demand_kwh_d"].to_numpy(), cells["people"].to_numpy()
    moved = np.bincount(first[other], weights=energy[other], minlength=n)
    stranded = np.bincount(first[has & ~other], weights=energy[has & ~other], minlength=n)
    longer = (np.where(other, time_2, 0.0) - np.where(other, time_1, 0.0)) / 60.0
    extra = np.bincount(first[other], weights=(energy * longer)[other], minlength=n)
    limit = given.reach_min * 60.0
    late = has & (time_1 <= limit) & ~(time_2 <= limit)
    late_people = np.bincount(first[late], weights=people[late], minlength=n)
    fast = np.bincount(first[has], weights=cells["fast_kwh_d"].to_numpy()[has], minlength=n)
    pair = pd.DataFrame(
        {"from": first[other], "to": second[other], "fast": cells["fast_kwh_d"].to_numpy()[other],
         "energy": energy[other]}
    ).groupby(["from", "to"], as_index=False).sum()  # fmt: skip
    pair = pair.sort_values(["energy", "to"], ascending=[False, True]).drop_duplicates("from")
    source, to = pair["from"].to_numpy(dtype=np.int64), pair["to"].to_numpy(dtype=np.int64)
    points = (sites["points"] - sites["points_7_kw"]).to_numpy(dtype=np.int64)
    load = peak_load(fast[to] + pair["fast"].to_numpy(), given)
    _, wait = waiting(points[to], load, service_min=given.service_min)
    neighbour, minutes = np.full(n, None, dtype=object), np.full(n, np.nan)
    full = np.zeros(n, dtype=bool)
    neighbour[source] = sites.index.to_numpy(dtype=object)[to]
    full[source] = ~(wait <= _LONGEST_MIN)
    minutes[source] = np.where(full[source], np.nan, wait)
    frame = pd.DataFrame(
        {
            "county": sites["county"],
            "moved_kwh_d": moved,
            "stranded_kwh_d": stranded,
            "extra_min": np.where(moved > 0.0, extra / np.maximum(moved, 1e-12), np.nan),
            "late_people": late_people,
            "neighbour_id": neighbour,
            "neighbour_wait_min": minutes,
            "neighbour_full": full,
        },
        index=sites.index,
    )
    return SITING_OUTAGES.validate(frame, where="The outages")


def _two_nearest(
    near: Access, place: npt.NDArray[np.int64]
) -> tuple[IntArray, IntArray, NumberArray, NumberArray]:
    """Return the nearest and second nearest open site of each demand and the times to them [s]."""
    rows = near.demand_id.size
    row = np.repeat(np.arange(rows), np.diff(near.indptr))
    site = place[near.indices]
    kept = site >= 0
    row, site, time = row[kept], site[kept], near.time_s[kept].astype(np.float64)
    order = np.lexsort((near.indices[kept], time, row))
    row, site, time = row[order], site[order], time[order]
    rank = np.arange(row.size) - np.searchsorted(row, row, side="left")
    found = []
    for k in (0, 1):
        who, when = np.full(rows, -1, dtype=np.int64), np.full(rows, np.inf)
        who[row[rank == k]], when[row[rank == k]] = site[rank == k], time[rank == k]
        found.append((who, when))
    return found[0][0], found[1][0], found[0][1], found[1][1]
