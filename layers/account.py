"""The account of a reader: what was read, kept, repaired, defaulted and dropped, and why."""

__all__ = ["Ledger", "Reading", "merge_accounts"]

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import pandas as pd

from layers.errors import shown_text
from layers.tables import ACCOUNT

Action = Literal["read", "kept", "repaired", "defaulted", "dropped"]

_LONGEST_REASON = 600  # words of the data stand in it
_LONGEST_EXAMPLE = 120


class Reading(NamedTuple):
    """What every reader returns.

    Attributes
    ----------
    frame : GeoDataFrame
        The layer, valid by its schema.
    account : DataFrame
        Rows of the ``account`` table.
    """

    frame: Any
    account: pd.DataFrame


@dataclass
class Ledger:
    """Collects the lines of one reader's account; lives only inside that reader.

    Examples
    --------
    >>> ledger = Ledger("buildings", "roofs.shp")
    >>> ledger.add("read", "rows in the file", 3)
    >>> ledger.add("dropped", "empty geometry", 1, example="17")
    >>> ledger.add("dropped", "never seen", 0)
    >>> ledger.frame()[["action", "reason", "rows"]].values.tolist()
    [['read', 'rows in the file', 3], ['dropped', 'empty geometry', 1]]
    """

    layer: str
    file: str | None = None
    _rows: list[dict[str, object]] = field(default_factory=list)

    def add(self, action: Action, reason: str, rows: int, *, example: object = None) -> None:
        """Note one line; nothing is noted for zero rows, except what was read and kept."""
        if rows == 0 and action not in {"read", "kept"}:
            return
        shown = None if example is None else shown_text(str(example), most=_LONGEST_EXAMPLE)
        self._rows.append(
            {
                "layer": self.layer,
                "file": self.file,
                "action": action,
                "reason": shown_text(reason, most=_LONGEST_REASON),
                "rows": int(rows),
                "example": shown,
            }
        )

    def frame(self) -> pd.DataFrame:
        """Return the lines as an ``account`` table."""
        columns = [column.name for column in ACCOUNT.columns]
        frame = pd.DataFrame(self._rows, columns=columns)
        frame.index = pd.Index(
            [f"{self.layer}/{self.file or ''}/{number}" for number in range(len(frame))],
            dtype="str",
            name="entry",
        )
        return ACCOUNT.validate(frame, where=f"The account of {self.layer}")


def merge_accounts(accounts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return one account with all lines, numbered anew."""
    frames = [account for account in accounts if len(account)]
    if not frames:
        return ACCOUNT.empty()
    merged = pd.concat([frame.astype({"action": "str"}) for frame in frames])
    merged.index = pd.Index(
        [str(number) for number in range(len(merged))], dtype="str", name="entry"
    )
    return ACCOUNT.validate(merged, where="The merged account")
