"""Hours of training, saving, going on and predicting in turn: nothing may grow."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import hyalite as hy
from reliability.finding import Finding
from reliability.kills import engines

TITLE = "Soak"
SHORT, LONG = 2.0, 7500.0  # seconds
SLOPE = 1.0  # MB an hour, at most
WARM_UP = 0.2  # share of the time after which growth counts


def measure(full: bool) -> list[Finding]:
    """Two hours and some minutes; the short form only shows that it works."""
    finding = Finding("Memory, descriptors and temporary files do not grow.")
    if sys.platform != "linux":
        finding.notes.append("left out: memory is looked up as Linux has it")
        return [finding]
    seconds = LONG if full else SHORT
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2000, 30), np.float32), rng.integers(0, 5, 2000)
    points: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as name:
        folder, began, rounds = Path(name), time.monotonic(), 0
        files = descriptors = -1
        while time.monotonic() - began < seconds or rounds < 4:  # a slope needs some
            for engine in engines():
                _round(folder, engine, rounds, x, y)
            rounds += 1
            gc.collect()
            points.append((time.monotonic() - began, _memory()))
            if rounds == 2:
                files, descriptors = _files(folder), len(os.listdir("/proc/self/fd"))
        finding.count("rounds", rounds)
        finding.count("seconds", round(time.monotonic() - began))
        finding.check(_files(folder) <= files, f"files: {files} at first, then {_files(folder)}")
        now = len(os.listdir("/proc/self/fd"))
        finding.check(now <= descriptors, f"descriptors: {descriptors} at first, then {now}")
    times, sizes = np.array([p for p in points if p[0] >= WARM_UP * seconds]).T
    slope = float(np.polyfit(times / 3600, sizes, 1)[0])
    finding.tried["MB an hour"] = round(slope, 3)
    finding.tried["MB at the end"] = round(points[-1][1], 1)
    if full:  # seconds say nothing about hours
        finding.check(slope < SLOPE, f"memory grows by {slope:.2f} MB an hour")
    return [finding]


def _round(folder: Path, engine: str, number: int, x: np.ndarray, y: np.ndarray) -> None:
    def fit(epochs: int, resume: bool) -> hy.Sequential:
        model = hy.Sequential([hy.Dense(40, "relu"), hy.Dropout(0.1), hy.Dense(5, "softmax")])
        model.compile("categorical_crossentropy", "adam", ["accuracy"], engine=engine)
        saved = hy.Checkpoint(folder / engine, 30, resume=resume)
        model.fit(
            x, y, epochs=epochs, batch_size=50, seed=number, verbose=0, checkpoint=saved,
            validation_split=0.1, callbacks=[hy.EarlyStopping(patience=50)],
        )  # fmt: skip
        return model

    for path in hy.Checkpoint(folder / engine).files():
        path.unlink()
    fit(3, resume=False)
    model = fit(6, resume=True)
    model.save(folder / f"{engine}.safetensors")
    again = hy.load(folder / f"{engine}.safetensors")
    for n in range(20):
        again.predict(x[n : n + 1])
    again.predict(x)
    again.evaluate(x, y)


def _memory() -> float:
    """MB of this process that are its own."""
    fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return (int(fields[1]) - int(fields[2])) * os.sysconf("SC_PAGESIZE") / 1e6


def _files(folder: Path) -> int:
    return sum(1 for path in folder.rglob("*") if path.is_file())
