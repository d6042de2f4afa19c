"""What an effort trains, and what a time limit leaves of it."""

from __future__ import annotations

from typing import Any

import pytest

from hyalite.recipes.tabular.effort import EFFORTS, Options, plan_for
from tests.recipes.tabular.helpers import problem


def test_more_effort_trains_more() -> None:
    table = problem(2000)
    work = [
        plan.trainings * plan.epochs * plan.settings[0].units
        for plan in (plan_for(table, effort) for effort in EFFORTS)
    ]
    assert work == sorted(work)
    assert work[0] < work[1] / 5


def test_few_rows_are_cut_more_often_and_many_less() -> None:
    few, some = plan_for(problem(200), "default"), plan_for(problem(3000), "default")
    assert few.repeats > some.repeats == 1
    assert plan_for(problem(200), "quick").folds == 5
    assert plan_for(problem(3000), "quick").folds == 1
    assert "5 folds" in some.describe()


def test_a_plan_within_a_time() -> None:
    plan = plan_for(problem(2000), "best")
    assert plan.within(1e9, 0.01) == plan
    seconds = plan.trainings * plan.epochs * 0.01
    for share in (0.5, 0.1, 0.01):
        less = plan.within(share * seconds, 0.01)
        assert less.trainings * less.epochs * 0.01 <= share * seconds * 1.01
    nothing = plan.within(0.0, 0.01)
    assert (nothing.trainings, nothing.epochs) == (1, 1), "something is always trained"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"effort": "bestest"}, "effort must be one of quick, default, best, got 'bestest'"),
        ({"time_limit": 0}, "time_limit"),
        ({"n_jobs": 0}, "n_jobs"),
        ({"engine": "gpu"}, "engine must be one of"),
        ({"seed": -1}, "seed must be"),
    ],
)
def test_what_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Options(**options)


def test_minus_one_is_a_job_a_core_as_scikit_learn_has_it() -> None:
    assert Options(n_jobs=-1).n_jobs is None
