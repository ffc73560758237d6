"""Cash flow over the life of many projects at once: LCOE, NPV, payback and IRR.

All money is real, before taxes, of one price year; year 0 is the investment, the years 1 to N follow at
their end. Formulas: LCOE = (I + Σ C_t v^t) / Σ W_t v^t with v = 1/(1 + i); NPV = −I + Σ (B_t − C_t) v^t;
IRR is the i at which NPV is 0; the payback is the time at which the undiscounted sum crosses 0, linear
within its year.
"""

__all__ = ["discounted_sum", "internal_rates", "payback_years"]

import numpy as np
import numpy.typing as npt
import numpy_financial as npf

_Floats = npt.NDArray[np.float64]
_CHUNK = 50_000
_LOWEST, _HIGHEST = -0.9, 10.0
_ROUNDS = 60
_CLOSE = 1e-9


def discounted_sum(values: npt.ArrayLike, rate: float) -> float:
    """Return the present value of one amount per year, the first due in a year.

    Examples
    --------
    >>> round(discounted_sum([110.0, 121.0], 0.10), 6)
    200.0
    """
    return float(npf.npv(rate, np.concatenate([[0.0], np.asarray(values, dtype=np.float64)])))


def internal_rates(invested_cny: _Floats, parts_cny: _Floats, factors: _Floats) -> _Floats:
    """Return the internal rate of return of n projects.

    Parameters
    ----------
    invested_cny : ndarray, shape (n,)
        Investment in year 0 [CNY].
    parts_cny : ndarray, shape (n, k)
        Parts of the yearly cash flow of the first year [CNY].
    factors : ndarray, shape (k, N)
        Course of every part over the years 1 to N; the flow of a year is ``parts_cny @ factors``.

    Returns
    -------
    ndarray, shape (n,)
        Rate per year; NaN where it is not between −90 % and 1,000 %. Newton's method held inside a bracket
        that every step narrows, so that it ends wherever the sign changes once.
    """
    rates = np.full(len(invested_cny), np.nan)
    for start in range(0, len(rates), _CHUNK):
        rows = slice(start, start + _CHUNK)
        flows = np.ascontiguousarray((parts_cny[rows] @ factors).T)
        rates[rows] = _roots(invested_cny[rows], flows)
    return rates


def payback_years(invested_cny: _Floats, parts_cny: _Floats, factors: _Floats) -> _Floats:
    """Return the undiscounted payback [years]; NaN where the life ends before. Arguments as above."""
    paid = np.full(len(invested_cny), np.nan)
    open_cny = invested_cny.astype(np.float64)
    for year in range(factors.shape[1]):
        flow = parts_cny @ factors[:, year]
        now = np.isnan(paid) & (flow >= open_cny) & (flow > 0.0)
        paid[now] = year + np.maximum(open_cny[now], 0.0) / flow[now]
        open_cny = open_cny - flow
    return paid


def _roots(invested: _Floats, flows: _Floats) -> _Floats:
    """Solve Σ flow_t (1 + r)^−t = invested; ``flows`` is (N, n)."""
    found = np.full(len(invested), np.nan)
    with np.errstate(over="ignore"):
        at_low, _ = _value(invested, flows, np.full(len(invested), _LOWEST))
        at_high, _ = _value(invested, flows, np.full(len(invested), _HIGHEST))
    rows = np.flatnonzero((invested > 0.0) & (at_low > 0.0) & (at_high < 0.0))
    invested, flows = invested[rows], flows[:, rows]
    low, high = np.full(len(rows), _LOWEST), np.full(len(rows), _HIGHEST)
    rate = np.full(len(rows), 0.08)
    for _ in range(_ROUNDS):
        value, slope = _value(invested, flows, rate)
        low, high = np.where(value > 0.0, rate, low), np.where(value > 0.0, high, rate)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = rate - value / slope
        inside = (step > low) & (step < high)
        following = np.where(inside, step, (low + high) / 2.0)
        moved = np.abs(following - rate)
        rate = following
        if not len(rows) or moved.max() < _CLOSE:
            break
    found[rows] = rate
    return found


def _value(invested: _Floats, flows: _Floats, rate: _Floats) -> tuple[_Floats, _Floats]:
    """Net present value and its derivative by the rate, both by Horner's scheme."""
    v = 1.0 / (1.0 + rate)
    value, slope = np.zeros_like(rate), np.zeros_like(rate)
    for flow in flows[::-1]:
        slope = slope * v + value
        value = value * v + flow
    # value(v) = Σ flow_t v^(t−1); times v, with dv/dr = −v²
    return value * v - invested, -(value + slope * v) * v**2
