// The loss over two weights: lines of equal loss, arrows downhill, and the way that training took.

import { accent, card, soft } from "../color.js";
import { el } from "../dom.js";
import { number } from "../format.js";
import { onLanguage, t } from "../i18n.js";
import { paintAxes } from "./chart-lines.js";
import { scale, ticks } from "./chart-scale.js";
import { surface } from "./chart-surface.js";

const MARGIN = { left: 46, right: 8, top: 8, bottom: 22 };
const LEVELS = 10;
const BETWEEN = 16; // pixels from arrow to arrow, at least
const LONGEST = 1.1; // arrow, in gaps between them

/**
 * @typedef {object} Field
 * @property {[string, string]} names of the two weights
 * @property {[number, number]} across first and last value of the first weight
 * @property {[number, number]} up of the second
 * @property {number} side values a side
 * @property {number[]} loss (side, side), from the lowest row up
 * @property {number[]} slopes of the loss by the first and by the second weight, (side, side, 2)
 * @property {[number, number][]} path where training has been, the latest last
 */

/** A picture, and a function that shows another field, or null. */
export function arrowField() {
  let field = null;
  const canvas = el("canvas", { class: "field-canvas", role: "img" });
  const text = el("p", { class: "note" });
  const element = el("div", { class: "field-picture" }, canvas, text);
  const draw = surface(canvas, (ctx, width, height) => field && paint(ctx, canvas, width, height, field));

  function tell() {
    const [x, y] = field?.path.at(-1) ?? [];
    const said = field
      ? t("charts.field_said", { first: field.names[0], second: field.names[1], x: number(x), y: number(y) })
      : t("charts.field_none");
    text.textContent = said;
    canvas.setAttribute("aria-label", said);
    canvas.hidden = !field;
  }
  onLanguage(tell);
  tell();
  return {
    element,
    set(now) {
      field = now;
      tell();
      draw();
    },
  };
}

function paint(ctx, canvas, width, height, { across: [x0, x1], up: [y0, y1], side, loss, slopes, path }) {
  const box = { left: MARGIN.left, right: width - MARGIN.right, top: MARGIN.top, bottom: height - MARGIN.bottom };
  const across = scale(x0, x1, box.left, box.right);
  const up = scale(y0, y1, box.bottom, box.top);
  paintAxes(ctx, canvas, box, ticks(y0, y1, 4).map((y) => [up(y), number(y)]),
    ticks(x0, x1, 4).map((x) => [across(x), number(x)]));
  const grid = {
    side,
    x: (n) => across(x0 + ((x1 - x0) * n) / (side - 1)),
    y: (n) => up(y0 + ((y1 - y0) * n) / (side - 1)),
  };
  paintLevels(ctx, grid, loss);
  // what a pixel is worth, so that arrows point downhill as it looks on the screen
  paintArrows(ctx, grid, slopes, (x1 - x0) / (box.right - box.left), (y1 - y0) / (box.bottom - box.top));
  paintPath(ctx, path.map(([x, y]) => [across(x), up(y)]));
}

/** Lines of equal loss, at quantiles, so that steep and flat parts have some each. */
function paintLevels(ctx, { side, x, y }, loss) {
  const sorted = [...loss].filter(Number.isFinite).sort((a, b) => a - b);
  ctx.lineWidth = 1;
  ctx.strokeStyle = soft();
  ctx.globalAlpha = 0.45;
  ctx.beginPath();
  for (let level = 1; level < LEVELS && sorted.length; level += 1) {
    const height = sorted[Math.floor((level / LEVELS) * (sorted.length - 1))];
    for (let row = 0; row < side - 1; row += 1) {
      for (let column = 0; column < side - 1; column += 1) {
        for (const [[a, b], [c, d]] of crossings(loss, side, row, column, height)) {
          ctx.moveTo(x(column + a), y(row + b));
          ctx.lineTo(x(column + c), y(row + d));
        }
      }
    }
  }
  ctx.stroke();
  ctx.globalAlpha = 1;
}

function paintArrows(ctx, { side, x, y }, slopes, unitX, unitY) {
  const gap = Math.min(Math.abs(x(1) - x(0)), Math.abs(y(1) - y(0)));
  const every = Math.max(1, Math.ceil(BETWEEN / Math.max(1, gap)));
  const arrows = [];
  for (let row = 0; row < side; row += every) {
    for (let column = 0; column < side; column += every) {
      const n = 2 * (row * side + column);
      const [dx, dy] = [-slopes[n] * unitX, slopes[n + 1] * unitY];
      if (Number.isFinite(dx) && Number.isFinite(dy)) arrows.push([x(column), y(row), dx, dy, Math.hypot(dx, dy)]);
    }
  }
  const longest = Math.max(0, ...arrows.map((arrow) => arrow[4]));
  ctx.strokeStyle = soft();
  ctx.fillStyle = soft();
  ctx.lineWidth = 1.25;
  for (const [left, top, dx, dy, size] of arrows) {
    // the root of the slope: what is gentle is still seen to point somewhere
    const length = size ? LONGEST * gap * every * Math.sqrt(size / longest) : 0;
    paintArrow(ctx, left, top, size ? dx / size : 0, size ? dy / size : 0, length);
  }
}

/** An arrow around a point, in a direction of length 1; a dot where it is short. */
function paintArrow(ctx, x, y, dx, dy, length) {
  ctx.beginPath();
  if (length < 1.5) {
    ctx.arc(x, y, 1, 0, 2 * Math.PI);
    ctx.fill();
    return;
  }
  const head = Math.min(5, 0.6 * length);
  const [tipX, tipY] = [x + (dx * length) / 2, y + (dy * length) / 2];
  ctx.moveTo(x - (dx * length) / 2, y - (dy * length) / 2);
  ctx.lineTo(tipX, tipY);
  for (const side of [-0.6, 0.6]) {
    ctx.moveTo(tipX, tipY);
    ctx.lineTo(tipX - head * (dx - side * dy), tipY - head * (dy + side * dx));
  }
  ctx.stroke();
}

function paintPath(ctx, path) {
  if (!path.length) return;
  ctx.strokeStyle = accent();
  ctx.lineWidth = 2;
  ctx.beginPath();
  path.forEach(([x, y], n) => (n ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
  ctx.stroke();
  ctx.fillStyle = accent();
  ctx.strokeStyle = card();
  ctx.beginPath();
  ctx.arc(...path.at(-1), 5, 0, 2 * Math.PI);
  ctx.fill();
  ctx.stroke();
}

/** Where a level crosses a square of the grid: pairs of points in it, each in 0..1. */
export function crossings(heights, side, row, column, level) {
  const corners = [[0, 0], [1, 0], [1, 1], [0, 1]];
  const height = ([right, above]) => heights[(row + above) * side + column + right];
  const points = [];
  corners.forEach((here, n) => {
    const next = corners[(n + 1) % 4];
    const [from, to] = [height(here), height(next)];
    if (!Number.isFinite(from) || !Number.isFinite(to) || from < level === to < level) return;
    const share = (level - from) / (to - from);
    points.push([here[0] + (next[0] - here[0]) * share, here[1] + (next[1] - here[1]) * share]);
  });
  if (points.length === 2) return [points];
  // a saddle: two lines; which corners they join makes no difference to what one sees
  return points.length === 4 ? [[points[0], points[1]], [points[2], points[3]]] : [];
}
