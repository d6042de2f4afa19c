"""How the threads of a kernel meet: atomic numbers, and a barrier made of them."""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.base import BaseContext
from numba.extending import intrinsic

from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.kernels.intrinsics import WINDOWS, X86, Code, code
from hyalite.engines.compiled.structs import Vector

# How long a waiting thread asks again before it gives its core away: some microseconds, the length
# of a small step. With more threads than cores the one that is waited for must be able to run.
MAX_SPINS = 4000
give_core_away = types.ExternalFunction(
    "SwitchToThread" if WINDOWS else "sched_yield", types.int32()
)


def _entry(
    context: BaseContext, builder: ir.IRBuilder, kind: types.Array, array: ir.Value, index: ir.Value
) -> ir.Value:
    """Where array[index] lies, of an array of this kind."""
    view = context.make_array(kind)(context, builder, array)
    return cgutils.get_item_pointer(context, builder, kind, view, [index], wraparound=False)


@intrinsic
def atomic_add(_: types.Type, array: types.Type, index: types.Type, value: types.Type) -> Code:
    """array[index] += value; returns what was there before."""

    def generate(context: BaseContext, builder: ir.IRBuilder, *values: ir.Value) -> ir.Value:
        place = _entry(context, builder, array, *values[:2])
        return builder.atomic_rmw("add", place, values[2], "seq_cst")

    return code(types.int64(array, types.intp, types.int64), generate)


@intrinsic
def atomic_load(_: types.Type, array: types.Type, index: types.Type) -> Code:
    """array[index], as the other threads have left it."""

    def generate(context: BaseContext, builder: ir.IRBuilder, *values: ir.Value) -> ir.Value:
        return builder.load_atomic(_entry(context, builder, array, *values), "seq_cst", 8)

    return code(types.int64(array, types.intp), generate)


@intrinsic
def atomic_replace(
    _: types.Type, array: types.Type, index: types.Type, old: types.Type, new: types.Type
) -> Code:
    """array[index] = new, where old stands there; whether it did."""

    def generate(context: BaseContext, builder: ir.IRBuilder, *values: ir.Value) -> ir.Value:
        place = _entry(context, builder, array, *values[:2])
        found = builder.cmpxchg(place, values[2], values[3], "seq_cst", "seq_cst")
        return builder.extract_value(found, 1)

    return code(types.boolean(array, types.intp, types.int64, types.int64), generate)


@intrinsic
def breathe(_: types.Type) -> Code:
    """Tell the processor that this thread waits, so that one beside it in the same core works."""

    def generate(context: BaseContext, builder: ir.IRBuilder) -> None:
        if X86:
            kind = ir.FunctionType(ir.VoidType(), [])
            pause = cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.sse2.pause")
            builder.call(pause, [])

    return code(types.void(), generate)


COUNT, ROUND = 0, 8  # entries of a gate, a cache line apart


@kernel
def wait_for_all(gate: Vector, threads: int) -> None:
    """Return when all threads are here. `gate` is int64 (16,), zeros at first."""
    if threads == 1:
        return
    now = atomic_load(gate, ROUND)
    if atomic_add(gate, COUNT, 1) + 1 == threads:
        atomic_add(gate, COUNT, -threads)
        atomic_add(gate, ROUND, 1)
        return
    spins = 0
    while atomic_load(gate, ROUND) == now:
        spins += 1
        if spins > MAX_SPINS:
            give_core_away()


@kernel
def wait_until(array: Vector, index: int, number: int) -> None:
    """Return when the others have counted array[index] up to a number."""
    spins = 0
    while atomic_load(array, index) < number:
        spins += 1
        if spins > MAX_SPINS:
            give_core_away()
