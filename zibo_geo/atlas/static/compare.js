// Two maps side by side: one view, one metric, one legend, and what differs per county. Every word is text.
"use strict";
(() => {
  const given = JSON.parse(document.getElementById("zg-compare").textContent), web = /^https?:$/.test(window.location.protocol);
  const frames = [...document.querySelectorAll("iframe")], sides = [null, null];
  const state = { language: 0, topic: "", county: "", roof: "" };
  const $ = (name) => document.querySelector(name);

  function t(key) { const pair = Object.prototype.hasOwnProperty.call(given.words, key) ? given.words[key] : null; return pair ? pair[state.language] : key; }
  function element(tag, text, attributes) {
    const made = document.createElement(tag);
    if (text !== undefined) { made.textContent = text; }
    Object.entries(attributes || {}).forEach(([name, value]) => made.setAttribute(name, value));
    return made;
  }
  function tell(side, kind, body) { frames[side].contentWindow.postMessage({ zibo: kind, ...body }, web ? window.location.origin : "*"); }
  function both(kind, body) { tell(0, kind, body); tell(1, kind, body); }
  function metrics(side) { return sides[side].topics.flatMap((topic) => topic.county_metrics); }
  // What both plans know.
  function shared() { const other = new Set(metrics(1).map((metric) => metric.key)); return metrics(0).filter((metric) => other.has(metric.key)); }
  function unitMark(unit) { return unit && unit !== "1" && unit !== "-" && unit !== "year" ? " (" + unit + ")" : ""; }
  function number(value) {
    const size = Math.abs(value), places = size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : 4;
    return value.toLocaleString("en", { maximumFractionDigits: places });
  }
  function shown(value, metric) {
    if (value === null || value === undefined) { return "–"; }
    if (metric.unit === "-") { return t(metric.key + "_" + value) === metric.key + "_" + value ? String(value) : t(metric.key + "_" + value); }
    return number(metric.unit === "%" ? value * 100 : value);
  }
  function signed(value) { return (value > 0 ? "+" : value < 0 ? "−" : "") + number(Math.abs(value)); }
  function rowOf(name, a, b, metric) {
    const numeric = typeof a === "number" && typeof b === "number", factor = metric.unit === "%" ? 100 : 1, row = element("tr");
    [name, shown(a, metric), shown(b, metric), numeric ? signed((b - a) * factor) : a === b || metric.unit !== "-" ? "–" : "≠", numeric && a !== 0 && metric.unit !== "%" ? signed(100 * (b - a) / Math.abs(a)) + " %" : "–"]
      .forEach((text, k) => row.appendChild(element(k ? "td" : "th", text, k ? {} : { scope: "row" })));
    return row;
  }
  function total(side, key, ids) { return sides[side].counties.filter((county) => ids.has(county.id)).reduce((sum, county) => sum + (county.values[key] || 0), 0); }
  function table() {
    const metric = shared().find((item) => item.key === state.county), body = $("tbody"), foot = $("tfoot");
    body.replaceChildren(); foot.replaceChildren();
    const others = new Map(sides[1].counties.map((county) => [county.id, county])), common = sides[0].counties.filter((county) => others.has(county.id));
    $(".note").textContent = common.length ? "" : t("compare_no_common");
    if (!metric) { return; }
    const unit = unitMark(metric.unit);
    [t("county"), given.labels[0] + unit, given.labels[1] + unit, t("compare_difference") + (metric.unit === "%" ? " (" + t("compare_points") + ")" : unit), t("compare_change")].forEach((text, k) => { $("thead").rows[0].cells[k].textContent = text; });
    common.forEach((county) => {
      const name = state.language === 0 ? county.name || county.name_en : county.name_en || county.name;
      const row = rowOf(name, county.values[metric.key], others.get(county.id).values[metric.key], metric);
      row.tabIndex = 0;
      row.addEventListener("click", () => both("county", { id: county.id }));
      row.addEventListener("keydown", (event) => { if (event.key === "Enter") { both("county", { id: county.id }); } });
      body.appendChild(row);
    });
    const ids = new Set(common.map((county) => county.id));
    if (metric.sums && common.length) { foot.appendChild(rowOf(t("total"), total(0, metric.key, ids), total(1, metric.key, ids), metric)); }
  }
  function option(metric, kind) { const made = element("option", t("metric_" + kind + "_" + metric.key) + unitMark(metric.unit), { value: metric.key }); made.selected = metric.key === state[kind]; return made; }
  function choosers() {
    const county = $("#county"), roof = $("#roof"), known = new Set(shared().map((metric) => metric.key));
    county.setAttribute("aria-label", t("counties")); roof.setAttribute("aria-label", t("roofs"));
    county.replaceChildren(...sides[0].topics.map((topic) => {
      const group = element("optgroup", undefined, { label: t("topic_" + topic.key) });
      topic.county_metrics.filter((metric) => known.has(metric.key)).forEach((metric) => group.appendChild(option(metric, "county")));
      return group;
    }).filter((group) => group.children.length));
    roof.replaceChildren(...sides[0].topics.filter((topic) => topic.key === state.topic).flatMap((topic) => topic.roof_metrics).map((metric) => option(metric, "roof")));
    roof.hidden = roof.children.length === 0;
  }
  function words() {
    document.documentElement.lang = state.language === 0 ? "zh" : "en";
    document.title = t("compare");
    $("h1").textContent = t("compare");
    $("#language").textContent = t("language");
    $("#whole").textContent = t("whole");
    $(".banner").textContent = sides.some((side) => side && side.synthetic) ? given.words.synthetic_banner.join(" · ") : "";
    $(".banner").hidden = !$(".banner").textContent;
    document.querySelectorAll(".label").forEach((label, k) => { label.textContent = given.labels[k] + (sides[k] ? " · " + sides[k].title : ""); });
    frames.forEach((frame, k) => { frame.title = given.labels[k]; });
    if (sides[0] && sides[1]) { choosers(); table(); }
  }
  function numbersOf(side) {
    return Object.fromEntries(metrics(side).filter((metric) => metric.unit !== "-").map((metric) => [metric.key, sides[side].counties.map((county) => county.values[metric.key]).filter((value) => typeof value === "number")]));
  }
  function setCounty(key) {
    const topic = sides[0].topics.find((item) => item.county_metrics.some((metric) => metric.key === key));
    if (!topic) { return; }
    state.county = key;
    if (topic.key !== state.topic) { state.topic = topic.key; state.roof = topic.roof_metrics.length ? topic.roof_metrics[0].key : ""; both("topic", { key: topic.key }); }
    both("metric", { kind: "county", key });
    choosers(); table();
  }
  function begin() {
    tell(0, "join", { county: numbersOf(1) });
    tell(1, "join", { county: numbersOf(0) });
    const first = shared()[0];
    words();
    if (first) { setCounty(first.key); }
    both("whole", {});
    document.documentElement.dataset.ready = "true";
  }
  const HEARD = {
    ready(side, message) { sides[side] = message; if (sides[0] && sides[1]) { begin(); } else { words(); } },
    view(side, message) { tell(1 - side, "view", { lat: message.lat, lng: message.lng, zoom: message.zoom }); },
    breaks(side, message) { if (side === 0) { tell(1, "breaks", { layer: message.layer, key: message.key, breaks: message.breaks }); } },
  };
  window.addEventListener("message", (event) => {
    const side = frames.findIndex((frame) => frame.contentWindow === event.source);
    if (side >= 0 && event.data && Object.prototype.hasOwnProperty.call(HEARD, event.data.zibo)) { HEARD[event.data.zibo](side, event.data); }
  });
  $("#county").addEventListener("change", () => setCounty($("#county").value));
  $("#roof").addEventListener("change", () => { state.roof = $("#roof").value; both("metric", { kind: "roof", key: state.roof }); });
  $("#language").addEventListener("click", () => { state.language = 1 - state.language; both("language", { language: state.language }); words(); });
  $("#whole").addEventListener("click", () => both("whole", {}));
  // The maps start when this page listens.
  frames.forEach((frame, k) => { frame.src = given.pages[k]; });
  words();
})();
