"""The report's pictures."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import growth, train
from benchmarks.peers import OURS, PEERS
from benchmarks.workloads import RACES
from hyalite.plots import canvas

FOLDER = Path("images") / "benchmarks"
# one for each of the registry, the same in all pictures
COLORS = (*canvas.CLASS_COLORS, "#882255", canvas.GRAY, canvas.PALE, "#999933")
Result = dict[str, Any]


def draw(result: Result, out: Path) -> dict[str, str]:
    """Draw what there are figures for; by part, the picture's path seen from the report."""
    paths = {}
    for part, make in PICTURES.items():
        if result.get(part):
            place = FOLDER / f"{part}.png"
            (out / place).parent.mkdir(parents=True, exist_ok=True)
            canvas.save(make(result[part]), out / place, dpi=110)
            paths[part] = place.as_posix()
    return paths


def color(peer: str) -> str:
    """The peer's own."""
    return COLORS[list(PEERS).index(peer)]


def training(result: Result) -> Any:
    """Bars: how many times as long as Hyalite each peer takes."""
    peers = [name for name in train.peers_in(result) if name != OURS]
    ax = canvas.figure(11, 4.5).add_subplot()
    width = 0.8 / max(1, len(peers))
    for number, peer in enumerate(peers):
        by_workload = train.ratios(result, peer)
        places = [list(result).index(name) + number * width for name in by_workload]
        bars = list(by_workload.values())
        ax.bar(places, bars, width, label=PEERS[peer].title, color=color(peer))
    ax.set_yscale("log")
    ax.axhline(1, color=canvas.GRAY, linewidth=1)
    canvas.dress(ax, "A training step's time", "", "times as long as Hyalite")
    ax.set_xticks(np.arange(len(result)) + 0.4 - width / 2, list(result))
    plain(ax.yaxis)
    canvas.legend_beside(ax)
    return ax


def growing(result: Result) -> Any:
    """Curves on logarithmic axes, one panel a series, and one for the memory by rows."""
    panels: list[tuple[str, str, Callable[[str, list[Result]], dict[int, float]]]] = [
        (series, growth.UNIT.get(series, "µs a step"), growth.curve) for series in result
    ]
    if "rows" in result:
        panels.append(("rows", "memory, MB", lambda _, found: growth.heap(found)))
    axes = canvas.grid(len(panels), 3, (4.2, 3.4), extra=0.5)
    for ax, (series, unit, curve) in zip(axes, panels, strict=True):
        for peer, points in result[series].items():
            values = curve(series, points)
            line = [*values], [*values.values()]
            ax.plot(*line, marker="o", label=PEERS[peer].title, color=color(peer))
        ax.set_xscale("log", base=10 if series == "rows" else 2)
        ax.set_yscale("log")
        canvas.dress(ax, f"By {series}", series, unit)
        ax.grid(True, color=canvas.PALE, linewidth=0.7)
        plain(ax.yaxis)
        if series != "rows":
            ax.xaxis.set_major_formatter("{x:.0f}")
    canvas.legend_beside(axes[min(2, len(axes) - 1)])
    return axes


def racing(result: Result) -> Any:
    """Test accuracy over the seconds of training; the first seed of each peer."""
    axes = canvas.grid(len(result), 2, (5.5, 4), extra=0.5)
    for ax, (name, found) in zip(axes, result.items(), strict=True):
        for peer, runs in found["peers"].items():
            seconds = list(itertools.accumulate(runs[0]["seconds"]))
            label = PEERS[peer].title
            ax.plot(seconds, runs[0]["accuracy"], marker="o", label=label, color=color(peer))
        ax.axhline(found["target"], color=canvas.GRAY, linewidth=1)
        ax.set_xscale("log")
        canvas.dress(ax, RACES[name][0].name, "seconds of training", "right on the test images")
        ax.yaxis.set_major_formatter(canvas.percent())
        plain(ax.xaxis)
    canvas.legend_beside(axes[-1])
    return axes


def remembering(result: Result) -> Any:
    """Bars: peak memory."""
    ax = canvas.figure(9, 0.4 * len(result) + 1.4).add_subplot()
    names = list(reversed(result))
    bars = [result[name] / 1e6 for name in names]
    ax.barh([PEERS[n].title for n in names], bars, color=[color(n) for n in names])
    canvas.dress(ax, "Peak memory of one epoch", "MB", "")
    return ax


def weighing(result: Result) -> Any:
    """Bars: size on disk and seconds of the import."""
    axes = canvas.grid(2, 2, (5.5, 0.4 * len(result) + 1.2))
    names = list(reversed(result))
    titles = [" + ".join(PEERS[name].requirements) for name in names]
    heaps = [sum(result[name]["bytes"].values()) / 1e6 for name in names]
    times = [statistics.median(result[name]["import"]) for name in names]
    for ax, bars, title, unit in (
        (axes[0], heaps, "Installed", "MB"),
        (axes[1], times, "Import", "seconds"),
    ):
        ax.barh(titles, bars, color=[color(name) for name in names])
        ax.set_xscale("log")
        canvas.dress(ax, title, unit, "")
        plain(ax.xaxis)
    return axes


def plain(axis: Any) -> None:
    """A logarithmic axis with the numbers 0.1, 0.2, 0.5, 1 and so on, not powers of ten."""
    from matplotlib import ticker

    axis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,.6g}"))
    axis.set_minor_formatter(ticker.NullFormatter())


PICTURES: dict[str, Callable[[Result], Any]] = {
    "train": training,
    "growth": growing,
    "accuracy": racing,
    "memory": remembering,
    "sizes": weighing,
}
