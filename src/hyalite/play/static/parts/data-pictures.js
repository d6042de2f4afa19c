/** The small pictures beside the names of the kinds of data: a few dots of each class. */

import { svg } from "../dom.js";

const SIDE = 24;
const turn = (count, n) => (2 * Math.PI * n) / count;
const range = (count, of) => Array.from({ length: count }, (_, n) => of(n));

// dots as [x, y, class], all coordinates in 0..1, y upward
const DOTS = {
    spiral: () =>
        [0, 1, 2].flatMap((c) =>
            range(9, (n) => {
                const [r, angle] = [0.06 + 0.045 * n, 0.42 * n + turn(3, c)];
                return [0.5 + r * Math.sin(angle), 0.5 + r * Math.cos(angle), c];
            }),
        ),
    circles: () =>
        [
            [0.2, 7, 1],
            [0.43, 14, 0],
        ].flatMap(([r, count, c]) =>
            range(count, (n) => [0.5 + r * Math.cos(turn(count, n)), 0.5 + r * Math.sin(turn(count, n)), c]),
        ),
    moons: () =>
        [0, 1].flatMap((c) =>
            range(9, (n) => {
                const [dx, dy] = [0.32 * Math.cos((Math.PI * n) / 8), 0.32 * Math.sin((Math.PI * n) / 8)];
                return c ? [0.62 - dx, 0.58 - dy, 1] : [0.38 + dx, 0.42 + dy, 0];
            }),
        ),
    blobs: () =>
        [
            [0.25, 0.7, 0],
            [0.72, 0.68, 1],
            [0.5, 0.25, 2],
        ].flatMap(([x, y, c]) =>
            range(7, (n) => [
                x + 0.13 * Math.cos(2.4 * n) * Math.sqrt(n / 6),
                y + 0.13 * Math.sin(2.4 * n) * Math.sqrt(n / 6),
                c,
            ]),
        ),
    xor: () =>
        range(25, (n) => {
            const [x, y] = [(n % 5) / 4, Math.floor(n / 5) / 4];
            return x === 0.5 || y === 0.5
                ? null
                : [0.1 + 0.8 * x, 0.1 + 0.8 * y, x > 0.5 === y > 0.5 ? 0 : 1];
        }).filter(Boolean),
    vertical: () =>
        [0.2, 0.5, 0.8].flatMap((x, c) =>
            range(8, (n) => [
                x + 0.1 * Math.cos(2.4 * n) * Math.sqrt(n / 7),
                0.5 + 0.28 * Math.sin(2.4 * n) * Math.sqrt(n / 7),
                c,
            ]),
        ),
    sine: () => range(16, (n) => [0.06 + 0.88 * (n / 15), 0.5 + 0.36 * Math.sin(turn(15, n)), 0]),
};
const LINES = {
    points: "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3", // a pencil
    table: "M4 5h16v14H4zM4 10h16M4 14.5h16M10 5v14M15 5v14",
    mnist: "M8 7q4-4 8 0q1 4-4 5q6 1 4 5q-4 4-9 0", // a three
    "fashion-mnist": "M9 4q3 3 6 0l5 3-2 4-2-1v10H8V10l-2 1-2-4z", // a shirt
};

export function kindPicture(kind) {
    const dots = (DOTS[kind]?.() ?? []).map(([x, y, c]) =>
        svg("circle", {
            cx: (SIDE * x).toFixed(1),
            cy: (SIDE * (1 - y)).toFixed(1),
            r: 1.25,
            class: `class-${c}`,
        }),
    );
    const lines = LINES[kind] ? [svg("path", { d: LINES[kind], class: "kind-lines" })] : [];
    return svg(
        "svg",
        { viewBox: `0 0 ${SIDE} ${SIDE}`, class: "kind-picture", "aria-hidden": "true" },
        ...dots,
        ...lines,
    );
}
