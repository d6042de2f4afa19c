"""All figures of all ways to predict on the same rows, each with its interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from hyalite.parameters import Array
from hyalite.recipes.report import class_figures, number_figures
from hyalite.recipes.report.bootstrap import Interval, draws_for, interval, weightings
from hyalite.recipes.report.evidence import Evidence
from hyalite.recipes.results import format_number

MOST_F1_CLASSES = 60  # of more classes there is no figure for each
Form = Literal["share", "plain", "unit"]


@dataclass(frozen=True)
class Figure:
    """How a figure is called and read.

    Attributes:
        name: of it.
        form: a "share" is shown as percent, "unit" as a number of the target's, "plain" as such.
        better: "high" or "low"; none where it is neither.
        meaning: in a few words, for those who do not know it.
    """

    name: str
    form: Form
    better: Literal["high", "low", ""]
    meaning: str

    def text(self, value: float) -> str:
        """The value as it is shown."""
        if not np.isfinite(value):
            return "–"
        if self.form == "share":
            return f"{100 * value:.1f} %"
        return format_number(value) if self.form == "unit" else f"{value:z.3f}"


Compute = Callable[[Array, Array, Array], Array]
CLASSES: Sequence[tuple[Figure, Compute]] = (
    (
        Figure("log loss", "plain", "low", "−ln of the true class's probability, on average"),
        class_figures.log_loss,
    ),
    (Figure("accuracy", "share", "high", "rows whose class is right"), class_figures.accuracy),
    (
        Figure("balanced accuracy", "share", "high", "the same by class, then averaged"),
        class_figures.balanced_accuracy,
    ),
    (
        Figure("Brier score", "plain", "low", "squared distance of the probabilities"),
        class_figures.brier_score,
    ),
    (
        Figure(
            "ROC AUC",
            "plain",
            "high",
            "how often a row of the class is thought likelier to be of it",
        ),
        class_figures.roc_auc,
    ),
    (
        Figure("PR AUC", "plain", "high", "mean precision over all recalls"),
        class_figures.average_precision,
    ),
    (
        Figure("calibration error", "share", "low", "how far probabilities are from shares"),
        class_figures.calibration_error,
    ),
)
NUMBERS: Sequence[tuple[Figure, Compute]] = (
    (
        Figure("RMSE", "unit", "low", "root of the mean squared miss; large ones count most"),
        number_figures.root_mean_squared_error,
    ),
    (
        Figure("mean error", "unit", "low", "off by so much on average"),
        number_figures.mean_absolute_error,
    ),
    (
        Figure("R²", "plain", "high", "share of the variance that is explained"),
        number_figures.r_squared,
    ),
)


class Comparison:
    """The figures of all ways, on the rows and on draws of them.

    Attributes:
        figures: what was measured, the one that decides first.
        f1: of each class and way, classes by label; empty for numbers.
        intervals: the coverage and the mean width of predicted intervals, if any.

    Args:
        evidence: with the answers.
    """

    def __init__(self, evidence: Evidence) -> None:
        kinds = CLASSES if evidence.classes else NUMBERS
        self.figures = [figure for figure, _ in kinds]
        self._drawn = _drawn(evidence, {figure.name: compute for figure, compute in kinds})
        self.names = [way.name for way in evidence.ways]
        self.f1: dict[str, list[Interval]] = {}
        if 0 < len(evidence.classes) <= MOST_F1_CLASSES:
            for name in self.names:
                found = self._drawn[name].pop("f1")
                self.f1[name] = [interval(column) for column in found.T]
        self.intervals = _measured_intervals(evidence)

    def interval(self, way: str, figure: str) -> Interval:
        """A figure of a way."""
        return interval(self._drawn[way][figure])

    def difference(self, one: str, other: str, figure: str) -> Interval:
        """Figure of one way minus that of another, draw by draw of the same rows."""
        return interval(self._drawn[one][figure] - self._drawn[other][figure])

    def table(self) -> list[tuple[Figure, list[Interval]]]:
        """A line for each figure, an interval for each way."""
        return [
            (figure, [self.interval(name, figure.name) for name in self.names])
            for figure in self.figures
        ]


def _drawn(evidence: Evidence, computed: Mapping[str, Compute]) -> dict[str, dict[str, Array]]:
    """way -> figure -> its values: on the rows first, then on each draw, the same for all ways."""
    rows, outputs = len(evidence.y), max(1, len(evidence.classes))
    if 0 < len(evidence.classes) <= MOST_F1_CLASSES:
        computed = {**computed, "f1": class_figures.f1_by_class}
    parts: dict[str, dict[str, list[Array]]] = {
        way.name: {name: [] for name in computed} for way in evidence.ways
    }
    y = np.asarray(evidence.y)
    for w in weightings(rows, draws_for(rows, outputs), evidence.weights):
        for way in evidence.ways:
            for name, compute in computed.items():
                parts[way.name][name].append(compute(np.asarray(way.answers, np.float64), y, w))
    return {
        way: {name: np.concatenate(values) for name, values in figures.items()}
        for way, figures in parts.items()
    }


def _measured_intervals(evidence: Evidence) -> dict[str, tuple[Figure, Interval]]:
    found = evidence.intervals
    if found is None:
        return {}
    share = f"{100 * found.coverage:g} %"
    kinds: dict[str, tuple[Figure, Callable[[Array], Array]]] = {
        "coverage": (
            Figure(f"coverage of {share} intervals", "share", "", f"should be {share}"),
            partial(number_figures.coverage, found.low, found.high, evidence.y),
        ),
        "width": (
            Figure(f"mean width of {share} intervals", "unit", "low", "the narrower the better"),
            partial(number_figures.mean_width, found.low, found.high),
        ),
    }
    ws = list(weightings(len(evidence.y), draws_for(len(evidence.y)), evidence.weights))
    return {
        key: (figure, interval(np.concatenate([compute(w) for w in ws])))
        for key, (figure, compute) in kinds.items()
    }
