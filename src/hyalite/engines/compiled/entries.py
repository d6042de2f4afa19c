"""The functions that Python calls: compiled once for each dtype, and kept on disk.

Numba compiles anew when the file of such a function changes, but not when one does that it calls.
So a fingerprint of all these files is a constant of the function, which Numba does compare.
"""

from __future__ import annotations

import hashlib
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit, typeof

from hyalite.engines.compiled import inference
from hyalite.engines.compiled.atoms import FLUSH, or_control, set_control
from hyalite.engines.compiled.inference import rows
from hyalite.engines.compiled.training import steps

Entry = Callable[..., Any]


def _fingerprint() -> int:
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return int.from_bytes(digest.digest()[:8], "little")


def _kept(function: Entry) -> Any:
    try:
        return njit(nogil=True, cache=True)(function)
    except RuntimeError:  # there is nowhere to write
        return njit(nogil=True)(function)


def _entries(fingerprint: int) -> tuple[Entry, Entry, Entry]:
    def train(
        thread: int, threads: int, gate: Any, told: Any, program: Any, cut: Any, memory: Any,
        source: Any, step: Any, begin: int, stop: int, epoch_steps: int, seed: int, clock: int,
        sums: Any,
    ) -> None:  # fmt: skip
        """See `training.steps`."""
        fingerprint  # noqa: B018
        control = or_control(FLUSH)
        steps(
            thread, threads, gate, told, program, cut, memory, source, step, begin, stop,
            epoch_steps, seed, clock, sums,
        )  # fmt: skip
        set_control(control)

    def infer(
        thread: int, threads: int, told: Any, program: Any, cut: Any, theta: Any, state: Any,
        arenas: Any, source: Any, measure: bool, sums: Any,
    ) -> None:  # fmt: skip
        """See `inference.rows`."""
        fingerprint  # noqa: B018
        control = or_control(FLUSH)
        rows(
            thread, threads, told, program, cut, theta, state, arenas, source, measure, sums
        )  # fmt: skip
        set_control(control)

    def few(packed: Any, x: Any, y: Any) -> bool:
        """See `inference.few`."""
        fingerprint  # noqa: B018
        return inference.few(packed, x, y)

    return train, infer, few


train, infer, few = _entries(_fingerprint())
_lock = threading.Lock()
_ready: dict[tuple[Entry, np.dtype[Any]], Entry] = {}
PATIENCE = 5.0  # seconds; longer than to load what was compiled before, on a busy machine, too


def prepare(entry: Entry, dtype: np.dtype[Any], arguments: tuple[Any, ...]) -> Entry:
    """`entry`, compiled for a model's dtype or loaded from disk.

    Where it takes long a line on the error stream says why, and another how long it took.

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


def _compile(entry: Entry, kinds: tuple[Any, ...]) -> Entry:
    text = "hyalite: compiling the fast engine, once for this machine and dtype ..."
    notice = threading.Timer(PATIENCE, print, (text,), {"file": sys.stderr, "flush": True})
    notice.daemon = True
    began = time.perf_counter()
    notice.start()
    try:
        compiled = _kept(entry)
        compiled.compile(kinds)
    finally:
        notice.cancel()
    seconds = time.perf_counter() - began
    if seconds > PATIENCE:
        print(f"hyalite: compiled in {seconds:.0f} s", file=sys.stderr, flush=True)
    return compiled
