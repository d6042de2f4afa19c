/** What a screen reader says by itself: politely, at most one text in four seconds. */

const PAUSE = 4000;
let last = 0;
let timer = null;

/** Says the text soon; a later one within the pause takes its place. */
export function announce(text) {
    const region = document.getElementById("live");
    clearTimeout(timer);
    timer = setTimeout(
        () => {
            last = performance.now();
            region.textContent = text;
        },
        Math.max(0, last + PAUSE - performance.now()),
    );
}
