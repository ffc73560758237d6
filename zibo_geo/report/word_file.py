"""A document as a Word file (``.docx``): headings, sentences, tables and pictures; needs python-docx."""

__all__ = ["has_docx", "write_docx"]

from collections.abc import Mapping
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

from zibo_geo.files import write_whole
from zibo_geo.report.blocks import Block, Document, Grid, Heading, Notice, Paragraph, Pictures

_MARGIN_CM, _PICTURE_CM = 1.8, 8.4
_POINTS, _SMALL = 10, 7.5
_EAST_ASIAN = "Microsoft YaHei"  # Word falls back to what the reader's machine has


def has_docx() -> bool:
    """Tell whether python-docx is installed."""
    return find_spec("docx") is not None


def write_docx(
    document: Document, path: Path, language: int, *, painted: Mapping[str, bytes]
) -> Path:
    """Write a document.

    Parameters
    ----------
    document : Document
        What is said.
    path : Path
        Ends in ``.docx``; replaced in one step.
    language : {0, 1}
        Chinese or English.
    painted : mapping of str to bytes
        PNG of every picture by its key.
    """
    from docx import Document as WordFile
    from docx.shared import Cm, Pt

    file = WordFile()
    section = file.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(_MARGIN_CM)
    section.top_margin = section.bottom_margin = Cm(_MARGIN_CM)
    for name in ("Normal", "Title", "Heading 1", "Heading 2", "List Bullet"):
        _set_font(file.styles[name])
    file.styles["Normal"].font.size = Pt(_POINTS)
    file.core_properties.title = _plain(document.title[language])
    file.core_properties.author = "zibo-geo"
    file.add_heading(_plain(document.title[language]), level=0)
    file.add_paragraph(_plain(document.subtitle[language]))
    for block in document.blocks:
        if isinstance(block, Pictures):
            paragraph = file.add_paragraph()
            for drawn in block.drawn:
                picture = BytesIO(painted[drawn.key])
                paragraph.add_run().add_picture(picture, width=Cm(_PICTURE_CM))
        else:
            _add(file, block, language)
    write_whole(path, lambda beside: file.save(str(beside)))
    return path


def _set_font(style: Any) -> None:
    from docx.oxml.ns import qn

    style.font.name = "Calibri"
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), _EAST_ASIAN)


def _add(file: Any, block: Block, language: int) -> None:
    if isinstance(block, Heading):
        file.add_heading(_plain(block.words[language]), level=block.level)
    elif isinstance(block, Paragraph):
        said = (" " if language else "").join(words[language] for words in block.sentences)
        file.add_paragraph(_plain(said))
    elif isinstance(block, Notice):
        run = file.add_paragraph().add_run("⚠ " + _plain(block.words[language]))
        run.bold = True
    elif isinstance(block, Grid):
        _add_grid(file, block, language)


def _add_grid(file: Any, grid: Grid, language: int) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    title = file.add_paragraph()
    title.add_run(_plain(grid.title[language])).bold = True
    title.paragraph_format.keep_with_next = True
    table = file.add_table(rows=1 + len(grid.rows), cols=len(grid.head))
    table.style = "Light Grid Accent 1"
    lines = [tuple(words[language] for words in row) for row in (grid.head, *grid.rows)]
    # The cells of a table are found by walking its XML: once for all, not once per cell.
    cells = iter(table._cells)  # noqa: SLF001
    for number, line in enumerate(lines):
        for text, numeric in zip(line, grid.numeric, strict=True):
            paragraph = next(cells).paragraphs[0]
            run = paragraph.add_run(_plain(text))
            run.font.size = Pt(_SMALL)
            run.bold = number == 0
            if numeric:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if grid.note[language]:
        note = file.add_paragraph().add_run(_plain(grid.note[language]))
        note.font.size = Pt(_SMALL)


def _plain(text: object) -> str:
    """Return words from data without what XML does not allow."""
    return "".join(letter for letter in str(text) if letter.isprintable())
