/** The hidden layers as people think of them: a layer with units, and what is attached to it.
 *
 * The settings hold a flat list, as the library does. A block is one layer with units (or a pooling)
 * together with the normalization and the dropout that stand right behind it.
 */

import { store } from "./store.js";

const NORMALIZATIONS = ["BatchNormalization", "LayerNormalization"];
const ATTACHED = new Set([...NORMALIZATIONS, "Dropout"]);

/** `[{ at, size, main, normalization, dropout }]`: `at` is the place of `main` in the list. */
export function blocks(layers) {
    const found = [];
    layers.forEach((layer, at) => {
        const last = found.at(-1);
        if (last && ATTACHED.has(layer.type) && !ATTACHED.has(last.main.type) && free(last, layer.type)) {
            last.size += 1;
            if (layer.type === "Dropout") last.dropout = layer;
            else last.normalization = layer;
        } else found.push({ at, size: 1, main: layer, normalization: null, dropout: null });
    });
    return found;
}

/** A block takes one normalization, then one dropout, in this order. */
function free(block, type) {
    if (type === "Dropout") return block.dropout === null;
    return block.normalization === null && block.dropout === null;
}

function flat(block) {
    return [block.main, block.normalization, block.dropout].filter(Boolean);
}

function put(list) {
    store.change("settings", { layers: list.flatMap(flat) });
}

/** Changes fields of one block's main layer; `undefined` takes an option away. */
export function changeMain(index, fields) {
    const list = blocks(store.state.settings.layers);
    const main = { ...list[index].main, ...fields };
    for (const [name, value] of Object.entries(main)) if (value === undefined) delete main[name];
    list[index] = { ...list[index], main };
    put(list);
}

export function setNormalization(index, type) {
    const list = blocks(store.state.settings.layers);
    list[index] = { ...list[index], normalization: type ? { type } : null };
    put(list);
}

export function setDropout(index, rate) {
    const list = blocks(store.state.settings.layers);
    list[index] = { ...list[index], dropout: rate > 0 ? { type: "Dropout", rate } : null };
    put(list);
}

/** A new layer behind block `after`, like the last one of its kind. */
export function addLayer(after = Infinity, main = null) {
    const list = blocks(store.state.settings.layers);
    const dense = list.filter((block) => block.main.type === "Dense").at(-1)?.main;
    const fresh = main ?? dense ?? { type: "Dense", units: 8, activation: "relu" };
    list.splice(Math.min(after + 1, list.length), 0, {
        main: structuredClone(fresh),
        normalization: null,
        dropout: null,
    });
    put(list);
}

export function removeLayer(index) {
    const list = blocks(store.state.settings.layers);
    list.splice(index < 0 ? list.length + index : index, 1);
    put(list);
}

/** The name of what counts a layer's units, where it has any. */
export function unitsField(layer) {
    if ("units" in layer || layer.type === "Dense") return "units";
    if (layer.type === "Conv2D") return "filters";
    return null;
}

/** Layers of a description that the picture shows as columns, each with its place in the settings. */
export function columns(description, run) {
    return description.runs[run].layers.filter((layer) => layer.units > 0);
}

/** Whether the data have two inputs to draw a plane of, or one for a curve. */
export function isDrawn(data) {
    return Boolean(data && (data.plane || data.shape === "curve"));
}
