/** Weights as lines: width and colour are the value; the strongest ones where there are too many. */

import { cardParts, signedPixels } from "./color.js";

/** Lines between two layers that are drawn: more would only be a grey cloud. */
const MOST = 420;
const WIDEST = 4.5;
/** How far a line goes straight on before it bends, in shares of the way across. */
const BEND = 0.45;

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

const leaving = (tile) => ({ x: tile.x + tile.side, y: tile.y + tile.side / 2 });
const entering = (tile) => ({ x: tile.x, y: tile.y + tile.side / 2 });

/** The way up of a line's middle, 0 … 1, after `s` of the way across: a Bézier curve. */
function rise(s) {
    // x(u) = 3(1−u)²u·BEND + 3(1−u)u²·(1−BEND) + u³; three steps of Newton give u for s
    let u = s;
    for (let k = 0; k < 3; k += 1) {
        const x = 3 * (1 - u) ** 2 * u * BEND + 3 * (1 - u) * u * u * (1 - BEND) + u ** 3;
        const slope = 3 * BEND * (1 - u) ** 2 + 6 * (1 - 2 * BEND) * (1 - u) * u + 3 * BEND * u * u;
        u -= (x - s) / slope;
    }
    return u * u * (3 - 2 * u);
}

/** For each pixel across a gap: the share of the way up, and how steep that is. */
const profiles = new Map();
function profile(across) {
    if (!profiles.has(across)) {
        const up = Float32Array.from({ length: across }, (_, i) => rise((i + 0.5) / across));
        const steep = up.map((y, i) => (up[Math.min(i + 1, across - 1)] - up[Math.max(i - 1, 0)]) / 2);
        profiles.set(across, { up, steep });
    }
    return profiles.get(across);
}

/** A sheet of pixels on which lines are drawn. Hundreds of curves, each stroked by a canvas without
 * a GPU, take several times as long.
 */
export class LineSheet {
    /** A clear sheet of this size: of the card's colour, so that nothing has to shine through. */
    clear(width, height) {
        if (this.image?.width !== width || this.image?.height !== height) {
            this.image = new ImageData(width, height);
            this.pixels = new Uint32Array(this.image.data.buffer);
            this.bytes = new Uint8Array(this.image.data.buffer); // whole numbers: ImageData's own rounds
        }
        const [r, g, b] = cardParts();
        this.pixels.fill(((255 << 24) | (b << 16) | (g << 8) | r) >>> 0);
    }

    show(ctx) {
        ctx.putImageData(this.image, 0, 0);
    }

    /** A line from place to place, in pixels; `strength` 0 … 1 of its colour covers what lies below. */
    draw(from, to, thickness, color, strength) {
        const { bytes } = this;
        const { width, height } = this.image;
        const [r, g, b] = [color & 255, (color >> 8) & 255, (color >> 16) & 255];
        const [left, right] = [Math.round(from.x), Math.round(to.x)];
        if (right <= left) return;
        const { up, steep } = profile(right - left);
        const way = to.y - from.y;
        for (let i = 0; i < right - left; i += 1) {
            const middle = from.y + way * up[i];
            // as thick across the line, however steep it is
            const half = (thickness / 2) * Math.sqrt(1 + (way * steep[i]) ** 2);
            const [top, bottom] = [middle - half, middle + half];
            const last = Math.min(height - 1, Math.floor(bottom));
            for (let y = Math.max(0, Math.floor(top)); y <= last; y += 1) {
                const share = (256 * strength * (Math.min(y + 1, bottom) - Math.max(y, top))) | 0;
                const at = 4 * (y * width + left + i);
                bytes[at] += (share * (r - bytes[at])) >> 8;
                bytes[at + 1] += (share * (g - bytes[at + 1])) >> 8;
                bytes[at + 2] += (share * (b - bytes[at + 2])) >> 8;
            }
        }
    }
}

/** The lines of one layer's weights W (inputs, units), seen as `theta` from `offset`; weak ones first. */
export function drawEdges(sheet, before, after, theta, offset, scale, ratio) {
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
    const lines = [];
    for (let i = 0; i < before.shown; i += 1) {
        for (let j = 0; j < after.shown; j += 1) {
            const weight = theta[offset + i * units + j];
            const size = Math.abs(weight);
            if (size >= least && size > top * 0.01) lines.push({ i, j, weight, share: size / top });
        }
    }
    lines.sort((a, b) => a.share - b.share);
    const colors = signedPixels();
    for (const { i, j, weight, share } of lines) {
        const strength = 0.35 + 0.65 * share;
        const color = colors[Math.round(127.5 + 127.5 * (weight < 0 ? -strength : strength))];
        const [from, to] = [leaving(before.tiles[i]), entering(after.tiles[j])];
        sheet.draw(
            { x: from.x * ratio, y: from.y * ratio },
            { x: to.x * ratio, y: to.y * ratio },
            ratio * scale * (0.5 + WIDEST * thin * share),
            color,
            strength,
        );
    }
}

/** One weight's line on top of the others. */
export function drawEdge(ctx, before, after, i, j, color) {
    if (i >= before.shown || j >= after.shown) return;
    const [from, to] = [leaving(before.tiles[i]), entering(after.tiles[j])];
    const bend = (to.x - from.x) * BEND;
    const path = new Path2D();
    path.moveTo(from.x, from.y);
    path.bezierCurveTo(from.x + bend, from.y, to.x - bend, to.y, to.x, to.y);
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
                const distance = Math.abs(y - from.y - (to.y - from.y) * rise(s));
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
