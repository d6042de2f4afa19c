/** Controls: each shows a value, tells of a new one by `onchange`, and takes one by `set`. */

import { el, icon } from "./dom.js";
import { number, steady } from "./format.js";
import { has, onLanguage, t } from "./i18n.js";
import { store } from "./store.js";

let serial = 0;

/** A label with its control. `control` is the name by which teachers hide it. */
export function field(key, input, { control = key, note } = {}) {
    const target = input.matches("input, select, textarea") ? input : input.querySelector("[data-main]");
    const label = el(target ? "label" : "span", { class: "label", t: key });
    if (target) {
        target.id ||= `control-${(serial += 1)}`;
        label.htmlFor = target.id;
        label.id = `${target.id}-label`;
        for (const other of input.querySelectorAll("input")) other.setAttribute("aria-labelledby", label.id);
    }
    const box = el("div", { class: "field", data: { control } }, label, input);
    if (note) box.append(el("p", { class: "note", t: note }));
    return box;
}

function optionTexts(select, options) {
    [...select.options].forEach((option, i) => {
        const [, text] = options[i];
        option.textContent = has(text) ? t(text) : text;
    });
}

/** A drop-down. `options` are pairs of a value and a text or key. */
export function choice({ value, options, onchange, label }) {
    const select = el("select", { tLabel: label });
    const values = new Map(options.map(([item]) => [String(item), item]));
    for (const [item] of options) select.append(el("option", { value: String(item) }));
    optionTexts(select, options);
    onLanguage(() => select.isConnected && optionTexts(select, options));
    select.set = (next) => {
        select.value = String(next);
    };
    select.set(value);
    select.addEventListener("change", () => onchange(values.get(select.value)));
    return select;
}

/** A range with its number beside it, which can be typed. `log`: equal factors, equal ways. */
export function slider({ value, min, max, step, log = false, format = number, onchange, label }) {
    const inner = (x) => (log ? Math.log10(Math.max(x, min)) : x);
    const outer = (x) => (log ? Number((10 ** x).toPrecision(2)) : x);
    const range = el("input", {
        type: "range",
        min: inner(min),
        max: inner(max),
        step: step ?? (log ? 0.05 : "any"),
        tLabel: label,
        data: { main: "" },
    });
    const digits = el("input", { class: "digits", inputmode: "decimal", autocomplete: "off", tLabel: label });
    let shown = value;
    const box = el("div", { class: "slider" }, range, digits);
    box.set = (next) => {
        shown = next;
        range.value = inner(next);
        range.setAttribute("aria-valuetext", format(next));
        digits.value = format(next);
    };
    const give = (next) => {
        box.set(next);
        onchange(next);
    };
    range.addEventListener("input", () => give(outer(Number(range.value))));
    digits.addEventListener("change", () => {
        const typed = Number(digits.value.replace("\u2212", "-").replace(/ ?%$/, ""));
        if (!Number.isFinite(typed) || digits.value.trim() === "") box.set(shown);
        else give(Math.min(max, Math.max(min, digits.value.endsWith("%") ? typed / 100 : typed)));
    });
    box.set(value);
    return box;
}

/** A few choices in a row, one of them chosen: a group of radio buttons. */
export function segments({ value, options, onchange, label }) {
    const name = `segments-${(serial += 1)}`;
    const inputs = options.map(([item]) =>
        el("input", { type: "radio", name, value: String(item), onchange: () => onchange(item) }),
    );
    const group = el(
        "div",
        { class: "segments", role: "radiogroup", tLabel: label },
        options.map(([, text], i) =>
            el("label", {}, inputs[i], has(text) ? el("span", { t: text }) : el("span", {}, text)),
        ),
    );
    group.set = (next) => {
        options.forEach(([item], i) => {
            inputs[i].checked = item === next;
        });
    };
    group.set(value);
    return group;
}

/** − 3 + : a whole number by buttons; also by the arrow keys. */
export function stepper({ value, min, max, onchange, label }) {
    let shown = value;
    const text = el("span", {
        class: "digits",
        role: "spinbutton",
        tabindex: 0,
        tLabel: label,
        "aria-valuemin": min,
        "aria-valuemax": max,
        onkeydown: (event) => {
            const way = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 }[event.key];
            if (!way) return;
            event.preventDefault();
            event.stopPropagation();
            give(shown + way);
        },
    });
    const fewer = el(
        "button",
        { class: "quiet round", tLabel: "page.fewer", tabindex: -1, onclick: () => give(shown - 1) },
        icon("fewer"),
    );
    const more = el(
        "button",
        { class: "quiet round", tLabel: "page.more", tabindex: -1, onclick: () => give(shown + 1) },
        icon("more"),
    );
    const box = el("div", { class: "stepper" }, fewer, text, more);
    box.set = (next) => {
        shown = next;
        text.textContent = String(next);
        text.setAttribute("aria-valuenow", next);
        fewer.disabled = next <= min;
        more.disabled = next >= max;
    };
    function give(next) {
        if (next < min || next > max) return;
        box.set(next);
        onchange(next);
    }
    box.set(value);
    return box;
}

/** A checkbox with its text: a key, or a text as it is. */
export function toggle({ value, onchange, t: key, text }) {
    const input = el("input", { type: "checkbox", onchange: () => onchange(input.checked) });
    const box = el("label", { class: "toggle" }, input, el("span", { t: key }, text));
    box.set = (next) => {
        input.checked = Boolean(next);
    };
    box.set(value);
    return box;
}

/** A number that opens its formula. `reference` says which number; `set` shows another value. */
export function numberButton(reference, value, label) {
    const button = el("button", {
        class: "number",
        type: "button",
        tTitle: "page.formula",
        onclick: () => store.emit("formula", typeof reference === "function" ? reference() : reference),
    });
    button.set = (next) => {
        button.textContent = steady(next);
        if (label) button.setAttribute("aria-label", `${label} ${button.textContent}`);
    };
    button.set(value);
    return button;
}
