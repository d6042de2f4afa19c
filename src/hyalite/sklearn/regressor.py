"""The regressor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

import numpy as np
from sklearn.base import RegressorMixin, _fit_context
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.metaestimators import available_if

from hyalite.losses import HalfSquaredError, Huber, Loss, MeanAbsoluteError, Poisson, Quantile
from hyalite.parameters import Array
from hyalite.sklearn.base import MLP
from hyalite.training.callbacks import Callback


class MLPRegressor(RegressorMixin, MLP):
    """A multi-layer perceptron for numbers; scikit-learn's, but for the import line.

    With several outputs the loss reported is the mean over them, and training follows the gradient
    of their sum, as in scikit-learn (Poisson's loss is a sum in both).

    X may be sparse (CSR or CSC): it is made dense, whole for a fit, by rows for a prediction; what
    is too large for that goes through `partial_fit` in parts.

    Args:
        loss: "squared_error" (half of it, as there), "poisson" (predictions are exp of the
            output), "absolute_error", "huber" or "quantile".
        hidden_layer_sizes: units of each hidden layer.
        activation: of the hidden layers, or one for each: scikit-learn's names and all of ours.
        solver: "adam", "sgd", "lbfgs" as there; "adamw", "rmsprop", "adagrad" besides.
        alpha: the penalty alpha/2·Σw² over the samples of a batch, as there.
        batch_size: "auto" is min(200, samples).
        learning_rate: for "sgd": "constant", "invscaling" or "adaptive".
        learning_rate_init: at first.
        power_t: the exponent of "invscaling".
        max_iter: epochs; for "lbfgs", iterations.
        shuffle: a new order in each epoch.
        random_state: of initial weights, order, dropout and split.
        tol: what counts as progress.
        verbose: print the loss of each epoch.
        warm_start: a further fit goes on where the last one ended: two of 5 epochs are one of 10.
        momentum: of "sgd".
        nesterovs_momentum: of "sgd".
        early_stopping: hold samples back, and stop where their score no longer gets better.
        validation_fraction: share of the samples held back.
        beta_1, beta_2, epsilon: of "adam" and its like.
        n_iter_no_change: epochs without progress before training ends.
        max_fun: evaluations of the loss by "lbfgs".
        l1: the penalty l1·Σ|w| over the samples of a batch.
        dropout: share of the hidden units dropped, or one for each layer.
        batch_normalization: between each hidden layer and its activation.
        weight_decay: of "adamw", beside `alpha`.
        scoring: what early stopping looks at of the samples held back: "score", "loss", the name of
            a scorer of scikit-learn's such as "neg_mean_absolute_error", or a function of
            (estimator, X, y).
        progress_bar: show one as it trains.
        callbacks: objects like `hyalite.Callback`, told of every epoch.
        dtype: "float32", "float64", or "auto": that of X.
        engine: as in `Sequential.compile`.
        delta: of "huber", in units of the target.
        quantile: of "quantile".

    Attributes:
        model_: the `Sequential`, to look into, to save, to export.
        coefs_, intercepts_, loss_, loss_curve_, best_loss_, validation_scores_, n_iter_, n_layers_,
            n_outputs_, out_activation_, t_: as scikit-learn's.
        validation_loss_curve_: with early stopping, the loss of the samples held back.

    Raises:
        ValueError: (in `fit`) a parameter out of range, data that do not fit, or a loss that
            diverges (then it is a `hyalite.NonFiniteError`, too). With early stopping the best
            weights before that are kept instead, and a ConvergenceWarning says so.

    Examples:
        >>> from hyalite.sklearn import MLPRegressor
        >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [1.0, 3.0, 5.0, 7.0]  # y = 2·x + 1
        >>> line = MLPRegressor(hidden_layer_sizes=(), solver="lbfgs", alpha=0, random_state=0)
        >>> line.fit(X, y).predict([[10.0]]).round(2).tolist()
        [21.0]
    """

    _parameter_constraints = {
        **MLP._parameter_constraints,
        "loss": [StrOptions({"squared_error", "poisson", "absolute_error", "huber", "quantile"})],
        "delta": [Interval(Real, 0, None, closed="neither")],
        "quantile": [Interval(Real, 0, 1, closed="neither")],
    }

    loss: str
    delta: float
    quantile: float

    def __init__(
        self,
        loss: str = "squared_error",
        hidden_layer_sizes: int | Sequence[int] = (100,),
        activation: str | Sequence[str] = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        l1: float = 0.0,
        dropout: float | Sequence[float] = 0.0,
        batch_normalization: bool = False,
        weight_decay: float = 0.01,
        scoring: str | Callable[..., float] = "score",
        progress_bar: bool = False,
        callbacks: Sequence[Callback] = (),
        dtype: str = "auto",
        engine: str = "auto",
        delta: float = 1.0,
        quantile: float = 0.5,
    ) -> None:
        self._store(locals())

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> MLPRegressor:
        """Train on samples X (n, features) and numbers y (n,) or (n, outputs)."""
        return self._fit(X, y, sample_weight)

    @available_if(lambda self: self._check_solver())
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> MLPRegressor:
        """Train one more epoch."""
        return self._fit(X, y, sample_weight, more=True)

    def predict(self, X: Any) -> Array:
        """The expected numbers, (n,) or (n, outputs)."""
        return self._numbers_of(self._outputs(X))

    @property
    def out_activation_(self) -> str:
        """The last layer's: "identity", or "exp" for counts."""
        return "exp" if self.loss == "poisson" else "identity"

    def _target(self, y: Array, classes: Any, reset: bool) -> Array:
        if y.dtype.kind in "mM":
            raise ValueError(
                f"y must be numbers, got {y.dtype}; give days, say: "
                "(y - y.min()) / np.timedelta64(1, 'D')"
            )
        target = np.asarray(y, np.float64)
        target = target[:, np.newaxis] if target.ndim == 1 else target
        if self.loss == "poisson" and (target < 0).any():
            raise ValueError("loss='poisson' needs counts: y of 0 or more")
        if reset:
            self._columns = target.shape[1]
        return target

    def _ending(self) -> tuple[int, str | None, Loss]:
        losses: dict[str, Loss] = {
            "squared_error": HalfSquaredError(),
            "poisson": Poisson(),
            "absolute_error": MeanAbsoluteError(),
            "huber": Huber(self.delta),
            "quantile": Quantile(self.quantile),
        }
        return self._columns, None, losses[self.loss]

    def _summed(self) -> tuple[int, bool]:
        return self._columns, self.loss == "poisson"

    def _weights(self, y: Array, weight: Array | None) -> Array | None:
        return weight

    def _numbers_of(self, outputs: Array) -> Array:
        found = np.exp(outputs) if self.loss == "poisson" else outputs
        return found[:, 0] if found.shape[1] == 1 else found

    def _score(self, X: Array, y: Array, weight: Array | None) -> float:
        error = y - self._numbers_of(self._outputs(X, checked=True))
        spread = y - np.average(y, axis=0, weights=weight)
        with np.errstate(over="ignore"):  # training may be about to diverge
            residual, total = (np.average(v * v, axis=0, weights=weight) for v in (error, spread))
        share = residual / np.where(total > 0, total, 1)
        # of numbers that are all the same, as scikit-learn has it: 1 if all are right, else 0
        return float(np.mean(1 - np.where(total > 0, share, residual > 0)))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
