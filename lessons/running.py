"""Running scripts one after the other, as ``python -m lessons`` and ``python -m examples`` do."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import click


def run(
    files: Iterable[Path],
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    quiet: bool = False,
) -> list[str]:
    """Run each file as a script of its own and print how long it took; the names that failed.

    Args:
        files: the scripts.
        arguments: for each of them.
        environment: variables besides those there are.
        quiet: leave out what they print, errors apart.
    """
    failed = []
    for file in files:
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, str(file), *arguments],
            env=os.environ | (environment or {}),
            stdout=subprocess.DEVNULL if quiet else None,
        )
        click.echo(f"{file.stem}: {time.perf_counter() - began:.1f} s")
        if done.returncode:
            failed.append(file.stem)
    return failed
