"""Convolution: every window of a picture times the same matrix."""

from __future__ import annotations

from typing import ClassVar

from hyalite import layers
from hyalite.engines.compiled.lowering.operations.activation import place_derivative
from hyalite.engines.compiled.lowering.operations.base import (
    ACTIVATION_KERNELS,
    BufferSizes,
    Instruction,
    Instructions,
    Operation,
)
from hyalite.engines.compiled.lowering.operations.windows import geometry_of, set_geometry
from hyalite.engines.compiled.structs import (
    ActivationKind,
    Column,
    Geometry,
    OperationKind,
)
from hyalite.layers import Layer

NO_POOLING = Geometry._make([0] * len(Geometry._fields))


class Convolution(Operation):
    """`y[p] = f(Σ_k x[s·p + k]·W[k] + b)`, or the maximum of each window of that."""

    kind = OperationKind.CONVOLUTION
    stages: ClassVar[tuple[type[Layer], ...]] = (layers.Conv2D,)
    in_place = False
    dx_over_dy = False
    takes_activation = True
    of_pictures = True

    def lower(self, stage: Layer, instructions: Instructions) -> None:
        assert isinstance(stage, layers.Conv2D | layers.DepthwiseConv2D)
        shape = instructions.shape
        geometry = geometry_of(stage, stage.windows(shape), shape)
        one = instructions.add_weighted(self, stage, "W", "b" if stage.use_bias else None)
        set_geometry(one, geometry, NO_POOLING)
        one[Column.COST] = one[Column.WEIGHT_SIZE] * geometry.rows * geometry.columns

    def takes_pooling(self, one: Instruction) -> bool:
        """Whether max pooling behind it can be done in its pass: with ReLU or no activation.

        Rounding and ReLU let the larger of two numbers be the larger one, so the maximum may be
        taken of the bare sums, and what was not the maximum is never stored.
        """
        first = one.constants[len(Geometry._fields) :].any()
        return not first and one[Column.ACTIVATION] in (ActivationKind.LINEAR, ActivationKind.RELU)

    def pool(self, one: Instruction, geometry: Geometry) -> None:
        """Let it take the maxima of its output's windows."""
        own = Geometry._make(one.constants[: len(Geometry._fields)].tolist())
        set_geometry(one, own, geometry)

    def place(self, one: Instruction, sizes: BufferSizes) -> None:
        if one.constants[len(Geometry._fields) :].any():
            one[Column.AUX] = sizes.take(one[Column.OUTPUTS])  # the place of each maximum
        else:
            place_derivative(one, sizes)

    def kernels(self) -> tuple[str, ...]:
        return (*super().kernels(), *ACTIVATION_KERNELS, "window_product")


class DepthwiseConvolution(Convolution):
    """`y[p, c·m + d] = f(Σ_k x[s·p + k, c]·W[k, c, d] + b)`."""

    kind = OperationKind.DEPTHWISE_CONVOLUTION
    stages = (layers.DepthwiseConv2D,)

    def takes_pooling(self, one: Instruction) -> bool:
        return False

    def kernels(self) -> tuple[str, ...]:
        return (*Operation.kernels(self), *ACTIVATION_KERNELS)
