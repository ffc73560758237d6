"""The words of the reports: headings, column heads and the words of categories, Chinese and English."""

__all__ = ["Wording", "english_head", "load_wording"]

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

from layers.errors import CaseError
from layers.schema import Column
from zibo_geo.atlas.words import load_words

Words = tuple[str, str]
_UNIT_TOKENS = frozenset(
    [
        "kwh",
        "kwp",
        "mw",
        "gj",
        "m2",
        "m",
        "deg",
        "c",
        "cny",
        "kmh",
        "gwh",
        "km2",
        "km",
        "kw",
        "kv",
        "mva",
        "t",
        "kg",
        "h",
        "min",
        "d",
        "a",
        "pa",
        "kpa",
        "mwh",
        "mm",
        "s",
        "w",
        "years",
        "mcny",
        "ha",
        "gce",
        "mwp",
    ]
)
_ACRONYMS: Mapping[str, str] = MappingProxyType(
    {
        "lcoe": "LCOE", "lcoh": "LCOH", "npv": "NPV", "irr": "IRR", "pv": "PV", "co2": "CO2", "id": "ID",
        "dn": "DN", "capex": "CAPEX", "opex": "OPEX", "kw": "kW", "mw": "MW", "gwh": "GWh",
        "p50": "P50", "p75": "P75", "p90": "P90", "p99": "P99", "zh": "(Chinese)", "en": "(English)",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Wording:
    """Words by key.

    Attributes
    ----------
    words : mapping of str to (str, str)
        Chinese and English by key; those of the map and those of the reports.
    """

    words: Mapping[str, Words]

    def of(self, key: str) -> Words:
        """Return the words of a key that must be there."""
        if key not in self.words:
            raise CaseError(f"The reports lack the word {key!r}; add it to report/words.csv.")
        return self.words[key]

    def value(self, column: str, value: object) -> Words:
        """Return what a category of a column is called; the value itself where it has no words."""
        text = str(value)
        return self.words.get(f"{column}_{text}", (text, text))

    def head(self, column: Column) -> Words:
        """Return the head of a column with its unit; a column that no table declares has own words."""
        unit = "" if column.unit in {"-", "1"} or " " in column.unit else f" [{column.unit}]"
        given = None if column.meaning else self.words.get(f"column_{column.name}")
        chinese, english = given or (column.alias_zh, english_head(column))
        return chinese + unit, english + unit


def english_head(column: Column) -> str:
    """Return a column's name as words, without its unit.

    Examples
    --------
    >>> english_head(Column("specific_yield_kwh_kwp", "number", "kWh/kWp", "", ""))
    'Specific yield'
    >>> english_head(Column("lcoe_cny_kwh", "number", "CNY/kWh", "", ""))
    'LCOE'
    """
    parts = column.name.split("_")
    if column.unit not in {"-", "1"}:
        while len(parts) > 1 and parts[-1] in _UNIT_TOKENS:
            parts.pop()
    if len(parts) > 1 and parts[-1] == "id":
        parts.pop()
    words = [_ACRONYMS.get(part, part) for part in parts]
    first = words[0] if words[0] in _ACRONYMS.values() else words[0].capitalize()
    return " ".join([first, *words[1:]])


def load_wording() -> Wording:
    """Return the words of the map and the reports.

    Raises
    ------
    CaseError
        A key stands twice in ``report/words.csv`` or lacks a language.
    """
    text = resources.files("zibo_geo.report").joinpath("words.csv").read_text(encoding="utf-8")
    own: dict[str, Words] = {}
    for row in csv.DictReader(text.splitlines()):
        if row["key"] in own or not row["zh"] or not row["en"]:
            raise CaseError(
                f"report/words.csv: the key {row['key']!r} stands twice or lacks a language; "
                "mend the row."
            )
        own[row["key"]] = (row["zh"], row["en"])
    return Wording(MappingProxyType({**load_words(), **own}))
