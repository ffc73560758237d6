// The page: counties, roofs, places, the panel, the legend; started by the Folium map's own script.
"use strict";
function zgStart(map) {
  const { data, t, element } = zg;
  const counties = data.counties;
  let countyMetric = data.county_metrics[0];
  let roofMetric = data.roof_metrics[0];
  map.setMinZoom(3);
  map.createPane("zg-areas").style.zIndex = 350;
  map.createPane("zg-lines").style.zIndex = 360;

  // Counties: one style function for all of them.
  let countyScale = null;
  const countyLayer = L.geoJSON({ type: "FeatureCollection", features: counties.map((county) => ({ type: "Feature", properties: county, geometry: county.geometry })) }, {
    pane: "zg-areas",
    style: (feature) => ({
      color: "#52606d", weight: 1.2, fillColor: countyScale ? countyScale.of(feature.properties.values[countyMetric.key]) : zg.NONE,
      fillOpacity: map.getZoom() >= zg.roofs.MINIMUM_ZOOM ? 0.06 : 0.72,
    }),
    onEachFeature: (feature, layer) => layer.on("click", (event) => {
      if (map.getZoom() < zg.roofs.MINIMUM_ZOOM || !pickRoof(event.latlng)) { zg.card.county(feature.properties); }
      L.DomEvent.stopPropagation(event);
    }),
  });
  function pickRoof(latlng) {
    if (!map.hasLayer(zg.roofs.layer) || map.getZoom() < zg.roofs.MINIMUM_ZOOM) { return false; }
    const i = zg.roofs.at(latlng);
    if (i < 0) { return false; }
    zg.roofs.select(i); zg.card.roof(i);
    return true;
  }
  map.on("click", (event) => { pickRoof(event.latlng); });

  // Parks, streets and places.
  const overlays = [{ key: "counties", layer: countyLayer, on: true, colour: "#fec44f" }];
  if (data.parks.length) {
    overlays.push({ key: "parks", on: true, colour: "#b07aa1", layer: L.geoJSON(data.parks.map((park) => ({ type: "Feature", properties: park, geometry: park.geometry })), {
      pane: "zg-lines", style: () => ({ color: "#7b3294", weight: 1.2, dashArray: "4 3", fillColor: "#b07aa1", fillOpacity: 0.08 }),
      onEachFeature: (feature, layer) => layer.on("click", (event) => {
        if (!pickRoof(event.latlng)) { zg.card.place(feature.properties, "parks"); }
        L.DomEvent.stopPropagation(event);
      }),
    }) });
  }
  if (data.streets.length) {
    const lines = data.streets.map((street) => L.polyline(street.line, { pane: "zg-lines", interactive: false, color: street.major ? "#8c99a6" : "#b8c1ca", weight: street.major ? 1.8 : 0.9, smoothFactor: 1.5 }));
    overlays.push({ key: "streets", on: true, colour: "#8c99a6", layer: L.layerGroup(lines) });
  }
  if (zg.roofs.count) { overlays.push({ key: "roofs", on: true, colour: "#d95f0e", layer: zg.roofs.layer }); }
  data.places.forEach((group) => {
    const markers = group.items.map((item) => {
      const marker = L.circleMarker([item.latitude, item.longitude], { radius: group.radius, color: "#1f2933", weight: 1, fillColor: group.colour, fillOpacity: 0.9 });
      marker.on("click", (event) => { zg.card.place(item, group.key); L.DomEvent.stopPropagation(event); });
      return marker;
    });
    overlays.push({ key: group.key, on: group.on, colour: group.colour, layer: L.layerGroup(markers) });
  });
  overlays.filter((overlay) => overlay.on).forEach((overlay) => overlay.layer.addTo(map));

  // Legend of the one active metric.
  const legend = L.control({ position: "bottomright" });
  legend.onAdd = () => element("div", { className: "zg-legend", attributes: { "aria-label": t("metric") } });
  legend.addTo(map);
  L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
  let roofScale = null;
  function drawLegend() {
    const near = map.getZoom() >= zg.roofs.MINIMUM_ZOOM && zg.roofs.count > 0;
    const metric = near ? roofMetric : countyMetric, scale = near ? roofScale : countyScale;
    const factor = metric.unit === "%" ? 100 : 1, unit = metric.unit === "1" ? "" : " (" + metric.unit + ")";
    const rows = scale.colours.map((colour, k) => {
      const from = k === 0 ? "< " + zg.number(scale.breaks[0] * factor) : zg.number(scale.breaks[k - 1] * factor) + (k < scale.breaks.length ? " – " + zg.number(scale.breaks[k] * factor) : " +");
      return element("div", {}, [swatch(colour), element("span", { text: scale.breaks.length ? from : "" })]);
    });
    rows.push(element("div", {}, [swatch(zg.NONE), element("span", { text: t("legend_none") })]));
    legend.getContainer().replaceChildren(element("strong", { text: t("metric_" + (near ? "roof_" : "county_") + metric.key) + unit }), ...rows);
  }
  function swatch(colour) {
    const made = element("span", { className: "zg-swatch" });
    made.style.background = colour;
    return made;
  }
  function recolour() {
    countyScale = zg.scale(counties.map((county) => county.values[countyMetric.key]), countyMetric.palette);
    countyLayer.setStyle(countyLayer.options.style);
    if (zg.roofs.count) {
      const values = data.roofs[roofMetric.key];
      roofScale = zg.scale(values, roofMetric.palette);
      zg.roofs.restyle((i) => roofScale.of(values[i]));
    }
    drawLegend();
  }
  map.on("zoomend", () => { countyLayer.setStyle(countyLayer.options.style); drawLegend(); });

  // The panel.
  const panel = element("aside", { className: "zg-panel", attributes: { "aria-label": data.title } });
  document.body.appendChild(panel);
  function chooser(label, metrics, prefix, active, choose) {
    const select = element("select", { attributes: { "aria-label": label } });
    metrics.forEach((metric) => {
      const option = element("option", { text: t("metric_" + prefix + metric.key) + (metric.unit === "1" ? "" : " (" + metric.unit + ")"), attributes: { value: metric.key } });
      option.selected = metric.key === active.key;
      select.appendChild(option);
    });
    select.addEventListener("change", () => choose(metrics.find((metric) => metric.key === select.value)));
    return select;
  }
  function countyTable() {
    const key = countyMetric.key;
    const sorted = [...counties].sort((a, b) => (b.values[key] || 0) - (a.values[key] || 0));
    const body = element("tbody", {}, sorted.map((county) => {
      const row = element("tr", { attributes: { tabindex: "0" } }, [element("td", { text: zg.local(county.name, county.name_en) }), element("td", { text: zg.withUnit(county.values[key], countyMetric.unit) })]);
      const go = () => { map.fitBounds(L.geoJSON(county.geometry).getBounds(), padding()); zg.card.county(county); };
      row.addEventListener("click", go);
      row.addEventListener("keydown", (event) => { if (event.key === "Enter") { go(); } });
      return row;
    }));
    const head = element("thead", {}, [element("tr", {}, [element("th", { text: t("county") }), element("th", { text: t("metric_county_" + key) })])]);
    const parts = [head, body];
    if (countyMetric.sums) {
      const total = counties.reduce((sum, county) => sum + (county.values[key] || 0), 0);
      parts.push(element("tfoot", {}, [element("tr", {}, [element("td", { text: t("total") }), element("td", { text: zg.withUnit(total, countyMetric.unit) })])]));
    }
    return element("table", { className: "zg-table" }, parts);
  }
  function layerList() {
    return element("div", { className: "zg-layers" }, overlays.map((overlay) => {
      const box = element("input", { attributes: { type: "checkbox" } });
      box.checked = map.hasLayer(overlay.layer);
      box.addEventListener("change", () => { if (box.checked) { overlay.layer.addTo(map); } else { map.removeLayer(overlay.layer); } });
      return element("label", {}, [box, swatch(overlay.colour), element("span", { text: t("layer_" + overlay.key) })]);
    }));
  }
  let collapsed = false;
  function drawPanel() {
    const fold = element("button", { className: "zg-button", text: collapsed ? "▸" : "◂", attributes: { type: "button", "aria-label": t(collapsed ? "expand" : "collapse") }, onClick: () => { collapsed = !collapsed; drawPanel(); } });
    const tongue = element("button", { className: "zg-button zg-language", text: t("language"), attributes: { type: "button" }, onClick: zg.toggleLanguage });
    const body = element("div", { className: "zg-body" }, [
      element("p", { text: zg.local(data.summary[0], data.summary[1]) }),
      element("div", { className: "zg-figures" }, data.figures.map((figure) => element("div", { className: "zg-figure" }, [
        element("b", { text: zg.number(figure.value) }), element("span", { text: zg.local(figure.label[0], figure.label[1]) + (figure.unit === "1" ? "" : " · " + figure.unit) })]))),
      element("h2", { text: t("counties") }),
      chooser(t("counties"), data.county_metrics, "county_", countyMetric, (metric) => { countyMetric = metric; recolour(); drawPanel(); }),
      countyTable(),
      element("h2", { text: t("roofs") }),
      zg.roofs.count ? chooser(t("roofs"), data.roof_metrics, "roof_", roofMetric, (metric) => { roofMetric = metric; recolour(); }) : element("p", { text: t("roofs_left_out") }),
      element("p", { text: zg.roofs.count ? t("zoom_hint") : "" }),
      element("h2", { text: t("layers") }),
      layerList(),
    ]);
    panel.dataset.collapsed = String(collapsed);
    panel.replaceChildren(element("div", { className: "zg-head" }, [element("h1", { text: data.title }), tongue, fold]), body);
  }
  function padding() { return { paddingTopLeft: [window.innerWidth > 700 ? 360 : 10, 40], paddingBottomRight: [20, 40] }; }

  // Banner and sources.
  const banner = element("div", { className: "zg-banner", attributes: { role: "note" } });
  const sources = element("footer", { className: "zg-sources" });
  document.body.append(banner, sources);
  function drawFrame() {
    const lines = [];
    if (data.synthetic.length) { lines.push(data.words.synthetic_banner.join(" · ")); }
    if (data.online) { lines.push(t("online_banner")); }
    banner.hidden = lines.length === 0;
    banner.textContent = lines.join(" — ");
    sources.textContent = t("sources_title") + ": " + data.attributions.join(" · ");
    document.title = data.title;
  }
  zg.onLanguage(() => { drawPanel(); drawLegend(); drawFrame(); });
  recolour(); drawPanel(); drawFrame();
  map.fitBounds(countyLayer.getBounds(), padding());
  document.documentElement.dataset.zgReady = "true";
}
