/** Time: play, one sample, one batch, one epoch, the same start again, and how fast. */

import { throttle } from "./canvas.js";
import { el, icon } from "./dom.js";
import { count } from "./format.js";
import { onLanguage, t } from "./i18n.js";
import { act, pause, toggle } from "./loop.js";
import { store } from "./store.js";
import { choice } from "./widgets.js";

/** Epochs a second; null: as fast as it goes. */
export const SPEEDS = [
    [0.2, "0.2 ×"],
    [1, "1 ×"],
    [5, "5 ×"],
    [25, "25 ×"],
    [100, "100 ×"],
    [null, "time.fastest"],
];

function step(name) {
    if (store.state.run.playing) pause();
    act(name);
}

export const steps = {
    reset: () => step("reset"),
    sample: () => step("sample"),
    batch: () => step("batch"),
    epoch: () => step("epoch"),
};

function button(name, key, action) {
    return el(
        "button",
        {
            type: "button",
            class: "tool",
            id: `time-${name}`,
            tLabel: key,
            tTitle: key,
            onclick: action,
            data: { control: `time.${name}` },
        },
        icon(name),
        el("span", { class: "tool-text", t: `${key}-short` }),
    );
}

/** Epoch, and the batch within it. */
function makeCounts(element) {
    const epoch = el("strong", {});
    const batch = el("span", { class: "batch" });
    const changed = el("span", {
        class: "badge",
        hidden: true,
        t: "time.changed",
        tTitle: "time.changed-why",
    });
    element.append(el("span", { class: "label", t: "time.epochs" }), epoch, batch, changed);
    const show = throttle((frame) => {
        const run = frame.header.runs.a;
        epoch.textContent = count(run.epoch);
        const done = frame.header.status === "finished";
        const place = done ? t("time.done") : t("time.place", { batch: run.batch, batches: run.batches });
        batch.textContent = store.state.run.playing ? "" : place;
        batch.title = done ? t("time.done-why") : "";
        changed.hidden = run.reproducible !== false;
    }, 100);
    store.on("frame", show);
    onLanguage(() => store.frame && show(store.frame));
}

export function mountTime(element) {
    const playing = el("button", {
        type: "button",
        class: "primary",
        id: "time-play",
        onclick: toggle,
        data: { control: "time.play" },
    });
    const speed = choice({
        value: store.state.view.speed,
        options: SPEEDS,
        label: "time.speed",
        onchange: (value) => store.change("view", { speed: value }),
    });
    element.append(
        button("reset", "time.reset", steps.reset),
        playing,
        el(
            "div",
            { class: "steps" },
            button("sample", "time.sample", steps.sample),
            button("batch", "time.batch", steps.batch),
            button("epoch", "time.epoch", steps.epoch),
        ),
        el("div", { class: "speed", data: { control: "time.speed" } }, speed),
    );
    function show() {
        const on = store.state.run.playing;
        playing.replaceChildren(
            icon(on ? "pause" : "play"),
            el("span", { class: "hidden-text" }, t(on ? "time.pause" : "time.play")),
        );
        playing.title = t(on ? "time.pause" : "time.play");
        playing.setAttribute("aria-pressed", String(on));
    }
    show();
    store.watch("run", (now, past) => now.playing !== past.playing && show());
    store.watch("view", (now) => speed.set(now.speed));
    onLanguage(show);
    makeCounts(document.getElementById("counts"));
}
