"""One vector for all parameters: where each one lies in it, and the views that layers hold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Shape: TypeAlias = tuple[int, ...]

DTYPES = ("float32", "float64")
MOST_NUMBERS = 1 << 48  # of a sample, anywhere in a network; no memory holds so many


LINE = 64  # bytes of a line of the processor's caches


def empty(shape: Shape, dtype: Any) -> Array:
    """An array with undefined content, the first number of which begins a line of the caches.

    NumPy's begin 16 bytes behind one, so that every vector of 64 bytes lies in two.
    """
    size = math.prod(shape) * np.dtype(dtype).itemsize
    memory = np.empty(size + LINE, np.uint8)
    start = -memory.ctypes.data % LINE
    return memory[start : start + size].view(dtype).reshape(shape)


def zeros(shape: Shape, dtype: Any) -> Array:
    """The same with zeros."""
    array = empty(shape, dtype)
    array.fill(0)
    return array


def whole_lines(count: int) -> int:
    """`count` numbers and up to 15 more, so that what lies behind them begins a line, too."""
    return -(-count // (LINE // 4)) * (LINE // 4)


def check_size(shape: Shape, what: str) -> None:
    """Raise a ValueError where samples of this shape cannot exist.

    A file may declare any; with what is left, numbers of 64 bits say where everything lies.
    """
    if math.prod(shape) > MOST_NUMBERS:
        raise ValueError(f"{what} would have more numbers than any memory holds, got shape {shape}")


class Slot(NamedTuple):
    """The place of one named array in a vector."""

    name: str
    offset: int
    shape: Shape

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


class Layout:
    """A frozen table: name -> offset and shape, one array after the other."""

    def __init__(self, shapes: Mapping[str, Shape]) -> None:
        slots, offset = [], 0
        for name, shape in shapes.items():
            slots.append(Slot(name, offset, shape))
            offset += math.prod(shape)
        self.slots = tuple(slots)
        self.size = offset

    def views(self, vector: Array) -> dict[str, Array]:
        """Reshaped views of `vector` (size,), by name."""
        return {
            slot.name: vector[slot.offset : slot.offset + slot.size].reshape(slot.shape)
            for slot in self.slots
        }

    def name_of(self, index: int) -> str:
        """The name of entry `index` of the vector, such as ``dense_1.W[3, 0]``."""
        for slot in self.slots:
            if slot.offset <= index < slot.offset + slot.size:
                place = np.unravel_index(index - slot.offset, slot.shape)
                return f"{slot.name}[{', '.join(str(i) for i in place)}]"
        raise IndexError(f"entry {index} of a vector of {self.size}")


class Parameters:
    """The numbers of a model: trainable `theta`, its gradient `grad`, untrained `state`.

    `theta` and `grad` are (size,) and share one layout; `state` holds what training updates
    without a gradient (running statistics). The three vectors live as long as the model and are
    only ever written in place.
    """

    def __init__(
        self, shapes: Mapping[str, Shape], state_shapes: Mapping[str, Shape], dtype: Any
    ) -> None:
        self.layout = Layout(shapes)
        self.state_layout = Layout(state_shapes)
        self.theta = zeros((self.layout.size,), dtype)
        self.grad = zeros((self.layout.size,), dtype)
        self.state = zeros((self.state_layout.size,), dtype)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take unpickled vectors, writable."""
        self.__dict__.update(state)
        for name in ("theta", "grad", "state"):
            setattr(self, name, writable(state[name]))

    def views(self) -> tuple[dict[str, Array], dict[str, Array], dict[str, Array]]:
        """Views of parameters, gradients and states, each by name."""
        return (
            self.layout.views(self.theta),
            self.layout.views(self.grad),
            self.state_layout.views(self.state),
        )

    def backup(self) -> Backup:
        """Copies of the trained numbers and of the running statistics."""
        return Backup(self.theta.copy(), self.state.copy())

    def restore(self, backup: Backup) -> None:
        """Write them back, in place."""
        self.theta[...], self.state[...] = backup

    def named(self) -> dict[str, Array]:
        """Views of all parameters and states, by name."""
        return self.layout.views(self.theta) | self.state_layout.views(self.state)


class Backup(NamedTuple):
    """Copies of the numbers of a model, as `Parameters.backup` makes them."""

    theta: Array
    state: Array


def writable(vector: Array) -> Array:
    """`vector`, or a copy where it came from pickle read-only or mapped from joblib's file."""
    if vector.flags.writeable and not isinstance(vector, np.memmap):
        return vector
    return np.array(vector)


class Scratch:
    """Memory that a layer inside a model uses again at every step."""

    def __init__(self) -> None:
        self._arrays: dict[str, Array] = {}

    def take(self, name: str, shape: Shape, dtype: Any) -> Array:
        """An array with undefined content; the same memory for the same name."""
        array = self._arrays.get(name)
        if (
            array is None
            or array.shape[0] < shape[0]
            or array.shape[1:] != shape[1:]
            or array.dtype != dtype
        ):
            array = self._arrays[name] = empty(shape, dtype)
        return array[: shape[0]]
