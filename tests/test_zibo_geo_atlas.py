"""The map in a real browser: offline, right numbers, two languages, and hostile data runs nothing."""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from browser import Opened, chromium, open_file
from hypothesis import given
from hypothesis import strategies as st

from layers.area import StudyArea
from layers.demo import embedded_zibo
from layers.errors import CaseError
from layers.layer_set import LayerSet
from layers.schema import Table
from layers.tables import (
    BUILDING_USES,
    CONFIDENCES_OF_SITES,
    HEAT_SOURCE_KINDS,
    HEAT_SOURCES,
    PARKS,
    STATION_KINDS,
)
from rooftop_pv.connections import PV_CONNECTIONS
from rooftop_pv.county import PV_LEDGER
from rooftop_pv.supply_curve import PV_SUPPLY_CURVE
from zibo_geo.atlas import build_map
from zibo_geo.atlas.assets import THIRD_PARTY, comparison_parts, own_script, third_party_head
from zibo_geo.atlas.encoding import encode_shapes, geometry_kind
from zibo_geo.atlas.page import json_in_markup
from zibo_geo.atlas.payload import map_payload
from zibo_geo.atlas.topics import Figure, Overlay, Topic
from zibo_geo.atlas.words import load_words
from zibo_geo.case import load_case
from zibo_geo.plan import Plan
from zibo_geo.pv_workflow import plan_rooftop_pv

ROOT = Path(__file__).resolve().parents[1]
HOSTILE = (
    "<img src=x onerror=window.hurt=1>",
    "</script><script>window.hurt=2</script>",
    "javascript:window.hurt=3",
    "{{ 7*7 }} {% raw %} {# x #} ${window.hurt=4}",
    "\u202egnp.exe \u2028\u2029 &lt;b&gt; ' \" `",
    "长" * 3000,
)


@pytest.fixture(scope="module")
def layers() -> LayerSet:
    """A thousand roofs of the embedded Zibo, the first ones with hostile names."""
    whole = embedded_zibo("sample")
    buildings = whole.buildings[whole.buildings["county"] == "370303"].iloc[:1000].copy()
    names = buildings["name"].astype("object")
    names.iloc[: len(HOSTILE)] = HOSTILE
    stations = whole.stations.copy()
    stations["name"] = [HOSTILE[number % len(HOSTILE)] for number in range(len(stations))]
    return dataclasses.replace(
        whole,
        buildings=buildings.assign(name=names.astype("str")),
        stations=stations,
        attributions=(*whole.attributions, HOSTILE[1]),
    )


@pytest.fixture(scope="module")
def plan(layers: LayerSet) -> Plan:
    case = dataclasses.replace(load_case(), title="淄博" + HOSTILE[0])
    return Plan(case=case, layers=layers, pv=plan_rooftop_pv(layers, case))


