"""The card of a plan in a notebook: the summary's own words, every figure of the table, nothing unescaped."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from layers.demo import embedded_zibo
from zibo_geo.case import load_case
from zibo_geo.plan import Plan
from zibo_geo.plan_card import plan_card
from zibo_geo.pv_workflow import plan_rooftop_pv
from zibo_geo.summary import county_lines, plan_summary


class _Reader(HTMLParser):
    """Collects the text of every element by its tag."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []

    def handle_starttag(self, tag, attrs) -> None:
        assert {name for name, _ in attrs} <= {"class", "lang", "scope"}
        self.open.append(tag)

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data) -> None:
        self.texts.append((self.open[-1], data))


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def plan() -> Plan:
    layers = embedded_zibo("sample")
    few = layers.buildings.groupby("county").head(20)
    layers = replace(layers, buildings=few)
    case = load_case()
    return Plan(case=case, layers=layers, pv=plan_rooftop_pv(layers, case))


def test_the_card_holds_the_sentences_and_every_cell_of_the_table(plan) -> None:
    reader = _read(plan._repr_html_())
    assert [text for tag, text in reader.texts if tag == "p"] == list(plan_summary(plan))
    header, rows = county_lines(plan)
    cells = [text for tag, text in reader.texts if tag in {"th", "td"}]
    assert cells == [*header, *(cell for row in rows for cell in row)]
    assert cells[-len(header)] == "total"
    assert len(rows) == 9


def test_titles_and_names_stay_text(plan) -> None:
    hostile = '<script>alert(1)</script><img src=x onerror="a()">&amp;'
    counties = plan.layers.area.counties.assign(name=hostile)
    area = replace(plan.layers.area, counties=counties)
    evil = replace(
        plan,
        case=replace(plan.case, title=hostile),
        layers=replace(plan.layers, area=area),
        skipped={"heat": (hostile, hostile)},
    )
    html = plan_card(evil)
    assert "<script" not in html
    assert "<img" not in html
    reader = _read(html)
    assert [text for tag, text in reader.texts if tag == "h3"] == [hostile]
    names = [text for tag, text in reader.texts if tag == "th"]
    assert names.count(hostile) == 8
    assert sum(hostile in text for tag, text in reader.texts if tag == "p") == 2


def test_a_plan_without_pv_has_sentences_and_no_table(plan) -> None:
    reader = _read(replace(plan, pv=None)._repr_html_())
    assert [tag for tag, _ in reader.texts] == ["h3", "p", "p"]


def test_its_plain_text_is_one_line(plan) -> None:
    assert repr(plan) == "Plan('淄博市': 160 buildings; pv)"
    assert repr(replace(plan, pv=None)).endswith("160 buildings; no analysis)")
