"""Predictions of samples that need no conversion: everything is prepared but for the numbers.

A few rows take a few microseconds, in this thread.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hyalite.engines.compiled.frames import packed
from hyalite.engines.compiled.lowering.program import Lowering
from hyalite.engines.compiled.machine_code.entry_points import entry_point
from hyalite.engines.compiled.runtime.settings_watch import PREDICTION_SETTINGS, SettingsWatch
from hyalite.engines.compiled.structs import FewRows
from hyalite.network import Network
from hyalite.parameters import Array

MAX_FEW_ROWS = 16  # more are worth being cut into blocks, for threads


class Predictor:
    """Predicts finite samples that come as a contiguous array of the model's dtype.

    Args:
        network: built.
        fill: writes the predictions of more than a few rows, or says False where samples are not
            finite.
    """

    def __init__(self, network: Network, fill: Callable[[Array, Array], bool]) -> None:
        self._network, self._parameters, self._fill = network, network.ready, fill
        self._settings = SettingsWatch(network.all_layers(), PREDICTION_SETTINGS)
        self._dtype, self._shape = network.dtype, network.input_shape
        self._outputs = network.output_shape
        lowering = Lowering(network, None, 0)
        parameters = network.ready
        # held here, since the kernel knows the arrays' addresses alone
        self._call = FewRows(
            lowering.program().network, parameters.theta, parameters.state,
            lowering.sizes.thread, object.__basicsize__,
        )  # fmt: skip
        self._frame = packed(self._call)
        self._address = self._frame.ctypes.data
        self._predict = entry_point("predict_few", self._dtype)

    def __call__(self, x: object) -> Array | None:
        """The outputs (n, *output_shape); None where they must be had from `Engine.predict`."""
        if (
            type(x) is not np.ndarray
            or x.dtype is not self._dtype
            or x.shape[1:] != self._shape
            or not len(x)
            or not x.flags.carray
            or self._network.parameters is not self._parameters
            or self._settings.changed
        ):
            return None
        result = np.empty((len(x), *self._outputs), self._dtype)
        if len(x) > MAX_FEW_ROWS:
            return result if self._fill(x, result) else None
        # the objects themselves: to ask both for the address of their numbers takes 0.8 µs
        self._predict(self._address, len(x), id(x), id(result))
        first = result.item(0)
        return result if first == first else None  # else it is not a number: see the kernel
