"""The dense layer: matrix products, with the bias and the activation in the same pass.

Where W is so large that it fits no cache, reading it is much of the work, and blocks of rows would
each read all of it. There both passes meet: `shared_product` makes x·W, or dy·Wᵀ, of all rows, each
thread some of the columns, for which it reads a part of W that no other one needs. Each number is
the same sum as elsewhere.
"""

from __future__ import annotations

from hyalite.engines.compiled.kernels import narrow_matmul
from hyalite.engines.compiled.kernels.buffers import aux_of, block_of, dy_of, view, x_of, y_of
from hyalite.engines.compiled.kernels.decorators import FALSE, ZERO, kernel
from hyalite.engines.compiled.kernels.elementwise import add_column_sums, mask_by_sign
from hyalite.engines.compiled.kernels.intrinsics import matrix_at, matrix_of, vector_at
from hyalite.engines.compiled.kernels.matmul import matmul, matmul_nt, matmul_tn
from hyalite.engines.compiled.kernels.operations.activation import (
    ACTIVATION,
    activate,
    differentiate,
)
from hyalite.engines.compiled.kernels.shard_sums import AT, INSTRUCTION, OWNER
from hyalite.engines.compiled.kernels.signatures import call_gather
from hyalite.engines.compiled.kernels.synchronization import OTHERS, OWN, takes
from hyalite.engines.compiled.structs import (
    MAX_NARROW,
    MAX_NARROW_ROWS,
    NOWHERE,
    SHARED_COLUMNS,
    ActivationKind,
    Batch,
    BatchPartition,
    Block,
    Column,
    Matrix,
    Meeting,
    Memory,
    NetworkTable,
    PartGradient,
    Source,
    Team,
    UpdateTable,
    Vector,
)

INPUTS, OUTPUTS, W, B = (
    int(column) for column in (Column.INPUTS, Column.OUTPUTS, Column.W, Column.B)
)
X, DX, MASKED = int(Column.X), int(Column.DX), int(Column.MASKED)
GRAD_W, GRAD_B, BIAS_SIZE = int(Column.GRAD_W), int(Column.GRAD_B), int(Column.BIAS_SIZE)
SLICE_PRODUCTS, MEETING = int(Column.SLICE_PRODUCTS), int(Column.MEETING)
PRODUCT, RELU = int(Meeting.PRODUCT), int(ActivationKind.RELU)


# Forward ----------------------------------------------------------------------------------------


@kernel
def dense_forward(network: NetworkTable, k: int, theta: Vector, block: Block) -> None:
    """y ← f(x·W + b); of a shared product nothing before it is made, and then f."""
    table = network.instructions
    inputs, outputs = table[k, INPUTS], table[k, OUTPUTS]
    x, y = x_of(table, k, block, theta), y_of(table, k, block, theta)
    aux = aux_of(table, k, block, theta)
    weights = matrix_at(theta, table[k, W], inputs, outputs)
    none, bias = vector_at(theta, 0, 0), vector_at(theta, table[k, B], table[k, BIAS_SIZE])
    if table[k, MEETING] == PRODUCT:
        if block.leaves:
            return  # x is in the batch's buffers
    elif k == 0 and network.feature_slices.size:
        _add_slice_products(network, block, y)
    elif outputs <= MAX_NARROW:
        narrow_matmul.narrow_outputs(x, weights, bias, y)
        bias = none
    elif inputs <= MAX_NARROW:
        if table[k, ACTIVATION] == RELU and bias.size:
            narrow_matmul.few_inputs_rectified(x, weights, bias, y)
            return
        narrow_matmul.few_inputs(x, weights, y)
    elif block.rows <= MAX_NARROW_ROWS:
        narrow_matmul.narrow_rows(x, weights, y)
    else:
        matmul(network.functions.product, x, weights, y, ZERO, outputs)
    activate(network, k, y, bias, aux)


@kernel
def _whole_batch(memory: Memory, partition: BatchPartition, first: int, rows: int) -> Block:
    """Rows of the batch in its own buffers; there are no others, and nothing is drawn."""
    buffers = memory.batch_buffers
    return block_of(
        buffers, buffers, buffers, partition.block_rows, partition.batch_size, first, rows, ZERO,
        ZERO, ZERO,
    )  # fmt: skip


@kernel
def slice_of_x(
    network: NetworkTable, partition: BatchPartition, buffers: Vector, rows: int, number: int
) -> Matrix:
    """The features of one slice, of the whole batch, (rows, features)."""
    low, high = network.feature_slices[number], network.feature_slices[number + 1]
    start = ~network.instructions[0, X] * partition.batch_size + low * partition.batch_size
    return matrix_at(buffers, start, rows, high - low)


@kernel
def forward_slice(
    network: NetworkTable, partition: BatchPartition, memory: Memory, source: Source, batch: Batch,
    number: int,
) -> None:  # fmt: skip
    """The first layer's x·W for one slice of the features, of all rows that are taken here."""
    all_ = slice_of_x(network, partition, memory.batch_buffers, batch.rows, number)
    rows = batch.stop - batch.first
    if rows == 0:
        return
    x = matrix_at(all_, batch.first * all_.shape[1], rows, all_.shape[1])
    low = network.feature_slices[number]
    call_gather(
        network.functions.gather,
        (network, source, batch.picked, batch.start + batch.first, low, x),
    )
    outputs = network.instructions[0, OUTPUTS]
    first = network.instructions[0, W] + network.feature_slices[number] * outputs
    weights = matrix_at(memory.theta, first, x.shape[1], outputs)
    whole = _whole_batch(memory, partition, batch.first, rows)
    product = _slice_product(network, whole, number, x)
    matmul(network.functions.product, x, weights, product, ZERO, outputs)


