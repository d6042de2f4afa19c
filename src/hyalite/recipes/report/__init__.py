"""The report of a trained table model: figures with intervals, verdict, warnings, effects, page.

It takes plain arrays (`Evidence`), whatever was trained, and judges by rows not trained on::

    report = hy.recipes.report.TrainingReport(evidence)
    print(report.verdict)
    report.save("report.html")

Each part is a file: formulas in `class_figures` and `number_figures`, their intervals in
`bootstrap`, all of them for all ways to predict in `comparison`, the sentence in `verdict`, doubts
in `warnings` (with `leaks` and `drift`), how the answer moves in `dependence`; `pictures` and
`effects` draw with `svg`, `page` puts them together.
"""

from hyalite.recipes.report.comparison import Comparison, Figure
from hyalite.recipes.report.evidence import Column, Curves, Evidence, Inside, Intervals, Way
from hyalite.recipes.report.report import TrainingReport
from hyalite.recipes.report.verdict import Verdict

__all__ = [
    "Column",
    "Comparison",
    "Curves",
    "Evidence",
    "Figure",
    "Inside",
    "Intervals",
    "TrainingReport",
    "Verdict",
    "Way",
]
