"""The compiled engine: hands tables and samples to the kernels, 0.05 seconds of work a call."""

from __future__ import annotations

import numpy as np

from hyalite.data.samples import Samples
from hyalite.engines.base import Task, Totals
from hyalite.engines.compiled.frames import packed
from hyalite.engines.compiled.machine_code.entry_points import entry_point
from hyalite.engines.compiled.runtime.measures import Measures
from hyalite.engines.compiled.runtime.predictor import Predictor
from hyalite.engines.compiled.runtime.run import (
    COST_PER_SECOND,
    ONE_THREAD_COST,
    CompiledRun,
    Runtime,
)
from hyalite.engines.compiled.runtime.settings_watch import SETTINGS, SettingsWatch
from hyalite.engines.compiled.runtime.source import source_of, total
from hyalite.engines.compiled.runtime.threads import new_control, run_on_threads, threads_for
from hyalite.engines.compiled.structs import Control, Inference, InferenceMemory, IntVector
from hyalite.engines.numpy import NumpyEngine
from hyalite.losses import Objective
from hyalite.metrics import Metric
from hyalite.network import Network
from hyalite.optimizers import Optimizer
from hyalite.parameters import Array


class CompiledEngine:
    """Runs training, evaluation and prediction of one network in compiled code.

    Args:
        network: built, and found fit by `support.check`.
        shards: parts of a batch that batch normalization treats apart. Other models give the same
            to rounding, whatever it is.
    """

    name = "compiled"

    def __init__(self, network: Network, shards: int = 1) -> None:
        self.network, self.shards = network, shards
        self._runtime = Runtime(network, shards)
        self._settings = SettingsWatch(network.all_layers(), SETTINGS)
        self._layers = [*network.layers]
        self._predictor: Predictor | None = None

    @property
    def fits(self) -> bool:
        """Whether the network is still as it was: its layers, and their settings."""
        return self.network.layers == self._layers and not self._settings.changed

    def start(self, task: Task, optimizer: Optimizer) -> CompiledRun:
        """See `Engine.start`."""
        return CompiledRun(self._runtime, task, optimizer)

    def evaluate(self, task: Task) -> Totals:
        """Loss and metrics without training; the blocks of rows are the kernel's own choice."""
        samples = task.samples
        measures = Measures(task.metrics, samples, self.network.output_shape[-1])
        sums = self._infer(samples, task.objective, measures.accuracy, measures.predictions)[1]
        loss, correct = sums.sum(axis=0).tolist()
        weight = total(samples.weight, samples)
        figures = measures.results(correct)
        return Totals(0, len(samples), loss, weight, correct=correct, metrics=figures)

    def predict(self, samples: Samples, batch_size: int) -> Array:
        """The outputs of all samples, (n, *output_shape)."""
        result = np.empty((len(samples), *self.network.output_shape), self.network.dtype)
        self._infer(samples, None, None, result.reshape(len(samples), -1))
        return result

    def predictor(self) -> Predictor:
        """Predicts what needs no conversion, with less overhead."""
        if self._predictor is None:
            self._predictor = Predictor(self.network, self._fill)
        return self._predictor

    def _fill(self, x: Array, result: Array) -> bool:
        """Write the outputs of finite samples, of the network's dtype; else say False."""
        samples = Samples(x, None, None, self.network.dtype)
        control, _ = self._infer(samples, None, None, result.reshape(len(x), -1), check=True)
        return not control[Control.NONFINITE]

    def _infer(
        self,
        samples: Samples,
        objective: Objective | None,
        accuracy: Metric | None,
        predictions: Array,
        *,
        check: bool = False,
    ) -> tuple[IntVector, Array]:
        """Fill `predictions` where it has rows.

        Returns:
            what the kernel says, see `Control`; each block's Σ weight·loss and Σ count·correct.
        """
        runtime, dtype = self._runtime, self.network.dtype
        lowered = runtime.lowered(objective, accuracy)
        parameters, control = self.network.ready, new_control()
        partition = lowered.lowering.partition(len(samples))
        sums = np.zeros((partition.blocks, 2))
        cost = len(samples) * lowered.lowering.cost
        buffer_size = partition.block_rows * lowered.lowering.sizes.thread
        with runtime.ready():
            threads = threads_for(1 if cost < ONE_THREAD_COST else partition.blocks)
            buffers = np.empty((threads, buffer_size), dtype)
            call = Inference(
                control, lowered.words, partition,
                InferenceMemory(parameters.theta, parameters.state, buffers, sums),
                source_of(samples, [None], predictions), objective is not None, check,
            )  # fmt: skip
            kernel, frame = entry_point("infer", dtype), packed(call)
            seconds = cost / COST_PER_SECOND
            run_on_threads(kernel, threads, control, frame, seconds, apart=True)
        if control[Control.UNKNOWN_CATEGORY]:
            NumpyEngine(self.network).predict(samples, 1024)  # raises the error that tells
        return control, sums
