// Colour scales: classes by quantile or by stated breaks, diverging ones around a centre, words by their own colours.
"use strict";
zg.scales = ((zg) => {
  const PALETTES = {
    yellow_brown: ["#fff7bc", "#fee391", "#fec44f", "#fe9929", "#d95f0e", "#993404"],
    violet: ["#f2f0f7", "#dadaeb", "#bcbddc", "#9e9ac8", "#756bb1", "#54278f"],
    navy: ["#dbe9f6", "#bad6eb", "#89bedc", "#539ecd", "#2b7bba", "#0b559f"],
    cream_red: ["#fff5eb", "#fdd8b3", "#fdae6b", "#f16913", "#d94801", "#8c2d04"],
    blue_red: ["#2166ac", "#67a9cf", "#d1e5f0", "#fddbc7", "#ef8a62", "#b2182b"],
    blue_orange: ["#2c7bb6", "#67a9cf", "#c7e0ee", "#fee0b6", "#f1a340", "#b35806"],
  };
  const NONE = "#d9d9d9";

  // Quantiles of a million are those of every few; the least and the greatest stay.
  function thinned(values) {
    const step = Math.ceil(values.length / 100000);
    if (step <= 1) { return values; }
    let low = Infinity, high = -Infinity;
    for (let k = 0; k < values.length; k += 1) { if (values[k] < low) { low = values[k]; } if (values[k] > high) { high = values[k]; } }
    const some = values.filter((_, k) => k % step === 0);
    some[0] = low; some[some.length - 1] = high;
    return some;
  }
  function known(values) { return Float64Array.from(values instanceof Float32Array ? thinned(values) : values.filter((value) => value !== null)).filter((value) => isFinite(value)).sort(); }
  // Six classes end at these shares: the last holds the few largest, which matter most and differ most.
  const SHARES = [0.2, 0.4, 0.6, 0.8, 0.95];
  // Upper bound of each class but the last.
  function quantiles(sorted, classes) {
    const breaks = [];
    for (let k = 1; k < classes && sorted.length; k += 1) {
      const at = sorted[Math.min(sorted.length - 1, Math.floor((classes === 6 ? SHARES[k - 1] : k / classes) * sorted.length))];
      if (at > (breaks.length ? breaks[breaks.length - 1] : sorted[0])) { breaks.push(at); }
    }
    return breaks;
  }
  function around(sorted, centre, classes) {
    const half = classes / 2, low = sorted.filter((value) => value < centre), high = sorted.filter((value) => value >= centre);
    return [...quantiles(low, half).filter((value) => value < centre), centre, ...quantiles(high, half).filter((value) => value > centre)];
  }
  function rounded(breaks) {
    const spread = breaks.length > 1 ? Math.min(...breaks.slice(1).map((value, k) => value - breaks[k])) : Math.abs(breaks[0] || 1);
    const step = Math.pow(10, Math.floor(Math.log10(spread || 1)) - 1);
    return breaks.map((value) => Number((Math.round(value / step) * step).toPrecision(12)));
  }
  function ofNumbers(values, metric) {
    const colours = PALETTES[metric.palette], sorted = known(values);
    let breaks = (metric.breaks || []).slice();
    const diverging = metric.centre !== null && metric.centre !== undefined;
    if (!breaks.length) { breaks = diverging ? around(sorted, metric.centre, colours.length) : rounded(quantiles(sorted, colours.length)); }
    const spread = breaks.length ? (colours.length - 1) / breaks.length : 0;
    function classOf(value) {
      let k = 0;
      while (k < breaks.length && value >= breaks[k]) { k += 1; }
      return k;
    }
    const shades = Array.from({ length: breaks.length + 1 }, (_, k) => colours[Math.round(k * spread)]);
    const factor = metric.unit === "%" ? 100 : 1, low = sorted.length ? sorted[0] : 0, high = sorted.length ? sorted[sorted.length - 1] : 0;
    function row(k) {
      // Classes taken from another map say nothing of this map's least and greatest.
      if (metric.shared && breaks.length && (k === 0 || k === breaks.length)) { return k === 0 ? "< " + zg.number(breaks[0] * factor) : "≥ " + zg.number(breaks[k - 1] * factor); }
      const from = k === 0 ? low : breaks[k - 1], to = k === breaks.length ? high : breaks[k];
      const least = zg.number(from * factor), most = zg.number(to * factor);
      return least === most ? least : least + " – " + most;
    }
    return {
      breaks,
      of: (value) => (value === null || value === undefined || !isFinite(value) ? NONE : shades[classOf(value)]),
      sign: () => "",
      share: (value) => (high > low && value !== null ? Math.sqrt(Math.max(0, (value - low) / (high - low))) : 0),
      rows: () => (sorted.length ? shades.map((colour, k) => ({ colour, sign: "", text: row(k) })) : []),
    };
  }
  function ofWords(categories, columnName, other) {
    const byWord = new Map(categories.map((category) => [category.value, category]));
    return {
      of: (word) => (byWord.has(word) ? byWord.get(word).colour : other),
      sign: (word) => (byWord.has(word) ? byWord.get(word).sign : ""),
      share: () => 0,
      rows: () => categories.map((category) => ({ colour: category.colour, sign: category.sign, text: zg.vocabulary(columnName, category.value) })),
    };
  }
  // The scale of a metric over values (an array of numbers or null; unused for words).
  function of(metric, values) {
    return metric.categories && metric.categories.length ? ofWords(metric.categories, metric.key, NONE) : ofNumbers(values || [], metric);
  }
  return { of, ofWords, ofNumbers, NONE };
})(zg);
