"""Ranks of MPI of which some are killed at random moments; other numbers of ranks go on."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from reliability.finding import Finding
from reliability.kills import EVERY, PATIENCE, engines

TITLE = "Workers that are killed"
FEW, MANY = 3, 250  # kills of each engine
RANKS, EPOCHS = 3, 12  # ranks at most
LIMIT = 10.0  # seconds until all have ended
MPIEXEC = shutil.which("mpiexec", path=str(Path(sys.executable).parent)) or shutil.which("mpiexec")


def measure(full: bool) -> list[Finding]:
    """Kill and go on; in the full form 500 times."""
    if MPIEXEC is None:
        raise FileNotFoundError("needs MPI: pip install 'hyalite[mpi]' mpich")
    return [killed(engine, MANY if full else FEW) for engine in engines()]


def killed(engine: str, kills: int) -> Finding:
    """Kill ranks until there were so many kills; compare each run that ended with that of one rank
    that nobody killed.
    """
    finding = Finding(
        f"Where a rank is killed all end within {LIMIT:g} s, and any number of ranks goes on to "
        f"the bytes of one process ({engine} engine)."
    )
    chance = random.Random(2)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        expected = _end(_start(folder / "plain", engine, 1))
        slowest = 0.0
        while finding.tried.get("kills", 0) < kills:
            run = folder / f"run-{finding.tried.get('runs', 0)}"
            while True:
                ranks = chance.randint(1, RANKS)
                process = _start(run, engine, ranks)
                pids = _ready(process, ranks)
                if len(pids) < ranks or finding.tried.get("kills", 0) == kills:
                    break
                try:
                    process.wait(chance.uniform(0.001, PATIENCE))
                    break
                except subprocess.TimeoutExpired:
                    victims = chance.sample(pids, chance.randint(1, ranks))
                    slowest = max(slowest, _kill(process, victims, pids, finding))
            found = _end(process)
            finding.count("runs")
            finding.check(found == expected, f"run {run.name}: {found}")
            if finding.tried["runs"] % 5 == 0:
                finding.say()
    finding.notes.append(f"the slowest end after a kill took {slowest:.1f} s ({engine} engine)")
    return finding


def _kill(
    process: subprocess.Popen[str], victims: list[int], pids: list[int], finding: Finding
) -> float:
    """Kill these ranks and wait for the end of all; how long that took."""
    began = time.monotonic()
    for pid in victims:
        _send(pid)
    finding.count("kills")
    try:
        process.communicate(timeout=LIMIT)
    except subprocess.TimeoutExpired:
        finding.breaks(
            f"{len(pids)} ranks had not ended {LIMIT:g} s after {len(victims)} were killed"
        )
        for pid in pids:
            _send(pid)
        process.kill()
        process.communicate()
    return time.monotonic() - began


def _send(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # where it has just ended by itself
        os.kill(pid, signal.SIGKILL)


def _start(folder: Path, engine: str, ranks: int) -> subprocess.Popen[str]:
    words = [MPIEXEC, "-n", ranks, sys.executable, "-m", "reliability.killed_run", folder, engine]
    return subprocess.Popen(
        [str(word) for word in (*words, 1, EPOCHS, EVERY, "mpi")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )


def _ready(process: subprocess.Popen[str], ranks: int) -> list[int]:
    """The process ids of all ranks, once they are about to train; fewer where they have ended."""
    assert process.stdout is not None
    found: list[int] = []
    while len(found) < ranks:
        line = process.stdout.readline()
        if not line:
            break
        if line.startswith("ready "):
            found.append(int(line.split()[1]))
    return found


def _end(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=600)
    ends = [line.split()[1] for line in out.splitlines() if line.startswith("end ")]
    return ends[0] if process.returncode == 0 and ends else err.strip()
