/** Taking it away: code, files, pictures; and opening a model file that is chosen or dropped. */

import { openDialog } from "../dialog.js";
import { el } from "../dom.js";
import { ground } from "../color.js";
import { t } from "../i18n.js";
import { linkOf } from "../link.js";
import { announce } from "../announce.js";
import { chooseFile, takeFiles, watchDrops } from "./files.js";

const TEXTS = ["python", "command"]; // shown before they are taken, to be read and copied
const FILES = ["notebook", "model", "onnx", "c", "numpy"];
const MODEL = [".safetensors"];
const PICTURES = ".stage, .plot, #loss-card .lines";

export function mount(element, store, api) {
    element.append(
        el("button", { class: "quiet", t: "export.title", data: { control: "export" }, onclick: open }),
    );
    const refuse = (message) => store.change("run", { message });
    takeFiles(MODEL, openModel);
    watchDrops(refuse);

    async function openModel(file) {
        try {
            store.emit(
                "model",
                await api.upload("/api/model", await file.arrayBuffer(), { filename: file.name }),
            );
            announce(t("export.opened", { name: file.name }));
        } catch (error) {
            if (!error.errors) throw error;
            refuse(error.message);
        }
    }

    function open() {
        const shown = el("pre", { class: "export-text", tabindex: 0, hidden: true });
        const copy = el("button", {
            t: "export.copy",
            hidden: true,
            onclick: () => copyText(shown.textContent),
        });
        const take = el("button", { t: "export.save", hidden: true });
        const message = el("p", { class: "warn", role: "status" });
        const run = () => store.state.view.run ?? "a";

        /** An export; what cannot be made says why in its place. */
        async function get(format) {
            message.textContent = "";
            try {
                return await api.download("/api/export", { run: run(), format });
            } catch (error) {
                if (!error.errors) throw error;
                message.textContent = error.message;
                return null;
            }
        }

        async function show(format) {
            const file = await get(format);
            for (const part of [shown, copy, take]) part.hidden = !file;
            if (!file) return;
            shown.textContent = await file.text();
            take.onclick = () => save(file);
            shown.focus();
        }

        function showLink() {
            message.textContent = "";
            for (const part of [shown, copy]) part.hidden = false;
            take.hidden = true;
            shown.textContent = linkOf(store.state, store.defaults);
        }

        const row = (name, onclick) =>
            el(
                "li",
                {},
                el("button", { t: `export.${name}`, onclick, data: { format: name } }),
                el("span", { class: "note", t: `export.${name}_note` }),
            );
        const dialog = openDialog({
            title: "export.title",
            id: "export-dialog",
            wide: true,
            content: el(
                "div",
                { class: "export" },
                el(
                    "ul",
                    { class: "export-list" },
                    TEXTS.map((name) => row(name, () => show(name))),
                    row("link", showLink),
                    FILES.map((name) => row(name, async () => save(await get(name)))),
                    row("picture", async () => save(await picture())),
                ),
                message,
                shown,
                el("div", { class: "buttons" }, copy, take),
                el("h3", { t: "export.open" }),
                chooseFile("export.choose", MODEL, (file) => {
                    dialog.close();
                    openModel(file);
                }),
            ),
        });
    }
}

async function copyText(text) {
    await navigator.clipboard.writeText(text);
    announce(t("export.copied"));
}

/** Hands a file to the browser, which asks where it goes. */
function save(file) {
    if (!file) return;
    const address = URL.createObjectURL(file);
    const link = el("a", { href: address, download: file.name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
}

/** Network, outputs and loss, one below the other; of each all its sheets on each other. */
async function picture() {
    const stacks = [...document.querySelectorAll(PICTURES)]
        .filter((box) => box.clientWidth)
        .map((box) => [...box.querySelectorAll("canvas")]);
    const margin = 16;
    const last = (canvases) => canvases.at(-1); // the sheets below it may be coarser
    const width = Math.max(...stacks.map((canvases) => last(canvases).width));
    const height = stacks.reduce((sum, canvases) => sum + last(canvases).height + margin, margin);
    const sheet = el("canvas", { width: width + 2 * margin, height });
    const ctx = sheet.getContext("2d");
    ctx.fillStyle = ground();
    ctx.fillRect(0, 0, sheet.width, sheet.height);
    let top = margin;
    for (const canvases of stacks) {
        const { width: across, height: down } = last(canvases);
        for (const canvas of canvases) ctx.drawImage(canvas, margin, top, across, down);
        top += down + margin;
    }
    const blob = await new Promise((resolve) => {
        sheet.toBlob(resolve, "image/png");
    });
    return new File([blob], "hyalite.png");
}
