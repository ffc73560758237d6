"""A TOML table read strictly: every key is taken once, and what is left over is a fault."""

__all__ = ["TomlTable"]

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from layers.errors import near_matches, shown_text


class TomlTable:
    """One table of the case file while it is being read.

    Faults are collected in the list that all tables of one file share, so that a user sees all of them
    at once.

    Parameters
    ----------
    values : mapping
        The parsed table.
    where : str
        Its name as written in the file, such as ``layers.buildings``; empty for the file itself.
    faults : list of str
        Shared by all tables of the file; sentences are appended.
    """

    def __init__(self, values: object, where: str, faults: list[str]) -> None:
        self._where = where
        self._faults = faults
        self._known: list[str] = []
        if not isinstance(values, Mapping):
            faults.append(f"[{where}] must be a table, not {values!r}")
            values = {}
        self._values: Mapping[str, object] = values

    @property
    def where(self) -> str:
        """Name of the table as written in the file."""
        return self._where

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys as the file gives them."""
        return tuple(self._values)

    def fault(self, sentence: str) -> None:
        """Note a fault of this table."""
        self._faults.append(f"[{self._where}] {sentence}" if self._where else sentence)

    def word(self, key: str, *, choices: Sequence[str] = ()) -> str | None:
        """Take a text value, one of ``choices`` if any are given."""
        value = self._take(key, str, "text in quotes")
        if value is not None and choices and value not in choices:
            self.fault(f"{key} = {value!r} is unknown{near_matches(value, choices)}")
            return None
        return str(value) if value is not None else None

    def digits(self, key: str) -> str | None:
        """Take a code of digits, written as a number or in quotes."""
        value = self._take(key, (int, str), "a code of digits")
        return None if value is None else str(value)

    def number(self, key: str, *, unit: str, minimum: float, maximum: float) -> float | None:
        """Take a number in the stated unit within closed bounds."""
        value = self._take(key, (int, float), f"a number in {unit}")
        if value is None:
            return None
        if not minimum <= value <= maximum:
            self.fault(f"{key} = {value} must lie between {minimum:g} and {maximum:g} {unit}")
            return None
        return float(value)

    def whole(self, key: str, *, minimum: int, maximum: int) -> int | None:
        """Take a whole number within closed bounds."""
        value = self._take(key, int, "a whole number")
        if value is not None and not minimum <= value <= maximum:
            self.fault(f"{key} = {value} must lie between {minimum} and {maximum}")
            return None
        return int(value) if value is not None else None

    def path(self, key: str, *, folder: Path) -> Path | None:
        """Take a path; a relative one is below the folder of the case's data."""
        text = self.word(key)
        if text is None:
            return None
        if "://" in text or text.startswith("/vsi"):
            self.fault(f"{key} = {text!r} is not a local file; download it first and give its path")
            return None
        try:
            path = (folder / Path(text).expanduser()).resolve()
            path.exists()  # asks the disk, which refuses names of thousands of letters
        except (OSError, RuntimeError, ValueError) as error:  # no such user, a ring of links
            self.fault(f"{key} = {shown_text(text, most=80)!r} is no path ({error}); correct it")
            return None
        return path

    def words(self, key: str) -> dict[str, str]:
        """Take a table of text to text."""
        value = self._take(key, Mapping, "a table such as { ours = 'theirs' }")
        if value is None:
            return {}
        wrong = [str(name) for name, item in value.items() if not isinstance(item, str)]
        if wrong:
            self.fault(f"{key}.{wrong[0]} must be text in quotes, not {value[wrong[0]]!r}")
        return {str(name): item for name, item in value.items() if isinstance(item, str)}

    def figures(self, key: str, *, unit: str, maximum: float) -> dict[str, float]:
        """Take a table of names to numbers from 0 to ``maximum`` in the stated unit."""
        value = self._take(key, Mapping, "a table such as { 370321 = 12.5 }")
        made: dict[str, float] = {}
        for name, item in ({} if value is None else value).items():
            number = isinstance(item, int | float) and not isinstance(item, bool)
            if not number or not 0.0 <= item <= maximum:
                self.fault(f"{key}.{name} = {item!r} must be a number from 0 to {maximum:g} {unit}")
            else:
                made[str(name)] = float(item)
        return made

    def flag(self, key: str) -> bool:
        """Take true or false; false where it is not given."""
        return bool(self._take(key, bool, "true or false"))

    def table(self, key: str) -> "TomlTable | None":
        """Take a table within this one."""
        self._known.append(key)
        if key not in self._values:
            return None
        where = f"{self._where}.{key}" if self._where else key
        return TomlTable(self._values[key], where, self._faults)

    def mapping(self) -> Mapping[str, object]:
        """Take everything that is left, unread; its reader checks it."""
        self._known.extend(self._values)
        return self._values

    def finish(self) -> None:
        """Note every key that nobody took."""
        for key in self._values:
            if key not in self._known:
                self.fault(f"{key!r} is unknown{near_matches(str(key), self._known)}")

    def _take(self, key: str, kind: Any, words: str) -> Any:
        self._known.append(key)
        if key not in self._values:
            return None
        value = self._values[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.fault(f"{key} = {value!r} must be {words}")
            return None
        return value
