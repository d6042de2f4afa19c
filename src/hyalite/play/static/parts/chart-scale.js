/** From values to pixels, and which round values stand beside an axis. */

/** Values low..high to pixels start..end, evenly or by their logarithms. */
export function scale(low, high, start, end, logarithmic = false) {
    const turn = logarithmic ? Math.log10 : (value) => value;
    const [a, b] = [turn(low), turn(high)];
    const ratio = b > a ? (end - start) / (b - a) : 0;
    const place = (value) => start + (turn(value) - a) * ratio;
    place.back = (pixel) => {
        const value = ratio ? a + (pixel - start) / ratio : a;
        return logarithmic ? 10 ** value : value;
    };
    return place;
}

/** Some round values within low..high: steps of 1, 2 or 5 times a power of ten. */
export function ticks(low, high, wanted = 4) {
    if (!(high > low)) return [low];
    const rough = (high - low) / Math.max(1, wanted);
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((n) => n * power).find((size) => size >= rough * 0.999);
    const found = [];
    for (let n = Math.ceil(low / step - 1e-9); n * step <= high + step * 1e-9; n += 1) {
        found.push(n === 0 ? 0 : Number((n * step).toPrecision(12)));
    }
    return found;
}

/** Whole numbers only, for epochs. */
export const wholeTicks = (low, high, wanted = 4) => ticks(low, high, wanted).filter(Number.isInteger);

/** Powers of ten within low..high, thinned out; with 2 and 5 between where there are few. */
export function powerTicks(low, high, wanted = 4) {
    const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
    const between = last - first <= 2 ? [1, 2, 5] : [1];
    const skip = Math.max(1, Math.ceil((last - first) / Math.max(1, wanted)));
    const found = [];
    for (let power = first; power <= last; power += skip) {
        for (const factor of between) {
            const value = Number(`${factor}e${power}`);
            if (value >= low * 0.999 && value <= high * 1.001) found.push(value);
        }
    }
    return found;
}

/** The least and the largest finite value of some lists; [0, 1] where there is none. */
export function extent(lists, positive = false) {
    let [low, high] = [Infinity, -Infinity];
    for (const values of lists) {
        for (const value of values) {
            if (value === null || !Number.isFinite(value) || (positive && value <= 0)) continue;
            if (value < low) low = value;
            if (value > high) high = value;
        }
    }
    if (low > high) return positive ? [0.1, 1] : [0, 1];
    return [low, high];
}
