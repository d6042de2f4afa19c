"""What was measured in each epoch of a fit."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hyalite.files.replacing import replace


class History:
    """Figures by name, a list with one entry an epoch.

    ``history["loss"]`` is the mean over the epoch, penalties included; where there are penalties,
    ``"data_loss"`` and ``"penalty"`` are its two parts. ``"val_..."`` come from the validation
    data after the epoch; a validation loss has no penalty in it. ``"learning_rate"`` is that of
    the epoch's last step. A name that was not recorded is a KeyError that lists those that were.

    Attributes:
        history: the figures (Keras's word); None where an epoch has no such figure.
        epochs: numbers of the epochs, counted from 1 over all fits of the model.
        seconds: duration of each epoch; kept apart, since it differs from run to run.
        seed: of this fit.
        best_epoch: whose weights an `EarlyStopping` restored, or None.

    Args:
        seed: of the fit.

    Examples:
        >>> history = hy.History(seed=0)
        >>> history.append(1, {"loss": 0.5}, seconds=0.1)
        >>> history.append(2, {"loss": 0.25, "accuracy": 1.0}, seconds=0.1)
        >>> history["loss"], history["accuracy"], history.epochs
        ([0.5, 0.25], [None, 1.0], [1, 2])
    """

    def __init__(self, seed: int) -> None:
        self.history: dict[str, list[Any]] = {}
        self.epochs: list[int] = []
        self.seconds: list[float] = []
        self.seed = seed
        self.best_epoch: int | None = None

    def append(self, epoch: int, figures: dict[str, Any], seconds: float) -> None:
        """Add an epoch.

        Args:
            epoch: its number.
            figures: what was measured, by name.
            seconds: how long it took.
        """
        self.extend([epoch], {name: [value] for name, value in figures.items()}, seconds)

    def extend(self, epochs: Sequence[int], figures: dict[str, list[Any]], seconds: float) -> None:
        """Add epochs.

        Args:
            epochs: their numbers.
            figures: what was measured, by name, a list with one entry an epoch.
            seconds: how long each took.
        """
        for name in figures:  # at first, or a figure comes late
            self.history.setdefault(name, [None] * len(self.epochs))
        for name, values in self.history.items():
            new = figures.get(name, [None] * len(epochs))
            values += [value if type(value) is float else _plain(value) for value in new]
        self.epochs += epochs
        self.seconds += [seconds] * len(epochs)

    def __getitem__(self, name: str) -> list[Any]:
        try:
            return self.history[name]
        except KeyError:
            raise KeyError(f"{name!r}; recorded: {', '.join(self.history)}") from None

    def __contains__(self, name: object) -> bool:
        return name in self.history

    def __iter__(self) -> Iterator[str]:
        return iter(self.history)

    def __len__(self) -> int:
        return len(self.epochs)

    def __repr__(self) -> str:
        last = ", ".join(
            f"{name} {values[-1]:.4g}"
            for name, values in self.history.items()
            if isinstance(values[-1], float)
        )
        return f"<History of {len(self)} epoch{'s' * (len(self) != 1)}: {last}>"

    def save(self, path: str | Path) -> None:
        """Write all of it as JSON; a figure that is not finite becomes null.

        Raises:
            OSError: it cannot be written; an older file at `path` is then untouched.
        """
        content = {
            "seed": self.seed,
            "best_epoch": self.best_epoch,
            "epochs": self.epochs,
            "seconds": [round(s, 4) for s in self.seconds],
            "history": _finite(self.history),
        }
        replace(Path(path), (json.dumps(content, indent=1) + "\n").encode())


def _plain(value: Any) -> Any:
    """NumPy's numbers and arrays as Python's."""
    return value.tolist() if isinstance(value, (np.generic, np.ndarray)) else value


def _finite(value: Any) -> Any:
    """JSON has no NaN and no infinity."""
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
