"""Memory for a kernel's own use, from the C library: nothing of Numba's runtime is needed."""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.base import BaseContext
from numba.extending import intrinsic

from hyalite.engines.compiled.kernels.intrinsics import INT64, Code, code


@intrinsic
def allocate(_: types.Type, size: types.Type) -> Code:
    """The address of so many bytes; `release` them."""

    def generate(context: BaseContext, builder: ir.IRBuilder, size: ir.Value) -> ir.Value:
        kind = ir.FunctionType(cgutils.voidptr_t, [INT64])
        function = cgutils.get_or_insert_function(builder.module, kind, "malloc")
        return builder.ptrtoint(builder.call(function, [size]), INT64)

    return code(types.int64(types.int64), generate)


@intrinsic
def release(_: types.Type, address: types.Type) -> Code:
    """Give back what `allocate` gave."""

    def generate(context: BaseContext, builder: ir.IRBuilder, address: ir.Value) -> None:
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t])
        function = cgutils.get_or_insert_function(builder.module, kind, "free")
        builder.call(function, [builder.inttoptr(address, cgutils.voidptr_t)])

    return code(types.void(types.int64), generate)
