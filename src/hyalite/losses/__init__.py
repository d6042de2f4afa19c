"""The losses: how far a prediction is from its target, and the derivative of that.

Every loss has the per-sample value and its gradient side by side. The loss of a batch is the
weighted mean over its samples, Σ wᵢ·lᵢ / Σ wᵢ.
"""

from __future__ import annotations

from hyalite.config import resolve
from hyalite.losses.base import Loss
from hyalite.losses.crossentropy import BinaryCrossentropy, CategoricalCrossentropy
from hyalite.losses.grouped import GroupedCrossentropy
from hyalite.losses.objective import Objective, check_ending
from hyalite.losses.regression import (
    HalfSquaredError,
    Huber,
    MeanAbsoluteError,
    MeanSquaredError,
    Poisson,
    Quantile,
)

__all__ = [
    "LOSSES",
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "GroupedCrossentropy",
    "HalfSquaredError",
    "Huber",
    "Loss",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Objective",
    "Poisson",
    "Quantile",
    "check_ending",
    "resolve_loss",
]

# by name: those that need no arguments
LOSSES: dict[str, type[Loss]] = {
    kind.name: kind
    for kind in (
        CategoricalCrossentropy,
        BinaryCrossentropy,
        MeanSquaredError,
        MeanAbsoluteError,
        Huber,
        HalfSquaredError,
        Poisson,
        Quantile,
    )
}
_ALIASES: dict[str, type[Loss]] = {
    "sparse_categorical_crossentropy": CategoricalCrossentropy,  # Keras's word for labels
    "mse": MeanSquaredError,
    "mae": MeanAbsoluteError,
}


def resolve_loss(value: str | type[Loss] | Loss) -> Loss:
    """A loss from its name, class or instance.

    Raises:
        ValueError: an unknown name.
        TypeError: none of these.

    Examples:
        >>> hy.losses.resolve_loss("mse"), hy.losses.resolve_loss(hy.Huber(2.0))
        (MeanSquaredError(), Huber(delta=2.0))
    """
    return resolve(value, Loss, LOSSES | _ALIASES, "loss")
