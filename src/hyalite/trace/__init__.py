"""One training step laid open: every array by name, with the formula and the numbers in it.

A small network is shown whole; of a large one a path: one output, the largest terms of each sum,
one weight from its product to its update. It is shown as text, or as HTML with MathML.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from hyalite.data.samples import Batch
from hyalite.files.replacing import replace as replace_file
from hyalite.losses import Objective
from hyalite.network import Network
from hyalite.optimizers import Optimizer
from hyalite.parameters import Array
from hyalite.trace.as_html import fragment, page
from hyalite.trace.as_text import as_text, terminal_width
from hyalite.trace.document import Block
from hyalite.trace.origin import Origin
from hyalite.trace.path import path
from hyalite.trace.recording import Recording, Value, record
from hyalite.trace.whole import fits, whole

__all__ = ["Origin", "Trace", "Value", "trace"]


class Trace(Mapping[str, Array]):
    """The arrays of one training step by name, in the order in which they were computed.

    Printed, it reads like a worked example; at the end of a notebook's cell it is shown with
    formulas. What is small is shown whole, of what is large a path through the network. The arrays
    of the step are "dense_1.W after" and what the optimizer keeps, such as "dense_1.W mean before"
    and "dense_1.W mean".

    Attributes:
        values_in_order: each array with its formula and part.
        full: whether all arrays are shown, however large; may be set.

    Examples:
        >>> model = hy.Sequential([hy.Dense(1, use_bias=False)])
        >>> model.compile("mse", hy.SGD(0.1))
        >>> model.build(1)
        >>> model.set_weights([[[2.0]]])
        >>> trace = model.trace([[3.0]], [5.0])
        >>> trace["dense_1.dW"].item(), round(trace["dense_1.W after"].item(), 3)
        (6.0, 1.4)
        >>> print(str(trace).partition("Backward")[2].partition("dense_1.dx")[0])
        <BLANKLINE>
        ────────
        <BLANKLINE>
        dense_1.dy = 2·(p - t) / d / n   (1, 1)   where p = dense_1.y, d = 1, n = 1
            [2]
        dense_1.dy[0] = 2·(p - t) / d / n = 2·(6 - 5) / 1 / 1 = 2
        <BLANKLINE>
        dense_1.dW = xᵀ·dy   (1, 1)   where x = the sample
            [6]
        dense_1.dW[0, 0] = x[0]·dy[0] = 3·2 = 6
        <BLANKLINE>
        <BLANKLINE>
    """

    def __init__(
        self, recording: Recording, title: str, followed: tuple[int, int], full: bool
    ) -> None:
        self.values_in_order = recording.values
        self.full = full
        self._arrays = {value.name: value.array for value in recording.values}
        self._recording, self._title, self._followed = recording, title, followed
        # now, since it may ask layers once more for their derivatives
        self._path = [] if fits(recording.values) else path(recording, *followed)

    def __getitem__(self, name: str) -> Array:
        try:
            return self._arrays[name]
        except KeyError:
            raise KeyError(f"{name!r}; there are {', '.join(self._arrays)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def __repr__(self) -> str:
        return f"<Trace of {len(self)} arrays: {', '.join(self)}>"

    def __str__(self) -> str:
        return as_text(self._title, self._blocks, terminal_width())

    def _repr_html_(self) -> str:
        return fragment(self._title, self._blocks)

    def save(self, path: str | Path) -> None:
        """Write it to a file: a page where its name ends in ".html", or text in ".txt".

        The page is one file that loads nothing and runs nothing.

        Raises:
            ValueError: the name ends in something else.
            OSError: it cannot be written; an older file at `path` is then untouched.
        """
        kind = Path(path).suffix.lower()
        if kind not in (".html", ".txt"):
            raise ValueError(f"path must end in .html or .txt, got {str(path)!r}")
        text = page(self._title, self._blocks) if kind == ".html" else f"{self}\n"
        replace_file(Path(path), text.encode())

    @property
    def _blocks(self) -> Sequence[Block]:
        if self._path and not self.full:
            return self._path
        return whole(self._recording, *self._followed)


def trace(
    network: Network,
    objective: Objective,
    optimizer: Optimizer,
    batch: Batch,
    origin: Origin,
    output: int | None = None,
    full: bool = False,
) -> Trace:
    """Run a training step over `batch` and note everything. Network and optimizer stay as they are.

    Args:
        network: built.
        objective: the loss with the last activation.
        optimizer: as it is after the steps so far.
        batch: of the network's dtype.
        origin: of the samples.
        output: which is followed; None takes the target's.
        full: show everything, however large.
    """
    parameters = network.ready
    kept = parameters.state.copy(), parameters.grad.copy(), network.clock.row
    network.clock.row = 0
    try:
        recording = replace(record(network, objective, optimizer, batch), classes=origin.classes)
        row, output = 0, _output(recording, 0) if output is None else output
        return Trace(recording, origin.title(recording), (row, output), full)
    finally:
        parameters.state[...], parameters.grad[...], network.clock.row = kept


def _output(recording: Recording, row: int) -> int:
    """Which output is followed: that of the target's class, else the one most in the wrong."""
    t, dy = recording.outcome.arrays["t"], recording.outcome.dy
    if recording.find("labels") is not None:
        return int(t[row].argmax())
    return int(np.abs(dy[row]).argmax())
