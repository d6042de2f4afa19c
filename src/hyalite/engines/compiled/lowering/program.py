"""From a built network to the tables that the kernels run, for batches of a certain size.

`support` says what the kernels know, `instructions` what is to be done, `buffers` where the arrays
lie, `tiles` how theta is cut into pieces of work.
"""

from __future__ import annotations

import numpy as np

from hyalite import losses, metrics
from hyalite.engines.compiled.lowering.buffers import BufferPlan
from hyalite.engines.compiled.lowering.instructions import instructions_of
from hyalite.engines.compiled.lowering.support import (
    ACCURACY_KINDS,
    loss_kernel,
    loss_kind,
)
from hyalite.engines.compiled.lowering.tiles import tiles_of
from hyalite.engines.compiled.machine_code.choice import addresses
from hyalite.engines.compiled.structs import (
    COLUMNS,
    AccuracyKind,
    BatchPartition,
    Column,
    Functions,
    LossKind,
    LossTable,
    Matrix,
    Meeting,
    NetworkTable,
    Program,
    Tile,
    UpdateTable,
)
from hyalite.layers import Dropout
from hyalite.losses import Objective
from hyalite.metrics import Metric
from hyalite.network import Network
from hyalite.parameters import whole_lines

MAX_BLOCK_ROWS = 192
MAX_INFERENCE_ROWS = 128  # of a block: 1,000 samples are enough for every thread to have some
MAX_BLOCK_BYTES = 1 << 19  # of its arrays together, unless its rows are few: half a L2 cache
MIN_BLOCK_ROWS, MIN_BLOCK_PICTURES = 32, 8
# Where a dense layer behind them has a large W, which every block reads twice.
MIN_BLOCK_PICTURES_BEFORE_LARGE = 16
FEW_ROWS = 16  # no room is left for more of so few: a picture may be large
MAX_PARTS = 16  # of a batch, with a gradient each; where there are more shards, one for each
# What every network needs: where there is something to compile, it is compiled at once.
KERNELS = ("train", "infer", "help_infer", "predict_few", "gather", "predictions", "optimizer")


