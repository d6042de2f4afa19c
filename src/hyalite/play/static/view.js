/** How things are shown: what stands in the link beside the settings, and what does not. */

import { currentLanguage } from "./i18n.js";
import { store } from "./store.js";

export const VIEW = {
    language: "auto", // "auto", "en", "zh"
    theme: "auto", // "auto", "light", "dark"
    hidden: [], // names of controls that a teacher has hidden
    wall: false, // large type, pictures only
    run: "a", // the run that the picture of the network shows
    selected: null, // { layer, unit } or { parameter, index }
    tool: "look", // "look", "paint", "erase"
    brush: 0, // class that is painted
    showTest: false,
    discretize: false,
    speed: 25, // epochs a second, so that one sees it learn; null: as fast as it goes
    preset: null, // the question that is asked
    panels: [], // what is unfolded
};

export const RUN = { playing: false, status: "paused", message: "", notice: "", field: "", lost: false };

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
