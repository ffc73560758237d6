"""What a planner does with the map, in a real browser: topics, filter, files, search, measure, link, print."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from atlas_plans import small_plan, topics_with_results
from browser import Opened, chromium, open_file

from layers.coordinates import gcj02_to_wgs84, wgs84_to_gcj02
from zibo_geo.atlas import build_map
from zibo_geo.plan import Plan

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def plan() -> Plan:
    return small_plan()


@pytest.fixture(scope="module")
def page_file(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("atlas") / "index.html"
    made = build_map(plan, topics=topics_with_results(plan))
    path.write_text(made.get_root().render(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def opened(browser: object, page_file: Path) -> Iterator[Opened]:
    made = open_file(browser, page_file)
    yield made
    assert made.complaints == []
    assert made.requests == []
    made.page.close()


def counter(opened: Opened) -> str:
    opened.page.wait_for_timeout(250)
    return str(opened.page.locator(".zg-counter").inner_text())


def test_tabs_change_the_metrics_and_the_layers_by_click_and_by_key(opened: Opened) -> None:
    page = opened.page
    shown = "zg.layers.all.filter((l) => zg.map.hasLayer(l.shapes.layer)).map((l) => l.key)"
    assert "substations" not in page.evaluate(shown)
    page.locator(".zg-tabs [data-topic=heat]").click()
    assert "substations" in page.evaluate(shown)
    assert page.evaluate("zg.layers.state.countyMetric.key") == "roof_m2"
    page.keyboard.press("ArrowRight")
    assert page.evaluate("zg.panel.state.topic.key") == "stations"
    assert "substations" not in page.evaluate(shown)
    page.locator("[data-layer=substations]").check()
    page.locator(".zg-tabs [data-topic=base]").click()
    assert "substations" in page.evaluate(shown)
    assert page.locator(".zg-tabs [aria-selected=true]").inner_text() == "底图"


def test_charts_and_tables_are_drawn_from_the_topic(opened: Opened) -> None:
    page = opened.page
    page.locator(".zg-tabs [data-topic=heat]").click()
    chart = page.locator(".zg-body svg.zg-chart")
    assert chart.count() == 1
    texts = chart.locator("text").all_text_contents()
    assert {"甲", "乙", "目标 25 MW", "MW"} <= set(texts)
    lines = [path.get_attribute("d") for path in chart.locator("path").all()]
    assert len(lines) == 2
    assert lines[0].count("H") == 1  # the third value is missing
    assert lines[1].count("H") == 2
    rows = page.locator(".zg-data td").all_inner_texts()
    assert rows == ["加气站", "1.5", "=1+1", "–"]


def test_a_category_metric_colours_roofs_and_speaks_in_the_legend(
    opened: Opened, plan: Plan
) -> None:
    page = opened.page
    page.locator(".zg-tabs [data-topic=base]").click()
    colours = {"rural_home": "#e69f00", "apartment": "#f0e442", "school": "#56b4e9"}
    fills = page.evaluate(
        "zg.layers.roofs.id.map((_, i) => zg.layers.roofs.shapes.style(i, 15).fill)"
    )
    seen = 0
    for use, fill in zip(plan.pv.roofs["use"], fills, strict=True):
        if use in colours:
            assert fill == colours[use]
            seen += 1
    assert seen > 50
    page.evaluate(
        "zg.map.setView(zg.layers.roofs.shapes.bounds(0).getCenter(), 16, {animate: false})"
    )
    legend = page.locator(".zg-legend").inner_text()
    assert "农村住宅" in legend
    assert "用途" in legend


def test_the_pixel_of_a_roof_has_the_colour_of_its_class(opened: Opened, plan: Plan) -> None:
    page = opened.page
    number = int(plan.pv.roofs["roof_m2"].to_numpy().argmax())
    page.evaluate(
        f"zg.map.setView(zg.layers.roofs.shapes.bounds({number}).getCenter(), 18, {{animate: false}})"
    )
    page.evaluate("zg.stack.settled()")
    colour, wanted = page.evaluate(
        """(n) => {
          const layer = zg.stack.sheet(), size = zg.stack.SIZE;
          const at = zg.map.project(zg.layers.roofs.shapes.bounds(n).getCenter(), 18);
          const tile = Object.values(layer._tiles).find((t) => t.coords.z === 18 && t.coords.x === Math.floor(at.x / size) && t.coords.y === Math.floor(at.y / size));
          const pixel = tile.el.getContext("2d").getImageData(at.x % size, at.y % size, 1, 1).data;
          const hex = "#" + [0, 1, 2].map((k) => pixel[k].toString(16).padStart(2, "0")).join("");
          return [hex, zg.layers.roofs.shapes.style(n, 18).fill];
        }""",
        number,
    )
    assert colour == wanted


def test_the_filter_counts_what_the_table_counts(opened: Opened, plan: Plan) -> None:
    page, roofs = opened.page, plan.pv.roofs
    assert counter(opened).startswith(f"{len(roofs)} / {len(roofs)}")
    page.locator(".zg-filter select[aria-label=区县]").select_option("370303")
    here = roofs[roofs["county"] == "370303"]
    assert counter(opened).startswith(f"{len(here)} / {len(roofs)}")
    use = str(here["use"].mode().iloc[0])
    page.locator(".zg-filter select[aria-label=用途]").select_option(use)
    here = here[here["use"].astype(str) == use]
    assert counter(opened).startswith(f"{len(here)} / ")
    page.locator(".zg-filter select[aria-label=数值范围]").select_option("capacity_kwp")
    low = float(here["capacity_kwp"].median())
    page.locator(".zg-range input").first.fill(str(low))
    kept = here[here["capacity_kwp"].round(2) >= low]
    text = counter(opened)
    assert text.startswith(f"{len(kept)} / ")
    kwp = float(text.split("装机容量 ")[1].split(" ")[0].replace(",", ""))
    assert kwp == pytest.approx(kept["capacity_kwp"].sum(), rel=0.01)
    hidden = int(np.flatnonzero(~roofs.index.isin(kept.index))[0])
    point = "zg.layers.roofs.shapes.bounds(%d).getCenter()"
    assert page.evaluate(f"zg.layers.roofs.shapes.at({point % hidden}, 18)") != hidden
    page.locator(".zg-filter .zg-button").first.click()
    assert counter(opened).startswith(f"{len(roofs)} / {len(roofs)}")


def test_the_selection_is_saved_as_csv_without_formulas(opened: Opened, plan: Plan) -> None:
    page, roofs = opened.page, plan.pv.roofs
    page.locator(".zg-filter select[aria-label=区县]").select_option("370305")
    page.wait_for_timeout(100)
    with page.expect_download() as waiting:
        page.locator(".zg-filter button", has_text="CSV").click()
    text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    here = roofs[roofs["county"] == "370305"]
    assert [row["id"] for row in rows] == here.index.tolist()
    assert [float(row["yield_kwh"]) for row in rows] == pytest.approx(
        here["yield_kwh"].tolist(), abs=0.51
    )
    for evil in ("=1+1", "+1", "-1", "@x", "\t=1", " =1"):
        assert page.evaluate("(text) => zg.download.cell(text)", evil).lstrip('"').startswith("'")
    assert page.evaluate("zg.download.cell('a,\"b\"')") == '"a,""b"""'
    assert page.evaluate("zg.download.cell(-3.5)") == "-3.5"


