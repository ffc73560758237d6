// Files of the filtered selection, made in the page: CSV for spreadsheets, GeoJSON for QGIS.
"use strict";
zg.download = ((zg) => {
  // A cell that a spreadsheet would take for a formula is led by an apostrophe.
  function cell(value) {
    if (value === null || value === undefined) { return ""; }
    if (typeof value === "number") { return String(value); }
    const text = String(value), safe = /^[\s]*[=+\-@\t\r]/.test(text) ? "'" + text : text;
    return /[",\n\r]/.test(safe) ? '"' + safe.replace(/"/g, '""') + '"' : safe;
  }
  function columnsOf(layer) { return [...layer.columns.keys()]; }
  function each(layer, visit) { for (let i = 0; i < layer.count; i += 1) { if (layer.visible(i)) { visit(i); } } }
  function csvText(layer) {
    const columns = columnsOf(layer), lines = [["id", "name", ...columns].map(cell).join(",")];
    each(layer, (i) => lines.push([layer.id[i], layer.name[i], ...columns.map((name) => layer.value(name, i))].map(cell).join(",")));
    return "\ufeff" + lines.join("\r\n") + "\r\n";
  }
  function inside(point, ring) {
    let is = false;
    for (let k = 0, j = ring.length - 1; k < ring.length; j = k, k += 1) {
      if ((ring[k][1] > point[1]) !== (ring[j][1] > point[1]) && point[0] < (ring[j][0] - ring[k][0]) * (point[1] - ring[k][1]) / (ring[j][1] - ring[k][1]) + ring[k][0]) { is = !is; }
    }
    return is;
  }
  // Rings are only told apart by who lies in whom: an odd number of rings around one makes it a hole.
  function polygons(rings) {
    const depth = rings.map((ring, k) => rings.filter((other, j) => j !== k && inside(ring[0], other)).length);
    const shells = rings.map((ring, k) => k).filter((k) => depth[k] % 2 === 0);
    const closed = (ring) => [...ring, ring[0]];
    return shells.map((k) => [closed(rings[k]), ...rings.filter((ring, j) => depth[j] === depth[k] + 1 && inside(ring[0], rings[k])).map(closed)]);
  }
  function geometry(layer, i) {
    const paths = layer.shapes.paths(i);
    if (layer.shapes.kind === "point") { return paths.length === 1 ? { type: "Point", coordinates: paths[0][0] } : { type: "MultiPoint", coordinates: paths.map((path) => path[0]) }; }
    if (layer.shapes.kind === "line") { return paths.length === 1 ? { type: "LineString", coordinates: paths[0] } : { type: "MultiLineString", coordinates: paths }; }
    const parts = polygons(paths);
    return parts.length === 1 ? { type: "Polygon", coordinates: parts[0] } : { type: "MultiPolygon", coordinates: parts };
  }
  function geojsonText(layer) {
    const columns = columnsOf(layer), features = [];
    each(layer, (i) => features.push({
      type: "Feature", id: layer.id[i],
      properties: Object.fromEntries([["id", layer.id[i]], ["name", layer.name[i]], ...columns.map((name) => [name, layer.value(name, i)])]),
      geometry: geometry(layer, i),
    }));
    return JSON.stringify({ type: "FeatureCollection", features });
  }
  function save(text, kind, name) {
    const address = URL.createObjectURL(new Blob([text], { type: kind }));
    const link = zg.element("a", { attributes: { href: address, download: name } });
    document.body.appendChild(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  }
  const MOST_DISTANT = 50000;
  // Roofs beside the page are gathered chunk by chunk into a layer of their own.
  function gathered(layer) {
    if (!layer.distant) { return Promise.resolve(layer); }
    const rows = [];
    each(layer, (i) => rows.push(i));
    if (rows.length > MOST_DISTANT) { return Promise.reject(new Error(zg.t("export_too_many"))); }
    const made = { key: layer.key, count: rows.length, id: [], name: [], columns: new Map(layer.columns), visible: () => true, cells: [], paths: [] };
    made.value = (name, k) => made.cells[k].get(name);
    return rows.reduce((before, i) => before.then(() => layer.store.detail(i)).then(({ values, at }) => {
      made.id.push(values.id[at]); made.name.push(values.name[at]);
      if (!values.read) {
        values.read = new Map(Object.entries(values.columns).map(([name, packed]) => [name, zg.column(packed)]));
      }
      made.cells.push(new Map([...values.read].map(([name, column]) => [name, column.at(at)])));
      made.paths.push(zg.store.pathsOf(values, layer.kind, at));
    }), Promise.resolve()).then(() => ({ ...made, shapes: { kind: layer.kind, paths: (k) => made.paths[k] } }));
  }
  function offer(layer, write, kind, ending) {
    return gathered(layer).then((whole) => save(write(whole), kind, layer.key + ending), (error) => zg.tools.say(error.message));
  }
  return {
    csvText, geojsonText, cell, polygons,
    csv: (layer) => offer(layer, csvText, "text/csv;charset=utf-8", ".csv"),
    geojson: (layer) => offer(layer, geojsonText, "application/geo+json", ".geojson"),
  };
})(zg);
