"""A document as one HTML page: no script, no request, every word from data escaped, made to print on A4."""

__all__ = ["html_page"]

from html import escape

from zibo_geo.report.blocks import Block, Document, Grid, Heading, Notice, Paragraph, Pictures
from zibo_geo.report.pictures import picture_scene
from zibo_geo.report.svg import svg

_LANGUAGES = ("zh-CN", "en")
_STYLE = """
:root{color-scheme:light}
body{font:14px/1.55 "Noto Sans CJK SC","Noto Sans SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",
 "WenQuanYi Micro Hei",system-ui,sans-serif;color:#1f2933;background:#fff;margin:0 auto;padding:24px;
 max-width:1080px;font-variant-numeric:tabular-nums}
h1{font-size:24px;margin:0}
h2{font-size:18px;margin:24px 0 6px;border-bottom:2px solid #1f3b73;padding-bottom:2px}
h3{font-size:15px;margin:16px 0 4px}
.sub{color:#52606d;margin:2px 0 12px}nav{float:right}nav a{color:#1f3b73;margin-left:10px}
p{margin:6px 0;max-width:64em}
.notice{border:1px solid #8a6d00;padding:6px 10px;margin:8px 0;font-weight:600;
 background:repeating-linear-gradient(135deg,#fff4cc 0 10px,#ffeeb0 10px 20px);print-color-adjust:exact}
.row{display:flex;gap:16px;flex-wrap:wrap;align-items:flex-start;margin:8px 0}
.row>*{margin:0;flex:1 1 360px;max-width:520px}.row figure{margin:0 0 8px}.row svg{width:100%;height:auto}
table{border-collapse:collapse;width:100%;font-size:12.5px;margin:4px 0}
caption{text-align:left;font-weight:600;padding:10px 0 2px;font-size:13.5px}
th{background:#eef1f4;text-align:left;font-weight:600;vertical-align:bottom}
th,td{border-bottom:1px solid #d9dee3;padding:2px 6px;overflow-wrap:anywhere}
td.n,th.n{text-align:right;white-space:nowrap}
th.n{white-space:normal}th{overflow-wrap:normal}td:first-child:not(.n){min-width:8em}
.note{color:#52606d;font-size:12px;margin:0 0 6px}
@media print{@page{size:A4;margin:11mm}body{padding:0;font-size:9pt;line-height:1.35;max-width:none}
 nav{display:none}h1{font-size:15pt}h2{font-size:12pt;margin-top:6pt}caption{font-size:8.5pt;padding-top:5pt}
 p{margin:3pt 0;max-width:none}.sub{margin-bottom:4pt}.notice{margin:4pt 0;padding:2pt 6pt}
 table,.note{font-size:7.5pt}figure,tr,.notice{break-inside:avoid}h2,h3,caption{break-after:avoid}
 .row{flex-wrap:nowrap;gap:8px;margin:2pt 0}.row>*{flex:1 1 0;max-width:50%}.row figure{margin:0}
 th,td{padding:.5px 4px}thead{display:table-header-group}a{color:inherit;text-decoration:none}}
"""


def html_page(document: Document, language: int, *, links: tuple[tuple[str, str], ...] = ()) -> str:
    """Return the page of a document.

    Parameters
    ----------
    document : Document
        What is said.
    language : {0, 1}
        Chinese or English.
    links : tuple of (address, words)
        Pages beside it, such as the other language and the counties.
    """
    body = "\n".join(_block(block, language) for block in document.blocks)
    around = "".join(f'<a href="{_safe(address)}">{_safe(words)}</a>' for address, words in links)
    title, subtitle = document.title[language], document.subtitle[language]
    return (
        f'<!doctype html>\n<html lang="{_LANGUAGES[language]}">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_safe(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<nav>{around}</nav>\n"
        f'<h1>{_safe(title)}</h1>\n<p class="sub">{_safe(subtitle)}</p>\n{body}\n</body>\n</html>\n'
    )


def _block(block: Block, language: int) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level + 1}>{_safe(block.words[language])}</h{block.level + 1}>"
    if isinstance(block, Paragraph):
        # English sentences are parted by a space, Chinese ones are not.
        said = (" " if language else "").join(words[language] for words in block.sentences)
        return f"<p>{_safe(said)}</p>"
    if isinstance(block, Notice):
        return f'<div class="notice">{_safe(block.words[language])}</div>'
    if isinstance(block, Pictures):
        first, *others = (
            f"<figure>{svg(picture_scene(drawn, language))}</figure>" for drawn in block.drawn
        )
        right = f"<div>{''.join(others)}</div>" if others else ""
        return f'<div class="row"><div>{first}</div>{right}</div>'
    return _grid(block, language)


def _grid(grid: Grid, language: int) -> str:
    sides = [' class="n"' if numeric else "" for numeric in grid.numeric]
    head = "".join(
        f"<th{side}>{_safe(words[language])}</th>"
        for side, words in zip(sides, grid.head, strict=True)
    )
    rows = "\n".join(
        "<tr>"
        + "".join(
            f"<td{side}>{_safe(cell[language])}</td>" for side, cell in zip(sides, row, strict=True)
        )
        + "</tr>"
        for row in grid.rows
    )
    note = f'<p class="note">{_safe(grid.note[language])}</p>' if grid.note[language] else ""
    return (
        f"<table><caption>{_safe(grid.title[language])}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>\n{rows}\n</tbody></table>{note}"
    )


def _safe(text: object) -> str:
    """Escape words from data and leave out control and direction marks."""
    return escape("".join(letter for letter in str(text) if letter.isprintable()), quote=True)
