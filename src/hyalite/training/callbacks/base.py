"""What may happen between epochs: the protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from hyalite.network import Network
from hyalite.optimizers import Optimizer
from hyalite.training.history import History


class Trainable(Protocol):
    """What a callback may use of a model."""

    network: Network
    optimizer: Optimizer
    history: History
    stop_training: bool  # set it to True to end after this epoch

    def save(self, path: str | Path) -> None:
        """Write the model to a file."""


class Callback:
    """Told what happens during a fit; every method may be left out.

    A callback that sets ``model.stop_training = True`` ends the fit after the epoch.

    Examples:
        >>> class Printer(hy.Callback):
        ...     def on_epoch_end(self, model, epoch, figures):
        ...         print(epoch, figures)
        >>> model = hy.Sequential([hy.Dense(1)])
        >>> model.compile("mse", hy.SGD(0.25))
        >>> history = model.fit([[0.0]], [2.0], epochs=2, callbacks=[Printer()], verbose=0)
        1 {'loss': 4.0, 'learning_rate': 0.25}
        2 {'loss': 1.0, 'learning_rate': 0.25}
    """

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
