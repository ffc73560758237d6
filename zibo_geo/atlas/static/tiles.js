// Roofs drawn from vector tiles; to the rest of the page they look like any other shapes.
"use strict";
zg.Tiles = ((zg) => {
  const KEPT_TILES = 24; // unpacked tiles are large; what is off the screen can be unpacked again
  return class Tiles {
    // given: store, minimumZoom, pane, style(i, zoom), visible(i)
    constructor(given) {
      Object.assign(this, given);
      this.kind = "polygon";
      this.count = given.store.count;
      this.selected = -1;
      const archive = new pmtiles.PMTiles({ getKey: () => "roofs", getBytes: (offset, length) => given.store.range(offset, length).then((data) => ({ data })) });
      this.layer = protomapsL.leafletLayer({
        url: archive, maxDataZoom: 14, levelDiff: 1, paintRules: [], labelRules: [], attribution: "", tileDelay: 0.5, devicePixelRatio: Math.min(2, window.devicePixelRatio || 1),
        minZoom: given.minimumZoom, pane: given.pane, keepBuffer: 1, updateWhenZooming: false,
      });
      this.layer.on("load", () => this.forget());
      this.layer.paintRules = [{ dataLayer: "roofs", symbolizer: { draw: (context, geometry, zoom, feature) => this.draw(context, geometry, zoom, feature) }, filter: (zoom, feature) => this.visible(this.row(feature)) }];
    }
    forget() {
      for (const { tileCache } of this.layer.views.values()) {
        const oldest = [...tileCache.cache.entries()].sort((a, b) => a[1].used - b[1].used);
        oldest.slice(0, Math.max(0, oldest.length - KEPT_TILES)).forEach(([key]) => tileCache.cache.delete(key));
      }
    }
    // The first roof has the id 1, for a tile cannot tell an id of 0 from none.
    row(feature) { return (feature.id || feature.props.n) - 1; }
    draw(context, geometry, zoom, feature) {
      const i = this.row(feature), look = this.style(i, zoom), chosen = i === this.selected;
      context.beginPath();
      geometry.forEach((ring) => { ring.forEach((point, k) => { if (k === 0) { context.moveTo(point.x, point.y); } else { context.lineTo(point.x, point.y); } }); });
      context.fillStyle = look.fill;
      context.fill();
      if (zoom < 15 && !chosen) { return; }
      context.strokeStyle = chosen ? "#000000" : look.stroke;
      context.lineWidth = chosen ? 2.5 : look.width;
      context.stroke();
    }
    at(latlng) {
      for (const found of this.layer.queryTileFeaturesDebug(latlng.lng, latlng.lat, 1).values()) {
        for (const { feature } of found) { const i = this.row(feature); if (this.visible(i)) { return i; } }
      }
      return -1;
    }
    repaint() { if (this.layer._map) { this.layer.rerenderTiles(); } }
    select(i) { if (this.selected !== i) { this.selected = i; this.repaint(); } }
  };
})(zg);
