"""Train a hundred small models and print the SHA-256 of each one's weights and history, as JSON.

    python scripts/record_models.py > before.json
    python scripts/record_models.py --compare before.json

For a change that must change no number: every layer, loss, optimizer, schedule and metric, both
engines and both dtypes, weights, validation, shards, penalties, clipping, callbacks, estimators.
The bytes may differ between two machines (their BLAS has other kernels), so nothing is recorded in
the repository: run it before and after, on one machine.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

import hyalite as hy

ENGINES = ["numpy"] + (["compiled"] if find_spec("numba") else [])
DTYPES = ["float32", "float64"]


def noise(shape: tuple[int, ...], stream: np.random.Generator) -> np.ndarray:
    """Biases off zero, so that they count."""
    return 0.3 * stream.standard_normal(shape)


def dense(units: int, activation: Any = None, **more: Any) -> hy.Dense:
    """A dense layer with such biases."""
    return hy.Dense(units, activation, bias_initializer=noise, **more)


# name -> hidden layers, and whether the compiled engine has them
LAYERS: dict[str, tuple[Any, bool]] = {
    "nothing": (lambda: [], True),
    "linear": (lambda: [dense(6), hy.Linear()], True),
    "relu": (lambda: [dense(33, "relu"), dense(20, "relu")], True),
    "leaky relu": (lambda: [dense(6, hy.LeakyReLU(0.2))], True),
    "sigmoid": (lambda: [dense(6, "sigmoid")], True),
    "tanh": (lambda: [dense(6, "tanh", initializer="glorot_normal")], True),
    "gelu": (lambda: [dense(6, "gelu", initializer="he_normal")], True),
    "softmax inside": (lambda: [dense(6), hy.Softmax(), dense(5)], True),
    "without bias": (lambda: [hy.Dense(7, "relu", use_bias=False, initializer="he_uniform")], True),
    "penalties": (lambda: [dense(9, "relu", l1=1e-3, l2=1e-2, bias_l1=1e-3, bias_l2=1e-2)], True),
    "dropout": (lambda: [dense(20, "relu"), hy.Dropout(0.3), dense(8, "tanh")], True),
    "dropout of samples": (lambda: [hy.Dropout(0.2), dense(8, "tanh")], True),
    "batch normalization": (
        lambda: [dense(8), hy.BatchNormalization(momentum=0.8), hy.ReLU()],
        True,
    ),
    "layer normalization": (lambda: [dense(8), hy.LayerNormalization(), hy.Tanh()], True),
    "flatten, rescaling": (lambda: [hy.Rescaling(0.5, 0.1), hy.Flatten(), dense(5, "relu")], True),
    "embedding": (lambda: [hy.Embedding((4, 3), 2), dense(6, "relu")], False),
    "gaussian noise": (lambda: [hy.GaussianNoise(0.1), dense(6, "relu")], False),
    "random affine": (lambda: [hy.RandomAffine(1.0, 20, 0.2), hy.Flatten(), dense(6)], False),
    "convolution": (
        lambda: [hy.Conv2D(4, 2, activation="relu"), hy.MaxPooling2D(2, 1), hy.Flatten()],
        False,
    ),
    "depthwise convolution": (
        lambda: [
            hy.ZeroPadding2D(),
            hy.DepthwiseConv2D(2, padding="same", depth_multiplier=3),
            hy.AveragePooling2D(2),
            hy.GlobalAveragePooling2D(),
        ],
        False,
    ),
    "random flip": (
        lambda: [hy.BatchNormalization(), hy.RandomFlip(), hy.Flatten(), dense(6)],
        True,
    ),
    "residual": (
        lambda: [dense(6), hy.Residual([dense(9, "relu"), hy.Dropout(0.2), dense(6)]), hy.ReLU()],
        True,
    ),
    "wide": (lambda: [dense(300, "relu"), dense(130, "relu")], True),
}
SHAPES = {
    "flatten, rescaling": (3, 4),
    "random affine": (3, 4),
    "random flip": (3, 4, 2),
    "convolution": (3, 4),
    "depthwise convolution": (3, 4),
}
LOSSES: dict[str, tuple[Any, str | None, bool]] = {
    "categorical": (hy.CategoricalCrossentropy, "softmax", True),
    "categorical smoothed": (lambda: hy.CategoricalCrossentropy(0.1), "softmax", True),
    "categorical logits": (lambda: hy.CategoricalCrossentropy(from_logits=True), None, True),
    "binary": (hy.BinaryCrossentropy, "sigmoid", True),
    "binary smoothed": (lambda: hy.BinaryCrossentropy(0.1), "sigmoid", True),
    "binary logits": (lambda: hy.BinaryCrossentropy(from_logits=True), None, True),
    "binary from softmax": (hy.BinaryCrossentropy, "softmax", True),
    "mse": (hy.MeanSquaredError, None, True),
    "mse of tanh": (hy.MeanSquaredError, "tanh", True),
    "mae": (hy.MeanAbsoluteError, None, True),
    "huber": (lambda: hy.Huber(0.7), None, True),
    "half squared": (hy.HalfSquaredError, None, True),
    "poisson": (hy.Poisson, None, True),
    "quantile": (lambda: hy.Quantile(0.3), None, True),
    "grouped": (lambda: hy.GroupedCrossentropy((3, 2), 0.1), None, False),
}
OPTIMIZERS: dict[str, Any] = {
    "sgd": lambda: hy.SGD(0.1),
    "sgd decay": lambda: hy.SGD(0.1, decay=0.01),
    "momentum": lambda: hy.SGD(0.1, momentum=0.9),
    "nesterov": lambda: hy.SGD(0.1, momentum=0.8, nesterov=True),
    "adagrad": lambda: hy.Adagrad(0.1, decay=0.01),
    "rmsprop": lambda: hy.RMSprop(0.02, rho=0.8, decay=0.01),
    "adam": lambda: hy.Adam(0.02, decay=0.01),
    "adam clip norm": lambda: hy.Adam(0.02, clip_norm=0.1),
    "sgd clip value": lambda: hy.SGD(0.2, clip_value=0.01),
    "rmsprop clips": lambda: hy.RMSprop(0.02, clip_norm=0.2, clip_value=0.05),
    "adamw": lambda: hy.AdamW(0.02, weight_decay=0.1),
    "adamw clips": lambda: hy.AdamW(0.02, weight_decay=0.05, clip_norm=0.3),
    "cosine": lambda: hy.Adam(hy.schedules.CosineDecay(0.05, 40, warmup=5)),
    "steps": lambda: hy.SGD(hy.schedules.StepDecay(0.1, 0.5, 10), momentum=0.5),
    "exponential": lambda: hy.Adam(hy.schedules.ExponentialDecay(0.05, 0.9, 10)),
}


def data(loss: hy.losses.Loss, rows: int = 97, shape: tuple[int, ...] = (5,)) -> tuple[Any, Any]:
    """Samples with structure, and targets that suit the loss, (3 outputs; 5 of the grouped)."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=(rows, *shape))
    signal = x.reshape(rows, -1)[:, :3]
    if loss.name == "grouped_crossentropy":
        return x, np.column_stack([signal.argmax(axis=1), signal[:, 0] > 0]).astype(int)
    if loss.name == "categorical_crossentropy":
        return x, signal.argmax(axis=1)
    if loss.name == "binary_crossentropy":
        return x, (signal > 0).astype(int)
    if loss.name == "poisson":
        return x, rng.poisson(np.exp(0.3 * signal))
    return x, signal + 0.1 * rng.normal(size=signal.shape)


