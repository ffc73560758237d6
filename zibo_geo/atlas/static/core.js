// Words, numbers and elements: what the other parts of the atlas share.
// All text from data goes through textContent; nothing here builds markup from strings.
"use strict";
const zg = (() => {
  const data = JSON.parse(document.getElementById("zg-data").textContent);
  const listeners = [];
  let language = 0;

  function t(key) {
    const pair = data.words[key];
    if (!pair) { throw new Error("no word for " + key); }
    return pair[language];
  }
  // A label is a key of the words or a pair of texts.
  function label(words) { return Array.isArray(words) ? local(words[0], words[1]) : words ? t(words) : ""; }
  // A word of the data's own vocabulary (a use, a kind): translated where the table knows it.
  function vocabulary(column, word) {
    const pair = Object.prototype.hasOwnProperty.call(data.words, column + "_" + word) ? data.words[column + "_" + word] : null;
    return pair ? pair[language] : String(word);
  }
  function local(zh, en) { return language === 0 ? (zh || en || "") : (en || zh || ""); }
  function setLanguage(next) {
    language = next === 1 ? 1 : 0;
    document.documentElement.lang = language === 0 ? "zh" : "en";
    listeners.forEach((listener) => listener());
  }
  function onLanguage(listener) { listeners.push(listener); }

  function number(value, digits) {
    if (value === null || value === undefined || !isFinite(value)) { return "–"; }
    const size = Math.abs(value);
    const places = digits !== undefined ? digits : size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : 4;
    return value.toLocaleString("en", { maximumFractionDigits: places, minimumFractionDigits: 0 });
  }
  function withUnit(value, unit) {
    if (value === null || value === undefined) { return "–"; }
    if (unit === "year") { return String(value); }
    const text = number(unit === "%" ? value * 100 : value);
    return unit && unit !== "1" && text !== "–" ? text + " " + unit : text;
  }
  function unitMark(unit) { return unit && unit !== "1" && unit !== "-" && unit !== "year" ? " (" + unit + ")" : ""; }
  // What a field of a card, a table or a list says.
  function shown(column, value, unit) {
    if (value === null || value === undefined || value === "") { return "–"; }
    if (column === "county") { return countyName(value); }
    return unit === "-" ? vocabulary(column, value) : withUnit(value, unit);
  }
  function countyName(key) {
    const county = data.counties.find((item) => item.id === key);
    return county ? local(county.name, county.name_en) : String(key);
  }

  function element(tag, options, children) {
    const made = document.createElement(tag);
    const given = options || {};
    if (given.text !== undefined) { made.textContent = given.text; }
    if (given.className) { made.className = given.className; }
    Object.entries(given.attributes || {}).forEach(([name, value]) => made.setAttribute(name, value));
    if (given.onClick) { made.addEventListener("click", given.onClick); }
    (children || []).forEach((child) => { if (child) { made.appendChild(child); } });
    return made;
  }
  function button(text, title, onClick) {
    return element("button", { className: "zg-button", text, attributes: { type: "button", title, "aria-label": title }, onClick });
  }
  function options(pairs, active) {
    return pairs.map(([value, text]) => {
      const option = element("option", { text, attributes: { value } });
      option.selected = value === active;
      return option;
    });
  }
  // A select of [value, text] pairs.
  function select(title, pairs, active, onChange) {
    const made = element("select", { attributes: { "aria-label": title } });
    options(pairs, active).forEach((option) => made.appendChild(option));
    made.addEventListener("change", () => onChange(made.value));
    return made;
  }
  function swatch(colour, sign) {
    const made = element("span", { className: "zg-swatch", text: sign || "" });
    made.style.background = colour;
    return made;
  }
  const SVG = "http://www.w3.org/2000/svg";
  function svg(tag, attributes, text) {
    const made = document.createElementNS(SVG, tag);
    Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
    if (text !== undefined) { made.textContent = text; }
    return made;
  }
  // Icons are lines on a 16-unit square, drawn here so that no font has to know them.
  const ICONS = {
    whole: "M2 8 8 3l6 5M4 7v6h8V7", locate: "M8 1v3M8 12v3M1 8h3M12 8h3M12 8a4 4 0 1 1-8 0 4 4 0 0 1 8 0", measure: "M1 11 11 1l4 4L5 15zM4 8l2 2M7 5l2 2",
    share: "M6 10l4-4M7 4l1.500-1.500a2.800 2.800 0 0 1 4 4L11 8M9 12l-1.500 1.500a2.800 2.800 0 0 1-4-4L5 8", compare: "M2 3h5v10H2zM9 3h5v10H9z", print: "M4 6V2h8v4M4 12H2V6h12v6h-2M4 10h8v4H4z",
  };
  function iconButton(name, title, onClick) {
    const made = button("", title, onClick), picture = svg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" });
    picture.appendChild(svg("path", { d: ICONS[name], fill: "none", stroke: "currentColor", "stroke-width": 1.4 }));
    made.appendChild(picture);
    return made;
  }
  // A column as the payload packs it: numbers, or words with codes.
  function column(packed) {
    if (Array.isArray(packed)) { return { words: null, at: (i) => packed[i], values: packed }; }
    const { of, at } = packed;
    return { words: of, at: (i) => (at[i] < 0 ? null : of[at[i]]), values: null };
  }
  // Runs a generator in slices of a few milliseconds, and promises what it returns.
  function slices(steps) {
    return new Promise((resolve, reject) => {
      function go() {
        const until = performance.now() + 5;
        try {
          for (;;) {
            const { done, value } = steps.next();
            if (done) { resolve(value); return; }
            if (performance.now() > until) { setTimeout(go, 8); return; }
          }
        } catch (error) { reject(error); }
      }
      go();
    });
  }
  return {
    slices, data, t, label, vocabulary, local, setLanguage, onLanguage, number, withUnit, unitMark, shown, countyName,
    element, button, iconButton, select, options, swatch, svg, column, language: () => language,
  };
})();
