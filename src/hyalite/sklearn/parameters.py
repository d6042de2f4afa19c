"""The parameters that both estimators take: their names, their types, what each may be."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from numbers import Integral, Real
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.metrics import get_scorer_names
from sklearn.utils._param_validation import Interval, Options, StrOptions

from hyalite.layers import ACTIVATIONS
from hyalite.optimizers import OPTIMIZERS
from hyalite.training.callbacks import Callback

# scikit-learn's words for ours
ACTIVATION_NAMES = {"identity": "linear", "logistic": "sigmoid"}


class Parameters(BaseEstimator):
    """An estimator's parameters; `fit` checks them against the constraints."""

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

    def _store(self, given: dict[str, Any]) -> None:
        """Keep the constructor's arguments under their names, as scikit-learn has it."""
        for name, value in given.items():
            if name not in ("self", "__class__"):
                setattr(self, name, value)
