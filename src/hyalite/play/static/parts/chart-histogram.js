/** How the numbers of each layer are distributed: a table of small histograms. */

import { el, svg } from "../dom.js";
import { percent, short } from "../format.js";
import { t } from "../i18n.js";
import { scale } from "./chart-scale.js";

const KINDS = ["weights", "activations", "gradients"];
const [WIDTH, HEIGHT] = [120, 40]; // units of the drawing, which the style sheet stretches

/** A table with a row for each layer and a column for each kind, and a function that fills it. */
export function histogramTable() {
    const body = el("tbody");
    const head = el(
        "tr",
        {},
        el("th", { t: "charts.layer", scope: "col" }),
        ...KINDS.map((kind) => el("th", { t: `charts.${kind}`, scope: "col" })),
    );
    const element = el("table", { class: "histograms" }, el("thead", {}, head), body);
    let form = "";
    let pictures = [];

    function build(names) {
        pictures = names.map(() => KINDS.map(histogram));
        body.replaceChildren(
            ...names.map((name, row) =>
                el(
                    "tr",
                    {},
                    el("th", { scope: "row" }, name),
                    ...pictures[row].map((picture) => el("td", {}, picture.element)),
                ),
            ),
        );
    }

    /** @param {string[]} names of layers; @param {object} arrays histogram.KIND (layers, bins), .range */
    function set(names, arrays) {
        if (names.join() !== form) build(names);
        form = names.join();
        for (const [column, kind] of KINDS.entries()) {
            const counts = arrays[`histogram.${kind}`];
            const range = arrays[`histogram.${kind}.range`];
            if (!counts) continue;
            const bins = counts.length / names.length;
            names.forEach((name, row) =>
                pictures[row][column].set(
                    `${name}, ${t(`charts.${kind}`)}`,
                    counts.subarray(row * bins, (row + 1) * bins),
                    range[2 * row],
                    range[2 * row + 1],
                ),
            );
        }
    }
    return { element, set, kinds: KINDS };
}

function histogram(kind) {
    const bars = svg("path", { class: `histogram-bars ${kind}` });
    const zero = svg("path", { class: "histogram-zero" });
    const picture = svg(
        "svg",
        { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", preserveAspectRatio: "none" },
        bars,
        zero,
    );
    const ends = [el("span"), el("span")];
    const share = el("span", { class: "histogram-share" });
    const element = el(
        "div",
        { class: "histogram" },
        picture,
        share,
        el("div", { class: "histogram-ends" }, ...ends),
    );

    function set(what, counts, low, high) {
        const most = Math.max(1, ...counts);
        const step = WIDTH / Math.max(1, counts.length);
        const path = Array.from(counts, (count, n) => {
            // the root of the counts: a few far out are seen beside thousands in the middle
            const y = (HEIGHT * (1 - Math.sqrt(count / most))).toFixed(1);
            return count
                ? `M${(n * step).toFixed(2)} ${HEIGHT}V${y}h${(step * 0.9).toFixed(2)}V${HEIGHT}z`
                : "";
        });
        bars.setAttribute("d", path.join(""));
        const across = scale(low, high, 0, WIDTH);
        zero.setAttribute("d", low < 0 && high > 0 ? `M${across(0).toFixed(2)} 0V${HEIGHT}` : "");
        const all = counts.reduce((sum, count) => sum + count, 0);
        // what stands in one bar alone says that the rest is dead
        share.textContent = all && most / all > 0.5 ? percent(most / all) : "";
        share.classList.toggle("left", counts.indexOf(most) >= counts.length / 2); // beside that bar
        [short(low), short(high)].forEach((text, n) => {
            ends[n].textContent = text;
        });
        picture.setAttribute(
            "aria-label",
            t("charts.histogram", { what, low: short(low), high: short(high) }),
        );
    }
    return { element, set };
}
