"""What may happen between epochs: the protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from hyalite.losses import Loss
from hyalite.metrics import Metric
from hyalite.network import Network
from hyalite.optimizers import Optimizer
from hyalite.parameters import Array, Shape
from hyalite.training.history import History


class Trainable(Protocol):
    """What a callback may use of a model; it is the model that `fit` was called on."""

    network: Network
    loss: Loss
    optimizer: Optimizer
    metrics: list[Metric]
    engine: str
    history: History
    stop_training: bool  # set it to True to end after this epoch

    def predict(self, x: Any) -> Array:
        """The outputs for samples."""

    def evaluate(self, x: Any, y: Any) -> dict[str, Any]:
        """Loss and metrics on data, by name."""

    def save(self, path: str | Path) -> None:
        """Write the model to a file."""

    def build(self, input_shape: Shape, seed: int) -> None:
        """Make the parameters and draw their initial values."""

    def get_config(self, input_shape: Shape) -> dict[str, Any]:
        """What the model is made of, as JSON data."""


class Callback:
    """Told what happens during a fit; every method may be left out.

    A callback that sets ``model.stop_training = True`` ends the fit after the epoch.

    In this order, each method for all callbacks, as they stand in the list::

        on_train_begin
            on_epoch_begin       for every epoch; not again for one that is resumed midway
            on_epoch_end
        on_train_end             whatever ended the fit

    One that raises ends the fit, and the exception reaches the caller. All whose `on_train_begin`
    was done are still told `on_train_end`; the model keeps its weights, the history has the epochs
    that were trained, and a further `fit` goes on from there.

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
        """Before the first epoch; the model is built, and ``model.history`` is empty."""

    def on_epoch_begin(self, model: Trainable, epoch: int) -> None:
        """Before epoch number `epoch`, counted from 1."""

    def on_epoch_end(self, model: Trainable, epoch: int, figures: dict[str, Any]) -> None:
        """After epoch number `epoch`, with what was measured, such as ``figures["val_loss"]``.

        Entries may be added. After the callbacks the figures come into ``model.history``.
        """

    def on_train_end(self, model: Trainable) -> None:
        """After the last epoch, also where training or another callback failed."""

    def get_state(self) -> dict[str, Any]:
        """What a checkpoint must hold: numbers, texts, arrays, lists and dicts of them."""
        return {}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from where `get_state` was asked; called after `on_train_begin`."""
