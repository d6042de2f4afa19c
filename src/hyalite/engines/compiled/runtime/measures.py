"""The metrics of a run: what the kernel counts itself, and what needs the predictions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hyalite.data.samples import Samples
from hyalite.engines.base import results
from hyalite.engines.compiled.lowering.support import ACCURACY_KINDS
from hyalite.engines.compiled.runtime.source import total
from hyalite.metrics import Metric
from hyalite.parameters import Array


class Measures:
    """The accuracy, whose correct outputs the kernel counts, and the metrics of predictions.

    Args:
        metrics: all of them.
        samples: that they are measured on.
        outputs: of the network.
        predictions: of the epoch so far, if it is not begun here.

    Attributes:
        accuracy: the metric that the kernel counts, or None.
        others: the rest.
        predictions: (samples, outputs), to be filled by the kernel where there are others.
    """

    def __init__(
        self,
        metrics: Sequence[Metric],
        samples: Samples,
        outputs: int,
        predictions: Array | None = None,
    ) -> None:
        self.metrics, self.samples = metrics, samples
        counted = (metric for metric in metrics if type(metric) in ACCURACY_KINDS)
        self.accuracy = next(counted, None)
        self.others = [metric for metric in metrics if metric is not self.accuracy]
        if predictions is None:
            predictions = np.empty((len(samples) if self.others else 0, outputs), samples.dtype)
        self.predictions = predictions
        self.counts = total(samples.counts, samples)

    def results(self, correct: float, order: Array | None = None) -> dict[str, Any]:
        """What was measured in an epoch, by name."""
        if self.accuracy is not None:
            self.accuracy.reset()
            self.accuracy.add(correct, self.counts)  # type: ignore[attr-defined]
        if self.others:
            _, y, _, counts = self.samples.everything(order)
            assert y is not None
            for metric in self.others:
                metric.reset()
                metric.update(self.predictions, y, counts)
        return results(self.metrics)
