"""Every string that data can bring is text: nothing of it runs, nothing of it breaks the map."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from atlas_plans import small_plan, topics_with_results
from browser import Opened, chromium, open_file, until

from zibo_geo.atlas import write_atlas
from zibo_geo.atlas.assets import third_party_head
from zibo_geo.atlas.tiles import tippecanoe_program
from zibo_geo.atlas.topics import Chart, DataTable, Figure, Series, Topic
from zibo_geo.plan import Plan

pytestmark = pytest.mark.browser

HOSTILE = (
    "<img src=x onerror=window.hurt=1>",
    "</script><script>window.hurt=2</script>",
    "javascript:window.hurt=3",
    "{{ 7*7 }} {% raw %} {# x #} ${window.hurt=4}",
    "\u202egnp.exe \u2028\u2029 &lt;b&gt; ' \" ` \\ \x00",
    "长" * 3400,
    "__proto__",
    '=HYPERLINK("http://x")',
    "<!-- --><svg/onload=window.hurt=5>]]>",
)


def mixed(frame: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """Return the frame with hostile text in the columns, each row another."""
    words = [HOSTILE[number % len(HOSTILE)] for number in range(len(frame))]
    return frame.assign(**{column: words for column in columns if column in frame})


def hostile_plan() -> Plan:
    plan = small_plan(120)
    layers = plan.layers
    area = dataclasses.replace(
        layers.area, counties=mixed(layers.area.counties, ("name", "name_en"))
    )
    changed: dict[str, Any] = {
        name: mixed(getattr(layers, name), ("name", "source"))
        for name in ("stations", "parks", "heat_sources", "substations", "streets")
    }
    stations = changed["stations"]
    changed["stations"] = stations.set_axis([f"{HOSTILE[k % 5]}{k}" for k in range(len(stations))])
    roofs = mixed(plan.pv.roofs, ("name", "source", "height_source"))
    roofs = roofs.set_axis([HOSTILE[k] if k < len(HOSTILE) else f"r{k}" for k in range(len(roofs))])
    return dataclasses.replace(
        plan,
        case=dataclasses.replace(plan.case, title=HOSTILE[1] + HOSTILE[0]),
        layers=dataclasses.replace(layers, area=area, attributions=HOSTILE, **changed),
        pv=dataclasses.replace(plan.pv, roofs=roofs),
    )


def hostile_topics(plan: Plan) -> list[Topic]:
    pair = (HOSTILE[0], HOSTILE[1])
    topics = topics_with_results(plan)
    chart = Chart(
        title=pair,
        kind="lines",
        x=HOSTILE[:3],
        series=(Series(label=pair, values=(1.0, 2.0, 3.0)),),
    )
    table = DataTable(title=pair, frame=pd.DataFrame({"kind": HOSTILE}), fields=(("kind", "-"),))
    extra = {"summary": pair, "figures": (Figure(label=pair, value=1.0, unit=HOSTILE[0]),)}
    topics[0] = dataclasses.replace(topics[0], charts=(chart,), tables=(table,), **extra)  # type: ignore[arg-type]
    return topics


@pytest.fixture(scope="module")
def plan() -> Plan:
    return hostile_plan()


@pytest.fixture(scope="module", params=[True, False], ids=["one page", "folder"])
def opened(
    request: pytest.FixtureRequest, plan: Plan, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Opened]:
    if not request.param and (tippecanoe_program() is None or third_party_head(tiles=True)[1]):
        pytest.skip("tippecanoe or the vendored libraries are missing")
    folder = tmp_path_factory.mktemp("hostile")
    page = write_atlas(plan, folder, single_file=request.param, topics=hostile_topics(plan))
    with chromium() as browser:
        made = open_file(browser, page)
        made.page.evaluate("zg.layers.askRoofs()")
        yield made


def unhurt(opened: Opened) -> None:
    page = opened.page
    assert page.evaluate("window.hurt") is None
    assert page.evaluate("document.querySelectorAll('img[src=x], svg[onload]').length") == 0
    assert opened.requests == []
    assert opened.complaints == []


def test_the_panel_says_every_text_as_it_is(opened: Opened) -> None:
    page = opened.page
    assert page.evaluate("document.title").startswith("</script><script>")
    for language in (0, 1):
        page.evaluate(f"zg.setLanguage({language})")
        body = page.evaluate("document.querySelector('.zg-body').textContent")
        assert HOSTILE[language] in body
        cells = page.evaluate(
            "[...document.querySelectorAll('.zg-data td')].map((cell) => cell.textContent)"
        )
        assert cells == list(HOSTILE)
        for topic in ("heat", "stations", "base", "pv"):
            page.evaluate(f"zg.panel.setTopic('{topic}')")
    page.evaluate("zg.setLanguage(0)")
    unhurt(opened)


def test_every_card_opens_and_shows_the_text(opened: Opened, plan: Plan) -> None:
    page = opened.page
    for number, text in enumerate(HOSTILE):
        page.evaluate("zg.card.close()")
        page.evaluate(f"zg.card.roof({number})")
        until(page, "!document.querySelector('.zg-card').hidden")
        assert page.evaluate("document.querySelector('.zg-card h2').textContent") == text
        assert page.evaluate("document.querySelector('.zg-card dd').textContent") == text
    page.evaluate(
        "zg.layers.all.filter((l) => !l.distant && l.pickable).forEach((l) => { for (let i = 0; i < Math.min(12, l.count); i += 1) { zg.card.open(l, i); } })"
    )
    page.evaluate("zg.card.close()")
    unhurt(opened)


def test_search_and_filter_take_any_text(opened: Opened, plan: Plan) -> None:
    page = opened.page
    for text in (*HOSTILE[:5], *HOSTILE[6:], "(", "[a-", "\\", "constructor"):
        page.locator(".zg-search").fill(text.replace("\x00", ""))
        page.wait_for_timeout(260)
    page.locator(".zg-search").fill("")
    for key in page.evaluate(
        "zg.layers.all.filter((l) => l.pickable && l !== zg.layers.counties).map((l) => l.key)"
    ):
        page.locator(".zg-filter select").first.select_option(key)
        selects = page.locator(".zg-filter select")
        for number in range(1, selects.count()):
            values = selects.nth(number).evaluate("(s) => [...s.options].map((o) => o.value)")
            selects.nth(number).select_option(values[-1])
        page.locator(".zg-filter .zg-button").first.click()
    unhurt(opened)


def test_files_of_hostile_data_hold_no_formula(opened: Opened) -> None:
    page = opened.page
    texts = page.evaluate(
        "zg.layers.all.filter((l) => !l.distant && l !== zg.layers.counties).map((l) => [zg.download.csvText(l), zg.download.geojsonText(l)])"
    )
    for table, shapes in texts:
        assert "\n=HYPERLINK" not in table
        assert ",=HYPERLINK" not in table
        assert ',"=HYPERLINK' not in table
        assert shapes.startswith('{"type":"FeatureCollection"')
    page.evaluate("zg.printing.prepare()")
    page.evaluate("zg.printing.restore()")
    unhurt(opened)


def test_the_file_itself_holds_no_markup_of_the_data(plan: Plan, tmp_path: Path) -> None:
    text = write_atlas(plan, tmp_path, topics=hostile_topics(plan)).read_text(encoding="utf-8")
    for evil in ("<img src=x", "<script>window.hurt", "<svg/onload"):
        assert evil not in text
