"""Our estimators, in each of their efforts."""

from __future__ import annotations

from functools import partial
from typing import Any

from benchmarks.tabular.needed import needed
from benchmarks.tabular.protocol import Cut
from benchmarks.tabular.rivals import Participant

EFFORTS = ("quick", "default", "best")
COVERAGE = 0.9  # of the intervals


def hyalite(cut: Cut, effort: str) -> Any:
    """Answers; for numbers with the intervals, ((n,), (n, 2))."""
    estimators = needed("hyalite.sklearn")
    if cut.task == "classification":
        model = estimators.TabularClassifier(effort=effort, random_state=0).fit(cut.x, cut.y)
        return model.predict_proba(cut.x_test), list(model.classes_)
    model = estimators.TabularRegressor(effort=effort, random_state=0).fit(cut.x, cut.y)
    return model.predict(cut.x_test), model.predict_interval(cut.x_test, coverage=COVERAGE)


OURS: dict[str, Participant] = {
    effort: Participant(
        f"Hyalite, {effort}",
        partial(hyalite, effort=effort),
        ("sklearn", "narwhals"),
        'pip install "hyalite[fast,sklearn,tables]"',
    )
    for effort in EFFORTS
}
