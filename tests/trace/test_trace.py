"""The trace shows what training computes, and changes nothing."""

from __future__ import annotations

import copy
import re
from pathlib import Path

import numpy as np
import pytest

import hyalite as hy
from hyalite.config import snake_case
from hyalite.formulas import read
from tests import parts


@pytest.mark.parametrize("seed", range(40))
def test_the_traced_step_is_that_of_training(seed: int) -> None:
    model, x, y, weight = parts.random_model(np.random.default_rng(seed), pictures=seed % 4 == 3)
    state, theta = model.state.copy(), model.theta.copy()
    trace = model.trace(x, y, sample_weight=weight)
    np.testing.assert_array_equal(model.state, state)
    np.testing.assert_array_equal(model.theta, theta)
    assert not model.grad.any(), "no step was made"
    assert model.optimizer.steps == 0
    assert not model.optimizer.slots
    loss = trace["loss"] + trace.get("penalty", 0)
    drawn = (hy.Dropout, hy.GaussianNoise, hy.RandomAffine, hy.RandomFlip)
    if any(isinstance(layer, drawn) for layer in model.network.all_layers()):
        return  # another seed, other masks
    model.engine = "numpy"
    history = model.fit(x, y, batch_size=100, sample_weight=weight, verbose=0, seed=0)
    assert history["loss"][0] == pytest.approx(float(loss), rel=1e-12)
    for slot in model.network.parameters.layout.slots:
        layer, _, key = slot.name.rpartition(".")
        part = slice(slot.offset, slot.offset + slot.size)
        name = f"{layer}.d{key}"
        made = {
            trace.values_in_order[0].name: x,
            f"{name} with penalty" if f"{name} with penalty" in trace else name: model.grad[part],
            f"{slot.name} after": model.theta[part],
            **{f"{slot.name} {kept}": v[part] for kept, v in model.optimizer.slots.items()},
        }
        for traced, array in made.items():
            shape = trace[traced].shape
            np.testing.assert_allclose(
                trace[traced], array.reshape(shape), rtol=1e-10, atol=1e-13, err_msg=traced
            )


@pytest.mark.compiled
@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_the_trace_goes_on_from_where_training_is(engine: str) -> None:
    x, y = hy.datasets.spiral(samples=20, classes=3)
    model = hy.Sequential([hy.Dense(4, "tanh"), hy.Dense(3, "softmax")])
    model.compile("categorical_crossentropy", hy.Adam(0.05, decay=0.01), engine=engine)
    model.fit(x, y, epochs=4, seed=0, verbose=0)
    kept = copy.deepcopy(model)
    trace = model.trace(x[:5], y[:5])
    assert "Step 9 of Adam" in str(trace)
    assert "lr = 0.05 / (1 + 0.01·8) = 0.0463" in str(trace)
    for name in ("theta", "state", "grad"):
        np.testing.assert_array_equal(getattr(model, name), getattr(kept, name))
    assert model.optimizer.steps == kept.optimizer.steps == 8
    assert model.network.clock == kept.network.clock
    for name, vector in kept.optimizer.slots.items():
        np.testing.assert_array_equal(model.optimizer.slots[name], vector)
    model.fit(x[:5], y[:5], batch_size=5, epochs=1, shuffle=False, verbose=0)
    for name in ("dense_1.W", "dense_2.b"):
        np.testing.assert_allclose(trace[f"{name} after"], model.get_weights()[name], rtol=1e-5)


def test_every_layer_and_loss_says_its_formulas() -> None:
    for name, make in parts.LAYERS.items():
        layer = make().build(parts.SHAPES.get(name, 5), seed=0)
        assert {"y", "dx"} <= set(layer.formulas)
        if layer.chain is None:
            assert {f"d{key}" for key in layer.values} <= set(layer.formulas)
    for make in parts.LOSSES.values():
        loss = make()
        wanted = {"values", "gradient"}
        if loss.kind not in ("regression", "groups"):
            wanted |= {f"fused {name}" for name in wanted}
        assert wanted == set(loss.formulas)
    for make in parts.OPTIMIZERS.values():
        assert list(make().formulas)[-1] == "θ"


