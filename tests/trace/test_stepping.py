"""The optimizer's step: its formulas give what it does, with every setting that changes it."""

from __future__ import annotations

import numpy as np
import pytest

import hyalite as hy
from hyalite.formulas import read
from hyalite.parameters import Parameters
from hyalite.trace.stepping import Step, make_step
from tests import parts

SETTINGS = {
    "plain": {},
    "decay": {"decay": 0.1},
    "clip_value": {"clip_value": 0.2},
    "clip_norm": {"clip_norm": 0.3},
    "both": {"clip_value": 0.4, "clip_norm": 0.3},
    "factors": {"learning_rate_factors": {"dense_1.b": 0.1}},
}


def parameters(seed: int = 0) -> Parameters:
    rng = np.random.default_rng(seed)
    made = Parameters({"dense_1.W": (3, 2), "dense_1.b": (2,)}, {}, np.float64)
    made.theta[...], made.grad[...] = rng.normal(size=(2, 8))
    return made


def step_of(optimizer: hy.optimizers.Optimizer, steps_before: int = 0) -> Step:
    made = parameters()
    optimizer.bind(made.layout)
    for number in range(steps_before):
        optimizer.step(made.theta.copy(), np.random.default_rng(number).normal(size=8))
    names = {"dense_1.W": "dense_1.dW", "dense_1.b": "dense_1.db"}
    return make_step(made, optimizer, names)


@pytest.mark.parametrize("steps_before", [0, 1, 7])
@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("name", parts.OPTIMIZERS)
def test_the_lines_give_what_the_optimizer_does(name: str, setting: str, steps_before: int) -> None:
    plain = parts.OPTIMIZERS[name]()
    optimizer = type(plain)(**(plain.get_config() | SETTINGS[setting]))
    step = step_of(optimizer, steps_before)
    made = parameters()
    optimizer.step(made.theta, made.grad)
    np.testing.assert_array_equal(step.after["θ"], made.theta)
    assert step.number == steps_before + 1
    for place in range(8):
        lines = step.lines(place)
        assert lines[-1].name == "θ"
        assert lines[-1].value == made.theta[place]
        values = step.constants(place)
        values |= {letter: step.before[slot][place] for slot, letter in step.letters.items()}
        values["θ"] = step.before["θ"][place]
        for line in lines:
            found = read(line.formula).compute(values)
            assert found == pytest.approx(line.value, rel=1e-9), line
            filled = read(line.filled).compute({})
            assert filled == pytest.approx(line.value, rel=0.01, abs=2e-3), line
            values[line.name] = line.value
        for slot, letter in step.letters.items():
            assert values[letter] == step.after[slot][place] == optimizer.slots[slot][place]


def test_weight_decay_goes_by_its_schedule_and_factors() -> None:
    decay = hy.FlatCosine(0.5, steps=4)
    optimizer = hy.AdamW(
        hy.StepDecay(0.1, factor=0.5, steps=2),
        weight_decay=decay,
        weight_decay_factors={"*": 0, "*.W": 2},
    )
    step = step_of(optimizer, 3)
    assert step.constants(0)["λ"] == pytest.approx(2 * decay(3))
    assert step.constants(7)["λ"] == 0
    assert step.constants(0)["lr"] == 0.05
    for place in (0, 7):
        assert step.lines(place)[-1].value == pytest.approx(step.after["θ"][place])
    assert "lr = 0.05 by StepDecay(learning_rate=0.1, factor=0.5, steps=2) after 3 steps" in (
        step.settings(0)
    )


def test_settings_are_said_in_a_line() -> None:
    assert step_of(hy.SGD(0.5)).settings(0) == "lr = 0.5"
    assert step_of(hy.SGD(0.5, decay=0.5), 2).settings(0) == "lr = 0.5 / (1 + 0.5·2) = 0.25"
    assert step_of(hy.Adam(0.01)).settings(0) == (
        "lr = 0.01; t = 1; β₁ = 0.9; β₂ = 0.999; ε = 10⁻⁷; m and s are 0 before it"
    )
    factors = {"*.W": 0.1}
    assert step_of(hy.Adagrad(0.5, learning_rate_factors=factors), 1).settings(0) == (
        "lr = 0.5, times 0.1 for this parameter: 0.05; ε = 10⁻⁷"
    )


def test_clipping_is_said() -> None:
    assert step_of(hy.SGD(0.5)).clipping == ""
    assert step_of(hy.SGD(0.5, clip_norm=1e9, clip_value=1e9)).clipping == ""
    assert step_of(hy.SGD(0.5, clip_value=0.2)).clipping == "Each entry of g is kept within ±0.2."
    step = step_of(hy.SGD(0.5, clip_norm=0.3))
    length = np.linalg.norm(step.grad)
    assert step.clipping == (
        f"The gradient's length, {length:.3f}, is cut to 0.3: g ← g·0.3/{length:.3f}."
    )
    np.testing.assert_allclose(step.used, step.grad * 0.3 / length)
    names = [name for name, *_ in step.noted()]
    assert names == [
        "dense_1.dW clipped", "dense_1.W after", "dense_1.db clipped", "dense_1.b after",
    ]  # fmt: skip


def test_nothing_that_is_given_is_changed() -> None:
    optimizer = hy.Adam(0.1, clip_norm=0.1)
    made = parameters()
    theta, grad = made.theta.copy(), made.grad.copy()
    make_step(made, optimizer, {"dense_1.W": "", "dense_1.b": ""})
    np.testing.assert_array_equal(made.theta, theta)
    np.testing.assert_array_equal(made.grad, grad)
    assert (optimizer.steps, optimizer.slots, optimizer.segments) == (0, {}, None)


class SignDescent(hy.optimizers.Optimizer):
    """A user's optimizer that says what it does."""

    formulas = {"θ": "θ - lr·sign(g)"}

    def update(self, theta, grad, rate, scratch):
        theta -= rate * np.sign(grad)


class Untold(SignDescent):
    """One that derives from it: its formulas are not its own."""


class Unclear(SignDescent):
    """One whose formula has a letter that nobody knows."""

    formulas = {"θ": "θ - lr·κ·sign(g)"}


def test_a_users_optimizer_may_say_its_own_formulas() -> None:
    step = step_of(SignDescent(0.5))
    (line,) = step.lines(0)
    assert line.value == step.after["θ"][0]
    assert line.formula == "θ - lr·sign(g)"
    assert step_of(Untold(0.5)).lines(0) == []
    assert step_of(Unclear(0.5)).lines(0) == []
