"""A number that was clicked: its value is the library's, its formula gives it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from hyalite.play.numbers import Step
from hyalite.play.run import Run, run_of
from hyalite.play.view import View
from tests.play.helpers import SMALL


def step_of(settings: dict[str, Any], samples: Any = None) -> tuple[Run, Step]:
    run = run_of({**settings, "engine": "numpy"})
    run.advance(2)
    view = View(run)
    view.sync_all()
    return run, Step(view, samples)


def test_every_number_of_a_step_is_told() -> None:
    """Each array, one number of it: value, markup, and links that lead to numbers again."""
    settings = {
        **SMALL,
        "layers": [{"type": "Dense", "units": 4, "activation": "tanh", "l2": 0.01}],
    }
    _, step = step_of({**settings, "batch_size": 5})
    for value in step.recording.values:
        index = [0] * value.array.ndim
        told = step.told(step.page_name(value.name), index)
        assert told["value"] == float(value.array[tuple(index)])
        assert told["html"].startswith("<")
        assert not re.search(r"<script|<style|\son\w+=|javascript:", told["html"])
        for link in (*told["parents"], *told["children"]):
            again = step.told(link["reference"]["array"], link["reference"]["index"])
            assert again["value"] == link["value"]
            assert again["name"] == link["label"]


def test_a_layer_s_output_is_that_after_its_activation() -> None:
    run, step = step_of(SMALL, {"part": "test", "rows": [3, 7]})
    weights = run.model.get_weights()
    z = run.data.x_test[[3, 7]] @ weights["dense_1.W"] + weights["dense_1.b"]
    assert step.told("dense_1.z", [1, 2])["value"] == pytest.approx(float(z[1, 2]), rel=1e-5)
    y = step.told("dense_1.y", [1, 2])
    assert y["value"] == pytest.approx(max(0.0, float(z[1, 2])), rel=1e-5)
    assert [link["label"] for link in y["parents"]] == ["dense_1.z[1, 2]"]
    assert {link["label"] for link in step.told("dense_1.z", [1, 2])["parents"]} == {
        "x[1, 0]", "x[1, 1]", "dense_1.W[0, 2]", "dense_1.W[1, 2]", "dense_1.b[2]",
    }  # fmt: skip
    assert [link["label"] for link in y["children"]] == [f"dense_2.z[1, {n}]" for n in range(3)]
    p = run.model.predict(run.data.x_test[[3, 7]])
    assert step.told("p", [1, 0])["value"] == pytest.approx(float(p[1, 0]), rel=1e-5)
    assert step.told("dense_2.y", [1, 0])["value"] == step.told("p", [1, 0])["value"]


def test_the_way_leads_from_a_weight_to_its_step() -> None:
    run, step = step_of(SMALL)
    place = [1, 2]
    gradient = step.told("dense_1.dW", place)
    assert "dense_1.W after[1, 2]" in [link["label"] for link in gradient["children"]]
    after = step.told("dense_1.W after", place)
    assert "Adam" in after["text"]
    run.advance(1)
    assert after["value"] == pytest.approx(
        float(run.model.get_weights()["dense_1.W"][1, 2]), abs=1e-6
    )


def test_a_loss_with_a_penalty_is_a_sum_of_both() -> None:
    settings = {**SMALL, "layers": [{"type": "Dense", "units": 4, "l2": 0.1}], "batch_size": 5}
    run, step = step_of(settings)
    told = step.told("loss", [])
    parts = told["value"], float(run.model.network.penalty())
    assert told["samples"] == 5
    lines = told["text"].splitlines()
    assert lines[-1].startswith("total = loss + penalty = ")
    assert float(lines[-1].rpartition(" = ")[2]) == pytest.approx(sum(parts), abs=1e-3)
    assert any(line.startswith("penalty = ") for line in lines)
    _, plain = step_of(SMALL)
    assert "total" not in plain.told("loss", [])["text"]


def test_the_cursor_s_sample_is_alone() -> None:
    run = run_of({**SMALL, "batch_size": 4})
    run.visit()
    run.visit()
    view = View(run)
    view.sync_all()
    view.coming, view.cursor = run.coming_rows(), run.cursor
    step = Step(view, "cursor")
    row = run.coming_rows()[1]
    np.testing.assert_array_equal(step.recording["x"], run.data.x[row][None])


def test_looking_changes_nothing() -> None:
    layers = [
        {"type": "Dense", "units": 4},
        {"type": "BatchNormalization"},
        {"type": "Dropout", "rate": 0.5},
    ]
    run, step = step_of({**SMALL, "layers": layers})
    theta, state = step.view.model.theta.tobytes(), step.view.model.state.tobytes()
    step.told("", [])
    Step(step.view, "batch").told("loss", [])
    assert (step.view.model.theta.tobytes(), step.view.model.state.tobytes()) == (theta, state)
    assert run.model.state.tobytes() == state


def test_a_kernel_s_number_is_told() -> None:
    _, step = step_of(
        {"data": {"kind": "mnist", "samples": 100, "test_samples": 100},
         "layers": [{"type": "Conv2D", "filters": 2, "kernel_size": 3, "activation": "relu"},
                    {"type": "MaxPooling2D"}]},
        {"part": "test", "rows": [0]},
    )  # fmt: skip
    name = step.view.with_units[0].name
    told = step.told(f"{name}.z", [0, 12, 12, 1])
    assert told["parents"]
    assert "<table" in told["html"]
