// Presets: a state with a question, a hint and an answer; and changes that one may try.

import { openDialog } from "../dialog.js";
import { el } from "../dom.js";
import { announce } from "../announce.js";
import { currentLanguage, onLanguage, t } from "../i18n.js";

let presets = null; // asked for once
let opened = null; // the one whose question is shown
const listeners = new Set();

const inWords = (texts) => texts?.[currentLanguage()] ?? texts?.en ?? "";

async function load(api) {
  presets ??= (await api.get("/api/presets")).presets;
  return presets;
}

/** Opens a preset by its name; an unknown one says so. */
export async function openPreset(name, store, api) {
  const preset = (await load(api)).find((known) => known.name === name);
  if (!preset) {
    store.change("run", { message: t("presets.unknown", { name }) });
    return;
  }
  opened = preset;
  start(preset, preset.settings, store);
  announce(inWords(preset.question));
}

function start(preset, settings, store) {
  const { language, theme, wall, hidden } = store.state.view;
  const kept = Object.fromEntries(Object.entries({ language, theme, wall, hidden }).filter(([, value]) => value !== undefined));
  store.replace({ settings: structuredClone(settings), view: { ...kept, ...preset.view } });
  for (const show of listeners) show();
}

export function mount(element, store, api) {
  element.append(el("button", { class: "quiet", t: "presets.title", data: { control: "presets" }, onclick: open }));

  async function open() {
    const list = el("ul", { class: "presets-list" });
    const dialog = openDialog({
      title: "presets.title", id: "presets-dialog", wide: true,
      content: el("div", { class: "presets" }, el("p", { class: "note", t: "presets.note" }), list),
    });
    for (const preset of await load(api)) {
      list.append(el("li", {}, el("button", {
        class: "preset", data: { preset: preset.name },
        onclick: () => {
          dialog.close();
          openPreset(preset.name, store, api);
        },
      }, el("b", {}, inWords(preset.title)), el("span", {}, inWords(preset.question)))));
    }
  }
}

/** The question of the open preset, above the page: hint and answer are opened, changes tried. */
export function mountQuestion(element, store) {
  element.setAttribute("aria-live", "off");

  function show() {
    element.hidden = !opened;
    if (!opened) return;
    const tries = (opened.tries ?? []).map(({ label, patch }) => el("button", {
      onclick: () => {
        start(opened, merged(opened.settings, patch), store);
        announce(inWords(label));
      },
    }, inWords(label)));
    element.replaceChildren(
      el("div", { class: "question-head" },
        el("h2", {}, inWords(opened.title)),
        el("button", { class: "quiet", t: "presets.again", onclick: () => start(opened, opened.settings, store) }),
        el("button", {
          class: "quiet", t: "presets.close",
          onclick: () => {
            opened = null;
            show();
          },
        })),
      el("p", { class: "question" }, inWords(opened.question)),
      el("details", {}, el("summary", { t: "presets.hint" }), el("p", {}, inWords(opened.hint))),
      el("details", {}, el("summary", { t: "presets.answer" }), el("p", {}, inWords(opened.answer)),
        el("div", { class: "buttons" }, ...tries)),
    );
  }
  listeners.add(show);
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
