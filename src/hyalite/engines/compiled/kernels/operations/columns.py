"""What the embeddings of columns share: the columns that pass, and loops over rows.

For a column at a time the numbers of a block's rows lie side by side in vectors, whatever is made
of them, so that every loop is one along rows and made of vector instructions.
"""

from __future__ import annotations

from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.intrinsics import fma
from hyalite.engines.compiled.lowering.operations.columns import COUNT, PLACES
from hyalite.engines.compiled.structs import Matrix, Real, Vector


@kernel
def pass_columns(x: Matrix, constants: Vector, y: Matrix) -> None:
    """The first columns of y ← those of x that pass."""
    first = PLACES + constants[COUNT]
    for j in range(x.shape[1] - constants[COUNT]):
        place = constants[first + j]
        for i in range(x.shape[0]):
            y[i, j] = x[i, place]


@kernel
def return_columns(dy: Matrix, constants: Vector, dx: Matrix) -> None:
    """The columns of dx that passed ← the first of dy."""
    first = PLACES + constants[COUNT]
    for j in range(dx.shape[1] - constants[COUNT]):
        place = constants[first + j]
        for i in range(dx.shape[0]):
            dx[i, place] = dy[i, j]


@kernel
def take_column(x: Matrix, place: int, column: Vector) -> None:
    """column ← a column of x."""
    for i in range(x.shape[0]):
        column[i] = x[i, place]


@kernel
def put_column(column: Vector, y: Matrix, place: int) -> None:
    """A column of y ← column."""
    for i in range(y.shape[0]):
        y[i, place] = column[i]


@kernel
def fill(x: Vector, value: Real) -> None:
    """x ← value."""
    for i in range(x.size):
        x[i] = value


@kernel
def add_multiple(factor: Real, x: Vector, y: Vector) -> None:
    """y ← y + factor·x."""
    for i in range(x.size):
        y[i] = fma(factor, x[i], y[i])
