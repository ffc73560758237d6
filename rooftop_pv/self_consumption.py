"""Self-consumption: how much of a roof's electricity its own building uses, exactly, hour by hour.

In an hour a roof makes ``P_m · u`` (its month's energy times the hour's share of that month) and its
building uses ``L · l`` (its year's use times the hour's share). What both have in common is
``Σ min(P_m u, L l)``, which over the ratio ``L / P_m`` is piecewise linear with a corner at every hour's
``u / l``. Sorting these corners once per kind of roof and user, and summing behind them, answers any
number of roofs with one search per month: exact as the hourly sum, without a table of roof x hour.
"""

__all__ = ["MatchTable", "fitting_part", "match_table", "matched_energy"]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]
_SMALLEST, _HALVINGS, _ROUNDING = 0.01, 16, 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class MatchTable:
    """The sorted corners of one kind of roof with one kind of user.

    Attributes
    ----------
    key : ndarray, shape (h,)
        Month (0 to 11) plus c/(1 + c) of the corner c, ascending.
    first : ndarray of int, shape (13,)
        Bounds of the months in ``key``.
    made, made_cny, used, used_cny : ndarray, shape (h + 1,)
        Prefix sums of the hours' shares of production and use, plain and times the price.
    """

    key: _Floats
    first: _Ints
    made: _Floats
    made_cny: _Floats
    used: _Floats
    used_cny: _Floats


def match_table(
    made_share: _Floats, used_share: _Floats, *, price_cny_kwh: _Floats, month: _Ints
) -> MatchTable:
    """Sort the hours of one kind of roof and user.

    Parameters
    ----------
    made_share : ndarray, shape (h,)
        Production of each hour as a share of its month's.
    used_share : ndarray, shape (h,)
        Use of each hour as a share of the year's.
    price_cny_kwh : ndarray, shape (h,)
        Price of electricity from the grid [CNY/kWh].
    month : ndarray of int, shape (h,)
        0 to 11.
    """
    lit = np.flatnonzero(made_share > 0.0)
    made, used, price, month = made_share[lit], used_share[lit], price_cny_kwh[lit], month[lit]
    # c/(1 + c) of c = made/used needs no division by a use of 0
    key = month + made / (made + used)
    order = np.argsort(key, kind="stable")
    key = key[order]
    made, used, price = made[order], used[order], price[order]
    first = np.concatenate([[0], np.cumsum(np.bincount(month, minlength=12))]).astype(np.int64)

    def sums(values: _Floats) -> _Floats:
        return np.concatenate([[0.0], np.cumsum(values)])

    return MatchTable(
        key=key,
        first=first,
        made=sums(made),
        made_cny=sums(made * price),
        used=sums(used),
        used_cny=sums(used * price),
    )


def matched_energy(
    table: MatchTable, made_kwh: _Floats, used_kwh: _Floats
) -> tuple[_Floats, _Floats]:
    """Return what n roofs of one kind give to their buildings in a year.

    Parameters
    ----------
    table : MatchTable
        From :func:`match_table`.
    made_kwh : ndarray, shape (n, 12)
        Production by month [kWh].
    used_kwh : ndarray, shape (n,)
        Use of the year [kWh].

    Returns
    -------
    self_kwh, saved_cny : ndarray, shape (n,)
        Energy used in the hour it is made [kWh], and that energy at the hour's price [CNY].
    """
    use = np.broadcast_to(used_kwh[:, None], made_kwh.shape)
    total = use + made_kwh
    share = np.divide(use, total, out=np.zeros_like(total), where=total > 0.0)
    wanted = np.arange(12.0) + share
    low, high = table.first[:-1], table.first[1:]
    at = np.clip(np.searchsorted(table.key, wanted, side="right"), low, high)

    def common(made: _Floats, used: _Floats) -> _Floats:
        both: _Floats = made_kwh * (made[at] - made[low]) + use * (used[high] - used[at])
        year: _Floats = both.sum(axis=1)
        return year

    return common(table.made, table.used), common(table.made_cny, table.used_cny)


def fitting_part(
    table: MatchTable, made_kwh: _Floats, used_kwh: _Floats, *, least: _Floats
) -> _Floats:
    """Return the largest part of each roof whose self-used share is at least ``least``, shape (n,).

    The share falls as the part grows, so it is found by halving, to 1.5e-5 from below. A roof that cannot
    reach the share with a hundredth of its size keeps that hundredth. Arguments as for
    :func:`matched_energy`; ``least`` is a share of the production.
    """
    part = np.ones(len(used_kwh))
    total = made_kwh.sum(axis=1)
    own, _ = matched_energy(table, made_kwh, used_kwh)
    rows = np.flatnonzero(own < least * total * (1.0 - _ROUNDING))
    low, high = np.full(len(rows), _SMALLEST), np.ones(len(rows))
    for _ in range(_HALVINGS if len(rows) else 0):
        middle = (low + high) / 2.0
        own, _ = matched_energy(table, made_kwh[rows] * middle[:, None], used_kwh[rows])
        enough = own >= least[rows] * total[rows] * middle
        low, high = np.where(enough, middle, low), np.where(enough, high, middle)
    part[rows] = low
    return part
