"""Runs that are killed at random moments and resumed until they end."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from reliability.finding import Finding

TITLE = "Killed and resumed"
EPOCHS, EVERY = 40, 7  # steps
FEW, MANY = 3, 500  # kills of each engine
PATIENCE = 0.6  # seconds until a kill, at most
READY = b"ready\n"  # what a run says before it trains


def measure(full: bool) -> list[Finding]:
    """Kill and resume; in the full form a thousand times."""
    return [killed(engine, MANY if full else FEW) for engine in engines()]


def engines() -> list[str]:
    """Those that can run here."""
    from importlib.util import find_spec

    return ["numpy", "compiled"] if find_spec("numba") else ["numpy"]


def killed(engine: str, kills: int) -> Finding:
    """Kill runs until there were so many kills; compare each that ended with one nobody killed."""
    finding = Finding(
        f"A run that is killed and resumed ends in the bytes of one that was not ({engine} engine)."
    )
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        expected = _end(_start(folder / "plain", engine, 1))
        while finding.tried.get("kills", 0) < kills:
            run = folder / f"run-{finding.tried.get('runs', 0)}"
            while True:
                process = _start(run, engine, 1 + finding.tried.get("kills", 0) % 3)
                if not _is_ready(process):
                    break
                if finding.tried.get("kills", 0) == kills:  # on a busy machine one run had them all
                    break
                try:
                    process.wait(chance.uniform(0.001, PATIENCE))
                    break
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.communicate()
                    finding.count("kills")
            found = _end(process)
            finding.count("runs")
            finding.check(found == expected, f"run {run.name}: {found}")
            if finding.tried["runs"] % 20 == 0:
                finding.say()
    return finding


def _start(folder: Path, engine: str, threads: int) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "reliability.killed_run", str(folder), engine]
    return subprocess.Popen(
        [*words, str(threads), str(EPOCHS), str(EVERY)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    )


def _is_ready(process: subprocess.Popen[str]) -> bool:
    """Whether it has come to where it trains, which is waited for."""
    assert process.stdout is not None
    said = b""
    # as bytes: a buffer would take the end, too, of a run that ends before it is asked
    while more := os.read(process.stdout.fileno(), len(READY) - len(said)):
        said += more  # which may come in pieces
        if said == READY:
            return True
    return False


def _end(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=600)
    return out.split()[-1] if process.returncode == 0 else err.strip()
