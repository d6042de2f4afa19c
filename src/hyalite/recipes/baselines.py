"""What a network has to beat: the trivial answer, and for a table a linear model of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hyalite.layers import Dense
from hyalite.model import Sequential
from hyalite.optimizers import Adam
from hyalite.parameters import Array
from hyalite.recipes.dataset import Dataset
from hyalite.recipes.metadata import target_offset
from hyalite.recipes.recipe import FEWEST_EPOCHS, SAMPLES_SEEN
from hyalite.recipes.results import format_number
from hyalite.recipes.tables import TableDataset
from hyalite.schedules import CosineDecay
from hyalite.text import text_table
from hyalite.translation import translated

MAX_LINEAR_FEATURES = (
    2000  # features; of categories that would make it wider, the linear model knows nothing
)
RIDGE_PENALTY = 1.0  # of the weights' squares in the summed loss, scikit-learn's default


@dataclass(frozen=True)
class Report:
    """What a network and simpler ways to predict achieve on the same samples.

    Attributes:
        samples: how many and of what, such as "59 validation rows".
        figures: of each way, the network's first: "accuracy" and "log loss" of classes, "mean
            error" and "R²" of numbers, in the target's unit.

    Examples:
        >>> figures = {"this network": {"accuracy": 0.93, "log loss": 0.21}}
        >>> figures["always 'no'"] = {"accuracy": 0.6, "log loss": 0.673}
        >>> print(hy.recipes.Report("59 validation rows", figures))
        On 59 validation rows  accuracy  log loss
          this network           93.0 %     0.210
          always 'no'            60.0 %     0.673
    """

    samples: str
    figures: Mapping[str, Mapping[str, float]]

    def __str__(self) -> str:
        head: list[str] = []
        rows = []
        for name, figures in self.figures.items():
            head = head or list(map(translated, (f"On {self.samples}", *figures)))
            texts = (_text(key, value) for key, value in figures.items())
            rows.append([translated(f"  {name}"), *texts])
        return text_table([head, *rows], "<>>")


def _text(figure: str, value: float) -> str:
    if figure == "accuracy":
        return f"{100 * value:.1f} %"
    return format_number(value) if figure == "mean error" else f"{value:z.3f}"


def report(
    dataset: Dataset, model: Sequential, answers: Mapping[str, Array] | None = None
) -> Report:
    """The network's figures on the test samples, beside those of the baselines.

    Args:
        dataset: as trained on.
        model: finished, with its output in the target's unit.
        answers: of each way, as `all_answers` gives them; None has them computed.
    """
    found = all_answers(dataset, model) if answers is None else answers
    measured = _classification if dataset.classes else _regression
    y = dataset.y_test.reshape(len(dataset.y_test))
    ways = {name: measured(given, y) for name, given in found.items()}
    return Report(f"{len(dataset.x_test):,} {dataset.part} {dataset.noun}", ways)


def all_answers(dataset: Dataset, model: Sequential) -> dict[str, Array]:
    """What each way says of the test samples: the network first, the trivial answer last.

    Probabilities (n, classes), or numbers (n,) in the target's unit.
    """
    return _classifiers(dataset, model) if dataset.classes else _regressors(dataset, model)


def _classifiers(dataset: Dataset, model: Sequential) -> dict[str, Array]:
    classes = dataset.classes
    shares = np.bincount(dataset.y, minlength=len(classes)) / len(dataset.y)
    found = {"this network": model.predict(dataset.x_test)}
    if isinstance(dataset, TableDataset):
        found["logistic regression"] = logistic_regression(dataset)
    found[f"always {classes[shares.argmax()]!r}"] = np.tile(shares, (len(dataset.x_test), 1))
    return found


def _regressors(dataset: Dataset, model: Sequential) -> dict[str, Array]:
    found = {"this network": _numbers(model, dataset)}
    mean = float(dataset.y.mean())
    if isinstance(dataset, TableDataset):
        found["ridge regression"] = ridge_regression(dataset)
        mean = dataset.target.mean
    found["always the mean"] = np.full(len(dataset.x_test), mean)
    return found


def _numbers(model: Sequential, dataset: Dataset) -> Array:
    return model.predict(dataset.x_test)[:, 0].astype(np.float64) + target_offset(model)


def logistic_regression(dataset: TableDataset) -> Array:
    """Its probabilities (n, classes) for the test rows, trained on the others."""
    count, rows = len(dataset.classes), len(dataset.y)
    # for two classes scikit-learn has one column of weights, which weighs as much as our two do
    penalty = RIDGE_PENALTY * (2 if count == 2 else 1) / (2 * rows)
    linear = Sequential([Dense(count, "softmax", l2=penalty)])
    batches = -(-rows // 32)
    steps = batches * max(FEWEST_EPOCHS, SAMPLES_SEEN // rows)
    linear.compile("categorical_crossentropy", Adam(CosineDecay(0.01, steps)))
    x, x_test = linear_features(dataset)
    linear.fit(x, dataset.y, epochs=steps // batches, seed=0, verbose=0)
    return linear.predict(x_test)


def ridge_regression(dataset: TableDataset) -> Array:
    """Its predictions (n,) for the test rows, in the target's unit."""
    x, x_test = linear_features(dataset)
    y, _ = dataset.training_targets()
    return np.asarray(
        x_test @ ridge(x, y, RIDGE_PENALTY) * dataset.target.scale + dataset.target.mean
    )