@kernel
def _slice_product(network: NetworkTable, block: Block, number: int, like: Matrix) -> Matrix:
    """The block's rows of x·W of one slice, (rows, outputs), of the dtype of `like`."""
    outputs = network.instructions[0, OUTPUTS]
    start = (~network.instructions[0, SLICE_PRODUCTS] + number * outputs) * block.batch_size
    address = block.batch_buffers + (start + block.first * outputs) * like.itemsize
    return matrix_of(address, block.rows, outputs, like)


@kernel
def _add_slice_products(network: NetworkTable, block: Block, y: Matrix) -> None:
    """y ← the sum over the slices."""
    rows, outputs = y.shape
    for number in range(network.feature_slices.size - 1):
        product = _slice_product(network, block, number, y)
        for i in range(rows):
            if number:
                for j in range(outputs):
                    y[i, j] += product[i, j]
            else:
                for j in range(outputs):
                    y[i, j] = product[i, j]


# Backward ---------------------------------------------------------------------------------------


@kernel
def dense_backward(
    network: NetworkTable, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """dW and db of a part of the batch, unless they are made by tiles, and dx; of a shared product
    what comes before it, and then what comes behind.
    """
    table = network.instructions
    inputs, outputs = table[k, INPUTS], table[k, OUTPUTS]
    x, y = x_of(table, k, block, theta), y_of(table, k, block, theta)
    shared = table[k, MEETING] == PRODUCT
    if shared and not block.leaves:
        _mask(network, k, theta, block, x)
        return
    aux, dy = aux_of(table, k, block, theta), dy_of(table, k, block, theta)
    differentiate(network, k, y, aux, dy)
    db = vector_at(gradient.values, table[k, GRAD_B], table[k, BIAS_SIZE])
    if table[k, GRAD_W] >= 0:
        dW = matrix_at(gradient.values, table[k, GRAD_W], inputs, outputs)
        if outputs <= MAX_NARROW:
            narrow_matmul.narrow_outputs_dw(x, dy, dW, gradient.fresh)
        else:
            matmul_tn(network.functions.product, x, ZERO, dy, dW, not gradient.fresh)
    if db.size:
        add_column_sums(dy, db, gradient.fresh)
    if table[k, DX] != NOWHERE and not shared:
        weights = matrix_at(theta, table[k, W], inputs, outputs)
        dx = view(block, table[k, DX], inputs, theta)
        if outputs <= MAX_NARROW:
            masked, scale = table[k, MASKED] > 0, network.reals[k, 1]
            narrow_matmul.narrow_outputs_dx(dy, weights, x, masked, scale, dx)
        else:
            matmul_nt(network.functions.product, dy, weights, dx, ZERO, inputs)
            _mask(network, k, theta, block, x)


@kernel
def _mask(network: NetworkTable, k: int, theta: Vector, block: Block, x: Matrix) -> None:
    """Of dx what the operation before asks for, where this one does it."""
    table = network.instructions
    if table[k, MASKED] > 0:
        dx = view(block, table[k, DX], table[k, INPUTS], theta)
        mask_by_sign(x, dx, network.reals[k, 1])


@kernel
def shared_product(
    network: NetworkTable, k: int, partition: BatchPartition, memory: Memory, batch: Batch,
    team: Team, back: bool,
) -> None:  # fmt: skip
    """y ← x·W or, on the way back, dx ← dy·Wᵀ, of all rows that are taken here: some columns at
    a time.
    """
    table, theta = network.instructions, memory.theta
    inputs, outputs = table[k, INPUTS], table[k, OUTPUTS]
    rows, columns = batch.stop - batch.first, inputs if back else outputs
    if rows == 0:
        return
    # two pieces for each thread: x is read seldom, and there is some left for who is done early
    width = max(1, columns // (2 * team.threads * SHARED_COLUMNS)) * SHARED_COLUMNS
    all_ = _whole_batch(memory, partition, batch.first, rows)
    weights = matrix_at(theta, table[k, W], inputs, outputs)
    if back:
        left, result = dy_of(table, k, all_, theta), view(all_, table[k, DX], inputs, theta)
    else:
        left, result = x_of(table, k, all_, theta), y_of(table, k, all_, theta)
    for turn in (OWN, OTHERS):
        for piece in range(-(-columns // width)):
            if not takes(team, turn, piece, piece):
                continue
            low = piece * width
            high = min(low + width, columns)
            if back:
                matmul_nt(network.functions.product, left, weights, result, low, high)
            else:
                matmul(network.functions.product, left, weights, result, low, high)


@kernel
def dense_tile_gradient(
    network: NetworkTable, update: UpdateTable, partition: BatchPartition, memory: Memory,
    rows: int, tile: int, shard: int, grad: Vector,
) -> None:  # fmt: skip
    """grad ← rows of dW of a shard of the batch."""
    table = network.instructions
    tiles = update.tiles
    k, at, owner = tiles[tile, INSTRUCTION], tiles[tile, AT], tiles[tile, OWNER]
    outputs = table[k, OUTPUTS]
    shards = min(partition.shards, rows)
    dW = matrix_at(grad, ZERO, grad.size // outputs, outputs)
    buffers = memory.batch_buffers
    begin, stop = shard * rows // shards, (shard + 1) * rows // shards
    block = _whole_batch(memory, partition, begin, stop - begin)
    if k == 0 and network.feature_slices.size:
        part = slice_of_x(network, partition, buffers, rows, owner)
        x = matrix_at(part, begin * part.shape[1], stop - begin, part.shape[1])
    else:
        x = x_of(table, k, block, memory.theta)
    dy = dy_of(table, k, block, memory.theta)
    matmul_tn(network.functions.product, x, at, dy, dW, FALSE)
