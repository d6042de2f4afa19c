"""Memory for a kernel's own use, from the C library: nothing of Numba's runtime is needed."""

from __future__ import annotations

from collections.abc import Sequence

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.base import BaseContext
from numba.core.typing import Signature
from numba.extending import intrinsic

from hyalite.engines.compiled.kernels.intrinsics import INT64, Code


@intrinsic
def allocate(_: types.Type, size: types.Type) -> Code:
    """The address of so many bytes; `release` them."""

    def generate(
        context: BaseContext,
        builder: ir.IRBuilder,
        signature: Signature,
        values: Sequence[ir.Value],
    ) -> ir.Value:
        kind = ir.FunctionType(cgutils.voidptr_t, [INT64])
        function = cgutils.get_or_insert_function(builder.module, kind, "malloc")
        return builder.ptrtoint(builder.call(function, values), INT64)

    return types.int64(types.int64), generate


@intrinsic
def release(_: types.Type, address: types.Type) -> Code:
    """Give back what `allocate` gave."""

    def generate(
        context: BaseContext,
        builder: ir.IRBuilder,
        signature: Signature,
        values: Sequence[ir.Value],
    ) -> ir.Value:
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t])
        function = cgutils.get_or_insert_function(builder.module, kind, "free")
        builder.call(function, [builder.inttoptr(values[0], cgutils.voidptr_t)])
        return context.get_dummy_value()

    return types.void(types.int64), generate
