"""A smaller learning rate where a figure no longer gets better."""

from __future__ import annotations

from typing import Any

from hyalite import checks
from hyalite.schedules import Schedule
from hyalite.training.callbacks.base import Trainable
from hyalite.training.callbacks.monitor import Monitor


class ReduceLearningRate(Monitor):
    """Multiply the learning rate by `factor` after `patience` epochs without improvement.

    Args:
        monitor: name of the figure.
        factor: between 0 and 1.
        patience: epochs in a row without improvement.
        cooldown: epochs after a reduction that are not counted.
        least: the learning rate never goes below this.
        min_delta: what an improvement must exceed.
        mode: "min", "max" or "auto", as for `EarlyStopping`.

    Attributes:
        epochs: after which the rate was reduced.
        best: the best value so far.
        best_epoch: its epoch.

    Raises:
        ValueError: an argument out of range, or (in the fit) no figure of that name, or a learning
            rate that follows a schedule.

    Examples:
        The loss is 0 from the first epoch on, so the rate is halved after each further one:

        >>> model = hy.Sequential([hy.Dense(1)])
        >>> model.compile("mse", hy.SGD(0.4))
        >>> reduce = hy.callbacks.ReduceLearningRate("loss", factor=0.5, patience=1)
        >>> model.fit([[0.0]], [0.0], epochs=4, callbacks=[reduce], verbose=0)["learning_rate"]
        [0.4, 0.4, 0.2, 0.1]
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        cooldown: int = 0,
        least: float = 0.0,
        min_delta: float = 0.0,
        mode: str = "auto",
    ) -> None:
        super().__init__(monitor, min_delta, mode)
        self.factor = checks.number(factor, "factor", low=0, high=1, above=True, below=True)
        self.patience = checks.integer(patience, "patience")
        self.cooldown = checks.integer(cooldown, "cooldown", low=0)
        self.least = checks.number(least, "least", low=0)

    def forget(self) -> None:
        super().forget()
        self.epochs: list[int] = []
        self._waited = self._cooling = 0

    def on_train_begin(self, model: Trainable) -> None:
        if isinstance(model.optimizer.learning_rate, Schedule):
            raise ValueError(
                "the learning rate follows a schedule; ReduceLearningRate needs a number"
            )
        self.forget()

    def on_epoch_end(self, model: Trainable, epoch: int, figures: dict[str, Any]) -> None:
        better = self.improves(epoch, figures)
        self._waited = 0 if better or self._cooling else self._waited + 1
        self._cooling = max(0, self._cooling - 1)
        if self._waited >= self.patience:
            rate = model.optimizer.learning_rate
            assert not isinstance(rate, Schedule)
            model.optimizer.learning_rate = max(self.least, rate * self.factor)
            self.epochs.append(epoch)
            self._waited, self._cooling = 0, self.cooldown

    def get_state(self) -> dict[str, Any]:
        own = ("epochs", "_waited", "_cooling")
        return super().get_state() | {name: getattr(self, name) for name in own}