def test_the_selection_is_saved_as_geojson_that_lies_on_the_roofs(
    opened: Opened, plan: Plan
) -> None:
    page, roofs = opened.page, plan.pv.roofs
    made = json.loads(page.evaluate("zg.download.geojsonText(zg.layers.roofs)"))
    back = gpd.GeoDataFrame.from_features(made, crs="EPSG:4326").to_crs(roofs.crs)
    assert back["id"].tolist() == roofs.index.tolist()
    assert back.geometry.hausdorff_distance(roofs.geometry.reset_index(drop=True)).max() < 0.2
    counties = json.loads(page.evaluate("zg.download.geojsonText(zg.layers.counties)"))
    area = gpd.GeoDataFrame.from_features(counties, crs="EPSG:4326").to_crs(roofs.crs)
    assert area.geometry.is_valid.all()
    assert area.area.sum() == pytest.approx(plan.layers.area.counties.area.sum(), rel=1e-3)


def test_rings_become_polygons_with_their_own_holes(opened: Opened) -> None:
    def ring(low: float, high: float) -> list[list[float]]:
        return [list(map(float, xy)) for xy in shapely.box(low, low, high, high).exterior.coords][
            :-1
        ]

    rings = [ring(3, 4), ring(0, 10), ring(2, 5), ring(20, 30), ring(21, 22)]
    parts = opened.page.evaluate("(rings) => zg.download.polygons(rings)", rings)
    made = shapely.MultiPolygon([(part[0], part[1:]) for part in parts])
    assert made.is_valid
    assert made.area == pytest.approx(1.0 + (100.0 - 9.0) + (100.0 - 1.0))


