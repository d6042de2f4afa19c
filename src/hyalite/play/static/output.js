/** The output's card: decision regions or the fitted curve with the points, and how good it is. */

import { fit, onAppear, throttle, visible } from "./canvas.js";
import { classColor, onTheme } from "./color.js";
import { el } from "./dom.js";
import { percent, steady } from "./format.js";
import { has, onLanguage, t } from "./i18n.js";
import { isDrawn } from "./layers.js";
import { refreshWhenSeen } from "./loop.js";
import { axes, drawCurve, drawOverlay, withRoom } from "./plot.js";
import { Regions } from "./regions.js";
import { store } from "./store.js";
import { want } from "./wants.js";
import { numberButton, toggle } from "./widgets.js";

const PLAYING_SIDE = 80;
const RESTING_SIDE = 160;

/** One run's picture: what it gives below, the points above. */
function makePlot(run) {
    const below = el("canvas", { class: "below" });
    const above = el("canvas", { class: "above" });
    const name = el("span", { class: "run-name" }, run.toUpperCase());
    const box = el("div", { class: "plot", data: { run } }, below, above, name);
    const regions = new Regions(below);
    let curve = null;
    return {
        run,
        box,
        below,
        above,
        name,
        forget() {
            regions.clear();
            curve = null;
        },
        take(frame, data, hard) {
            const arrays = frame.arrays[run];
            regions.take(arrays, { classes: data.classes?.length ?? 2, range: data.range, hard });
            if (arrays.curve) curve = arrays.curve;
        },
        drawCurve(data) {
            if (!curve || !visible(below)) return;
            const { ctx, width, height } = fit(below);
            ctx.clearRect(0, 0, width, height);
            drawCurve(ctx, curve, withRoom(data), width, height, classColor(run === "a" ? 0 : 1));
        },
        drawPoints(data, points, showTest) {
            if (points) drawOverlay(above, withRoom(data), points, showTest);
        },
    };
}

/** The numbers below: loss and the first metric, of training and test data, for each run. */
function makeFigures(element) {
    const table = el("table", { class: "figures" });
    element.append(table);
    let buttons = [];

    function build() {
        const { description } = store;
        if (!description) return;
        const runs = Object.keys(description.runs);
        // two runs may have different losses, and so different metrics
        const known = runs.flatMap((run) => description.runs[run].metrics);
        if (description.data.task === "classes") known.push("accuracy");
        const metrics = [...new Set(known)]
            .filter((name) => !name.startsWith("val_") && name !== "learning_rate")
            .slice(0, 2);
        buttons = [];
        const cell = (run, name) => {
            const opens = run === "a" && name === "loss";
            const button = opens
                ? numberButton({ array: "loss", index: [], samples: "batch" }, null, t("figure.loss"))
                : el("span", { class: "value" });
            buttons.push({ run, name, button });
            return el("td", { data: { figure: `${run}.${name}` } }, button);
        };
        const title = (name, run) =>
            `${has(`figure.${name}`) ? t(`figure.${name}`) : name}${runs.length > 1 ? ` ${run.toUpperCase()}` : ""}`;
        const row = (text, training, test) =>
            el("tr", {}, el("th", { scope: "row" }, text), training, test);
        /** A loss; with a penalty the sum of its two parts, of which the test loss has but the first. */
        const rows = (name, run) =>
            name === "loss" && description.runs[run].penalized
                ? [
                      row(title("data_loss", run), cell(run, "data_loss"), cell(run, "val_loss")),
                      row(
                          title("penalty", run),
                          cell(run, "penalty"),
                          el("td", { class: "note" }, t("figure.no-penalty")),
                      ),
                      row(title("total", run), cell(run, "loss"), el("td")),
                  ]
                : [row(title(name, run), cell(run, name), cell(run, `val_${name}`))];
        table.replaceChildren(
            el("caption", { class: "hidden-text" }, t("figure.caption")),
            el(
                "thead",
                {},
                el(
                    "tr",
                    {},
                    el("td", {}),
                    ["figure.training", "figure.test"].map((key) => el("th", { scope: "col" }, t(key))),
                ),
            ),
            el(
                "tbody",
                {},
                metrics.flatMap((name) => runs.flatMap((run) => rows(name, run))),
            ),
        );
        if (store.frame) update(store.frame);
    }

    const update = throttle((frame) => {
        for (const { run, name, button } of buttons) {
            const value = frame.header.runs[run]?.figures[name];
            const text = name.endsWith("accuracy") ? percent(value) : steady(value);
            if (button.set) button.set(value);
            else button.textContent = text;
        }
    }, 100);
    store.on("description", build);
    store.on("frame", update);
    onLanguage(build);
}

