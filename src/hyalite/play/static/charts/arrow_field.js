// The loss over two weights: shades and lines of equal loss, arrows downhill, the way training took.

import { short } from "./numbers.js";
import { scale, ticks } from "./scale.js";
import { Surface } from "./surface.js";

const MARGIN = { left: 42, right: 8, top: 8, bottom: 22 };
const LEVELS = 10;
const LONGEST = 1.1; // arrow, in gaps of the grid

/**
 * What is shown.
 *
 * @typedef {object} Field
 * @property {[string, string]} names of the two weights
 * @property {[number, number]} across first and last value of the first weight
 * @property {[number, number]} up of the second
 * @property {number} side values a side
 * @property {number[]} loss (side, side), from the lowest row up
 * @property {number[]} slopes of the loss by the first and the second weight, (side, side, 2)
 * @property {[number, number][]} path where training has been, the latest last
 */

export class ArrowField {
  constructor(host, { label, t }) {
    Object.assign(this, { t, label });
    this.canvas = document.createElement("canvas");
    this.canvas.className = "arrow-field-canvas";
    this.canvas.setAttribute("role", "img");
    this.text = document.createElement("p");
    this.text.className = "arrow-field-text";
    host.classList.add("arrow-field");
    host.replaceChildren(this.canvas, this.text);
    this.surface = new Surface(this.canvas, (...drawn) => this.draw(...drawn));
  }

  /** @param {Field|null} field */
  set(field) {
    this.field = field;
    const [x, y] = field?.path.at(-1) ?? [null, null];
    const said = field
      ? this.t("chart.field", { first: field.names[0], second: field.names[1], x: short(x, 3), y: short(y, 3) })
      : this.t("chart.field_none");
    this.text.textContent = said;
    this.canvas.setAttribute("aria-label", `${this.label}: ${said}`);
    this.surface.ask();
  }

  draw(context, width, height, colours) {
    if (!this.field) return;
    const { across: [x0, x1], up: [y0, y1], side, loss, slopes, path } = this.field;
    const across = scale(x0, x1, MARGIN.left, width - MARGIN.right);
    const up = scale(y0, y1, height - MARGIN.bottom, MARGIN.top);
    const at = (place, low, high) => low + ((high - low) * place) / (side - 1);
    const points = { side, x: (n) => across(at(n, x0, x1)), y: (n) => up(at(n, y0, y1)) };
    this.drawLevels(context, colours, points, loss);
    this.drawArrows(context, colours, points, slopes, [(x1 - x0) / (across(x1) - across(x0)), (y1 - y0) / (up(y0) - up(y1))]);
    this.drawPath(context, colours, path.map(([x, y]) => [across(x), up(y)]));
    context.font = `11px ${colours.font}`;
    context.fillStyle = colours.soft;
    context.textAlign = "center";
    context.textBaseline = "top";
    for (const value of ticks(x0, x1, 4)) context.fillText(short(value, 3), across(value), height - MARGIN.bottom + 6);
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const value of ticks(y0, y1, 4)) context.fillText(short(value, 3), MARGIN.left - 6, up(value));
  }

  /** Lines of equal loss, at quantiles, so that steep and flat parts have some each. */
  drawLevels(context, colours, { side, x, y }, loss) {
    const sorted = [...loss].filter(Number.isFinite).sort((a, b) => a - b);
    if (!sorted.length) return;
    context.lineWidth = 1;
    context.strokeStyle = colours.line;
    context.beginPath();
    for (let level = 1; level < LEVELS; level += 1) {
      const height = sorted[Math.floor((level / LEVELS) * (sorted.length - 1))];
      for (let row = 0; row < side - 1; row += 1) {
        for (let column = 0; column < side - 1; column += 1) {
          for (const [[a, b], [c, d]] of crossings(loss, side, row, column, height)) {
            context.moveTo(x(column + a), y(row + b));
            context.lineTo(x(column + c), y(row + d));
          }
        }
      }
    }
    context.stroke();
  }

  drawArrows(context, colours, { side, x, y }, slopes, [unitX, unitY]) {
    const gap = Math.abs(x(1) - x(0));
    const every = Math.max(1, Math.round(14 / Math.max(1, gap)));
    // downhill as it looks on the screen: by the slope along each pixel
    const arrow = (row, column) => {
      const n = 2 * (row * side + column);
      return [-slopes[n] * unitX, slopes[n + 1] * unitY];
    };
    const chosen = [];
    for (let row = 0; row < side; row += every) {
      for (let column = 0; column < side; column += every) chosen.push([row, column, ...arrow(row, column)]);
    }
    const longest = Math.max(...chosen.map(([, , a, b]) => Math.hypot(a, b)).filter(Number.isFinite));
    if (!(longest > 0)) return;
    context.strokeStyle = colours.soft;
    context.fillStyle = colours.soft;
    context.lineWidth = 1.25;
    for (const [row, column, a, b] of chosen) {
      const size = Math.hypot(a, b);
      if (!Number.isFinite(size)) continue;
      // the root of the slope: what is gentle is still seen to point somewhere
      const length = LONGEST * gap * every * Math.sqrt(size / longest);
      const [dx, dy] = size ? [(a / size) * length, (b / size) * length] : [0, 0];
      drawArrow(context, x(column), y(row), dx, dy);
    }
  }

  drawPath(context, colours, path) {
    if (!path.length) return;
    context.strokeStyle = colours.accent;
    context.lineWidth = 2;
    context.beginPath();
    path.forEach(([x, y], n) => (n ? context.lineTo(x, y) : context.moveTo(x, y)));
    context.stroke();
    const [x, y] = path.at(-1);
    context.fillStyle = colours.accent;
    context.strokeStyle = colours.ground;
    context.beginPath();
    context.arc(x, y, 5, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }

  close() {
    this.surface.close();
  }
}

function drawArrow(context, x, y, dx, dy) {
  const length = Math.hypot(dx, dy);
  if (length < 1.5) {
    context.beginPath();
    context.arc(x, y, 1, 0, 2 * Math.PI);
    context.fill();
    return;
  }
  const [ux, uy] = [dx / length, dy / length];
  const head = Math.min(5, length * 0.6);
  const [tipX, tipY] = [x + dx / 2, y + dy / 2];
  context.beginPath();
  context.moveTo(x - dx / 2, y - dy / 2);
  context.lineTo(tipX, tipY);
  context.lineTo(tipX - head * (ux + 0.6 * uy), tipY - head * (uy - 0.6 * ux));
  context.moveTo(tipX, tipY);
  context.lineTo(tipX - head * (ux - 0.6 * uy), tipY - head * (uy + 0.6 * ux));
  context.stroke();
}

/** Where a level crosses a square of the grid: pairs of points in it, each in 0..1. */
export function crossings(heights, side, row, column, level) {
  const corner = (right, above) => heights[(row + above) * side + column + right];
  const edges = [
    [[0, 0], [1, 0]], [[1, 0], [1, 1]], [[1, 1], [0, 1]], [[0, 1], [0, 0]],
  ];
  const points = [];
  for (const [[a, b], [c, d]] of edges) {
    const [from, to] = [corner(a, b), corner(c, d)];
    if (!Number.isFinite(from) || !Number.isFinite(to) || from < level === to < level) continue;
    const share = (level - from) / (to - from);
    points.push([a + (c - a) * share, b + (d - b) * share]);
  }
  if (points.length === 2) return [points];
  // a saddle: two lines, of which it makes no difference here which corners they join
  return points.length === 4 ? [[points[0], points[1]], [points[2], points[3]]] : [];
}
