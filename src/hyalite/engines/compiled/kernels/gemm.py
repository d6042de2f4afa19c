"""BLAS's matrix product, called by its address."""

from __future__ import annotations

from collections.abc import Sequence

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.base import BaseContext
from numba.core.typing import Signature
from numba.extending import intrinsic

from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.intrinsics import Code, vector_at
from hyalite.engines.compiled.structs import Matrix, Real

AS_IT_IS, TRANSPOSED = ord("N"), ord("T")


@intrinsic
def _call_fortran(_: types.Type, address: types.Type, arguments: types.Type) -> Code:
    """Call the function at `address` with a tuple of arguments, each by a pointer, as Fortran does.

    Integers and letters go by 64-bit pointers: a BLAS of 32-bit integers reads the lower half,
    which on a little-endian machine is the number itself, and the lowest byte is the letter.
    """
    signature = types.void(types.int64, arguments)

    def generate(
        context: BaseContext,
        builder: ir.IRBuilder,
        signature: Signature,
        values: Sequence[ir.Value],
    ) -> ir.Value:
        function, given = values
        pointers = []
        for kind, value in zip(arguments, cgutils.unpack_tuple(builder, given), strict=True):
            if isinstance(kind, types.Array):
                place = context.make_array(kind)(context, builder, value).data
            else:
                place = cgutils.alloca_once_value(builder, value)
            pointers.append(builder.bitcast(place, cgutils.voidptr_t))
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t] * len(pointers))
        builder.call(builder.inttoptr(function, kind.as_pointer()), pointers)
        return context.get_dummy_value()

    return signature, generate


@kernel
def gemm(address: int, a: Matrix, b: Matrix, c: Matrix) -> None:
    """c ← a·b, all contiguous.

    Fortran reads our rows as columns, so it is asked for cᵀ = bᵀ·aᵀ.
    """
    rows, columns, inner = c.shape[0], c.shape[1], a.shape[1]
    one, zero = c.dtype.type(1), c.dtype.type(0)
    _call_fortran(
        address,
        (
            AS_IT_IS, AS_IT_IS, columns, rows, inner, one, b, columns, a, inner, zero, c, columns,
        ),
    )  # fmt: skip


@kernel
def gemm_tn(address: int, a: Matrix, first: int, b: Matrix, c: Matrix, keep: Real) -> None:
    """c ← a[:, first : first + rows of c]ᵀ·b + keep·c."""
    rows, columns, inner = c.shape[0], c.shape[1], a.shape[0]
    part, one, beta = vector_at(a, first, a.size - first), c.dtype.type(1), c.dtype.type(keep)
    _call_fortran(
        address,
        (
            AS_IT_IS, TRANSPOSED, columns, rows, inner, one, b, columns, part, a.shape[1], beta,
            c, columns,
        ),
    )  # fmt: skip


@kernel
def gemm_nt(address: int, a: Matrix, b: Matrix, c: Matrix) -> None:
    """c ← a·bᵀ."""
    rows, columns, inner = c.shape[0], c.shape[1], a.shape[1]
    one, zero = c.dtype.type(1), c.dtype.type(0)
    _call_fortran(
        address,
        (
            TRANSPOSED, AS_IT_IS, columns, rows, inner, one, b, inner, a, inner, zero, c, columns,
        ),
    )  # fmt: skip
