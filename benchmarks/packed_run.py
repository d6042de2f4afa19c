"""One training for ``python -m benchmarks pack``, in a process of its own.

``python -m benchmarks.packed_run WHERE FOLDER BATCH LIMIT`` prints JSON: rows a second, peak memory
and the loss. WHERE is "disk" or "memory"; LIMIT are bytes of addresses, or 0.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

import hyalite as hy
from benchmarks.resident import most_resident


def main() -> None:
    """Train an epoch, after a short one that makes ready what is compiled."""
    where, folder, batch_size, limit = sys.argv[1:]
    pack = hy.tables.Pack(folder)
    small = pack.block(0, min(len(pack), 20 * int(batch_size)))
    made().fit(*small, batch_size=int(batch_size), seed=0, verbose=0)
    if int(limit):
        resource.setrlimit(resource.RLIMIT_AS, (int(limit), int(limit)))
    data: tuple[Any, ...] = (pack,)
    if where == "memory":
        data = pack.block(0, len(pack))
    model, before = made(), most_resident()
    began, worked = time.perf_counter(), time.process_time()
    model.fit(*data, batch_size=int(batch_size), seed=0, verbose=2)
    seconds = time.perf_counter() - began
    result = {
        "rows a second": len(pack) / seconds,
        "seconds": seconds,
        "processor seconds": time.process_time() - worked,
        "peak": most_resident(),
        "peak before": before,
        "addresses": addresses(),
        "loss": model.history["loss"][-1],
    }
    print(json.dumps(result))


def made() -> hy.Sequential:
    """The model: some 6,000 weights, as a table of 20 inputs may have."""
    model = hy.Sequential([hy.Dense(64, "relu"), hy.Dense(64, "relu"), hy.Dense(1)])
    model.compile("mse", hy.Adam(1e-3))
    return model


def addresses() -> int:
    """Bytes of addresses that the process has at most had."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmPeak:"):
            return int(line.split()[1]) * 1024
    return 0


class Rows:
    """Rows that nobody keeps: 20 normal numbers, and one that follows from them.

    Args:
        count: how many.
        features: of each.
    """

    STEP = 1 << 16  # rows that are drawn at a time

    def __init__(self, count: int, features: int = 20) -> None:
        self.count, self.features = count, features
        self._number, self._held = -1, np.empty((0, features), np.float32)

    def __len__(self) -> int:
        return self.count

    def block(self, start: int, stop: int) -> tuple[Any, Any]:
        """Rows start..stop-1, always the same."""
        parts = []
        for number in range(start // self.STEP, -(-stop // self.STEP)):
            if number != self._number:
                self._held = np.random.default_rng(number).standard_normal(
                    (self.STEP, self.features), np.float32
                )
                self._number = number
            low = max(0, start - number * self.STEP)
            parts.append(self._held[low : stop - number * self.STEP])
        x = np.concatenate(parts)
        return x, np.sin(x[:, 0]) + x[:, 1] * x[:, 2]


def forget(folder: Path) -> None:
    """Have the system drop what it keeps of the files, so that they are read from the disk."""
    for path in folder.iterdir():
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)


if __name__ == "__main__":
    main()
