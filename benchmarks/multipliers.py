"""Who multiplies matrices, each called from a compiled loop: nothing of Python is in its time.

The libraries' functions are taken by their addresses, as the engine's are; `PEAK` is none of them
but a loop of sums that depend on nothing.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from benchmarks.products import Loop, Product
from hyalite.engines.compiled.kernels.vectors import VECTOR_BYTES, VectorWriter
from hyalite.engines.compiled.machine_code.choice import addresses

INT = ctypes.c_int64
CHAIN = 12  # sums: enough to hide that each takes 4 or 5 cycles, few enough for 16 registers
ROW_MAJOR, PLAIN, TRANSPOSED = 101, 111, 112  # of CBLAS


def ours(product: Product, dtype: str, threads: int) -> Loop:
    """The engine's; on several threads each has its part of the rows of c."""
    kinds = [INT] * 27
    address = addresses(["product"], np.dtype(dtype))["product"]
    function = ctypes.CFUNCTYPE(ctypes.c_int32, *kinds)(address)
    a, b, c = product.arrays(dtype)
    left = a.T if product.form == "aᵀ·b" else a
    size, turned, nowhere = c.itemsize, int(product.form == "a·bᵀ"), np.zeros(1)
    place, right, columns = nowhere.ctypes.data, b.ctypes.data, product.columns
    (height, width), (row, inner) = b.shape, left.strides

    @njit(nogil=True)
    def repeat(count: int, x: int, z: int, rows: int) -> None:
        for _ in range(count):
            function(
                place, place, x, row, inner,
                0, 0, height * width, size, right, height, width, width * size, size, turned,
                0, 0, rows * columns, size, z, rows, columns, columns * size, size,
                0, columns, 0,
            )  # fmt: skip

    def part(number: int) -> tuple[int, int, int]:
        edges = [product.rows * i // threads for i in (number, number + 1)]
        first = edges[0]
        z = c.ctypes.data + first * columns * size
        return left.ctypes.data + first * row, z, edges[1] - first

    def loop(count: int, keep: tuple[Any, ...] = (a, b, c, nowhere)) -> None:
        others = [
            threading.Thread(target=repeat, args=(count, *part(number)))
            for number in range(1, threads)
        ]
        for other in others:
            other.start()
        repeat(count, *part(0))
        for other in others:
            other.join()

    return loop


def openblas(product: Product, dtype: str, threads: int) -> Loop | None:
    """NumPy's, if it is OpenBLAS as NumPy's wheels have it."""
    from threadpoolctl import ThreadpoolController

    letter, real = ("s", ctypes.c_float) if dtype == "float32" else ("d", ctypes.c_double)
    found = ThreadpoolController().select(internal_api="openblas").lib_controllers
    for library in found:
        function = getattr(library.dynlib, f"scipy_cblas_{letter}gemm64_", None)
        if function is not None:
            library.set_num_threads(threads)
            break
    else:
        return None
    function.restype = None
    function.argtypes = [*[INT] * 6, real, INT, INT, INT, INT, real, INT, INT]
    a, b, c = product.arrays(dtype)
    left, right = (TRANSPOSED if product.form == form else PLAIN for form in ("aᵀ·b", "a·bᵀ"))
    x, y, z = (array.ctypes.data for array in (a, b, c))
    rows, inner, columns = product[1:]
    of_a, of_b = a.shape[1], b.shape[1]

    @njit(nogil=True)
    def repeat(count: int) -> None:
        for _ in range(count):
            function(
                ROW_MAJOR, left, right, rows, columns, inner, 1.0, x, of_a, y, of_b, 0.0, z, columns
            )

    def loop(count: int, keep: tuple[Any, ...] = (a, b, c)) -> None:
        repeat(count)

    return loop


def mkl(product: Product, dtype: str, threads: int) -> Loop | None:
    """Intel's, if PyTorch is installed and has it."""
    if find_spec("torch") is None:
        return None
    import torch

    letter, real = ("s", np.float32) if dtype == "float32" else ("d", np.float64)
    folder = Path(torch.__file__).parent / "lib"
    name = next(iter([*folder.glob("libtorch_cpu.*"), *folder.glob("torch_cpu.dll")]), None)
    if not torch.backends.mkl.is_available() or name is None:
        return None
    function = getattr(ctypes.CDLL(str(name)), f"{letter}gemm_", None)
    if function is None:
        return None
    torch.set_num_threads(threads)
    function.restype, function.argtypes = None, [INT] * 13
    a, b, c = product.arrays(dtype)
    # Fortran's columns are C's rows: it computes cᵀ = bᵀ·aᵀ, with everything by address
    letters = np.array(
        [ord("T" if product.form == form else "N") for form in ("a·bᵀ", "aᵀ·b")], "u1"
    )
    sizes = np.array(
        [product.columns, product.rows, product.inner, b.shape[1], a.shape[1], product.columns],
        np.int32,
    )
    factors = np.array([1, 0], real)
    of_b, of_a = (letters.ctypes.data + i for i in range(2))
    n, m, k, ldb, lda, ldc = (sizes.ctypes.data + 4 * i for i in range(6))
    one, nothing = (factors.ctypes.data + i * factors.itemsize for i in range(2))
    x, y, z = (array.ctypes.data for array in (a, b, c))

    @njit(nogil=True)
    def repeat(count: int) -> None:
        for _ in range(count):
            function(of_b, of_a, n, m, k, one, y, ldb, x, lda, nothing, z, ldc)

    def loop(count: int, keep: tuple[Any, ...] = (a, b, c, letters, sizes, factors)) -> None:
        repeat(count)

    return loop


MULTIPLIERS: dict[str, Callable[[Product, str, int], Loop | None]] = {
    "Hyalite": ours,
    "OpenBLAS": openblas,
    "MKL": mkl,
}


@intrinsic
def _fused_sums(_: types.Type, zero: types.Type, count: types.Type) -> Any:
    """CHAIN vectors of sums that depend on nothing but themselves; gives one of their entries."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> ir.Value:
        write = VectorWriter(builder, values[0].type)
        sums = [cgutils.alloca_once_value(builder, write.spread(values[0])) for _ in range(CHAIN)]
        with cgutils.for_range(builder, values[1]):
            factor = write.spread(values[0])
            for total in sums:
                builder.store(write.fma(builder.load(total), factor, factor), total)
        result = write.zero
        for total in sums:
            result = builder.fadd(result, builder.load(total))
        return builder.extract_element(result, ir.Constant(ir.IntType(32), 0))

    return zero(zero, types.int64), generate


def peak(dtype: str) -> tuple[Loop, int]:
    """A loop of fused sums, and the operations of one turn of it."""
    zero = np.dtype(dtype).type(0)

    @njit(nogil=True)
    def repeat(count: int, start: Any) -> Any:
        return _fused_sums(start, count)

    def loop(count: int) -> None:
        repeat(count, zero)

    return loop, 2 * CHAIN * VECTOR_BYTES // zero.itemsize
