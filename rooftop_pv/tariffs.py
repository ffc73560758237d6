"""Tariffs: dated tables of seasons, hours and factors, and the price of every hour of a year.

The price of an hour is ``floating × factor + fixed`` [CNY/kWh]: only the purchased energy floats with the
time of use, network charges and levies do not. Tables are data with source and confidence per row; no hour
of any tariff stands in code.
"""

__all__ = [
    "PERIODS",
    "SHANDONG_2025",
    "TARIFFS",
    "TariffHours",
    "check_tariff_names",
    "read_tariffs",
    "tariff_hours",
]

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.assumptions import CONFIDENCES
from layers.errors import LayerError, near_matches
from layers.schema import Column, Table

PERIODS = ("deep_valley", "valley", "flat", "peak", "critical_peak")
SHANDONG_2025 = Path(__file__).with_name("tariffs_shandong_2025.csv")

TARIFFS = Table(
    "tariffs",
    "row",
    "One period of one tariff: its months, its hours of the day and its price.",
    (
        Column("tariff", "text", "-", "Name of the tariff.", "电价类别"),
        Column("valid_from", "text", "-", "First day, as YYYY-MM-DD.", "生效日期"),
        Column("valid_to", "text", "-", "Last day, as YYYY-MM-DD.", "失效日期"),
        Column("months", "text", "-", "Months, such as 6-8 or 12;1;2.", "月份"),
        Column("hours", "text", "-", "Hours of the day, such as 7-9;19-21, ends left out.", "时段"),
        Column("period", "category", "-", "Kind of period.", "时段类别", allowed=PERIODS),
        Column(
            "floating_cny_kwh",
            "number",
            "CNY/kWh",
            "Part of the price that the factor multiplies.",
            "浮动部分电价",
        ),
        Column("factor", "number", "1", "1 at flat hours.", "浮动系数"),
        Column("fixed_cny_kwh", "number", "CNY/kWh", "Part that does not float.", "固定部分电价"),
        Column("source", "text", "-", "Where the row comes from.", "来源"),
        Column(
            "confidence",
            "category",
            "-",
            "How far the source was seen.",
            "可信度",
            allowed=CONFIDENCES,
        ),
    ),
)

_DAY_H = 24
_MONTHS = 12


@dataclass(frozen=True, kw_only=True, eq=False)
class TariffHours:
    """The price of every hour of a year under every tariff.

    Attributes
    ----------
    prices_cny_kwh : DataFrame
        Hour (label is the start) x tariff [CNY/kWh].
    periods : DataFrame
        Hour x tariff, the word of the period.
    """

    prices_cny_kwh: pd.DataFrame
    periods: pd.DataFrame


def read_tariffs(path: Path | str = SHANDONG_2025) -> pd.DataFrame:
    """Read a table of tariffs.

    Parameters
    ----------
    path : path
        CSV in UTF-8 with the columns of the table ``tariffs``, of Shandong 2025 by default.

    Returns
    -------
    DataFrame
        Valid by ``tariffs``.

    Raises
    ------
    LayerError
        The file cannot be read, or a cell breaks the schema.
    """
    name = Path(path).name
    try:
        raw = pd.read_csv(path, dtype="str", encoding="utf-8-sig", keep_default_na=False)
    except (OSError, ValueError) as error:
        raise LayerError(
            f"The tariff table {name} cannot be read ({type(error).__name__}); give a CSV in UTF-8."
        ) from error
    raw.index = pd.Index([str(number + 2) for number in range(len(raw))], dtype="str", name="row")
    frame: pd.DataFrame = TARIFFS.validate(raw, where=f"The tariff table {name}")
    return frame


