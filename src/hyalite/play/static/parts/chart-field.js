/** The gradient of the output over the plane: at each point an arrow to where it rises fastest. */

import { soft } from "../color.js";
import { el } from "../dom.js";
import { number, short } from "../format.js";
import { onLanguage, t } from "../i18n.js";
import { leftOf, paintAxes } from "./chart-lines.js";
import { scale, ticks } from "./chart-scale.js";
import { surface } from "./chart-surface.js";

const MARGIN = { right: 8, top: 8, bottom: 20 };
const LONGEST = 1.1; // arrow, in gaps between them

/**
 * @typedef {object} Field
 * @property {[[number, number], [number, number]]} domain of the two inputs
 * @property {number} side arrows a side
 * @property {Float32Array} slopes (side, side, 2) by the first and the second input; the top row first
 */

/** A picture, and a function that shows another field, or null. */
export function arrowField() {
    let field = null;
    const canvas = el("canvas", { class: "field-canvas", role: "img" });
    const text = el("p", { class: "note" });
    const element = el("div", { class: "field-picture" }, canvas, text);
    const draw = surface(canvas, (ctx, width, height) => field && paint(ctx, canvas, width, height, field));

    function tell() {
        const said = field ? t("charts.field_said", { steepest: number(steepest(field.slopes)) }) : "";
        text.textContent = said;
        canvas.setAttribute("aria-label", `${t("charts.field")}: ${said}`);
    }
    onLanguage(tell);
    return {
        element,
        set(now) {
            field = now;
            tell();
            draw();
        },
    };
}

function steepest(slopes) {
    let most = 0;
    for (let n = 0; n < slopes.length; n += 2)
        most = Math.max(most, Math.hypot(slopes[n], slopes[n + 1]) || 0);
    return most;
}

function paint(ctx, canvas, width, height, { domain: [[x0, x1], [y0, y1]], side, slopes }) {
    const rows = ticks(y0, y1, 4);
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
        ticks(x0, x1, 4).map((x) => [across(x), short(x)]),
    );
    const [gapX, gapY] = [(box.right - box.left) / side, (box.bottom - box.top) / side];
    const gap = Math.min(gapX, gapY);
    const longest = steepest(slopes);
    ctx.strokeStyle = soft();
    ctx.fillStyle = soft();
    ctx.lineWidth = 1.25;
    for (let n = 0; n < side * side; n += 1) {
        const [dx, dy] = [slopes[2 * n], -slopes[2 * n + 1]];
        const size = Math.hypot(dx, dy);
        if (!Number.isFinite(size)) continue;
        // the root of the slope: what is gentle is still seen to point somewhere
        const length = size ? LONGEST * gap * Math.sqrt(size / longest) : 0;
        const [x, y] = [box.left + gapX * ((n % side) + 0.5), box.top + gapY * (Math.floor(n / side) + 0.5)];
        paintArrow(ctx, x, y, size ? dx / size : 0, size ? dy / size : 0, length);
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