/** Painting: places under the pointer in data units. */
function paintOn(plot, data) {
    let down = false;
    const tell = (event, phase) => {
        const box = plot.above.getBoundingClientRect();
        const scale = axes(withRoom(data()), box.width, box.height);
        store.emit("paint", {
            x: scale.fromX(event.clientX - box.left),
            y: scale.fromY(event.clientY - box.top),
            phase,
            erase: store.state.view.tool === "erase",
        });
    };
    plot.above.addEventListener("pointerdown", (event) => {
        if (store.state.view.tool === "look" || event.button > 0) return;
        down = true;
        plot.above.setPointerCapture(event.pointerId);
        tell(event, "start");
    });
    plot.above.addEventListener("pointermove", (event) => down && tell(event, "move"));
    for (const name of ["pointerup", "pointercancel"]) {
        plot.above.addEventListener(name, (event) => {
            if (down) tell(event, "end");
            down = false;
        });
    }
}

export function mountOutput(element) {
    const plots = ["a", "b"].map(makePlot);
    const test = toggle({
        value: false,
        t: "output.test",
        onchange: (showTest) => store.change("view", { showTest }),
    });
    const hard = toggle({
        value: false,
        t: "output.hard",
        onchange: (discretize) => store.change("view", { discretize }),
    });
    const key = el("p", { class: "classes" });
    const testMark = el("span", { class: "mark outlined", t: "output.test-points" });
    const marks = el(
        "p",
        { class: "marks" },
        el("span", { class: "mark", t: "output.training-points" }),
        testMark,
    );
    const box = el(
        "div",
        { class: "plots", role: "img", tLabel: "output.picture" },
        plots.map((plot) => plot.box),
    );
    element.append(
        el("div", { class: "card-head" }, el("h2", { t: "output.title" }), key),
        box,
        el(
            "div",
            { class: "options" },
            el("div", { data: { control: "output.test" } }, test),
            el("div", { data: { control: "output.hard" } }, hard),
            marks,
        ),
    );
    makeFigures(element);
    const data = () => store.description.data;
    const drawn = () => isDrawn(store.description?.data);

    function drawPoints() {
        if (!drawn() || !store.points?.training.x) return;
        for (const plot of plots)
            if (!plot.box.hidden) plot.drawPoints(data(), store.points, store.state.view.showTest);
    }

    function redraw() {
        if (!drawn()) return;
        const { discretize } = store.state.view;
        for (const plot of plots) {
            if (plot.box.hidden) continue;
            if (store.frame) plot.take(store.frame, data(), discretize);
            if (data().shape === "curve") plot.drawCurve(data());
        }
    }

    function arrange() {
        const { description } = store;
        if (!description) return;
        box.hidden = !drawn();
        element.querySelector(".options").hidden = !drawn();
        plots[1].box.hidden = !description.runs.b;
        box.classList.toggle("two", Boolean(description.runs.b));
        for (const plot of plots) plot.name.hidden = !description.runs.b;
        key.replaceChildren(
            ...(drawn() && description.data.task === "classes"
                ? description.data.classes.map((name, i) =>
                      el("span", { class: `class-key class-${i}` }, name),
                  )
                : []),
        );
        drawPoints();
    }

    for (const plot of plots) paintOn(plot, data);
    store.on("points", drawPoints);
    store.on("description", () => {
        for (const plot of plots) plot.forget();
        arrange();
    });
    store.on("frame", redraw);
    function mirror({ showTest, discretize, tool }) {
        test.set(showTest);
        testMark.hidden = !showTest;
        hard.set(discretize);
        box.classList.toggle("painting", tool !== "look");
    }
    mirror(store.state.view);
    store.watch("view", (now, past) => {
        mirror(now);
        if (now.showTest !== past.showTest) drawPoints();
        if (now.discretize !== past.discretize) redraw();
    });
    for (const plot of plots) onAppear(plot.below, redraw);
    refreshWhenSeen(box);
    new ResizeObserver(
        throttle(() => {
            drawPoints();
            redraw();
        }, 60),
    ).observe(box);
    onTheme(() => {
        drawPoints();
        redraw();
    });
    want("output", () => (drawn() ? { size: store.state.run.playing ? PLAYING_SIDE : RESTING_SIDE } : null), {
        active: () => visible(box),
    });
}
