"""The data: made once by the parent, read from one folder by every worker, so alike for all."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.workloads import Workload

CHUNK = 1 << 18  # rows of noise written at a time


class Arrays(NamedTuple):
    """Rows to train on, and to test on where the data has such: float32, labels int64."""

    x: npt.NDArray[np.float32]
    y: npt.NDArray[Any]
    x_test: npt.NDArray[np.float32] | None = None
    y_test: npt.NDArray[Any] | None = None


def write(root: Path, name: str) -> None:
    """Make the data called `name` in a folder of its own, once.

    Names: "mnist" and "fashion" (pictures in -1..1), "spiral-SAMPLES" (of each of 3 classes),
    "sine-SAMPLES", "noise-ROWS-FEATURES" and "mapped-ROWS-FEATURES" (the same, not read into
    memory).
    """
    folder = root / name
    if folder.exists():
        return
    folder.mkdir()
    kind, *numbers = name.split("-")
    if kind in ("noise", "mapped"):
        _write_noise(folder, *map(int, numbers))
        return
    for key, values in _made(kind, *map(int, numbers))._asdict().items():
        if values is not None:
            np.save(folder / f"{key}.npy", values)


def read(root: Path, workload: Workload) -> Arrays:
    """The arrays that a workload trains and tests on."""
    folder = root / workload.data
    # "c": a private, writable map; PyTorch warns of arrays that cannot be written
    mode: Any = "c" if workload.data.startswith("mapped") else None
    found = {path.stem: np.load(path, mode) for path in folder.glob("*.npy")}
    arrays = Arrays(**found)
    x_test = arrays.x_test
    return arrays._replace(
        x=arrays.x[: workload.rows].reshape(-1, *workload.input_shape),
        y=arrays.y[: workload.rows],
        x_test=None if x_test is None else x_test.reshape(-1, *workload.input_shape),
    )


def _made(kind: str, samples: int = 0) -> Arrays:
    from hyalite import datasets

    if kind == "spiral":
        return Arrays(*datasets.spiral(samples=samples, classes=3))
    if kind == "sine":
        return Arrays(*datasets.sine(samples=samples))
    load = {"mnist": datasets.mnist, "fashion": datasets.fashion_mnist}[kind]
    train, test = load(normalize="symmetric")
    return Arrays(*train, *test)


def _write_noise(folder: Path, rows: int, features: int) -> None:
    random = np.random.default_rng(0)
    x = np.lib.format.open_memmap(folder / "x.npy", "w+", np.float32, (rows, features))
    y = np.lib.format.open_memmap(folder / "y.npy", "w+", np.int64, (rows,))
    for start in range(0, rows, CHUNK):
        part = x[start : start + CHUNK]
        random.standard_normal(dtype=np.float32, out=part)
        y[start : start + CHUNK] = random.integers(0, 10, len(part))
