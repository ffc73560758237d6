"""What a notebook shows of a plan: its sentences and the table by county, as a piece of HTML."""

__all__ = ["plan_card"]

from collections.abc import Sequence
from html import escape

from zibo_geo.plan import Plan
from zibo_geo.summary import county_lines, plan_summary


def plan_card(plan: Plan) -> str:
    """Return the summary of a plan as HTML without style, script or links.

    Every word comes escaped: titles and names are text of the user's files.

    Parameters
    ----------
    plan : Plan
        With or without any of its analyses.

    Returns
    -------
    str
        The title, the sentences in Chinese and English and, where rooftop PV was asked, the table by
        county with the total last.
    """
    chinese, english = plan_summary(plan)
    return (
        f'<div class="zibo-geo-plan"><h3>{escape(plan.case.title)}</h3>'
        f'<p lang="zh">{escape(chinese)}</p><p lang="en">{escape(english)}</p>'
        f"{_table(*county_lines(plan))}</div>"
    )


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{escape(word)}</th>' for word in header)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
