"""What Numba lacks: views by address, a call of BLAS, a 128-bit product, atomics and a barrier."""

from __future__ import annotations

import platform
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import carray, types
from numba.core import cgutils
from numba.extending import intrinsic

from hyalite.engines.compiled.compiling import kernel

# How long a waiting thread asks again before it gives its core away: some microseconds, the length
# of a small step. With more threads than cores the one that is waited for must be able to run.
SPINS = 4000
sched_yield = types.ExternalFunction("sched_yield", types.int32())


@intrinsic
def pointer(_: Any, address: Any) -> Any:
    """The address of an array's first byte, as `numba.carray` takes it."""
    signature = types.voidptr(types.intp)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return signature, generate


@kernel
def matrix(vector: Any, start: int, rows: int, columns: int) -> Any:
    """A view of `vector` from entry `start` on, (rows, columns).

    By address: to slice and reshape costs 70 ns, a tenth of a small step in all, and an array with
    an owner makes threads count references to it.
    """
    place = pointer(vector.ctypes.data + start * vector.itemsize)
    return carray(place, (rows, columns), vector.dtype)


@kernel
def stretch(vector: Any, start: int, size: int) -> Any:
    """A view of `vector` from entry `start` on, (size,)."""
    return carray(pointer(vector.ctypes.data + start * vector.itemsize), (size,), vector.dtype)


@intrinsic
def _gemm(
    _: Any,
    address: Any,
    flip_a: Any,
    flip_b: Any,
    rows: Any,
    columns: Any,
    inner: Any,
    a: Any,
    width_a: Any,
    b: Any,
    width_b: Any,
    keep: Any,
    c: Any,
    width_c: Any,
) -> Any:
    """Fortran's `gemm` at `address`; all else as there, with alpha = 1 and beta = keep.

    Integers go by 64-bit pointers: a BLAS of 32-bit integers reads the lower half, which on a
    little-endian machine is the number itself.
    """
    whole = types.int64
    signature = types.void(
        whole, whole, whole, whole, whole, whole, a, whole, b, whole, keep, c, whole
    )

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        (
            function,
            flip_a,
            flip_b,
            rows,
            columns,
            inner,
            a,
            width_a,
            b,
            width_b,
            keep,
            c,
            width_c,
        ) = arguments
        byte = ir.IntType(8)

        def letter(flag: Any) -> Any:
            chosen = builder.select(
                cgutils.is_not_null(builder, flag),
                ir.Constant(byte, ord("T")),
                ir.Constant(byte, ord("N")),
            )
            return place(chosen)

        def place(value: Any) -> Any:
            return builder.bitcast(cgutils.alloca_once_value(builder, value), cgutils.voidptr_t)

        def data(kind: Any, array: Any) -> Any:
            return builder.bitcast(
                context.make_array(kind)(context, builder, array).data, cgutils.voidptr_t
            )

        kinds = signature.args
        given = [
            letter(flip_a),
            letter(flip_b),
            place(rows),
            place(columns),
            place(inner),
            place(ir.Constant(keep.type, 1.0)),
            data(kinds[6], a),
            place(width_a),
            data(kinds[8], b),
            place(width_b),
            place(keep),
            data(kinds[11], c),
            place(width_c),
        ]
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t] * len(given))
        builder.call(builder.inttoptr(function, kind.as_pointer()), given)
        return context.get_dummy_value()

    return signature, generate


@kernel
def multiply(blas: int, a: Any, b: Any, c: Any) -> None:
    """C ← A·B, all (rows, columns) and contiguous; `blas` is the address of gemm.

    Fortran reads our rows as columns, so it is asked for Cᵀ = Bᵀ·Aᵀ.
    """
    rows, columns, inner = c.shape[0], c.shape[1], a.shape[1]
    _gemm(blas, 0, 0, columns, rows, inner, b, columns, a, inner, c.dtype.type(0), c, columns)


@kernel
def multiply_left_flipped(blas: int, a: Any, b: Any, c: Any, keep: Any, first: int) -> None:
    """C ← A[:, first:first + rows]ᵀ·B + keep·C."""
    rows, columns, inner = c.shape[0], c.shape[1], a.shape[0]
    part, one = stretch(a, first, a.size - first), c.dtype.type(keep)
    _gemm(blas, 0, 1, columns, rows, inner, b, columns, part, a.shape[1], one, c, columns)


@kernel
def multiply_right_flipped(blas: int, a: Any, b: Any, c: Any) -> None:
    """C ← A·Bᵀ."""
    rows, columns, inner = c.shape[0], c.shape[1], a.shape[1]
    _gemm(blas, 1, 0, columns, rows, inner, b, inner, a, inner, c.dtype.type(0), c, columns)


def fused(builder: Any, kind: Any, name: str, numbers: Any) -> Any:
    """Write a·b + c for numbers of this kind, or vectors of them."""
    function = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(kind, [kind] * 3), f"llvm.fma.{name}"
    )
    return builder.call(function, numbers)


