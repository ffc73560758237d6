// The layers of the map: counties, roofs and every topic's overlays, alike in how they are drawn, found and filtered.
"use strict";
zg.layers = ((zg) => {
  const { data } = zg;
  const ROOF_ZOOM = 13;
  const PANES = { "zg-polygon": 330, "zg-county": 340, "zg-grid": 350, "zg-roof": 360, "zg-line": 370, "zg-point": 380 };
  const state = { year: null, countyMetric: null, roofMetric: null, countyScale: null, roofScale: null };
  const all = [];

  // A layer: what it is, its columns, what of it is visible. `key` of the counties and roofs is their own name.
  function layerOf(given, shapesGiven) {
    const columns = new Map(Object.entries(given.columns || {}).map(([name, packed]) => [name, zg.column(packed)]));
    const layer = {
      ...given, columns, mask: null, need: () => Promise.resolve(), wanted: given.on, pinned: false,
      value: (name, i) => (columns.has(name) ? columns.get(name).at(i) : null),
      title: (i) => given.name[i] || given.id[i],
    };
    const yearOf = given.year ? columns.get(given.year) : null;
    layer.visible = (i) => (!layer.mask || layer.mask[i] === 1) && (!yearOf || state.year === null || yearOf.at(i) === null || yearOf.at(i) <= state.year);
    layer.shapes = new zg.Shapes({ packed: given.shapes, origin: data.origin, visible: layer.visible, ...shapesGiven });
    layer.count = layer.shapes.count;
    all.push(layer);
    return layer;
  }

  function sizeAt(zoom) { return Math.max(0.5, Math.min(1.4, 0.5 + (zoom - 9) * 0.1)); }
  function overlayLook(overlay) {
    const style = overlay.style, columns = overlay.columns, by = style.by && columns[style.by] ? zg.column(columns[style.by]) : null;
    const scale = !by ? null : style.categories.length
      ? zg.scales.ofWords(style.categories, style.by, style.colour)
      : zg.scales.ofNumbers(by.values, { palette: style.palette, unit: "", breaks: style.breaks });
    function look(i, zoom) {
      const value = by ? by.at(i) : null, colour = scale ? scale.of(value) : style.colour, thin = zoom < 11 ? 0.7 : 1;
      if (overlay.kind === "point") {
        return { fill: colour, stroke: "#1f2933", width: 0.8, radius: style.radius_px * sizeAt(zoom), sign: scale ? scale.sign(value) : "" };
      }
      if (overlay.kind === "line") {
        const [low, high] = style.width_px;
        return { stroke: colour, width: thin * (low + (high - low) * (scale ? scale.share(value) : 0)), dash: style.dashed };
      }
      return { fill: colour, alpha: style.fill_opacity, stroke: colour, width: thin * style.width_px[0], dash: style.dashed };
    }
    return { look, scale };
  }

  const counties = layerOf({
    key: "counties", topic: "base", kind: "polygon", on: true, pickable: true, fields: [], minimum_zoom: 0,
    id: data.counties.map((county) => county.id), name: data.counties.map((county) => county.name), shapes: data.county_shapes,
  }, {
    kind: "polygon", minimumZoom: 0, pane: "zg-county",
    style: (i, zoom) => ({ fill: state.countyScale ? state.countyScale.of(data.counties[i].values[state.countyMetric.key]) : zg.scales.NONE, alpha: zoom >= ROOF_ZOOM ? 0.08 : zoom >= CELL_ZOOM && data.cells ? 0.2 : 0.75, stroke: "#52606d", width: 1.2 }),
  });
  counties.title = (i) => zg.local(data.counties[i].name, data.counties[i].name_en);
  counties.symbol = "#fec44f";

  const CELL_ZOOM = 11;
  function roofLook(i) { return { fill: state.roofScale ? state.roofScale.of(roofs.value(state.roofMetric.key, i)) : zg.scales.NONE, stroke: "#5c4f3a", width: 0.6 }; }
  // Roofs beside the page: their columns come when they are needed, their ids and names with each roof.
  function distantRoofs(chunked) {
    const store = zg.roofStore.open(chunked), layer = {
      key: "roofs", topic: "base", kind: "polygon", on: true, pickable: true, minimum_zoom: ROOF_ZOOM, wanted: true, pinned: false, distant: true, mask: null,
      fields: chunked.fields, columns: store.columns, need: store.need, store, count: chunked.count,
      value: (name, i) => (store.columns.has(name) ? store.columns.get(name).at(i) : null),
    };
    layer.visible = (i) => !layer.mask || layer.mask[i] === 1;
    layer.shapes = new zg.Tiles({ store, minimumZoom: ROOF_ZOOM, pane: "zg-roof", style: roofLook, visible: layer.visible });
    all.push(layer);
    return layer;
  }
  const roofs = !data.roofs ? null : data.roofs.chunked ? distantRoofs(data.roofs.chunked) : layerOf({ key: "roofs", topic: "base", kind: "polygon", on: true, pickable: true, minimum_zoom: ROOF_ZOOM, ...data.roofs }, {
    kind: "polygon", minimumZoom: ROOF_ZOOM, pane: "zg-roof", style: roofLook,
  });
  if (roofs) { roofs.symbol = "#d95f0e"; }
  const cells = data.cells ? layerOf({ key: "cells", topic: "base", kind: "polygon", on: true, pickable: true, minimum_zoom: CELL_ZOOM, maximum_zoom: ROOF_ZOOM - 1, ...data.cells }, {
    kind: "polygon", minimumZoom: CELL_ZOOM, maximumZoom: ROOF_ZOOM - 1, pane: "zg-grid",
    style: (i) => ({ fill: state.cellScale ? state.cellScale.of(cells.value(state.roofMetric.key, i)) : zg.scales.NONE, alpha: 0.85, stroke: "#ffffff", width: 0.4 }),
  }) : null;
  if (cells) { cells.symbol = "#fe9929"; }

  data.overlays.forEach((overlay) => {
    const { look, scale } = overlayLook(overlay);
    const layer = layerOf(overlay, { kind: overlay.kind, minimumZoom: overlay.minimum_zoom, pane: "zg-" + overlay.kind, style: look });
    layer.scale = scale;
    layer.symbol = overlay.style.categories.length ? overlay.style.categories[0].colour : overlay.style.colour;
  });

  // Recolours counties and roofs by the active metrics; either may be null where a topic has none.
  function colour(countyMetric, roofMetric) {
    if (countyMetric) {
      state.countyMetric = countyMetric;
      state.countyScale = zg.scales.of(countyMetric, data.counties.map((county) => county.values[countyMetric.key]));
    } else { state.countyScale = null; }
    counties.shapes.repaint();
    if (!roofs || !roofMetric) { return Promise.resolve(); }
    state.asked = roofMetric;
    return roofs.need([roofMetric.key]).then(() => {
      if (state.asked !== roofMetric) { return; }
      state.roofMetric = roofMetric;
      state.roofScale = zg.scales.of(roofMetric, roofs.columns.get(roofMetric.key).values);
      state.cellScale = cells && cells.columns.has(roofMetric.key) ? zg.scales.of({ ...roofMetric, breaks: [] }, cells.columns.get(roofMetric.key).values) : null;
      roofs.shapes.repaint();
      if (cells) { cells.shapes.repaint(); }
    });
  }
  function start(map) {
    Object.entries(PANES).forEach(([name, height]) => { map.createPane(name).style.zIndex = height; });
  }
  function show(map, layer, on) { if (on) { layer.shapes.layer.addTo(map); } else { map.removeLayer(layer.shapes.layer); } }
  // A topic shows its own layers and the ground's; those of others stay hidden unless somebody asked for them.
  function focus(map, topic) { all.forEach((layer) => show(map, layer, layer.topic === topic || layer.topic === "base" ? layer.wanted : layer.pinned)); }
  function want(map, layer, on) { layer.wanted = on; layer.pinned = on; show(map, layer, on); }
  // The topmost layer's shape under a position: [layer, i], or null.
  const ORDER = { point: 0, line: 1, polygon: 3 };
  function rank(layer) { return layer === roofs ? 2 : layer === counties ? 5 : layer === cells ? 4 : ORDER[layer.kind]; }
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
  function select(layer, i) { all.forEach((other) => other.shapes.select(other === layer && layer !== counties ? i : -1)); }
  const years = () => all.filter((layer) => layer.year).flatMap((layer) => layer.columns.get(layer.year).values.filter((year) => year !== null));
  function setYear(year) { state.year = year; all.filter((layer) => layer.year).forEach((layer) => layer.shapes.repaint()); }
  return { all, counties, roofs, cells, state, ROOF_ZOOM, CELL_ZOOM, colour, start, focus, want, pick, select, years, setYear };
})(zg);
