"""Briefs, pictures and files of a small plan: true to its frames, safe against its names, written whole."""

import io
import logging
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from report_plans import HOSTILE, plan_of_few_roofs, plan_with_hostile_names, plan_without_roofs

from layers.errors import CaseError
from siting.tables import SITING_CHARGING, SITING_HUBS
from zibo_geo.plan import Plan
from zibo_geo.report import write_reports
from zibo_geo.report import writing as writing_room
from zibo_geo.report.blocks import Document, Grid, Notice, Pictures
from zibo_geo.report.brief import make_brief
from zibo_geo.report.chart import Chart, Series, chart_scene, round_ticks
from zibo_geo.report.page import html_page
from zibo_geo.report.pictures import picture_scene
from zibo_geo.report.png import chinese_font, png
from zibo_geo.report.pv_facts import pv_facts
from zibo_geo.report.scene import Area, Dots, Label, Line
from zibo_geo.report.siting_chapter import siting_chapter
from zibo_geo.report.static_map import Entry, MapLayer, StaticMap, map_scene
from zibo_geo.report.svg import svg
from zibo_geo.report.words import Wording, load_wording

CRS = "EPSG:4548"


@pytest.fixture(scope="module")
def wording() -> Wording:
    return load_wording()


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_of_few_roofs()


# ---------------------------------------------------------------- facts and briefs


def test_facts_of_the_counties_sum_to_those_of_the_whole(plan: Plan) -> None:
    assert plan.pv is not None
    whole = pv_facts(plan.pv)
    parts = [pv_facts(plan.pv, str(key)) for key in plan.layers.area.counties.index]
    for name in ("buildings", "fitted", "chosen_roofs"):
        assert sum(getattr(part, name) for part in parts) == getattr(whole, name), name
    for name in (
        "capacity_mw",
        "yield_gwh",
        "chosen_mw",
        "chosen_capex_cny",
        "refused_mw",
        "need_mw",
    ):
        assert sum(getattr(part, name) for part in parts) == pytest.approx(getattr(whole, name))
    assert whole.buildings == len(plan.pv.roofs)
    curve = plan.pv.supply_curve
    chosen = curve[curve["chosen"]]
    mean = (chosen["lcoe_cny_kwh"] * chosen["new_kwh"]).sum() / chosen["new_kwh"].sum()
    assert whole.lcoe_mean_cny_kwh == pytest.approx(mean)
    assert sum(roofs for roofs, _ in whole.reasons.values()) == len(curve)


def test_a_county_s_kinds_reach_what_its_ledger_says(plan: Plan) -> None:
    assert plan.pv is not None
    ledger = plan.pv.ledger.loc["370303/industrial_commercial"]
    kinds = {kind.kind: kind for kind in pv_facts(plan.pv, "370303").kinds}
    kind = kinds["industrial_commercial"]
    assert kind.required_share == pytest.approx(0.3)
    assert kind.reached_share == pytest.approx(ledger["quota_m2"] / ledger["roof_m2"])
    assert kind.met == ledger["quota_met"]


def test_the_brief_says_what_is_synthetic_and_a_sample(plan: Plan, wording: Wording) -> None:
    said = [b.words for b in make_brief(plan, wording).blocks if isinstance(b, Notice)]
    assert any("合成数据" in zh and "Synthetic data" in en for zh, en in said)
    assert any("抽样" in zh and "sample" in en for zh, en in said)


def test_first_roofs_stand_in_order_with_their_answer(plan: Plan, wording: Wording) -> None:
    assert plan.pv is not None
    grids = [b for b in make_brief(plan, wording, county="370305").blocks if isinstance(b, Grid)]
    first = next(g for g in grids if g.title[1] == "Which roofs first")
    curve = plan.pv.supply_curve
    own = curve[(curve["county"] == "370305") & curve["chosen"]].sort_values("county_rank")
    assert [row[1][1] for row in first.rows] == list(own.index[: len(first.rows)])
    assert [row[4][0] for row in first.rows] == [
        f"{cost:.3f}" for cost in own["lcoe_cny_kwh"].iloc[: len(first.rows)]
    ]
    assert all(row[-1][1].startswith("chosen") for row in first.rows)


def test_an_area_without_roofs_has_a_brief(plan: Plan, wording: Wording) -> None:
    empty = plan_without_roofs(plan)
    for county in (None, "370303"):
        page = html_page(make_brief(empty, wording, county=county), 1)
        assert "No buildings were read here" in page
        assert not re.search(r"\bnan\b", page)


