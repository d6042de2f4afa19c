/** The picture of the network by keyboard: arrows go from unit to unit, Enter and W look closer. */

import { announce } from "./announce.js";
import { t } from "./i18n.js";
import { store } from "./store.js";

function place(picture) {
    const { selected } = store.state.view;
    const at = picture.plan.columns.findIndex(
        (column) => column.layer && column.layer.name === selected?.layer,
    );
    return { at, unit: selected?.unit ?? 0 };
}

/** The next column in a direction that has units of its own, from `at`. */
function neighbour(columns, at, way) {
    for (let c = at + way; c >= 0 && c < columns.length; c += way) if (columns[c].layer) return c;
    return at;
}

/** Arrows choose a unit; W its strongest weight; Escape lets go. */
export function steer(stage, picture) {
    function choose(at, unit) {
        const column = picture.plan.columns[at];
        if (!column?.layer) return;
        const bounded = Math.max(0, Math.min(column.shown - 1, unit));
        store.change("view", { selected: { layer: column.layer.name, unit: bounded } });
        announce(t("network.unit", { layer: column.layer.name, n: bounded, count: column.count }));
        const tile = column.tiles[bounded];
        stage.parentElement.scrollTo({ left: tile.x - stage.parentElement.clientWidth / 2 });
    }

    function strongest({ at, unit }) {
        const column = picture.plan.columns[at];
        const { theta } = picture.last;
        if (!theta || column?.offset === null || column?.offset === undefined) return;
        const inputs = picture.plan.columns[at - 1].count;
        const size = (i) => Math.abs(theta[column.offset + i * column.count + unit]);
        let best = 0;
        for (let i = 1; i < inputs; i += 1) if (size(i) > size(best)) best = i;
        store.change("view", { selected: { parameter: column.layer.weights, index: [best, unit] } });
    }

    stage.addEventListener("keydown", (event) => {
        if (!picture.plan || event.ctrlKey || event.metaKey || event.altKey) return;
        const { columns } = picture.plan;
        const now = place(picture);
        const start = now.at < 0 ? neighbour(columns, 0, 1) : now.at;
        const actions = {
            ArrowDown: () => choose(start, now.at < 0 ? 0 : now.unit + 1),
            ArrowUp: () => choose(start, now.unit - 1),
            ArrowRight: () => choose(now.at < 0 ? start : neighbour(columns, now.at, 1), now.unit),
            ArrowLeft: () => choose(now.at < 0 ? start : neighbour(columns, now.at, -1), now.unit),
            Home: () => choose(start, 0),
            End: () => choose(start, Infinity),
            w: () => strongest(now),
            Enter: () =>
                document.querySelector("#inspector button, #inspector input, #inspector select")?.focus(),
            Escape: () => store.change("view", { selected: null }),
        };
        const action = actions[event.key];
        if (!action) return;
        event.preventDefault();
        event.stopPropagation();
        action();
    });
}
