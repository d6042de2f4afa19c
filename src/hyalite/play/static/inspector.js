/** What is selected, looked at closely: a weight, a unit, or a layer with all its options. */

import { announce } from "./announce.js";
import { api } from "./api.js";
import { throttle } from "./canvas.js";
import { el, icon } from "./dom.js";
import { number, percent } from "./format.js";
import { onLanguage, t } from "./i18n.js";
import { blocks } from "./layers.js";
import { layerForm } from "./layer-form.js";
import { refresh } from "./loop.js";
import { store } from "./store.js";
import { numberButton } from "./widgets.js";

const pair = (term, ...values) => el("div", {}, term, ...values);

/** A row of a definition list whose number changes. */
function row(key, value, reference) {
    const shown = reference
        ? numberButton(reference, value, t(key))
        : el("span", { class: "value" }, number(value));
    return pair(el("dt", { t: key }), el("dd", { data: { value: key } }, shown));
}

function weightRows(answer) {
    return el(
        "dl",
        { class: "numbers" },
        row("inspect.value", answer.value, null),
        row("inspect.gradient", answer.gradient, answer.reference),
        row("inspect.penalty", answer.penalty_gradient, null),
        row("inspect.update", answer.update, answer.update_reference),
        row("inspect.after", answer.after, null),
        row("inspect.rate", answer.learning_rate, null),
        Object.entries(answer.optimizer ?? {}).flatMap(([name, value]) =>
            pair(
                el("dt", {}, `${store.state.settings.optimizer.type}: ${name.replaceAll("_", " ")}`),
                el("dd", {}, number(value)),
            ),
        ),
    );
}

/** A small histogram of what the unit gives. */
function bars({ counts, low, high }) {
    const top = Math.max(1, ...counts);
    return el(
        "figure",
        { class: "bars" },
        el(
            "div",
            { class: "bars-row", "aria-hidden": "true" },
            counts.map((n) => {
                const bar = el("span", {});
                bar.style.setProperty("--share", String(n / top));
                return bar;
            }),
        ),
        el("figcaption", {}, t("inspect.outputs", { low: number(low), high: number(high) })),
    );
}

function unitRows(answer) {
    const states = { dead: "inspect.dead", saturated: "inspect.saturated" };
    return el(
        "div",
        { class: "unit" },
        states[answer.state] ? el("p", { class: "state" }, t(states[answer.state])) : null,
        el(
            "dl",
            { class: "numbers" },
            answer.bias === null || answer.bias === undefined
                ? []
                : row("inspect.bias", answer.bias, answer.bias_reference),
            row("inspect.mean", answer.mean, answer.output_reference),
            row("inspect.std", answer.std, null),
            pair(el("dt", { t: "inspect.active" }), el("dd", {}, percent(answer.active))),
        ),
        answer.histogram ? bars(answer.histogram) : null,
        answer.weights?.length
            ? el(
                  "details",
                  {},
                  el("summary", { t: "inspect.weights" }),
                  el(
                      "ol",
                      { class: "weights", start: 0 },
                      answer.weights
                          .slice(0, 100)
                          .map((value, i) =>
                              el(
                                  "li",
                                  {},
                                  answer.weight_references?.[i]
                                      ? numberButton(answer.weight_references[i], value)
                                      : number(value),
                              ),
                          ),
                  ),
              )
            : null,
    );
}

/** A weight's value as a field: teachers play the optimizer by hand. */
function editor(selected, value) {
    const input = el("input", {
        class: "digits",
        inputmode: "decimal",
        tLabel: "inspect.set",
        value: number(value),
    });
    input.addEventListener("change", async () => {
        const next = Number(input.value.replace("\u2212", "-"));
        if (!Number.isFinite(next)) return;
        await api.post("/api/weight", { run: store.state.view.run, ...selected, value: next });
        refresh();
    });
    return el(
        "label",
        { class: "field inline", data: { control: "network.edit" } },
        el("span", { class: "label", t: "inspect.set" }),
        input,
    );
}

function titleOf(selected) {
    if (selected.parameter) return `${selected.parameter}[${selected.index.join(", ")}]`;
    return selected.unit === undefined ? selected.layer : `${selected.layer} [${selected.unit}]`;
}

export function mountInspector(element) {
    const title = el("h2", {});
    const close = el(
        "button",
        {
            type: "button",
            class: "quiet round",
            tLabel: "page.close",
            onclick: () => store.change("view", { selected: null }),
        },
        icon("close"),
    );
    const body = el("div", { class: "inspector-body" });
    element.append(el("div", { class: "card-head" }, title, close), body);
    element.hidden = true;
    let shown = null;
    let form = null;

    function layerOf(selected) {
        return store.description?.runs.a.layers.find((layer) => layer.name === selected.layer);
    }

    async function ask() {
        const { selected, run } = store.state.view;
        if (!selected || (selected.layer && selected.unit === undefined)) return;
        const body_ = selected.parameter
            ? { run, ...selected }
            : { run, unit: { layer: selected.layer, unit: selected.unit } };
        let answer;
        try {
            answer = await api.post("/api/inspect", body_);
        } catch {
            return; // the network has just become another one
        }
        if (store.state.view.selected !== selected) return;
        fill(selected, answer);
    }

    function fill(selected, answer) {
        const focused = body.contains(document.activeElement) && document.activeElement.matches("input");
        if (focused) return; // somebody types a value
        const open = body.querySelector("details")?.open;
        const at = [...body.querySelectorAll("button, summary")].indexOf(document.activeElement);
        body.replaceChildren(
            selected.parameter ? weightRows(answer) : unitRows(answer),
            ...(selected.parameter ? [editor(selected, answer.value)] : []),
        );
        const details = body.querySelector("details");
        if (details && open) details.open = true;
        if (at >= 0) body.querySelectorAll("button, summary")[at]?.focus();
        if (shown !== selected) {
            shown = selected;
            announce(`${titleOf(selected)}: ${number(answer.value ?? answer.mean)}`);
        }
    }

    function show() {
        const { selected } = store.state.view;
        element.hidden = !selected;
        form = null;
        if (!selected) return;
        title.textContent = titleOf(selected);
        body.replaceChildren();
        if (selected.layer && selected.unit === undefined) {
            const layer = layerOf(selected);
            const index = blocks(store.state.settings.layers).findIndex(
                (block) => block.at === layer?.source,
            );
            if (!layer) store.change("view", { selected: null });
            else {
                title.textContent = `${layer.name} · ${layer.text}`;
                form = layerForm(layer, index);
                body.append(form);
            }
        } else ask();
    }

    const often = throttle(() => store.state.run.playing && ask(), 200);
    store.on("frame", often);
    store.on("frame", () => store.state.run.playing || ask());
    store.on("description", () => {
        const { selected } = store.state.view;
        if (!selected) return;
        const layers = store.description.runs.a.layers;
        const name = selected.layer ?? selected.parameter.split(".")[0];
        const layer = layers.find((candidate) => candidate.name === name);
        const within = layer && (selected.unit === undefined || selected.unit < layer.units);
        if (!within) store.change("view", { selected: null });
        else if (!form?.contains(document.activeElement)) show();
        else form.update();
    });
    store.watch("view", (now, past) => now.selected !== past.selected && show());
    onLanguage(show);
    if (store.state.view.selected) show();
}
