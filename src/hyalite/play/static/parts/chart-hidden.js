/** The plane as a layer sees it: its lattice and the points, placed by the outputs of two units. */

import { classColor, classShape, line, soft } from "../color.js";
import { el } from "../dom.js";
import { short } from "../format.js";
import { leftOf, paintAxes } from "./chart-lines.js";
import { extent, scale, ticks } from "./chart-scale.js";
import { surface } from "./chart-surface.js";

const MARGIN = { right: 8, top: 8, bottom: 20 };
const RADIUS = 3;

/**
 * @typedef {object} Hidden
 * @property {Float32Array} grid (side, side, 2): where the lattice of the inputs goes
 * @property {number} side
 * @property {Float32Array} points (n, 2)
 * @property {Int32Array} labels (n,)
 */

/** A picture, and a function that shows another one, or null. */
export function hiddenPlane(label) {
    let shown = null;
    const canvas = el("canvas", { class: "field-canvas", role: "img", tLabel: label });
    const draw = surface(canvas, (ctx, width, height) => shown && paint(ctx, canvas, width, height, shown));
    return {
        element: canvas,
        set(now) {
            shown = now;
            draw();
        },
    };
}

function paint(ctx, canvas, width, height, { grid, side, points, labels }) {
    const [[x0, x1], [y0, y1]] = [0, 1].map((axis) =>
        padded(extent([grid, points].map((values) => values.filter((_, n) => n % 2 === axis)))),
    );
    const rows = ticks(y0, y1, 3);
    const texts = rows.map(short);
    const box = {
        left: leftOf(ctx, canvas, texts),
        right: width - MARGIN.right,
        top: MARGIN.top,
        bottom: height - MARGIN.bottom,
    };
    const across = scale(x0, x1, box.left, box.right);
    const up = scale(y0, y1, box.bottom, box.top);
    paintAxes(
        ctx,
        canvas,
        box,
        rows.map((y, n) => [up(y), texts[n]]),
        ticks(x0, x1, 3).map((x) => [across(x), short(x)]),
    );
    ctx.strokeStyle = soft();
    ctx.globalAlpha = 0.4;
    ctx.beginPath();
    for (let row = 0; row < side; row += 1) {
        for (let column = 0; column < side; column += 1) {
            const here = row * side + column;
            if (column + 1 < side) segment(ctx, grid, here, here + 1, across, up);
            if (row + 1 < side) segment(ctx, grid, here, here + side, across, up);
        }
    }
    ctx.stroke();
    ctx.globalAlpha = 1;
    ctx.strokeStyle = line();
    for (let n = 0; n < labels.length; n += 1) {
        classShape(ctx, labels[n], across(points[2 * n]), up(points[2 * n + 1]), RADIUS);
        ctx.fillStyle = classColor(labels[n]);
        ctx.fill();
    }
}

/** A range with some room, also where all values are the same. */
function padded([low, high]) {
    const room = 0.05 * (high - low || 1);
    return [low - room, high + room];
}

function segment(ctx, grid, from, to, across, up) {
    ctx.moveTo(across(grid[2 * from]), up(grid[2 * from + 1]));
    ctx.lineTo(across(grid[2 * to]), up(grid[2 * to + 1]));
}
