"""What the kernel knows: layers, losses, metrics and optimizers of the library, and no other."""

from __future__ import annotations

from hyalite import layers, losses, metrics, optimizers
from hyalite.engines.compiled.tables import Ending, Function, Hit, Rule
from hyalite.exact import is_exactly
from hyalite.layers import Layer
from hyalite.losses import Loss
from hyalite.metrics import Metric
from hyalite.network import Network
from hyalite.optimizers import Optimizer

FUNCTIONS: dict[type[Layer], Function] = {
    layers.Linear: Function.LINEAR,
    layers.ReLU: Function.RELU,
    layers.LeakyReLU: Function.LEAKY_RELU,
    layers.Sigmoid: Function.SIGMOID,
    layers.Tanh: Function.TANH,
    layers.GELU: Function.GELU,
    layers.Softmax: Function.SOFTMAX,
}
ENDINGS: dict[type[Loss], tuple[Ending, Ending]] = {  # from probabilities or numbers; from logits
    losses.CategoricalCrossentropy: (Ending.CATEGORICAL, Ending.CATEGORICAL_FUSED),
    losses.BinaryCrossentropy: (Ending.BINARY, Ending.BINARY_FUSED),
    losses.MeanSquaredError: (Ending.SQUARED, Ending.SQUARED),
    losses.MeanAbsoluteError: (Ending.ABSOLUTE, Ending.ABSOLUTE),
    losses.Huber: (Ending.HUBER, Ending.HUBER),
    losses.HalfSquaredError: (Ending.HALF_SQUARED, Ending.HALF_SQUARED),
    losses.Poisson: (Ending.POISSON, Ending.POISSON),
    losses.Quantile: (Ending.QUANTILE, Ending.QUANTILE),
}
HITS: dict[type[Metric], Hit] = {
    metrics.CategoricalAccuracy: Hit.CLASS,
    metrics.BinaryAccuracy: Hit.YES_NO,
    metrics.RegressionAccuracy: Hit.NEAR,
}
RULES: dict[type[Optimizer], Rule] = {
    optimizers.SGD: Rule.SGD,
    optimizers.Adagrad: Rule.ADAGRAD,
    optimizers.RMSprop: Rule.RMSPROP,
    optimizers.Adam: Rule.ADAM,
    optimizers.AdamW: Rule.ADAMW,
}


class Unsupported(Exception):
    """A part of the model that only the reference engine can run."""


def supported(layer: Layer) -> bool:
    """Whether the kernel knows the layer; a user's subclass may do anything, so it does not."""
    return is_exactly(
        layer,
        *FUNCTIONS,
        layers.Dense,
        layers.Dropout,
        layers.BatchNormalization,
        layers.LayerNormalization,
        layers.Rescaling,
        layers.Flatten,
    )


def check(network: Network, loss: Loss | None = None, optimizer: Optimizer | None = None) -> None:
    """Raise `Unsupported` for the first part that the kernel does not know."""
    for layer in network.layers:
        for stage in layer.stages():
            if not supported(stage):
                raise Unsupported(f"the layer {type(stage).__name__} has no compiled form")
        if layer.has_penalty and not is_exactly(layer, layers.Dense):
            # a user's layer may run as stages of the library's, and have a penalty of its own
            kind = type(layer).__name__
            raise Unsupported(f"the penalty of the layer {kind} has no compiled form")
    if loss is not None and type(loss) not in ENDINGS:
        raise Unsupported(f"the loss {type(loss).__name__} has no compiled form")
    if optimizer is not None and type(optimizer) not in RULES:
        raise Unsupported(f"the optimizer {type(optimizer).__name__} has no compiled form")
    if optimizer is not None and optimizer.has_factors:
        raise Unsupported("an optimizer with factors for some parameters has no compiled form")


def rule_of(optimizer: Optimizer) -> Rule:
    """Which formula the kernel is to take."""
    if is_exactly(optimizer, optimizers.SGD) and optimizer.momentum:
        return Rule.NESTEROV if optimizer.nesterov else Rule.MOMENTUM
    return RULES[type(optimizer)]
