/** Starts the page: right to speak to the server, catalogue, state, parts, first frame. */

import { api, helpTabs } from "./api.js";
import { mountBar } from "./bar.js";
import { refreshColors } from "./color.js";
import { mountCompare } from "./compare.js";
import { el } from "./dom.js";
import { place, preferredLanguage, setLanguage, t } from "./i18n.js";
import { mountInspector } from "./inspector.js";
import { mountKeyboard } from "./keyboard.js";
import { fragment, readFragment } from "./link.js";
import { act, idle, startLoop } from "./loop.js";
import { mountMessage } from "./message.js";
import { mountMeter } from "./meter.js";
import { mountNetwork } from "./network.js";
import { mountOutput } from "./output.js";
import { PARTS } from "./parts.js";
import { mountScrubber } from "./scrubber.js";
import { store } from "./store.js";
import { mountTable } from "./table.js";
import { mountTeacher } from "./teacher.js";
import { mountTime } from "./time.js";
import { mountTraining } from "./training.js";
import { RUN, VIEW } from "./view.js";

const DARK = matchMedia("(prefers-color-scheme: dark)");
const SHELL = {
    time: mountTime,
    "page-tools": mountBar,
    message: mountMessage,
    training: mountTraining,
    network: mountNetwork,
    output: mountOutput,
    scrubber: mountScrubber,
    inspector: mountInspector,
    table: mountTable,
    meter: mountMeter,
};

function dress({ theme, language, wall }) {
    const root = document.documentElement;
    const chosen = theme === "auto" ? (DARK.matches ? "dark" : "light") : theme;
    if (root.dataset.theme !== chosen) {
        root.dataset.theme = chosen;
        refreshColors();
    }
    root.classList.toggle("wall", wall);
    const wanted = language === "auto" ? preferredLanguage() : language;
    if (root.dataset.language !== wanted) {
        root.dataset.language = wanted;
        setLanguage(wanted);
    }
}

/** What the address asks for; a spoiled link says so and shows the defaults. */
async function wished() {
    try {
        const { key, preset, settings, view } = readFragment(location.hash);
        return { key, preset, settings, view };
    } catch {
        return { key: new URLSearchParams(location.hash.slice(1)).get("key"), spoiled: true };
    }
}

async function adopt({ preset, settings, view, spoiled }) {
    const { language, theme } = store.state.view;
    if (preset) {
        const { presets } = await api.get("/api/presets");
        const found = presets.find((candidate) => candidate.name === preset);
        if (found)
            store.replace({ settings: found.settings, view: { language, theme, ...found.view, preset } });
        else store.change("run", { message: t("page.no-preset", { name: preset }) });
    } else if (settings || view) store.replace({ settings, view });
    if (spoiled) store.change("run", { message: t("page.spoiled") });
}

/** Writes the state into the address, without a step in the browser's history. */
function keepAddress() {
    const rest = fragment(store.state, store.defaults);
    const address = `${location.pathname}${rest ? `#${rest}` : ""}`;
    if (`${location.pathname}${location.hash}` !== address) history.replaceState(null, "", address);
}

async function start() {
    dress(VIEW);
    const skip = document.getElementById("skip");
    place(skip, "text", "page.skip");
    skip.addEventListener("click", () => document.querySelector("#network .stage")?.focus());
    const wish = await wished();
    history.replaceState(
        null,
        "",
        location.pathname + location.hash.replace(/#key=[^&]*&?/, "#").replace(/#$/, ""),
    );
    if (!(await api.enter(wish.key))) {
        document.getElementById("main").replaceChildren(el("p", { class: "locked", t: "page.locked" }));
        return;
    }
    store.catalog = await api.get("/api/catalog");
    store.start({ settings: store.catalog.defaults, view: VIEW, run: RUN });
    await adopt(wish);
    dress(store.state.view);
    store.watch("view", dress);
    DARK.addEventListener("change", () => dress(store.state.view));
    const loop = startLoop();
    await null; // its first request goes out, and is answered while the parts are built
    for (const [id, mount] of Object.entries({ ...SHELL, ...PARTS })) {
        mount(document.getElementById(id), store, api);
    }
    document.getElementById("side").append(document.getElementById("loss-card") ?? "");
    mountCompare();
    mountTeacher();
    mountKeyboard();
    await loop;
    helpTabs();
    for (const slice of ["settings", "view"]) store.watch(slice, keepAddress);
    keepAddress();
    addEventListener("hashchange", async () => adopt(await wished()));
}

await start();
window.hyalite = { store, api, act, idle };
