// Roofs drawn on canvas tiles from arrays: one style function for all, found again by a grid.
"use strict";
zg.roofs = ((zg) => {
  const roofs = zg.data.roofs;
  const CELL = 0.004;
  const MINIMUM_ZOOM = 13;
  const count = roofs ? roofs.id.length : 0;
  const start = new Uint32Array(count + 1);
  let xs = null, ys = null, west = null, east = null, south = null, north = null;
  const cells = new Map();

  function mercator(latitude) {
    const sine = Math.sin(latitude * Math.PI / 180);
    return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
  }
  function key(column, row) { return column * 100003 + row; }
  function prepare() {
    let vertices = 0;
    for (let i = 0; i < count; i += 1) { start[i] = vertices; vertices += roofs.ring[i].length / 2; }
    start[count] = vertices;
    xs = new Float64Array(vertices); ys = new Float64Array(vertices);
    west = new Float64Array(count).fill(Infinity); east = new Float64Array(count).fill(-Infinity);
    south = new Float64Array(count).fill(Infinity); north = new Float64Array(count).fill(-Infinity);
    for (let i = 0; i < count; i += 1) {
      const ring = roofs.ring[i];
      let x = 0, y = 0;
      for (let k = 0; k < ring.length; k += 2) {
        x += ring[k]; y += ring[k + 1];
        const longitude = roofs.origin[0] + x * 1e-6, latitude = roofs.origin[1] + y * 1e-6, at = start[i] + k / 2;
        xs[at] = longitude / 360 + 0.5; ys[at] = mercator(latitude);
        west[i] = Math.min(west[i], longitude); east[i] = Math.max(east[i], longitude);
        south[i] = Math.min(south[i], latitude); north[i] = Math.max(north[i], latitude);
      }
      for (let c = Math.floor(west[i] / CELL); c <= Math.floor(east[i] / CELL); c += 1) {
        for (let r = Math.floor(south[i] / CELL); r <= Math.floor(north[i] / CELL); r += 1) {
          const at = key(c, r);
          if (!cells.has(at)) { cells.set(at, []); }
          cells.get(at).push(i);
        }
      }
    }
  }
  // Every roof whose box touches the given one, once.
  function within(w, s, e, n, visit) {
    const seen = new Set();
    for (let c = Math.floor(w / CELL); c <= Math.floor(e / CELL); c += 1) {
      for (let r = Math.floor(s / CELL); r <= Math.floor(n / CELL); r += 1) {
        (cells.get(key(c, r)) || []).forEach((i) => {
          if (!seen.has(i) && west[i] <= e && east[i] >= w && south[i] <= n && north[i] >= s) { seen.add(i); visit(i); }
        });
      }
    }
  }
  let style = () => zg.NONE;
  let selected = -1;
  const Layer = L.GridLayer.extend({
    createTile(coords) {
      const size = this.getTileSize(), tile = L.DomUtil.create("canvas");
      tile.width = size.x; tile.height = size.y;
      const context = tile.getContext("2d"), zoom = Math.pow(2, coords.z);
      const bounds = this._tileCoordsToBounds(coords);
      const pixels = zoom * size.x, left = coords.x * size.x, top = coords.y * size.y;
      context.lineWidth = 0.6;
      within(bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth(), (i) => {
        context.beginPath();
        for (let k = start[i]; k < start[i + 1]; k += 1) {
          const x = xs[k] * pixels - left, y = ys[k] * pixels - top;
          if (k === start[i]) { context.moveTo(x, y); } else { context.lineTo(x, y); }
        }
        context.closePath();
        context.fillStyle = style(i);
        context.strokeStyle = i === selected ? "#000000" : "rgba(60,50,30,.55)";
        context.lineWidth = i === selected ? 2.5 : 0.6;
        context.fill(); context.stroke();
      });
      return tile;
    },
  });
  if (count) { prepare(); }
  const layer = new Layer({ minZoom: MINIMUM_ZOOM, pane: "overlayPane", updateWhenZooming: false });

  function at(latlng) {
    const x = latlng.lng / 360 + 0.5, y = mercator(latlng.lat);
    let found = -1;
    within(latlng.lng, latlng.lat, latlng.lng, latlng.lat, (i) => {
      let inside = false;
      for (let k = start[i], j = start[i + 1] - 1; k < start[i + 1]; j = k, k += 1) {
        if ((ys[k] > y) !== (ys[j] > y) && x < (xs[j] - xs[k]) * (y - ys[k]) / (ys[j] - ys[k]) + xs[k]) { inside = !inside; }
      }
      if (inside) { found = i; }
    });
    return found;
  }
  function centre(i) { return L.latLng((south[i] + north[i]) / 2, (west[i] + east[i]) / 2); }
  function restyle(next) { style = next; if (layer._map) { layer.redraw(); } }
  function select(i) { selected = i; if (layer._map) { layer.redraw(); } }
  return { count, layer, at, centre, restyle, select, MINIMUM_ZOOM };
})(zg);
