"""The pictures of the plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.pictures import plain
from benchmarks.scaling import assumed, measured
from benchmarks.scaling.cost import break_even, direct, halving, step, to_target
from benchmarks.scaling.simulation import Waits
from hyalite.plots import canvas

FOLDER = Path("images") / "scaling"
PARTS = {
    "rows": canvas.BLUE,
    "passes": canvas.GREEN,
    "overhead": canvas.PALE,
    "latency": "#E69F00",
    "wire": canvas.VERMILLION,
    "adding": "#CC79A7",
}
Result = dict[str, Any]


def draw(result: Result, found: Result | None, out: Path) -> dict[str, str]:
    """Draw all; by name, the picture's path seen from the page."""
    made: dict[str, Callable[[], Any]] = {
        "step": parts_of_a_step,
        "break-even": batches_that_pay,
        "target": to_a_loss,
        "stragglers": lambda: waiting(result["stragglers"]),
        "checkpoints": lambda: intervals(result["sweep"]),
    }
    if found is not None:
        made["measured"] = lambda: beside(found)
    paths = {}
    for name, make in made.items():
        place = FOLDER / f"{name}.png"
        (out / place).parent.mkdir(parents=True, exist_ok=True)
        canvas.save(make(), out / place, dpi=110)
        paths[name] = place.as_posix()
    return paths


def parts_of_a_step(parameters: float = 1e6, rows: int = 1024) -> Any:
    """Bars: what a step is spent on, with so many rows for each worker."""
    axes = canvas.grid(2, 2, (5.2, 3.8), extra=0.5)
    machine = assumed.MACHINES[assumed.LARGE]
    for ax, (name, messages) in zip(
        axes, {"each to every other": direct, "halving": halving}.items(), strict=True
    ):
        link, below = assumed.LINKS["100 Gbit/s"], np.zeros(len(assumed.WORKERS))
        steps = [
            step(parameters, rows * workers, workers, machine, link, messages=messages)
            for workers in assumed.WORKERS
        ]
        for part, color in PARTS.items():
            heights = np.array([1e3 * getattr(one, part) for one in steps])
            ax.bar(range(len(steps)), heights, bottom=below, label=part, color=color)
            below += heights
        canvas.dress(ax, f"100 Gbit/s, {name}", "workers", "ms a step")
        ax.set_xticks(range(len(steps)), [f"{workers:,}" for workers in assumed.WORKERS])
    canvas.legend_beside(axes[-1])
    return axes


def batches_that_pay() -> Any:
    """Curves: from which batch eight workers are faster than one, by the parameters."""
    axes = canvas.grid(2, 2, (5.2, 3.8), extra=0.5)
    sizes = np.geomspace(1e4, 1e8, 60)
    for ax, (name, machine) in zip(axes, assumed.MACHINES.items(), strict=True):
        for link, color in zip(assumed.LINKS, canvas.CLASS_COLORS, strict=False):
            batches = [break_even(n, 8, machine, assumed.LINKS[link]) for n in sizes]
            ax.plot(sizes, batches, label=link, color=color)
        batches = [break_even(n, 8, machine, assumed.DASK) for n in sizes]
        ax.plot(sizes, batches, "--", label="10 Gbit/s, Dask", color=canvas.GRAY)
        ax.set_xscale("log")
        ax.set_yscale("log")
        canvas.dress(ax, f"Machines of {name}", "parameters", "rows a batch")
        ax.grid(True, color=canvas.PALE, linewidth=0.7)
        plain(ax.yaxis)
        plain(ax.xaxis)
        ax.set_xticks([1e4, 1e5, 1e6, 1e7, 1e8], ["10,000", "0.1 M", "1 M", "10 M", "100 M"])
    canvas.legend_beside(axes[-1])
    return axes


