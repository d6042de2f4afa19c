/** The state as an address and back: only what differs from the defaults, written in Rison.
 *
 * Rison is JSON that stays readable in an address: `(data:(kind:spiral),layers:!((units:8)))`.
 * https://github.com/Nanonid/rison
 */

const WORD = /^[A-Za-z_$][\w.$*^/]*$/;
const WORDS = { t: true, f: false, n: null };

/** A value as Rison. */
export function encode(value) {
    if (value === null || value === undefined) return "!n";
    if (value === true) return "!t";
    if (value === false) return "!f";
    if (typeof value === "number") return String(value).replace("e+", "e");
    if (typeof value === "string") {
        if (WORD.test(value)) return value;
        return `'${encodeURIComponent(value).replace(/!/g, "!!").replace(/'/g, "!'")}'`;
    }
    if (Array.isArray(value)) return `!(${value.map(encode).join(",")})`;
    return `(${Object.entries(value)
        .map(([name, item]) => `${encode(name)}:${encode(item)}`)
        .join(",")})`;
}

/** A value from Rison. SyntaxError where it is none. */
export function parse(text) {
    let at = 0;
    const fail = () => {
        throw new SyntaxError(`no Rison at place ${at}: ${text.slice(at, at + 12)}`);
    };
    const take = (sign) => (text[at] === sign ? (at += 1) : fail());

    function list(end, item) {
        while (text[at] !== end) {
            item();
            if (text[at] === ",") at += 1;
            else if (text[at] !== end) fail();
        }
        at += 1;
    }

    function quoted() {
        let body = "";
        while (text[at] !== "'") {
            if (at >= text.length) fail();
            if (text[at] === "!") at += 1;
            body += text[at];
            at += 1;
        }
        at += 1;
        return decodeURIComponent(body);
    }

    function value() {
        const sign = text[at];
        if (sign === "(") {
            at += 1;
            const entries = [];
            list(")", () => {
                const name = String(value());
                take(":");
                entries.push([name, value()]);
            });
            return Object.fromEntries(entries);
        }
        if (sign === "'") {
            at += 1;
            return quoted();
        }
        if (sign === "!") {
            at += 2;
            if (text[at - 1] in WORDS) return WORDS[text[at - 1]];
            if (text[at - 1] !== "(") fail();
            const items = [];
            list(")", () => items.push(value()));
            return items;
        }
        const [word] = /^[^(),:'!&]+/.exec(text.slice(at)) ?? fail();
        at += word.length;
        const number = Number(word);
        return Number.isFinite(number) ? number : word;
    }

    const result = value();
    return at === text.length ? result : fail();
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** Whether two values are the same as JSON. */
export const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** The fields that differ from the defaults; data of another kind are given whole. */
export function difference(value, base) {
    const out = {};
    for (const [name, item] of Object.entries(value)) {
        if (same(item, base?.[name])) continue;
        const whole =
            !isObject(item) || !isObject(base?.[name]) || name !== "data" || item.kind !== base.data.kind;
        out[name] = whole ? item : difference(item, base[name]);
        if (!whole) out[name].kind = item.kind;
    }
    return out;
}

/** The fragment for a state, without its mark. Empty for the defaults. */
export function fragment({ settings, view }, defaults) {
    const parts = [];
    const trained = difference(settings, defaults.settings);
    const shown = difference(view, defaults.view);
    if (Object.keys(trained).length) parts.push(`s=${encode(trained)}`);
    if (Object.keys(shown).length) parts.push(`v=${encode(shown)}`);
    return parts.join("&");
}

/** The complete address of a state. */
export function linkOf(state, defaults) {
    const address = `${location.origin}${location.pathname}`;
    const rest = fragment(state, defaults);
    return rest ? `${address}#${rest}` : address;
}

/** What a fragment says: `{ key, preset, settings, view }`; SyntaxError where it is spoiled. */
export function readFragment(hash) {
    const found = {};
    for (const part of hash.replace(/^#/, "").split("&")) {
        const [name, ...rest] = part.split("=");
        const text = rest.join("=");
        if (name === "key" || name === "preset") found[name] = decodeURIComponent(text);
        if (name === "s") found.settings = parse(restored(text));
        if (name === "v") found.view = parse(restored(text));
    }
    if ([found.settings, found.view].some((value) => value !== undefined && !isObject(value))) {
        throw new SyntaxError("s and v are objects");
    }
    return found;
}

/** Browsers and mail programs escape some of Rison's own signs; texts in quotes stay as they are. */
function restored(text) {
    return text.replace(/%(28|29|21|27|2C|3A|2A|5E|24)/gi, (sign) => decodeURIComponent(sign));
}
