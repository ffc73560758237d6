// Search: ids, names, counties, and coordinates (longitude and latitude in either order, WGS 84 or GCJ-02).
"use strict";
zg.search = ((zg) => {
  const { t, element } = zg;
  const MOST = 12;
  const input = element("input", { className: "zg-search", attributes: { type: "search", role: "combobox", "aria-expanded": "false", autocomplete: "off" } });
  const list = element("div", { className: "zg-found", attributes: { role: "listbox", hidden: "" } });
  let map = null, marker = null, timer = 0;

  // Two numbers with an optional datum word; the one above 60 in size is the longitude in China.
  function position(text) {
    const gcj = /gcj|gaode|amap|高德|火星|腾讯/i.test(text);
    const bare = text.replace(/gcj-?\s?0?2?|wgs-?\s?8?4?|gaode|amap|高德|火星|腾讯/gi, " ");
    const numbers = bare.match(/-?\d+(?:\.\d+)?/g), rest = bare.replace(/-?\d+(?:\.\d+)?|[\s,，;；:：°NEne()（）/]/g, "");
    if (!numbers || numbers.length !== 2 || rest !== "") { return null; }
    const [a, b] = numbers.map(Number);
    const swap = Math.abs(a) <= 60 && Math.abs(b) > 60, longitude = swap ? b : a, latitude = swap ? a : b;
    if (Math.abs(longitude) > 180 || Math.abs(latitude) > 85) { return null; }
    return { longitude, latitude, datum: gcj ? "gcj02" : "" };
  }
  function matches(text) {
    const wanted = text.trim().toLowerCase(), made = [];
    if (!wanted) { return made; }
    const given = position(text);
    if (given) {
      const shifted = zg.datum.fromGcj02(given.longitude, given.latitude);
      const said = given.longitude.toFixed(5) + ", " + given.latitude.toFixed(5);
      if (given.datum !== "gcj02") { made.push({ text: said, kind: "WGS 84", go: () => point(given.latitude, given.longitude) }); }
      made.push({ text: said, kind: "GCJ-02", go: () => point(shifted[1], shifted[0]) });
    }
    for (const exact of [true, false]) {
      for (const layer of zg.layers.all.filter((item) => !item.distant && item !== zg.layers.cells)) {
        for (let i = 0; i < layer.count && made.length < MOST; i += 1) {
          const id = layer.id[i].toLowerCase(), name = layer.title(i).toLowerCase();
          const hit = id === wanted || name === wanted;
          if (exact ? hit : !hit && (id.includes(wanted) || name.includes(wanted))) {
            made.push({ text: layer.title(i), kind: t("layer_" + layer.key) + (layer.title(i) === layer.id[i] ? "" : " · " + layer.id[i]), go: () => open(layer, i) });
          }
        }
      }
    }
    return made;
  }
  function point(latitude, longitude) {
    if (marker) { marker.remove(); }
    marker = L.circleMarker([latitude, longitude], { radius: 9, color: "#000000", weight: 2, fillColor: "#ffffff", fillOpacity: 0.6, interactive: false }).addTo(map);
    map.setView([latitude, longitude], Math.max(map.getZoom(), 16), { animate: false });
  }
  function open(layer, i) {
    if (!map.hasLayer(layer.shapes.layer)) { zg.layers.want(map, layer, true); zg.panel.draw(); }
    const bounds = layer.shapes.bounds(i);
    if (layer.kind === "point") { map.setView(bounds.getCenter(), Math.max(map.getZoom(), layer.minimum_zoom, 15), { animate: false }); }
    else { map.fitBounds(bounds, { ...zg.panel.padding(), maxZoom: 18 }); }
    if (map.getZoom() < layer.minimum_zoom) { map.setView(bounds.getCenter(), layer.minimum_zoom, { animate: false }); }
    zg.card.open(layer, i);
  }
  function hide() { list.hidden = true; input.setAttribute("aria-expanded", "false"); }
  // A roof beside the page is found by its whole id.
  function distant(text) {
    const roofs = zg.layers.roofs;
    if (!roofs || !roofs.distant || !text) { return Promise.resolve([]); }
    return roofs.store.find(text).then((i) => (i < 0 ? [] : roofs.store.detail(i).then(({ values, at }) => [{
      text: values.name[at] || text, kind: t("layer_roofs") + " · " + text,
      go: () => { goTo(values, at); zg.card.open(roofs, i); },
    }])), () => []);
  }
  function goTo(values, at) {
    map.fitBounds(zg.store.shapesOf(values, "polygon").bounds(at), { ...zg.panel.padding(), maxZoom: 18 });
  }
  function show() {
    const text = input.value;
    return distant(text.trim()).then((far) => { if (input.value === text) { offer(far.concat(matches(text))); } });
  }
  function offer(found) {
    list.replaceChildren(...found.map((match) => {
      const item = element("button", { attributes: { type: "button", role: "option" }, onClick: () => { hide(); match.go(); } }, [element("span", { text: match.text }), element("small", { text: match.kind })]);
      return item;
    }));
    if (!found.length && input.value.trim()) { list.replaceChildren(element("p", { text: t("search_nothing") })); }
    list.hidden = !input.value.trim();
    input.setAttribute("aria-expanded", String(!list.hidden));
  }
  function walk(event) {
    const items = [...list.querySelectorAll("button")], at = items.indexOf(document.activeElement);
    if (event.key === "ArrowDown" && items.length) { event.preventDefault(); items[Math.min(items.length - 1, at + 1)].focus(); }
    if (event.key === "ArrowUp" && at >= 0) { event.preventDefault(); (at === 0 ? input : items[at - 1]).focus(); }
    if (event.key === "Enter" && document.activeElement === input) { show().then(() => { const first = list.querySelector("button"); if (first) { first.click(); } }); }
    if (event.key === "Escape") { hide(); input.focus(); event.stopPropagation(); }
  }
  function box() {
    const made = element("div", { className: "zg-searchbox" }, [input, list]);
    made.addEventListener("keydown", walk);
    input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(show, 200); });
    return made;
  }
  function start(given) {
    map = given;
    const words = () => { input.placeholder = t("search_hint"); input.setAttribute("aria-label", t("search")); };
    zg.onLanguage(words);
    words();
    map.on("click", hide);
  }
  return { start, box, matches, position };
})(zg);
