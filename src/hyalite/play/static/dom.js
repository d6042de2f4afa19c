/** Elements made by functions: attributes, listeners, translated texts, children. */

import { place } from "./i18n.js";

const SVG = "http://www.w3.org/2000/svg";
const TEXTS = { t: "text", tLabel: "aria-label", tTitle: "title", tPlaceholder: "placeholder" };

function apply(element, attributes) {
    for (const [name, value] of Object.entries(attributes)) {
        if (value === undefined || value === null || value === false) continue;
        if (name in TEXTS) place(element, TEXTS[name], value);
        else if (name === "class") element.setAttribute("class", value);
        else if (name === "data") Object.assign(element.dataset, value);
        else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
        else if (name === "value" || name === "checked") element[name] = value;
        else element.setAttribute(name, value === true ? "" : value);
    }
}

/** An HTML element. Strings become text nodes, never markup. */
export function el(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    apply(element, attributes);
    element.append(...children.flat().filter((child) => child !== null && child !== undefined));
    if (tag === "select" && attributes.value !== undefined) element.value = attributes.value;
    return element;
}

/** An SVG element. */
export function svg(tag, attributes = {}, ...children) {
    const element = document.createElementNS(SVG, tag);
    apply(element, attributes);
    element.append(...children.flat());
    return element;
}

const PATHS = {
    play: "M7 4.5v15l12-7.5z",
    pause: "M7 5h3.6v14H7zM13.4 5H17v14h-3.6z",
    reset: "M12 5a7 7 0 1 1-6.6 4.6l1.9.7A5 5 0 1 0 12 7v3L7.5 6 12 2z",
    sample: "M5 5h2.4v14H5zM10 8v8l7-4z",
    batch: "M4 5h2.4v14H4zM8.4 5h2.4v14H8.4zM13 8v8l7-4z",
    epoch: "M4 6v12l8-6zM12 6v12l8-6z",
    full: "M4 4h6v2H6v4H4zM14 4h6v6h-2V6h-4zM4 14h2v4h4v2H4zM18 14h2v6h-6v-2h4z",
    compare: "M4 5h7v14H4zm2 2v10h3V7zM13 5h7v14h-7zm2 2v10h3V7z",
    link: "M9.5 14.5l5-5M8 11l-2.5 2.500a3.500 3.500 0 0 0 5 5L13 16M11 8l2.500-2.500a3.500 3.500 0 0 1 5 5L16 13",
    help: "M8.500 9a3.500 3.500 0 1 1 5 3.200c-1 .5-1.500 1-1.500 2.300M12 18v.5",
    theme: "M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16",
    close: "M6 6l12 12M18 6L6 18",
    dice: "M5 5h14v14H5zM9 9v.01M15 15v.01M12 12v.01",
    teacher: "M3 6h18v10H3zM8 20l4-4 4 4",
    best: "M12 4l2.300 5 5.500.6-4.100 3.700 1.200 5.400L12 16l-4.900 2.700 1.200-5.400L4.200 9.600 9.700 9z",
    more: "M12 5v14M5 12h14",
    fewer: "M5 12h14",
};
const OUTLINED = new Set(["link", "help", "close", "more", "fewer", "dice", "teacher"]);

/** A pictogram; whoever shows it gives the name in words. */
export function icon(name) {
    return svg(
        "svg",
        { class: OUTLINED.has(name) ? "icon outlined" : "icon", viewBox: "0 0 24 24", "aria-hidden": "true" },
        svg("path", { d: PATHS[name] }),
    );
}