def cases() -> Iterator[tuple[str, Any]]:
    """Names, and what trains the model."""
    for engine in ENGINES:
        for dtype in DTYPES:
            base = {"engine": engine, "dtype": dtype}
            for name, (_, known) in LAYERS.items():
                if known or engine == "numpy":
                    yield f"{engine} {dtype} layer {name}", base | {"layers": name}
            for name, (_, _, known) in LOSSES.items():
                if known or engine == "numpy":
                    yield f"{engine} {dtype} loss {name}", base | {"loss": name}
            for name in OPTIMIZERS:
                yield f"{engine} {dtype} optimizer {name}", base | {"optimizer": name}
            for name, more in OPTIONS.items():
                yield f"{engine} {dtype} option {name}", base | more


weights = np.random.default_rng(3).uniform(0.1, 2, 97)
OPTIONS: dict[str, dict[str, Any]] = {
    "sample weight": {"fit": {"sample_weight": weights}},
    "class weight": {"fit": {"class_weight": "balanced"}},
    "both weights": {"fit": {"sample_weight": weights, "class_weight": {0: 2.0, 2: 0.5}}},
    "validation": {"fit": {"validation_split": 0.2}},
    "weighted validation": {"fit": {"validation_split": 0.2, "sample_weight": weights}},
    "no shuffle": {"fit": {"shuffle": False}},
    "full batch": {"fit": {"batch_size": None}},
    "single rows": {"fit": {"batch_size": 1}},
    "shards": {"fit": {"shards": 3}},
    "shards, batch normalization": {"fit": {"shards": 3}, "layers": "batch normalization"},
    "float32 samples": {"cast": "float32"},
    "uint8 samples": {"cast": "uint8"},
    "early stopping": {
        "fit": {"validation_split": 0.3},
        "callbacks": lambda: [hy.EarlyStopping(patience=1)],
    },
    "plateau": {
        "fit": {"validation_split": 0.3},
        "callbacks": lambda: [hy.callbacks.ReduceLearningRate(patience=1, factor=0.5)],
    },
    "metrics": {
        "metrics": [
            "accuracy",
            hy.metrics.TopKAccuracy(2),
            hy.metrics.ConfusionMatrix(),
            hy.metrics.F1(),
        ]
    },
    "regression metrics": {
        "loss": "mse",
        "metrics": ["accuracy", "mean_absolute_error", hy.metrics.R2()],
    },
    "binary metrics": {"loss": "binary", "metrics": ["accuracy"]},
    "binary logits metrics": {"loss": "binary logits", "metrics": ["accuracy"]},
}


