// The shift of Chinese web maps: WGS 84 to GCJ-02 and back, by the published approximation.
"use strict";
zg.datum = (() => {
  const AXIS = 6378245.0, E2 = 0.00669342162296594323, RAD = Math.PI / 180;
  function within(longitude, latitude) { return longitude >= 72.004 && longitude <= 137.8347 && latitude >= 0.8293 && latitude <= 55.8271; }
  function waves(x) { return (20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * 2 / 3; }
  function shift(longitude, latitude) {
    const x = longitude - 105, y = latitude - 35;
    let north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) + waves(x);
    north += (20 * Math.sin(y * Math.PI) + 40 * Math.sin(y / 3 * Math.PI)) * 2 / 3 + (160 * Math.sin(y / 12 * Math.PI) + 320 * Math.sin(y * Math.PI / 30)) * 2 / 3;
    let east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) + waves(x);
    east += (20 * Math.sin(x * Math.PI) + 40 * Math.sin(x / 3 * Math.PI)) * 2 / 3 + (150 * Math.sin(x / 12 * Math.PI) + 300 * Math.sin(x / 30 * Math.PI)) * 2 / 3;
    const sine = Math.sin(latitude * RAD), magic = 1 - E2 * sine * sine, root = Math.sqrt(magic);
    return [east / (AXIS / root * Math.cos(latitude * RAD) * RAD), north / (AXIS * (1 - E2) / (magic * root) * RAD)];
  }
  function toGcj02(longitude, latitude) {
    if (!within(longitude, latitude)) { return [longitude, latitude]; }
    const [east, north] = shift(longitude, latitude);
    return [longitude + east, latitude + north];
  }
  function fromGcj02(longitude, latitude) {
    if (!within(longitude, latitude)) { return [longitude, latitude]; }
    let x = longitude, y = latitude;
    for (let k = 0; k < 20; k += 1) {
      const [east, north] = shift(x, y), dx = longitude - x - east, dy = latitude - y - north;
      x += dx; y += dy;
      if (Math.abs(dx) + Math.abs(dy) < 1e-11) { break; }
    }
    return [x, y];
  }
  return { toGcj02, fromGcj02 };
})();
