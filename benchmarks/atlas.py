"""How the map behaves with many roofs: built, opened from file:// in headless Chromium, panned, clicked.

    python benchmarks/atlas.py                        a million roofs beside plain folium at 20,000
    python benchmarks/atlas.py --roofs 50000 --folium 0

The roofs are the embedded sample's, laid over the city again and again with a shift.
"""

import argparse
import dataclasses
import os
import re
import resource
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd

from layers.demo import embedded_zibo
from zibo_geo.atlas.assets import third_party_head
from zibo_geo.atlas.folder import write_atlas
from zibo_geo.case import load_case
from zibo_geo.plan import Plan
from zibo_geo.pv_workflow import plan_rooftop_pv

SHIFT_M = 487.0
VIEW = (36.82, 118.02)


def plan_of(count: int) -> Plan:
    layers = embedded_zibo("sample")
    case = load_case()
    pv = plan_rooftop_pv(layers, case)
    copies = []
    for number in range(-(-count // len(pv.roofs))):
        east, north = (number % 5 - 2) * SHIFT_M, (number // 5 - 2) * SHIFT_M
        moved = pv.roofs.set_geometry(pv.roofs.geometry.translate(east, north))
        copies.append(moved.set_axis([f"{key}-{number}" for key in moved.index]))
    roofs = gpd.GeoDataFrame(pd.concat(copies), crs=pv.roofs.crs).iloc[:count]
    return Plan(case=case, layers=layers, pv=dataclasses.replace(pv, roofs=roofs))


def opened(browser: Any, page_file: Path) -> tuple[Any, float]:
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    start = time.perf_counter()
    page.goto(page_file.resolve().as_uri())
    until(page, "document.documentElement.dataset.zgReady === 'true'")
    return page, time.perf_counter() - start


def until(page: Any, expression: str) -> None:
    while not page.evaluate(expression):
        page.wait_for_timeout(5)


def pan(page: Any, zoom: int) -> tuple[float, float]:
    """Return the median and the 95th percentile of the time between frames while panning [ms]."""
    page.evaluate(f"zg.map.setView([{VIEW[0]}, {VIEW[1]}], {zoom}, {{animate: false}})")
    page.wait_for_timeout(2500)
    gaps = page.evaluate(
        """() => new Promise((resolve) => {
          const gaps = []; let before = performance.now();
          function step(now) {
            gaps.push(now - before); before = now;
            zg.map.panBy([7, 3], {animate: false});
            if (gaps.length < 240) { requestAnimationFrame(step); } else { resolve(gaps.slice(5)); }
          }
          requestAnimationFrame(step);
        })"""
    )
    return float(np.median(gaps)), float(np.percentile(gaps, 95))


def drag(page: Any, zoom: int) -> tuple[float, float]:
    """Return the same while the mouse drags the map to and fro, as a hand does [ms]."""
    page.evaluate(f"zg.map.setView([{VIEW[0]}, {VIEW[1]}], {zoom}, {{animate: false}})")
    page.wait_for_timeout(1500)
    page.evaluate(
        """() => {
          window.gaps = []; let before = performance.now();
          function step(now) {
            window.gaps.push(now - before); before = now; window.beat = requestAnimationFrame(step);
          }
          window.beat = requestAnimationFrame(step);
        }"""
    )
    page.mouse.move(800, 400)
    page.mouse.down()
    for number in range(120):
        turn = 1 if number // 30 % 2 == 0 else -1
        page.mouse.move(800 + turn * (number % 30) * 12, 400 + turn * (number % 30) * 5)
    page.mouse.up()
    gaps = page.evaluate("cancelAnimationFrame(window.beat), window.gaps.slice(5)")
    return float(np.median(gaps)), float(np.percentile(gaps, 95))


def click(page: Any, plan: Plan, *, hovering: bool) -> float:
    """Return the time from a click on a roof to its card, the median of ten [ms].

    A mouse that rests on a roof before it clicks lets the page read that roof; a finger does not.
    """
    roofs = plan.roofs
    here = gpd.GeoSeries.from_xy([VIEW[1]], [VIEW[0]], crs=4326).to_crs(roofs.crs).iloc[0]
    start = 0 if hovering else 20
    near = roofs.distance(here).nsmallest(400).index[start::40]
    took = []
    for key in near:
        spot = roofs.geometry.loc[[key]].representative_point().to_crs(4326).iloc[0]
        page.evaluate(
            f"zg.card.close(); zg.map.setView([{spot.y}, {spot.x}], 18, {{animate: false}})"
        )
        page.evaluate("zg.stack.settled()")
        if hovering:
            page.evaluate(f"zg.map.fire('mousemove', {{latlng: L.latLng({spot.y}, {spot.x})}})")
        page.wait_for_timeout(300)
        took.append(
            page.evaluate(
                """async ([y, x, key]) => {
                  const start = performance.now();
                  zg.map.fire("click", {latlng: L.latLng(y, x)});
                  const card = document.querySelector(".zg-card");
                  while (card.hidden) { await new Promise((done) => setTimeout(done, 0)); }
                  if (card.querySelector("dd").textContent !== key) { throw new Error(key); }
                  return performance.now() - start;
                }""",
                [spot.y, spot.x, key],
            )
        )
    return float(np.median(took))


def heap(page: Any) -> float:
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(item["value"] for item in metrics if item["name"] == "JSHeapUsedSize")) / 1e6


def memory_mb(browser: Any) -> float:
    """Return the resident memory of the browser's page processes, pictures and all [MB]."""
    session = browser.new_browser_cdp_session()
    found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    total = 0
    for process in found:
        if process["type"] == "renderer":
            status = Path(f"/proc/{process['id']}/status").read_text(encoding="ascii")
            total += int(status.split("RssAnon:")[1].split()[0])
    return total / 1e3


def size_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def build(plan: Plan, folder: Path) -> None:
    count = len(plan.roofs)
    wall, cpu = time.perf_counter(), time.process_time()
    write_atlas(plan, folder)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{count:,} roofs: built in {wall:.1f} s ({cpu:.1f} CPU-s of Python, "
          f"{children.ru_utime + children.ru_stime:.1f} CPU-s of programs)")  # fmt: skip
    for part in sorted((folder / "data").glob("*/*")):
        print(f"  data/{part.parent.name}/{part.name}: {size_mb(part):.1f} MB")
    print(f"  index.html: {(folder / 'index.html').stat().st_size / 1e6:.1f} MB")


def measure(browser: Any, plan: Plan, folder: Path) -> None:
    page, ready = opened(browser, folder / "index.html")
    print(f"  interactive: {ready:.2f} s (load of the machine {os.getloadavg()[0]:.1f})")
    for zoom in (9, 12, 13, 14, 16):
        middle, high = pan(page, zoom)
        hand, hand_high = drag(page, zoom)
        print(
            f"  pan at zoom {zoom}: {middle:.1f} ms a frame, p95 {high:.1f} ms; dragged by the mouse "
            f"{hand:.1f} ms, p95 {hand_high:.1f} ms (load {os.getloadavg()[0]:.1f})"
        )
    print(f"  click to card: {click(page, plan, hovering=False):.1f} ms, "
          f"after resting on the roof {click(page, plan, hovering=True):.1f} ms")  # fmt: skip
    print(f"  heap: {heap(page):.0f} MB; memory of the page's process: {memory_mb(browser):.0f} MB")
    page.close()


def plain_folium(browser: Any, plan: Plan, folder: Path, *, count: int) -> None:
    roofs = plan.roofs.iloc[:count][["capacity_kwp", "geometry"]].to_crs(4326)
    start = time.perf_counter()
    page = folium.Map(location=list(VIEW), zoom_start=13, tiles=None, prefer_canvas=True)
    folium.GeoJson(
        roofs,
        style_function=lambda feature: {
            "fillColor": "#d95f0e" if feature["properties"]["capacity_kwp"] > 7 else "#fec44f",
            "weight": 0.5,
        },
        popup=folium.GeoJsonPopup(["capacity_kwp"]),
    ).add_to(page)
    target = folder / "folium.html"
    page.save(target)
    built = time.perf_counter() - start
    # Folium's own scripts come from the internet; the same Leaflet is put in their place.
    text = target.read_text(encoding="utf-8")
    head = third_party_head()[0]
    text = re.sub(r"<(script|link)[^>]+https?://[^>]+>(</script>)?", "", text)
    target.write_text(text.replace("<head>", f"<head>{head}", 1), encoding="utf-8")
    opened_page = browser.new_page(viewport={"width": 1366, "height": 768})
    start = time.perf_counter()
    opened_page.goto(target.resolve().as_uri(), timeout=600_000)
    name = page.get_name()
    until(
        opened_page, f"!!window['{name}'] && Object.keys(window['{name}']._layers).length > {count}"
    )
    took = time.perf_counter() - start
    print(f"plain folium GeoJson, {count:,} roofs: built in {built:.1f} s")
    size = target.stat().st_size / 1e6
    print(f"  {size:.1f} MB, interactive {took:.1f} s, heap {heap(opened_page):.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--roofs", type=int, default=1_000_000)
    parser.add_argument("--folium", type=int, default=20_000, help="0 for none")
    parser.add_argument("--reuse", action="store_true", help="take the map in --keep as it is")
    parser.add_argument("--keep", type=Path, help="folder to keep the map in")
    options = parser.parse_args()
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        raise SystemExit("Chromium is not on the path; install Debian's package chromium.")
    from playwright.sync_api import sync_playwright

    plan = plan_of(options.roofs)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        folder = options.keep or Path(scratch) / "atlas"
        arguments = ["--no-sandbox", "--disable-gpu", "--enable-precise-memory-info"]
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        if not options.reuse:
            build(plan, folder)
        measure(browser, plan, folder)
        if options.folium:
            plain_folium(browser, plan, Path(scratch), count=options.folium)
        browser.close()


if __name__ == "__main__":
    main()