def model_case(case: dict[str, Any]) -> dict[str, str]:
    """Train it twice as long as one fit lasts, and measure."""
    make, ending, _ = LOSSES[case.get("loss", "categorical")]
    loss = make()
    layers = case.get("layers", "relu")
    shape = SHAPES.get(layers, (5,))
    x, y = data(loss, shape=shape)
    if layers == "embedding":
        x[:, 3:] = np.random.default_rng(5).integers(0, (4, 3), (len(x), 2))
    if "cast" in case:
        x = np.abs(x * 20).astype(case["cast"])
    outputs = 5 if loss.name == "grouped_crossentropy" else 3
    model = hy.Sequential([*LAYERS[layers][0](), dense(outputs, ending)], dtype=case["dtype"])
    model.compile(
        loss,
        OPTIMIZERS[case.get("optimizer", "adam")](),
        metrics=case.get("metrics", []),
        engine=case["engine"],
    )
    settings = {"batch_size": 16, "epochs": 3, "seed": 11, "verbose": 0} | case.get("fit", {})
    history = {}
    for _ in range(2):
        callbacks = case.get("callbacks", list)()
        fitted = model.fit(x, y, callbacks=callbacks, **settings)
        history[str(len(history))] = {
            name: [value.tolist() if hasattr(value, "tolist") else value for value in fitted[name]]
            for name in fitted
        }
    measured = {k: np.asarray(v).tolist() for k, v in model.evaluate(x, y).items()}
    prediction = model.predict(x)
    return {
        "weights": sha(model.theta.tobytes() + model.state.tobytes()),
        "history": sha(json.dumps([history, measured]).encode()),
        "prediction": sha(prediction.tobytes() + model.predict(x[:3]).tobytes()),
    }


def estimator_case(case: dict[str, Any]) -> dict[str, str]:
    """An estimator of `hyalite.sklearn`."""
    from hyalite import sklearn as estimators

    rng = np.random.default_rng(1)
    X = rng.normal(size=(150, 4))
    y = X[:, 0] + 0.5 * X[:, 1] ** 2
    if case["kind"] == "MLPClassifier":
        y = np.digitize(y, [-0.3, 0.6]) if case.get("classes", 3) == 3 else (y > 0).astype(int)
    estimator = getattr(estimators, case["kind"])(max_iter=12, random_state=0, **case["settings"])
    estimator.fit(X, y)
    arrays = [*estimator.coefs_, *estimator.intercepts_, estimator.predict(X)]
    curve = [float(value) for value in getattr(estimator, "loss_curve_", [])]
    return {
        "weights": sha(b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)),
        "history": sha(json.dumps([curve, estimator.n_iter_, float(estimator.loss_)]).encode()),
    }


def estimators() -> Iterator[tuple[str, dict[str, Any]]]:
    """The estimators' cases; none without scikit-learn."""
    if not find_spec("sklearn"):
        return
    for kind in ("MLPClassifier", "MLPRegressor"):
        for engine in ENGINES:
            for name, settings in {
                "plain": {},
                "lbfgs": {"solver": "lbfgs"},
                "sgd": {"solver": "sgd", "learning_rate": "adaptive"},
                "invscaling": {"solver": "sgd", "learning_rate": "invscaling"},
                "early": {"early_stopping": True},
                "all": {"dropout": 0.2, "batch_normalization": True, "l1": 1e-3},
            }.items():
                yield (
                    f"{kind} {engine} {name}",
                    {
                        "kind": kind,
                        "settings": {"hidden_layer_sizes": (12, 6), "engine": engine} | settings,
                    },
                )
    yield "MLPClassifier two classes", {"kind": "MLPClassifier", "classes": 2, "settings": {}}


def sha(content: bytes) -> str:
    """The first half of the digest is enough to see a difference."""
    return hashlib.sha256(content).hexdigest()


def main() -> int:
    """Print the digests, or what differs from those in a file."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--compare", type=Path, help="a file that this script wrote")
    parser.add_argument("--engine", choices=["numpy", "compiled"], help="this one alone")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    found = {}
    for run, named in ((model_case, cases()), (estimator_case, estimators())):
        for name, case in named:
            engine = case.get("engine") or case["settings"].get("engine", "compiled")
            if chosen.engine in (None, engine):
                try:
                    found[name] = run(case)
                except ValueError as error:
                    found[name] = {"error": str(error)}
    if chosen.compare is None:
        json.dump(found, sys.stdout, indent=1)
        return 0
    before = json.loads(chosen.compare.read_text())
    differing = [
        f"{name}: {part}"
        for name, digests in found.items()
        for part in digests
        if before.get(name, {}).get(part) != digests[part]
    ]
    print(*differing, sep="\n")
    print(f"{len(found)} models, {len(differing)} digests differ")
    return bool(differing)


if __name__ == "__main__":
    raise SystemExit(main())
