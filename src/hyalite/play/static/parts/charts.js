/** The row of charts: loss and metrics, distributions by layer, confusion matrix, gradient field. */

import { el } from "../dom.js";
import { number, percent } from "../format.js";
import { onLanguage, t } from "../i18n.js";
import { visible } from "../canvas.js";
import { act, pause, refresh, refreshWhenSeen } from "../loop.js";
import { want } from "../wants.js";
import { segments } from "../widgets.js";
import { confusionMatrix } from "./chart-confusion.js";
import { arrowField } from "./chart-field.js";
import { hiddenPlane } from "./chart-hidden.js";
import { histogramTable } from "./chart-histogram.js";
import { LineChart } from "./chart-lines.js";
import { Figures } from "./figures.js";

const RUNS = ["a", "b"];
const COLORS = {
    a: { training: "--accent", test: "--warm" },
    b: { training: "--class-2", test: "--class-3" },
};
const NOT_DRAWN = new Set(["epoch", "learning_rate", "penalty", "data_loss", "val_loss", "loss"]);
const EACH = 100; // milliseconds between two lines
const SLOW = 250; // between two histograms, matrices, fields
const SIDE = 15; // arrows of the field
const DEAD = 1;
const LATTICE = 13; // lines of the plane that a layer sees

function card(name, title, ...content) {
    return el(
        "section",
        { class: "card", data: { control: `charts.${name}` } },
        el("h2", {}, el("span", { t: title }), el("span", { class: "of-run" })),
        ...content,
    );
}

export function mount(element, store) {
    document.getElementById("side").append(lossCard(store));
    element.append(histogramCard(store), confusionCard(store), hiddenCard(store), fieldCard(store));
    for (const each of element.children) refreshWhenSeen(each);
    // of two runs: whose these are
    const tell = () => {
        const letter = store.description?.runs.b ? ` ${shownRun(store).toUpperCase()}` : "";
        for (const place of element.querySelectorAll(".of-run")) place.textContent = letter;
    };
    store.on("description", tell);
    store.watch("view", tell);
}

/** The run that the picture of the network shows; the cards below it show the same. */
const shownRun = (store) => (store.description?.runs[store.state.view.run] ? store.state.view.run : "a");

function lossCard(store) {
    const figures = new Figures();
    const seek = seeker(store);
    const loss = new LineChart({ label: "charts.loss", onPick: seek });
    const metric = new LineChart({ label: "charts.metric", onPick: seek, format: percent, range: [0, 1] });
    const ways = segments({
        value: false,
        label: "charts.scale",
        options: [
            [false, "charts.linear"],
            [true, "charts.logarithmic"],
        ],
        onchange: (logarithmic) => {
            loss.logarithmic = logarithmic;
            show();
        },
    });
    const title = el("h2");
    const below = el("div", {}, title, metric.element);
    const element = card("loss", "charts.loss", ways, loss.element, below);
    element.id = "loss-card";

    function show() {
        const names = figures.names();
        const drawn = names.find((name) => !NOT_DRAWN.has(name) && !name.startsWith("val_"));
        const both = RUNS.filter((run) => figures.epochs(run).length).length > 1;
        loss.set(figures.epochs("a"), lines("loss", both));
        below.hidden = !drawn;
        if (!drawn) return;
        title.textContent = drawn === "accuracy" ? t("charts.accuracy") : drawn;
        const share = drawn === "accuracy";
        Object.assign(metric, share ? { format: percent, range: [0, 1] } : { format: number, range: null });
        metric.set(figures.epochs("a"), lines(drawn, both));
    }

    function lines(name, both) {
        return RUNS.flatMap((run) =>
            [
                ["training", name],
                ["test", `val_${name}`],
            ].map(([part, key]) => {
                const values = figures.along("a", run, key);
                const penalized = key === "loss" && figures.along("a", run, "penalty");
                const title = t(penalized ? "charts.training-penalized" : `charts.${part}`);
                return (
                    values && {
                        name: both ? `${run.toUpperCase()} ${title}` : title,
                        color: COLORS[run][part],
                        dashed: part === "test",
                        values,
                    }
                );
            }),
        ).filter(Boolean);
    }

    want("history", () => ({ since: figures.since() }), { every: EACH });
    store.on("description", () => {
        figures.clear();
        show();
    });
    store.on("frame", (frame) => {
        if (figures.take(frame)) show();
        if (figures.behind) refresh();
        figures.behind = false;
    });
    onLanguage(show);
    return element;
}

function histogramCard(store) {
    const table = histogramTable();
    const element = card(
        "histograms",
        "charts.histograms",
        table.element,
        el("p", { class: "note", t: "charts.histograms_note" }),
    );
    want("histograms", () => ({ bins: 32, of: table.kinds, runs: [shownRun(store)] }), {
        every: SLOW,
        active: () => visible(element),
    });
    store.on("frame", (frame) => {
        const run = shownRun(store);
        const arrays = frame.arrays[run];
        if (!arrays["histogram.weights"]) return;
        table.set(layersWithUnits(store.description.runs[run]), arrays);
    });
    return element;
}

const layersWithUnits = (run) =>
    run.layers.filter((layer) => layer.units > 0).map(({ name }) => name);

