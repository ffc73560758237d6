"""The first sheet of the workbook: what was found, in sentences and key figures, and what to beware of."""

__all__ = ["summary_sheet"]

import pandas as pd

from layers.schema import Column
from zibo_geo.report.blocks import Document, Heading, Notice, Paragraph
from zibo_geo.report.sheets import Sheet
from zibo_geo.report.words import Wording


def summary_sheet(brief: Document, wording: Wording) -> Sheet:
    """Return the sentences of the whole area's brief, one per row, in both languages."""
    rows = []
    chapter = ("", "")
    for block in brief.blocks:
        if isinstance(block, Heading) and block.level == 1:
            chapter = block.words
        elif isinstance(block, Notice):
            rows.append((*wording.of("summary_notice"), *block.words))
        elif isinstance(block, Paragraph):
            rows += [(*chapter, *words) for words in block.sentences]
    names = ("chapter_zh", "chapter_en", "sentence_zh", "sentence_en")
    columns = tuple(
        Column(name, "text", "-", "", wording.of(f"column_{name}")[0]) for name in names
    )
    return Sheet(
        title=(wording.of("sheet_summary")[0], wording.of("sheet_summary")[1]),
        frame=pd.DataFrame(rows, columns=list(names)),
        columns=columns,
        note=brief.title,
    )
