"""The map on a screen: reachable by keyboard, nothing over anything, readable in grey, tiles painted once."""

from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from atlas_plans import small_plan, topics_with_results
from browser import Opened, chromium, open_file, until

from layers.errors import CaseError
from zibo_geo.atlas import atlas_size, write_atlas
from zibo_geo.plan import Plan

KEY = "ZIBO_GEO_TIANDITU_KEY"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return small_plan()


@pytest.fixture(scope="module")
def page_file(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(KEY, "secret-key-0123")
        folder = tmp_path_factory.mktemp("atlas")
        return write_atlas(plan, folder, topics=topics_with_results(plan))


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def opened(browser: object, page_file: Path) -> Iterator[Opened]:
    made = open_file(browser, page_file)
    yield made
    assert made.complaints == []
    assert made.requests == []


@pytest.mark.browser
def test_everything_is_reached_by_the_tab_key_and_shows_where_one_is(opened: Opened) -> None:
    page = opened.page
    page.evaluate("zg.panel.setTopic('heat'); zg.card.roof(1); document.activeElement.blur()")
    page.evaluate(
        """() => {
          window.reached = new Set(); window.blind = [];
          document.addEventListener("focusin", (event) => {
            window.reached.add(event.target);
            if (getComputedStyle(event.target).outlineStyle === "none" && !event.target.closest(".leaflet-container")) { window.blind.push(event.target.outerHTML.slice(0, 90)); }
          });
        }"""
    )
    wanted = """[...document.querySelectorAll("button, select, input, summary, a[href], tr[tabindex]")]
      .filter((item) => item.checkVisibility() && !item.disabled && item.tabIndex >= 0)"""
    for _ in range(page.evaluate(f"{wanted}.length") + 12):
        page.keyboard.press("Tab")
    missed = page.evaluate(
        f"{wanted}.filter((item) => !window.reached.has(item)).map((item) => item.outerHTML.slice(0, 90))"
    )
    assert missed == []
    assert page.evaluate("window.blind") == []
    page.keyboard.press("Escape")
    assert page.locator(".zg-card").is_hidden()


def boxes(opened: Opened, names: tuple[str, ...]) -> dict[str, dict[str, float]]:
    return {name: opened.page.locator(name).first.bounding_box() for name in names}


def lies_over(one: dict[str, float], two: dict[str, float]) -> bool:
    apart = (
        one["x"] + one["width"] <= two["x"] + 0.5
        or two["x"] + two["width"] <= one["x"] + 0.5
        or one["y"] + one["height"] <= two["y"] + 0.5
        or two["y"] + two["height"] <= one["y"] + 0.5
    )
    return not apart


@pytest.mark.browser
def test_at_1366_by_768_nothing_lies_over_anything(opened: Opened) -> None:
    page = opened.page
    page.evaluate("zg.panel.setTopic('heat'); zg.card.roof(1)")
    names = (".zg-banner", ".zg-panel", ".zg-toolbar", ".zg-card", ".zg-legend", ".zg-foot label", ".zg-sources", ".leaflet-control-zoom")  # fmt: skip
    found = boxes(opened, names)
    for one, two in combinations(names, 2):
        assert not lies_over(found[one], found[two]), (one, two)
    for name, box in found.items():
        assert box["x"] >= 0, name
        assert box["x"] + box["width"] <= 1366, name
        assert box["y"] + box["height"] <= 768, name
    page.evaluate("zg.card.close()")


@pytest.mark.browser
def test_on_a_phone_nothing_is_wider_than_the_screen(browser: object, page_file: Path) -> None:
    small = open_file(browser, page_file, width=390, height=844)
    page = small.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator(".zg-tabs").is_hidden()
    page.locator(".zg-panel .zg-button").nth(1).click()
    assert page.locator(".zg-tabs").is_visible()
    for name in (".zg-panel", ".zg-toolbar", ".zg-legend"):
        box = page.locator(name).bounding_box()
        assert box["x"] >= 0, name
        assert box["x"] + box["width"] <= 390, name
    assert small.complaints == []


@pytest.mark.browser
def test_on_a_phone_the_foot_and_the_legend_leave_each_other_room(
    browser: object, page_file: Path
) -> None:
    small = open_file(browser, page_file, width=390, height=844)
    small.page.evaluate("zg.panel.setTopic('heat')")
    names = (".zg-banner", ".zg-panel", ".zg-toolbar", ".zg-legend", ".zg-foot", ".zg-sources", ".leaflet-control-zoom")  # fmt: skip
    found = boxes(small, names)
    for one, two in combinations(names, 2):
        assert not lies_over(found[one], found[two]), (one, two)
    assert small.page.evaluate("document.documentElement.scrollWidth") <= 390
    small.page.close()


LIGHT = """(colour) => {
  const parts = [1, 3, 5].map((k) => parseInt(colour.slice(k, k + 2), 16) / 255);
  const linear = parts.map((c) => (c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4)));
  return 116 * Math.cbrt(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]) - 16;
}"""


@pytest.mark.browser
def test_classes_are_told_apart_in_grey(opened: Opened) -> None:
    page = opened.page
    values = [float(k) for k in range(60)]
    for palette in ("yellow_brown", "violet", "navy", "cream_red"):
        lights = page.evaluate(
            f"([values, palette]) => zg.scales.ofNumbers(values, {{palette, unit: ''}}).rows().map((row) => ({LIGHT})(row.colour))",
            [values, palette],
        )
        steps = [light - dark for light, dark in pairwise(lights)]
        assert min(steps) > 3.5, palette  # of 100; the darkest ends the row
    # What only its colour tells apart has a sign as well.
    topics = page.evaluate(
        "zg.data.topics.flatMap((t) => [...t.county_metrics, ...t.roof_metrics])"
    )
    for metric in topics:
        marks = [
            (item["sign"], round(page.evaluate(f"({LIGHT})('{item['colour']}')") / 4))
            for item in metric["categories"]
        ]
        assert len({mark for mark in marks if mark[0]}) == len([m for m in marks if m[0]])


@pytest.mark.browser
def test_a_tile_is_painted_once_and_again_only_when_it_looks_different(opened: Opened) -> None:
    page = opened.page
    page.evaluate("zg.panel.setTopic('pv'); zg.map.setView([36.8, 118.05], 12, {animate: false})")
    page.evaluate("zg.stack.settled()")
    tile = (
        "Object.values(zg.stack.sheet()._tiles).find((t) => t.coords.z === 12 && t.coords.x === X)"
    )
    x = page.evaluate("Math.floor(zg.map.project(zg.map.getCenter(), 12).x / 512)")
    tile = tile.replace("X", str(x))
    page.evaluate(f"window.before = {tile}.el; window.version = window.before.version")
    page.evaluate("zg.map.setView([35.5, 120.5], 12, {animate: false})")
    page.evaluate("zg.stack.settled()")
    page.evaluate("zg.map.setView([36.8, 118.05], 12, {animate: false})")
    page.evaluate("zg.stack.settled()")
    assert page.evaluate("window.before.isConnected && window.before.version === window.version")
    page.evaluate("zg.panel.choose('county', 'yield_gwh')")
    page.evaluate("zg.stack.settled()")
    assert page.evaluate("window.before.version > window.version")


@pytest.mark.browser
def test_half_opacity_is_half_way_to_the_ground(opened: Opened) -> None:
    page = opened.page
    alpha = """(opacity) => {
      zg.layers.counties.shapes.layer.setOpacity(opacity);
      return zg.stack.settled().then(() => {
        const at = zg.map.project(zg.layers.counties.shapes.middle(0), 9), size = zg.stack.SIZE;
        const tile = Object.values(zg.stack.sheet()._tiles).find((t) => t.coords.z === 9 && t.coords.x === Math.floor(at.x / size) && t.coords.y === Math.floor(at.y / size));
        const copy = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
        copy.drawImage(tile.el, -Math.floor(at.x % size), -Math.floor(at.y % size));
        return copy.getImageData(0, 0, 1, 1).data[3];
      });
    }"""
    page.evaluate(
        "zg.layers.all.forEach((l) => zg.layers.want(zg.map, l, l === zg.layers.counties));"
        " zg.map.eachLayer((l) => { if (l.painter && l !== zg.layers.counties.shapes.layer) { l.remove(); } });"
        " zg.map.setView(zg.layers.counties.shapes.middle(0), 9, {animate: false})"
    )
    whole, half = page.evaluate(alpha, 1), page.evaluate(alpha, 0.5)
    assert whole == pytest.approx(0.75 * 255, abs=2)
    assert half == pytest.approx(whole / 2, abs=2)
    page.evaluate(alpha, 1)
    page.reload()
    page.wait_for_selector("html[data-zg-ready='true']")


@pytest.mark.browser
def test_the_place_of_the_reader_is_shown_only_when_the_browser_gives_it(
    browser: object, page_file: Path
) -> None:
    context = browser.new_context(  # type: ignore[attr-defined]
        geolocation={"longitude": 118.05, "latitude": 36.8}, permissions=["geolocation"]
    )
    page = context.new_page()
    page.goto(page_file.resolve().as_uri())
    page.wait_for_selector("html[data-zg-ready='true']")
    page.locator(".zg-toolbar [aria-label=定位]").click()
    until(
        page, "zg.map.getZoom() === 15 || !document.querySelector('.zg-note').hidden", seconds=15.0
    )
    if page.evaluate("zg.map.getZoom()") == 15:
        assert page.evaluate("zg.map.getCenter().lng") == pytest.approx(118.05, abs=1e-4)
    else:
        assert "无法定位" in page.locator(".zg-note").inner_text()
    context.close()


def test_the_key_is_written_only_when_asked_for(
    plan: Plan, page_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "secret-key-0123" not in page_file.read_text(encoding="utf-8")
    monkeypatch.setenv(KEY, "secret-key-0123")
    asked = write_atlas(plan, tmp_path / "asked", with_tianditu_key=True)
    assert "secret-key-0123" in asked.read_text(encoding="utf-8")
    monkeypatch.delenv(KEY)
    with pytest.raises(CaseError, match=f"{KEY} is not set"):
        write_atlas(plan, tmp_path / "again", with_tianditu_key=True)


def test_the_size_of_a_map_is_that_of_its_files(page_file: Path) -> None:
    assert atlas_size(page_file) == (1, page_file.stat().st_size)
