/** The right end of the bar: two runs, language, theme, full screen, teacher's mode, help. */

import { el, icon } from "./dom.js";
import { showKeys } from "./keyboard.js";
import { store } from "./store.js";
import { openCompare } from "./compare.js";
import { openTeacher } from "./teacher.js";
import { toggleLanguage, toggleTheme, toggleWall } from "./view.js";

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
