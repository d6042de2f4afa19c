"""Coverage-guided fuzzing by atheris: inputs that reach lines not met before are changed further.

``python -m reliability.guided READER RUNS`` is one reader's process; it ends with another code
than 0 at the first exception that is not documented.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from reliability.finding import Finding

TITLE = "Hostile files, guided by what they reach"
RUNS = {"IDX": 2_000_000, "gzip": 400_000, "pickle": 2_000_000, "model file": 200_000,
        "model file of pictures": 100_000, "layers in words": 400_000, "CSV": 400_000,
        "JSON": 200_000}  # fmt: skip
SHORT = 2000
LIMIT = 128  # MiB of memory at once


def measure(full: bool) -> list[Finding]:
    """Each reader that is Python from end to end."""
    return [_reader(name, runs if full else SHORT) for name, runs in RUNS.items()]


def _reader(name: str, runs: int) -> Finding:
    finding = Finding(f"{name}: nothing but the documented errors, wherever an input leads.")
    if find_spec("atheris") is None:
        finding.notes.append("left out: `pip install atheris` (it is made for Linux and macOS)")
        return finding
    run = subprocess.run(
        [sys.executable, "-m", "reliability.guided", name, str(runs)],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        cwd=Path(__file__).parents[1],
    )
    done = re.search(r"Done (\d+) runs", run.stderr)
    reached = re.findall(r"cov: (\d+)", run.stderr)
    finding.count("inputs", int(done[1]) if done else 0)
    finding.count("branches reached", int(reached[-1]) if reached else 0)
    finding.check(run.returncode == 0 and done is not None, run.stderr[-2000:])
    return finding


def main() -> None:
    """Fuzz one reader."""
    atheris = importlib.import_module("atheris")
    name, runs = sys.argv[1], int(sys.argv[2])
    place = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=place) as folder:
        with atheris.instrument_imports(include=["hyalite"]):
            from reliability import hostile

            (kind,) = (kind for kind in hostile.READERS if kind.name == name)
            reader, path = kind(Path(folder)), Path(folder) / f"input{kind.ending}"
            path.write_bytes(reader.good[0])
            reader.read(path)  # what is imported only when it is used is instrumented, too
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for number, content in enumerate(reader.good):
            if len(content) <= hostile.LARGEST:
                (corpus / str(number)).write_bytes(content)

        def one(content: bytes) -> None:
            path.write_bytes(content)
            with contextlib.suppress(*reader.errors):
                reader.read(path)

        atheris.Setup(
            [
                sys.argv[0],
                f"-runs={runs}",
                f"-max_len={hostile.LARGEST}",
                "-rss_limit_mb=0",  # it would count what the parent process had
                f"-malloc_limit_mb={LIMIT}",
                f"-timeout={10 * hostile.SECONDS}",  # by the clock, on a busy machine
                f"-artifact_prefix={tempfile.gettempdir()}/",
                "-print_final_stats=1",
                str(corpus),
            ],
            one,
            custom_mutator=_mutator(reader.change, reader.good, hostile.flipped),
        )
        atheris.Fuzz()


def _mutator(
    change: Callable[[bytes, random.Random], bytes],
    good: list[bytes],
    blindly: Callable[[bytes, random.Random], bytes],
) -> Callable[[bytes, int, int], bytes]:
    """Half of the changes are blind, half know the format."""

    def custom(content: bytes, largest: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < 0.5:
            return blindly(content, chance)[:largest]
        try:
            return change(content, chance)[:largest]
        except Exception:  # it has no such format any more
            return change(chance.choice(good), chance)[:largest]

    return custom


if __name__ == "__main__":
    main()
