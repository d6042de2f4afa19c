"""The form in which a network, its samples and its memory reach the kernels.

Tuples of arrays and numbers, since compiled code knows no objects: `lowering` makes them, `kernels`
read them, `runtime` hands them over. What a kernel makes for itself stands at the end.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple, TypeAlias

import numpy as np

# In the fields of a tuple they say how it is packed, see `frames`; elsewhere they are for readers
# and for the type checker.
Vector: TypeAlias = np.ndarray[tuple[int], np.dtype[Any]]  # of the model's dtype
Matrix: TypeAlias = np.ndarray[tuple[int, int], np.dtype[Any]]
IntVector: TypeAlias = np.ndarray[tuple[int], np.dtype[np.int64]]
IntMatrix: TypeAlias = np.ndarray[tuple[int, int], np.dtype[np.int64]]
DoubleVector: TypeAlias = np.ndarray[tuple[int], np.dtype[np.float64]]
DoubleMatrix: TypeAlias = np.ndarray[tuple[int, int], np.dtype[np.float64]]
Cube: TypeAlias = np.ndarray[tuple[int, int, int], np.dtype[Any]]
Real: TypeAlias = float | np.floating[Any]  # a number of the model's dtype


class OperationKind(IntEnum):
    """What an instruction does: a file each in `lowering/operations/` and `kernels/operations/`."""

    DENSE = 0
    ACTIVATION = 1
    DROPOUT = 2
    BATCH_NORMALIZATION = 3
    LAYER_NORMALIZATION = 4
    RESCALING = 5
    EMBEDDING = 6
    PERIODIC_EMBEDDING = 7
    PIECEWISE_LINEAR_EMBEDDING = 8
    PARAMETRIC_ACTIVATION = 9
    SMOOTH_CLIP = 10
    SCALE = 11
    GAUSSIAN_NOISE = 12
    RANDOM_AFFINE = 13
    RANDOM_FLIP = 14
    FORK = 15
    ADD = 16
    CONVOLUTION = 17
    DEPTHWISE_CONVOLUTION = 18
    MAX_POOLING = 19
    AVERAGE_POOLING = 20
    ZERO_PADDING = 21


class ActivationKind(IntEnum):
    """The activations."""

    LINEAR = 0
    RELU = 1
    LEAKY_RELU = 2
    SIGMOID = 3
    TANH = 4
    GELU = 5
    SOFTMAX = 6
    SELU = 7
    MISH = 8
    SILU = 9


class LossKind(IntEnum):
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
    GROUPED = 10


class AccuracyKind(IntEnum):
    """Which outputs the accuracy counts as correct."""

    NONE = 0  # there is nothing to count
    CLASS = 1  # the largest output is the label's
    BINARY = 2  # on the right side of the threshold
    NEAR = 3  # nearer to the target than the threshold


class OptimizerKind(IntEnum):
    """The optimizers."""

    SGD = 0
    MOMENTUM = 1
    NESTEROV = 2
    ADAGRAD = 3
    RMSPROP = 4
    ADAM = 5
    ADAMW = 6


# A buffer holds an array of one row after another. It is said by where it begins, in entries per
# row: 0 or more in the buffers of the thread, which have room for a block of rows; ~offset in those
# of the batch; or nowhere.
NOWHERE = 1 << 40
AXES = 3  # of a sample's shape in the table


class Column(IntEnum):
    """Columns of `NetworkTable.instructions`, one row an instruction."""

    OPERATION = 0
    INPUTS = 1  # entries of a sample, and
    OUTPUTS = 2  # of what is made of it: the products of the shapes below
    W = 3  # offset in theta of W or γ, or -1
    B = 4  # of b or β, or -1
    ACTIVATION = 5
    DERIVATIVE = 6  # the activation whose derivative the backward pass takes here
    LAYER = 7  # number of the layer, part of the random numbers' counter
    X = 8  # buffers: input,
    Y = 9  # output, may be the input's own,
    AUX = 10  # what the backward pass needs besides: x̂, a mask, f',
    STD = 11  # standard deviations of a layer normalization,
    DY = 12  # derivative by the output; the derivative by the input is written
    DX = 13  # here, or nowhere
    STATE = 14  # offset in the state of the running means; the variances follow them
    THRESHOLD = 15  # of dropout, where the rate follows a schedule that of the latest step
    GRAD_W = 16  # offsets of dW and db in the gradient of a part of the batch;
    GRAD_B = 17  # -1: dW is made of the whole batch, tile by tile
    SLICE_PRODUCTS = 18  # buffer of x·W of each slice of the features
    MASKED = 19  # 1: dx is 0 where x is, for the ReLU (and dropout) that x came from
    WEIGHT_SIZE = 20  # entries of W or γ, and
    BIAS_SIZE = 21  # of b or β
    COST = 22  # multiplications a sample
    INPUT_SHAPE = 23  # AXES columns: rows, columns, channels; (1, 1, n) where a sample is flat
    OUTPUT_SHAPE = 26  # the same
    FORWARD = 29  # address of the operation's kernel, and
    BACKWARD = 30  # of that of its backward pass
    MEETING = 31  # see `Meeting`
    CONSTANTS = 32  # where its own further numbers begin, counted from the table's first entry


COLUMNS = int(Column.CONSTANTS) + 1


class Meeting(IntEnum):
    """What an instruction of a training needs of all blocks before any of them can go on."""

    NONE = 0
    SUMS = 1  # over the rows, which each thread joins for itself
    PRODUCT = 2  # of all rows and a large W, of which the threads make some columns each


class Tile(NamedTuple):
    """A stretch of theta, a row of `UpdateTable.tiles`."""

    low: int
    high: int
    instruction: int  # the one whose gradient is made tile by tile, or -1: sum that of the parts
    at: int  # where it begins in a part's gradient, or among the rows of W in the slice
    owner: int  # the thread, modulo their number, that takes it first; see `synchronization.takes`


class Functions(NamedTuple):
    """Addresses of kernels that are compiled by themselves; 0 where the network needs none.

    Those of the operations stand in the table of instructions.
    """

    product: int  # of matrices
    window_product: int  # of windows in a picture and a matrix
    bias_and_activation: int
    activation_gradient: int
    slice_forward: int  # the first layer's product, by slices of the features
    shared_product: int  # a dense layer's, by columns
    tile_gradient: int  # its gradient, by tiles
    gather: int
    loss: int
    predictions: int
    optimizer: int
    join_sums: int  # of batch normalizations
    follow_moments: int  # the same
    set_drop_rates: int  # of dropouts whose rate follows a schedule


class NetworkTable(NamedTuple):
    """What forward and backward passes compute."""

    instructions: IntMatrix  # (instructions, columns): see `Column`; behind it their constants
    reals: DoubleMatrix  # (instructions, 2): slope, scale of a mask; scale, offset; ε, momentum
    feature_slices: IntVector  # (slices + 1,): where the samples' features are cut, or empty
    training: bool  # drop, and normalize by the batch
    scale: float  # of the samples, as they are gathered
    offset: float
    functions: Functions


class LossTable(NamedTuple):
    """What is made of the output."""

    kind: int
    fused: bool  # the last activation is part of the loss
    label_smoothing: float
    parameter: float  # δ of Huber's loss, q of a quantile's
    accuracy: int
    accuracy_threshold: float
    groups: IntVector  # outputs of each, of the grouped cross-entropy


class UpdateTable(NamedTuple):
    """How the parameter vector is cut, and which stretches of it have a penalty."""

    tiles: IntMatrix  # (tiles, 5): see `Tile`
    penalty_ranges: IntMatrix  # (n, 2)
    penalty_factors: DoubleMatrix  # (n, 2): their λ1 and λ2


class Program(NamedTuple):
    """A network and its loss, cut into pieces of work."""

    network: NetworkTable
    loss: LossTable
    update: UpdateTable


class BatchPartition(NamedTuple):
    """How a batch is cut: the same for any number of threads, so the bytes are, too."""

    batch_size: int
    shards: int
    blocks: int  # a multiple of shards
    parts: int  # groups of blocks that share a gradient; a multiple of shards, too
    block_rows: int  # that there is room for: of the largest block, or some more
    own_buffers: int  # 1: each block has its own, since blocks wait for each other within a pass


class Memory(NamedTuple):
    """All that training writes."""

    theta: Vector
    grad: Vector
    state: Vector
    first_slot: Vector  # the optimizer's, or empty
    second_slot: Vector
    thread_buffers: Matrix  # (threads, ...), or (blocks, ...) where each has its own
    batch_buffers: Vector
    part_gradients: Matrix  # (parts, ...)
    # What a shard's normalizations are made of, for each thread anew, laid out as the state is: the
    # means and variances, and behind them the means that their derivatives need
    moments: Matrix  # (threads·shards, 2·size of the state)
    block_moments: Matrix  # (blocks, 2·size of the state): the sums of each block for them
    block_sums: DoubleMatrix  # (blocks, 2 or more): Σ weight·loss, Σ count·correct
    tile_sums: DoubleMatrix  # (tiles, 2): penalty, Σ gradient²
    epoch_sums: DoubleMatrix  # (epochs, 3): Σ weight·loss, Σ count·correct, Σ rows·penalty


class InferenceMemory(NamedTuple):
    """All that inference reads of the model and writes."""

    theta: Vector
    state: Vector
    thread_buffers: Matrix  # (threads, ...)
    block_sums: DoubleMatrix  # (blocks, 2): Σ weight·loss, Σ count·correct


SAMPLE_DTYPES = ("uint8", "float32", "float64")


class Source(NamedTuple):
    """The samples."""

    address: int  # of the first
    dtype: int  # which of SAMPLE_DTYPES
    width: int
    rows: int
    orders: IntMatrix  # (epochs, rows), (1, rows) for every epoch the same, or (0, 0)
    labels: IntVector  # (n,), or targets (n, outputs)
    targets: Matrix
    weight: DoubleVector  # (n,) or empty
    counts: DoubleVector
    predictions: Matrix  # (n, outputs) to write what was predicted, or (0, outputs)


class OptimizerStep(NamedTuple):
    """The optimizer's numbers."""

    kind: int
    beta_1: float
    beta_2: float  # ρ of RMSprop
    epsilon: float
    momentum: float
    clip_norm: float  # 0: no clipping
    clip_value: float
    steps_before: int  # steps the optimizer had made before the first of `learning_rates`
    learning_rates: DoubleVector  # float64, of each step of the call
    weight_decays: DoubleVector  # the same
    segment_ranges: IntMatrix  # (segments, 2): stretches of theta, all of it together
    segment_factors: DoubleMatrix  # (segments, 2): of the learning rate and the weight decay there


