"""From a built network to the tables that the kernel runs, for batches of a certain size.

Nothing is computed here. `support` says what the kernel knows, `instructions` what is to be done,
`places` where the arrays lie, `pieces` how theta is cut into pieces of work.
"""

from __future__ import annotations

import numpy as np

from hyalite import layers, metrics
from hyalite.engines.blas import gemm_address
from hyalite.engines.compiled.instructions import Instructions
from hyalite.engines.compiled.pieces import pieces
from hyalite.engines.compiled.places import Places
from hyalite.engines.compiled.support import ENDINGS, HITS
from hyalite.engines.compiled.tables import Cut, Ending, Hit, Piece, Program
from hyalite.losses import Objective
from hyalite.metrics import Metric
from hyalite.network import Network

BLOCK_ROWS = 192  # of a block at most, and
BLOCK_BYTES = 1 << 19  # of its arrays together, unless it has few: half a second-level cache
LEAST_ROWS = 32
PARTS = 16  # gradients of parts of a batch at most


class Lowering:
    """A network as the kernel takes it.

    Args:
        network: built; `support.check` has passed it.
        objective: the loss joined to the last layer, or None for predictions.
        batch_size: rows that are trained on at once; 0 for inference, where nothing is kept.
        shards: parts of a batch that batch normalization treats apart.

    Attributes:
        room: the memory that a batch wants.
    """

    def __init__(
        self, network: Network, objective: Objective | None, batch_size: int, shards: int = 1
    ) -> None:
        self.network, self.objective = network, objective
        self.batch_size, self.training = batch_size, batch_size > 0
        self.shards = min(shards, max(1, batch_size))
        stages = network.stages()
        if objective is not None and objective.fuses_last:
            stages = stages[:-1]
        self.instructions = Instructions(network, stages, self.training)
        places = Places(self.instructions, batch_size)
        self.room, self.slices = places.room, places.slices

    def cut(self, rows: int = 0) -> Cut:
        """How a batch, or for inference so many rows, is cut into blocks."""
        itemsize = self.network.dtype.itemsize
        most = max(LEAST_ROWS, min(BLOCK_ROWS, BLOCK_BYTES // (itemsize * self.room.block)))
        if not self.training:
            blocks = max(1, -(-rows // most))
            return Cut(rows, 1, blocks, 1, -(-rows // blocks))
        rows, shards, per_shard = self.batch_size, self.shards, 1
        if not self.instructions.normalizes:  # else its means need the whole shard at once
            while rows / (shards * per_shard) > most or (
                shards * per_shard == 1 and rows >= 2 * LEAST_ROWS
            ):
                per_shard *= 2
        blocks = shards * per_shard
        return Cut(rows, shards, blocks, min(blocks, PARTS), -(-rows // blocks))

    def program(self, hits: Metric | None = None) -> Program:
        """The tables; `hits` is the accuracy to measure."""
        segments, factors = self._penalties()
        ending, smoothing, delta = Ending.SQUARED, 0.0, 1.0
        if self.objective is not None:
            loss = self.objective.loss
            logits = self.objective.fuses_last or loss.from_logits
            ending = ENDINGS[type(loss)][logits]
            smoothing = getattr(loss, "label_smoothing", 0.0)
            delta = getattr(loss, "delta", getattr(loss, "q", 1.0))
        hit, limit = Hit.NOTHING, 0.0
        if hits is not None:
            hit = HITS[type(hits)]
            if isinstance(hits, metrics.RegressionAccuracy):
                limit = hits.precision or 0.0
            elif self.objective is None or not self.objective.fuses_last:
                limit = hits.threshold  # else 0 of the logit, which is 0.5 of the probability
        found = pieces(self.instructions, self.slices) if self.training else []
        return Program(
            np.stack([one.row for one in self.instructions]),
            np.array([one.reals for one in self.instructions]),
            np.array(found, np.int64).reshape(-1, len(Piece._fields)),
            np.array(self.slices, np.int64),
            np.array(segments, np.int64).reshape(-1, 2),
            np.array(factors, np.float64).reshape(-1, 2),
            self.training,
            float(self.instructions.scale),
            float(self.instructions.offset),
            int(ending),
            self.objective is not None and self.objective.fuses_last,
            float(smoothing),
            float(delta),
            int(hit),
            float(limit),
            gemm_address(self.network.dtype),
        )

    def _penalties(self) -> tuple[list[tuple[int, int]], list[tuple[float, float]]]:
        segments, factors = [], []
        sizes = {slot.name: slot.size for slot in self.network.ready.layout.slots}
        for layer, name in zip(self.network.layers, self.network.names, strict=True):
            for key, l1, l2 in layer.penalties() if isinstance(layer, layers.Dense) else ():
                start = self.instructions.offsets[f"{name}.{key}"]
                segments.append((start, start + sizes[f"{name}.{key}"]))
                factors.append((l1, l2))
        return segments, factors
