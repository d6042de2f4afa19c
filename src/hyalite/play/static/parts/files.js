/** Files that are dropped on the page or chosen: each kind goes to who asked for its endings. */

import { el } from "../dom.js";
import { t } from "../i18n.js";

const takers = []; // { endings, most, take }

/** Whoever takes files of these endings: `take(file)`; larger ones are refused before they are read. */
export function takeFiles(endings, take) {
    takers.push({ endings, take });
}

export const MOST_BYTES = 16 * 2 ** 20; // what the server accepts

/** Give a file to its taker. Whether there is one. */
export function give(file, refuse) {
    const name = file.name.toLowerCase();
    const taker = takers.find(({ endings }) => endings.some((ending) => name.endsWith(ending)));
    if (!taker)
        refuse(
            t("files.unknown", {
                name: file.name,
                endings: takers.flatMap(({ endings }) => endings).join(" "),
            }),
        );
    else if (file.size > MOST_BYTES)
        refuse(t("files.large", { name: file.name, most: MOST_BYTES / 2 ** 20 }));
    else taker.take(file);
}

/** A button that asks for a file, and the field behind it. */
export function chooseFile(key, endings, take) {
    const input = el("input", {
        type: "file",
        accept: endings.join(","),
        class: "hidden-text",
        tabindex: -1,
        "aria-hidden": "true",
        onchange: () => {
            if (input.files.length) take(input.files[0]);
            input.value = "";
        },
    });
    return el("span", {}, el("button", { t: key, onclick: () => input.click() }), input);
}

/** Dropping on the whole page; while a file hangs over it, the page says what it takes. */
export function watchDrops(refuse) {
    const shade = el("div", { id: "drop", hidden: true }, el("p", { t: "files.drop" }));
    document.body.append(shade);
    const withFile = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
    document.addEventListener("dragover", (event) => {
        if (!withFile(event)) return;
        event.preventDefault();
        shade.hidden = false;
    });
    document.addEventListener("dragleave", (event) => {
        if (!event.relatedTarget) shade.hidden = true;
    });
    document.addEventListener("drop", (event) => {
        if (!withFile(event)) return;
        event.preventDefault();
        shade.hidden = true;
        if (event.dataTransfer.files.length) give(event.dataTransfer.files[0], refuse);
    });
}
