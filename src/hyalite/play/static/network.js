/** The network's card: its picture, and above each layer what can be changed with one click. */

import { onAppear, throttle } from "./canvas.js";
import { onTheme } from "./color.js";
import { el } from "./dom.js";
import { edgeAt } from "./edges.js";
import { count, number } from "./format.js";
import { onLanguage, t } from "./i18n.js";
import { addLayer, blocks, changeMain, isDrawn, removeLayer, unitsField } from "./layers.js";
import { SHOWN, tileAt } from "./layout.js";
import { refresh } from "./loop.js";
import { LINES_EVERY, MAPS_EVERY, Picture } from "./picture.js";
import { steer } from "./picture-keys.js";
import { store } from "./store.js";
import { want } from "./wants.js";
import { choice, segments, stepper } from "./widgets.js";

export function select(selected) {
    store.change("view", { selected });
}

/** What a layer's head shows: name, units by buttons, activation. */
function head(column, index, block) {
    const { layer, kind } = column;
    const box = el("div", { class: `layer-head ${kind}` });
    if (kind === "input") {
        box.append(el("span", { class: "layer-name", t: "network.inputs" }));
        return box;
    }
    const name = el("button", {
        class: "quiet layer-name",
        type: "button",
        title: layer.text,
        onclick: () => select({ layer: layer.name }),
    });
    if (kind === "output") name.textContent = t("network.output");
    else name.textContent = t("network.layer", { n: index + 1 });
    box.append(name);
    if (kind === "output" || !block) {
        box.append(el("span", { class: "layer-text" }, layer.text));
        return box;
    }
    const field = unitsField(block.main);
    if (field) {
        const limits = store.catalog.limits;
        box.append(
            el(
                "div",
                { data: { control: "network.units" } },
                stepper({
                    value: block.main[field] ?? layer.units,
                    min: 1,
                    max: field === "units" ? limits.units : (limits.filters ?? 256),
                    label: "network.units",
                    onchange: (units) => changeMain(index, { [field]: units }),
                }),
            ),
        );
    }
    if ("activation" in (store.catalog.layers[block.main.type]?.arguments ?? {})) {
        box.append(
            el(
                "div",
                { data: { control: "network.activation" } },
                choice({
                    value: block.main.activation ?? "linear",
                    label: "network.activation",
                    options: store.catalog.activations.map((item) => [item, item]),
                    onchange: (activation) =>
                        changeMain(index, { activation: activation === "linear" ? null : activation }),
                }),
            ),
        );
    } else box.append(el("span", { class: "layer-text" }, layer.text));
    const attached = [
        block.normalization?.type,
        block.dropout && `Dropout ${number(block.dropout.rate)}`,
    ].filter(Boolean);
    if (attached.length) box.append(el("span", { class: "layer-text" }, attached.join(", ")));
    return box;
}

