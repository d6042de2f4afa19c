"""From a table and its target to a `TabularModel`, with what was found on rows kept back."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from hyalite import checks
from hyalite.data.tables import Preparation, Table
from hyalite.data.tables.targets import tamed
from hyalite.data.tables.vocabulary import Vocabulary
from hyalite.parameters import Array
from hyalite.recipes.baselines import Report
from hyalite.recipes.report import TrainingReport
from hyalite.recipes.report.mixture import evidence_of_mixture
from hyalite.recipes.results import classes_sentence, format_number, numbers_sentence
from hyalite.recipes.tabular.effort import Options
from hyalite.recipes.tabular.ensemble import TabularModel
from hyalite.recipes.tabular.problem import Problem
from hyalite.recipes.tabular.scores import report_figures
from hyalite.recipes.tabular.training import Mixture, train_mixture

RARE = 0.2  # share of a class
KEPT_BACK = "held-out rows"


class TrainedTable:
    """What a training on a table gave: a mixture of networks and a linear model.

    The finished model has learned from all rows; its figures are honest all the same, since each
    row was predicted by those members only that had not seen it (of a quick training one fifth of
    the rows was kept back instead).

    Args:
        model: that predicts.
        mixture: how it was weighed, with the answers for the rows kept back.
        problem: what it was trained on.
        seconds: that it took.

    Attributes:
        classes: names in the order of the probabilities; none where the target is numbers.
        y: true labels or numbers of the rows kept back, (rows,).
        table: the rows trained on, for the full report; None where they are not kept.
        answers: of each way to predict for these rows, by name: probabilities (rows, classes) or
            numbers (rows,); the mixture's first, the trivial one's last.
        result: what the mixture achieved on them, as a sentence.
        report: its figures beside those of the linear model and of the trivial answer.

    Examples:
        >>> import pyarrow
        >>> rooms = [1, 2, 3, 4, 5] * 8
        >>> table = pyarrow.table({"rooms": rooms, "price": [100.5 * n for n in rooms]})
        >>> trained = hy.recipes.fit_table(table, "price", effort="quick", verbose=0)
        >>> trained.predict(pyarrow.table({"rooms": [3]})).round(-1).tolist()
        [300.0]
        >>> list(trained.report.figures)
        ['this network', 'linear model', 'always the mean']
    """

    def __init__(
        self, model: TabularModel, mixture: Mixture, problem: Problem, seconds: float
    ) -> None:
        self.model, self.mixture, self.problem, self.seconds = model, mixture, problem, seconds
        self.table: Table | None = None
        self.classes = model.classes
        self.y = problem.y[mixture.rows]
        if self.classes:
            self.result = classes_sentence(mixture.answers.argmax(axis=1), self.y, KEPT_BACK)
        else:
            self.result = numbers_sentence(mixture.answers, self.y, KEPT_BACK)
        model.metadata["result"] = self.result

    @cached_property
    def answers(self) -> dict[str, Array]:
        """Of each way to predict for the rows kept back, by name."""
        y, weight, count = self.problem.y, self.problem.weights(), len(self.y)
        found = {"this network": self.mixture.answers, "linear model": self.mixture.linear}
        if self.classes:
            shares = np.bincount(y, weight, minlength=len(self.classes)) / weight.sum()
            found[f"always {self.classes[shares.argmax()]!r}"] = np.tile(shares, (count, 1))
        else:
            found["always the mean"] = np.full(count, np.average(y, weights=weight))
        return found

    @cached_property
    def report(self) -> Report:
        """The figures of all ways to predict on the rows kept back."""
        figures = {name: report_figures(found, self.y) for name, found in self.answers.items()}
        return Report(f"{len(self.y):,} rows kept back", figures)

    def full_report(
        self, name: str = "table", model_file: str | Path = "model.safetensors"
    ) -> TrainingReport:
        """Verdict, warnings, figures with intervals, and pictures.

        Args:
            name: of the data.
            model_file: where the model is saved, for the commands that the page shows.

        Raises:
            ValueError: the rows trained on were not kept; `fit_table` does.
        """
        if self.table is None:
            raise ValueError("a full report needs the rows trained on; train by fit_table")
        return TrainingReport(evidence_of_mixture(self, self.table, name, model_file))

    def predict(self, data: Any) -> Array:
        """The name of the likeliest class for each row, (n,), or its number."""
        return self.model.predict(data)

    def predict_proba(self, data: Any) -> Array:
        """The probability of each class, (n, classes), in the order of `classes`.

        Raises:
            ValueError: the model predicts numbers.
        """
        return self.model.predict_proba(data)

    def predict_interval(self, data: Any, coverage: float = 0.9) -> Array:
        """Between which numbers the true one lies in that share of all rows, (n, 2).

        Raises:
            ValueError: the model predicts classes, or coverage is not above 0 and below 1.
        """
        return self.model.predict_interval(data, coverage)

    def evaluate(self, data: Any) -> dict[str, float]:
        """Figures on other rows that have the target; see `TabularModel.evaluate`."""
        return self.model.evaluate(data)

    def save(self, path: str | Path) -> None:
        """Write the model, with what prepares its rows, to one file, which `load` reads.

        Raises:
            OSError: it cannot be written; an older file at `path` is then untouched.
        """
        self.model.save(path)

    def describe(self) -> str:
        """How it was trained, in a few lines."""
        plan = self.mixture.plan
        lines = [f"{plan.describe()}; the mixture: {self.mixture.shares_text}"]
        if plan.folds > 1:
            lines.append(
                "all rows were learned from; the figures of each are by networks that had not"
            )
        elif self.problem.kept is not None:
            lines.append("the figures are of the pack's validation rows, which none learned from")
        else:
            lines.append("four fifths of the rows were learned from; the figures are of the others")
        if any(one.target is not None and one.target.log for one in self.mixture.members):
            lines.append("some members have learned the target's logarithm, which did better")
        if self.mixture.threshold is not None:
            share = float(np.mean(self.problem.y))
            if min(share, 1 - share) < RARE:
                lines.append(
                    f"for the best F1, name {self.classes[1]!r} from a probability of "
                    f"{self.mixture.threshold:.2f} on"
                )
        if self.mixture.intervals is not None:
            width = 2 * np.median(self.mixture.intervals.widths(self.mixture.answers, 0.9))
            lines.append(f"intervals of 90 % are mostly {format_number(float(width))} wide")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<TrainedTable: {self.result}>"


def fit_rows(
    table: Any,
    y: Array,
    preparation: Preparation,
    options: Options,
    *,
    weight: Array | None = None,
    groups: Array | None = None,
    metric: str = "log_loss",
) -> TrainedTable:
    """Train on the rows of a table.

    Args:
        table: the rows.
        y: their labels, int64 (n,), or numbers, float64 (n,).
        preparation: learned from these rows.
        options: how it is run.
        weight: what each counts (n,), or None.
        groups: rows of one are not torn apart by a cut (n,), or None.
        metric: that the epoch is chosen by: "log_loss", "accuracy" or "rmse".

    Raises:
        ValueError: rows that nothing can be learned from.
    """
    began = time.perf_counter()
    x = preparation.x(table)
    classes = len(getattr(preparation.target, "known", ()))
    if not classes:
        y, _ = tamed(y)
    if weight is not None:
        weight = checks.weights(weight, len(x), "weight")
        weight = weight / weight.mean()
    problem = Problem(x, y, preparation.schema, classes, weight, groups, metric)
    return fit_problem(problem, preparation, options, began)


def fit_problem(
    problem: Problem, preparation: Preparation, options: Options, began: float
) -> TrainedTable:
    """Train on rows that are prepared.

    Args:
        problem: the rows.
        preparation: of them.
        options: how it is run.
        began: by `time.perf_counter`.
    """
    mixture = train_mixture(problem, options)
    model = TabularModel(
        preparation,
        mixture.members,
        mixture.weights,
        rows=problem.training_rows,
        temperature=mixture.temperature,
        threshold=mixture.threshold,
        intervals=mixture.intervals,
        metadata={"effort": options.effort, "losses": mixture.losses},
    )
    model.use_engine(options.engine)
    return TrainedTable(model, mixture, problem, time.perf_counter() - began)


def class_weights(
    labels: Array, classes: tuple[str, ...], given: Mapping[str, float] | str | None
) -> Array | None:
    """What each row counts by its class (n,).

    Args:
        labels: of the rows (n,).
        classes: their names.
        given: a number for some names, "balanced", or None.

    Raises:
        ValueError: an unknown class, or another word than "balanced".
    """
    if given is None:
        return None
    if given == "balanced":
        counts = np.bincount(labels, minlength=len(classes))
        return np.asarray(len(labels) / (len(classes) * counts[labels].clip(1)))
    if not isinstance(given, Mapping):
        raise ValueError(f"class_weight must be a dict or 'balanced', got {given!r}")
    factors = np.ones(len(classes))
    known = Vocabulary(classes)  # which takes 1.0 for "1", and True for "true"
    for name, factor in given.items():
        place = known.place(str(name))
        if place is None:
            raise ValueError(f"class_weight has the class {name!r}; there are {', '.join(classes)}")
        factors[place] = checks.number(factor, f"class_weight[{name!r}]", low=0)
    return np.asarray(factors[labels])
