// Measure: click along a line; its length, and from three points on the area it encloses.
"use strict";
zg.measure = ((zg) => {
  const RADIUS_M = 6371008.8;
  let map = null, on = false, points = [], line = null;
  const box = zg.element("div", { className: "zg-measure", attributes: { hidden: "", role: "status" } });

  function length() { let sum = 0; for (let k = 1; k < points.length; k += 1) { sum += map.distance(points[k - 1], points[k]); } return sum; }
  // Spherical excess over the sphere of equal volume; good to 0.5 % on the ellipsoid.
  function area(ring) {
    const rad = Math.PI / 180;
    let sum = 0;
    ring.forEach((point, k) => {
      const next = ring[(k + 1) % ring.length];
      sum += (next.lng - point.lng) * rad * (2 + Math.sin(point.lat * rad) + Math.sin(next.lat * rad));
    });
    return Math.abs(sum) * RADIUS_M * RADIUS_M / 2;
  }
  function text() {
    const metres = length(), parts = [metres < 1000 ? zg.withUnit(metres, "m") : zg.number(metres / 1000, 2) + " km"];
    if (points.length > 2) { const m2 = area(points); parts.push(m2 < 1e5 ? zg.withUnit(m2, "m²") : zg.number(m2 / 1e6, 2) + " km²"); }
    return points.length ? parts.join(" · ") : zg.t("measure_hint");
  }
  function draw() { line.setLatLngs(points); box.textContent = text(); }
  function add(latlng) { points.push(latlng); draw(); }
  function toggle() {
    on = !on;
    points = [];
    box.hidden = !on;
    map.getContainer().classList.toggle("zg-crosshair", on);
    if (on) { line = L.polyline([], { color: "#000000", weight: 2, dashArray: "6 4", interactive: false }).addTo(map); draw(); } else if (line) { line.remove(); }
  }
  function start(given) { map = given; document.body.appendChild(box); zg.onLanguage(() => { if (on) { draw(); } }); }
  return { start, toggle, add, area, active: () => on, stop: () => { if (on) { toggle(); } } };
})(zg);
