"""Small drawings as SVG, text as text: axes, lines, bars, points; colours are the page's."""

from __future__ import annotations

import html
import itertools
import math
from collections.abc import Iterable, Sequence

import numpy as np

from hyalite.text import columns, shown
from hyalite.translation import phrased

LETTER = 6.1  # width of a letter at the size of the labels, 11: half an em and a little
LONGEST_NAME = 24  # columns of a name beside an axis


def escaped(text: object, longest: int = 120) -> str:
    """Text for HTML: nothing in it is markup, and what would steer a page is replaced."""
    return html.escape(shown(str(text), longest))


class Chart:
    """A drawing area with two axes, in places of 1/10 of a unit of the screen.

    Args:
        title: what is shown, in a few words; stands above, and is read aloud.
        size: width and height; the page makes it as wide as there is room.
        x, y: what lies at the left and the right, at the bottom and the top.
        margins: left, right, top, bottom.
    """

    def __init__(
        self,
        title: str,
        size: tuple[float, float] = (360, 250),
        x: tuple[float, float] = (0, 1),
        y: tuple[float, float] = (0, 1),
        margins: tuple[float, float, float, float] = (46, 22, 10, 44),
    ) -> None:
        self.title, self.size = title, size
        self.x, self.y = _widened(x), _widened(y)
        left, right, top, bottom = margins
        self.left, self.right = left, size[0] - right
        self.top, self.bottom = top, size[1] - bottom
        self.parts: list[str] = []
        self.note = ""

    def at_x(self, value: float) -> float:
        """Where a value lies across."""
        low, high = self.x
        return self.left + (value - low) / (high - low) * (self.right - self.left)

    def at_y(self, value: float) -> float:
        """Where a value lies down."""
        low, high = self.y
        return self.bottom - (value - low) / (high - low) * (self.bottom - self.top)

    def rect(
        self, x0: float, y0: float, x1: float, y1: float, kind: str, opacity: float = 1.0
    ) -> None:
        """A rectangle between two corners, in values."""
        left, right = sorted((self.at_x(x0), self.at_x(x1)))
        top, bottom = sorted((self.at_y(y0), self.at_y(y1)))
        self.box(left, top, right - left, bottom - top, kind, opacity)

    def box(
        self, x: float, y: float, width: float, height: float, kind: str, opacity: float = 1.0
    ) -> None:
        """A rectangle in places of the drawing."""
        faint = f' fill-opacity="{opacity:.2f}"' if opacity < 1 else ""
        self.parts.append(
            f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.5):.1f}" '
            f'height="{max(height, 0.5):.1f}"{faint}/>'
        )

    def line(self, xs: Iterable[float], ys: Iterable[float], kind: str) -> None:
        """A line through points; it breaks where one is not finite."""
        path, pen = [], "M"
        for x, y in zip(xs, ys, strict=True):
            if math.isfinite(x) and math.isfinite(y):
                path.append(f"{pen}{self.at_x(x):.1f} {self.at_y(y):.1f}")
                pen = "L"
            else:
                pen = "M"
        if path:
            self.parts.append(f'<path class="line {kind}" d="{"".join(path)}"/>')

    def dots(self, xs: Iterable[float], ys: Iterable[float], kind: str, radius: float = 3) -> None:
        """A dot at each point."""
        for x, y in zip(xs, ys, strict=True):
            self.parts.append(
                f'<circle class="{kind}" cx="{self.at_x(x):.1f}" cy="{self.at_y(y):.1f}" '
                f'r="{radius:g}"/>'
            )

    def text(self, x: float, y: float, text: str, anchor: str = "middle", kind: str = "") -> None:
        """A text at a place of the drawing."""
        which = f' class="{kind}"' if kind else ""
        self.parts.append(
            f'<text{which} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escaped(text)}</text>'
        )

    def axis_x(self, label: str, ticks: Sequence[float], texts: Sequence[str]) -> None:
        """Marks, values and name below; as many values as there is room for."""
        widest = max((columns(text) for text in texts), default=1) * LETTER + 8
        room = max(1, int((self.right - self.left) / widest))
        every = -(-len(ticks) // room) if ticks else 1
        for tick, text in list(zip(ticks, texts, strict=True))[::every]:
            place = self.at_x(tick)
            if self.left - 1 <= place <= self.right + 1:
                self.parts.append(f'<path class="tick" d="M{place:.1f} {self.bottom:.1f}v4"/>')
                self.text(place, self.bottom + 16, text)
        self.parts.append(
            f'<path class="axis" d="M{self.left:.1f} {self.bottom:.1f}H{self.right:.1f}"/>'
        )
        self.text((self.left + self.right) / 2, self.size[1] - 6, shown(label, 52), kind="name")

    def axis_y(self, ticks: Sequence[float], texts: Sequence[str]) -> None:
        """Pale lines to read values by, and the values beside them."""
        for tick, text in zip(ticks, texts, strict=True):
            place = self.at_y(tick)
            if self.top - 1 <= place <= self.bottom + 1:
                self.parts.insert(
                    0, f'<path class="grid" d="M{self.left:.1f} {place:.1f}H{self.right:.1f}"/>'
                )
                self.text(self.left - 6, place + 4, text, "end")

    def legend(self, entries: Sequence[tuple[str, str]]) -> str:
        """Names of the colours, as HTML for the caption."""
        return " ".join(
            f'<span class="key"><svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">'
            f'<rect class="{kind}" width="10" height="10"/></svg> {escaped(name)}</span>'
            for name, kind in entries
        )

    def figure(self, caption: str = "") -> str:
        """The drawing as an HTML figure; `caption` is HTML."""
        width, height = self.size
        below = f"<p>{caption}</p>" if caption else ""
        told = phrased("{0}. {1}", self.title, self.note)
        return (
            f"<figure><figcaption><h3>{escaped(self.title)}</h3>{below}</figcaption>"
            f'<svg class="chart" viewBox="0 0 {width:g} {height:g}" role="img" '
            f'aria-label="{escaped(told, 400)}">'
            f"{''.join(self.parts)}</svg></figure>"
        )


def _widened(ends: tuple[float, float]) -> tuple[float, float]:
    """Two ends that differ."""
    low, high = float(ends[0]), float(ends[1])
    if not (math.isfinite(low) and math.isfinite(high)):
        return 0.0, 1.0
    if high - low > 1e-12 * max(abs(low), abs(high)):
        return low, high
    room = 0.5 * abs(low) or 0.5
    return low - room, low + room


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers from low to high: steps of 1, 2 or 5 times a power of ten."""
    if not high > low:
        return [low]
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def date_ticks(low: float, high: float, most: int = 6) -> tuple[list[float], list[str]]:
    """The beginnings of years, months, days or hours between two moments in microseconds."""
    ends = np.array([low, high]).astype("M8[us]")
    for unit, steps in (
        ("Y", (100, 50, 20, 10, 5, 2, 1)),
        ("M", (6, 3, 1)),
        ("D", (14, 7, 2, 1)),
        ("h", (12, 6, 1)),
    ):
        first, last = ends.astype(f"M8[{unit}]").astype(np.int64)
        for step in steps:
            start = first + (ends[0] > first.astype(f"M8[{unit}]"))
            zero = -1970 if unit == "Y" else 0  # so that 1960 is a round year
            start = -((zero - start) // step) * step + zero
            found = np.arange(start, last + 1, step)
            if most / 2 <= len(found) <= 2 * most:
                marks = found.astype(f"M8[{unit}]")
                return marks.astype("M8[us]").astype(float).tolist(), [str(m) for m in marks]
    marks = np.linspace(low, high, 3)
    return marks.tolist(), [str(m.astype("M8[us]").astype("M8[s]")) for m in marks]


def tick_texts(values: Sequence[float]) -> list[str]:
    """With as many digits as tell them apart; 250k for 250,000."""
    largest = max((abs(value) for value in values), default=0.0)
    size, letter = next(
        (pair for pair in ((1e9, "G"), (1e6, "M"), (1e3, "k")) if largest >= 10 * pair[0]),
        (1.0, ""),
    )
    if largest >= 1e13 or 0 < largest < 1e-4:
        return [f"{value:.3g}" for value in values]
    step = min((b - a for a, b in itertools.pairwise(values)), default=largest) / size
    digits = max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0
    return [
        f"{value / size + 0.0:,.{min(digits, 9)}f}{letter if value else ''}" for value in values
    ]


def percent_texts(values: Sequence[float]) -> list[str]:
    """Shares as percent."""
    return [f"{100 * value:.3g} %" for value in values]


def margin(texts: Sequence[str]) -> float:
    """How wide the left margin must be for such labels."""
    return 14 + LETTER * max((columns(text) for text in texts), default=4)
