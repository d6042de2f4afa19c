"""When an estimator's training has converged, and its learning rate on the way, epoch by epoch."""

from __future__ import annotations

import math
from typing import Any

from hyalite.parameters import Backup
from hyalite.training.callbacks import Callback, Trainable

SLOWER = 5  # what "adaptive" divides the learning rate by
LEAST = 1e-6  # learning rate below which "adaptive" stops


class Convergence(Callback):
    """Keeps the estimator's curves, and ends training as scikit-learn's MLPs do.

    Args:
        estimator: whose parameters say when.
        held: x, y, target, weight of the samples held back, or None.
        rows: samples of an epoch.
        one: a single epoch is asked for, which never ends early.
    """

    def __init__(self, estimator: Any, held: tuple[Any, ...] | None, rows: int, one: bool) -> None:
        self.estimator, self.held, self.rows, self.one = estimator, held, rows, one
        self.waited: int = estimator._waited
        self.converged = False
        self.best: Backup | None = None
        if held is not None and estimator.validation_scores_:  # a warm start may bring nothing
            self.best = estimator.model_.network.ready.backup()

    def on_epoch_end(self, model: Trainable, epoch: int, figures: dict[str, Any]) -> None:
        """Look at the loss or the score, and decide."""
        e = self.estimator
        samples = e.model_.history.epochs  # of this fit, so far
        e.n_iter_ = len(samples) + 1
        e.loss_ = figures["loss"]
        e.loss_curve_.append(e.loss_)
        e.t_ += self.rows
        if e.verbose:
            print(f"Iteration {e.n_iter_}, loss = {e.loss_:.8f}")
        if self.held is None:
            better = e.loss_ <= e.best_loss_ - e.tol
            e.best_loss_ = min(e.best_loss_, e.loss_)
        else:
            better = self._validate(model, figures)
        self.waited = 0 if better else self.waited + 1
        self._set_rate(model)
        if self.waited > e.n_iter_no_change and not self.one:
            if e.solver == "sgd" and e.learning_rate == "adaptive" and self._rate(model) > LEAST:
                model.optimizer.learning_rate = self._rate(model) / SLOWER
                self.waited = 0
            else:
                model.stop_training = self.converged = True
                self.waited = 0  # a further fit is to try again
                if e.solver == "sgd" and e.learning_rate == "adaptive":
                    model.optimizer.learning_rate = e.learning_rate_init
        e._waited = self.waited

    def restore(self) -> None:
        """Go back to the best weights on the samples held back."""
        if self.best is not None:
            self.estimator.model_.network.ready.restore(self.best)

    def _validate(self, model: Trainable, figures: dict[str, Any]) -> bool:
        e = self.estimator
        assert self.held is not None
        x, y, _, weight = self.held
        score = -figures["val_loss"] if e.scoring == "loss" else e._measure(x, y, weight)
        e.validation_scores_.append(score)
        e.validation_loss_curve_.append(figures["val_loss"])
        if e.verbose:
            print(f"Validation score: {score:.6f}")
        better = bool(score >= e.best_validation_score_ + e.tol)
        if score > e.best_validation_score_:
            e.best_validation_score_ = score
            self.best = model.network.ready.backup()
        return better

    def _set_rate(self, model: Trainable) -> None:
        e = self.estimator
        if e.solver == "sgd" and e.learning_rate == "invscaling":
            model.optimizer.learning_rate = e.learning_rate_init / math.pow(e.t_ + 1, e.power_t)

    def _rate(self, model: Trainable) -> float:
        return float(model.optimizer.learning_rate)  # type: ignore[arg-type]
