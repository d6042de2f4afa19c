"""Tuples as the kernels read them from the frames in which `frames` has packed them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_type_hints

from llvmlite import ir
from numba import from_dtype, types
from numba.core import cgutils
from numba.core.base import BaseContext
from numba.core.typing import Signature
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

from hyalite.engines.compiled.frames import ARRAYS
from hyalite.engines.compiled.kernels.intrinsics import INT64, Code

NUMBERS = {int: types.int64, float: types.float64, bool: types.boolean}


def numba_type(hint: Any, dtype: types.Type) -> types.Type:
    """The type of what an annotation in `structs` says, in a model of this dtype.

    Arrays have no owner: threads that count references to one slow each other down.
    """
    if hint in NUMBERS:
        return NUMBERS[hint]
    if hint in ARRAYS:
        field = ARRAYS[hint]
        entry = dtype if field.dtype is None else from_dtype(field.dtype)
        return types.Array(entry, field.kind, "C")
    hints = get_type_hints(hint)
    return types.BaseTuple.from_types([numba_type(hints[f], dtype) for f in hint._fields], hint)


@intrinsic
def tuple_at(_: types.Type, kind: types.Type, address: types.Type, zero: types.Type) -> Code:
    """The tuple of a class of `structs` whose frame lies at `address`; zero is of its dtype."""
    signature = numba_type(kind.instance_class, zero)(kind, types.int64, zero)

    def generate(
        context: BaseContext,
        builder: ir.IRBuilder,
        signature: Signature,
        values: Sequence[ir.Value],
    ) -> ir.Value:
        words = builder.inttoptr(values[1], INT64.as_pointer())
        return _Reader(context, builder, words).tuple(signature.return_type)

    return signature, generate


class _Reader:
    """Reads entry after entry of a frame.

    Args:
        context, builder: Numba's.
        words: pointer to the first entry.
    """

    def __init__(self, context: BaseContext, builder: ir.IRBuilder, words: ir.Value) -> None:
        self.context, self.builder, self.words, self.at = context, builder, words, 0

    def word(self) -> ir.Value:
        """The next entry."""
        place = self.builder.gep(self.words, [ir.Constant(INT64, self.at)])
        self.at += 1
        return self.builder.load(place)

    def tuple(self, kind: types.Type) -> ir.Value:
        """A tuple of this type."""
        values = [self.value(one) for one in kind]
        return self.context.make_tuple(self.builder, kind, values)

    def value(self, kind: types.Type) -> ir.Value:
        """A number, an array or a tuple."""
        if isinstance(kind, types.BaseTuple):
            return self.tuple(kind)
        if isinstance(kind, types.Array):
            return self.array(kind)
        word = self.word()
        if kind == types.float64:
            return self.builder.bitcast(word, ir.DoubleType())
        if kind == types.boolean:
            return self.builder.icmp_signed("!=", word, ir.Constant(INT64, 0))
        return word

    def array(self, kind: types.Array) -> ir.Value:
        """An array without an owner."""
        builder, array = self.builder, self.context.make_array(kind)(self.context, self.builder)
        data, shape = self.word(), [self.word() for _ in range(kind.ndim)]
        size = self.context.get_constant(types.intp, kind.dtype.bitwidth // 8)
        strides = [size]
        for length in reversed(shape[1:]):
            strides.insert(0, builder.mul(strides[0], length))
        pointer = builder.inttoptr(data, array.data.type)
        populate_array(
            array, data=pointer, shape=cgutils.pack_array(builder, shape),
            strides=cgutils.pack_array(builder, strides), itemsize=size, meminfo=None,
        )  # fmt: skip
        return array._getvalue()


def caller(*hints: Any) -> Any:
    """A function for compiled code that calls a kernel of such parameters by its address.

    ``call(address, (first, second, …))``; the kernel returns nothing. The dtype is that of an
    array among them.

    Args:
        hints: what the parameters are, as annotations in `structs`.
    """

    @intrinsic
    def call(_: types.Type, address: types.Type, arguments: types.Type) -> Code:
        dtype = _dtype_of(hints, arguments)
        wanted = [numba_type(hint, dtype) for hint in hints]

        def generate(
            context: BaseContext,
            builder: ir.IRBuilder,
            signature: Signature,
            values: Sequence[ir.Value],
        ) -> ir.Value:
            given = zip(cgutils.unpack_tuple(builder, values[1]), signature.args[1], strict=True)
            cast = [
                _cast(context, builder, value, kind, into)
                for (value, kind), into in zip(given, wanted, strict=True)
            ]
            arguments = context.get_arg_packer(wanted).as_arguments(builder, cast)
            _call(builder, values[0], arguments)
            return context.get_dummy_value()

        return types.void(types.int64, arguments), generate

    return call


def _dtype_of(hints: Sequence[Any], arguments: types.Type) -> types.Type | None:
    """The model's, by an array that has it, in the arguments or in a tuple among them."""
    for hint, kind in zip(hints, arguments, strict=True):
        found = None
        if hint in ARRAYS:
            found = kind.dtype if ARRAYS[hint].dtype is None else None
        elif hint not in NUMBERS:
            fields = get_type_hints(hint)
            found = _dtype_of([fields[name] for name in hint._fields], kind)
        if found is not None:
            return found
    return None


def _cast(
    context: BaseContext, builder: ir.IRBuilder, value: ir.Value, kind: types.Type, into: types.Type
) -> ir.Value:
    """A value as the kernel takes it: its whole numbers may be of another type."""
    if not isinstance(into, types.BaseTuple):
        return context.cast(builder, value, kind, into)
    fields = zip(cgutils.unpack_tuple(builder, value), kind, into, strict=True)
    return context.make_tuple(builder, into, [_cast(context, builder, *field) for field in fields])


def _call(builder: ir.IRBuilder, address: ir.Value, arguments: Sequence[ir.Value]) -> None:
    """A call in Numba's convention: places for a result and an error, then the arguments."""
    nowhere = [cgutils.alloca_once(builder, cgutils.voidptr_t) for _ in range(2)]
    values = [*nowhere, *arguments]
    kind = ir.FunctionType(ir.IntType(32), [value.type for value in values])
    builder.call(builder.inttoptr(address, kind.as_pointer()), values)
