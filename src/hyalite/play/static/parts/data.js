/** The data panel: which points, how many, how noisy; points painted by hand; a table dropped on the page. */

import { el } from "../dom.js";
import { has } from "../i18n.js";
import { same } from "../link.js";
import { field, slider, stepper } from "../widgets.js";
import { kindPicture } from "./data-pictures.js";
import { ownPoints, paintSection } from "./data-paint.js";
import { tableSection } from "./data-table.js";

const ORDER = [
    "spiral",
    "circles",
    "moons",
    "blobs",
    "xor",
    "vertical",
    "sine",
    "points",
    "table",
    "mnist",
    "fashion-mnist",
];
const WHOLE = new Set(["samples", "test_samples"]);
const STEPPED = new Set(["classes"]);
const SHOWN = ["classes", "samples", "noise", "test_samples", "test_share"];

export function mount(element, store, api) {
    const change = (fields) => store.change("settings", ({ data }) => ({ data: { ...data, ...fields } }));
    const kinds = kindGroup(store);
    const fields = el("div", { class: "data-fields" });
    const paint = paintSection(store);
    const table = tableSection(store, api);
    element.append(
        el("h2", { t: "data.title" }),
        kinds.element,
        fields,
        paint.element,
        table.element,
        featureGroup(store),
    );
    let form = "";
    let controls = {};

    /** The fields of a kind, as the server lists them; numbers they show follow the settings. */
    function build(kind) {
        const known = store.catalog.data[kind]?.fields ?? {};
        controls = {};
        for (const name of SHOWN) {
            if (known[name])
                controls[name] = control(name, known[name], (value) => change({ [name]: value }));
        }
        const again =
            known.seed &&
            el(
                "div",
                { class: "buttons", data: { control: "data.seed" } },
                el("button", {
                    t: "data.again",
                    onclick: () =>
                        change({
                            seed: (store.state.settings.data.seed + 2) % 2 ** 31,
                            test_seed: (store.state.settings.data.test_seed + 2) % 2 ** 31,
                        }),
                }),
            );
        const counted =
            store.catalog.data[kind]?.shape === "pictures" ? "pictures" : known.classes ? "a_class" : "";
        const words = (name) => {
            const own = `data.${name}_${counted}`;
            return has(own) ? own : `data.${name}`;
        };
        fields.replaceChildren(
            ...Object.entries(controls).map(([name, made]) =>
                field(words(name), made, { control: `data.${name}` }),
            ),
            again || "",
        );
    }

    function show() {
        const { data } = store.state.settings;
        if (!data) return;
        if (data.kind !== form) build(data.kind);
        form = data.kind;
        kinds.set(data.kind);
        for (const [name, made] of Object.entries(controls)) made.set(data[name] ?? 2); // painted points may leave their classes to the labels
        paint.show();
        table.show();
    }
    store.watch("settings", (now, before) => now.data !== before.data && show());
    store.on("description", show);
    show();
}

function control(name, { low, high, default: value }, onchange) {
    const label = `data.${name}`;
    if (STEPPED.has(name)) return stepper({ value, min: low, max: high, onchange, label });
    if (WHOLE.has(name)) {
        return slider({
            value,
            min: low,
            max: high,
            log: true,
            label,
            onchange: (given) => onchange(Math.round(given)),
        });
    }
    const round = (given) => Number(given.toFixed(2));
    return slider({
        value,
        min: low ?? 0,
        max: Math.min(high ?? 1, 1),
        step: 0.01,
        label,
        onchange: (given) => onchange(round(given)),
    });
}

/** A radio group of small pictures; a kind that is not there on this machine is left out. */
function kindGroup(store) {
    const known = Object.keys(store.catalog.data);
    const names = [
        ...ORDER.filter((name) => known.includes(name)),
        ...known.filter((name) => !ORDER.includes(name)),
    ];
    const inputs = new Map();
    const choose = (kind) => {
        const now = store.state.settings.data;
        if (kind === "table") return document.getElementById("choose-table").click();
        const data = kind === "points" ? ownPoints(store) : { kind };
        if (kind === now.kind) return null;
        if (now.features && store.catalog.data[kind].fields?.features) data.features = now.features;
        if (kind === "points") store.change("view", { tool: "paint", brush: 0 });
        return store.change("settings", fitting(store, { data }));
    };
    const group = el(
        "div",
        { class: "kinds", role: "radiogroup", tLabel: "data.kind", data: { control: "data.kind" } },
        names
            .filter((name) => store.catalog.data[name].available !== false)
            .map((name) => {
                const input = el("input", {
                    type: "radio",
                    name: "data-kind",
                    value: name,
                    onchange: () => choose(name),
                });
                inputs.set(name, input);
                return el(
                    "label",
                    { tTitle: `data.kind_${name}` },
                    input,
                    kindPicture(name),
                    el("span", { t: `data.kind_${name}` }),
                );
            }),
    );
    return {
        element: group,
        set(kind) {
            for (const [name, input] of inputs) input.checked = name === kind;
        },
    };
}

/** Hidden layers for pictures where nobody has chosen others: as they open for points, digits are misread. */
const FOR_PICTURES = [64, 32].map((units) => ({ type: "Dense", units, activation: "relu" }));

/** Settings for data of another task: a loss that can follow; layers that suit. */
export function fitting(store, { data }) {
    const {
        catalog,
        defaults,
        state: { settings },
    } = store;
    const [now, then] = [catalog.data[settings.data.kind], catalog.data[data.kind]];
    const fields = { data };
    const tasks = [settings.data.task || now?.task, data.task || then.task];
    if (tasks[0] !== tasks[1]) fields.loss = null; // that of the data
    const { layers } = settings;
    if (then.shape === "pictures") {
        if (same(layers, defaults.settings.layers)) fields.layers = FOR_PICTURES;
    } else if (now?.shape === "pictures") {
        fields.layers = same(layers, FOR_PICTURES)
            ? defaults.settings.layers
            : layers.filter(({ type }) => !catalog.layers[type]?.pictures); // without convolutions
    }
    return fields;
}

/** What the network gets of a point: x1, x2, their squares, product and sines. */
function featureGroup(store) {
    const inputs = new Map();
    const write = () => {
        const features = [...inputs].filter(([, input]) => input.checked).map(([name]) => name);
        if (features.length) store.change("settings", ({ data }) => ({ data: { ...data, features } }));
        else show();
    };
    const items = store.catalog.features.map((name) => {
        const input = el("input", { type: "checkbox", onchange: write });
        inputs.set(name, input);
        return el("label", { class: "feature" }, input, el("span", {}, featureText(name)));
    });
    const element = el(
        "fieldset",
        { class: "features", data: { control: "data.features" } },
        el("legend", { t: "data.features" }),
        items,
    );
    function show() {
        const { features } = store.state.settings.data;
        element.hidden = !features;
        for (const [name, input] of inputs) input.checked = features?.includes(name) ?? false;
    }
    store.watch("settings", show);
    store.on("description", show);
    show();
    return element;
}

const featureText = (name) =>
    name.replace("^2", "²").replace("*", "·").replace("x1", "x₁").replace("x2", "x₂");