@pytest.fixture(scope="module")
def page_file(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("atlas") / "index.html"
    path.write_text(build_map(plan).get_root().render(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def opened(page_file: Path) -> Iterator[Opened]:
    with chromium() as browser:
        yield open_file(browser, page_file)


def _offline() -> bool:
    return not third_party_head()[1]


@pytest.mark.browser
def test_it_opens_without_any_request_or_complaint(opened: Opened) -> None:
    if not _offline():
        pytest.skip("the vendored libraries are missing: install Node.js and run make")
    assert opened.requests == []
    assert opened.complaints == []


@pytest.mark.browser
def test_hostile_names_run_nothing_and_are_shown_as_text(opened: Opened) -> None:
    page = opened.page
    assert page.evaluate("window.hurt") is None
    assert page.evaluate("document.querySelectorAll('img[src=x]').length") == 0
    assert page.locator(".zg-head h1").inner_text() == "淄博" + HOSTILE[0]
    for number in range(len(HOSTILE)):
        page.evaluate(f"zg.card.roof({number})")
        shown = page.evaluate("document.querySelector('.zg-card h2').textContent")
        assert shown == HOSTILE[number]
    assert page.evaluate("window.hurt") is None
    assert page.evaluate("zg.data.roofs.name[3]") == HOSTILE[3]
    page.keyboard.press("Escape")


@pytest.mark.browser
def test_a_click_on_a_roof_gives_that_roofs_numbers(opened: Opened, plan: Plan) -> None:
    page = opened.page
    roofs = plan.pv.roofs
    big = roofs["roof_m2"].to_numpy().argsort()[-5:]
    for number in big:
        inside = gpd.GeoSeries([roofs.geometry.iloc[number].representative_point()], crs=roofs.crs)
        point = inside.to_crs("EPSG:4326").iloc[0]
        page.evaluate(f"zg.map.setView([{point.y}, {point.x}], 18, {{animate: false}})")
        page.wait_for_timeout(150)
        box = page.evaluate(
            f"(() => {{ const p = zg.map.latLngToContainerPoint([{point.y}, {point.x}]);"
            " return [p.x, p.y]; })()"
        )
        page.mouse.click(box[0], box[1])
        page.wait_for_selector(".zg-card:not([hidden])")
        card = page.evaluate(
            "Object.fromEntries([...document.querySelectorAll('.zg-card dt')]"
            ".map((dt) => [dt.textContent, dt.nextSibling.textContent]))"
        )
        row = roofs.iloc[number]
        assert card["建筑编号"] == roofs.index[number]
        kwh = float(card["年发电量"].replace(",", "").split()[0])
        assert kwh == pytest.approx(row["yield_kwh"], abs=1.0)
        kwp = float(card["装机容量"].replace(",", "").split()[0])
        assert kwp == pytest.approx(row["capacity_kwp"], rel=0.01)
        page.keyboard.press("Escape")


@pytest.mark.browser
def test_the_language_changes_every_word_and_the_banner_speaks_both(opened: Opened) -> None:
    page = opened.page
    assert "合成数据" in page.locator(".zg-banner").inner_text()
    assert "Synthetic data" in page.locator(".zg-banner").inner_text()
    page.locator(".zg-language").click()
    panel = page.locator(".zg-body").inner_text()
    words = load_words()
    for key in ("counties", "roofs", "layers", "metric_county_capacity_mw"):
        assert words[key][1] in panel
        assert words[key][0] not in panel
    page.locator(".zg-language").click()
    assert words["layers"][0] in page.locator(".zg-body").inner_text()


@pytest.mark.browser
def test_the_metric_chooser_recolours_and_the_table_follows(opened: Opened, plan: Plan) -> None:
    page = opened.page
    page.locator(".zg-body select").first.select_option("yield_gwh")
    first = page.locator(".zg-table tbody tr").first.inner_text()
    assert "张店区" in first
    assert "GWh" in first
    total = page.locator(".zg-table tfoot").inner_text()
    number = float(re.search(r"([\d,.]+) GWh", total).group(1).replace(",", ""))  # type: ignore[union-attr]
    assert number == pytest.approx(plan.pv.counties["yield_gwh"].sum(), rel=0.01)


def test_the_words_cover_every_key_the_scripts_use() -> None:
    words = load_words()
    script = own_script()
    used = set(re.findall(r"""\bt\("([a-z_0-9]+)"\)""", script))
    used |= {
        key
        for pair in re.findall(r"""\bt\([^()"]+\? "(\w+)" : "(\w+)"\)""", script)
        for key in pair
    }
    assert {"county", "field_id", "expand"} <= used
    assert used <= set(words)


def test_every_word_is_used_or_belongs_to_a_vocabulary(plan: Plan) -> None:
    script, payload = (
        own_script() + comparison_parts()[0],
        json_in_markup({**map_payload(plan), "words": {}}),
    )
    families = (
        *("topic", "metric_county", "metric_roof", "layer", "field", "chart", "series", "axis"),
        *("figure", "use", "height_source", "kind", "status", "level", "confidence", "source"),
        *("street_class", "answer", "hosting", "colour", "grid_answer", "pilot_kind", "table"),
    )
    words = load_words()
    for key in words:
        named = f'"{key}"' in script or f'"{key}"' in payload or f"words.{key}" in script
        # A word of a column that some topic shows, as in `role_main` beside `field_role`.
        parts = key.split("_")
        columns = ("_".join(parts[:k]) for k in range(1, len(parts)))
        shown = any(f"field_{column}" in words for column in columns)
        assert named or shown or key.startswith(tuple(f"{family}_" for family in families)), key


def _words_of(table: Table, name: str) -> tuple[str, ...]:
    return next(column.allowed for column in table.columns if column.name == name)


def test_every_word_of_the_shown_columns_is_translated() -> None:
    words = load_words()
    allowed = {
        "use": BUILDING_USES,
        "kind": (*STATION_KINDS, *HEAT_SOURCE_KINDS),
        "confidence": CONFIDENCES_OF_SITES,
        "answer": _words_of(PV_SUPPLY_CURVE, "reason"),
        "grid_answer": _words_of(PV_CONNECTIONS, "reason"),
        "hosting": _words_of(PV_CONNECTIONS, "colour"),
        "colour": _words_of(PV_CONNECTIONS, "colour"),
        "pilot_kind": _words_of(PV_LEDGER, "pilot_kind"),
    }
    for table, column in ((HEAT_SOURCES, "status"), (PARKS, "kind"), (PARKS, "level")):
        allowed[column] = next(item.allowed for item in table.columns if item.name == column)
        assert {f"{column}_{word}" for word in allowed[column]} <= set(words)
    for column, values in allowed.items():
        assert {f"{column}_{value}" for value in values} <= set(words)


def test_every_metric_and_field_has_a_value_for_every_row(plan: Plan) -> None:
    payload = map_payload(plan)
    for topic in payload["topics"]:
        for metric in topic["county_metrics"]:
            assert all(metric["key"] in county["values"] for county in payload["counties"])
        for metric in topic["roof_metrics"]:
            packed = payload["roofs"]["columns"][metric["key"]]
            held = packed["at"] if isinstance(packed, dict) else packed
            assert len(held) == len(plan.pv.roofs)
    for overlay in payload["overlays"]:
        for column, _ in overlay["fields"]:
            packed = overlay["columns"][column]
            assert len(packed["at"] if isinstance(packed, dict) else packed) == len(overlay["id"])


def test_a_topic_with_an_unknown_word_is_refused_with_the_cure(plan: Plan) -> None:
    topic = Topic(key="pv", figures=(Figure(label="figure_no_such", value=1.0),))
    with pytest.raises(CaseError, match=r"words\.csv of the map lacks figure_no_such"):
        map_payload(plan, [topic])
    twice = Topic(key="heat", overlays=(Overlay(key="parks", frame=plan.layers.parks),) * 2)
    with pytest.raises(CaseError, match="'parks'"):
        map_payload(plan, [twice])


def decoded(packed: list[list[int]], origin: list[float]) -> list[list[np.ndarray]]:
    """Undo the packing, as the page does."""
    steps, lengths, parts = (np.array(values) for values in packed)
    ends = np.cumsum(lengths)
    paths = [
        np.array(origin) + np.cumsum(steps.reshape(-1, 2)[end - long : end], axis=0) * 1e-6
        for end, long in zip(ends, lengths, strict=True)
    ]
    stops = np.cumsum(parts)
    return [paths[stop - some : stop] for stop, some in zip(stops, parts, strict=True)]


def test_rings_come_back_to_a_decimetre(plan: Plan) -> None:
    payload = map_payload(plan)
    truth = plan.pv.roofs.geometry.to_crs("EPSG:4326")
    shapes = decoded(payload["roofs"]["shapes"], payload["origin"])
    assert len(shapes) == len(truth)
    for number in (0, 17, 400, 999):
        back = shapely.Polygon(shapes[number][0], shapes[number][1:])
        assert back.hausdorff_distance(truth.iloc[number]) < 2e-6


@given(
    kind=st.sampled_from(["point", "line", "polygon"]),
    count=st.integers(1, 6),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_shapes_come_back(kind: str, count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    centres = rng.uniform((117.5, 36.0), (118.5, 37.0), size=(count, 2))
    shapes = []
    for centre in centres:
        box = shapely.box(*(centre - 0.01), *(centre + 0.01))
        holed = box.difference(shapely.box(*(centre - 0.004), *(centre + 0.003)))
        apart = shapely.box(*(centre + 0.02), *(centre + 0.03))
        line = shapely.LineString(centre + rng.normal(0, 0.01, size=(4, 2)))
        both = shapely.MultiLineString([line, shapely.LineString([centre, centre + 0.05])])
        choices = {
            "point": [shapely.Point(centre)],
            "line": [line, both],
            "polygon": [box, holed, shapely.union_all([holed, apart])],
        }[kind]
        shapes.append(choices[rng.integers(len(choices))])
    series = gpd.GeoSeries(shapes, crs="EPSG:4326")
    assert geometry_kind(gpd.GeoDataFrame(geometry=series)) == kind
    back = decoded(list(encode_shapes(series, origin=(117.0, 36.0))), [117.0, 36.0])
    for shape, paths in zip(shapes, back, strict=True):
        wanted = shapely.get_coordinates(shape)
        found = np.concatenate(paths)
        assert (
            np.abs(
                wanted
                - found[shapely.STRtree(shapely.points(found)).nearest(shapely.points(wanted))]
            ).max()
            < 1e-6
        )
        assert len(paths) == (
            sum(1 + len(part.interiors) for part in shapely.get_parts(shape))
            if kind == "polygon"
            else len(shapely.get_parts(shape))
        )


def test_json_cannot_leave_its_element() -> None:
    for text in HOSTILE:
        assert "<" not in json_in_markup({"name": text})


def test_third_party_files_are_listed_with_their_licences() -> None:
    page = (ROOT / "docs" / "third-party.md").read_text(encoding="utf-8")
    for item in THIRD_PARTY:
        assert f"| {item.package} | {item.version} | {item.licence} |" in page


def test_a_place_without_roofs_still_makes_a_page(layers: LayerSet) -> None:
    empty = dataclasses.replace(layers, buildings=layers.buildings.iloc[:0])
    case = load_case()
    made = build_map(Plan(case=case, layers=empty, pv=plan_rooftop_pv(empty, case)))
    assert "zg-data" in made.get_root().render()
    assert isinstance(layers.area, StudyArea)
    assert isinstance(layers.account, pd.DataFrame)
