/** All options of one layer: those one uses often in front, the rest from the catalogue. */

import { argumentFields } from "./arguments.js";
import { el, icon } from "./dom.js";
import { number } from "./format.js";
import { addLayer, blocks, changeMain, removeLayer, setDropout, setNormalization } from "./layers.js";
import { store } from "./store.js";
import { choice, field, slider } from "./widgets.js";

const PENALTIES = [0, 1e-5, 1e-4, 5e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];
const FRONT = ["activation", "initializer", "l1", "l2"];
const FRESH = {
    Dense: { units: 8, activation: "relu" },
    Conv2D: { filters: 8, kernel_size: 3, activation: "relu" },
    MaxPooling2D: {},
    AveragePooling2D: {},
    GlobalAveragePooling2D: {},
    Dropout: { rate: 0.2 },
    GaussianNoise: { stddev: 0.1 },
    BatchNormalization: {},
    LayerNormalization: {},
    Flatten: {},
};

function penalty(value, onchange) {
    const list = PENALTIES.includes(value) ? PENALTIES : [...PENALTIES, value].sort((a, b) => a - b);
    return choice({ value, options: list.map((item) => [item, number(item)]), onchange });
}

/** Kinds of layers that can stand here: those for pictures only where there are pictures. */
function kinds(now) {
    const pictures = store.description.data.shape === "pictures";
    const list = Object.keys(FRESH).filter(
        (name) => store.catalog.layers[name] && (pictures || !store.catalog.layers[name].pictures),
    );
    return (list.includes(now) ? list : [now, ...list]).map((name) => [name, name]);
}

/** A form for block `index` of the settings; −1: the output layer or one the server added. */
export function layerForm(layer, index) {
    const box = el("div", { class: "layer-form" });
    box.update = () => undefined;
    if (index < 0) {
        box.append(el("p", { class: "note", t: layer.source === -1 ? "layer.output" : "layer.added" }));
        return box;
    }
    const block = () => blocks(store.state.settings.layers)[index];
    const { main } = block();
    const known = store.catalog.layers[main.type]?.arguments ?? {};
    const set = (name) => (value) => changeMain(index, { [name]: value ?? undefined });
    const fields = [
        field(
            "layer.type",
            choice({
                value: main.type,
                options: kinds(main.type),
                onchange: (type) => replaceMain(index, type),
            }),
            { control: "layer.type" },
        ),
    ];
    fields.push(
        ...argumentFields(
            Object.fromEntries(
                Object.entries(known).filter(([name]) => ["activation", "initializer"].includes(name)),
            ),
            main,
            (name, value) => set(name)(value),
            { prefix: "layer" },
        ),
    );
    const normalization = choice({
        value: block().normalization?.type ?? null,
        label: "layer.normalization",
        options: [
            [null, "layer.none"],
            ["BatchNormalization", "layer.batch-normalization"],
            ["LayerNormalization", "layer.layer-normalization"],
        ],
        onchange: (type) => setNormalization(index, type),
    });
    const dropout = slider({
        value: block().dropout?.rate ?? 0,
        min: 0,
        max: 0.9,
        step: 0.05,
        label: "layer.dropout",
        onchange: (rate) => setDropout(index, rate),
    });
    fields.push(
        field("layer.normalization", normalization, { control: "layer.normalization" }),
        field("layer.dropout", dropout, { control: "layer.dropout" }),
    );
    for (const name of ["l1", "l2"]) {
        if (name in known)
            fields.push(
                field(`layer.${name}`, penalty(main[name] ?? 0, set(name)), { control: `layer.${name}` }),
            );
    }
    const rest = argumentFields(known, main, (name, value) => set(name)(value), {
        skip: [...FRONT, "units", "filters", "layers"],
        prefix: "layer",
    });
    box.append(
        el("div", { class: "fields" }, fields),
        rest.length
            ? el("details", {}, el("summary", { t: "layer.more" }), el("div", { class: "fields" }, rest))
            : "",
        el(
            "div",
            { class: "actions" },
            el(
                "button",
                { type: "button", onclick: () => addLayer(index) },
                icon("more"),
                el("span", { t: "layer.add" }),
            ),
            el(
                "button",
                { type: "button", onclick: () => removeLayer(index) },
                icon("fewer"),
                el("span", { t: "layer.remove" }),
            ),
        ),
    );
    return box;
}

function replaceMain(index, type) {
    const list = structuredClone(store.state.settings.layers);
    const { at } = blocks(list)[index];
    list[at] = { type, ...FRESH[type] };
    store.change("settings", { layers: list });
    store.change("view", { selected: null });
}
