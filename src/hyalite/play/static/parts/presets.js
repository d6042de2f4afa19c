/** Questions: a state with a question, a hint and an answer; and changes that one may try. */

import { announce } from "../announce.js";
import { openDialog } from "../dialog.js";
import { el } from "../dom.js";
import { currentLanguage, onLanguage } from "../i18n.js";
import { play } from "../loop.js";

let asked = null; // for all questions, once

const inWords = (texts) => texts?.[currentLanguage()] ?? texts?.en ?? "";

function load(api) {
    asked ??= api.get("/api/presets").then(({ presets }) => presets);
    return asked;
}

/** Sets the page up for a question; language, theme and what a teacher has hidden stay. */
function start(preset, settings, store) {
    const { language, theme, wall, hidden } = store.state.view;
    store.replace({
        settings: structuredClone(settings),
        view: { language, theme, wall, hidden, ...preset.view, preset: preset.name },
    });
}

export function mount(element, store, api) {
    element.append(
        el("button", { class: "quiet", t: "presets.title", data: { control: "presets" }, onclick: open }),
    );

    async function open() {
        const presets = await load(api);
        const list = el(
            "ul",
            { class: "presets-list" },
            presets.map((preset) =>
                el(
                    "li",
                    {},
                    el(
                        "button",
                        {
                            class: "preset",
                            data: { preset: preset.name },
                            onclick: () => {
                                dialog.close();
                                start(preset, preset.settings, store);
                                announce(inWords(preset.question));
                            },
                        },
                        el("b", {}, inWords(preset.title)),
                        el("span", {}, inWords(preset.question)),
                    ),
                ),
            ),
        );
        const dialog = openDialog({
            title: "presets.title",
            id: "presets-dialog",
            wide: true,
            content: el("div", { class: "presets" }, el("p", { class: "note", t: "presets.note" }), list),
        });
    }
}

/** The question of the page's state, above the page: hint and answer are opened, changes tried. */
export function mountQuestion(element, store, api) {
    let train = null;

    /** What is asked is about a trained network: before that the way to it stands beside the question. */
    function offer(frame) {
        const begun = frame && Object.values(frame.header.runs).some((run) => run.step > 0);
        if (train) train.hidden = Boolean(begun) || store.state.run.playing;
    }

    async function show() {
        const { preset: name } = store.state.view;
        const preset = name && (await load(api)).find((known) => known.name === name);
        if (name !== store.state.view.preset) return; // another one meanwhile
        element.hidden = !preset;
        if (!preset) return;
        const again = () => start(preset, preset.settings, store);
        const close = () => {
            // how long to train belonged to the question
            store.change("settings", { epochs: store.defaults.settings.epochs });
            store.change("view", { preset: null });
        };
        const tries = (preset.tries ?? []).map(({ label, patch }) =>
            el(
                "button",
                {
                    class: "try",
                    onclick: () => start(preset, merged(preset.settings, patch), store),
                },
                inWords(label),
            ),
        );
        train = el("button", { class: "primary wide", t: "presets.train", onclick: play });
        offer(store.frame);
        const title = el("h2", {}, inWords(preset.title));
        element.replaceChildren(
            el(
                "div",
                { class: "question-head" },
                title,
                train,
                el("button", { class: "quiet", t: "presets.again", onclick: again }),
                el("button", {
                    class: "quiet",
                    t: "presets.close",
                    onclick: close,
                }),
            ),
            el("p", { class: "question" }, inWords(preset.question)),
            el("details", {}, el("summary", { t: "presets.hint" }), el("p", {}, inWords(preset.hint))),
            el(
                "details",
                { ontoggle: ({ target }) => target.open && store.emit("answered") },
                el("summary", { t: "presets.answer" }),
                el("p", {}, inWords(preset.answer)),
                el("div", { class: "buttons" }, tries),
            ),
        );
    }
    store.watch("view", (now, before) => now.preset !== before.preset && show());
    store.on("frame", offer);
    onLanguage(show);
    show();
}

/** RFC 7396: a patch merged into a value; null takes a field away. */
export function merged(value, patch) {
    if (patch === null || typeof patch !== "object" || Array.isArray(patch)) return patch;
    const base = value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
    const out = { ...base };
    for (const [name, item] of Object.entries(patch)) {
        if (item === null) delete out[name];
        else out[name] = merged(base[name], item);
    }
    return out;
}
