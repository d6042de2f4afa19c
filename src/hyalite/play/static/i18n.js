/** Texts in the reader's language; one click changes every text on the page. */

import en from "./texts/en.js";
import partsEn from "./texts/parts-en.js";
import partsZh from "./texts/parts-zh.js";
import zh from "./texts/zh.js";

const CATALOGUES = { en: { ...en, ...partsEn }, zh: { ...zh, ...partsZh } };
const TAGS = { en: "en", zh: "zh-CN" };

let language = "en";
const listeners = new Set();
/** Elements with a text of the catalogue: which attribute, which key. Weak, so removed ones go. */
let placed = [];

/** The text of a key, `{name}` filled in. A key without a text is shown as it is. */
export function t(key, values = {}) {
    const text = CATALOGUES[language][key] ?? CATALOGUES.en[key] ?? key;
    return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Whether the catalogue has the key. */
export function has(key) {
    return key in CATALOGUES.en;
}

function write(element, where, key) {
    if (where === "text") element.textContent = t(key);
    else element.setAttribute(where, t(key));
}

/** Puts a text on an element, and again whenever the language changes. */
export function place(element, where, key) {
    write(element, where, key);
    element.setAttribute("data-t", key);
    placed.push({ element: new WeakRef(element), where, key });
    if (placed.length % 4096 === 0) placed = placed.filter((entry) => entry.element.deref());
}

/** Calls `draw` after every change of language: for texts that are computed. */
export function onLanguage(draw) {
    listeners.add(draw);
    return () => listeners.delete(draw);
}

export function currentLanguage() {
    return language;
}

/** The language of the reader's browser, where we speak it. */
export function preferredLanguage() {
    return navigator.languages.some((tag) => tag.toLowerCase().startsWith("zh")) ? "zh" : "en";
}

export function setLanguage(name) {
    language = name in CATALOGUES ? name : "en";
    document.documentElement.lang = TAGS[language];
    placed = placed.filter(({ element, where, key }) => {
        const alive = element.deref();
        if (alive) write(alive, where, key);
        return Boolean(alive);
    });
    document.title = t("page.title");
    for (const draw of listeners) draw();
}