class Lowering:
    """A network as the kernels take it.

    Args:
        network: built; `support.check` has passed it.
        objective: the loss joined to the last layer, or None for predictions.
        batch_size: rows that are trained on at once; 0 for inference, where nothing is kept.
        shards: parts of a batch whose gradients are made apart.

    Attributes:
        sizes: the memory that a batch wants.
        cost: multiplications and moved numbers of a forward pass, per sample.
    """

    def __init__(
        self, network: Network, objective: Objective | None, batch_size: int, shards: int = 1
    ) -> None:
        self.network, self.objective = network, objective
        self.batch_size, self.training = batch_size, batch_size > 0
        self.shards = min(shards, max(1, batch_size))
        stages = network.stages(objective)
        self.instructions = instructions_of(network, stages, self.training)
        plan = BufferPlan(self.instructions, batch_size)
        self.sizes, self.feature_slices = plan.sizes, plan.feature_slices
        self.cost = self.instructions.cost + self.sizes.thread

    def partition(self, rows: int = 0) -> BatchPartition:
        """How a batch, or for inference so many rows, is cut into blocks."""
        row_bytes = self.network.dtype.itemsize * self.sizes.thread
        most = max(self._least_rows(), min(MAX_BLOCK_ROWS, MAX_BLOCK_BYTES // row_bytes))
        if not self.training:
            blocks = max(1, -(-rows // min(most, MAX_INFERENCE_ROWS)))
            return BatchPartition(rows, 1, blocks, 1, _room(rows, blocks), 0)
        rows, shards, per_shard = self.batch_size, self.shards, 1
        while rows / (shards * per_shard) > most or (
            shards * per_shard == 1 and rows >= 2 * self._least_rows()
        ):
            per_shard *= 2
        blocks = shards * per_shard
        parts = shards * min(per_shard, max(1, MAX_PARTS // shards))
        waits = int(any(one[Column.MEETING] != Meeting.NONE for one in self.instructions))
        return BatchPartition(rows, shards, blocks, parts, _room(rows, blocks), waits)

    def _least_rows(self) -> int:
        """Of a block, if the batch has more."""
        if not any(one.operation.of_pictures for one in self.instructions):
            return MIN_BLOCK_ROWS
        large = self.training and any(one.by_tiles for one in self.instructions)
        return MIN_BLOCK_PICTURES_BEFORE_LARGE if large else MIN_BLOCK_PICTURES

    def program(self, accuracy: Metric | None = None) -> Program:
        """The tables; `accuracy` is the one to measure."""
        ranges, factors = self._penalties()
        functions = self._functions()
        tiles = tiles_of(self.instructions, self.feature_slices) if self.training else []
        network = NetworkTable(
            self._table(),
            np.array([one.reals for one in self.instructions]),
            np.array(self.feature_slices, np.int64),
            self.training,
            float(self.instructions.scale),
            float(self.instructions.offset),
            functions,
        )
        update = UpdateTable(
            np.array(tiles, np.int64).reshape(-1, len(Tile._fields)), ranges, factors
        )
        return Program(network, self._loss(accuracy), update)

    def _functions(self) -> Functions:
        """The kernels that run it; those of the operations are written into the instructions."""
        loss = {} if self.objective is None else {"loss": loss_kernel(self.objective)}
        operations = (one.operation.kernels() for one in self.instructions)
        names = {*KERNELS, *loss.values()}.union(*operations)
        if any(one.shares_product for one in self.instructions):
            names.add("shared_product")
        found = addresses(sorted(names), self.network.dtype)
        for one in self.instructions:
            one[Column.FORWARD] = found[f"{one.operation.name}_forward"]
            one[Column.BACKWARD] = found[f"{one.operation.name}_backward"]
        return Functions(*(found.get(loss.get(name, name), 0) for name in Functions._fields))

    def scheduled_dropouts(self) -> list[tuple[Dropout, int, int]]:
        """Those whose rate follows a schedule: the layer, its instruction, and the number of the
        dense layer that masks for it in the backward pass, or -1.
        """
        following = [one[Column.MASKED] > 0 for one in self.instructions[1:]] + [False]
        return [
            (stage, number, number + 1 if following[number] else -1)
            for number, stage in self.instructions.scheduled.items()
        ]

    def _table(self) -> Matrix:
        """The instructions' rows, and in the same piece of memory, behind them, their constants."""
        rows, constants = len(self.instructions), [one.constants for one in self.instructions]
        ends = rows * COLUMNS + np.cumsum([one.size for one in constants])
        for one, end in zip(self.instructions, ends.tolist(), strict=True):
            one[Column.CONSTANTS] = end - one.constants.size
        memory = np.concatenate([*(one.row for one in self.instructions), *constants])
        return memory[: rows * COLUMNS].reshape(rows, COLUMNS)

    def _loss(self, accuracy: Metric | None) -> LossTable:
        kind, fused, smoothing, parameter = LossKind.SQUARED, False, 0.0, 1.0
        groups: tuple[int, ...] = ()
        if self.objective is not None:
            loss, fused = self.objective.loss, self.objective.fuses_last
            kind = loss_kind(self.objective)
            smoothing = getattr(loss, "label_smoothing", 0.0)
            parameter = getattr(loss, "delta", getattr(loss, "q", 1.0))
            if isinstance(loss, losses.GroupedCrossentropy):
                groups = loss.classes
        counted, threshold = AccuracyKind.NONE, 0.0
        if accuracy is not None:
            counted = ACCURACY_KINDS[type(accuracy)]
            if isinstance(accuracy, metrics.RegressionAccuracy):
                threshold = accuracy.precision or 0.0
            elif not fused:
                threshold = accuracy.threshold  # else 0 of the logit: 0.5 of the probability
        return LossTable(
            int(kind), fused, float(smoothing), float(parameter), int(counted), float(threshold),
            np.array(groups, np.int64),
        )  # fmt: skip

    def _penalties(self) -> tuple[Matrix, Matrix]:
        """The stretches of theta that have any, and their λ1 and λ2."""
        ranges, factors = [], []
        offsets, sizes = self.instructions.offsets, self.instructions.sizes
        for layer, name in zip(self.network.layers, self.network.names, strict=True):
            for key, l1, l2 in layer.penalties():
                start = offsets[f"{name}.{key}"]
                ranges.append((start, start + sizes[f"{name}.{key}"]))
                factors.append((l1, l2))
        return (
            np.array(ranges, np.int64).reshape(-1, 2),
            np.array(factors, np.float64).reshape(-1, 2),
        )


def _room(rows: int, blocks: int) -> int:
    """Rows for which a block has room: as many as make each of its arrays begin a line of the
    caches, unless there are so few that this would be much more memory.
    """
    most = -(-rows // blocks)
    return whole_lines(most) if most > FEW_ROWS else most
