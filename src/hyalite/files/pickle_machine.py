"""A stack machine that follows a pickle's opcodes on inert data, for arrays alone.

A pickle is a program for a stack machine that may import and call whatever it likes. Here its
opcodes move numbers, names and places in the file about, and nothing else: a known NumPy name
stands for a check and a copy of bytes; an unknown one ends the reading.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hyalite.errors import FileFormatError
from hyalite.parameters import Array

MAX_OPCODES = 50_000  # an array takes 30 to 40; each may cost 200 bytes and 3 microseconds
MAX_TEXT = 1000  # bytes of a name
MAX_NDIM = 64  # NumPy's own limit
CHUNK = 1 << 20  # bytes copied at a time
CODES = ("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")
# How the bytes of a span are meant: Python 2's strings are both text and bytes, and Latin-1 is
# bytes written as the UTF-8 of the characters with their numbers.
TEXT, BYTES, STRING, LATIN1 = "text", "bytes", "string", "latin1"

GLOBALS = {
    ("numpy", "dtype"): "dtype",
    ("numpy", "ndarray"): "ndarray",
    **{(f"numpy.{core}.multiarray", "_reconstruct"): "_reconstruct" for core in ("core", "_core")},
    **{(f"numpy.{core}.multiarray", "scalar"): "scalar" for core in ("core", "_core")},
    **{(f"numpy.{core}.numeric", "_frombuffer"): "_frombuffer" for core in ("core", "_core")},
    # Python 3 has no opcode for bytes below protocol 3: text in Latin-1, and bytes() if empty
    ("_codecs", "encode"): "encode",
    **{(built_in, "bytes"): "bytes" for built_in in ("builtins", "__builtin__")},
}

# Opcodes that only push a value ...
CONSTANTS: dict[bytes, Any] = {b"N": None, b"\x88": True, b"\x89": False, b")": ()}
# ... a number of so many bytes, signed or not ...
NUMBERS = {b"K": (1, False), b"M": (2, False), b"J": (4, True)}
# ... or as many bytes as a number of so many bytes before them says.
SPANS = {
    **{b"\x8c": (1, TEXT), b"X": (4, TEXT), b"\x8d": (8, TEXT)},
    **{b"C": (1, BYTES), b"B": (4, BYTES), b"\x8e": (8, BYTES), b"\x96": (8, BYTES)},
    **{b"U": (1, STRING), b"T": (4, STRING)},
}
TUPLES = {b"\x85": 1, b"\x86": 2, b"\x87": 3}
PUTS, GETS = {b"q": 1, b"r": 4}, {b"h": 1, b"j": 4}  # bytes of the memo's index

RUNS_CODE = "a pickle can run code, and this one asks to"
REFUSED = {
    **dict.fromkeys((b"P", b"Q"), f"an object from outside the file; {RUNS_CODE}"),
    **dict.fromkeys((b"i", b"o", b"\x81", b"\x92"), f"an object of some class; {RUNS_CODE}"),
    **dict.fromkeys((b"\x82", b"\x83", b"\x84"), f"a registered object; {RUNS_CODE}"),
    **dict.fromkeys((b"\x97", b"\x98"), "a buffer that is kept outside the file"),
    **dict.fromkeys((b"G",), "a Python float; only arrays and NumPy's scalars are read"),
    **dict.fromkeys((b"\x8b",), "a very long number; no array has one"),
    **dict.fromkeys((b"\x8f", b"\x90", b"\x91"), "a set; only arrays are read"),
    **dict.fromkeys(
        (b"S", b"V", b"L", b"F", b"p", b"g", b"d", b"l"),
        "an opcode of protocol 0; write the pickle again with protocol=2 or later",
    ),
}


@dataclass(slots=True, eq=False)
class _Span:
    """Text or bytes that still lie in the file, so that a large one is never held twice."""

    start: int
    stop: int
    kind: str


@dataclass(slots=True, eq=False)
class _Name:
    """A known global: no function, only its name."""

    name: str


@dataclass(slots=True, eq=False)
class _Type:
    """A dtype. Its byte order comes later, by BUILD, when the memo already refers to it."""

    code: str
    dtype: np.dtype[Any] | None = None


@dataclass(slots=True, eq=False)
class ArrayInPickle:
    """An array. Its values come later, by BUILD, when the memo already refers to it."""

    values: Array | None = None


class PickleMachine:
    """The stack, the marks in it, the memo, and the place in the file."""

    def __init__(self, path: Path, data: bytes) -> None:
        self.path, self.data = path, data
        self.at = self.next = 0  # of the present opcode, and of the byte to read next
        self.stack: list[Any] = []
        self.marks: list[int] = []  # heights of the stack
        self.memo: dict[int, Any] = {}
        self.allocated = 0  # bytes

    def error(self, found: str) -> FileFormatError:
        return FileFormatError(f"{self.path}: byte {self.at}: {found}")

    def run(self) -> Any:
        """What the program leaves on the stack."""
        for _ in range(MAX_OPCODES):
            self.at = self.next
            code = self.data[self.skip(1) : self.next]
            if code != b".":
                self.step(code)
                continue
            result = self.pop()
            if self.stack or self.marks:
                raise self.error("more than one value is left at the end")
            if self.next < len(self.data):
                raise self.error(f"{len(self.data) - self.next} bytes follow the pickle's end")
            return result
        raise self.error(f"more than {MAX_OPCODES:,} opcodes")

    # The file ----------------------------------------------------------------------------------

    def skip(self, size: int) -> int:
        """Move behind the next `size` bytes; where they begin."""
        left = len(self.data) - self.next
        if size > left:
            raise self.error(f"{size} bytes should follow and {left} do: the file is cut short")
        self.next += size
        return self.next - size

    def number(self, size: int, signed: bool = False) -> int:
        start = self.skip(size)
        return int.from_bytes(self.data[start : self.next], "little", signed=signed)

    def line(self) -> str:
        end = self.data.find(b"\n", self.next, self.next + MAX_TEXT)
        if end < 0:
            raise self.error(f"a line that does not end within {MAX_TEXT} bytes")
        start = self.skip(end + 1 - self.next)
        return self.data[start:end].decode("ascii", "backslashreplace")

    def text(self, span: Any, what: str = "a name", kinds: tuple[str, ...] = (TEXT, STRING)) -> str:
        if not isinstance(span, _Span) or span.kind not in kinds:
            raise self.error(f"{kind_of(span)} instead of {what}")
        if span.stop - span.start > MAX_TEXT:
            raise self.error(f"{what} of {span.stop - span.start} bytes; the limit is {MAX_TEXT}")
        try:
            return self.data[span.start : span.stop].decode("utf-8")
        except UnicodeDecodeError:
            raise self.error(f"{what} that is not UTF-8") from None

    def pieces(self, span: _Span) -> Iterator[bytes]:
        """A span's bytes, piece by piece: Latin-1 text as a whole would be held three times."""
        start = span.start
        while start < span.stop:
            stop = min(start + CHUNK, span.stop)
            if span.kind != LATIN1:
                yield self.data[start:stop]
            else:
                if stop < span.stop and self.data[stop] & 0xC0 == 0x80:
                    stop -= 1  # not between the two bytes of a character
                try:
                    yield self.data[start:stop].decode("utf-8").encode("latin-1")
                except UnicodeError:
                    raise self.error(
                        "text that should hold bytes has characters beyond Latin-1"
                    ) from None
            start = stop

    # The stack ---------------------------------------------------------------------------------

    def pop(self) -> Any:
        if len(self.stack) <= (self.marks[-1] if self.marks else 0):
            raise self.error("a value is taken from an empty stack")
        return self.stack.pop()

    def pop_to_mark(self) -> list[Any]:
        if not self.marks:
            raise self.error("a mark is looked for and there is none")
        height = self.marks.pop()
        values = self.stack[height:]
        del self.stack[height:]
        return values

    def top(self) -> Any:
        value = self.pop()
        self.stack.append(value)
        return value

    # The opcodes -------------------------------------------------------------------------------

    def step(self, code: bytes) -> None:
        """Do what one opcode says, other than STOP."""
        push = self.stack.append
        if code in CONSTANTS:
            push(CONSTANTS[code])
        elif code in NUMBERS:
            push(self.number(*NUMBERS[code]))
        elif code in SPANS:
            width, kind = SPANS[code]
            size = self.number(width)
            start = self.skip(size)
            push(_Span(start, self.next, kind))
        elif code in TUPLES:
            push(tuple(reversed([self.pop() for _ in range(TUPLES[code])])))
        elif code in PUTS:
            self.memo[self.number(PUTS[code])] = self.top()
        elif code in GETS:
            index = self.number(GETS[code])
            if index not in self.memo:
                raise self.error(f"the memo has no entry {index}")
            push(self.memo[index])
        else:
            self.step_alone(code)

    def step_alone(self, code: bytes) -> None:
        """Do what an opcode says that is in none of the tables."""
        push = self.stack.append
        match code:
            case b"\x80":  # PROTO
                protocol = self.number(1)
                if self.at or protocol > 5:
                    raise self.error(f"protocol {protocol}; it stands at byte 0 and is at most 5")
            case b"\x95":  # FRAME: a hint for buffering
                size = self.number(8)
                if size > len(self.data) - self.next:
                    raise self.error(f"a frame of {size} bytes: the file is cut short")
            case b"(":  # MARK
                self.marks.append(len(self.stack))
            case b"\x94":  # MEMOIZE
                self.memo[len(self.memo)] = self.top()
            case b"I":  # INT: the truth values of protocol 1, and since those all there is
                line = self.line()
                if line not in ("00", "01"):
                    raise self.error("a number in decimal, an opcode of protocol 0")
                push(line == "01")
            case b"\x8a":  # LONG1: a side above 2**31, or Python 2's long
                size = self.number(1)
                if size > 9:
                    raise self.error(f"a number of {size} bytes; no side of an array is that long")
                push(self.number(size, signed=True))
            case b"}":
                push({})
            case b"]":
                push([])
            case b"t":  # TUPLE
                push(tuple(self.pop_to_mark()))
            case b"a" | b"e":  # APPEND, APPENDS
                items = self.pop_to_mark() if code == b"e" else [self.pop()]
                target = self.top()
                if not isinstance(target, list):
                    raise self.error(f"items are appended to {kind_of(target)}")
                target.extend(items)
            case b"s" | b"u":  # SETITEM, SETITEMS
                items = self.pop_to_mark() if code == b"u" else [self.pop(), self.pop()][::-1]
                self.set_items(items)
            case b"c":  # GLOBAL
                push(self.known(self.line(), self.line()))
            case b"\x93":  # STACK_GLOBAL
                name, module = self.pop(), self.pop()
                push(self.known(self.text(module), self.text(name)))
            case b"R":  # REDUCE
                arguments, function = self.pop(), self.pop()
                push(self.reduce(function, arguments))
            case b"b":  # BUILD
                state, target = self.pop(), self.top()
                self.build(target, state)
            case _:
                raise self.error(REFUSED.get(code, f"{code!r} is no opcode that arrays have"))

    def set_items(self, items: list[Any]) -> None:
        target = self.top()
        if not isinstance(target, dict) or len(items) % 2:
            raise self.error(f"{len(items)} keys and values are put into {kind_of(target)}")
        for key, value in zip(items[::2], items[1::2], strict=True):
            name = self.text(key, "an array's name")
            if name in target:
                raise self.error(f"the name {short(name)} comes twice")
            target[name] = value

    def known(self, module: str, name: str) -> _Name:
        if (module, name) not in GLOBALS:
            joblib = ". joblib.dump wrote it: write its arrays by pickle.dump or numpy.savez"
            raise self.error(
                f"the global {short(f'{module}.{name}')} is not an array's; {RUNS_CODE}"
                f"{joblib if module.startswith('joblib.') else ''}. "
                "Only arrays are read, in a dict or a list"
            )
        return _Name(GLOBALS[module, name])

    # NumPy's names ------------------------------------------------------------------------------

    def reduce(self, function: Any, arguments: Any) -> Any:
        """What stands for `function(*arguments)`, which NumPy's names alone can be."""
        if not isinstance(function, _Name) or not isinstance(arguments, tuple):
            raise self.error(f"a call of {kind_of(function)} with {kind_of(arguments)}")
        match function.name, arguments:
            case "_reconstruct", (_Name("ndarray"), (0,), _Span() as letter) if (
                self.text(letter, "a letter", (BYTES, STRING, LATIN1)) == "b"
            ):
                return ArrayInPickle()
            case "dtype", (_Span() as span, 0, 1):
                if (code := self.text(span)) not in CODES:
                    raise self.error(f"the dtype {short(code)}; known: {' '.join(CODES)}")
                return _Type(code)
            case "scalar", (kind, data):
                return ArrayInPickle(self.array((), kind, data))
            case "_frombuffer", (data, kind, shape, order) if self.text(order) in ("C", "F"):
                return ArrayInPickle(self.array(shape, kind, data, fortran=self.text(order) == "F"))
            case "_frombuffer", (data, kind, shape, order, axes) if self.text(order) == "K":
                self.check_whole(axes, "axes")
                if not isinstance(shape, tuple) or sorted(axes) != list(range(len(shape))):
                    raise self.error(f"axes that are not those of {kind_of(shape)}")
                return ArrayInPickle(self.array(shape, kind, data).transpose(axes))
            case "encode", (_Span(kind="text") as span, codec) if self.text(codec) == "latin1":
                return _Span(span.start, span.stop, LATIN1)
            case "bytes", ():
                return _Span(0, 0, BYTES)
        raise self.error(f"{function.name} with arguments that NumPy does not write")

    def build(self, target: Any, state: Any) -> None:
        """Give a dtype its byte order, or an array its values; either only once."""
        match target, state:
            case _Type(dtype=None), (3, _Span() as span, None, None, None, -1, -1, 0):
                order = self.text(span)
                if order not in (("|",) if target.code.endswith("1") else ("<", ">")):
                    raise self.error(f"the byte order {short(order)} of {target.code}")
                target.dtype = np.dtype(order + target.code)
            case ArrayInPickle(values=None), (1, shape, kind, (0 | 1) as fortran, data):
                target.values = self.array(shape, kind, data, fortran=bool(fortran))
            case _:
                raise self.error(f"{kind_of(target)} gets a state that NumPy does not write")

    def check_whole(self, numbers: Any, what: str) -> None:
        """Refuse anything but a tuple of at most 64 numbers from 0."""
        if not isinstance(numbers, tuple) or len(numbers) > MAX_NDIM:
            raise self.error(f"{kind_of(numbers)} as {what}; expected a tuple of up to {MAX_NDIM}")
        for number in numbers:
            if type(number) is not int or number < 0:
                raise self.error(f"{kind_of(number)} in the {what}; expected whole numbers from 0")

    def array(self, shape: Any, kind: Any, data: Any, *, fortran: bool = False) -> Array:
        """An array with a copy of the bytes of `data`, after every check on its size."""
        self.check_whole(shape, "shape")
        if not isinstance(kind, _Type) or kind.dtype is None:
            raise self.error(f"{kind_of(kind)} instead of a dtype with its byte order")
        if not isinstance(data, _Span) or data.kind == TEXT:
            raise self.error(f"{kind_of(data)} instead of an array's bytes")
        dtype, length = kind.dtype, data.stop - data.start
        # max(side, 1): a 0 among the sides must not hide others too large for NumPy
        if math.prod(max(side, 1) for side in shape) * dtype.itemsize > sys.maxsize:
            raise self.error("a shape that no array can have")
        size = math.prod(shape) * dtype.itemsize
        # Measuring Latin-1 text takes time; the sum of all sizes bounds how often it is done.
        self.allocated += size
        if self.allocated > len(self.data):
            raise self.error("the arrays up to here take more bytes than the file has")
        measured = data.kind == LATIN1 and size <= length <= 2 * size
        found = sum(map(len, self.pieces(data))) if measured else length
        if found != size:
            raise self.error(f"{found} bytes for shape {shape} of {dtype.name}, which takes {size}")
        memory = np.empty(size, np.uint8)
        start = 0
        for piece in self.pieces(data):
            memory[start : start + len(piece)] = np.frombuffer(piece, np.uint8)
            start += len(piece)
        if dtype.kind == "b" and memory.max(initial=0) > 1:
            raise self.error("a truth value that is neither 0 nor 1")
        values = memory.view(dtype)
        if not dtype.isnative:
            values = values.byteswap(inplace=True).view(dtype.newbyteorder("="))
        return values.reshape(shape, order="F" if fortran else "C")


def short(text: str) -> str:
    """Text from a file as an error may show it: on one line, no control characters, not long."""
    return ascii(text[:80])[1:-1] + ("..." if len(text) > 80 else "")


def kind_of(value: Any) -> str:
    """What a value is; never its content, which may be endless."""
    if isinstance(value, _Span):
        return "text" if value.kind == TEXT else "bytes"
    if isinstance(value, ArrayInPickle):
        return "an array" if value.values is not None else "an array without values"
    if isinstance(value, (list, tuple, dict)):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, _Name):
        return f"the name {value.name}"
    return "a dtype" if isinstance(value, _Type) else repr(value)  # None, a truth value, a number
