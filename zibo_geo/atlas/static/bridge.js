// Beside another map: what this page tells the comparison around it, and what it takes from it.
// Only a page of the same origin, or of the disk for a page from the disk, is spoken to; all it may set is the view.
"use strict";
zg.bridge = ((zg) => {
  const web = /^https?:$/.test(window.location.protocol), framed = window.parent !== window;
  const state = { joined: false, following: false, county: {}, breaks: {} };
  let map = null, told = false;

  function tell(kind, body) { if (framed) { window.parent.postMessage({ zibo: kind, ...body }, web ? window.location.origin : "*"); } }
  function trusted(event) { return framed && event.source === window.parent && (web ? event.origin === window.location.origin : event.origin === "null" || event.origin.startsWith("file:")); }
  function number(value, low, high) { return typeof value === "number" && value >= low && value <= high; }
  function word(value) { return typeof value === "string" ? value : ""; }
  function numbers(value) { return Array.isArray(value) ? value.filter((item) => typeof item === "number" && isFinite(item)) : []; }

  const ORDERS = {
    join(given) {
      state.joined = true;
      Object.entries(given.county || {}).forEach(([key, values]) => { state.county[key] = numbers(values); });
      document.body.classList.add("zg-compared");
      zg.panel.state.collapsed = true;
      zg.panel.draw();
      zg.panel.recolour();
      window.dispatchEvent(new Event("resize")); // what stands at the top moves up
    },
    view(given) {
      if (!number(given.lat, -85, 85) || !number(given.lng, -180, 180) || !number(given.zoom, 0, 22)) { return; }
      state.following = true;
      map.setView([given.lat, given.lng], given.zoom, { animate: false });
      state.following = false;
    },
    topic(given) { zg.panel.setTopic(word(given.key)); },
    metric(given) { zg.panel.choose(given.kind === "roof" ? "roof" : "county", word(given.key)); },
    breaks(given) { state.breaks[word(given.layer) + " " + word(given.key)] = numbers(given.breaks); zg.panel.recolour(); },
    language(given) { zg.setLanguage(given.language === 1 ? 1 : 0); },
    county(given) { const i = zg.data.counties.findIndex((county) => county.id === given.id); if (i >= 0) { map.fitBounds(zg.layers.counties.shapes.bounds(i), { animate: false }); } },
    whole() { map.fitBounds(zg.layers.counties.shapes.allBounds(), { paddingTopLeft: [10, 50], paddingBottomRight: [10, 30], animate: false }); },
  };
  function view() {
    if (!state.joined || state.following || told) { return; }
    told = true;
    requestAnimationFrame(() => { told = false; const centre = map.getCenter(); tell("view", { lat: centre.lat, lng: centre.lng, zoom: map.getZoom() }); });
  }
  function scales() {
    if (!state.joined) { return; }
    const { roofMetric, roofScale, cellScale } = zg.layers.state;
    [["roofs", roofScale], ["cells", cellScale]].forEach(([layer, scale]) => { if (roofMetric && scale && scale.breaks) { tell("breaks", { layer, key: roofMetric.key, breaks: scale.breaks }); } });
  }
  function start(given) {
    map = given;
    if (!framed) { return; }
    zg.layers.beside.county = (key) => state.county[key] || [];
    zg.layers.beside.breaks = (layer, key) => state.breaks[layer + " " + key] || null;
    window.addEventListener("message", (event) => {
      if (!trusted(event) || !event.data || !Object.prototype.hasOwnProperty.call(ORDERS, event.data.zibo)) { return; }
      ORDERS[event.data.zibo](event.data);
    });
    map.on("move zoomend", view);
    document.addEventListener("zg-scale", scales);
  }
  function ready() {
    const { data } = zg;
    tell("ready", { title: data.title, synthetic: data.synthetic.length > 0, counties: data.counties, topics: data.topics.map(({ key, county_metrics, roof_metrics }) => ({ key, county_metrics, roof_metrics })) });
  }
  return { start, ready };
})(zg);
