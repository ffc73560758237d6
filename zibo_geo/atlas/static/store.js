// Layers that lie beside the page: chunks loaded by script tags, for a page on file:// may not fetch.
"use strict";
var zgChunk = null; // The scripts beside the page call this by name.
zg.store = ((zg) => {
  const KEPT_PIECES = 80, KEPT_DETAILS = 60;
  const waiting = new Map(), kept = new Map();

  function bytes(text) {
    if (Uint8Array.fromBase64) { return Uint8Array.fromBase64(text); }
    const binary = atob(text), made = new Uint8Array(binary.length);
    for (let k = 0; k < binary.length; k += 1) { made[k] = binary.charCodeAt(k); }
    return made;
  }
  zgChunk = (name, text) => {
    const waits = waiting.get(name);
    if (waits) { waits.resolve(bytes(text)); }
  };
  // The bytes of one chunk; each script runs once and is taken away again.
  function load(name) {
    if (waiting.has(name)) { return waiting.get(name).promise; }
    const waits = {};
    waits.promise = new Promise((resolve, reject) => { waits.resolve = resolve; waits.reject = reject; });
    waiting.set(name, waits);
    const script = document.createElement("script");
    const done = () => { waiting.delete(name); script.remove(); };
    script.src = "data/" + name + ".js";
    script.onload = () => { waits.reject(new Error("the file data/" + name + ".js holds something else")); done(); };
    script.onerror = () => { waits.reject(new Error("the file data/" + name + ".js is missing")); done(); };
    document.head.appendChild(script);
    return waits.promise;
  }
  // Keeps the most recently used of a kind, and drops the rest.
  function cached(kind, most, name, make) {
    if (!kept.has(kind)) { kept.set(kind, new Map()); }
    const store = kept.get(kind);
    let value = store.get(name);
    if (value) { store.delete(name); } else { value = make(); value.catch(() => store.delete(name)); }
    store.set(name, value);
    if (store.size > most) { store.delete(store.keys().next().value); }
    return value;
  }
  // Long columns are inflated beside the page's own work where the browser can.
  function inflated(content) {
    if (typeof DecompressionStream === "undefined" || content.length < 1e5) { return Promise.resolve(fflate.unzlibSync(content)); }
    const stream = new Blob([content]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(stream).arrayBuffer().then((buffer) => new Uint8Array(buffer));
  }
  function unpacked(content) { return JSON.parse(new TextDecoder().decode(fflate.unzlibSync(content))); }

  // A layer's folder: how its columns are packed is told by the page.
  function open(chunked, folder) {
    const columns = new Map();
    chunked.fields.forEach(([name]) => { const { kind, of } = chunked.packing[name]; columns.set(name, { words: of || null, at: () => null, values: [], missing: kind !== "detail" }); });
    function column(name) {
      return load(folder + "/columns/" + name).then(inflated).then((raw) => {
        const packing = chunked.packing[name];
        if (packing.kind === "words") {
          const codes = new Uint16Array(raw.buffer, raw.byteOffset, chunked.count);
          columns.set(name, { words: packing.of, values: null, at: (i) => (codes[i] === 65535 ? null : packing.of[codes[i]]) });
        } else {
          const values = new Float32Array(raw.buffer, raw.byteOffset, chunked.count);
          columns.set(name, { words: null, values, at: (i) => (Number.isNaN(values[i]) ? null : values[i]) });
        }
      });
    }
    const needs = new Map();
    function need(names) {
      return Promise.all(names.filter((name) => columns.has(name) && columns.get(name).missing).map((name) => {
        if (!needs.has(name)) { needs.set(name, column(name)); }
        return needs.get(name);
      }));
    }
    function page(number) { return cached(folder + "/details", KEPT_DETAILS, number, () => load(folder + "/details/" + number).then(unpacked)); }
    // Everything of one roof: a small layer of a thousand, and the roof's place in it.
    function detail(i) { return page(Math.floor(i / chunked.rows_per_detail)).then((values) => ({ values, at: i % chunked.rows_per_detail })); }
    function bucket(key) {
      let mixed = 0x811C9DC5;
      new TextEncoder().encode(key).forEach((byte) => { mixed = Math.imul(mixed ^ byte, 0x01000193) >>> 0; });
      return mixed % chunked.id_buckets;
    }
    function find(key) {
      if (!chunked.id_buckets) { return Promise.resolve(-1); }
      return load(folder + "/ids/" + bucket(key)).then((content) => { const all = unpacked(content); return Object.prototype.hasOwnProperty.call(all, key) ? all[key] : -1; });
    }
    // Bytes of the tile archive, put together from its pieces.
    function range(offset, length) {
      const size = chunked.piece_bytes, end = Math.min(offset + length, chunked.tile_bytes), numbers = [];
      for (let k = Math.floor(offset / size); k * size < end; k += 1) { numbers.push(k); }
      return Promise.all(numbers.map((k) => cached(folder + "/tiles", KEPT_PIECES, k, () => load(folder + "/tiles/" + k)))).then((pieces) => {
        const made = new Uint8Array(end - offset);
        pieces.forEach((piece, n) => {
          const start = numbers[n] * size, from = Math.max(offset, start), to = Math.min(end, start + piece.length);
          made.set(piece.subarray(from - start, to - start), from - offset);
        });
        return made.buffer;
      });
    }
    return { columns, need, detail, find, range, count: chunked.count };
  }
  // The shapes of a chunk of details, unpacked when first asked for.
  function shapesOf(values, kind) {
    if (!values.drawn) { values.drawn = new zg.Shapes({ kind, packed: values.shapes, origin: zg.data.origin, visible: () => true }); }
    return values.drawn;
  }
  function pathsOf(values, kind, at) { return shapesOf(values, kind).paths(at); }
  return { open, load, shapesOf, pathsOf };
})(zg);
