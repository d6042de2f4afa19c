"""An activation and what came in, mixed by a trained share for each feature."""

from __future__ import annotations

from hyalite import layers
from hyalite.engines.compiled.lowering.operations.activation import ACTIVATIONS, KEPT
from hyalite.engines.compiled.lowering.operations.base import (
    ACTIVATION_KERNELS,
    BufferSizes,
    Instruction,
    Instructions,
    Operation,
)
from hyalite.engines.compiled.structs import Column, OperationKind
from hyalite.layers import Layer


class ParametricActivation(Operation):
    """`y = (1 - a)·x + a·f(x)`."""

    kind = OperationKind.PARAMETRIC_ACTIVATION
    stages = (layers.ParametricActivation,)

    def lower(self, stage: Layer, instructions: Instructions) -> None:
        assert isinstance(stage, layers.ParametricActivation)
        slope = float(getattr(stage.activation, "slope", 0.0))
        one = instructions.add_weighted(self, stage, "a", None, (slope, 0.0))
        one[Column.ACTIVATION] = ACTIVATIONS[type(stage.activation)]
        # the derivative that is not made along with f is asked of f's y, before both are mixed
        if one[Column.ACTIVATION] not in KEPT:
            one[Column.DERIVATIVE] = one[Column.ACTIVATION]

    def place(self, one: Instruction, sizes: BufferSizes) -> None:
        one[Column.AUX] = sizes.take(one[Column.OUTPUTS])  # f(x) - x
        one[Column.STD] = sizes.take(one[Column.OUTPUTS])  # the derivative of y by x

    def kernels(self) -> tuple[str, ...]:
        return (*super().kernels(), *ACTIVATION_KERNELS)
