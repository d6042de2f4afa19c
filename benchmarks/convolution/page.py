"""The page of the comparison, every figure of it from its JSON."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import accuracy, agreement, report, train
from benchmarks.convolution import memory
from benchmarks.convolution.workloads import PICTURES, RACES
from benchmarks.peers import OTHERS, OURS, PEERS
from benchmarks.tables import megabytes, number, table

NAME = "convolution-benchmark"
Result = dict[str, Any]
FLOORS = ("floor", "floor-pytorch")
MEAN = 1.5  # times PyTorch on average, on networks of fewer parameters than LARGE
LARGE = 500_000

# Relative. In SimpleConvNet's first step one sum of a hidden unit is 8e-8, about what float32
# rounds it by, and ReLU's derivative is 1 for some and 0 for others. Adam's first steps are as long
# as the learning rate however small a gradient is: after 10 of them the losses differ by 1e-3.
CLOSE = 3e-3

METHOD = """\
As for [dense networks](benchmarks.md#how-it-was-measured): every peer has a process of its own, one
works at a time, and after all that they compile is compiled they take turns, {rounds} rounds. What
is timed is the training call alone, as the library's user writes it, on the same float32 pictures
of 28 by 28 from -1 to 1, in batches in a new order each epoch, from the same initial weights, with
Adam, and with loss and accuracy of every epoch reported. An epoch has so many pictures that a round
takes about {seconds:g} s or more."""

WORDS = """\
`conv32x5p2` is a convolution of 32 filters of 5 by 5 pixels, 3 by 3 unless said, with a border of 2
zeros, none unless said, then ReLU; with `lin` it has neither bias nor ReLU. `bn` is batch
normalization by channel, then ReLU. `pool` takes the maximum of 2 by 2 pixels, `flip` exchanges
left and right with probability 1/2, `drop0.5` is dropout, a number is a dense layer with ReLU.
Behind all is a dense layer of 10 with softmax and cross-entropy."""

DIFFERS = {
    "pytorch": "eager, fused Adam; channels last or first in memory, whichever was faster in a "
    "trial before the clock ran; last where memory was measured",
    "pytorch-compile": "the same with the model through `torch.compile`, which needs a C++ "
    "compiler and takes part only where it is asked for",
    "keras": "Adam adds ε to the root before its correction; max pooling by `lax.reduce_window`",
    "jax-step": "max pooling by a reshaped array's maximum, which is faster here than "
    "`lax.reduce_window`",
    "jax-scan": "the same with the whole epoch as one compiled call; takes part only where it is "
    "asked for, since convolutions in a loop take XLA several times as long on a processor",
    "floor": "no peer: a step's matrix products alone, one `np.dot` each on all BLAS threads. A "
    "convolution is the product of a matrix with a row for each window, which lies there and is "
    "never made: of the whole batch or of a few pictures at a time, whichever was faster",
    "floor-pytorch": "no peer: the same products, one `torch.mm` each",
}


def write(out: Path) -> Path:
    """Render the page from the JSON in the folder `out`."""
    result = json.loads((out / f"{NAME}.json").read_text(encoding="utf-8"))
    path = out / f"{NAME}.md"
    path.write_text(render(result), encoding="utf-8")
    return path


def render(result: Result) -> str:
    """The page."""
    steps = result["steps"]
    lines = [[text, found, "yes" if met else "no"] for text, found, met in goals(result)]
    blocks = [
        *report.head(result, "Convolution", NAME),
        "## Goals",
        table(["goal", "measured", "met"], lines, text=3),
        "## A step",
        train.tables(steps),
        *_beside_the_floor(steps),
    ]
    parts: dict[str, tuple[str, Callable[[Any], str]]] = {
        "agreement": (agreement.TITLE, partial(agreement.tables, close=CLOSE)),
        "races": (accuracy.TITLE, _races),
        "memory": ("Memory", memory.tables),
    }
    for name, (title, tables) in parts.items():
        if result.get(name):
            blocks += [f"## {title}", tables(result[name])]
    blocks += [
        "## How it was measured",
        METHOD.format(**result),
        report.particulars(result, DIFFERS),
        _forms(steps),
        "## Networks",
        _networks(steps),
        WORDS,
        "## Machine",
        report.both(result["machine"]),
        report.both(result["versions"]),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def goals(result: Result) -> Iterator[tuple[str, str, bool]]:
    """What was wanted, what was measured, and whether it is met; only what was measured."""
    steps = result["steps"]
    to_pytorch = [
        ratio
        for name, ratio in train.ratios(steps, "pytorch").items()
        if PICTURES[name].parameters < LARGE
    ]
    if to_pytorch:
        mean = statistics.geometric_mean(to_pytorch)
        text = (
            f"below {LARGE:,} parameters PyTorch takes at least {MEAN:g} times as long, on average"
        )
        yield text, f"{number(mean)} times", mean >= MEAN
    every = [(r, peer, name) for peer in OTHERS for name, r in train.ratios(steps, peer).items()]
    if every:
        ratio, peer, name = min(every)
        text = "a step is nowhere slower than another's"
        yield text, f"{number(ratio)} times: {PEERS[peer].title} on {name}", ratio >= 1
    yield from _race_goals(result.get("races", {}))
    kept = result.get("memory", {})
    if OURS in kept and "pytorch" in kept:
        ours, theirs = (kept[peer]["peak"] for peer in (OURS, "pytorch"))
        text = "DeepConvNet is trained in no more memory than by PyTorch"
        yield text, f"{megabytes(ours)}; PyTorch {megabytes(theirs)}", ours <= theirs


def _race_goals(races: Result) -> Iterator[tuple[str, str, bool]]:
    """The seconds to each accuracy beside those of the fastest other."""
    for name, found in races.items():
        seconds = {}
        for peer, runs in found["peers"].items():
            reached = accuracy.to_target(runs[0], found["target"])
            seconds[peer] = reached[0] if reached else float("inf")
        others = [(spent, peer) for peer, spent in seconds.items() if peer in OTHERS]
        if others and OURS in seconds:
            fastest, peer = min(others)
            text = f"no later than another at {100 * found['target']:g} % with {name}"
            times = f"{_seconds(seconds[OURS])}; {PEERS[peer].title} {_seconds(fastest)}"
            yield text, times, seconds[OURS] <= fastest < float("inf")


def _seconds(spent: float) -> str:
    return f"{number(spent)} s" if spent < float("inf") else "not reached"


def _beside_the_floor(steps: Result) -> list[str]:
    """Each library's time over that of the products alone."""
    peers = [name for name in train.peers_in(steps) if name not in FLOORS]
    lines = []
    for name, found in steps.items():
        least = [
            statistics.median(train.microseconds(found[floor]))
            for floor in FLOORS
            if floor in found
        ]
        if least:
            operations, floor = _operations(name), min(least)
            times = [
                number(statistics.median(train.microseconds(found[peer])) / floor)
                if peer in found
                else "–"
                for peer in peers
            ]
            cells = [
                number(operations / 1e9),
                number(floor / 1e3),
                number(operations / floor / 1e3),
            ]
            lines.append([name, *cells, *times])
    if not lines:
        return []
    head = ["", "GFLOP a step", "floor, ms", "its GFLOP/s", *(PEERS[peer].title for peer in peers)]
    text = (
        "How many times as long as the floor, the step's matrix products alone by whoever "
        "multiplies them faster; medians. Below 1 a library multiplies faster than that."
    )
    return ["### Beside the floor", text, table(head, lines)]


def _operations(name: str) -> int:
    """Multiplications and additions of a step's products: forward, by W, and by the inputs of all
    layers but the first.
    """
    workload = PICTURES[name]
    total = 0
    for layer, (rows, inner, columns) in enumerate(workload.products):
        total += (3 if layer else 2) * 2 * rows * inner * columns
    return total * (workload.batch or 1)


def _races(races: Result) -> str:
    known = {name: race for some in RACES.values() for name, race in some.items()}
    return accuracy.tables(races, known)


def _forms(steps: Result) -> str:
    """How PyTorch had the pictures in memory."""
    forms = {name: found["pytorch"]["form"] for name, found in steps.items() if "pytorch" in found}
    return (
        f"PyTorch took: {', '.join(f'{n} {form}' for n, form in forms.items())}." if forms else ""
    )


def _networks(steps: Result) -> str:
    lines = []
    for name in steps:
        w = PICTURES[name]
        layers = f"`{w.words}`"
        lines.append([name, w.source, layers, w.data, f"{w.parameters:,}", str(w.batch)])
    return table(["", "of", "hidden layers", "data", "parameters", "batch"], lines, text=4)
