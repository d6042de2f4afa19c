"""Files from strangers: millions of damaged, forged and grown-together ones for every reader.

Each input begins as a good file and is changed in the terms of its own format: a header's sizes, a
pickle's opcodes, a picture's chunks with right checksums, a model file with a right seal. Every
reader works in a process of its own, which notes any exception but the documented ones, what takes
long, what else is opened, and how much memory was ever held. (Of zip files, only Excel's are
opened.)
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from reliability.finding import Finding
from reliability.network_readers import Pictures, Words
from reliability.page_readers import PlayBodies, PlayRequests, PlaySettings
from reliability.readers import (
    LARGEST,
    CheckpointFile,
    Gz,
    Idx,
    Model,
    Pickle,
    Png,
    Random,
    Reader,
    flipped,
)
from reliability.table_readers import Csv, Excel, Json, Parquet

__all__ = ["LARGEST", "READERS", "TITLE", "attack", "flipped", "measure"]
TITLE = "Hostile files"
READERS: tuple[type[Reader], ...] = (
    Idx, Gz, Pickle, Model, Pictures, Words, CheckpointFile, Png, Csv, Parquet, Json, Excel,
    PlaySettings, PlayRequests, PlayBodies,
)  # fmt: skip
SECONDS = 20  # of a core that an input may take


class Hang(BaseException):
    """An input takes longer than that; no reader's `except` is meant for it."""


def measure(full: bool, readers: Sequence[type[Reader]] = READERS) -> list[Finding]:
    """Every reader; the full form has 42 million inputs, `guided` 5.7 million more."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2
    findings, work = {}, []
    for kind in readers:
        findings[kind] = Finding(
            f"{kind.name}: nothing but the documented errors, no other file opened, memory below "
            f"twice the file and {kind.allowance >> 20} MiB, at most {SECONDS} seconds of a core."
        )
        inputs = kind.inputs if full else kind.short
        each = min(250_000, max(kind.inputs // 4, 1)) if full else kind.short
        work += [(kind, n, min(each, inputs - n)) for n in range(0, inputs, each)]
    with ProcessPoolExecutor(cores, get_context("spawn"), max_tasks_per_child=1) as pool:
        futures = {pool.submit(attack, *item): item[0] for item in work}
        for future in as_completed(futures):
            finding, (tried, refused, memory, broken) = findings[futures[future]], future.result()
            finding.count("inputs", tried)
            finding.count("refused", refused)
            most = max(finding.tried.get("MiB at most", 0), round(memory / (1 << 20), 1))
            finding.tried["MiB at most"] = most
            for how in broken:
                finding.breaks(how)
    return list(findings.values())


def attack(kind: type[Reader], seed: int, inputs: int) -> tuple[int, int, int, list[str]]:
    """So many inputs: how many were tried and refused, the memory they took, what broke."""
    place = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=place) as name:
        folder = Path(name)
        reader, path, chance = (
            kind(folder),
            folder / f"input{kind.ending}",
            Random(f"{kind.name} {seed}"),
        )
        broken: list[str] = []
        refused = 0
        for content in reader.good[:2]:
            path.write_bytes(content)
            _quietly(reader.read, path)
        opened = _watch(path)
        before = _peak()
        for number in range(inputs):
            content = reader.change(chance.choice(reader.good), chance)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.write(handle, content)
            os.close(handle)
            opened.clear()
            try:
                with _in_time():
                    reader.read(path)
            except reader.errors:
                refused += 1
            except BaseException as error:
                broken.append(f"{kind.name} {seed}+{number}: {error!r} at {content[:200].hex()}")
            broken += [f"{kind.name} {seed}+{number}: opened {other}" for other in opened]
        memory = _peak() - before
        if memory > 2 * LARGEST + reader.allowance:
            broken.append(f"{kind.name} {seed}: {memory} bytes of memory")
        opened.append("")  # the watch is over
        return inputs, refused, memory, broken[:20]


@contextlib.contextmanager
def _in_time() -> Iterator[None]:
    """Raise a `Hang` within, where it takes too long."""
    if not hasattr(signal, "setitimer"):  # as on Windows
        yield
        return
    signal.signal(signal.SIGPROF, _hang)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)  # not by the clock: the machine may be busy
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _hang(*_: object) -> None:
    raise Hang(f"more than {SECONDS} seconds of a core")


def _peak() -> int:
    """The most memory that this process has had, in bytes."""
    if sys.platform == "linux":  # getrusage would count what the parent had, too
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return 1024 * int(status.partition("VmHWM:")[2].split()[0])
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _quietly(read: Callable[[Path], object], path: Path) -> None:
    with contextlib.suppress(Exception):  # so that all is imported before the watch begins
        read(path)


def _watch(path: Path) -> list[str]:
    """Notes everything else that is opened, run or connected to from now on, in this process."""
    seen: list[str] = []
    text = str(path)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and str(arguments[0]) != text and not isinstance(arguments[0], int):
            if not str(arguments[0]).endswith((".py", ".pyc", ".so")):
                seen.append(f"open {arguments[0]}")
        elif event in ("os.system", "subprocess.Popen", "socket.connect", "os.exec", "os.remove"):
            seen.append(event)

    sys.addaudithook(hook)
    return seen