def ridge(x: Array, y: Array, penalty: float) -> Array:
    """The w of the least |y - x·w|² + penalty·|w|² (without the last weight): (XᵀX + λI) w = Xᵀy.

    The last feature is the constant 1. With fewer rows than features the same w comes from a system
    of rows instead, over centred X and y: w = Xᵀ (XXᵀ + λI)⁻¹ y. Sources: Hoerl & Kennard 1970;
    Saunders, Gammerman & Vovk 1998 for the dual form.
    """
    x = x.astype(np.float64)
    if len(x) < x.shape[1] and penalty > 0:
        means, mean = x[:, :-1].mean(axis=0), y.mean()
        centred = x[:, :-1] - means
        inner = centred @ centred.T
        inner[np.diag_indices(len(x))] += penalty
        w = centred.T @ np.linalg.solve(inner, y - mean)
        return np.append(w, mean - means @ w)
    normal = x.T @ x
    normal[np.diag_indices(x.shape[1] - 1)] += penalty
    return np.asarray(np.linalg.lstsq(normal, x.T @ y, rcond=None)[0])


def linear_features(dataset: TableDataset) -> tuple[Array, Array]:
    """Training and validation inputs for a linear model: embedded categories one-hot, a 1 last."""
    parts = []
    for x in (dataset.x, dataset.x_test):
        counts = dataset.preparation.embedded
        numbers = x.shape[1] - len(counts)
        columns = [x[:, :numbers]]
        for place, count in enumerate(counts):
            if sum(column.shape[1] for column in columns) + count <= MAX_LINEAR_FEATURES:
                columns.append((x[:, [numbers + place]] == np.arange(count)).astype(x.dtype))
        parts.append(np.hstack([*columns, np.ones((len(x), 1), x.dtype)]))
    return parts[0], parts[1]


def _classification(probabilities: Array, y: Array) -> dict[str, float]:
    right = float((probabilities.argmax(axis=1) == y).mean())
    chosen = probabilities[np.arange(len(y)), y].astype(np.float64)
    return {"accuracy": right, "log loss": float(-np.log(chosen.clip(1e-7, 1)).mean())}


def _regression(predicted: Array, y: Array) -> dict[str, float]:
    off = predicted.astype(np.float64) - y
    spread = float(((y - y.mean()) ** 2).sum())
    r2 = 1 - float((off**2).sum()) / spread if spread else 0.0
    return {"mean error": float(np.abs(off).mean()), "R²": r2}
