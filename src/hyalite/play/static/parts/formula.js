/** A number's formula with the numbers in it; its own numbers lead on, forward and backward. */

import { openDialog } from "../dialog.js";
import { el } from "../dom.js";
import { number } from "../format.js";
import { t } from "../i18n.js";

const MATH = "http://www.w3.org/1998/Math/MathML";
const HTML = new Set([
    "div",
    "p",
    "span",
    "code",
    "pre",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "h3",
    "sup",
    "sub",
]);
const MATHML = new Set([
    "math",
    "mrow",
    "mi",
    "mo",
    "mn",
    "mtext",
    "mspace",
    "msub",
    "msup",
    "msubsup",
    "mfrac",
    "msqrt",
    "munder",
    "mover",
    "munderover",
    "mtable",
    "mtr",
    "mtd",
    "mfenced",
    "menclose",
    "mpadded",
    "mstyle",
]);
const ATTRIBUTES = new Set([
    "class",
    "colspan",
    "rowspan",
    "scope",
    "display",
    "stretchy",
    "fence",
    "form",
    "width",
    "accent",
    "lang",
    "columnalign",
    "rowspacing",
    "columnspacing",
    "mathvariant",
    "lspace",
    "rspace",
    "linethickness",
    "movablelimits",
    "separator",
]);

/** What the server wrote, copied element by element; whatever is not known here stays behind. */
export function copied(html) {
    const inert = new DOMParser().parseFromString(html, "text/html");
    const copy = (node) => {
        if (node.nodeType === Node.TEXT_NODE) return document.createTextNode(node.data);
        if (node.nodeType !== Node.ELEMENT_NODE) return null;
        const name = node.localName;
        const math = node.namespaceURI === MATH;
        if (!(math ? MATHML : HTML).has(name)) return null;
        const made = math ? document.createElementNS(MATH, name) : document.createElement(name);
        for (const { name: attribute, value } of node.attributes) {
            if (ATTRIBUTES.has(attribute)) made.setAttribute(attribute, value);
        }
        if (made.classList.contains("scroll")) made.tabIndex = 0; // what scrolls is reached by keys
        made.append(...children(node));
        return made;
    };
    const children = (node) => [...node.childNodes].map(copy).filter(Boolean);
    return children(inert.body);
}

export function mount(element, store, api) {
    store.on("formula", (reference) => open(reference));

    function open(reference) {
        const seen = [];
        const formula = el("div", { class: "formula-text", "aria-live": "polite" });
        const value = el("p", { class: "formula-value" });
        const ofEpoch = el("p", { class: "note", t: "formula.of-epoch", hidden: true });
        const before = list("formula.parents");
        const after = list("formula.children");
        const back = el("button", { class: "quiet", t: "formula.back", onclick: () => show(seen.pop()) });
        const whole = el("button", {
            class: "quiet",
            t: "formula.whole",
            onclick: () => go({ array: "", samples: current.samples }),
        });
        let current = reference;
        openDialog({
            title: "formula.title",
            id: "formula-dialog",
            wide: true,
            content: el(
                "div",
                { class: "formula" },
                value,
                formula,
                ofEpoch,
                el("div", { class: "formula-ways" }, before.element, after.element),
                el("div", { class: "buttons" }, back, whole),
            ),
        });
        show(reference);

        function go(next) {
            seen.push(current);
            show(next);
        }

        async function show(next) {
            current = next;
            back.disabled = seen.length === 0;
            whole.hidden = next.array === "";
            try {
                const answer = await api.post("/api/trace", {
                    run: store.state.view.run ?? "a",
                    reference: next,
                });
                if (current !== next) return;
                value.replaceChildren(
                    el("b", {}, answer.name),
                    ` = ${number(answer.value)}`,
                    el("span", { class: "note" }, about(answer, next.samples)),
                );
                ofEpoch.hidden = answer.name !== "loss" || ofWhat(next.samples) !== "batch";
                value.hidden = next.array === "";
                formula.replaceChildren(...copied(answer.html));
                before.fill(answer.parents ?? [], go);
                after.fill(answer.children ?? [], go);
            } catch (error) {
                if (!error.errors) throw error;
                value.hidden = true;
                ofEpoch.hidden = true;
                formula.replaceChildren(el("p", { class: "warn" }, error.message));
                before.fill([], go);
                after.fill([], go);
            }
        }
    }
}

const ofWhat = (samples) => samples?.part ?? samples ?? "batch";

/** In which pass a number comes about, and of which samples. */
function about({ name, part, samples: count }, samples) {
    const whose = t(`formula.of-${ofWhat(samples)}`, { count });
    return name === part ? whose : `${t(`formula.${part}`)} · ${whose}`;
}

/** Numbers that lead on to their own formulas. */
function list(title) {
    const items = el("ul", { class: "formula-numbers" });
    const element = el("section", {}, el("h3", { t: title }), items);
    return {
        element,
        fill(numbers, go) {
            element.hidden = numbers.length === 0;
            items.replaceChildren(
                ...numbers.map(({ label, value, reference }) =>
                    el(
                        "li",
                        {},
                        el(
                            "button",
                            { class: "number", onclick: () => go(reference) },
                            label,
                            " = ",
                            el("b", {}, number(value)),
                        ),
                    ),
                ),
            );
        },
    };
}
