// How numbers are distributed: bars as one SVG path, with what a screen reader says of them.

import { el, svg } from "../dom.js";
import { number, percent } from "../format.js";
import { t } from "../i18n.js";
import { scale } from "./chart-scale.js";

const [WIDTH, HEIGHT] = [120, 40]; // units of the drawing, which the style sheet stretches

/**
 * A histogram, and a function that shows other numbers: counts of the bins from low to high, and
 * which share of the numbers is exactly 0.
 */
export function histogram(kind) {
  const bars = svg("path", { class: `histogram-bars ${kind}` });
  const zero = svg("path", { class: "histogram-zero" });
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", preserveAspectRatio: "none" }, bars, zero);
  const ends = [0, 1, 2].map(() => el("span"));
  const element = el("div", { class: "histogram" }, picture, el("div", { class: "histogram-ends" }, ...ends));

  function set(what, { counts, low, high, zeros = 0 }) {
    const most = Math.max(1, ...counts);
    const step = WIDTH / Math.max(1, counts.length);
    const path = Array.from(counts, (count, n) => {
      // the root of the counts: a few far out are seen beside thousands in the middle
      const y = (HEIGHT * (1 - Math.sqrt(count / most))).toFixed(1);
      return count ? `M${(n * step).toFixed(2)} ${HEIGHT}V${y}h${(step * 0.9).toFixed(2)}V${HEIGHT}z` : "";
    });
    bars.setAttribute("d", path.join(""));
    const inside = low < 0 && high > 0;
    zero.setAttribute("d", inside ? `M${scale(low, high, 0, WIDTH)(0).toFixed(2)} 0V${HEIGHT}` : "");
    const texts = [number(low), zeros > 0.005 ? t("charts.zeros", { share: percent(zeros) }) : "", number(high)];
    ends.forEach((end, n) => { end.textContent = texts[n]; });
    const said = t("charts.histogram", { what, low: texts[0], high: texts[2] });
    picture.setAttribute("aria-label", [said, texts[1]].filter(Boolean).join("; "));
  }
  return { element, set };
}
