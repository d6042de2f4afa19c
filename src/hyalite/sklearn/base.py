"""What both estimators share: parameters to a model, the solvers, when to stop."""

from __future__ import annotations

import copy
import math
import warnings
from collections.abc import Callable, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import get_scorer, get_scorer_names
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, Options, StrOptions
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from hyalite.layers import ACTIVATIONS, BatchNormalization, Dense, Dropout
from hyalite.losses import Loss
from hyalite.model import Sequential
from hyalite.optimizers import OPTIMIZERS, Optimizer
from hyalite.parameters import Array
from hyalite.sklearn.convergence import Convergence
from hyalite.sklearn.lbfgs import minimize
from hyalite.training.callbacks import Callback

# scikit-learn's words for ours
ACTIVATION_NAMES = {"identity": "linear", "logistic": "sigmoid"}
AUTO_BATCH = 200
ROWS = 1024  # of a sparse array, dense at a time for a prediction


class MLP(BaseEstimator):
    """A `Sequential` behind scikit-learn's interface."""

    _parameter_constraints: dict[str, Any] = {
        "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
        "activation": [StrOptions({*ACTIVATION_NAMES, *ACTIVATIONS}), "array-like"],
        "solver": [StrOptions({"lbfgs", *OPTIMIZERS})],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "learning_rate": [StrOptions({"constant", "invscaling", "adaptive"})],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "power_t": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "random_state": ["random_state"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
        "momentum": [Interval(Real, 0, 1, closed="left")],
        "nesterovs_momentum": ["boolean"],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="left")],
        "beta_1": [Interval(Real, 0, 1, closed="left")],
        "beta_2": [Interval(Real, 0, 1, closed="left")],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left"), Options(Real, {math.inf})],
        "max_fun": [Interval(Integral, 1, None, closed="left")],
        "l1": [Interval(Real, 0, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left"), "array-like"],
        "batch_normalization": ["boolean"],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "scoring": [StrOptions({"score", "loss", *get_scorer_names()}), callable],
        "progress_bar": ["boolean"],
        "callbacks": ["array-like"],
        "dtype": [StrOptions({"auto", "float32", "float64"})],
        "engine": [StrOptions({"auto", "compiled", "numpy"})],
    }

    hidden_layer_sizes: int | Sequence[int]
    activation: str | Sequence[str]
    solver: str
    alpha: float
    batch_size: int | str
    learning_rate: str
    learning_rate_init: float
    power_t: float
    max_iter: int
    shuffle: bool
    random_state: Any
    tol: float
    verbose: bool
    warm_start: bool
    momentum: float
    nesterovs_momentum: bool
    early_stopping: bool
    validation_fraction: float
    beta_1: float
    beta_2: float
    epsilon: float
    n_iter_no_change: float
    max_fun: int
    l1: float
    dropout: float | Sequence[float]
    batch_normalization: bool
    weight_decay: float
    scoring: str | Callable[..., float]
    progress_bar: bool
    callbacks: Sequence[Callback]
    dtype: str
    engine: str
    model_: Sequential

    def _store(self, given: dict[str, Any]) -> None:
        """Keep the constructor's arguments under their names, as scikit-learn has it."""
        for name, value in given.items():
            if name not in ("self", "__class__"):
                setattr(self, name, value)

    # What the two kinds differ in --------------------------------------------------------------

    def _target(self, y: Any, classes: Any, reset: bool) -> Array:
        """The targets (n,) of labels or (n, outputs); what must be known of them is kept."""
        raise NotImplementedError

    def _weights(self, y: Any, weight: Array | None) -> Array | None:
        """What each sample counts."""
        raise NotImplementedError

    def _ending(self) -> tuple[int, str | None, Loss]:
        """How many outputs, their activation, the loss."""
        raise NotImplementedError

    def _score(self, X: Array, y: Any, weight: Array | None) -> float:
        """What early stopping looks at."""
        raise NotImplementedError

    # Training ------------------------------------------------------------------------------------

    def _fit(
        self, X: Any, y: Any, sample_weight: Any, *, more: bool = False, classes: Any = None
    ) -> Any:
        """Train; `more`: by one epoch, from where it is."""
        self._validate_params()
        first = not hasattr(self, "model_") or not (more or self.warm_start)
        X, y = validate_data(
            self, X, y, accept_sparse=["csr", "csc"], multi_output=True, y_numeric=False,
            dtype=(np.float64, np.float32), reset=first,
        )  # fmt: skip
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X)
        if more and self.early_stopping:
            raise ValueError("partial_fit does not support early_stopping=True")
        target = self._target(y, classes, first)
        sample_weight = self._weights(y, sample_weight)
        X = X if isinstance(X, np.ndarray) else X.toarray()
        if first:
            random = check_random_state(self.random_state)
            self._begin(X, int(random.randint(np.iinfo(np.int32).max)))
        else:
            self._renew()
        if self.solver == "lbfgs":
            self._by_lbfgs(X, target, sample_weight)
        else:
            self._by_steps(X, y, target, sample_weight, more)
        if not all(np.isfinite(array).all() for array in (*self.coefs_, *self.intercepts_)):
            raise ValueError("the weights are not finite; scale the inputs")
        return self

    def _begin(self, X: Array, seed: int) -> None:
        """A fresh model."""
        units, ending, loss = self._ending()
        sizes = self._each(self.hidden_layer_sizes, "hidden_layer_sizes", None)
        if any(size < 1 for size in sizes):
            raise ValueError(f"hidden_layer_sizes must be > 0, got {self.hidden_layer_sizes}")
        activations = self._each(self.activation, "activation", len(sizes))
        rates = self._each(self.dropout, "dropout", len(sizes))
        if self.solver == "lbfgs" and any(rates):
            raise ValueError("solver='lbfgs' needs a loss that does not change: leave out dropout")
        model = Sequential(dtype=X.dtype if self.dtype == "auto" else self.dtype)
        for size, activation, rate in zip(sizes, activations, rates, strict=True):
            kind = ACTIVATIONS[ACTIVATION_NAMES.get(activation, activation)]
            if self.batch_normalization:
                model.add(Dense(int(size), use_bias=False))
                model.add(BatchNormalization())
                model.add(kind())
            else:
                model.add(Dense(int(size), kind))
            if rate:
                model.add(Dropout(float(rate)))
        model.add(Dense(units, ending))
        model.compile(loss, self._optimizer(), engine=self.engine)
        model.build(X.shape[1], seed)
        self.model_, self._waited = model, 0
        self._settings_were = self._settings()
        self.n_outputs_, self.n_layers_ = units, len(sizes) + 2
        self.n_iter_, self.t_ = 0, 0
        self.loss_curve_: list[float] = []
        self._begin_watch()

    def _begin_watch(self) -> None:
        """Nothing is known yet of what tells when to stop."""
        self.best_loss_: float | None = None if self.early_stopping else math.inf
        self.validation_scores_: list[float] | None = [] if self.early_stopping else None
        self.validation_loss_curve_: list[float] | None = [] if self.early_stopping else None
        self.best_validation_score_ = -math.inf if self.early_stopping else None

    @staticmethod
    def _each(value: Any, name: str, count: int | None) -> list[Any]:
        """A value for each hidden layer."""
        if isinstance(value, str) or not hasattr(value, "__iter__"):
            return [value] * (1 if count is None else count)
        values = list(value)
        if count is not None and len(values) != count:
            raise ValueError(f"{name} must be one value or {count}, one for each hidden layer")
        return values

    def _optimizer(self) -> Optimizer:
        kind = OPTIMIZERS["adam" if self.solver == "lbfgs" else self.solver]
        own: dict[str, Any] = {
            "momentum": self.momentum,
            "nesterov": self.nesterovs_momentum and self.momentum > 0,
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
            "weight_decay": self.weight_decay,
        }
        names = kind.__init__.__code__.co_varnames
        return kind(self.learning_rate_init, **{k: v for k, v in own.items() if k in names})

    def _penalize(self, rows: float) -> None:
        """alpha/2·Σw² and l1·Σ|w|, of all weights, over the samples of a batch, as it is known."""
        for layer in self.model_.layers:
            if isinstance(layer, Dense):
                layer.l2, layer.l1 = 0.5 * self.alpha / rows, self.l1 / rows

    def _by_lbfgs(self, X: Array, target: Array, weight: Array | None) -> None:
        self._penalize(len(X) if weight is None else float(weight.sum()))
        found = minimize(
            self.model_, X, target, weight, steps=self.max_iter, calls=self.max_fun, tol=self.tol
        )
        self.loss_, self.n_iter_ = float(found.fun), int(found.nit)
        if found.status == 1:
            warnings.warn(
                f"lbfgs did not converge in {found.nit} iterations; raise max_iter or max_fun, "
                "or scale the data",
                ConvergenceWarning,
                stacklevel=4,
            )

    def _by_steps(self, X: Array, y: Any, target: Array, weight: Array | None, more: bool) -> None:
        held: tuple[Any, ...] | None = None
        seed = self.model_.network.clock.seed  # a warm start holds the same samples back
        if self.early_stopping:
            parts = [X, y, target] + ([] if weight is None else [weight])
            split = train_test_split(
                *parts, random_state=seed, test_size=self.validation_fraction,
                stratify=self._strata(target),
            )  # fmt: skip
            X, target = split[0], split[4]
            held = (split[1], split[3], split[5], None if weight is None else split[7])
            weight = None if weight is None else split[6]
            if len(held[0]) < 2:
                raise ValueError(
                    "the validation set is too small; raise validation_fraction, or give more data"
                )
        wanted = self.batch_size if isinstance(self.batch_size, Integral) else AUTO_BATCH
        batch = min(int(wanted), len(X))
        if self.batch_size != "auto" and batch < wanted:
            warnings.warn(f"batch_size is clipped to the {len(X)} samples", stacklevel=4)
        self._penalize(batch if weight is None else batch * float(weight.mean()))
        if self.early_stopping == (self.validation_scores_ is None):  # it was not so before
            self._begin_watch()
        self.n_iter_ = 0
        watch = Convergence(self, held, len(X), one=more)
        self.model_.fit(
            X, target, batch_size=batch, epochs=1 if more else self.max_iter, shuffle=self.shuffle,
            sample_weight=weight, seed=self.model_.network.clock.seed,
            callbacks=[*self.callbacks, watch], verbose=int(self.progress_bar),
            validation_data=None if held is None else (held[0], held[2], held[3])
            if held[3] is not None else held[::2],
        )  # fmt: skip
        watch.restore()
        if not more and not watch.converged and self.n_iter_ == self.max_iter:
            warnings.warn(
                f"the training of {self.max_iter} epochs (max_iter) has not converged yet",
                ConvergenceWarning,
                stacklevel=4,
            )

    def _renew(self) -> None:
        """A new optimizer, where its settings or the loss's have changed since the last fit.

        Else it goes on with its running averages, so that several fits are one long fit. A
        learning rate that training itself has lowered is no such change.
        """
        model, settings = self.model_, self._settings()
        if settings != self._settings_were:
            counts = model.network.epochs, model.network.clock.step
            model.compile(self._ending()[2], self._optimizer(), engine=self.engine)
            model.network.epochs, model.network.clock.step = counts
            self._settings_were = settings

    def _settings(self) -> str:
        """What a further fit may have changed."""
        return repr((self._ending(), self._optimizer(), self.engine))

    def _strata(self, target: Array) -> Array | None:
        return None

    # Using ---------------------------------------------------------------------------------------

    def _outputs(self, X: Any, *, checked: bool = False) -> Array:
        """The model's outputs (n, outputs)."""
        check_is_fitted(self)
        if not checked:
            X = validate_data(
                self, X, accept_sparse=["csr", "csc"], dtype=(np.float64, np.float32), reset=False
            )
        if not isinstance(X, np.ndarray):  # sparse: dense some rows at a time
            X = X.tocsr()
            rows = range(0, X.shape[0], ROWS)
            return np.concatenate([self.model_.predict(X[i : i + ROWS].toarray()) for i in rows])
        return self.model_.predict(X)

    def _measure(self, X: Array, y: Any, weight: Array | None) -> float:
        """What early stopping looks at, by `scoring`; "loss" is known without."""
        if self.scoring == "score":
            return self._score(X, y, weight)
        scorer = get_scorer(self.scoring)
        plain = copy.copy(self)
        if hasattr(plain, "feature_names_in_"):
            del plain.feature_names_in_  # X is an array here, whatever was given
        more = {} if weight is None else {"sample_weight": weight}
        return float(scorer(plain, X, y, **more))

    @property
    def coefs_(self) -> list[Array]:
        """The weights W of each dense layer, (inputs, units); writing into them, as they are views,
        changes the model.
        """
        return [layer.W for layer in self._dense()]

    @property
    def intercepts_(self) -> list[Array]:
        """The biases b of each dense layer, (units,); zeros where batch normalization has them."""
        return [
            layer.b if layer.use_bias else np.zeros(layer.units, self.model_.network.dtype)
            for layer in self._dense()
        ]

    def _dense(self) -> list[Dense]:
        if not hasattr(self, "model_"):
            raise AttributeError(f"this {type(self).__name__} is not fitted yet")
        return [layer for layer in self.model_.layers if isinstance(layer, Dense)]

    def _check_solver(self) -> bool:
        if self.solver == "lbfgs":
            raise AttributeError("partial_fit is only available for stochastic optimizers")
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
