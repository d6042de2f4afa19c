"""Activations as operations of their own, and the calls by which others end with one."""

from __future__ import annotations

from hyalite.engines.compiled.kernels.buffers import aux_of, dy_of, x_of, y_of
from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.elementwise import copy
from hyalite.engines.compiled.kernels.intrinsics import vector_at
from hyalite.engines.compiled.kernels.signatures import (
    call_activation_gradient,
    call_bias_and_activation,
)
from hyalite.engines.compiled.structs import (
    Block,
    Column,
    Matrix,
    NetworkTable,
    PartGradient,
    Vector,
)

ACTIVATION, DERIVATIVE = int(Column.ACTIVATION), int(Column.DERIVATIVE)
X, Y = int(Column.X), int(Column.Y)


@kernel
def activate(network: NetworkTable, k: int, y: Matrix, bias: Vector, aux: Matrix) -> None:
    """y ← f(y + b), f the activation of instruction k; `bias` may be empty."""
    call_bias_and_activation(
        network.functions.bias_and_activation,
        (network.instructions[k, ACTIVATION], network.reals[k, 0], y, bias, aux),
    )


@kernel
def differentiate(network: NetworkTable, k: int, y: Matrix, aux: Matrix, dy: Matrix) -> None:
    """dy ← dy·f'."""
    call_activation_gradient(
        network.functions.activation_gradient,
        (network.instructions[k, DERIVATIVE], network.reals[k, 0], y, aux, dy),
    )


@kernel
def activation_forward(network: NetworkTable, k: int, theta: Vector, block: Block) -> None:
    """y ← f(x)."""
    table = network.instructions
    x, y = x_of(table, k, block, theta), y_of(table, k, block, theta)
    aux = aux_of(table, k, block, theta)
    if table[k, X] != table[k, Y]:
        copy(x, y)
    none = vector_at(theta, 0, 0)
    activate(network, k, y, none, aux)


@kernel
def activation_backward(
    network: NetworkTable, k: int, theta: Vector, gradient: PartGradient, block: Block
) -> None:
    """dx over dy."""
    table = network.instructions
    y, aux = y_of(table, k, block, theta), aux_of(table, k, block, theta)
    dy = dy_of(table, k, block, theta)
    differentiate(network, k, y, aux, dy)
