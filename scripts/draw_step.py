"""Draw docs/images/step.svg: the life of one training step through both engines.

``python scripts/draw_step.py`` writes it, and to another file where one is named.
"""

from __future__ import annotations

import sys
from pathlib import Path

WIDTH, LEFT, RIGHT, BOX = 860, 220, 640, 380  # middles of the two columns, width of their boxes
INK, SOFT, LINE = "#1f2937", "#6b7280", "#9ca3af"
SHARED, NUMPY, COMPILED = "#eef2f7", "#e8f4ea", "#fdf1e3"
FONT = "font-family='system-ui, sans-serif'"

HEIGHT = 62  # of a box

# (column, top, title, line below it); column None is both
BOXES = [
    (None, 20, "model.fit", "training/plan.py checks everything, training/loop.py counts epochs"),
    (None, 108, "samples in the epoch's order", "data/samples.py, random.py: the same for both"),
    ("numpy", 222, "batch = samples.batch(start, stop, order)", "cast to the model's dtype"),
    ("numpy", 310, "output = forward(stages, x)", "each layer: y = f(x·W + b)"),
    ("numpy", 398, "prediction, values, dy = objective(...)", "each sample's loss, dL/d(output)"),
    ("numpy", 486, "backward(stages, dy)", "each layer: dW, db into grad; dx = dy·Wᵀ"),
    ("numpy", 596, "network.add_penalty_gradient()", "+ λ1·sign(W) + 2·λ2·W"),
    ("numpy", 684, "optimizer.step(theta, grad)", "clip, then such as theta -= lr·grad"),
    ("compiled", 222, "gather a block of rows", "kernels/samples.py: uint8 or float, as they lie"),
    ("compiled", 310, "forward", "kernels/passes.py: instruction after instruction"),
    ("compiled", 398, "loss_and_gradient", "kernels/losses.py: fused with softmax or sigmoid"),
    ("compiled", 486, "backward", "gradients of parts of the batch"),
    ("compiled", 596, "a tile's gradient, penalty, clipping", "kernels/training.py: fixed order"),
    ("compiled", 684, "optimizer_step", "kernels/optimizers.py: one fused pass"),
    (None, 794, "theta, grad, state", "parameters.py: one vector each; W, b, dW, db are views"),
]
FILL = {None: SHARED, "numpy": NUMPY, "compiled": COMPILED}


def text(x: float, y: float, words: str, size: int, color: str, weight: str = "400") -> str:
    """A centred line."""
    escaped = words.replace("&", "&amp;").replace("<", "&lt;")
    return (
        f"<text x='{x}' y='{y}' {FONT} font-size='{size}' font-weight='{weight}' fill='{color}' "
        f"text-anchor='middle'>{escaped}</text>"
    )


def arrow(x: float, top: float, bottom: float) -> str:
    """From one box down to the next."""
    return (
        f"<line x1='{x}' y1='{top}' x2='{x}' y2='{bottom - 2}' stroke='{LINE}' stroke-width='1.5' "
        "marker-end='url(#head)'/>"
    )


def box(column: str | None, top: int, title: str, below: str) -> str:
    """A box with its title and a line below."""
    middle = {None: WIDTH / 2, "numpy": LEFT, "compiled": RIGHT}[column]
    width = BOX if column else WIDTH - 60
    return "\n".join(
        [
            f"<rect x='{middle - width / 2}' y='{top}' width='{width}' height='{HEIGHT}' rx='8' "
            f"fill='{FILL[column]}' stroke='{LINE}'/>",
            text(middle, top + 26, title, 15, INK, "600"),
            text(middle, top + 46, below, 13, SOFT),
        ]
    )


def picture() -> str:
    """The SVG."""
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} 876' role='img' "
        "aria-label='One training step through both engines'>",
        "<defs><marker id='head' viewBox='0 0 8 8' refX='7' refY='4' markerWidth='7' "
        f"markerHeight='7' orient='auto'><path d='M0 0 L8 4 L0 8 z' fill='{LINE}'/>"
        "</marker></defs>",
        f"<rect width='{WIDTH}' height='876' fill='white'/>",
        text(LEFT, 206, "engines/numpy.py", 14, INK, "600"),
        text(RIGHT, 206, "engines/compiled/: one kernel, all threads", 14, INK, "600"),
        arrow(WIDTH / 2, 82, 108),
    ]
    for x in (LEFT, RIGHT):
        parts.append(arrow(x, 170, 192))
        for top, bottom in ((284, 310), (372, 398), (460, 486), (548, 596), (658, 684), (746, 794)):
            parts.append(arrow(x, top, bottom))
    middle = 573
    parts.append(
        f"<line x1='{RIGHT - 190}' y1='{middle}' x2='{RIGHT + 190}' y2='{middle}' stroke='{SOFT}' "
        "stroke-dasharray='5 4'/>"
    )
    parts.append(text(RIGHT - 98, middle - 6, "all threads wait for each other", 12, SOFT))
    parts += [box(*one) for one in BOXES]
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    """Write it."""
    default = Path(__file__).resolve().parents[1] / "docs" / "images" / "step.svg"
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    out.write_text(picture(), encoding="utf-8")


if __name__ == "__main__":
    main()
