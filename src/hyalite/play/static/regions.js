/** What a run gives over the input plane or line, as pixels and as a curve. */

import { classPixels, currentTheme, onTheme, signedPixels } from "./color.js";

let tables = [];
onTheme(() => {
    tables = [];
});

/** How strongly a class is coloured: from hardly at 1/classes to clearly at 1. */
function classTable(i, classes, hard) {
    const key = `${i} ${classes} ${hard} ${currentTheme()}`;
    const found = tables.find((entry) => entry.key === key);
    if (found) return found.table;
    const colors = classPixels(i);
    const table = Uint32Array.from({ length: 256 }, (_, byte) => {
        const surety = Math.max(0, (byte / 255 - 1 / classes) / (1 - 1 / classes));
        return colors[Math.round(hard ? 150 : 18 + 150 * surety)];
    });
    tables.push({ key, table });
    return table;
}

/** A picture of one run's output, of as many pixels as it has; the browser stretches it. */
export class Regions {
    constructor(canvas) {
        this.canvas = canvas;
    }

    resize(side) {
        if (this.image?.width === side && this.canvas.width === side) return;
        this.canvas.width = side;
        this.canvas.height = side;
        this.image = new ImageData(side, side);
        this.pixels = new Uint32Array(this.image.data.buffer);
    }

    /** Shows nothing. */
    clear() {
        this.canvas.width = 1;
        this.canvas.height = 1;
    }

    /** Takes what a frame brings: classes with their probability, or a surface of numbers. */
    take({ region, surety, surface }, { classes, range, hard }) {
        const source = region ?? surface;
        if (!source) return;
        this.resize(source.shape[0]);
        if (region) {
            const colors = Array.from({ length: classes }, (_, i) => classTable(i, classes, hard));
            for (let i = 0; i < region.length; i += 1) this.pixels[i] = colors[region[i]][surety[i]];
        } else this.fillSurface(surface, range, hard);
        this.canvas.classList.toggle("hard", hard);
        this.canvas.getContext("2d").putImageData(this.image, 0, 0);
    }

    fillSurface(surface, range, hard) {
        const colors = signedPixels();
        const middle = range ? (range[0] + range[1]) / 2 : 0;
        const half = range ? (range[1] - range[0]) / 2 || 1 : 1;
        for (let i = 0; i < surface.length; i += 1) {
            let value = (surface[i] - middle) / half;
            if (hard) value = Math.sign(value) * 0.8;
            this.pixels[i] = colors[Math.max(0, Math.min(255, Math.round(127.5 + 127.5 * value)))];
        }
    }
}
