// The filter: one layer's shapes by county, by the words of a column, by a range of numbers; a live counter.
"use strict";
zg.filter = ((zg) => {
  const { t, element } = zg;
  const MOST_WORDS = 40;
  const state = { key: null, county: "", words: {}, field: "", low: "", high: "" };
  let map = null, timer = 0;

  function choices() { return zg.layers.all.filter((layer) => layer !== zg.layers.counties && layer.pickable); }
  function active() { return choices().find((layer) => layer.key === state.key) || choices()[0] || null; }
  function wordFields(layer) {
    return layer.fields.filter(([column, unit]) => unit === "-" && column !== "county" && layer.columns.get(column).words && layer.columns.get(column).words.length > 1 && layer.columns.get(column).words.length <= MOST_WORDS);
  }
  function numberFields(layer) { return layer.fields.filter(([, unit]) => unit !== "-"); }
  function clear() { Object.assign(state, { county: "", words: {}, field: "", low: "", high: "" }); }

  function factor(layer) { return (layer.fields.find(([column]) => column === state.field) || ["", ""])[1] === "%" ? 0.01 : 1; }
  function apply() {
    const layer = active();
    zg.layers.all.forEach((other) => { if (other !== layer && other.mask) { other.mask = null; other.shapes.repaint(); } });
    if (!layer) { return Promise.resolve(); }
    const words = Object.entries(state.words).filter(([, word]) => word !== "");
    const low = state.low === "" ? -Infinity : Number(state.low) * factor(layer), high = state.high === "" ? Infinity : Number(state.high) * factor(layer);
    const ranged = state.field !== "" && (low > -Infinity || high < Infinity);
    if (!state.county && !words.length && !ranged) { if (layer.mask) { layer.mask = null; layer.shapes.repaint(); } return Promise.resolve(); }
    const metric = layer === zg.layers.roofs ? zg.panel.metricOf("roof") : null;
    return layer.need([metric && metric.sums ? metric.key : "", state.county ? "county" : "", state.field, ...words.map(([column]) => column)]).then(() => {
      const mask = new Uint8Array(layer.count);
      for (let i = 0; i < layer.count; i += 1) {
        const number = ranged ? layer.value(state.field, i) : 0;
        mask[i] = (!state.county || layer.value("county", i) === state.county) && words.every(([column, word]) => layer.value(column, i) === word)
          && (!ranged || (number !== null && number >= low && number <= high)) ? 1 : 0;
      }
      layer.mask = mask;
      layer.shapes.repaint();
    });
  }
  // How many are left, and the sum of the active roof metric where it may be summed.
  function counterText() {
    const layer = active();
    const metric = layer === zg.layers.roofs ? zg.panel.metricOf("roof") : null, sums = metric && metric.sums;
    let kept = layer.count, sum = 0;
    if (layer.whole() && (!sums || layer.distant)) {
      // What nothing hides is counted at once; the cells know the sum.
      const { cells } = zg.layers;
      sum = sums && cells && cells.columns.has(metric.key) ? cells.columns.get(metric.key).values.reduce((before, value) => before + (value || 0), 0) : 0;
    } else { kept = 0; for (let i = 0; i < layer.count; i += 1) {
      if (!layer.visible(i)) { continue; }
      kept += 1;
      if (sums) { sum += layer.value(metric.key, i) || 0; }
    } }
    return zg.number(kept, 0) + " / " + zg.number(layer.count, 0) + (sums ? " · " + t("metric_roof_" + metric.key) + " " + zg.withUnit(sum, metric.unit) : "");
  }
  function box() {
    const layer = active();
    if (!layer) { return element("p", { text: t("filter_nothing") }); }
    const counter = element("output", { className: "zg-counter", text: counterText(), attributes: { "aria-live": "polite" } });
    const changed = () => apply().then(() => { counter.textContent = counterText(); });
    const soon = () => { clearTimeout(timer); timer = setTimeout(changed, 150); };
    const parts = [zg.select(t("filter_layer"), choices().map((item) => [item.key, t("layer_" + item.key)]), layer.key, (key) => { clear(); apply(); state.key = key; apply(); zg.panel.draw(); })];
    if (layer.columns.has("county")) {
      parts.push(zg.select(t("county"), [["", t("county") + ": " + t("all")], ...zg.data.counties.map((county) => [county.id, zg.local(county.name, county.name_en)])], state.county, (key) => { state.county = key; changed(); }));
    }
    wordFields(layer).forEach(([column]) => {
      const words = layer.columns.get(column).words;
      parts.push(zg.select(t("field_" + column), [["", t("field_" + column) + ": " + t("all")], ...words.map((word) => [word, zg.vocabulary(column, word)])], state.words[column] || "", (word) => { state.words[column] = word; changed(); }));
    });
    if (numberFields(layer).length) {
      parts.push(element("div", { className: "zg-range" }, [
        zg.select(t("filter_value"), [["", t("filter_value")], ...numberFields(layer).map(([column, unit]) => [column, t("field_" + column) + zg.unitMark(unit)])], state.field, (field) => { state.field = field; changed(); }),
        bound("low", t("from"), soon), bound("high", t("to"), soon),
      ]));
    }
    parts.push(counter, element("div", { className: "zg-row" }, [
      zg.button(t("filter_reset"), t("filter_reset"), () => { clear(); apply(); zg.panel.draw(); }),
      zg.button("CSV", t("export_csv"), () => zg.download.csv(active())),
      zg.button("GeoJSON", t("export_geojson"), () => zg.download.geojson(active())),
    ]));
    return element("div", { className: "zg-filter" }, parts);
  }
  function bound(name, text, soon) {
    const input = element("input", { attributes: { type: "number", step: "any", placeholder: text, "aria-label": text } });
    input.value = state[name];
    input.addEventListener("input", () => { state[name] = input.value; soon(); });
    return input;
  }
  function start(given) { map = given; }
  return { start, box, active, state, apply, map: () => map };
})(zg);
