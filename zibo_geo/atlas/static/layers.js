// The layers of the map: counties, roofs and every topic's overlays, alike in how they are drawn, found and filtered.
"use strict";
zg.layers = ((zg) => {
  const { data } = zg;
  const ROOF_ZOOM = 13, CELL_ZOOM = 11;
  // What lies on what, low first.
  const HEIGHTS = { polygon: 1, county: 2, shade: 3, grid: 4, roof: 5, fine: 6, line: 7, point: 8 };
  const state = { year: null, choices: {}, countyMetric: null, roofMetric: null, countyScale: null, roofScale: null, cellScale: null, asked: null };
  const all = [];

  function finish(layer, given) {
    const { columns } = layer, yearOf = () => (given.year ? columns.get(given.year) : null), choiceOf = () => (given.choice ? columns.get(given.choice) : null);
    layer.visible = (i) => {
      if (layer.mask && layer.mask[i] !== 1) { return false; }
      const year = yearOf(), choice = choiceOf();
      if (year && state.year !== null) { const value = year.at(i); if (value !== null && value > state.year) { return false; } }
      return !choice || !(given.choice in state.choices) || choice.at(i) === state.choices[given.choice];
    };
    // The common case, a layer that nothing hides parts of, asks no column.
    layer.whole = () => !layer.mask && (!given.year || state.year === null) && (!given.choice || !(given.choice in state.choices));
    all.push(layer);
    return layer;
  }
  // A layer: what it is, its columns, what of it is visible. `key` of the counties and roofs is their own name.
  function layerOf(given, shapesGiven) {
    const columns = new Map(Object.entries(given.columns || {}).map(([name, packed]) => [name, zg.column(packed)]));
    const layer = finish({
      ...given, columns, mask: null, need: () => Promise.resolve(), wanted: given.on, pinned: false,
      value: (name, i) => (columns.has(name) ? columns.get(name).at(i) : null),
      title: (i) => given.name[i] || given.id[i],
    }, given);
    layer.shapes = new zg.Shapes({ packed: given.shapes, origin: data.origin, visible: layer.visible, ...shapesGiven });
    layer.count = layer.shapes.count;
    return layer;
  }
  // A layer beside the page: its columns come when they are needed, its ids and names with each shape.
  function distantLayer(given, tilesGiven) {
    const store = zg.store.open(given.chunked, given.key), { columns } = store;
    const layer = finish({
      ...given, columns, mask: null, need: store.need, wanted: given.on, pinned: false, distant: true, store, count: given.chunked.count, fields: given.fields || given.chunked.fields,
      value: (name, i) => (columns.has(name) ? columns.get(name).at(i) : null),
    }, given);
    layer.shapes = new zg.Tiles({ key: given.key, store, lowest: given.chunked.lowest, highest: given.chunked.highest, visible: (i) => layer.whole() || layer.visible(i), ...tilesGiven });
    return layer;
  }

  function sizeAt(zoom) { return Math.max(0.5, Math.min(1.4, 0.5 + (zoom - 9) * 0.1)); }
  // How the shapes of an overlay look; its scale is known at once, or after the column by which it is coloured has come.
  function overlayLook(overlay) {
    const style = overlay.style, known = { by: null, scale: null };
    function learn(by) {
      known.by = by;
      known.scale = style.categories.length ? zg.scales.ofWords(style.categories, style.by, style.colour) : zg.scales.ofNumbers(by.values, { palette: style.palette, unit: "", breaks: style.breaks });
    }
    function look(i, zoom) {
      const { by, scale } = known, value = by ? by.at(i) : null, colour = scale ? scale.of(value) : style.colour, thin = zoom < 11 ? 0.7 : 1;
      if (overlay.kind === "point") {
        return { fill: colour, stroke: "#1f2933", width: 0.8, radius: style.radius_px * sizeAt(zoom), sign: scale ? scale.sign(value) : "" };
      }
      if (overlay.kind === "line") {
        const [low, high] = style.width_px;
        return { stroke: colour, width: thin * (low + (high - low) * (scale ? scale.share(value) : 0)), dash: style.dashed };
      }
      return { fill: colour, alpha: style.fill_opacity, stroke: colour, width: thin * style.width_px[0], dash: style.dashed };
    }
    return { look, learn, known };
  }

  const counties = layerOf({
    key: "counties", topic: "base", kind: "polygon", on: true, pickable: true, fields: [], minimum_zoom: 0, sources: data.county_sources,
    id: data.counties.map((county) => county.id), name: data.counties.map((county) => county.name), shapes: data.county_shapes,
  }, {
    kind: "polygon", minimumZoom: 0, height: HEIGHTS.county,
    style: (i, zoom) => ({ fill: state.countyScale ? state.countyScale.of(data.counties[i].values[state.countyMetric.key]) : zg.scales.NONE, alpha: zoom >= ROOF_ZOOM ? 0.08 : zoom >= CELL_ZOOM && data.cells ? 0.2 : 0.75, stroke: "#52606d", width: 1.2 }),
  });
  counties.title = (i) => zg.local(data.counties[i].name, data.counties[i].name_en);
  counties.symbol = "#fec44f";

  // Looks of roofs are made once per colour, not once per roof.
  const roofLooks = new Map();
  function roofLook(i, zoom) {
    // While the year slider is used, a roof that is not built yet has no colour.
    const built = state.year === null || !state.roofYear ? 0 : roofs.value(state.roofYear, i);
    const fill = state.roofScale && built !== null && built <= (state.year || 0) ? state.roofScale.of(roofs.value(state.roofMetric.key, i)) : zg.scales.NONE;
    const near = zoom >= 15, name = near ? fill + "n" : fill;
    let look = roofLooks.get(name);
    if (!look) { look = { fill, stroke: near ? "#5c4f3a" : null, width: 0.6 }; roofLooks.set(name, look); }
    return look;
  }
  const ROOFS = { key: "roofs", topic: "base", kind: "polygon", on: true, pickable: true, minimum_zoom: ROOF_ZOOM, ...data.roofs };
  const roofs = !data.roofs ? null : data.roofs.chunked
    ? distantLayer(ROOFS, { kind: "polygon", minimumZoom: ROOF_ZOOM, height: HEIGHTS.roof, style: roofLook, need: () => askRoofs() })
    : layerOf(ROOFS, { kind: "polygon", minimumZoom: ROOF_ZOOM, height: HEIGHTS.roof, style: roofLook });
  if (roofs) { roofs.symbol = "#d95f0e"; }
  const cells = data.cells ? layerOf({ key: "cells", topic: "base", kind: "polygon", on: true, pickable: true, minimum_zoom: CELL_ZOOM, maximum_zoom: ROOF_ZOOM - 1, sources: [], ...data.cells }, {
    kind: "polygon", minimumZoom: CELL_ZOOM, maximumZoom: ROOF_ZOOM - 1, height: HEIGHTS.grid,
    style: (i) => ({ fill: state.cellScale ? state.cellScale.of(cells.value(state.roofMetric.key, i)) : zg.scales.NONE, alpha: 0.85, stroke: "#ffffff", width: 0.4 }),
  }) : null;
  if (cells) { cells.symbol = "#fe9929"; }

  data.overlays.forEach((overlay) => {
    const { look, learn, known } = overlayLook(overlay), by = overlay.style.by;
    const height = overlay.kind === "polygon" && overlay.minimum_zoom >= ROOF_ZOOM ? HEIGHTS.fine : HEIGHTS[overlay.kind];
    const given = { kind: overlay.kind, minimumZoom: overlay.minimum_zoom, height, style: look };
    const wanted = [by, overlay.year, overlay.choice].filter((name) => name);
    const layer = overlay.chunked
      ? distantLayer(overlay, { ...given, need: () => (known.by || !wanted.length ? null : layer.need(wanted).then(() => { if (by && !known.by) { learn(layer.columns.get(by)); layer.scale = known.scale; } })) })
      : layerOf(overlay, given);
    if (by && !overlay.chunked && layer.columns.has(by)) { learn(layer.columns.get(by)); layer.scale = known.scale; }
    layer.symbol = overlay.style.categories.length ? overlay.style.categories[0].colour : overlay.style.colour;
  });

  // The other map of a comparison adds its values, so that both are coloured alike.
  const beside = { county: () => [], breaks: () => null };
  // Recolours counties and roofs by the active metrics; either may be null where a topic has none.
  function colour(countyMetric, roofMetric, roofYear) {
    state.roofYear = roofYear || null;
    if (countyMetric) {
      state.countyMetric = countyMetric;
      state.countyScale = zg.scales.of(countyMetric, data.counties.map((county) => county.values[countyMetric.key]).concat(beside.county(countyMetric.key)));
    } else { state.countyScale = null; }
    counties.shapes.repaint();
    if (!roofs || !roofMetric) { return Promise.resolve(); }
    state.asked = roofMetric;
    state.roofMetric = roofMetric;
    state.roofScale = null;
    state.cellScale = cells && cells.columns.has(roofMetric.key) ? zg.scales.of({ ...roofMetric, breaks: beside.breaks("cells", roofMetric.key) || [], shared: Boolean(beside.breaks("cells", roofMetric.key)) }, cells.columns.get(roofMetric.key).values) : null;
    if (cells) { cells.shapes.repaint(); }
    document.dispatchEvent(new CustomEvent("zg-scale"));
    // Roofs beside the page bring their column when the first of them is drawn.
    return roofs.distant && !(zg.map && zg.map.getZoom() >= ROOF_ZOOM) ? Promise.resolve() : askRoofs();
  }
  function askRoofs() {
    const metric = state.asked;
    if (!metric || state.roofScale) { return null; }
    return roofs.need([metric.key, state.roofYear]).then(() => {
      if (state.asked !== metric || state.roofScale) { return; }
      state.roofScale = zg.scales.of({ ...metric, breaks: beside.breaks("roofs", metric.key) || metric.breaks, shared: Boolean(beside.breaks("roofs", metric.key)) }, roofs.columns.get(metric.key).values);
      roofs.shapes.repaint();
      document.dispatchEvent(new CustomEvent("zg-scale"));
    });
  }
  let outline = null, picture = null;
  // The chosen shape is outlined above everything else; nothing is painted again for it.
  function select(layer, i, paths) {
    if (outline) { outline.remove(); outline = null; }
    if (!layer || layer === counties || i < 0 || !zg.map) { return; }
    picture = picture || L.svg({ pane: "zg-chosen", padding: 0.3 });
    const given = (paths || layer.shapes.paths(i)).map((path) => path.map(([x, y]) => [y, x]));
    const look = { pane: "zg-chosen", renderer: picture, interactive: false, color: "#000000", weight: 2.5, fill: false };
    if (layer.kind === "point") { outline = L.circleMarker(given[0][0], { ...look, radius: layer.style.radius_px * sizeAt(zg.map.getZoom()) + 3 }); }
    else if (layer.kind === "line") { outline = L.layerGroup([L.polyline(given, { ...look, weight: 9, opacity: 0.35 }), L.polyline(given, look)]); } else { outline = L.polygon(given, look); }
    outline.addTo(zg.map);
  }
  function start(map) {
    map.createPane("zg-chosen").style.zIndex = 420;
    map.getPane("zg-chosen").style.pointerEvents = "none";
    map.createPane("zg-names").style.zIndex = 430;
  }
  function show(map, layer, on) { if (on) { layer.shapes.layer.addTo(map); } else { map.removeLayer(layer.shapes.layer); } }
  // A topic shows its own layers and the ground's; those of others stay hidden unless somebody asked for them.
  function focus(map, topic) { all.forEach((layer) => show(map, layer, layer.topic === topic || layer.topic === "base" ? layer.wanted : layer.pinned)); }
  function want(map, layer, on) { layer.wanted = on; layer.pinned = on; show(map, layer, on); }
  // The topmost layer's shape under a position: [layer, i], or null.
  const ORDER = { point: 0, line: 1, polygon: 3 };
  function rank(layer) { return layer === roofs ? 2 : layer === counties ? 5 : layer === cells ? 4 : layer.kind === "polygon" && layer.minimum_zoom > ROOF_ZOOM ? 1.5 : ORDER[layer.kind]; }
  function pick(map, latlng) {
    const zoom = map.getZoom();
    const candidates = all.filter((layer) => layer.pickable && map.hasLayer(layer.shapes.layer) && zoom >= layer.minimum_zoom && zoom <= (layer.maximum_zoom || 99))
      .map((layer, order) => [layer, order]).sort((a, b) => rank(a[0]) - rank(b[0]) || b[1] - a[1]);
    for (const [layer] of candidates) {
      const i = layer.shapes.at(latlng, zoom);
      if (i >= 0) { return [layer, i]; }
    }
    return null;
  }
  const years = (topic) => all.filter((layer) => layer.year && (!topic || layer.topic === topic)).flatMap((layer) => layer.years);
  function setYear(year) { state.year = year; all.filter((layer) => layer.year || (layer === roofs && state.roofYear)).forEach((layer) => layer.shapes.repaint()); }
  // Columns that a chooser at the foot of the map picks one word of, and their words.
  function choices(topic) {
    const made = new Map();
    all.filter((layer) => layer.choice && layer.topic === topic).forEach((layer) => {
      if (!made.has(layer.choice)) { made.set(layer.choice, []); }
      layer.columns.get(layer.choice).words.forEach((word) => { if (!made.get(layer.choice).includes(word)) { made.get(layer.choice).push(word); } });
    });
    return made;
  }
  function choose(column, word) { state.choices[column] = word; all.filter((layer) => layer.choice === column).forEach((layer) => layer.shapes.repaint()); }
  all.filter((layer) => layer.choice).forEach((layer) => { const { words } = layer.columns.get(layer.choice); if (words && words.length && !(layer.choice in state.choices)) { state.choices[layer.choice] = words[0]; } });
  return { all, counties, roofs, cells, state, beside, ROOF_ZOOM, CELL_ZOOM, HEIGHTS, colour, askRoofs, start, focus, want, pick, select, years, setYear, choices, choose };
})(zg);
