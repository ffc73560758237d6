"""Two scenarios side by side, from the disk: one view, one metric, one legend, true differences, all text."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from atlas_plans import small_plan
from browser import Opened, chromium, open_file

from layers.errors import CaseError
from zibo_geo.atlas import write_atlas, write_comparison
from zibo_geo.plan import Plan

HOSTILE = "<img src=x onerror=window.hurt=1>"


def greater(plan: Plan) -> Plan:
    """Return the plan with half as much again in the first county, and a hostile name for another."""
    assert plan.pv is not None
    area = plan.layers.area
    counties = plan.pv.counties.copy()
    counties.loc["370303", "capacity_mw"] *= 1.5
    names = area.counties.assign(name=area.counties["name"].replace("沂源县", HOSTILE))
    layers = dataclasses.replace(plan.layers, area=dataclasses.replace(area, counties=names))
    return dataclasses.replace(
        plan, layers=layers, pv=dataclasses.replace(plan.pv, counties=counties)
    )


@pytest.fixture(scope="module")
def plan() -> Plan:
    return small_plan(200)


@pytest.fixture(scope="module")
def folder(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("out")
    write_atlas(plan, root / "low" / "atlas")
    write_atlas(greater(plan), root / HOSTILE / "atlas", compare=root / "low")
    return root / HOSTILE / "atlas"


@pytest.fixture(scope="module")
def opened(folder: Path) -> Iterator[Opened]:
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        made = Opened(page)
        page.on("request", lambda request: made.requests.append(request.url))
        page.on("pageerror", lambda error: made.complaints.append(str(error)))
        page.on("console", lambda message: made.complaints.append(message.text))
        page.goto((folder / "compare.html").resolve().as_uri())
        page.wait_for_selector("html[data-ready='true']", timeout=30_000)
        yield made
        assert made.complaints == []
        assert all(url.startswith(("file:", "data:")) for url in made.requests)
        assert page.evaluate("window.hurt") is None


def cells(opened: Opened) -> dict[str, list[str]]:
    rows = opened.page.locator("tbody tr, tfoot tr").evaluate_all(
        "(rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    return {row[0]: row[1:] for row in rows}


@pytest.mark.browser
def test_the_table_says_what_differs(opened: Opened, plan: Plan) -> None:
    assert plan.pv is not None
    table = cells(opened)
    low = plan.pv.counties["capacity_mw"]
    first, second, difference, change = table["张店区"]
    assert float(first) == pytest.approx(1.5 * low["370303"], rel=0.01)
    assert float(second) == pytest.approx(low["370303"], rel=0.01)
    assert difference.startswith("−")
    assert float(difference[1:]) == pytest.approx(0.5 * low["370303"], rel=0.01)
    assert change == "−33.3 %"
    assert table["临淄区"][2:] == ["0", "0 %"]
    assert float(table["合计"][1]) == pytest.approx(low.sum(), rel=0.01)
    assert HOSTILE in table  # a name is text
    assert "low" in opened.page.locator("figcaption").nth(1).inner_text()


@pytest.mark.browser
def test_both_maps_show_one_view_one_metric_and_one_legend(opened: Opened) -> None:
    page = opened.page
    left, right = page.frames[1], page.frames[2]
    view = (
        "[zg.map.getCenter().lat.toFixed(4), zg.map.getCenter().lng.toFixed(4), zg.map.getZoom()]"
    )
    left.evaluate("zg.map.setView([36.8, 118.05], 12, {animate: false})")
    for _ in range(100):
        if right.evaluate(view) == left.evaluate(view):
            break
        page.wait_for_timeout(50)
    assert right.evaluate(view) == ["36.8000", "118.0500", 12]
    right.evaluate("zg.map.setView([36.5, 118.0], 9, {animate: false})")
    until_equal(page, lambda: left.evaluate(view), ["36.5000", "118.0000", 9])
    legend = "document.querySelector('.zg-legend').textContent"
    for metric in ("yield_gwh", "capacity_mw"):
        page.locator("#county").select_option(metric)
        until_equal(page, lambda: right.evaluate("zg.layers.state.countyMetric.key"), metric)
        until_equal(page, lambda: right.evaluate(legend), left.evaluate(legend))
    # One value, one colour: in both maps the scale is that of both plans together.
    colours = "[1, 5, 20, 60].map((value) => zg.layers.state.countyScale.of(value))"
    assert left.evaluate(colours) == right.evaluate(colours)
    left.evaluate("zg.map.setView([36.8, 118.05], 13, {animate: false})")
    breaks = "zg.layers.state.roofScale && zg.layers.state.roofScale.breaks.join()"
    page.wait_for_timeout(300)
    until_equal(page, lambda: right.evaluate(breaks), left.evaluate(breaks))


def until_equal(page: object, ask: object, wanted: object) -> None:
    for _ in range(200):
        if ask() == wanted:  # type: ignore[operator]
            return
        page.wait_for_timeout(50)  # type: ignore[attr-defined]
    assert ask() == wanted  # type: ignore[operator]


@pytest.mark.browser
def test_language_and_keyboard(opened: Opened) -> None:
    page = opened.page
    page.locator("#language").press("Enter")
    assert page.locator("h1").inner_text() == "Two scenarios compared"
    assert page.locator("thead th").nth(3).inner_text().startswith("Difference")
    until_equal(page, lambda: page.frames[2].evaluate("zg.language()"), 1)
    row = page.locator("tbody tr", has_text="Zhangdian").first
    row.focus()
    page.keyboard.press("Enter")
    until_equal(page, lambda: page.frames[1].evaluate("zg.map.getZoom() > 9"), True)
    page.locator("#language").press("Enter")


@pytest.mark.browser
def test_a_map_takes_orders_only_from_the_page_around_it(opened: Opened, folder: Path) -> None:
    page = open_file(opened.page.context.browser, folder / "index.html").page
    before = page.evaluate("zg.map.getZoom()")
    page.evaluate("window.postMessage({zibo: 'view', lat: 10, lng: 10, zoom: 3}, '*')")
    page.wait_for_timeout(200)
    assert page.evaluate("zg.map.getZoom()") == before
    assert page.locator(".zg-toolbar [aria-label=方案对比]").count() == 1
    page.close()


def test_what_cannot_be_compared_is_refused(folder: Path, plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r"holds no map .neither index\.html nor atlas/index\.html"):
        write_comparison(folder, tmp_path)
    (tmp_path / "index.html").write_text("<html></html>", encoding="utf-8")
    with pytest.raises(CaseError, match="written by another version"):
        write_comparison(folder, tmp_path)
    with pytest.raises(CaseError, match="is the same map"):
        write_comparison(folder, folder.parent)


def test_a_map_written_again_without_the_other_forgets_it(plan: Plan, tmp_path: Path) -> None:
    write_atlas(plan, tmp_path / "a" / "atlas")
    page = write_atlas(plan, tmp_path / "b" / "atlas", compare=tmp_path / "a")
    names = {path.name for path in page.parent.iterdir()}
    assert names == {"index.html", "compare.html", "compared"}
    write_atlas(plan, tmp_path / "b" / "atlas")
    assert {path.name for path in page.parent.iterdir()} == {"index.html"}
