"""The form in which a network reaches the kernel: instructions, places in memory, samples.

Tuples of arrays and numbers, since the kernel knows no objects. `program` makes them.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from hyalite.parameters import Array


class Operation(IntEnum):
    """What an instruction does."""

    DENSE = 0
    ACTIVATION = 1
    DROPOUT = 2
    BATCH_NORMALIZATION = 3
    LAYER_NORMALIZATION = 4
    RESCALING = 5


class Function(IntEnum):
    """The activations."""

    LINEAR = 0
    RELU = 1
    LEAKY_RELU = 2
    SIGMOID = 3
    TANH = 4
    GELU = 5
    SOFTMAX = 6


class Ending(IntEnum):
    """The losses; fused ones take logits."""

    CATEGORICAL_FUSED = 0
    CATEGORICAL = 1
    BINARY_FUSED = 2
    BINARY = 3
    SQUARED = 4
    ABSOLUTE = 5
    HUBER = 6
    HALF_SQUARED = 7
    POISSON = 8
    QUANTILE = 9


class Hit(IntEnum):
    """What counts as right for the accuracy."""

    NOTHING = 0
    CLASS = 1
    YES_NO = 2
    NEAR = 3


class Rule(IntEnum):
    """The optimizers."""

    SGD = 0
    MOMENTUM = 1
    NESTEROV = 2
    ADAGRAD = 3
    RMSPROP = 4
    ADAM = 5
    ADAMW = 6


# A place is where an array of one row after another begins: 0 or more, in entries per row, in the
# arena of the thread, which holds a block of rows; ~place in that of the batch; or nowhere.
NOWHERE = 1 << 40


class Column(IntEnum):
    """Columns of `Program.operations`, one row an instruction."""

    OPERATION = 0
    INPUTS = 1
    OUTPUTS = 2
    W = 3  # offset in theta of W or γ, or -1
    B = 4  # of b or β, or -1
    FUNCTION = 5
    UNDO = 6  # the function whose derivative is to be taken on the way back
    LAYER = 7  # number of the layer, part of the random numbers' counter
    X = 8  # places: input,
    Y = 9  # output, may be the input's own,
    AUX = 10  # what the way back needs besides: x̂, a mask, f',
    STATS = 11  # s of a normalization,
    DY = 12  # derivative by the output; the derivative by the input is written
    DX = 13  # here, or nowhere
    STATE = 14  # offset in the state of the running mean; the variance follows it
    THRESHOLD = 15  # of dropout
    PART_W = 16  # offsets of dW and db in the gradient of a part of the batch;
    PART_B = 17  # -1: dW is made of the whole batch, tile by tile
    PARTIAL = 18  # place of x·W of each slice of the features
    MASKED = 19  # 1: dx is 0 where x is, for the ReLU (and dropout) that x came from


class Piece(NamedTuple):
    """A stretch of theta, a row of `Program.pieces`."""

    low: int
    high: int
    instruction: int  # the dense layer of whose W it is a tile, or -1
    at: int  # where it begins in a part's gradient, or the tile among the features of the slice
    turn: int  # which thread's turn it is


class Program(NamedTuple):
    """A network, its loss and its optimizer, cut into pieces of work."""

    operations: Array  # int64 (instructions, Column)
    reals: Array  # float64 (instructions, 2): slope, scale of a mask; scale, offset; ε, momentum
    pieces: Array  # int64 (pieces, 5): see `Piece`
    slices: Array  # int64 (slices + 1,): where the samples' features are cut, or empty
    penalties: Array  # int64 (n, 2): stretches of theta
    factors: Array  # float64 (n, 2): their λ1 and λ2
    training: bool  # drop, and normalize by the batch
    scale: float  # of the samples, as they are gathered
    offset: float
    ending: int
    joined: bool  # the last activation is part of the ending
    smoothing: float
    delta: float  # of Huber's loss; q of a quantile's
    hit: int
    limit: float  # of a hit
    blas: int  # address of gemm


class Cut(NamedTuple):
    """How a batch is cut: the same for any number of threads, so the bytes are, too."""

    batch_size: int
    shards: int
    blocks: int  # a multiple of shards
    parts: int  # groups of blocks that share a gradient
    room: int  # rows of the largest block


class Memory(NamedTuple):
    """All that the kernel writes."""

    theta: Array
    grad: Array
    state: Array
    first: Array  # the optimizer's slots, or empty
    second: Array
    arenas: Array  # (threads, ...)
    whole: Array  # arena of the batch
    parts: Array  # (parts, ...) gradients of parts of the batch
    moments: Array  # (shards, size of the state): means and variances
    block_sums: Array  # float64 (blocks, 2): Σ weight·loss, Σ count·hits
    piece_sums: Array  # float64 (pieces, 2): penalty, Σ gradient²


class Source(NamedTuple):
    """The samples."""

    address: int  # of the first
    form: int  # what they are: see FORMS
    width: int
    rows: int
    orders: Array  # int64 (epochs, rows), (1, rows) for every epoch the same, or (0, 0)
    labels: Array  # int64 (n,), or targets (n, outputs)
    targets: Array
    weight: Array  # float64 (n,) or empty
    counts: Array
    predictions: Array  # (n, outputs) to write what was predicted, or (0, outputs)


class Packed(IntEnum):
    """Entries of the int64 vector that stands for a program where a call must cost little."""

    OPERATIONS = 0  # address, and how many
    COUNT = 1
    REALS = 2  # address; after those of the operations: scale, offset
    THETA = 3  # address
    STATE = 4
    BLOCK = 5  # entries of the arena per row
    BLAS = 6


FORMS = ("uint8", "float32", "float64")


class Step(NamedTuple):
    """The optimizer's numbers."""

    rule: int
    beta_1: float
    beta_2: float  # ρ of RMSprop
    epsilon: float
    momentum: float
    decay: float
    clip_norm: float  # 0: no clipping
    clip_value: float
    before: int  # steps the optimizer had made before the first of `rates`
    rates: Array  # float64, learning rate of each step


class Told(IntEnum):
    """Entries of the int64 vector by which kernel and Python speak, each in a cache line."""

    STOP = 0  # Python: end as soon as you can
    STEPS = 8  # kernel: steps done in all
    AGREED = 16  # kernel: all threads end here
    BAD = 24  # kernel: 1 the loss, 2 the parameters are not finite; the step is not counted
