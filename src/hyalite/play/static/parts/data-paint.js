/** Points painted with the mouse or a finger: a brush for each class, a rubber, and a clean sheet. */

import { announce } from "../announce.js";
import { throttle } from "../canvas.js";
import { el } from "../dom.js";
import { onLanguage, t } from "../i18n.js";
import { segments, stepper } from "../widgets.js";

const SPACING = 0.018; // from point to point of a stroke, in widths of the plane
const RUBBER = 0.05; // its radius, the same
const SOON = 150; // milliseconds from a point to its training
const MOST = 5000; // what the server takes
const FIGURES = 4; // of a coordinate, so that links stay short

export function paintSection(store) {
  const tools = segments({
    value: "look", label: "data.tool",
    options: [["look", "data.look"], ["paint", "data.paint"], ["erase", "data.erase"]],
    onchange: choose,
  });
  const brushes = el("div", { class: "brushes", role: "radiogroup", tLabel: "data.brush" });
  const classes = stepper({ value: 2, min: 2, max: 10, label: "data.classes", onchange: (count) => write({ classes: count }) });
  const count = el("span", { class: "note" });
  const clear = el("button", { t: "data.clear", onclick: () => write({ points: [] }) });
  const own = el("div", {}, el("div", { class: "field" }, el("span", { class: "label", t: "data.classes" }), classes), el("div", { class: "buttons" }, clear, count));
  const element = el("div", { class: "paint", data: { control: "data.paint" } }, tools, brushes, own);
  let points = null; // while a stroke is painted
  let last = null;
  const commit = throttle(() => points && write({ points }), SOON);

  const write = (fields) => store.change("settings", ({ data }) => ({ data: { ...data, ...fields } }));

  /** To paint on points that a formula made, they become painted ones first. */
  async function choose(tool) {
    const { data } = store.state.settings;
    if (tool !== "look" && data.kind !== "points") store.change("settings", { data: ownPoints(store) });
    store.change("view", { tool, brush: store.state.view.brush ?? 0 });
  }

  store.on("paint", ({ x, y, phase, erase }) => {
    const { data } = store.state.settings;
    if (data.kind !== "points") return;
    points ??= data.points;
    const width = Math.max(...store.description.data.domain.map(([low, high]) => high - low));
    if (erase || store.state.view.tool === "erase") {
      points = points.filter(([a, b]) => Math.hypot(a - x, b - y) > RUBBER * width);
    } else if (phase === "start" || Math.hypot(last[0] - x, last[1] - y) > SPACING * width) {
      if (points.length >= MOST) announce(t("data.full", { most: MOST }));
      else points = [...points, data.task === "numbers" ? [short(x), short(y)] : [short(x), short(y), store.state.view.brush ?? 0]];
      last = [x, y];
    }
    commit();
    if (phase !== "end") return;
    write({ points });
    points = null;
    announce(t("data.count", { count: store.state.settings.data.points.length }));
  });

  function showBrushes(number, brush) {
    brushes.replaceChildren(...Array.from({ length: number }, (_, n) => {
      const input = el("input", { type: "radio", name: "brush", value: n, checked: n === brush, onchange: () => store.change("view", { brush: n }) });
      const label = el("label", { class: `brush class-${n}` }, input, el("span", {}, String(n)));
      return label;
    }));
  }

  let shown = "";
  function show() {
    const { data } = store.state.settings;
    const { tool = "look", brush = 0 } = store.state.view;
    const number = data.kind === "points" && data.task !== "numbers" ? data.classes ?? 2 : 0;
    element.hidden = store.description ? store.description.data.shape !== "plane" : false;
    tools.set(tool);
    own.hidden = data.kind !== "points";
    brushes.hidden = number === 0 || tool !== "paint";
    if (`${number} ${brush}` !== shown) showBrushes(number, brush);
    shown = `${number} ${brush}`;
    classes.set(data.classes ?? 2);
    count.textContent = data.kind === "points" ? t("data.count", { count: data.points?.length ?? 0 }) : "";
  }
  store.watch("view", show);
  onLanguage(show);
  return { element, show };
}

const short = (value) => Number(value.toPrecision(FIGURES));

/** The points that are on the page, training and test, as painted ones. */
function ownPoints(store) {
  const parts = Object.values(store.points ?? {}).filter(Boolean);
  const points = parts.flatMap(({ x, y }) => Array.from(y, (label, n) => [short(x[2 * n]), short(x[2 * n + 1]), label]));
  return { kind: "points", task: "classes", points: points.slice(0, MOST), classes: store.description.data.classes.length };
}
