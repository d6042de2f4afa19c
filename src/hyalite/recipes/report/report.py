"""The report of a training: verdict, figures, warnings and effects, and the page of them all."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from hyalite.files.replacing import replace
from hyalite.importance import Importance
from hyalite.recipes.report import effects
from hyalite.recipes.report.comparison import Comparison
from hyalite.recipes.report.dependence import Dependence
from hyalite.recipes.report.evidence import Evidence
from hyalite.recipes.report.leaks import leaks
from hyalite.recipes.report.page import page
from hyalite.recipes.report.verdict import Verdict, judge
from hyalite.recipes.report.warnings import warnings


class TrainingReport:
    """What can be said of a trained model; each part is computed when it is first asked for.

    Args:
        evidence: answers for rows that training never saw, and what is known.

    Attributes:
        evidence: itself.
        comparison: the figures of all ways to predict, with intervals.
        verdict: which way to take, in a sentence.
        warnings: what should make one doubt the figures, as sentences.
        importance: what each column is worth; None where the model is not at hand.
        dependences: how the answer moves along the most important columns.

    Examples:
        >>> y = np.array([0, 1] * 50)
        >>> sure = np.where(y[:, None] == [0, 1], 0.9, 0.1)
        >>> evidence = hy.recipes.report.Evidence(
        ...     name="coins", target="side", classes=("head", "tail"), y=y,
        ...     network=hy.recipes.report.Way("this network", sure),
        ...     trivial=hy.recipes.report.Way("always 'head'", np.full((100, 2), 0.5)),
        ... )
        >>> report = hy.recipes.report.TrainingReport(evidence)
        >>> report.verdict.take, report.comparison.interval("this network", "accuracy").value
        ('network', 1.0)
        >>> report.save("report.html")
    """

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence

    @cached_property
    def comparison(self) -> Comparison:
        """The figures of all ways to predict, with intervals."""
        return Comparison(self.evidence)

    @cached_property
    def leaks(self) -> dict[str, float]:
        """Columns that alone tell the target, and the share of it that each leaves untold."""
        return leaks(self.evidence)

    @cached_property
    def verdict(self) -> Verdict:
        """Which way to take, in a sentence."""
        return judge(self.evidence, self.comparison, list(self.leaks))

    @cached_property
    def warnings(self) -> list[str]:
        """What should make one doubt the figures, as sentences."""
        return warnings(self.evidence, self.leaks)

    @cached_property
    def importance(self) -> Importance | None:
        """What each column is worth, by log loss or RMSE; None where the model is not at hand."""
        inside = self.evidence.inside
        return None if inside is None else effects.importance(self.evidence, inside)

    @cached_property
    def dependences(self) -> list[Dependence]:
        """How the answer moves along the most important columns."""
        inside, found = self.evidence.inside, self.importance
        return [] if inside is None or found is None else effects.dependences(inside, found)

    def html(self) -> str:
        """The page: one file that loads nothing, for a browser or a printer."""
        return page(
            self.evidence,
            self.comparison,
            self.verdict,
            self.warnings,
            self.importance,
            self.dependences,
        )

    def save(self, path: str | Path) -> None:
        """Write the page.

        Raises:
            OSError: it cannot be written; an older file at `path` is then untouched.
        """
        replace(Path(path), self.html().encode())
