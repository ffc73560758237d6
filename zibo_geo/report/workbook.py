"""``report.xlsx``: every sheet with Chinese and English heads, units, formats and frozen panes.

Cells hold numbers or text, never a formula: the kind of every cell is set by the column, not guessed
from what stands in it, and text that a spreadsheet would evaluate keeps its quote mark when edited.
"""

__all__ = ["write_workbook"]

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from layers.schema import Column
from zibo_geo.files import write_whole
from zibo_geo.plan import Plan
from zibo_geo.provenance import provenance
from zibo_geo.report.blocks import Document
from zibo_geo.report.brief import make_brief
from zibo_geo.report.numbers import is_missing
from zibo_geo.report.scene import text_width
from zibo_geo.report.sheets import Sheet, make_sheets
from zibo_geo.report.summary_sheet import summary_sheet
from zibo_geo.report.words import Wording

_TITLE_ROWS = 4  # title, note, Chinese head, English head
_LONGEST_TEXT = 32_000  # Excel holds 32,767
_LONGEST_TAB = 31
_NOT_IN_TABS = str.maketrans("", "", "[]:*?/\\'")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_WIDTHS = (8.0, 44.0)
_SAMPLED = 60


def write_workbook(
    plan: Plan,
    path: Path,
    wording: Wording,
    *,
    brief: Document | None = None,
    origin: Mapping[str, Any] | None = None,
) -> Path:
    """Write the workbook of a plan.

    Parameters
    ----------
    plan : Plan
        Layers and results.
    path : Path
        Ends in ``.xlsx``; replaced in one step.
    wording : Wording
        Heads and words.
    brief : Document, optional
        The whole area's brief, whose sentences fill the first sheet; made anew unless given.
    origin : mapping, optional
        The run's provenance where it is at hand; made anew, with hashes of the inputs, unless given.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    tabs: set[str] = set()
    known = provenance(plan) if origin is None else origin
    summary = summary_sheet(brief or make_brief(plan, wording), wording)
    for sheet in (summary, *make_sheets(plan, wording, known)):
        tab = _tab(sheet.title, tabs)
        tabs.add(tab)
        _fill(book.create_sheet(tab), sheet, wording)
    write_whole(path, book.save)
    return path


def _tab(title: tuple[str, str], taken: set[str]) -> str:
    """Return a tab's title: both languages, short enough, without what Excel refuses, not taken."""
    plain = " ".join(dict.fromkeys(title)).translate(_NOT_IN_TABS)[:_LONGEST_TAB].strip() or "sheet"
    tab, number = plain, 2
    while tab.lower() in {name.lower() for name in taken}:
        tab = f"{plain[: _LONGEST_TAB - 4]} {number}"
        number += 1
    return tab


def _fill(page: Any, sheet: Sheet, wording: Wording) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    heads = [wording.head(column) for column in sheet.columns]
    formats = [number_format(column) for column in sheet.columns]
    pairs = zip(sheet.frame, sheet.columns, strict=True)
    values = [_values(sheet.frame[name], column) for name, column in pairs]
    for number, (head, held) in enumerate(zip(heads, values, strict=True), start=1):
        page.column_dimensions[get_column_letter(number)].width = _width(head, held)
    page.freeze_panes = f"B{_TITLE_ROWS + 1}"
    last = get_column_letter(max(len(heads), 1))
    page.auto_filter.ref = f"A{_TITLE_ROWS}:{last}{_TITLE_ROWS + len(sheet.frame)}"
    bold, small = Font(bold=True, size=13), Font(size=9, color="52606D")
    head_font, fill = Font(bold=True), PatternFill("solid", fgColor="EEF1F4")
    wrap = Alignment(wrap_text=True, vertical="top")
    page.append([_text(page, " · ".join(dict.fromkeys(sheet.title)), font=bold)])
    page.append([_text(page, " ".join(part for part in sheet.note if part), font=small)])
    for language in (0, 1):
        cells = [_text(page, head[language] or "–", font=head_font) for head in heads]
        for cell in cells:
            cell.fill, cell.alignment = fill, wrap
        page.append(cells)
    for row in zip(*values, strict=True):
        page.append([_cell(page, value, shape) for value, shape in zip(row, formats, strict=True)])


def _cell(page: Any, value: Any, shape: str) -> Any:
    from openpyxl.cell import WriteOnlyCell

    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        # Plain words need no cell of their own; whatever openpyxl might take for more is marked as text.
        return _text(page, value) if value.startswith((*_FORMULA_STARTS, "#")) else value
    cell = WriteOnlyCell(page, value=value)
    cell.number_format = shape
    return cell


def _text(page: Any, value: str, *, font: Any = None) -> Any:
    """Return a cell that is text whatever it holds; none for no text."""
    from openpyxl.cell import WriteOnlyCell

    if not value:
        return None
    cell = WriteOnlyCell(page, value=value)
    cell.data_type = "s"
    if font is not None:
        cell.font = font
    if value.startswith(_FORMULA_STARTS):
        cell.quotePrefix = True
    return cell


def number_format(column: Column) -> str:
    """Return how Excel writes the numbers of a column.

    Examples
    --------
    >>> number_format(Column("capacity_mw", "number", "MW", "", ""))
    '#,##0.0##'
    >>> number_format(Column("shading_loss", "number", "1", "", "", maximum=1.0))
    '0.0%'
    >>> number_format(Column("year", "integer", "1", "", ""))
    '0'
    """
    if column.name == "year" or column.name.endswith("_year"):
        return "0"
    if column.kind == "integer":
        return "#,##0"
    if column.unit == "1":
        shares = ("share", "loss", "gap", "spread", "irr", "p_wait", "reached")
        is_share = column.maximum == 1.0 or column.name.endswith(shares)
        return "0.0%" if is_share else "#,##0.0##"
    if column.unit == "°":
        return "0.0#####"
    if column.unit == "CNY":
        return "#,##0"
    return "#,##0.000" if column.unit == "CNY/kWh" else "#,##0.0##"


def _values(values: pd.Series, column: Column) -> list[Any]:
    """Return the values of a column as a spreadsheet holds them; missing is an empty cell."""
    if column.kind in {"number", "integer"}:
        whole = column.kind == "integer"
        return [None if is_missing(v) else int(v) if whole else float(v) for v in values.tolist()]
    return [_plain(value) for value in values.tolist()]


def _plain(value: Any) -> Any:
    """Return a flag or a number as it is, anything else as text that XML can hold."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return None if is_missing(value) else value
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    text = "".join(letter for letter in str(value) if letter.isprintable() or letter in "\t\n")
    return text[:_LONGEST_TEXT] or None


def _width(head: tuple[str, str], values: Iterable[Any]) -> float:
    """Return the width of a column [characters] from its heads and first values."""
    some = [
        str(value)
        for value, _ in zip(values, range(_SAMPLED), strict=False)
        if isinstance(value, str)
    ]
    widest = max(
        [text_width(text, 1.9) for text in (*(part.split(" [")[0] for part in head), *some)],
        default=0.0,
    )
    return min(max(widest + 2.0, _WIDTHS[0], 11.0 if not some else 0.0), _WIDTHS[1])
