/** The table that stands for the picture: every layer and unit in words and numbers. */

import { throttle } from "./canvas.js";
import { el } from "./dom.js";
import { number, percent } from "./format.js";
import { onLanguage, t } from "./i18n.js";
import { SHOWN } from "./layout.js";
import { store } from "./store.js";

const STATES = ["table.alive", "inspect.dead-short", "inspect.saturated-short"];

export function mountTable(element) {
    element.dataset.control = "table";
    const body = el("tbody", {});
    const details = el(
        "details",
        {},
        el("summary", { t: "table.title" }),
        el("p", { class: "note", t: "table.note" }),
        el(
            "div",
            { class: "scroll", tabindex: 0, role: "region", tLabel: "table.title" },
            el(
                "table",
                { class: "units" },
                el(
                    "thead",
                    {},
                    el(
                        "tr",
                        {},
                        [
                            "table.layer",
                            "table.unit",
                            "table.state",
                            "table.mean",
                            "table.std",
                            "table.active",
                            "table.strongest",
                        ].map((key) => el("th", { scope: "col", t: key })),
                    ),
                ),
                body,
            ),
        ),
    );
    element.append(details);
    let arrays = {};

    /** The largest weight into a unit, as "w[3] = −1.2". */
    function strongest(layer, unit) {
        const place = store.description.runs[store.state.view.run]?.parameters.find(
            (entry) => entry.name === layer.weights,
        );
        if (!place || place.shape.length !== 2 || !arrays.theta) return "";
        const [inputs, units] = place.shape;
        let best = 0;
        const at = (i) => arrays.theta[place.offset + i * units + unit];
        for (let i = 1; i < inputs; i += 1) if (Math.abs(at(i)) > Math.abs(at(best))) best = i;
        return `W[${best}, ${unit}] = ${number(at(best))}`;
    }

    const fill = throttle(() => {
        const run = store.description?.runs[store.state.view.run];
        if (!run || !details.open || !arrays.unit_mean) return;
        const focused = [...body.querySelectorAll("button")].indexOf(document.activeElement);
        body.replaceChildren(
            ...run.layers
                .filter((layer) => layer.units > 0)
                .flatMap((layer) =>
                    Array.from({ length: Math.min(layer.units, SHOWN) }, (_, unit) => {
                        const at = layer.first_unit + unit;
                        const look = el(
                            "button",
                            {
                                type: "button",
                                class: "number",
                                onclick: () =>
                                    store.change("view", { selected: { layer: layer.name, unit } }),
                            },
                            String(unit),
                        );
                        return el(
                            "tr",
                            {},
                            el("th", { scope: "row" }, layer.name),
                            el("td", {}, look),
                            el("td", {}, t(STATES[arrays.unit_state[at]])),
                            el("td", {}, number(arrays.unit_mean[at])),
                            el("td", {}, number(arrays.unit_std[at])),
                            el("td", {}, percent(arrays.unit_active[at])),
                            el("td", {}, strongest(layer, unit)),
                        );
                    }),
                ),
        );
        if (focused >= 0) body.querySelectorAll("button")[focused]?.focus();
    }, 1000);
    store.on("frame", (frame) => {
        const fresh = frame.arrays[store.state.view.run];
        for (const name of ["theta", "unit_mean", "unit_std", "unit_state", "unit_active"])
            if (fresh?.[name]) arrays[name] = fresh[name];
        fill();
    });
    store.on("description", () => {
        arrays = {};
        body.replaceChildren();
    });
    details.addEventListener("toggle", fill);
    onLanguage(fill);
}
