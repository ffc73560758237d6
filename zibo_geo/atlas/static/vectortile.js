// Vector tiles unpacked into flat arrays: a tile of thirty thousand roofs is a handful of objects, not a million.
"use strict";
zg.vectorTile = (() => {
  const PER_SLICE = 1500;

  // Reads `bytes` (a Mapbox vector tile); hands back control now and then, and at last returns the layer of that name:
  // count, extent, row per shape (from 0), box [west, north, east, south] per shape, paths of shapes, vertices of paths.
  function* unpack(bytes, name) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), text = new TextDecoder();
    let at = 0;
    function varint() {
      let value = 0, shift = 1, byte = 0;
      do { byte = bytes[at]; at += 1; value += (byte & 127) * shift; shift *= 128; } while (byte > 127);
      return value;
    }
    function skip(kind) {
      if (kind === 0) { varint(); } else if (kind === 1) { at += 8; } else if (kind === 2) { const size = varint(); at += size; } else { at += 4; }
    }
    function numberOf(end) {
      let found = NaN;
      while (at < end) {
        const tag = varint(), kind = tag & 7;
        if (kind === 1) { found = view.getFloat64(at, true); at += 8; } else if (kind === 5) { found = view.getFloat32(at, true); at += 4; }
        else if (kind === 0) { const value = varint(); found = tag >> 3 === 6 ? (value % 2 ? -(value + 1) / 2 : value / 2) : value; } else { skip(kind); }
      }
      return found;
    }
    // Where the parts of the wanted layer lie.
    function survey(end) {
      const found = { name: "", extent: 4096, features: [], keys: [], values: [] };
      while (at < end) {
        const tag = varint(), field = tag >> 3, kind = tag & 7;
        if (kind === 2) {
          const size = varint(), from = at;
          if (field === 1) { found.name = text.decode(bytes.subarray(from, from + size)); }
          else if (field === 2) { found.features.push(from, from + size); }
          else if (field === 3) { found.keys.push(text.decode(bytes.subarray(from, from + size))); }
          else if (field === 4) { found.values.push(numberOf(from + size)); }
          at = from + size;
        } else if (field === 5) { found.extent = varint(); } else { skip(kind); }
      }
      return found;
    }
    let layer = null;
    while (at < bytes.length && !layer) {
      const tag = varint();
      if (tag >> 3 === 3 && (tag & 7) === 2) { const end = varint() + at, found = survey(end); at = end; if (found.name === name) { layer = found; } } else { skip(tag & 7); }
    }
    const count = layer ? layer.features.length / 2 : 0;
    const made = { count, extent: layer ? layer.extent : 4096, row: new Uint32Array(count), box: new Int16Array(4 * count), shape: new Uint32Array(count + 1), path: [0], xy: null };
    const xy = new Int16Array(count ? bytes.length : 0);
    let used = 0;
    function geometry(end, i) {
      let x = 0, y = 0, west = 32767, north = 32767, east = -32768, south = -32768;
      while (at < end) {
        const word = varint(), command = word & 7, repeats = word >> 3;
        if (command === 7) { continue; }
        if (command === 1 && used / 2 > made.path[made.path.length - 1]) { made.path.push(used / 2); }
        for (let k = 0; k < repeats; k += 1) {
          const dx = varint(), dy = varint();
          x += (dx >>> 1) ^ -(dx & 1); y += (dy >>> 1) ^ -(dy & 1);
          xy[used] = x; xy[used + 1] = y; used += 2;
          if (x < west) { west = x; } if (x > east) { east = x; } if (y < north) { north = y; } if (y > south) { south = y; }
        }
      }
      if (used / 2 > made.path[made.path.length - 1]) { made.path.push(used / 2); }
      made.box[4 * i] = west; made.box[4 * i + 1] = north; made.box[4 * i + 2] = east; made.box[4 * i + 3] = south;
    }
    for (let i = 0; i < count; i += 1) {
      at = layer.features[2 * i];
      const end = layer.features[2 * i + 1];
      let id = 0;
      while (at < end) {
        const tag = varint(), field = tag >> 3;
        if (field === 1) { id = varint(); }
        else if (field === 2) { const stop = varint() + at; while (at < stop) { const key = varint(), value = varint(); if (!id && layer.keys[key] === "n") { id = layer.values[value]; } } }
        else if (field === 4) { const stop = varint() + at; geometry(stop, i); at = stop; } else { skip(tag & 7); }
      }
      made.row[i] = id - 1; // the first row has the id 1, for a tile cannot tell an id of 0 from none
      made.shape[i + 1] = made.path.length - 1;
      if (i % PER_SLICE === PER_SLICE - 1) { yield; }
    }
    made.path = Uint32Array.from(made.path);
    made.xy = xy.slice(0, used);
    return made;
  }
  return { unpack };
})();
