"""A document as data: headings, paragraphs, notices, tables and pictures in both languages."""

__all__ = ["Block", "Document", "Grid", "Heading", "Notice", "Paragraph", "Pictures"]

from dataclasses import dataclass, field

from zibo_geo.report.chart import Chart
from zibo_geo.report.static_map import StaticMap

Words = tuple[str, str]


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 or 2."""

    words: Words
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """Sentences, one after the other."""

    sentences: tuple[Words, ...]


@dataclass(frozen=True)
class Notice:
    """What a reader must not overlook."""

    words: Words


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A table of words and finished numbers.

    Attributes
    ----------
    title : (str, str)
        Above it.
    head : tuple of (str, str)
        Heads of columns.
    rows : tuple of tuple of (str, str)
        Cells.
    numeric : tuple of bool
        Which columns are set to the right.
    note : (str, str)
        Below it, such as where the rest is found.
    """

    title: Words
    head: tuple[Words, ...]
    rows: tuple[tuple[Words, ...], ...]
    numeric: tuple[bool, ...]
    note: Words = ("", "")


@dataclass(frozen=True)
class Pictures:
    """Pictures: the first on the left, the others one under the other on its right."""

    drawn: tuple[Chart | StaticMap, ...]


Block = Heading | Paragraph | Notice | Grid | Pictures


@dataclass(frozen=True, kw_only=True)
class Document:
    """One document.

    Attributes
    ----------
    county : str, optional
        Adcode of the county it is about; none for the whole area.
    title, subtitle : (str, str)
        At the top.
    blocks : tuple of Block
        In their order.
    """

    county: str | None
    title: Words
    subtitle: Words
    blocks: tuple[Block, ...] = field(default=())


def both(text: object) -> Words:
    """Return text that is the same in both languages."""
    return str(text), str(text)
