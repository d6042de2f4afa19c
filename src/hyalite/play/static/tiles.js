/** Each unit's own map: what it gives over the whole input plane, orange below 0, blue above. */

import { signed, signedPixels } from "./color.js";
import { fit } from "./canvas.js";

const LEVELS = 32;
/** Tables byte → pixel; level L shows the bytes at L/32 of their strength. */
let tables = [];
let tablesOf = null;

function table(level) {
    const pixels = signedPixels();
    if (tablesOf !== pixels) {
        tables = [];
        tablesOf = pixels;
    }
    tables[level] ??= Uint32Array.from({ length: 256 }, (_, byte) => {
        const value = (Math.max(1, byte) - 128) / 127;
        return pixels[Math.round(127.5 + (127.5 * value * level) / LEVELS)];
    });
    return tables[level];
}

/** Places of `size` pixels between the `count` ones of a map: the lower one and the share of the next. */
const ways = new Map();
function way(count, size) {
    const key = count * 4096 + size;
    if (!ways.has(key)) {
        const low = new Uint16Array(size);
        const share = new Uint16Array(size);
        for (let i = 0; i < size; i += 1) {
            const at = Math.max(0, Math.min(count - 1, ((i + 0.5) * count) / size - 0.5));
            low[i] = Math.min(count - 2, Math.floor(at));
            share[i] = Math.round(256 * (at - low[i]));
        }
        ways.set(key, { low, share });
    }
    return ways.get(key);
}

/** Maps as pixels of one sheet. Stretching them here costs a tenth of what `drawImage` takes without a GPU. */
export class MapSheet {
    /** A clear sheet of this size. */
    clear(width, height) {
        if (this.image?.width !== width || this.image?.height !== height) {
            this.image = new ImageData(width, height);
            this.pixels = new Uint32Array(this.image.data.buffer);
        } else this.pixels.fill(0);
    }

    /** Puts map `n`, `count` × `count` bytes 1 … 255 for −scale … scale, into a tile; full strength from 1 on. */
    put(bytes, n, count, scale, { x, y, side }) {
        const from = n * count * count;
        const colors = table(Math.round(LEVELS * Math.min(1, scale)));
        const { low, share } = way(count, side);
        const { pixels } = this;
        const { width } = this.image;
        const row = new Float32Array(count);
        for (let j = 0; j < side; j += 1) {
            const above = from + low[j] * count;
            const down = share[j] / 256;
            for (let i = 0; i < count; i += 1)
                row[i] = bytes[above + i] + down * (bytes[above + count + i] - bytes[above + i]);
            let to = (y + j) * width + x;
            for (let i = 0; i < side; i += 1, to += 1) {
                const at = low[i];
                pixels[to] = colors[(row[at] + (share[i] / 256) * (row[at + 1] - row[at]) + 0.5) | 0];
            }
        }
    }

    show(ctx) {
        ctx.putImageData(this.image, 0, 0);
    }
}

const FEATURES = {
    "x1^2": (a) => a * a,
    "x2^2": (a, b) => b * b,
    "x1*x2": (a, b) => a * b,
    "sin(x1)": (a) => Math.sin(a),
    "sin(x2)": (a, b) => Math.sin(b),
    x1: (a) => a,
    x2: (a, b) => b,
};
const AXES = [FEATURES.x1, FEATURES.x2];

/** Maps of the inputs themselves: the page knows their formulas. Columns of a table that are not
 * drawn are the same everywhere.
 */
export function inputMaps(names, { domain, axes, shape }, side) {
    const bytes = new Uint8Array(names.length * side * side);
    const [[low1, high1], [low2, high2]] = domain.length === 2 ? domain : [domain[0], domain[0]];
    names.forEach((name, k) => {
        const known = shape === "plane" ? FEATURES[name] : AXES[axes.indexOf(name)];
        const feature = known ?? (() => 0);
        const values = [];
        for (let row = 0; row < side; row += 1) {
            for (let column = 0; column < side; column += 1) {
                const a = low1 + ((column + 0.5) * (high1 - low1)) / side;
                const b = high2 - ((row + 0.5) * (high2 - low2)) / side;
                values.push(feature(a, b));
            }
        }
        const scale = Math.max(...values.map(Math.abs)) || 1;
        values.forEach((value, i) => {
            bytes[k * side * side + i] = 128 + Math.round((127 * value) / scale);
        });
    });
    return bytes;
}

/** A unit's output along the one input of a curve, as a line in its tile. */
export function drawCurveTile(ctx, bytes, at, count, { x, y, side }, stroke) {
    ctx.beginPath();
    for (let i = 0; i < count; i += 1) {
        const across = x + (side * (i + 0.5)) / count;
        const up = y + side / 2 - ((bytes[at + i] - 128) / 127) * side * 0.44;
        if (i === 0) ctx.moveTo(across, up);
        else ctx.lineTo(across, up);
    }
    ctx.strokeStyle = stroke;
    ctx.lineWidth = 1.25;
    ctx.stroke();
}

const small = document.createElement("canvas");

/** Bytes as pixels by a table, on a canvas of their own size, stretched without smoothing. */
function drawPixels(ctx, colors, bytes, at, width, height, { x, y, side }) {
    small.width = width;
    small.height = height;
    const image = small.getContext("2d").createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    for (let i = 0; i < width * height; i += 1) pixels[i] = colors[bytes[at + i]];
    small.getContext("2d").putImageData(image, 0, 0);
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(small, x, y, side, side);
    ctx.imageSmoothingEnabled = true;
}

const GREYS = Uint32Array.from({ length: 256 }, (_, byte) => (0xff000000 | (byte * 0x010101)) >>> 0);

/** A picture as it is, 0 black. */
export const drawGrey = (ctx, ...rest) => drawPixels(ctx, GREYS, ...rest);

/** A feature map, orange below 0, blue above. */
export const drawMap = (ctx, ...rest) => drawPixels(ctx, table(LEVELS), ...rest);

/** A bar with the colours of −1 … 1, for legends. */
export function drawScale(canvas) {
    const { ctx, width, height } = fit(canvas);
    for (let i = 0; i < width; i += 1) {
        ctx.fillStyle = signed((2 * i) / width - 1);
        ctx.fillRect(i, 0, 1.5, height);
    }
}
