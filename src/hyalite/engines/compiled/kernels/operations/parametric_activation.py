"""An activation and what came in, mixed by a trained share for each feature."""

from __future__ import annotations

from hyalite.engines.compiled.kernels.buffers import aux_of, dy_of, view, x_of, y_of
from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.elementwise import add_column_products, copy
from hyalite.engines.compiled.kernels.intrinsics import vector_at
from hyalite.engines.compiled.kernels.operations.activation import activate, differentiate
from hyalite.engines.compiled.structs import (
    Block,
    Column,
    Matrix,
    NetworkTable,
    PartGradient,
    Vector,
)

OUTPUTS, W, GRAD_W = int(Column.OUTPUTS), int(Column.W), int(Column.GRAD_W)
X, Y, STD = int(Column.X), int(Column.Y), int(Column.STD)


@kernel
def _ones(x: Matrix) -> None:
    one = x.dtype.type(1)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            x[i, j] = one


@kernel
def _mix(y: Matrix, bend: Matrix, slope: Matrix, a: Vector) -> None:
    """From x in y, f(x) in bend and f'(x) in slope: y, f(x) - x and the derivative of y by x."""
    one = y.dtype.type(1)
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            v, share = y[i, j], a[j]
            difference = bend[i, j] - v
            bend[i, j] = difference
            y[i, j] = difference * share + v
            slope[i, j] = (slope[i, j] - one) * share + one


@kernel
def parametric_activation_forward(
    network: NetworkTable, k: int, theta: Vector, block: Block
) -> None:
    """y ← (1 - a)·x + a·f(x), with what the backward pass needs."""
    table = network.instructions
    x, y = x_of(table, k, block, theta), y_of(table, k, block, theta)
    bend = aux_of(table, k, block, theta)
    slope = view(block, table[k, STD], table[k, OUTPUTS], theta)
    copy(x, bend)
    if table[k, X] != table[k, Y]:
        copy(x, y)
    _ones(slope)
    activate(network, k, bend, vector_at(theta, 0, 0), slope)
    differentiate(network, k, bend, slope, slope)
    _mix(y, bend, slope, vector_at(theta, table[k, W], table[k, OUTPUTS]))


@kernel
def parametric_activation_backward(
    network: NetworkTable, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """da, and dx over dy."""
    table = network.instructions
    bend = aux_of(table, k, block, theta)
    slope = view(block, table[k, STD], table[k, OUTPUTS], theta)
    dy = dy_of(table, k, block, theta)
    da = vector_at(gradient.values, table[k, GRAD_W], table[k, OUTPUTS])
    add_column_products(dy, bend, da, gradient.fresh)
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            dy[i, j] *= slope[i, j]