def test_sites_are_shown_with_their_reason_in_both_languages(plan: Plan, wording: Wording) -> None:
    sites = _row(SITING_CHARGING, kind="car_park", county="370303", year=2027, points=12, swap=False,
                 existing=False, wait_min=3.25, why="It serves most.", why_zh="服务最多。")  # fmt: skip
    hubs = _row(SITING_HUBS, kind="petrol_station", county="370303", chosen=False, existing=True,
                legal_services="petrol+charging", refused_services="hydrogen",
                binding_rule="school c12 at 18 m of 25 m", binding_rule_zh="距学校 c12 18 m，要求 25 m")  # fmt: skip
    frames = {"siting_charging": sites, "siting_hubs": hubs}
    blocks = siting_chapter(plan, frames, wording, county="370303")
    grids = {block.title[1]: block for block in blocks if isinstance(block, Grid)}
    row = grids["Which charging sites first, and why there"].rows[0]
    assert row[-1] == ("服务最多。", "It serves most.")
    assert row[3][1] == "3.2"
    blocked = grids["Candidates that are blocked, and by what"].rows[0]
    assert blocked[2] == ("加氢", "hydrogen")
    assert blocked[3] == ("距学校 c12 18 m，要求 25 m", "school c12 at 18 m of 25 m")
    other = siting_chapter(plan, frames, wording, county="370305")
    assert not [block for block in other if isinstance(block, Grid)]


def _row(table: object, **values: object) -> gpd.GeoDataFrame:
    filled: dict[str, object] = {}
    for held in table.columns:  # type: ignore[attr-defined]
        usual: object = 0 if held.kind in {"number", "integer"} else held.kind != "flag" and "x"
        filled[held.name] = None if held.nullable else usual
    frame = gpd.GeoDataFrame(
        [{**filled, **values}], index=pd.Index(["s1"], name="site_id"),
        geometry=[shapely.Point(600_000.0, 4_075_000.0)], crs=CRS,
    )  # fmt: skip
    return table.validate(frame, where="the test's sites")  # type: ignore[attr-defined,no-any-return]


# ---------------------------------------------------------------- charts and maps


@given(
    low=st.floats(-1e6, 1e6),
    span=st.floats(1e-3, 1e9),
    about=st.integers(2, 9),
)
def test_ticks_cover_the_range_in_equal_round_steps(low: float, span: float, about: int) -> None:
    ticks = round_ticks(low, low + span, about)
    steps = np.diff(ticks)
    slack = 1e-6 * span
    assert ticks[0] <= low + slack
    assert ticks[-1] >= low + span - slack
    assert steps == pytest.approx(steps[0], rel=1e-6)
    assert 2 <= len(ticks) <= about + 2


def test_bars_are_as_tall_as_their_values() -> None:
    chart = Chart(
        key="k", title=("题", "Title"), kind="bars", labels=(("甲", "A"), ("乙", "B")),
        series=(Series(label=("值", "value"), y=(2.0, 6.0)),),
    )  # fmt: skip
    scene = chart_scene(chart, 1)
    bars = [shape for shape in scene.shapes if isinstance(shape, Area)]
    heights = [float(np.ptp(bar.rings[0][:, 1])) for bar in bars]
    assert heights[1] / heights[0] == pytest.approx(3.0)
    feet = [bar.rings[0][:, 1].max() for bar in bars]
    assert feet[0] == pytest.approx(feet[1])
    assert {s.text for s in scene.shapes if isinstance(s, Label)} >= {"Title", "A", "B", "0", "6"}


def test_steps_hold_each_value_from_the_position_before() -> None:
    chart = Chart(
        key="k", title=("题", "t"), kind="steps", target=3.0, target_label=("标", "aim"),
        series=(Series(label=("值", "v"), x=(10.0, 30.0), y=(1.0, 4.0)),),
    )  # fmt: skip
    scene = chart_scene(chart, 0)
    line = next(s for s in scene.shapes if isinstance(s, Line) and len(s.parts[0]) == 4)
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = line.parts[0]
    assert x1 == x2
    assert (x1 - x0) / (x3 - x2) == pytest.approx(0.5)
    assert y0 == y1
    assert y2 == y3
    assert y2 < y0
    dashed = [s for s in scene.shapes if isinstance(s, Line) and s.dashed]
    assert dashed[0].parts[0][0, 1] == pytest.approx(y0 + (y2 - y0) * 2.0 / 3.0)


