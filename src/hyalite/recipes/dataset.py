"""Data to train on and data to test on, whatever they came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from hyalite.model import Sequential
from hyalite.parameters import Array

Kind = Literal["images", "points", "curve", "rows"]
VALIDATION_SHARE = 0.2  # of a folder of images that has no `test` in it, and of a table


@dataclass(frozen=True)
class Dataset:
    """Data to train on and data to test on.

    Attributes:
        name: of the data; files are named after it.
        kind: "images" and "points" have classes, a "curve" has numbers; "rows" of a table either.
        x: to train on; images are raw, uint8 (n, height, width[, 3]).
        y: labels, or numbers in their own unit.
        x_test: to test on; never seen in training.
        y_test: its labels or numbers.
        classes: their names; none where y is numbers.
        part: what the latter two are called: "test", or "validation" where they were cut off.

    Examples:
        >>> train, test = hy.datasets.sine(1000), hy.datasets.sine(99)
        >>> hy.recipes.Dataset("sine", "curve", *train, *test).describe()
        '1,000 points to train on, 99 more as test points'
    """

    name: str
    kind: Kind
    x: Array
    y: Array
    x_test: Array
    y_test: Array
    classes: tuple[str, ...] = ()
    part: str = "test"

    @property
    def noun(self) -> str:
        """What one speaks of in the plural."""
        return self.kind if self.kind in ("images", "rows") else "points"

    @property
    def rows(self) -> int:
        """How many there are to train on."""
        return len(self.x)

    def training_samples(self) -> tuple[Any, Array | None]:
        """Inputs and targets as `fit` takes them."""
        return self.x, self.training_targets()[0]

    def describe(self) -> str:
        """One line about the data."""
        text = f"{self.rows:,} {self.noun}"
        if self.kind == "images":
            text += " of " + size_text(self.x.shape[1:])
        if self.classes:
            text += f" in {len(self.classes)} classes"
        return f"{text} to train on, {len(self.x_test):,} more as {self.part} {self.noun}"

    def training_targets(self) -> tuple[Array, Array]:
        """Those of x and of x_test in the form that the network is trained to give."""
        return self.y, self.y_test

    def finish(self, model: Sequential) -> None:
        """Make the trained model give its answers in the targets' own unit."""


def size_text(shape: tuple[int, ...]) -> str:
    """A picture's shape in words."""
    return f"{shape[0]} x {shape[1]}" + (" in colour" if len(shape) == 3 else "")