def test_search_finds_ids_names_counties_and_coordinates(opened: Opened, plan: Plan) -> None:
    page, roofs = opened.page, plan.pv.roofs
    target = roofs.index[123]
    page.keyboard.press("/")
    page.keyboard.type(target)
    page.wait_for_timeout(300)
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    assert page.evaluate("document.querySelector('.zg-card dd').textContent") == target
    centre = page.evaluate("[zg.map.getCenter().lng, zg.map.getCenter().lat]")
    truth = roofs.geometry.iloc[[123]].to_crs("EPSG:4326").iloc[0].centroid
    assert centre == pytest.approx([truth.x, truth.y], abs=0.01)
    assert "桓台县" in [
        item["text"]
        for item in page.evaluate("zg.search.matches('桓台').map((m) => ({text: m.text}))")
    ]
    for text, datum in (
        ("118.05, 36.81", ""),
        ("36.81 118.05", ""),
        ("N36.81°, E118.05°", ""),
        ("gcj-02 118.05,36.81", "gcj02"),
        ("高德 36.81，118.05", "gcj02"),
        ("GCJ02: 118.05 36.81", "gcj02"),
    ):
        found = page.evaluate("(text) => zg.search.position(text)", text)
        assert found == {"longitude": 118.05, "latitude": 36.81, "datum": datum}, text
    for text in ("370303-0001-0002", "桓台 3", "12", "400, 500"):
        assert page.evaluate("(text) => zg.search.position(text)", text) is None, text


def test_gcj02_in_the_page_is_the_one_of_the_library(opened: Opened) -> None:
    rng = np.random.default_rng(7)
    longitude, latitude = rng.uniform(73, 135, 200), rng.uniform(18, 53, 200)
    pairs = [[float(x), float(y)] for x, y in zip(longitude, latitude, strict=True)]
    run = opened.page.evaluate
    there = np.array(run("(pairs) => pairs.map((p) => zg.datum.toGcj02(p[0], p[1]))", pairs))
    np.testing.assert_allclose(
        there, np.column_stack(wgs84_to_gcj02(longitude, latitude)), atol=1e-9
    )
    back = np.array(run("(pairs) => pairs.map((p) => zg.datum.fromGcj02(p[0], p[1]))", pairs))
    np.testing.assert_allclose(
        back, np.column_stack(gcj02_to_wgs84(longitude, latitude)), atol=1e-9
    )
    assert run("zg.datum.toGcj02(2.35, 48.85)") == [2.35, 48.85]


