"""Vectors as wide as a register of the processor that is compiled for, in LLVM's language."""

from __future__ import annotations

from typing import NamedTuple

import llvmlite.binding as llvm
from llvmlite import ir
from numba.core import cgutils, config

from hyalite.engines.compiled.kernels.intrinsics import ARM, INT32, INT64, call_fma

BYTE_POINTER = ir.IntType(8).as_pointer()
_NONE = ir.Constant(INT64, 0)


def vector_bytes() -> int:
    """The size of a vector register of the processor that Numba compiles for.

    That is this machine's, unless a build names the features of another.
    """
    if config.CPU_FEATURES is None:
        features = {name for name, there in llvm.get_host_cpu_features().items() if there}
    else:
        features = {name.strip().removeprefix("+") for name in config.CPU_FEATURES.split(",")}
    return 64 if "avx512f" in features else 32 if "avx2" in features else 16


VECTOR_BYTES = vector_bytes()
REGISTERS = 32 if VECTOR_BYTES == 64 or ARM else 16


class FirstLanes(NamedTuple):
    """The first lanes of a vector.

    Attributes:
        count: how many.
        mask: a bit for each lane of the vector.
    """

    count: ir.Value
    mask: ir.Value


class VectorWriter:
    """The words that code over vectors is written in.

    Args:
        builder: takes the instructions.
        entry: float or double.
        size: of the vectors, in bytes.
    """

    def __init__(self, builder: ir.IRBuilder, entry: ir.Type, size: int = VECTOR_BYTES) -> None:
        self.builder = builder
        self.itemsize = 4 if isinstance(entry, ir.FloatType) else 8
        self.lanes = size // self.itemsize
        self.vector = ir.VectorType(entry, self.lanes)
        self.mask = ir.VectorType(ir.IntType(1), self.lanes)
        self.zero = ir.Constant(self.vector, [0.0] * self.lanes)
        self.name = f"v{self.lanes}f{8 * self.itemsize}"

    def at(self, base: ir.Value, row: ir.Value, number: int = 0) -> ir.Value:
        """The place of a row's vector, so many bytes from the base."""
        place = self.builder.gep(base, [row])
        return self.builder.gep(place, [ir.Constant(INT64, number * self.lanes * self.itemsize)])

    def load(self, place: ir.Value) -> ir.Value:
        """The vector there; arrays are aligned to their entries only."""
        place = self.builder.bitcast(place, self.vector.as_pointer())
        return self.builder.load(place, align=self.itemsize)

    def prefetch(self, place: ir.Value) -> None:
        """Tell the processor that the vector there will be loaded; nothing need be there."""
        kind = ir.FunctionType(ir.VoidType(), [BYTE_POINTER, INT32, INT32, INT32])
        function = cgutils.get_or_insert_function(self.builder.module, kind, "llvm.prefetch.p0")
        # to read, into the first-level cache, as data
        numbers = [ir.Constant(INT32, number) for number in (0, 3, 1)]
        self.builder.call(function, [place, *numbers])

    def store(self, value: ir.Value, place: ir.Value) -> None:
        """Write a vector there."""
        place = self.builder.bitcast(place, self.vector.as_pointer())
        self.builder.store(value, place, align=self.itemsize)

    def first_lanes(self, count: ir.Value) -> FirstLanes:
        """The first lanes of a vector, at least one of them."""
        numbers = ir.VectorType(INT32, self.lanes)
        counts = self._spread(self.builder.trunc(count, INT32), numbers)
        there = ir.Constant(numbers, [*range(self.lanes)])
        return FirstLanes(count, self.builder.icmp_signed("<", there, counts))

    def load_some(self, place: ir.Value, some: FirstLanes) -> ir.Value:
        """Some lanes; the others are 0 and not read."""
        pointer = self.vector.as_pointer()
        kind = ir.FunctionType(self.vector, [pointer, INT32, self.mask, self.vector])
        name = f"llvm.masked.load.{self.name}.p0"
        function = cgutils.get_or_insert_function(self.builder.module, kind, name)
        align = ir.Constant(INT32, self.itemsize)
        place = self.builder.bitcast(place, pointer)
        return self.builder.call(function, [place, align, some.mask, self.zero])

    def store_some(self, value: ir.Value, place: ir.Value, some: FirstLanes) -> None:
        """Write some lanes."""
        if VECTOR_BYTES < 64:
            self._store_by_halves(value, place, some.count)
            return
        pointer = self.vector.as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [self.vector, pointer, INT32, self.mask])
        name = f"llvm.masked.store.{self.name}.p0"
        function = cgutils.get_or_insert_function(self.builder.module, kind, name)
        align = ir.Constant(INT32, self.itemsize)
        self.builder.call(function, [value, self.builder.bitcast(place, pointer), align, some.mask])

    def _store_by_halves(self, value: ir.Value, place: ir.Value, count: ir.Value) -> None:
        """Write so many lanes, fewer than all: a half of the vector, a quarter ..., as they add up.

        AMD's processors take 12 cycles and more for AVX2's masked store: a product of 100 x 64 x 10
        took 2,390 ns with it, 2,040 so. Vectors of 16 bytes have no such instruction.
        """
        builder, lanes = self.builder, self.lanes
        rest, at = (cgutils.alloca_once_value(builder, one) for one in (value, place))
        half = lanes // 2
        while half:
            size = ir.Constant(INT64, half)
            with builder.if_then(builder.icmp_signed("!=", builder.and_(count, size), _NONE)):
                vector, start = builder.load(rest), builder.load(at)
                low = self.pick(vector, vector, [*range(half)])
                kind = low.type.as_pointer()
                builder.store(low, builder.bitcast(start, kind), align=self.itemsize)
                behind = ir.Constant(INT64, half * self.itemsize)
                builder.store(builder.gep(start, [behind]), at)
                others = [(lane + half) % lanes for lane in range(lanes)]
                builder.store(self.pick(vector, vector, others), rest)
            half //= 2

    def everywhere(self, place: ir.Value) -> ir.Value:
        """A vector of the number there."""
        pointer = self.vector.element.as_pointer()
        number = self.builder.load(self.builder.bitcast(place, pointer), align=self.itemsize)
        return self.spread(number)

    def spread(self, number: ir.Value) -> ir.Value:
        """A vector of one number."""
        return self._spread(number, self.vector)

    def _spread(self, number: ir.Value, vector: ir.VectorType) -> ir.Value:
        undefined = ir.Constant(vector, ir.Undefined)
        one = self.builder.insert_element(undefined, number, ir.Constant(INT32, 0))
        return self.pick(one, undefined, [0] * vector.count)

    def pick(self, one: ir.Value, other: ir.Value, lanes: list[int]) -> ir.Value:
        """A vector of some lanes of two, counted through both."""
        numbers = ir.Constant(ir.VectorType(INT32, len(lanes)), lanes)
        return self.builder.shuffle_vector(one, other, numbers)

    def fma(self, a: ir.Value, b: ir.Value, c: ir.Value) -> ir.Value:
        """a·b + c, rounded once."""
        return call_fma(self.builder, self.vector, self.name, [a, b, c])
