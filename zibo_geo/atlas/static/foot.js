// At the foot of the map, only where it makes sense: the year up to which things are shown, and choosers such as
// the outage whose consequences are shown.
"use strict";
zg.foot = ((zg) => {
  const { t, element } = zg;
  const box = element("section", { className: "zg-foot", attributes: { hidden: "" } });

  function yearsOf(topic) { return [...zg.layers.years(topic.key), ...(topic.roof_years || [])]; }
  function slider(years) {
    const low = Math.min(...years), high = Math.max(...years), now = zg.layers.state.year === null ? high : Math.max(low, Math.min(high, zg.layers.state.year));
    const text = element("output", { text: String(now) });
    const input = element("input", { className: "zg-year", attributes: { type: "range", min: String(low), max: String(high), step: "1", "aria-label": t("year") } });
    input.value = String(now);
    // At its right end the slider hides nothing, not even what has no year.
    input.addEventListener("input", () => { text.textContent = input.value; zg.layers.setYear(Number(input.value) >= high ? null : Number(input.value)); zg.tools.remember(); });
    return element("label", {}, [element("span", { text: t("year") }), input, text]);
  }
  // Whoever chooses wants to see it: the layers concerned come onto the map.
  function reveal(column) {
    const hidden = zg.layers.all.filter((layer) => layer.choice === column && layer.topic === zg.panel.state.topic.key && !zg.map.hasLayer(layer.shapes.layer));
    hidden.forEach((layer) => zg.layers.want(zg.map, layer, true));
    if (hidden.length) { zg.panel.draw(); }
  }
  function chooser(column, words) {
    const select = zg.select(t("field_" + column), words.map((word) => [word, zg.vocabulary(column, word)]), zg.layers.state.choices[column], (word) => { said.textContent = zg.vocabulary(column, word); zg.layers.choose(column, word); reveal(column); zg.legend.draw(zg.map); zg.tools.remember(); });
    const said = element("output", { className: "zg-said", text: zg.vocabulary(column, zg.layers.state.choices[column]) });
    return element("label", {}, [element("span", { text: t("field_" + column) }), select, said]);
  }
  function draw() {
    const { topic } = zg.panel.state, years = yearsOf(topic), parts = [];
    if (years.length && Math.min(...years) < Math.max(...years)) { parts.push(slider(years)); }
    zg.layers.choices(topic.key).forEach((words, column) => { if (words.length) { parts.push(chooser(column, words)); } });
    box.hidden = parts.length === 0;
    box.setAttribute("aria-label", t("foot"));
    box.replaceChildren(...parts);
  }
  document.body.appendChild(box);
  return { draw };
})(zg);
