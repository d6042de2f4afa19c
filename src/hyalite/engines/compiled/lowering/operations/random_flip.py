"""Random mirror images of pictures in training."""

from __future__ import annotations

import numpy as np

from hyalite import layers
from hyalite.engines.compiled.lowering.operations.base import Instructions, Operation
from hyalite.engines.compiled.structs import OperationKind
from hyalite.layers import Layer
from hyalite.layers.augmentation import FLIPPED_AXES

# Where the constants hold what; the last two: whether rows and columns are ever reversed.
HEIGHT, WIDTH, CHANNELS, ROWS, COLUMNS, WHOLES = 0, 1, 2, 3, 4, 5


class RandomFlip(Operation):
    """`y[p] = x[q]` in training, q by the numbers drawn for the sample."""

    kind = OperationKind.RANDOM_FLIP
    stages = (layers.RandomFlip,)
    in_place = False
    dx_over_dy = False

    def lower(self, stage: Layer, instructions: Instructions) -> None:
        assert isinstance(stage, layers.RandomFlip)
        if not instructions.training:
            return
        height, width, *channels = instructions.shape
        flipped = [axis in FLIPPED_AXES[stage.mode] for axis in (1, 2)]
        one = instructions.add(self, stage)
        one.constants = np.array([height, width, *(channels or [1]), *flipped], np.int64)
