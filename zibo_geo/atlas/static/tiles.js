// Shapes that lie beside the page as vector tiles; to the rest of the page they look like any other shapes.
"use strict";
zg.Tiles = ((zg) => {
  const KEPT_TILES = 48, PER_PATH = 250, PER_SLICE = 500; // unpacked tiles are large; what is off the screen can be unpacked again
  return class Tiles {
    // given: key, kind, store, lowest, highest, minimumZoom, maximumZoom, height, style(i, zoom), visible(i), need() -> promise or null
    constructor(given) {
      Object.assign(this, given);
      this.count = given.store.count;
      this.archive = new pmtiles.PMTiles({ getKey: () => given.key, getBytes: (offset, length) => given.store.range(offset, length).then((data) => ({ data })) });
      this.cache = new Map();
      this.layer = zg.stack.member(this, { minZoom: given.minimumZoom, maxZoom: given.maximumZoom || 99, height: given.height });
    }
    // The data tile that holds a tile of the sheet: sheets of 512 are one zoom lower in tiles of 256.
    place(frame) {
      const zoom = frame.zoom - 1, over = Math.max(0, zoom - this.highest);
      return { z: zoom - over, x: frame.x >> over, y: frame.y >> over, over };
    }
    load(z, x, y) {
      const key = z + ":" + x + ":" + y;
      let held = this.cache.get(key);
      if (held) { this.cache.delete(key); } else {
        held = { tile: null };
        held.promise = this.archive.getZxy(z, x, y).then((found) => (found ? zg.slices(zg.vectorTile.unpack(new Uint8Array(found.data), this.key)) : null))
          .then((tile) => { held.tile = tile || { count: 0 }; }, (error) => { this.cache.delete(key); throw error; });
      }
      this.cache.set(key, held);
      if (this.cache.size > KEPT_TILES) { this.cache.delete(this.cache.keys().next().value); }
      return held;
    }
    ready(frame) {
      const { z, x, y } = this.place(frame), held = this.load(z, x, y), columns = this.need ? this.need() : null;
      frame.held = (frame.held || new Map()).set(this, held); // what is being painted is not forgotten on the way
      return held.tile ? columns : Promise.all([held.promise, columns]);
    }
    *paint(context, frame) {
      const { z, x, y, over } = this.place(frame), held = (frame.held && frame.held.get(this)) || this.cache.get(z + ":" + x + ":" + y);
      if (!held || !held.tile || !held.tile.count) { return; }
      const { tile } = held, scale = frame.size * Math.pow(2, over) / tile.extent;
      const view = { tile, scale, left: (frame.x - x * Math.pow(2, over)) * frame.size, top: (frame.y - y * Math.pow(2, over)) * frame.size };
      const pad = 8 / scale, west = view.left / scale - pad, north = view.top / scale - pad, east = west + frame.size / scale + 2 * pad, south = north + frame.size / scale + 2 * pad;
      const groups = new Map(), { box, row, count } = tile;
      for (let k = 0; k < count; k += 1) {
        if (box[4 * k] > east || box[4 * k + 2] < west || box[4 * k + 1] > south || box[4 * k + 3] < north || !this.visible(row[k])) { continue; }
        const look = this.style(row[k], frame.zoom), name = look.fill + look.stroke + look.width;
        if (!groups.has(name)) { groups.set(name, { look, shapes: [] }); }
        groups.get(name).shapes.push(k);
      }
      yield;
      for (const { look, shapes } of groups.values()) {
        for (let from = 0; from < shapes.length; from += PER_PATH) {
          this.draw(context, view, shapes.slice(from, from + PER_PATH), look, frame.zoom);
          if (from % PER_SLICE === 0) { yield; }
        }
      }
    }
    // Many shapes of one look in one path; what is smaller than a pixel or two is a little square.
    draw(context, { tile, scale, left, top }, shapes, look, zoom) {
      const { box, shape, path, xy } = tile, small = 2 / scale;
      context.fillStyle = look.fill || look.stroke;
      context.beginPath();
      for (const k of shapes) {
        const wide = box[4 * k + 2] - box[4 * k], high = box[4 * k + 3] - box[4 * k + 1];
        if (this.kind === "polygon" && wide < small && high < small) {
          context.fillRect(box[4 * k] * scale - left, box[4 * k + 1] * scale - top, Math.max(1, wide * scale), Math.max(1, high * scale));
          continue;
        }
        for (let p = shape[k]; p < shape[k + 1]; p += 1) {
          for (let v = path[p]; v < path[p + 1]; v += 1) {
            const x = xy[2 * v] * scale - left, y = xy[2 * v + 1] * scale - top;
            if (this.kind === "point") { context.moveTo(x + look.radius, y); context.arc(x, y, look.radius, 0, 2 * Math.PI); } else if (v === path[p]) { context.moveTo(x, y); } else { context.lineTo(x, y); }
          }
          if (this.kind === "polygon") { context.closePath(); }
        }
      }
      if (this.kind !== "line") { context.globalAlpha = look.alpha === undefined ? 1 : look.alpha; context.fill(); context.globalAlpha = 1; }
      if (look.stroke && (this.kind === "line" || zoom >= 15)) { context.strokeStyle = look.stroke; context.lineWidth = look.width; context.setLineDash(look.dash ? [5, 4] : []); context.stroke(); }
    }
    // The shape under a position in what is unpacked already; -1 for none.
    at(latlng, zoom) {
      const now = zoom === undefined ? this.layer._map.getZoom() : zoom, deep = Math.min(this.highest, now - 1), many = Math.pow(2, deep);
      const u = (latlng.lng / 360 + 0.5) * many, v = zg.mercator(latlng.lat) * many, held = this.cache.get(deep + ":" + Math.floor(u) + ":" + Math.floor(v));
      if (!held || !held.tile || !held.tile.count) { return -1; }
      const { tile } = held, { box, row } = tile, x = (u - Math.floor(u)) * tile.extent, y = (v - Math.floor(v)) * tile.extent;
      const unit = tile.extent / (256 * Math.pow(2, now - deep)), reach = this.kind === "polygon" ? 0 : 8 * unit; // one pixel, in the tile's steps
      let found = -1, nearest = Infinity;
      for (let k = 0; k < tile.count; k += 1) {
        if (x < box[4 * k] - reach || x > box[4 * k + 2] + reach || y < box[4 * k + 1] - reach || y > box[4 * k + 3] + reach || !this.visible(row[k])) { continue; }
        if (this.kind === "polygon") { if (holds(tile, k, x, y)) { return row[k]; } continue; }
        const far = distance(tile, k, x, y, this.kind === "line");
        if (far <= reach && far < nearest) { nearest = far; found = row[k]; }
      }
      return found;
    }
    repaint() { zg.stack.changed(this.layer); }
  };
  function holds({ xy, path, shape }, k, x, y) {
    let inside = false;
    for (let p = shape[k]; p < shape[k + 1]; p += 1) {
      for (let v = path[p], w = path[p + 1] - 1; v < path[p + 1]; w = v, v += 1) {
        if ((xy[2 * v + 1] > y) !== (xy[2 * w + 1] > y) && x < (xy[2 * w] - xy[2 * v]) * (y - xy[2 * v + 1]) / (xy[2 * w + 1] - xy[2 * v + 1]) + xy[2 * v]) { inside = !inside; }
      }
    }
    return inside;
  }
  function distance({ xy, path, shape }, k, x, y, joined) {
    let least = Infinity;
    for (let p = shape[k]; p < shape[k + 1]; p += 1) {
      for (let v = path[p]; v < path[p + 1]; v += 1) {
        const w = joined && v > path[p] ? v - 1 : v, dx = xy[2 * v] - xy[2 * w], dy = xy[2 * v + 1] - xy[2 * w + 1], long = dx * dx + dy * dy;
        const along = long > 0 ? Math.max(0, Math.min(1, ((x - xy[2 * w]) * dx + (y - xy[2 * w + 1]) * dy) / long)) : 0;
        least = Math.min(least, Math.hypot(x - xy[2 * w] - along * dx, y - xy[2 * w + 1] - along * dy));
      }
    }
    return least;
  }
})(zg);
