"""What a network for a table has to beat: a trivial answer, and a linear model of the same data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hyalite.cli.recipe import FEWEST_EPOCHS, SAMPLES_SEEN
from hyalite.cli.results import number
from hyalite.cli.tables import TableTask
from hyalite.layers import Dense
from hyalite.model import Sequential
from hyalite.optimizers import Adam
from hyalite.parameters import Array
from hyalite.schedules import CosineDecay

WIDEST = 2000  # features; of categories that would make it wider, the linear model knows nothing
PENALTY = 1.0  # of the weights' squares in the summed loss, scikit-learn's default


@dataclass
class Line:
    """One line of the report: two figures of one way to predict."""

    name: str
    figures: tuple[float, float]


def report(task: TableTask, model: Sequential) -> str:
    """The network's figures on the validation rows, beside those of the baselines.

    Args:
        task: as trained on.
        model: finished, with its output in the target's unit.
    """
    if task.classes:
        head, lines = ("accuracy", "log loss"), _classifiers(task, model)
        texts = [(f"{100 * a:.1f} %", f"{b:.3f}") for a, b in (line.figures for line in lines)]
    else:
        head, lines = ("mean error", "R²"), _regressors(task, model)
        texts = [(number(a), f"{b:z.3f}") for a, b in (line.figures for line in lines)]
    title = f"On {len(task.x_test):,} {task.part} rows"
    rows = [(title, *head), *((f"  {n.name}", *t) for n, t in zip(lines, texts, strict=True))]
    wide = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(f"{a:<{wide[0]}}  {b:>{wide[1]}}  {c:>{wide[2]}}" for a, b, c in rows)


def _classifiers(task: TableTask, model: Sequential) -> list[Line]:
    y, count = task.y_test, len(task.classes)
    shares = np.bincount(task.y, minlength=count) / len(task.y)
    # for two classes scikit-learn has one column of weights, which weighs as much as our two do
    penalty = PENALTY * (2 if count == 2 else 1) / (2 * len(task.y))
    linear = Sequential([Dense(count, "softmax", l2=penalty)])
    batches = -(-len(task.y) // 32)
    steps = batches * max(FEWEST_EPOCHS, SAMPLES_SEEN // len(task.y))
    linear.compile("categorical_crossentropy", Adam(CosineDecay(0.01, steps)))
    x, x_test = linear_features(task)
    linear.fit(x, task.y, epochs=steps // batches, seed=0, verbose=0)
    ways = [
        ("this network", model.predict(task.x_test)),
        ("logistic regression", linear.predict(x_test)),
        (f"always {task.classes[shares.argmax()]!r}", np.tile(shares, (len(y), 1))),
    ]
    return [Line(name, _classification(shares, y)) for name, shares in ways]


def _regressors(task: TableTask, model: Sequential) -> list[Line]:
    target, y = task.quantity, task.truth
    x, x_test = linear_features(task)
    linear = x_test @ ridge(x, task.y, PENALTY) * target.scale + target.mean
    ways = [
        ("this network", model.predict(task.x_test)[:, 0]),
        ("ridge regression", linear),
        ("always the mean", np.full(len(y), target.mean)),
    ]
    return [Line(name, _regression(predicted, y)) for name, predicted in ways]


def ridge(x: Array, y: Array, penalty: float) -> Array:
    """W of the least |y - x·w|² + penalty·|w|² (without the last weight): (XᵀX + λI) w = Xᵀy.

    The last feature is the constant 1. Source: Hoerl & Kennard 1970.
    """
    x = x.astype(np.float64)
    normal = x.T @ x
    normal[np.diag_indices(x.shape[1] - 1)] += penalty
    return np.asarray(np.linalg.lstsq(normal, x.T @ y, rcond=None)[0])


def linear_features(task: TableTask) -> tuple[Array, Array]:
    """Training and validation inputs for a linear model: embedded categories one-hot, a 1 last."""
    parts = []
    for x in (task.x, task.x_test):
        counts = task.preparation.embedded
        numbers = x.shape[1] - len(counts)
        columns = [x[:, :numbers]]
        for place, count in enumerate(counts):
            if sum(column.shape[1] for column in columns) + count <= WIDEST:
                columns.append((x[:, [numbers + place]] == np.arange(count)).astype(x.dtype))
        parts.append(np.hstack([*columns, np.ones((len(x), 1), x.dtype)]))
    return parts[0], parts[1]


def _classification(shares: Array, y: Array) -> tuple[float, float]:
    right = float((shares.argmax(axis=1) == y).mean())
    chosen = shares[np.arange(len(y)), y].astype(np.float64)
    return right, float(-np.log(chosen.clip(1e-7, 1)).mean())


def _regression(predicted: Array, y: Array) -> tuple[float, float]:
    off = predicted.astype(np.float64) - y
    spread = float(((y - y.mean()) ** 2).sum())
    return float(np.abs(off).mean()), 1 - float((off**2).sum()) / spread if spread else 0.0
