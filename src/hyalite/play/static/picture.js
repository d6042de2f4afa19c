/** The picture of the network: columns of unit maps and the weights between them.
 *
 * Three sheets lie on each other: lines of the weights, maps, and marks. Maps are drawn at most every
 * MAPS_EVERY milliseconds, with every second frame, marks when they change, and lines, which are
 * hundreds and whose widths change slowly, at most every LINES_EVERY.
 */

import { fit, visible } from "./canvas.js";
import { card, classColor, classShape, focus, font, ink, line, paper, signed, soft, warn } from "./color.js";
import { drawEdge, drawEdges, LineSheet } from "./edges.js";
import { prettyName } from "./format.js";
import { layout } from "./layout.js";
import { drawCurveTile, drawGrey, drawMap, inputMaps, MapSheet } from "./tiles.js";

const DEAD = 1;
const SATURATED = 2;
export const MAPS_EVERY = 25;
export const LINES_EVERY = 80;
const INPUT_SIDE = 24; // pixels of an input's own map

/** Where in theta the weights between two neighbouring columns stand; null where there are none. */
function attachOffsets(plan, description, run) {
    const places = new Map(description.runs[run].parameters.map((entry) => [entry.name, entry]));
    plan.columns.forEach((column, c) => {
        const place = places.get(column.layer?.weights);
        const before = plan.columns[c - 1];
        const fits =
            place?.shape.length === 2 && before && place.shape[0] === before.count && !before.picture;
        column.offset = fits ? place.offset : null;
    });
}

const same = (a, b) => a?.length === b?.length && a.every((value, i) => value === b[i]);

export class Picture {
    /** @param {object} sheets canvases: lines, maps, marks */
    constructor(sheets) {
        this.sheets = sheets;
        this.maps = new MapSheet();
        this.lines = new LineSheet();
        this.plan = null;
        /** The newest arrays: not every frame brings all of them. */
        this.last = {};
        this.selected = null;
        this.hovered = null;
        /** Whether all three sheets are to be drawn anew. */
        this.stale = true;
        this.linesAt = -Infinity; // when they were painted
    }

    /** Lays it out anew: another network, another room. */
    arrange(description, run, room, height, unit) {
        this.description = description;
        this.run = run;
        this.plan = layout(description, run, room, height, unit);
        this.stale = true;
        attachOffsets(this.plan, description, run);
        const { data } = description;
        const [input] = this.plan.columns;
        if (!input.picture && input.shown && data.domain.length)
            this.inputs = inputMaps(input.names, data, INPUT_SIDE);
        return this.plan;
    }

    /** Forgets values of another network. */
    forget() {
        this.last = {};
        this.stale = true;
    }

    take(frame) {
        const { maps, map_scales: scales, theta, unit_state: state, seen, ...rest } = frame.arrays[this.run];
        if (maps) Object.assign(this.last, { maps, scales, order: frame.header.runs[this.run].maps });
        if (theta) this.last.theta = theta;
        if (state) {
            this.stale ||= !same(state, this.last.state);
            this.last.state = state;
        }
        if (seen) this.last.seen = seen;
        for (const [name, array] of Object.entries(rest)) {
            if (name.startsWith("maps.") || name.startsWith("outputs.") || name === "probabilities")
                this.last[name] = array;
        }
    }

    /** @param {boolean} moving whether another frame comes soon, so that lines may wait for it */
    draw(selected = null, hovered = null, moving = false) {
        if (!this.plan || !visible(this.sheets.maps)) return;
        this.stale ||= selected !== this.selected || hovered !== this.hovered;
        Object.assign(this, { selected, hovered });
        this.paintMaps();
        const now = performance.now();
        if (this.stale || !moving || now - this.linesAt >= LINES_EVERY) {
            this.paintLines();
            this.linesAt = now;
        }
        if (this.stale) this.paintMarks();
        this.stale = false;
    }

    paintLines() {
        const { ctx, ratio } = fit(this.sheets.lines);
        const { theta } = this.last;
        const gaps = this.plan.columns
            .map((after, c) => ({ before: this.plan.columns[c - 1], after }))
            .filter(({ before, after }) => before && after.offset !== undefined);
        const drawn = ({ after }) => theta && after.offset !== null;
        this.lines.clear(this.sheets.lines.width, this.sheets.lines.height);
        for (const { before, after } of gaps.filter(drawn))
            drawEdges(this.lines, before, after, theta, after.offset, this.plan.unit / 15, ratio);
        this.lines.show(ctx);
        for (const { before, after } of gaps.filter((gap) => !drawn(gap))) this.drawFlow(ctx, before, after);
    }

