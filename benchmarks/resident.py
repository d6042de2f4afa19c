"""The most memory that a process has had."""

from __future__ import annotations

import sys
from pathlib import Path


def most_resident() -> int:
    """Of this process, so far, in bytes."""
    if sys.platform == "linux":  # getrusage would begin with what the parent held
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        return 1024 * int(status.partition("VmHWM:")[2].split()[0])
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS
