// The detail card: what a click on a roof, a county or a site shows.
"use strict";
zg.card = ((zg) => {
  let again = null;
  const box = zg.element("section", { className: "zg-card", attributes: { hidden: "", "aria-live": "polite" } });
  document.body.appendChild(box);

  function close() { again = null; box.hidden = true; box.replaceChildren(); if (zg.roofs.count) { zg.roofs.select(-1); } }
  function fill(title, rows, extras) {
    const list = zg.element("dl");
    rows.forEach(([label, value]) => {
      list.appendChild(zg.element("dt", { text: label }));
      list.appendChild(zg.element("dd", { text: value }));
    });
    const button = zg.element("button", { text: "×", className: "zg-button zg-close", attributes: { type: "button", "aria-label": zg.t("close") }, onClick: close });
    box.replaceChildren(button, zg.element("h2", { text: title }), list, ...(extras || []));
    box.hidden = false;
  }
  function show(draw) { again = draw; draw(); }
  zg.onLanguage(() => { if (again) { again(); } });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") { close(); } });

  function roof(i) {
    const r = zg.data.roofs, kwh = r.yield_kwh[i], kwp = r.capacity_kwp[i];
    show(() => {
      const months = r.months[i];
      const chart = zg.element("div", {}, [zg.element("h2", { text: zg.t("months") + " (kWh)" }), zg.bars(months, months.map((_, m) => String(m + 1)), "kWh")]);
      fill(r.name[i] || r.id[i], [
        [zg.t("field_building_id"), r.id[i]],
        [zg.t("county"), countyName(r.county[i])],
        [zg.t("field_use"), zg.vocabulary("use", r.use[i])],
        [zg.t("field_height_m"), zg.withUnit(r.height_m[i], "m")],
        [zg.t("field_height_source"), zg.vocabulary("height_source", r.height_source[i])],
        [zg.t("field_roof_m2"), zg.withUnit(r.roof_m2[i], "m²")],
        [zg.t("field_capacity_kwp"), zg.withUnit(kwp, "kWp")],
        [zg.t("field_yield_kwh"), zg.withUnit(kwh, "kWh")],
        [zg.t("field_specific"), zg.withUnit(r.specific_kwh_kwp[i], "kWh/kWp")],
        [zg.t("field_shading_loss"), zg.withUnit(r.shading_loss[i], "%")],
        [zg.t("field_co2_kg"), zg.withUnit(r.co2_kg[i], "kg")],
        [zg.t("field_source"), r.source[i]],
      ], kwp > 0 ? [chart] : []);
    });
  }
  function countyName(key) {
    const county = zg.data.counties.find((item) => item.id === key);
    return county ? zg.local(county.name, county.name_en) : key;
  }
  function place(item, layer) {
    show(() => fill(item.name || item.id, [
      ...item.values.map(([field, value, unit]) => [zg.t("field_" + field), typeof value === "number" ? zg.withUnit(value, unit) : zg.vocabulary(layer, value)]),
    ]));
  }
  function county(item) {
    show(() => fill(zg.local(item.name, item.name_en), zg.data.county_metrics.map((metric) => [
      zg.t("metric_" + metric.key), zg.withUnit(item.values[metric.key], metric.unit),
    ])));
  }
  return { roof, place, county, close };
})(zg);