def to_a_loss() -> Any:
    """Curves: how many times as soon a loss is reached, each with its best batch."""
    axes = canvas.grid(2, 2, (5.2, 3.8), extra=0.5)
    machine, link = assumed.MACHINES[assumed.LARGE], assumed.LINKS[assumed.SLOW]
    for ax, parameters in zip(axes, (1e5, 1e7), strict=True):
        for noise, color in zip((1e2, 1e3, 1e4, 1e5), canvas.CLASS_COLORS, strict=False):
            alone = to_target(parameters, noise, 1, machine, link)[0]
            times = [
                alone / to_target(parameters, noise, workers, machine, link)[0]
                for workers in assumed.WORKERS
            ]
            ax.plot(assumed.WORKERS, times, marker="o", label=f"{noise:,.0f}", color=color)
        ax.set_xscale("log", base=2)
        ax.set_yscale("log")
        ax.axhline(1, color=canvas.GRAY, linewidth=1)
        title = f"{parameters:,.0f} parameters, {assumed.SLOW}"
        canvas.dress(ax, title, "workers", "times as soon")
        ax.xaxis.set_major_formatter("{x:,.0f}")
        plain(ax.yaxis)
    canvas.legend_beside(axes[-1], title="noise scale, rows")
    return axes


def waiting(stragglers: list[Result]) -> Any:
    """Curves: a step by the number of workers, expected and drawn."""
    ax = canvas.figure(7, 4).add_subplot()
    kinds: dict[str, Waits] = {"jitter": assumed.JITTER, "hiccup": assumed.HICCUPS}
    workers = [found["workers"] for found in stragglers]
    for (kind, waits), color in zip(kinds.items(), canvas.CLASS_COLORS, strict=False):
        expected = [waits.mean_of_slowest(p) for p in workers]
        ax.plot(workers, expected, label=f"{kind}, expected", color=color)
        drawn = [found[kind] for found in stragglers]
        ax.plot(workers, drawn, "o", label=f"{kind}, drawn", color=color)
    ax.set_xscale("log", base=2)
    ax.set_ylim(bottom=0)
    ax.xaxis.set_major_formatter("{x:,.0f}")
    canvas.dress(ax, "A step lasts as long as its slowest worker", "workers", "steps' time")
    canvas.legend_beside(ax)
    return ax


def intervals(sweep: Result) -> Any:
    """Time lost by the interval between checkpoints, drawn and expected, with the formulas'."""
    ax = canvas.figure(8, 4.2).add_subplot()
    job = assumed.SWEEP
    drawn = np.array(sweep["stretch"])
    lengths = np.geomspace(min(sweep["intervals"]), max(sweep["intervals"]), 200)
    expected = [job.stretch(length) - 1 for length in lengths]
    ax.plot(lengths, expected, color=canvas.BLUE, label="expected")
    middle = drawn.mean(axis=1) - 1
    spread = np.abs(np.array([drawn.min(axis=1), drawn.max(axis=1)]) - 1 - middle)
    label = f"drawn: mean, least and greatest of {drawn.shape[1]}"
    ax.errorbar(sweep["intervals"], middle, spread, fmt="o", color=canvas.VERMILLION, label=label)
    for name, at, style in (("Young", job.young(), ":"), ("Daly", job.daly(), "--")):
        ax.axvline(at, color=canvas.GRAY, linestyle=style, label=f"{name}: {at:.0f} s")
    ax.set_xscale("log")
    ax.set_yscale("log")
    plain(ax.xaxis)
    plain(ax.yaxis)
    ax.yaxis.set_major_formatter(canvas.percent())
    canvas.dress(ax, "Checkpoints too often, checkpoints too seldom", "seconds between", "lost")
    canvas.legend_beside(ax)
    return ax


def beside(found: Result) -> Any:
    """Points: measured over predicted, exchanges and steps."""
    axes = canvas.grid(2, 2, (5.2, 3.8), extra=0.5)
    kinds = {"Exchange": measured.exchanges(found), "Step": measured.steps(found)}
    for ax, (title, lines) in zip(axes, kinds.items(), strict=True):
        every = list(lines)
        for ranks, color in zip((1, 2, 3, 4), canvas.CLASS_COLORS, strict=False):
            of = [line for line in every if line.ranks == ranks]
            if of:
                across, up = ([1e3 * getattr(line, name) for line in of]
                              for name in ("predicted", "measured"))  # fmt: skip
                ax.plot(across, up, "o", color=color, label=f"{ranks}")
        ends = [1e3 * f(line.predicted for line in every) for f in (min, max)]
        ax.plot(ends, ends, color=canvas.GRAY, linewidth=1)
        ax.set_xscale("log")
        ax.set_yscale("log")
        plain(ax.xaxis)
        plain(ax.yaxis)
        canvas.dress(ax, title, "predicted, ms", "measured, ms")
    canvas.legend_beside(axes[-1], title="ranks")
    return axes
