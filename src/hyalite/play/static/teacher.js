/** Teacher's mode: which controls a class sees; the choice stands in the link. */

import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { has, t } from "./i18n.js";
import { linkOf } from "./link.js";
import { store } from "./store.js";
import { toggle } from "./widgets.js";

/** The name of a control as people read it: its own label's text. */
function nameOf(control) {
    if (has(`control.${control}`)) return t(`control.${control}`);
    if (has(control)) return t(control);
    const element = document.querySelector(`[data-control="${CSS.escape(control)}"]`);
    const words =
        element?.querySelector(".label, h2, .toggle span")?.textContent ||
        element?.getAttribute("aria-label") ||
        element?.textContent;
    return (words || control).trim().slice(0, 60);
}

function hide() {
    const hidden = new Set(store.state.view.hidden);
    for (const element of document.querySelectorAll("[data-control]")) {
        element.classList.toggle("hidden-control", hidden.has(element.dataset.control));
    }
}

/** Controls that are on the page only while something is selected. */
const HIDDEN_NOW = [
    "layer.type",
    "layer.normalization",
    "layer.dropout",
    "layer.l1",
    "layer.l2",
    "network.edit",
];

/** All controls of the page now, by the part they belong to. */
function groups() {
    const found = new Map();
    const names = [...document.querySelectorAll("[data-control]")].map((element) => element.dataset.control);
    for (const name of new Set([...names, ...HIDDEN_NOW, ...store.state.view.hidden])) {
        const part = name.split(".")[0];
        found.set(part, [...(found.get(part) ?? []), name]);
    }
    return found;
}

export function openTeacher() {
    const link = el("input", {
        class: "link",
        readonly: true,
        tLabel: "teacher.link",
        value: linkOf(store.state, store.defaults),
    });
    const set = (name, shown) => {
        const hidden = store.state.view.hidden.filter((item) => item !== name);
        store.change("view", { hidden: shown ? hidden : [...hidden, name] });
        queueMicrotask(() => {
            link.value = linkOf(store.state, store.defaults);
        });
    };
    const lists = [...groups()].map(([part, names]) =>
        el(
            "fieldset",
            {},
            el("legend", {}, has(`group.${part}`) ? t(`group.${part}`) : part),
            names.map((name) =>
                toggle({
                    value: !store.state.view.hidden.includes(name),
                    text: nameOf(name),
                    onchange: (shown) => set(name, shown),
                }),
            ),
        ),
    );
    const copy = el(
        "button",
        {
            type: "button",
            onclick: async () => {
                link.select();
                await navigator.clipboard?.writeText(link.value).catch(() => document.execCommand("copy"));
            },
        },
        el("span", { t: "teacher.copy" }),
    );
    openDialog({
        title: "teacher.title",
        id: "teacher",
        wide: true,
        content: el(
            "div",
            {},
            el("p", { t: "teacher.explain" }),
            el("div", { class: "control-lists" }, lists),
            el("div", { class: "actions grow" }, link, copy),
        ),
    });
}

export function mountTeacher() {
    // parts make controls anew: every change of the page is looked through, at most once a frame
    let waiting = false;
    new MutationObserver(() => {
        if (waiting || !store.state.view.hidden.length) return;
        waiting = true;
        requestAnimationFrame(() => {
            waiting = false;
            hide();
        });
    }).observe(document.body, { childList: true, subtree: true });
    store.watch("view", (now, past) => now.hidden !== past.hidden && hide());
    hide();
}
