"""Convolution: every window of a picture times the same matrix."""

from __future__ import annotations

from typing import ClassVar

from hyalite import layers
from hyalite.engines.compiled.lowering.operations.activation import KEPT, place_derivative
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
    of_pictures = True

    def lower(self, stage: Layer, instructions: Instructions) -> None:
        assert isinstance(stage, layers.Conv2D | layers.DepthwiseConv2D)
        shape = instructions.shape
        geometry = geometry_of(stage, stage.windows(shape), shape)
        one = instructions.add_weighted(self, stage, "W", "b" if stage.use_bias else None)
        set_geometry(one, geometry, NO_POOLING)
        one[Column.COST] = one[Column.WEIGHT_SIZE] * geometry.rows * geometry.columns

    def takes_activation(self, one: Instruction, kind: ActivationKind) -> bool:
        """One at most; not softmax, which is of a sample's numbers and here would be of a pixel's;
        and behind pooling none that keeps its derivative, where the maxima's places are kept.
        """
        first = one[Column.ACTIVATION] == ActivationKind.LINEAR
        spoils = kind == ActivationKind.SOFTMAX or (self.pools(one) and kind in KEPT)
        return first and not spoils

    @staticmethod
    def pools(one: Instruction) -> bool:
        """Whether it takes the maxima of windows."""
        return bool(one.constants[len(Geometry._fields) :].any())

    def takes_pooling(self, one: Instruction) -> bool:
        """Whether max pooling behind it can be done in its pass: with ReLU or no activation.

        Rounding and ReLU let the larger of two numbers be the larger one, so the maximum may be
        taken of the bare sums, and what was not the maximum is never stored.
        """
        commutes = one[Column.ACTIVATION] in (ActivationKind.LINEAR, ActivationKind.RELU)
        return commutes and not self.pools(one)

    def pool(self, one: Instruction, geometry: Geometry) -> None:
        """Let it take the maxima of its output's windows."""
        own = Geometry._make(one.constants[: len(Geometry._fields)].tolist())
        set_geometry(one, own, geometry)

    def place(self, one: Instruction, sizes: BufferSizes) -> None:
        if self.pools(one):
            one[Column.AUX] = sizes.take(one[Column.OUTPUTS])  # the place of each maximum
        else:
            place_derivative(one, sizes)

    def kernels(self) -> tuple[str, ...]:
        return (*super().kernels(), *ACTIVATION_KERNELS, "window_product")
