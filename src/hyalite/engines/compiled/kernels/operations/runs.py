"""Operations on some of the columns, which come as runs of neighbours: see `lowering`."""

from __future__ import annotations

from hyalite.engines.compiled.kernels.buffers import constants_of
from hyalite.engines.compiled.kernels.decorators import ONE, kernel
from hyalite.engines.compiled.kernels.intrinsics import vector_at
from hyalite.engines.compiled.structs import Matrix, Vector


@kernel
def runs_at(table: Matrix, k: int) -> Vector:
    """The runs of instruction k."""
    size = constants_of(table, k, ONE)[0]
    return vector_at(constants_of(table, k, ONE), ONE, size)