@intrinsic
def fma(_: Any, a: Any, b: Any, c: Any) -> Any:
    """a·b + c with one rounding."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return fused(builder, arguments[2].type, f"f{c.bitwidth}", arguments)

    return c(c, c, c), generate


LANES = 8  # sums of `dot` side by side; the same on every machine, so that the bytes are


@intrinsic
def _add_products(_: Any, a: Any, b: Any, blocks: Any) -> Any:
    """Σ a·b over blocks of LANES entries, in as many sums, which are added up at the end."""
    signature = a.dtype(a, b, types.intp)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        scalar = context.get_value_type(a.dtype)
        vector = ir.VectorType(scalar, LANES)
        name, size = f"v{LANES}f{a.dtype.bitwidth}", a.dtype.bitwidth // 8
        one, other = (
            context.make_array(kind)(context, builder, array).data
            for kind, array in zip(signature.args[:2], arguments[:2], strict=True)
        )
        total = cgutils.alloca_once_value(builder, ir.Constant(vector, [0.0] * LANES))
        builder.store(ir.Constant(vector, [0.0] * LANES), total)
        with cgutils.for_range(builder, arguments[2]) as loop:
            start = builder.mul(loop.index, ir.Constant(loop.index.type, LANES))
            x, y = (
                builder.load(
                    builder.bitcast(builder.gep(base, [start]), vector.as_pointer()), align=size
                )
                for base in (one, other)
            )
            builder.store(fused(builder, vector, name, [x, y, builder.load(total)]), total)
        lanes = builder.load(total)
        width = LANES
        while width > 1:  # halves on each other
            width //= 2
            halves = [
                builder.shuffle_vector(
                    lanes,
                    lanes,
                    ir.Constant(
                        ir.VectorType(ir.IntType(32), width), list(range(low, low + width))
                    ),
                )
                for low in (0, width)
            ]
            lanes = builder.fadd(*halves)
        return builder.extract_element(lanes, ir.Constant(ir.IntType(32), 0))

    return signature, generate


@kernel
def dot(a: Any, b: Any) -> Any:
    """Σ a·b of two vectors, in an order that is the same on every machine."""
    blocks = a.size // LANES
    total = _add_products(a, b, blocks)
    for k in range(blocks * LANES, a.size):
        total = fma(a[k], b[k], total)
    return total


@intrinsic
def prefetch(_: Any, address: Any) -> Any:
    """Have the cache line at this address brought near, and do not wait for it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        whole = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, whole, whole, whole])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        place = builder.inttoptr(arguments[0], cgutils.voidptr_t)
        read, keep, data = (ir.Constant(whole, number) for number in (0, 3, 1))
        builder.call(function, [place, read, keep, data])
        return context.get_dummy_value()

    return types.void(types.intp), generate


X86 = platform.machine().lower() in ("x86_64", "amd64", "i386", "i686")
FLUSH = 0x8040  # bits of the control register: denormal results and operands count as 0


def _control(change: Callable[[Any, Any], Any]) -> Any:
    """An intrinsic that changes the floating-point control register, and gives what it was."""

    @intrinsic
    def control(_: Any, value: Any) -> Any:
        """Change the floating-point control register; gives what it was."""

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            whole = ir.IntType(32)
            if not X86:
                return ir.Constant(whole, 0)
            kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t])
            place = cgutils.alloca_once(builder, whole)
            at = builder.bitcast(place, cgutils.voidptr_t)
            for name in ("stmxcsr", "ldmxcsr"):
                if name == "ldmxcsr":
                    before = builder.load(place)
                    builder.store(change(builder, (before, arguments[0])), place)
                function = cgutils.get_or_insert_function(
                    builder.module, kind, f"llvm.x86.sse.{name}"
                )
                builder.call(function, [at])
            return before

        return types.int32(types.int32), generate

    return control


# Numbers below 1e-38 cost some hundred cycles each, and what nothing moves comes there in time: the
# running mean of a gradient that is 0, or a weight that only its penalty moves.
set_control = _control(lambda builder, values: values[1])
or_control = _control(lambda builder, values: builder.or_(*values))


@intrinsic
def multiply_wide(_: Any, a: Any, b: Any) -> Any:
    """The high and low halves of a 64-bit product."""
    signature = types.UniTuple(types.uint64, 2)(types.uint64, types.uint64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        wide, half = ir.IntType(128), ir.IntType(64)
        first, second = (builder.zext(argument, wide) for argument in arguments)
        product = builder.mul(first, second)
        high = builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), half)
        low = builder.trunc(product, half)
        return context.make_tuple(builder, signature.return_type, [high, low])

    return signature, generate


def _place(context: Any, builder: Any, signature: Any, array: Any, index: Any) -> Any:
    kind = signature.args[0]
    view = context.make_array(kind)(context, builder, array)
    return cgutils.get_item_pointer(context, builder, kind, view, [index], wraparound=False)


@intrinsic
def atomic_add(_: Any, array: Any, index: Any, value: Any) -> Any:
    """array[index] += value; returns what was there before."""
    signature = types.int64(array, types.intp, types.int64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _place(context, builder, signature, arguments[0], arguments[1])
        return builder.atomic_rmw("add", place, arguments[2], "seq_cst")

    return signature, generate


@intrinsic
def atomic_load(_: Any, array: Any, index: Any) -> Any:
    """array[index], as the other threads have left it."""
    signature = types.int64(array, types.intp)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _place(context, builder, signature, *arguments)
        return builder.load_atomic(place, "seq_cst", 8)

    return signature, generate


COUNT, ROUND = 0, 8  # a cache line apart


@kernel
def wait_for_all(gate: Any, threads: int) -> None:
    """Return when all threads are here. `gate` is int64 (16,), zeros at first."""
    if threads == 1:
        return
    turn = atomic_load(gate, ROUND)
    if atomic_add(gate, COUNT, 1) + 1 == threads:
        atomic_add(gate, COUNT, -threads)
        atomic_add(gate, ROUND, 1)
        return
    spins = 0
    while atomic_load(gate, ROUND) == turn:
        spins += 1
        if spins > SPINS:
            sched_yield()
