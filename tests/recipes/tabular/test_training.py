"""From rows to a mixture."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from hyalite.recipes.tabular import training
from hyalite.recipes.tabular.effort import Options
from hyalite.recipes.tabular.training import member_seed, train_mixture
from tests.recipes.tabular.helpers import OPTIONS, problem

pytestmark = pytest.mark.usefixtures("quickly")


@pytest.mark.parametrize("effort", ["quick", "default", "best"])
@pytest.mark.parametrize("classes", [0, 2, 3])
def test_what_a_mixture_holds(classes: int, effort: str) -> None:
    table = problem(60, classes=classes, categories=9)
    found = train_mixture(table, replace(OPTIONS, effort=effort))
    assert found.weights.sum() == pytest.approx(1)
    assert found.rows.tolist() == list(range(60)), "every row was kept back once"
    shape = (60, classes) if classes else (60,)
    assert found.answers.shape == found.linear.shape == shape
    assert next(iter(found.losses)) == "linear model"
    assert found.losses["mixture"] <= 1.01 * min(found.losses.values())
    assert (found.intervals is None) == bool(classes)
    assert (found.threshold is not None) == (classes == 2)
    if effort == "best":
        assert {"network 1", "network 2"} <= set(found.losses)


def test_a_straight_line_is_left_to_the_linear_model() -> None:
    found = train_mixture(problem(40), OPTIONS)
    assert found.shares["linear model"] > 0.5
    assert found.losses["mixture"] <= 1.001 * found.losses["linear model"]


def test_a_straight_line_goes_on_beyond_what_a_fold_saw() -> None:
    table = problem(40)
    exact = replace(table, y=table.x[:, table.schema.numbers[0]].astype(np.float64))
    found = train_mixture(exact, OPTIONS)
    assert found.losses["linear model"] < 0.01 * exact.y.std()


def test_the_number_of_jobs_changes_no_byte() -> None:
    table = problem(60, classes=2)
    one, two = (train_mixture(table, replace(OPTIONS, n_jobs=n)) for n in (1, 2))
    assert one.answers.tobytes() == two.answers.tobytes()
    assert one.weights.tobytes() == two.weights.tobytes()
    for a, b in zip(one.members, two.members, strict=True):
        assert a.model.theta.tobytes() == b.model.theta.tobytes()


def test_a_long_tail_is_learned_as_a_logarithm_where_it_pays() -> None:
    table = problem(300)
    y = np.exp(3 * (table.y - table.y.mean()) / table.y.std())
    found = train_mixture(replace(table, y=y), replace(OPTIONS, effort="best"))
    assert found.plan.settings[-1].log
    logs = [member.target.log for member in found.members]
    assert logs[0], "the linear model's"
    answers = np.concatenate([member.answers(100 * table.x) for member in found.members])
    assert answers.min() >= y.min()
    assert answers.max() <= y.max()
    plain = train_mixture(table, replace(OPTIONS, effort="best"))
    assert not any(member.target.log for member in plain.members)


def test_groups_are_kept_back_together() -> None:
    table = problem(60)
    groups = np.arange(60) // 6
    found = train_mixture(replace(table, groups=groups), OPTIONS)
    assert len(found.rows) == 60


def test_a_network_that_diverges_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "train_member", lambda *a, **k: None)
    said = []
    found = train_mixture(problem(40), replace(OPTIONS, say=said.append))
    assert found.shares == {"linear model": 1.0}
    assert "left out" in said[-1]


def test_a_time_limit_holds() -> None:
    began = time.monotonic()
    found = train_mixture(
        problem(2000, classes=2),
        Options(effort="best", time_limit=1.0, engine="numpy", n_jobs=1),
    )
    assert time.monotonic() - began < 20  # on a machine that does other things, too
    assert found.weights.sum() == pytest.approx(1)


def test_no_two_trainings_have_one_seed() -> None:
    seeds = {member_seed(s, n, c) for s in range(3) for n in range(5) for c in range(10)}
    assert len(seeds) == 150
    assert max(seeds) < 2**63


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (replace(problem(1)), "one sample only"),
        (replace(problem(20), classes=1, y=np.zeros(20, int)), "one class only"),
    ],
)
def test_what_is_refused(table: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        train_mixture(table, OPTIONS)