class Phase(IntEnum):
    """How much of a step is made."""

    WHOLE = 0
    GRADIENT = 1  # up to the sums over the shards of this worker,
    UPDATE = 2  # and from the gradient of the whole batch on


class Share(NamedTuple):
    """What of a step is made here, where workers share it."""

    phase: int
    first: int  # the worker's shards of the batch: from this one
    stop: int  # to the one before this
    nodes: IntMatrix  # (n, 2): of the tree over the shards, those whose sums are wanted
    sums: Matrix  # (n, entries of theta): to be written, the gradient over each


class StepRange(NamedTuple):
    """Which steps of a run of epochs a call makes."""

    begin: int
    stop: int  # number after the last
    epoch_steps: int  # steps in an epoch
    seed: int  # of the dropout masks
    clock: int  # the network's count of steps at `begin`
    # of the dropouts whose rate follows a schedule:
    drop_places: IntMatrix  # (drops, 2): instruction, and that which masks for it, or -1
    drop_thresholds: IntMatrix  # (steps of the call, drops)


class Control(IntEnum):
    """Entries of the int64 vector by which kernel and Python speak, each in a cache line."""

    STOP = 0  # Python: end as soon as you can
    STEPS = 8  # kernel: steps done in all
    STOPPED = 16  # kernel: all threads end here
    NONFINITE = 24  # kernel: what is not finite, see below; the step is not counted
    UNKNOWN_CATEGORY = 32  # kernel: 1 an embedding has no such row; the step is not counted
    NEXT = 40  # kernel: the block of samples that the next thread without work is to take
    DONE = 48  # kernel: helpers that have come and gone, and touch none of its memory any more


