"""Predictions for a few rows in a few microseconds: everything is prepared but for the numbers."""

from __future__ import annotations

import numpy as np

from hyalite.engines.base import FEW
from hyalite.engines.compiled import entries
from hyalite.engines.compiled.program import Lowering
from hyalite.engines.compiled.settings import Settings
from hyalite.engines.compiled.tables import Packed
from hyalite.network import Network
from hyalite.parameters import Array

SETTINGS = ("activation", "slope", "epsilon", "scale", "offset")  # of layers, that predictions use


class Predictor:
    """Answers for samples that come in the very form the kernel takes, and only then."""

    def __init__(self, network: Network) -> None:
        self._network, self._parameters = network, network.ready
        self._settings = Settings(network.layers, SETTINGS)
        self._dtype, self._shape = network.dtype, network.input_shape
        self._outputs = network.output_shape
        lowering = Lowering(network, None, 0)
        program, parameters = lowering.program(), network.ready
        self._kept = program.operations, np.vstack([program.reals, [program.scale, program.offset]])
        self._packed = np.zeros(len(Packed), np.int64)
        self._packed[Packed.OPERATIONS] = self._kept[0].ctypes.data
        self._packed[Packed.COUNT] = len(program.operations)
        self._packed[Packed.REALS] = self._kept[1].ctypes.data
        self._packed[Packed.THETA] = parameters.theta.ctypes.data
        self._packed[Packed.STATE] = parameters.state.ctypes.data
        self._packed[Packed.BLOCK] = lowering.room.block
        self._packed[Packed.BLAS] = program.blas
        self._flat = len(self._shape) == len(self._outputs) == 1
        x, y = np.zeros((1, 1), self._dtype), np.zeros((1, 1), self._dtype)
        self._predict = entries.prepare(entries.few, self._dtype, (self._packed, x, y))

    def __call__(self, x: object) -> Array | None:
        """The outputs (n, *output_shape), or None where the usual way must be taken."""
        if (
            type(x) is not np.ndarray
            or x.dtype is not self._dtype
            or x.shape[1:] != self._shape
            or not 0 < len(x) <= FEW
            or not x.flags.carray
            or self._network.parameters is not self._parameters
            or self._settings.changed
        ):
            return None
        result = np.empty((len(x), *self._outputs), self._dtype)
        rows, y = (x, result) if self._flat else (x.reshape(len(x), -1), result.reshape(len(x), -1))
        return result if self._predict(self._packed, rows, y) else None
