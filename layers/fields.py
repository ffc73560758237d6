"""Where a source keeps our columns and what its words mean: a case's map over a preset's."""

__all__ = ["Fields", "Numbers"]

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.account import Ledger
from layers.errors import LayerError, near_matches
from layers.presets import Preset
from layers.schema import Table
from layers.vectors import LayerSource

_SHOWN_WORDS = 3


class Numbers(NamedTuple):
    """Numbers of one of our columns.

    Attributes
    ----------
    found : ndarray of float64, shape (n,)
        NaN where nothing is known.
    unread : ndarray of bool, shape (n,)
        The source says something that is not understood.
    """

    found: npt.NDArray[np.float64]
    unread: npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Fields:
    """The column and class map in force for one source.

    Attributes
    ----------
    layer, file : str
        Named in errors and in the account.
    columns : mapping of str to tuple of str
        Our column to their columns, the first that holds a value counts.
    stated : frozenset of str
        Our columns that the case itself maps: theirs must be in the file.
    classes : mapping of str to mapping of str to str
        Our column to (their word, casefolded, to our word).
    missing : tuple of float
        Numbers that mean "not known".
    preset : Preset, optional
        The preset in force.
    """

    layer: str
    file: str
    columns: Mapping[str, tuple[str, ...]]
    stated: frozenset[str]
    classes: Mapping[str, Mapping[str, str]]
    missing: tuple[float, ...] = ()
    preset: Preset | None = None

    @classmethod
    def of(
        cls,
        source: LayerSource,
        preset: Preset | None,
        *,
        table: Table,
        classed: str | None = None,
        extra: Iterable[str] = (),
    ) -> Self:
        """Lay the case's maps over the preset's.

        Parameters
        ----------
        source : LayerSource
            Its ``columns`` override the preset column by column, its ``classes`` word by word.
        preset : Preset, optional
            Without one, the file is expected to use our own column names and words.
        table : Table
            Schema of the layer; its columns may be mapped.
        classed : str, optional
            The column that ``source.classes`` is about.
        extra : iterable of str
            Further names that may be mapped.

        Raises
        ------
        LayerError
            The case maps a column that the layer does not have, or gives classes to a layer without.
        """
        extra = tuple(extra)
        names = [*(column.name for column in table.columns), *extra]
        file = source.path.name
        for ours in source.columns:
            if ours not in names:
                raise LayerError(
                    f"The column map of {table.name} ({file}) names {ours!r}, which {table.name} "
                    f"does not have{near_matches(ours, names)}"
                )
        if source.classes and classed is None:
            raise LayerError(f"The layer {table.name} ({file}) has no classes; leave them out.")
        usual = preset.columns if preset is not None else {name: (name,) for name in names}
        columns = {ours: theirs for ours, theirs in usual.items() if ours in names}
        columns.update({ours: (theirs,) for ours, theirs in source.columns.items()})
        classes = {
            column: {_plain(word): ours for word, ours in words.items()}
            for column, words in (preset.classes if preset is not None else {}).items()
        }
        if preset is None:
            classes.update(
                {c.name: {_plain(w): w for w in c.allowed} for c in table.columns if c.allowed}
            )
        if classed is not None:
            own = {_plain(word): ours for word, ours in source.classes.items()}
            # The case's words come first, so that its patterns win over the preset's.
            rest = {k: v for k, v in classes.get(classed, {}).items() if k not in own}
            classes[classed] = {**own, **rest}
        fields = cls(
            layer=table.name,
            file=file,
            columns=columns,
            stated=frozenset(source.columns),
            classes=classes,
            missing=preset.missing if preset is not None else (),
            preset=preset,
        )
        for column in table.columns:
            fields._check_words(column.name, column.allowed)
        return fields

    def check(self, frame: pd.DataFrame, *, expected: Iterable[str] = ()) -> None:
        """Refuse a file that lacks a column the case names, or all ``expected`` columns of its preset.

        Raises
        ------
        LayerError
            With the near matches among the file's columns.
        """
        if len(frame) == 0:
            return
        known = [str(name) for name in frame.columns if name != "geometry"]
        for ours in sorted(self.stated):
            theirs = self.columns[ours][0]
            if _find(frame, theirs) is None:
                raise LayerError(
                    f"{self.file} ({self.layer}) has no column {theirs!r}, which the case maps to "
                    f"{ours}{near_matches(theirs, known)}"
                )
        wanted = [ours for ours in expected if ours in self.columns]
        # The tags of OpenStreetMap are sparse: a file without one of them is no fault.
        if self.preset is None or not wanted or self.preset.reads:
            return
        if not any(_find(frame, name) for ours in wanted for name in self.columns[ours]):
            theirs = " or ".join(name for ours in wanted for name in self.columns[ours])
            raise LayerError(
                f"{self.file} ({self.layer}) has none of the columns that the preset "
                f"{self.preset.name!r} expects ({theirs}); its columns are "
                f"{', '.join(known[:20])}; map them by `columns`."
            )

    def has(self, frame: pd.DataFrame, ours: str) -> bool:
        """Tell whether the file holds one of our columns."""
        return any(_find(frame, name) is not None for name in self.columns.get(ours, ()))

    def text(self, frame: pd.DataFrame, ours: str) -> pd.Series:
        """Return one of our columns as text, missing where the source says nothing."""
        found = pd.Series(np.full(len(frame), None, dtype=object), index=frame.index)
        for values in self._given(frame, ours):
            found = found.where(found.notna(), values)
        return found.astype("str").where(found.notna()).astype("str")

    def numbers(
        self,
        frame: pd.DataFrame,
        ours: str,
        parse: Callable[[pd.Series], npt.NDArray[np.float64]],
    ) -> Numbers:
        """Return one of our columns as numbers; each column is read in turn until one is understood."""
        found = np.full(len(frame), np.nan)
        said = np.zeros(len(frame), dtype=bool)
        for values in self._given(frame, ours):
            parsed = parse(values)
            unknown = np.isin(parsed, self.missing)
            parsed[unknown] = np.nan
            said |= values.notna().to_numpy() & ~unknown
            found = np.where(np.isnan(found), parsed, found)
        return Numbers(found, said & np.isnan(found))

    def words(self, frame: pd.DataFrame, ours: str) -> tuple[pd.Series, pd.Series]:
        """Return one of our columns in our words, and the first of their words that has no class.

        Returns
        -------
        tuple of Series
            Our word or missing; their word where it is given, but no column of the row has a class.
        """
        found = pd.Series(np.full(len(frame), None, dtype=object), index=frame.index)
        unmapped = found.copy()
        lookup = _Lookup.of(self.classes.get(ours, {}))
        for name in self.columns.get(ours, ()):
            values = self._column(frame, name)
            if values is None:
                continue
            codes, words = pd.factorize(values)
            ours_of = np.array([*(lookup.find(name, word) for word in words), None], dtype=object)
            theirs_of = np.array([*(str(word) for word in words), None], dtype=object)
            found = found.where(found.notna(), pd.Series(ours_of[codes], index=frame.index))
            unmapped = unmapped.where(
                unmapped.notna(), pd.Series(theirs_of[codes], index=frame.index)
            )
        return found, unmapped.where(found.isna(), None)

    def note_unmapped(self, ledger: Ledger, unmapped: pd.Series, *, what: str) -> None:
        """Note the words without a class, the commonest first."""
        given = unmapped.dropna()
        counts = given.value_counts()
        shown = ", ".join(f"{word} ({rows})" for word, rows in counts.head(_SHOWN_WORDS).items())
        ledger.add(
            "defaulted", f"{what} has no class in the class map: {shown}", len(given),
            example=given.index[0] if len(given) else None,
        )  # fmt: skip

    def source_of_rows(self, frame: pd.DataFrame) -> pd.Series:
        """Return the ``source`` of every row: its own column, else the preset's, else the file's name."""
        usual = self.preset.source if self.preset is not None else self.file
        return self.text(frame, "source").fillna(usual).astype("str")

    def note_licence(self, ledger: Ledger, rows: int) -> None:
        """Note the preset in force and its licence."""
        if self.preset is not None:
            warning = f"; mind: {self.preset.warning}" if self.preset.warning else ""
            ledger.add(
                "read",
                f"by the preset {self.preset.name}; licence: {self.preset.licence}{warning}",
                rows,
            )

    def _given(self, frame: pd.DataFrame, ours: str) -> Iterable[pd.Series]:
        for name in self.columns.get(ours, ()):
            values = self._column(frame, name)
            if values is not None:
                yield values

    def _column(self, frame: pd.DataFrame, name: str) -> pd.Series | None:
        found = _find(frame, name)
        if found is None:
            return None
        values: pd.Series = frame[found]
        if pd.api.types.is_numeric_dtype(values.dtype):
            return values
        stripped = values.astype(object)
        text = stripped.map(lambda item: item.strip() if isinstance(item, str) else item)
        return text.where(text.notna() & (text != ""), None)

    def _check_words(self, ours: str, allowed: tuple[str, ...]) -> None:
        if not allowed:
            return
        for their, our in self.classes.get(ours, {}).items():
            if our not in allowed:
                raise LayerError(
                    f"The class map of {self.layer} ({self.file}) turns {their!r} into {our!r}, "
                    f"which is no {ours} of {self.layer}{near_matches(our, allowed)}"
                )