def tariff_hours(tariffs: pd.DataFrame, times: pd.DatetimeIndex, *, on: str) -> TariffHours:
    """Return the price of every hour under the rows that are in force on a day.

    Parameters
    ----------
    tariffs : DataFrame
        Valid by ``tariffs``.
    times : DatetimeIndex
        Labels (interval start) in local standard time.
    on : str
        The day, as YYYY-MM-DD, whose prices hold for the whole year.

    Raises
    ------
    LayerError
        No row is in force on the day; a month and hour is uncovered or covered twice; months, hours or
        dates cannot be read. The message names tariff, month and hour.
    """
    day = _day(on, "The date of the tariffs")
    force = np.array(
        [
            _day(first, f"Row {row} of the tariffs")
            <= day
            <= _day(last, f"Row {row} of the tariffs")
            for row, first, last in zip(
                tariffs.index, tariffs["valid_from"], tariffs["valid_to"], strict=True
            )
        ],
        dtype=bool,
    )
    if not force.any():
        spans = sorted(
            {f"{a} to {b}" for a, b in zip(tariffs["valid_from"], tariffs["valid_to"], strict=True)}
        )
        raise LayerError(
            f"No tariff is in force on {on}; the table holds {', '.join(spans) or 'no rows'}. "
            "Give a date within it or a newer table."
        )
    month = times.month.to_numpy() - 1
    hour = times.hour.to_numpy()
    prices, periods = {}, {}
    for name, rows in tariffs[force].groupby("tariff", sort=True):
        price, period = _calendar(str(name), rows)
        prices[str(name)] = price[month, hour]
        periods[str(name)] = np.array(PERIODS, dtype=object)[period[month, hour]]
    return TariffHours(
        prices_cny_kwh=pd.DataFrame(prices, index=times),
        periods=pd.DataFrame(periods, index=times, dtype="str"),
    )


def check_tariff_names(names: Iterable[str], known: Iterable[str]) -> None:
    """Raise if a name is no tariff of the table."""
    known = list(known)
    for name in names:
        if name not in known:
            raise LayerError(f"The tariff {name!r} is not in the table{near_matches(name, known)}")


def _calendar(
    name: str, rows: pd.DataFrame
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Price and period by month and hour, (12, 24)."""
    price = np.full((_MONTHS, _DAY_H), np.nan)
    period = np.full((_MONTHS, _DAY_H), -1, dtype=np.int64)
    for key, row in rows.iterrows():
        where = f"Row {key} of tariff {name}"
        months = [
            m - 1
            for m in _numbers(str(row["months"]), first=1, last=_MONTHS, closed=True, where=where)
        ]
        hours = _numbers(str(row["hours"]), first=0, last=_DAY_H, closed=False, where=where)
        cells = np.ix_(months, hours)
        twice = np.argwhere(period[cells] >= 0)
        if len(twice):
            m, h = months[twice[0][0]], hours[twice[0][1]]
            raise LayerError(
                f"{where} covers hour {h}-{h + 1} of month {m + 1}, which "
                f"{PERIODS[period[m, h]]} covers already; give every hour one period."
            )
        price[cells] = row["floating_cny_kwh"] * row["factor"] + row["fixed_cny_kwh"]
        period[cells] = PERIODS.index(str(row["period"]))
    gaps = np.argwhere(period < 0)
    if len(gaps):
        m, h = gaps[0]
        raise LayerError(
            f"Tariff {name} leaves {len(gaps)} hours of its calendar uncovered, first hour {h}-{h + 1} of "
            f"month {m + 1}; add a row for them."
        )
    return price, period


def _numbers(text: str, *, first: int, last: int, closed: bool, where: str) -> list[int]:
    """Read ``7-9;19-21``; a closed range holds its end, an open one does not."""
    found: list[int] = []
    for part in text.split(";"):
        ends = part.strip().split("-")
        if not all(end.strip().isdigit() for end in ends) or len(ends) > 2:
            raise LayerError(f"{where} holds {text!r}; write ranges such as 7-9;19-21.")
        low, high = int(ends[0]), int(ends[-1])
        if len(ends) == 1 and not closed:
            high = low + 1
        if not first <= low <= high <= last or (not closed and low == high):
            raise LayerError(
                f"{where} holds {part.strip()!r}; numbers run upwards from {first} to {last}, and a range "
                "over midnight or the turn of the year is written as two."
            )
        found += range(low, high + 1 if closed else high)
    return found


def _day(text: object, where: str) -> dt.date:
    try:
        return dt.date.fromisoformat(str(text))
    except ValueError as error:
        raise LayerError(f"{where} holds the date {text!r}; write it as YYYY-MM-DD.") from error
