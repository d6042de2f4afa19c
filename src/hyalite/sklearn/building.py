"""From an estimator's parameters to a `Sequential` with its optimizer and penalties."""

from __future__ import annotations

import inspect
import math
from typing import Any

from hyalite.layers import ACTIVATIONS, BatchNormalization, Dense, Dropout, Weighted
from hyalite.losses import Loss
from hyalite.model import Sequential
from hyalite.optimizers import OPTIMIZERS, Optimizer
from hyalite.parameters import Array
from hyalite.random import initial_stream
from hyalite.sklearn.parameters import ACTIVATION_NAMES, Parameters


def build_model(
    parameters: Parameters, X: Array, units: int, ending: str | None, loss: Loss,
    optimizer: Optimizer, seed: int,
) -> Sequential:  # fmt: skip
    """A fresh model for samples such as X (n, features).

    Args:
        parameters: the estimator.
        X: what it is to be trained on.
        units: of the last layer.
        ending: the last layer's activation.
        loss: what training lowers.
        optimizer: how.
        seed: of the initial weights, the order of the samples and the dropout.

    Raises:
        ValueError: hidden layers of no units; a number of activations or rates that is not that of
            the hidden layers; dropout under lbfgs.
    """
    sizes = hidden_sizes(parameters)
    activations = _each(parameters.activation, "activation", len(sizes))
    rates = _each(parameters.dropout, "dropout", len(sizes))
    if parameters.solver == "lbfgs" and any(rates):
        raise ValueError("solver='lbfgs' needs a loss that does not change: leave out dropout")
    model = Sequential(dtype=X.dtype if parameters.dtype == "auto" else parameters.dtype)
    for size, name, rate in zip(sizes, activations, rates, strict=True):
        activation = ACTIVATIONS[ACTIVATION_NAMES.get(name, name)]
        if parameters.batch_normalization:
            model.add(Dense(int(size), use_bias=False))
            model.add(BatchNormalization())
            model.add(activation())
        else:
            model.add(Dense(int(size), activation))
        if rate:
            model.add(Dropout(float(rate)))
    model.add(Dense(units, ending))
    model.compile(loss, optimizer, engine=parameters.engine)
    model.build(X.shape[1], seed)
    _draw_biases(model, seed)
    return model


def hidden_sizes(parameters: Parameters) -> list[int]:
    """The units of each hidden layer."""
    sizes = _each(parameters.hidden_layer_sizes, "hidden_layer_sizes", None)
    if any(size < 1 for size in sizes):
        raise ValueError(f"hidden_layer_sizes must be > 0, got {parameters.hidden_layer_sizes}")
    return sizes


def build_optimizer(parameters: Parameters, outputs: int) -> Optimizer:
    """The solver, with those of the parameters that it takes.

    Args:
        parameters: the estimator.
        outputs: over how many the loss is a mean. SGD's learning rate is so many times larger:
            steps along the gradient of the sum, as scikit-learn's. The other solvers divide by
            the gradient's own size.
    """
    kind = OPTIMIZERS["adam" if parameters.solver == "lbfgs" else parameters.solver]
    given: dict[str, Any] = {
        "momentum": parameters.momentum,
        "nesterov": parameters.nesterovs_momentum and parameters.momentum > 0,
        "beta_1": parameters.beta_1,
        "beta_2": parameters.beta_2,
        "epsilon": parameters.epsilon,
        "weight_decay": parameters.weight_decay,
    }
    taken = inspect.signature(kind).parameters
    learning_rate = parameters.learning_rate_init * (outputs if parameters.solver == "sgd" else 1)
    return kind(learning_rate, **{name: given[name] for name in given if name in taken})


def set_penalties(model: Sequential, parameters: Parameters, rows: float, outputs: int) -> None:
    """alpha/2·Σw² and l1·Σ|w|, of all weights, over the samples of a batch, as it is known.

    And over the outputs: the loss is a mean over them, where scikit-learn's training sees the sum.
    """
    for layer in dense_layers(model):
        layer.l2 = 0.5 * parameters.alpha / (rows * outputs)
        layer.l1 = parameters.l1 / (rows * outputs)


def dense_layers(model: Sequential) -> list[Weighted]:
    """The layers that have weights."""
    return [layer for layer in model.layers if isinstance(layer, Weighted)]


def _draw_biases(model: Sequential, seed: int) -> None:
    """Biases from Glorot's interval, as the weights of their layer, and as scikit-learn's.

    With biases of zero, every hidden ReLU of a single input bends at x = 0. Of y = sin 0.6x on
    0..10, lbfgs then found more than 95 % in 3 of 20 trainings, with these in 12, scikit-learn's
    in 14.
    """
    for number, layer in enumerate(dense_layers(model), start=len(model.layers)):
        if layer.use_bias:  # from streams that no layer's weights are drawn from
            limit = math.sqrt(6 / sum(layer.W.shape))
            layer.b[...] = initial_stream(seed, number).uniform(-limit, limit, layer.b.shape)


def _each(value: Any, name: str, count: int | None) -> list[Any]:
    """A value for each hidden layer."""
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        return [value] * (1 if count is None else count)
    values = list(value)
    if count is not None and len(values) != count:
        raise ValueError(f"{name} must be one value or {count}, one for each hidden layer")
    return values
