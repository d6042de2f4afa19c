"""What Numba lacks: arrays by their address, fused sums, a 128-bit product, processor control."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import llvmlite.binding as llvm
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.base import BaseContext
from numba.core.typing import Signature
from numba.extending import intrinsic

from hyalite.engines.compiled.kernels.decorators import kernel
from hyalite.engines.compiled.structs import Real, Vector

# Of an intrinsic: what its arguments' types make of it, and the function that writes its code.
Generator = Callable[[BaseContext, ir.IRBuilder, Signature, Sequence[ir.Value]], ir.Value]
Code = tuple[Signature, Generator]
INT32, INT64, INT128 = ir.IntType(32), ir.IntType(64), ir.IntType(128)
# What is compiled for, as LLVM calls it: this machine, or the one that a build says.
TARGET = os.environ.get("HYALITE_TARGET") or llvm.get_process_triple()
X86, ARM = TARGET.startswith("x86_64"), TARGET.startswith(("aarch64", "arm64"))
WINDOWS = "windows" in TARGET


def code(signature: Signature, generate: Callable[..., ir.Value | None]) -> Code:
    """What an intrinsic returns.

    Args:
        signature: its types.
        generate: ``generate(context, builder, *values)`` writes its code; gives the result, if any.
    """

    def generator(
        context: BaseContext, builder: ir.IRBuilder, _: Signature, values: Sequence[ir.Value]
    ) -> ir.Value:
        result = generate(context, builder, *values)
        return context.get_dummy_value() if result is None else result

    return signature, generator


def own_function(
    module: ir.Module, name: str, parameters: Sequence[ir.Type], write: Callable[..., None]
) -> ir.Function:
    """A function that stays one: all registers are its own.

    Args:
        module: that it is put in, once.
        name: within it.
        parameters: their types.
        write: ``write(builder, *arguments)`` writes its code.
    """
    if name in module.globals:
        return module.globals[name]
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), parameters), name)
    function.linkage = "internal"
    function.attributes.add("noinline")
    function.attributes.add("nounwind")
    builder = ir.IRBuilder(function.append_basic_block())
    write(builder, *function.args)
    builder.ret_void()
    return function


# Arrays by their address ------------------------------------------------------------------------
#
# Written as such, since nothing is used more often: to slice and reshape costs 70 ns, a tenth of a
# small step in all, and every call of Numba's own `carray` a millisecond to compile.


def array_of(
    context: BaseContext, builder: ir.IRBuilder, kind: types.Array, data: ir.Value,
    shape: Sequence[ir.Value],
) -> ir.Value:  # fmt: skip
    """Write an array of this kind, without an owner.

    Args:
        context: Numba's.
        builder: takes the instructions.
        kind: its type.
        data: pointer to its first number.
        shape: its lengths.
    """
    count, strides = shape[0], [ir.Constant(INT64, kind.dtype.bitwidth // 8)]
    for length in shape[1:]:
        count = builder.mul(count, length, flags=["nsw"])
    for length in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], length, flags=["nsw"]))
    fields = {"data": data, "nitems": count, "itemsize": strides[-1]}
    axes = {"shape": shape, "strides": strides}
    model = context.data_model_manager[kind]
    array = ir.Constant(model.get_value_type(), None)
    for name, value in fields.items():
        array = builder.insert_value(array, value, model.get_field_position(name))
    for name, values in axes.items():
        for axis, value in enumerate(values):
            array = builder.insert_value(array, value, [model.get_field_position(name), axis])
    return array


def data_of(
    context: BaseContext, builder: ir.IRBuilder, kind: types.Array, array: ir.Value
) -> ir.Value:
    """Pointer to the first number of an array of this kind."""
    return builder.extract_value(array, context.data_model_manager[kind].get_field_position("data"))


@intrinsic
def address_of(_: types.Type, array: types.Type) -> Code:
    """Where its numbers lie."""

    def generate(context: BaseContext, builder: ir.IRBuilder, value: ir.Value) -> ir.Value:
        return builder.ptrtoint(data_of(context, builder, array, value), INT64)

    return code(types.int64(array), generate)


def _of_address(axes: int, like: types.Type) -> Code:
    dtype = like.dtype if isinstance(like, types.Array) else like
    kind = types.Array(dtype, axes, "C")

    def generate(
        context: BaseContext, builder: ir.IRBuilder, address: ir.Value, *others: ir.Value
    ) -> ir.Value:
        data = builder.inttoptr(address, context.get_data_type(dtype).as_pointer())
        return array_of(context, builder, kind, data, others[:axes])

    return code(kind(*[types.int64] * (1 + axes), like), generate)


@intrinsic
def vector_of(_: types.Type, address: types.Type, size: types.Type, like: types.Type) -> Code:
    """The array (size,) at an address, of the dtype of `like`, which is a number or an array."""
    return _of_address(1, like)


@intrinsic
def matrix_of(
    _: types.Type, address: types.Type, rows: types.Type, columns: types.Type, like: types.Type
) -> Code:
    """The array (rows, columns) at an address, of the dtype of `like`."""
    return _of_address(2, like)


def _within(axes: int, array: types.Array) -> Code:
    kind = types.Array(array.dtype, axes, "C")

    def generate(
        context: BaseContext, builder: ir.IRBuilder, value: ir.Value, start: ir.Value,
        *shape: ir.Value,
    ) -> ir.Value:  # fmt: skip
        data = builder.gep(data_of(context, builder, array, value), [start])
        return array_of(context, builder, kind, data, shape)

    return code(kind(array, *[types.int64] * (1 + axes)), generate)


@intrinsic
def vector_at(_: types.Type, array: types.Type, start: types.Type, size: types.Type) -> Code:
    """A view of an array from its entry `start` on, (size,)."""
    return _within(1, array)


@intrinsic
def matrix_at(
    _: types.Type, array: types.Type, start: types.Type, rows: types.Type, columns: types.Type
) -> Code:
    """A view of an array from its entry `start` on, (rows, columns)."""
    return _within(2, array)


@intrinsic
def prefetch(_: types.Type, address: types.Type) -> Code:
    """Have the cache line at this address brought near, and do not wait for it."""

    def generate(context: BaseContext, builder: ir.IRBuilder, address: ir.Value) -> None:
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, INT32, INT32, INT32])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        place = builder.inttoptr(address, cgutils.voidptr_t)
        read, keep, data = (ir.Constant(INT32, number) for number in (0, 3, 1))
        builder.call(function, [place, read, keep, data])

    return code(types.void(types.intp), generate)


@intrinsic
def bytes_of(_: types.Type, number: types.Type) -> Code:
    """The size of a number in memory."""
    size = ir.Constant(INT64, number.bitwidth // 8)
    return code(types.int64(number), lambda *_: size)


# Sums with one rounding -------------------------------------------------------------------------


def call_fma(
    builder: ir.IRBuilder, kind: ir.Type, name: str, values: Sequence[ir.Value]
) -> ir.Value:
    """Write a·b + c for numbers of this kind, or vectors of them."""
    function = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(kind, [kind] * 3), f"llvm.fma.{name}"
    )
    return builder.call(function, values)


@intrinsic
def fma(_: types.Type, a: types.Type, b: types.Type, c: types.Type) -> Code:
    """a·b + c with one rounding."""

    def generate(context: BaseContext, builder: ir.IRBuilder, *values: ir.Value) -> ir.Value:
        return call_fma(builder, values[2].type, f"f{c.bitwidth}", values)

    return code(c(c, c, c), generate)


LANES = 8  # sums of `dot` side by side; the same on every machine, so that the bytes are


@intrinsic
def _add_products(_: types.Type, a: types.Type, b: types.Type, blocks: types.Type) -> Code:
    """Σ a·b over blocks of LANES entries, in as many sums, which are added up at the end."""

    def generate(
        context: BaseContext, builder: ir.IRBuilder, one: ir.Value, other: ir.Value,
        blocks: ir.Value,
    ) -> ir.Value:  # fmt: skip
        scalar = context.get_value_type(a.dtype)
        vector = ir.VectorType(scalar, LANES)
        name, size = f"v{LANES}f{a.dtype.bitwidth}", a.dtype.bitwidth // 8
        arrays = [data_of(context, builder, *pair) for pair in ((a, one), (b, other))]
        total = cgutils.alloca_once_value(builder, ir.Constant(vector, [0.0] * LANES))
        builder.store(ir.Constant(vector, [0.0] * LANES), total)
        with cgutils.for_range(builder, blocks) as loop:
            start = builder.mul(loop.index, ir.Constant(loop.index.type, LANES))
            x, y = (
                builder.load(
                    builder.bitcast(builder.gep(base, [start]), vector.as_pointer()), align=size
                )
                for base in arrays
            )
            builder.store(call_fma(builder, vector, name, [x, y, builder.load(total)]), total)
        return sum_of_lanes(builder, builder.load(total))

    return code(a.dtype(a, b, types.intp), generate)


def sum_of_lanes(builder: ir.IRBuilder, lanes: ir.Value) -> ir.Value:
    """One half added to the other, until one number is left."""
    width = LANES
    while width > 1:
        width //= 2
        halves = [
            builder.shuffle_vector(
                lanes,
                lanes,
                ir.Constant(ir.VectorType(INT32, width), list(range(low, low + width))),
            )
            for low in (0, width)
        ]
        lanes = builder.fadd(*halves)
    return builder.extract_element(lanes, ir.Constant(INT32, 0))


@kernel
def dot(a: Vector, b: Vector) -> Real:
    """Σ a·b of two vectors, in an order that is the same on every machine."""
    blocks = a.size // LANES
    total = _add_products(a, b, blocks)
    for k in range(blocks * LANES, a.size):
        total = fma(a[k], b[k], total)
    return total


# Whole numbers ----------------------------------------------------------------------------------


@intrinsic
def bits_of(_: types.Type, value: types.Type) -> Code:
    """The bits of a real number as a whole number of the same width."""
    kind = ir.IntType(value.bitwidth)

    def generate(context: BaseContext, builder: ir.IRBuilder, value: ir.Value) -> ir.Value:
        return builder.bitcast(value, kind)

    return code(types.Integer.from_bitwidth(value.bitwidth)(value), generate)


@intrinsic
def real_of(_: types.Type, bits: types.Type) -> Code:
    """The real number of these bits, int32 or int64."""
    kind = types.float32 if bits == types.int32 else types.float64

    def generate(context: BaseContext, builder: ir.IRBuilder, bits: ir.Value) -> ir.Value:
        return builder.bitcast(bits, context.get_value_type(kind))

    return code(kind(bits), generate)


@intrinsic
def multiply_wide(_: types.Type, a: types.Type, b: types.Type) -> Code:
    """The high and low halves of a 64-bit product."""
    halves = types.UniTuple(types.uint64, 2)

    def generate(context: BaseContext, builder: ir.IRBuilder, *values: ir.Value) -> ir.Value:
        first, second = (builder.zext(value, INT128) for value in values)
        product = builder.mul(first, second)
        high = builder.trunc(builder.lshr(product, ir.Constant(INT128, 64)), INT64)
        low = builder.trunc(product, INT64)
        return context.make_tuple(builder, halves, [high, low])

    return code(halves(types.uint64, types.uint64), generate)


# The floating-point control register ------------------------------------------------------------

# Bits of the register: denormal results and operands count as 0.
FLUSH_DENORMALS = 0x8040 if X86 else 1 << 24
Change = Callable[[ir.IRBuilder, ir.Value, ir.Value], ir.Value]  # of what was and what is given


def _float_control(change: Change) -> Callable[[int], int]:
    """An intrinsic that changes the floating-point control register, and gives what it was."""

    @intrinsic
    def control(_: types.Type, value: types.Type) -> Code:
        """Change the floating-point control register; gives what it was."""

        def generate(context: BaseContext, builder: ir.IRBuilder, value: ir.Value) -> ir.Value:
            if ARM:
                return _change_fpcr(builder, change, value)
            if not X86:
                return ir.Constant(INT32, 0)
            place = cgutils.alloca_once(builder, INT32)
            at = builder.bitcast(place, cgutils.voidptr_t)
            builder.call(_control_instruction(builder, "stmxcsr"), [at])
            before = builder.load(place)
            builder.store(change(builder, before, value), place)
            builder.call(_control_instruction(builder, "ldmxcsr"), [at])
            return before

        return code(types.int32(types.int32), generate)

    return control


def _change_fpcr(builder: ir.IRBuilder, change: Change, value: ir.Value) -> ir.Value:
    """The same on 64-bit Arm, whose register has 64 bits, the upper ones unused."""
    read = ir.FunctionType(INT64, [])
    write = ir.FunctionType(ir.VoidType(), [INT64])
    names = "llvm.aarch64.get.fpcr", "llvm.aarch64.set.fpcr"
    get, put = (
        cgutils.get_or_insert_function(builder.module, kind, name)
        for kind, name in zip((read, write), names, strict=True)
    )
    before = builder.trunc(builder.call(get, []), INT32)
    builder.call(put, [builder.zext(change(builder, before, value), INT64)])
    return before


def _control_instruction(builder: ir.IRBuilder, name: str) -> ir.Function:
    kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t])
    return cgutils.get_or_insert_function(builder.module, kind, f"llvm.x86.sse.{name}")


# Numbers below 1e-38 cost some hundred cycles each, and what nothing moves comes there in time: the
# running mean of a gradient that is 0, or a weight that only its penalty moves.
set_float_control = _float_control(lambda builder, before, value: value)
add_float_control = _float_control(lambda builder, before, value: builder.or_(before, value))
