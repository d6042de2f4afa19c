/** The page measures itself: frames a second, and how long a click takes. Key F, or `?meter`. */

import { store } from "./store.js";

const KEPT = 240;

/** Times of the last frames, in ms. */
export const measured = { drawn: [], server: [], waits: [], clicks: [] };

function keep(list, value) {
    list.push(value);
    if (list.length > KEPT) list.shift();
}

const mean = (list) => list.reduce((sum, value) => sum + value, 0) / (list.length || 1);

/** Frames a second over the last ones. */
export function rate() {
    const { drawn } = measured;
    if (drawn.length < 2) return 0;
    return (1000 * (drawn.length - 1)) / (drawn.at(-1) - drawn[0]);
}

function summary() {
    const worst = measured.clicks.length ? Math.max(...measured.clicks.slice(-20)).toFixed(0) : "–";
    return `${rate().toFixed(1)} fps · picture ${mean(measured.server).toFixed(1)} ms · answer ${mean(measured.waits).toFixed(1)} ms · click ≤ ${worst} ms`;
}

export function mountMeter(element) {
    let clicked = null;
    let paused = true;
    store.on("frame", (frame) => {
        const now = performance.now();
        if (paused) measured.drawn.length = 0;
        paused = !store.state.run.playing;
        keep(measured.drawn, now);
        keep(measured.server, frame.header.time?.picture_ms ?? 0);
        keep(measured.waits, frame.answered - frame.asked);
        if (clicked !== null && frame.asked >= clicked) {
            keep(measured.clicks, now - clicked);
            clicked = null;
        }
    });
    // only clicks that ask the server for something end with a frame
    addEventListener(
        "click",
        (event) => {
            if (event.target.closest("#time button")) clicked = event.timeStamp;
        },
        true,
    );
    setInterval(() => {
        if (!element.hidden) element.textContent = summary();
    }, 250);
    element.hidden = !new URLSearchParams(location.search).has("meter");
    window.hyaliteMeter = { measured, rate };
}

export function toggleMeter() {
    const element = document.getElementById("meter");
    element.hidden = !element.hidden;
}
