"""A call of ``infer``: made ready once, and made again with other samples of the same number."""

from __future__ import annotations

import numpy as np

from hyalite.engines.compiled.frames import entry_of, packed
from hyalite.engines.compiled.lowering.program import Lowering
from hyalite.engines.compiled.machine_code.entry_points import entry_point
from hyalite.engines.compiled.runtime.lowered import Lowered
from hyalite.engines.compiled.runtime.run import COST_PER_SECOND, ONE_THREAD_COST
from hyalite.engines.compiled.runtime.threads import (
    MAX_DEAF_SECONDS,
    helpers,
    new_control,
    run_on_threads,
)
from hyalite.engines.compiled.structs import Control, Inference, InferenceMemory, Source
from hyalite.network import Network
from hyalite.parameters import Array, empty, whole_lines

SAMPLES = entry_of(Inference, "source", "address")
PREDICTIONS = entry_of(Inference, "source", "predictions")
HELPERS = entry_of(Inference, "helpers")


def inference_pieces(lowering: Lowering, rows: int) -> int:
    """How many threads are worth it for so many samples."""
    return 1 if rows * lowering.cost < ONE_THREAD_COST else lowering.partition(rows).blocks


class InferenceCall:
    """A forward pass over all samples of a source.

    Args:
        network: built.
        lowered: what it is made into.
        source: the samples, which must outlive it; where it has predictions they are written.
        threads: how many, this one among them.
        measure: whether there are targets to compare with.
        check: end where a sample is not finite.

    Attributes:
        control: what the kernel says; see `Control`.
        sums: each block's Σ weight·loss and Σ count·correct.
    """

    def __init__(
        self,
        network: Network,
        lowered: Lowered,
        source: Source,
        threads: int,
        *,
        measure: bool = False,
        check: bool = False,
    ) -> None:
        self.rows, self.threads, dtype = source.rows, threads, network.dtype
        self.control, parameters = new_control(), network.ready
        partition, sizes = lowered.lowering.partition(self.rows), lowered.lowering.sizes
        self.sums = np.zeros((partition.blocks, 2))
        # held here, since the kernel knows the arrays' addresses alone
        self._call = Inference(
            self.control, lowered.words, partition,
            InferenceMemory(
                parameters.theta, parameters.state,
                empty((threads, whole_lines(partition.block_rows * sizes.thread)), dtype),
                self.sums,
            ),
            source, measure, check, np.empty(0, np.int64),
        )  # fmt: skip
        self._infer, self._frame = entry_point("infer", dtype), packed(self._call)
        self._address = self._frame.ctypes.data
        self._seconds = self.rows * lowered.lowering.cost / COST_PER_SECOND
        self._helpers = helpers(dtype)

    def run(self) -> None:
        """Make it."""
        if self._seconds >= MAX_DEAF_SECONDS:
            run_on_threads(self._infer, self.threads, self.control, self._frame, self._seconds)
            return
        if self.threads > 1:
            places = self._helpers.call(self.threads - 1)
            self._frame[HELPERS : HELPERS + 2] = places.ctypes.data, places.size
        self._infer(0, self.threads, self._address)

    def predict(self, x: Array, result: Array) -> bool:
        """Write the outputs of these samples, as many as those it was made for and of the same
        kind; False where one is not finite, or a category has no row in an embedding.
        """
        self.control[:] = 0
        self._frame[SAMPLES], self._frame[PREDICTIONS] = x.ctypes.data, result.ctypes.data
        self.run()
        return not (self.control[Control.NONFINITE] or self.control[Control.UNKNOWN_CATEGORY])