def test_it_reads_like_a_worked_example(small: hy.Sequential) -> None:
    text = str(small.trace([[1.0, 2.0]], [10.0]))
    for lines in (
        "One training step on 1 sample: the only one given; target 10.",
        "x = the sample   (1, 2)\n    [1  2]",
        "dense_1.W   (2, 2)\n    [1  -1]\n    [2   1]",
        "dense_1.y = x·W + b   (1, 2)   where x = the sample\n    [5  2]\n"
        "dense_1.y[0] = x[0]·W[0, 0] + x[1]·W[1, 0] + b[0] = 1·1 + 2·2 + 0 = 5",
        "dense_1.relu.y = max(0, x)   (1, 2)   where x = dense_1.y",
        "dense_2.y = x·W + b   (1, 1)   where x = dense_1.relu.y\n    [11.5]",
        "t = the target   (1, 1)\n    [10]",
        "losses[0] = Σ_j (p - t)² / d = (11.5 - 10)² / 1 = 2.25",
        "loss = losses = 2.25\npenalty = Σ λ1·|w| + λ2·w² = 3.5",
        "dense_2.dy = 2·(p - t) / d / n   (1, 1)   where p = dense_2.y, d = 1, n = 1\n    [3]",
        "dense_2.dy[0] = 2·(p - t) / d / n = 2·(11.5 - 10) / 1 / 1 = 3",
        "dense_2.dx = dy·Wᵀ   (1, 2)\n    [3  9]\ndense_2.dx[1] = dy[0]·W[1, 0] = 3·3 = 9",
        "dense_1.relu.dy = dense_2.dx\n",
        "dense_1.dW = xᵀ·dy   (2, 2)   where x = the sample\n    [3   9]\n    [6  18]\n"
        "dense_1.dW[1, 1] = x[1]·dy[1] = 2·9 = 18",
        "dense_1.dW with penalty = dW + λ1·sign(W) + 2·λ2·W   (2, 2)\n"
        "    where dW = dense_1.dW, λ1 = 0, λ2 = 0.5\n    [4   8]\n    [8  19]",
        "Step 1 of SGD, for dense_1.W[1, 1]",
        "θ = dense_1.W[1, 1] = 1\ng = dense_1.dW with penalty[1, 1] = 19\n"
        "θ ← θ - lr·g = 1 - 0.1·19 = -0.9",
        "dense_1.W after[1, 1] = 1.0 - 1.9 = -0.9",
    ):
        assert lines in text, f"{lines!r} is not in\n{text}"
    assert "db with penalty" not in text
    assert "-0 " not in text


def test_the_penalty_of_a_convolution_is_told_as_that_of_a_dense_layer() -> None:
    layers = [hy.Conv2D(1, 2, l1=0.5), hy.DepthwiseConv2D(1, l2=0.5), hy.Flatten(), hy.Dense(1)]
    model = hy.Sequential(layers)
    model.compile("mean_squared_error")
    model.build((2, 2), seed=0)
    text = str(model.trace(np.ones((1, 2, 2)), [1.0]))
    assert "penalty = Σ λ1·|w| + λ2·w²" in text
    for name in ("conv2d_1", "depthwise_conv2d_1"):
        assert f"{name}.dW with penalty = dW + λ1·sign(W) + 2·λ2·W" in text


