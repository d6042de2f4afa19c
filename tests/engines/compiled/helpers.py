"""Models, data and forms of samples that the tests of the compiled engine share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import hyalite as hy

pytest.importorskip("numba", reason="the compiled engine needs the extra 'fast'")


def classifier(*hidden: hy.Layer, dtype: str = "float32", **options: Any) -> hy.Sequential:
    model = hy.Sequential([*hidden, hy.Dense(3, "softmax")], dtype=dtype)
    settings = {"loss": "categorical_crossentropy", "optimizer": hy.Adam(0.01), **options}
    model.compile(**settings, engine="compiled")
    return model


WIDE = {
    "tiles": lambda: [hy.Dense(600, "relu"), hy.Dropout(0.3), hy.Dense(90, "gelu")],
    "tiles behind other layers": lambda: [
        hy.Rescaling(0.5, 0.1),
        hy.Dropout(0.1),
        hy.Dense(200, "tanh"),
        hy.Dropout(0.2),
        hy.Rescaling(0.9),
        hy.Dense(300, "relu", l2=1e-3, bias_l1=1e-3),
        hy.LayerNormalization(),
        hy.Tanh(),
        hy.Dense(250),
        hy.Sigmoid(),
        hy.Dense(2, "leaky_relu"),
    ],
    "shared products": lambda: [
        hy.Dense(760, "relu"),
        hy.Dropout(0.1),
        hy.Dense(700, "gelu"),
        hy.BatchNormalization(),
        hy.ReLU(),
        hy.Residual([hy.Dense(760, "relu"), hy.Dense(700, use_bias=False)]),
        hy.LayerNormalization(),
    ],
    "several normalizations": lambda: [
        hy.BatchNormalization(),
        hy.Dense(220, "relu", use_bias=False),
        hy.BatchNormalization(),
        hy.ReLU(),
        hy.Dense(180),
        hy.LayerNormalization(),
    ],
    "activations one behind the other": lambda: [
        hy.Tanh(),
        hy.Dense(30, "sigmoid"),
        hy.Tanh(),
        hy.ReLU(),
        hy.Dropout(0.5),
        hy.Dropout(0.2),
        hy.GELU(),
        hy.Softmax(),
        hy.LeakyReLU(0.3),
        hy.Rescaling(2, -1),
    ],
    "elementwise": lambda: [
        hy.SmoothClip(0.9, (3, 2, 11, 12, 13)),
        hy.Scale((12, 0, 1, 2)),
        hy.Scale(),
        hy.Dense(200),
        hy.ParametricActivation("selu"),
        hy.Dropout(0.2),
        hy.Dense(220, "mish"),
        hy.ParametricActivation("mish", 0.5),
        hy.Dense(190, "selu"),
        hy.ParametricActivation(hy.LeakyReLU(0.2), 2),
        hy.Dense(30, "silu"),
        hy.SmoothClip(1.5),
        hy.ParametricActivation("sigmoid", -1),
        hy.SELU(),
        hy.ParametricActivation("linear"),
    ],
}


def frozen(x: np.ndarray) -> np.ndarray:
    x.setflags(write=False)
    return x


def unaligned(x: np.ndarray) -> np.ndarray:
    return np.frombuffer(b"." + x.tobytes(), np.uint8)[1:].view(x.dtype).reshape(x.shape)
