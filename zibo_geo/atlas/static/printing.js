// Printing: the map at the size of an A3 sheet, with title, legend, scale, sources and banner.
"use strict";
zg.printing = ((zg) => {
  const SHEET = { width: 1510, height: 1030 }; // A3 landscape less 9 mm of margin, at 96 dots an inch
  let map = null, before = null;

  function prepare() {
    if (before) { return; }
    before = { centre: map.getCenter(), bounds: map.getBounds(), zoom: map.getZoom() };
    document.body.classList.add("zg-printing");
    const container = map.getContainer();
    container.style.width = SHEET.width + "px"; container.style.height = SHEET.height + "px"; container.style.position = "relative";
    map.invalidateSize({ animate: false });
    map.setView(before.centre, Math.max(before.zoom, map.getBoundsZoom(before.bounds)), { animate: false });
    document.dispatchEvent(new CustomEvent("zg-sheet"));
  }
  function restore() {
    if (!before) { return; }
    const container = map.getContainer();
    document.body.classList.remove("zg-printing");
    container.style.width = ""; container.style.height = ""; container.style.position = "";
    map.invalidateSize({ animate: false });
    map.setView(before.centre, before.zoom, { animate: false });
    before = null;
    document.dispatchEvent(new CustomEvent("zg-sheet"));
  }
  function print() {
    prepare();
    // The sheet is taken when the last tile is painted.
    zg.stack.settled().then(() => setTimeout(() => { window.print(); restore(); }, 50));
  }
  function start(given) {
    map = given;
    window.addEventListener("beforeprint", () => { prepare(); zg.stack.hurry(); });
    window.addEventListener("afterprint", restore);
  }
  return { start, print, prepare, restore };
})(zg);
