/** Numbers as people read them: four digits, a true minus. */

const MINUS = "\u2212";

function signed(text) {
    return text.replace(/-/g, MINUS);
}

/** Four significant digits: 0.01234, 12.35, 1.2e−5. */
export function number(x) {
    if (x === null || x === undefined) return "–";
    if (Number.isNaN(x)) return "NaN";
    if (!Number.isFinite(x)) return x > 0 ? "∞" : `${MINUS}∞`;
    if (x === 0) return "0";
    const size = Math.abs(x);
    if (size < 1e-4 || size >= 1e6) return signed(x.toExponential(1));
    return signed(String(Number(x.toPrecision(4))));
}

/** Two significant digits, for axes. */
export function short(x) {
    if (x === 0) return "0";
    const size = Math.abs(x);
    const rounded = Number(x.toPrecision(2));
    if (size >= 1e-3 && size < 1e4) return signed(String(rounded));
    return signed(rounded.toExponential().replace("+", ""));
}

/** A fixed number of decimals, so that a changing number does not jump: 0.0123, 12.3. */
export function steady(x) {
    if (x === null || x === undefined) return "–";
    if (!Number.isFinite(x) || x === 0) return number(x); // 0 is not what is nearly 0
    const size = Math.abs(x);
    if (size >= 1e5 || (size > 0 && size < 1e-4)) return signed(x.toExponential(2));
    return signed(x.toFixed(size >= 1000 ? 1 : size >= 10 ? 2 : 4));
}

/** 0.1234 → 12.3 %. */
export function percent(x) {
    if (x === null || x === undefined) return "–";
    return Number.isFinite(x) ? `${(100 * x).toFixed(1)} %` : number(x);
}

/** 1234567 → 1,234,567. */
export function count(n) {
    return Number(n).toLocaleString("en-US");
}

const SUBSCRIPTS = {
    "x1^2": "x₁²",
    "x2^2": "x₂²",
    "x1*x2": "x₁x₂",
    x1: "x₁",
    x2: "x₂",
    "sin(x1)": "sin x₁",
    "sin(x2)": "sin x₂",
};

/** An input's name as people write it; a long one of a table is cut. */
export const prettyName = (name) => SUBSCRIPTS[name] ?? name.slice(0, 12);
