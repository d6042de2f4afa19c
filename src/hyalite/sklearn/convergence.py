"""When an estimator's training has converged, and its learning rate on the way, epoch by epoch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from hyalite.errors import NonFiniteError
from hyalite.parameters import Backup
from hyalite.training.callbacks import Callback, Trainable

RATE_DIVISOR = 5  # what "adaptive" divides the learning rate by
# of the estimator, that a fit adds to
CURVES = (
    "n_iter_", "t_", "loss_", "loss_curve_", "best_loss_", "validation_scores_",
    "validation_loss_curve_", "best_validation_score_",
)  # fmt: skip
MIN_LEARNING_RATE = 1e-6  # learning rate below which "adaptive" stops


class DivergenceError(NonFiniteError, ValueError):
    """Training diverged: a ValueError, as scikit-learn's users expect, that begins in its words."""

    @classmethod
    def of(cls, found: object) -> DivergenceError:
        """The error, with what was found in full."""
        return cls(
            "Solver produced non-finite parameter weights. The input data may contain large values "
            f"and need to be preprocessed. Scale X, or lower learning_rate_init. In full: {found}"
        )


class Convergence(Callback):
    """Keeps the estimator's curves, and ends training as scikit-learn's MLPs do.

    Args:
        estimator: whose parameters say when, and whose attributes are kept up.
        score: of the samples held back, or None: their loss is looked at, where there are any.
        rows: samples of an epoch.
        waited: epochs without progress before this fit.
        one: a single epoch is asked for, which never ends early.
        outputs: how many times larger than `learning_rate_init` SGD's learning rate is.
        reported: whether the losses reported are as many times larger than the model's.

    Attributes:
        waited: epochs without progress, with those of this fit.
        ended: whether training has converged or diverged.
    """

    def __init__(
        self, estimator: Any, score: Callable[[], float] | None, *, rows: int, waited: int,
        one: bool, outputs: int, reported: bool,
    ) -> None:  # fmt: skip
        self.estimator, self.score, self.rows, self.one = estimator, score, rows, one
        self.waited, self.ended = waited, False
        self.rate_scale = outputs if estimator.solver == "sgd" else 1
        self.loss_scale = outputs if reported else 1
        self.schedule = estimator.learning_rate if estimator.solver == "sgd" else "constant"
        self.best: Backup | None = None

    def on_train_begin(self, model: Trainable) -> None:
        """A fit after one that has converged tries again."""
        if self.waited > self.estimator.n_iter_no_change and not self.one:
            self.waited = 0
        if self.schedule == "adaptive" and self._rate(model) <= MIN_LEARNING_RATE:
            self._set_rate(model, self.estimator.learning_rate_init)
        if self.estimator.validation_scores_:  # a warm start may bring nothing better
            self._keep(model)

    def on_epoch_end(self, model: Trainable, epoch: int, figures: dict[str, Any]) -> None:
        """Look at the loss or the score, and decide."""
        e = self.estimator
        self._count(figures["loss"] * self.loss_scale)
        if e.verbose:
            print(f"Iteration {e.n_iter_}, loss = {e.loss_:.8f}")
        if e.early_stopping:
            better = self._validate(model, figures["val_loss"] * self.loss_scale)
        else:
            better = e.loss_ <= e.best_loss_ - e.tol
            e.best_loss_ = min(e.best_loss_, e.loss_)
        self.waited = 0 if better else self.waited + 1
        if self.schedule == "invscaling":
            self._set_rate(model, e.learning_rate_init / math.pow(e.t_ + 1, e.power_t))
        if self.waited > e.n_iter_no_change and not self.one:
            if self.schedule == "adaptive" and self._rate(model) > MIN_LEARNING_RATE:
                self._set_rate(model, self._rate(model) / RATE_DIVISOR)
                self.waited = 0
            else:
                model.stop_training = self.ended = True

    def diverged(self) -> bool:
        """Note an epoch whose loss is not finite; whether there are weights to go back to."""
        if self.best is None:
            return False
        self._count(math.nan)
        self.estimator.validation_scores_.append(math.nan)
        self.estimator.validation_loss_curve_.append(math.nan)
        self.ended = True
        return True

    def restore(self, model: Trainable) -> None:
        """Go back to the best weights on the samples held back."""
        if self.best is not None:
            model.network.ready.restore(self.best)

    def get_state(self) -> dict[str, Any]:
        """The estimator's curves, and the best weights."""
        there = vars(self.estimator)
        return {
            "waited": self.waited,
            "ended": self.ended,
            "best": None if self.best is None else self.best._asdict(),
            "curves": {name: there[name] for name in CURVES if name in there},
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Take them up again."""
        self.waited, self.ended = state["waited"], state["ended"]
        self.best = None if state["best"] is None else Backup(**state["best"])
        vars(self.estimator).update(state["curves"])

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"score": None}  # it holds the samples

    def _count(self, loss: float) -> None:
        e = self.estimator
        e.n_iter_ += 1
        e.t_ += self.rows
        e.loss_ = loss
        e.loss_curve_.append(loss)

    def _validate(self, model: Trainable, loss: float) -> bool:
        e = self.estimator
        score = -loss if self.score is None else self.score()
        e.validation_scores_.append(score)
        e.validation_loss_curve_.append(loss)
        if e.verbose:
            print(f"Validation score: {score:.6f}")
        better = bool(score >= e.best_validation_score_ + e.tol)
        if score > e.best_validation_score_:
            e.best_validation_score_ = score
            self._keep(model)
        return better

    def _keep(self, model: Trainable) -> None:
        self.best = model.network.ready.backup()

    def _rate(self, model: Trainable) -> float:
        return float(model.optimizer.learning_rate) / self.rate_scale  # type: ignore[arg-type]

    def _set_rate(self, model: Trainable, rate: float) -> None:
        model.optimizer.learning_rate = rate * self.rate_scale
