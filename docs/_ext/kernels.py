"""Notebooks' kernels are spoken with through files, not TCP ports.

A port that is free when Jupyter looks may be another process's when the kernel takes it: with tests
running beside it, that ended a build. Where there are no such sockets (Windows) ports remain.
"""

from __future__ import annotations

import os
import tempfile
from typing import Any

from jupyter_client.manager import KernelManager

plain = KernelManager.__init__


def by_file(self: KernelManager, *arguments: Any, **settings: Any) -> None:
    plain(self, *arguments, **settings)
    self.transport = "ipc"
    self.ip = os.path.join(tempfile.mkdtemp(prefix="kernel-"), "socket")


def setup(_: object) -> dict[str, bool]:
    if os.name == "posix":
        KernelManager.__init__ = by_file  # type: ignore[method-assign]
    return {"parallel_read_safe": True, "parallel_write_safe": True}
