// The legend: the active metric's classes, then the signs of the shown layers that are coloured by a column.
"use strict";
zg.legend = ((zg) => {
  const box = zg.element("div", { className: "zg-legend", attributes: { role: "region" } });
  let folded = window.innerWidth <= 700 && window.parent === window;

  function line(row) { return zg.element("div", {}, [zg.swatch(row.colour, row.sign), zg.element("span", { text: row.text })]); }
  function heading(text) { return zg.element("strong", { text }); }
  function draw(map) {
    const { state, roofs, cells, all, counties, ROOF_ZOOM, CELL_ZOOM } = zg.layers, zoom = map.getZoom();
    const onRoofs = zoom >= ROOF_ZOOM && roofs && map.hasLayer(roofs.shapes.layer) && state.roofScale;
    const onCells = !onRoofs && zoom >= CELL_ZOOM && zoom < ROOF_ZOOM && cells && map.hasLayer(cells.shapes.layer) && state.cellScale;
    const near = onRoofs || onCells;
    const metric = near ? state.roofMetric : state.countyMetric, scale = onRoofs ? state.roofScale : onCells ? state.cellScale : state.countyScale;
    const parts = [];
    if (scale && (near || map.hasLayer(counties.shapes.layer))) {
      parts.push(heading(zg.t("metric_" + (near ? "roof_" : "county_") + metric.key) + zg.unitMark(metric.unit) + (onCells ? " · " + zg.t("layer_cells") : "")), ...scale.rows().map(line), line({ colour: zg.scales.NONE, sign: "", text: zg.t("legend_none") }));
    }
    all.filter((layer) => layer.style && map.hasLayer(layer.shapes.layer) && map.getZoom() >= layer.minimum_zoom && layer.scale && layer.pickable).forEach((layer) => {
      const unit = (layer.fields.find(([column]) => column === layer.style.by) || ["", ""])[1];
      parts.push(heading(zg.t("layer_" + layer.key) + " · " + zg.t("field_" + layer.style.by) + zg.unitMark(unit)), ...layer.scale.rows().map(line));
    });
    box.setAttribute("aria-label", zg.t("legend"));
    const fold = zg.button(folded ? "▴" : "▾", zg.t(folded ? "expand" : "collapse"), () => { folded = !folded; draw(map); });
    fold.classList.add("zg-fold");
    box.replaceChildren(fold, ...(folded ? [heading(zg.t("legend"))] : parts));
  }
  function start(map) {
    const control = L.control({ position: "bottomright" });
    control.onAdd = () => { L.DomEvent.disableClickPropagation(box); L.DomEvent.disableScrollPropagation(box); return box; };
    control.addTo(map);
    map.on("zoomend layeradd layerremove", () => draw(map));
    document.addEventListener("zg-scale", () => draw(map));
    zg.onLanguage(() => draw(map));
    draw(map);
  }
  return { start, draw };
})(zg);
