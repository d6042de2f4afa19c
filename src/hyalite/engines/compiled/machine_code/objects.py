"""Machine code that is compiled here: by Numba, in processes of its own, once, and kept on disk.

A kernel's object lies in a folder whose name says what it was made of: the kernels' sources, the
compilers' releases, the processor and the dtype. Where nothing of that has changed it is loaded
by LLVM alone, and Numba is not imported.
"""

from __future__ import annotations

import hashlib
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

import llvmlite.binding as llvm

from hyalite.engines.compiled.machine_code.sources import digest_of_sources, symbol_of
from hyalite.engines.threads import get_num_threads
from hyalite.messages import say

VARIABLE = "HYALITE_CACHE_DIR"
SILENT_SECONDS = 5.0  # longer than to load what was compiled before, on a busy machine, too
# The ones that take longest first, so that no process is left with one at the end.
FIRST = (
    "train",
    "categorical_loss",
    "product",
    "dense_backward",
    "activation_forward",
    "infer",
    "dense_forward",
)
_lock = threading.Lock()


@cache
def fingerprint() -> str:
    """Of all that decides what the objects are."""
    digest = hashlib.sha256(digest_of_sources().encode())
    features = sorted(llvm.get_host_cpu_features().items())
    about = (version("numba"), version("llvmlite"), llvm.get_host_cpu_name(), features)
    chosen = [os.environ.get(f"NUMBA_{name}") for name in ("CPU_NAME", "CPU_FEATURES", "OPT")]
    digest.update(repr((about, chosen)).encode())
    return digest.hexdigest()[:16]


@cache
def cache_folder() -> Path:
    """Where objects are kept: as the environment says, beside the sources, else the user's cache,
    else for this process alone.
    """
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "hyalite")
    chosen = os.environ.get(VARIABLE)
    for folder in [Path(chosen)] if chosen else [Path(__file__).parent / "__pycache__", user]:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return Path(tempfile.mkdtemp(prefix="hyalite-"))


class Objects:
    """The kernels of a dtype, as objects on disk.

    Args:
        dtype: "float32" or "float64".
    """

    name = "compiled here by Numba"

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype
        self.folder = cache_folder() / f"{fingerprint()}-{dtype}"
        self._addresses: dict[str, int] = {}

    def addresses(self, names: Sequence[str]) -> dict[str, int]:
        """Where these kernels lie in memory; what was never compiled is, and says so if it takes
        long.

        Raises:
            RuntimeError: they cannot be compiled; the text has the compiler's last lines.
        """
        with _lock:
            wanted = [name for name in names if name not in self._addresses]
            missing = [name for name in wanted if not self._path(name).is_file()]
            if missing:
                self._compile(missing)
            for name in wanted:
                self._addresses[name] = self._load(name)
        return {name: self._addresses[name] for name in names}

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.o"

    def _load(self, name: str) -> int:
        engine = _execution_engine()
        engine.add_object_file(llvm.ObjectFileRef.from_data(self._path(name).read_bytes()))
        engine.finalize_object()
        return int(engine.get_function_address(symbol_of(name, self.dtype)))

    def _compile(self, names: Sequence[str]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        text = "compiling the fast engine, once for this machine and dtype ..."
        notice = threading.Timer(SILENT_SECONDS, say, (text,))
        notice.daemon = True
        began = time.perf_counter()
        notice.start()
        try:
            _compile_side_by_side(self.folder, self.dtype, names)
        finally:
            notice.cancel()
        seconds = time.perf_counter() - began
        if seconds > SILENT_SECONDS:
            say(f"compiled in {seconds:.0f} s")


@cache
def _execution_engine() -> llvm.ExecutionEngine:
    """LLVM's loader; it finds what the code needs of the C library in this process."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(codemodel="large")
    return llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)


def _compile_side_by_side(folder: Path, dtype: str, names: Sequence[str]) -> None:
    """Compile in as many processes as there are cores for it."""
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for name in sorted(names, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST)):
        waiting.put(name)
    words: list[str] = []  # that the processes have for errors

    def work() -> None:
        command = [sys.executable, "-m", "hyalite.engines.compiled.machine_code.compiler"]
        with tempfile.TemporaryFile("w+") as errors, subprocess.Popen(
            [*command, str(folder), dtype], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=errors, text=True, env=_environment(),
        ) as process:  # fmt: skip
            assert process.stdin is not None
            assert process.stdout is not None
            # it may end at any time: then what it was asked for is not there, which is seen below
            with suppress(queue.Empty, BrokenPipeError):
                while True:
                    name = waiting.get_nowait()
                    process.stdin.write(f"{name}\n")
                    process.stdin.flush()
                    if process.stdout.readline().strip() != name:
                        break
            process.communicate()
            errors.seek(0)
            words.append(errors.read())

    count = min(get_num_threads(), len(names))
    workers = [threading.Thread(target=work) for _ in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    lacking = [name for name in names if not (folder / f"{name}.o").is_file()]
    if lacking:
        text = "\n".join(filter(None, words))[-2000:]
        raise RuntimeError(f"the engine could not be compiled:\n{', '.join(lacking)}: {text}")


def _environment() -> dict[str, str]:
    """That of this process, so that the other finds the same modules."""
    paths = [str(Path(__file__).parents[4]), *sys.path]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
