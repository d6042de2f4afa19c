"""Products of many sizes and what they come to, as a program: ``python -m … float32 float64``.

Every matrix ends where its memory ends: who reads or writes behind it gets no further.
"""

from __future__ import annotations

import ctypes
import hashlib
import mmap
import sys
from collections.abc import Iterator

import numpy as np

from hyalite.engines.compiled.machine_code.entry_points import matrix_product

# rows, inner, columns: every height and width of a tile; k cut in stretches; what is copied or
# transposed first
SHAPES = (
    *((rows, 9, 2 * rows + 1) for rows in range(1, 19)),
    *((5, 3, columns) for columns in range(1, 101)),
    (3, 0, 5), (4, 1, 20), (20, 256, 20), (20, 257, 20), (7, 700, 33),
    (130, 260, 1030), (1100, 6, 130), (70, 5, 900), (530, 30, 140),
    (16, 300, 48), (24, 100, 56), (32, 128, 80),
)  # fmt: skip
FORMS = ("a·b", "aᵀ·b", "a·bᵀ")


def at_the_end(matrix: np.ndarray) -> np.ndarray:
    """A copy behind which there is no memory."""
    page = mmap.PAGESIZE
    size = -(-matrix.nbytes // page) * page
    memory = mmap.mmap(-1, size + page)
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    if sys.platform != "win32":
        libc = ctypes.CDLL(None, use_errno=True)
        protect = libc.mprotect(ctypes.c_void_p(start + size), ctypes.c_size_t(page), 0)
        assert protect == 0
    copy = np.frombuffer(memory, matrix.dtype, matrix.size, size - matrix.nbytes)
    copy = copy.reshape(matrix.shape)
    copy[...] = matrix
    return copy


def operands(
    rows: int, inner: int, columns: int, form: str, dtype: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """a and b, one of them perhaps a transposed view, and what c is before."""
    rng = np.random.default_rng((rows, inner, columns))
    a, b, c = (
        rng.standard_normal(shape).astype(dtype)
        for shape in ((rows, inner), (inner, columns), (rows, columns))
    )
    left = at_the_end(a.T).T if form == "aᵀ·b" else at_the_end(a)
    right = at_the_end(b.T).T if form == "a·bᵀ" else at_the_end(b)
    return left, right, at_the_end(c)


def results(dtype: str) -> Iterator[np.ndarray]:
    """The products, each fresh and added to what was there."""
    multiply = matrix_product(np.dtype(dtype))
    for shape in SHAPES:
        for form in FORMS:
            a, b, c = operands(*shape, form, dtype)
            multiply(a, b, c, True)
            yield c
            multiply(a, b, c)
            yield c


def digest(dtype: str) -> str:
    """Of all their bytes."""
    found = hashlib.sha256()
    for result in results(dtype):
        found.update(result.tobytes())
    return found.hexdigest()


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(digest(name))
