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

/** A sheet of maps below each other: filled once a frame, drawn tile by tile. */
export class Atlas {
    constructor() {
        this.canvas = document.createElement("canvas");
        this.side = 0;
    }

    /** Values −scale … scale as bytes 1 … 255; scales above 1 show full strength, below less. */
    fill(bytes, scales, count, side) {
        if (this.canvas.width !== side || this.canvas.height !== side * count) {
            this.canvas.width = side;
            this.canvas.height = side * count;
            this.image = this.canvas.getContext("2d").createImageData(side, side * count);
            this.pixels = new Uint32Array(this.image.data.buffer);
        }
        this.side = side;
        const area = side * side;
        for (let k = 0; k < count; k += 1) {
            const colors = table(Math.round(LEVELS * Math.min(1, scales[k])));
            for (let i = k * area, end = i + area; i < end; i += 1) this.pixels[i] = colors[bytes[i]];
        }
        this.canvas.getContext("2d").putImageData(this.image, 0, 0);
    }

    draw(ctx, k, { x, y, side }) {
        ctx.drawImage(this.canvas, 0, k * this.side, this.side, this.side, x, y, side, side);
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

/** Maps of the inputs themselves: the page knows their formulas. */
export function inputMaps(names, domain, side) {
    const bytes = new Uint8Array(names.length * side * side);
    const [[low1, high1], [low2, high2]] = domain.length === 2 ? domain : [domain[0], domain[0]];
    names.forEach((name, k) => {
        const feature = FEATURES[name] ?? FEATURES.x1;
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
    return { bytes, scales: new Float32Array(names.length).fill(1) };
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