def test_what_is_within_a_block_is_shown_too() -> None:
    block = hy.Residual([hy.Dense(2, "relu", use_bias=False, l2=0.5), hy.Residual([hy.Linear()])])
    model = hy.Sequential([block, hy.Dense(1, use_bias=False)], dtype="float64")
    model.compile("mean_squared_error", hy.SGD(0.1))
    model.build(2)
    model.set_weights({"residual_1.dense_1.W": [[1, -1], [2, 1]], "dense_1.W": [[1], [2]]})
    text = str(model.trace([[1.0, 2.0]], [10.0]))
    for lines in (
        "residual_1.dense_1.relu.y = max(0, x)   (1, 2)   where x = residual_1.dense_1.y\n"
        "    [5  1]",
        "residual_1.residual_1.y = x + f   (1, 2)\n"
        "    where x = residual_1.dense_1.relu.y, f = residual_1.residual_1.linear_1.y\n"
        "    [10  2]\nresidual_1.residual_1.y[0] = x + f = 5 + 5 = 10",
        "residual_1.y = x + f   (1, 2)   where x = the sample, f = residual_1.residual_1.y\n"
        "    [11  4]\nresidual_1.y[0] = x + f = 1 + 10 = 11",
        "penalty = Σ λ1·|w| + λ2·w²,  λ1 and λ2 as each layer has them = 3.5",
        "residual_1.dy = dense_1.dx   (1, 2)\n\n"
        "residual_1.residual_1.dy = residual_1.dy   (1, 2)\n\n"
        "residual_1.residual_1.linear_1.dy = residual_1.residual_1.dy   (1, 2)\n",
        "residual_1.residual_1.dx = dy + dx_f   (1, 2)\n"
        "    where dx_f = residual_1.residual_1.linear_1.dx\n    [36  72]\n"
        "residual_1.residual_1.dx[1] = dy + dx_f = 36 + 36 = 72",
        "residual_1.dense_1.dW = xᵀ·dy   (2, 2)   where x = the sample\n"
        "    [36   72]\n    [72  144]",
        "residual_1.dx = dy + dx_f   (1, 2)   where dx_f = residual_1.dense_1.dx\n"
        "    [-18  180]\nresidual_1.dx[1] = dy + dx_f = 36 + 144 = 180",
        "residual_1.dense_1.dW with penalty = dW + λ1·sign(W) + 2·λ2·W   (2, 2)\n"
        "    where dW = residual_1.dense_1.dW, λ1 = 0, λ2 = 0.5\n    [37   71]\n    [74  145]",
        "Step 1 of SGD, for residual_1.dense_1.W[1, 1]",
        "g = residual_1.dense_1.dW with penalty[1, 1] = 145\nθ ← θ - lr·g = 1 - 0.1·145 = -13.5",
    ):
        assert lines in text, f"{lines!r} is not in\n{text}"


def test_names_are_told_where_one_is_wrong() -> None:
    model = hy.Sequential([hy.Dense(2, "softmax")])
    model.compile("categorical_crossentropy")
    with pytest.raises(ValueError, match="not built"):
        model.trace([[1.0]], [0])
    model.build(1)
    trace = model.trace([[1.0], [2.0]], [0, 1])
    with pytest.raises(KeyError, match=r"dense_1\.dW"):
        trace["nonsense"]
    assert list(trace)[:3] == ["x", "dense_1.W", "dense_1.b"]
    assert len(trace) == len(list(trace))
    assert snake_case(hy.Softmax) in str(trace)
    assert repr(trace).startswith(f"<Trace of {len(trace)} arrays: x, dense_1.W")


@pytest.mark.parametrize("rows", [7, -1, [], [0, 7], "some", 1.5])
def test_rows_that_are_not_there_are_refused(small: hy.Sequential, rows: object) -> None:
    with pytest.raises(ValueError, match="rows must be one place or more from 0 to 1, got"):
        small.trace([[1.0, 2.0], [0.0, 1.0]], [10.0, 1.0], rows=rows)
    with pytest.raises(ValueError, match="output must be a whole number from 0 to 0, got 1"):
        small.trace([[1.0, 2.0]], [10.0], output=1)