@pytest.mark.parametrize("values", [(), (float("nan"), float("inf"))])
def test_a_chart_without_numbers_says_so(values: tuple[float, ...]) -> None:
    chart = Chart(
        key="k", title=("题", "t"), kind="lines",
        series=(Series(label=("值", "v"), x=values, y=values),),
    )  # fmt: skip
    texts = [s.text for s in chart_scene(chart, 0).shapes if isinstance(s, Label)]
    assert "没有数据" in texts


def test_a_map_is_north_up_to_scale_and_leaves_holes_open() -> None:
    square = shapely.box(500_000.0, 4_000_000.0, 520_000.0, 4_020_000.0)
    ring = square.difference(shapely.box(505_000.0, 4_005_000.0, 515_000.0, 4_015_000.0))
    region = gpd.GeoDataFrame(geometry=[ring], crs=CRS)
    corner = np.array(
        [shapely.Point(500_000.0, 4_020_000.0), shapely.Point(520_000.0, 4_000_000.0)]
    )
    drawn = StaticMap(
        key="m", title=("图", "Map"), region=region,
        layers=(
            MapLayer(entries=(Entry(colour="#eeeeee", words=("面", "area"), shapes=np.array([ring])),)),
            MapLayer(entries=(Entry(colour="#ff0000", shapes=corner),)),
        ),
    )  # fmt: skip
    scene = map_scene(drawn, 1)
    dots = next(s for s in scene.shapes if isinstance(s, Dots))
    (west, top), (east, foot) = dots.places[np.argsort(dots.places[:, 0])]
    assert west < east
    assert top < foot
    assert east - west == pytest.approx(foot - top, abs=1.0)
    area = next(s for s in scene.shapes if isinstance(s, Area))
    assert len(area.rings) == 2
    turns = [np.sign(shapely.LinearRing(r).is_ccw - 0.5) for r in area.rings]
    assert turns[0] == -turns[1]  # so that the hole is open by either filling rule
    bar = next(s for s in scene.shapes if isinstance(s, Line) and len(s.parts[0]) == 4)
    words = [s.text for s in scene.shapes if isinstance(s, Label)]
    kilometres = float(next(text for text in words if text.endswith(" km")).split()[0])
    long = float(np.ptp(bar.parts[0][:, 0]))
    assert long / kilometres == pytest.approx((east - west) / 20.0, rel=0.01)
    assert "area" in words


def test_svg_is_xml_whatever_the_words() -> None:
    for name in HOSTILE:
        chart = Chart(
            key="k", title=(name, name), kind="bars", labels=((name, name),),
            series=(Series(label=(name, name), y=(1.0,)),),
        )  # fmt: skip
        root = ET.fromstring(svg(chart_scene(chart, 0)))  # noqa: S314 - our own text
        tags = {element.tag.split("}")[-1] for element in root.iter()}
        assert tags <= {"svg", "title", "path", "text"}


@pytest.mark.parametrize("language", [0, 1])
def test_a_png_is_painted_with_every_dot(plan: Plan, wording: Wording, language: int) -> None:
    pytest.importorskip("matplotlib")
    from PIL import Image

    brief = make_brief(plan, wording, county="370303")
    pictures = next(b for b in brief.blocks if isinstance(b, Pictures))
    scene = picture_scene(pictures.drawn[0], language)
    with Image.open(io.BytesIO(png(scene, family=chinese_font()))) as image:
        assert image.size == pytest.approx((2 * scene.width, 2 * scene.height), abs=2)
        dots = [shape for shape in scene.shapes if isinstance(shape, Dots)][-1]  # on top of all
        spots = (2.0 * dots.places).round().astype(int).tolist()
        painted = [image.convert("RGB").getpixel((x, y)) for x, y in spots]
    wanted = tuple(int(dots.colour[place : place + 2], 16) for place in (1, 3, 5))
    assert np.abs(np.array(painted) - wanted).max() <= 40  # they are not quite opaque


# ---------------------------------------------------------------- pages and files


