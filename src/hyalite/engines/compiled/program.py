"""From a built network to the tables that the kernel runs: instructions, places, pieces of work.

Nothing is computed here. What the kernel does not know raises `Unsupported`, with what and why.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hyalite import layers, losses, metrics, optimizers
from hyalite.engines.blas import gemm_address
from hyalite.engines.compiled import narrow
from hyalite.engines.compiled.tables import (
    NOWHERE,
    Column,
    Cut,
    Ending,
    Function,
    Hit,
    Operation,
    Program,
    Rule,
)
from hyalite.layers import Layer
from hyalite.losses import Loss, Objective
from hyalite.metrics import Metric
from hyalite.network import Network
from hyalite.optimizers import Optimizer

BLOCK_ROWS = 192  # of a block at most, and
BLOCK_BYTES = 1 << 19  # of its arrays together, unless it has few: half a second-level cache
LEAST_ROWS = 32
PARTS = 16  # gradients of parts of a batch at most
TILE = 1 << 16  # entries of theta in a piece of work
SLICES = 4  # of the samples' features, where the first layer is large

FUNCTIONS: dict[type[Layer], Function] = {
    layers.Linear: Function.LINEAR,
    layers.ReLU: Function.RELU,
    layers.LeakyReLU: Function.LEAKY_RELU,
    layers.Sigmoid: Function.SIGMOID,
    layers.Tanh: Function.TANH,
    layers.GELU: Function.GELU,
    layers.Softmax: Function.SOFTMAX,
}
ENDINGS: dict[type[Loss], tuple[Ending, Ending]] = {  # from probabilities or numbers; from logits
    losses.CategoricalCrossentropy: (Ending.CATEGORICAL, Ending.CATEGORICAL_FUSED),
    losses.BinaryCrossentropy: (Ending.BINARY, Ending.BINARY_FUSED),
    losses.MeanSquaredError: (Ending.SQUARED, Ending.SQUARED),
    losses.MeanAbsoluteError: (Ending.ABSOLUTE, Ending.ABSOLUTE),
    losses.Huber: (Ending.HUBER, Ending.HUBER),
}
HITS: dict[type[Metric], Hit] = {
    metrics.CategoricalAccuracy: Hit.CLASS,
    metrics.BinaryAccuracy: Hit.YES_NO,
    metrics.RegressionAccuracy: Hit.NEAR,
}
RULES: dict[type[Optimizer], Rule] = {
    optimizers.SGD: Rule.SGD,
    optimizers.Adagrad: Rule.ADAGRAD,
    optimizers.RMSprop: Rule.RMSPROP,
    optimizers.Adam: Rule.ADAM,
    optimizers.AdamW: Rule.ADAMW,
}
SIGN_ONLY = (Function.RELU, Function.LEAKY_RELU)  # their derivative asks for the sign of y
VALUE = (Function.SIGMOID, Function.TANH, Function.SOFTMAX)  # these ask for y itself


Piece = tuple[int, int, int, int, int]  # see `Program.pieces`


class Unsupported(Exception):
    """A part of the model that only the reference engine can run."""


@dataclass
class Room:
    """How much memory a program wants, in entries: per row, and of a part's gradient."""

    block: int = 0
    whole: int = 0
    part: int = 0

    def take(self, width: int, whole: bool = False) -> int:
        """A place for an array of this width."""
        if whole:
            self.whole += width
            return ~(self.whole - width)
        self.block += width
        return self.block - width

    def take_part(self, size: int) -> int:
        """An offset in the gradient of a part."""
        self.part += size
        return self.part - size


@dataclass
class Instruction:
    """One row of the table while it is made."""

    row: np.ndarray
    reals: tuple[float, float]
    needs: Sequence[Function]  # what the way back asks of y: see SIGN_ONLY and VALUE

    def __getitem__(self, column: Column) -> int:
        return int(self.row[column])

    def __setitem__(self, column: Column, value: int) -> None:
        self.row[column] = value


