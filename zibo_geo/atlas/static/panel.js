// The panel: topic tabs, key figures, metric choosers, the county table, charts, tables, layers.
"use strict";
zg.panel = ((zg) => {
  const { data, t, element } = zg;
  const topics = data.topics;
  const state = { topic: topics[0], county: {}, roof: {}, collapsed: window.innerWidth <= 700 };
  const box = element("aside", { className: "zg-panel" });
  const body = element("div", { className: "zg-body" });
  let map = null;

  // Counties may be coloured by a metric of any topic, roofs by one of the active topic.
  function metricOf(kind) {
    const own = state.topic[kind + "_metrics"], chosen = state[kind][state.topic.key];
    const list = kind === "county" ? topics.flatMap((topic) => topic.county_metrics) : own;
    return list.find((metric) => metric.key === chosen) || own[0] || null;
  }
  function recolour() {
    zg.layers.colour(metricOf("county"), metricOf("roof"), state.topic.roof_year).then(() => zg.legend.draw(map), (error) => zg.tools.say(error.message));
    zg.legend.draw(map);
    zg.tools.remember();
  }
  function choose(kind, key) { state[kind][state.topic.key] = key; recolour(); draw(); }
  function chooser(kind) {
    const active = metricOf(kind), name = t(kind === "county" ? "counties" : "roofs");
    const pairs = (topic) => topic[kind + "_metrics"].map((metric) => [metric.key, t("metric_" + kind + "_" + metric.key) + zg.unitMark(metric.unit)]);
    const made = zg.select(name, [], "", (key) => choose(kind, key));
    const others = kind === "county" ? topics.filter((topic) => topic !== state.topic && topic.county_metrics.length) : [];
    if (!active) { made.appendChild(element("option", { text: t("metric_none"), attributes: { value: "" } })); }
    [state.topic, ...others].filter((topic) => topic[kind + "_metrics"].length).forEach((topic) => {
      const group = element("optgroup", { attributes: { label: t("topic_" + topic.key) } });
      zg.options(pairs(topic), active ? active.key : "").forEach((option) => group.appendChild(option));
      made.appendChild(group);
    });
    return made;
  }
  function setTopic(key) {
    const next = topics.find((topic) => topic.key === key);
    if (!next) { return; }
    state.topic = next;
    zg.layers.focus(map, key);
    recolour(); draw();
    zg.foot.draw();
  }
  function tabs() {
    const list = element("div", { className: "zg-tabs", attributes: { role: "tablist" } }, topics.map((topic) => {
      const active = topic === state.topic;
      const tab = element("button", { text: t("topic_" + topic.key), attributes: { type: "button", role: "tab", "aria-selected": String(active), tabindex: active ? "0" : "-1", "data-topic": topic.key }, onClick: () => { setTopic(topic.key); box.querySelector("[aria-selected='true']").focus(); } });
      return tab;
    }));
    list.addEventListener("keydown", (event) => {
      const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      if (!step) { return; }
      setTopic(topics[(topics.indexOf(state.topic) + step + topics.length) % topics.length].key);
      box.querySelector("[aria-selected='true']").focus();
    });
    return list;
  }
  function goTo(i) { map.fitBounds(zg.layers.counties.shapes.bounds(i), padding()); zg.card.county(i); }
  function countyTable() {
    const metric = metricOf("county"), key = metric.key, shown = (value) => (metric.unit === "-" ? zg.shown(key, value, "-") : zg.withUnit(value, metric.unit));
    const order = data.counties.map((_, i) => i);
    if (metric.unit !== "-") { order.sort((a, b) => (data.counties[b].values[key] || 0) - (data.counties[a].values[key] || 0)); }
    const rows = order.map((i) => {
      const county = data.counties[i];
      const row = element("tr", { attributes: { tabindex: "0" } }, [element("td", { text: zg.local(county.name, county.name_en) }), element("td", { text: shown(county.values[key]) })]);
      row.addEventListener("click", () => goTo(i));
      row.addEventListener("keydown", (event) => { if (event.key === "Enter") { goTo(i); } });
      return row;
    });
    const parts = [
      element("thead", {}, [element("tr", {}, [element("th", { text: t("county") }), element("th", { text: t("metric_county_" + key) })])]),
      element("tbody", {}, rows),
    ];
    if (metric.sums) {
      const total = data.counties.reduce((sum, county) => sum + (county.values[key] || 0), 0);
      parts.push(element("tfoot", {}, [element("tr", {}, [element("td", { text: t("total") }), element("td", { text: zg.withUnit(total, metric.unit) })])]));
    }
    return element("table", { className: "zg-table" }, parts);
  }
  function dataTable(table) {
    const head = element("tr", {}, table.fields.map(([column, unit]) => element("th", { text: t("field_" + column) + zg.unitMark(unit === "%" ? "" : unit) })));
    const rows = table.rows.map((row) => element("tr", {}, row.map((value, k) => {
      const [column, unit] = table.fields[k];
      return element("td", { text: unit === "-" || unit === "%" || unit === "year" ? zg.shown(column, value, unit) : zg.number(value) });
    })));
    return [element("h2", { text: zg.label(table.title) }), element("div", { className: "zg-wide" }, [element("table", { className: "zg-table zg-data" }, [element("thead", {}, [head]), element("tbody", {}, rows)])])];
  }
  function figures() {
    return element("div", { className: "zg-figures" }, state.topic.figures.map((figure) => element("div", { className: "zg-figure" }, [
      element("b", { text: zg.number(figure.unit === "%" ? figure.value * 100 : figure.value) }),
      element("span", { text: zg.label(figure.label) + (figure.unit === "1" ? "" : " · " + figure.unit) }),
    ])));
  }
  function layerRow(layer) {
    const shapes = layer.shapes, tick = element("input", { attributes: { type: "checkbox", "data-layer": layer.key } });
    tick.checked = map.hasLayer(shapes.layer);
    tick.addEventListener("change", () => { zg.layers.want(map, layer, tick.checked); zg.tools.remember(); });
    const name = t("layer_" + layer.key);
    const opacity = element("input", { className: "zg-opacity", attributes: { type: "range", min: "10", max: "100", step: "10", title: t("opacity"), "aria-label": t("opacity") + " " + name } });
    opacity.value = String(Math.round(shapes.layer.options.opacity * 100));
    opacity.addEventListener("input", () => shapes.layer.setOpacity(Number(opacity.value) / 100));
    const count = layer === zg.layers.counties ? "" : zg.number(layer.count, 0);
    const row = element("div", { className: "zg-layer" }, [element("label", {}, [tick, zg.swatch(layer.symbol), element("span", { text: name }), element("small", { text: count })]), opacity]);
    return layer.sources && layer.sources.length ? element("div", {}, [row, sourcesOf(layer, name)]) : row;
  }
  // Where a layer comes from and under which licence.
  const opened = new Set();
  function sourcesOf(layer, name) {
    const made = element("details", { className: "zg-source" }, [
      element("summary", { text: t("field_source"), attributes: { "aria-label": t("field_source") + " " + name } }),
      ...layer.sources.map((text) => element("p", { text: zg.vocabulary("source", text) })),
    ]);
    made.open = opened.has(layer.key);
    made.addEventListener("toggle", () => { if (made.open) { opened.add(layer.key); } else { opened.delete(layer.key); } });
    return made;
  }
  function layerList() {
    const groups = [...new Set([state.topic.key, ...topics.map((topic) => topic.key)])];
    return groups.flatMap((key) => {
      const members = zg.layers.all.filter((layer) => layer.topic === key);
      return members.length ? [element("h3", { text: t("topic_" + key) }), ...members.map(layerRow)] : [];
    });
  }
  function section(title, parts) { return parts.length ? [element("h2", { text: title }), ...parts] : []; }
  function draw() {
    const { topic, collapsed } = state, county = metricOf("county"), roof = metricOf("roof");
    const fold = zg.button(collapsed ? "▸" : "◂", t(collapsed ? "expand" : "collapse"), () => { state.collapsed = !state.collapsed; draw(); });
    const tongue = zg.button(t("language"), t("language"), () => zg.setLanguage(1 - zg.language()));
    tongue.classList.add("zg-language");
    const summary = zg.label(topic.summary);
    const scroll = body.scrollTop;
    body.replaceChildren(
      ...(summary ? [element("p", { text: summary })] : []),
      ...(topic.figures.length ? [figures()] : []),
      ...(topics.some((item) => item.county_metrics.length) ? section(t("counties"), [chooser("county"), ...(county ? [countyTable()] : [])]) : []),
      ...(roof ? section(t("roofs"), zg.layers.roofs ? [chooser("roof"), element("p", { className: "zg-hint", text: t("zoom_hint") })] : [element("p", { text: t("roofs_left_out") })]) : []),
      ...topic.charts.flatMap((chart) => [element("h2", { text: zg.label(chart.title) }), zg.charts.draw(chart)]),
      ...topic.tables.flatMap(dataTable),
      ...section(t("filter"), [zg.filter.box()]),
      ...section(t("layers"), layerList()),
      ...section(t("basemap"), zg.basemap.box()),
    );
    body.scrollTop = scroll;
    box.dataset.collapsed = String(collapsed);
    box.setAttribute("aria-label", data.title);
    box.replaceChildren(element("div", { className: "zg-head" }, [element("h1", { text: data.title }), tongue, fold]), tabs(), body);
  }
  function padding() {
    const wide = window.innerWidth > 700 && !state.collapsed;
    return { paddingTopLeft: [wide ? 360 : 10, 60], paddingBottomRight: [wide ? 190 : 10, 40], animate: false };
  }
  function start(given) {
    map = given;
    document.body.appendChild(box);
    zg.onLanguage(() => { draw(); zg.foot.draw(); });
    zg.layers.focus(map, state.topic.key);
    recolour(); draw();
    zg.foot.draw();
  }
  return { start, draw, recolour, state, setTopic, choose, padding, metricOf };
})(zg);
