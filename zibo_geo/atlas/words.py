"""Every word of the map in Chinese and English, from one table."""

__all__ = ["load_words"]

import csv
from importlib import resources

from layers.errors import CaseError


def load_words() -> dict[str, tuple[str, str]]:
    """Return (Chinese, English) by key.

    Raises
    ------
    CaseError
        A key stands twice or a word is missing.
    """
    text = resources.files("zibo_geo.atlas").joinpath("words.csv").read_text(encoding="utf-8")
    words: dict[str, tuple[str, str]] = {}
    for row in csv.DictReader(text.splitlines()):
        if row["key"] in words or not row["zh"] or not row["en"]:
            raise CaseError(
                f"words.csv: the key {row['key']!r} stands twice or lacks a language; mend the row."
            )
        words[row["key"]] = (row["zh"], row["en"])
    return words
