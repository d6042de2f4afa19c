"""Machine code that is compiled here: by Numba, in processes of its own, once, and kept on disk.

A kernel's object lies in a folder whose name says what it was made of: the kernels' sources, the
compilers' releases, the processor and the dtype. Where nothing of that has changed it is loaded
by LLVM alone, and Numba is not imported. Folders that were not used for long go when a new one is
written.
"""

from __future__ import annotations

import hashlib
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

import llvmlite.binding as llvm

from hyalite.engines.compiled.machine_code.progress import compiling
from hyalite.engines.compiled.machine_code.sources import digest_of_sources, symbol_of
from hyalite.engines.threads import get_num_threads
from hyalite.messages import say

VARIABLE = "HYALITE_CACHE_DIR"
FOLDER = re.compile(r"[0-9a-f]{16}-float(32|64)(\.unused)?")  # the latter is being removed
UNUSED_DAYS = 30  # after which the objects of another version are removed
TURN_SECONDS = 0.02  # between two looks at what another process compiles
SILENT_SECONDS = 5.0  # longer than to load what was compiled before, on a busy machine, too
# Kernels that share much of their code, beside an operation's two, are compiled by one process.
FAMILIES = {
    "slice_forward": "dense",
    "tile_gradient": "dense",
    "shared_product": "dense",
    "help_infer": "infer",
    "predict_few": "infer",
    "join_sums": "batch_normalization",
    "follow_moments": "batch_normalization",
}
# The ones that take longest first, so that no process is left with one at the end.
FIRST = (
    "train",
    "convolution",
    "dense",
    "batch_normalization",
    "product",
    "categorical_loss",
    "infer",
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
            if wanted:
                with suppress(OSError):  # none there yet, or no right to change it
                    os.utime(self.folder)  # it is in use: see `remove_unused`
            there = self._read(wanted)
            missing = [name for name in wanted if name not in there]
            if missing:
                self._compile(missing)
                there |= self._read(missing)
            for name in wanted:
                self._addresses[name] = self._load(name, there[name])
        return {name: self._addresses[name] for name in names}

    def _read(self, names: Sequence[str]) -> dict[str, bytes]:
        """The objects of those of the kernels that were compiled before."""
        found = {}
        for name in names:
            with suppress(FileNotFoundError):
                found[name] = _object(self.folder, name).read_bytes()
        return found

    def _load(self, name: str, content: bytes) -> int:
        engine = _execution_engine()
        engine.add_object_file(llvm.ObjectFileRef.from_data(content))
        engine.finalize_object()
        return int(engine.get_function_address(symbol_of(name, self.dtype)))

    def _compile(self, names: Sequence[str]) -> None:
        new = not self.folder.exists()
        self.folder.mkdir(parents=True, exist_ok=True)
        text = "compiling the fast engine, once for this machine and dtype ..."
        notice = threading.Timer(SILENT_SECONDS, say, (text,))
        notice.daemon = True
        began = time.perf_counter()
        notice.start()
        compiling.set()
        try:
            _compile_side_by_side(self.folder, self.dtype, names)
        finally:
            compiling.clear()
            notice.cancel()
        seconds = time.perf_counter() - began
        if seconds > SILENT_SECONDS:
            say(f"compiled in {seconds:.0f} s")
        if new:
            remove_unused(self.folder.parent, fingerprint())


def remove_unused(cache: Path, version: str) -> None:
    """Remove folders of objects that no process has loaded from for UNUSED_DAYS.

    Other processes may use the cache meanwhile, or do the same: a folder is moved aside in one step
    before anything in it is removed, and who then looks for it compiles anew.

    Args:
        cache: where the folders are; nothing else there is touched.
        version: a fingerprint, whose folders stay.
    """
    with suppress(OSError):
        for path in list(cache.iterdir()):
            if FOLDER.fullmatch(path.name) and not path.name.startswith(version):
                with suppress(OSError):  # it may be gone, or in another process's hands
                    _remove(path)


def _remove(path: Path) -> None:
    age = time.time() - path.stat().st_mtime
    if path.is_dir() and not path.is_symlink() and age > UNUSED_DAYS * 24 * 3600:
        aside = path.with_suffix(".unused")  # itself, where a process was killed while it did this
        path.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)


@cache
def _execution_engine() -> llvm.ExecutionEngine:
    """LLVM's loader; it finds what the code needs of the C library in this process."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(codemodel="large")
    return llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)


def _compile_side_by_side(folder: Path, dtype: str, names: Sequence[str]) -> None:
    """Compile in as many processes as there are cores for it.

    What another program compiles at the same time, another rank of MPI say, is waited for.
    """
    waiting: queue.SimpleQueue[list[str]] = queue.SimpleQueue()
    families = _families(names)
    for family in families:
        waiting.put(family)
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
                done = True
                while done:
                    family = waiting.get_nowait()
                    with _claimed(folder / f"{family[0]}.lock") as mine:
                        if not mine:  # another one compiles it: the next, and later this again
                            waiting.put(family)
                            time.sleep(TURN_SECONDS)
                            continue
                        missing = [name for name in family if not _object(folder, name).is_file()]
                        process.stdin.write("".join(f"{name}\n" for name in missing))
                        process.stdin.flush()
                        done = all(process.stdout.readline().strip() == name for name in missing)
            process.communicate()
            errors.seek(0)
            words.append(errors.read())

    count = min(get_num_threads(), len(families))
    workers = [threading.Thread(target=work) for _ in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    lacking = [name for name in names if not _object(folder, name).is_file()]
    if lacking:
        text = "\n".join(filter(None, words))[-2000:]
        raise RuntimeError(f"the engine could not be compiled:\n{', '.join(lacking)}: {text}")


def _object(folder: Path, name: str) -> Path:
    return folder / f"{name}.o"


@contextmanager
def _claimed(path: Path) -> Iterator[bool]:
    """Whether it is nobody else's; with whoever is killed the lock goes, so none is left behind."""
    try:
        import fcntl
    except ImportError:  # Windows: each compiles for itself
        yield True
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        except OSError:  # a file system without locks
            yield True
            return
        try:
            yield True
        finally:  # by name, since a process that was forked meanwhile has the file, too
            fcntl.flock(file, fcntl.LOCK_UN)


def _families(names: Sequence[str]) -> list[list[str]]:
    """The kernels that one process is to compile, in the order in which they are begun."""
    families: dict[str, list[str]] = {}
    for name in names:
        own = name.removesuffix("_forward").removesuffix("_backward")
        families.setdefault(FAMILIES.get(name, own), []).append(name)
    first = [families.pop(key) for key in FIRST if key in families]
    return [*first, *families.values()]


def _environment() -> dict[str, str]:
    """That of this process, so that the other finds the same modules."""
    paths = [str(Path(__file__).parents[4]), *sys.path]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