class _Lookup(NamedTuple):
    exact: Mapping[str, str]
    patterns: tuple[tuple[re.Pattern[str], bool, str], ...]

    @classmethod
    def of(cls, classes: Mapping[str, str]) -> Self:
        exact = {their: our for their, our in classes.items() if "*" not in their}
        patterns = tuple(
            (re.compile(".*".join(map(re.escape, their.split("*"))), re.DOTALL), "=" in their, our)
            for their, our in classes.items()
            if "*" in their
        )
        return cls(exact, patterns)

    def find(self, column: str, given: Any) -> str | None:
        prefix = _plain(column)
        if isinstance(given, float) and given.is_integer():
            given = int(given)  # a code in a column with gaps: 101.0 is the word 101
        # Several values in one cell are parted by semicolons; the first that has a class counts.
        for part in str(given).split(";"):
            word = _plain(part)
            tagged = f"{prefix}={word}"
            for candidate in (tagged, word):
                if candidate in self.exact:
                    return self.exact[candidate]
            if word == "no":
                continue
            for pattern, of_tag, our in self.patterns:
                if pattern.fullmatch(tagged if of_tag else word):
                    return our
        return None


def _plain(word: object) -> str:
    return unicodedata.normalize("NFKC", str(word)).strip().casefold()


def _find(frame: pd.DataFrame, name: str) -> str | None:
    """Return the file's own spelling of a column: shapefile tools change the case of names."""
    if name in frame.columns:
        return name
    folded = name.casefold()
    same = [str(column) for column in frame.columns if str(column).casefold() == folded]
    return same[0] if len(same) == 1 else None
