"""Activations: a function of every number, or, as softmax, of every row.

A dense layer takes the activation that follows it into its own pass.
"""

from __future__ import annotations

from hyalite import layers
from hyalite.engines.compiled.lowering.operations.base import (
    ACTIVATION_KERNELS,
    BufferSizes,
    Instruction,
    Instructions,
    Operation,
)
from hyalite.engines.compiled.structs import ActivationKind, Column, OperationKind
from hyalite.layers import Layer

ACTIVATIONS: dict[type[Layer], ActivationKind] = {
    layers.Linear: ActivationKind.LINEAR,
    layers.ReLU: ActivationKind.RELU,
    layers.LeakyReLU: ActivationKind.LEAKY_RELU,
    layers.Sigmoid: ActivationKind.SIGMOID,
    layers.Tanh: ActivationKind.TANH,
    layers.GELU: ActivationKind.GELU,
    layers.Softmax: ActivationKind.SOFTMAX,
    layers.SELU: ActivationKind.SELU,
    layers.Mish: ActivationKind.MISH,
    layers.SiLU: ActivationKind.SILU,
}
# What their derivatives are taken from: the sign of y, y itself, or what was kept with it.
FROM_SIGN = (ActivationKind.RELU, ActivationKind.LEAKY_RELU)
FROM_VALUE = (
    ActivationKind.SIGMOID,
    ActivationKind.TANH,
    ActivationKind.SOFTMAX,
    ActivationKind.SELU,
)
KEPT = (ActivationKind.GELU, ActivationKind.MISH, ActivationKind.SILU)


class Activation(Operation):
    """`y = f(x)`."""

    kind = OperationKind.ACTIVATION
    stages = tuple(ACTIVATIONS)

    def lower(self, stage: Layer, instructions: Instructions) -> None:
        kind = ACTIVATIONS[type(stage)]
        if kind == ActivationKind.LINEAR:
            return
        one = instructions.last
        if one is None or not one.operation.takes_activation(one, kind):
            one = instructions.add(self, stage)
        one.reals, one.needs_y = (float(getattr(stage, "slope", 0.0)), one.reals[1]), (kind,)
        one[Column.ACTIVATION] = one[Column.DERIVATIVE] = kind

    def place(self, one: Instruction, sizes: BufferSizes) -> None:
        place_derivative(one, sizes)

    def kernels(self) -> tuple[str, ...]:
        return (*super().kernels(), *ACTIVATION_KERNELS)


def place_derivative(one: Instruction, sizes: BufferSizes) -> None:
    """Take a buffer for the derivative of an activation that keeps it."""
    if one[Column.ACTIVATION] in KEPT:
        one[Column.AUX] = sizes.take(one[Column.OUTPUTS])
