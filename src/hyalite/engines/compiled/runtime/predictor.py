"""Predictions of samples that need no conversion: everything is prepared but for the numbers.

A few rows take a few microseconds, in this thread; the threads that help with many stay awake for a
moment, since to wake one takes the system longer than it takes to predict 100 rows.
"""

from __future__ import annotations

import numpy as np

from hyalite.data.samples import Samples
from hyalite.engines.compiled.frames import packed
from hyalite.engines.compiled.machine_code.entry_points import entry_point
from hyalite.engines.compiled.runtime.inference import InferenceCall, inference_pieces
from hyalite.engines.compiled.runtime.lowered import Lowered
from hyalite.engines.compiled.runtime.run import Runtime
from hyalite.engines.compiled.runtime.settings_watch import PREDICTION_SETTINGS, SettingsWatch
from hyalite.engines.compiled.runtime.source import source_of
from hyalite.engines.compiled.runtime.threads import threads_for
from hyalite.engines.compiled.structs import FewRows
from hyalite.parameters import Array

MAX_FEW_ROWS = 16  # more are worth being cut into blocks, for threads


class Predictor:
    """Predicts finite samples that come as a contiguous array of the model's dtype.

    Args:
        runtime: of the network, which is built.
    """

    def __init__(self, runtime: Runtime) -> None:
        network = runtime.network
        self._runtime, self._network, self._parameters = runtime, network, network.ready
        self._settings = SettingsWatch(network.all_layers(), PREDICTION_SETTINGS)
        self._dtype, self._shape = network.dtype, network.input_shape
        self._outputs = network.output_shape
        self._lowered = Lowered(network, None, None, 0, 0)
        parameters = network.ready
        # held here, since the kernel knows the arrays' addresses alone
        self._call = FewRows(
            self._lowered.program.network, parameters.theta, parameters.state,
            self._lowered.lowering.sizes.thread, object.__basicsize__,
        )  # fmt: skip
        self._frame = packed(self._call)
        self._address = self._frame.ctypes.data
        self._predict = entry_point("predict_few", self._dtype)
        # Of the latest number of rows: threads that are worth it, and what nobody uses just now.
        self._rows, self._pieces = 0, 1
        self._calls: list[InferenceCall] = []

    def __call__(self, x: object) -> Array | None:
        """The outputs (n, *output_shape); None where they must be had from `Engine.predict`."""
        if (
            type(x) is not np.ndarray
            # copies and unpickled models and arrays have dtypes that are equal, but not the same
            or (x.dtype is not self._dtype and x.dtype != self._dtype)
            or x.shape[1:] != self._shape
            or not len(x)
            or not x.flags.carray
            or self._network.parameters is not self._parameters
            or self._settings.changed
        ):
            return None
        result = np.empty((len(x), *self._outputs), self._dtype)
        if len(x) > MAX_FEW_ROWS:
            return result if self._predict_many(x, result) else None
        # the objects themselves: to ask both for the address of their numbers takes 0.8 µs
        self._predict(self._address, len(x), id(x), id(result))
        first = result.item(0)
        return result if first == first else None  # else it is not a number: see the kernel

    def _predict_many(self, x: Array, result: Array) -> bool:
        with self._runtime.ready():
            if self._rows != len(x):
                self._rows = len(x)
                self._pieces = inference_pieces(self._lowered.lowering, len(x))
            threads = threads_for(self._pieces)
            try:
                call = self._calls.pop()  # so that no other thread has it meanwhile
            except IndexError:
                call = None
            if call is None or (call.rows, call.threads) != (len(x), threads):
                call = self._new_call(x, result, threads)
            found = call.predict(x, result)
            self._calls.append(call)
        return found

    def _new_call(self, x: Array, result: Array, threads: int) -> InferenceCall:
        self._calls.clear()  # their memory is of other rows
        samples, flat = Samples(x, None, None, self._dtype), result.reshape(len(x), -1)
        source = source_of(samples, [None], flat)
        return InferenceCall(self._network, self._lowered, source, threads, check=True)
