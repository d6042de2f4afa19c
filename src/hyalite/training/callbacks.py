"""What may happen between epochs: the protocol, and early stopping."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any, Protocol

from hyalite import checks
from hyalite.config import nearest
from hyalite.network import Network
from hyalite.optimizers import Optimizer
from hyalite.parameters import Array
from hyalite.training.history import History


class Trainable(Protocol):
    """What a callback may use of a model."""

    network: Network
    optimizer: Optimizer
    history: History
    stop_training: bool  # set it to True to end after this epoch


class Callback:
    """Told what happens during a fit; every method may be left out."""

    def on_train_begin(self, model: Trainable) -> None:
        """Before the first epoch."""

    def on_epoch_begin(self, model: Trainable, epoch: int) -> None:
        """Before epoch number `epoch`, counted from 1."""

    def on_epoch_end(self, model: Trainable, epoch: int, figures: dict[str, Any]) -> None:
        """After epoch number `epoch`, with what was measured; entries may be added."""

    def on_train_end(self, model: Trainable) -> None:
        """After the last epoch, also where training was interrupted or failed."""

    def get_state(self) -> dict[str, Any]:
        """What a checkpoint must hold: numbers, texts, arrays, lists and dicts of them."""
        return {}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from where `get_state` was asked; called after `on_train_begin`."""


class EarlyStopping(Callback):
    """Stop when a figure has not improved for a while; in any case keep the best weights.

    The weights kept are those at the end of the epoch. A "val_..." figure is measured on just
    these; a training figure is the mean over the epoch, while the weights were still moving.

    Args:
        monitor: name of the figure, such as "val_loss" or "val_accuracy".
        patience: epochs without improvement before training stops.
        min_delta: what counts as improvement.
        mode: "min", "max", or "auto": max for accuracies, precision, recall, F1 and R2.

    Attributes:
        best: the best value so far.
        best_epoch: its epoch.
        stopped_epoch: the epoch after which training was stopped, or None.
    """

    _STATE = ("best", "best_epoch", "stopped_epoch", "_kept", "_waited")

    def __init__(
        self,
        monitor: str = "val_loss",
        patience: int = 5,
        min_delta: float = 0.0,
        mode: str = "auto",
    ) -> None:
        if mode not in ("auto", "min", "max"):
            raise ValueError(f"mode must be 'auto', 'min' or 'max', got {mode!r}")
        self.monitor = monitor
        self.patience = checks.whole(patience, "patience", low=0)
        self.min_delta = checks.number(min_delta, "min_delta", low=0)
        self.mode = mode
        self._begin()

    def __repr__(self) -> str:
        return f"EarlyStopping({self.monitor!r}, patience={self.patience})"

    def _begin(self) -> None:
        self.best = math.nan
        self.best_epoch: int | None = None
        self.stopped_epoch: int | None = None
        self._kept: Sequence[Array] | None = None  # theta and state
        self._waited = 0

    def on_train_begin(self, model: Trainable) -> None:
        self._begin()

    def on_epoch_end(self, model: Trainable, epoch: int, figures: dict[str, Any]) -> None:
        value = figures.get(self.monitor)
        if not isinstance(value, Real):
            if self.monitor in figures:
                raise ValueError(f"monitor {self.monitor!r} is no single number; choose another")
            hint = nearest(self.monitor, figures)
            if self.monitor.startswith("val_") and "val_loss" not in figures:
                hint = "Give fit validation_data or validation_split. "
            raise ValueError(
                f"monitor {self.monitor!r} is not among the figures. {hint}"
                f"There are {', '.join(figures)}"
            )
        value = float(value)
        gain = value - self.best if self._higher_is_better() else self.best - value
        if math.isfinite(value) and (self.best_epoch is None or gain > self.min_delta):
            parameters = model.network.parameters
            assert parameters is not None
            self.best, self.best_epoch, self._waited = value, epoch, 0
            self._kept = parameters.theta.copy(), parameters.state.copy()
            return
        self._waited += 1
        if self._waited >= max(1, self.patience):
            self.stopped_epoch = epoch
            model.stop_training = True

    def on_train_end(self, model: Trainable) -> None:
        parameters = model.network.parameters
        if self._kept is not None and parameters is not None:
            parameters.theta[...], parameters.state[...] = self._kept
            self._kept = None
            model.history.best_epoch = self.best_epoch

    def get_state(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self._STATE}

    def set_state(self, state: dict[str, Any]) -> None:
        for name in self._STATE:
            setattr(self, name, state[name])

    def _higher_is_better(self) -> bool:
        rising = ("accuracy", "precision", "recall", "f1", "r2")
        return self.mode == "max" or (self.mode == "auto" and self.monitor.endswith(rising))
