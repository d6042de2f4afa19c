"""Small trainings that use all of the compiled engine, and what bytes they must give anywhere.

``python -m tests.engines.compiled.recorded`` writes them anew, where a kernel's arithmetic was
changed on purpose; with ``--check`` it compares, and needs nothing but Hyalite: so it is run on
machines that have only the wheel.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import hyalite as hy
from hyalite.engines.compiled.machine_code.choice import describe

FILE = Path(__file__).with_suffix(".json")
ACTIVATIONS = ("relu", "leaky_relu", "sigmoid", "tanh", "gelu", "softmax", "selu", "mish", "silu")
OPTIMIZERS = {
    "sgd": lambda: hy.SGD(0.05),
    "momentum": lambda: hy.SGD(0.02, momentum=0.9),
    "nesterov": lambda: hy.SGD(0.02, momentum=0.9, nesterov=True, clip_value=0.1),
    "adagrad": lambda: hy.Adagrad(0.05),
    "rmsprop": lambda: hy.RMSprop(0.01),
    "adam": lambda: hy.Adam(0.01, clip_norm=0.5),
    "adamw": lambda: hy.AdamW(0.01, 0.05),
}
LOSSES: dict[str, tuple[str | None, Any]] = {
    "mean_absolute_error": (None, hy.MeanAbsoluteError()),
    "huber": (None, hy.Huber(0.7)),
    "half_squared_error": (None, hy.HalfSquaredError()),
    "poisson": (None, hy.Poisson()),
    "quantile": (None, hy.Quantile(0.2)),
    "binary": ("sigmoid", hy.BinaryCrossentropy(label_smoothing=0.1)),
    "binary of logits": (None, hy.BinaryCrossentropy(from_logits=True)),
    "categorical": ("softmax", hy.CategoricalCrossentropy(label_smoothing=0.1)),
}
SHAPES = {  # of a sample, where it is not 12 numbers
    "wide": (90,),
    "pictures": (9, 7, 2),
    "convolution": (12, 11),
    "strides and paddings": (13, 10, 3),
    "depthwise": (9, 8, 3),
    "blocks of pictures": (6, 5, 3),
    "meetings": (14, 13, 2),
}


def networks() -> Iterator[tuple[str, list[hy.Layer], Any, hy.Optimizer, str]]:
    """Name, layers, loss, optimizer, and what the targets are: "labels", "numbers", ..."""
    for activation in ACTIVATIONS:
        layers = [hy.Dense(17, activation), hy.Dense(3, "softmax")]
        yield activation, layers, "categorical_crossentropy", hy.Adam(0.01), "labels"
    for name, make in OPTIMIZERS.items():
        layers = [hy.Dense(20, "tanh", l1=1e-4, l2=1e-3), hy.Dense(2)]
        yield name, layers, "mse", make(), "numbers"
    for name, (activation, loss) in LOSSES.items():
        kind = "shares" if activation == "sigmoid" or "binary" in name else "numbers"
        kind = "labels" if name == "categorical" else "shares" if name == "poisson" else kind
        units = 3 if kind == "labels" else 2
        last = hy.Dense(units, activation) if activation else hy.Dense(units)
        yield name, [hy.Dense(16, "relu"), last], loss, hy.Adam(0.01), kind
    normalized = [
        hy.Rescaling(0.5, 0.1), hy.Dense(40), hy.BatchNormalization(), hy.ReLU(), hy.Dropout(0.3),
        hy.Dense(24), hy.LayerNormalization(), hy.Dropout(0.2), hy.Dense(3, "softmax"),
    ]  # fmt: skip
    yield "normalized", normalized, "categorical_crossentropy", hy.Adam(0.01), "labels"
    columns = [
        hy.SmoothClip(columns=range(6)), hy.Scale((1, 4)), hy.PeriodicEmbedding([0, 2], 5, 4, 0.5),
        hy.PiecewiseLinearEmbedding([np.linspace(-2, 2, 9)], 3, columns=[9]),
        hy.Dense(30), hy.ParametricActivation("mish"), hy.Dense(3, "softmax"),
    ]  # fmt: skip
    yield "columns", columns, "categorical_crossentropy", hy.AdamW(0.01, 0.02), "labels"
    pictures = [
        hy.RandomAffine(1.5, 40, 0.3, fill=0.2), hy.Flatten(), hy.Rescaling(0.5),
        hy.GaussianNoise(0.2), hy.Dense(20, "relu"), hy.Dense(3, "softmax"),
    ]  # fmt: skip
    yield "pictures", pictures, "categorical_crossentropy", hy.Adam(0.01), "labels"
    convolution = [
        hy.Conv2D(17, 3, activation="relu"), hy.MaxPooling2D(), hy.Dropout(0.2),
        hy.Conv2D(6, 2, padding=1, activation="gelu"), hy.Flatten(), hy.Dense(3, "softmax"),
    ]  # fmt: skip
    yield "convolution", convolution, "categorical_crossentropy", hy.Adam(0.01), "labels"
    strides = [
        hy.Conv2D(5, (3, 2), (2, 3), "same", "tanh"), hy.MaxPooling2D(2, 1, "same"),
        hy.Conv2D(20, 3, 2, 2), hy.ReLU(), hy.MaxPooling2D((2, 1)), hy.GlobalAveragePooling2D(),
        hy.Dense(3, "softmax"),
    ]  # fmt: skip
    yield "strides and paddings", strides, "categorical_crossentropy", hy.Adam(0.01), "labels"
    depthwise = [
        hy.ZeroPadding2D(((0, 1), (2, 0))), hy.DepthwiseConv2D(3, 2, "same", 2, "silu"),
        hy.AveragePooling2D(2, 1), hy.Conv2D(4, 1, use_bias=False), hy.Flatten(),
        hy.Dense(3, "softmax"),
    ]  # fmt: skip
    yield "depthwise", depthwise, "categorical_crossentropy", hy.AdamW(0.01, 0.02), "labels"
    grouped = hy.GroupedCrossentropy((4, 2), 0.1)
    yield "grouped", [hy.Dense(20, "relu"), hy.Dense(6)], grouped, hy.Adam(0.01), "groups"
    wide = [hy.Dense(520, "relu"), hy.Dropout(0.1), hy.Dense(130, "relu"), hy.Dense(3, "softmax")]
    yield "wide", wide, "categorical_crossentropy", hy.Adam(0.001), "labels"
    residual = [
        hy.Residual([hy.Dense(24, "relu"), hy.Dropout(0.2), hy.Dense(12)]), hy.Dense(30, "relu"),
        hy.Residual([
            hy.BatchNormalization(), hy.ReLU(), hy.Residual([hy.Dense(20, "gelu"), hy.Dense(30)]),
            hy.Dropout(0.1), hy.Dense(30, l2=1e-3),
        ]),
        hy.ReLU(), hy.Dense(3, "softmax"),
    ]  # fmt: skip
    yield "residual", residual, "categorical_crossentropy", hy.Adam(0.01), "labels"
    wide_residual = [
        hy.Dense(260, "relu"), hy.Residual([hy.Dense(280, "tanh"), hy.Dense(260)]),
        hy.Residual([hy.Dense(260, "relu")]), hy.Dense(3, "softmax"),
    ]  # fmt: skip
    yield "wide residual", wide_residual, "categorical_crossentropy", hy.Adam(0.001), "labels"
    shared = [
        hy.Dense(780, "relu"), hy.Dropout(0.1), hy.Dense(700, "relu"), hy.BatchNormalization(),
        hy.Residual([hy.Dense(760, "tanh", l2=1e-3), hy.Dense(700)]), hy.Dense(3, "softmax"),
    ]  # fmt: skip
    yield "shared products", shared, "categorical_crossentropy", hy.Adam(0.001), "labels"
    blocks = [
        hy.RandomFlip("horizontal_and_vertical"), hy.RandomAffine(1, 20), hy.BatchNormalization(),
        hy.Residual([hy.BatchNormalization(), hy.Tanh(), hy.GaussianNoise(0.1)]),
        hy.RandomFlip(), hy.Flatten(), hy.Dense(20, "relu"), hy.Dense(3, "softmax"),
    ]  # fmt: skip
    yield "blocks of pictures", blocks, "categorical_crossentropy", hy.Adam(0.01), "labels"
    meetings = [
        hy.Conv2D(24, 3, padding=1, use_bias=False), hy.BatchNormalization(), hy.ReLU(),
        hy.MaxPooling2D(), hy.BatchNormalization(), hy.Conv2D(30, 3), hy.MaxPooling2D(),
        hy.BatchNormalization(), hy.SiLU(), hy.Flatten(), hy.Dense(120, "relu"),
        hy.BatchNormalization(), hy.Dense(3, "softmax"),
    ]  # fmt: skip
    yield "meetings", meetings, "categorical_crossentropy", hy.Adam(0.01), "labels"


# Whose gradients are made in other ways where there is one shard.
ONE_SHARD = (
    "wide", "wide residual", "shared products", "convolution", "depthwise", "meetings",
)  # fmt: skip


def digests(dtype: str) -> dict[str, str]:
    """Of parameters, state, losses and predictions of every training, by its name."""
    found = {}
    for name, *network in networks():
        found[name] = _digest(dtype, 2, name, *network)
    for name, *network in networks():
        if name in ONE_SHARD:
            found[f"{name}, one shard"] = _digest(dtype, 1, name, *network)
    return found


def _digest(
    dtype: str, shards: int, name: str, layers: list[hy.Layer], loss: Any,
    optimizer: hy.optimizers.Optimizer, kind: str,
) -> str:  # fmt: skip
    rng = np.random.default_rng(0)
    x = rng.normal(size=(307, *SHAPES.get(name, (12,)))).astype(dtype)
    y: Any = {
        "labels": rng.integers(0, 3, 307),
        "numbers": rng.normal(size=(307, 2)),
        "shares": rng.integers(0, 2, (307, 2)).astype(float),
        "groups": rng.integers(0, (4, 2), (307, 2)),
    }[kind]
    model = hy.Sequential(layers, dtype=dtype)
    model.compile(loss, optimizer, engine="compiled")
    history = model.fit(x, y, batch_size=100, epochs=4, seed=1, shards=shards, verbose=0)
    digest = hashlib.sha256(model.theta.tobytes() + model.state.tobytes())
    digest.update(model.predict(x).tobytes() + model.predict(x[:2]).tobytes())
    digest.update(np.array(history["loss"]).tobytes())
    return digest.hexdigest()[:24]


def check() -> int:
    """Print what differs from the file; the number of these trainings."""
    expected = json.loads(FILE.read_text(encoding="utf-8"))
    differing, count, began = [], 0, time.perf_counter()
    for dtype, wanted in expected.items():
        found = digests(dtype)
        count += len(wanted)
        names = [*wanted, *(name for name in found if name not in wanted)]
        differing += [(name, dtype) for name in names if found.get(name) != wanted.get(name)]
    for name, dtype in differing:
        print(f"other bytes than recorded: {name}, {dtype}")
    where = (
        f"{platform.system()} {platform.machine()}, NumPy {np.__version__}, kernels {describe()}"
    )
    same, seconds = count - len(differing), time.perf_counter() - began
    print(f"{same} of {count} trainings give the recorded bytes ({where}; {seconds:.0f} s)")
    return len(differing)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Trainings whose bytes are written down.")
    parser.add_argument("--check", action="store_true", help="compare; else write them anew")
    if parser.parse_args().check:
        raise SystemExit(1 if check() else 0)
    found = {dtype: digests(dtype) for dtype in ("float32", "float64")}
    FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
