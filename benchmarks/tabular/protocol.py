"""The cut and the figures of the comparison, the same for all who take part.

Four fifths of the rows to learn from and one fifth to be judged on, by class where there are
classes. Of larger tables a draw of rows is taken first. Whatever a participant learns, it learns
from the four fifths.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.tabular.needed import needed
from hyalite.parameters import Array

TEST_SHARE = 0.2
FEWEST_OF_CLASS = 5  # rows; rarer classes are left out, else a part may have none of them
SMALLEST_PROBABILITY = 1e-6
BINS = 10


@dataclass(frozen=True)
class Cut:
    """Rows to learn from and rows to be judged on.

    Attributes:
        task: "classification" or "regression".
        x, x_test: frames; numbers are float64, all else texts with None where one is missing.
        y, y_test: classes as texts, or numbers.
    """

    task: str
    x: Any
    y: Any
    x_test: Any
    y_test: Any

    @property
    def classes(self) -> list[str]:
        """Of both parts, sorted."""
        return sorted(set(self.y) | set(self.y_test))


def cut(x: Any, y: Any, task: str, max_rows: int, seed: int = 0) -> Cut:
    """The two parts.

    Args:
        x: frame of the columns.
        y: the target.
        task: "classification" or "regression".
        max_rows: to learn from, at most.
        seed: of the cut.
    """
    x, y = plain(x), (y.astype(str) if task == "classification" else y.astype(float))
    if task == "classification":
        counts = y.value_counts()
        often = y.isin(counts[counts >= FEWEST_OF_CLASS].index)
        x, y = x[often], y[often]
    most = int(max_rows / (1 - TEST_SHARE))
    if len(x) > most:
        rows = np.random.default_rng(0).permutation(len(x))[:most]
        x, y = x.iloc[rows], y.iloc[rows]
    parts = needed("sklearn.model_selection").train_test_split(
        np.arange(len(x)),
        test_size=TEST_SHARE,
        random_state=seed,
        stratify=y if task == "classification" else None,
    )
    (x, x_test), (y, y_test) = (
        [data.iloc[rows].reset_index(drop=True) for rows in parts] for data in (x, y)
    )
    return Cut(task, x, y, x_test, y_test)


def plain(x: Any) -> Any:
    """A frame whose columns are float64, or objects: texts, None where one is missing."""
    types = needed("pandas.api.types")
    x = x.copy()
    for name in x:
        column = x[name]
        if types.is_datetime64_any_dtype(column.dtype):
            first = needed("pandas").Timestamp("1970-01-01")
            x[name] = (column - first).dt.total_seconds()
        elif types.is_timedelta64_dtype(column.dtype):
            x[name] = column.dt.total_seconds()
        elif types.is_numeric_dtype(column.dtype) and not types.is_bool_dtype(column.dtype):
            x[name] = column.astype(float)
        else:
            truths = types.is_bool_dtype(column.dtype)
            texts = column.astype(object).where(column.notna(), None)
            x[name] = texts.map(lambda v: None if v is None else str(v)) if truths else texts
    return x


def aligned(probabilities: Array, classes: Any, order: list[str]) -> Array:
    """Probabilities (n, len(order)) in that order of classes; none is 0, each row's sum is 1."""
    full = np.zeros((len(probabilities), len(order)))
    for column, name in enumerate(classes):
        full[:, order.index(str(name))] = probabilities[:, column]
    full = np.clip(full, SMALLEST_PROBABILITY, None)
    return full / full.sum(1, keepdims=True)


def class_figures(probabilities: Array, labels: Array) -> dict[str, float]:
    """Log loss, share of wrong answers, and calibration error."""
    chosen = probabilities[np.arange(len(labels)), labels]
    return {
        "log loss": float(-np.log(chosen).mean()),
        "error": float((probabilities.argmax(1) != labels).mean()),
        "ECE": calibration_error(probabilities, labels),
        "ECE by chance": chance_calibration_error(probabilities),
    }


def number_figures(predicted: Array, truth: Array) -> dict[str, float]:
    """Root mean squared error over the standard deviation (n - 1) of the truth."""
    off = np.sqrt(np.mean((np.asarray(predicted, float).ravel() - truth) ** 2))
    return {"RMSE / std": float(off / truth.std(ddof=1))}


def calibration_error(probabilities: Array, labels: Array) -> float:
    """Expected calibration error of the likeliest class, over ten bins of equally many rows.

    ECE = Σ_bins (rows in the bin / rows) · |share right - mean probability|, of Guo et al. 2017,
    "On Calibration of Modern Neural Networks", with bins by rank in place of equal widths, which
    leave most bins nearly empty.
    """
    sure, right = probabilities.max(1), probabilities.argmax(1) == labels
    order = np.argsort(sure, kind="stable")
    bins = np.array_split(order, min(BINS, len(order)))
    off = [abs(right[rows].mean() - sure[rows].mean()) * len(rows) for rows in bins]
    return float(sum(off)) / len(order)


def chance_calibration_error(probabilities: Array, draws: int = 50) -> float:
    """The ECE that these probabilities would have if they were right: labels drawn from them."""
    random = np.random.default_rng(0)
    edges = probabilities.cumsum(1)
    found = []
    for _ in range(draws):
        labels = (random.random((len(edges), 1)) > edges).sum(1).clip(max=edges.shape[1] - 1)
        found.append(calibration_error(probabilities, labels))
    return float(np.mean(found))


def coverage(intervals: Array, truth: Array) -> float:
    """Share of the truth that lies within its interval, (n, 2)."""
    return float(((intervals[:, 0] <= truth) & (truth <= intervals[:, 1])).mean())
