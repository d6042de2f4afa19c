"""Model files as the tests make, read and damage them."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import safetensors.numpy

import hyalite as hy
import hyalite.loading
from hyalite.files import model_file

RNG = np.random.default_rng(7)
X = RNG.standard_normal((20, 4)).astype(np.float32)
LABELS = RNG.integers(0, 3, 20)


def small(dtype: str = "float32") -> hy.Sequential:
    model = hy.Sequential(
        [
            hy.Dense(2, "relu", name="in"),
            hy.BatchNormalization(),
            hy.Residual([hy.Dense(2), hy.Dropout(0.1)]),
            hy.Dense(3, "softmax"),
        ],
        dtype=dtype,
    )
    model.compile("categorical_crossentropy", hy.Adam(0.01), metrics=["accuracy"])
    model.fit(X, LABELS, seed=1, verbose=0)
    return model


def round_trip(model: hy.Sequential, path: Path, **options) -> hy.Sequential:
    model.save(path / "model.safetensors")
    return hy.load(path / "model.safetensors", **options)


def parts(path: Path) -> tuple[dict, dict[str, np.ndarray]]:
    """Settings and arrays of a model file."""
    with safetensors.safe_open(path, "np") as file:
        settings = json.loads(file.metadata()["hyalite"])
        del settings["sha256"]
        return settings, {
            name: file.get_tensor(name)
            for name in file.keys()  # noqa: SIM118
        }


def put(path: Path, settings, arrays: dict[str, np.ndarray]) -> Path:
    """Write a model file, also a nonsensical one; `settings` may be the JSON text itself."""
    text = settings if isinstance(settings, str) else json.dumps(settings)
    if text.startswith("{"):  # under a right seal, so that what is behind it is met
        text = f'{model_file.HEAD}{model_file.ZEROS}", {text[1:]}'.replace(", }", "}")
    path.write_bytes(model_file.sealed(safetensors.numpy.save(arrays, {"hyalite": text})))
    return path


def write_raw(path: Path, header: dict | str, data: bytes) -> Path:
    text = (header if isinstance(header, str) else json.dumps(header)).encode()
    path.write_bytes(model_file.sealed(struct.pack("<Q", len(text)) + text + data))
    return path


REFUSED = (hy.FileFormatError, OSError)


def load_damaged(path: Path) -> hy.Sequential | None:
    try:
        model = hy.load(path)
    except REFUSED as error:
        assert str(error)  # noqa: PT017  # to refuse is one of two right answers
        return None
    return model