function confusionCard(store) {
    const matrix = confusionMatrix();
    let part = "test";
    const parts = segments({
        value: part,
        label: "charts.part",
        options: [
            ["test", "charts.test"],
            ["training", "charts.training"],
        ],
        onchange: (chosen) => {
            part = chosen;
        },
    });
    const element = card("confusion", "charts.confusion", parts, matrix.element);
    const classes = () => store.description?.data.task === "classes";
    want("confusion", () => ({ part, runs: [shownRun(store)] }), {
        every: SLOW,
        active: () => classes() && visible(element),
    });
    store.on("description", () => {
        element.hidden = !classes();
    });
    store.on("frame", (frame) => {
        const { confusion } = frame.arrays[shownRun(store)];
        if (!confusion) return;
        const names = store.description.data.classes;
        matrix.set(
            names.map((_, row) =>
                Array.from(confusion.subarray(row * names.length, (row + 1) * names.length)),
            ),
            names,
        );
    });
    return element;
}

function fieldCard(store) {
    const field = arrowField();
    const element = card("field", "charts.field", field.element);
    const plane = () => store.description?.data.plane;
    want("field", () => ({ size: SIDE, of: "output", runs: [shownRun(store)] }), {
        every: SLOW,
        active: () => plane() && visible(element),
    });
    store.on("description", () => {
        element.hidden = !plane();
        field.set(null);
    });
    store.on("frame", (frame) => {
        const arrays = frame.arrays[shownRun(store)];
        if (!arrays.field) return;
        field.set({ domain: store.description.data.domain, side: SIDE, slopes: arrays.field });
    });
    return element;
}

/** A function that goes back to the snapshot nearest to an epoch. */
function seeker(store) {
    let entries = [];
    store.on("frame", ({ header }) => {
        entries = header.snapshots?.entries ?? entries;
    });
    return (epoch) => {
        if (!entries.length) return;
        const [snapshot] = entries.reduce((best, entry) =>
            Math.abs(entry[1] - epoch) < Math.abs(best[1] - epoch) ? entry : best,
        );
        if (store.state.run.playing) pause();
        act("seek", { snapshot });
    };
}

function hiddenCard(store) {
    const plane = hiddenPlane("charts.hidden");
    const chosen = { layer: null, units: [0, 1], byHand: false };
    const pick = (label, onchange) => el("select", { tLabel: label, onchange });
    const layer = pick("charts.layer", () => {
        Object.assign(chosen, { layer: layer.value, units: [0, 1], byHand: false });
        offer();
    });
    const units = ["charts.across", "charts.up"].map((label, axis) =>
        pick(label, () => {
            chosen.units[axis] = Number(units[axis].value);
            chosen.byHand = true;
        }),
    );
    const element = card(
        "hidden",
        "charts.hidden",
        el("div", { class: "buttons" }, layer, ...units),
        plane.element,
    );
    const layers = () => {
        const { data, runs } = store.description ?? {};
        if (!data?.plane || data.task !== "classes") return [];
        return runs[shownRun(store)].layers.filter(
            ({ source, units: count }) => source !== null && source >= 0 && count > 1,
        );
    };

    function offer() {
        const known = layers();
        element.hidden = known.length === 0;
        if (element.hidden) return;
        const now = known.find(({ name }) => name === chosen.layer) ?? known.at(-1);
        chosen.layer = now.name;
        if (chosen.units.some((unit) => unit >= now.units)) chosen.units = [0, 1];
        fillSelect(
            layer,
            known.map(({ name }) => name),
            now.name,
        );
        units.forEach((select, axis) =>
            fillSelect(
                select,
                Array.from({ length: now.units }, (_, n) => n),
                chosen.units[axis],
            ),
        );
    }
    /** Two units that are alive, as long as nobody has chosen others: the plane of a dead one is a line. */
    function chooseLiving(state) {
        const now = layers().find(({ name }) => name === chosen.layer);
        if (!now || chosen.byHand) return;
        const alive = (unit) => state[now.first_unit + unit] !== DEAD;
        const living = Array.from({ length: now.units }, (_, unit) => unit).filter(alive);
        if (chosen.units.every(alive) || living.length < 2) return;
        chosen.units = living.slice(0, 2);
        offer();
    }

    const wish = () => {
        const { layer: name, units: pair } = chosen;
        return { layer: name, units: pair, part: "test", size: LATTICE, runs: [shownRun(store)] };
    };
    want("hidden", wish, {
        every: SLOW,
        active: () => !element.hidden && chosen.layer !== null && visible(element),
    });
    store.on("description", () => {
        plane.set(null);
        offer();
    });
    store.watch("view", (now, past) => now.run !== past.run && offer());
    store.on("frame", ({ arrays }) => {
        const own = arrays[shownRun(store)];
        if (own.unit_state) chooseLiving(own.unit_state);
        if (!own.hidden_points || !store.points?.test) return;
        plane.set({
            grid: own.hidden_grid,
            side: LATTICE,
            points: own.hidden_points,
            labels: store.points.test.y.subarray(0, own.hidden_points.shape[0]),
        });
    });
    offer();
    return element;
}

function fillSelect(select, values, chosen) {
    select.replaceChildren(...values.map((value) => el("option", { value }, String(value))));
    select.value = String(chosen);
}
