"""How much of its power a heat source gives in each hour: by its kind, or as a file of the case has it."""

__all__ = ["check_source_hours", "source_hours"]

from pathlib import Path

import pandas as pd

from heat_network.supply import availability_hours
from layers.errors import CaseError, near_matches
from zibo_geo.case import Case

_TIME = ("month", "day", "hour")
_LARGEST_FILE_BYTES = 50_000_000


def source_hours(supply: pd.DataFrame, index: pd.DatetimeIndex, case: Case) -> pd.DataFrame:
    """Return the share of its power that each source gives in each hour.

    Parameters
    ----------
    supply : DataFrame
        Table ``heat_supply``, or rows of it.
    index : DatetimeIndex
        Hours wanted, local time.
    case : Case

    Returns
    -------
    DataFrame, shape (hours, sources)
        The profile of the kind, in place of which stands what `heat.source_hours` of the case gives.
    """
    own = None
    if case.heat.hours is not None:
        given = _read(case.heat.hours)
        mine = given[[name for name in given.columns if name in supply.index]]
        keys = pd.MultiIndex.from_arrays([index.month, index.day, index.hour], names=_TIME)
        own = mine.reindex(keys).set_axis(index) if len(mine.columns) else None
    return availability_hours(supply, index, case.assumed("heat_supply"), own=own)


def check_source_hours(supply: pd.DataFrame, case: Case) -> None:
    """Refuse a file of hours that names a source which the study does not have."""
    if case.heat.hours is None:
        return
    for name in _read(case.heat.hours).columns:
        if name not in supply.index:
            raise CaseError(
                f"{case.heat.hours.name} gives hours of {name!r}, which is no heat source"
                + near_matches(name, supply.index)
            )


def _read(path: Path) -> pd.DataFrame:
    """Return the shares by month, day and hour, one column per source."""
    try:
        if path.stat().st_size > _LARGEST_FILE_BYTES:
            raise CaseError(f"{path.name} is larger than 50 MB, which no table of hours is.")
        table = pd.read_csv(path, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise CaseError(f"{path.name} cannot be read as a CSV of hours: {error}.") from error
    lacking = [name for name in _TIME if name not in table.columns]
    if lacking:
        raise CaseError(
            f"{path.name} lacks the column {lacking[0]!r}; give month, day, hour (0 to 23) and a column "
            "between 0 and 1 per source."
        )
    shares = table.set_index(list(_TIME))
    if shares.index.has_duplicates:
        month, day, hour = shares.index[shares.index.duplicated()][0]
        raise CaseError(
            f"{path.name} gives month {month}, day {day}, hour {hour} twice; give every hour once."
        )
    wrong = [name for name in shares.columns if not pd.api.types.is_numeric_dtype(shares[name])]
    if wrong:
        raise CaseError(f"{path.name} gives no numbers in {wrong[0]!r}; give shares from 0 to 1.")
    return shares.astype("float64")
