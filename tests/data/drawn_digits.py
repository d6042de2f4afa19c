"""Digits as people make them: in pen strokes or a font; in a program, on paper, on a board."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

Image = pytest.importorskip("PIL.Image", reason="the extra 'data' is not installed")
ImageDraw = pytest.importorskip("PIL.ImageDraw")
ImageFilter = pytest.importorskip("PIL.ImageFilter")
ImageFont = pytest.importorskip("PIL.ImageFont")
matplotlib = pytest.importorskip("matplotlib", reason="the extra 'plot' is not installed")

Array = npt.NDArray[Any]
Random = np.random.Generator
Stroke = tuple[tuple[float, float], ...]  # points (right, down) that the pen passes

COUNT, SEED = 200, 20_261_126  # of what is measured: no seed that the steps were tried with

FONTS = (  # matplotlib's, and None, which is Pillow's
    "DejaVuSans",
    "DejaVuSans-Bold",
    "DejaVuSans-Oblique",
    "DejaVuSerif",
    "DejaVuSerif-Italic",
    "STIXGeneral",
    "STIXGeneralBol",
    "STIXGeneralItalic",
    "cmr10",
    "cmb10",
    "cmss10",
    "cmtt10",
    "cmti10",
    None,
)


def arc(x: float, y: float, a: float, b: float, first: float, turn: float) -> Stroke:
    """Of an ellipse: its middle, half its width and height; degrees, clockwise from the right."""
    angles = np.radians(np.linspace(first, first + turn, 13))
    return tuple((float(x + a * np.cos(t)), float(y + b * np.sin(t))) for t in angles)


# The ways to write each digit, of one stroke or several, in a box of height 1. A point that comes
# twice is a corner.
WAYS: dict[int, list[list[Stroke]]] = {
    0: [
        [arc(0.3, 0.5, 0.3, 0.5, -90, -365)],
        [arc(0.28, 0.5, 0.22, 0.5, -60, -375)],
        [arc(0.32, 0.5, 0.32, 0.46, -70, -335)],
    ],
    1: [
        [((0.3, 0), (0.3, 0.5), (0.3, 1))],
        [((0.08, 0.28), (0.33, 0), (0.33, 0), (0.33, 1))],
        [((0.1, 0.22), (0.3, 0), (0.3, 0), (0.3, 1)), ((0.08, 1), (0.52, 1))],
    ],
    2: [
        [(*arc(0.3, 0.28, 0.28, 0.28, -170, 210), (0, 1), (0, 1), (0.6, 1))],
        [
            (
                *(*arc(0.3, 0.27, 0.27, 0.27, -160, 200), (0.24, 0.8), (0.1, 0.98)),
                *((0.01, 0.88), (0.14, 0.82), (0.36, 0.95), (0.6, 0.92)),
            )
        ],
        [(*arc(0.28, 0.25, 0.28, 0.25, -180, 200), (0.3, 0.65), (0, 1), (0, 1), (0.62, 0.96))],
    ],
    3: [
        [arc(0.28, 0.25, 0.26, 0.25, -150, 235) + arc(0.28, 0.74, 0.3, 0.26, -85, 235)],
        [
            (
                *((0.05, 0.02), (0.55, 0.02), (0.55, 0.02), (0.24, 0.4), (0.24, 0.4)),
                *arc(0.26, 0.7, 0.3, 0.3, -90, 240),
            )
        ],
    ],
    4: [
        [((0.34, 0), (0.02, 0.62), (0.02, 0.62), (0.62, 0.62)), ((0.46, 0.3), (0.44, 1))],
        [((0.1, 0), (0.06, 0.5), (0.06, 0.5), (0.56, 0.48)), ((0.52, 0.02), (0.48, 1))],
        [((0.62, 0.68), (0, 0.68), (0, 0.68), (0.46, 0), (0.46, 0), (0.46, 1))],
    ],
    5: [
        [
            ((0.12, 0.02), (0.08, 0.44), (0.08, 0.44), *arc(0.26, 0.68, 0.3, 0.31, -120, 260)),
            ((0.12, 0.02), (0.58, 0)),
        ],
        [
            (
                *((0.56, 0), (0.1, 0), (0.1, 0), (0.08, 0.45), (0.08, 0.45)),
                *arc(0.26, 0.7, 0.3, 0.3, -110, 240),
            )
        ],
    ],
    6: [
        [((0.5, 0), (0.22, 0.22), (0.06, 0.55), *arc(0.29, 0.73, 0.26, 0.26, 170, -350))],
        [((0.36, 0), (0.1, 0.35), (0.02, 0.7), *arc(0.27, 0.74, 0.25, 0.25, 150, -335))],
    ],
    7: [
        [((0, 0.02), (0.58, 0.02), (0.58, 0.02), (0.4, 0.4), (0.22, 1))],
        [((0, 0), (0.6, 0), (0.6, 0), (0.2, 1)), ((0.16, 0.5), (0.56, 0.48))],
        [((0.02, 0.16), (0.04, 0.02), (0.04, 0.02), (0.58, 0), (0.58, 0), (0.24, 1))],
    ],
    8: [
        [
            arc(0.3, 0.24, 0.23, 0.24, -40, -210)
            + arc(0.3, 0.74, 0.28, 0.26, -60, 300)
            + ((0.42, 0.42), (0.52, 0.2), (0.46, 0.06))
        ],
        [arc(0.3, 0.25, 0.23, 0.25, -90, -370), arc(0.3, 0.74, 0.28, 0.26, -90, 370)],
    ],
    9: [
        [(*arc(0.28, 0.27, 0.26, 0.27, -20, -320), (0.53, 0.1), (0.53, 0.1), (0.5, 1))],
        [
            (
                *arc(0.28, 0.27, 0.26, 0.27, -20, -330),
                *((0.54, 0.2), (0.54, 0.2), (0.53, 0.7), (0.4, 0.97), (0.12, 0.95)),
            )
        ],
        [(*arc(0.28, 0.26, 0.26, 0.26, -10, -350), (0.52, 0.5), (0.3, 1))],
    ],
}


def smooth(points: Array) -> Array:
    """A curve through the points, as a row of close ones (Catmull-Rom)."""
    p = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    t = np.linspace(0, 1, 24, endpoint=False)[:, None, None]
    a, b, c, d = p[:-3], p[1:-2], p[2:-1], p[3:]
    curve = b + t * (c - a) / 2 + t**2 * (a - 2.5 * b + 2 * c - d / 2)
    curve = curve + t**3 * (1.5 * (b - c) + (d - a) / 2)
    return np.concatenate([curve.swapaxes(0, 1).reshape(-1, 2), points[-1:]])


def written(digit: int, height: float, random: Random) -> Array:
    """A digit of this height in strokes: how much of each pixel is ink, 0..1."""
    ways = WAYS[digit]
    way = ways[random.integers(len(ways))]
    unsteady, slant = random.uniform(0, 0.018), random.uniform(-0.12, 0.35)
    angle, wide = np.radians(random.uniform(-8, 8)), random.uniform(0.8, 1.25)
    cos, sin = np.cos(angle), np.sin(angle)
    form = np.array([[cos, sin], [-sin, cos]]).T @ np.array([[wide, -slant], [0, 1]])
    curves = []
    for stroke in way:
        points = np.array(stroke, float)
        moved = points + random.normal(0, unsteady, points.shape)
        corners = (points[1:] == points[:-1]).all(axis=1).nonzero()[0]
        moved[corners + 1] = moved[corners]
        curves.append(smooth(moved + random.normal(0, unsteady, 2)) @ form.T * height)
    # pens from a fiftieth of the height to a sixth, pressed more and less along the way
    pen = max(height * np.exp(random.uniform(np.log(0.02), np.log(0.17))), 1.0)
    pressed = random.uniform(0, 0.3)
    fine = 4 if height < 150 else 2
    low = np.min([curve.min(axis=0) for curve in curves], axis=0) - pen
    size = np.ceil((np.max([curve.max(axis=0) for curve in curves], axis=0) + pen - low) * fine)
    ink = Image.new("L", (int(size[0]), int(size[1])), 0)
    brush = ImageDraw.Draw(ink)
    for curve in curves:
        length = np.cumsum(np.hypot(*np.diff(curve, axis=0, prepend=curve[:1]).T))
        steps = np.arange(0, length[-1] + pen / 8, pen / 8)
        x, y = (np.interp(steps, length, curve[:, i] - low[i]) * fine for i in (0, 1))
        wave = random.uniform(0, 2 * np.pi) + steps / height * random.uniform(2, 6)
        radius = pen * fine / 2 * (1 - pressed * (0.5 + 0.5 * np.sin(wave)))
        for a, b, r in zip(x, y, radius, strict=True):
            brush.ellipse((a - r, b - r, a + r, b + r), fill=255)
    ink = ink.resize((max(ink.width // fine, 1), max(ink.height // fine, 1)), Image.Resampling.BOX)
    return np.asarray(ink) / 255


def printed(digit: int, height: float, random: Random) -> Array:
    """A digit of this height in a font: how much of each pixel is ink, 0..1."""
    name = FONTS[random.integers(len(FONTS))]
    size = height / 0.72  # digits are about so much of a font's size
    if name is None:
        font = ImageFont.load_default(size)
    else:
        folder = Path(matplotlib.get_data_path(), "fonts", "ttf")
        font = ImageFont.truetype(folder / f"{name}.ttf", size)
    left, top, right, bottom = font.getbbox(str(digit))
    ink = Image.new("L", (int(right - left) + 4, int(bottom - top) + 4), 0)
    ImageDraw.Draw(ink).text((2 - left, 2 - top), str(digit), fill=255, font=font)
    ink = ink.rotate(random.uniform(-8, 8), Image.Resampling.BICUBIC, expand=True)
    return np.asarray(ink) / 255


def placed(ink: Array, share: float, random: Random) -> Array:
    """The ink somewhere on a canvas, of whose height, or width, it takes this share."""
    height, width = ink.shape
    across = random.uniform(0.75, 1.5)  # of the canvas
    down = max(height / share, width / share / across)
    size = int(max(down, height + 2)), int(max(down * across, width + 2))
    canvas = np.zeros(size)
    top, left = random.integers(size[0] - height + 1), random.integers(size[1] - width + 1)
    canvas[top : top + height, left : left + width] = ink
    return canvas


def blurred(values: Array, radius: float) -> Array:
    """By a Gaussian, in 8 bits, as a camera has them."""
    picture = Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(float(radius))), float)


def light(shape: tuple[int, int], random: Random) -> Array:
    """How much light falls where: a lamp on one side, dark corners, perhaps a soft shadow."""
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    angle = random.uniform(0, 2 * np.pi)
    across = np.cos(angle) * x + np.sin(angle) * y
    bright = 1 - random.uniform(0, 0.3) * (1 + across) / 2
    bright *= 1 - random.uniform(0, 0.15) * (x**2 + y**2)
    if random.random() < 0.4:  # of a hand or a head
        angle = random.uniform(0, 2 * np.pi)
        edge = np.cos(angle) * x + np.sin(angle) * y - random.uniform(-0.6, 0.6)
        bright *= 1 - random.uniform(0.1, 0.45) / (1 + np.exp(-edge / random.uniform(0.05, 0.3)))
    return bright


def rules(shape: tuple[int, int], height: float, random: Random) -> Array:
    """Printed lines of a writing pad, how much of each pixel they darken."""
    gap, squared = height * random.uniform(0.5, 1.5), random.random() < 0.5
    thick = max(height * 0.012, 0.8)
    y, x = np.mgrid[: shape[0], : shape[1]] + random.uniform(0, gap)
    y = y + x * random.uniform(-0.03, 0.03)
    lines = np.clip(thick - np.abs(y % gap - gap / 2), 0, 1)
    if squared:
        lines = np.maximum(lines, np.clip(thick - np.abs(x % gap - gap / 2), 0, 1))
    return lines


def on_screen(canvas: Array, random: Random) -> Array:
    """As a program for drawing saves it: flat colours, now and then on nothing."""
    if random.random() < 0.3:
        canvas = np.round(canvas)  # without smooth edges
    colors = [(0, 0, 0), (0, 0, 0), (20, 40, 160), (200, 30, 30), (0, 110, 50), (70, 70, 70)]
    pen = np.array(colors[random.integers(len(colors))], float)
    paper = np.array([(255, 255, 255), (255, 255, 255), (250, 245, 220)][random.integers(3)], float)
    kind = random.random()
    if kind < 0.25:  # light on dark
        pen, paper = 255 - pen * 0.4, np.array([0, 25, 45])[random.integers(3)] * np.ones(3)
    elif kind < 0.45:  # on nothing, dark or white
        pen = pen if kind < 0.35 else np.full(3, 255.0)
        flat = np.broadcast_to(pen, (*canvas.shape, 3))
        return np.dstack([flat, 255 * canvas]).round().astype(np.uint8)
    picture = (paper + canvas[:, :, None] * (pen - paper)).round().astype(np.uint8)
    return picture if random.random() < 0.5 else np.asarray(Image.fromarray(picture).convert("L"))


def on_paper(canvas: Array, height: float, random: Random) -> Array:
    """A photograph or a scan of ink or pencil on paper."""
    paper, pen = random.uniform(0.65, 0.95), random.uniform(0.05, 0.4)
    grain = random.normal(0, 1, canvas.shape)
    if random.random() < 0.25:  # pencil
        pen = random.uniform(0.3, 0.5)
        canvas = canvas * np.clip(0.85 + 0.3 * grain, 0, 1)
    bare = np.full(canvas.shape, paper)
    if random.random() < 0.3:
        bare -= paper * random.uniform(0.1, 0.3) * rules(canvas.shape, height, random)
    seen = bare + canvas * (pen - bare)
    for _ in range(random.integers(0, 5)):  # dirt
        y, x = random.integers(canvas.shape[0]), random.integers(canvas.shape[1])
        r = int(max(height * random.uniform(0.004, 0.015), 1))
        seen[max(y - r, 0) : y + r, max(x - r, 0) : x + r] *= random.uniform(0.3, 0.8)
    seen = 255 * seen * light(canvas.shape, random) * random.uniform(0.7, 1.05)
    seen = blurred(seen, height * random.uniform(0, 0.012))
    seen += random.normal(0, random.uniform(0, 8), canvas.shape)
    tint = 1 - random.uniform(0, 0.12, 3) if random.random() < 0.6 else np.ones(3)
    colored = np.clip(seen[:, :, None] * tint, 0, 255).astype(np.uint8)
    return squeezed(colored, random)


def on_board(canvas: Array, height: float, random: Random) -> Array:
    """A photograph of chalk on a board."""
    board = random.uniform(0.1, 0.3)
    wiped = blurred(random.uniform(0, 255, canvas.shape), height / 8) / 255 - 0.5
    chalk = canvas * np.clip(0.85 + 0.25 * random.normal(0, 1, canvas.shape), 0, 1)
    seen = board + 0.3 * wiped + chalk * (random.uniform(0.65, 0.95) - board)
    seen = blurred(255 * seen * light(canvas.shape, random), height * random.uniform(0, 0.01))
    seen += random.normal(0, random.uniform(0, 6), canvas.shape)
    return squeezed(np.clip(seen[:, :, None] * [0.9, 1, 0.93], 0, 255).astype(np.uint8), random)


def squeezed(picture: Array, random: Random) -> Array:
    """What JPEG leaves of it."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=int(random.integers(40, 95)))
    read = Image.open(file)
    return np.asarray(read if random.random() < 0.7 else read.convert("L"))


def draw(digit: int, random: Random, font: bool) -> Array:
    """A picture of this digit: uint8, (height, width), or with a third axis of 3 or 4 colours."""
    height = np.exp(random.uniform(np.log(24), np.log(400)))
    ink = printed(digit, height, random) if font else written(digit, height, random)
    canvas = placed(ink, random.uniform(0.25, 0.9), random)
    kind = random.random()
    if kind < 0.4:
        return on_screen(canvas, random)
    return (on_paper if kind < 0.9 else on_board)(canvas, height, random)


def drawn(count: int, seed: int) -> tuple[list[Array], Array]:
    """So many pictures, half in fonts, half in strokes, with as many of each digit, and labels."""
    random = np.random.default_rng(seed)
    digits = np.arange(count) // 2 % 10
    return [draw(digit, random, font=i % 2 == 0) for i, digit in enumerate(digits)], digits
