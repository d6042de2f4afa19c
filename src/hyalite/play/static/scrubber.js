/** The scrubber: back to any snapshot of the training and forward again. */

import { el } from "./dom.js";
import { throttle } from "./canvas.js";
import { count } from "./format.js";
import { onLanguage, t } from "./i18n.js";
import { act, pause } from "./loop.js";
import { store } from "./store.js";
import { want } from "./wants.js";

/** [id, epoch, step] of each snapshot, and which of them is shown. */
let entries = [];
let shown = 0;

/** To the snapshot before (−1) or behind (1) the one that is shown. */
export function moveSnapshot(way) {
    if (store.state.run.playing) pause();
    const entry = entries[Math.max(0, Math.min(entries.length - 1, shown + way))];
    if (entry) act("seek", { snapshot: entry[0] });
}

export function mountScrubber(element) {
    element.dataset.control = "time.scrubber";
    const range = el("input", { type: "range", min: 0, max: 0, step: 1, id: "scrubber-range" });
    const text = el("output", { for: "scrubber-range" });
    element.append(el("label", { class: "label", for: "scrubber-range", t: "scrubber.title" }), range, text);
    let held = false;

    const seek = throttle((snapshot) => act("seek", { snapshot }), 40);
    range.addEventListener("input", () => {
        if (store.state.run.playing) pause();
        const entry = entries[Number(range.value)];
        if (entry) seek(entry[0]);
        held = true;
        describe(entry);
    });
    range.addEventListener("change", () => {
        held = false;
    });

    const describe = throttle((entry) => {
        const value = entry ? t("scrubber.at", { epoch: count(entry[1]), step: count(entry[2]) }) : "";
        text.textContent = value;
        range.setAttribute("aria-valuetext", value);
    }, 100);

    store.on("frame", (frame) => {
        const { snapshots } = frame.header;
        if (!snapshots) return;
        if (snapshots.entries) {
            entries = snapshots.entries;
            range.max = Math.max(0, entries.length - 1);
            range.disabled = entries.length < 2;
        }
        if (held || !entries.length) return;
        const at = entries.findIndex(([id]) => id === snapshots.at);
        shown = at < 0 ? entries.length - 1 : at;
        range.value = shown;
        const run = frame.header.runs.a;
        describe([snapshots.at, run.epoch, run.step]);
    });
    onLanguage(
        () => store.frame && describe([0, store.frame.header.runs.a.epoch, store.frame.header.runs.a.step]),
    );
    want("snapshots", true, { every: 500 });
}
