"""Load shapes: how the electricity of a kind of user spreads over the hours of a year."""

__all__ = ["LOAD_SHAPES_FILE", "SHAPES", "load_shapes"]

from pathlib import Path

import numpy as np
import pandas as pd

from layers.errors import LayerError

LOAD_SHAPES_FILE = Path(__file__).with_name("load_shapes.csv")
SHAPES = (
    "home",
    "office",
    "school",
    "hospital",
    "shop",
    "hotel",
    "two_shift",
    "continuous",
    "farm",
)

_DAY_H = 24
_SATURDAY = 5
_PARTS = ("workday", "restday", "month")


def load_shapes(times: pd.DatetimeIndex, *, path: Path | str = LOAD_SHAPES_FILE) -> pd.DataFrame:
    """Return the share of a year's electricity that falls into every hour.

    Parameters
    ----------
    times : DatetimeIndex
        Labels of one year (interval start) in local standard time; Saturdays and Sundays of its calendar
        are days of rest, public holidays are not known.
    path : path
        CSV with three rows per shape: the 24 hours of a ``workday`` and of a ``restday`` in the same
        unit, and in the first twelve columns of ``month`` the factor of each month on every day in it.

    Returns
    -------
    DataFrame
        Hour x shape; each column sums to 1.

    Raises
    ------
    LayerError
        The file cannot be read, lacks a part of a shape or holds a negative or missing number.
    """
    name = Path(path).name
    values = [f"v{number:02d}" for number in range(_DAY_H)]
    try:
        table = pd.read_csv(path, encoding="utf-8-sig").set_index(["shape", "part"])[values]
    except (OSError, ValueError, KeyError) as error:
        raise LayerError(
            f"The load shapes {name} cannot be read ({type(error).__name__}); give a CSV in UTF-8 with "
            "the columns shape, part and v00 to v23."
        ) from error
    hour, month = times.hour.to_numpy(), times.month.to_numpy() - 1
    rest = times.day_of_week.to_numpy() >= _SATURDAY
    first_rows = table[~table.index.duplicated()]
    known = dict(zip(first_rows.index, first_rows.to_numpy(dtype=np.float64), strict=True))
    shapes = {}
    for shape in dict.fromkeys(table.index.get_level_values("shape")):
        rows = {}
        for part in _PARTS:
            if (shape, part) not in known:
                raise LayerError(
                    f"The load shapes {name} lack the row {part!r} of {shape!r}; add it."
                )
            row = known[shape, part]
            used = row[:12] if part == "month" else row
            if not np.isfinite(used).all() or (used < 0.0).any() or used.sum() <= 0.0:
                raise LayerError(
                    f"The load shapes {name} hold a missing or negative number in {part!r} of {shape!r}; "
                    "give numbers of at least 0."
                )
            rows[part] = row
        hours = np.where(rest, rows["restday"][hour], rows["workday"][hour]) * rows["month"][month]
        shapes[str(shape)] = hours / hours.sum()
    return pd.DataFrame(shapes, index=times)
