"""Early stopping."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hyalite import checks
from hyalite.parameters import Array, Backup
from hyalite.training.callbacks.base import Trainable
from hyalite.training.callbacks.monitor import Monitor


class EarlyStopping(Monitor):
    """Stop when a figure has not improved for a while; in any case keep the best weights.

    The weights kept are those at the end of the epoch. A "val_..." figure is measured on just
    these; a training figure is the mean over the epoch, while the weights were still moving.

    Args:
        monitor: name of the figure, such as "val_loss" or "val_accuracy".
        patience: epochs in a row without improvement after which training stops; 0 is as 1.
        min_delta: what an improvement must exceed.
        mode: "min", "max", or "auto": max for accuracies, precision, recall, F1 and R2.
        prefer: "first" or "last", which epoch counts where the best value comes again. After the
            last of them waiting begins anew.
        patience_growth: by how much patience grows with every epoch up to the best one, counted
            from the fit's first: training stops after patience + patience_growth·best epochs
            without improvement. With a learning rate that goes up and down in waves, each longer
            than the one before (`LogCosineCycles`), a figure is worse for as long as it took to
            get there; ``patience=21, patience_growth=1.0`` ends a fit in the first epoch that is
            beyond 2·best + 20.

    Attributes:
        best: the best value so far.
        best_epoch: its epoch.
        stopped_epoch: the epoch after which training was stopped, or None.

    Raises:
        ValueError: an argument out of range, or (in the fit) no figure of that name.

    Examples:
        With a learning rate of 0 nothing gets better after the first epoch:

        >>> model = hy.Sequential([hy.Dense(1)])
        >>> model.compile("mse", hy.SGD(0.0))
        >>> stopping = hy.EarlyStopping("loss", patience=2)
        >>> history = model.fit([[0.0]], [2.0], epochs=100, callbacks=[stopping], verbose=0)
        >>> stopping.best, stopping.best_epoch, stopping.stopped_epoch
        (4.0, 1, 3)
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        patience: int = 5,
        min_delta: float = 0.0,
        mode: str = "auto",
        *,
        prefer: str = "first",
        patience_growth: float = 0.0,
    ) -> None:
        super().__init__(monitor, min_delta, mode)
        self.patience = checks.integer(patience, "patience", low=0)
        if prefer not in ("first", "last"):
            raise ValueError(f"prefer must be 'first' or 'last', got {prefer!r}")
        self.prefer = prefer
        self.patience_growth = checks.number(patience_growth, "patience_growth", low=0)

    def __repr__(self) -> str:
        more = f", prefer={self.prefer!r}" if self.prefer != "first" else ""
        if self.patience_growth:
            more += f", patience_growth={self.patience_growth:g}"
        return f"EarlyStopping({self.monitor!r}, patience={self.patience}{more})"

    def forget(self) -> None:
        super().forget()
        self.stopped_epoch: int | None = None
        self._kept: Sequence[Array] | None = None  # theta and state
        self._waited = 0  # epochs since the best, and
        self._until_best = 0  # those up to it, of this fit

    def on_train_begin(self, model: Trainable) -> None:
        self.forget()

    def on_epoch_end(self, model: Trainable, epoch: int, figures: dict[str, Any]) -> None:
        self._waited += 1
        if self.improves(epoch, figures):
            self._until_best += self._waited
            self._waited = 0
            self._kept = model.network.ready.backup()
            return
        patience = self.patience + self.patience_growth * self._until_best
        if self._waited >= max(1, patience):
            self.stopped_epoch = epoch
            model.stop_training = True

    def on_train_end(self, model: Trainable) -> None:
        if self._kept is not None and model.network.built:
            model.network.ready.restore(Backup(*self._kept))  # a checkpoint gives a list
            self._kept = None
            model.history.best_epoch = self.best_epoch

    def get_state(self) -> dict[str, Any]:
        own = ("stopped_epoch", "_kept", "_waited", "_until_best")
        return super().get_state() | {name: getattr(self, name) for name in own}
