"""A border of zeros around every picture."""

from __future__ import annotations

from hyalite import layers
from hyalite.engines.compiled.lowering.operations.windows import WindowedOperation
from hyalite.engines.compiled.structs import OperationKind
from hyalite.layers import Layer
from hyalite.layers.windows import Windows


class ZeroPadding(WindowedOperation):
    """y has x in its middle and zeros around: a window of one pixel everywhere, border or not."""

    kind = OperationKind.ZERO_PADDING
    stages = (layers.ZeroPadding2D,)

    def windows(self, stage: Layer, picture: tuple[int, ...]) -> Windows:
        assert isinstance(stage, layers.ZeroPadding2D)
        height, width, channels = picture
        rows, columns = height + sum(stage.padding[0]), width + sum(stage.padding[1])
        framed = (rows, columns, channels)
        return Windows(framed, (1, 1), (1, 1), stage.padding, (rows, columns))