def test_measured_areas_and_lengths_are_those_of_the_ground(opened: Opened, plan: Plan) -> None:
    page = opened.page
    ring = page.evaluate(
        "zg.layers.counties.shapes.paths(0)[0].map((p) => ({lng: p[0], lat: p[1]}))"
    )
    area = page.evaluate("(ring) => zg.measure.area(ring)", ring)
    assert area == pytest.approx(plan.layers.area.counties.area.iloc[0], rel=5e-3)
    page.locator(".zg-toolbar button").nth(2).click()
    for x in (600, 700):
        page.mouse.click(x, 400)
        page.wait_for_timeout(300)
    text = page.locator(".zg-measure").inner_text()
    metres = page.evaluate(
        "zg.map.distance(zg.map.containerPointToLatLng([600, 400]), zg.map.containerPointToLatLng([700, 400]))"
    )
    assert float(text.split(" ")[0]) == pytest.approx(metres / 1000, abs=0.006)
    page.keyboard.press("Escape")
    assert page.locator(".zg-measure").is_hidden()
    assert page.locator(".zg-card").is_hidden()


def test_a_link_brings_the_view_back_and_a_bad_one_does_no_harm(
    browser: object, page_file: Path
) -> None:
    first = open_file(browser, page_file)
    page = first.page
    page.locator(".zg-tabs [data-topic=base]").click()
    page.evaluate("zg.panel.choose('roof', 'height_m')")
    page.locator("[data-layer=parks]").uncheck()
    page.locator(".zg-language").click()
    page.evaluate("zg.map.setView([36.9, 118.1], 14, {animate: false})")
    page.wait_for_timeout(200)
    second = browser.new_page()  # type: ignore[attr-defined]
    second.goto(page.url)
    second.wait_for_selector("html[data-zg-ready='true']")
    state = "[zg.map.getZoom(), zg.panel.state.topic.key, zg.layers.state.roofMetric.key, zg.language(), location.hash]"
    assert second.evaluate(state) == page.evaluate(state)
    assert not second.locator("[data-layer=parks]").is_checked()
    bad = open_file(browser, page_file)
    bad.page.goto(
        page_file.as_uri()
        + "#z=abc&y=1e9&t=__proto__&c=<img src=x onerror=window.hurt=1>&l=%00.parks&g=7"
    )
    bad.page.reload()
    bad.page.wait_for_selector("html[data-zg-ready='true']")
    assert bad.page.evaluate("[window.hurt, zg.panel.state.topic.key]") == [None, "pv"]
    assert bad.complaints == []


def test_the_year_slider_hides_what_comes_later(opened: Opened) -> None:
    page = opened.page
    page.locator(".zg-tabs [data-topic=heat]").click()
    layer = "zg.layers.all.find((l) => l.key === 'substations')"
    years = page.evaluate(f"Array.from({layer}.columns.get('year').values)")
    page.locator(".zg-year").fill("2027")
    seen = page.evaluate(f"Array.from({{length: {layer}.count}}, (_, i) => {layer}.visible(i))")
    assert seen == [year <= 2027 for year in years]


def test_a_chooser_at_the_foot_shows_one_word_at_a_time(opened: Opened, plan: Plan) -> None:
    page = opened.page
    page.locator(".zg-tabs [data-topic=heat]").click()
    layer = "zg.layers.all.find((l) => l.key === 'heat_sources')"
    seen = f"Array.from({{length: {layer}.count}}, (_, i) => {layer}.visible(i))"
    status = plan.layers.heat_sources["status"].tolist()
    assert page.evaluate(seen) == [word == status[0] for word in status]
    other = next(word for word in status if word != status[0])
    page.locator("[data-layer=heat_sources]").uncheck()
    page.locator(".zg-foot select").select_option(other)
    assert page.evaluate(seen) == [word == other for word in status]
    assert page.locator("[data-layer=heat_sources]").is_checked()
    assert f"o.status={other}" in page.evaluate("zg.tools.address()")
    page.locator(".zg-tabs [data-topic=base]").click()
    assert page.locator(".zg-foot").is_hidden()