def test_it_says_which_samples_it_is_of(digits: tuple) -> None:
    model, x, y = digits

    def title(**options: object) -> str:
        return str(model.trace(x, y, **options)).splitlines()[0]

    assert (
        title(rows=5)
        == f"One training step on 1 sample: row 5 of the 200 samples given; label {y[5]}."
    )
    assert title(rows=[5, 9], source="test images").endswith(
        f"on 2 samples: rows 5 and 9 of the 200 test images; labels {y[5]} and {y[9]}."
    )
    assert f"rows 3 to 5 of the 200 samples given; labels {y[3]}, {y[4]} and {y[5]}." in title(
        rows=range(3, 6)
    )
    assert "rows 0 to 199 of the 200 samples given" in title()
    assert title(rows=range(0, 200, 2)).count(",") < 20
    model.metadata["classes"] = [f"kind {place}" for place in range(10)]
    assert f"label {y[5]} (kind {y[5]})" in title(rows=5)
    np.testing.assert_array_equal(model.trace(x, y, rows=[9, 5])["x"], x[[9, 5]])


def test_labels_are_shown_as_one_hot_rows(digits: tuple) -> None:
    model, x, y = digits
    trace = model.trace(x, y, rows=[0, 1])
    np.testing.assert_array_equal(trace["labels"], y[:2])
    np.testing.assert_array_equal(trace["t"], np.eye(10)[y[:2]])
    model.compile(hy.CategoricalCrossentropy(label_smoothing=0.1))
    trace = model.trace(x, np.eye(10)[y], rows=0)
    np.testing.assert_allclose(trace["t"], 0.9 * np.eye(10)[y[:1]] + 0.01)
    formula = next(value.formula for value in trace.values_in_order if value.name == "t")
    assert formula == "the label as a one-hot row, smoothed by 0.1"


def test_every_letter_of_a_formula_is_defined() -> None:
    """By a line of its own that begins with it, or by "where"."""
    known = {"dy", "W", "b", "w", "T", "g"}
    for seed in range(60):
        model, x, y, weight = parts.random_model(np.random.default_rng(seed))
        trace = model.trace(x, y, sample_weight=weight)
        letters = {name.rpartition(".")[2] for name in trace} | known
        for value in trace.values_in_order:
            if value.name == "penalty":
                continue  # it has a λ for each layer, and says so
            missing = set(read(value.formula).names) - letters - set(value.meanings)
            missing -= {"λ", "lr", "t", "μ", "ρ", "ε", "β₁", "β₂", "m̂", "ŝ"}  # said at the step
            missing = {name for name in missing if name[-1] not in "ᵢ₁"}
            said = " ".join(text for text, _ in read(value.formula).additions)
            missing -= set(said.split())
            assert not missing, (value.name, value.formula)


def test_numbers_add_up_and_are_never_0_where_they_are_not(digits: tuple) -> None:
    """As printed: each sum of products, in its last digit."""
    model, x, y = digits
    found = 0
    for row in range(20):
        text = str(model.trace(x, y, rows=row))
        for block in re.findall(r"\n\n(dense_\d\.\w+\[.*?\] = .*?)(?=\n\n)", text, re.DOTALL):
            block = re.split(r"\n(?! )", block)[0]
            if "─" not in block:
                continue
            _, *lines, _, total = block.splitlines()
            numbers = [line.removesuffix("  ← the path").split()[-1] for line in lines]
            numbers = [text for text in numbers if text.replace(".", "").lstrip("-").isdecimal()]
            assert sum(map(hundred_thousandths, numbers)) == hundred_thousandths(total), block
            found += 1
    assert found >= 80


def hundred_thousandths(text: str) -> int:
    return round(float(text) * 1e7)


