// The toolbar, and the view in the address: what a shared link brings back.
"use strict";
zg.tools = ((zg) => {
  const { t, element } = zg;
  const bar = element("div", { className: "zg-toolbar", attributes: { role: "toolbar" } });
  const note = element("div", { className: "zg-note", attributes: { role: "status", hidden: "" } });
  let map = null, ready = false, timer = 0;

  function say(text) {
    note.textContent = text;
    note.hidden = false;
    clearTimeout(timer);
    timer = setTimeout(() => { note.hidden = true; }, 6000);
  }
  function address() {
    const centre = map.getCenter(), { state } = zg.panel;
    const parts = new URLSearchParams({ z: String(map.getZoom()), y: centre.lat.toFixed(5), x: centre.lng.toFixed(5), t: state.topic.key, g: String(zg.language()) });
    const county = zg.panel.metricOf("county"), roof = zg.panel.metricOf("roof");
    if (county) { parts.set("c", county.key); }
    if (roof) { parts.set("r", roof.key); }
    const { year, choices } = zg.layers.state;
    if (year !== null) { parts.set("n", String(year)); }
    Object.entries(choices).forEach(([column, word]) => parts.set("o." + column, word));
    parts.set("l", zg.layers.all.filter((layer) => map.hasLayer(layer.shapes.layer)).map((layer) => layer.key).join("."));
    return "#" + parts.toString();
  }
  function remember() { if (ready) { window.history.replaceState(null, "", address()); } }
  // Everything read back from the address is checked against what there is.
  function recall() {
    const parts = new URLSearchParams(window.location.hash.slice(1));
    const number = (name, low, high) => { const value = parts.has(name) ? Number(parts.get(name)) : NaN; return value >= low && value <= high ? value : null; };
    const zoom = number("z", 0, 22), latitude = number("y", -85, 85), longitude = number("x", -180, 180);
    if (parts.get("g") === "1") { zg.setLanguage(1); }
    const topic = zg.data.topics.find((item) => item.key === parts.get("t"));
    if (topic) {
      zg.panel.state.county[topic.key] = parts.get("c");
      zg.panel.state.roof[topic.key] = parts.get("r");
      zg.panel.setTopic(topic.key);
    }
    const year = number("n", 1900, 2200);
    if (year !== null) { zg.layers.setYear(year); }
    zg.data.topics.forEach((item) => zg.layers.choices(item.key).forEach((words, column) => { if (words.includes(parts.get("o." + column))) { zg.layers.choose(column, parts.get("o." + column)); } }));
    zg.foot.draw();
    if (parts.has("l")) {
      const shown = new Set(parts.get("l").split("."));
      zg.layers.all.forEach((layer) => zg.layers.want(map, layer, shown.has(layer.key)));
      zg.panel.draw();
    }
    if (zoom !== null && latitude !== null && longitude !== null) { map.setView([latitude, longitude], zoom, { animate: false }); return true; }
    return false;
  }
  function share() {
    remember();
    const link = window.location.href, done = () => say(t("link_copied")), failed = () => say(link);
    if (navigator.clipboard && navigator.clipboard.writeText) { navigator.clipboard.writeText(link).then(done, failed); } else { failed(); }
  }
  function locate() {
    map.once("locationfound", (event) => { map.setView(event.latlng, 15); });
    map.once("locationerror", () => say(t("locate_failed")));
    map.locate({ timeout: 8000 });
  }
  function whole() { map.fitBounds(zg.layers.counties.shapes.allBounds(), zg.panel.padding()); }
  function draw() {
    bar.setAttribute("aria-label", t("tools"));
    const searchBox = bar.querySelector(".zg-searchbox") || zg.search.box();
    bar.replaceChildren(searchBox,
      zg.iconButton("whole", t("whole"), whole), zg.iconButton("locate", t("locate"), locate), zg.iconButton("measure", t("measure"), zg.measure.toggle),
      zg.iconButton("share", t("share"), share), ...(zg.data.compared && window.parent === window ? [zg.iconButton("compare", t("compare"), () => { window.location.href = "compare.html"; })] : []), zg.iconButton("print", t("print"), zg.printing.print));
  }
  function start(given) {
    map = given;
    document.body.append(bar, note);
    zg.onLanguage(draw);
    draw();
    // The address follows when the map has come to rest: changing it is slow in some browsers.
    let resting = 0;
    map.on("moveend zoomend", () => { clearTimeout(resting); resting = setTimeout(remember, 250); });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { zg.card.close(); zg.measure.stop(); }
      if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) { event.preventDefault(); bar.querySelector("input").focus(); }
    });
  }
  function open() { const found = recall(); if (!found) { whole(); } ready = true; }
  return { start, open, remember, address, recall, say };
})(zg);