# What stands in a helper's place, an entry of such a vector in a cache line of its own, if not
# the address of a frame of `Inference` that waits for the helper.
NOBODY, FREE, BUSY, PLACE = -1, 0, 1, 8
NONFINITE_LOSS, NONFINITE_PARAMETERS, NONFINITE_SAMPLES = 1, 2, 3  # `Control.NONFINITE`
GATE_SIZE = 16  # int64 numbers by which threads wait for each other

# Up to so many inputs or outputs, and rows, a dense layer's products are those of `narrow_matmul`.
MAX_NARROW, MAX_NARROW_ROWS = 4, 1
SHARED_COLUMNS = 64  # of a shared product at least at a time: whole vectors, lines of a cache


class Geometry(NamedTuple):
    """Of windows over pictures, the constants of an instruction."""

    height: int  # of a picture, without its border
    width: int
    channels: int
    top: int  # the border: lines above,
    left: int  # columns before,
    framed_height: int  # and what the picture is with it
    framed_width: int
    window_rows: int
    window_columns: int
    stride_rows: int
    stride_columns: int
    rows: int  # windows below
    columns: int  # and beside each other
    outputs: int  # channels of what is made of a window


class WindowedMatrix(NamedTuple):
    """A matrix whose rows are windows in a picture, as a view of it: by addresses, in bytes.

    Its rows come in lines, its columns in stretches.
    """

    address: int
    lines: int  # how many, each of as many rows
    line: int  # from one to the next
    row: int  # from row to row within a line
    stretches: int  # how many, each of as many columns
    stretch: int  # from one to the next
    columns: int  # in a stretch
    column: int  # from column to column within it


