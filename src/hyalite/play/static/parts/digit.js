/** Draw a digit: what the network saw of it, what its layers made of that, what it takes it for. */

import { throttle, visible } from "../canvas.js";
import { el } from "../dom.js";
import { t, onLanguage } from "../i18n.js";
import { inTurn } from "../loop.js";
import { DrawingPad } from "./digit-pad.js";
import { layerPictures, picture28, probabilityBars } from "./digit-pictures.js";

const LIVE = 80; // milliseconds between two looks at what is drawn
const AGAIN = 500; // while it is trained

export function mount(element, store, api) {
    const pad = new DrawingPad({ label: "digit.pad", onchange: () => look() });
    const seen = picture28("digit.seen");
    const caption = el("figcaption", { class: "note" });
    const bars = probabilityBars();
    const layers = layerPictures();
    const said = el("p", { class: "digit-said", role: "status" });
    let index = 0; // of the test picture that is shown next
    let asked = false;
    let stale = false;
    let source = null; // "pad", or the place of a test picture
    element.append(
        el("h2", { t: "digit.title" }),
        el(
            "div",
            { class: "digit" },
            el(
                "div",
                { class: "digit-pad", data: { control: "digit.pad" } },
                pad.element,
                el(
                    "div",
                    { class: "buttons" },
                    el("button", { t: "digit.clear", onclick: () => pad.clear() }),
                    el("button", { t: "digit.test", onclick: nextPicture, data: { control: "digit.test" } }),
                ),
                el("p", { class: "note", t: "digit.keys" }),
            ),
            el("figure", {}, seen.element, caption),
            el("div", { class: "digit-answer" }, said, bars.element),
        ),
        layers.element,
    );

    async function ask() {
        if (asked) {
            stale = true;
            return;
        }
        asked = true;
        await inTurn(read);
        asked = false;
        if (stale) {
            stale = false;
            ask();
        }
    }

    async function read() {
        if (source === null) return; // other data came meanwhile
        try {
            show(await request());
        } catch (error) {
            if (!error.errors) throw error;
            said.textContent = error.message;
        }
    }

    const run = () => store.state.view.run ?? "a";

    async function request() {
        if (source === "pad") return api.post("/api/digit", { run: run(), ...pad.picture() });
        return api.post("/api/advance", { do: "nothing", want: { sample: { part: "test", index: source } } });
    }

    const look = throttle(() => {
        source = "pad";
        explain();
        if (element.hidden || pad.blank) forget();
        else ask();
    }, LIVE);

    function nextPicture() {
        pad.wipe();
        source = index;
        explain();
        index = (index + 1) % (store.description?.data.test ?? 1);
        ask();
    }

    const explain = () => {
        caption.textContent = t(Number.isInteger(source) ? "digit.seen_test" : "digit.seen");
    };

    function forget() {
        source = null;
        explain();
        for (const part of [seen, bars, layers]) part.clear();
        store.emit("sample", null);
        said.textContent = t("digit.invite", { names: store.description?.data.classes.join(", ") ?? "" });
    }

    function show({ header, arrays }) {
        const own = arrays[run()];
        const names = store.description.data.classes;
        // nobody waits for it any more, or it is about other data
        if (source === null || own?.probabilities?.length !== names.length) return;
        seen.set(own.seen);
        bars.set(Array.from(own.probabilities), names);
        layers.set(own);
        store.emit("sample", { header, arrays }); // the picture of the network shows it, too
        const best = own.probabilities.indexOf(Math.max(...own.probabilities));
        const truth = source !== "pad" ? store.points?.test?.y[source] : undefined;
        said.textContent = header.blank
            ? t("digit.blank")
            : t(truth === undefined ? "digit.said" : "digit.said_test", {
                  name: names[best],
                  truth: names[truth],
              });
    }

    store.on("description", ({ data }) => {
        element.hidden = data.shape !== "pictures";
        if (element.hidden) forget();
        else look(); // what is drawn is read by whatever network there is
    });
    store.on(
        "frame",
        throttle(() => source !== null && visible(element) && ask(), AGAIN),
    );
    onLanguage(() => (source === null ? forget() : explain()));
    element.hidden = store.description?.data.shape !== "pictures";
    forget();
}