def test_counties_take_a_metric_of_any_topic(opened: Opened) -> None:
    page = opened.page
    page.locator(".zg-tabs [data-topic=base]").click()
    chooser = page.locator(".zg-body select[aria-label=区县]").first
    assert chooser.input_value() == ""
    chooser.select_option("capacity_mw")
    assert page.evaluate("zg.layers.state.countyMetric.key") == "capacity_mw"
    groups = page.locator(".zg-body select[aria-label=区县] optgroup").evaluate_all(
        "(all) => all.map((group) => group.label)"
    )
    assert groups[:2] == ["光伏", "供热"]
    assert page.locator(".zg-table tbody tr").first.inner_text().startswith("临淄区")


def test_every_layer_says_where_it_comes_from(opened: Opened) -> None:
    page = opened.page
    page.locator(".zg-tabs [data-topic=heat]").click()
    made = page.locator(".zg-source", has=page.locator("[aria-label='来源 热源与电厂']"))
    made.locator("summary").press("Enter")
    assert "CC BY 4.0" in made.inner_text()
    page.locator(".zg-language").click()
    assert "CC BY 4.0" in page.locator(".zg-source[open]").inner_text()


def test_a_line_is_found_by_a_click_and_says_why_as_text(opened: Opened) -> None:
    page = opened.page
    page.locator(".zg-tabs [data-topic=heat]").click()
    page.evaluate(
        "(() => { const l = zg.layers.all.find((o) => o.key === 'substations'), p = l.shapes.paths(5)[0];"
        " window.spot = L.latLng((p[0][1] + p[1][1]) / 2, (p[0][0] + p[1][0]) / 2);"
        " zg.map.setView(window.spot, 18, {animate: false}); })()"
    )
    page.evaluate("zg.stack.settled()")
    x, y = page.evaluate(
        "(() => { const p = zg.map.latLngToContainerPoint(window.spot); return [p.x, p.y]; })()"
    )
    page.mouse.click(x + 2, y)
    assert page.locator(".zg-card h2").inner_text() == "pipe-5"
    assert page.locator(".zg-why").inner_text() == "因为 <b>close</b>"


def test_it_prints_one_a3_sheet_with_title_legend_and_banner(opened: Opened) -> None:
    page = opened.page
    # The browser's own command leaves no time: what is on the sheet is painted before the event ends.
    page.evaluate("zg.map.setView([36.8, 118.05], 14, {animate: false})")
    unpainted = page.evaluate(
        "window.dispatchEvent(new Event('beforeprint')),"
        " Object.values(zg.stack.sheet()._tiles).filter((t) => t.current && t.el.asked).length"
    )
    assert unpainted == 0
    page.evaluate("zg.map.setView([36.8, 118.05], 10, {animate: false})")
    said = page.locator(".zg-name", has_text="临淄区").inner_text()
    assert re.fullmatch(r"临淄区\s+[\d.]+ MW", said)
    page.evaluate("zg.map.setView([36.8, 118.05], 14, {animate: false})")
    assert page.evaluate("Object.keys(zg.stack.sheet()._tiles).length") >= 12
    pdf = page.pdf(prefer_css_page_size=True)
    assert pdf.count(b"/Type /Page\n") == 1
    assert b"/MediaBox [0 0 1191" in pdf  # A3 landscape in points
    page.emulate_media(media="print")
    page.evaluate("zg.printing.prepare()")  # the end of printing has put the screen back
    for shown in (
        ".zg-sheet",
        ".zg-legend",
        ".zg-north",
        ".zg-banner",
        ".zg-sources",
        ".leaflet-control-scale",
    ):
        assert page.locator(shown).first.is_visible(), shown
    for hidden in (".zg-panel", ".zg-toolbar"):
        assert page.locator(hidden).is_hidden(), hidden
    page.evaluate("zg.printing.restore()")
    page.emulate_media(media="screen")
    assert page.locator(".zg-panel").is_visible()


def test_a_county_row_opens_by_keyboard_and_its_card_names_every_topic(opened: Opened) -> None:
    page = opened.page
    page.locator(".zg-table tbody tr").first.focus()
    page.keyboard.press("Enter")
    card = page.locator(".zg-card").inner_text()
    assert "可装容量" in card
    assert "屋顶面积" in card
