"""A sum of two vectors for Python, rounded as in all kernels: denormal numbers count as 0."""

from __future__ import annotations

from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.intrinsics import (
    FLUSH_DENORMALS,
    add_float_control,
    set_float_control,
    vector_of,
)
from hyalite.engines.compiled.structs import Real


@kernel
def add(one: int, other: int, out: int, size: int, zero: Real) -> None:
    """out ← one + other, of `size` numbers of the dtype of `zero` at these addresses."""
    before = add_float_control(FLUSH_DENORMALS)
    a, b, c = vector_of(one, size, zero), vector_of(other, size, zero), vector_of(out, size, zero)
    for i in range(size):
        c[i] = a[i] + b[i]
    set_float_control(before)
