// The detail card: what a click on a roof, a county or any other shape shows.
"use strict";
zg.card = ((zg) => {
  let again = null;
  const box = zg.element("section", { className: "zg-card", attributes: { hidden: "", "aria-live": "polite" } });
  document.body.appendChild(box);

  function close() { wanted += 1; again = null; box.hidden = true; box.replaceChildren(); document.body.classList.remove("zg-carded"); zg.layers.select(null, -1); }
  function fill(kind, title, rows, extras) {
    const list = zg.element("dl");
    rows.filter(([, value]) => value !== "–").forEach(([name, value]) => {
      list.appendChild(zg.element("dt", { text: name }));
      list.appendChild(zg.element("dd", { text: value }));
    });
    const shut = zg.button("×", zg.t("close"), close);
    shut.classList.add("zg-close");
    box.replaceChildren(shut, zg.element("small", { text: kind }), zg.element("h2", { text: title }), list, ...(extras || []));
    box.hidden = false;
    document.body.classList.add("zg-carded");
  }
  function show(draw) { again = draw; draw(); }
  zg.onLanguage(() => { if (again) { again(); } });

  function rowsOf(layer, i) {
    const ofRoofs = layer.key === "roofs";
    const rows = layer.fields.map(([column, unit]) => [zg.t("field_" + column), zg.shown(column, layer.value(column, i), unit)]);
    if (layer.columns.has("county") && !layer.fields.some(([column]) => column === "county")) { rows.unshift([zg.t("county"), zg.shown("county", layer.value("county", i), "-")]); }
    rows.unshift([zg.t(ofRoofs ? "field_building_id" : "field_id"), layer.id[i]]);
    return rows;
  }
  function months(i, all) {
    const values = Array.from(all.slice(12 * i, 12 * i + 12));
    if (!values.some((value) => value > 0)) { return null; }
    return zg.element("div", {}, [zg.element("h3", { text: zg.t("months") }), zg.charts.draw({
      title: "months", kind: "bars", numeric: false, x: values.map((_, m) => String(m + 1)), series: [{ label: "months", values }], x_label: "axis_month", x_unit: "", y_label: "", y_unit: "kWh", target: null,
    })]);
  }
  // What lies on a roof leads to the roof.
  let below = -1;
  function roofButton() { return below < 0 ? null : zg.button(zg.t("layer_roofs"), zg.t("layer_roofs"), () => open(zg.layers.roofs, below)); }
  function open(layer, i, latlng) {
    const { roofs } = zg.layers;
    below = latlng && roofs && layer !== roofs && layer !== zg.layers.counties && zg.map.hasLayer(roofs.shapes.layer) && zg.map.getZoom() >= roofs.minimum_zoom ? roofs.shapes.at(latlng, zg.map.getZoom()) : -1;
    wanted += 1;
    if (layer === zg.layers.counties) { county(i); return; }
    if (layer.distant) { far(layer, i); return; }
    zg.layers.select(layer, i);
    show(() => {
      const extras = [], why = layer.reason ? layer.value(layer.reason, i) : null;
      if (why) { extras.push(zg.element("p", { className: "zg-why", text: why })); }
      if (layer === zg.layers.roofs) { const chart = months(i, zg.data.roofs.months); if (chart) { extras.push(chart); } }
      const under = roofButton();
      if (under) { extras.push(under); }
      fill(zg.t("layer_" + layer.key), layer.title(i), rowsOf(layer, i), extras);
    });
  }
  // The latest of several clicks counts, whichever chunk comes last.
  let wanted = 0;
  function far(layer, i) {
    wanted += 1;
    const mine = wanted;
    layer.store.detail(i).then(({ values, at }) => {
      if (mine !== wanted) { return; }
      distant(layer, values, at);
      requestAnimationFrame(() => { if (mine === wanted && !box.hidden) { zg.layers.select(layer, i, zg.store.pathsOf(values, layer.kind, at)); } });
    }, (error) => zg.tools.say(error.message));
  }
  // A shape that lies beside the page: its chunk is a small layer of its own.
  function distant(layer, values, at) {
    const columns = new Map(Object.entries(values.columns).map(([name, packed]) => [name, zg.column(packed)]));
    const near = { ...layer, id: values.id, columns, value: (name, k) => (columns.has(name) ? columns.get(name).at(k) : null) };
    show(() => {
      const chart = values.months && values.months.length ? months(at, values.months) : null, why = layer.reason ? near.value(layer.reason, at) : null;
      fill(zg.t("layer_" + layer.key), values.name[at] || values.id[at], rowsOf(near, at), [why ? zg.element("p", { className: "zg-why", text: why }) : null, chart, roofButton()].filter((part) => part));
    });
  }
  function county(i) {
    const item = zg.data.counties[i];
    zg.layers.select(null, -1);
    show(() => fill(zg.t("county"), zg.local(item.name, item.name_en), zg.data.topics.flatMap((topic) => topic.county_metrics.map((metric) => [
      zg.t("metric_county_" + metric.key), metric.unit === "-" ? zg.shown(metric.key, item.values[metric.key], "-") : zg.withUnit(item.values[metric.key], metric.unit),
    ]))));
  }
  return { open, county, close, roof: (i) => open(zg.layers.roofs, i) };
})(zg);
