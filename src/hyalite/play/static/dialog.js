/** Dialogs: the browser's own `<dialog>`, closed by Esc, its button or a click beside it. */

import { el, icon } from "./dom.js";

/** Opens a dialog with a title (a key of the catalogue) and some content; gives the dialog. */
export function openDialog({ title, content, id, wide = false }) {
    const opener = document.activeElement;
    document.getElementById(id ?? "dialog")?.remove();
    const heading = `${id ?? "dialog"}-title`;
    const dialog = el(
        "dialog",
        { id: id ?? "dialog", class: wide ? "wide" : "", "aria-labelledby": heading },
        el(
            "header",
            {},
            el("h2", { id: heading, t: title }),
            el(
                "button",
                { class: "quiet", tLabel: "page.close", onclick: () => dialog.close() },
                icon("close"),
            ),
        ),
        el("div", { class: "dialog-body" }, content),
    );
    dialog.addEventListener("click", (event) => {
        if (event.target === dialog) dialog.close();
    });
    dialog.addEventListener("close", () => {
        dialog.remove();
        if (opener?.isConnected) opener.focus();
    });
    document.body.append(dialog);
    dialog.showModal();
    return dialog;
}
