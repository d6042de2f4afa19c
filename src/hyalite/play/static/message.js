/** The line that says what is wrong: the server's words, at the control that they are about. */

import { announce } from "./announce.js";
import { el, icon } from "./dom.js";
import { store } from "./store.js";

/** The control a field of the settings belongs to: `optimizer.learning_rate` → its box. */
function controlOf(field) {
    const names = { data: "data", layers: "network", optimizer: "training", loss: "training" };
    const place = field.replace(/\[\d+\]/g, "");
    return (
        document.querySelector(`[data-control="${CSS.escape(`training.${place}`)}"]`) ??
        document.querySelector(`[data-control="${CSS.escape(place)}"]`) ??
        document.getElementById(names[place.split(".")[0]] ?? "training")
    );
}

export function mountMessage(element) {
    const text = el("p", {});
    const close = el(
        "button",
        { class: "quiet round", tLabel: "page.close", onclick: () => store.change("run", { message: "" }) },
        icon("close"),
    );
    element.append(text, close);
    element.setAttribute("aria-live", "assertive");
    let marked = null;

    function show() {
        const { message, notice, field } = store.state.run;
        const warnings = store.description
            ? Object.values(store.description.runs).flatMap((run) => run.warnings ?? [])
            : [];
        const failed =
            store.frame &&
            Object.values(store.frame.header.runs)
                .map((run) => run.failed)
                .find(Boolean);
        const words = message || notice || failed?.cause || failed?.message || warnings[0]?.message || "";
        if (text.textContent !== words) text.textContent = words;
        element.hidden = !words;
        element.classList.toggle("passing", !message && Boolean(notice));
        element.classList.toggle("only-warning", !message && (Boolean(notice) || !failed));
        close.hidden = !message;
        marked?.classList.remove("wrong");
        marked = message && field ? controlOf(field) : null;
        marked?.classList.add("wrong");
    }
    store.watch("run", (now, past) => {
        show();
        if (now.message && now.message !== past.message) announce(now.message);
    });
    store.on("description", show);
    store.on("frame", (frame) => {
        const failed = String(Boolean(frame.header.runs.a.failed));
        if (failed !== element.dataset.failed) {
            element.dataset.failed = failed;
            show();
        }
    });
}
