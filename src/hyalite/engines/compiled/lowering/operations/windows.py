"""What the operations over windows of a picture share: where the windows lie, as constants."""

from __future__ import annotations

import math

import numpy as np

from hyalite import layers
from hyalite.engines.compiled.lowering.operations.base import Instruction, Instructions, Operation
from hyalite.engines.compiled.structs import Geometry
from hyalite.layers import Layer
from hyalite.layers.windows import Windows, picture_shape
from hyalite.parameters import Shape


def geometry_of(layer: Layer, windows: Windows, input_shape: Shape) -> Geometry:
    """The windows of a layer over samples of this shape."""
    height, width, channels = picture_shape(layer, input_shape)
    (top, _), (left, _) = windows.border
    outputs = math.prod(layer.output_shape(input_shape)) // math.prod(windows.output)
    (framed_height, framed_width, _), size, strides = windows.picture, windows.size, windows.strides
    return Geometry(
        height, width, channels, top, left, framed_height, framed_width, *size, *strides,
        *windows.output, outputs,
    )  # fmt: skip


def set_geometry(one: Instruction, *geometries: Geometry) -> None:
    """Write it where the kernels read it; of a convolution also that of the pooling behind it."""
    one.constants = np.concatenate([np.array(geometry, np.int64) for geometry in geometries])


class WindowedOperation(Operation):
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
