"""What the kernels know: layers, losses, metrics and optimizers of the library, and no other.

By the exact class: a user's subclass may do anything.
"""

from __future__ import annotations

from hyalite import layers, losses, metrics, optimizers
from hyalite.engines.compiled.lowering.operations import OPERATION_OF
from hyalite.engines.compiled.lowering.operations.activation import ACTIVATIONS
from hyalite.engines.compiled.structs import AccuracyKind, LossKind, OptimizerKind
from hyalite.exact import is_exactly, is_own
from hyalite.layers import Layer
from hyalite.losses import Loss, Objective
from hyalite.metrics import Metric
from hyalite.network import Network
from hyalite.optimizers import Optimizer

# from probabilities or numbers; from logits
LOSS_KINDS: dict[type[Loss], tuple[LossKind, LossKind]] = {
    losses.CategoricalCrossentropy: (LossKind.CATEGORICAL, LossKind.CATEGORICAL_FUSED),
    losses.BinaryCrossentropy: (LossKind.BINARY, LossKind.BINARY_FUSED),
    losses.MeanSquaredError: (LossKind.SQUARED, LossKind.SQUARED),
    losses.MeanAbsoluteError: (LossKind.ABSOLUTE, LossKind.ABSOLUTE),
    losses.Huber: (LossKind.HUBER, LossKind.HUBER),
    losses.HalfSquaredError: (LossKind.HALF_SQUARED, LossKind.HALF_SQUARED),
    losses.Poisson: (LossKind.POISSON, LossKind.POISSON),
    losses.Quantile: (LossKind.QUANTILE, LossKind.QUANTILE),
    losses.GroupedCrossentropy: (LossKind.GROUPED, LossKind.GROUPED),
}
LOSS_KERNELS: dict[LossKind, str] = {  # those that have one of their own
    LossKind.CATEGORICAL: "categorical_loss",
    LossKind.CATEGORICAL_FUSED: "categorical_loss",
    LossKind.BINARY: "binary_loss",
    LossKind.BINARY_FUSED: "binary_loss",
    LossKind.GROUPED: "grouped_loss",
}
ACCURACY_KINDS: dict[type[Metric], AccuracyKind] = {
    metrics.CategoricalAccuracy: AccuracyKind.CLASS,
    metrics.BinaryAccuracy: AccuracyKind.BINARY,
    metrics.RegressionAccuracy: AccuracyKind.NEAR,
}
OPTIMIZER_KINDS: dict[type[Optimizer], OptimizerKind] = {
    optimizers.SGD: OptimizerKind.SGD,
    optimizers.Adagrad: OptimizerKind.ADAGRAD,
    optimizers.RMSprop: OptimizerKind.RMSPROP,
    optimizers.Adam: OptimizerKind.ADAM,
    optimizers.AdamW: OptimizerKind.ADAMW,
}


class Unsupported(Exception):
    """A part of the model that only the reference engine can run."""


def supported(layer: Layer) -> bool:
    """Whether the kernels know the layer, and the activation within it."""
    inside = getattr(layer, "activation", None)
    known = is_exactly(layer, *OPERATION_OF, layers.Flatten, layers.Residual)
    return known and (inside is None or is_exactly(inside, *ACTIVATIONS))


def check(network: Network, loss: Loss | None = None, optimizer: Optimizer | None = None) -> None:
    """Raise `Unsupported` for the first part that the kernels do not know."""
    for layer in network.all_layers():
        for stage in layer.stages():
            if not supported(stage):
                raise Unsupported(f"the layer {type(stage).__name__} has no compiled form")
        if layer.has_penalty and not is_own(layer):
            # a user's layer may run as stages of the library's, and have a penalty of its own
            kind = type(layer).__name__
            raise Unsupported(f"the penalty of the layer {kind} has no compiled form")
    if loss is not None and type(loss) not in LOSS_KINDS:
        raise Unsupported(f"the loss {type(loss).__name__} has no compiled form")
    if optimizer is not None and type(optimizer) not in OPTIMIZER_KINDS:
        raise Unsupported(f"the optimizer {type(optimizer).__name__} has no compiled form")


def loss_kind(objective: Objective) -> LossKind:
    """Which formula the kernels are to take."""
    loss = objective.loss
    return LOSS_KINDS[type(loss)][objective.fuses_last or loss.from_logits]


def loss_kernel(objective: Objective) -> str:
    """The kernel that has this formula, by its name in the catalogue."""
    return LOSS_KERNELS.get(loss_kind(objective), "regression_loss")


def optimizer_kind(optimizer: Optimizer) -> OptimizerKind:
    """Which formula the kernels are to take."""
    if is_exactly(optimizer, optimizers.SGD) and optimizer.momentum:
        return OptimizerKind.NESTEROV if optimizer.nesterov else OptimizerKind.MOMENTUM
    return OPTIMIZER_KINDS[type(optimizer)]
