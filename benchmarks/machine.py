"""Where a run took place: processor, memory, system, and the version of everything that matters."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import Any

from benchmarks.installed import parse, version
from benchmarks.peers import PEERS
from benchmarks.plan import Plan
from hyalite.errors import require

SIMD = ("avx512f", "avx2", "asimd")  # the first that a processor has is named


def describe() -> dict[str, str]:
    """The machine, by what is described; no path and no name of it."""
    psutil = require("psutil", extra="bench", purpose="describing the machine")
    cores = psutil.cpu_count(logical=False), psutil.cpu_count()
    return {
        "processor": processor(),
        "cores": f"{cores[0] or cores[1]} ({cores[1]} threads, {usable_cores()} usable here)",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "busy when it began": f"{psutil.cpu_percent(interval=2):.0f} %",
        "system": f"{system()}, {platform.machine()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "BLAS of NumPy": blas(),
    }


def usable_cores() -> int:
    """Cores that this process may run on."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processor() -> str:
    """The processor's name, and its widest vector instructions where the system tells."""
    known: dict[str, str] = {}
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            known.setdefault(key.strip(), value.strip())
    name = known.get("model name") or platform.processor() or platform.machine()
    flags = (known.get("flags") or known.get("Features") or "").split()
    return ", ".join([name, *[flag for flag in SIMD if flag in flags][:1]])


def system() -> str:
    """The operating system, as its users call it."""
    if sys.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]}"
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return f"{platform.system()} {platform.release()}"


def blas() -> str:
    """The library behind `np.dot`."""
    import numpy as np
    from threadpoolctl import threadpool_info

    np.dot(np.ones((2, 2)), np.ones((2, 2)))
    parts: list[Any] = [
        f"{found['internal_api']} {found['version']}, {found.get('architecture')}"
        for found in threadpool_info()
        if found["user_api"] == "blas"
    ]
    return "; ".join(parts) or "unknown"


def versions(plan: Plan) -> dict[str, str]:
    """Of the peers that take part and of what they compute with."""
    texts = [text for name in plan.peers for text in PEERS[name].requirements]
    names = ["hyalite", *(parse(text).name for text in texts), "numpy", "numba", "scipy"]
    return {name: version(name) for name in dict.fromkeys(names)}
