// Small charts as inline SVG: bars, lines, steps and points, directly labelled, a target as a dashed line.
"use strict";
zg.charts = ((zg) => {
  const WIDTH = 304, HEIGHT = 132, LEFT = 38, RIGHT = 8, TOP = 16, FOOT = 28;
  const COLOURS = ["#cc7a00", "#0072b2", "#009e73", "#cc79a7", "#3e4c59", "#d55e00"];

  function ticks(low, high) {
    const span = high - low || 1, raw = span / 3, size = Math.pow(10, Math.floor(Math.log10(raw)));
    const step = [1, 2, 2.5, 5, 10].map((k) => k * size).find((k) => k >= raw) || size;
    const made = [];
    for (let at = Math.ceil(low / step) * step; at <= high + step * 1e-6; at += step) { made.push(Number(at.toPrecision(10))); }
    return made;
  }
  function axis(words, unit) { return [zg.label(words), unit].filter((part) => part).join(" · "); }

  function draw(chart) {
    const values = chart.series.flatMap((series) => series.values).filter((value) => value !== null);
    if (chart.target !== null && chart.target !== undefined) { values.push(chart.target); }
    const low = Math.min(0, ...values), high = Math.max(...values, low + 1e-9);
    const y = (value) => HEIGHT - FOOT - (HEIGHT - FOOT - TOP) * (value - low) / (high - low);
    const positions = chart.numeric && chart.kind !== "bars" ? chart.x : chart.x.map((_, k) => k + 0.5);
    const first = chart.numeric && chart.kind !== "bars" ? Math.min(...positions) : 0;
    const last = chart.numeric && chart.kind !== "bars" ? Math.max(...positions) : chart.x.length;
    const x = (value) => LEFT + (WIDTH - LEFT - RIGHT) * (value - first) / (last - first || 1);
    const box = zg.svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "zg-chart", role: "img" });
    box.appendChild(zg.svg("title", {}, zg.label(chart.title)));
    ticks(low, high).forEach((value) => {
      box.appendChild(zg.svg("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value), stroke: "#e4e7eb" }));
      box.appendChild(zg.svg("text", { x: LEFT - 4, y: y(value) + 3, "text-anchor": "end" }, zg.number(value)));
    });
    chart.series.forEach((series, s) => marks(chart, series, s, { x, y, positions, low }).forEach((mark) => box.appendChild(mark)));
    footer(chart, { x, positions, first, last }).forEach((mark) => box.appendChild(mark));
    box.appendChild(zg.svg("text", { x: 0, y: 10 }, axis(chart.y_label, chart.y_unit)));
    if (chart.target !== null && chart.target !== undefined) {
      box.appendChild(zg.svg("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(chart.target), y2: y(chart.target), stroke: "#1f2933", "stroke-dasharray": "4 3" }));
      box.appendChild(zg.svg("text", { x: LEFT + 3, y: y(chart.target) - 3 }, zg.label(chart.target_label) + " " + zg.withUnit(chart.target, chart.y_unit)));
    }
    return box;
  }
  function marks(chart, series, s, { x, y, positions, low }) {
    const colour = COLOURS[s % COLOURS.length], made = [];
    if (chart.kind === "bars") {
      const step = x(1) - x(0), wide = step * 0.8 / chart.series.length;
      series.values.forEach((value, k) => {
        if (value === null) { return; }
        const bar = zg.svg("rect", { x: x(k) + step * 0.1 + s * wide, width: wide, y: Math.min(y(value), y(0)), height: Math.abs(y(value) - y(Math.max(0, low))), fill: colour });
        bar.appendChild(zg.svg("title", {}, chart.x[k] + ": " + zg.withUnit(value, chart.y_unit)));
        made.push(bar);
      });
    } else if (chart.kind === "points") {
      series.values.forEach((value, k) => { if (value !== null) { made.push(zg.svg("circle", { cx: x(positions[k]), cy: y(value), r: 3, fill: colour })); } });
    } else {
      let path = "", before = null;
      series.values.forEach((value, k) => {
        if (value === null) { before = null; return; }
        const at = x(positions[k]).toFixed(1), up = y(value).toFixed(1);
        path += before === null ? `M${at} ${up}` : chart.kind === "steps" ? `H${at}V${up}` : `L${at} ${up}`;
        before = value;
      });
      made.push(zg.svg("path", { d: path, fill: "none", stroke: colour, "stroke-width": 1.6 }));
    }
    if (chart.series.length > 1) {
      made.push(zg.svg("text", { x: WIDTH - RIGHT, y: TOP - 5 + 11 * s, "text-anchor": "end", style: `fill:${colour};font-weight:600` }, zg.label(series.label)));
    }
    return made;
  }
  function footer(chart, { x, positions, first, last }) {
    const made = [], base = HEIGHT - FOOT + 12;
    if (chart.numeric && chart.kind !== "bars") {
      ticks(first, last).forEach((value) => made.push(zg.svg("text", { x: x(value), y: base, "text-anchor": "middle" }, zg.number(value))));
    } else {
      const every = Math.ceil(chart.x.length / 12);
      chart.x.forEach((name, k) => { if (k % every === 0) { made.push(zg.svg("text", { x: x(positions[k]), y: base, "text-anchor": "middle" }, String(name).slice(0, 6))); } });
    }
    made.push(zg.svg("text", { x: WIDTH - RIGHT, y: HEIGHT - 3, "text-anchor": "end" }, axis(chart.x_label, chart.x_unit)));
    return made;
  }
  return { draw };
})(zg);
