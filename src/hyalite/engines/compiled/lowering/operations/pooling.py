"""Pooling, and a border of zeros."""

from __future__ import annotations

from hyalite import layers
from hyalite.engines.compiled.lowering.operations.base import (
    BufferSizes,
    Instruction,
    Instructions,
    Operation,
)
from hyalite.engines.compiled.lowering.operations.convolution import Convolution
from hyalite.engines.compiled.lowering.operations.windows import geometry_of, set_geometry
from hyalite.engines.compiled.structs import Column, OperationKind
from hyalite.layers import Layer
from hyalite.layers.windows import Windows, picture_shape


class _Windowed(Operation):
    """What is made of windows without weights."""

    in_place = False
    dx_over_dy = False
    of_pictures = True

    def lower(self, stage: Layer, instructions: Instructions) -> None:
        shape = instructions.shape
        geometry = geometry_of(stage, self.windows(stage, picture_shape(stage, shape)), shape)
        set_geometry(instructions.add(self, stage), geometry)

    def windows(self, stage: Layer, picture: tuple[int, ...]) -> Windows:
        """Those of a layer over pictures of this shape."""
        assert isinstance(stage, layers.MaxPooling2D | layers.AveragePooling2D)
        return stage.windows(picture)


class MaxPooling(_Windowed):
    """`y[p] = max_k x[s·p + k]`; behind a convolution in the pass of that."""

    kind = OperationKind.MAX_POOLING
    stages = (layers.MaxPooling2D,)

    def lower(self, stage: Layer, instructions: Instructions) -> None:
        one, shape = instructions.last, instructions.shape
        operation = None if one is None else one.operation
        if (
            one is None
            or not isinstance(operation, Convolution)
            or not operation.takes_pooling(one)
        ):
            super().lower(stage, instructions)
            return
        geometry = geometry_of(stage, self.windows(stage, picture_shape(stage, shape)), shape)
        operation.pool(one, geometry)
        instructions.extend_last(stage)

    def place(self, one: Instruction, sizes: BufferSizes) -> None:
        one[Column.AUX] = sizes.take(one[Column.OUTPUTS])  # the place of each maximum


class AveragePooling(_Windowed):
    """`y[p] = Σ_k x[s·p + k]/N[p]`; of a whole picture it is one window."""

    kind = OperationKind.AVERAGE_POOLING
    stages = (layers.AveragePooling2D, layers.GlobalAveragePooling2D)

    def windows(self, stage: Layer, picture: tuple[int, ...]) -> Windows:
        if isinstance(stage, layers.GlobalAveragePooling2D):
            height, width, _ = picture
            return Windows(picture, (height, width), (1, 1), ((0, 0), (0, 0)), (1, 1))
        return super().windows(stage, picture)


class ZeroPadding(_Windowed):
    """y has x in its middle and zeros around: a window of one pixel everywhere, border or not."""

    kind = OperationKind.ZERO_PADDING
    stages = (layers.ZeroPadding2D,)

    def windows(self, stage: Layer, picture: tuple[int, ...]) -> Windows:
        assert isinstance(stage, layers.ZeroPadding2D)
        height, width, channels = picture
        rows, columns = height + sum(stage.padding[0]), width + sum(stage.padding[1])
        framed = (rows, columns, channels)
        return Windows(framed, (1, 1), (1, 1), stage.padding, (rows, columns))
