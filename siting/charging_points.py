"""Whole points: totals shared out exactly to counties, sites and power classes, within limits."""

__all__ = ["apportioned", "class_matrix", "feeders", "site_points"]

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.errors import InfeasibleError
from siting.charging_assumptions import ChargingAssumptions
from siting.sparse_costs import IntArray, NumberArray
from siting.tables import POWER_CLASSES_KW


def apportioned(
    total: int,
    weight: npt.ArrayLike,
    *,
    floor: npt.ArrayLike | None = None,
    cap: npt.ArrayLike | None = None,
    what: str = "the places",
) -> IntArray:
    """Share a whole number out by weight, exactly, by the largest remainder (Hamilton).

    Parameters
    ----------
    total : int
        Number to share out.
    weight : ndarray of float, shape (places,)
        Weights, not negative; equal shares where all that can still take are zero.
    floor, cap : ndarray of int, shape (places,), optional
        Least and greatest number per place.
    what : str
        Whom the caps belong to, for the message.

    Raises
    ------
    InfeasibleError
        The caps hold less than the total, or the floors more.

    Examples
    --------
    >>> apportioned(10, [1.0, 1.0, 1.0]).tolist(), apportioned(10, [5.0, 1.0], cap=[4, 9]).tolist()
    ([4, 3, 3], [4, 6])
    """
    share = np.asarray(weight, dtype=np.float64)
    most = np.full(share.size, total) if cap is None else np.asarray(cap, dtype=np.int64)
    given: IntArray = np.zeros(share.size, dtype=np.int64)
    if floor is not None:
        given = np.asarray(floor, dtype=np.int64)
    given = np.minimum(given, most)
    if most.sum() < total:
        raise InfeasibleError(
            f"{total} points are asked for and {what} can hold {most.sum()}: {total - most.sum()} short; "
            "add candidates, raise the share of bays or ask for fewer points."
        )
    if given.sum() > total:
        raise InfeasibleError(
            f"{what} need {given.sum()} points and {total} are asked for: {given.sum() - total} short."
        )
    while (rest := total - int(given.sum())) > 0:
        free = given < most
        live = np.where(free, share, 0.0)
        if live.sum() <= 0.0:
            live = free.astype(np.float64)
        exact = rest * live / live.sum()
        whole = np.minimum(np.floor(exact + 1e-9).astype(np.int64), most - given)
        if whole.sum() == 0 or whole.sum() > rest:
            order = np.lexsort((np.arange(share.size), -np.where(free, exact, -1.0)))
            whole = np.zeros(share.size, np.int64)
            whole[order[: min(rest, int(free.sum()))]] = 1
        elif np.array_equal(whole, np.floor(exact + 1e-9)):  # no cap was met: give the remainders
            left = rest - int(whole.sum())
            remainder = np.where(given + whole < most, exact - whole, -1.0)
            order = np.lexsort((np.arange(share.size), -remainder))
            whole[order[: min(left, int((remainder >= 0.0).sum()))]] += 1
        given = given + whole
    return given


def class_matrix(row_totals: IntArray, class_totals: IntArray, affinity: NumberArray) -> IntArray:
    """Return whole numbers per row and class that keep the totals of both.

    Parameters
    ----------
    row_totals : ndarray of int, shape (rows,)
        Points per row.
    class_totals : ndarray of int, shape (classes,)
        Points per class, the same sum.
    affinity : ndarray of float, shape (rows, classes)
        How well a class suits a row, not negative; only the proportions matter.

    Examples
    --------
    >>> class_matrix(np.array([3, 5]), np.array([6, 2]), np.ones((2, 2))).tolist()
    [[2, 1], [4, 1]]
    """
    left = row_totals.astype(np.int64).copy()
    found = np.zeros((left.size, class_totals.size), dtype=np.int64)
    for k in reversed(range(1, class_totals.size)):
        found[:, k] = apportioned(int(class_totals[k]), left * affinity[:, k], cap=left)
        left -= found[:, k]
    found[:, 0] = left
    return found


