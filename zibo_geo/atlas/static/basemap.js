// The ground: the terrain's shade from the page itself, and online maps that are asked for by hand only.
"use strict";
zg.basemap = ((zg) => {
  const { t, element } = zg;
  const state = { key: "none", opacity: 1 };
  let map = null, online = null, shade = null, secret = zg.data.tianditu_key || "";

  // Tiles that were drawn in GCJ-02: each is laid where the ground under its middle is, to whole pixels.
  const Shifted = L.TileLayer.extend({
    _getTiledPixelBounds(centre) {
      const [longitude, latitude] = zg.datum.toGcj02(centre.lng, centre.lat);
      return L.TileLayer.prototype._getTiledPixelBounds.call(this, L.latLng(latitude, longitude));
    },
    _getTilePos(coords) {
      const size = this.getTileSize(), middle = this._map.unproject(coords.add([0.5, 0.5]).scaleBy(size), coords.z);
      const [longitude, latitude] = zg.datum.fromGcj02(middle.lng, middle.lat);
      return this._map.project([latitude, longitude], coords.z).subtract(size.divideBy(2)).subtract(this._level.origin).round();
    },
  });
  const MAPS = {
    osm: { shifted: false, words: "basemap_osm", credit: "© OpenStreetMap contributors (ODbL)", url: () => "https://tile.openstreetmap.org/{z}/{x}/{y}.png", most: 19 },
    gaode: { shifted: true, words: "basemap_gaode", credit: "© 高德地图 AutoNavi", url: () => "https://webrd0{s}.is.autonavi.com/appmaptile?lang=zh_cn&size=1&scale=1&style=8&x={x}&y={y}&z={z}", parts: "1234", most: 18 },
    tianditu: { shifted: false, words: "basemap_tianditu", credit: "© 天地图 GS(2024)0568", url: () => "https://t{s}.tianditu.gov.cn/vec_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=vec&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=" + encodeURIComponent(secret), parts: "01234567", most: 18, keyed: true },
  };
  function make(key) {
    const given = MAPS[key], Layer = given.shifted ? Shifted : L.TileLayer;
    return new Layer(given.url(), { pane: "zg-ground", subdomains: given.parts || "abc", maxNativeZoom: given.most, maxZoom: 20, opacity: state.opacity, referrerPolicy: "strict-origin-when-cross-origin" });
  }
  function set(key) {
    if (online) { online.remove(); online = null; }
    state.key = MAPS[key] ? key : "none";
    if (state.key !== "none" && !(MAPS[key].keyed && !secret)) { online = make(state.key).addTo(map); }
    document.dispatchEvent(new CustomEvent("zg-credit"));
  }
  function credit() { return online ? MAPS[state.key].credit : ""; }
  // The key is kept in this page's memory only, never written.
  function keyBox() {
    const input = element("input", { attributes: { type: "password", placeholder: t("basemap_key"), "aria-label": t("basemap_key"), autocomplete: "off" } });
    input.addEventListener("change", () => { secret = input.value.trim(); set("tianditu"); });
    return input;
  }
  function box() {
    const parts = [];
    if (shade) {
      const tick = element("input", { attributes: { type: "checkbox", "data-layer": "hillshade" } });
      tick.checked = map.hasLayer(shade);
      tick.addEventListener("change", () => { if (tick.checked) { shade.addTo(map); } else { shade.remove(); } });
      parts.push(element("div", { className: "zg-layer" }, [element("label", {}, [tick, zg.swatch("#9aa5b1"), element("span", { text: t("layer_hillshade") })])]));
    }
    parts.push(zg.select(t("basemap"), [["none", t("basemap_none")], ...Object.entries(MAPS).map(([key, given]) => [key, t(given.words)])], state.key, (key) => { set(key); zg.panel.draw(); }));
    if (state.key !== "none" && MAPS[state.key].keyed && !secret) { parts.push(keyBox()); }
    return parts;
  }
  // The shade is one picture, of which every tile shows a part.
  function shadePainter({ url, bounds }) {
    const picture = new Image(), loaded = new Promise((resolve) => { picture.onload = resolve; picture.onerror = resolve; });
    picture.src = url;
    const [[south, west], [north, east]] = bounds, left = west / 360 + 0.5, right = east / 360 + 0.5, top = zg.mercator(north), bottom = zg.mercator(south);
    return {
      ready: () => (picture.complete ? null : loaded),
      * paint(context, frame) {
        if (!picture.naturalWidth) { return; }
        const x = left * frame.scale - frame.left, y = top * frame.scale - frame.top, wide = (right - left) * frame.scale, high = (bottom - top) * frame.scale;
        const from = Math.max(0, -x), to = Math.min(wide, frame.size - x), above = Math.max(0, -y), below = Math.min(high, frame.size - y);
        if (to <= from || below <= above) { return; }
        const u = picture.naturalWidth / wide, v = picture.naturalHeight / high;
        context.globalAlpha = 0.45;
        context.drawImage(picture, from * u, above * v, (to - from) * u, (below - above) * v, x + from, y + above, to - from, below - above);
        context.globalAlpha = 1;
      },
    };
  }
  function start(given) {
    map = given;
    map.createPane("zg-ground").style.zIndex = 210;
    if (zg.data.hillshade) { shade = zg.stack.member(shadePainter(zg.data.hillshade), { maxZoom: 16, height: zg.layers.HEIGHTS.shade }).addTo(map); }
  }
  return { start, box, set, credit, state, Shifted };
})(zg);
