/** The confusion matrix as a table: rows are the true classes, columns the predicted ones. */

import { el } from "../dom.js";
import { percent } from "../format.js";
import { t } from "../i18n.js";

/** A matrix, and a function that shows other counts: counts[truth][predicted], names of the classes. */
export function confusionMatrix() {
    const caption = el("caption");
    const head = el("thead");
    const body = el("tbody");
    const element = el(
        "div",
        { class: "confusion", tabindex: 0, role: "region", tLabel: "charts.confusion" },
        el("table", {}, caption, head, body),
    );
    let cells = [];
    let form = "";

    function build(names) {
        element.classList.toggle("many", names.length > 6);
        head.replaceChildren(
            el(
                "tr",
                {},
                el("th", { t: "charts.confusion_corner", scope: "col" }),
                ...names.map((name) => el("th", { scope: "col" }, name)),
            ),
        );
        cells = names.map((_, truth) =>
            names.map((__, predicted) => el("td", { class: truth === predicted ? "right" : "" })),
        );
        body.replaceChildren(
            ...names.map((name, truth) => el("tr", {}, el("th", { scope: "row" }, name), ...cells[truth])),
        );
    }

    function set(counts, names) {
        const now = names.join("\n");
        if (now !== form) build(names);
        form = now;
        let [right, all] = [0, 0];
        counts.forEach((row, truth) => {
            const sum = row.reduce((total, count) => total + count, 0);
            row.forEach((count, predicted) => {
                const cell = cells[truth][predicted];
                const share = sum ? count / sum : 0;
                cell.textContent = count || "·";
                cell.style.setProperty("--share", share.toFixed(3));
                cell.title = t("charts.cell", {
                    truth: names[truth],
                    predicted: names[predicted],
                    count,
                    sum,
                });
                all += count;
                if (truth === predicted) right += count;
            });
        });
        caption.textContent = t("charts.confusion_caption", {
            right,
            all,
            share: percent(all ? right / all : 0),
        });
    }
    return { element, set };
}
