/** The figures of each epoch, collected from the frames; of very long runs every second one is kept. */

const MOST = 4000; // epochs kept for each run
const PREFIX = "history.";

export class Figures {
    constructor() {
        this.clear();
    }

    clear() {
        this.runs = { a: new Map([["epoch", []]]), b: new Map([["epoch", []]]) };
        this.last = { a: 0, b: 0 };
        /** Whether it went back since somebody asked for the figures anew. */
        this.behind = false;
    }

    /** The last epoch known of each run, from which a frame is to go on. */
    since() {
        return { ...this.last };
    }

    epochs(run) {
        return this.runs[run].get("epoch");
    }

    names() {
        return [...this.runs.a.keys()];
    }

    /** A figure of a run at the epochs of another run; null where it has none of that name. */
    along(axis, run, name) {
        const values = this.runs[run].get(name);
        if (!values) return null;
        if (axis === run) return values;
        const places = new Map(this.epochs(run).map((epoch, n) => [epoch, n]));
        return this.epochs(axis).map((epoch) => values[places.get(epoch)] ?? null);
    }

    /** Take what a frame has; whether anything changed. */
    take(frame) {
        let changed = false;
        for (const [run, state] of Object.entries(frame.header.runs)) {
            if (state.epoch < this.last[run]) {
                // reset, or a snapshot from before: asked for anew from the beginning
                this.cut(run, state.epoch);
                this.last[run] = 0;
                this.behind = changed = true;
                continue;
            }
            changed = this.append(run, frame.arrays[run]) || changed;
        }
        return changed;
    }

    /** Leaves the figures until an epoch. */
    cut(run, epoch) {
        const count = this.epochs(run).filter((known) => known <= epoch).length;
        for (const [name, column] of this.runs[run]) this.runs[run].set(name, column.slice(0, count));
    }

    append(run, arrays) {
        const given = arrays[`${PREFIX}epoch`];
        if (!given?.length) return false;
        if (this.last[run] === 0) this.runs[run] = new Map([["epoch", []]]);
        const table = this.runs[run];
        const from = given.findIndex((epoch) => epoch > this.last[run]);
        if (from < 0) return false;
        const before = table.get("epoch").length;
        for (const [key, values] of Object.entries(arrays)) {
            if (!key.startsWith(PREFIX)) continue;
            const name = key.slice(PREFIX.length);
            if (!table.has(name)) table.set(name, new Array(before).fill(null));
            const column = table.get(name);
            for (const value of values.subarray(from)) column.push(Number.isNaN(value) ? null : value);
        }
        this.last[run] = given.at(-1);
        if (table.get("epoch").length > MOST) {
            for (const [name, column] of table)
                table.set(
                    name,
                    column.filter((_, n) => n % 2 || n > MOST - 8),
                );
        }
        return true;
    }
}
