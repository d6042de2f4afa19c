/** Colours of values and classes, the same in every picture; read once for each theme.
 *
 * Orange is negative, blue positive; the two differ in lightness too, so the pictures also work
 * without seeing hue. Classes have a colour and a shape.
 */

const STEPS = 256;
const PAPER = { light: [244, 243, 239], dark: [34, 39, 46] };
const WARM = { light: [240, 145, 47], dark: [255, 174, 92] };
const BLUE = { light: [36, 99, 168], dark: [66, 139, 222] };
const CLASSES = {
    light: [
        [36, 99, 168],
        [240, 145, 47],
        [58, 161, 126],
        [194, 71, 139],
        [222, 184, 35],
        [111, 186, 230],
        [138, 90, 60],
        [112, 86, 184],
        [156, 173, 82],
        [95, 107, 122],
    ],
    dark: [
        [66, 139, 222],
        [255, 174, 92],
        [70, 180, 142],
        [218, 98, 162],
        [232, 200, 70],
        [140, 205, 242],
        [172, 122, 88],
        [146, 122, 220],
        [180, 196, 106],
        [140, 152, 168],
    ],
};

let theme = "light";
let named = {};
let family = "sans-serif";
let paperText = "";
let signedTable = new Uint32Array(STEPS);
let signedTexts = [];
const listeners = new Set();

const mix = (a, b, share) => a.map((value, i) => Math.round(value + (b[i] - value) * share));
const pack = ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
const css = ([r, g, b]) => `rgb(${r} ${g} ${b})`;

/** A value −1 … 1 as red, green, blue. */
function signedParts(value) {
    const end = value < 0 ? WARM[theme] : BLUE[theme];
    return mix(PAPER[theme], end, Math.min(1, Math.abs(value)));
}

/** Reads the theme's colours; called at the start and whenever the theme changes. */
export function refreshColors() {
    theme = document.documentElement.dataset.theme === "dark" ? "dark" : "light";
    const style = getComputedStyle(document.documentElement);
    named = {};
    for (const name of ["ink", "soft", "line", "card", "ground", "warn", "accent", "focus"]) {
        named[name] = style.getPropertyValue(`--${name}`).trim();
    }
    family = getComputedStyle(document.body).fontFamily;
    paperText = css(PAPER[theme]);
    signedTable = new Uint32Array(STEPS);
    signedTexts = [];
    for (let i = 0; i < STEPS; i += 1) {
        const parts = signedParts((2 * i) / (STEPS - 1) - 1);
        signedTable[i] = pack(parts);
        signedTexts.push(css(parts));
    }
    for (const draw of listeners) draw();
}

export const ink = () => named.ink;
export const soft = () => named.soft;
export const line = () => named.line;
export const card = () => named.card;
/** The card's colour as red, green, blue. */
export const cardParts = () => [1, 3, 5].map((at) => parseInt(named.card.slice(at, at + 2), 16));
export const ground = () => named.ground;
export const warn = () => named.warn;
export const focus = () => named.focus;
export const paper = () => paperText;
/** The page's fonts, for text on a canvas. */
export const font = (size) => `${size}px ${family}`;
export const currentTheme = () => theme;

/** Calls `draw` after every change of colours. */
export function onTheme(draw) {
    listeners.add(draw);
    return () => listeners.delete(draw);
}

/** 256 packed pixels for the values −1 … 1, for ImageData seen as a Uint32Array. */
export const signedPixels = () => signedTable;

/** The CSS colour of a value −1 … 1. */
export function signed(value) {
    const at = Math.round(((Math.max(-1, Math.min(1, value || 0)) + 1) / 2) * (STEPS - 1));
    return signedTexts[at];
}

/** The CSS colour of a class. */
export const classColor = (i) => css(CLASSES[theme][i % 10]);

/** Packed pixels of a class by probability: 256 steps from paper to its colour. */
export function classPixels(i) {
    const table = new Uint32Array(STEPS);
    for (let k = 0; k < STEPS; k += 1) {
        table[k] = pack(mix(PAPER[theme], CLASSES[theme][i % 10], k / (STEPS - 1)));
    }
    return table;
}

const corners = (ctx, x, y, r, sides, turn) => {
    for (let k = 0; k < sides; k += 1) {
        const angle = turn + (2 * Math.PI * k) / sides;
        ctx.lineTo(x + r * Math.cos(angle), y + r * Math.sin(angle));
    }
    ctx.closePath();
};
const SHAPES = [
    (ctx, x, y, r) => ctx.arc(x, y, r * 0.92, 0, 7),
    (ctx, x, y, r) => ctx.rect(x - r * 0.8, y - r * 0.8, r * 1.6, r * 1.6),
    (ctx, x, y, r) => corners(ctx, x, y, r * 1.2, 3, -Math.PI / 2),
    (ctx, x, y, r) => corners(ctx, x, y, r * 1.15, 4, 0),
    (ctx, x, y, r) => corners(ctx, x, y, r * 1.2, 3, Math.PI / 2),
    (ctx, x, y, r) => corners(ctx, x, y, r * 1.05, 5, -Math.PI / 2),
    (ctx, x, y, r) => corners(ctx, x, y, r * 1.05, 6, 0),
    (ctx, x, y, r) => ctx.rect(x - r * 1.1, y - r * 0.5, r * 2.2, r),
    (ctx, x, y, r) => ctx.rect(x - r * 0.5, y - r * 1.1, r, r * 2.2),
    (ctx, x, y, r) => corners(ctx, x, y, r * 1.2, 3, 0),
];

/** Adds the outline of a class's shape to the path; the caller fills or strokes. */
export function classShape(ctx, i, x, y, r) {
    ctx.beginPath();
    SHAPES[i % 10](ctx, x, y, r);
}
