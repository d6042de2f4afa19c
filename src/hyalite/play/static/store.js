/** The one state of the page: three slices that change by whole values, and events beside them.
 *
 * `settings` is what is trained, `view` how it is shown (both stand in the link), `run` what happens
 * now. Who wants to know of a change watches a slice; nobody writes into one in place.
 */

const state = { settings: {}, view: {}, run: {} };
const defaults = { settings: {}, view: {}, run: {} };
const watchers = { settings: new Set(), view: new Set(), run: new Set() };
const listeners = new Map();
/** The slices that changed in this turn of the event loop, as they were before. */
let before = {};

/** Tells the watchers once, however many changes one turn made. */
function tell() {
    const old = before;
    before = {};
    for (const [slice, past] of Object.entries(old)) {
        for (const watcher of watchers[slice]) watcher(state[slice], past);
    }
}

function put(slice, value) {
    if (Object.keys(before).length === 0) queueMicrotask(tell);
    if (!(slice in before)) before[slice] = state[slice];
    state[slice] = value;
}

export const store = {
    state,
    defaults,
    catalog: null,
    frame: null,

    /** Sets the defaults and, as long as nothing watches, the state. */
    start(values) {
        Object.assign(defaults, structuredClone(values));
        Object.assign(state, structuredClone(values));
    },

    /** Merges fields into a slice: an object, or a function from the slice to one. */
    change(slice, fields) {
        const now = state[slice];
        const merged = typeof fields === "function" ? fields(now) : fields;
        const differs = Object.entries(merged).some(([name, value]) => now[name] !== value);
        if (differs) put(slice, { ...now, ...merged });
    },

    /** A whole slice, with no field of the old one. */
    set: put,

    /** A whole new state, as a link or a preset gives it; what is missing takes its default. */
    replace({ settings = {}, view = {} }) {
        this.emit("replace");
        put("settings", { ...structuredClone(defaults.settings), ...settings });
        put("view", { ...structuredClone(defaults.view), ...view });
    },

    watch(slice, watcher) {
        watchers[slice].add(watcher);
        return () => watchers[slice].delete(watcher);
    },

    on(name, listener) {
        if (!listeners.has(name)) listeners.set(name, new Set());
        listeners.get(name).add(listener);
        return () => listeners.get(name).delete(listener);
    },

    emit(name, value) {
        if (name === "frame") this.frame = value;
        for (const listener of listeners.get(name) ?? []) {
            try {
                listener(value);
            } catch (error) {
                reportError(error); // one part that fails does not stop the others
            }
        }
    },
};
