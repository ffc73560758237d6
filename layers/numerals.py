"""Numbers out of the words of a source, such as ``3层``, ``六层``, ``12F``, ``约4.5米``, ``30 mph``.

Nothing here guesses: a text that is not wholly understood gives NaN, and the reader counts it.
"""

__all__ = ["chinese_number", "lengths_m", "plain_numbers", "speeds_kmh", "storey_counts"]

import re
import unicodedata
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

_M_PER_FOOT = 0.3048
_KMH_PER_MPH = 1.609344
_KMH_PER_KNOT = 1.852

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5,
           "六": 6, "七": 7, "八": 8, "九": 9}  # fmt: skip
_CHINESE = "零〇一二两三四五六七八九十百"

_NUMBER = r"[-+]?\d+(?:[.,]\d+)?"
_ABOUT = r"(?:约|大约|近|~|≈|ca\.?|共|高)?\s*"
_LENGTH = re.compile(rf"{_ABOUT}({_NUMBER})\s*(m|米|公尺|meters?|metres?|ft|feet|foot|'|cm|厘米)?")
_FEET_INCHES = re.compile(r"(\d+)\s*(?:'|ft)\s*(\d+(?:\.\d+)?)\s*(?:\"|''|in)?")
# Survey maps write the structure before the count: 砼6, 混3, 砖2, 简1.
_STOREYS = re.compile(
    rf"{_ABOUT}(?:砼|混|砖|钢|石|土|木|简|框架?|砖混|砖木|钢混)?\s*(?:地上)?\s*"
    rf"({_NUMBER}|[{_CHINESE}]+)\s*"
    r"(?:层楼?|楼|f|fl|floors?|storeys?|stories|story|levels?)?"
    r"(?:\s*[,，/、(（]?\s*地下.*)?"
)
_SPEED = re.compile(rf"({_NUMBER})\s*(km/?h|kph|kmph|公里/小?时|mph|knots?)?")
_PLAIN = re.compile(rf"({_NUMBER})")


def chinese_number(word: str) -> int | None:
    """Return the value of a Chinese numeral below 1,000, or None if it is not one.

    Examples
    --------
    >>> [chinese_number(word) for word in ("六", "十", "十二", "二十", "三十三", "一百零五", "六层")]
    [6, 10, 12, 20, 33, 105, None]
    """
    total, digit = 0, None
    for character in word:
        if character in _DIGITS:
            if digit is not None and digit != 0:
                return None
            digit = _DIGITS[character]
        elif character == "十":
            total += 10 * (1 if digit in {None, 0} else int(digit or 1))
            digit = None
        elif character == "百" and digit:
            total += 100 * digit
            digit = None
        else:
            return None
    return total + (digit or 0) if word else None


def lengths_m(values: pd.Series) -> npt.NDArray[np.float64]:
    r"""Return heights and widths [m] from numbers or words; NaN where nothing is understood.

    Parameters
    ----------
    values : Series
        Numbers are taken as metres. Words may carry m, 米, cm, ft or ', and 约 or ~ before the number.

    Examples
    --------
    >>> lengths_m(pd.Series(["12 m", "12.5", "40'", "约4.5米", "５", "6'6\"", "4,5", "-3", "tall"])).tolist()
    [12.0, 12.5, 12.192, 4.5, 5.0, 1.9812, 4.5, -3.0, nan]
    """
    return _by_word(values, _length_m)


def storey_counts(values: pd.Series) -> npt.NDArray[np.float64]:
    """Return storeys above ground [1] from numbers or words; NaN where nothing is understood.

    Examples
    --------
    >>> storey_counts(pd.Series(["3层", "六层", "12F", "砼6", "地上6层地下2层", "2.5", "3-5"])).tolist()
    [3.0, 6.0, 12.0, 6.0, 6.0, 2.5, nan]
    """
    return _by_word(values, _storeys)


def speeds_kmh(values: pd.Series) -> npt.NDArray[np.float64]:
    """Return speeds [km/h] from numbers or words; NaN where nothing is understood.

    Examples
    --------
    >>> speeds_kmh(pd.Series(["50", "30 mph", "60公里/小时", "none", "CN:urban"])).tolist()
    [50.0, 48.28032, 60.0, nan, nan]
    """
    return _by_word(values, _speed_kmh)


def plain_numbers(values: pd.Series) -> npt.NDArray[np.float64]:
    """Return bare numbers from numbers or words without unit; NaN where nothing is understood.

    Examples
    --------
    >>> plain_numbers(pd.Series(["1,200.5", "110", "ten", None])).tolist()
    [1200.5, 110.0, nan, nan]
    """
    return _by_word(values, _plain)


def _by_word(values: pd.Series, parse: Callable[[str], float]) -> npt.NDArray[np.float64]:
    """Parse each distinct word once: a city has a million rows and a few thousand words."""
    if pd.api.types.is_bool_dtype(values.dtype):
        return np.full(len(values), np.nan)
    if pd.api.types.is_numeric_dtype(values.dtype):
        numbers: npt.NDArray[np.float64] = values.to_numpy(
            dtype="float64", na_value=np.nan, copy=True
        )
        numbers[~np.isfinite(numbers)] = np.nan
        return numbers
    codes, words = pd.factorize(values)
    parsed = np.array([parse(_plain_word(word)) for word in words] + [np.nan], dtype="float64")
    return np.asarray(parsed[codes], dtype=np.float64)


def _plain_word(word: object) -> str:
    text = unicodedata.normalize("NFKC", str(word)).replace("−", "-")
    return text.replace("’", "'").replace("′", "'").replace("″", '"').strip().casefold()


def _decimal(text: str) -> float:
    # A lone comma with one or two digits behind it is a decimal comma.
    if re.fullmatch(r"[-+]?\d+,\d{1,2}", text):
        return float(text.replace(",", "."))
    return float(text) if "," not in text else np.nan


def _length_m(word: str) -> float:
    if match := _FEET_INCHES.fullmatch(word):
        return (float(match[1]) + float(match[2]) / 12.0) * _M_PER_FOOT
    match = _LENGTH.fullmatch(word)
    if match is None:
        return float("nan")
    unit = match[2] or "m"
    if unit in {"ft", "feet", "foot", "'"}:
        return _decimal(match[1]) * _M_PER_FOOT
    return _decimal(match[1]) * (0.01 if unit in {"cm", "厘米"} else 1.0)


def _storeys(word: str) -> float:
    match = _STOREYS.fullmatch(word)
    if match is None:
        return float("nan")
    spelled = chinese_number(match[1])
    if spelled is not None:
        return float(spelled)
    return _decimal(match[1]) if match[1][-1].isdigit() else float("nan")


def _speed_kmh(word: str) -> float:
    match = _SPEED.fullmatch(word)
    if match is None:
        return float("nan")
    unit = match[2] or "km/h"
    factor = {"mph": _KMH_PER_MPH, "knot": _KMH_PER_KNOT, "knots": _KMH_PER_KNOT}.get(unit, 1.0)
    return _decimal(match[1]) * factor


def _plain(word: str) -> float:
    if re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", word):
        return float(word.replace(",", ""))
    match = _PLAIN.fullmatch(word)
    return _decimal(match[1]) if match else float("nan")
