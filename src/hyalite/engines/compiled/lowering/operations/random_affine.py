"""Random turns, zooms and shifts of pictures in training."""

from __future__ import annotations

import math

import numpy as np

from hyalite import layers
from hyalite.engines.compiled.lowering.operations.base import Instructions, Operation
from hyalite.engines.compiled.structs import OperationKind
from hyalite.layers import Layer

# Where the constants hold what: whole numbers, then as many real ones.
HEIGHT, WIDTH, CHANNELS, WHOLES = 0, 1, 2, 3
SHIFT, ROTATION, ZOOM, FILL, REALS = 0, 1, 2, 3, 4  # the rotation in radians


class RandomAffine(Operation):
    """`y[p] = Σ w·x[⌊q⌋ + a]` in training, q by the numbers drawn for the sample."""

    kind = OperationKind.RANDOM_AFFINE
    stages = (layers.RandomAffine,)
    in_place = False
    dx_over_dy = False

    def lower(self, stage: Layer, instructions: Instructions) -> None:
        assert isinstance(stage, layers.RandomAffine)
        if not instructions.training or not (stage.shift or stage.rotation or stage.zoom):
            return
        height, width, *channels = instructions.shape
        one = instructions.add(self, stage)
        numbers = (stage.shift, math.radians(stage.rotation), stage.zoom, stage.fill)
        one.constants = np.concatenate(
            [[height, width, *(channels or [1])], np.array(numbers).view(np.int64)]
        ).astype(np.int64)
