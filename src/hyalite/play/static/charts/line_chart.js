// Figures over the epochs: lines with a cursor that mouse, finger and arrow keys move.

import { short } from "./numbers.js";
import { extent, powerTicks, scale, ticks, wholeTicks } from "./scale.js";
import { Surface } from "./surface.js";

const MARGIN = { left: 46, right: 10, top: 8, bottom: 20 };
const PER_PIXEL = 2; // points; of more, the least and the largest of each pixel are drawn

/**
 * A line.
 *
 * @typedef {object} Series
 * @property {string} name shown in the legend
 * @property {"training"|"test"|"ink"|"accent"} colour of the style sheet
 * @property {boolean} [dashed] told apart without colours
 * @property {(number|null)[]} values one for each epoch; null where there is none
 */

export class LineChart {
  /**
   * @param {HTMLElement} host is filled
   * @param {object} options
   * @param {string} options.label what is shown, for a screen reader
   * @param {(key: string, values?: object) => string} options.t texts by key
   * @param {(epoch: number) => void} [options.onPick] an epoch was clicked, or chosen by Enter
   * @param {(value: number) => string} [options.format] of a value
   * @param {[number, number]} [options.range] of the values; else what they take
   */
  constructor(host, { label, t, onPick = () => {}, format = short, range = null }) {
    Object.assign(this, { t, onPick, format, range, label });
    this.series = [];
    this.epochs = [];
    this.cursor = null;
    this.logarithmic = false;
    this.canvas = document.createElement("canvas");
    this.canvas.className = "line-chart-canvas";
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "slider");
    this.canvas.setAttribute("aria-label", label);
    this.canvas.setAttribute("aria-valuemin", "0");
    this.legend = document.createElement("div");
    this.legend.className = "line-chart-legend";
    host.classList.add("line-chart");
    host.replaceChildren(this.canvas, this.legend);
    this.surface = new Surface(this.canvas, (...drawn) => this.draw(...drawn));
    this.canvas.addEventListener("pointermove", (event) => this.point(event));
    this.canvas.addEventListener("pointerdown", (event) => this.point(event));
    this.canvas.addEventListener("pointerleave", () => this.moveTo(null));
    this.canvas.addEventListener("blur", () => this.moveTo(null));
    this.canvas.addEventListener("click", () => this.pick());
    this.canvas.addEventListener("keydown", (event) => this.key(event));
  }

  /** Show these lines; epochs has the number of each entry of their values. */
  set(epochs, series, { logarithmic = this.logarithmic } = {}) {
    Object.assign(this, { epochs, series, logarithmic });
    if (this.cursor !== null && this.cursor >= epochs.length) this.cursor = null;
    this.canvas.setAttribute("aria-valuemax", String(Math.max(0, epochs.length - 1)));
    this.tell();
    this.surface.ask();
  }

  moveTo(place) {
    if (place === this.cursor) return;
    this.cursor = place;
    this.tell();
    this.surface.ask();
  }

  point(event) {
    if (!this.across || !this.epochs.length) return;
    const epoch = this.across.back(event.offsetX);
    this.moveTo(nearest(this.epochs, epoch));
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
      ArrowLeft: from - 1, ArrowDown: from - 1, ArrowRight: from + 1, ArrowUp: from + 1,
      PageDown: from - page, PageUp: from + page, Home: 0, End: last,
    };
    if (event.key in steps) {
      this.moveTo(Math.min(last, Math.max(0, steps[event.key])));
    } else if (event.key === "Enter") {
      this.pick();
    } else {
      return;
    }
    event.preventDefault();
  }

  /** The legend: each line's name and its value at the cursor, else its last one. */
  tell() {
    const place = this.cursor ?? this.epochs.length - 1;
    const epoch = place >= 0 ? this.t("chart.epoch", { epoch: this.epochs[place] }) : "";
    const said = [epoch];
    const parts = this.series.map(({ name, colour, dashed, values }) => {
      const part = document.createElement("span");
      part.className = "line-chart-name";
      part.dataset.colour = colour;
      part.classList.toggle("dashed", Boolean(dashed));
      const value = place >= 0 ? this.format(values[place]) : "–";
      const number = document.createElement("b");
      number.textContent = value;
      part.append(`${name} `, number);
      said.push(`${name} ${value}`);
      return part;
    });
    const where = document.createElement("span");
    where.className = "line-chart-epoch";
    where.textContent = epoch;
    this.legend.replaceChildren(...parts, where);
    this.canvas.setAttribute("aria-valuenow", String(Math.max(0, place)));
    this.canvas.setAttribute("aria-valuetext", said.filter(Boolean).join("; "));
  }

  draw(context, width, height, colours) {
    const lists = this.series.map(({ values }) => values);
    const logarithmic = this.logarithmic && lists.some((values) => values.some((value) => value > 0));
    let [low, high] = this.range ?? extent(lists, logarithmic);
    if (!this.range && !logarithmic) {
      low = Math.min(0, low);
      if (high <= low) high = low + 1;
    } else if (logarithmic && high / low < 10) {
      [low, high] = [low / 2, high * 2];
    }
    const first = this.epochs[0] ?? 0;
    const last = Math.max(first + 1, this.epochs.at(-1) ?? 1);
    const across = scale(first, last, MARGIN.left, width - MARGIN.right);
    const up = scale(low, high, height - MARGIN.bottom, MARGIN.top, logarithmic);
    this.across = across;
    const box = { left: MARGIN.left, right: width - MARGIN.right, top: MARGIN.top, bottom: height - MARGIN.bottom };
    this.drawGrid(context, colours, box, across, up, [first, last], [low, high], logarithmic);
    context.save();
    context.beginPath();
    context.rect(box.left - 1, box.top - 2, box.right - box.left + 2, box.bottom - box.top + 4);
    context.clip();
    for (const { values, colour, dashed } of this.series) {
      context.strokeStyle = colours[colour];
      context.lineWidth = 1.75;
      context.lineJoin = "round";
      context.setLineDash(dashed ? [5, 3] : []);
      this.drawLine(context, values, across, up, logarithmic);
    }
    context.restore();
    context.setLineDash([]);
    if (this.cursor !== null) this.drawCursor(context, colours, box, across, up);
  }

  drawGrid(context, colours, box, across, up, [first, last], [low, high], logarithmic) {
    context.font = `11px ${colours.font}`;
    context.lineWidth = 1;
    context.strokeStyle = colours.line;
    context.fillStyle = colours.soft;
    context.textAlign = "right";
    context.textBaseline = "middle";
    const rows = Math.max(2, Math.floor((box.bottom - box.top) / 32));
    for (const value of logarithmic ? powerTicks(low, high, rows) : ticks(low, high, rows)) {
      const y = Math.round(up(value)) + 0.5;
      line(context, box.left, y, box.right, y);
      context.fillText(short(value, 3), box.left - 6, y);
    }
    context.textAlign = "center";
    context.textBaseline = "top";
    for (const epoch of wholeTicks(first, last, Math.max(2, Math.floor((box.right - box.left) / 64)))) {
      const x = Math.round(across(epoch)) + 0.5;
      line(context, x, box.bottom, x, box.bottom + 3);
      context.fillText(String(epoch), x, box.bottom + 5);
    }
  }

  drawLine(context, values, across, up, logarithmic) {
    const visible = (value) => value !== null && Number.isFinite(value) && (!logarithmic || value > 0);
    const pixels = across(this.epochs.at(-1) ?? 0) - across(this.epochs[0] ?? 0);
    const thinned = values.length > PER_PIXEL * Math.max(1, pixels);
    context.beginPath();
    let drawing = false;
    let column = null; // of a thinned line: its pixel, first, least, largest and last value
    const flush = () => {
      if (column === null) return;
      for (const value of [column.first, column.low, column.high, column.last]) {
        if (drawing) context.lineTo(column.x, up(value));
        else context.moveTo(column.x, up(value));
        drawing = true;
      }
      column = null;
    };
    values.forEach((value, n) => {
      if (!visible(value)) {
        flush();
        drawing = false;
        return;
      }
      const x = thinned ? Math.round(across(this.epochs[n])) : across(this.epochs[n]);
      if (thinned && column?.x === x) {
        column.low = Math.min(column.low, value);
        column.high = Math.max(column.high, value);
        column.last = value;
        return;
      }
      flush();
      column = { x, first: value, low: value, high: value, last: value };
      if (!thinned) flush();
    });
    flush();
    context.stroke();
  }

  drawCursor(context, colours, box, across, up) {
    const x = Math.round(across(this.epochs[this.cursor])) + 0.5;
    context.strokeStyle = colours.soft;
    context.lineWidth = 1;
    line(context, x, box.top, x, box.bottom);
    for (const { values, colour } of this.series) {
      const value = values[this.cursor];
      if (value === null || !Number.isFinite(value)) continue;
      const y = up(value);
      if (!(y >= box.top - 1 && y <= box.bottom + 1)) continue;
      context.fillStyle = colours[colour];
      context.strokeStyle = colours.ground;
      context.lineWidth = 1.5;
      context.beginPath();
      context.arc(x, y, 4, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    }
  }

  close() {
    this.surface.close();
  }
}

function line(context, ...ends) {
  context.beginPath();
  context.moveTo(ends[0], ends[1]);
  context.lineTo(ends[2], ends[3]);
  context.stroke();
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
