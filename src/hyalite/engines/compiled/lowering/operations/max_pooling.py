"""Max pooling: the largest number of every window, channel by channel."""

from __future__ import annotations

from hyalite import layers
from hyalite.engines.compiled.lowering.operations.base import BufferSizes, Instruction, Instructions
from hyalite.engines.compiled.lowering.operations.convolution import Convolution
from hyalite.engines.compiled.lowering.operations.windows import WindowedOperation, geometry_of
from hyalite.engines.compiled.structs import Column, OperationKind
from hyalite.layers import Layer
from hyalite.layers.windows import picture_shape


class MaxPooling(WindowedOperation):
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
