"""The same seed gives the same bytes, whoever runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from reliability.finding import Finding
from reliability.kills import engines

TITLE = "The same bytes"
FEW, MANY = 3, 20  # fresh processes


def measure(full: bool) -> list[Finding]:
    """Each condition against the first process of its engine."""
    return [_engine(engine, MANY if full else FEW) for engine in engines()]


def _engine(engine: str, processes: int) -> Finding:
    finding = Finding(f"The same seed gives the same bytes ({engine} engine).")
    expected = _digest(engine, {}, "")
    for number in range(processes):
        _compare(finding, expected, engine, {"PYTHONHASHSEED": str(number)}, "", "fresh processes")
    for threads in range(1, 5):
        environment = {"HYALITE_NUM_THREADS": str(threads)}
        _compare(finding, expected, engine, environment, "", "numbers of threads")
        environment = {"OPENBLAS_NUM_THREADS": str(threads)}
        _compare(finding, expected, engine, environment, "", "numbers of BLAS threads")
    for before in ("import scipy.linalg", "import hyalite, scipy.linalg"):
        _compare(finding, expected, engine, {}, before, "orders of importing SciPy")
    return finding


def _compare(
    finding: Finding,
    expected: str,
    engine: str,
    environment: dict[str, str],
    before: str,
    what: str,
) -> None:
    found = _digest(engine, environment, before)
    finding.count(what)
    finding.check(found == expected, f"{environment} {before}: {found}")


def _digest(engine: str, environment: dict[str, str], before: str) -> str:
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            f"{before}\nfrom reliability import same_run\nsame_run.main()",
            engine,
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[1],
        env={"PYTHONHASHSEED": "random", **os.environ, **environment},
    )
    return run.stdout.strip() or run.stderr.strip()
