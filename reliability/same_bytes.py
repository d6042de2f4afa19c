"""The same seed gives the same bytes, whoever runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from reliability.finding import Finding
from reliability.kills import engines

TITLE = "The same bytes"
MANY = 20  # fresh processes
BEFORE = ("", "import scipy.linalg", "import hyalite, scipy.linalg", "")


def measure(full: bool) -> list[Finding]:
    """Each condition against the first process of its engine; in the short form all at once."""
    return [_engine(engine, full) for engine in engines()]


def _engine(engine: str, full: bool) -> Finding:
    finding = Finding(f"The same seed gives the same bytes ({engine} engine).")
    expected = _digest(engine, {}, "")

    def compare(what: str, before: str = "", **environment: int) -> None:
        variables = {name: str(value) for name, value in environment.items()}
        found = _digest(engine, variables, before)
        finding.count(what)
        finding.check(found == expected, f"{variables} {before}: {found}")

    if not full:  # a process differs from the first in everything; what it was, the full form tells
        for n, before in enumerate(BEFORE):
            conditions = {"PYTHONHASHSEED": n, "OPENBLAS_NUM_THREADS": 4 - n}
            compare("fresh processes", before, HYALITE_NUM_THREADS=n + 1, **conditions)
        return finding
    for number in range(MANY):
        compare("fresh processes", PYTHONHASHSEED=number)
    for threads in range(1, 5):
        compare("numbers of threads", HYALITE_NUM_THREADS=threads)
        compare("numbers of BLAS threads", OPENBLAS_NUM_THREADS=threads)
    for before in BEFORE[1:3]:
        compare("orders of importing SciPy", before)
    return finding


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
