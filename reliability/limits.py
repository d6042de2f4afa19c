"""Numbers at the edge: a finite loss and gradient, or the error that says what is wrong."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator

import numpy as np

import hyalite as hy
from reliability.finding import Finding
from reliability.kills import engines

TITLE = "Numerical limits"
ROWS, FEATURES, CLASSES = 8, 5, 4
LOSSES = {
    "categorical_crossentropy": ("softmax", None),
    "binary_crossentropy": ("sigmoid", None),
    "mean_squared_error": (None,),
    "mean_absolute_error": (None,),
    "huber": (None,),
}
OPTIMIZERS = ("sgd", "adagrad", "rmsprop", "adam", "adamw")


def samples() -> Iterator[tuple[str, np.ndarray]]:
    """Inputs by what is odd about them."""
    rng = np.random.default_rng(0)
    plain = rng.standard_normal((ROWS, FEATURES))
    yield "plain", plain
    yield "constant columns", np.ones((ROWS, FEATURES))
    yield "zeros", np.zeros((ROWS, FEATURES))
    yield "denormals", np.full((ROWS, FEATURES), 1e-42)
    yield "one row", plain[:1]
    yield "large", plain * 1e4
    yield "tiny and large", plain * np.logspace(-30, 15, FEATURES)


def targets(loss: str, rows: int) -> Iterator[tuple[str, np.ndarray]]:
    """Targets by what is odd about them."""
    if loss == "categorical_crossentropy":
        yield "one class", np.zeros(rows, np.int64)
        yield "all classes", np.arange(rows) % CLASSES
        yield "probabilities 0 and 1", np.eye(CLASSES)[np.arange(rows) % CLASSES]
    elif loss == "binary_crossentropy":
        yield "all 0", np.zeros((rows, CLASSES))
        yield "all 1", np.ones((rows, CLASSES))
        yield "0 and 1", np.indices((rows, CLASSES)).sum(0) % 2.0
    else:
        yield "zeros", np.zeros((rows, CLASSES))
        yield "large", np.full((rows, CLASSES), 1e4)


def measure(full: bool) -> list[Finding]:
    """All combinations; there is no shorter form."""
    return [_engine(engine) for engine in engines()]


def _engine(engine: str) -> Finding:
    finding = Finding(f"Finite loss and gradient, or the error that names why ({engine} engine).")
    for dtype, loss in itertools.product(("float32", "float64"), LOSSES):
        for ending, (which, x) in itertools.product(LOSSES[loss], samples()):
            for kind, y in targets(loss, len(x)):
                for scale, middle in itertools.product((1.0, 1e4, -1e4), MIDDLES):
                    where = f"{dtype} {loss} {ending} {middle} x {which}, y {kind}, W·{scale:g}"
                    _try(finding, engine, dtype, loss, ending, middle, x, y, scale, where)
    return finding


MIDDLES = ("nothing", "batch", "layer")


def _try(
    finding: Finding,
    engine: str,
    dtype: str,
    loss: str,
    ending: str | None,
    middle: str,
    x: np.ndarray,
    y: np.ndarray,
    scale: float,
    where: str,
) -> None:
    layers: list[hy.Layer] = [hy.Dense(6, "tanh")]
    if middle == "batch":
        layers.append(hy.BatchNormalization())
    elif middle == "layer":
        layers.append(hy.LayerNormalization())
    layers.append(hy.Dense(CLASSES, ending))
    model = hy.Sequential(layers, dtype=dtype)
    made: object = loss
    if ending is None and loss.endswith("crossentropy"):
        kinds = {
            "categorical_crossentropy": hy.CategoricalCrossentropy,
            "binary_crossentropy": hy.BinaryCrossentropy,
        }
        made = kinds[loss](from_logits=True)
    optimizer = OPTIMIZERS[finding.tried.get("models", 0) % len(OPTIMIZERS)]
    model.compile(made, optimizer, ["accuracy"], engine=engine)  # type: ignore[arg-type]
    model.build(FEATURES, seed=0)
    last = model.layers[-1]
    last.values["W"][...] *= scale  # logits of ±1e4 and beyond
    finding.count("models")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            model.fit(x, y, epochs=2, batch_size=None, verbose=0, seed=0)
            finding.check(bool(np.isfinite(model.grad).all()), f"{where}: gradient")
            finding.check(bool(np.isfinite(model.theta).all()), f"{where}: parameters")
            finding.check(bool(np.isfinite(model.history["loss"]).all()), f"{where}: loss")
            finding.check(bool(np.isfinite(model.predict(x)).all()), f"{where}: prediction")
    except hy.NonFiniteError:
        finding.count("named errors")
    except Exception as error:
        finding.breaks(f"{where}: {error!r}")
