"""The optimizers: each turns a gradient vector into a step of the parameter vector, in place.

An optimizer knows 1-D arrays only, never a model. The formulas work on a stretch of the vectors
at a time, so that all of it stays in the processor's cache from the first line to the last.
"""

from __future__ import annotations

from hyalite.config import resolve
from hyalite.optimizers.adagrad import Adagrad
from hyalite.optimizers.adam import Adam, AdamW
from hyalite.optimizers.base import Optimizer
from hyalite.optimizers.rmsprop import RMSprop
from hyalite.optimizers.sgd import SGD

__all__ = [
    "OPTIMIZERS",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Optimizer",
    "RMSprop",
    "resolve_optimizer",
]

OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": SGD,
    "adagrad": Adagrad,
    "rmsprop": RMSprop,
    "adam": Adam,
    "adamw": AdamW,
}


def resolve_optimizer(value: str | type[Optimizer] | Optimizer) -> Optimizer:
    """An optimizer from its name, class or instance.

    Raises:
        ValueError: an unknown name.
        TypeError: none of these.

    Examples:
        >>> resolve = hy.optimizers.resolve_optimizer
        >>> resolve("adam"), resolve(hy.SGD(1.0))
        (Adam(), SGD(learning_rate=1.0))
    """
    return resolve(value, Optimizer, OPTIMIZERS, "optimizer")
