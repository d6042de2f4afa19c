/** Where everything stands in the picture of the network: columns of tiles, in CSS pixels. */

import { prettyName } from "./format.js";
import { columns } from "./layers.js";

/** Sides of a tile, in units of the type size; between them it is a tenth of the height. */
const USUAL = 2.8;
const LARGEST = 4.6;
const SMALLEST = 0.6;
/** Tiles of a layer that are shown; more would not be seen. */
export const SHOWN = 64;
const MOST_INPUTS = 12;
/** A letter of the names left of inputs and right of outputs, in sides of a tile; their distance. */
const LETTER = 0.22;
const GAP = 6;

/** Tiles as a block of `across` × `down`, as large as height and width allow. */
function block(count, width, height, unit, most = 8) {
    const largest = Math.min(LARGEST * unit, Math.max(USUAL * unit, height / 10));
    let best = { side: 0, across: 1, down: count };
    for (let across = 1; across <= Math.min(count, most); across += 1) {
        const down = Math.ceil(count / across);
        const pitch = Math.min(largest * 1.28, height / down, width / across);
        const side = Math.min(largest, pitch * 0.86);
        // a single column reads best: more columns must make the tiles clearly larger
        if (side > best.side * 1.25) best = { side: Math.max(side, SMALLEST * unit), across, down };
    }
    return best;
}

function tilesOf(column, top, height, unit) {
    const { side: wanted, across, down } = block(
        column.shown,
        column.kind === "hidden" ? column.width * 0.74 : (column.width - 2 * GAP) / (1 + LETTER * column.letters),
        height,
        unit,
        column.kind === "hidden" ? 8 : 1,
    );
    const side = Math.max(1, Math.floor(wanted)); // whole pixels, as maps are painted
    const gap = Math.min(side * 0.28, Math.max(2, (height - down * side) / Math.max(down, 1)));
    const pitch = side + Math.max(2, gap);
    const beside = column.kind === "hidden" ? 0 : (GAP + LETTER * side * column.letters) / 2;
    const middle = column.x + (column.kind === "input" ? beside : -beside);
    const left = middle - (across * pitch - (pitch - side)) / 2;
    const above = top + (height - (down * pitch - (pitch - side))) / 2;
    return Array.from({ length: column.shown }, (_, i) => ({
        x: Math.round(left + Math.floor(i / down) * pitch),
        y: Math.round(above + (i % down) * pitch),
        side,
    }));
}

/** Letters of the longest name. */
const longest = (names) => Math.max(1, ...names.map((name) => prettyName(name).length));

/** The inputs that stand as tiles of their own; of too many only those that are drawn. */
const inputs = ({ data }) => (data.inputs.length <= MOST_INPUTS ? data.inputs : data.axes);

/** `{ width, height, columns: [{ kind, layer, x, width, tiles, count, shown }] }` */
export function layout(description, run, room, height, unit) {
    const layers = columns(description, run);
    const names = inputs(description);
    const picture = description.data.shape === "pictures";
    const list = [
        {
            kind: "input",
            layer: null,
            names,
            letters: longest(names),
            count: names.length,
            shown: picture ? 1 : names.length,
            picture,
        },
        ...layers.map((layer) => ({
            kind: layer.source === -1 ? "output" : "hidden",
            layer,
            letters: picture ? longest(description.data.classes) : 1, // else the sign of a class
            count: layer.units,
            shown: Math.min(layer.units, SHOWN),
        })),
    ];
    const least = list.map(
        ({ kind, shown, letters }) =>
            unit * (kind === "hidden" ? (shown > 16 ? 9 : 7.6) : 6 + 0.5 * Math.max(0, letters - 2)),
    );
    const needed = least.reduce((sum, value) => sum + value, 0);
    const spare = Math.max(0, room - needed) / list.length;
    let x = 0;
    list.forEach((column, i) => {
        column.width = least[i] + spare;
        column.x = x + column.width / 2;
        x += column.width;
        column.tiles = tilesOf(column, unit * 0.5, height - unit, unit);
    });
    return { width: Math.ceil(Math.max(room, needed)), height, unit, columns: list };
}

/** The tile at a place: `{ column, unit }`, or null. */
export function tileAt(plan, x, y) {
    for (const column of plan.columns) {
        if (Math.abs(x - column.x) > column.width / 2) continue;
        const unit = column.tiles.findIndex(
            (tile) =>
                x >= tile.x - 2 &&
                x <= tile.x + tile.side + 2 &&
                y >= tile.y - 2 &&
                y <= tile.y + tile.side + 2,
        );
        if (unit >= 0) return { column, unit };
    }
    return null;
}
