"""Numbers in sentences and tables: missing is said, zero is zero, money in the units people speak of."""

__all__ = ["amount", "count", "heat", "is_missing", "money", "ratio", "share"]

import math
from typing import Any

import pandas as pd

from zibo_geo.summary import significant

Words = tuple[str, str]
MISSING: Words = ("无数据", "no data")
_GJ_PER_TJ, _MUCH_GJ = 1e3, 1e4
_CNY_PER_WAN, _CNY_PER_YI, _CNY_PER_MILLION = 1e4, 1e8, 1e6


def is_missing(value: Any) -> bool:
    """Tell whether a value is none, not a number or not finite."""
    return value is None or bool(pd.isna(value)) or not math.isfinite(float(value))


def amount(value: Any, unit: str = "") -> Words:
    """Return a number with three significant digits and its unit, in Chinese and English.

    Examples
    --------
    >>> amount(1234.5, "MW"), amount(float("nan"), "MW")
    (('1,234 MW', '1,234 MW'), ('无数据', 'no data'))
    """
    if is_missing(value):
        return MISSING
    said = significant(float(value)) + (f" {unit}" if unit else "")
    return said, said


def count(value: Any) -> str:
    """Return a whole number with separators; a dash where it is missing."""
    return "–" if is_missing(value) else f"{round(float(value)):,}"


def heat(value: Any) -> Words:
    """Return heat given in GJ, in TJ where it is much.

    Examples
    --------
    >>> heat(950.0)[1], heat(2_714_062.0)[1], heat(float("nan"))[1]
    ('950 GJ', '2,714 TJ', 'no data')
    """
    if is_missing(value) or abs(float(value)) < _MUCH_GJ:
        return amount(value, "GJ")
    return amount(float(value) / _GJ_PER_TJ, "TJ")


def money(value: Any) -> Words:
    """Return an amount of money [CNY] in the units of each language.

    Examples
    --------
    >>> money(65_473_340.0)
    ('6,547 万元', '65.5 million CNY')
    >>> money(2.5e9), money(0.0)
    (('25 亿元', '2,500 million CNY'), ('0 元', '0 CNY'))
    """
    if is_missing(value):
        return MISSING
    cny = float(value)
    size = abs(cny)
    if size >= _CNY_PER_YI:
        chinese = f"{significant(cny / _CNY_PER_YI)} 亿元"
    elif size >= _CNY_PER_WAN:
        chinese = f"{significant(cny / _CNY_PER_WAN)} 万元"
    else:
        chinese = f"{significant(cny)} 元"
    if size >= _CNY_PER_MILLION:
        return chinese, f"{significant(cny / _CNY_PER_MILLION)} million CNY"
    return chinese, f"{significant(cny)} CNY"


def ratio(part: Any, whole: Any) -> float:
    """Return part over whole; not a number where either is missing or the whole is not above zero.

    Examples
    --------
    >>> ratio(1.0, 4.0), ratio(1.0, 0.0)
    (0.25, nan)
    """
    if is_missing(part) or is_missing(whole) or float(whole) <= 0.0:
        return float("nan")
    return float(part) / float(whole)


def share(value: Any) -> Words:
    """Return a share 0-1 in percent.

    Examples
    --------
    >>> share(0.256), share(float("nan"))
    (('25.6 %', '25.6 %'), ('无数据', 'no data'))
    """
    if is_missing(value):
        return MISSING
    said = f"{significant(100.0 * float(value))} %"
    return said, said
