// One sheet of canvas tiles for everything that is drawn: few elements however many layers, painted in slices
// between frames, so that panning never waits for a tile.
"use strict";
zg.stack = ((zg) => {
  const SIZE = 512, BUDGET_MS = 6, KEPT_PIXELS = 12e6;
  const members = [], waiting = [], kept = new Map();
  let map = null, sheet = null, version = 0, asked = false, current = null, keptPixels = 0;
  const idle = [];

  // What Leaflet sees of a layer: whether it is on the map, and its opacity. It has no element of its own.
  const Member = L.Layer.extend({
    options: { minZoom: 0, maxZoom: 99, opacity: 1, height: 0 },
    initialize(painter, options) { this.painter = painter; L.setOptions(this, options); },
    onAdd() { changed(this); },
    onRemove() { changed(this); },
    setOpacity(opacity) { this.options.opacity = opacity; changed(this); },
    drawnAt(zoom) { return Boolean(this._map) && zoom >= this.options.minZoom && zoom <= this.options.maxZoom; },
  });
  // A painter has ready(frame), a promise or null, and *paint(context, frame), a generator that draws in slices.
  function member(painter, options) {
    const made = new Member(painter, options);
    members.push(made);
    members.sort((a, b) => a.options.height - b.options.height);
    return made;
  }

  function canvas() {
    const made = document.createElement("canvas"), ratio = Math.min(2, window.devicePixelRatio || 1);
    made.width = SIZE * ratio; made.height = SIZE * ratio;
    return made;
  }
  const scratches = [];
  function scratch(k) {
    const size = SIZE * Math.min(2, window.devicePixelRatio || 1);
    if (!scratches[k] || scratches[k].canvas.width !== size) { scratches[k] = canvas().getContext("2d", { willReadFrequently: true }); }
    const context = scratches[k], ratio = size / SIZE;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalAlpha = 1;
    context.clearRect(0, 0, size, size);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    return context;
  }
  function frameOf(coords) {
    return { zoom: coords.z, x: coords.x, y: coords.y, size: SIZE, scale: 256 * Math.pow(2, coords.z), left: coords.x * SIZE, top: coords.y * SIZE };
  }
  function* paint(context, frame) {
    for (const one of members.filter((item) => item.drawnAt(frame.zoom))) {
      if (one.options.opacity >= 1) { yield* one.painter.paint(context, frame); continue; }
      const apart = scratch(1);
      yield* one.painter.paint(apart, frame);
      context.save();
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.globalAlpha = one.options.opacity;
      context.drawImage(apart.canvas, 0, 0);
      context.restore();
    }
  }
  function distance(job) {
    const centre = map.project(map.getCenter(), job.coords.z).divideBy(SIZE);
    return Math.hypot(job.coords.x + 0.5 - centre.x, job.coords.y + 0.5 - centre.y);
  }
  function next() {
    const zoom = map.getZoom();
    let best = -1, least = Infinity;
    for (let k = waiting.length - 1; k >= 0; k -= 1) {
      const job = waiting[k];
      if (job.element.gone || job.coords.z !== zoom) { waiting.splice(k, 1); drop(job); if (best > k) { best -= 1; } continue; }
      if (!job.ready) { continue; }
      const far = distance(job);
      if (far < least) { least = far; best = k; }
    }
    return best < 0 ? null : waiting.splice(best, 1)[0];
  }
  function drop(job) { job.element.asked = 0; if (job.done) { job.done(null, job.element); } }
  function settle() { if (!waiting.length && !current) { idle.splice(0).forEach((resolve) => resolve()); } }
  // Paints until the slice of time is used up; what is left waits for the next frame.
  function step() { asked = false; work(performance.now() + BUDGET_MS); }
  // Paints all that can be painted now: a sheet that goes to the printer does not wait.
  function hurry() { work(Infinity); }
  function work(until) {
    do {
      if (!current) {
        const job = next();
        if (!job) { break; }
        job.context = scratch(0);
        job.version = job.element.asked;
        job.steps = paint(job.context, job.frame);
        current = job;
      }
      if (current.steps.next().done) { finish(current); current = null; } else { current.context.getImageData(0, 0, 1, 1); } // the read makes the browser draw now, inside the slice
    } while (performance.now() < until);
    if (current || waiting.some((job) => job.ready)) { soon(); }
    settle();
  }
  function soon() { if (!asked) { asked = true; requestAnimationFrame(step); } }
  function finish(job) {
    const { element } = job, context = element.getContext("2d"), given = job.context.canvas;
    if (element.width !== given.width) { element.width = given.width; element.height = given.height; }
    context.clearRect(0, 0, element.width, element.height);
    context.drawImage(given, 0, 0);
    element.version = job.version;
    if (element.asked === job.version) { element.asked = 0; } else { queue(element, job.coords, null); }
    if (job.done) { job.done(null, element); }
  }
  function queue(element, coords, done) {
    const frame = frameOf(coords);
    element.asked = version;
    const same = waiting.find((job) => job.element === element);
    if (same) { return; }
    if (current && current.element === element && !done) { return; } // finish() looks again
    const job = { element, coords, frame, done, ready: false };
    waiting.push(job);
    const loads = members.filter((item) => item.drawnAt(coords.z) && item.painter.ready).map((item) => item.painter.ready(frame)).filter((promise) => promise);
    if (!loads.length) { job.ready = true; soon(); return; }
    Promise.all(loads).catch((error) => zg.tools.say(error.message)).then(() => { job.ready = true; soon(); });
  }

  const Sheet = L.GridLayer.extend({
    createTile(coords, done) {
      const key = coords.z + ":" + coords.x + ":" + coords.y, before = kept.get(key);
      if (before) {
        kept.delete(key);
        keptPixels -= before.width * before.height;
        before.gone = false;
        if (before.version === version) { Promise.resolve().then(() => done(null, before)); return before; }
      }
      const element = before || canvas();
      element.gone = false;
      queue(element, coords, done);
      return element;
    },
  });
  function unload({ tile, coords }) {
    tile.gone = true;
    if (tile.version !== version) { tile.width = 0; return; }
    kept.set(coords.z + ":" + coords.x + ":" + coords.y, tile);
    keptPixels += tile.width * tile.height;
    while (keptPixels > KEPT_PIXELS && kept.size) {
      const [key, oldest] = kept.entries().next().value;
      kept.delete(key);
      keptPixels -= oldest.width * oldest.height;
      oldest.width = 0; // gives the picture's memory back at once
    }
  }
  // Something of a layer looks different now: tiles on the screen are painted again, behind what they show.
  function changed(one) {
    version += 1;
    if (!sheet || !sheet._map) { return; }
    const zoom = map.getZoom(), { minZoom, maxZoom } = one.options, touched = zoom >= minZoom && zoom <= maxZoom;
    Object.values(sheet._tiles).forEach(({ el, coords }) => {
      if (coords.z !== zoom) { return; }
      if (touched || el.asked) { queue(el, coords, null); } else if (el.version === version - 1) { el.version = version; }
    });
  }
  // Tiles that were kept while another zoom was shown may show what is no longer so.
  function refresh() {
    const zoom = map.getZoom();
    Object.values(sheet._tiles).forEach(({ el, coords }) => { if (coords.z === zoom && el.version !== version && !el.asked) { queue(el, coords, null); } });
  }
  // Resolves when everything asked for is painted.
  function settled() { return new Promise((resolve) => { idle.push(resolve); if (!asked && !waiting.length && !current) { settle(); } else { soon(); } }); }
  function start(given) {
    map = given;
    map.createPane("zg-sheet").style.zIndex = 350;
    sheet = new Sheet({ tileSize: SIZE, pane: "zg-sheet", keepBuffer: 1, updateWhenZooming: false, updateInterval: 100 });
    sheet.on("tileunload", unload);
    sheet.addTo(map);
    map.on("zoomend moveend", refresh);
  }
  return { start, member, changed, settled, hurry, SIZE, sheet: () => sheet };
})(zg);
