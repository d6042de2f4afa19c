/** What the next frames shall bring: each part says it here, the loop asks for all together. */

const wants = new Map();

/** Wants `value` under `key` of every frame, or every so many ms; `null` ends it.
 *
 * `value` may be a function that gives it. While `active` says no, nothing is asked.
 */
export function want(key, value, { every = 0, active = () => true } = {}) {
    if (value === null) wants.delete(key);
    else wants.set(key, { value, every, active, last: -Infinity });
}

/** What is due now; `all`: a complete frame, whatever was asked a moment ago. */
export function collect(now, all = false) {
    const due = {};
    for (const [key, entry] of wants) {
        if (!entry.active() || (!all && now - entry.last < entry.every)) continue;
        const value = typeof entry.value === "function" ? entry.value() : entry.value;
        if (value === null || value === undefined) continue;
        due[key] = value;
        entry.last = now;
    }
    return due;
}
