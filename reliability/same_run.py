"""A run whose bytes are compared: every layer, a validation split, dropout, weights, two dtypes."""

from __future__ import annotations

import sys

import numpy as np

import hyalite as hy
from reliability.killed_run import digest


def main() -> None:
    """Train, and print the SHA-256 of all that came out."""
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((1500, 40)), rng.integers(0, 5, 1500)
    digests = []
    for dtype in ("float32", "float64"):
        model = hy.Sequential(
            [
                hy.Dense(192, "gelu"),
                hy.LayerNormalization(),
                hy.Dense(130, "relu", l1=1e-5, l2=1e-4),
                hy.BatchNormalization(),
                hy.Dropout(0.2),
                hy.Dense(3, "tanh"),
                hy.Dense(5, "softmax"),
            ],
            dtype=dtype,
        )
        optimizer = hy.Adam(hy.CosineDecay(0.01, 60, warmup=5), clip_norm=1.0)
        model.compile("categorical_crossentropy", optimizer, ["accuracy", "f1"], engine=sys.argv[1])
        model.fit(
            x,
            y,
            epochs=3,
            batch_size=128,
            validation_split=0.1,
            class_weight="balanced",
            seed=3,
            verbose=0,
        )
        predictions = model.predict(x)
        digests.append(digest(model))
        digests.append(str(np.frombuffer(predictions.tobytes(), np.uint32).sum(dtype=np.uint64)))
    print(*digests)