@pytest.mark.parametrize("factor", [1.0, 1e-5, 1e-12])
def test_a_small_gradient_is_shown(small: hy.Sequential, factor: float) -> None:
    small.compile("mean_squared_error", hy.SGD(0.1))
    text = str(small.trace([[1.0, 2.0]], [11.5 - factor]))
    gradient = {1.0: "2", 1e-5: "2×10⁻⁵", 1e-12: "2×10⁻¹²"}[factor]
    assert re.search(rf"dense_2\.dy\[0\] = .* = {gradient}$", text, re.MULTILINE)
    assert re.search(r"dense_1\.dx = .*\n", text)


def test_what_is_large_is_shown_in_full_on_request(digits: tuple) -> None:
    model, x, y = digits
    trace = model.trace(x, y, rows=3)
    path, full = str(trace), str(model.trace(x, y, rows=3, full=True))
    assert "The path: x[" in path
    assert "full=True (--full)" in path
    assert len(path.splitlines()) < 140
    assert "The path" not in full
    numbers = sum(array.size for array in trace.values())
    assert len(re.findall(r"\d+(?:\.\d+)?", full)) > numbers * 0.95
    trace.full = True
    assert str(trace) == full


def test_it_is_saved_as_page_and_as_text(small: hy.Sequential, tmp_path: Path) -> None:
    trace = small.trace([[1.0, 2.0]], [10.0])
    trace.save(tmp_path / "step.html")
    trace.save(str(tmp_path / "step.txt"))
    assert (tmp_path / "step.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert (tmp_path / "step.txt").read_text(encoding="utf-8") == f"{trace}\n"
    with pytest.raises(ValueError, match=r"path must end in \.html or \.txt, got 'step\.png'"):
        trace.save("step.png")


class Doubled(hy.Dense):
    """A user's layer: what it computes is not what `Dense` says of itself."""

    def forward(self, x, training=False):
        return 2 * super().forward(x, training)

    def backward(self, dy):
        return super().backward(2 * self.receive_dy(dy))


class Cubed(hy.losses.Loss):
    """A user's loss, without formulas."""

    def values(self, prediction, target):
        return (np.abs(prediction - target) ** 3).mean(axis=1)

    def gradient(self, prediction, target):
        return 3 * (prediction - target) * np.abs(prediction - target) / prediction.shape[1]


class SignDescent(hy.optimizers.Optimizer):
    """A user's optimizer, with a vector of its own."""

    slot_names = ("seen",)

    def update(self, theta, grad, rate, scratch, *slots):
        slots[0][...] += 1
        theta -= rate * np.sign(grad)


def test_parts_of_a_users_own_are_shown_without_formulas_of_ours() -> None:
    model = hy.Sequential([hy.Dense(30, "relu"), Doubled(3), hy.Dense(2)])
    model.compile(Cubed(), SignDescent(0.1))
    model.build(4, seed=0)
    x, y = np.random.default_rng(0).normal(size=(2, 3, 4))
    trace = model.trace(x, y[:, :2])
    formulas = {value.name: value.formula for value in trace.values_in_order}
    assert formulas["doubled_1.y"] == formulas["losses"] == formulas["doubled_1.W after"] == ""
    text = str(trace)
    assert "doubled_1.y[" in text
    assert "doubled_1.y[0] = x·W + b" not in text
    assert "Step 1 of SignDescent" in text
    np.testing.assert_array_equal(trace["dense_1.W seen"], np.ones((4, 30)))
    shifted = trace["dense_2.W"] - np.float32(0.1) * np.sign(trace["dense_2.dW"])
    np.testing.assert_allclose(trace["dense_2.W after"], shifted, rtol=1e-6)


def test_a_model_without_parameters_makes_no_step() -> None:
    model = hy.Sequential([hy.Softmax()])
    model.compile("categorical_crossentropy")
    model.build(3)
    text = str(model.trace([[1.0, 2.0, 3.0]], [2]))
    assert "Step" not in text
    assert "softmax_1.y[2] = eˣ / Σ_j eˣ = e³ / (e¹ + e² + e³) = 0.6652" in text
