// How numbers are distributed: bars as one SVG path, with what a screen reader says of them.

import { short } from "./numbers.js";
import { scale } from "./scale.js";

const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT] = [120, 44]; // of the drawing's own units; the style sheet scales it

export class Histogram {
  /**
   * @param {HTMLElement} host is filled
   * @param {object} options
   * @param {string} options.label whose numbers: "dense_1, weights"
   * @param {string} options.colour a class of the style sheet
   * @param {(key: string, values?: object) => string} options.t texts by key
   */
  constructor(host, { label, colour, t }) {
    Object.assign(this, { label, t });
    this.svg = element("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", preserveAspectRatio: "none" });
    this.bars = element("path", { class: `histogram-bars ${colour}` });
    this.zero = element("path", { class: "histogram-zero", "vector-effect": "non-scaling-stroke" });
    this.svg.append(this.bars, this.zero);
    this.ends = document.createElement("span");
    this.ends.className = "histogram-ends";
    host.classList.add("histogram");
    host.replaceChildren(this.svg, this.ends);
  }

  /**
   * @param {object} shown
   * @param {number[]} shown.counts one for each bin
   * @param {number} shown.low where the first bin begins
   * @param {number} shown.high where the last one ends
   * @param {number} [shown.zeros] share of the numbers that are exactly 0
   */
  set({ counts, low, high, zeros = null }) {
    const most = Math.max(1, ...counts);
    const across = scale(low, high, 0, WIDTH);
    const step = WIDTH / Math.max(1, counts.length);
    // the root of the counts, so that a few far out are seen beside thousands in the middle
    const height = (count) => HEIGHT * Math.sqrt(count / most);
    const path = counts.map((count, n) => {
      const y = (HEIGHT - height(count)).toFixed(2);
      return `M${(n * step).toFixed(2)} ${HEIGHT}V${y}h${(step * 0.92).toFixed(2)}V${HEIGHT}z`;
    });
    this.bars.setAttribute("d", path.join(""));
    const inside = low <= 0 && high >= 0 && high > low;
    this.zero.setAttribute("d", inside ? `M${across(0).toFixed(2)} 0V${HEIGHT}` : "");
    const parts = [short(low, 3), short(high, 3)];
    const said = this.t("chart.histogram", { what: this.label, low: parts[0], high: parts[1] });
    const extra = zeros ? this.t("chart.zeros", { share: Math.round(100 * zeros) }) : "";
    this.svg.setAttribute("aria-label", [said, extra].filter(Boolean).join("; "));
    this.ends.replaceChildren(...[parts[0], extra, parts[1]].map((text) => {
      const span = document.createElement("span");
      span.textContent = text;
      return span;
    }));
  }
}

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
