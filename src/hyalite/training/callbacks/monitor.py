"""Watching one figure: what it is, and whether it got better."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

from hyalite import checks
from hyalite.config import nearest
from hyalite.training.callbacks.base import Callback

HIGHER_IS_BETTER = ("accuracy", "precision", "recall", "f1", "r2")


class Monitor(Callback):
    """A callback that follows one figure.

    Args:
        monitor: name of the figure, such as "val_loss" or "val_accuracy".
        min_delta: what an improvement must exceed.
        mode: "min", "max", or "auto": max for accuracies, precision, recall, F1 and R2.

    Attributes:
        best: the best value so far.
        best_epoch: its epoch.
    """

    prefer = "first"  # of the epochs that have the best value

    def __init__(self, monitor: str, min_delta: float, mode: str) -> None:
        if mode not in ("auto", "min", "max"):
            raise ValueError(f"mode must be 'auto', 'min' or 'max', got {mode!r}")
        self.monitor, self.mode = monitor, mode
        self.min_delta = checks.number(min_delta, "min_delta", low=0)
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.best = math.nan
        self.best_epoch: int | None = None

    def improves(self, epoch: int, figures: dict[str, Any]) -> bool:
        """Whether the figure is better than ever, or as good where the last counts; then it is the
        best from now on.

        Raises:
            ValueError: there is no such figure, or it is no number.
        """
        value = self._value(figures)
        gain = value - self.best if self._higher_is_better() else self.best - value
        again = self.prefer == "last" and gain == 0
        known = self.best_epoch is not None
        if not math.isfinite(value) or (known and gain <= self.min_delta and not again):
            return False
        self.best, self.best_epoch = value, epoch
        return True

    def _value(self, figures: dict[str, Any]) -> float:
        value = figures.get(self.monitor)
        if isinstance(value, Real):
            return float(value)
        if self.monitor in figures:
            raise ValueError(f"monitor {self.monitor!r} is no single number; choose another")
        hint = nearest(self.monitor, figures)
        if self.monitor.startswith("val_") and "val_loss" not in figures:
            hint = "Give fit validation_data or validation_split. "
        raise ValueError(
            f"monitor {self.monitor!r} is not among the figures. {hint}"
            f"There are {', '.join(figures)}"
        )

    def _higher_is_better(self) -> bool:
        return self.mode == "max" or (
            self.mode == "auto" and self.monitor.endswith(HIGHER_IS_BETTER)
        )

    def get_state(self) -> dict[str, Any]:
        return {"best": self.best, "best_epoch": self.best_epoch}

    def set_state(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
