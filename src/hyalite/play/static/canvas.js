/** Canvas with the sharpness of the screen, and when drawing is worth it. */

const sizes = new WeakMap();
const shown = new WeakMap();
const appearing = new WeakMap();

const resizing = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
        sizes.set(target, { width: contentRect.width, height: contentRect.height });
    }
});

const watching = new IntersectionObserver(
    (entries) => {
        for (const { target, isIntersecting } of entries) {
            shown.set(target, isIntersecting);
            if (isIntersecting) appearing.get(target)?.();
        }
    },
    { rootMargin: "64px" },
);

/** Fits the canvas to its size on the page, in device pixels; the context counts in CSS pixels.
 *
 * @param {number} [sharpest] device pixels for one of CSS, at most
 */
export function fit(canvas, sharpest = 3) {
    if (!sizes.has(canvas)) {
        resizing.observe(canvas);
        sizes.set(canvas, { width: canvas.clientWidth, height: canvas.clientHeight });
    }
    const { width, height } = sizes.get(canvas);
    const ratio = Math.min(window.devicePixelRatio || 1, sharpest);
    const across = Math.max(1, Math.round(width * ratio));
    const down = Math.max(1, Math.round(height * ratio));
    if (canvas.width !== across || canvas.height !== down) {
        canvas.width = across;
        canvas.height = down;
    }
    const ctx = canvas.getContext("2d");
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    return { ctx, width, height, ratio };
}

/** Whether the element is on the screen or nearly so. */
export function visible(element) {
    if (!shown.has(element)) {
        shown.set(element, true);
        watching.observe(element);
    }
    return shown.get(element) && !document.hidden;
}

/** Calls `draw` whenever the element comes onto the screen. */
export function onAppear(element, draw) {
    appearing.set(element, draw);
    watching.observe(element);
}

/** Calls at once, then at most every `ms` milliseconds, the last call always included.
 *
 * What comes later comes with a frame of the screen, so that it takes no frame of its own.
 */
export function throttle(action, ms) {
    let last = -Infinity;
    let waiting = false;
    let latest = [];
    function run() {
        waiting = false;
        last = performance.now();
        action(...latest);
    }
    return (...values) => {
        latest = values;
        if (waiting) return;
        const wait = last + ms - performance.now();
        if (wait <= 0) run();
        else {
            waiting = true;
            setTimeout(() => requestAnimationFrame(run), wait);
        }
    };
}