    paintMaps() {
        const { plane } = this.description.data;
        const { ctx, width, height } = fit(this.sheets.maps, plane ? 1 : undefined);
        if (plane) {
            this.paintPlanes();
            this.maps.show(ctx);
            return;
        }
        ctx.clearRect(0, 0, width, height);
        for (const column of this.plan.columns) {
            if (column.kind === "input") this.drawInputs(ctx, column);
            else this.drawColumn(ctx, column);
        }
    }

    /** Where the data are a plane: what each unit gives over it, as pixels. */
    paintPlanes() {
        const { maps, scales, order } = this.last;
        if (this.stale) {
            this.maps.clear(this.sheets.maps.width, this.sheets.maps.height);
            const [input] = this.plan.columns;
            input.tiles.forEach((tile, n) => this.maps.put(this.inputs, n, INPUT_SIDE, 1, tile));
        }
        if (!maps) return;
        const tiles = new Map(this.plan.columns.map((column) => [column.layer?.name, column.tiles]));
        let n = 0;
        for (const { layer, units } of order) {
            for (const unit of units) {
                const tile = tiles.get(layer)?.[unit];
                if (tile) this.maps.put(maps, n, maps.shape[1], scales[n], tile);
                n += 1;
            }
        }
    }

    /** What lies on the maps: rims, names, classes, dead and saturated units, what is selected. */
    paintMarks() {
        const { ctx, width, height } = fit(this.sheets.marks);
        ctx.clearRect(0, 0, width, height);
        const { state } = this.last;
        const classes = this.description.data.task === "classes";
        this.plan.columns.forEach((column, c) => {
            column.tiles.forEach((tile, unit) => {
                this.rim(ctx, tile);
                if (column.kind === "input") {
                    if (!column.picture) this.label(ctx, prettyName(column.names[unit]), tile);
                    return;
                }
                if (state) this.drawState(ctx, state[column.layer.first_unit + unit], tile);
                if (column.kind === "output" && classes && column.count > 1) this.drawClass(ctx, unit, tile);
            });
            for (const mark of [this.selected, this.hovered]) {
                if (mark?.parameter && mark.parameter === column.layer?.weights && mark.index?.length === 2)
                    drawEdge(ctx, this.plan.columns[c - 1], column, ...mark.index, ink());
            }
        });
        this.mark(ctx, this.selected, focus(), 2.5);
        this.mark(ctx, this.hovered, ink(), 1.5);
    }

    /** A band instead of lines, where weights do not stand between the units shown. */
    drawFlow(ctx, before, after) {
        const right = Math.max(...before.tiles.map((tile) => tile.x + tile.side), before.x);
        const left = Math.min(...after.tiles.map((tile) => tile.x), after.x);
        const extent = ({ tiles }) => [tiles[0].y, Math.max(...tiles.map((tile) => tile.y + tile.side))];
        if (!before.tiles.length || !after.tiles.length) return;
        const [top1, bottom1] = extent(before);
        const [top2, bottom2] = extent(after);
        const bend = (left - right) * 0.5;
        ctx.beginPath();
        ctx.moveTo(right + 4, top1);
        ctx.bezierCurveTo(right + bend, top1, left - bend, top2, left - 4, top2);
        ctx.lineTo(left - 4, bottom2);
        ctx.bezierCurveTo(left - bend, bottom2, right + bend, bottom1, right + 4, bottom1);
        ctx.closePath();
        ctx.fillStyle = line();
        ctx.globalAlpha = 0.5;
        ctx.fill();
        ctx.globalAlpha = 1;
    }

    drawColumn(ctx, column) {
        const { maps, scales, order } = this.last;
        const known = order?.find((entry) => entry.layer === column.layer.name);
        const first =
            order?.slice(0, order.indexOf(known)).reduce((sum, entry) => sum + entry.units.length, 0) ?? 0;
        column.tiles.forEach((tile, unit) => {
            this.ground(ctx, tile);
            if (!known || !maps || unit >= known.units.length) this.drawSample(ctx, column.layer, unit, tile);
            else {
                const strength = signed(Math.min(1, 0.5 + scales[first + unit]));
                const points = maps.shape[1];
                drawCurveTile(ctx, maps, (first + unit) * points, points, tile, strength);
            }
        });
    }

