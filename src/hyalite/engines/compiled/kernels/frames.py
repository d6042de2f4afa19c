"""The tuples of `structs` as kernels read them: where they were packed, field by field.

A kernel takes such a tuple by the address of its frame (see `frames`), and a field is read from
there when it is asked for. As values they would go from kernel to kernel with all their arrays:
hundreds of numbers, most of which nobody reads, and each of which is to be compiled.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, get_type_hints

from llvmlite import ir
from numba import from_dtype, types
from numba.core import cgutils
from numba.core.base import BaseContext
from numba.core.datamodel import DataModelManager
from numba.core.imputils import lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import intrinsic, models, register_model

from hyalite.engines.compiled.frames import ARRAYS, entry_of
from hyalite.engines.compiled.kernels.intrinsics import INT64, Code, array_of, code
from hyalite.engines.compiled.structs import FewRows, Inference, Training

NUMBERS = {int: types.int64, float: types.float64, bool: types.boolean}
WORD_BYTES = 8


class Frame(types.Type):
    """A packed tuple.

    Args:
        kind: its class.
        dtype: of the model, as Numba calls it.
    """

    def __init__(self, kind: Any, dtype: types.Type) -> None:
        self.kind, self.dtype = kind, dtype
        super().__init__(name=f"Frame({kind.__name__}, {dtype})")


@register_model(Frame)
class _Address(models.PrimitiveModel):
    def __init__(self, manager: DataModelManager, frame: Frame) -> None:
        super().__init__(manager, frame, INT64)


@cache
def _hints_of(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _packed(kind: Any) -> frozenset[Any]:
    """A class of tuples and those of all tuples in it."""
    hints = _hints_of(kind)
    within = [_packed(hint) for hint in hints.values() if hasattr(hint, "_fields")]
    return frozenset({kind}).union(*within)


PACKED = frozenset().union(*(_packed(kind) for kind in (Training, Inference, FewRows)))


@cache
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
    if hint in PACKED:
        return Frame(hint, dtype)
    hints = _hints_of(hint)
    return types.BaseTuple.from_types([numba_type(hints[f], dtype) for f in hint._fields], hint)


@intrinsic
def frame_at(_: types.Type, kind: types.Type, address: types.Type, zero: types.Type) -> Code:
    """The tuple of a class of `structs` that is packed at `address`; zero is of its dtype."""
    signature = numba_type(kind.instance_class, zero)(kind, types.int64, zero)
    return code(signature, lambda context, builder, kind, address, zero: address)


# Fields -----------------------------------------------------------------------------------------


@infer_getattr
class _Fields(AttributeTemplate):
    key = Frame

    def generic_resolve(self, frame: Frame, name: str) -> types.Type | None:
        hints = _hints_of(frame.kind)
        return numba_type(hints[name], frame.dtype) if name in hints else None


@lower_getattr_generic(Frame)
def _read(
    context: BaseContext, builder: ir.IRBuilder, frame: Frame, address: ir.Value, name: str
) -> ir.Value:
    """A number, an array without an owner, or the address of a frame within this one."""
    kind = numba_type(_hints_of(frame.kind)[name], frame.dtype)
    start = ir.Constant(INT64, WORD_BYTES * entry_of(frame.kind, name))
    place = builder.add(address, start)
    if isinstance(kind, Frame):
        return place
    words = builder.inttoptr(place, INT64.as_pointer())
    if isinstance(kind, types.Array):
        return _array(context, builder, kind, words)
    word = builder.load(words)
    if kind == types.float64:
        return builder.bitcast(word, ir.DoubleType())
    if kind == types.boolean:
        return builder.icmp_signed("!=", word, ir.Constant(INT64, 0))
    return word


def _array(
    context: BaseContext, builder: ir.IRBuilder, kind: types.Array, words: ir.Value
) -> ir.Value:
    data, *shape = (
        builder.load(builder.gep(words, [ir.Constant(INT64, n)])) for n in range(1 + kind.ndim)
    )
    data = builder.inttoptr(data, context.get_data_type(kind.dtype).as_pointer())
    return array_of(context, builder, kind, data, shape)


# Calls by address -------------------------------------------------------------------------------


def caller(*hints: Any) -> Any:
    """A function for compiled code that calls a kernel of such parameters by its address.

    ``call(address, (first, second, …))``; the kernel returns nothing. The dtype is that of a frame
    or an array among them.

    Args:
        hints: what the parameters are, as annotations in `structs`.
    """

    @intrinsic
    def call(_: types.Type, address: types.Type, arguments: types.Type) -> Code:
        dtype = _dtype_of(hints, arguments)
        wanted = [numba_type(hint, dtype) for hint in hints]

        def generate(
            context: BaseContext, builder: ir.IRBuilder, address: ir.Value, values: ir.Value
        ) -> None:
            given = zip(cgutils.unpack_tuple(builder, values), arguments, wanted, strict=True)
            cast = [_cast(context, builder, *one) for one in given]
            _call(builder, address, context.get_arg_packer(wanted).as_arguments(builder, cast))

        return code(types.void(types.int64, arguments), generate)

    return call


def _dtype_of(hints: Sequence[Any], arguments: types.Type) -> types.Type:
    """The model's: that of a frame, or of an array of its numbers."""
    for hint, kind in zip(hints, arguments, strict=True):
        if isinstance(kind, Frame) or (hint in ARRAYS and ARRAYS[hint].dtype is None):
            return kind.dtype
    raise TypeError("no parameter tells the dtype")


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