def feeders(
    sites: gpd.GeoDataFrame,
    substations: gpd.GeoDataFrame,
    weight: NumberArray,
    *,
    given: ChargingAssumptions,
) -> pd.DataFrame:
    """Return the substation of each site and its share of what that substation has left.

    Returns
    -------
    DataFrame, index site_id
        `substation_id` (missing without substations) and `headroom_kw` (NaN there).

    Notes
    -----
    A site connects to the nearest substation that has room and lies within `feeder_reach_m`, else to
    the nearest. Headroom = capacity × power factor × loading limit − load × evening factor, shared
    by demand among the sites of that substation.
    """
    if substations.empty:
        return pd.DataFrame({"substation_id": None, "headroom_kw": np.nan}, index=sites.index)
    high = substations[substations["voltage_kv"] >= given.feeder_kv]
    used = substations if high.empty else high
    left_mw = (
        used["capacity_mva"] * given.power_factor * given.loading_limit
        - used["load_mw"] * given.evening_factor
    )
    left = np.maximum(left_mw.to_numpy(dtype=np.float64), 0.0) * 1000.0
    row = used.sindex.nearest(sites.geometry.to_numpy(), return_all=False)[1]
    roomy = np.flatnonzero(left > 0.0)
    if roomy.size:
        other, away = used.iloc[roomy].sindex.nearest(
            sites.geometry.to_numpy(), return_all=False, return_distance=True
        )
        row = np.where(away <= given.feeder_reach_m, roomy[other[1]], row)
    total = np.bincount(row, weights=weight, minlength=len(used))[row]
    count = np.bincount(row, minlength=len(used))[row]
    share = np.where(total > 0.0, weight / np.maximum(total, 1e-12), 1.0 / count)
    return pd.DataFrame(
        {"substation_id": used.index.to_numpy()[row], "headroom_kw": left[row] * share},
        index=sites.index,
    )


def site_points(
    sites: pd.DataFrame, class_totals: IntArray, *, given: ChargingAssumptions
) -> pd.DataFrame:
    """Share the points of one county out to its sites.

    Parameters
    ----------
    sites : DataFrame
        `slow_kwh_d`, `fast_kwh_d`, `kind`, `bays`, `points_for_waiting`, `headroom_kw`, `county_name`.
    class_totals : ndarray of int, shape (classes,)
        Points of the county by power class, slow first.
    given : ChargingAssumptions
        Simultaneity.

    Returns
    -------
    DataFrame, index as `sites`
        One column of whole numbers per power class; column sums are `class_totals`.

    Notes
    -----
    Fast points first meet the waiting targets, then follow demand; no site stays below
    `least_points` while the totals allow it. The strongest classes go where
    the feeder has room, and to roads and yards rather than to compounds.
    """
    name = str(sites["county_name"].iloc[0])
    fast_total, slow_total = int(class_totals[1:].sum()), int(class_totals[0])
    bays = sites["bays"].to_numpy(dtype=np.int64)
    if bays.sum() < fast_total + slow_total:
        raise InfeasibleError(
            f"{name} is to have {fast_total + slow_total} public points and its {len(sites)} sites have bays "
            f"for {bays.sum()}: {fast_total + slow_total - bays.sum()} short; add candidates, raise the "
            "number of sites or ask for fewer points."
        )
    need = np.minimum(sites["points_for_waiting"].to_numpy(dtype=np.int64), bays)
    need = np.where(need > 0, np.maximum(need, np.minimum(given.least_points // 2, bays)), 0)
    if need.sum() > fast_total:
        need = apportioned(fast_total, need, cap=need, what=name)
    fast = apportioned(
        fast_total,
        sites["fast_kwh_d"].to_numpy() + 1e-9,
        floor=need,
        cap=bays,
        what=f"the sites of {name}",
    )
    least = np.clip(given.least_points - fast, 0, bays - fast)
    if least.sum() > slow_total:
        least = apportioned(slow_total, least, cap=least, what=name)
    slow = apportioned(
        slow_total,
        sites["slow_kwh_d"].to_numpy() + 1e-9,
        floor=least,
        cap=bays - fast,
        what=f"the sites of {name}",
    )
    room = sites["headroom_kw"].fillna(np.inf).to_numpy() / given.simultaneity
    per_point = np.where(fast > 0, room / np.maximum(fast, 1), 0.0)
    remote = (
        sites["kind"].astype("str").isin(["road", "service_area", "logistics", "petrol_station"])
    )
    power = np.array(POWER_CLASSES_KW[1:], dtype=np.float64)
    affinity = (
        np.minimum(1.0, np.where(np.isfinite(per_point), per_point, 1e9)[:, None] / power) ** 2
    )
    affinity = (affinity + 1e-6) * np.where(remote.to_numpy()[:, None] & (power >= 180.0), 3.0, 1.0)
    matrix = class_matrix(fast, class_totals[1:], affinity)
    columns = [f"points_{kw}_kw" for kw in POWER_CLASSES_KW]
    return pd.DataFrame(np.column_stack([slow, matrix]), index=sites.index, columns=columns)