    drawInputs(ctx, column) {
        const { data } = this.description;
        column.tiles.forEach((tile) => {
            this.ground(ctx, tile);
            if (column.picture) {
                const { seen } = this.last;
                if (seen) drawGrey(ctx, seen, 0, seen.shape[1], seen.shape[0], tile);
            } else if (data.shape === "curve") drawCurveTile(ctx, this.inputs, 0, INPUT_SIDE, tile, signed(1));
        });
    }

    /** What a unit gives for the one sample that is shown: a picture or a grey of its strength. */
    drawSample(ctx, layer, unit, tile) {
        const maps = this.last[`maps.${layer.name}`];
        if (maps) {
            const [, down, across] = maps.shape;
            drawMap(ctx, maps, unit * down * across, across, down, tile);
            return;
        }
        const values =
            this.last[`outputs.${layer.name}`] ?? (layer.source === -1 ? this.last.probabilities : null);
        if (!values) return;
        const top = Math.max(1e-6, ...values.map(Math.abs));
        ctx.fillStyle = signed(values[unit] / top);
        ctx.fillRect(tile.x, tile.y, tile.side, tile.side);
    }

    /** A name beside a tile: an input's left of it. */
    label(ctx, text, { x, y, side }, align = "right") {
        ctx.fillStyle = soft();
        ctx.font = font(Math.max(11, side * 0.36));
        ctx.textAlign = align;
        ctx.textBaseline = "middle";
        ctx.fillText(text, align === "right" ? x - 6 : x + 6, y + side / 2);
    }

    /** The class an output stands for, right of its tile. */
    drawClass(ctx, unit, { x, y, side }) {
        if (this.description.data.shape === "pictures") {
            this.label(ctx, this.description.data.classes[unit], { x: x + side, y, side }, "left");
            return;
        }
        const radius = Math.max(3, side * 0.14);
        ctx.fillStyle = classColor(unit);
        classShape(ctx, unit, x + side + 6 + radius, y + side / 2, radius);
        ctx.fill();
    }

    ground(ctx, { x, y, side }) {
        ctx.fillStyle = paper();
        ctx.fillRect(x, y, side, side);
    }

    rim(ctx, { x, y, side }) {
        ctx.strokeStyle = soft();
        ctx.globalAlpha = 0.45;
        ctx.lineWidth = 1;
        ctx.strokeRect(x - 0.5, y - 0.5, side + 1, side + 1);
        ctx.globalAlpha = 1;
    }

    /** Dead: crossed out. Saturated: a filled corner. Both seen without colour. */
    drawState(ctx, state, { x, y, side }) {
        if (state === DEAD) {
            ctx.fillStyle = card();
            ctx.globalAlpha = 0.6;
            ctx.fillRect(x, y, side, side);
            ctx.globalAlpha = 1;
            ctx.strokeStyle = warn();
            ctx.lineWidth = Math.max(1, side / 20);
            ctx.beginPath();
            ctx.moveTo(x + side * 0.26, y + side * 0.26);
            ctx.lineTo(x + side * 0.74, y + side * 0.74);
            ctx.moveTo(x + side * 0.74, y + side * 0.26);
            ctx.lineTo(x + side * 0.26, y + side * 0.74);
            ctx.stroke();
        } else if (state === SATURATED) {
            ctx.fillStyle = warn();
            ctx.beginPath();
            ctx.moveTo(x + side * 0.62, y - 1);
            ctx.lineTo(x + side + 1, y - 1);
            ctx.lineTo(x + side + 1, y + side * 0.38);
            ctx.fill();
        }
    }

    /** A ring around the marked unit. */
    mark(ctx, marked, color, thickness) {
        if (!marked || marked.unit === undefined) return;
        const column = this.plan.columns.find((candidate) => candidate.layer?.name === marked.layer);
        const tile = column?.tiles[marked.unit];
        if (!tile) return;
        ctx.strokeStyle = color;
        ctx.lineWidth = thickness;
        ctx.strokeRect(tile.x - 2.5, tile.y - 2.5, tile.side + 5, tile.side + 5);
    }
}
