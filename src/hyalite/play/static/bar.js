/** The right end of the bar: two runs, language, theme, full screen, teacher's mode, help. */

import { el, icon } from "./dom.js";
import { currentLanguage } from "./i18n.js";
import { showKeys } from "./keyboard.js";
import { store } from "./store.js";
import { openCompare } from "./compare.js";
import { openTeacher } from "./teacher.js";

export function toggleLanguage() {
    store.change("view", { language: currentLanguage() === "en" ? "zh" : "en" });
}

export function toggleTheme() {
    store.change("view", { theme: document.documentElement.dataset.theme === "dark" ? "light" : "dark" });
}

/** Large type and pictures only, over the whole screen where the browser lets us. */
export async function toggleWall() {
    const wall = !store.state.view.wall;
    store.change("view", { wall });
    try {
        if (wall) await document.documentElement.requestFullscreen?.();
        else if (document.fullscreenElement) await document.exitFullscreen();
    } catch {
        // not allowed: the layout changes all the same
    }
}

function tool(name, key, onclick) {
    return el(
        "button",
        { type: "button", class: "quiet tool", id: `tool-${name}`, tLabel: key, tTitle: key, onclick },
        icon(name),
    );
}

export function mountBar(element) {
    const language = el("button", {
        type: "button",
        class: "quiet tool text",
        id: "tool-language",
        tLabel: "bar.language",
        t: "bar.other-language",
        onclick: toggleLanguage,
    });
    element.append(
        tool("compare", "bar.compare", openCompare),
        tool("teacher", "bar.teacher", openTeacher),
        language,
        tool("theme", "bar.theme", toggleTheme),
        tool("full", "bar.wall", toggleWall),
        tool("help", "bar.help", () => showKeys()),
    );
    element.querySelector("#tool-compare").dataset.control = "bar.compare";
    document.addEventListener("fullscreenchange", () => {
        if (!document.fullscreenElement && store.state.view.wall) store.change("view", { wall: false });
    });
}
