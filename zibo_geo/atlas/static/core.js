// Words, numbers, elements and colours: what the other parts of the atlas share.
// All text from data goes through textContent; nothing here builds markup from strings.
"use strict";
const zg = (() => {
  const data = JSON.parse(document.getElementById("zg-data").textContent);
  let language = 0;
  const listeners = [];

  function t(key) {
    const pair = data.words[key];
    if (!pair) { throw new Error("no word for " + key); }
    return pair[language];
  }
  // A word of the data's own vocabulary (a use, a kind): translated where the table knows it.
  function vocabulary(prefix, word) {
    const pair = data.words[prefix + "_" + word];
    return pair ? pair[language] : String(word);
  }
  function local(zh, en) { return language === 0 ? (zh || en || "") : (en || zh || ""); }
  function toggleLanguage() {
    language = 1 - language;
    document.documentElement.lang = language === 0 ? "zh" : "en";
    listeners.forEach((listener) => listener());
  }
  function onLanguage(listener) { listeners.push(listener); }

  function number(value, digits) {
    if (value === null || value === undefined || !isFinite(value)) { return "–"; }
    const size = Math.abs(value);
    const places = digits !== undefined ? digits : size >= 100 ? 0 : size >= 10 ? 1 : 2;
    return value.toLocaleString("en", { maximumFractionDigits: places, minimumFractionDigits: 0 });
  }
  function withUnit(value, unit) {
    const text = number(unit === "%" ? value * 100 : value);
    return unit && unit !== "1" && text !== "–" ? text + " " + unit : text;
  }

  function element(tag, options, children) {
    const made = document.createElement(tag);
    const given = options || {};
    if (given.text !== undefined) { made.textContent = given.text; }
    if (given.className) { made.className = given.className; }
    Object.entries(given.attributes || {}).forEach(([name, value]) => made.setAttribute(name, value));
    if (given.onClick) { made.addEventListener("click", given.onClick); }
    (children || []).forEach((child) => made.appendChild(child));
    return made;
  }

  const SVG = "http://www.w3.org/2000/svg";
  function svg(tag, attributes, text) {
    const made = document.createElementNS(SVG, tag);
    Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
    if (text !== undefined) { made.textContent = text; }
    return made;
  }
  function bars(values, labels, unit) {
    const width = 276, height = 90, foot = 14, top = 12;
    const most = Math.max(...values, 1e-9), step = width / values.length;
    const chart = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, class: "zg-chart", role: "img" });
    values.forEach((value, index) => {
      const tall = (height - foot - top) * value / most;
      chart.appendChild(svg("rect", { x: index * step + 2, y: height - foot - tall, width: step - 4, height: tall, fill: "#cc7a00" }));
      chart.appendChild(svg("text", { x: (index + 0.5) * step, y: height - 3, "text-anchor": "middle" }, labels[index]));
    });
    chart.appendChild(svg("text", { x: 0, y: 9 }, number(most) + " " + unit));
    return chart;
  }

  const PALETTES = {
    yellow_brown: ["#fff7bc", "#fee391", "#fec44f", "#fe9929", "#d95f0e", "#993404"],
    violet: ["#f7f4f9", "#dadaeb", "#bcbddc", "#9e9ac8", "#756bb1", "#54278f"],
    navy: ["#f0f4f8", "#c6dbef", "#9ecae1", "#6baed6", "#3182bd", "#08519c"],
  };
  const NONE = "#d9d9d9";
  // Class breaks by quantile: the upper bound of each class but the last.
  function quantileBreaks(values, classes) {
    const sorted = Float64Array.from(values.filter((value) => value !== null && isFinite(value))).sort();
    const breaks = [];
    for (let k = 1; k < classes && sorted.length; k += 1) {
      const at = sorted[Math.min(sorted.length - 1, Math.floor(k * sorted.length / classes))];
      if (!breaks.length || at > breaks[breaks.length - 1]) { breaks.push(at); }
    }
    return breaks;
  }
  function scale(values, palette) {
    const colours = PALETTES[palette];
    const breaks = quantileBreaks(values, colours.length);
    const spread = breaks.length ? (colours.length - 1) / breaks.length : 0;
    function classOf(value) {
      let k = 0;
      while (k < breaks.length && value >= breaks[k]) { k += 1; }
      return k;
    }
    return {
      breaks,
      colours: Array.from({ length: breaks.length + 1 }, (_, k) => colours[Math.round(k * spread)]),
      of(value) { return value === null || value === undefined || !isFinite(value) ? NONE : colours[Math.round(classOf(value) * spread)]; },
    };
  }
  return { data, t, vocabulary, local, toggleLanguage, onLanguage, number, withUnit, element, bars, scale, NONE };
})();
