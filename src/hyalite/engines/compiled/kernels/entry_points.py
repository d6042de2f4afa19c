"""The functions that Python calls: compiled once for each dtype, and kept on disk.

Numba compiles anew when the file of such a function changes, but not when one does that it calls.
So a fingerprint of all these files is a constant of the function, which Numba does compare.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit, typeof

from hyalite.engines.compiled.kernels.inference import infer as infer_blocks
from hyalite.engines.compiled.kernels.inference import predict_few as predict_rows
from hyalite.engines.compiled.kernels.intrinsics import (
    FLUSH_DENORMALS,
    add_float_control,
    set_float_control,
)
from hyalite.engines.compiled.kernels.training import train_steps
from hyalite.engines.compiled.structs import (
    BatchPartition,
    InferenceMemory,
    Matrix,
    Memory,
    OptimizerStep,
    Program,
    Source,
    StepRange,
    Vector,
)
from hyalite.messages import say

EntryPoint = Callable[..., Any]


def _fingerprint() -> int:
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(path.read_bytes())
    return int.from_bytes(digest.digest()[:8], "little")


def _cached(function: EntryPoint) -> Any:
    try:
        return njit(nogil=True, cache=True)(function)
    except RuntimeError:  # there is nowhere to write
        return njit(nogil=True)(function)


def _entry_points(fingerprint: int) -> tuple[EntryPoint, EntryPoint, EntryPoint]:
    def train(
        thread: int, threads: int, gate: Vector, control: Vector, program: Program,
        partition: BatchPartition, memory: Memory, source: Source, step: OptimizerStep,
        steps: StepRange,
    ) -> None:  # fmt: skip
        """See `training.train_steps`."""
        fingerprint  # noqa: B018
        before = add_float_control(FLUSH_DENORMALS)
        train_steps(
            thread, threads, gate, control, program, partition, memory, source, step, steps
        )  # fmt: skip
        set_float_control(before)

    def infer(
        thread: int, threads: int, control: Vector, program: Program, partition: BatchPartition,
        memory: InferenceMemory, source: Source, measure: bool,
    ) -> None:  # fmt: skip
        """See `inference.infer`."""
        fingerprint  # noqa: B018
        before = add_float_control(FLUSH_DENORMALS)
        infer_blocks(thread, threads, control, program, partition, memory, source, measure)
        set_float_control(before)

    def predict_few(packed: Vector, x: Matrix, y: Matrix) -> bool:
        """See `inference.predict_few`."""
        fingerprint  # noqa: B018
        return predict_rows(packed, x, y)

    return train, infer, predict_few


train, infer, predict_few = _entry_points(_fingerprint())
_lock = threading.Lock()
_ready: dict[tuple[EntryPoint, np.dtype[Any]], EntryPoint] = {}
SILENT_SECONDS = 5.0  # longer than to load what was compiled before, on a busy machine, too


def prepare(entry: EntryPoint, dtype: np.dtype[Any], arguments: tuple[Any, ...]) -> EntryPoint:
    """`entry`, compiled for a model's dtype or loaded from disk.

    Where it takes long, a message says why, and another how long it took.

    Args:
        entry: one of those above.
        dtype: of the model; the kinds of all arguments follow from it.
        arguments: such as those it will be called with.
    """
    with _lock:
        if (entry, dtype) not in _ready:
            kinds = tuple(typeof(argument) for argument in arguments)
            _ready[entry, dtype] = _compile(entry, kinds)
        return _ready[entry, dtype]


def _compile(entry: EntryPoint, kinds: tuple[Any, ...]) -> EntryPoint:
    text = "compiling the fast engine, once for this machine and dtype ..."
    notice = threading.Timer(SILENT_SECONDS, say, (text,))
    notice.daemon = True
    began = time.perf_counter()
    notice.start()
    try:
        compiled = _cached(entry)
        compiled.compile(kinds)
    finally:
        notice.cancel()
    seconds = time.perf_counter() - began
    if seconds > SILENT_SECONDS:
        say(f"compiled in {seconds:.0f} s")
    return compiled
