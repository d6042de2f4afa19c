"""Training curves that are drawn anew in a notebook as the epochs end.

A callback lives among the pictures since imports point one way: `training` knows of no plots.
"""

from __future__ import annotations

import copy
import io
import sys
import time
from typing import Any

from hyalite import checks
from hyalite.errors import require
from hyalite.messages import say
from hyalite.plots.training_curves import curves
from hyalite.training.callbacks import Callback, Trainable
from hyalite.training.history import History

MAX_DRAWING_SHARE = 0.1  # of the time, at most, goes into drawing; a drawing takes about 0.2 s
DPI = 144  # shown at half the size, for sharp screens


class LivePlot(Callback):
    """The curves of loss and metrics in a notebook's output, drawn anew while training goes on.

    It draws after the first epoch and after the last, and in between as often as `every` says but
    for no more than a tenth of the time. Outside a notebook it draws nothing and says so once, so
    that a program runs in either place.

    Args:
        every: draw after so many epochs.
        validation: what the legend calls the validation data, such as "test".

    Raises:
        MissingExtra: in a notebook, when training begins, where matplotlib is not installed.

    Examples:
        >>> model = hy.Sequential([hy.Dense(1)])
        >>> model.compile("mse")
        >>> live = hy.plots.LivePlot()
        >>> history = model.fit([[0.0]], [2.0], epochs=5, verbose=0, callbacks=[live])
    """

    def __init__(self, every: int = 1, validation: str = "validation") -> None:
        self.every = checks.integer(every, "every")
        self.validation = validation
        self._drawing = self._said = False
        self._handle: Any = None  # of the output that is replaced
        self._rest_until = 0.0
        self._drawn = 0  # epochs

    def on_train_begin(self, model: Trainable) -> None:
        self._handle, self._rest_until, self._drawn = None, 0.0, 0
        self._drawing = in_notebook()
        if self._drawing:
            require("matplotlib", extra="plot", purpose="LivePlot")
        elif not self._said:
            self._said = True
            say(
                "LivePlot draws in a notebook only; elsewhere use "
                "hyalite.plots.curves(model.history) after the fit"
            )

    def on_epoch_end(self, model: Trainable, epoch: int, figures: dict[str, Any]) -> None:
        epochs = len(model.history) + 1  # this one comes into the history after the callbacks
        due = self._handle is None or epochs % self.every == 0
        if self._drawing and due and time.perf_counter() >= self._rest_until:
            history = copy.deepcopy(model.history)
            history.append(epoch, figures, 0.0)
            self._draw(history)

    def on_train_end(self, model: Trainable) -> None:
        if self._drawing and len(model.history) > self._drawn:
            self._draw(model.history)

    def _draw(self, history: History) -> None:
        began = time.perf_counter()
        content = io.BytesIO()
        axes = curves(history, validation=self.validation)
        axes[0].figure.savefig(content, format="png", dpi=DPI)
        display = require("IPython.display", extra="plot", purpose="LivePlot")
        picture = display.Image(data=content.getvalue(), format="png", retina=True)
        if self._handle is None:
            self._handle = display.display(picture, display_id=True)
        else:
            self._handle.update(picture)
        self._drawn = len(history)
        now = time.perf_counter()
        self._rest_until = now + (now - began) * (1 / MAX_DRAWING_SHARE - 1)


def in_notebook() -> bool:
    """Whether a notebook's kernel runs this; nothing is imported to find out."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None
