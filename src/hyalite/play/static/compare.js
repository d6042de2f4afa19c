/** Two runs side by side: the same start, one thing different. */

import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { number } from "./format.js";
import { t } from "./i18n.js";
import { store } from "./store.js";
import { rateOf, withRate } from "./training.js";
import { choice, field } from "./widgets.js";

const RATES = [1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1, 3];
const PENALTIES = [0, 1e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3];
const plain = (list) => list.map((value) => [value, typeof value === "number" ? number(value) : value]);
const dense = (settings, fields) =>
    settings.layers.map((layer) => (layer.type === "Dense" ? { ...layer, ...fields } : layer));

/** What may differ: the choices, and the patch for one of them. */
const DIFFERENCES = {
    rate: {
        values: () => plain(RATES),
        start: (now) => (rateOf(now.optimizer) >= 0.1 ? 0.01 : 0.3),
        patch: (value, now) => ({
            optimizer: { learning_rate: withRate(now.optimizer, value).learning_rate },
        }),
    },
    optimizer: {
        values: () => plain(Object.keys(store.catalog.optimizers)),
        start: (now) => (now.optimizer.type === "SGD" ? "Adam" : "SGD"),
        patch: (type, now) => ({
            optimizer: { ...cleared(now.optimizer), type, learning_rate: now.optimizer.learning_rate },
        }),
    },
    activation: {
        values: () => plain(store.catalog.activations),
        start: (now) => (now.layers[0]?.activation === "tanh" ? "relu" : "tanh"),
        patch: (activation, now) => ({ layers: dense(now, { activation }) }),
    },
    initializer: {
        values: () => plain(store.catalog.initializers),
        start: () => "scaled_normal",
        patch: (initializer, now) => ({ layers: dense(now, { initializer }) }),
    },
    l2: {
        values: () => plain(PENALTIES),
        start: () => 0.01,
        patch: (l2, now) => ({ layers: dense(now, { l2 }) }),
    },
    batch: {
        values: () => [...plain([1, 4, 8, 16, 32, 64, 128, 256]), [null, "training.all"]],
        start: (now) => (now.batch_size === 1 ? 32 : 1),
        patch: (size) => ({ batch_size: size }),
    },
    depth: {
        values: () => plain([0, 1, 2, 3, 4, 6]),
        start: (now) => (now.layers.length === 1 ? 3 : 1),
        patch: (n, now) => ({
            layers: Array.from(
                { length: n },
                () =>
                    now.layers.find((layer) => layer.type === "Dense") ?? {
                        type: "Dense",
                        units: 8,
                        activation: "relu",
                    },
            ),
        }),
    },
    width: {
        values: () => plain([1, 2, 4, 8, 16, 32, 64, 128]),
        start: () => 64,
        patch: (units, now) => ({ layers: dense(now, { units }) }),
    },
    seed: {
        values: () => plain([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
        start: (now) => (now.seed + 1) % 10,
        patch: (seed) => ({ seed }),
    },
};

/** A merge patch takes away what it sets to null: Adam's options do not go to SGD. */
function cleared(optimizer) {
    return Object.fromEntries(
        Object.keys(optimizer)
            .filter((name) => !["type", "learning_rate"].includes(name))
            .map((name) => [name, null]),
    );
}

export function openCompare() {
    let what = "rate";
    const slot = el("div", {});
    let value = DIFFERENCES[what].start(store.state.settings);
    function showValues() {
        value = DIFFERENCES[what].start(store.state.settings);
        const control = choice({
            value,
            options: DIFFERENCES[what].values(),
            onchange: (next) => (value = next),
        });
        slot.replaceChildren(field("compare.value", control, { control: "compare.value" }));
    }
    const kind = choice({
        value: what,
        options: Object.keys(DIFFERENCES).map((name) => [name, `compare.${name}`]),
        onchange: (next) => {
            what = next;
            showValues();
        },
    });
    showValues();
    const begin = () => {
        const { settings } = store.state;
        store.change("settings", { compare: DIFFERENCES[what].patch(value, settings) });
        dialog.close();
    };
    const end = () => {
        store.change("settings", { compare: null });
        store.change("view", { run: "a" });
        dialog.close();
    };
    const dialog = openDialog({
        title: "compare.title",
        id: "compare",
        content: el(
            "div",
            {},
            el("p", { t: "compare.explain" }),
            el("div", { class: "fields" }, field("compare.what", kind, { control: "compare.what" }), slot),
            el(
                "div",
                { class: "actions" },
                el(
                    "button",
                    { type: "button", class: "primary wide", onclick: begin },
                    el("span", { t: "compare.begin" }),
                ),
                store.state.settings.compare
                    ? el("button", { type: "button", onclick: end }, el("span", { t: "compare.end" }))
                    : "",
            ),
        ),
    });
}

/** What differs, in one line; shown above the two pictures.
 *
 * @param {object[]} layers of run B, as the server describes them
 */
export function differenceText(compare, layers = []) {
    const parts = [];
    const own = layers.filter(({ source }) => source !== null && source >= 0);
    const texts = own.map(({ text, units }) => (units ? `${units} ${text}` : text)).join(" → ") || "–";
    const walk = (value, path) => {
        if (value !== null && typeof value === "object" && !Array.isArray(value)) {
            for (const [name, item] of Object.entries(value)) if (item !== null) walk(item, [...path, name]);
        } else
            parts.push(`${path.join(".")} = ${Array.isArray(value) ? texts : (value ?? t("training.all"))}`);
    };
    walk(compare, []);
    return parts.join(", ");
}

export function mountCompare() {
    const button = document.getElementById("tool-compare");
    const line = el("p", { class: "difference", hidden: true });
    document.querySelector("#output .plots").before(line);
    let told = false; // whether the answer to a question has been read, which this gives away
    const show = () => {
        const { compare } = store.state.settings;
        button.setAttribute("aria-pressed", String(compare !== null));
        line.hidden = compare === null || (store.state.view.preset !== null && !told);
        const layers = store.description?.runs.b?.layers;
        if (compare) line.textContent = t("compare.line", { what: differenceText(compare, layers) });
        document.documentElement.classList.toggle("two-runs", compare !== null);
    };
    show();
    store.watch("settings", show);
    store.watch("view", (now, past) => {
        if (now.preset === past.preset) return;
        told = false;
        show();
    });
    store.on("answered", () => {
        told = true;
        show();
    });
    store.on("description", show);
}
