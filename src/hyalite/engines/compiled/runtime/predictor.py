"""Predictions for a few rows in a few microseconds: everything is prepared but for the numbers."""

from __future__ import annotations

import numpy as np

from hyalite.engines.base import MAX_PREDICTOR_ROWS
from hyalite.engines.compiled.kernels import entry_points
from hyalite.engines.compiled.lowering.program import Lowering
from hyalite.engines.compiled.runtime.settings_watch import PREDICTION_SETTINGS, SettingsWatch
from hyalite.engines.compiled.structs import PackedProgram
from hyalite.network import Network
from hyalite.parameters import Array


class Predictor:
    """Predicts samples that need no conversion: arrays of the model's dtype, contiguous, few."""

    def __init__(self, network: Network) -> None:
        self._network, self._parameters = network, network.ready
        self._settings = SettingsWatch(network.layers, PREDICTION_SETTINGS)
        self._dtype, self._shape = network.dtype, network.input_shape
        self._outputs = network.output_shape
        lowering = Lowering(network, None, 0)
        program, parameters = lowering.program().network, network.ready
        # held here, since the kernel knows their addresses alone
        self._instructions = program.instructions
        self._reals = np.vstack([program.reals, [program.scale, program.offset]])
        self._packed = np.zeros(len(PackedProgram), np.int64)
        self._packed[PackedProgram.INSTRUCTIONS] = self._instructions.ctypes.data
        self._packed[PackedProgram.COUNT] = len(self._instructions)
        self._packed[PackedProgram.REALS] = self._reals.ctypes.data
        self._packed[PackedProgram.THETA] = parameters.theta.ctypes.data
        self._packed[PackedProgram.STATE] = parameters.state.ctypes.data
        self._packed[PackedProgram.BUFFERS] = lowering.sizes.thread
        self._packed[PackedProgram.GEMM] = program.gemm
        self._flat = len(self._shape) == len(self._outputs) == 1
        x, y = np.zeros((1, 1), self._dtype), np.zeros((1, 1), self._dtype)
        self._predict = entry_points.prepare(
            entry_points.predict_few, self._dtype, (self._packed, x, y)
        )

    def __call__(self, x: object) -> Array | None:
        """The outputs (n, *output_shape); None where they must be had from `Engine.predict`."""
        if (
            type(x) is not np.ndarray
            or x.dtype is not self._dtype
            or x.shape[1:] != self._shape
            or not 0 < len(x) <= MAX_PREDICTOR_ROWS
            or not x.flags.carray
            or self._network.parameters is not self._parameters
            or self._settings.changed
        ):
            return None
        result = np.empty((len(x), *self._outputs), self._dtype)
        rows, y = (x, result) if self._flat else (x.reshape(len(x), -1), result.reshape(len(x), -1))
        return result if self._predict(self._packed, rows, y) else None
