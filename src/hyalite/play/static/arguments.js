/** Fields for the arguments of a layer, loss, optimizer or schedule, as the catalogue lists them.
 *
 * So the page has every option that the library has, without a list of its own.
 */

import { el } from "./dom.js";
import { number } from "./format.js";
import { has, t } from "./i18n.js";
import { store } from "./store.js";
import { choice, field, toggle } from "./widgets.js";

/** A typed number; what is no number, or out of range, is taken back. */
export function typed({
    value,
    low = -Infinity,
    high = Infinity,
    whole = false,
    optional = false,
    onchange,
    label,
}) {
    const input = el("input", { class: "digits", inputmode: "decimal", autocomplete: "off", tLabel: label });
    input.set = (next) => {
        value = next;
        input.value = next === null || next === undefined ? "" : number(next);
    };
    input.set(value);
    input.addEventListener("change", () => {
        const text = input.value.trim().replace("\u2212", "-");
        if (text === "" && optional) return onchange(null);
        const next = Number(text);
        if (
            text === "" ||
            !Number.isFinite(next) ||
            next < low ||
            next > high ||
            (whole && !Number.isInteger(next))
        )
            input.set(value);
        else onchange(next);
        return undefined;
    });
    return input;
}

function control(name, argument, value, onchange) {
    const { kind, options = [], low, high, optional } = argument;
    const now = value ?? argument.default ?? null;
    if (kind === "boolean")
        return toggle({ value: now, ...(has(label(name)) ? { t: label(name) } : { text: name }), onchange });
    if (kind === "integer" || (kind === "number" && !isSchedule(now))) {
        return typed({
            value: now,
            low,
            high,
            whole: kind === "integer",
            optional: optional ?? argument.default === null,
            onchange,
        });
    }
    if (["activation", "initializer", "choice", "padding"].includes(kind)) {
        const names = {
            activation: store.catalog.activations,
            initializer: store.catalog.initializers,
            choice: options,
            padding: ["valid", "same"],
        }[kind];
        const empty = optional || argument.default === null ? [[null, "page.default"]] : [];
        const chosen = typeof now === "object" && now !== null ? now.type : now;
        const list = names.map((item) => [item, String(item)]);
        if (chosen !== null && !names.includes(chosen)) list.push([chosen, String(chosen)]);
        return choice({ value: chosen, options: [...empty, ...list], onchange });
    }
    if (kind === "pair") {
        const single = Array.isArray(now) ? now[0] : now;
        return typed({ value: single, low: 1, whole: true, onchange });
    }
    return null;
}

const isSchedule = (value) => value !== null && typeof value === "object";

/** A key of the catalogue for an argument; arguments without a text show their name. */
function label(name) {
    return has(`argument.${name}`) ? `argument.${name}` : name;
}

/** Fields for all arguments but `skip`; `onchange(name, value)`, undefined for "as by default". */
export function argumentFields(argumentsOf, values, onchange, { skip = [], prefix }) {
    return Object.entries(argumentsOf).flatMap(([name, argument]) => {
        if (skip.includes(name)) return [];
        const input = control(name, argument, values[name], (next) => onchange(name, next ?? undefined));
        if (input === null) return [];
        if (argument.kind === "boolean")
            return [el("div", { class: "field", data: { control: `${prefix}.${name}` } }, input)];
        return [field(label(name), input, { control: `${prefix}.${name}` })];
    });
}

/** A copy with one option changed; undefined takes it away. */
export function withOption(object, name, value) {
    const next = { ...object, [name]: value };
    if (value === undefined) delete next[name];
    return next;
}

/** Titles like "Adam" with what they are in words, where the page has any. */
export function named(names) {
    return names.map((name) => [name, has(`name.${name}`) ? t(`name.${name}`) : name]);
}
