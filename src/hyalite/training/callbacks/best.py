"""The best model so far, in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hyalite.training.callbacks.base import Trainable
from hyalite.training.callbacks.monitor import Monitor


class SaveBest(Monitor):
    """Save the model whenever a figure is better than ever.

    Args:
        path: of the model file; each better model takes the place of the one before, whole.
        monitor: name of the figure.
        min_delta: what an improvement must exceed.
        mode: "min", "max" or "auto", as for `EarlyStopping`.

    Attributes:
        best: the best value so far.
        best_epoch: its epoch.

    Raises:
        ValueError: an argument out of range, or (in the fit) no figure of that name.
        OSError: (in the fit) the file cannot be written.

    Examples:
        >>> model = hy.Sequential([hy.Dense(1)])
        >>> model.compile("mse", hy.SGD(0.1))
        >>> best = hy.callbacks.SaveBest("best.safetensors", monitor="loss")
        >>> history = model.fit([[0.0]], [2.0], epochs=3, callbacks=[best], verbose=0)
        >>> best.best_epoch, np.array_equal(hy.load("best.safetensors").theta, model.theta)
        (3, True)
    """

    def __init__(
        self,
        path: str | Path,
        monitor: str = "val_loss",
        min_delta: float = 0.0,
        mode: str = "auto",
    ) -> None:
        super().__init__(monitor, min_delta, mode)
        self.path = Path(path)

    def on_train_begin(self, model: Trainable) -> None:
        self.forget()

    def on_epoch_end(self, model: Trainable, epoch: int, figures: dict[str, Any]) -> None:
        if self.improves(epoch, figures):
            model.save(self.path)
