"""Gaussian noise: normal numbers added in training, by Philox's counters and a table."""

from __future__ import annotations

import numpy as np

from hyalite import layers
from hyalite.engines.compiled.lowering.operations.base import Instructions, Operation
from hyalite.engines.compiled.structs import OperationKind
from hyalite.layers import Layer
from hyalite.layers.augmentation import normal


class GaussianNoise(Operation):
    """`y = x + stddev·ε` in training."""

    kind = OperationKind.GAUSSIAN_NOISE
    stages = (layers.GaussianNoise,)

    def lower(self, stage: Layer, instructions: Instructions) -> None:
        assert isinstance(stage, layers.GaussianNoise)
        if instructions.training and stage.stddev:
            one = instructions.add(self, stage, (stage.stddev, 0.0))
            # the table itself, which stays as long as the process, rather than a copy for each
            one.constants = np.array([normal(np.dtype(np.float32)).ctypes.data], np.int64)