export function mountNetwork(element) {
    const sheets = {
        lines: el("canvas", {}),
        maps: el("canvas", { id: "picture" }),
        marks: el("canvas", {}),
    };
    const canvas = sheets.marks;
    const heads = el("div", { class: "layer-heads" });
    const hint = el("div", { class: "hint", hidden: true });
    const stage = el(
        "div",
        {
            class: "stage",
            tabindex: 0,
            role: "group",
            tLabel: "network.picture",
            "aria-describedby": "picture-help",
        },
        Object.values(sheets),
        hint,
    );
    const scroller = el("div", { class: "picture-scroll" }, heads, stage);
    const layers = stepper({
        value: 0,
        min: 0,
        max: store.catalog.limits.layers,
        label: "network.layers",
        onchange: (next) => {
            const now = blocks(store.state.settings.layers).length;
            if (next > now) addLayer();
            else removeLayer(-1);
        },
    });
    const runs = segments({
        value: store.state.view.run,
        options: [
            ["a", "A"],
            ["b", "B"],
        ],
        label: "network.run",
        onchange: (run) => store.change("view", { run }),
    });
    const others = el("div", { class: "other-layers" });
    const size = el("span", { class: "layer-text" });
    const legend = el(
        "p",
        { class: "legend" },
        el("span", { class: "key negative", t: "network.negative" }),
        el("span", { class: "key positive", t: "network.positive" }),
        el("span", { class: "key dead", t: "network.dead" }),
        el("span", { class: "key saturated", t: "network.saturated" }),
    );
    element.append(
        el(
            "div",
            { class: "card-head" },
            el("h2", { t: "network.title" }),
            el(
                "div",
                { class: "field inline", data: { control: "network.layers" } },
                el("span", { class: "label", t: "network.layers" }),
                layers,
            ),
            size,
            others,
            runs,
            legend,
        ),
        scroller,
        el("p", { id: "picture-help", class: "hidden-text", t: "network.help" }),
    );

    const picture = new Picture(sheets);
    let hovered = null;

    const shownRun = () => (store.description?.runs[store.state.view.run] ? store.state.view.run : "a");

    function arrange() {
        const { description } = store;
        if (!description) return;
        const unit = parseFloat(getComputedStyle(document.documentElement).fontSize);
        const height = stage.clientHeight;
        const plan = picture.arrange(description, shownRun(), scroller.clientWidth, height, unit);
        scroller.style.setProperty("--picture-width", `${plan.width}px`);
        const list = blocks(description.settings.layers);
        let block = -1;
        heads.replaceChildren(
            ...plan.columns.map((column) => {
                block = list.findIndex((candidate) => candidate.at === column.layer?.source);
                const box = head(column, block, shownRun() === "a" ? list[block] : null);
                box.style.setProperty("--at", `${column.x}px`);
                box.style.setProperty("--across", `${column.width}px`);
                if (column.count > column.shown)
                    box.append(
                        el(
                            "span",
                            { class: "layer-text" },
                            t("network.more", { shown: column.shown, count: column.count }),
                        ),
                    );
                return box;
            }),
        );
        layers.set(list.length);
        size.textContent = t("network.size", { count: count(description.runs[shownRun()].size) });
        runs.hidden = !description.runs.b;
        showOthers(description, list);
        picture.draw(store.state.view.selected, hovered);
    }

    /** Layers that are no column, such as noise before the first: a button each. */
    function showOthers(description, list) {
        const mains = new Set(list.map((block) => block.at));
        others.replaceChildren(
            ...description.runs.a.layers
                .filter((layer) => layer.units === 0 && mains.has(layer.source))
                .map((layer) =>
                    el(
                        "button",
                        { type: "button", class: "quiet text", onclick: () => select({ layer: layer.name }) },
                        layer.text,
                    ),
                ),
        );
    }

    function keepFocus(action) {
        const label = document.activeElement?.getAttribute("aria-label");
        const at = [...heads.children].findIndex((box) => box.contains(document.activeElement));
        action();
        if (at >= 0)
            [...(heads.children[at]?.querySelectorAll("[aria-label]") ?? [])]
                .find((node) => node.getAttribute("aria-label") === label)
                ?.focus();
    }

    const describe = throttle((place, x, y) => {
        hint.hidden = place === null;
        if (place === null) return;
        hint.textContent = place;
        hint.style.setProperty("--x", `${x}px`);
        hint.style.setProperty("--y", `${y}px`);
    }, 60);

    function find(event) {
        const box = canvas.getBoundingClientRect();
        const [x, y] = [event.clientX - box.left, event.clientY - box.top];
        const tile = picture.plan && tileAt(picture.plan, x, y);
        if (tile)
            return tile.column.layer
                ? { layer: tile.column.layer.name, unit: tile.unit, x, y }
                : { input: tile.column.names?.[tile.unit], x, y };
        const edge =
            picture.plan &&
            edgeAt(picture.plan, x, y, picture.last.theta, event.pointerType === "touch" ? 14 : 6);
        return (
            edge && {
                parameter: edge.column.layer.weights,
                index: [edge.i, edge.j],
                value: picture.last.theta?.[edge.column.offset + edge.i * edge.column.count + edge.j],
                x,
                y,
            }
        );
    }

    stage.addEventListener("pointermove", (event) => {
        const found = find(event);
        hovered = found?.input === undefined ? found : null;
        stage.classList.toggle("pointing", Boolean(hovered));
        if (!found) describe(null);
        else if (found.parameter)
            describe(`${found.parameter}[${found.index}] = ${number(found.value)}`, found.x, found.y);
        else describe(found.input ?? `${found.layer} [${found.unit}]`, found.x, found.y);
        if (!store.state.run.playing) picture.draw(store.state.view.selected, hovered);
    });
    stage.addEventListener("pointerleave", () => {
        hovered = null;
        describe(null);
        picture.draw(store.state.view.selected, null);
    });
    stage.addEventListener("click", (event) => {
        const found = find(event);
        if (found?.parameter) select({ parameter: found.parameter, index: found.index });
        else if (found?.layer) select({ layer: found.layer, unit: found.unit });
        else if (store.state.view.selected) select(null);
    });
    steer(stage, picture);

    new ResizeObserver(throttle(arrange, 100)).observe(scroller);
    const draw = () => picture.draw(store.state.view.selected, hovered);
    new ResizeObserver(() => {
        picture.stale = true;
        draw();
    }).observe(canvas);
    onAppear(sheets.maps, draw);
    onTheme(arrange);
    onLanguage(arrange);
    store.on("description", () => {
        picture.forget();
        keepFocus(arrange);
    });
    store.on("frame", (frame) => {
        picture.take(frame);
        picture.draw(store.state.view.selected, hovered, store.state.run.playing);
    });
    let given = false; // whether it shows a sample that somebody drew or chose
    store.on("sample", (frame) => {
        if (given && !frame) setTimeout(refresh);
        given = frame !== null;
        if (!given) return;
        picture.take(frame);
        picture.draw(store.state.view.selected, hovered);
    });
    store.watch("view", (now, past) => {
        if (now.run !== past.run) picture.forget();
        if (now.run !== past.run || now.wall !== past.wall) arrange();
        else if (now.selected !== past.selected) picture.draw(now.selected, hovered);
        runs.set(now.run);
    });
    const few = () => (picture.plan?.columns.reduce((sum, column) => sum + column.shown, 0) ?? 0) <= 40;
    want("maps", () =>
        isDrawn(store.description?.data)
            ? { size: few() ? 32 : 22, units: SHOWN, runs: [shownRun()] }
            : null,
        { every: MAPS_EVERY },
    );
    want("weights", () => ({ runs: [shownRun()] }), { every: LINES_EVERY });
    want("units", () => ({ runs: [shownRun()] }), { every: 400 });
    want(
        "sample",
        () =>
            store.description?.data.shape === "pictures" && !given
                ? { part: "test", index: store.state.view.sample ?? 0 }
                : null,
        { every: 100 },
    );
}
