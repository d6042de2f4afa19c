"""The tuples of `structs` as a vector of whole numbers: so they cross into the kernels.

A number takes one entry, a real one as its 64 bits; a vector its address and size, a matrix its
address, rows and columns; a tuple the entries of its fields. So an entry point takes one address,
whoever compiled it, and no object of Python's.
"""

from __future__ import annotations

import struct
from functools import cache
from typing import Any, NamedTuple, get_type_hints

import numpy as np

from hyalite.engines.compiled import structs
from hyalite.engines.compiled.structs import IntVector

INT64, FLOAT64 = np.dtype(np.int64), np.dtype(np.float64)


class Field(NamedTuple):
    """How a field of a tuple is packed.

    Attributes:
        kind: int, float or bool; an array's number of axes; or the class of a tuple.
        dtype: of an array; None: the model's.
        size: entries that it takes.
    """

    kind: Any
    dtype: np.dtype[Any] | None
    size: int


ARRAYS = {
    structs.Vector: Field(1, None, 2),
    structs.Matrix: Field(2, None, 3),
    structs.IntVector: Field(1, INT64, 2),
    structs.IntMatrix: Field(2, INT64, 3),
    structs.DoubleVector: Field(1, FLOAT64, 2),
    structs.DoubleMatrix: Field(2, FLOAT64, 3),
}


@cache
def fields_of(kind: Any) -> tuple[Field, ...]:
    """The fields of a tuple's class, in order."""
    hints = get_type_hints(kind)
    return tuple(field_of(hints[name]) for name in kind._fields)


def field_of(hint: Any) -> Field:
    """What an annotation in `structs` says."""
    if hint in (int, float, bool):
        return Field(hint, None, 1)
    return ARRAYS.get(hint) or Field(hint, None, size_of(hint))


def size_of(kind: Any) -> int:
    """Entries that a tuple of this class takes."""
    return sum(field.size for field in fields_of(kind))


def entry_of(kind: Any, *names: str) -> int:
    """Where a field begins in the frame of a tuple of this class: its name, within that of a tuple
    in it its name there, and so on.
    """
    entry = 0
    for name in names:
        number = kind._fields.index(name)
        fields = fields_of(kind)
        entry += sum(field.size for field in fields[:number])
        kind = fields[number].kind
    return entry


def packed(value: Any) -> IntVector:
    """A tuple of `structs`, packed. Its arrays must outlive what reads it.

    Raises:
        TypeError: an array is not as its field says.
    """
    return np.array(words_of(value), np.int64)


def words_of(value: Any) -> list[int]:
    """The entries of a packed tuple. A tuple within it may be given as its entries already."""
    words: list[int] = []
    kind: Any = type(value)
    for field, one in zip(fields_of(kind), value, strict=True):
        if isinstance(one, list):
            words += one
        elif isinstance(one, tuple):
            words += words_of(one)
        elif isinstance(one, np.ndarray):
            if one.ndim != field.kind or not one.flags.c_contiguous:
                raise TypeError(f"an array of {field.kind} axes is wanted, C-contiguous")
            if field.dtype is not None and field.dtype != one.dtype:
                raise TypeError(f"an array of {field.dtype} is wanted, not of {one.dtype}")
            # to ask for an address takes 2 µs; nobody goes to that of nothing
            words += [one.ctypes.data if one.size else 0, *one.shape]
        elif field.kind is float:
            words.append(struct.unpack("<q", struct.pack("<d", one))[0])
        else:
            words.append(int(one))
    return words
