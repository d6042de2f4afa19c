"""Every single bit of a file flipped, and every end of it cut off."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

import hyalite as hy
from hyalite.training.checkpoint import Checkpoint, read
from reliability.finding import Finding

TITLE = "Damaged files"
STRIDE = 101  # of the short form: every so many bits and lengths


def measure(full: bool) -> list[Finding]:
    """Of a small model file, of weights alone, and of a checkpoint."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        x = np.linspace(0, 1, 12, dtype=np.float32).reshape(4, 3)
        model = hy.Sequential([hy.Dense(24, "relu"), hy.Dense(1)])
        model.compile("mean_squared_error", "adam", engine="numpy")
        model.fit(x, x[:, :1], verbose=0, seed=0, checkpoint=Checkpoint(folder / "run"))
        model.save(folder / "model")
        model.save_weights(folder / "weights")
        (checkpoint,) = Checkpoint(folder / "run").files()
        other = hy.Sequential([hy.Dense(24, "relu"), hy.Dense(1)])
        other.build(3)
        return [
            damaged("a model file", folder / "model", hy.load, full),
            damaged("a file of weights", folder / "weights", other.load_weights, full),
            damaged("a checkpoint", checkpoint, read, full),
        ]


def damaged(what: str, path: Path, reader: Callable[[Path], object], full: bool) -> Finding:
    """Read the file with each bit flipped, and cut at each length."""
    content = path.read_bytes()
    finding = Finding(f"Every flipped bit and every cut in {what} is noticed.")
    finding.count("bytes in the file", len(content))
    reader(path)  # whole, it can be read
    step = 1 if full else STRIDE
    for bit in range(0, 8 * len(content), step):
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        _read(finding, path, reader, f"bit {bit}")
        finding.count("flipped bits")
    for length in range(0, len(content), step):
        path.write_bytes(content[:length])
        _read(finding, path, reader, f"cut at {length}")
        finding.count("cuts")
    return finding


def _read(finding: Finding, path: Path, reader: Callable[[Path], object], how: str) -> None:
    try:
        reader(path)
        finding.breaks(f"{how}: not noticed")
    except hy.FileFormatError:
        return  # noticed, as is promised
    except BaseException as error:
        finding.breaks(f"{how}: {error!r}")
