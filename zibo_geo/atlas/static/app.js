// The page is put together here; started by the Folium map's own script.
"use strict";
function zgStart(map) {
  const { data, t, element } = zg;
  zg.map = map;
  map.setMinZoom(3);
  map.setMaxZoom(20);
  map._fadeAnimated = false; // tiles appear painted; fading them would cost every frame
  zg.stack.start(map);
  zg.layers.start(map);
  zg.basemap.start(map);
  zg.filter.start(map);
  zg.measure.start(map);
  zg.printing.start(map);
  zg.search.start(map);
  zg.tools.start(map);
  L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
  zg.legend.start(map);
  zg.bridge.start(map);
  zg.panel.start(map);

  map.on("click", (event) => {
    if (zg.measure.active()) { zg.measure.add(event.latlng); return; }
    const found = zg.layers.pick(map, event.latlng);
    if (found) { zg.card.open(found[0], found[1], event.latlng); }
  });
  let waiting = false;
  map.on("mousemove", (event) => {
    if (waiting || zg.measure.active()) { return; }
    waiting = true;
    setTimeout(() => {
      waiting = false;
      const found = zg.layers.pick(map, event.latlng);
      map.getContainer().classList.toggle("zg-pointing", Boolean(found && found[0] !== zg.layers.counties));
      if (found && found[0].distant) { found[0].store.detail(found[1]).catch(() => null); } // so that a click finds it read
    }, 60);
  });

  // Names of the counties, as long as a county is larger than its name.
  const names = data.counties.map((county, i) => L.tooltip({ permanent: true, direction: "center", className: "zg-name", interactive: false, pane: "zg-names" }).setLatLng(zg.layers.counties.shapes.middle(i)));
  function drawNames() {
    names.forEach((name, i) => {
      const bounds = zg.layers.counties.shapes.bounds(i), width = map.latLngToContainerPoint(bounds.getSouthEast()).x - map.latLngToContainerPoint(bounds.getNorthWest()).x;
      const shown = width > 60 && map.getZoom() <= 12 && map.hasLayer(zg.layers.counties.shapes.layer);
      // On paper every county says its value, for two ends of a scale may look alike in grey.
      const metric = zg.layers.state.countyScale && document.body.classList.contains("zg-printing") ? zg.layers.state.countyMetric : null;
      const value = metric ? data.counties[i].values[metric.key] : null;
      const said = metric ? [element("small", { text: metric.unit === "-" ? zg.shown(metric.key, value, "-") : zg.withUnit(value, metric.unit) })] : [];
      name.setContent(element("span", {}, [element("b", { text: zg.layers.counties.title(i) }), ...said]));
      if (shown) { name.addTo(map); } else { name.remove(); }
    });
  }
  map.on("zoomend layeradd layerremove", (event) => { if (event.type === "zoomend" || event.layer === zg.layers.counties.shapes.layer) { drawNames(); } });
  zg.onLanguage(drawNames);
  document.addEventListener("zg-sheet", drawNames);

  // Banner and sources.
  const banner = element("div", { className: "zg-banner", attributes: { role: "note" } });
  const sources = element("footer", { className: "zg-sources" });
  const title = element("h1", { className: "zg-sheet", text: data.title });
  const north = element("div", { className: "zg-north", text: "N ↑" });
  document.body.append(banner, sources, title, north);
  // What stands below the banner knows how tall it is.
  function fit() { document.documentElement.style.setProperty("--zg-top", (banner.hidden ? 0 : banner.offsetHeight) + "px"); }
  window.addEventListener("resize", fit);
  function drawFrame() {
    const lines = [];
    if (data.synthetic.length) { lines.push(data.words.synthetic_banner.join(" · ")); }
    if (data.online) { lines.push(t("online_banner")); }
    banner.hidden = lines.length === 0;
    banner.textContent = lines.join(" — ");
    fit();
    sources.textContent = t("sources_title") + ": " + [...data.attributions, zg.basemap.credit()].filter((line) => line).join(" · ");
    document.title = data.title;
  }
  zg.onLanguage(drawFrame);
  document.addEventListener("zg-credit", drawFrame);
  drawFrame();
  zg.tools.open();
  drawNames();
  document.documentElement.dataset.zgReady = "true";
  zg.bridge.ready();
}
