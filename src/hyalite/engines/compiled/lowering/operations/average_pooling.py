"""Average pooling: the mean of every window, or of the whole picture."""

from __future__ import annotations

from hyalite import layers
from hyalite.engines.compiled.lowering.operations.windows import WindowedOperation
from hyalite.engines.compiled.structs import OperationKind
from hyalite.layers import Layer
from hyalite.layers.windows import Windows


class AveragePooling(WindowedOperation):
    """`y[p] = Σ_k x[s·p + k]/N[p]`; of a whole picture it is one window."""

    kind = OperationKind.AVERAGE_POOLING
    stages = (layers.AveragePooling2D, layers.GlobalAveragePooling2D)

    def windows(self, stage: Layer, picture: tuple[int, ...]) -> Windows:
        if isinstance(stage, layers.GlobalAveragePooling2D):
            height, width, _ = picture
            return Windows(picture, (height, width), (1, 1), ((0, 0), (0, 0)), (1, 1))
        return super().windows(stage, picture)
