"""The compiled engine: hands tables and samples to the kernels, 0.05 seconds of work a call."""

from __future__ import annotations

from functools import partial

import numpy as np

from hyalite.data.block_samples import BlockSamples
from hyalite.data.samples import Samples
from hyalite.engines.base import Run, Task, Totals
from hyalite.engines.compiled.runtime.inference import InferenceCall, inference_pieces
from hyalite.engines.compiled.runtime.measures import Measures
from hyalite.engines.compiled.runtime.predictor import Predictor
from hyalite.engines.compiled.runtime.run import CompiledRun, Runtime
from hyalite.engines.compiled.runtime.settings_watch import SETTINGS, SettingsWatch
from hyalite.engines.compiled.runtime.shared_run import SharedRun
from hyalite.engines.compiled.runtime.source import source_of, total
from hyalite.engines.compiled.runtime.stretches import StretchedRun
from hyalite.engines.compiled.runtime.threads import threads_for
from hyalite.engines.compiled.structs import SAMPLE_DTYPES, Control
from hyalite.engines.numpy import NumpyEngine
from hyalite.engines.pieces import evaluate_in_stretches
from hyalite.engines.validation import Measured, measured_by_shards
from hyalite.losses import Objective
from hyalite.metrics import Metric
from hyalite.network import Network
from hyalite.optimizers import Optimizer
from hyalite.parameters import Array
from hyalite.workers import Group, alone


class CompiledEngine:
    """Runs training, evaluation and prediction of one network in compiled code.

    Args:
        network: built, and found fit by `support.check`.
        shards: how many parts a batch is cut into; the gradient of each is made from zero, and they
            are added in the order of a tree, the same wherever they were made.
        workers: that share the shards; None for this process alone.
    """

    name = "compiled"

    def __init__(self, network: Network, shards: int = 1, workers: Group | None = None) -> None:
        self.network, self.shards = network, shards
        self.workers = alone() if workers is None else workers
        self._runtime = Runtime(network, shards)
        self._settings = SettingsWatch(network.all_layers(), SETTINGS)
        self._layers = [*network.layers]
        self._predictor: Predictor | None = None

    @property
    def fits(self) -> bool:
        """Whether the network is still as it was: its layers, and their settings."""
        return self.network.layers == self._layers and not self._settings.changed

    def start(self, task: Task, optimizer: Optimizer) -> Run:
        """See `Engine.start`."""
        run: type[CompiledRun] | partial[SharedRun] = CompiledRun
        if self.workers.size > 1:
            run = partial(SharedRun, workers=self.workers)
        if isinstance(task.samples, BlockSamples):
            return StretchedRun(self._runtime, task, optimizer, run)
        return run(self._runtime, task, optimizer)

    def evaluate(self, task: Task) -> Totals:
        """Loss and metrics without training; the blocks of rows are the kernel's own choice."""
        if isinstance(task.samples, BlockSamples):
            return evaluate_in_stretches(self, task)
        samples, outputs = task.samples, self.network.output_shape[-1]

        def measured(some: Samples) -> Measured:
            measures = Measures(task.metrics, some, outputs)
            sums = self._infer(some, task.objective, measures.accuracy, measures.predictions)
            loss, correct = sums.sum(axis=0).tolist()
            return Measured(loss, correct, measures.predictions)

        if self.shards > 1:
            samples.plain(SAMPLE_DTYPES)  # converted once, for all shards
            found = measured_by_shards(samples, self.shards, self.workers, outputs, measured)
        else:
            found = measured(samples)
        loss, correct, predictions = found
        measures = Measures(task.metrics, samples, outputs, predictions)
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
            self._predictor = Predictor(self._runtime)
        return self._predictor

    def _infer(
        self,
        samples: Samples,
        objective: Objective | None,
        accuracy: Metric | None,
        predictions: Array,
    ) -> Array:
        """Fill `predictions` where it has rows; each block's Σ weight·loss and Σ count·correct."""
        lowered = self._runtime.lowered(objective, accuracy)
        source, measure = source_of(samples, [None], predictions), objective is not None
        with self._runtime.ready():
            threads = threads_for(inference_pieces(lowered.lowering, len(samples)))
            call = InferenceCall(self.network, lowered, source, threads, measure=measure)
            call.run()
        if call.control[Control.UNKNOWN_CATEGORY]:
            NumpyEngine(self.network).predict(samples, 1024)  # raises the error that tells
        return call.sums
