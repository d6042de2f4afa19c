/** What the network made of a picture: the 28 x 28 that it saw, feature maps, outputs, probabilities. */

import { signed } from "../color.js";
import { el } from "../dom.js";
import { percent } from "../format.js";
import { t } from "../i18n.js";

const MOST_MAPS = 32; // shown of a layer
const MOST_UNITS = 128;

/** The picture that went into the network, light on dark, each pixel a square. */
export function picture28(label) {
    const element = el("canvas", { class: "seen", width: 28, height: 28, role: "img", tLabel: label });
    const clear = () => element.getContext("2d").clearRect(0, 0, 28, 28);
    return { element, clear, set: (pixels) => pixels && paint(element, pixels, 28, 28) };
}

function paint(canvas, pixels, height, width) {
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const ctx = canvas.getContext("2d");
    const image = ctx.createImageData(width, height);
    for (let n = 0; n < width * height; n += 1) image.data.set([pixels[n], pixels[n], pixels[n], 255], 4 * n);
    ctx.putImageData(image, 0, 0);
}

/** A bar for each class. */
export function probabilityBars() {
    const element = el("ol", { class: "probabilities", tLabel: "digit.probabilities" });
    let form = "";
    let parts = [];

    function build(names) {
        parts = names.map((name) => {
            const value = el("span", { class: "probability-value" });
            const row = el(
                "li",
                {},
                el("span", { class: "probability-name" }, name),
                el("span", { class: "probability-bar" }),
                value,
            );
            return { row, value };
        });
        element.replaceChildren(...parts.map(({ row }) => row));
    }

    function set(probabilities, names) {
        if (names.join() !== form) build(names);
        form = names.join();
        const best = probabilities.indexOf(Math.max(...probabilities));
        probabilities.forEach((share, n) => {
            parts[n].row.style.setProperty("--share", share.toFixed(4));
            parts[n].row.classList.toggle("best", n === best);
            parts[n].value.textContent = percent(share);
        });
    }

    function clear() {
        form = "";
        element.replaceChildren();
    }
    return { element, set, clear };
}

/** Of each layer its feature maps, or the outputs of its units as a strip of colours. */
export function layerPictures() {
    const element = el("div", { class: "layer-pictures" });
    let form = "";
    let rows = [];

    function build(layers) {
        rows = layers.map(({ name, maps, shown, count }) => {
            const cells = Array.from({ length: shown }, () =>
                maps ? el("canvas", { class: "map" }) : el("span", { class: "cell" }),
            );
            const what = t(maps ? "digit.maps" : "digit.units", { count });
            const row = el(
                "section",
                {},
                el("h3", {}, name, " ", el("span", { class: "note" }, what)),
                el(
                    "div",
                    { class: maps ? "maps" : "cells", role: "img", "aria-label": `${name}: ${what}` },
                    cells,
                ),
            );
            return { row, cells };
        });
        element.replaceChildren(...rows.map(({ row }) => row));
    }

    function set(arrays) {
        const layers = Object.entries(arrays).flatMap(([key, values]) => {
            const [kind, ...rest] = key.split(".");
            if (kind !== "maps" && kind !== "outputs") return [];
            const maps = kind === "maps";
            const count = values.shape[0];
            return [
                {
                    name: rest.join("."),
                    maps,
                    values,
                    count,
                    shown: Math.min(count, maps ? MOST_MAPS : MOST_UNITS),
                },
            ];
        });
        const now = layers.map(({ name, count }) => `${name} ${count}`).join();
        if (now !== form) build(layers);
        form = now;
        layers.forEach(({ maps, values, shown }, n) => {
            if (maps) {
                const [, height, width] = values.shape;
                for (let k = 0; k < shown; k += 1)
                    paint(rows[n].cells[k], values.subarray(k * height * width), height, width);
                return;
            }
            const most = Math.max(1e-12, ...values.map(Math.abs));
            for (let k = 0; k < shown; k += 1)
                rows[n].cells[k].style.backgroundColor = signed(values[k] / most);
        });
    }

    function clear() {
        form = "";
        element.replaceChildren();
    }
    return { element, set, clear };
}