class _Tags(HTMLParser):
    """Collects elements and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_hostile_names_stay_text_on_the_page(plan: Plan, wording: Wording) -> None:
    hostile = plan_with_hostile_names(plan)
    for county in (None, "370303"):
        page = html_page(make_brief(hostile, wording, county=county), 0)
        seen = _Tags()
        seen.feed(page)
        assert not seen.tags & {"script", "img", "iframe", "object", "link", "form"}
        assert not {name for name in seen.attributes if name.startswith("on")}
        assert "default-src 'none'" in page
        assert "\u202e" not in page
        assert "\x00" not in page
    assert any(HOSTILE[5] in text for text in seen.text)


def test_files_are_written_whole_and_linked(plan: Plan, tmp_path: Path) -> None:
    written = write_reports(plan, tmp_path, kinds=("workbook", "page", "county_pages"))
    names = {path.relative_to(tmp_path).as_posix() for path in written}
    assert {"report.xlsx", "report.html", "report.en.html", "briefs/370321.html"} <= names
    assert len(names) == len(written) == 1 + 2 * 9
    assert {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()} == names
    for path in written:
        if path.suffix != ".html":
            continue
        for target in re.findall(r'href="([^"]+)"', path.read_text(encoding="utf-8")):
            assert (path.parent / target).resolve() in {p.resolve() for p in written}, target


def test_languages_and_kinds_are_chosen(plan: Plan, tmp_path: Path) -> None:
    written = write_reports(plan, tmp_path, languages=("en",), kinds=("page",))
    assert [path.name for path in written] == ["report.en.html"]
    assert 'lang="en"' in written[0].read_text(encoding="utf-8")
    with pytest.raises(CaseError, match="language 'fr' is unknown; known are en, zh"):
        write_reports(plan, tmp_path, languages=("fr",))  # type: ignore[arg-type]
    with pytest.raises(CaseError, match="did you mean page"):
        write_reports(plan, tmp_path, kinds=("pages",))  # type: ignore[arg-type]


def test_keys_of_counties_never_lead_out_of_the_folder(plan: Plan, tmp_path: Path) -> None:
    counties = plan.layers.area.counties.iloc[:4].copy()
    counties.index = pd.Index(["../../up", "..\\..\\up", "a/b", "县 1"], name="county")
    area = _replaced(plan.layers.area, counties=counties)
    moved = _replaced(plan, layers=_replaced(plan.layers, area=area), pv=None)
    root = tmp_path / "out"
    written = write_reports(moved, root, languages=("zh",), kinds=("county_pages",))
    assert len(written) == len(set(written)) == 4
    assert all(path.parent == root / "briefs" for path in written)
    assert not list(tmp_path.glob("*up*"))


def _replaced(thing: object, **changes: object) -> object:
    from dataclasses import replace

    return replace(thing, **changes)  # type: ignore[type-var]


def test_without_the_extra_libraries_the_rest_is_written_and_said(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(writing_room, "has_matplotlib", lambda: False)
    with caplog.at_level(logging.WARNING):
        written = write_reports(plan, tmp_path, kinds=("page", "docx", "figures"))
    assert {path.suffix for path in written} == {".html"}
    assert "matplotlib is missing" in caplog.text
    assert "zibo-geo[reports]" in caplog.text


def test_without_a_chinese_font_pictures_speak_english_and_it_is_said(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(writing_room, "chinese_font", lambda: None)
    painted: list[str] = []
    monkeypatch.setattr(
        writing_room,
        "png",
        lambda scene, **_: painted.append(scene.title) or b"png",
    )
    with caplog.at_level(logging.WARNING):
        write_reports(plan, tmp_path, languages=("zh",), kinds=("figures",))
    assert "No font with Chinese letters" in caplog.text
    assert painted
    assert not [title for title in painted if re.search(r"[\u4e00-\u9fff]", title)]


def test_the_word_file_holds_the_same_tables_and_pictures(
    plan: Plan, wording: Wording, tmp_path: Path
) -> None:
    docx = pytest.importorskip("docx")
    pytest.importorskip("matplotlib")
    from zibo_geo.report.word_file import write_docx

    brief = make_brief(plan_with_hostile_names(plan), wording, county="370303")
    drawn = [d for block in brief.blocks if isinstance(block, Pictures) for d in block.drawn]
    painted = {d.key: png(picture_scene(d, 1), family=chinese_font()) for d in drawn}
    path = write_docx(brief, tmp_path / "brief.docx", 1, painted=painted)
    file = docx.Document(str(path))
    grids = [block for block in brief.blocks if isinstance(block, Grid)]
    assert len(file.tables) == len(grids)
    for table, grid in zip(file.tables, grids, strict=True):
        assert [cell.text for cell in table.rows[0].cells] == [words[1] for words in grid.head]
        assert len(table.rows) == 1 + len(grid.rows)
    with zipfile.ZipFile(path) as archive:
        pictures = [name for name in archive.namelist() if name.startswith("word/media/")]
    assert len(pictures) == len(drawn)
    assert list(tmp_path.iterdir()) == [path]


def test_a_document_without_blocks_is_a_page() -> None:
    page = html_page(Document(county=None, title=("题", "T"), subtitle=("", "")), 0)
    assert "<h1>题</h1>" in page
