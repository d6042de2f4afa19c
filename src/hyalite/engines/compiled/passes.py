"""Forward and backward through all instructions, for one block of rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import carray

from hyalite.engines.compiled import atoms, narrow
from hyalite.engines.compiled.compiling import kernel
from hyalite.engines.compiled.elementwise import (
    add_column_products,
    add_column_sums,
    bias_and_function,
    copy,
    dropout,
    function_back,
    mask_by,
    moments,
    normalize_columns,
    normalize_columns_back,
    normalize_rows,
    normalize_rows_back,
    rescale,
)
from hyalite.engines.compiled.product import (
    product,
    product_of_flipped,
    product_with_flipped,
)
from hyalite.engines.compiled.tables import NOWHERE, Column, Function, Operation

DENSE, ACTIVATION, DROPOUT, BATCH_NORM, LAYER_NORM, RESCALING = (int(o) for o in Operation)
(
    OPERATION, INPUTS, OUTPUTS, W, B, FUNCTION, UNDO, LAYER, X, Y, AUX, STATS, DY, DX, STATE,
    THRESHOLD, PART_W, PART_B, PARTIAL, MASKED,
) = (int(column) for column in Column)  # fmt: skip
RELU = int(Function.RELU)
FEW_INPUTS, FEW_OUTPUTS, FEW_ROWS = narrow.INPUTS, narrow.OUTPUTS, narrow.ROWS


@kernel
def block(arena: Any, whole: Any, place: int, cut: Any, first: int, rows: int, width: int) -> Any:
    """The array of a block of rows at this place, (rows, width); no rows where it is nowhere.

    Args:
        arena: of the thread, for one block of rows.
        whole: of the batch.
        place: see `tables`.
        cut: gives the rows that were reckoned with.
        first: the block's first row within the batch.
        rows: of the block.
        width: of the array.
    """
    if place == NOWHERE:
        return atoms.matrix(arena, 0, 0, width)
    if place >= 0:
        return atoms.matrix(arena, place * cut.room, rows, width)
    return atoms.matrix(whole, ~place * cut.batch_size + first * width, rows, width)


AHEAD, LINE = 4, 64  # rows; bytes


@kernel
def _copy(
    samples: Any, picked: Any, first: int, column: int, scale: float, offset: float, out: Any
) -> None:
    """In a random order every row is far away, so a few are sent for before they are needed."""
    T = out.dtype.type
    a, b = T(scale), T(offset)
    count, width = out.shape
    row_bytes = samples.shape[1] * samples.itemsize
    start = samples.ctypes.data + column * samples.itemsize
    for i in range(-AHEAD, count):
        if picked.size and i + AHEAD < count:
            row = start + picked[first + i + AHEAD] * row_bytes
            for byte in range(0, width * samples.itemsize, LINE):
                atoms.prefetch(row + byte)
        if i >= 0:
            row = picked[first + i] if picked.size else first + i
            for j in range(width):
                out[i, j] = T(samples[row, column + j]) * a + b


@kernel
def gather(program: Any, source: Any, picked: Any, first: int, column: int, out: Any) -> None:
    """Bring samples into the arena, in the model's dtype and rescaled on the way.

    Row i of `out` is sample `picked[first + i]`, or first + i where that is empty, from feature
    number `column` on.
    """
    shape = (source.rows, source.width)
    place = atoms.pointer(source.address)
    a, b = program.scale, program.offset
    if source.form == 0:
        _copy(carray(place, shape, np.uint8), picked, first, column, a, b, out)
    elif source.form == 1:
        _copy(carray(place, shape, np.float32), picked, first, column, a, b, out)
    else:
        _copy(carray(place, shape, np.float64), picked, first, column, a, b, out)


@kernel
def slice_of_x(program: Any, cut: Any, whole: Any, batch: int, number: int) -> Any:
    """The features of one slice, of the whole batch, (batch, features)."""
    low, high = program.slices[number], program.slices[number + 1]
    start = ~program.operations[0, X] * cut.batch_size + low * cut.batch_size
    return atoms.matrix(whole, start, batch, high - low)


@kernel
def partial_of(program: Any, cut: Any, whole: Any, batch: int, number: int) -> Any:
    """x·W of one slice of the features, of the whole batch, (batch, outputs)."""
    outputs = program.operations[0, OUTPUTS]
    start = (~program.operations[0, PARTIAL] + number * outputs) * cut.batch_size
    return atoms.matrix(whole, start, batch, outputs)


@kernel
def forward_slice(
    program: Any, cut: Any, theta: Any, whole: Any, source: Any, picked: Any, start: int,
    batch: int, number: int,
) -> None:  # fmt: skip
    """The first layer's x·W for one slice of the features.

    The thread that owns a slice of x and W is the only one that ever reads or writes it: what one
    core has written costs another 0.5 µs a kilobyte, and W is by far the largest of all there is.
    """
    x = slice_of_x(program, cut, whole, batch, number)
    gather(program, source, picked, start, program.slices[number], x)
    outputs = program.operations[0, OUTPUTS]
    first = program.operations[0, W] + program.slices[number] * outputs
    weights = atoms.matrix(theta, first, x.shape[1], outputs)
    product(program.blas, x, weights, partial_of(program, cut, whole, batch, number))


@kernel
def add_partials(program: Any, cut: Any, whole: Any, batch: int, first: int, y: Any) -> None:
    """Y ← the sum over the slices, for a block of rows."""
    rows, outputs = y.shape
    for number in range(program.slices.size - 1):
        partial = partial_of(program, cut, whole, batch, number)
        for i in range(rows):
            if number:
                for j in range(outputs):
                    y[i, j] += partial[first + i, j]
            else:
                for j in range(outputs):
                    y[i, j] = partial[first + i, j]


@kernel
def forward(
    program: Any, cut: Any, theta: Any, state: Any, moment: Any, arena: Any, whole: Any,
    first: int, rows: int, row: int, batch: int, seed: int, step: int,
) -> Any:  # fmt: skip
    """Run all instructions; return the output (rows, outputs).

    Args:
        program: the network.
        cut: of the batch.
        theta: parameters.
        state: running statistics.
        moment: means and variances of this shard are left here, laid out as the state is.
        arena: of the thread.
        whole: of the batch.
        first: the block's first row within the batch.
        rows: of the block.
        row: its first row as the random numbers count.
        batch: rows of the whole batch.
        seed: of the masks.
        step: the same.
    """
    table = program.operations
    y = block(arena, whole, table[0, X], cut, first, rows, table[0, INPUTS])
    for k in range(table.shape[0]):
        operation, inputs, outputs = table[k, OPERATION], table[k, INPUTS], table[k, OUTPUTS]
        a, b = program.reals[k, 0], program.reals[k, 1]
        x = block(arena, whole, table[k, X], cut, first, rows, inputs)
        y = block(arena, whole, table[k, Y], cut, first, rows, outputs)
        aux = block(arena, whole, table[k, AUX], cut, first, rows, outputs)
        none = atoms.stretch(theta, 0, 0)
        bias = atoms.stretch(theta, table[k, B], outputs) if table[k, B] >= 0 else none
        gamma = atoms.stretch(theta, table[k, W], outputs)
        if operation == DENSE:
            weights = atoms.matrix(theta, table[k, W], inputs, outputs)
            if k == 0 and program.slices.size:
                add_partials(program, cut, whole, batch, first, y)
            elif inputs <= FEW_INPUTS:
                relu = table[k, FUNCTION] == RELU
                narrow.few_inputs(x, weights, bias, y, relu)
                if relu:
                    continue
                bias = none
            elif rows <= FEW_ROWS:
                narrow.few_rows(x, weights, bias, y)
                bias = none
            elif outputs <= FEW_OUTPUTS:
                narrow.few_outputs(x, weights, bias, y)
                bias = none
            else:
                product(program.blas, x, weights, y)
            bias_and_function(table[k, FUNCTION], a, y, bias, aux)
        elif operation in (ACTIVATION, DROPOUT, RESCALING):
            if table[k, X] != table[k, Y]:
                copy(x, y)
            if operation == ACTIVATION:
                bias_and_function(table[k, FUNCTION], a, y, none, aux)
            elif operation == RESCALING:
                rescale(y, a, b)
            elif program.training:
                dropout(y, aux, row, seed, table[k, LAYER], step, table[k, THRESHOLD], a)
        elif operation == LAYER_NORM:
            s = atoms.stretch(arena, table[k, STATS] * cut.room, rows)
            normalize_rows(x, y, aux, s, gamma, bias, a)
        else:
            s = atoms.stretch(arena, table[k, STATS] * cut.room, outputs)
            known = moment if program.training else state
            mean = atoms.stretch(known, table[k, STATE], outputs)
            variance = atoms.stretch(known, table[k, STATE] + outputs, outputs)
            if program.training:
                moments(x, mean, variance)
            normalize_columns(x, y, aux, s, mean, variance, gamma, bias, a)
    return y


@kernel
def backward(
    program: Any, cut: Any, theta: Any, part: Any, fresh: bool, arena: Any, whole: Any,
    first: int, rows: int,
) -> None:  # fmt: skip
    """From dL/d(output) in its place back to the first parameters.

    Args:
        program: the network.
        cut: of the batch.
        theta: parameters.
        part: gradient of this part of the batch; what belongs to it is written or added.
        fresh: whether to write.
        arena: of the thread.
        whole: of the batch; a dense layer whose gradient is made later leaves x and dy here.
        first: the block's first row within the batch.
        rows: of the block.
    """
    table = program.operations
    for k in range(table.shape[0] - 1, -1, -1):
        operation, inputs, outputs = table[k, OPERATION], table[k, INPUTS], table[k, OUTPUTS]
        a = program.reals[k, 0]
        if table[k, DY] == NOWHERE:
            return  # no parameters from here on
        dy = block(arena, whole, table[k, DY], cut, first, rows, outputs)
        y = block(arena, whole, table[k, Y], cut, first, rows, outputs)
        aux = block(arena, whole, table[k, AUX], cut, first, rows, outputs)
        part_w, part_b = table[k, PART_W], table[k, PART_B]
        if operation == DENSE:
            function_back(table[k, UNDO], a, y, aux, dy)
            x = block(arena, whole, table[k, X], cut, first, rows, inputs)
            if part_w >= 0:
                dW = atoms.matrix(part, part_w, inputs, outputs)
                if inputs <= FEW_INPUTS:
                    db = atoms.stretch(part, part_b, outputs if part_b >= 0 else 0)
                    narrow.few_inputs_gradient(x, dy, dW, db, fresh)
                elif outputs <= FEW_OUTPUTS:
                    narrow.few_outputs_gradient(x, dy, dW, fresh)
                else:
                    product_of_flipped(program.blas, x, 0, dy, dW, not fresh)
            if part_b >= 0 and inputs > FEW_INPUTS:
                add_column_sums(dy, atoms.stretch(part, part_b, outputs), fresh)
            if table[k, DX] != NOWHERE:
                weights = atoms.matrix(theta, table[k, W], inputs, outputs)
                dx = block(arena, whole, table[k, DX], cut, first, rows, inputs)
                masked, scale = table[k, MASKED] > 0, program.reals[k, 1]
                if outputs <= FEW_OUTPUTS:
                    narrow.few_outputs_back(dy, weights, dx, x, masked, scale)
                else:
                    product_with_flipped(program.blas, dy, weights, dx)
                    if masked:
                        mask_by(x, dx, scale)
        elif operation == ACTIVATION:
            function_back(table[k, UNDO], a, y, aux, dy)
        elif operation == DROPOUT:
            if aux.shape[0]:
                for i in range(rows):
                    for j in range(outputs):
                        dy[i, j] *= aux[i, j]
            elif table[k, UNDO] == RELU:
                # after a ReLU, whose zeros and the mask's are the same to what comes before
                mask_by(y, dy, a)
        elif operation in (BATCH_NORM, LAYER_NORM):
            gamma = atoms.stretch(theta, table[k, W], outputs)
            add_column_products(dy, aux, atoms.stretch(part, part_w, outputs), fresh)
            add_column_sums(dy, atoms.stretch(part, part_b, outputs), fresh)
            s = atoms.stretch(arena, table[k, STATS] * cut.room, max(rows, outputs))
            if operation == LAYER_NORM:
                normalize_rows_back(dy, aux, s, gamma)
            else:
                normalize_columns_back(dy, aux, s, gamma)
        else:
            rescale(dy, a, 0.0)
