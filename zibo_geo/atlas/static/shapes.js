// Shapes drawn on canvas tiles from flat arrays: any number, one style function, found again by a grid.
"use strict";
zg.mercator = (latitude) => {
  const sine = Math.sin(latitude * Math.PI / 180);
  return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
};
zg.Shapes = ((zg) => {
  const { mercator } = zg;
  function latitude(y) { return Math.atan(Math.sinh((0.5 - y) * 2 * Math.PI)) * 180 / Math.PI; }

  // Vertices in Web Mercator 0..1; paths of a shape are filled even-odd, so holes are just paths.
  function unpack(packed, origin) {
    const [steps, lengths, parts] = packed, vertices = steps.length / 2;
    const made = {
      count: parts.length, xs: new Float64Array(vertices), ys: new Float64Array(vertices),
      path: new Uint32Array(lengths.length + 1), shape: new Uint32Array(parts.length + 1), box: new Float64Array(parts.length * 4),
    };
    let vertex = 0, path = 0;
    for (let i = 0; i < parts.length; i += 1) {
      let west = Infinity, north = Infinity, east = -Infinity, south = -Infinity;
      for (let p = 0; p < parts[i]; p += 1, path += 1) {
        let x = 0, y = 0;
        for (let k = 0; k < lengths[path]; k += 1, vertex += 1) {
          x += steps[2 * vertex]; y += steps[2 * vertex + 1];
          const u = (origin[0] + x * 1e-6) / 360 + 0.5, v = mercator(origin[1] + y * 1e-6);
          made.xs[vertex] = u; made.ys[vertex] = v;
          if (u < west) { west = u; } if (u > east) { east = u; }
          if (v < north) { north = v; } if (v > south) { south = v; }
        }
        made.path[path + 1] = vertex;
      }
      made.shape[i + 1] = path;
      made.box.set([west, north, east, south], 4 * i);
    }
    return made;
  }
  function gridOf(geometry) {
    let size = 0;
    for (let i = 0; i < geometry.count; i += 1) { size += Math.max(geometry.box[4 * i + 2] - geometry.box[4 * i], geometry.box[4 * i + 3] - geometry.box[4 * i + 1]); }
    const cell = Math.min(Math.pow(2, -9), Math.max(Math.pow(2, -16), 2 * size / Math.max(1, geometry.count)));
    const cells = new Map(), key = (column, row) => column * 131072 + row;
    for (let i = 0; i < geometry.count; i += 1) {
      const [west, north, east, south] = geometry.box.subarray(4 * i, 4 * i + 4);
      for (let c = Math.floor(west / cell); c <= Math.floor(east / cell); c += 1) {
        for (let r = Math.floor(north / cell); r <= Math.floor(south / cell); r += 1) {
          const at = key(c, r);
          if (!cells.has(at)) { cells.set(at, []); }
          cells.get(at).push(i);
        }
      }
    }
    return { cell, cells, key };
  }

  const PER_PATH = 250, PER_SLICE = 250;
  return class Shapes {
    // given: kind, packed, origin, minimumZoom, maximumZoom, height, style(i, zoom) -> {fill, stroke, width, radius, sign, dash}, visible(i)
    constructor(given) {
      Object.assign(this, given);
      this.geometry = unpack(given.packed, given.origin);
      this.made = null;
      this.stamp = new Uint32Array(this.geometry.count);
      this.tick = 0;
      this.count = this.geometry.count;
      this.layer = given.style ? zg.stack.member(this, { minZoom: given.minimumZoom, maxZoom: given.maximumZoom || 99, height: given.height }) : null;
    }
    get grid() { if (!this.made) { this.made = gridOf(this.geometry); } return this.made; }
    // Every shape whose box touches the given one, once.
    within(west, north, east, south, visit) {
      const { cell, cells, key } = this.grid, box = this.geometry.box;
      this.tick += 1;
      for (let c = Math.floor(west / cell); c <= Math.floor(east / cell); c += 1) {
        for (let r = Math.floor(north / cell); r <= Math.floor(south / cell); r += 1) {
          const found = cells.get(key(c, r));
          if (!found) { continue; }
          for (const i of found) {
            if (this.stamp[i] === this.tick) { continue; }
            this.stamp[i] = this.tick;
            if (box[4 * i] <= east && box[4 * i + 2] >= west && box[4 * i + 1] <= south && box[4 * i + 3] >= north && this.visible(i)) { visit(i); }
          }
        }
      }
    }
    *paint(context, frame) {
      const { scale, left, top, size, zoom } = frame, pad = 16, found = [];
      this.within((left - pad) / scale, (top - pad) / scale, (left + size + pad) / scale, (top + size + pad) / scale, (i) => found.push(i));
      found.sort((a, b) => a - b);
      if (this.kind === "polygon" && found.length > PER_PATH) { yield* this.paintMany(context, frame, found); return; }
      for (let k = 0; k < found.length; k += 1) {
        this.draw(context, found[k], zoom, frame);
        if (k % PER_SLICE === PER_SLICE - 1) { yield; }
      }
    }
    // Many polygons: those of one look share a path, and what is smaller than a pixel or two is a little square.
    *paintMany(context, frame, found) {
      const { scale, left, top, zoom } = frame, box = this.geometry.box, groups = new Map(), small = 2 / scale;
      found.forEach((i) => {
        const look = this.style(i, zoom), name = look.fill + look.stroke + look.alpha;
        if (!groups.has(name)) { groups.set(name, { look, shapes: [] }); }
        groups.get(name).shapes.push(i);
      });
      yield;
      for (const { look, shapes } of groups.values()) {
        for (let from = 0; from < shapes.length; from += PER_PATH) {
          context.fillStyle = look.fill;
          context.globalAlpha = look.alpha === undefined ? 1 : look.alpha;
          context.beginPath();
          for (let k = from; k < Math.min(shapes.length, from + PER_PATH); k += 1) {
            const i = shapes[k], wide = box[4 * i + 2] - box[4 * i], high = box[4 * i + 3] - box[4 * i + 1];
            if (wide < small && high < small) { context.fillRect(box[4 * i] * scale - left, box[4 * i + 1] * scale - top, Math.max(1, wide * scale), Math.max(1, high * scale)); } else { this.trace(context, i, frame, look); }
          }
          context.fill();
          context.globalAlpha = 1;
          if (look.stroke) { context.setLineDash(look.dash ? [5, 4] : []); context.strokeStyle = look.stroke; context.lineWidth = look.width; context.stroke(); }
          yield;
        }
      }
    }
    draw(context, i, zoom, frame) {
      const look = this.style(i, zoom);
      context.beginPath();
      this.trace(context, i, frame, look);
      context.setLineDash(look.dash ? [5, 4] : []);
      if (look.fill) { context.fillStyle = look.fill; context.globalAlpha = look.alpha === undefined ? 1 : look.alpha; context.fill("evenodd"); context.globalAlpha = 1; }
      if (look.stroke) { context.strokeStyle = look.stroke; context.lineWidth = look.width; context.stroke(); }
      if (look.sign && this.kind === "point" && look.radius >= 4.5) { this.write(context, i, frame, look); }
    }
    trace(context, i, { scale, left, top }, look) {
      const { xs, ys, path, shape } = this.geometry;
      for (let p = shape[i]; p < shape[i + 1]; p += 1) {
        for (let k = path[p]; k < path[p + 1]; k += 1) {
          const x = xs[k] * scale - left, y = ys[k] * scale - top;
          if (this.kind === "point") { context.moveTo(x + look.radius, y); context.arc(x, y, look.radius, 0, 2 * Math.PI); }
          else if (k === path[p]) { context.moveTo(x, y); } else { context.lineTo(x, y); }
        }
        if (this.kind === "polygon") { context.closePath(); }
      }
    }
    write(context, i, { scale, left, top }, look) {
      const { xs, ys, path, shape } = this.geometry, k = path[shape[i]];
      context.fillStyle = "#ffffff"; context.font = "bold " + Math.round(look.radius * 1.5) + "px sans-serif";
      context.textAlign = "center"; context.textBaseline = "middle";
      context.fillText(look.sign, xs[k] * scale - left, ys[k] * scale - top + 0.5);
    }
    // The shape under a position, the nearest within a few pixels for lines and points; -1 for none.
    at(latlng, zoom) {
      const x = latlng.lng / 360 + 0.5, y = mercator(latlng.lat), scale = 256 * Math.pow(2, zoom);
      const reach = this.kind === "polygon" ? 0 : 16 / scale;
      let found = -1, nearest = Infinity;
      this.within(x - reach, y - reach, x + reach, y + reach, (i) => {
        if (this.kind === "polygon") { if (this.holds(i, x, y)) { found = Math.max(found, i); } return; }
        const look = this.style(i, zoom), far = this.distance(i, x, y) * scale;
        if (far <= (this.kind === "point" ? look.radius + 2 : look.width / 2 + 5) && far < nearest) { nearest = far; found = i; }
      });
      return found;
    }
    holds(i, x, y) {
      const { xs, ys, path, shape } = this.geometry;
      let inside = false;
      for (let p = shape[i]; p < shape[i + 1]; p += 1) {
        for (let k = path[p], j = path[p + 1] - 1; k < path[p + 1]; j = k, k += 1) {
          if ((ys[k] > y) !== (ys[j] > y) && x < (xs[j] - xs[k]) * (y - ys[k]) / (ys[j] - ys[k]) + xs[k]) { inside = !inside; }
        }
      }
      return inside;
    }
    distance(i, x, y) {
      const { xs, ys, path, shape } = this.geometry;
      let least = Infinity;
      for (let p = shape[i]; p < shape[i + 1]; p += 1) {
        for (let k = path[p]; k < path[p + 1]; k += 1) {
          const j = this.kind === "line" && k > path[p] ? k - 1 : k, dx = xs[k] - xs[j], dy = ys[k] - ys[j], long = dx * dx + dy * dy;
          const along = long > 0 ? Math.max(0, Math.min(1, ((x - xs[j]) * dx + (y - ys[j]) * dy) / long)) : 0;
          least = Math.min(least, Math.hypot(x - xs[j] - along * dx, y - ys[j] - along * dy));
        }
      }
      return least;
    }
    bounds(i) {
      const [west, north, east, south] = this.geometry.box.subarray(4 * i, 4 * i + 4);
      return L.latLngBounds([latitude(south), (west - 0.5) * 360], [latitude(north), (east - 0.5) * 360]);
    }
    // A point well inside a polygon: on the widest of some rows through it, the middle of the widest stretch.
    middle(i) {
      const [west, north, east, south] = this.geometry.box.subarray(4 * i, 4 * i + 4);
      let best = [(west + east) / 2, (north + south) / 2, 0];
      for (let r = 3; r <= 7; r += 1) {
        const y = north + (south - north) * r / 10;
        let start = null;
        for (let c = 0; c <= 60; c += 1) {
          const x = west + (east - west) * c / 60, inside = this.holds(i, x, y);
          if (inside && start === null) { start = x; }
          if ((!inside || c === 60) && start !== null) { if (x - start > best[2]) { best = [(start + x) / 2, y, x - start]; } start = null; }
        }
      }
      return L.latLng(latitude(best[1]), (best[0] - 0.5) * 360);
    }
    allBounds() {
      const all = L.latLngBounds([]);
      for (let i = 0; i < this.count; i += 1) { all.extend(this.bounds(i)); }
      return all;
    }
    // Every path as [longitude, latitude] pairs, rings left open.
    paths(i) {
      const { xs, ys, path, shape } = this.geometry, made = [];
      for (let p = shape[i]; p < shape[i + 1]; p += 1) {
        const one = [];
        for (let k = path[p]; k < path[p + 1]; k += 1) { one.push([Number(((xs[k] - 0.5) * 360).toFixed(6)), Number(latitude(ys[k]).toFixed(6))]); }
        made.push(one);
      }
      return made;
    }
    repaint() { zg.stack.changed(this.layer); }
  };
})(zg);
