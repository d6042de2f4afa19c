/** Points painted with the mouse or a finger: a brush for each class, a rubber, and a clean sheet. */

import { announce } from "../announce.js";
import { el } from "../dom.js";
import { onLanguage, t } from "../i18n.js";
import { segments } from "../widgets.js";

const SPACING = 0.018; // from point to point of a stroke, in widths of the plane
const RUBBER = 0.05; // its radius, the same
const MOST = 5000; // what the server takes
const LEAST = 5; // and what it can train on
const FIGURES = 4; // of a coordinate, so that links stay short
const START = [
    [-0.7, 0, 0],
    [-0.5, 0.2, 0],
    [-0.5, -0.2, 0],
    [0.7, 0, 1],
    [0.5, 0.2, 1],
    [0.5, -0.2, 1],
];

export function paintSection(store) {
    const tools = segments({
        value: "look",
        label: "data.tool",
        options: [
            ["look", "data.look"],
            ["paint", "data.paint"],
            ["erase", "data.erase"],
        ],
        onchange: choose,
    });
    const brushes = el("div", { class: "brushes", role: "radiogroup", tLabel: "data.brush" });
    const count = el("span", { class: "note" });
    const clear = el("button", { t: "data.clear", onclick: () => sketch([]) });
    const [across, up] = ["x₁", "x₂"].map((name) =>
        el("input", {
            class: "digits",
            inputmode: "decimal",
            autocomplete: "off",
            "aria-label": name,
            placeholder: name,
        }),
    );
    const add = el("button", { t: "data.add", onclick: addTyped });
    const own = el(
        "div",
        {},
        el("div", { class: "buttons", data: { control: "data.add" } }, across, up, add),
        el("div", { class: "buttons" }, clear, count),
    );
    const element = el("div", { class: "paint", data: { control: "data.paint" } }, tools, brushes, own);
    let draft = null; // points that are shown and not trained on yet: a stroke that goes on, or too few
    let last = null;

    const write = (fields) => store.change("settings", ({ data }) => ({ data: { ...data, ...fields } }));

    /** To paint on points that a formula made, they become painted ones first. */
    async function choose(tool) {
        if (tool !== "look" && store.state.settings.data.kind !== "points")
            store.change("settings", { data: ownPoints(store) });
        store.change("view", { tool, brush: store.state.view.brush ?? 0 });
    }

    store.on("paint", ({ x, y, phase, erase }) => {
        const { data } = store.state.settings;
        if (data.kind !== "points") return;
        let points = draft ?? data.points;
        const width = Math.max(...store.description.data.domain.map(([low, high]) => high - low));
        if (erase || store.state.view.tool === "erase") {
            points = points.filter(([a, b]) => Math.hypot(a - x, b - y) > RUBBER * width);
        } else if (phase === "start" || Math.hypot(last[0] - x, last[1] - y) > SPACING * width) {
            if (points.length >= MOST) announce(t("data.full", { most: MOST }));
            else
                points = [
                    ...points,
                    data.task === "numbers"
                        ? [short(x), short(y)]
                        : [short(x), short(y), store.state.view.brush ?? 0],
                ];
            last = [x, y];
        }
        sketch(points);
        if (phase === "end") finish();
    });

    /** What is shown is trained on. */
    function finish() {
        announce(t("data.count", { count: draft.length }));
        if (draft.length < LEAST) return;
        const points = draft;
        draft = null;
        write({ points });
    }

    /** Without a mouse: a point of the brush's class by its coordinates. */
    function addTyped() {
        const place = [across, up].map((input) => Number(input.value.replace("\u2212", "-")));
        if (!place.every(Number.isFinite) || !across.value.trim() || !up.value.trim()) return;
        sketch([
            ...(draft ?? store.state.settings.data.points),
            [...place.map(short), store.state.view.brush ?? 0],
        ]);
        finish();
    }

    /** Shows points at once; they are trained on when the stroke ends. */
    function sketch(points) {
        draft = points;
        const x = Float32Array.from(points.flatMap(([a, b]) => [a, b]));
        const y = Int32Array.from(points, ([, , label]) => label ?? 0);
        store.points = { training: shaped(x, y), test: shaped(new Float32Array(), new Int32Array()) };
        store.emit("points", store.points);
        show();
    }

    function showBrushes(number, brush) {
        brushes.replaceChildren(
            ...Array.from({ length: number }, (_, n) => {
                const input = el("input", {
                    type: "radio",
                    name: "brush",
                    value: n,
                    checked: n === brush,
                    onchange: () => store.change("view", { brush: n }),
                });
                const label = el("label", { class: `brush class-${n}` }, input, el("span", {}, String(n)));
                return label;
            }),
        );
    }

    let shown = "";
    function show() {
        const { data } = store.state.settings;
        const { tool = "look", brush = 0 } = store.state.view;
        const number = data.kind === "points" && data.task !== "numbers" ? (data.classes ?? 2) : 0;
        element.hidden = store.description ? store.description.data.shape !== "plane" : false;
        tools.set(tool);
        own.hidden = data.kind !== "points";
        brushes.hidden = number === 0;
        if (`${number} ${brush}` !== shown) showBrushes(number, brush);
        shown = `${number} ${brush}`;
        if (data.kind !== "points") draft = null;
        count.textContent =
            data.kind === "points" ? t("data.count", { count: (draft ?? data.points).length }) : "";
    }
    store.watch("view", show);
    onLanguage(show);
    return { element, show };
}

const short = (value) => Number(value.toPrecision(FIGURES));

const shaped = (x, y) => ({
    x: Object.assign(x, { shape: [y.length, 2] }),
    y: Object.assign(y, { shape: [y.length] }),
    total: y.length,
});

/** The points of the plane that is on the page, training and test, as painted ones; else some to begin with. */
export function ownPoints(store) {
    if (store.description?.data.shape !== "plane" || store.description.data.task !== "classes") {
        return { kind: "points", task: "classes", points: START, classes: 2 };
    }
    const parts = Object.values(store.points ?? {}).filter(Boolean);
    const points = parts.flatMap(({ x, y }) =>
        Array.from(y, (label, n) => [short(x[2 * n]), short(x[2 * n + 1]), label]),
    );
    return {
        kind: "points",
        task: "classes",
        points: points.slice(0, MOST),
        classes: store.description.data.classes.length,
    };
}
