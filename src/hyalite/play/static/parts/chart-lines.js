/** Figures over the epochs: lines with a cursor that mouse, finger and arrow keys move. */

import { line as grid, soft } from "../color.js";
import { el } from "../dom.js";
import { number, short } from "../format.js";
import { t } from "../i18n.js";
import { extent, powerTicks, scale, ticks, wholeTicks } from "./chart-scale.js";
import { surface, variable } from "./chart-surface.js";

const MARGIN = { right: 10, top: 8, bottom: 20 };
const LEFT = 34; // at the least, so that the boxes of most charts begin at one place
const PER_PIXEL = 2; // points; of more, the least and the largest of each pixel are drawn

/**
 * @typedef {object} Series
 * @property {string} name shown in the legend
 * @property {string} color a variable of the style sheet: "--accent"
 * @property {boolean} [dashed] told apart without colours
 * @property {(number|null)[]} values one for each epoch; null where there is none
 */

export class LineChart {
    /**
     * @param {object} options
     * @param {string} options.label key of the text that says what is shown
     * @param {(epoch: number) => void} [options.onPick] an epoch was clicked, or chosen by Enter
     * @param {(value: number) => string} [options.format] of a value
     * @param {[number, number]} [options.range] of the values; else what they take
     */
    constructor({ label, onPick = () => {}, format = number, range = null }) {
        Object.assign(this, { onPick, format, range });
        this.series = [];
        this.epochs = [];
        this.cursor = null; // a place in both
        this.logarithmic = false;
        this.canvas = el("canvas", {
            class: "lines-canvas",
            tabindex: 0,
            role: "slider",
            tLabel: label,
            "aria-valuemin": 0,
        });
        this.legend = el("div", { class: "lines-legend" });
        this.element = el("div", { class: "lines" }, this.canvas, this.legend);
        this.draw = surface(this.canvas, (...drawn) => this.paint(...drawn));
        const point = (event) => this.point(event.offsetX);
        this.canvas.addEventListener("pointermove", point);
        this.canvas.addEventListener("pointerdown", point);
        this.canvas.addEventListener("pointerleave", () => this.moveTo(null));
        this.canvas.addEventListener("blur", () => this.moveTo(null));
        this.canvas.addEventListener("click", () => this.pick());
        this.canvas.addEventListener("keydown", (event) => this.key(event));
    }

    /** Show these lines; epochs has the number of each entry of their values. */
    set(epochs, series, logarithmic = this.logarithmic) {
        Object.assign(this, { epochs, series, logarithmic });
        if (this.cursor >= epochs.length) this.cursor = null;
        this.canvas.setAttribute("aria-valuemax", String(Math.max(0, epochs.at(-1) ?? 0)));
        this.tell();
        this.draw();
    }

    moveTo(place) {
        if (place === this.cursor) return;
        this.cursor = place;
        this.tell();
        this.draw();
    }

    point(pixel) {
        if (this.across && this.epochs.length) this.moveTo(nearest(this.epochs, this.across.back(pixel)));
    }

    pick() {
        if (this.cursor !== null) this.onPick(this.epochs[this.cursor]);
    }

    key(event) {
        const last = this.epochs.length - 1;
        if (last < 0) return;
        const from = this.cursor ?? last;
        const page = Math.max(1, Math.round(last / 10));
        const steps = {
            ArrowLeft: from - 1,
            ArrowDown: from - 1,
            ArrowRight: from + 1,
            ArrowUp: from + 1,
            PageDown: from - page,
            PageUp: from + page,
            Home: 0,
            End: last,
        };
        if (event.key === "Enter") this.pick();
        else if (event.key in steps) this.moveTo(Math.min(last, Math.max(0, steps[event.key])));
        else return;
        event.preventDefault();
        event.stopPropagation();
    }

    /** The legend: each line's name and its value at the cursor, else its last one. */
    tell() {
        const place = this.cursor ?? this.epochs.length - 1;
        const epoch = place >= 0 ? t("charts.epoch", { epoch: this.epochs[place] }) : "";
        const values = this.series.map((series) => (place >= 0 ? this.format(series.values[place]) : "–"));
        this.legend.replaceChildren(
            ...this.series.map(({ name, color, dashed }, n) => {
                const part = el(
                    "span",
                    { class: dashed ? "lines-name dashed" : "lines-name" },
                    name,
                    " ",
                    el("b", {}, values[n]),
                );
                part.style.setProperty("--color", `var(${color})`);
                return part;
            }),
            el("span", { class: "lines-epoch" }, epoch),
        );
        const said = this.series.map(({ name }, n) => `${name} ${values[n]}`);
        this.canvas.setAttribute("aria-valuenow", String(this.epochs[place] ?? 0));
        this.canvas.setAttribute("aria-valuetext", [epoch, ...said].filter(Boolean).join("; "));
    }

