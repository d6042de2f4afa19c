/** Weights as lines: width and colour are the value; the strongest ones where there are too many. */

import { signed } from "./color.js";

/** Lines between two layers that are drawn: more would only be a grey cloud. */
const MOST = 420;
const BANDS = 6;
const WIDEST = 4.5;

/** The size from which on weights are drawn: leaves at most MOST of them. */
function threshold(theta, offset, count) {
    if (count <= MOST) return 0;
    const bins = new Uint32Array(64);
    let top = 1e-12;
    for (let i = 0; i < count; i += 1) top = Math.max(top, Math.abs(theta[offset + i]));
    for (let i = 0; i < count; i += 1)
        bins[Math.min(63, Math.floor((64 * Math.abs(theta[offset + i])) / top))] += 1;
    let left = MOST;
    let bin = 63;
    while (bin >= 0 && bins[bin] <= left) left -= bins[bin--];
    return ((bin + 1) * top) / 64;
}

function curve(path, from, to) {
    const bend = (to.x - from.x) * 0.45;
    path.moveTo(from.x, from.y);
    path.bezierCurveTo(from.x + bend, from.y, to.x - bend, to.y, to.x, to.y);
}

const leaving = (tile) => ({ x: tile.x + tile.side, y: tile.y + tile.side / 2 });
const entering = (tile) => ({ x: tile.x, y: tile.y + tile.side / 2 });

/** The lines of one layer's weights W (inputs, units), seen as `theta` from `offset`. */
export function drawEdges(ctx, before, after, theta, offset, scale) {
    const inputs = before.count;
    const units = after.count;
    const count = inputs * units;
    const least = threshold(theta, offset, count);
    let top = 1;
    for (let i = 0; i < count; i += 1) {
        const size = Math.abs(theta[offset + i]);
        if (size > top) top = size;
    }
    const thin = Math.max(0.45, Math.min(1, 12 / Math.sqrt(Math.min(count, MOST))));
    const paths = Array.from({ length: 2 * BANDS }, () => null);
    for (let i = 0; i < before.shown; i += 1) {
        const from = leaving(before.tiles[i]);
        for (let j = 0; j < after.shown; j += 1) {
            const weight = theta[offset + i * units + j];
            const size = Math.abs(weight);
            if (size < least || !(size > top * 0.01)) continue;
            const band = Math.min(BANDS - 1, Math.floor((BANDS * size) / top)) + (weight < 0 ? 0 : BANDS);
            paths[band] ??= new Path2D();
            curve(paths[band], from, entering(after.tiles[j]));
        }
    }
    paths.forEach((path, band) => {
        if (path === null) return;
        const strength = ((band % BANDS) + 0.6) / BANDS;
        ctx.lineWidth = scale * (0.5 + WIDEST * thin * strength);
        ctx.strokeStyle = signed((band < BANDS ? -1 : 1) * (0.35 + 0.65 * strength));
        ctx.globalAlpha = 0.35 + 0.65 * strength;
        ctx.stroke(path);
    });
    ctx.globalAlpha = 1;
}

/** One weight's line on top of the others. */
export function drawEdge(ctx, before, after, i, j, color) {
    if (i >= before.shown || j >= after.shown) return;
    const path = new Path2D();
    curve(path, leaving(before.tiles[i]), entering(after.tiles[j]));
    ctx.lineWidth = 3;
    ctx.strokeStyle = color;
    ctx.setLineDash([6, 4]);
    ctx.stroke(path);
    ctx.setLineDash([]);
}

/** The weight whose line passes nearest to a place, within a finger's or pointer's reach. */
export function edgeAt(plan, x, y, theta, reach) {
    let best = null;
    for (let c = 1; c < plan.columns.length; c += 1) {
        const [before, after] = [plan.columns[c - 1], plan.columns[c]];
        if (after.offset === null || after.offset === undefined) continue;
        for (let i = 0; i < before.shown; i += 1) {
            const from = leaving(before.tiles[i]);
            for (let j = 0; j < after.shown; j += 1) {
                const to = entering(after.tiles[j]);
                const s = (x - from.x) / (to.x - from.x);
                if (s < 0.03 || s > 0.97) continue;
                const distance = Math.abs(y - height(from, to, s));
                const size = Math.abs(theta?.[after.offset + i * after.count + j] ?? 0);
                // of two lines under the pointer the stronger one is meant
                const badness = distance - Math.min(2, size);
                if (distance < reach && (best === null || badness < best.badness))
                    best = { column: after, i, j, badness };
            }
        }
    }
    return best;
}

/** The line's y where it is `s` of the way across. */
function height(from, to, s) {
    // x(u) = 3(1−u)²u·0.45 + 3(1−u)u²·0.55 + u³ of the way; three steps of Newton give u for s
    let u = s;
    for (let k = 0; k < 3; k += 1) {
        const x = 3 * (1 - u) ** 2 * u * 0.45 + 3 * (1 - u) * u * u * 0.55 + u ** 3;
        const slope = 1.35 * (1 - u) ** 2 + 6 * 0.1 * (1 - u) * u + 1.35 * u * u;
        u -= (x - s) / slope;
    }
    return from.y + (to.y - from.y) * (3 * (1 - u) * u * u + u ** 3);
}
