/** Keys for everything that is done often, and the list of them. */

import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { toggle } from "./loop.js";
import { toggleMeter } from "./meter.js";
import { moveSnapshot } from "./scrubber.js";
import { steps } from "./time.js";
import { toggleLanguage, toggleTheme, toggleWall } from "./view.js";

const focusOn = (id) => () => document.querySelector(id)?.focus();

/** key: [what it does, its text] */
export const KEYS = {
    " ": [toggle, "keys.play"],
    s: [steps.sample, "keys.sample"],
    b: [steps.batch, "keys.batch"],
    e: [steps.epoch, "keys.epoch"],
    r: [steps.reset, "keys.reset"],
    ",": [() => moveSnapshot(-1), "keys.back"],
    ".": [() => moveSnapshot(1), "keys.forward"],
    n: [focusOn("#network .stage"), "keys.network"],
    d: [focusOn("#data button, #data input, #data select"), "keys.data"],
    l: [toggleLanguage, "keys.language"],
    t: [toggleTheme, "keys.theme"],
    w: [toggleWall, "keys.wall"],
    f: [toggleMeter, "keys.meter"],
    "?": [() => showKeys(), "keys.help"],
};

export function showKeys() {
    const names = { " ": "Space" };
    const rows = Object.entries(KEYS).map(([key, [, text]]) =>
        el("tr", {}, el("td", {}, el("kbd", {}, names[key] ?? key.toUpperCase())), el("td", { t: text })),
    );
    rows.push(el("tr", {}, el("td", {}, el("kbd", {}, "← ↑ ↓ →")), el("td", { t: "keys.arrows" })));
    openDialog({
        title: "keys.title",
        id: "keys",
        content: el("table", { class: "keys" }, el("tbody", {}, rows)),
    });
}

export function mountKeyboard() {
    addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
        const typing = event.target.closest(
            "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]",
        );
        // Space is theirs; a slider has no use for it, nor has a choice that is made already
        const onButton =
            event.key === " " &&
            event.target.closest(
                "button, summary, input:not([type=range], [type=radio]:checked), [role=spinbutton]",
            );
        if (typing || onButton) return;
        const [action] = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key] ?? [];
        if (!action) return;
        event.preventDefault();
        action();
    });
}