    paint(ctx, width, height) {
        const lists = this.series.map(({ values }) => values);
        const logarithmic = this.logarithmic && lists.some((values) => values.some((value) => value > 0));
        const [low, high] = this.range ?? values_range(lists, logarithmic);
        const rows = Math.max(2, Math.floor((height - MARGIN.top - MARGIN.bottom) / 32));
        const marks = (logarithmic ? powerTicks : ticks)(low, high, rows);
        const texts = marks.map(short);
        const first = this.epochs[0] ?? 0;
        const last = Math.max(first + 1, this.epochs.at(-1) ?? 1);
        const box = {
            left: leftOf(ctx, this.canvas, texts),
            right: width - MARGIN.right,
            top: MARGIN.top,
            bottom: height - MARGIN.bottom,
        };
        const across = scale(first, last, box.left, box.right);
        const up = scale(low, high, box.bottom, box.top, logarithmic);
        this.across = across;
        const columns = Math.max(2, Math.floor((box.right - box.left) / 64));
        paintAxes(
            ctx,
            this.canvas,
            box,
            marks.map((value, n) => [up(value), texts[n]]),
            wholeTicks(first, last, columns).map((epoch) => [across(epoch), String(epoch)]),
        );
        ctx.save();
        ctx.beginPath();
        ctx.rect(box.left - 1, box.top - 2, box.right - box.left + 2, box.bottom - box.top + 4);
        ctx.clip();
        for (const { values, color, dashed } of this.series) {
            ctx.strokeStyle = variable(this.canvas, color);
            ctx.lineWidth = 1.75;
            ctx.lineJoin = "round";
            ctx.setLineDash(dashed ? [5, 3] : []);
            this.paintLine(ctx, values, across, up, logarithmic);
        }
        ctx.restore();
        if (this.cursor !== null) this.paintCursor(ctx, box, across, up);
    }

    paintLine(ctx, values, across, up, logarithmic) {
        const shown = (value) => value !== null && Number.isFinite(value) && (!logarithmic || value > 0);
        const pixels = across(this.epochs.at(-1) ?? 0) - across(this.epochs[0] ?? 0);
        const thinned = values.length > PER_PIXEL * Math.max(1, pixels);
        let drawing = false;
        let column = null; // a pixel's first, least, largest and last value
        const flush = () => {
            for (const value of column?.values ?? []) {
                if (drawing) ctx.lineTo(column.x, up(value));
                else ctx.moveTo(column.x, up(value));
                drawing = true;
            }
            column = null;
        };
        ctx.beginPath();
        values.forEach((value, n) => {
            if (!shown(value)) {
                flush();
                drawing = false;
                return;
            }
            const x = thinned ? Math.round(across(this.epochs[n])) : across(this.epochs[n]);
            if (column?.x === x) {
                const [begin, low, high] = column.values;
                column.values = [begin, Math.min(low, value), Math.max(high, value), value];
                return;
            }
            flush();
            column = { x, values: thinned ? [value, value, value, value] : [value] };
        });
        flush();
        ctx.stroke();
    }

    paintCursor(ctx, box, across, up) {
        const x = Math.round(across(this.epochs[this.cursor])) + 0.5;
        ctx.strokeStyle = soft();
        ctx.lineWidth = 1;
        stroke(ctx, x, box.top, x, box.bottom);
        for (const { values, color } of this.series) {
            const y = up(values[this.cursor]);
            if (values[this.cursor] === null || !(y >= box.top - 1 && y <= box.bottom + 1)) continue;
            ctx.fillStyle = variable(this.canvas, color);
            ctx.beginPath();
            ctx.arc(x, y, 4, 0, 2 * Math.PI);
            ctx.fill();
        }
    }
}

function values_range(lists, logarithmic) {
    const [low, high] = extent(lists, logarithmic);
    if (logarithmic) return high / low < 10 ? [low / 2, high * 2] : [low, high];
    return [Math.min(0, low), high > Math.min(0, low) ? high : low + 1];
}

function axisFont(ctx, element) {
    const size = parseFloat(getComputedStyle(document.documentElement).fontSize);
    ctx.font = `${Math.round(0.7 * size)}px ${getComputedStyle(element).fontFamily}`;
}

/** Where a box begins so that these numbers have room on its left. */
export function leftOf(ctx, element, texts) {
    axisFont(ctx, element);
    return Math.max(LEFT, ...texts.map((text) => Math.ceil(ctx.measureText(text).width) + 8));
}

/** Lines and numbers beside a box: pairs of a pixel and a text. */
export function paintAxes(ctx, element, box, rows, columns) {
    axisFont(ctx, element);
    ctx.lineWidth = 1;
    ctx.strokeStyle = grid();
    ctx.fillStyle = soft();
    ctx.textAlign = "right";
    ctx.textBaseline = "middle";
    for (const [pixel, text] of rows) {
        const y = Math.round(pixel) + 0.5;
        stroke(ctx, box.left, y, box.right, y);
        ctx.fillText(text, box.left - 6, y);
    }
    ctx.textAlign = "center";
    ctx.textBaseline = "top";
    for (const [pixel, text] of columns) {
        const x = Math.round(pixel) + 0.5;
        stroke(ctx, x, box.bottom, x, box.bottom + 3);
        ctx.fillText(text, Math.min(x, box.right + 8 - ctx.measureText(text).width / 2), box.bottom + 7);
    }
}

export function stroke(ctx, x0, y0, x1, y1) {
    ctx.beginPath();
    ctx.moveTo(x0, y0);
    ctx.lineTo(x1, y1);
    ctx.stroke();
}

/** The place of the entry of an ascending list that is nearest to a value. */
export function nearest(ascending, value) {
    let [low, high] = [0, ascending.length - 1];
    while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (ascending[middle] < value) low = middle;
        else high = middle;
    }
    return value - ascending[low] <= ascending[high] - value ? low : high;
}
