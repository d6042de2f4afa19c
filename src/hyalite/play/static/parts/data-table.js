/** A table of one's own: dropped on the page or chosen, its columns said, the target picked. */

import { announce } from "../announce.js";
import { el } from "../dom.js";
import { onLanguage, t } from "../i18n.js";
import { MOST_BYTES, takeFiles } from "./files.js";

const ENDINGS = [".csv", ".tsv", ".jsonl", ".ndjson"];

export function tableSection(store, api) {
    const input = el("input", {
        type: "file",
        id: "choose-table",
        accept: ENDINGS.join(","),
        class: "hidden-text",
        tabindex: -1,
        "aria-hidden": "true",
        onchange: () => {
            if (input.files.length) read(input.files[0]);
            input.value = "";
        },
    });
    const name = el("p", { class: "table-name" });
    const columns = el("div");
    const remarks = el("ul", { class: "remarks" });
    const element = el(
        "div",
        { class: "own-table", data: { control: "data.table" } },
        el(
            "div",
            { class: "buttons" },
            el("button", { t: "data.choose", onclick: () => input.click() }),
            input,
        ),
        el("p", { class: "note", t: "data.stays" }),
        name,
        columns,
        remarks,
    );
    let upload = null; // what the server said of the file
    let file = "";
    takeFiles(ENDINGS, read);

    async function read(given) {
        try {
            if (given.size > MOST_BYTES)
                throw new RangeError(t("files.large", { name: given.name, most: MOST_BYTES / 2 ** 20 }));
            upload = await api.upload("/api/upload", await given.arrayBuffer(), { filename: given.name });
            file = given.name;
            store.change("settings", settingsFor(upload));
            announce(t("data.read", { name: file, rows: upload.rows, columns: upload.columns.length }));
        } catch (error) {
            if (!error.errors && !(error instanceof RangeError)) throw error;
            store.change("run", { message: error.message });
        }
        show();
    }

    const write = (fields) => store.change("settings", ({ data }) => ({ data: { ...data, ...fields } }));

    function pick(key, chosen, names) {
        const select = el(
            "select",
            { onchange: () => write({ [key]: select.value }) },
            names.map((column) => el("option", { value: column }, column)),
        );
        select.value = chosen ?? "";
        return el("label", { class: "field" }, el("span", { class: "label", t: `data.${key}` }), select);
    }

    function show() {
        const { data } = store.state.settings;
        element.hidden = data.kind !== "table" && upload === null;
        const own = data.kind === "table" && upload !== null && data.upload === upload.upload;
        name.textContent = own
            ? t("data.read", { name: file, rows: upload.rows, columns: upload.columns.length })
            : "";
        if (data.kind === "table" && !own) name.textContent = t("data.ask");
        const numbers = own
            ? upload.columns
                  .filter(({ plane, name: column }) => plane && column !== data.target)
                  .map((column) => column.name)
            : [];
        columns.replaceChildren(
            ...(own
                ? [
                      pick(
                          "target",
                          data.target,
                          upload.columns.map((column) => column.name),
                      ),
                      ...(numbers.length > 1
                          ? [
                                pick("x1", data.x1 ?? numbers[0], numbers),
                                pick("x2", data.x2 ?? numbers[1], numbers),
                            ]
                          : []),
                  ]
                : []),
        );
        const said = own ? [...(upload.remarks ?? []), ...(store.description?.data.remarks ?? [])] : [];
        remarks.replaceChildren(...said.map((remark) => el("li", {}, remark)));
    }
    onLanguage(show);
    return { element, show };
}

/** The settings for a table: its task is the server's to see, so the loss is left to it, too. */
function settingsFor({ upload, target }) {
    return { data: { kind: "table", upload, target, x1: null, x2: null, task: "auto" }, loss: null };
}