def supported(layer: Layer) -> bool:
    """Whether the kernel knows the layer; a user's subclass may do anything, so it does not."""
    return type(layer) in FUNCTIONS or type(layer) in (
        layers.Dense,
        layers.Dropout,
        layers.BatchNormalization,
        layers.LayerNormalization,
        layers.Rescaling,
        layers.Flatten,
    )


def check(network: Network, loss: Loss | None = None, optimizer: Optimizer | None = None) -> None:
    """Raise `Unsupported` for the first part that the kernel does not know."""
    for stage in (stage for layer in network.layers for stage in layer.stages()):
        if not supported(stage):
            raise Unsupported(f"the layer {type(stage).__name__} is not one of the library's")
    if loss is not None and type(loss) not in ENDINGS:
        raise Unsupported(f"the loss {type(loss).__name__} is not one of the library's")
    if optimizer is not None and type(optimizer) not in RULES:
        raise Unsupported(f"the optimizer {type(optimizer).__name__} is not one of the library's")


class Lowering:
    """The instructions of a network for batches of a certain size.

    Args:
        network: built; `check` has passed it.
        objective: the loss joined to the last layer, or None for predictions.
        batch_size: rows that are trained on at once; 0 for inference, where nothing is kept.
        shards: parts of a batch that batch normalization treats apart.
    """

    def __init__(
        self, network: Network, objective: Objective | None, batch_size: int, shards: int = 1
    ) -> None:
        self.network, self.objective = network, objective
        self.batch_size, self.training = batch_size, batch_size > 0
        self.shards = min(shards, max(1, batch_size))
        self.offsets = {slot.name: slot.offset for slot in network.ready.layout.slots}
        self.states = {slot.name: slot.offset for slot in network.ready.state_layout.slots}
        self.room = Room()
        self.scale, self.offset = 1.0, 0.0
        self.instructions: list[Instruction] = []
        self.width = math.prod(network.input_shape)
        self.normalizes = False
        stages = network.stages()
        for stage in stages[:-1] if objective is not None and objective.fuses_last else stages:
            self._lower(stage)
        if not self.instructions:  # a network of nothing but Flatten and Rescaling
            self._add(Operation.ACTIVATION)
        self.slices: list[int] = []
        self._place()
        if self.training:
            self._place_derivatives()

    def _lower(self, stage: Layer) -> None:
        previous = self.instructions[-1] if self.instructions else None
        if isinstance(stage, layers.Flatten | layers.Linear):
            return
        if isinstance(stage, layers.Rescaling):
            if previous is None and self.scale == 1 and self.offset == 0:
                self.scale, self.offset = stage.scale, stage.offset  # done as samples are gathered
            else:
                self._add(Operation.RESCALING, stage, reals=(stage.scale, stage.offset))
        elif isinstance(stage, layers.Dropout):
            threshold = min(round(stage.rate * 65536), 65535)  # as in the layer
            if threshold and self.training:
                # After a ReLU its zeros tell what was dropped: no mask need be kept.
                told = previous is not None and previous.needs == (Function.RELU,)
                added = self._add(Operation.DROPOUT, stage, (65536 / (65536 - threshold), 0.0))
                added.needs = (Function.RELU,) if told else ()
                added[Column.UNDO] = Function.RELU if told else Function.LINEAR
                added[Column.THRESHOLD] = threshold
        elif isinstance(stage, layers.Dense):
            added = self._add(Operation.DENSE, stage, outputs=stage.units)
            added[Column.W] = self.offsets[f"{stage.name}.W"]
            if stage.use_bias:
                added[Column.B] = self.offsets[f"{stage.name}.b"]
        elif isinstance(stage, layers.BatchNormalization | layers.LayerNormalization):
            batch = isinstance(stage, layers.BatchNormalization)
            operation = Operation.BATCH_NORMALIZATION if batch else Operation.LAYER_NORMALIZATION
            added = self._add(operation, stage, (stage.epsilon, getattr(stage, "momentum", 0.0)))
            added[Column.W] = self.offsets[f"{stage.name}.gamma"]
            added[Column.B] = self.offsets[f"{stage.name}.beta"]
            if batch:
                self.normalizes = True
                added[Column.STATE] = self.states[f"{stage.name}.mean"]
        else:
            self._activate(stage, previous)

    def _activate(self, stage: Layer, previous: Instruction | None) -> None:
        function, slope = FUNCTIONS[type(stage)], float(getattr(stage, "slope", 0.0))
        if (
            previous is None
            or previous[Column.OPERATION] != Operation.DENSE
            or previous[Column.FUNCTION] != Function.LINEAR
        ):
            previous = self._add(Operation.ACTIVATION, stage)
        # else the dense layer's own pass does it
        previous.reals, previous.needs = (slope, 0.0), (function,)
        previous[Column.FUNCTION] = previous[Column.UNDO] = function

    def _add(
        self,
        operation: Operation,
        stage: Layer | None = None,
        reals: tuple[float, float] = (0.0, 0.0),
        outputs: int | None = None,
        needs: Sequence[Function] = (),
    ) -> Instruction:
        row = np.full(len(Column), -1, np.int64)
        row[[Column.AUX, Column.STATS, Column.DY, Column.DX, Column.PARTIAL]] = NOWHERE
        row[[Column.FUNCTION, Column.UNDO, Column.LAYER]] = 0
        row[Column.OPERATION], row[Column.INPUTS] = operation, self.width
        row[Column.OUTPUTS] = self.width = self.width if outputs is None else outputs
        if stage is not None:
            row[Column.LAYER] = stage.index
        self.instructions.append(Instruction(row, reals, needs))
        return self.instructions[-1]

    # Places -----------------------------------------------------------------------------------

    def _by_tiles(self, one: Instruction) -> bool:
        """Whether dW is made of the whole batch at once, in tiles, rather than summed from parts.

        Where W is large against the rows of a block, a gradient for each part would cost more
        memory traffic than keeping x and dy.
        """
        if not self.training or one[Column.OPERATION] != Operation.DENSE:
            return False
        inputs, outputs = one[Column.INPUTS], one[Column.OUTPUTS]
        if inputs <= narrow.INPUTS or outputs <= narrow.OUTPUTS or inputs * outputs < TILE // 2:
            return False
        return self.batch_size * (inputs + outputs) <= 8 * inputs * outputs

    def _place(self) -> None:
        """Say where every x and y lies."""
        x = self.room.take(
            self.instructions[0][Column.INPUTS], self._by_tiles(self.instructions[0])
        )
        needs: Sequence[Function] = ()
        for number, one in enumerate(self.instructions):
            one[Column.X] = x
            operation, outputs = one[Column.OPERATION], one[Column.OUTPUTS]
            following = self.instructions[number + 1 : number + 2]
            kept = any(self._by_tiles(other) for other in following)
            in_place = operation not in (Operation.DENSE, Operation.BATCH_NORMALIZATION)
            in_place &= operation != Operation.LAYER_NORMALIZATION and not kept
            if self.training:
                spoils = SIGN_ONLY + VALUE if operation != Operation.DROPOUT else VALUE
                in_place &= not any(function in spoils for function in needs)
                # what a dense layer takes in is needed for its gradient
                in_place &= number == 0 or x >= 0
            one[Column.Y] = x if in_place else self.room.take(outputs, kept)
            if number == 0 and self._by_tiles(one):
                inputs = one[Column.INPUTS]
                self.slices = [inputs * i // SLICES for i in range(SLICES + 1)]
                one[Column.PARTIAL] = self.room.take(SLICES * outputs, whole=True)
            if (
                (operation == Operation.DROPOUT and one.needs == () and self.training)
                or one[Column.FUNCTION] == Function.GELU
                or operation
                in (
                    Operation.BATCH_NORMALIZATION,
                    Operation.LAYER_NORMALIZATION,
                )
            ):
                one[Column.AUX] = self.room.take(outputs)
            if operation == Operation.BATCH_NORMALIZATION:
                one[Column.STATS] = self.room.take(outputs)
            elif operation == Operation.LAYER_NORMALIZATION:
                one[Column.STATS] = self.room.take(1)
            needs = one.needs if not in_place or one.needs else needs
            x = one[Column.Y]
        if not self.training:  # room for the loss to work in
            last = self.instructions[-1]
            last[Column.DY] = self.room.take(last[Column.OUTPUTS])

    def _place_derivatives(self) -> None:
        """Say where every dy lies: two places take turns, but for what is kept for the tiles."""
        first = next((n for n, one in enumerate(self.instructions) if one[Column.W] >= 0), None)
        widest = max(one[Column.OUTPUTS] for one in self.instructions)
        turns = [self.room.take(widest), self.room.take(widest)]
        place = NOWHERE
        for number in range(len(self.instructions) - 1, -1, -1):
            one = self.instructions[number]
            if place == NOWHERE:  # behind a dense layer, or at the end
                start = number
                while self.instructions[start][Column.OPERATION] != Operation.DENSE and start:
                    start -= 1
                place = turns[0]
                if self._by_tiles(self.instructions[start]):
                    place = self.room.take(one[Column.OUTPUTS], whole=True)
                turns.reverse()
                if number + 1 < len(self.instructions):
                    self.instructions[number + 1][Column.DX] = place
            one[Column.DY] = place
            if number == (first or 0):
                break
            if one[Column.OPERATION] == Operation.DENSE:
                place = NOWHERE
        for number in range(1, len(self.instructions)):
            self._merge_masks(number)
        for one in self.instructions:
            if one[Column.W] < 0:
                continue
            sizes = one[Column.OUTPUTS], one[Column.OUTPUTS]
            if one[Column.OPERATION] == Operation.DENSE:
                sizes = one[Column.INPUTS] * one[Column.OUTPUTS], one[Column.OUTPUTS]
            if not self._by_tiles(one):
                one[Column.PART_W] = self.room.take_part(sizes[0])
            if one[Column.B] >= 0:
                one[Column.PART_B] = self.room.take_part(sizes[1])

    def _merge_masks(self, number: int) -> None:
        """Let a dense layer's pass over dx do what a ReLU before it, or with dropout, asks."""
        one, before = self.instructions[number], self.instructions[number - 1]
        if one[Column.OPERATION] != Operation.DENSE or one[Column.DX] == NOWHERE:
            return
        if before.needs != (Function.RELU,) or before[Column.UNDO] != Function.RELU:
            return
        scale = 1.0
        if before[Column.OPERATION] == Operation.DROPOUT:
            scale = before.reals[0]
            self.instructions[number - 2][Column.UNDO] = Function.LINEAR
        before[Column.UNDO] = Function.LINEAR
        one[Column.MASKED] = 1
        one.reals = (one.reals[0], scale)

    # Pieces of work -----------------------------------------------------------------------------

    def cut(self, rows: int = 0) -> Cut:
        """How a batch, or for inference so many rows, is cut into blocks."""
        itemsize = self.network.dtype.itemsize
        most = max(LEAST_ROWS, min(BLOCK_ROWS, BLOCK_BYTES // (itemsize * self.room.block)))
        if not self.training:
            blocks = max(1, -(-rows // most))
            return Cut(rows, 1, blocks, 1, -(-rows // blocks))
        rows, shards, per_shard = self.batch_size, self.shards, 1
        if not self.normalizes:  # else its means need the whole shard at once
            while rows / (shards * per_shard) > most or (
                shards * per_shard == 1 and rows >= 2 * LEAST_ROWS
            ):
                per_shard *= 2
        blocks = shards * per_shard
        return Cut(rows, shards, blocks, min(blocks, PARTS), -(-rows // blocks))

    def _pieces(self) -> list[Piece]:
        """Stretches of theta: each a tile of a weight matrix, or what the parts sum up."""
        pieces: list[Piece] = []
        for number, one in enumerate(self.instructions):
            w, outputs = one[Column.W], one[Column.OUTPUTS]
            if w < 0:
                continue
            dense = one[Column.OPERATION] == Operation.DENSE
            size = one[Column.INPUTS] * outputs if dense else outputs
            if one[Column.PART_W] < 0:
                edges = self.slices if number == 0 else [0, one[Column.INPUTS]]
                for slice_, (first, last) in enumerate(itertools.pairwise(edges)):
                    count = -(-(last - first) * outputs // TILE)
                    rows = [first + (last - first) * i // count for i in range(count + 1)]
                    pieces += [
                        (w + low * outputs, w + high * outputs, number, low - first, slice_)
                        if number == 0
                        else (w + low * outputs, w + high * outputs, number, low, len(pieces) + i)
                        for i, (low, high) in enumerate(itertools.pairwise(rows))
                    ]
            else:
                pieces += _stretches(w, size, one[Column.PART_W])
            if one[Column.B] >= 0:
                pieces += _stretches(one[Column.B], outputs, one[Column.PART_B])
        return _joined(pieces)

    def program(self, hits: Metric | None = None) -> Program:
        """The tables; `hits` is the accuracy to measure."""
        segments, factors = self._penalties()
        ending, smoothing, delta = Ending.SQUARED, 0.0, 1.0
        if self.objective is not None:
            loss = self.objective.loss
            logits = self.objective.fuses_last or loss.from_logits
            ending = ENDINGS[type(loss)][logits]
            smoothing = getattr(loss, "label_smoothing", 0.0)
            delta = getattr(loss, "delta", 1.0)
        hit, limit = Hit.NOTHING, 0.0
        if hits is not None:
            hit = HITS[type(hits)]
            if isinstance(hits, metrics.RegressionAccuracy):
                limit = hits.precision or 0.0
            elif self.objective is None or not self.objective.fuses_last:
                limit = hits.threshold  # else 0 of the logit, which is 0.5 of the probability
        dtype = self.network.dtype
        return Program(
            np.stack([one.row for one in self.instructions]),
            np.array([one.reals for one in self.instructions]),
            np.array(self._pieces() if self.training else [], np.int64).reshape(-1, 5),
            np.array(self.slices, np.int64),
            np.array(segments, np.int64).reshape(-1, 2),
            np.array(factors, np.float64).reshape(-1, 2),
            self.training,
            float(self.scale),
            float(self.offset),
            int(ending),
            self.objective is not None and self.objective.fuses_last,
            float(smoothing),
            float(delta),
            int(hit),
            float(limit),
            gemm_address(dtype),
        )

    def _penalties(self) -> tuple[list[tuple[int, int]], list[tuple[float, float]]]:
        segments, factors = [], []
        sizes = {slot.name: slot.size for slot in self.network.ready.layout.slots}
        for layer, name in zip(self.network.layers, self.network.names, strict=True):
            for key, l1, l2 in layer.penalties() if isinstance(layer, layers.Dense) else ():
                start = self.offsets[f"{name}.{key}"]
                segments.append((start, start + sizes[f"{name}.{key}"]))
                factors.append((l1, l2))
        return segments, factors


def _stretches(start: int, size: int, part: int) -> list[Piece]:
    return [
        (start + low, start + min(low + TILE, size), -1, part + low, low // TILE)
        for low in range(0, size, TILE)
    ]


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Small neighbours made one."""
    result: list[Piece] = []
    for low, high, k, part, turn in sorted(pieces):
        if result and k < 0:
            before = result[-1]
            if before[2] < 0 and high - before[0] <= TILE and part - low == before[3] - before[0]:
                result[-1] = (before[0], high, -1, *before[3:])
                continue
        result.append((low, high, k, part, turn))
    return result


def rule_of(optimizer: Optimizer) -> Rule:
    """Which formula the kernel is to take."""
    if isinstance(optimizer, optimizers.SGD) and optimizer.momentum:
        return Rule.NESTEROV if optimizer.nesterov else Rule.MOMENTUM
    return RULES[type(optimizer)]
