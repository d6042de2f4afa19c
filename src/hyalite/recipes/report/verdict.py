"""The verdict in one sentence: which way to predict to take, decided on the same rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hyalite.recipes.report.bootstrap import Interval
from hyalite.recipes.report.comparison import Comparison, Figure
from hyalite.recipes.report.evidence import Evidence
from hyalite.text import shown

NAMED = 3  # leaks in the sentence
FEW_ROWS = 30  # on fewer, a draw is no judge


@dataclass(frozen=True)
class Verdict:
    """Which way to take.

    Attributes:
        take: "network", "linear" or "trivial".
        sentence: that says so, with the figures that decided.
        leaks: columns that seem to give the target away, so that all figures are too good.

    Examples:
        >>> print(hy.recipes.report.Verdict("linear", "Take the ridge regression."))
        Take the ridge regression.
    """

    take: Literal["network", "linear", "trivial"]
    sentence: str
    leaks: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.sentence


def judge(evidence: Evidence, comparison: Comparison, leaks: Sequence[str] = ()) -> Verdict:
    """The way to take; where a column is suspected to give the target away, that is said first.

    Args:
        evidence: with the answers.
        comparison: of their figures.
        leaks: columns that give the target away.
    """
    found = _decided(evidence, comparison)
    if not leaks:
        return found
    names = ", ".join(repr(shown(name)) for name in leaks[:NAMED])
    doubt = f"Too good to be true: {names} alone gives {shown(evidence.target)!r} away"
    return Verdict(found.take, f"{doubt}. Else: {found.sentence}", tuple(leaks))


def _decided(evidence: Evidence, comparison: Comparison) -> Verdict:
    """Decide by the first figure, log loss or RMSE, both lower where better.

    A way is better where the 95 % interval of the paired difference lies above 0. What is more
    complicated has to be better than what is simpler: in doubt the simpler one is taken.
    """
    figure, trivial = comparison.figures[0], evidence.trivial.name
    better = {
        way.name: comparison.difference(trivial, way.name, figure.name)
        for way in evidence.ways[:-1]
    }
    if not any(difference.low > 0 for difference in better.values()):
        return Verdict("trivial", _nothing(evidence, comparison, figure))
    network, linear = evidence.network, evidence.linear
    called = network.name.removeprefix("this ")  # "network", or "model" of a mixture
    if linear is None:
        sentence = _compared(evidence, comparison, figure, trivial, better[network.name])
        return Verdict("network", f"The {called} is better than {sentence}.")
    gain = comparison.difference(linear.name, network.name, figure.name)
    sentence = _compared(evidence, comparison, figure, f"the {linear.name}", gain)
    if gain.low > 0:
        return Verdict("network", f"The {called} is better than {sentence}.")
    if gain.high < 0:
        told = _compared(evidence, comparison, figure, f"the {called}", gain, turned=True)
        return Verdict("linear", f"The {linear.name} is better than {told}; take it.")
    if gain.value <= 0:
        told = _compared(evidence, comparison, figure, f"the {called}", gain, turned=True)
        return Verdict("linear", f"The {linear.name} is as good as or better than {told}; take it.")
    return Verdict(
        "linear",
        f"The {called} is not clearly better than {sentence}; "
        f"take the {linear.name}, which is simpler, or measure on more rows.",
    )


def _nothing(evidence: Evidence, comparison: Comparison, figure: Figure) -> str:
    figures = [
        f"{way.name.removeprefix('this ')} "
        f"{figure.text(comparison.interval(way.name, figure.name).value)}"
        for way in evidence.ways
    ]
    few = "; so few rows can hardly show it" if len(evidence.y) < FEW_ROWS else ""
    return (
        f"Nothing is clearly better than {evidence.trivial.name} on {evidence.rows_text} "
        f"({figure.name}: {', '.join(figures)}){few}."
    )


def _compared(
    evidence: Evidence,
    comparison: Comparison,
    figure: Figure,
    other: str,
    gain: Interval,
    turned: bool = False,
) -> str:
    """'the ridge regression on 59 validation rows (RMSE 3 instead of 4, difference 1 ± 0.2)'."""
    rival = evidence.linear or evidence.trivial
    names = [evidence.network.name, rival.name]
    own, its = (
        figure.text(comparison.interval(name, figure.name).value)
        for name in (reversed(names) if turned else names)
    )
    return (
        f"{other} on {evidence.rows_text} ({figure.name} {own} instead of {its}, "
        f"difference {_small(figure, abs(gain.value), gain.half)} ± "
        f"{_small(figure, gain.half, gain.half)})"
    )


def _small(figure: Figure, value: float, half: float) -> str:
    """A difference, with as many digits as its uncertainty has to show."""
    if figure.form == "plain" and 0 < half < 0.0095:
        digits = 1 - math.floor(math.log10(half))
        return f"{value:.{digits}f}"
    return figure.text(value)
