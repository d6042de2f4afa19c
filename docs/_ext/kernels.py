"""Notebooks' kernels are spoken with through files, not TCP ports.

A port that is free when Jupyter looks may be another process's when the kernel takes it: with tests
running beside it, that ended a build. Where there are no such sockets (Windows) ports remain.
"""

from __future__ import annotations

import itertools
import os
import tempfile
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager

plain = KernelManager.__init__
folder = tempfile.TemporaryDirectory(prefix="kernels-")  # gone with this process
numbers = itertools.count()


def by_file(self: KernelManager, *arguments: Any, **settings: Any) -> None:
    plain(self, *arguments, **settings)
    self.transport = "ipc"
    self.ip = str(Path(folder.name) / f"{os.getpid()}-{next(numbers)}")


def setup(_: object) -> dict[str, bool]:
    if os.name == "posix":
        KernelManager.__init__ = by_file  # type: ignore[method-assign]
    return {"parallel_read_safe": True, "parallel_write_safe": True}
