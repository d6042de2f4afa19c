/** The sheet on which a digit is drawn: with the mouse, a pen, a finger, or the arrow keys. */

import { el } from "../dom.js";

const SIDE = 140; // pixels of the picture that is sent
const PEN = 0.075; // width of the stroke, in sides
const STEP = 0.04; // of an arrow key
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class DrawingPad {
    constructor({ label, onchange }) {
        this.onchange = onchange;
        this.blank = true;
        this.last = null; // where the stroke is, in 0..1
        this.cursor = [0.5, 0.5]; // of the keyboard
        this.down = false;
        this.canvas = el("canvas", {
            class: "pad",
            width: SIDE,
            height: SIDE,
            tabindex: 0,
            role: "application",
            tLabel: label,
        });
        this.ctx = this.canvas.getContext("2d", { willReadFrequently: true });
        this.marker = el("span", { class: "pad-pen", hidden: true, "aria-hidden": "true" });
        this.element = el("div", { class: "pad-box" }, this.canvas, this.marker);
        this.canvas.addEventListener("pointerdown", (event) => this.begin(event));
        this.canvas.addEventListener("pointermove", (event) => this.move(event));
        for (const end of ["pointerup", "pointercancel"])
            this.canvas.addEventListener(end, () => {
                this.last = null;
            });
        this.canvas.addEventListener("keydown", (event) => this.key(event));
        this.canvas.addEventListener("blur", () => {
            this.marker.hidden = true;
        });
        this.wipe();
    }

    place(event) {
        const box = this.canvas.getBoundingClientRect();
        return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    }

    begin(event) {
        if (event.button) return;
        this.canvas.setPointerCapture(event.pointerId);
        this.last = null;
        this.stroke(this.place(event));
    }

    move(event) {
        if (this.last === null || !event.buttons) return;
        // all places since the last event, so that quick strokes are round
        for (const each of event.getCoalescedEvents?.() ?? [event]) this.stroke(this.place(each));
    }

    stroke(to) {
        const from = this.last ?? to;
        this.ctx.beginPath();
        this.ctx.moveTo(from[0] * SIDE, from[1] * SIDE);
        this.ctx.lineTo(to[0] * SIDE + 0.01, to[1] * SIDE);
        this.ctx.stroke();
        this.last = to;
        this.blank = false;
        this.onchange();
    }

    /** Arrow keys move the pen; the space bar sets it down and lifts it; Delete clears. */
    key(event) {
        const [dx, dy] = ARROWS[event.key] ?? [0, 0];
        if (dx || dy) {
            this.cursor = this.cursor.map((value, n) =>
                Math.min(0.97, Math.max(0.03, value + STEP * [dx, dy][n])),
            );
            if (this.down) this.stroke(this.cursor);
        } else if (event.key === " ") {
            this.down = !this.down;
            this.last = null;
            if (this.down) this.stroke(this.cursor);
        } else if (event.key === "Delete" || event.key === "Backspace") {
            this.clear();
        } else {
            return;
        }
        event.preventDefault();
        event.stopPropagation();
        this.marker.hidden = false;
        this.marker.classList.toggle("down", this.down);
        this.marker.style.setProperty("--x", this.cursor[0]);
        this.marker.style.setProperty("--y", this.cursor[1]);
    }

    clear() {
        this.wipe();
        this.onchange();
    }

    /** A clean sheet, of which nobody is told. */
    wipe() {
        Object.assign(this, { blank: true, last: null, down: false });
        this.ctx.fillStyle = "#000";
        this.ctx.fillRect(0, 0, SIDE, SIDE);
        Object.assign(this.ctx, {
            strokeStyle: "#fff",
            lineWidth: PEN * SIDE,
            lineCap: "round",
            lineJoin: "round",
        });
    }

    /** Its gray values, light on dark, as the server takes them. */
    picture() {
        const { data } = this.ctx.getImageData(0, 0, SIDE, SIDE);
        let text = "";
        for (let n = 0; n < data.length; n += 4) text += String.fromCharCode(data[n]);
        return { width: SIDE, height: SIDE, gray: btoa(text) };
    }
}