# What an entry point is called with --------------------------------------------------------------


class Training(NamedTuple):
    """Of `train`."""

    gate: IntVector  # (GATE_SIZE,): where the threads wait for each other
    control: IntVector  # see `Control`
    claims: IntVector  # (most pieces of work,): see `synchronization.takes`
    program: Program
    partition: BatchPartition
    memory: Memory
    source: Source
    step: OptimizerStep
    steps: StepRange
    share: Share


class Inference(NamedTuple):
    """Of `infer`."""

    control: IntVector
    program: Program
    partition: BatchPartition
    memory: InferenceMemory
    source: Source
    measure: bool  # whether there are targets to compare with
    check: bool  # end with `Control.NONFINITE` where a sample is not finite
    helpers: IntVector  # places of those who may be free to help the caller; see `Helpers`


class FewRows(NamedTuple):
    """Of `predict_few`."""

    network: NetworkTable
    theta: Vector
    state: Vector
    buffers: int  # entries of the thread's buffers per row
    head: int  # bytes at the begin of every object of Python's


# What a kernel makes for itself ---------------------------------------------------------------


class Team(NamedTuple):
    """The threads that run a kernel together, as one of them sees them."""

    thread: int  # its number
    threads: int
    gate: int  # address: where they wait for each other
    control: int  # address: see `Control`
    claims: int  # address: see `synchronization.takes`


class Batch(NamedTuple):
    """The samples of one step."""

    picked: IntVector  # int64: indices of samples, or empty where they come as they lie
    start: int  # place of the first
    rows: int
    first: int  # those that are taken through the network here: from this one
    stop: int  # to the one before this
    seed: int  # of the dropout masks
    step: int


class Block(NamedTuple):
    """Some rows of a batch in the hands of one thread, and where their arrays are.

    By addresses: a tuple of arrays costs a count of references for each whenever it is handed on.
    """

    thread_buffers: int
    batch_buffers: int
    # means and variances, laid out as the state is: running ones, or in training those of this
    # shard, which are left there
    moments: int
    block_rows: int  # that the thread's buffers have room for, and
    batch_size: int  # that the batch's have
    first: int  # the block's first row within the batch
    rows: int
    seed: int  # of the dropout masks
    step: int
    unknown: int  # address of an int32 that becomes 1 where a category has no row
    totals: int  # laid out as the moments: the means that the derivative of a normalization needs
    # at a `Meeting`: whether the instruction is to leave what the others need of this block; else
    # that of all has been joined, and it is to go on
    leaves: bool
    sums: int  # address: where batch normalization leaves those of these rows


class PartGradient(NamedTuple):
    """The gradient of a part of the batch."""

    values: Vector
    fresh: bool  # whether to write rather than to add
