"""Convolution: every window of a picture times the same matrix."""

from __future__ import annotations

from hyalite import layers
from hyalite.engines.compiled.lowering.operations.activation import place_derivative
from hyalite.engines.compiled.lowering.operations.base import (
    BufferSizes,
    Instruction,
    Instructions,
    Operation,
)
from hyalite.engines.compiled.lowering.operations.windows import geometry_of, set_geometry
from hyalite.engines.compiled.structs import Column, Geometry, OperationKind
from hyalite.layers import Layer


class Convolution(Operation):
    """`y[p] = f(Σ_k x[s·p + k]·W[k] + b)`."""

    kind = OperationKind.CONVOLUTION
    stages: tuple[type[Layer], ...] = (layers.Conv2D,)
    in_place = False
    dx_over_dy = False
    takes_activation = True
    of_pictures = True

    def lower(self, stage: Layer, instructions: Instructions) -> None:
        assert isinstance(stage, layers.Conv2D | layers.DepthwiseConv2D)
        shape = instructions.shape
        geometry = geometry_of(stage, stage.windows(shape), shape)
        one = instructions.add_weighted(self, stage, "W", "b" if stage.use_bias else None)
        set_geometry(one, geometry)
        one[Column.COST] = one[Column.WEIGHT_SIZE] * geometry.rows * geometry.columns

    def place(self, one: Instruction, sizes: BufferSizes) -> None:
        place_derivative(one, sizes)

    def kernels(self) -> tuple[str, ...]:
        return (*super().kernels(), "window_product")


class DepthwiseConvolution(Convolution):
    """`y[p, c·m + d] = f(Σ_k x[s·p + k, c]·W[k, c, d] + b)`."""

    kind = OperationKind.DEPTHWISE_CONVOLUTION
    stages = (layers.DepthwiseConv2D,)

    def kernels(self) -> tuple[str, ...]:
        return Operation.kernels(self)
